/* One call: what goes out, what may come back, how it ends.  Kept connections are in test_http_client_pool.c. */
#include "http/http_client.h"

#include "base/clock.h"
#include "local_server.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define SOON_MS  300   /* a deadline that is to pass */
#define LATER_MS 10000 /* a deadline that is not to matter */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct http_client *
new_client(const char *proxy)
{
	const struct http_client_options options = { .connect_timeout_ms = 3000, .proxy = proxy };
	struct http_client *client = http_client_new(&options);

	assert_non_null(client);
	return client;
}

static enum http_client_result
perform(struct http_client *client, struct http_call *call, const char *base, const char *path, int ms)
{
	char url[256];

	assert_true(snprintf(url, sizeof(url), "%s%s", base, path) < (int)sizeof(url));
	call->url = url;
	return http_client_perform(client, call, clock_monotonic_ms() + ms);
}

/* A GET that is over when this returns; the call is the caller's to free. */
static enum http_client_result
get(struct http_call *call, const char *base, const char *path, int ms)
{
	struct http_client *client = new_client(NULL);
	enum http_client_result result = HTTP_CLIENT_OK;

	http_call_init(call);
	call->method = "GET";
	result = perform(client, call, base, path, ms);
	http_client_free(client);
	return result;
}

/* Serves the raw bytes of one test; NULL: never answers. */
static bool
serve_raw(void *context, const struct local_request *request)
{
	const char *bytes = context;

	if (bytes == NULL)
		local_hang(request);
	else
		local_send_text(request, bytes);
	return false;
}

/* ---- URLs ---- */

static void
only_https_and_plain_http_to_loopback_are_allowed(void **state)
{
	static const char *const allowed[] = { "https://verify.twilio.com/v2/Services", "https://example.com",
		"HTTPS://example.com/", "https://example.com:8443/x?y=z", "https://203.0.113.7/", "http://127.0.0.1/",
		"http://127.0.0.1:8080/sandbox/twilio", "http://127.255.0.9/", "http://localhost:1/x",
		"http://LOCALHOST/", "http://[::1]/", "http://[::1]:8080/x", "http://127.1/" };

	(void)state;
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (!http_client_url_allowed(allowed[i]))
			fail_msg("%s was refused", allowed[i]);
}

static void
other_urls_are_refused(void **state)
{
	static const char *const refused[] = { "", "/", "example.com", "127.0.0.1", "http://example.com",
		"http://127.0.0.1.evil.com/", "http://127.0.0.1@evil.com/", "http://localhost.evil.com/",
		"http://evil.com#127.0.0.1", "http://evil.com/127.0.0.1", "http://evil.com\\@127.0.0.1/",
		"http://localhost./", "http://sub.localhost/", "http://128.0.0.1/", "http://0.0.0.0/", "http://[::]/",
		"http://[::2]/", "http://[::ffff:10.0.0.1]/", "http://[::1%25eth0]/", "http://10.0.0.1/",
		"http://2130706434.evil.com/", "https://", "https:///x", "https:/example.com",
		"https:example.com", "http:///127.0.0.1/", "https://\\example.com/", "https://user@example.com/",
		"https://user:secret@example.com/", "https://:@example.com/", "http://ana@127.0.0.1/",
		"https://exa mple.com/", "https://example.com/a b", "https://example.com/\r\nX: y",
		"https://exam\tple.com/",
		"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://example.com:0x1/",
		"https://example.com:99999/", "javascript:alert(1)", "ws://127.0.0.1/" };

	(void)state;
	assert_false(http_client_url_allowed(NULL));
	for (size_t i = 0; i < COUNT(refused); i++)
		if (http_client_url_allowed(refused[i]))
			fail_msg("%s was allowed", refused[i]);
}

static void
a_call_to_a_refused_url_sends_nothing(void **state)
{
	struct http_call call;

	(void)state;
	assert_int_equal(get(&call, "http://127.0.0.1.evil.com", "/", LATER_MS), HTTP_CLIENT_BAD_URL);
	assert_false(call.sent);
	assert_int_equal(call.status, 0);
	http_call_free(&call);
}

/* Answers when the request begins as it should. */
static bool
serve_expected(void *context, const struct local_request *request)
{
	const char *begins = context;

	if (strncmp(request->text, begins, strlen(begins)) == 0)
		local_send_text(request, "HTTP/1.1 204 No Content\r\n\r\n");
	return false;
}

static void
path_and_query_are_asked_for_as_the_url_has_them(void **state)
{
	static struct {
		const char *path;
		char        line[80];
	} cases[] = {
		{ "", "GET / HTTP/1.1\r\n" },
		{ "/a%2Fb/c", "GET /a%2Fb/c HTTP/1.1\r\n" },
		{ "/caf\xc3\xa9", "GET /caf%c3%a9 HTTP/1.1\r\n" },
		{ "/caf\xc3\xa9/%2F?a=1", "GET /caf%c3%a9/%2F?a=1 HTTP/1.1\r\n" },
		{ "?phone=%2B447700900001", "GET /?phone=%2B447700900001 HTTP/1.1\r\n" },
		{ "/crm?phone=%2B447700900001&x=a/b?c#d", "GET /crm?phone=%2B447700900001&x=a/b?c HTTP/1.1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct local_server *server = local_server_start(serve_expected, cases[i].line);
		struct http_call call;

		assert_int_equal(get(&call, local_server_base(server), cases[i].path, LATER_MS), HTTP_CLIENT_OK);
		assert_int_equal(call.status, 204);
		http_call_free(&call);
		local_server_stop(server);
	}
}

/* ---- what goes out ---- */

static const struct local_route all_ok[] = {
	{ "", 200, "application/json", NULL, "{}" },
	{ NULL, 0, NULL, NULL, NULL },
};

static void
assert_has(const char *request, const char *part)
{
	if (strstr(request, part) == NULL)
		fail_msg("'%s' is not in:\n%s", part, request);
}

static void
assert_lacks(const char *request, const char *part)
{
	if (strcasestr(request, part) != NULL)
		fail_msg("'%s' is in:\n%.500s", part, request);
}

static void
a_post_carries_credentials_headers_and_body_as_given(void **state)
{
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(NULL);
	struct http_call call;
	const char *request = NULL;

	(void)state;
	local_server_routes(server, all_ok);
	http_call_init(&call);
	call.method = "POST";
	call.username = "SK0";
	call.password = "a:secret";
	call.content_type = "application/x-www-form-urlencoded";
	call.if_match = "\"3\"";
	call.body = "To=%2B12025550101&Channel=sms";
	call.body_length = strlen(call.body);
	assert_int_equal(perform(client, &call, local_server_base(server), "/v2/x?y=z", LATER_MS), HTTP_CLIENT_OK);
	assert_true(call.sent);
	assert_int_equal(call.status, 200);
	assert_string_equal(buffer_text(&call.answer), "{}");

	request = local_server_request(server, 1);
	assert_has(request, "POST /v2/x?y=z HTTP/1.1\r\n");
	assert_has(request, "\r\nAuthorization: Basic U0swOmE6c2VjcmV0\r\n");
	assert_has(request, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
	assert_has(request, "\r\nContent-Length: 29\r\n");
	assert_has(request, "\r\nAccept: application/json\r\n");
	assert_has(request, "\r\nIf-Match: \"3\"\r\n");
	assert_has(request, "\r\n\r\nTo=%2B12025550101&Channel=sms");
	assert_lacks(request, "Expect");
	assert_lacks(request, "Accept-Encoding");

	http_call_free(&call);
	http_client_free(client);
	local_server_stop(server);
}

static void
get_and_delete_have_neither_body_nor_content_type(void **state)
{
	static const char *const methods[] = { "GET", "DELETE" };
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(methods); i++) {
		struct http_call call;

		local_server_routes(server, all_ok);
		http_call_init(&call);
		call.method = methods[i];
		assert_int_equal(perform(client, &call, local_server_base(server), "/x", LATER_MS), HTTP_CLIENT_OK);
		assert_has(local_server_request(server, 1), methods[i]);
		assert_lacks(local_server_request(server, 1), "Content-Type");
		assert_lacks(local_server_request(server, 1), "Content-Length");
		assert_lacks(local_server_request(server, 1), "Authorization");
		http_call_free(&call);
	}
	http_client_free(client);
	local_server_stop(server);
}

static void
bodies_of_any_length_arrive_whole(void **state)
{
	static const size_t lengths[] = { 0, 1, 4096, 16384, 65537, 1100000 };
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct http_call call;
		char *body = malloc(lengths[i] + 1);
		char header[64];

		assert_non_null(body);
		memset(body, 'x', lengths[i]);
		body[lengths[i]] = '\0';
		local_server_routes(server, all_ok);
		http_call_init(&call);
		call.method = "POST";
		call.body = body;
		call.body_length = lengths[i];
		assert_int_equal(perform(client, &call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
		snprintf(header, sizeof(header), "Content-Length: %zu\r\n", lengths[i]);
		assert_has(local_server_request(server, 1), header);
		assert_string_equal(strstr(local_server_request(server, 1), "\r\n\r\n") + 4, body);
		assert_lacks(local_server_request(server, 1), "Expect");
		assert_lacks(local_server_request(server, 1), "Content-Type");
		http_call_free(&call);
		free(body);
	}
	http_client_free(client);
	local_server_stop(server);
}

static void
a_call_that_makes_no_sense_is_not_sent(void **state)
{
	static const struct {
		const char *method, *content_type, *if_match, *username, *body, *header_name, *header_value;
	} cases[] = {
		{ "POST", "text/plain\r\nX-Forged: 1", NULL, NULL, "", NULL, NULL },
		{ "POST", "text/plain\n", NULL, NULL, "", NULL, NULL },
		{ "GET", NULL, "1\r\nX-Forged: 1", NULL, "", NULL, NULL },
		{ "GET", NULL, NULL, "user without password", "", NULL, NULL },
		{ "GET", NULL, NULL, NULL, "a GET with a body", NULL, NULL },
		{ "PUT", NULL, NULL, NULL, "", NULL, NULL },
		{ "get", NULL, NULL, NULL, "", NULL, NULL },
		{ "GET / HTTP/1.1\r\nX-Forged: 1\r\n\r\n", NULL, NULL, NULL, "", NULL, NULL },
		{ "GET", NULL, NULL, NULL, "", "X-One\r\nX-Forged", "1" },
		{ "GET", NULL, NULL, NULL, "", "X-One", "1\x7f" },
		{ "GET", NULL, NULL, NULL, "", "X-Without-Value", NULL },
		{ "GET", NULL, NULL, NULL, "", NULL, "value without name" },
	};
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(NULL);

	(void)state;
	local_server_routes(server, all_ok);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_call call;

		http_call_init(&call);
		call.method = cases[i].method;
		call.content_type = cases[i].content_type;
		call.if_match = cases[i].if_match;
		call.username = cases[i].username;
		call.header_name = cases[i].header_name;
		call.header_value = cases[i].header_value;
		call.body = cases[i].body;
		call.body_length = strlen(cases[i].body);
		assert_int_equal(perform(client, &call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_BAD_URL);
		assert_false(call.sent);
		http_call_free(&call);
	}
	assert_int_equal(local_server_accepted(server), 0);
	http_client_free(client);
	local_server_stop(server);
}

/* ---- what comes back ---- */

static void
the_headers_that_matter_are_kept(void **state)
{
	static char answer[] =
	    "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json; charset=utf-8\r\netag: \"7\"\r\n"
	    "RETRY-AFTER: 2\r\ntwilio-request-id: RQ00000000000000000000000000000001\r\nContent-Length: 2\r\n\r\n{}";
	struct http_call call;
	struct local_server *server = local_server_start(serve_raw, answer);

	(void)state;
	assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	assert_int_equal(call.status, 429);
	assert_true(call.answer_is_json);
	assert_string_equal(call.etag, "\"7\"");
	assert_int_equal(call.retry_after_s, 2);
	assert_string_equal(call.request_id, "RQ00000000000000000000000000000001");
	http_call_free(&call);
	local_server_stop(server);
}

static void
a_request_id_that_is_no_plain_text_is_none(void **state)
{
	static const char *const ids[] = { "RQ\x1b[31m", "RQ\xff", "RQ 1", "\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		char answer[200];
		struct local_server *server = NULL;
		struct http_call call;

		snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nETag: %s\r\nTwilio-Request-Id: %s\r\n"
		    "Content-Length: 0\r\n\r\n", ids[i], ids[i]);
		server = local_server_start(serve_raw, answer);
		assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
		assert_string_equal(call.request_id, "");
		assert_string_equal(call.etag, "");
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
the_servers_clock_is_read_in_each_form_that_http_has(void **state)
{
	/* RFC 9110, 5.6.7, and what is none of its forms. */
	static const struct {
		const char *headers;
		int64_t     date_ms;
	} cases[] = {
		{ "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", INT64_C(784111777000) },
		{ "date: Sunday, 06-Nov-94 08:49:37 GMT\r\n", INT64_C(784111777000) },
		{ "Date: Sun Nov  6 08:49:37 1994\r\n", INT64_C(784111777000) },
		{ "", 0 }, { "Date: \r\n", 0 }, { "Date: soon\r\n", 0 },
		{ "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_call call;
		char answer[512];
		struct local_server *server = local_server_start(serve_raw, answer);

		snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\n\r\n{}",
		    cases[i].headers);
		assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
		if (call.date_ms != cases[i].date_ms)
			fail_msg("'%s' is %lld", cases[i].headers, (long long)call.date_ms);
		assert_int_equal(call.obstacle, HTTP_CLIENT_NO_OBSTACLE);
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
headers_that_are_missing_repeated_or_odd_say_nothing(void **state)
{
	static const char *const odd[] = { "", "Retry-After: -1\r\n", "Retry-After: 1.5\r\n", "Retry-After: soon\r\n",
		"Retry-After: Sun, 22 Nov 2026 09:00:00 GMT\r\n", "Retry-After: \r\n", "Retry-After: 2x\r\n",
		"Retry-After: 1\r\nRetry-After: 1\r\n", "ETag: \"1\"\r\nETag: \"2\"\r\n",
		"ETag: \"0123456789012345678901234567890123456789\"\r\n", "Content-Type: text/html\r\n",
		"Content-Type: application/jsonp\r\n", "Content-Type: application/xjson\r\n",
		"Content-Type: text/html; application/json\r\n", "Content-Type: \r\n",
		"Content-Type: application/json\r\nContent-Type: text/html\r\n",
		"Twilio-Request-Id: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct http_call call;
		char answer[512];
		struct local_server *server = local_server_start(serve_raw, answer);

		snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\n\r\n{}", odd[i]);
		assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
		assert_int_equal(call.retry_after_s, -1);
		assert_string_equal(call.etag, "");
		assert_string_equal(call.request_id, "");
		if (call.answer_is_json)
			fail_msg("JSON by '%s'", odd[i]);
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
json_goes_by_more_than_one_content_type(void **state)
{
	static const char *const types[] = { "application/json", "Application/JSON", "application/json;charset=utf-8",
		"application/json ; charset=utf-8", "application/problem+json" };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct local_route routes[] = {
			{ "", 200, types[i], NULL, "{}" },
			{ NULL, 0, NULL, NULL, NULL },
		};
		struct http_call call;
		struct local_server *server = local_server_start(NULL, NULL);

		local_server_routes(server, routes);
		assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
		if (!call.answer_is_json)
			fail_msg("no JSON by '%s'", types[i]);
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
answers_that_are_none_are_told_apart(void **state)
{
	static const struct {
		const char             *answer;
		enum http_client_result result;
	} cases[] = {
		{ "", HTTP_CLIENT_LOST },
		{ "HTTP/1.1 200 OK\r\nContent-Le", HTTP_CLIENT_LOST },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", HTTP_CLIENT_LOST },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}", HTTP_CLIENT_LOST },
		{ "SSH-2.0-OpenSSH_9.2\r\n", HTTP_CLIENT_BAD_ANSWER },
		{ "<html>hello</html>", HTTP_CLIENT_BAD_ANSWER },
		{ "\x15\x03\x03\x02\x28", HTTP_CLIENT_BAD_ANSWER },
		{ "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", HTTP_CLIENT_BAD_ANSWER },
		{ "HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}", HTTP_CLIENT_BAD_ANSWER },
		{ "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}", HTTP_CLIENT_BAD_ANSWER },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", HTTP_CLIENT_LOST },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", HTTP_CLIENT_OK },
		{ "HTTP/1.0 200 OK\r\n\r\n{}", HTTP_CLIENT_OK },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", HTTP_CLIENT_OK },
		{ "HTTP/1.1 204 None\r\n\r\n", HTTP_CLIENT_OK },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n",
		    HTTP_CLIENT_OK },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le", HTTP_CLIENT_LOST },
		{ "HTTP/1.1 100 Continue\r\n\r\n", HTTP_CLIENT_LOST },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_call call;
		char bytes[256];
		struct local_server *server = local_server_start(serve_raw, bytes);
		enum http_client_result result = HTTP_CLIENT_OK;

		snprintf(bytes, sizeof(bytes), "%s", cases[i].answer);
		result = get(&call, local_server_base(server), "/", LATER_MS);
		if (result != cases[i].result)
			fail_msg("%s for '%s'", http_client_result_name(result), cases[i].answer);
		assert_true(call.sent);
		if (result != HTTP_CLIENT_OK)
			assert_int_equal(call.answer.length, 0);
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
a_redirect_is_an_answer_and_not_followed(void **state)
{
	struct local_server *other = local_server_start(NULL, NULL);
	struct local_server *server = NULL;
	struct http_call call;
	char answer[256];

	(void)state;
	snprintf(answer, sizeof(answer), "HTTP/1.1 307 Temporary\r\nLocation: %s/\r\nContent-Length: 0\r\n\r\n",
	    local_server_base(other));
	server = local_server_start(serve_raw, answer);
	assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	assert_int_equal(call.status, 307);
	assert_int_equal(local_server_accepted(other), 0);
	http_call_free(&call);
	local_server_stop(server);
	local_server_stop(other);
}

/* The path says how: /length/N with Content-Length, /chunked/N without. */
static bool
serve_size(void *context, const struct local_request *request)
{
	bool chunked = strncmp(request->text, "GET /chunked/", 13) == 0;
	size_t size = strtoul(strchr(request->text + 5, '/') + 1, NULL, 10);
	char *body = malloc(size + 1);
	char head[128];

	(void)context;
	if (body == NULL)
		return false;
	memset(body, 'x', size);
	if (chunked)
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", size);
	else
		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
	if (local_send_text(request, head) && local_send(request, body, size) && chunked)
		local_send_text(request, "\r\n0\r\n\r\n");
	free(body);
	return true;
}

static void
an_answer_is_taken_up_to_the_limit_and_not_beyond(void **state)
{
	static const struct {
		const char             *path;
		enum http_client_result result;
	} cases[] = {
		{ "/length/65536", HTTP_CLIENT_OK },
		{ "/chunked/65536", HTTP_CLIENT_OK },
		{ "/length/65537", HTTP_CLIENT_BAD_ANSWER },
		{ "/chunked/65537", HTTP_CLIENT_BAD_ANSWER },
		{ "/length/1048576", HTTP_CLIENT_BAD_ANSWER },
		{ "/chunked/1048576", HTTP_CLIENT_BAD_ANSWER },
	};
	struct local_server *server = local_server_start(serve_size, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_call call;

		assert_int_equal(get(&call, local_server_base(server), cases[i].path, LATER_MS), cases[i].result);
		assert_int_equal(call.answer.length, cases[i].result == HTTP_CLIENT_OK ? 65536 : 0);
		http_call_free(&call);
	}
	local_server_stop(server);
}

static bool
serve_endless_header(void *context, const struct local_request *request)
{
	char line[1024];

	(void)context;
	memset(line, 'x', sizeof(line));
	local_send_text(request, "HTTP/1.1 200 OK\r\nX-Long: ");
	while (local_send(request, line, sizeof(line)))
		continue;
	return false;
}

static bool
serve_endless_headers(void *context, const struct local_request *request)
{
	(void)context;
	local_send_text(request, "HTTP/1.1 200 OK\r\n");
	while (local_send_text(request, "X-One-More: 0123456789012345678901234567890123456789\r\n"))
		continue;
	return false;
}

static void
headers_without_end_are_given_up(void **state)
{
	static local_handler *const handlers[] = { serve_endless_header, serve_endless_headers };

	(void)state;
	for (size_t i = 0; i < COUNT(handlers); i++) {
		struct local_server *server = local_server_start(handlers[i], NULL);
		struct http_call call;
		int64_t started_ms = clock_monotonic_ms();
		enum http_client_result result = get(&call, local_server_base(server), "/", LATER_MS);

		assert_true(result == HTTP_CLIENT_BAD_ANSWER || result == HTTP_CLIENT_LOST);
		assert_true(call.sent);
		assert_true(clock_monotonic_ms() - started_ms < LATER_MS);
		http_call_free(&call);
		local_server_stop(server);
	}
}

static void
a_call_performed_again_forgets_its_first_answer(void **state)
{
	static const struct local_route first[] = {
		{ "", 200, "application/json", "ETag: \"1\"\r\nRetry-After: 1\r\nTwilio-Request-Id: RQ1\r\n", "{}" },
		{ NULL, 0, NULL, NULL, NULL },
	};
	static const struct local_route second[] = {
		{ "", 500, NULL, NULL, "" },
		{ NULL, 0, NULL, NULL, NULL },
	};
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(NULL);
	struct http_call call;

	(void)state;
	http_call_init(&call);
	call.method = "GET";
	local_server_routes(server, first);
	assert_int_equal(perform(client, &call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	assert_string_equal(call.etag, "\"1\"");
	local_server_routes(server, second);
	assert_int_equal(perform(client, &call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	assert_int_equal(call.status, 500);
	assert_string_equal(buffer_text(&call.answer), "");
	assert_false(call.answer_is_json);
	assert_string_equal(call.etag, "");
	assert_string_equal(call.request_id, "");
	assert_int_equal(call.retry_after_s, -1);
	http_call_free(&call);
	http_client_free(client);
	local_server_stop(server);
}

/* ---- when nothing comes back ---- */

static void
a_refused_connection_means_not_sent(void **state)
{
	struct http_call call;
	char base[64];
	int port = 0;

	(void)state;
	close(local_listen(1, &port));
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", port);
	assert_int_equal(get(&call, base, "/", LATER_MS), HTTP_CLIENT_NOT_SENT);
	assert_int_equal(call.obstacle, HTTP_CLIENT_NO_LISTENER);
	assert_false(call.sent);
	http_call_free(&call);
}

static void
a_name_that_does_not_exist_means_not_sent(void **state)
{
	struct http_call call;

	(void)state;
	assert_int_equal(get(&call, "https://unknown.invalid", "/", LATER_MS), HTTP_CLIENT_NOT_SENT);
	assert_int_equal(call.obstacle, HTTP_CLIENT_NO_ADDRESS);
	assert_false(call.sent);
	http_call_free(&call);
}

static void
a_deadline_in_the_past_means_no_connection(void **state)
{
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_call call;

	(void)state;
	assert_int_equal(get(&call, local_server_base(server), "/", 0), HTTP_CLIENT_TIMED_OUT);
	assert_false(call.sent);
	http_call_free(&call);
	assert_int_equal(get(&call, local_server_base(server), "/", -5000), HTTP_CLIENT_TIMED_OUT);
	http_call_free(&call);
	assert_int_equal(local_server_accepted(server), 0);
	local_server_stop(server);
}

static void
assert_soon(int64_t started_ms, int ms)
{
	int64_t took_ms = clock_monotonic_ms() - started_ms;

	assert_true(took_ms >= ms - 20);
	assert_true(took_ms < LATER_MS);
}

/* A listener that takes no more connections: further SYNs are dropped, as by a firewall. */
static void
a_connection_that_hangs_times_out_unsent(void **state)
{
	int port = 0, fill[16], connect_ms = SOON_MS;
	int listener = local_listen(0, &port);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct http_client_options options = { .connect_timeout_ms = connect_ms };
	struct http_client *client = http_client_new(&options);
	struct http_call call;
	int64_t started_ms = 0;
	char base[64];

	(void)state;
	for (size_t i = 0; i < COUNT(fill); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fill[i], (const struct sockaddr *)&address, sizeof(address));
	}
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", port);
	http_call_init(&call);
	call.method = "GET";
	started_ms = clock_monotonic_ms();
	assert_int_equal(perform(client, &call, base, "/", LATER_MS), HTTP_CLIENT_TIMED_OUT);
	assert_soon(started_ms, connect_ms);
	assert_false(call.sent);

	for (size_t i = 0; i < COUNT(fill); i++)
		close(fill[i]);
	close(listener);
	http_call_free(&call);
	http_client_free(client);
}

static void
a_server_that_does_not_answer_times_out_sent(void **state)
{
	struct local_server *server = local_server_start(serve_raw, NULL);
	struct http_call call;
	int64_t started_ms = clock_monotonic_ms();

	(void)state;
	assert_int_equal(get(&call, local_server_base(server), "/", SOON_MS), HTTP_CLIENT_TIMED_OUT);
	assert_soon(started_ms, SOON_MS);
	assert_true(call.sent);
	assert_int_equal(call.status, 0);
	http_call_free(&call);
	local_server_stop(server);
}

static bool
serve_slowly(void *context, const struct local_request *request)
{
	(void)context;
	local_send_text(request,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
	while (local_send(request, " ", 1))
		usleep(10000);
	return false;
}

static void
an_answer_in_driblets_times_out_and_leaves_nothing(void **state)
{
	struct local_server *server = local_server_start(serve_slowly, NULL);
	struct http_call call;
	int64_t started_ms = clock_monotonic_ms();

	(void)state;
	assert_int_equal(get(&call, local_server_base(server), "/", SOON_MS), HTTP_CLIENT_TIMED_OUT);
	assert_soon(started_ms, SOON_MS);
	assert_true(call.sent);
	assert_int_equal(call.answer.length, 0);
	assert_int_equal(call.status, 0);
	assert_false(call.answer_is_json);
	http_call_free(&call);
	local_server_stop(server);
}

/* The name server: libcurl calls this getaddrinfo.  It knows no .invalid, and for one name it is silent. */
#define SILENT_NAME "silent.invalid"

static pthread_mutex_t silence = PTHREAD_MUTEX_INITIALIZER;
static int silent_calls; /* guarded by silence, as long as it is not held by the test */

int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict addresses)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
	void *symbol = NULL;
	struct timespec until = { 0 };

	if (name != NULL && strcmp(name, SILENT_NAME) == 0) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += LATER_MS / 1000;
		if (pthread_mutex_timedlock(&silence, &until) == 0) {
			silent_calls++;
			pthread_mutex_unlock(&silence);
		}
		return EAI_AGAIN;
	}
	if (name != NULL && strstr(name, ".invalid") != NULL)
		return EAI_NONAME;
	symbol = dlsym(RTLD_NEXT, "getaddrinfo");
	memcpy(&real, &symbol, sizeof(real));
	return real(name, service, hints, addresses);
}

static void
a_silent_name_server_does_not_hold_the_deadline(void **state)
{
	struct http_call call;
	int64_t started_ms = 0;

	(void)state;
	pthread_mutex_lock(&silence);
	started_ms = clock_monotonic_ms();
	assert_int_equal(get(&call, "https://" SILENT_NAME, "/", SOON_MS), HTTP_CLIENT_TIMED_OUT);
	assert_soon(started_ms, SOON_MS);
	assert_false(call.sent);
	http_call_free(&call);
	pthread_mutex_unlock(&silence);

	for (bool woken = false; !woken; usleep(1000)) {
		pthread_mutex_lock(&silence);
		woken = silent_calls > 0;
		pthread_mutex_unlock(&silence);
	}
	/* The thread that was left behind frees what it holds. */
	usleep(50000);
}

/* ---- proxies ---- */

static char empty_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static char tunnel_refused[] = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";

static void
proxies_of_the_environment_are_ignored(void **state)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	struct local_server *proxy = local_server_start(serve_raw, empty_answer);
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_call call;

	(void)state;
	local_server_routes(server, all_ok);
	for (size_t i = 0; i < COUNT(names); i++)
		setenv(names[i], local_server_base(proxy), 1);
	assert_int_equal(get(&call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	http_call_free(&call);
	assert_int_equal(get(&call, "https://unknown.invalid", "/", LATER_MS), HTTP_CLIENT_NOT_SENT);
	http_call_free(&call);
	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	assert_int_equal(local_server_accepted(proxy), 0);
	local_server_stop(server);
	local_server_stop(proxy);
}

static void
a_configured_proxy_gets_a_tunnel_for_https_and_no_credentials(void **state)
{
	struct local_server *proxy = local_server_start(serve_raw, tunnel_refused);
	struct http_client *client = new_client(local_server_base(proxy));
	struct http_call call;

	(void)state;
	setenv("no_proxy", "*", 1);
	http_call_init(&call);
	call.method = "GET";
	call.username = "SK0";
	call.password = "secret";
	assert_int_equal(perform(client, &call, "https://unknown.invalid", "/x", LATER_MS), HTTP_CLIENT_NOT_SENT);
	assert_false(call.sent);
	assert_has(local_server_request(proxy, 1), "CONNECT unknown.invalid:443 HTTP/1.1\r\n");
	assert_lacks(local_server_request(proxy, 1), "Authorization");
	unsetenv("no_proxy");
	http_call_free(&call);
	http_client_free(client);
	local_server_stop(proxy);
}

static void
a_configured_proxy_is_not_used_for_loopback(void **state)
{
	struct local_server *proxy = local_server_start(serve_raw, empty_answer);
	struct local_server *server = local_server_start(NULL, NULL);
	struct http_client *client = new_client(local_server_base(proxy));
	struct http_call call;

	(void)state;
	local_server_routes(server, all_ok);
	http_call_init(&call);
	call.method = "GET";
	assert_int_equal(perform(client, &call, local_server_base(server), "/", LATER_MS), HTTP_CLIENT_OK);
	assert_int_equal(local_server_requests(server), 1);
	assert_int_equal(local_server_accepted(proxy), 0);
	http_call_free(&call);
	http_client_free(client);
	local_server_stop(server);
	local_server_stop(proxy);
}

/* ---- the client ---- */

static void
options_that_cannot_be_used_give_no_client(void **state)
{
	static const struct http_client_options cases[] = {
		{ .connect_timeout_ms = 1000, .ca_file = "/nonexistent/ca.pem" },
		{ .connect_timeout_ms = 1000, .ca_file = "" },
		{ .connect_timeout_ms = 1000, .proxy = "http://" },
		{ .connect_timeout_ms = 1000, .proxy = "no proxy" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_null(http_client_new(&cases[i]));
	http_client_free(NULL);
}

static void
every_result_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(http_client_result_name(HTTP_CLIENT_OK), "HTTP_CLIENT_OK");
	assert_string_equal(http_client_result_name(HTTP_CLIENT_LOST), "HTTP_CLIENT_LOST");
	assert_string_equal(http_client_result_name(HTTP_CLIENT_NO_MEMORY), "HTTP_CLIENT_NO_MEMORY");
	assert_string_equal(http_client_result_name((enum http_client_result)99), "not an http_client_result");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_https_and_plain_http_to_loopback_are_allowed),
		cmocka_unit_test(other_urls_are_refused),
		cmocka_unit_test(a_call_to_a_refused_url_sends_nothing),
		cmocka_unit_test(path_and_query_are_asked_for_as_the_url_has_them),
		cmocka_unit_test(a_post_carries_credentials_headers_and_body_as_given),
		cmocka_unit_test(get_and_delete_have_neither_body_nor_content_type),
		cmocka_unit_test(bodies_of_any_length_arrive_whole),
		cmocka_unit_test(a_call_that_makes_no_sense_is_not_sent),
		cmocka_unit_test(the_headers_that_matter_are_kept),
		cmocka_unit_test(a_request_id_that_is_no_plain_text_is_none),
		cmocka_unit_test(the_servers_clock_is_read_in_each_form_that_http_has),
		cmocka_unit_test(headers_that_are_missing_repeated_or_odd_say_nothing),
		cmocka_unit_test(json_goes_by_more_than_one_content_type),
		cmocka_unit_test(answers_that_are_none_are_told_apart),
		cmocka_unit_test(a_redirect_is_an_answer_and_not_followed),
		cmocka_unit_test(an_answer_is_taken_up_to_the_limit_and_not_beyond),
		cmocka_unit_test(headers_without_end_are_given_up),
		cmocka_unit_test(a_call_performed_again_forgets_its_first_answer),
		cmocka_unit_test(a_refused_connection_means_not_sent),
		cmocka_unit_test(a_name_that_does_not_exist_means_not_sent),
		cmocka_unit_test(a_deadline_in_the_past_means_no_connection),
		cmocka_unit_test(a_connection_that_hangs_times_out_unsent),
		cmocka_unit_test(a_server_that_does_not_answer_times_out_sent),
		cmocka_unit_test(an_answer_in_driblets_times_out_and_leaves_nothing),
		cmocka_unit_test(a_silent_name_server_does_not_hold_the_deadline),
		cmocka_unit_test(proxies_of_the_environment_are_ignored),
		cmocka_unit_test(a_configured_proxy_gets_a_tunnel_for_https_and_no_credentials),
		cmocka_unit_test(a_configured_proxy_is_not_used_for_loopback),
		cmocka_unit_test(options_that_cannot_be_used_give_no_client),
		cmocka_unit_test(every_result_has_its_name),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
