#include "http_client_answer.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Longest Retry-After that is worth knowing: a day. */
#define RETRY_AFTER_MAX_S 86400

void
http_client_answer_forget(struct http_call *call)
{
	call->sent = false;
	call->status = 0;
	buffer_clear(&call->answer);
	call->answer_is_json = false;
	call->etag[0] = '\0';
	call->retry_after_s = -1;
	call->limit_named = false;
	call->date_ms = 0;
	call->obstacle = HTTP_CLIENT_NO_OBSTACLE;
	call->request_id[0] = '\0';
}

/* A header that came once; one that came twice says nothing. */
static const char *
single_header(CURL *curl, const char *name)
{
	struct curl_header *header = NULL;

	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK || header->amount != 1)
		return "";
	return header->value;
}

/* One that does not fit, or that has other characters than those one can see, is none. */
static void
copy_header(CURL *curl, const char *name, char *out, size_t size)
{
	const char *value = single_header(curl, name);
	size_t length = 0;

	while (value[length] > ' ' && value[length] <= '~')
		length++;
	if (length < size && value[length] == '\0')
		memcpy(out, value, length + 1);
}

/* application/json, or application/problem+json (RFC 9457), with or without parameters. */
static bool
names_json(const char *content_type)
{
	size_t length = strcspn(content_type, "; \t");

	return (length == strlen("application/json") &&
	    strncasecmp(content_type, "application/json", length) == 0) ||
	    (length == strlen("application/problem+json") &&
	    strncasecmp(content_type, "application/problem+json", length) == 0);
}

/* Seconds; the other form, a date (RFC 9110, 10.2.3), is not used by Twilio and not read. */
static int
read_retry_after(const char *value)
{
	char *end = NULL;
	long seconds = strtol(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != '\0')
		return -1;
	return seconds < RETRY_AFTER_MAX_S ? (int)seconds : RETRY_AFTER_MAX_S;
}

/* RFC 9110, 5.6.7; curl_getdate reads all three forms. */
static int64_t
read_date(const char *value)
{
	time_t seconds = value[0] != '\0' ? curl_getdate(value, NULL) : -1;

	return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

static enum http_client_result
read_answer(CURL *curl, struct http_call *call)
{
	long status = 0;

	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 200 || status > 599)
		return HTTP_CLIENT_BAD_ANSWER;
	call->status = (int)status;
	call->answer_is_json = names_json(single_header(curl, "Content-Type"));
	call->retry_after_s = read_retry_after(single_header(curl, "Retry-After"));
	call->limit_named = single_header(curl, "Twilio-Reached-Rate-Limit")[0] != '\0';
	call->date_ms = read_date(single_header(curl, "Date"));
	copy_header(curl, "ETag", call->etag, sizeof(call->etag));
	copy_header(curl, "Twilio-Request-Id", call->request_id, sizeof(call->request_id));
	return HTTP_CLIENT_OK;
}

/* The codes by which libcurl says that it does not like the answer; CURLE_OUT_OF_MEMORY is also an endless header. */
static bool
blames_answer(CURLcode code)
{
	static const CURLcode codes[] = { CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_WRITE_ERROR,
	    CURLE_BAD_CONTENT_ENCODING, CURLE_OUT_OF_MEMORY };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

static enum http_client_result
judge_failure(CURLcode code, bool sent)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return HTTP_CLIENT_TIMED_OUT;
	if (!sent)
		return code == CURLE_OUT_OF_MEMORY ? HTTP_CLIENT_NO_MEMORY : HTTP_CLIENT_NOT_SENT;
	return blames_answer(code) ? HTTP_CLIENT_BAD_ANSWER : HTTP_CLIENT_LOST;
}

static enum http_client_obstacle
obstacle_of(CURLcode code)
{
	static const struct {
		CURLcode                  code;
		enum http_client_obstacle obstacle;
	} rows[] = {
		{ CURLE_OK, HTTP_CLIENT_NO_OBSTACLE },
		{ CURLE_COULDNT_RESOLVE_HOST, HTTP_CLIENT_NO_ADDRESS },
		{ CURLE_COULDNT_CONNECT, HTTP_CLIENT_NO_LISTENER },
		{ CURLE_OPERATION_TIMEDOUT, HTTP_CLIENT_NO_LISTENER },
		{ CURLE_COULDNT_RESOLVE_PROXY, HTTP_CLIENT_PROXY_FAULT },
		{ CURLE_PROXY, HTTP_CLIENT_PROXY_FAULT },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_CLIENT_CERTIFICATE },
		{ CURLE_SSL_ISSUER_ERROR, HTTP_CLIENT_CERTIFICATE },
		{ CURLE_SSL_CACERT_BADFILE, HTTP_CLIENT_CA_FILE },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_CLIENT_TLS_FAULT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code)
			return rows[i].obstacle;
	}
	return HTTP_CLIENT_OTHER_OBSTACLE;
}

enum http_client_result
http_client_answer_judge(struct http_client_exchange *exchange)
{
	struct http_call *call = exchange->call;

	call->obstacle = obstacle_of(exchange->code);
	call->sent = http_client_exchange_sent(exchange);
	if (exchange->code != CURLE_OK)
		return judge_failure(exchange->code, call->sent);
	if (!exchange->head_whole)
		return HTTP_CLIENT_LOST;
	return read_answer(exchange->curl, call);
}
