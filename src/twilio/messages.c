#include "messages.h"

#include "twilio_call.h"

#include <stdio.h>
#include <string.h>

static void
build(struct twilio_call *call, const struct twilio *twilio, const struct message *message)
{
	char valid[16];

	snprintf(valid, sizeof(valid), "%d", message->valid_s);
	twilio_call_address(call, twilio, "POST", TWILIO_HOST_MESSAGING, "/2010-04-01/Accounts/%s/Messages.json",
	    twilio->account_sid);
	twilio_call_field(call, "To", message->to);
	if (message->service_sid != NULL)
		twilio_call_field(call, "MessagingServiceSid", message->service_sid);
	else
		twilio_call_field(call, "From", message->from);
	twilio_call_field(call, "Body", message->body);
	twilio_call_field(call, "ValidityPeriod", valid);
}

/* Those in which a text is on its way, or was there. */
static bool
under_way(struct json_object *object)
{
	static const char *const statuses[] = { "accepted", "queued", "sending", "sent", "delivered", NULL };

	for (const char *const *status = statuses; *status != NULL; status++)
		if (twilio_same(object, "status", *status))
			return true;
	return false;
}

/* A text that failed at once has the reason beside it. */
static enum twilio_result
read_failure(struct json_object *object, struct twilio_trace *trace)
{
	int64_t code = 0;

	if (!twilio_same(object, "status", "failed") && !twilio_same(object, "status", "undelivered"))
		return TWILIO_BAD_ANSWER;
	if (!json_get_int(object, "error_code", &code) || code < 1 || code > 99999)
		return TWILIO_NO_TEXTS;
	trace->twilio_code = (int)code;
	return twilio_error_result(400, (int)code);
}

static enum twilio_result
read_answer(const struct twilio *twilio, struct json_object *object, const struct message *message,
    struct twilio_trace *trace)
{
	const char *sid = json_get_string(object, "sid");

	if (sid == NULL || (!twilio_sid_valid(sid, "SM") && !twilio_sid_valid(sid, "MM")) ||
	    !twilio_same(object, "account_sid", twilio->account_sid) || !twilio_same(object, "to", message->to))
		return TWILIO_BAD_ANSWER;
	return under_way(object) ? TWILIO_OK : read_failure(object, trace);
}

enum twilio_result
messages_send(const struct twilio *twilio, const struct message *message, int64_t deadline_ms,
    struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	twilio_call_init(&call);
	build(&call, twilio, message);
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_answer(twilio, call.answer, message, trace);
	twilio_call_free(&call);
	return result;
}
