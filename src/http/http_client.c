#include "http_client.h"

#include "http_client_answer.h"
#include "http_client_exchange.h"
#include "http_client_lines.h"
#include "http_client_target.h"
#include "trust.h"
#include "wiped_memory.h"

#include "base/clock.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libcurl wakes by itself when something happens or a time is up. */
#define POLL_MAX_MS 1000

struct http_client {
	struct http_client_lines     lines;
	struct http_client_transport transport;
	char                        *ca_file;
	struct metrics              *metrics; /* borrowed; NULL: none */
};

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
	client->transport.connect_timeout_ms = options->connect_timeout_ms;
	client->metrics = options->metrics;
	client->transport.proxy = strdup(options->proxy != NULL ? options->proxy : "");
	if (options->ca_file != NULL)
		client->ca_file = strdup(options->ca_file);
	return client->transport.proxy != NULL && (client->ca_file != NULL || options->ca_file == NULL);
}

/* The system's authorities are where this libcurl was built to look for them. */
static bool
choose_authorities(struct http_client *client)
{
	const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);

	if (client->ca_file != NULL)
		client->transport.trust = trust_new(client->ca_file, NULL);
	else
		client->transport.trust = trust_new(libcurl->cainfo, libcurl->capath);
	return client->transport.trust != NULL;
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
	if (client == NULL || !http_client_lines_init(&client->lines, options->kept_max)) {
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
	http_client_lines_free(&client->lines);
	trust_free(client->transport.trust);
	free(client->transport.proxy);
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

/* ---- a call ---- */

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

static enum http_client_result
begin_on(struct http_client_line *line, size_t i, const struct http_client *client,
    struct http_client_exchange *exchange, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_monotonic_ms();

	if (left_ms <= 0)
		return HTTP_CLIENT_TIMED_OUT;
	if (line->curl[i] == NULL)
		line->curl[i] = curl_easy_init();
	if (line->curl[i] == NULL)
		return HTTP_CLIENT_NO_MEMORY;
	exchange->curl = line->curl[i]; /* from here on its end has to be seen to */
	if (!http_client_exchange_set_up(exchange, &client->transport, left_ms) ||
	    curl_multi_add_handle(line->multi, exchange->curl) != CURLM_OK)
		return HTTP_CLIENT_NO_MEMORY;
	return HTTP_CLIENT_OK;
}

static void
begin(struct http_client_line *line, size_t i, const struct http_client *client,
    struct http_client_exchange *exchange, int64_t deadline_ms)
{
	struct http_call *call = exchange->call;

	exchange->begun_ms = exchange->ended_ms = clock_monotonic_ms();
	exchange->code = CURLE_OUT_OF_MEMORY; /* until libcurl says something else */
	call->result = HTTP_CLIENT_BAD_URL;
	if (http_client_exchange_valid(call))
		call->result = http_client_target_open(&exchange->target, call->url);
	if (call->result == HTTP_CLIENT_OK)
		call->result = begin_on(line, i, client, exchange, deadline_ms);
}

static void
note_ends(CURLM *multi)
{
	const CURLMsg *message = NULL;
	int left = 0;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		struct http_client_exchange *exchange = NULL;

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
end(struct http_client_line *line, const struct http_client *client, struct http_client_exchange *exchange)
{
	struct http_call *call = exchange->call;
	bool good = true;

	if (call->result == HTTP_CLIENT_OK)
		call->result = http_client_answer_judge(exchange);
	if (exchange->curl != NULL)
		good = curl_multi_remove_handle(line->multi, exchange->curl) == CURLM_OK &&
		    call->result == HTTP_CLIENT_OK;
	if (call->result != HTTP_CLIENT_OK)
		buffer_clear(&call->answer);
	http_client_exchange_clear(exchange);
	metrics_observe(client->metrics, METRIC_UPSTREAM_SECONDS, (int)call->api, (int)outcome_of(call),
	    exchange->ended_ms - exchange->begun_ms);
	return good;
}

/* At most HTTP_CLIENT_PARALLEL_MAX of them. */
static void
perform_together(struct http_client *client, struct http_call *const *calls, size_t count, int64_t deadline_ms)
{
	struct http_client_exchange exchanges[HTTP_CLIENT_PARALLEL_MAX] = { 0 };
	struct http_client_line *line = http_client_lines_take(&client->lines);
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		exchanges[i].call = calls[i];
		http_client_answer_forget(calls[i]);
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
		http_client_lines_put(&client->lines, line);
	else
		http_client_line_free(line);
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
