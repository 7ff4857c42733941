#include "twilio/flex_token.h"

#include "base/clock.h"
#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORKER       "WK" ZEROS_31 "1"
#define FAR_AHEAD    "\"2099-12-31T23:59:59.000Z\""

static struct local_twilio local;
static struct flex_token answer;
static struct twilio_trace trace;

static enum twilio_result
validate(const char *token)
{
	return flex_token_validate(&local.twilio, token, local_twilio_deadline(), &answer, &trace);
}

/* An agent's answer in which one member may be another: NULL leaves it out, else it is JSON. */
static const char *
body_with(const char *key, const char *json)
{
	static char body[4096];
	static const char *const members[][2] = {
		{ "valid", "true" },
		{ "code", "0" },
		{ "message", "null" },
		{ "expiration", FAR_AHEAD },
		{ "realm_user_id", "\"ana@example.com\"" },
		{ "identity", "\"ana_40example_2Ecom\"" },
		{ "roles", "[\"agent\"]" },
		{ "worker_sid", "\"" WORKER "\"" },
	};
	size_t length = 0;

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *value = strcmp(members[i][0], key) == 0 ? json : members[i][1];

		if (value != NULL)
			length += (size_t)snprintf(body + length, sizeof(body) - length, "%s\"%s\":%s",
			    length == 0 ? "{" : ",", members[i][0], value);
	}
	snprintf(body + length, sizeof(body) - length, "}");
	return body;
}

static enum twilio_result
validate_with(const char *key, const char *json)
{
	local_twilio_answer(&local, 200, JSON_TYPE, body_with(key, json));
	return validate("token");
}

/* ---- requests ---- */

static void
the_token_is_sent_as_json(void **state)
{
	const char *request = NULL;

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("", NULL));
	assert_int_equal(validate("ey.J\"\\/~"), TWILIO_OK);
	request = local_server_request(local.server, 1);
	assert_int_equal(strncmp(request, "POST /v1/Accounts/" ACCOUNT "/Tokens/validate HTTP/1.1\r\n", 70), 0);
	assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
	assert_string_equal(strstr(request, "\r\n\r\n") + 4, "{\"token\":\"ey.J\\\"\\\\/~\"}");
}

static void
a_token_of_8_kib_is_sent_and_a_longer_one_is_not(void **state)
{
	static char token[8192 + 2];

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("", NULL));
	memset(token, '"', 8192);
	assert_int_equal(validate(token), TWILIO_OK);
	token[8192] = 'x';
	assert_int_equal(validate(token), TWILIO_TOKEN_INVALID);
	assert_int_equal(local_server_requests(local.server), 1);
}

static void
what_can_be_no_token_is_invalid_without_asking(void **state)
{
	static const char *const tokens[] = { "", " ", "a b", "a\tb", "a\nb", "a\r\nb", "tok\xc3\xa9n", "a\x7f", "\x01",
		" token", "token " };

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, body_with("", NULL));
	for (size_t i = 0; i < COUNT(tokens); i++)
		assert_int_equal(validate(tokens[i]), TWILIO_TOKEN_INVALID);
	local.twilio.account_sid = "AC/../..";
	assert_int_equal(validate("token"), TWILIO_SETUP);
	assert_int_equal(local_server_requests(local.server), 0);
}

/* ---- answers ---- */

static void
an_agent_is_read_with_worker_user_roles_and_expiry(void **state)
{
	int64_t expected_ms = 0;

	(void)state;
	assert_int_equal(validate_with("roles", "[\"agent\",\"supervisor\",\"wfo.agent\"]"), TWILIO_OK);
	assert_string_equal(answer.worker_sid, WORKER);
	assert_string_equal(answer.user, "ana@example.com");
	assert_int_equal(answer.role_count, 3);
	assert_true(flex_token_has_role(&answer, "agent"));
	assert_true(flex_token_has_role(&answer, "supervisor"));
	assert_true(clock_parse("2099-12-31T23:59:59.000Z", &expected_ms));
	assert_int_equal(answer.expires_ms, expected_ms);
}

static void
a_role_is_its_whole_name(void **state)
{
	static const char *const others[] = { "", "age", "Agent", "agent ", "agents", "admin", "wfo" };

	(void)state;
	assert_int_equal(validate_with("roles", "[\"agent\",\"wfo.agent\"]"), TWILIO_OK);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(flex_token_has_role(&answer, others[i]));
}

static void
a_guest_is_reported_as_one(void **state)
{
	static const char guest[] = "{\"valid\":true,\"code\":0,\"message\":null,\"expiration\":" FAR_AHEAD
	    ",\"realm_user_id\":null,\"identity\":\"anonymous\",\"roles\":[\"guest\"],\"worker_sid\":null}";

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, guest);
	assert_int_equal(validate("token"), TWILIO_OK);
	assert_true(flex_token_has_role(&answer, "guest"));
	assert_false(flex_token_has_role(&answer, "agent"));
	assert_string_equal(answer.worker_sid, "");
	assert_string_equal(answer.user, "anonymous");
}

static void
a_token_that_is_not_valid_is_told_from_one_that_is_over(void **state)
{
	static const struct {
		const char        *body;
		enum twilio_result result;
	} cases[] = {
		{ "{\"valid\":false,\"code\":20101,\"message\":\"Invalid Access Token\",\"roles\":null}",
		    TWILIO_TOKEN_INVALID },
		{ "{\"valid\":false,\"code\":20104,\"message\":\"Access token has expired\",\"roles\":null}",
		    TWILIO_TOKEN_EXPIRED },
		{ "{\"valid\":false}", TWILIO_TOKEN_INVALID },
		{ "{\"valid\":false,\"code\":0,\"roles\":[\"agent\"],\"worker_sid\":\"" WORKER "\"}",
		    TWILIO_TOKEN_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, 200, JSON_TYPE, cases[i].body);
		assert_int_equal(validate("token"), cases[i].result);
		assert_int_equal(answer.role_count, 0);
		assert_string_equal(answer.worker_sid, "");
	}
}

static void
a_valid_answer_whose_expiry_is_past_counts_as_expired(void **state)
{
	(void)state;
	assert_int_equal(validate_with("expiration", "\"2020-01-01T00:00:00.000Z\""), TWILIO_TOKEN_EXPIRED);
	assert_int_equal(validate_with("expiration", "\"2099-01-01T00:00:00Z\""), TWILIO_OK);
	assert_int_equal(validate_with("expiration", "null"), TWILIO_OK);
	assert_int_equal(answer.expires_ms, 0);
}

static void
an_answer_that_cannot_be_trusted_is_a_bad_one(void **state)
{
	static const char *const cases[][2] = {
		{ "valid", "\"true\"" }, { "valid", "1" }, { "valid", "null" }, { "valid", NULL },
		{ "valid", "[true]" },
		{ "code", "20101" }, { "code", "1" },
		{ "expiration", "\"tomorrow\"" }, { "expiration", "\"\"" }, { "expiration", "4102444799" },
		{ "expiration", "\"2099-13-01T00:00:00Z\"" },
		{ "roles", "\"agent\"" }, { "roles", "{\"agent\":true}" }, { "roles", "[1]" }, { "roles", "[null]" },
		{ "roles", "[\"agent\",[\"guest\"]]" }, { "roles", "true" },
		{ "roles", "[\"0123456789012345678901234567890123456789012345678901234567890123\"]" },
		{ "roles", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\","
			   "\"15\",\"agent\",\"guest\"]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (validate_with(cases[i][0], cases[i][1]) != TWILIO_BAD_ANSWER)
			fail_msg("%s: %s was taken", cases[i][0], cases[i][1]);
}

static void
roles_may_be_none(void **state)
{
	static const char *const none[] = { "null", "[]", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_int_equal(validate_with("roles", none[i]), TWILIO_OK);
		assert_int_equal(answer.role_count, 0);
		assert_false(flex_token_has_role(&answer, "agent"));
	}
}

static void
what_is_no_worker_sid_is_left_out(void **state)
{
	static const char *const texts[] = { "null", NULL, "\"\"", "\"WK1\"", "\"" ACCOUNT "\"", "1",
		"\"" WORKER "0\"", "[\"" WORKER "\"]" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(validate_with("worker_sid", texts[i]), TWILIO_OK);
		assert_string_equal(answer.worker_sid, "");
	}
}

static void
a_user_is_the_realm_user_else_the_identity_and_never_half_of_it(void **state)
{
	char longest[160];

	(void)state;
	assert_int_equal(validate_with("realm_user_id", NULL), TWILIO_OK);
	assert_string_equal(answer.user, "ana_40example_2Ecom");
	memset(longest, 'x', sizeof(longest));
	longest[0] = longest[158] = '"';
	longest[159] = '\0';
	assert_int_equal(validate_with("realm_user_id", longest), TWILIO_OK);
	assert_string_equal(answer.user, "ana_40example_2Ecom");
}

static void
only_status_200_counts(void **state)
{
	static const struct {
		int                status;
		enum twilio_result result;
	} cases[] = {
		{ 201, TWILIO_BAD_ANSWER }, { 202, TWILIO_BAD_ANSWER }, { 302, TWILIO_BAD_ANSWER },
		{ 400, TWILIO_REFUSED }, { 401, TWILIO_CREDENTIALS }, { 404, TWILIO_NOT_FOUND },
		{ 500, TWILIO_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, cases[i].status, JSON_TYPE, body_with("code", NULL));
		assert_int_equal(validate("token"), cases[i].result);
		assert_string_equal(answer.worker_sid, "");
	}
	local_twilio_answer(&local, 401, JSON_TYPE, "{\"code\":20104,\"message\":\"expired\"}");
	assert_int_equal(validate("token"), TWILIO_TOKEN_EXPIRED);
}

static void
a_validation_is_repeated_once_when_its_answer_is_lost(void **state)
{
	(void)state;
	local_twilio_answer(&local, 0, NULL, "");
	assert_int_equal(validate("token"), TWILIO_ANSWER_LOST);
	assert_int_equal(local_server_requests(local.server), 2);
	assert_string_equal(strstr(local_server_request(local.server, 2), "\r\n\r\n") + 4, "{\"token\":\"token\"}");
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
		TEST(the_token_is_sent_as_json),
		TEST(a_token_of_8_kib_is_sent_and_a_longer_one_is_not),
		TEST(what_can_be_no_token_is_invalid_without_asking),
		TEST(an_agent_is_read_with_worker_user_roles_and_expiry),
		TEST(a_role_is_its_whole_name),
		TEST(a_guest_is_reported_as_one),
		TEST(a_token_that_is_not_valid_is_told_from_one_that_is_over),
		TEST(a_valid_answer_whose_expiry_is_past_counts_as_expired),
		TEST(an_answer_that_cannot_be_trusted_is_a_bad_one),
		TEST(roles_may_be_none),
		TEST(what_is_no_worker_sid_is_left_out),
		TEST(a_user_is_the_realm_user_else_the_identity_and_never_half_of_it),
		TEST(only_status_200_counts),
		TEST(a_validation_is_repeated_once_when_its_answer_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
