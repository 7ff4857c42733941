/*
 * verify_attempts: Twilio Verify's own record of what was sent and what came
 * of it.  https://www.twilio.com/docs/verify/api/list-verification-attempts
 *
 * For verifications whose answer was lost: Twilio forgets a verification that
 * was approved, its attempts it keeps.
 */
#ifndef TWILIO_VERIFY_ATTEMPTS_H
#define TWILIO_VERIFY_ATTEMPTS_H

#include "twilio.h"

/*
 * Was a code of this verification approved?  TWILIO_OK and *converted: Twilio
 * has an attempt of our service, this verification and this address that is
 * "converted".  Safe to repeat.
 */
enum twilio_result verify_attempts_converted(const struct twilio *twilio, const char *verification_sid, const char *to,
    int64_t deadline_ms, bool *converted, struct twilio_trace *trace);

/*
 * The verification of our service's latest send to an address from one Unix
 * time to another, both belonging; TWILIO_NOT_FOUND if there is none.  Safe to repeat.
 */
enum twilio_result verify_attempts_find(const struct twilio *twilio, const char *to, int64_t since_ms,
    int64_t until_ms, int64_t deadline_ms, char verification_sid[TWILIO_SID_SIZE], struct twilio_trace *trace);

#endif
