#include "verify_attempts.h"

#include "base/clock.h"
#include "twilio_call.h"

#include <string.h>

/* Of our service, to this address? */
static bool
ours(const struct twilio *twilio, struct json_object *attempt, const char *to)
{
	return twilio_same(attempt, "service_sid", twilio->verify_service_sid) &&
	    twilio_same(json_get_object(attempt, "channel_data"), "to", to);
}

/* Asks for the list that the call's parameters select. */
static enum twilio_result
list(const struct twilio *twilio, int64_t deadline_ms, struct twilio_call *call, struct json_object **attempts,
    struct twilio_trace *trace)
{
	enum twilio_result result = twilio_exchange(twilio, call, TWILIO_REPEAT_ONCE, deadline_ms, trace);

	if (result != TWILIO_OK)
		return result;
	*attempts = json_get_array(call->answer, "attempts");
	return *attempts != NULL ? TWILIO_OK : TWILIO_BAD_ANSWER;
}

static void
begin(struct twilio_call *call, const struct twilio *twilio, struct twilio_trace *trace)
{
	twilio_trace_clear(trace);
	twilio_call_init(call);
	twilio_call_address(call, twilio, "GET", TWILIO_HOST_VERIFY, "/v2/Attempts");
}

enum twilio_result
verify_attempts_converted(const struct twilio *twilio, const char *verification_sid, const char *to,
    int64_t deadline_ms, bool *converted, struct twilio_trace *trace)
{
	struct twilio_call call;
	struct json_object *attempts = NULL;
	enum twilio_result result = TWILIO_OK;

	*converted = false;
	twilio_trace_clear(trace);
	if (!twilio_sid_valid(verification_sid, "VE"))
		return TWILIO_NOT_FOUND;
	begin(&call, twilio, trace);
	twilio_call_parameter(&call, "VerificationSid", verification_sid);
	result = list(twilio, deadline_ms, &call, &attempts, trace);
	for (size_t i = 0; result == TWILIO_OK && i < json_length(attempts); i++) {
		struct json_object *attempt = json_item(attempts, i);

		if (ours(twilio, attempt, to) && twilio_same(attempt, "verification_sid", verification_sid) &&
		    twilio_same(attempt, "conversion_status", "converted"))
			*converted = true;
	}
	twilio_call_free(&call);
	return result;
}

/* Twilio lists the latest first, but does not promise it. */
static enum twilio_result
take_latest(const struct twilio *twilio, struct json_object *attempts, const char *to, int64_t since_ms,
    int64_t until_ms, char verification_sid[TWILIO_SID_SIZE])
{
	int64_t latest_ms = since_ms - 1;

	verification_sid[0] = '\0';
	for (size_t i = 0; i < json_length(attempts); i++) {
		struct json_object *attempt = json_item(attempts, i);
		const char *sid = json_get_string(attempt, "verification_sid");
		const char *created = json_get_string(attempt, "date_created");
		int64_t created_ms = 0;

		if (!ours(twilio, attempt, to) || !twilio_sid_valid(sid, "VE") || created == NULL ||
		    !clock_parse(created, &created_ms) || created_ms <= latest_ms || created_ms > until_ms)
			continue;
		latest_ms = created_ms;
		twilio_copy(verification_sid, TWILIO_SID_SIZE, sid);
	}
	return verification_sid[0] != '\0' ? TWILIO_OK : TWILIO_NOT_FOUND;
}

enum twilio_result
verify_attempts_find(const struct twilio *twilio, const char *to, int64_t since_ms, int64_t until_ms,
    int64_t deadline_ms, char verification_sid[TWILIO_SID_SIZE], struct twilio_trace *trace)
{
	struct twilio_call call;
	struct json_object *attempts = NULL;
	char since[CLOCK_ISO8601_SIZE];
	enum twilio_result result = TWILIO_OK;

	clock_format(since_ms, since);
	begin(&call, twilio, trace);
	twilio_call_parameter(&call, "VerifyServiceSid", twilio->verify_service_sid);
	twilio_call_parameter(&call, "ChannelData.To", to);
	twilio_call_parameter(&call, "DateCreatedAfter", since);
	result = list(twilio, deadline_ms, &call, &attempts, trace);
	if (result == TWILIO_OK)
		result = take_latest(twilio, attempts, to, since_ms, until_ms, verification_sid);
	twilio_call_free(&call);
	return result;
}
