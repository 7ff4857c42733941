/*
 * POST /customer-info: the state of a contact's verification and, while it is
 * approved and fresh, the customer's data for the INFO tab.
 */
#include "callcenter/app.h"
#include "callcenter/customer_info.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

static const char *const fields[] = { "task", "to", "Token", NULL };

static enum refusal
customer_info(struct turn *turn)
{
	enum refusal refusal = turn_read_fields(turn, fields);

	if (refusal == REFUSAL_NONE)
		refusal = agent_identify(turn);
	if (refusal == REFUSAL_NONE)
		refusal = contact_resolve(turn);
	if (refusal == REFUSAL_NONE)
		refusal = verification_look(turn);
	if (refusal == REFUSAL_NONE)
		refusal = customer_info_release(turn);
	return refusal;
}

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, "info", customer_info, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "customer-info",
	    "FastCGI program: tells how a customer's verification stands and, if approved, who it is.", serve);
}
