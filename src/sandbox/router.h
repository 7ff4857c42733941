/*
 * router: from a request's path to the API that answers it.
 *
 * Every path under /sandbox/twilio/ wants the account's credentials, as at
 * Twilio; the customer look-up wants its own; the rest is open.
 */
#ifndef SANDBOX_ROUTER_H
#define SANDBOX_ROUTER_H

#include "http/fcgi_server.h"

/* A fcgi_server_handler; context is a struct sandbox. */
void router_answer(void *context, const struct request_input *input, struct response *response);

#endif
