#include "twilio/verify_service.h"

#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct local_twilio local;
static struct verify_service service;
static struct twilio_trace trace;

static enum twilio_result
read_it(void)
{
	return verify_service_read(&local.twilio, local_twilio_deadline(), &service, &trace);
}

/* A service in which one member may be another: NULL leaves it out, else it is JSON. */
static void
serve(const char *key, const char *json)
{
	static char body[2048];
	static const char *const members[][2] = {
		{ "sid", "\"" SERVICE "\"" },
		{ "friendly_name", "\"Example Energy\"" },
		{ "code_length", "6" },
		{ "lookup_enabled", "false" },
		{ "skip_sms_to_landlines", "false" },
		{ "dtmf_input_required", "true" },
		{ "do_not_share_warning_enabled", "false" },
		{ "custom_code_enabled", "false" },
		{ "psd2_enabled", "false" },
		{ "default_template_sid", "null" },
		{ "mailer_sid", "null" },
		{ "whatsapp", "{\"msg_service_sid\":null,\"from\":null}" },
	};
	size_t length = 0;

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *value = strcmp(members[i][0], key) == 0 ? json : members[i][1];

		if (value != NULL)
			length += (size_t)snprintf(body + length, sizeof(body) - length, "%s\"%s\":%s",
			    length == 0 ? "{" : ",", members[i][0], value);
	}
	snprintf(body + length, sizeof(body) - length, "}");
	local_twilio_answer(&local, 200, JSON_TYPE, body);
}

static void
the_settings_of_the_service_are_read(void **state)
{
	(void)state;
	serve("", NULL);
	assert_int_equal(read_it(), TWILIO_OK);
	assert_non_null(strstr(local_server_request(local.server, 1), "GET /v2/Services/" SERVICE " HTTP/1.1\r\n"));
	assert_string_equal(service.friendly_name, "Example Energy");
	assert_int_equal(service.code_length, 6);
	assert_true(service.dtmf_input_required);
	assert_false(service.do_not_share_warning_enabled || service.custom_code_enabled || service.psd2_enabled);
	assert_false(service.lookup_enabled || service.skip_sms_to_landlines);
	assert_string_equal(service.default_template_sid, "");
	assert_int_equal(service.email, VERIFY_SERVICE_MISSING);
	assert_int_equal(service.whatsapp, VERIFY_SERVICE_MISSING);
}

static void
what_a_channel_needs_is_there_or_missing_or_not_known(void **state)
{
	static const struct {
		const char              *key, *json;
		enum verify_service_part email, whatsapp;
	} cases[] = {
		{ "mailer_sid", "\"MD1\"", VERIFY_SERVICE_PRESENT, VERIFY_SERVICE_MISSING },
		{ "mailer_sid", "\"\"", VERIFY_SERVICE_MISSING, VERIFY_SERVICE_MISSING },
		{ "mailer_sid", NULL, VERIFY_SERVICE_UNKNOWN, VERIFY_SERVICE_MISSING },
		{ "mailer_sid", "null,\"email\":{\"from\":\"codes@example.com\"}", VERIFY_SERVICE_PRESENT,
		    VERIFY_SERVICE_MISSING },
		{ "mailer_sid", "null,\"email\":{\"from\":null}", VERIFY_SERVICE_MISSING, VERIFY_SERVICE_MISSING },
		{ "whatsapp", NULL, VERIFY_SERVICE_MISSING, VERIFY_SERVICE_UNKNOWN },
		{ "whatsapp", "{\"msg_service_sid\":\"MG1\",\"from\":null}", VERIFY_SERVICE_MISSING,
		    VERIFY_SERVICE_PRESENT },
		{ "whatsapp", "{\"msg_service_sid\":null,\"from\":\"whatsapp:+12025550100\"}", VERIFY_SERVICE_MISSING,
		    VERIFY_SERVICE_PRESENT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(cases[i].key, cases[i].json);
		assert_int_equal(read_it(), TWILIO_OK);
		if (service.email != cases[i].email || service.whatsapp != cases[i].whatsapp)
			fail_msg("case %zu: %d and %d", i, (int)service.email, (int)service.whatsapp);
	}
}

static void
an_answer_that_does_not_say_what_counts_is_a_bad_one(void **state)
{
	static const char *const cases[][2] = {
		{ "sid", NULL }, { "sid", "\"" OTHER_VA "\"" }, { "friendly_name", NULL }, { "friendly_name", "7" },
		{ "code_length", NULL }, { "code_length", "\"6\"" }, { "code_length", "0" }, { "code_length", "6.5" },
		{ "code_length", "4294967302" }, { "do_not_share_warning_enabled", NULL },
		{ "do_not_share_warning_enabled", "\"false\"" }, { "dtmf_input_required", "null" },
		{ "custom_code_enabled", NULL }, { "psd2_enabled", NULL }, { "lookup_enabled", NULL },
		{ "skip_sms_to_landlines", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(cases[i][0], cases[i][1]);
		if (read_it() != TWILIO_BAD_ANSWER)
			fail_msg("%s: %s", cases[i][0], cases[i][1] == NULL ? "left out" : cases[i][1]);
	}
}

static void
a_refusal_is_traced_and_a_bad_sid_never_asked_about(void **state)
{
	(void)state;
	local_twilio_answer(&local, 401, JSON_TYPE, "{\"code\":20003}");
	assert_int_equal(read_it(), TWILIO_CREDENTIALS);
	assert_int_equal(trace.http_status, 401);
	assert_int_equal(trace.twilio_code, 20003);
	local.twilio.verify_service_sid = "VA/../../v1";
	assert_int_equal(read_it(), TWILIO_SETUP);
	assert_int_equal(local_server_requests(local.server), 1);
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
		TEST(the_settings_of_the_service_are_read),
		TEST(what_a_channel_needs_is_there_or_missing_or_not_known),
		TEST(an_answer_that_does_not_say_what_counts_is_a_bad_one),
		TEST(a_refusal_is_traced_and_a_bad_sid_never_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
