#include "iam_api.h"

#include "base/clock.h"
#include "base/json.h"
#include "exchange.h"
#include "magic.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_LIFE_MS 3600000
#define TOKEN_SIZE    (REQUEST_TOKEN_MAX_BYTES + 1)
#define IDENTITY_SIZE 256

/* Twilio's identities have _40 for @ and so on. */
static void
escape_identity(const char *login, char identity[IDENTITY_SIZE])
{
	size_t used = 0;

	identity[0] = '\0';
	for (; *login != '\0' && used + 4 < IDENTITY_SIZE; login++) {
		bool plain = isalnum((unsigned char)*login) != 0;

		snprintf(identity + used, IDENTITY_SIZE - used, plain ? "%c" : "_%02X", *login);
		used += plain ? 1 : 3;
	}
}

static struct json_object *
roles_json(const char *roles)
{
	struct json_object *array = json_new_array();
	char role[64];

	while (*roles != '\0') {
		size_t length = strcspn(roles, " ");

		snprintf(role, sizeof(role), "%.*s", (int)length, roles);
		json_append(array, json_new_string(role));
		roles += length;
		roles += strspn(roles, " ");
	}
	return array;
}

static void
add_expiration(struct json_object *answer, int64_t time_ms)
{
	char text[CLOCK_ISO8601_SIZE];

	clock_format_ms(time_ms, text);
	json_add_string(answer, "expiration", text);
}

static struct json_object *
valid_answer(const struct people_token *token, int64_t expires_ms)
{
	struct json_object *answer = json_new_object();
	char identity[IDENTITY_SIZE], worker_sid[SANDBOX_SID_SIZE];

	escape_identity(token->login, identity);
	identity_sid(worker_sid, "WK", token->worker);
	if (token->answer == PEOPLE_VALID_AS_TEXT)
		json_add_string(answer, "valid", "true");
	else
		json_add_bool(answer, "valid", true);
	json_add_int(answer, "code", 0);
	json_add_null(answer, "message");
	add_expiration(answer, expires_ms);
	json_add_string(answer, "realm_user_id", token->login);
	json_add_string(answer, "identity", identity);
	if (token->roles == NULL)
		json_add_null(answer, "roles");
	else
		json_add(answer, "roles", roles_json(token->roles));
	json_add_string(answer, "worker_sid", token->worker == 0 ? NULL : worker_sid);
	return answer;
}

static struct json_object *
invalid_answer(int code, const char *message)
{
	struct json_object *answer = json_new_object();

	json_add_int(answer, "code", code);
	json_add_null(answer, "worker_sid");
	json_add_null(answer, "roles");
	json_add_null(answer, "realm_user_id");
	json_add_bool(answer, "valid", false);
	json_add_null(answer, "expiration");
	json_add_string(answer, "message", message);
	json_add_null(answer, "identity");
	return answer;
}

static void
answer_token(struct exchange *exchange, const struct people_token *token)
{
	int64_t now_ms = 0;

	sandbox_lock(exchange->sandbox);
	now_ms = sandbox_now_ms(exchange->sandbox);
	sandbox_unlock(exchange->sandbox);
	switch (token->answer) {
	case PEOPLE_VALID:
	case PEOPLE_VALID_AS_TEXT:
		exchange_answer(exchange, 200, valid_answer(token, now_ms + TOKEN_LIFE_MS));
		break;
	case PEOPLE_VALID_BUT_OVER:
		exchange_answer(exchange, 200, valid_answer(token, now_ms - TOKEN_LIFE_MS));
		break;
	case PEOPLE_EXPIRED:
		exchange_answer(exchange, 200,
		    invalid_answer(20104,
		    "Access Token has expired or expiration date is invalid"));
		break;
	case PEOPLE_OTHER_ACCOUNT:
		exchange_not_found(exchange);
		break;
	}
}

/* The token of the JSON body; false: there is none. */
static bool
read_token(const struct request *request, char token[TOKEN_SIZE])
{
	struct json_object *body = NULL;
	const char *text = NULL;
	bool found = false;

	if (request->body_type != REQUEST_BODY_JSON ||
	    json_parse(request->body, request->body_length, 2, &body) != JSON_OK)
		return false;
	text = json_get_string(body, "token");
	found = text != NULL && *text != '\0' && strlen(text) < TOKEN_SIZE;
	if (found)
		snprintf(token, TOKEN_SIZE, "%s", text);
	json_free(body);
	return found;
}

void
iam_api_validate(struct exchange *exchange)
{
	const struct people_token *row = NULL;
	char token[TOKEN_SIZE];

	if (strcmp(exchange->arguments[0], SANDBOX_ACCOUNT_SID) != 0) {
		exchange_not_found(exchange);
		return;
	}
	if (!read_token(exchange->request, token)) {
		exchange_refuse(exchange, 400, 20001,
		    "Missing required parameter token in the JSON body");
		return;
	}
	if (magic_intercepts(exchange, MAGIC_TOKEN, token))
		return;
	row = people_find(token);
	if (row == NULL)
		exchange_answer(exchange, 200, invalid_answer(20101, "Invalid Access Token"));
	else
		answer_token(exchange, row);
}
