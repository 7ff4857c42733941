/*
 * POST /check-verify: is this the passcode that the customer was sent?  On
 * approval the verification is on record as approved.
 */
#include "callcenter/app.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

static const char *const fields[] = { "task", "to", "verification_code", "Token", NULL };

static enum refusal
check_verify(struct turn *turn)
{
	enum refusal refusal = turn_read_fields(turn, fields);

	if (refusal == REFUSAL_NONE)
		refusal = agent_identify(turn);
	if (refusal == REFUSAL_NONE)
		refusal = agent_may_verify(turn);
	if (refusal == REFUSAL_NONE)
		refusal = contact_resolve(turn);
	if (refusal == REFUSAL_NONE)
		refusal = verification_check(turn);
	return refusal;
}

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, "check", check_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "check-verify",
	    "FastCGI program: checks the one-time passcode that a customer reads out.", serve);
}
