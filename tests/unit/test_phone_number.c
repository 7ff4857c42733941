#include "callcenter/phone_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
numbers_as_people_and_browsers_write_them_become_e164(void **state)
{
	static const struct {
		const char *text, *number;
	} cases[] = {
		{ "+12025550101", "+12025550101" },
		{ "+1 202-555-0101", "+12025550101" },       /* Flex's display format */
		{ " 12025550101", "+12025550101" },          /* a + that was decoded to a blank */
		{ " 1 202-555-0101", "+12025550101" },
		{ "+1 (202) 555.0101", "+12025550101" },
		{ "+447700900123", "+447700900123" },
		{ "+1234567", "+1234567" },                  /* the shortest */
		{ "+123456789012345", "+123456789012345" },  /* the longest */
	};
	char number[PHONE_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(phone_number_normalise(cases[i].text, number));
		assert_string_equal(number, cases[i].number);
	}
}

static void
what_is_no_international_number_is_refused(void **state)
{
	static const char *const texts[] = { "", "+", " ", "12025550101", "2025550101", "0044 7700 900123",
		"+0447700900123", "+44 (0)7700 900123", "+123456", "+1234567890123456", "+1202555O101", "+1202555010x",
		"++12025550101", "+ 12025550101", "  12025550101", "+1202555,0101", "+1202555/0101", "anonymous",
		"client:ana", "sip:ana@example.com", "ana@example.com", "whatsapp:+12025550101", "+1202555\t0101",
		"+\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7" };
	char number[PHONE_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (phone_number_normalise(texts[i], number))
			fail_msg("'%s' was taken for %s", texts[i], number);
}

static void
numbers_that_spell_a_withheld_caller_are_known(void **state)
{
	(void)state;
	assert_true(phone_number_withheld("+266696687"));
	assert_true(phone_number_withheld("+7378742833"));
	assert_false(phone_number_withheld("+12025550101"));
}

static void
e_mail_addresses_are_told_from_other_text(void **state)
{
	static const char *const good[] = { "jo@example.com", "jo.smith+x@mail.example.org" };
	static const char *const bad[] = { "", "jo", "@example.com", "jo@", "jo@example", "jo@.com", "jo@example.com.",
		"jo@a@example.com", "jo smith@example.com", "jo@exam\nple.com", "<jo@example.com>",
		    "jo@example.com,x@y.z" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(phone_number_is_email(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (phone_number_is_email(bad[i]))
			fail_msg("'%s' was taken for an e-mail address", bad[i]);
}

/* RFC 5321, 4.5.3.1.3: what is longer fits into no envelope. */
static void
an_e_mail_address_has_at_most_254_bytes(void **state)
{
	char longest[256];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + 254 - strlen("@example.com"), "@example.com", sizeof("@example.com"));
	assert_int_equal(strlen(longest), 254);
	assert_true(phone_number_is_email(longest));
	memcpy(longest + 255 - strlen("@example.com"), "@example.com", sizeof("@example.com"));
	longest[255 - strlen("@example.com") - 1] = 'a';
	assert_int_equal(strlen(longest), 255);
	assert_false(phone_number_is_email(longest));
}

static void
a_mask_shows_the_country_and_the_last_two_digits(void **state)
{
	char mask[PHONE_MASK_SIZE];

	(void)state;
	phone_number_mask("+12025550101", mask);
	assert_string_equal(mask, "+1********01");
	phone_number_mask("+447700900123", mask);
	assert_string_equal(mask, "+44********23");
	phone_number_mask("+79000000000", mask);
	assert_string_equal(mask, "+7********00");
	phone_number_mask("", mask);
	assert_string_equal(mask, "");
	phone_number_mask("jo.smith@example.com", mask);
	assert_string_equal(mask, "j***@example.com");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_people_and_browsers_write_them_become_e164),
		cmocka_unit_test(what_is_no_international_number_is_refused),
		cmocka_unit_test(numbers_that_spell_a_withheld_caller_are_known),
		cmocka_unit_test(e_mail_addresses_are_told_from_other_text),
		cmocka_unit_test(an_e_mail_address_has_at_most_254_bytes),
		cmocka_unit_test(a_mask_shows_the_country_and_the_last_two_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
