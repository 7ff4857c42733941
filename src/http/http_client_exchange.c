#include "http_client_exchange.h"

#include "base/buffer.h"

#include <limits.h>
#include <string.h>

#define HEADER_MAX_BYTES 512

/* libcurl makes both for each call: an answer has 1 to 4 KiB, and its least for the second one is 16 KiB. */
#define RECEIVE_BUFFER_BYTES 4096L
#define SEND_BUFFER_BYTES    16384L

/* ---- what libcurl calls back ---- */

/* libcurl is content with a head that ends in the middle; only an empty line ends one. */
static size_t
take_header(char *line, size_t size, size_t count, void *context)
{
	struct http_client_exchange *exchange = context;
	size_t length = size * count;

	if (length > 0 && (line[0] == '\r' || line[0] == '\n'))
		exchange->head_whole = true;
	else if (length > 5 && memcmp(line, "HTTP/", 5) == 0) /* after a 100 Continue, or a proxy's answer */
		exchange->head_whole = false;
	return length;
}

static size_t
take_answer(char *bytes, size_t size, size_t count, void *context)
{
	struct http_client_exchange *exchange = context;

	return buffer_add(&exchange->call->answer, bytes, size * count) ? size * count : 0;
}

static bool
nothing_went_out(CURL *curl)
{
	long bytes = 0;

	return curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes == 0;
}

/*
 * libcurl 7.88 repeats a request by itself when a kept connection closes
 * before the answer, up to five times, and asks here first each time.  What
 * changes something may go out only once.
 */
static int
before_request(void *context, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct http_client_exchange *exchange = context;
	int times_max = strcmp(exchange->call->method, "GET") == 0 ? 2 : 1;

	(void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
	exchange->attempts++;
	return exchange->attempts <= times_max || nothing_went_out(exchange->curl) ?
	    CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Once for each new connection, the proxy's too. */
static CURLcode
choose_trust(CURL *curl, void *ssl_ctx, void *trust)
{
	(void)curl;
	return trust_apply(trust, ssl_ctx) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

/* ---- what libcurl is told ---- */

/* An empty value keeps libcurl from adding the header by itself. */
static bool
add_header(struct http_client_exchange *exchange, const char *name, const char *value)
{
	struct curl_slist *longer = NULL;
	struct buffer line;

	buffer_init(&line, HEADER_MAX_BYTES);
	if (buffer_printf(&line, value[0] != '\0' ? "%s: %s" : "%s:", name, value))
		longer = curl_slist_append(exchange->headers, buffer_text(&line));
	buffer_free(&line);
	if (longer != NULL)
		exchange->headers = longer;
	return longer != NULL;
}

static bool
add_headers(struct http_client_exchange *exchange)
{
	const struct http_call *call = exchange->call;

	return add_header(exchange, "Accept", "application/json") &&
	    add_header(exchange, "Expect", "") &&
	    add_header(exchange, "Content-Type", call->content_type != NULL ? call->content_type : "") &&
	    (call->if_match == NULL || add_header(exchange, "If-Match", call->if_match)) &&
	    (call->header_name == NULL || add_header(exchange, call->header_name, call->header_value));
}

static bool
set_transport(CURL *curl, const struct http_client_transport *transport, const struct http_client_target *target)
{
	/* Plain http with its credentials in clear never leaves this host, not even through the proxy. */
	const char *proxy = target->plain ? "" : transport->proxy;
	const char *request = target->request.length > 0 ? buffer_text(&target->request) : NULL;

	return curl_easy_setopt(curl, CURLOPT_CURLU, target->url) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, request) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, target->plain ? "http" : "https") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, proxy) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOPROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CAINFO, NULL) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, choose_trust) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, transport->trust) == CURLE_OK;
}

static bool
set_times(CURL *curl, const struct http_client_transport *transport, int64_t left_ms)
{
	long total_ms = left_ms < INT_MAX ? (long)left_ms : INT_MAX;
	long connect_ms = transport->connect_timeout_ms < total_ms ? transport->connect_timeout_ms : total_ms;

	/* QUICK_EXIT: a name server that does not answer is left to its thread instead of being waited for. */
	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, total_ms) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)HTTP_CLIENT_IDLE_MAX_S) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_MAXLIFETIME_CONN, (long)HTTP_CLIENT_CONNECTION_LIFETIME_S) == CURLE_OK;
}

static bool
set_credentials(CURL *curl, const struct http_call *call)
{
	return call->username == NULL ||
	    (curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_USERNAME, call->username) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PASSWORD, call->password) == CURLE_OK);
}

/* A body that libcurl has whole goes out with the head, in one piece. */
static bool
set_method(CURL *curl, const struct http_call *call)
{
	const char *body = call->body != NULL ? call->body : "";

	if (strcmp(call->method, "POST") == 0)
		return curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length) == CURLE_OK;
	return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK;
}

static bool
set_exchange(CURL *curl, struct http_client_exchange *exchange)
{
	return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_USERAGENT, "flex-verify") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PREREQDATA, exchange) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PRIVATE, exchange) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange) == CURLE_OK;
}

bool
http_client_exchange_set_up(struct http_client_exchange *exchange, const struct http_client_transport *transport,
    int64_t left_ms)
{
	CURL *curl = exchange->curl;

	return add_headers(exchange) && set_transport(curl, transport, &exchange->target) &&
	    set_times(curl, transport, left_ms) && set_credentials(curl, exchange->call) &&
	    set_method(curl, exchange->call) && set_exchange(curl, exchange);
}

/* ---- before and after ---- */

/* libcurl writes header values as they are: a line break in one would forge the next header. */
static bool
header_safe(const char *value)
{
	if (value == NULL)
		return true;
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	return strlen(value) <= HEADER_MAX_BYTES / 2;
}

bool
http_client_exchange_valid(const struct http_call *call)
{
	bool post = strcmp(call->method, "POST") == 0;

	return (post || strcmp(call->method, "GET") == 0 || strcmp(call->method, "DELETE") == 0) &&
	    (post || call->body_length == 0) && call->url != NULL && header_safe(call->content_type) &&
	    header_safe(call->if_match) && header_safe(call->header_name) && header_safe(call->header_value) &&
	    (call->header_name == NULL) == (call->header_value == NULL) &&
	    (call->username == NULL) == (call->password == NULL);
}

bool
http_client_exchange_sent(const struct http_client_exchange *exchange)
{
	/* Bytes alone do not tell: those of a proxy's CONNECT count as well. */
	return exchange->attempts > 0 && !nothing_went_out(exchange->curl);
}

void
http_client_exchange_clear(struct http_client_exchange *exchange)
{
	if (exchange->curl != NULL) {
		curl_easy_reset(exchange->curl);
		/* Or the handle would keep the buffer with what it sent last. */
		curl_easy_setopt(exchange->curl, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES);
	}
	curl_slist_free_all(exchange->headers);
	http_client_target_close(&exchange->target);
}
