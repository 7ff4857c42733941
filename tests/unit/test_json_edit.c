#include "base/json_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH_MAX    4
#define TEXT_MAX     400

/* Sets "ours" to {"by":"Ana"}. */
static enum json_result
edit(const char *text, struct buffer *out, bool *same)
{
	struct json_object *value = json_new_object();
	enum json_result result = JSON_OK;

	json_add_string(value, "by", "Ana");
	buffer_init(out, TEXT_MAX);
	result = json_edit_member(text, DEPTH_MAX, "ours", value, out, same);
	json_free(value);
	return result;
}

#define OURS "\"ours\":{\"by\":\"Ana\"}"

static void
a_member_is_added_or_replaced_and_every_other_byte_stays(void **state)
{
	static const char *const cases[][2] = {
		{ "{}", "{" OURS "}" },
		{ " { } ", " { " OURS "} " },
		{ "{\"a\":1}", "{\"a\":1," OURS "}" },
		{ "{\"a\":1 , \"b\" : [ 1,{} ] }\n", "{\"a\":1 , \"b\" : [ 1,{} ] ," OURS "}\n" },
		{ "{\"ours\":null}", "{" OURS "}" },
		{ "{\"ours\":{\"by\":\"Ben\"}}", "{" OURS "}" },
		{ "{\"a\":\"}\",\"ours\":[1,[2],{\"x\":\"]},\"}],\"b\":{}}", "{\"a\":\"}\"," OURS ",\"b\":{}}" },
		{ "{\"ours\" : 7 ,\"b\":2}", "{\"ours\" :{\"by\":\"Ana\"},\"b\":2}" },
		{ "{\"a\":2,\"ours\":\"\\\"}\"}", "{\"a\":2," OURS "}" },
		/* Only the member of the object itself, however its name is written. */
		{ "{\"a\":{\"ours\":1},\"b\":[{\"ours\":2}]}", "{\"a\":{\"ours\":1},\"b\":[{\"ours\":2}]," OURS "}" },
		{ "{\"a\":\"\\\"ours\\\":1\"}", "{\"a\":\"\\\"ours\\\":1\"," OURS "}" },
		{ "{\"\\u006furs\":1}", "{\"\\u006furs\":{\"by\":\"Ana\"}}" },
		{ "{\"Ours\":1,\"ours \":2}", "{\"Ours\":1,\"ours \":2," OURS "}" },
		/* What a reader would round, shorten or spell in another way. */
		{ "{\"a\":1e400,\"b\":-0.10,\"c\":1E+2}", "{\"a\":1e400,\"b\":-0.10,\"c\":1E+2," OURS "}" },
		{ "{\"a\":9007199254740993,\"b\":18446744073709551615}",
		    "{\"a\":9007199254740993,\"b\":18446744073709551615," OURS "}" },
		{ "{\"a\":\"\\u00fc\\/\\ud83d\\ude00 \xc3\xbc\",\"\":\"\"}",
		    "{\"a\":\"\\u00fc\\/\\ud83d\\ude00 \xc3\xbc\",\"\":\"\"," OURS "}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer out;
		bool same = true;

		assert_int_equal(edit(cases[i][0], &out, &same), JSON_OK);
		assert_string_equal(buffer_text(&out), cases[i][1]);
		assert_false(same);
		buffer_free(&out);
	}
}

static void
what_was_edited_is_the_same_when_it_is_edited_again(void **state)
{
	static const char *const texts[] = { "{}", "{\"a\":[{\"b\":\"c\"}],\"ours\":1,\"z\":0}", "{\"a\":{\"b\":{}}}" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buffer once, twice;
		bool same = true;

		assert_int_equal(edit(texts[i], &once, NULL), JSON_OK);
		assert_int_equal(edit(buffer_text(&once), &twice, &same), JSON_OK);
		assert_true(same);
		assert_string_equal(buffer_text(&once), buffer_text(&twice));
		buffer_free(&once);
		buffer_free(&twice);
	}
}

static void
a_text_that_is_no_object_or_says_a_thing_twice_is_left_alone(void **state)
{
	static const struct {
		const char      *text;
		enum json_result result;
	} cases[] = {
		{ "", JSON_SYNTAX },
		{ "{", JSON_SYNTAX },
		{ "{\"a\":1}}", JSON_SYNTAX },
		{ "{\"a\":1,}", JSON_SYNTAX },
		{ "{\"a\" 1}", JSON_SYNTAX },
		{ "{\"a\":[[[[1]]]]}", JSON_SYNTAX },
		{ "{\"a\":\"\\ud800\"}", JSON_SYNTAX },
		{ "{\"a\":\"\xff\"}", JSON_SYNTAX },
		{ "{\"a\":NaN}", JSON_SYNTAX },
		{ "[]", JSON_NOT_AN_OBJECT },
		{ "null", JSON_NOT_AN_OBJECT },
		{ "\"{}\"", JSON_NOT_AN_OBJECT },
		{ "{\"ours\":1,\"ours\":2}", JSON_REPEATED_KEY },
		{ "{\"ours\":1,\"our\\u0073\":2}", JSON_REPEATED_KEY },
		{ "{\"a\":{\"b\":1,\"b\":2}}", JSON_REPEATED_KEY },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer out;

		if (edit(cases[i].text, &out, NULL) != cases[i].result)
			fail_msg("%s", cases[i].text);
		assert_string_equal(buffer_text(&out), "");
		buffer_free(&out);
	}
}

static void
what_does_not_fit_is_not_half_written(void **state)
{
	char text[TEXT_MAX + 1] = "{\"a\":\"";
	struct buffer out;

	(void)state;
	memset(text + strlen(text), 'x', TEXT_MAX - 8);
	memcpy(text + TEXT_MAX - 2, "\"}", 3);
	assert_int_equal(edit(text, &out, NULL), JSON_NO_MEMORY);
	assert_true(out.failed);
	buffer_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_added_or_replaced_and_every_other_byte_stays),
		cmocka_unit_test(what_was_edited_is_the_same_when_it_is_edited_again),
		cmocka_unit_test(a_text_that_is_no_object_or_says_a_thing_twice_is_left_alone),
		cmocka_unit_test(what_does_not_fit_is_not_half_written),
	};

	return cmocka_run_group_tests_name("json_edit", tests, NULL, NULL);
}
