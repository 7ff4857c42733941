/*
 * POST /override-verify: a supervisor lets the agent of a task go on without
 * proof, for a reason and a time.
 */
#include "callcenter/app.h"
#include "callcenter/decision.h"
#include "callcenter/turn.h"

static const char *const fields[] = { "task", "reason", "minutes", "Token", NULL };

static turn_step *const steps[] = {
	agent_identify,
	agent_may_supervise,
	decision_override_allowed,
	contact_resolve_any,
	decision_override,
	NULL,
};

static const struct turn_program override_verify = { "override", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &override_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "override-verify",
	    "FastCGI program: a supervisor lets an agent go on without proof.", serve);
}
