#include "twilio/voice_calls.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* 2026-11-28T09:00:00Z */
#define NINE_MS INT64_C(1795856400000)

static struct local_twilio local;
static bool answered;

static enum twilio_result
ask(int64_t since_ms)
{
	struct twilio_trace trace;

	return voice_calls_answered(&local.twilio, CUSTOMER, since_ms, local_twilio_deadline(), &answered, &trace);
}

/* One call that began at nine. */
static void
serve(const char *to, const char *status, const char *direction)
{
	static char body[512];

	snprintf(body, sizeof(body),
	    "{\"calls\":[{\"to\":\"%s\",\"status\":\"%s\",\"direction\":\"%s\","
	    "\"start_time\":\"Sat, 28 Nov 2026 09:00:00 +0000\"}]}", to, status, direction);
	local_twilio_answer(&local, 200, JSON_TYPE, body);
}

static void
an_answered_call_to_the_number_that_is_young_enough_is_found(void **state)
{
	(void)state;
	serve(CUSTOMER, "in-progress", "outbound-api");
	assert_int_equal(ask(NINE_MS), TWILIO_OK);
	assert_true(answered);
	assert_non_null(strstr(local_server_request(local.server, 1),
	    "GET /2010-04-01/Accounts/" ACCOUNT
	    "/Calls.json?To=%2B12025550101&Status=in-progress&PageSize=50 HTTP/1.1\r\n"));
	assert_int_equal(ask(NINE_MS + 1), TWILIO_OK);
	assert_false(answered);
}

static void
another_call_counts_for_nothing_whatever_twilio_was_asked_for(void **state)
{
	(void)state;
	serve(ELSEWHERE, "in-progress", "outbound-api");
	assert_int_equal(ask(NINE_MS), TWILIO_OK);
	assert_false(answered);
	serve(CUSTOMER, "ringing", "outbound-api");
	assert_int_equal(ask(NINE_MS), TWILIO_OK);
	assert_false(answered);
	serve(CUSTOMER, "in-progress", "inbound");
	assert_int_equal(ask(NINE_MS), TWILIO_OK);
	assert_false(answered);
}

static void
an_answer_without_a_list_and_a_refusal_say_no(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, "{}");
	assert_int_equal(ask(NINE_MS), TWILIO_BAD_ANSWER);
	assert_false(answered);
	local_twilio_answer(&local, 401, JSON_TYPE, "{\"code\":20003}");
	assert_int_equal(ask(NINE_MS), TWILIO_CREDENTIALS);
	assert_false(answered);
}

static int
set_up(void **state)
{
	(void)state;
	local_twilio_start(&local);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	local_twilio_stop(&local);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answered_call_to_the_number_that_is_young_enough_is_found),
		TEST(another_call_counts_for_nothing_whatever_twilio_was_asked_for),
		TEST(an_answer_without_a_list_and_a_refusal_say_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
