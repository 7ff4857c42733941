#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GROWN_BYTES 5000

static void
an_untouched_buffer_is_an_empty_text(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 10);
	assert_string_equal(buffer_text(&buffer), "");
	assert_int_equal(buffer.length, 0);
	assert_false(buffer.failed);
	buffer_free(&buffer);
}

static void
text_is_taken_up_to_the_limit(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 10);
	assert_true(buffer_add_text(&buffer, "01234"));
	assert_true(buffer_add_text(&buffer, "56789"));
	assert_true(buffer_add_text(&buffer, ""));
	assert_string_equal(buffer_text(&buffer), "0123456789");
	assert_int_equal(buffer.length, 10);
	buffer_free(&buffer);
}

static void
text_beyond_the_limit_is_refused(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 10);
	assert_true(buffer_add_text(&buffer, "01234"));
	assert_false(buffer_add_text(&buffer, "56789x"));
	assert_true(buffer.failed);
	assert_int_equal(buffer.length, 5);
	buffer_free(&buffer);
}

static void
a_failed_buffer_takes_nothing_more(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 4);
	assert_false(buffer_add_text(&buffer, "01234"));
	assert_false(buffer_add_text(&buffer, "0"));
	assert_false(buffer_printf(&buffer, "%d", 0));
	assert_false(buffer_add(&buffer, NULL, 0));
	assert_string_equal(buffer_text(&buffer), "");
	buffer_free(&buffer);
}

static void
a_cleared_buffer_starts_afresh_and_keeps_its_limit(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 4);
	assert_true(buffer_add_text(&buffer, "abcd"));
	assert_false(buffer_add_text(&buffer, "e"));
	buffer_clear(&buffer);
	assert_string_equal(buffer_text(&buffer), "");
	assert_true(buffer_add_text(&buffer, "efgh"));
	assert_string_equal(buffer_text(&buffer), "efgh");
	assert_false(buffer_add_text(&buffer, "i"));
	buffer_free(&buffer);
}

static void
clearing_wipes_the_bytes(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 100);
	assert_true(buffer_add_text(&buffer, "a secret"));
	buffer_clear(&buffer);
	for (size_t i = 0; i < buffer.capacity; i++)
		assert_int_equal(buffer.data[i], 0);
	buffer_free(&buffer);
}

static void
a_freed_buffer_can_be_used_again(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 3);
	assert_true(buffer_add_text(&buffer, "abc"));
	buffer_free(&buffer);
	buffer_free(&buffer);
	assert_string_equal(buffer_text(&buffer), "");
	assert_true(buffer_add_text(&buffer, "def"));
	assert_false(buffer_add_text(&buffer, "g"));
	buffer_free(&buffer);
}

static void
bytes_may_hold_nul(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 10);
	assert_true(buffer_add(&buffer, "a\0b", 3));
	assert_true(buffer_add(&buffer, NULL, 0));
	assert_int_equal(buffer.length, 3);
	assert_memory_equal(buffer_text(&buffer), "a\0b", 4);
	buffer_free(&buffer);
}

static void
it_grows_byte_by_byte_to_its_limit(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, GROWN_BYTES);
	for (int i = 0; i < GROWN_BYTES; i++) {
		char byte = (char)('a' + i % 26);

		assert_true(buffer_add(&buffer, &byte, 1));
	}
	assert_int_equal(strlen(buffer_text(&buffer)), GROWN_BYTES);
	for (int i = 0; i < GROWN_BYTES; i++)
		assert_int_equal(buffer.data[i], 'a' + i % 26);
	assert_true(buffer.capacity <= GROWN_BYTES + 1);
	assert_false(buffer_add(&buffer, "!", 1));
	buffer_free(&buffer);
}

static void
formatted_text_is_appended_whole(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 1000);
	assert_true(buffer_printf(&buffer, "%s is %d", "answer", 42));
	assert_true(buffer_printf(&buffer, "%s", ""));
	assert_true(buffer_printf(&buffer, ", %500d", 7));
	assert_int_equal(buffer.length, strlen("answer is 42, ") + 500);
	assert_memory_equal(buffer.data, "answer is 42, ", 14);
	assert_int_equal(buffer.data[buffer.length - 1], '7');
	buffer_free(&buffer);
}

static void
formatted_text_that_does_not_fit_is_not_cut(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 8);
	assert_false(buffer_printf(&buffer, "%s", "123456789"));
	assert_true(buffer.failed);
	assert_string_equal(buffer_text(&buffer), "");
	buffer_free(&buffer);
}

static void
a_size_no_memory_has_is_refused(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, SIZE_MAX);
	assert_true(buffer_add_text(&buffer, "abc"));
	assert_false(buffer_add(&buffer, "", SIZE_MAX));
	assert_true(buffer.failed);
	buffer_free(&buffer);
}

static void
a_limit_of_nothing_takes_nothing(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 0);
	assert_true(buffer_add_text(&buffer, ""));
	assert_false(buffer_add_text(&buffer, "x"));
	buffer_free(&buffer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_buffer_is_an_empty_text),
		cmocka_unit_test(text_is_taken_up_to_the_limit),
		cmocka_unit_test(text_beyond_the_limit_is_refused),
		cmocka_unit_test(a_failed_buffer_takes_nothing_more),
		cmocka_unit_test(a_cleared_buffer_starts_afresh_and_keeps_its_limit),
		cmocka_unit_test(clearing_wipes_the_bytes),
		cmocka_unit_test(a_freed_buffer_can_be_used_again),
		cmocka_unit_test(bytes_may_hold_nul),
		cmocka_unit_test(it_grows_byte_by_byte_to_its_limit),
		cmocka_unit_test(formatted_text_is_appended_whole),
		cmocka_unit_test(formatted_text_that_does_not_fit_is_not_cut),
		cmocka_unit_test(a_size_no_memory_has_is_refused),
		cmocka_unit_test(a_limit_of_nothing_takes_nothing),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
