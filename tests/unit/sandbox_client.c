#include "sandbox_client.h"

#include "sandbox/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
client_answer(struct sandbox *sandbox, const struct client_ask *ask, struct response *response)
{
	const char *const parts[][2] = {
		{ "REQUEST_METHOD",
		    ask->method != NULL ? ask->method : ask->body != NULL ? "POST" : "GET" },
		{ "DOCUMENT_URI", ask->path },
		{ "QUERY_STRING", ask->query },
		{ "CONTENT_TYPE", ask->type != NULL || ask->body == NULL ? ask->type : FORM },
		{ "HTTP_AUTHORIZATION", ask->basic == NULL ? ACCOUNT : ask->basic },
		{ "HTTP_IF_MATCH", ask->if_match },
		{ "SERVER_PORT", ask->port },
		{ "REMOTE_ADDR", "127.0.0.1" },
	};
	char *variables[sizeof(parts) / sizeof(*parts) + 1] = { NULL };
	struct request_input input = { .variables = variables, .body = ask->body,
		.body_length = ask->body == NULL ? 0 : strlen(ask->body), .arrival =
		    ask->arrival };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i][1] != NULL &&
		    asprintf(&variables[count], "%s=%s", parts[i][0], parts[i][1]) >= 0)
			count++;
	response_init(response);
	router_answer(sandbox, &input, response);
	for (size_t i = 0; i < count; i++)
		free(variables[i]);
}

int
client_ask(struct client *f, struct client_ask ask)
{
	response_free(&f->response);
	json_free(f->json);
	f->json = NULL;
	client_answer(f->sandbox, &ask, &f->response);
	json_parse(buffer_text(&f->response.body), f->response.body.length, 16, &f->json);
	return f->response.status;
}

const char *
client_text(struct client *f, const char *key)
{
	const char *text = json_get_string(f->json, key);

	return text == NULL ? "" : text;
}

int64_t
client_number(struct client *f, const char *key)
{
	int64_t number = -1;

	json_get_int(f->json, key, &number);
	return number;
}

bool
client_has_header(struct client *f, const char *line)
{
	return strstr(buffer_text(&f->response.headers), line) != NULL;
}

void
client_assert_error(struct client *f, int status, int code)
{
	char more_info[TEXT_SIZE];

	snprintf(more_info, sizeof(more_info), "https://www.twilio.com/docs/errors/%d", code);
	assert_int_equal(f->response.status, status);
	assert_int_equal(client_number(f, "code"), code);
	assert_int_equal(client_number(f, "status"), status);
	assert_string_equal(client_text(f, "more_info"), more_info);
	assert_string_not_equal(client_text(f, "message"), "");
	assert_int_equal(json_length(f->json), 4);
}

struct json_object *
client_messages(struct client *f, const char *query)
{
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/messages",
	    .query = query }), 200);
	return json_get_array(f->json, "messages");
}

int
client_send(struct client *f, const char *to)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "To=%%2B%s&Channel=sms", to + 1);
	return client_ask(f, (struct client_ask){ .path = STARTS, .body = body });
}

int
client_start(struct client *f, const char *to)
{
	char query[TEXT_SIZE];
	struct json_object *newest = NULL;
	int status = client_send(f, to);

	if (status != 201)
		return status;
	snprintf(f->sid, sizeof(f->sid), "%s", client_text(f, "sid"));
	snprintf(query, sizeof(query), "to=%%2B%s", to + 1);
	newest = json_item(client_messages(f, query), 0);
	if (newest != NULL)
		snprintf(f->code, sizeof(f->code), "%s", json_get_string(newest, "code"));
	return status;
}

int
client_check(struct client *f, const char *to, const char *code)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "To=%%2B%s&Code=%s", to + 1, code);
	return client_ask(f, (struct client_ask){ .path = CHECKS, .body = body });
}

int
client_fetch(struct client *f)
{
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), STARTS "/%s", f->sid);
	return client_ask(f, (struct client_ask){ .path = path });
}

int
client_update(struct client *f, const char *body)
{
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), STARTS "/%s", f->sid);
	return client_ask(f, (struct client_ask){ .path = path, .body = body });
}

void
client_advance(struct client *f, int seconds)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "advance_seconds=%d", seconds);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/clock",
	    .body = body }), 200);
}

const char *
client_other_code(const char *code)
{
	return strcmp(code, "111111") == 0 ? "222222" : "111111";
}

char *
client_repeat(const char *before, const char *text, size_t times, const char *after)
{
	struct buffer out;
	char *whole = NULL;

	buffer_init(&out, 65536);
	buffer_add_text(&out, before);
	for (size_t i = 0; i < times; i++)
		buffer_add_text(&out, text);
	buffer_add_text(&out, after);
	assert_false(out.failed);
	whole = strdup(buffer_text(&out));
	assert_non_null(whole);
	buffer_free(&out);
	return whole;
}

int
client_set_up(void **state)
{
	struct client *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	response_init(&f->response);
	f->sandbox = sandbox_new();
	assert_non_null(f->sandbox);
	*state = f;
	return 0;
}

int
client_tear_down(void **state)
{
	struct client *f = *state;

	response_free(&f->response);
	json_free(f->json);
	sandbox_free(f->sandbox);
	free(f);
	return 0;
}

int
client_validate(struct client *f, const char *token)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
	return client_ask(f, (struct client_ask){ .path = VALIDATE, .type = JSON, .body = body });
}
