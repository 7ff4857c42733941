#include "http_client.h"

#include "trust.h"
#include "wiped_memory.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Of one line, kept: a request has calls to three hosts of Twilio's, two of them to one at a time. */
#define LINE_CONNECTIONS_MAX 8L

#define HEADER_MAX_BYTES 512

/* libcurl makes both for each call: an answer has 1 to 4 KiB, and its least for the second one is 16 KiB. */
#define RECEIVE_BUFFER_BYTES 4096L
#define SEND_BUFFER_BYTES    16384L

/* libcurl wakes by itself when something happens or a time is up. */
#define POLL_MAX_MS 1000

/* Longest Retry-After that is worth knowing: a day. */
#define RETRY_AFTER_MAX_S 86400

/*
 * What makes the calls of one http_client_perform_all, at the same time and
 * without a thread for each; and the connections that they left.
 */
struct line {
	CURLM  *multi;
	CURL   *curl[HTTP_CLIENT_PARALLEL_MAX]; /* made when first needed */
	int64_t idle_since_ms;
	struct line *warmer, *colder;
};

struct http_client {
	pthread_mutex_t mutex; /* guards the next three */
	struct line    *warmest, *coldest; /* the ends of the list of idle ones */
	int             idle_count;
	int             kept_max;
	int             connect_timeout_ms;
	char           *proxy;
	char           *ca_file;
	struct trust   *trust;
	struct metrics *metrics; /* borrowed; NULL: none */
};

/* Where a call goes.  libcurl gets this parsed URL, so that it cannot read the text in another way. */
struct target {
	CURLU *url;
	bool   plain; /* http, which is to loopback only */
};

/* One call on its way through libcurl. */
struct exchange {
	struct http_call  *call;
	struct target      target;
	struct curl_slist *headers;
	CURL              *curl; /* the line's; NULL: the call is not made */
	CURLcode           code;
	int                attempts;
	bool               head_whole;
	int64_t            begun_ms, ended_ms;
};

/* ---- URLs ---- */

static bool
is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool
has_zone(CURLU *url)
{
	char *zone = NULL;
	bool found = curl_url_get(url, CURLUPART_ZONEID, &zone, 0) != CURLUE_NO_ZONEID;

	curl_free(zone);
	return found;
}

static bool
judge_parts(struct target *target, const char *scheme, const char *host)
{
	target->plain = strcasecmp(scheme, "http") == 0;
	return target->plain ? is_loopback(host) : strcasecmp(scheme, "https") == 0;
}

static enum http_client_result
judge_target(struct target *target)
{
	char *scheme = NULL, *host = NULL;
	enum http_client_result result = HTTP_CLIENT_NO_MEMORY;

	if (has_zone(target->url))
		return HTTP_CLIENT_BAD_URL;
	/* The URL is parsed, so only memory can be lacking. */
	if (curl_url_get(target->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(target->url, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		result = judge_parts(target, scheme, host) ? HTTP_CLIENT_OK : HTTP_CLIENT_BAD_URL;
	curl_free(scheme);
	curl_free(host);
	return result;
}

/* libcurl also takes one or three slashes, and reads the host from what others would call the path. */
static bool
begins_well(const char *url)
{
	static const char *const beginnings[] = { "https://", "http://" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		size_t length = strlen(beginnings[i]);

		if (strncasecmp(url, beginnings[i], length) == 0)
			return url[length] != '/';
	}
	return false;
}

static enum http_client_result
target_open(struct target *target, const char *url)
{
	CURLUcode code = CURLUE_OK;

	if (!begins_well(url))
		return HTTP_CLIENT_BAD_URL;
	target->url = curl_url();
	if (target->url == NULL)
		return HTTP_CLIENT_NO_MEMORY;
	code = curl_url_set(target->url, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (code == CURLUE_OUT_OF_MEMORY)
		return HTTP_CLIENT_NO_MEMORY;
	return code == CURLUE_OK ? judge_target(target) : HTTP_CLIENT_BAD_URL;
}

bool
http_client_url_allowed(const char *url)
{
	struct target target = { 0 };
	bool allowed = url != NULL && target_open(&target, url) == HTTP_CLIENT_OK;

	curl_url_cleanup(target.url);
	return allowed;
}

/* ---- the pool ---- */

static void
line_free(struct line *line)
{
	for (size_t i = 0; i < HTTP_CLIENT_PARALLEL_MAX; i++)
		curl_easy_cleanup(line->curl[i]);
	curl_multi_cleanup(line->multi);
	free(line);
}

/* The line and all behind it. */
static void
lines_free(struct line *line)
{
	while (line != NULL) {
		struct line *colder = line->colder;

		line_free(line);
		line = colder;
	}
}

static struct line *
line_new(void)
{
	struct line *line = calloc(1, sizeof(*line));

	if (line == NULL)
		return NULL;
	line->multi = curl_multi_init();
	if (line->multi == NULL) {
		free(line);
		return NULL;
	}
	curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, LINE_CONNECTIONS_MAX);
	return line;
}

static void
put_on_top(struct http_client *client, struct line *line)
{
	line->warmer = NULL;
	line->colder = client->warmest;
	if (client->warmest != NULL)
		client->warmest->warmer = line;
	else
		client->coldest = line;
	client->warmest = line;
	client->idle_count++;
}

static void
take_out(struct http_client *client, struct line *line)
{
	if (line->warmer != NULL)
		line->warmer->colder = line->colder;
	else
		client->warmest = line->colder;
	if (line->colder != NULL)
		line->colder->warmer = line->warmer;
	else
		client->coldest = line->warmer;
	client->idle_count--;
}

/* The warmest line, or a new one. */
static struct line *
pool_take(struct http_client *client)
{
	struct line *line = NULL;

	pthread_mutex_lock(&client->mutex);
	line = client->warmest;
	if (line != NULL)
		take_out(client, line);
	pthread_mutex_unlock(&client->mutex);
	return line != NULL ? line : line_new();
}

/* The coldest line, if there are too many or it has been idle for too long; else NULL. */
static struct line *
superfluous(const struct http_client *client, int64_t now_ms)
{
	struct line *coldest = client->coldest;
	bool too_old = coldest != NULL && now_ms - coldest->idle_since_ms > HTTP_CLIENT_IDLE_MAX_S * 1000;

	return client->idle_count > client->kept_max || too_old ? coldest : NULL;
}

/* Puts a line on top, and drops those that are superfluous. */
static void
pool_put(struct http_client *client, struct line *line)
{
	int64_t now_ms = clock_monotonic_ms();
	struct line *dropped = NULL;

	line->idle_since_ms = now_ms;
	pthread_mutex_lock(&client->mutex);
	put_on_top(client, line);
	while ((line = superfluous(client, now_ms)) != NULL) {
		take_out(client, line);
		line->colder = dropped;
		dropped = line;
	}
	pthread_mutex_unlock(&client->mutex);
	lines_free(dropped);
}

/* ---- the client ---- */

/* Without a resolver thread a slow name server would hold a call beyond its deadline. */
static bool
libcurl_usable(void)
{
	const int needed = CURL_VERSION_SSL | CURL_VERSION_ASYNCHDNS | CURL_VERSION_THREADSAFE;

	return (curl_version_info(CURLVERSION_NOW)->features & needed) == needed;
}

static bool
options_usable(const struct http_client_options *options)
{
	CURLU *proxy = NULL;
	bool usable = options->ca_file == NULL || access(options->ca_file, R_OK) == 0;

	if (!usable || options->proxy == NULL)
		return usable;
	proxy = curl_url();
	usable = proxy != NULL &&
	    curl_url_set(proxy, CURLUPART_URL, options->proxy, CURLU_GUESS_SCHEME) == CURLUE_OK;
	curl_url_cleanup(proxy);
	return usable;
}

static bool
options_copy(struct http_client *client, const struct http_client_options *options)
{
	client->connect_timeout_ms = options->connect_timeout_ms;
	client->kept_max = options->kept_max > 0 ? options->kept_max : HTTP_CLIENT_KEPT_MAX;
	client->metrics = options->metrics;
	client->proxy = strdup(options->proxy != NULL ? options->proxy : "");
	if (options->ca_file != NULL)
		client->ca_file = strdup(options->ca_file);
	return client->proxy != NULL && (client->ca_file != NULL || options->ca_file == NULL);
}

/* The system's authorities are where this libcurl was built to look for them. */
static bool
choose_authorities(struct http_client *client)
{
	const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);

	if (client->ca_file != NULL)
		client->trust = trust_new(client->ca_file, NULL);
	else
		client->trust = trust_new(libcurl->cainfo, libcurl->capath);
	return client->trust != NULL;
}

struct http_client *
http_client_new(const struct http_client_options *options)
{
	struct http_client *client = NULL;

	/* Counted and thread-safe in a libcurl that has the features asked for here. */
	if (!libcurl_usable() || curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiped_memory_free,
		wiped_memory_realloc, strdup, calloc) != CURLE_OK)
		return NULL;
	client = calloc(1, sizeof(*client));
	if (client == NULL || pthread_mutex_init(&client->mutex, NULL) != 0) {
		free(client);
		curl_global_cleanup();
		return NULL;
	}
	if (!options_usable(options) || !options_copy(client, options) || !choose_authorities(client)) {
		http_client_free(client);
		return NULL;
	}
	return client;
}

void
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	lines_free(client->warmest);
	pthread_mutex_destroy(&client->mutex);
	trust_free(client->trust);
	free(client->proxy);
	free(client->ca_file);
	free(client);
	curl_global_cleanup();
}

void
http_call_init(struct http_call *call)
{
	memset(call, 0, sizeof(*call));
	call->retry_after_s = -1;
	buffer_init(&call->answer, HTTP_CLIENT_ANSWER_MAX_BYTES);
}

void
http_call_free(struct http_call *call)
{
	buffer_free(&call->answer);
}

/* ---- what libcurl calls back ---- */

/* libcurl is content with a head that ends in the middle; only an empty line ends one. */
static size_t
take_header(char *line, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
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
	struct exchange *exchange = context;

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
	struct exchange *exchange = context;
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

/* ---- one request ---- */

/* An empty value keeps libcurl from adding the header by itself. */
static bool
add_header(struct exchange *exchange, const char *name, const char *value)
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
add_headers(struct exchange *exchange)
{
	const struct http_call *call = exchange->call;

	return add_header(exchange, "Accept", "application/json") &&
	    add_header(exchange, "Expect", "") &&
	    add_header(exchange, "Content-Type", call->content_type != NULL ? call->content_type : "") &&
	    (call->if_match == NULL || add_header(exchange, "If-Match", call->if_match)) &&
	    (call->header_name == NULL || add_header(exchange, call->header_name, call->header_value));
}

static bool
set_transport(CURL *curl, const struct http_client *client, const struct target *target)
{
	/* Plain http with its credentials in clear never leaves this host, not even through the proxy. */
	const char *proxy = target->plain ? "" : client->proxy;

	return curl_easy_setopt(curl, CURLOPT_CURLU, target->url) == CURLE_OK &&
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
	    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, client->trust) == CURLE_OK;
}

static bool
set_times(CURL *curl, const struct http_client *client, int64_t left_ms)
{
	long total_ms = left_ms < INT_MAX ? (long)left_ms : INT_MAX;
	long connect_ms = client->connect_timeout_ms < total_ms ? client->connect_timeout_ms : total_ms;

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
set_exchange(CURL *curl, struct exchange *exchange)
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

/* ---- its answer ---- */

/* A header that came once; one that came twice says nothing. */
static const char *
single_header(CURL *curl, const char *name)
{
	struct curl_header *header = NULL;

	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK || header->amount != 1)
		return "";
	return header->value;
}

static void
copy_header(CURL *curl, const char *name, char *out, size_t size)
{
	const char *value = single_header(curl, name);

	if (strlen(value) < size)
		memcpy(out, value, strlen(value) + 1);
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

static enum http_client_result
judge(struct exchange *exchange)
{
	struct http_call *call = exchange->call;

	call->obstacle = obstacle_of(exchange->code);
	/* Bytes alone do not tell: those of a proxy's CONNECT count as well. */
	call->sent = exchange->attempts > 0 && !nothing_went_out(exchange->curl);
	if (exchange->code != CURLE_OK)
		return judge_failure(exchange->code, call->sent);
	if (!exchange->head_whole)
		return HTTP_CLIENT_LOST;
	return read_answer(exchange->curl, call);
}

/* ---- a call ---- */

static void
forget_answer(struct http_call *call)
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

static bool
call_valid(const struct http_call *call)
{
	bool post = strcmp(call->method, "POST") == 0;

	return (post || strcmp(call->method, "GET") == 0 || strcmp(call->method, "DELETE") == 0) &&
	    (post || call->body_length == 0) && call->url != NULL && header_safe(call->content_type) &&
	    header_safe(call->if_match) && header_safe(call->header_name) && header_safe(call->header_value) &&
	    (call->header_name == NULL) == (call->header_value == NULL) &&
	    (call->username == NULL) == (call->password == NULL);
}

static enum metrics_outcome
outcome_of(const struct http_call *call)
{
	switch (call->result) {
	case HTTP_CLIENT_OK:
		break;
	case HTTP_CLIENT_NOT_SENT:
		return METRICS_UNREACHABLE;
	case HTTP_CLIENT_TIMED_OUT:
		return METRICS_TIMED_OUT;
	case HTTP_CLIENT_LOST:
	case HTTP_CLIENT_BAD_ANSWER:
	case HTTP_CLIENT_BAD_URL:
	case HTTP_CLIENT_NO_MEMORY:
		return METRICS_FAILED_UPSTREAM;
	}
	if (call->status == 401)
		return METRICS_UNAUTHORIZED;
	if (call->status == 429)
		return METRICS_TOO_MANY;
	if (call->status >= 500)
		return METRICS_FAILED_UPSTREAM;
	return call->status >= 400 ? METRICS_REFUSED_UPSTREAM : METRICS_OK;
}

/* All that libcurl has to know of a call. */
static bool
set_up(CURL *curl, const struct http_client *client, struct exchange *exchange, int64_t left_ms)
{
	return add_headers(exchange) && set_transport(curl, client, &exchange->target) &&
	    set_times(curl, client, left_ms) && set_credentials(curl, exchange->call) &&
	    set_method(curl, exchange->call) && set_exchange(curl, exchange);
}

static enum http_client_result
begin_on(struct line *line, size_t i, const struct http_client *client, struct exchange *exchange, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_monotonic_ms();

	if (left_ms <= 0)
		return HTTP_CLIENT_TIMED_OUT;
	if (line->curl[i] == NULL)
		line->curl[i] = curl_easy_init();
	if (line->curl[i] == NULL)
		return HTTP_CLIENT_NO_MEMORY;
	exchange->curl = line->curl[i]; /* from here on its end has to be seen to */
	if (!set_up(exchange->curl, client, exchange, left_ms) ||
	    curl_multi_add_handle(line->multi, exchange->curl) != CURLM_OK)
		return HTTP_CLIENT_NO_MEMORY;
	return HTTP_CLIENT_OK;
}

static void
begin(struct line *line, size_t i, const struct http_client *client, struct exchange *exchange, int64_t deadline_ms)
{
	struct http_call *call = exchange->call;

	exchange->begun_ms = exchange->ended_ms = clock_monotonic_ms();
	exchange->code = CURLE_OUT_OF_MEMORY; /* until libcurl says something else */
	call->result = HTTP_CLIENT_BAD_URL;
	if (call_valid(call))
		call->result = target_open(&exchange->target, call->url);
	if (call->result == HTTP_CLIENT_OK)
		call->result = begin_on(line, i, client, exchange, deadline_ms);
}

static void
note_ends(CURLM *multi)
{
	const CURLMsg *message = NULL;
	int left = 0;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		struct exchange *exchange = NULL;

		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange) != CURLE_OK)
			continue;
		exchange->code = message->data.result;
		exchange->ended_ms = clock_monotonic_ms();
	}
}

/* Each call has a deadline of its own, so this ends. */
static void
run(CURLM *multi)
{
	CURLMcode code = CURLM_OK;
	int running = 0;

	do {
		code = curl_multi_perform(multi, &running);
		note_ends(multi);
		if (code == CURLM_OK && running > 0)
			code = curl_multi_poll(multi, NULL, 0, POLL_MAX_MS, NULL);
	} while (code == CURLM_OK && running > 0);
}

/* False: the line is not to be used again. */
static bool
end(struct line *line, const struct http_client *client, struct exchange *exchange)
{
	struct http_call *call = exchange->call;
	bool good = true;

	if (call->result == HTTP_CLIENT_OK)
		call->result = judge(exchange);
	if (exchange->curl != NULL) {
		good = curl_multi_remove_handle(line->multi, exchange->curl) == CURLM_OK &&
		    call->result == HTTP_CLIENT_OK;
		curl_easy_reset(exchange->curl);
		/* Or the handle would keep the buffer with what it sent last. */
		curl_easy_setopt(exchange->curl, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES);
	}
	if (call->result != HTTP_CLIENT_OK)
		buffer_clear(&call->answer);
	curl_slist_free_all(exchange->headers);
	curl_url_cleanup(exchange->target.url);
	metrics_observe(client->metrics, METRIC_UPSTREAM_SECONDS, (int)call->api, (int)outcome_of(call),
	    exchange->ended_ms - exchange->begun_ms);
	return good;
}

/* At most HTTP_CLIENT_PARALLEL_MAX of them. */
static void
perform_together(struct http_client *client, struct http_call *const *calls, size_t count, int64_t deadline_ms)
{
	struct exchange exchanges[HTTP_CLIENT_PARALLEL_MAX] = { 0 };
	struct line *line = pool_take(client);
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		exchanges[i].call = calls[i];
		forget_answer(calls[i]);
		calls[i]->result = HTTP_CLIENT_NO_MEMORY;
	}
	if (line == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		begin(line, i, client, &exchanges[i], deadline_ms);
	run(line->multi);
	for (size_t i = 0; i < count; i++)
		good = end(line, client, &exchanges[i]) && good;
	if (good)
		pool_put(client, line);
	else
		line_free(line);
}

void
http_client_perform_all(struct http_client *client, struct http_call *const *calls, size_t count, int64_t deadline_ms)
{
	for (size_t i = 0; i < count; i += HTTP_CLIENT_PARALLEL_MAX)
		perform_together(client, calls + i,
		    count - i < HTTP_CLIENT_PARALLEL_MAX ? count - i : HTTP_CLIENT_PARALLEL_MAX, deadline_ms);
}

enum http_client_result
http_client_perform(struct http_client *client, struct http_call *call, int64_t deadline_ms)
{
	http_client_perform_all(client, &call, 1, deadline_ms);
	return call->result;
}

const char *
http_client_result_name(enum http_client_result result)
{
	switch (result) {
	case HTTP_CLIENT_OK:
		return "HTTP_CLIENT_OK";
	case HTTP_CLIENT_NOT_SENT:
		return "HTTP_CLIENT_NOT_SENT";
	case HTTP_CLIENT_TIMED_OUT:
		return "HTTP_CLIENT_TIMED_OUT";
	case HTTP_CLIENT_LOST:
		return "HTTP_CLIENT_LOST";
	case HTTP_CLIENT_BAD_ANSWER:
		return "HTTP_CLIENT_BAD_ANSWER";
	case HTTP_CLIENT_BAD_URL:
		return "HTTP_CLIENT_BAD_URL";
	case HTTP_CLIENT_NO_MEMORY:
		return "HTTP_CLIENT_NO_MEMORY";
	}
	return "not an http_client_result";
}
