#include "twilio/verify_attempts.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* 2026-11-28T09:00:00Z */
#define NINE_MS  INT64_C(1795856400000)
#define EIGHT_MS (NINE_MS - 3600000)

#define FIRST  "VE" ZEROS_31 "1"
#define SECOND "VE" ZEROS_31 "2"

static struct local_twilio local;
static char sid[TWILIO_SID_SIZE];

static enum twilio_result
find(int64_t since_ms, int64_t until_ms)
{
	struct twilio_trace trace;

	return verify_attempts_find(&local.twilio, CUSTOMER, since_ms, until_ms, local_twilio_deadline(), sid, &trace);
}

#define ATTEMPT(sid, hour, conversion) \
	"{\"service_sid\":\"%s\",\"verification_sid\":\"" sid "\",\"channel_data\":{\"to\":" \
	"\"%s\"},\"date_created\":\"2026-11-28T" hour ":00:00Z\"," \
	"\"conversion_status\":\"" conversion "\"}"

/* Two sends, at eight and at nine, the later one first, as Twilio lists them. */
static void
serve(const char *service, const char *to)
{
	static const char format[] = "{\"attempts\":[" ATTEMPT(SECOND, "09", "unconverted") ","
				     ATTEMPT(FIRST, "08", "converted") "]}";
	static char body[1024];

	snprintf(body, sizeof(body), format, service, to, service, to);
	local_twilio_answer(&local, 200, JSON_TYPE, body);
}

static void
the_latest_send_within_a_time_is_found(void **state)
{
	(void)state;
	serve(SERVICE, CUSTOMER);
	assert_int_equal(find(EIGHT_MS, NINE_MS), TWILIO_OK);
	assert_string_equal(sid, SECOND);
	assert_non_null(strstr(local_server_request(local.server, 1), "GET /v2/Attempts?VerifyServiceSid=" SERVICE
	    "&ChannelData.To=%2B12025550101&DateCreatedAfter=2026-11-28T08%3A00%3A00Z HTTP/1.1\r\n"));
}

static void
what_was_sent_after_that_time_is_another_ones(void **state)
{
	(void)state;
	serve(SERVICE, CUSTOMER);
	assert_int_equal(find(EIGHT_MS, NINE_MS - 1), TWILIO_OK);
	assert_string_equal(sid, FIRST);
	assert_int_equal(find(EIGHT_MS + 1, NINE_MS - 1), TWILIO_NOT_FOUND);
	assert_string_equal(sid, "");
}

static void
sends_of_another_service_or_to_another_address_are_none(void **state)
{
	(void)state;
	serve(OTHER_VA, CUSTOMER);
	assert_int_equal(find(EIGHT_MS, NINE_MS), TWILIO_NOT_FOUND);
	serve(SERVICE, ELSEWHERE);
	assert_int_equal(find(EIGHT_MS, NINE_MS), TWILIO_NOT_FOUND);
}

static void
only_an_attempt_of_the_verification_itself_says_that_it_was_approved(void **state)
{
	bool converted = false;

	(void)state;
	serve(SERVICE, CUSTOMER);
	assert_int_equal(verify_attempts_converted(&local.twilio, FIRST, CUSTOMER, local_twilio_deadline(), &converted,
	    NULL), TWILIO_OK);
	assert_true(converted);
	assert_int_equal(verify_attempts_converted(&local.twilio, SECOND, CUSTOMER, local_twilio_deadline(), &converted,
	    NULL), TWILIO_OK);
	assert_false(converted);
	assert_int_equal(verify_attempts_converted(&local.twilio, "VE1", CUSTOMER, local_twilio_deadline(), &converted,
	    NULL), TWILIO_NOT_FOUND);
}

static int
start(void **state)
{
	(void)state;
	local_twilio_start(&local);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	local_twilio_stop(&local);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_latest_send_within_a_time_is_found, start, stop),
		cmocka_unit_test_setup_teardown(what_was_sent_after_that_time_is_another_ones, start, stop),
		cmocka_unit_test_setup_teardown(sends_of_another_service_or_to_another_address_are_none, start, stop),
		cmocka_unit_test_setup_teardown(only_an_attempt_of_the_verification_itself_says_that_it_was_approved,
		    start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
