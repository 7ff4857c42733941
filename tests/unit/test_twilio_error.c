#include "twilio/twilio_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
each_code_has_its_result(void **state)
{
	static const struct {
		int                status, code;
		enum twilio_result result;
	} cases[] = {
		{ 400, 60200, TWILIO_BAD_PARAMETER }, { 429, 60202, TWILIO_TOO_MANY_CHECKS },
		{ 429, 60203, TWILIO_TOO_MANY_SENDS }, { 403, 60204, TWILIO_SETUP }, { 403, 60205, TWILIO_LANDLINE },
		{ 400, 60206, TWILIO_SETUP }, { 400, 60207, TWILIO_SETUP }, { 400, 60208, TWILIO_SETUP },
		{ 400, 60209, TWILIO_SETUP }, { 400, 60210, TWILIO_SETUP }, { 400, 60211, TWILIO_SETUP },
		{ 429, 60212, TWILIO_SENDING_ALREADY }, { 400, 60214, TWILIO_CALLS_OFF },
		{ 400, 60217, TWILIO_EMAIL_OFF }, { 400, 60218, TWILIO_EMAIL_OFF }, { 400, 60219, TWILIO_EMAIL_OFF },
		{ 400, 60220, TWILIO_COUNTRY_BLOCKED }, { 400, 60221, TWILIO_SETUP }, { 403, 60222, TWILIO_EMAIL_OFF },
		{ 400, 60223, TWILIO_CHANNEL_OFF }, { 400, 60224, TWILIO_TEMPLATE },
		{ 400, 60226, TWILIO_COUNTRY_BLOCKED }, { 400, 60227, TWILIO_TEMPLATE },
		{ 400, 60228, TWILIO_TEMPLATE }, { 400, 60229, TWILIO_TEMPLATE }, { 400, 60201, TWILIO_TEMPLATE },
		{ 400, 60236, TWILIO_EMAIL_REFUSED }, { 400, 60237, TWILIO_EMAIL_REFUSED },
		{ 403, 60238, TWILIO_NUMBER_BLOCKED }, { 400, 60242, TWILIO_WHATSAPP_OFF },
		{ 400, 68008, TWILIO_WHATSAPP_OFF }, { 429, 60245, TWILIO_EMAIL_OFF },
		{ 401, 60603, TWILIO_EMAIL_OFF }, { 401, 60604, TWILIO_EMAIL_OFF }, { 400, 60247, TWILIO_SETUP },
		{ 400, 60248, TWILIO_SETUP }, { 400, 60250, TWILIO_SETUP }, { 400, 60330, TWILIO_SETUP },
		{ 400, 60331, TWILIO_NO_VOICE }, { 400, 60408, TWILIO_TEMPLATE }, { 403, 60410, TWILIO_RANGE_BLOCKED },
		{ 403, 60412, TWILIO_NUMBER_BLOCKED }, { 401, 60001, TWILIO_CHANNEL_OFF }, { 400, 60519, TWILIO_BUSY },
		{ 400, 60550, TWILIO_CHANNEL_OFF }, { 400, 60602, TWILIO_SETUP },
		{ 403, 60605, TWILIO_COUNTRY_BLOCKED },
		{ 404, 60623, TWILIO_NOT_FOUND }, { 404, 60431, TWILIO_NOT_FOUND }, { 429, 60624, TWILIO_TRIAL },
		{ 400, 20001, TWILIO_SETUP }, { 401, 20003, TWILIO_CREDENTIALS }, { 401, 70051, TWILIO_CREDENTIALS },
		{ 403, 20005, TWILIO_CREDENTIALS }, { 403, 20403, TWILIO_CREDENTIALS },
		{ 401, 20101, TWILIO_TOKEN_INVALID }, { 401, 20104, TWILIO_TOKEN_EXPIRED },
		{ 404, 20404, TWILIO_NOT_FOUND }, { 409, 20409, TWILIO_CONFLICT }, { 412, 20412, TWILIO_CONFLICT },
		{ 429, 20429, TWILIO_BUSY }, { 500, 20500, TWILIO_FAILED }, { 503, 20503, TWILIO_FAILED },
		{ 504, 20504, TWILIO_FAILED }, { 400, 21211, TWILIO_NO_TEXTS }, { 400, 21614, TWILIO_NO_TEXTS },
		{ 403, 21215, TWILIO_CALLS_OFF }, { 403, 21408, TWILIO_COUNTRY_BLOCKED }, { 400, 21608, TWILIO_TRIAL },
		{ 400, 21610, TWILIO_OPTED_OUT }, { 400, 21612, TWILIO_NO_TEXTS },
		{ 400, 21606, TWILIO_SETUP }, { 429, 14107, TWILIO_BUSY }, { 400, 21635, TWILIO_LANDLINE },
		{ 400, 21701, TWILIO_SETUP }, { 400, 30003, TWILIO_NO_TEXTS }, { 400, 30007, TWILIO_NUMBER_BLOCKED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum twilio_result result = twilio_error_result(cases[i].status, cases[i].code);

		if (result != cases[i].result)
			fail_msg("%d is %s", cases[i].code, twilio_result_name(result));
	}
}

static void
without_a_known_code_the_status_decides(void **state)
{
	static const struct {
		int                status;
		enum twilio_result result;
	} cases[] = {
		{ 0, TWILIO_BAD_ANSWER }, { 200, TWILIO_BAD_ANSWER }, { 301, TWILIO_BAD_ANSWER },
		{ 302, TWILIO_BAD_ANSWER }, { 304, TWILIO_BAD_ANSWER }, { 307, TWILIO_BAD_ANSWER },
		{ 400, TWILIO_REFUSED }, { 401, TWILIO_CREDENTIALS },
		{ 404, TWILIO_NOT_FOUND }, { 405, TWILIO_REFUSED }, { 409, TWILIO_CONFLICT }, { 412, TWILIO_CONFLICT },
		{ 415, TWILIO_REFUSED }, { 429, TWILIO_BUSY }, { 499, TWILIO_REFUSED }, { 500, TWILIO_FAILED },
		{ 502, TWILIO_FAILED }, { 503, TWILIO_FAILED }, { 504, TWILIO_FAILED }, { 599, TWILIO_FAILED },
	};
	static const int unknown[] = { 0, 1, 60199, 60213, 99999 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t c = 0; c < COUNT(unknown); c++)
			assert_int_equal(twilio_error_result(cases[i].status, unknown[c]), cases[i].result);
}

/* Verify refuses numbers and features with 403, TaskRouter and IAM keys. */
static void
a_forbidden_request_is_the_keys_fault_only_without_a_code_that_says_otherwise(void **state)
{
	(void)state;
	assert_int_equal(twilio_error_result(403, 0), TWILIO_CREDENTIALS);
	assert_int_equal(twilio_error_result(403, 60999), TWILIO_REFUSED);
	assert_int_equal(twilio_error_result(403, 60205), TWILIO_LANDLINE);
	assert_int_equal(twilio_error_result(403, 20003), TWILIO_CREDENTIALS);
}

/* The server that fails may have acted before, whatever its body says. */
static void
a_server_error_is_unclear_whatever_its_code(void **state)
{
	static const int codes[] = { 20404, 20429, 60200, 60202, 60203, 60212, 20003 };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_int_equal(twilio_error_result(500, codes[i]), TWILIO_FAILED);
		assert_int_equal(twilio_error_result(503, codes[i]), TWILIO_FAILED);
	}
	assert_true(twilio_result_unclear(twilio_error_result(500, 60202)));
	assert_false(twilio_result_unclear(twilio_error_result(429, 60202)));
}

static void
only_results_after_which_twilio_may_have_acted_are_unclear(void **state)
{
	(void)state;
	for (int i = TWILIO_OK; i <= TWILIO_NO_MEMORY; i++) {
		enum twilio_result result = (enum twilio_result)i;
		bool expected = result == TWILIO_TIMED_OUT || result == TWILIO_ANSWER_LOST ||
		    result == TWILIO_BAD_ANSWER || result == TWILIO_FAILED;

		if (twilio_result_unclear(result) != expected)
			fail_msg("%s", twilio_result_name(result));
	}
	assert_true(twilio_result_unclear((enum twilio_result)(TWILIO_NO_MEMORY + 1)));
}

static void
each_result_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = TWILIO_OK; i <= TWILIO_NO_MEMORY; i++) {
		const char *name = twilio_result_name((enum twilio_result)i);

		assert_int_equal(strncmp(name, "TWILIO_", 7), 0);
		for (int j = TWILIO_OK; j < i; j++)
			assert_string_not_equal(name, twilio_result_name((enum twilio_result)j));
	}
	assert_string_equal(twilio_result_name(TWILIO_SENDING_ALREADY), "TWILIO_SENDING_ALREADY");
	assert_string_equal(twilio_result_name((enum twilio_result)999), "not a twilio_result");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_its_result),
		cmocka_unit_test(without_a_known_code_the_status_decides),
		cmocka_unit_test(a_forbidden_request_is_the_keys_fault_only_without_a_code_that_says_otherwise),
		cmocka_unit_test(a_server_error_is_unclear_whatever_its_code),
		cmocka_unit_test(only_results_after_which_twilio_may_have_acted_are_unclear),
		cmocka_unit_test(each_result_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
