/*
 * POST /portal-pin: the company's website asks for a PIN that it shows to a
 * customer who is logged in there.  From server to server, never by a browser.
 */
#include "callcenter/app.h"
#include "callcenter/pin.h"
#include "callcenter/portal.h"
#include "callcenter/turn.h"

static const char *const fields[] = { "customer", "time", "nonce", NULL };

static turn_step *const steps[] = {
	portal_identify,
	pin_issue,
	NULL,
};

static const struct turn_program portal_pin = { "pin", fields, steps };

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	turn_serve_servers(app, &portal_pin, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "portal-pin",
	    "FastCGI program: makes a PIN that the company's website shows to a customer.", serve);
}
