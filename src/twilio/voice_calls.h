/*
 * voice_calls: the account's calls just now, and what one of them does next.
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

/* Is this call under way?  Safe to repeat, and repeated once by itself. */
enum twilio_result voice_calls_under_way(const struct twilio *twilio, const char *call_sid, int64_t deadline_ms,
    bool *under_way, struct twilio_trace *trace);

/* Twilio reads so much of what a call is told. */
#define VOICE_CALLS_TWIML_MAX 4000

/*
 * Makes a call under way leave what it does, a conference, too, and do what a
 * document of TwiML says; addresses in it are whole ones (error 15004).
 * TWILIO_CONFLICT: it is not under way.  Not repeated: done twice, it would
 * begin anew what the caller is in the middle of.
 */
enum twilio_result voice_calls_redirect(const struct twilio *twilio, const char *call_sid, const char *twiml,
    int64_t deadline_ms, struct twilio_trace *trace);

#endif
