/*
 * verify_attempts: the log of all sends, and what became of each.
 * https://www.twilio.com/docs/verify/api/list-verification-attempts
 */
#ifndef SANDBOX_VERIFY_ATTEMPTS_H
#define SANDBOX_VERIFY_ATTEMPTS_H

struct exchange;

/* GET /v2/Attempts, with Twilio's filters. */
void verify_attempts_list(struct exchange *exchange);

/* GET /v2/Attempts/{VL}. */
void verify_attempts_fetch(struct exchange *exchange);

#endif
