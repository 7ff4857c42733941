/*
 * messages_api: Programmable Messaging's Message resource, as far as texts are
 * sent by it.  https://www.twilio.com/docs/messaging/api/message-resource
 */
#ifndef SANDBOX_MESSAGES_API_H
#define SANDBOX_MESSAGES_API_H

struct exchange;

/*
 * POST /2010-04-01/Accounts/{AC}/Messages.json with To, Body, From or
 * MessagingServiceSid, and ValidityPeriod.  The numbers of MAGIC_SEND do here
 * what they do for Verify; what only Verify says becomes a text that is taken
 * and never arrives.
 */
void messages_api_send(struct exchange *exchange);

#endif
