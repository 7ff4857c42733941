/*
 * calls: Twilio's side of a call that comes in: the requests to the number's
 * webhook, signed, and the task that Enqueue makes.  The desk's phone sends the
 * requests and does what the answers say.
 */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

struct exchange;

/*
 * POST /sandbox/calls with from[, call, query, digits]: what Twilio would ask
 * /verify-call about the call (without call: a new one), as
 * {"call":"CA...","query":"?...","body":"CallSid=...","signature":"..."}.
 */
void calls_sign(struct exchange *exchange);

/* POST /sandbox/calls/{CA} with worker, from, task[, name]: <Enqueue> with this <Task>; it rings at that worker's. */
void calls_enqueue(struct exchange *exchange);

#endif
