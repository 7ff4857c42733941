/*
 * verify: Twilio Verify v2, verifications of one service.
 * https://www.twilio.com/docs/verify/api/verification
 *
 * An answer counts only if its service SID, its verification SID and its "to"
 * are the ones that were asked about, and an approval only if its legacy member
 * "valid", where it has one, says the same; anything else is TWILIO_BAD_ANSWER.
 */
#ifndef TWILIO_VERIFY_H
#define TWILIO_VERIFY_H

#include "twilio.h"

enum verify_status {
	VERIFY_PENDING,
	VERIFY_APPROVED,
	VERIFY_CANCELED,
	VERIFY_MAX_ATTEMPTS_REACHED,
	VERIFY_EXPIRED,
	VERIFY_OTHER /* deleted, failed, or a word we do not know: never "verified" */
};

struct verify_answer {
	char               sid[TWILIO_SID_SIZE];
	enum verify_status status;
	char               channel[16]; /* as Twilio names it: the one really used */
	int                sends;       /* how often its code was sent so far; 0 if Twilio does not say */
};

/*
 * Sends a code, or the same code once more while one is pending.  locale NULL:
 * Twilio chooses.  rate_limits is JSON, the unique name of a rate limit of the
 * service to what is counted there; NULL: none.  Never repeated.
 */
enum twilio_result verify_start(const struct twilio *twilio, const char *to, const char *channel, const char *locale,
    const char *rate_limits, int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace);

/*
 * Is this the code?  TWILIO_OK with VERIFY_APPROVED: yes; with VERIFY_PENDING: no.
 * TWILIO_NOT_FOUND: expired, canceled or approved before.  Never repeated.
 */
enum twilio_result verify_check(const struct twilio *twilio, const char *verification_sid, const char *to,
    const char *code, int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace);

/*
 * The state of a verification; repeated once if need be.  Twilio forgets it
 * (TWILIO_NOT_FOUND) when it is approved or expired.
 */
enum twilio_result verify_fetch(const struct twilio *twilio, const char *verification_sid, const char *to,
    int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace);

/* Makes a pending code unusable.  to NULL: where it went is not known any more. */
enum twilio_result verify_cancel(const struct twilio *twilio, const char *verification_sid, const char *to,
    int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace);

#endif
