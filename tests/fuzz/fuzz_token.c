/*
 * Twilio's judgement of a Flex token.  Input: one answer.  Whatever it is: a
 * token is good only if a 200 says "valid": true and no time is past, and no
 * role that Twilio names is left out.
 */
#include "base/clock.h"
#include "twilio/flex_token.h"

#include "answers.h"

#include <string.h>

static void
check_roles(const struct flex_token *token, struct json_object *object)
{
	struct json_object *roles = json_get_array(object, "roles");

	property(token->role_count == json_length(roles), "no role is left out");
	for (size_t i = 0; i < token->role_count; i++) {
		property(strcmp(token->roles[i], json_string(json_item(roles, i))) == 0, "a role is what Twilio names");
		property(flex_token_has_role(token, token->roles[i]), "a role that is there is found");
	}
}

static void
check_valid(const struct flex_token *token, int64_t asked_ms)
{
	struct json_object *object = answers_given(0)->object;
	bool valid = false;
	int64_t code = 0;

	property(answers_positive(0) && answers_given(0)->status == 200, "only a 200 with a JSON object counts");
	property(json_get_bool(object, "valid", &valid) && valid, "a token is good if Twilio says true, and only then");
	property(!json_get_int(object, "code", &code) || code == 0, "a code is that of an error");
	property(token->expires_ms == 0 || token->expires_ms > asked_ms, "a token whose time is past is not good");
	property(token->worker_sid[0] == '\0' || (twilio_sid_valid(token->worker_sid, "WK") &&
		answers_say(0, "worker_sid", token->worker_sid)),
	    "the worker is the one that Twilio names, or none");
	check_roles(token, object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flex_token token;
	int64_t asked_ms = clock_now_ms();

	answers_begin(data, size);
	if (flex_token_validate(&answers_twilio, "a.token", clock_monotonic_ms(), &token, NULL) == TWILIO_OK)
		check_valid(&token, asked_ms);
	answers_end();
	return 0;
}
