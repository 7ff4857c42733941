#include "agent.h"

#include "base/secret.h"
#include "turn.h"
#include "twilio/flex_token_cache.h"

#include <stdio.h>
#include <string.h>

#define USER_PREFIX "user:"

_Static_assert(sizeof(USER_PREFIX) - 1 + TWILIO_NAME_SIZE <= LEDGER_AGENT_SIZE, "a user has room in the ledger");
_Static_assert(TWILIO_SID_SIZE <= LEDGER_AGENT_SIZE, "a worker has room in the ledger");

/* What one of his roles lets the agent do. */
static void
take_role(struct turn *turn, const char *role)
{
	const struct settings *settings = &turn->app->settings;
	struct agent *agent = &turn->agent;

	if (settings_has_word(settings->verify_roles, role))
		agent->may_verify = true;
	if (settings_has_word(settings->see_roles, role))
		agent->may_see = true;
	if (settings_has_word(settings->supervisor_roles, role))
		agent->supervisor = true;
}

/* ---- by a Flex token ---- */

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

static enum refusal
identify_by_token(struct turn *turn)
{
	struct agent *agent = &turn->agent;
	const char *token = NULL;
	struct flex_token answer;
	enum refusal refusal = find_token(turn, &token);

	if (refusal == REFUSAL_NONE)
		refusal = refusal_of_validation(flex_token_cache_validate(turn->app->tokens, &turn->app->twilio, token,
		    turn->deadline_ms, &answer, &turn->trace));
	if (refusal != REFUSAL_NONE)
		return refusal;
	turn_copy(agent->id, sizeof(agent->id), answer.worker_sid);
	turn_copy(agent->worker_sid, sizeof(agent->worker_sid), answer.worker_sid);
	turn_copy(agent->name, sizeof(agent->name), answer.user);
	if (answer.worker_sid[0] == '\0' || flex_token_has_role(&answer, "guest"))
		return REFUSAL_AGENT_NOT_ALLOWED;
	for (size_t i = 0; i < answer.role_count; i++)
		take_role(turn, answer.roles[i]);
	return REFUSAL_NONE;
}

/* ---- by the web server ---- */

/* Printable ASCII, and short enough to be a worker's name and to stand in every record whole. */
static bool
user_plausible(const char *user)
{
	size_t length = strlen(user);

	for (size_t i = 0; i < length; i++)
		if (user[i] < ' ' || user[i] > '~')
			return false;
	return length > 0 && length < TWILIO_NAME_SIZE;
}

static enum refusal
identify_by_web_server(struct turn *turn)
{
	const char *user = turn->request.remote_user;
	struct agent *agent = &turn->agent;

	if (user == NULL || !user_plausible(user))
		return REFUSAL_AGENT_NOT_SIGNED_IN;
	snprintf(agent->id, sizeof(agent->id), USER_PREFIX "%s", user);
	turn_copy(agent->name, sizeof(agent->name), user);
	take_role(turn, settings_has_word(turn->app->settings.supervisors, user) ? "supervisor" : "agent");
	return REFUSAL_NONE;
}

/* ---- either way ---- */

static enum refusal
identify(struct turn *turn)
{
	switch ((enum agent_auth)turn->app->settings.agent_auth) {
	case AGENT_AUTH_FLEX:
		return identify_by_token(turn);
	case AGENT_AUTH_WEBSERVER:
		return identify_by_web_server(turn);
	case AGENT_AUTH_NONE:
		turn->agent.may_verify = true;
		return REFUSAL_NONE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
agent_identify(struct turn *turn)
{
	struct agent *agent = &turn->agent;
	enum refusal refusal = identify(turn);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!agent->may_verify && !agent->may_see && !agent->supervisor)
		return REFUSAL_AGENT_NOT_ALLOWED;
	agent->identified = agent->id[0] != '\0';
	return REFUSAL_NONE;
}

enum refusal
agent_may_verify(struct turn *turn)
{
	return turn->agent.may_verify ? REFUSAL_NONE : REFUSAL_AGENT_NOT_ALLOWED;
}

enum refusal
agent_may_supervise(struct turn *turn)
{
	return turn->agent.supervisor ? REFUSAL_NONE : REFUSAL_AGENT_NOT_ALLOWED;
}

bool
agent_is(const struct agent *agent, const char *id)
{
	return agent->identified && strcmp(agent->id, id) == 0;
}

struct verification_actor
agent_actor(const struct agent *agent)
{
	return (struct verification_actor){ agent->id, agent->name };
}

struct taskrouter_worker
agent_worker(const struct agent *agent)
{
	if (agent->worker_sid[0] != '\0')
		return (struct taskrouter_worker){ .sid = agent->worker_sid };
	return (struct taskrouter_worker){ .name = agent->name };
}
