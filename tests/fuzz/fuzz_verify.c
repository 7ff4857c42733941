/*
 * Verify's answers to a start, a check, a question and a cancellation.  Input:
 * one answer.  Whatever it is: a verification counts as approved only if a 2xx
 * about this very verification says so, and does not deny it in another member.
 */
#include "base/clock.h"
#include "twilio/verify.h"

#include "answers.h"

#include <string.h>

enum act {
	START,
	CHECK,
	FETCH,
	CANCEL,
	ACT__MAX
};

static enum twilio_result
ask(enum act act, struct verify_answer *answer, struct twilio_trace *trace)
{
	/* No time is left to ask twice. */
	int64_t deadline_ms = clock_monotonic_ms();

	switch (act) {
	case START:
		return verify_start(&answers_twilio, CUSTOMER, "sms", "en", "{\"agent\":\"1\"}", deadline_ms, answer,
		    trace);
	case CHECK:
		return verify_check(&answers_twilio, VERIFICATION, CUSTOMER, "012345", deadline_ms, answer, trace);
	case FETCH:
		return verify_fetch(&answers_twilio, VERIFICATION, CUSTOMER, deadline_ms, answer, trace);
	case CANCEL:
		return verify_cancel(&answers_twilio, VERIFICATION, CUSTOMER, deadline_ms, answer, trace);
	case ACT__MAX:
		break;
	}
	return TWILIO_OK;
}

static void
check_ok(enum act act, const struct verify_answer *answer)
{
	property(answers_positive(0), "only a 2xx with a JSON object is a good answer");
	property(twilio_sid_valid(answer->sid, "VE") && answers_say(0, "sid", answer->sid),
	    "the verification is the one that Twilio names");
	property(act == START || strcmp(answer->sid, VERIFICATION) == 0, "and the one that was asked about");
	property(answers_say(0, "service_sid", SERVICE), "another service's answer is none");
	property(answers_say(0, "to", CUSTOMER), "an answer about another number is none");
	property(answers_say(0, "channel", answer->channel), "the channel is the one that Twilio names");
	property(answer->sends >= 0, "sends are counted from 0");
}

static void
check_approved(void)
{
	struct json_object *object = answers_given(0)->object;
	bool valid = false;

	property(answers_say(0, "status", "approved"), "approved is what Twilio calls approved");
	property(!json_has(object, "valid") || (json_get_bool(object, "valid", &valid) && valid),
	    "approved is nothing that Twilio calls invalid in the same breath");
}

static void
check_refused(const struct verify_answer *answer, const struct twilio_trace *trace, enum twilio_result result)
{
	const struct answer *given = answers_given(0);

	property(answer->status != VERIFY_APPROVED, "nothing is approved without a good answer");
	property(strcmp(twilio_result_name(result), "unknown") != 0, "every result has a name");
	property(trace->http_status == given->status && trace->transport == given->result,
	    "what is logged is what came");
	property(given->result != HTTP_CLIENT_OK || given->status < 500 || given->status > 599 ||
		twilio_result_unclear(result) || trace->twilio_code != 0,
	    "after a failure of its own Twilio may have acted");
	property((given->result != HTTP_CLIENT_LOST && given->result != HTTP_CLIENT_TIMED_OUT) ||
		twilio_result_unclear(result),
	    "when an answer is lost Twilio may have acted");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (enum act act = START; act < ACT__MAX; act++) {
		struct verify_answer answer;
		struct twilio_trace trace;
		enum twilio_result result = TWILIO_OK;

		answers_begin(data, size);
		result = ask(act, &answer, &trace);
		property(answers_given(0) != NULL && answers_given(1) == NULL, "one call is made");
		if (result == TWILIO_OK)
			check_ok(act, &answer);
		else
			check_refused(&answer, &trace, result);
		if (answer.status == VERIFY_APPROVED)
			check_approved();
		answers_end();
	}
	return 0;
}
