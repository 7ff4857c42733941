#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	int64_t     unix_ms;
	const char *seconds;
	const char *milliseconds;
} moments[] = {
	{ 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
	{ 1, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z" },
	{ -1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z" },
	{ 951782400000, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z" },
	{ 1795338000123, "2026-11-22T09:00:00Z", "2026-11-22T09:00:00.123Z" },
	{ 4294967296000, "2106-02-07T06:28:16Z", "2106-02-07T06:28:16.000Z" },
	{ 253402300799999, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z" },
	{ -62167219200000, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z" },
};

static void
a_moment_is_written_in_both_forms(void **state)
{
	char text[CLOCK_ISO8601_SIZE] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		clock_format(moments[i].unix_ms, text);
		assert_string_equal(text, moments[i].seconds);
		clock_format_ms(moments[i].unix_ms, text);
		assert_string_equal(text, moments[i].milliseconds);
	}
}

static void
both_forms_are_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		int64_t from_ms = -5;
		int64_t from_s = -5;

		assert_true(clock_parse(moments[i].milliseconds, &from_ms));
		assert_int_equal(from_ms, moments[i].unix_ms);
		assert_true(clock_parse(moments[i].seconds, &from_s));
		assert_true(from_s <= from_ms && from_ms - from_s < 1000 && from_s % 1000 == 0);
	}
}

static void
a_moment_that_four_digits_cannot_name_becomes_the_nearest_they_can(void **state)
{
	char text[CLOCK_ISO8601_SIZE] = "";

	(void)state;
	clock_format_ms(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_format_ms(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static void
anything_else_is_not_read(void **state)
{
	static const char *const refused[] = {
		"",
		"Z",
		"2026-11-22",
		"2026-11-22T09:00Z",
		"2026-11-22T09:00:00",
		"2026-11-22T09:00:00z",
		"2026-11-22t09:00:00Z",
		"2026-11-22 09:00:00Z",
		"2026-11-22T09:00:00+00:00",
		"2026-11-22T09:00:00Z ",
		" 2026-11-22T09:00:00Z",
		"2026-11-22T09:00:00.1Z",
		"2026-11-22T09:00:00.1234Z",
		"2026-11-22T09:00:00,123Z",
		"2026-11-22T9:00:00Z",
		"+026-11-22T09:00:00Z",
		"-026-11-22T09:00:00Z",
		"2026-1 -22T09:00:00Z",
		"20 6-11-22T09:00:00Z",
		"12026-11-22T09:00:00Z",
		"2026-00-22T09:00:00Z",
		"2026-13-22T09:00:00Z",
		"2026-11-00T09:00:00Z",
		"2026-11-31T09:00:00Z",
		"2026-02-29T09:00:00Z",
		"1900-02-29T09:00:00Z",
		"2026-11-22T24:00:00Z",
		"2026-11-22T09:60:00Z",
		"2026-11-22T09:00:60Z",
		"2026-11-22T09:00:00.123Z\n",
		"9999-12-31T23:59:60Z",
		"Sun, 22 Nov 2026 09:00:00 +0000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		int64_t unix_ms = 42;

		if (clock_parse(refused[i], &unix_ms))
			fail_msg("read as a moment: \"%s\"", refused[i]);
		assert_int_equal(unix_ms, 42);
	}
}

static void
wall_time_is_today(void **state)
{
	char text[CLOCK_ISO8601_SIZE] = "";

	(void)state;
	clock_format(clock_now_ms(), text);
	assert_true(strcmp(text, "2024-01-01T00:00:00Z") > 0);
	assert_true(strcmp(text, "2100-01-01T00:00:00Z") < 0);
}

static void
a_date_of_rfc_2822_is_read_whole_and_in_utc_only(void **state)
{
	static const char *const others[] = { "", "Sat, 28 Nov 2026 09:00:00", "Sat, 28 Nov 2026 09:00:00 +0100",
		"Sat, 28 Nov 2026 09:00:00 +0000 ", "2026-11-28T09:00:00Z" };
	int64_t ms = 0;

	(void)state;
	assert_true(clock_parse_rfc2822("Sat, 28 Nov 2026 09:00:00 +0000", &ms));
	assert_true(ms == INT64_C(1795856400000));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(clock_parse_rfc2822(others[i], &ms));
}

static void
monotonic_time_never_goes_back(void **state)
{
	int64_t before = clock_monotonic_ms();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_monotonic_ms();

		assert_true(now >= before);
		before = now;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_is_written_in_both_forms),
		cmocka_unit_test(both_forms_are_read_back),
		cmocka_unit_test(a_moment_that_four_digits_cannot_name_becomes_the_nearest_they_can),
		cmocka_unit_test(anything_else_is_not_read),
		cmocka_unit_test(a_date_of_rfc_2822_is_read_whole_and_in_utc_only),
		cmocka_unit_test(wall_time_is_today),
		cmocka_unit_test(monotonic_time_never_goes_back),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
