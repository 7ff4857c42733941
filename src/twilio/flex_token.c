#include "flex_token.h"

#include "base/clock.h"
#include "http/request.h"
#include "twilio_call.h"

#include <string.h>

/* What Twilio says of a token that it does not take (https://www.twilio.com/docs/api/errors/20104). */
#define CODE_EXPIRED 20104

static bool
token_plausible(const char *token)
{
	size_t length = strnlen(token, REQUEST_TOKEN_MAX_BYTES + 1);

	for (size_t i = 0; i < length; i++) {
		if (token[i] <= ' ' || token[i] > '~')
			return false;
	}
	return length > 0 && length <= REQUEST_TOKEN_MAX_BYTES;
}

static void
build(struct twilio_call *call, const struct twilio *twilio, const char *token)
{
	struct json_object *body = NULL;

	if (!token_plausible(token)) {
		twilio_call_refuse(call, TWILIO_TOKEN_INVALID);
		return;
	}
	if (!twilio_sid_valid(twilio->account_sid, "AC")) {
		twilio_call_refuse(call, TWILIO_SETUP);
		return;
	}
	twilio_call_address(call, twilio, "POST", TWILIO_HOST_IAM, "/v1/Accounts/%s/Tokens/validate",
	    twilio->account_sid);
	body = json_new_object();
	json_add_string(body, "token", token);
	twilio_call_json(call, body);
}

/* A role left out could be the one that forbids (guest), so any oddity refuses the whole answer. */
static bool
read_roles(struct json_object *object, struct flex_token *answer)
{
	struct json_object *roles = json_get_array(object, "roles");

	answer->role_count = 0;
	if (roles == NULL)
		return json_get(object, "roles") == NULL;
	if (json_length(roles) > FLEX_TOKEN_ROLES_MAX)
		return false;
	for (size_t i = 0; i < json_length(roles); i++) {
		if (!twilio_copy(answer->roles[i], FLEX_TOKEN_ROLE_SIZE, json_string(json_item(roles, i))))
			return false;
		answer->role_count++;
	}
	return true;
}

static bool
read_expiration(struct json_object *object, struct flex_token *answer)
{
	const char *text = json_get_string(object, "expiration");

	answer->expires_ms = 0;
	if (text == NULL)
		return json_get(object, "expiration") == NULL;
	return clock_parse(text, &answer->expires_ms) && answer->expires_ms > 0;
}

static void
read_user(struct json_object *object, struct flex_token *answer)
{
	const char *worker_sid = json_get_string(object, "worker_sid");

	answer->worker_sid[0] = '\0';
	if (twilio_sid_valid(worker_sid, "WK"))
		twilio_copy(answer->worker_sid, sizeof(answer->worker_sid), worker_sid);
	if (!twilio_copy(answer->user, sizeof(answer->user), json_get_string(object, "realm_user_id")))
		twilio_copy(answer->user, sizeof(answer->user), json_get_string(object, "identity"));
}

static enum twilio_result
read_answer(struct json_object *object, struct flex_token *answer)
{
	bool valid = false;
	int64_t code = 0;

	if (!json_get_bool(object, "valid", &valid))
		return TWILIO_BAD_ANSWER;
	(void)json_get_int(object, "code", &code);
	if (!valid)
		return code == CODE_EXPIRED ? TWILIO_TOKEN_EXPIRED : TWILIO_TOKEN_INVALID;
	if (code != 0 || !read_roles(object, answer) || !read_expiration(object, answer))
		return TWILIO_BAD_ANSWER;
	if (answer->expires_ms != 0 && answer->expires_ms <= clock_now_ms())
		return TWILIO_TOKEN_EXPIRED;
	read_user(object, answer);
	return TWILIO_OK;
}

enum twilio_result
flex_token_validate(const struct twilio *twilio, const char *token, int64_t deadline_ms, struct flex_token *answer,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	memset(answer, 0, sizeof(*answer));
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	build(&call, twilio, token);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = call.http.status == 200 ? read_answer(call.answer, answer) : TWILIO_BAD_ANSWER;
	twilio_call_free(&call);
	return result;
}

bool
flex_token_has_role(const struct flex_token *token, const char *role)
{
	for (size_t i = 0; i < token->role_count; i++) {
		if (strcmp(token->roles[i], role) == 0)
			return true;
	}
	return false;
}
