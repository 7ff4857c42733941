/*
 * twilio-sandbox: answers like Twilio (Verify v2, Flex token validation,
 * TaskRouter) and like a company's customer look-up, from memory.  For
 * development and tests: never install it beside the real thing.
 */
#include "http/fcgi_program.h"
#include "sandbox/router.h"
#include "sandbox/state.h"

#include <stdio.h>

/* Delayed answers keep their threads for as long. */
#define THREADS 64

static void *
open_sandbox(const char *config_path, struct config_error *error)
{
	struct sandbox *sandbox = sandbox_new();

	(void)config_path;
	if (sandbox == NULL)
		snprintf(error->text, sizeof(error->text), "out of memory");
	return sandbox;
}

static int
threads(const void *context)
{
	(void)context;
	return THREADS;
}

static void
close_sandbox(void *context)
{
	sandbox_free(context);
}

int
main(int argc, char **argv)
{
	static const struct fcgi_program program = {
		.name = "twilio-sandbox",
		.purpose = "answers like Twilio and a customer look-up, for development and tests.",
		.notes = "\n"
		         "What it answers, behind a web server that passes /sandbox/ to it:\n"
		         "  /sandbox/twilio/v2/Services/...    Verify\n"
		         "  /sandbox/twilio/v1/Accounts/...    Flex token validation\n"
		         "  /sandbox/twilio/v1/Workspaces/...  TaskRouter tasks and reservations\n"
		         "  /sandbox/crm/customers?phone=      customer look-up\n"
		         "  POST /sandbox/portal/pin           asks portal-pin, as the account page's server\n"
		         "  /sandbox/messages?to=              what arrived on a customer's phone\n"
		         "  /sandbox/tasks  /sandbox/magic     what there is to try\n"
		         "  POST /sandbox/tasks, /sandbox/clock, /sandbox/reset\n\n"
		         "Account " SANDBOX_ACCOUNT_SID ", auth token " SANDBOX_AUTH_TOKEN "\n"
		         "API key " SANDBOX_API_KEY_SID ", secret " SANDBOX_API_KEY_SECRET "\n"
		         "Service " SANDBOX_SERVICE_SID "\n"
		         "Workspace " SANDBOX_WORKSPACE_SID "\n"
		         "Customers " SANDBOX_CRM_USER ", password " SANDBOX_CRM_PASSWORD "\n"
		         "It keeps everything in memory and forgets it when it stops.\n",
		.open = open_sandbox,
		.threads = threads,
		.close = close_sandbox,
		.handler = router_answer,
	};

	return fcgi_program_main(argc, argv, &program);
}
