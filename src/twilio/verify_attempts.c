#include "verify_attempts.h"

#include "base/clock.h"
#include "http/form.h"
#include "twilio_call.h"

#include <string.h>

/* An address percent-encoded: three bytes for one. */
#define ESCAPED_MAX_BYTES (3 * TWILIO_ADDRESS_SIZE)

/* Of our service, to this address? */
static bool
ours(const struct twilio *twilio, struct json_object *attempt, const char *to)
{
	return twilio_same(attempt, "service_sid", twilio->verify_service_sid) &&
	    twilio_same(json_get_object(attempt, "channel_data"), "to", to);
}

/* Asks for a list; query is what stands behind "/v2/Attempts?". */
static enum twilio_result
list(const struct twilio *twilio, const char *query, int64_t deadline_ms, struct twilio_call *call,
    struct json_object **attempts, struct twilio_trace *trace)
{
	enum twilio_result result = twilio_call_address(call, twilio, "GET", TWILIO_HOST_VERIFY, "/v2/Attempts?%s",
	    query);

	if (result == TWILIO_OK)
		result = twilio_exchange(twilio, call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result != TWILIO_OK)
		return result;
	*attempts = json_get_array(call->answer, "attempts");
	return *attempts != NULL ? TWILIO_OK : TWILIO_BAD_ANSWER;
}

enum twilio_result
verify_attempts_converted(const struct twilio *twilio, const char *verification_sid, const char *to,
    int64_t deadline_ms, bool *converted, struct twilio_trace *trace)
{
	struct twilio_call call;
	struct json_object *attempts = NULL;
	struct buffer query;
	enum twilio_result result = TWILIO_NOT_FOUND;

	*converted = false;
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	buffer_init(&query, ESCAPED_MAX_BYTES);
	if (twilio_sid_valid(verification_sid, "VE"))
		result = form_add(&query, "VerificationSid", verification_sid) ?
		    list(twilio, buffer_text(&query), deadline_ms, &call, &attempts, trace) : TWILIO_NO_MEMORY;
	for (size_t i = 0; result == TWILIO_OK && i < json_length(attempts); i++) {
		struct json_object *attempt = json_item(attempts, i);

		if (ours(twilio, attempt, to) && twilio_same(attempt, "verification_sid", verification_sid) &&
		    twilio_same(attempt, "conversion_status", "converted"))
			*converted = true;
	}
	buffer_free(&query);
	twilio_call_free(&call);
	return result;
}

/* Twilio lists the latest first, but does not promise it. */
static enum twilio_result
take_latest(const struct twilio *twilio, struct json_object *attempts, const char *to, int64_t since_ms,
    char verification_sid[TWILIO_SID_SIZE])
{
	int64_t latest_ms = since_ms - 1;

	verification_sid[0] = '\0';
	for (size_t i = 0; i < json_length(attempts); i++) {
		struct json_object *attempt = json_item(attempts, i);
		const char *sid = json_get_string(attempt, "verification_sid");
		const char *created = json_get_string(attempt, "date_created");
		int64_t created_ms = 0;

		if (!ours(twilio, attempt, to) || !twilio_sid_valid(sid, "VE") || created == NULL ||
		    !clock_parse(created, &created_ms) || created_ms <= latest_ms)
			continue;
		latest_ms = created_ms;
		twilio_copy(verification_sid, TWILIO_SID_SIZE, sid);
	}
	return verification_sid[0] != '\0' ? TWILIO_OK : TWILIO_NOT_FOUND;
}

enum twilio_result
verify_attempts_find(const struct twilio *twilio, const char *to, int64_t since_ms, int64_t deadline_ms,
    char verification_sid[TWILIO_SID_SIZE], struct twilio_trace *trace)
{
	struct twilio_call call;
	struct json_object *attempts = NULL;
	struct buffer query;
	char since[CLOCK_ISO8601_SIZE];
	enum twilio_result result = TWILIO_NO_MEMORY;

	clock_format(since_ms, since);
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	buffer_init(&query, ESCAPED_MAX_BYTES + 256);
	if (form_add(&query, "VerifyServiceSid", twilio->verify_service_sid) &&
	    form_add(&query, "ChannelData.To", to) && form_add(&query, "DateCreatedAfter", since))
		result = list(twilio, buffer_text(&query), deadline_ms, &call, &attempts, trace);
	if (result == TWILIO_OK)
		result = take_latest(twilio, attempts, to, since_ms, verification_sid);
	buffer_free(&query);
	twilio_call_free(&call);
	return result;
}
