#include "recordings.h"

#include "twilio_call.h"

#define RUNNING "in-progress"
#define PAUSED  "paused"

static enum twilio_result
read_recordings(struct json_object *object, char recording_sid[TWILIO_SID_SIZE])
{
	struct json_object *recordings = json_get_array(object, "recordings");

	if (recordings == NULL)
		return TWILIO_BAD_ANSWER;
	for (size_t i = 0; i < json_length(recordings); i++) {
		struct json_object *item = json_item(recordings, i);
		const char *sid = json_get_string(item, "sid");

		if (!twilio_sid_valid(sid, "RE"))
			return TWILIO_BAD_ANSWER;
		if (!twilio_same(item, "status", RUNNING))
			continue;
		if (recording_sid[0] != '\0')
			return TWILIO_CONFLICT;
		twilio_copy(recording_sid, TWILIO_SID_SIZE, sid);
	}
	return TWILIO_OK;
}

enum twilio_result
recordings_running(const struct twilio *twilio, const char *call_sid, int64_t deadline_ms,
    char recording_sid[TWILIO_SID_SIZE], struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	recording_sid[0] = '\0';
	twilio_trace_clear(trace);
	if (!twilio_sid_valid(call_sid, "CA"))
		return TWILIO_BAD_PARAMETER;
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VOICE,
	    "/2010-04-01/Accounts/%s/Calls/%s/Recordings.json?PageSize=50", twilio->account_sid, call_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_recordings(call.answer, recording_sid);
	twilio_call_free(&call);
	return result;
}

enum twilio_result
recordings_pause(const struct twilio *twilio, const char *call_sid, const char *recording_sid, bool paused,
    int64_t deadline_ms, struct twilio_trace *trace)
{
	const char *status = paused ? PAUSED : RUNNING;
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	if (!twilio_sid_valid(call_sid, "CA") || !twilio_sid_valid(recording_sid, "RE"))
		return TWILIO_BAD_PARAMETER;
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "POST", TWILIO_HOST_VOICE,
	    "/2010-04-01/Accounts/%s/Calls/%s/Recordings/%s.json", twilio->account_sid, call_sid, recording_sid);
	twilio_call_field(&call, "Status", status);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK && (!twilio_same(call.answer, "sid", recording_sid) ||
	    !twilio_same(call.answer, "status", status)))
		result = TWILIO_BAD_ANSWER;
	twilio_call_free(&call);
	return result;
}
