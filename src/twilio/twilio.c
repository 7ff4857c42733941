#include "twilio.h"

#include "base/clock.h"
#include "http/form.h"
#include "twilio_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define URL_MAX_BYTES 1024

static const char *const hosts[] = {
	[TWILIO_HOST_VERIFY] = "https://verify.twilio.com",
	[TWILIO_HOST_IAM] = "https://iam.twilio.com",
	[TWILIO_HOST_TASKROUTER] = "https://taskrouter.twilio.com",
	[TWILIO_HOST_VOICE] = "https://api.twilio.com",
	[TWILIO_HOST_MESSAGING] = "https://api.twilio.com",
};

static const enum metrics_api apis[] = {
	[TWILIO_HOST_VERIFY] = METRICS_API_VERIFY,
	[TWILIO_HOST_IAM] = METRICS_API_IAM,
	[TWILIO_HOST_TASKROUTER] = METRICS_API_TASKROUTER,
	[TWILIO_HOST_VOICE] = METRICS_API_VOICE,
	[TWILIO_HOST_MESSAGING] = METRICS_API_MESSAGING,
};

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool
twilio_sid_valid(const char *sid, const char *prefix)
{
	if (sid == NULL || strncmp(sid, prefix, 2) != 0)
		return false;
	for (size_t i = 2; i < TWILIO_SID_SIZE - 1; i++) {
		if (!is_hex(sid[i]))
			return false;
	}
	return sid[TWILIO_SID_SIZE - 1] == '\0';
}

bool
twilio_copy(char *out, size_t size, const char *text)
{
	size_t length = text != NULL ? strlen(text) : size;

	out[0] = '\0';
	if (length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

bool
twilio_same(struct json_object *object, const char *key, const char *expected)
{
	const char *text = json_get_string(object, key);

	return text != NULL && strcmp(text, expected) == 0;
}

void
twilio_trace_clear(struct twilio_trace *trace)
{
	if (trace != NULL)
		*trace = (struct twilio_trace){ .retry_after_s = -1 };
}

void
twilio_call_init(struct twilio_call *call)
{
	http_call_init(&call->http);
	buffer_init(&call->url, URL_MAX_BYTES);
	buffer_init(&call->body, TWILIO_BODY_MAX_BYTES);
	call->built = TWILIO_OK;
	call->code = 0;
	call->answer = NULL;
}

void
twilio_call_free(struct twilio_call *call)
{
	http_call_free(&call->http);
	buffer_free(&call->url);
	buffer_free(&call->body);
	json_free(call->answer);
	call->answer = NULL;
}

/*
 * An API key can be revoked and limited, so it is preferred; but that token
 * validation takes one is not documented.
 */
static bool
set_credentials(struct http_call *http, const struct twilio *twilio, enum twilio_host host)
{
	bool account_first = host == TWILIO_HOST_IAM && twilio->auth_token != NULL;

	if (twilio->api_key_sid != NULL && twilio->api_key_secret != NULL && !account_first) {
		http->username = twilio->api_key_sid;
		http->password = twilio->api_key_secret;
		return true;
	}
	http->username = twilio->account_sid;
	http->password = twilio->auth_token;
	return http->username != NULL && http->password != NULL;
}

static void
add_url(struct buffer *url, const struct twilio *twilio, enum twilio_host host, const char *path)
{
	const char *base = twilio->base_url != NULL ? twilio->base_url : hosts[host];
	size_t length = strlen(base);

	if (length > 0 && base[length - 1] == '/')
		length--;
	buffer_add(url, base, length);
	buffer_add_text(url, path);
}

void
twilio_call_refuse(struct twilio_call *call, enum twilio_result why)
{
	if (call->built == TWILIO_OK)
		call->built = why;
}

void
twilio_call_address(struct twilio_call *call, const struct twilio *twilio, const char *method, enum twilio_host host,
    const char *path, ...)
{
	char text[URL_MAX_BYTES];
	int length = 0;
	va_list values;

	va_start(values, path);
	length = vsnprintf(text, sizeof(text), path, values);
	va_end(values);
	if (length < 0 || (size_t)length >= sizeof(text))
		twilio_call_refuse(call, TWILIO_SETUP);
	if (!set_credentials(&call->http, twilio, host))
		twilio_call_refuse(call, TWILIO_CREDENTIALS);
	call->http.api = apis[host];
	call->http.method = method;
	add_url(&call->url, twilio, host, text);
}

void
twilio_call_parameter(struct twilio_call *call, const char *name, const char *value)
{
	buffer_add_text(&call->url, strchr(buffer_text(&call->url), '?') == NULL ? "?" : "&");
	form_escape(&call->url, name);
	buffer_add_text(&call->url, "=");
	form_escape(&call->url, value);
}

void
twilio_call_field(struct twilio_call *call, const char *name, const char *value)
{
	call->http.content_type = "application/x-www-form-urlencoded";
	form_add(&call->body, name, value);
}

void
twilio_call_json(struct twilio_call *call, struct json_object *object)
{
	call->http.content_type = "application/json";
	json_write(object, &call->body);
	json_free(object);
}

/* ---- the exchange ---- */

/* 429 was not processed; 503 is a server that has no time; a lost answer of a read changes nothing. */
static bool
wants_repeat(const struct http_call *http)
{
	if (http->result == HTTP_CLIENT_OK)
		return http->status == 429 || http->status == 503;
	return http->result == HTTP_CLIENT_LOST || http->result == HTTP_CLIENT_NOT_SENT;
}

static int
pause_ms(const struct http_call *http)
{
	if (http->retry_after_s > TWILIO_REPEAT_PAUSE_MAX_MS / 1000)
		return TWILIO_REPEAT_PAUSE_MAX_MS + 1;
	return http->retry_after_s > 0 ? http->retry_after_s * 1000 : TWILIO_REPEAT_PAUSE_MS;
}

static void
sleep_ms(int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) != 0)
		continue;
}

/* Makes those calls once more that want it, if the pause they need leaves time. */
static void
repeat_calls(const struct twilio *twilio, struct http_call *const *calls, size_t count, int64_t deadline_ms)
{
	struct http_call *again[HTTP_CLIENT_PARALLEL_MAX];
	size_t again_count = 0;
	int pause = 0;

	for (size_t i = 0; i < count; i++) {
		if (!wants_repeat(calls[i]))
			continue;
		again[again_count++] = calls[i];
		if (pause_ms(calls[i]) > pause)
			pause = pause_ms(calls[i]);
	}
	if (again_count == 0 || pause > TWILIO_REPEAT_PAUSE_MAX_MS || clock_monotonic_ms() + pause >= deadline_ms)
		return;
	sleep_ms(pause);
	http_client_perform_all(twilio->http, again, again_count, deadline_ms);
}

static enum twilio_result
transport_result(const struct http_call *http)
{
	switch (http->result) {
	case HTTP_CLIENT_OK:
		return TWILIO_OK;
	case HTTP_CLIENT_NOT_SENT:
		return TWILIO_UNREACHABLE;
	case HTTP_CLIENT_TIMED_OUT:
		return http->sent ? TWILIO_TIMED_OUT : TWILIO_UNREACHABLE;
	case HTTP_CLIENT_LOST:
		return TWILIO_ANSWER_LOST;
	case HTTP_CLIENT_BAD_ANSWER:
		return TWILIO_BAD_ANSWER;
	case HTTP_CLIENT_BAD_URL:
		return TWILIO_SETUP;
	case HTTP_CLIENT_NO_MEMORY:
		return TWILIO_NO_MEMORY;
	}
	return TWILIO_BAD_ANSWER;
}

static bool
parse_answer(struct twilio_call *call)
{
	const struct http_call *http = &call->http;

	return http->answer_is_json && json_parse(buffer_text(&http->answer), http->answer.length,
		TWILIO_JSON_DEPTH_MAX, &call->answer) == JSON_OK;
}

static enum twilio_result
refused(struct twilio_call *call)
{
	int64_t code = 0;

	if (parse_answer(call) && json_get_int(call->answer, "code", &code) && code > 0 && code < INT32_MAX)
		call->code = (int)code;
	json_free(call->answer);
	call->answer = NULL;
	/* The account's own limit on requests has the same code; only one of the service's is named in a header. */
	if (call->http.status == 429 && call->code == 20429 && call->http.limit_named)
		return TWILIO_RATE_LIMITED;
	return twilio_error_result(call->http.status, call->code);
}

static enum twilio_result
call_result(struct twilio_call *call)
{
	enum twilio_result result = transport_result(&call->http);

	if (result != TWILIO_OK)
		return result;
	if (call->http.status < 200 || call->http.status > 299)
		return refused(call);
	return parse_answer(call) ? TWILIO_OK : TWILIO_BAD_ANSWER;
}

static void
fill_trace(struct twilio_trace *trace, const struct twilio_call *call, int64_t started_ms)
{
	if (trace == NULL)
		return;
	trace->transport = call->http.result;
	trace->obstacle = call->http.obstacle;
	trace->http_status = call->http.status;
	trace->twilio_code = call->code;
	trace->duration_ms = (int)(clock_monotonic_ms() - started_ms);
	trace->retry_after_s = call->http.retry_after_s;
	trace->date_ms = call->http.date_ms;
	memcpy(trace->request_id, call->http.request_id, sizeof(trace->request_id));
}

/* TWILIO_OK: it is ready to be made. */
static enum twilio_result
attach(struct twilio_call *call)
{
	if (call->url.failed || call->body.failed)
		twilio_call_refuse(call, TWILIO_NO_MEMORY);
	call->http.url = buffer_text(&call->url);
	call->http.body = buffer_text(&call->body);
	call->http.body_length = call->body.length;
	return call->built;
}

enum twilio_result
twilio_exchange(const struct twilio *twilio, struct twilio_call *call, enum twilio_repeat repeat, int64_t deadline_ms,
    struct twilio_trace *trace)
{
	return twilio_exchange_both(twilio, call, NULL, repeat, deadline_ms, trace);
}

enum twilio_result
twilio_exchange_both(const struct twilio *twilio, struct twilio_call *a, struct twilio_call *b,
    enum twilio_repeat repeat, int64_t deadline_ms, struct twilio_trace *trace)
{
	struct http_call *calls[2] = { &a->http, b != NULL ? &b->http : NULL };
	size_t count = b != NULL ? 2 : 1;
	int64_t started_ms = clock_monotonic_ms();
	enum twilio_result result = attach(a), result_b = b != NULL ? attach(b) : TWILIO_OK;

	if (result != TWILIO_OK || result_b != TWILIO_OK)
		return result != TWILIO_OK ? result : result_b;
	http_client_perform_all(twilio->http, calls, count, deadline_ms);
	if (repeat == TWILIO_REPEAT_ONCE)
		repeat_calls(twilio, calls, count, deadline_ms);

	result = call_result(a);
	if (b != NULL)
		result_b = call_result(b);
	fill_trace(trace, result != TWILIO_OK || result_b == TWILIO_OK ? a : b, started_ms);
	return result != TWILIO_OK ? result : result_b;
}
