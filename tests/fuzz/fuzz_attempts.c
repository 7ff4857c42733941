/*
 * Verify's list of attempts.  Input: one answer.  Whatever it is: a code was
 * right only if an attempt of this service, verification and number is
 * "converted", and a verification is found only if it is this number's.
 */
#include "base/clock.h"
#include "twilio/verify_attempts.h"

#include "answers.h"

#include <string.h>

static bool
says(struct json_object *object, const char *key, const char *text)
{
	const char *said = json_get_string(object, key);

	return said != NULL && strcmp(said, text) == 0;
}

/* Does the list hold an attempt to our number, of this verification, with this end (NULL: any)? */
static bool
listed(const char *verification_sid, const char *conversion)
{
	struct json_object *list = json_get_array(answers_given(0)->object, "attempts");

	for (size_t i = 0; i < json_length(list); i++) {
		struct json_object *item = json_item(list, i);

		if (says(item, "verification_sid", verification_sid) && says(item, "service_sid", SERVICE) &&
		    says(json_get_object(item, "channel_data"), "to", CUSTOMER) &&
		    (conversion == NULL || says(item, "conversion_status", conversion)))
			return true;
	}
	return false;
}

static void
check_converted(const uint8_t *data, size_t size)
{
	bool converted = true;
	enum twilio_result result = TWILIO_OK;

	answers_begin(data, size);
	result = verify_attempts_converted(&answers_twilio, VERIFICATION, CUSTOMER, clock_monotonic_ms(), &converted,
	    NULL);
	property(result != TWILIO_OK || answers_positive(0), "only a 2xx with a JSON object is a good answer");
	property(!converted || result == TWILIO_OK, "nothing is known without a good answer");
	property(result != TWILIO_OK || converted == listed(VERIFICATION, "converted"),
	    "a code was right if its own attempt says so, and only then");
	answers_end();
}

static void
check_found(const uint8_t *data, size_t size)
{
	char sid[TWILIO_SID_SIZE] = "";
	enum twilio_result result = TWILIO_OK;

	answers_begin(data, size);
	result = verify_attempts_find(&answers_twilio, CUSTOMER, 0, INT64_MAX, clock_monotonic_ms(), sid, NULL);
	if (result == TWILIO_OK) {
		property(answers_positive(0), "only a 2xx with a JSON object is a good answer");
		property(twilio_sid_valid(sid, "VE"), "what is found is a verification");
		property(listed(sid, NULL), "and one that was sent to this number");
	}
	answers_end();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_converted(data, size);
	check_found(data, size);
	return 0;
}
