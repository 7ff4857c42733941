/*
 * POST /approve-verify: the page behind a link by text asks who is asking, and
 * says what the customer answers.
 */
#include "callcenter/app.h"
#include "callcenter/tap.h"
#include "callcenter/turn.h"

static const char *const fields[] = { "token", "action", NULL };

static turn_step *const steps[] = {
	tap_answer,
	NULL,
};

static const struct turn_program approve_verify = { "tap", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve(app, &approve_verify, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "approve-verify",
	    "FastCGI program: takes a customer's answer to a link that was texted.", serve);
}
