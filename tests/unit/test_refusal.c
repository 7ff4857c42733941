#include "callcenter/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
every_refusal_has_status_code_and_sentence(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL__MAX; i++) {
		const struct refusal_text *text = refusal_text((enum refusal)i);

		assert_in_range(text->status, 400, 599);
		assert_non_null(text->code);
		assert_non_null(text->message);
		assert_int_equal(text->message[strlen(text->message) - 1], '.');
	}
}

static void
no_two_refusals_share_a_code(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL__MAX; i++)
		for (int j = i + 1; j < REFUSAL__MAX; j++)
			assert_string_not_equal(refusal_text((enum refusal)i)->code,
			    refusal_text((enum refusal)j)->code);
}

static void
only_success_of_a_lower_layer_is_no_refusal(void **state)
{
	(void)state;
	assert_int_equal(refusal_of_twilio(TWILIO_OK), REFUSAL_NONE);
	for (int i = TWILIO_OK + 1; i <= TWILIO_NO_MEMORY; i++)
		assert_int_not_equal(refusal_of_twilio((enum twilio_result)i), REFUSAL_NONE);
	assert_int_equal(refusal_of_request(REQUEST_OK), REFUSAL_NONE);
	for (int i = REQUEST_OK + 1; i <= REQUEST_TYPE_NOT_SUPPORTED; i++)
		assert_int_not_equal(refusal_of_request((enum request_result)i), REFUSAL_NONE);
	assert_int_equal(refusal_of_form(FORM_OK), REFUSAL_NONE);
	for (int i = FORM_OK + 1; i <= FORM_NO_MEMORY; i++)
		assert_int_not_equal(refusal_of_form((enum form_result)i), REFUSAL_NONE);
}

static void
a_value_out_of_the_enum_is_an_internal_error(void **state)
{
	(void)state;
	assert_int_equal(refusal_of_twilio((enum twilio_result)9999), REFUSAL_INTERNAL_ERROR);
	assert_int_equal(refusal_of_request((enum request_result)9999), REFUSAL_INTERNAL_ERROR);
	assert_int_equal(refusal_of_form((enum form_result)9999), REFUSAL_INTERNAL_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_has_status_code_and_sentence),
		cmocka_unit_test(no_two_refusals_share_a_code),
		cmocka_unit_test(only_success_of_a_lower_layer_is_no_refusal),
		cmocka_unit_test(a_value_out_of_the_enum_is_an_internal_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
