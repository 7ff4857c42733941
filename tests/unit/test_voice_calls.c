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

#define CALL     "CA" ZEROS_31 "1"
#define CALL_URL "/2010-04-01/Accounts/" ACCOUNT "/Calls/" CALL ".json"

static enum twilio_result
redirect(const char *twiml)
{
	return voice_calls_redirect(&local.twilio, CALL, twiml, local_twilio_deadline(), NULL);
}

static void
a_call_is_told_once_what_to_do_next_and_the_answer_is_about_it(void **state)
{
	static char long_twiml[VOICE_CALLS_TWIML_MAX + 2];

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, "{\"sid\":\"" CALL "\"}");
	assert_int_equal(redirect("<a b=\"&\"/>"), TWILIO_OK);
	assert_non_null(strstr(local_server_request(local.server, 1), "POST " CALL_URL " HTTP/1.1\r\n"));
	assert_non_null(strstr(local_server_request(local.server, 1), "\r\n\r\nTwiml=%3Ca%20b%3D%22%26%22%2F%3E"));
	memset(long_twiml, 'x', sizeof(long_twiml) - 1);
	assert_int_equal(redirect(long_twiml), TWILIO_SETUP);
	local_twilio_answer(&local, 200, JSON_TYPE, "{\"sid\":\"CA" ZEROS_31 "2\"}");
	assert_int_equal(redirect("<a/>"), TWILIO_BAD_ANSWER);
	local_twilio_answer(&local, 400, JSON_TYPE, "{\"code\":21220}");
	assert_int_equal(redirect("<a/>"), TWILIO_CONFLICT);
	local_twilio_answer(&local, 503, JSON_TYPE, "{}");
	assert_int_equal(redirect("<a/>"), TWILIO_FAILED);
	assert_int_equal(local_server_requests(local.server), 1);
}

static void
a_call_is_under_way_only_if_its_own_answer_says_so(void **state)
{
	static const struct {
		const char        *body;
		enum twilio_result result;
		bool               under_way;
	} rows[] = {
		{ "{\"sid\":\"" CALL "\",\"status\":\"in-progress\"}", TWILIO_OK, true },
		{ "{\"sid\":\"" CALL "\",\"status\":\"completed\"}", TWILIO_OK, false },
		{ "{\"sid\":\"CA" ZEROS_31 "2\",\"status\":\"in-progress\"}", TWILIO_BAD_ANSWER, false },
		{ "{\"sid\":\"" CALL "\"}", TWILIO_BAD_ANSWER, false },
	};
	bool under_way = false;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, rows[i].body);
		assert_int_equal(voice_calls_under_way(&local.twilio, CALL, local_twilio_deadline(), &under_way, NULL),
		    rows[i].result);
		assert_int_equal(under_way, rows[i].under_way);
	}
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
		TEST(a_call_is_told_once_what_to_do_next_and_the_answer_is_about_it),
		TEST(a_call_is_under_way_only_if_its_own_answer_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
