#include "agent.h"

#include "base/secret.h"
#include "turn.h"
#include "twilio/flex_token.h"

#include <string.h>

/* The header is the normal place; Flex plugins customarily use the field.  Two different tokens are no sign-in. */
static enum refusal
find_token(const struct turn *turn, const char **token)
{
	const char *header = turn->request.bearer_token, *field = turn_field(turn, "Token");

	if (header != NULL && field != NULL && !secret_equal(header, field))
		return REFUSAL_MALFORMED_REQUEST;
	*token = header != NULL ? header : field;
	if (*token == NULL)
		return REFUSAL_AGENT_NOT_SIGNED_IN;
	return strlen(*token) <= REQUEST_TOKEN_MAX_BYTES ? REFUSAL_NONE : REFUSAL_TOKEN_TOO_LONG;
}

static enum refusal
refusal_of_validation(enum twilio_result result)
{
	/* 404 is Twilio's answer to a token of another account. */
	if (result == TWILIO_NOT_FOUND)
		return REFUSAL_AGENT_NOT_SIGNED_IN;
	if (result == TWILIO_OK || result == TWILIO_TOKEN_INVALID || result == TWILIO_TOKEN_EXPIRED ||
	    result == TWILIO_CREDENTIALS)
		return refusal_of_twilio(result);
	return REFUSAL_SIGN_IN_UNAVAILABLE;
}

static bool
may_verify(const struct flex_token *token)
{
	return token->worker_sid[0] != '\0' && !flex_token_has_role(token, "guest") &&
	    (flex_token_has_role(token, "agent") || flex_token_has_role(token, "supervisor") ||
		flex_token_has_role(token, "admin"));
}

enum refusal
agent_identify(struct turn *turn)
{
	const char *token = NULL;
	struct flex_token answer;
	enum refusal refusal = REFUSAL_NONE;

	if (turn->app->settings.agent_auth == AGENT_AUTH_NONE)
		return REFUSAL_NONE;
	refusal = find_token(turn, &token);
	if (refusal == REFUSAL_NONE)
		refusal = refusal_of_validation(
		    flex_token_validate(&turn->app->twilio, token, turn->deadline_ms, &answer, &turn->trace));
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!may_verify(&answer))
		return REFUSAL_AGENT_NOT_ALLOWED;
	turn->agent.identified = true;
	turn_copy(turn->agent.worker_sid, sizeof(turn->agent.worker_sid), answer.worker_sid);
	turn_copy(turn->agent.name, sizeof(turn->agent.name), answer.user);
	return REFUSAL_NONE;
}
