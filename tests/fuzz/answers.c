#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As deep as any reader of answers goes. */
#define DEPTH_MAX 16

static struct {
	struct input  input;
	struct answer given[ANSWERS_MAX];
	size_t        count;
} answers;

const struct twilio answers_twilio = {
	.account_sid = ACCOUNT,
	.auth_token = SECRET,
	.verify_service_sid = SERVICE,
	.workspace_sid = WORKSPACE,
};

void
answers_begin(const uint8_t *data, size_t size)
{
	answers.input = input_of(data, size);
	answers.count = 0;
}

void
answers_end(void)
{
	for (size_t i = 0; i < answers.count && i < ANSWERS_MAX; i++)
		json_free(answers.given[i].object);
	memset(&answers, 0, sizeof(answers));
}

const struct answer *
answers_given(size_t n)
{
	return n < answers.count && n < ANSWERS_MAX ? &answers.given[n] : NULL;
}

bool
answers_positive(size_t n)
{
	const struct answer *answer = answers_given(n);

	return answer != NULL && answer->result == HTTP_CLIENT_OK && answer->status >= 200 && answer->status <= 299 &&
	    answer->is_json && answer->object != NULL;
}

bool
answers_say(size_t n, const char *key, const char *text)
{
	const struct answer *answer = answers_given(n);
	const char *said = answer != NULL ? json_get_string(answer->object, key) : NULL;

	return said != NULL && strcmp(said, text) == 0;
}

/* ---- how an answer came ---- */

static bool
take_result(struct http_call *call, const char *word)
{
	static const struct {
		const char             *word;
		enum http_client_result result;
		bool                    sent;
	} results[] = {
		{ "lost", HTTP_CLIENT_LOST, true },
		{ "late", HTTP_CLIENT_TIMED_OUT, true },
		{ "unsent", HTTP_CLIENT_NOT_SENT, false },
		{ "broken", HTTP_CLIENT_BAD_ANSWER, true },
	};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (strcmp(word, results[i].word) == 0) {
			call->result = results[i].result;
			call->sent = results[i].sent;
			call->status = 0;
			return true;
		}
	return false;
}

static void
take_word(struct http_call *call, const char *word)
{
	if (take_result(call, word))
		return;
	if (strcmp(word, "json") == 0)
		call->answer_is_json = true;
	else if (strcmp(word, "limit") == 0)
		call->limit_named = true;
	else if (strncmp(word, "wait=", 5) == 0)
		call->retry_after_s = (int)strtol(word + 5, NULL, 10) % 86401;
	else if (strncmp(word, "version=", 8) == 0)
		snprintf(call->etag, sizeof(call->etag), "%s", word + 8);
}

/* HTTP knows statuses of three digits only. */
static void
take_words(struct http_call *call, char *line)
{
	char *at = NULL;

	call->status = (int)(strtoul(line, &at, 10) % 1000);
	call->result = HTTP_CLIENT_OK;
	call->sent = true;
	while (*at != '\0') {
		char *word = at + strspn(at, " ");
		size_t length = strcspn(word, " ");

		at = word[length] != '\0' ? word + length + 1 : word + length;
		word[length] = '\0';
		take_word(call, word);
	}
}

static void
take_answer(struct http_call *call)
{
	size_t length = 0;
	char *part = input_part(&answers.input, &length);
	struct input lines = { .at = part, .end = part + length };
	char *line = input_line(&lines);

	take_words(call, line);
	if (call->result == HTTP_CLIENT_OK)
		buffer_add(&call->answer, lines.at, (size_t)(lines.end - lines.at));
	free(line);
	free(part);
}

static void
note(const struct http_call *call)
{
	struct answer *answer = &answers.given[answers.count];

	if (answers.count++ >= ANSWERS_MAX)
		return;
	*answer = (struct answer){ call->result, call->status, call->answer_is_json, NULL };
	(void)json_parse(buffer_text(&call->answer), call->answer.length, DEPTH_MAX, &answer->object);
}

/* ---- http_client.h ---- */

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

enum http_client_result
http_client_perform(struct http_client *client, struct http_call *call, int64_t deadline_ms)
{
	const char *url = call->url != NULL ? call->url : "";

	(void)client, (void)deadline_ms;
	property(strpbrk(url, " \r\n\t\"<>") == NULL && url[0] != '\0', "an address is one word");
	property(strstr(url, SECRET) == NULL, "no address has a secret");
	buffer_clear(&call->answer);
	call->answer_is_json = call->limit_named = call->sent = false;
	call->retry_after_s = -1;
	call->etag[0] = '\0';
	call->status = 0;
	call->result = HTTP_CLIENT_NOT_SENT;
	if (answers.input.at < answers.input.end)
		take_answer(call);
	note(call);
	return call->result;
}

void
http_client_perform_all(struct http_client *client, struct http_call *const *calls, size_t count, int64_t deadline_ms)
{
	for (size_t i = 0; i < count; i++)
		http_client_perform(client, calls[i], deadline_ms);
}

struct http_client *
http_client_new(const struct http_client_options *options)
{
	(void)options;
	return NULL;
}

void
http_client_free(struct http_client *client)
{
	(void)client;
}

bool
http_client_url_allowed(const char *url)
{
	return url != NULL && strncmp(url, "https://", 8) == 0 && url[8] != '\0';
}

const char *
http_client_result_name(enum http_client_result result)
{
	return result == HTTP_CLIENT_OK ? "ok" : "not ok";
}
