/*
 * POST /supervisor-info: how all verifications stand, for a supervisor: the
 * latest ones, what is locked or stopped, and the figures of each hour.
 */
#include "callcenter/app.h"
#include "callcenter/supervisor_view.h"
#include "callcenter/turn.h"

static const char *const fields[] = { "from", "to", "figures", "Token", NULL };

static turn_step *const steps[] = {
	agent_identify,
	agent_may_supervise,
	supervisor_view,
	NULL,
};

static const struct turn_program supervisor_info = { "supervise", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &supervisor_info, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "supervisor-info",
	    "FastCGI program: tells a supervisor how all verifications stand.", serve);
}
