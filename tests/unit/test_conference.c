/*
 * The caller's leg in a conference, as Twilio tells it, and the recording of it.
 */
#include "twilio/conference.h"
#include "twilio/recordings.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define TASK       "WT" ZEROS_31 "1"
#define CONFERENCE "CF" ZEROS_31 "1"
#define CALLER     "CA" ZEROS_31 "1"
#define OTHER      "CA" ZEROS_31 "2"
#define RECORDING  "RE" ZEROS_31 "1"
#define CORE       "/2010-04-01/Accounts/" ACCOUNT

static struct local_twilio local;
static struct conference_leg leg;
static char sid[TWILIO_SID_SIZE];

static enum twilio_result
find(void)
{
	return conference_find(&local.twilio, TASK, local_twilio_deadline(), sid, NULL);
}

static void
a_conference_under_way_is_found_by_its_name_alone(void **state)
{
	static const struct {
		const char        *body;
		enum twilio_result result;
	} rows[] = {
		{ "{\"conferences\":[{\"sid\":\"" CONFERENCE "\",\"friendly_name\":\"" TASK
		  "\",\"status\":\"in-progress\"}]}", TWILIO_OK },
		{ "{\"conferences\":[{\"sid\":\"" CONFERENCE "\",\"friendly_name\":\"" TASK
		  "\",\"status\":\"completed\"}]}", TWILIO_NOT_FOUND },
		{ "{\"conferences\":[{\"sid\":\"" CONFERENCE "\",\"friendly_name\":\"" TASK
		  "0\",\"status\":\"in-progress\"}]}", TWILIO_NOT_FOUND },
		{ "{\"conferences\":[]}", TWILIO_NOT_FOUND },
		{ "{\"conferences\":[{\"sid\":\"" CALLER "\",\"friendly_name\":\"" TASK
		  "\",\"status\":\"in-progress\"}]}", TWILIO_BAD_ANSWER },
		{ "{\"conferences\":[null]}", TWILIO_BAD_ANSWER },
		{ "{}", TWILIO_BAD_ANSWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, rows[i].body);
		assert_int_equal(find(), rows[i].result);
		assert_string_equal(sid, rows[i].result == TWILIO_OK ? CONFERENCE : "");
	}
	assert_non_null(strstr(local_server_request(local.server, 1),
	    "GET " CORE "/Conferences.json?FriendlyName=" TASK "&Status=in-progress&PageSize=20 HTTP/1.1\r\n"));
}

/* Both are asked at once. */
static enum twilio_result
look(const char *participant, const char *call)
{
	const struct local_route routes[] = {
		{ "GET " CORE "/Conferences/" CONFERENCE "/Participants/" CALLER ".json", 200, JSON_TYPE, NULL,
		    participant },
		{ "GET " CORE "/Calls/" CALLER ".json", 200, JSON_TYPE, NULL, call },
		{ .match = NULL },
	};

	local_server_routes(local.server, routes);
	return conference_caller(&local.twilio, CONFERENCE, CALLER, local_twilio_deadline(), &leg, NULL);
}

#define PARTICIPANT(call, conference, ends, hold, status) \
	"{\"call_sid\":\"" call "\",\"conference_sid\":\"" conference "\",\"end_conference_on_exit\":" ends \
	",\"hold\":" hold ",\"status\":\"" status "\"}"
#define CONNECTED PARTICIPANT(CALLER, CONFERENCE, "true", "false", "connected")
#define CALL(direction, status) \
	"{\"sid\":\"" CALLER "\",\"direction\":\"" direction "\",\"status\":\"" status "\"}"
#define INBOUND CALL("inbound", "in-progress")

static void
only_a_leg_that_came_in_is_connected_and_not_on_hold_is_the_caller_s(void **state)
{
	static const struct {
		const char        *participant, *call;
		enum twilio_result result;
	} rows[] = {
		{ CONNECTED, INBOUND, TWILIO_OK },
		{ PARTICIPANT(CALLER, CONFERENCE, "true", "true", "connected"), INBOUND, TWILIO_CONFLICT },
		{ PARTICIPANT(CALLER, CONFERENCE, "true", "false", "connecting"), INBOUND, TWILIO_CONFLICT },
		{ CONNECTED, CALL("outbound-api", "in-progress"), TWILIO_CONFLICT },
		{ CONNECTED, CALL("inbound", "completed"), TWILIO_CONFLICT },
		{ PARTICIPANT(OTHER, CONFERENCE, "true", "false", "connected"), INBOUND, TWILIO_BAD_ANSWER },
		{ PARTICIPANT(CALLER, "CF" ZEROS_31 "2", "true", "false", "connected"), INBOUND, TWILIO_BAD_ANSWER },
		{ PARTICIPANT(CALLER, CONFERENCE, "\"true\"", "false", "connected"), INBOUND, TWILIO_BAD_ANSWER },
		{ CONNECTED, "{}", TWILIO_BAD_ANSWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(look(rows[i].participant, rows[i].call), rows[i].result);
	assert_int_equal(look(PARTICIPANT(CALLER, CONFERENCE, "false", "false", "connected"), INBOUND), TWILIO_OK);
	assert_false(leg.ends_conference);
	assert_int_equal(look(CONNECTED, INBOUND), TWILIO_OK);
	assert_true(leg.ends_conference);
}

static void
what_is_no_sid_is_put_into_no_address(void **state)
{
	(void)state;
	assert_int_equal(conference_caller(&local.twilio, CONFERENCE, "../Calls", local_twilio_deadline(), &leg, NULL),
	    TWILIO_BAD_PARAMETER);
	assert_int_equal(conference_caller(&local.twilio, TASK, CALLER, local_twilio_deadline(), &leg, NULL),
	    TWILIO_BAD_PARAMETER);
	assert_int_equal(recordings_running(&local.twilio, "x", local_twilio_deadline(), sid, NULL),
	    TWILIO_BAD_PARAMETER);
	assert_int_equal(recordings_pause(&local.twilio, CALLER, "", true, local_twilio_deadline(), NULL),
	    TWILIO_BAD_PARAMETER);
	assert_int_equal(local_server_requests(local.server), 0);
}

static void
that_the_conference_is_not_to_end_counts_only_if_the_answer_says_so(void **state)
{
	(void)state;
	assert_int_equal(look(CONNECTED, INBOUND), TWILIO_OK);
	local_twilio_answer(&local, 200, JSON_TYPE, PARTICIPANT(CALLER, CONFERENCE, "false", "false", "connected"));
	assert_int_equal(conference_end_with(&local.twilio, &leg, false, local_twilio_deadline(), NULL), TWILIO_OK);
	assert_non_null(strstr(local_server_request(local.server, 1), "\r\n\r\nEndConferenceOnExit=false"));
	local_twilio_answer(&local, 200, JSON_TYPE, CONNECTED);
	assert_int_equal(conference_end_with(&local.twilio, &leg, false, local_twilio_deadline(), NULL),
	    TWILIO_BAD_ANSWER);
}

#define ITEM(n, status) "{\"sid\":\"RE" ZEROS_31 n "\",\"status\":\"" status "\"}"

static void
one_recording_that_runs_is_found_and_two_are_one_too_many(void **state)
{
	static const struct {
		const char        *body, *found;
		enum twilio_result result;
	} rows[] = {
		{ "{\"recordings\":[]}", "", TWILIO_OK },
		{ "{\"recordings\":[" ITEM("2", "completed") "," ITEM("1", "in-progress") "]}", RECORDING, TWILIO_OK },
		{ "{\"recordings\":[" ITEM("1", "paused") "]}", "", TWILIO_OK },
		{ "{\"recordings\":[" ITEM("1", "in-progress") "," ITEM("2", "in-progress") "]}", RECORDING,
		    TWILIO_CONFLICT },
		{ "{\"recordings\":[{\"status\":\"in-progress\"}]}", "", TWILIO_BAD_ANSWER },
		{ "{}", "", TWILIO_BAD_ANSWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, rows[i].body);
		assert_int_equal(recordings_running(&local.twilio, CALLER, local_twilio_deadline(), sid, NULL),
		    rows[i].result);
		assert_string_equal(sid, rows[i].found);
	}
}

static void
a_recording_is_paused_only_if_the_answer_says_so(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, ITEM("1", "paused"));
	assert_int_equal(recordings_pause(&local.twilio, CALLER, RECORDING, true, local_twilio_deadline(), NULL),
	    TWILIO_OK);
	assert_int_equal(recordings_pause(&local.twilio, CALLER, RECORDING, false, local_twilio_deadline(), NULL),
	    TWILIO_BAD_ANSWER);
	assert_non_null(strstr(local_server_request(local.server, 1), "\r\n\r\nStatus=paused"));
	assert_non_null(strstr(local_server_request(local.server, 2), "\r\n\r\nStatus=in-progress"));
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
		TEST(a_conference_under_way_is_found_by_its_name_alone),
		TEST(only_a_leg_that_came_in_is_connected_and_not_on_hold_is_the_caller_s),
		TEST(what_is_no_sid_is_put_into_no_address),
		TEST(that_the_conference_is_not_to_end_counts_only_if_the_answer_says_so),
		TEST(one_recording_that_runs_is_found_and_two_are_one_too_many),
		TEST(a_recording_is_paused_only_if_the_answer_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
