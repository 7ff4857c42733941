#include "callcenter/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
a_reason_is_what_a_person_would_write_in_whatever_script(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "1234567890", "1234567890" },
		{ "  Known since 2019, call back at noon. ", "Known since 2019, call back at noon." },
		{ "Cliente há vinte anos; perdeu o telemóvel.", "Cliente há vinte anos; perdeu o telemóvel." },
		{ "お客様の電話が故障しています。", "お客様の電話が故障しています。" },
		{ "العميل معروف لدينا", "العميل معروف لدينا" },
		{ "<b>\"Known\"</b> & trusted", "<b>\"Known\"</b> & trusted" },
	};
	char reason[LEDGER_NOTE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(reason_read(cases[i].text, reason));
		assert_string_equal(reason, cases[i].reason);
	}
}

static void
what_says_nothing_or_deceives_the_reader_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"          ",
		"too short",
		"   too short   ",
		"áááááááéé", /* nine characters, if eighteen bytes */
		"two lines\nof a log",
		"a tab\tin between",
		"\033[2J cleared screen",
		"bell \a and more",
		"next line \302\205 of Latin 1",
		"turned \342\200\256 round by bidi",
		"zero \342\200\213 width blank",
		"line \342\200\250 separator",
		"\357\273\277with a byte order mark",
		"a tag \363\240\201\201 character",
		"no UTF-8 \377\376 at all",
		"overlong \300\200 NUL here",
		"surrogate \355\240\200 half",
	};
	char reason[LEDGER_NOTE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_false(reason_read(texts[i], reason));
		assert_string_equal(reason, "");
	}
}

static void
two_hundred_characters_fit_however_many_bytes_they_have_and_one_more_does_not(void **state)
{
	static const char *const characters[] = { "a", "\303\241", "\343\201\202", "\360\237\231\202" };
	char text[4 * 201 + 1], reason[LEDGER_NOTE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(characters); i++) {
		size_t size = strlen(characters[i]);

		for (size_t n = 0; n < 201; n++)
			memcpy(text + n * size, characters[i], size);
		text[200 * size] = '\0';
		assert_true(reason_read(text, reason));
		assert_string_equal(reason, text);
		memcpy(text + 200 * size, characters[i], size);
		text[201 * size] = '\0';
		assert_false(reason_read(text, reason));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_what_a_person_would_write_in_whatever_script),
		cmocka_unit_test(what_says_nothing_or_deceives_the_reader_is_none),
		cmocka_unit_test(two_hundred_characters_fit_however_many_bytes_they_have_and_one_more_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
