/*
 * POST /verify-call: Twilio asks what to do with a call that comes in.  The
 * caller gets a code by text and keys it in before an agent has the call.
 */
#include "callcenter/app.h"
#include "callcenter/call.h"

static void
serve(void *app, const struct request_input *input, struct response *response)
{
	call_serve(app, input, response);
}

int
main(int argc, char **argv)
{
	return app_main(argc, argv, "verify-call",
	    "FastCGI program: lets callers key in a one-time passcode before an agent has the call.", serve);
}
