/*
 * verify_api: Verify v2, verify.twilio.com: verifications of the one service.
 * https://www.twilio.com/docs/verify/api/verification
 */
#ifndef SANDBOX_VERIFY_API_H
#define SANDBOX_VERIFY_API_H

struct exchange;

/* POST Verifications: sends a code, or the same one once more while it is pending. */
void verify_api_start(struct exchange *exchange);

/* POST VerificationCheck: is this the code? */
void verify_api_check(struct exchange *exchange);

/* GET Verifications/{VE}. */
void verify_api_fetch(struct exchange *exchange);

/* POST Verifications/{VE} with Status=canceled or Status=approved. */
void verify_api_update(struct exchange *exchange);

#endif
