/*
 * POST /start-verify: sends a one-time passcode to the customer of a task, or
 * the pending one once more; with action=cancel it makes the pending one
 * unusable.
 */
#include "callcenter/app.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

#include <string.h>

static const char *const fields[] = { "task", "to", "channel", "locale", "action", "Token", NULL };

static enum refusal
choose_action(struct turn *turn)
{
	const char *action = turn_field(turn, "action");

	if (action == NULL)
		return REFUSAL_NONE;
	if (strcmp(action, "cancel") != 0)
		return REFUSAL_INVALID_ACTION;
	turn->action = "cancel";
	return REFUSAL_NONE;
}

static enum refusal
start_verify(struct turn *turn)
{
	enum refusal refusal = turn_read_fields(turn, fields);

	if (refusal == REFUSAL_NONE)
		refusal = choose_action(turn);
	if (refusal == REFUSAL_NONE)
		refusal = agent_identify(turn);
	if (refusal == REFUSAL_NONE)
		refusal = agent_may_verify(turn);
	if (refusal == REFUSAL_NONE)
		refusal = contact_resolve(turn);
	if (refusal == REFUSAL_NONE)
		refusal = strcmp(turn->action, "cancel") == 0 ? verification_cancel(turn) : verification_start(turn);
	return refusal;
}

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, "start", start_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "start-verify",
	    "FastCGI program: sends a one-time passcode to a customer, sends it again, or cancels it.", serve);
}
