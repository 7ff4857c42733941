/*
 * app: what a program has for its whole life: configuration, HTTP client,
 * Twilio, the tokens it found valid, ledger.
 */
#ifndef CALLCENTER_APP_H
#define CALLCENTER_APP_H

#include "base/metrics.h"
#include "http/fcgi_server.h"
#include "ledger/ledger.h"
#include "queue.h"
#include "settings.h"
#include "twilio/flex_token_cache.h"
#include "twilio/twilio.h"
#include "verification_state.h"

struct app {
	struct settings            settings;
	struct verification_limits limits;
	struct queue              *queue;
	struct metrics            *metrics; /* NULL: nothing is counted */
	struct http_client        *http;
	struct twilio              twilio;
	struct flex_token_cache   *tokens;
	struct ledger             *ledger;
};

/*
 * The main() of a program that answers with handler, whose context is the
 * struct app (const).  Returns the exit code; options are fcgi_program's.
 */
int app_main(int argc, char **argv, const char *name, const char *purpose, fcgi_server_handler *handler);

#endif
