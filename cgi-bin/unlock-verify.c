/*
 * POST /unlock-verify: a supervisor opens a number that too many wrong codes
 * have locked, or a contact that was stopped.
 */
#include "callcenter/app.h"
#include "callcenter/decision.h"
#include "callcenter/turn.h"

static const char *const fields[] = { "task", "reference", "reason", "Token", NULL };

static turn_step *const steps[] = {
	agent_identify,
	agent_may_supervise,
	decision_find_locked,
	decision_unlock,
	NULL,
};

static const struct turn_program unlock_verify = { "unlock", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &unlock_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "unlock-verify",
	    "FastCGI program: a supervisor opens a locked number or a stopped contact.", serve);
}
