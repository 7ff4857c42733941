/*
 * leg_desk: the phone on the desk, at the end of a customer's leg: it does what
 * the TwiML says that the leg was given.
 */
#ifndef SANDBOX_LEG_DESK_H
#define SANDBOX_LEG_DESK_H

struct exchange;

/*
 * GET /sandbox/legs/{CA}: {"call","from","over","conference":"in-progress","connected":true,"documents":1,
 * "twiml":"<?xml..."}; twiml is null while the leg is in the conference.
 */
void leg_desk_show(struct exchange *exchange);

/* GET /sandbox/legs/{CA}/twiml: that document, as what it is. */
void leg_desk_document(struct exchange *exchange);

/*
 * POST /sandbox/legs/{CA} with action: hang_up, or join with conference, the
 * name, and ends=true: <Dial><Conference>; or hold, unhold: what the agent does
 * in Flex.  "alone":true: that conference is over, and the caller is in another.
 */
void leg_desk_act(struct exchange *exchange);

#endif
