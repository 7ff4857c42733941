/*
 * POST /start-verify: sends a one-time passcode to the customer of a task, or
 * the pending one once more; with an action it makes the pending one unusable,
 * takes the caller's or the agent's word that the contact or the approval is
 * at an end, texts a link, has the customer called back, or the code keyed in.
 */
#include "callcenter/app.h"
#include "callcenter/call_back.h"
#include "callcenter/decision.h"
#include "callcenter/key_in.h"
#include "callcenter/tap.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

#include <string.h>

static const struct action {
	const char *name;
	turn_step  *act;
} actions[] = {
	{ "start", verification_start }, /* no action is named */
	{ "cancel", verification_cancel },
	{ "stop", decision_stop },
	{ "end", decision_end },
	{ "text_link", tap_send },
	{ "cancel_link", tap_cancel },
	{ "call_back", call_back_ask },
	{ "called_back", call_back_reached },
	{ "key_in", key_in_ask },
	{ "bring_back", key_in_bring_back },
};

#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

static enum refusal
choose_action(struct turn *turn)
{
	const char *name = turn_field(turn, "action");

	for (size_t i = 1; i < ACTION_COUNT && name != NULL; i++)
		if (strcmp(name, actions[i].name) == 0) {
			turn->action = actions[i].name;
			return REFUSAL_NONE;
		}
	return name == NULL ? REFUSAL_NONE : REFUSAL_INVALID_ACTION;
}

static enum refusal
act(struct turn *turn)
{
	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (strcmp(turn->action, actions[i].name) == 0)
			return actions[i].act(turn);
	return REFUSAL_INTERNAL_ERROR;
}

static const char *const fields[] = { "task", "to", "channel", "locale", "action", "Token", NULL };

static turn_step *const steps[] = {
	choose_action,
	agent_identify,
	agent_may_verify,
	contact_resolve,
	call_back_find,
	act,
	NULL,
};

static const struct turn_program start_verify = { "start", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &start_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "start-verify",
	    "FastCGI program: sends a one-time passcode to a customer, sends it again, or cancels it.", serve);
}
