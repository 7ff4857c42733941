/*
 * POST /check-verify: is this the code that was sent to the customer, or the
 * PIN that the company's website shows him?
 */
#include "callcenter/app.h"
#include "callcenter/call_back.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

static const char *const fields[] = { "task", "to", "verification_code", "channel", "Token", NULL };

static turn_step *const steps[] = {
	agent_identify,
	agent_may_verify,
	contact_resolve,
	call_back_find,
	verification_check,
	NULL,
};

static const struct turn_program check_verify = { "check", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &check_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "check-verify",
	    "FastCGI program: checks the one-time passcode that a customer reads out.", serve);
}
