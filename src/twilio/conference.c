#include "conference.h"

#include "twilio_call.h"

#include <string.h>

/* ---- by name ---- */

/* Twilio selects; only an item that says so itself counts. */
static enum twilio_result
read_conferences(struct json_object *object, const char *name, char sid[TWILIO_SID_SIZE])
{
	struct json_object *conferences = json_get_array(object, "conferences");

	if (conferences == NULL)
		return TWILIO_BAD_ANSWER;
	for (size_t i = 0; i < json_length(conferences); i++) {
		struct json_object *item = json_item(conferences, i);
		const char *found = json_kind(item) == JSON_OBJECT ? json_get_string(item, "sid") : NULL;

		if (found == NULL || !twilio_sid_valid(found, "CF"))
			return TWILIO_BAD_ANSWER;
		if (twilio_same(item, "friendly_name", name) && twilio_same(item, "status", "in-progress"))
			return twilio_copy(sid, TWILIO_SID_SIZE, found) ? TWILIO_OK : TWILIO_BAD_ANSWER;
	}
	return TWILIO_NOT_FOUND;
}

enum twilio_result
conference_find(const struct twilio *twilio, const char *name, int64_t deadline_ms, char sid[TWILIO_SID_SIZE],
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	sid[0] = '\0';
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VOICE, "/2010-04-01/Accounts/%s/Conferences.json",
	    twilio->account_sid);
	twilio_call_parameter(&call, "FriendlyName", name);
	twilio_call_parameter(&call, "Status", "in-progress");
	twilio_call_parameter(&call, "PageSize", "20");
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_conferences(call.answer, name, sid);
	twilio_call_free(&call);
	return result;
}

/* ---- the caller's leg ---- */

static void
address_participant(struct twilio_call *call, const struct twilio *twilio, const char *method,
    const struct conference_leg *leg)
{
	twilio_call_address(call, twilio, method, TWILIO_HOST_VOICE,
	    "/2010-04-01/Accounts/%s/Conferences/%s/Participants/%s.json", twilio->account_sid, leg->conference_sid,
	    leg->call_sid);
}

/* Is the answer about this leg, and does it say so? */
static bool
read_participant(struct json_object *object, const struct conference_leg *leg, bool *ends, bool *hold)
{
	return twilio_same(object, "call_sid", leg->call_sid) &&
	    twilio_same(object, "conference_sid", leg->conference_sid) &&
	    json_get_bool(object, "end_conference_on_exit", ends) && json_get_bool(object, "hold", hold);
}

/* Agents' legs, and whom they add, are calls that the account makes: the one that came in is the caller's. */
static enum twilio_result
read_caller(struct json_object *participant, struct json_object *call, struct conference_leg *leg)
{
	bool hold = false;

	if (!read_participant(participant, leg, &leg->ends_conference, &hold) ||
	    !twilio_same(call, "sid", leg->call_sid))
		return TWILIO_BAD_ANSWER;
	return !hold && twilio_same(participant, "status", "connected") && twilio_same(call, "direction", "inbound") &&
	    twilio_same(call, "status", "in-progress") ? TWILIO_OK : TWILIO_CONFLICT;
}

enum twilio_result
conference_caller(const struct twilio *twilio, const char *conference_sid, const char *call_sid, int64_t deadline_ms,
    struct conference_leg *leg, struct twilio_trace *trace)
{
	struct twilio_call participant, call;
	enum twilio_result result = TWILIO_OK;

	memset(leg, 0, sizeof(*leg));
	twilio_trace_clear(trace);
	if (!twilio_sid_valid(conference_sid, "CF") || !twilio_sid_valid(call_sid, "CA"))
		return TWILIO_BAD_PARAMETER;
	twilio_copy(leg->conference_sid, sizeof(leg->conference_sid), conference_sid);
	twilio_copy(leg->call_sid, sizeof(leg->call_sid), call_sid);
	twilio_call_init(&participant);
	twilio_call_init(&call);
	address_participant(&participant, twilio, "GET", leg);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_VOICE, "/2010-04-01/Accounts/%s/Calls/%s.json",
	    twilio->account_sid, leg->call_sid);
	result = twilio_exchange_both(twilio, &participant, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_caller(participant.answer, call.answer, leg);
	twilio_call_free(&participant);
	twilio_call_free(&call);
	return result;
}

static enum twilio_result
read_end(struct json_object *object, const struct conference_leg *leg, bool wanted)
{
	bool ends = false, hold = false;

	return read_participant(object, leg, &ends, &hold) && ends == wanted ? TWILIO_OK : TWILIO_BAD_ANSWER;
}

enum twilio_result
conference_end_with(const struct twilio *twilio, const struct conference_leg *leg, bool ends, int64_t deadline_ms,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	twilio_call_init(&call);
	address_participant(&call, twilio, "POST", leg);
	twilio_call_field(&call, "EndConferenceOnExit", ends ? "true" : "false");
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_end(call.answer, leg, ends);
	twilio_call_free(&call);
	return result;
}
