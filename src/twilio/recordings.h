/*
 * recordings: the recording of a call's own leg, beside any of a conference.
 * https://www.twilio.com/docs/voice/api/recording
 */
#ifndef TWILIO_RECORDINGS_H
#define TWILIO_RECORDINGS_H

#include "twilio.h"

/*
 * The recording of a call that is running now; "": none is.  TWILIO_CONFLICT:
 * several are.  Safe to repeat, and repeated once by itself.
 */
enum twilio_result recordings_running(const struct twilio *twilio, const char *call_sid, int64_t deadline_ms,
    char recording_sid[TWILIO_SID_SIZE], struct twilio_trace *trace);

/* Pauses a recording, or goes on with it.  Safe to repeat, and repeated once by itself. */
enum twilio_result recordings_pause(const struct twilio *twilio, const char *call_sid, const char *recording_sid,
    bool paused, int64_t deadline_ms, struct twilio_trace *trace);

#endif
