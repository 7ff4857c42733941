/*
 * conference: the conference that Flex joins a caller and an agent in, and the
 * caller's leg of it.
 * https://www.twilio.com/docs/voice/api/conference-resource
 * https://www.twilio.com/docs/voice/api/conference-participant-resource
 */
#ifndef TWILIO_CONFERENCE_H
#define TWILIO_CONFERENCE_H

#include "twilio.h"

struct conference_leg {
	char conference_sid[TWILIO_SID_SIZE];
	char call_sid[TWILIO_SID_SIZE];
	bool ends_conference; /* as soon as this leg leaves it, the conference is over */
};

/*
 * The conference under way that has this name, which TaskRouter makes the SID
 * of the task that it is for.  TWILIO_NOT_FOUND: there is none.  Safe to
 * repeat, and repeated once by itself.
 */
enum twilio_result conference_find(const struct twilio *twilio, const char *name, int64_t deadline_ms,
    char sid[TWILIO_SID_SIZE], struct twilio_trace *trace);

/*
 * The leg of a caller: a call that came in and is connected with the
 * conference, and not on hold: what is changed then does not count.
 * TWILIO_CONFLICT: it is there and not so.  TWILIO_NOT_FOUND: it is not there.
 * Safe to repeat, and repeated once by itself.
 */
enum twilio_result conference_caller(const struct twilio *twilio, const char *conference_sid, const char *call_sid,
    int64_t deadline_ms, struct conference_leg *leg, struct twilio_trace *trace);

/* Says if the conference is to end when the leg leaves it.  Safe to repeat, and repeated once by itself. */
enum twilio_result conference_end_with(const struct twilio *twilio, const struct conference_leg *leg, bool ends,
    int64_t deadline_ms, struct twilio_trace *trace);

#endif
