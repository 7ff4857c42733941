/*
 * POST /customer-info: the state of a contact's verification and, while it is
 * approved and fresh, the customer's data for the INFO tab.
 */
#include "callcenter/app.h"
#include "callcenter/call_back.h"
#include "callcenter/customer_info.h"
#include "callcenter/key_in.h"
#include "callcenter/turn.h"
#include "callcenter/verification.h"

static const char *const fields[] = { "task", "to", "Token", NULL };

static turn_step *const steps[] = {
	agent_identify,
	contact_resolve,
	call_back_find,
	verification_look,
	key_in_look,
	customer_info_release,
	NULL,
};

static const struct turn_program customer_info = { "info", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &customer_info, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "customer-info",
	    "FastCGI program: tells how a customer's verification stands and, if approved, who it is.", serve);
}
