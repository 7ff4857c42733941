#include "twilio/verify.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VERIFICATION "VE" ZEROS_31 "1"
#define OTHER_VE     "VE" ZEROS_31 "2"

static struct local_twilio local;
static struct verify_answer answer;
static struct twilio_trace trace;

/* The four calls, with the arguments that most tests use. */

static enum twilio_result
start(void)
{
	return verify_start(&local.twilio, CUSTOMER, "sms", "en", NULL, local_twilio_deadline(), &answer, &trace);
}

static enum twilio_result
check(void)
{
	return verify_check(&local.twilio, VERIFICATION, CUSTOMER, "123456", local_twilio_deadline(), &answer, &trace);
}

static enum twilio_result
fetch(void)
{
	return verify_fetch(&local.twilio, VERIFICATION, CUSTOMER, local_twilio_deadline(), &answer, &trace);
}

static enum twilio_result
cancel(void)
{
	return verify_cancel(&local.twilio, VERIFICATION, CUSTOMER, local_twilio_deadline(), &answer, &trace);
}

static const struct {
	const char *name;
	enum twilio_result (*make)(void);
} calls[] = { { "start", start }, { "check", check }, { "fetch", fetch }, { "cancel", cancel } };

/* An answer in which one member may be another: NULL leaves it out, else it is JSON. */
static const char *
body_with(const char *key, const char *json)
{
	static char body[2048];
	static const char *const members[][2] = {
		{ "sid", "\"" VERIFICATION "\"" },
		{ "service_sid", "\"" SERVICE "\"" },
		{ "account_sid", "\"" ACCOUNT "\"" },
		{ "to", "\"" CUSTOMER "\"" },
		{ "channel", "\"sms\"" },
		{ "status", "\"pending\"" },
		{ "valid", "false" },
		{ "date_created", "\"2026-11-22T09:00:00Z\"" },
		{ "lookup", "{}" },
		{ "amount", "null" },
		{ "send_code_attempts", "[{\"time\":\"2026-11-22T09:00:00Z\",\"attempt_sid\":\"VL1\"}]" },
	};
	size_t length = 0;

	for (size_t i = 0; i < COUNT(members); i++) {
		bool same = strcmp(members[i][0], key) == 0;
		bool approved = strcmp(key, "status") == 0 && json != NULL && strcmp(json, "\"approved\"") == 0;
		const char *value = same ? json : members[i][1];

		if (approved && strcmp(members[i][0], "valid") == 0)
			value = "true";

		if (value != NULL)
			length += (size_t)snprintf(body + length, sizeof(body) - length, "%s\"%s\":%s",
			    length == 0 ? "{" : ",", members[i][0], value);
	}
	snprintf(body + length, sizeof(body) - length, "}");
	return body;
}

static void
assert_request(const char *line, const char *body)
{
	const char *request = local_server_request(local.server, 1);

	assert_int_equal(local_server_requests(local.server), 1);
	if (strncmp(request, line, strlen(line)) != 0 || strcmp(strstr(request, "\r\n\r\n") + 4, body) != 0)
		fail_msg("this was sent:\n%s", request);
}

/* ---- requests ---- */

static void
a_start_names_number_channel_and_locale(void **state)
{
	(void)state;
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("", NULL));
	assert_int_equal(start(), TWILIO_OK);
	assert_request("POST /v2/Services/" SERVICE "/Verifications HTTP/1.1\r\n",
	    "To=%2B12025550101&Channel=sms&Locale=en");
	assert_non_null(strstr(local_server_request(local.server, 1),
	    "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_string_equal(answer.sid, VERIFICATION);
	assert_string_equal(answer.channel, "sms");
	assert_int_equal(answer.status, VERIFY_PENDING);
}

static void
a_start_without_locale_leaves_it_to_twilio(void **state)
{
	(void)state;
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("channel", "\"call\""));
	assert_int_equal(verify_start(&local.twilio, CUSTOMER, "call", NULL, NULL, local_twilio_deadline(), &answer,
	    NULL), TWILIO_OK);
	assert_request("POST ", "To=%2B12025550101&Channel=call");
	assert_string_equal(answer.channel, "call");
}

static void
a_start_can_name_what_the_service_is_to_count(void **state)
{
	static const char limits[] = "{\"flex_agent\":\"9f86d081884c7d65\"}";

	(void)state;
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("", NULL));
	assert_int_equal(verify_start(&local.twilio, CUSTOMER, "sms", NULL, limits, local_twilio_deadline(), &answer,
	    NULL), TWILIO_OK);
	assert_request("POST ", "To=%2B12025550101&Channel=sms&RateLimits="
	    "%7B%22flex_agent%22%3A%229f86d081884c7d65%22%7D");
}

static void
a_limit_of_the_service_is_told_from_a_busy_twilio(void **state)
{
	static const struct {
		int                status;
		const char        *headers, *body;
		enum twilio_result result;
	} cases[] = {
		{ 429, "Twilio-Reached-Rate-Limit: flex_agent\r\nRetry-After: 70\r\n", "{\"code\":20429}",
		    TWILIO_RATE_LIMITED },
		{ 429, "Retry-After: 70\r\n", "{\"code\":20429}", TWILIO_BUSY },
		{ 429, "Twilio-Reached-Rate-Limit: flex_agent\r\n", "{\"code\":60203}", TWILIO_TOO_MANY_SENDS },
		{ 503, "Twilio-Reached-Rate-Limit: flex_agent\r\n", "{\"code\":20429}", TWILIO_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct local_route routes[] = {
			{ "", cases[i].status, JSON_TYPE, cases[i].headers, cases[i].body },
			{ NULL, 0, NULL, NULL, NULL },
		};

		local_server_routes(local.server, routes);
		assert_int_equal(start(), cases[i].result);
	}
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("", NULL));
	assert_int_equal(start(), TWILIO_OK);
}

static void
values_are_escaped_so_that_no_field_can_be_added(void **state)
{
	(void)state;
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("to", "\"a+b&Channel=call@example.com\""));
	assert_int_equal(verify_start(&local.twilio, "a+b&Channel=call@example.com", "email", "en&CustomCode=1", NULL,
		local_twilio_deadline(), &answer, NULL), TWILIO_OK);
	assert_request("POST ", "To=a%2Bb%26Channel%3Dcall%40example.com&Channel=email&Locale=en%26CustomCode%3D1");
}

static void
a_check_names_the_verification_and_not_the_number(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("status", "\"approved\""));
	assert_int_equal(check(), TWILIO_OK);
	assert_request("POST /v2/Services/" SERVICE "/VerificationCheck HTTP/1.1\r\n",
	    "VerificationSid=" VERIFICATION "&Code=123456");
	assert_int_equal(answer.status, VERIFY_APPROVED);
}

static void
a_fetch_and_a_cancel_name_the_verification_in_the_path(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("", NULL));
	assert_int_equal(fetch(), TWILIO_OK);
	assert_request("GET /v2/Services/" SERVICE "/Verifications/" VERIFICATION " HTTP/1.1\r\n", "");

	local_twilio_answer(&local, 200, JSON_TYPE, body_with("status", "\"canceled\""));
	assert_int_equal(cancel(), TWILIO_OK);
	assert_request("POST /v2/Services/" SERVICE "/Verifications/" VERIFICATION " HTTP/1.1\r\n", "Status=canceled");
	assert_int_equal(answer.status, VERIFY_CANCELED);
}

static void
what_is_no_sid_never_comes_into_a_path(void **state)
{
	static const char *const sids[] = { "", "VE1", "+12025550101", OTHER_VA, "VE../../Services/000000000000000000",
		"VE0000000000000000000000000000000?" };
	int64_t deadline_ms = local_twilio_deadline();

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("", NULL));
	for (size_t i = 0; i < COUNT(sids); i++) {
		assert_int_equal(verify_check(&local.twilio, sids[i], CUSTOMER, "123456", deadline_ms, &answer, &trace),
		    TWILIO_NOT_FOUND);
		assert_int_equal(verify_fetch(&local.twilio, sids[i], CUSTOMER, deadline_ms, &answer, &trace),
		    TWILIO_NOT_FOUND);
		assert_int_equal(verify_cancel(&local.twilio, sids[i], CUSTOMER, deadline_ms, &answer, &trace),
		    TWILIO_NOT_FOUND);
	}
	local.twilio.verify_service_sid = "VA/../../v1";
	for (size_t i = 0; i < COUNT(calls); i++)
		assert_int_equal(calls[i].make(), TWILIO_SETUP);
	assert_int_equal(local_server_requests(local.server), 0);
}

/* ---- answers ---- */

static void
each_status_word_has_its_meaning(void **state)
{
	static const struct {
		const char        *json;
		enum verify_status status;
	} cases[] = {
		{ "\"pending\"", VERIFY_PENDING }, { "\"approved\"", VERIFY_APPROVED },
		{ "\"canceled\"", VERIFY_CANCELED }, { "\"max_attempts_reached\"", VERIFY_MAX_ATTEMPTS_REACHED },
		{ "\"expired\"", VERIFY_EXPIRED }, { "\"deleted\"", VERIFY_OTHER }, { "\"failed\"", VERIFY_OTHER },
		{ "\"Approved\"", VERIFY_OTHER }, { "\"APPROVED\"", VERIFY_OTHER }, { "\"approved \"", VERIFY_OTHER },
		{ "\"approve\"", VERIFY_OTHER }, { "\"approvedx\"", VERIFY_OTHER }, { "\"\"", VERIFY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, body_with("status", cases[i].json));
		for (size_t c = 0; c < COUNT(calls); c++) {
			assert_int_equal(calls[c].make(), TWILIO_OK);
			if (answer.status != cases[i].status)
				fail_msg("%s is %d after %s", cases[i].json, (int)answer.status, calls[c].name);
		}
	}
}

static void
an_answer_about_something_else_is_a_bad_one(void **state)
{
	static const char *const cases[][2] = {
		{ "service_sid", "\"" OTHER_VA "\"" }, { "service_sid", NULL }, { "service_sid", "null" },
		{ "service_sid", "[\"" SERVICE "\"]" },
		{ "to", "\"" ELSEWHERE "\"" }, { "to", NULL }, { "to", "null" }, { "to", "12025550101" },
		{ "to", "\"12025550101\"" }, { "to", "\"+12025550101 \"" }, { "to", "\"\"" },
		{ "sid", NULL }, { "sid", "null" }, { "sid", "\"\"" }, { "sid", "\"VE1\"" }, { "sid", "1" },
		{ "sid", "\"" SERVICE "\"" }, { "sid", "\"" VERIFICATION "0\"" },
		{ "status", NULL }, { "status", "null" }, { "status", "true" }, { "status", "[\"approved\"]" },
		{ "status", "{\"approved\":true}" }, { "status", "1" }, { "status", "\"approved\\u0000\"" },
		{ "channel", NULL }, { "channel", "null" }, { "channel", "7" },
		{ "channel", "\"a-channel-as-long-as-this\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t c = 0; c < COUNT(calls); c++) {
			local_twilio_answer(&local, 200, JSON_TYPE, body_with(cases[i][0], cases[i][1]));
			if (calls[c].make() != TWILIO_BAD_ANSWER)
				fail_msg("%s: %s was taken after %s", cases[i][0], cases[i][1], calls[c].name);
			assert_int_equal(answer.status, VERIFY_OTHER);
		}
	}
}

static void
an_approval_of_another_verification_is_a_bad_answer(void **state)
{
	static const char approved[] = "{\"sid\":\"" OTHER_VE "\",\"service_sid\":\"" SERVICE "\",\"to\":\"" CUSTOMER
	    "\",\"channel\":\"sms\",\"status\":\"approved\",\"valid\":true}";

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, approved);
	assert_int_equal(check(), TWILIO_BAD_ANSWER);
	assert_int_equal(fetch(), TWILIO_BAD_ANSWER);
	assert_int_equal(cancel(), TWILIO_BAD_ANSWER);
	/* A start does not know the SID beforehand: it reports what it got. */
	assert_int_equal(start(), TWILIO_OK);
	assert_string_equal(answer.sid, OTHER_VE);
	assert_int_equal(answer.status, VERIFY_APPROVED);
}

static void
an_approval_that_denies_itself_is_a_bad_answer(void **state)
{
	static const char *const values[] = { "false", "null", "\"true\"", "1" };
	char approved[512];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		snprintf(approved, sizeof(approved), "{\"sid\":\"" VERIFICATION "\",\"service_sid\":\"" SERVICE
		    "\",\"to\":\"" CUSTOMER "\",\"channel\":\"sms\",\"status\":\"approved\",\"valid\":%s}", values[i]);
		local_twilio_answer(&local, 200, JSON_TYPE, approved);
		for (size_t c = 0; c < COUNT(calls); c++) {
			assert_int_equal(calls[c].make(), TWILIO_BAD_ANSWER);
			assert_int_equal(answer.status, VERIFY_OTHER);
		}
	}
}

static void
an_approval_needs_no_legacy_member(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, "{\"sid\":\"" VERIFICATION "\",\"service_sid\":\"" SERVICE
	    "\",\"to\":\"" CUSTOMER "\",\"channel\":\"sms\",\"status\":\"approved\"}");
	assert_int_equal(check(), TWILIO_OK);
	assert_int_equal(answer.status, VERIFY_APPROVED);
}

static void
the_legacy_member_valid_approves_nothing(void **state)
{
	static const char *const values[] = { "true", "\"true\"", "1" };

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, body_with("valid", values[i]));
		assert_int_equal(check(), TWILIO_OK);
		assert_int_equal(answer.status, VERIFY_PENDING);
	}
}

static void
the_longest_channel_name_fits(void **state)
{
	(void)state;
	local_twilio_answer(&local, 201, JSON_TYPE, body_with("channel", "\"whatsapp-extra1\""));
	assert_int_equal(start(), TWILIO_OK);
	assert_string_equal(answer.channel, "whatsapp-extra1");
}

static void
what_sends_checks_or_cancels_is_never_repeated(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++) {
		if (calls[i].make == fetch)
			continue;
		local_twilio_answer(&local, 429, JSON_TYPE, "{\"code\":20429}");
		assert_int_equal(calls[i].make(), TWILIO_BUSY);
		assert_int_equal(local_server_requests(local.server), 1);
		local_twilio_answer(&local, 0, NULL, "");
		assert_int_equal(calls[i].make(), TWILIO_ANSWER_LOST);
		assert_int_equal(local_server_requests(local.server), 1);
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
		TEST(a_start_names_number_channel_and_locale),
		TEST(a_start_without_locale_leaves_it_to_twilio),
		TEST(a_start_can_name_what_the_service_is_to_count),
		TEST(a_limit_of_the_service_is_told_from_a_busy_twilio),
		TEST(values_are_escaped_so_that_no_field_can_be_added),
		TEST(a_check_names_the_verification_and_not_the_number),
		TEST(a_fetch_and_a_cancel_name_the_verification_in_the_path),
		TEST(what_is_no_sid_never_comes_into_a_path),
		TEST(each_status_word_has_its_meaning),
		TEST(an_answer_about_something_else_is_a_bad_one),
		TEST(an_approval_of_another_verification_is_a_bad_answer),
		TEST(an_approval_that_denies_itself_is_a_bad_answer),
		TEST(an_approval_needs_no_legacy_member),
		TEST(the_legacy_member_valid_approves_nothing),
		TEST(the_longest_channel_name_fits),
		TEST(what_sends_checks_or_cancels_is_never_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
