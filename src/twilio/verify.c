#include "verify.h"

#include "twilio_call.h"

#include <string.h>

static const struct {
	const char        *word;
	enum verify_status status;
} statuses[] = {
	{ "pending", VERIFY_PENDING },
	{ "approved", VERIFY_APPROVED },
	{ "canceled", VERIFY_CANCELED },
	{ "max_attempts_reached", VERIFY_MAX_ATTEMPTS_REACHED },
	{ "expired", VERIFY_EXPIRED },
};

static enum verify_status
read_status(const char *word)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (strcmp(statuses[i].word, word) == 0)
			return statuses[i].status;
	}
	return VERIFY_OTHER;
}

/* "valid" is Twilio's older word for approved.  An answer that has both, and in which they differ, is none. */
static bool
denies_approval(struct json_object *object)
{
	bool valid = false;

	return json_has(object, "valid") && !(json_get_bool(object, "valid", &valid) && valid);
}

/* verification_sid NULL: any, because Twilio is making it up.  to NULL: any, because the SID says enough. */
static enum twilio_result
read_verification(const struct twilio *twilio, struct json_object *object, const char *verification_sid,
    const char *to, struct verify_answer *answer)
{
	const char *sid = json_get_string(object, "sid");
	const char *status = json_get_string(object, "status");
	const char *channel = json_get_string(object, "channel");

	if (!twilio_same(object, "service_sid", twilio->verify_service_sid) ||
	    (to != NULL && !twilio_same(object, "to", to)) || status == NULL)
		return TWILIO_BAD_ANSWER;
	if (!twilio_sid_valid(sid, "VE") || (verification_sid != NULL && strcmp(sid, verification_sid) != 0))
		return TWILIO_BAD_ANSWER;
	if (!twilio_copy(answer->channel, sizeof(answer->channel), channel) ||
	    !twilio_copy(answer->sid, sizeof(answer->sid), sid))
		return TWILIO_BAD_ANSWER;
	if (read_status(status) == VERIFY_APPROVED && denies_approval(object))
		return TWILIO_BAD_ANSWER;
	answer->status = read_status(status);
	answer->sends = (int)json_length(json_get_array(object, "send_code_attempts"));
	return TWILIO_OK;
}

static void
begin(struct twilio_call *call, struct verify_answer *answer, struct twilio_trace *trace)
{
	*answer = (struct verify_answer){ .status = VERIFY_OTHER };
	twilio_trace_clear(trace);
	twilio_call_init(call);
}

static void
address_verification(struct twilio_call *call, const struct twilio *twilio, const char *method,
    const char *verification_sid)
{
	if (!twilio_sid_valid(twilio->verify_service_sid, "VA"))
		twilio_call_refuse(call, TWILIO_SETUP);
	else if (!twilio_sid_valid(verification_sid, "VE"))
		twilio_call_refuse(call, TWILIO_NOT_FOUND);
	else
		twilio_call_address(call, twilio, method, TWILIO_HOST_VERIFY, "/v2/Services/%s/Verifications/%s",
		    twilio->verify_service_sid, verification_sid);
}

static void
address_collection(struct twilio_call *call, const struct twilio *twilio, const char *collection)
{
	if (!twilio_sid_valid(twilio->verify_service_sid, "VA"))
		twilio_call_refuse(call, TWILIO_SETUP);
	else
		twilio_call_address(call, twilio, "POST", TWILIO_HOST_VERIFY, "/v2/Services/%s/%s",
		    twilio->verify_service_sid, collection);
}

enum twilio_result
verify_start(const struct twilio *twilio, const char *to, const char *channel, const char *locale,
    const char *rate_limits, int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	begin(&call, answer, trace);
	address_collection(&call, twilio, "Verifications");
	twilio_call_field(&call, "To", to);
	twilio_call_field(&call, "Channel", channel);
	if (locale != NULL)
		twilio_call_field(&call, "Locale", locale);
	if (rate_limits != NULL)
		twilio_call_field(&call, "RateLimits", rate_limits);
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_verification(twilio, call.answer, NULL, to, answer);
	twilio_call_free(&call);
	return result;
}

enum twilio_result
verify_check(const struct twilio *twilio, const char *verification_sid, const char *to, const char *code,
    int64_t deadline_ms, struct verify_answer *answer, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	begin(&call, answer, trace);
	if (!twilio_sid_valid(verification_sid, "VE"))
		twilio_call_refuse(&call, TWILIO_NOT_FOUND);
	address_collection(&call, twilio, "VerificationCheck");
	/* By SID and not by number: another system may be verifying the same number. */
	twilio_call_field(&call, "VerificationSid", verification_sid);
	twilio_call_field(&call, "Code", code);
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_verification(twilio, call.answer, verification_sid, to, answer);
	twilio_call_free(&call);
	return result;
}

enum twilio_result
verify_fetch(const struct twilio *twilio, const char *verification_sid, const char *to, int64_t deadline_ms,
    struct verify_answer *answer, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	begin(&call, answer, trace);
	address_verification(&call, twilio, "GET", verification_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_verification(twilio, call.answer, verification_sid, to, answer);
	twilio_call_free(&call);
	return result;
}

enum twilio_result
verify_cancel(const struct twilio *twilio, const char *verification_sid, const char *to, int64_t deadline_ms,
    struct verify_answer *answer, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	begin(&call, answer, trace);
	address_verification(&call, twilio, "POST", verification_sid);
	twilio_call_field(&call, "Status", "canceled");
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_verification(twilio, call.answer, verification_sid, to, answer);
	twilio_call_free(&call);
	return result;
}
