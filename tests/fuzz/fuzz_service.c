/*
 * What Verify says of a service's set-up and of its rate limits.  Input: one
 * answer.  Whatever it is: nothing is known of a service but what a 2xx about
 * it says.
 */
#include "base/clock.h"
#include "twilio/verify_service.h"

#include "answers.h"

#include <string.h>

static void
check_service(const uint8_t *data, size_t size)
{
	struct verify_service service;
	bool psd2 = false;

	answers_begin(data, size);
	if (verify_service_read(&answers_twilio, clock_monotonic_ms(), &service, NULL) == TWILIO_OK) {
		property(answers_positive(0) && answers_say(0, "sid", SERVICE), "it is this service's answer");
		property(answers_say(0, "friendly_name", service.friendly_name), "its name is what Twilio says");
		property(service.code_length >= 1 && service.code_length <= 100, "a code has a length");
		property(json_get_bool(answers_given(0)->object, "psd2_enabled", &psd2) &&
			psd2 == service.psd2_enabled,
		    "a switch stands as Twilio says");
		property(service.default_template_sid[0] == '\0' ||
			twilio_sid_valid(service.default_template_sid, "HJ"),
		    "a template is one, or none");
	}
	answers_end();
}

static void
check_limits(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "agent", "absent\x01" };
	bool has[2] = { false, false };

	answers_begin(data, size);
	if (verify_service_limits(&answers_twilio, names, 2, clock_monotonic_ms(), has, NULL) == TWILIO_OK)
		property(answers_positive(0), "only a 2xx with a JSON object is a good answer");
	else
		property(!has[0] && !has[1], "a service has no limit that nobody read");
	answers_end();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_service(data, size);
	check_limits(data, size);
	return 0;
}
