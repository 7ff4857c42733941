#include "voice_calls.h"

#include "base/clock.h"
#include "twilio_call.h"

#include <string.h>

/* ---- a call to a number ---- */

/* Twilio selects; only an item that says so itself counts. */
static bool
is_it(struct json_object *item, const char *to, int64_t since_ms)
{
	static const char outbound[] = "outbound"; /* -api or -dial */
	const char *direction = json_get_string(item, "direction"), *start = json_get_string(item, "start_time");
	int64_t start_ms = 0;

	return twilio_same(item, "to", to) && twilio_same(item, "status", "in-progress") && direction != NULL &&
	    strncmp(direction, outbound, strlen(outbound)) == 0 && start != NULL &&
	    clock_parse_rfc2822(start, &start_ms) && start_ms >= since_ms;
}

static enum twilio_result
read_calls(struct json_object *object, const char *to, int64_t since_ms, bool *answered)
{
	struct json_object *calls = json_get_array(object, "calls");

	if (calls == NULL)
		return TWILIO_BAD_ANSWER;
	for (size_t i = 0; i < json_length(calls); i++) {
		struct json_object *item = json_item(calls, i);

		if (json_kind(item) != JSON_OBJECT)
			return TWILIO_BAD_ANSWER;
		*answered = *answered || is_it(item, to, since_ms);
	}
	return TWILIO_OK;
}

enum twilio_result
voice_calls_answered(const struct twilio *twilio, const char *to, int64_t since_ms, int64_t deadline_ms, bool *answered,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	*answered = false;
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VOICE, "/2010-04-01/Accounts/%s/Calls.json",
	    twilio->account_sid);
	twilio_call_parameter(&call, "To", to);
	twilio_call_parameter(&call, "Status", "in-progress");
	twilio_call_parameter(&call, "PageSize", "50");
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_calls(call.answer, to, since_ms, answered);
	if (result != TWILIO_OK)
		*answered = false;
	twilio_call_free(&call);
	return result;
}

/* ---- one call ---- */

static void
address_call(struct twilio_call *call, const struct twilio *twilio, const char *method, const char *call_sid)
{
	if (!twilio_sid_valid(call_sid, "CA"))
		twilio_call_refuse(call, TWILIO_BAD_PARAMETER);
	else
		twilio_call_address(call, twilio, method, TWILIO_HOST_VOICE, "/2010-04-01/Accounts/%s/Calls/%s.json",
		    twilio->account_sid, call_sid);
}

static enum twilio_result
read_status(struct json_object *object, const char *call_sid, bool *under_way)
{
	if (!twilio_same(object, "sid", call_sid) || json_get_string(object, "status") == NULL)
		return TWILIO_BAD_ANSWER;
	*under_way = twilio_same(object, "status", "in-progress");
	return TWILIO_OK;
}

enum twilio_result
voice_calls_under_way(const struct twilio *twilio, const char *call_sid, int64_t deadline_ms, bool *under_way,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	*under_way = false;
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	address_call(&call, twilio, "GET", call_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_status(call.answer, call_sid, under_way);
	twilio_call_free(&call);
	return result;
}

enum twilio_result
voice_calls_redirect(const struct twilio *twilio, const char *call_sid, const char *twiml, int64_t deadline_ms,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	if (strlen(twiml) > VOICE_CALLS_TWIML_MAX)
		return TWILIO_SETUP;
	twilio_call_init(&call);
	address_call(&call, twilio, "POST", call_sid);
	twilio_call_field(&call, "Twiml", twiml);
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK && !twilio_same(call.answer, "sid", call_sid))
		result = TWILIO_BAD_ANSWER;
	twilio_call_free(&call);
	return result;
}
