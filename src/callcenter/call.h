/*
 * call: a caller proves who he is before an agent has the call: the code that
 * was sent to his phone by text, keyed in.  What callers key in while an agent
 * stays on comes here, too, and is key_in's.
 *
 * The same state machine, ledger, limits and audit as when an agent types it.
 * Whatever goes wrong, the caller reaches an agent, only unverified: nobody is
 * hung up on for want of a text, a keypad, or an answer of Twilio Verify.
 */
#ifndef CALLCENTER_CALL_H
#define CALLCENTER_CALL_H

#include "http/request.h"
#include "http/response.h"

struct app;

/*
 * Milliseconds for Twilio Verify.  Twilio waits 15 s for TwiML and Studio 10 s,
 * and a caller hears nothing meanwhile; an answer that comes later is settled
 * when the agent has the call.
 */
#define CALL_TIMEOUT_MS 6000

void call_serve(const struct app *app, const struct request_input *input, struct response *response);

#endif
