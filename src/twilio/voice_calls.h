/*
 * voice_calls: the calls that the account makes just now.
 * https://www.twilio.com/docs/voice/api/call-resource
 */
#ifndef TWILIO_VOICE_CALLS_H
#define TWILIO_VOICE_CALLS_H

#include "twilio.h"

/*
 * Is a call under way that the account made to a number, that began at since_ms
 * or later, and that was answered, by whomever or whatever?  One page of 50 is
 * read.  Safe to repeat, and repeated once by itself.
 */
enum twilio_result voice_calls_answered(const struct twilio *twilio, const char *to, int64_t since_ms,
    int64_t deadline_ms, bool *answered, struct twilio_trace *trace);

#endif
