#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEPTH_MAX 4

/* A text that may hold NUL, and its length. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* Parses a copy of exactly length bytes, so that AddressSanitizer sees a byte read beyond it. */
static enum json_result
parse(const char *text, size_t length, struct json_object **object)
{
	char *exact = malloc(length > 0 ? length : 1);
	enum json_result result = JSON_OK;

	assert_non_null(exact);
	memcpy(exact, text, length);
	result = json_parse(exact, length, DEPTH_MAX, object);
	free(exact);
	return result;
}

static struct json_object *
parsed(const char *text)
{
	struct json_object *object = NULL;

	assert_int_equal(parse(text, strlen(text), &object), JSON_OK);
	return object;
}

static void
assert_written(struct json_object *value, const char *expected)
{
	struct buffer text;

	buffer_init(&text, 10000);
	assert_true(json_write(value, &text));
	assert_string_equal(buffer_text(&text), expected);
	buffer_free(&text);
}

static void
an_object_is_read(void **state)
{
	static const struct {
		const char *text;
		const char *written;
	} rows[] = {
		{ "{}", "{}" },
		{ " \t\r\n{ } \t\r\n", "{}" },
		{ "{\"to\":\"+12025550101\",\"n\":-12}", "{\"to\":\"+12025550101\",\"n\":-12}" },
		{ "{\"a\":[1,[true,null],{\"b\":false}]}", "{\"a\":[1,[true,null],{\"b\":false}]}" },
		{ "{\"a\":0,\"b\":-0.5e-3,\"c\":1E9,\"d\":1e999}",
		    "{\"a\":0,\"b\":-0.5e-3,\"c\":1E9,\"d\":1e999}" },
		{ "{\"a\":\"/\\/\\\"\\\\\\b\\f\\n\\r\\t\"}", "{\"a\":\"//\\\"\\\\\\b\\f\\n\\r\\t\"}" },
		{ "{\"\\u0041\":\"\\u00e9\\u20AC\"}", "{\"A\":\"\xc3\xa9\xe2\x82\xac\"}" },
		{ "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\xf0\x9f\x98\x80\"}" },
		/* Of these json-c (0.16) would take the character for half a pair. */
		{ "{\"a\":\"\\uD876\\uDC00\"}", "{\"a\":\"\xf0\xad\xa0\x80\"}" },
		{ "{\"\\ud836\\ude00\":\"\\\\ud836\\ud837\\udfff\\\"\"}",
		    "{\"\xf0\x9d\xa8\x80\":\"\\\\ud836\xf0\x9d\xbf\xbf\\\"\"}" },
		{ "{\"\xc3\xa9\":\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"}",
		    "{\"\xc3\xa9\":\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"}" },
		{ "{\"a\":\"not \\\\u0000\"}", "{\"a\":\"not \\\\u0000\"}" },
		{ "{\"a\":\"a\",\"b\":\"a\",\"c\":{\"a\":\"c\"}}", "{\"a\":\"a\",\"b\":\"a\",\"c\":{\"a\":\"c\"}}" },
		{ "{\"\":\"\"}", "{\"\":\"\"}" },
		{ "{\"a\":\"'\",\"b\":\"NaN\",\"c\":\"//\"}", "{\"a\":\"'\",\"b\":\"NaN\",\"c\":\"//\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_object *object = NULL;

		if (parse(rows[i].text, strlen(rows[i].text), &object) != JSON_OK)
			fail_msg("not read: %s", rows[i].text);
		assert_written(object, rows[i].written);
		json_free(object);
	}
}

struct refused_row {
	const char      *text;
	size_t           length;
	enum json_result result;
};

static void
assert_all_refused(const struct refused_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct json_object *object = (struct json_object *)&object;
		enum json_result result = parse(rows[i].text, rows[i].length, &object);

		if (result != rows[i].result)
			fail_msg("%s (row %zu): %s instead of %s", rows[i].text, i,
			    json_result_name(result), json_result_name(rows[i].result));
		assert_null(object);
	}
}

static void
text_that_is_not_one_json_value_is_refused(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT(""), JSON_SYNTAX },
		{ TEXT(" \n"), JSON_SYNTAX },
		{ TEXT("{"), JSON_SYNTAX },
		{ TEXT("}"), JSON_SYNTAX },
		{ TEXT("{\"a\""), JSON_SYNTAX },
		{ TEXT("{\"a\":"), JSON_SYNTAX },
		{ TEXT("{\"a\":1"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"x"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"x\\"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\u12"), JSON_SYNTAX },
		{ TEXT("{\"a\":[1}"), JSON_SYNTAX },
		{ TEXT("{\"a\" 1}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1 \"b\":2}"), JSON_SYNTAX },
		{ TEXT("{a:1}"), JSON_SYNTAX },
		{ TEXT("{1:1}"), JSON_SYNTAX },
		{ TEXT("{\"a\":}"), JSON_SYNTAX },
		{ TEXT("{\"a\":tru}"), JSON_SYNTAX },
		{ TEXT("{\"a\":truefalse}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\x\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\u12g4\"}"), JSON_SYNTAX },
		{ TEXT("to=%2B12025550101&channel=sms"), JSON_SYNTAX },
		{ TEXT("<html></html>"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
text_behind_the_value_is_refused(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{} x"), JSON_SYNTAX },
		{ TEXT("{}{}"), JSON_SYNTAX },
		{ TEXT("{}\n{}"), JSON_SYNTAX },
		{ TEXT("{},"), JSON_SYNTAX },
		{ TEXT("{}}"), JSON_SYNTAX },
		{ TEXT("{}\0"), JSON_SYNTAX },
		{ TEXT("{}\0{\"a\":1}"), JSON_SYNTAX },
		{ TEXT("{}\x0b"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
what_json_c_takes_beyond_json_is_refused(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{\"a\":1} // c"), JSON_SYNTAX },
		{ TEXT("{/* c */\"a\":1}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1,}"), JSON_SYNTAX },
		{ TEXT("{\"a\":[1,]}"), JSON_SYNTAX },
		{ TEXT("{\"a\":TRUE}"), JSON_SYNTAX },
		{ TEXT("{\"a\":Null}"), JSON_SYNTAX },
		{ TEXT("{'a':1}"), JSON_SYNTAX },
		{ TEXT("{\"a\":'x'}"), JSON_SYNTAX },
		{ TEXT("{\"a\":NaN}"), JSON_SYNTAX },
		{ TEXT("{\"a\":nan}"), JSON_SYNTAX },
		{ TEXT("{\"a\":Infinity}"), JSON_SYNTAX },
		{ TEXT("{\"a\":-Infinity}"), JSON_SYNTAX },
		{ TEXT("{\"a\":007}"), JSON_SYNTAX },
		{ TEXT("{\"a\":00}"), JSON_SYNTAX },
		{ TEXT("{\"a\":-01}"), JSON_SYNTAX },
		{ TEXT("{\"a\":+1}"), JSON_SYNTAX },
		{ TEXT("{\"a\":-}"), JSON_SYNTAX },
		{ TEXT("{\"a\":.5}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1.}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1.e5}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1.+5}"), JSON_SYNTAX },
		{ TEXT("{\"a\":1e}"), JSON_SYNTAX },
		{ TEXT("{\"a\":0x1f}"), JSON_SYNTAX },
		{ TEXT("\xef\xbb\xbf{}"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
nul_is_refused_in_every_form(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{\"verified\\u0000x\":true}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"x\\u0000y\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\\\\\u0000\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"x\0y\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\0b\":1}"), JSON_SYNTAX },
		{ TEXT("\0{}"), JSON_SYNTAX },
		{ TEXT("{\0}"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
raw_control_characters_in_strings_are_refused(void **state)
{
	(void)state;
	for (char c = 1; c < 0x20; c++) {
		char text[] = "{\"a\":\"?\"}";
		struct json_object *object = NULL;

		text[6] = c;
		assert_int_equal(parse(text, strlen(text), &object), JSON_SYNTAX);
		memcpy(text, "{\"?\":\"a\"}", sizeof(text));
		text[2] = c;
		assert_int_equal(parse(text, strlen(text), &object), JSON_SYNTAX);
	}
}

static void
text_that_is_not_utf8_is_refused(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{\"a\":\"\xff\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\x80\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xc0\x80\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xc1\xbf\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xe0\x9f\xbf\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xed\xa0\x80\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xf0\x8f\xbf\xbf\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xf4\x90\x80\x80\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xf5\x80\x80\x80\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xc3\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\xe2\x82\"}"), JSON_SYNTAX },
		{ TEXT("{\"\xff\":1}"), JSON_SYNTAX },
		{ TEXT("{}\xc3"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
half_a_surrogate_pair_is_refused(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{\"a\":\"\\ud83d\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\ude00\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\ud83d\\u0041\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\ud83d\\n\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\ud83dx\"}"), JSON_SYNTAX },
		{ TEXT("{\"a\":\"\\ude00\\ud83d\"}"), JSON_SYNTAX },
		{ TEXT("{\"\\ud83d\":1}"), JSON_SYNTAX },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
a_repeated_key_is_refused_at_any_level(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("{\"to\":\"1\",\"to\":\"2\"}"), JSON_REPEATED_KEY },
		{ TEXT("{\"to\":\"1\",\"to\":\"1\"}"), JSON_REPEATED_KEY },
		{ TEXT("{\"to\":1,\"to\":null}"), JSON_REPEATED_KEY },
		{ TEXT("{\"\":1,\"\":2}"), JSON_REPEATED_KEY },
		{ TEXT("{\"to\":\"1\",\"\\u0074o\":\"2\"}"), JSON_REPEATED_KEY },
		{ TEXT("{\"a\":{\"b\":1,\"c\":2,\"b\":3}}"), JSON_REPEATED_KEY },
		{ TEXT("{\"a\":[{},{\"b\":1,\"b\":{\"c\":\"d\"}}]}"), JSON_REPEATED_KEY },
		{ TEXT("{\"a\":{\"b\":\"c\"},\"a\":\"b\"}"), JSON_REPEATED_KEY },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
only_an_object_may_stand_at_the_top(void **state)
{
	static const struct refused_row rows[] = {
		{ TEXT("[]"), JSON_NOT_AN_OBJECT },
		{ TEXT("[{\"a\":1}]"), JSON_NOT_AN_OBJECT },
		{ TEXT("null"), JSON_NOT_AN_OBJECT },
		{ TEXT("true"), JSON_NOT_AN_OBJECT },
		{ TEXT("123"), JSON_NOT_AN_OBJECT },
		{ TEXT(" \"text\" "), JSON_NOT_AN_OBJECT },
	};

	(void)state;
	assert_all_refused(rows, COUNT(rows));
}

static void
levels_are_counted(void **state)
{
	static const struct {
		const char *text;
		int         levels;
	} rows[] = {
		{ "{}", 1 },
		{ "{\"a\":1}", 1 },
		{ "{\"a\":{}}", 2 },
		{ "{\"a\":[]}", 2 },
		{ "{\"a\":{},\"b\":{}}", 2 },
		{ "{\"a\":[[[{\"b\":\"[[[[\"}]]]}", 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_object *object = NULL;
		size_t length = strlen(rows[i].text);

		assert_int_equal(json_parse(rows[i].text, length, rows[i].levels, &object), JSON_OK);
		json_free(object);
		assert_int_equal(json_parse(rows[i].text, length, rows[i].levels - 1, &object),
		    JSON_SYNTAX);
		assert_null(object);
	}
}

static void
a_thousand_open_brackets_are_refused(void **state)
{
	char text[6 + 1000];
	struct json_object *object = NULL;

	(void)state;
	memset(text, '[', sizeof(text));
	memcpy(text, "{\"a\":", 5);
	assert_int_equal(parse(text, sizeof(text), &object), JSON_SYNTAX);
}

static void
every_cut_of_a_text_is_refused(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\",{\"b\":null}],\"c\":true,\"d\":\"\xe2\x82\xac\"}";

	(void)state;
	json_free(parsed(text));
	for (size_t length = 0; length < strlen(text); length++) {
		struct json_object *object = NULL;

		assert_int_equal(parse(text, length, &object), JSON_SYNTAX);
		assert_null(object);
	}
}

static void
every_byte_put_anywhere_is_survived(void **state)
{
	static const char text[] = "{\"a\":[1,\"\\u00e9\\n\"],\"b\":true}";

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (int byte = 0; byte < 256; byte++) {
			char changed[sizeof(text)];
			struct json_object *object = NULL;

			memcpy(changed, text, sizeof(text));
			changed[at] = (char)byte;
			if (parse(changed, sizeof(text) - 1, &object) == JSON_OK)
				assert_int_equal(json_kind(object), JSON_OBJECT);
			else
				assert_null(object);
			json_free(object);
		}
	}
}

/* One member of every kind, and of the values that look like others. */
static const char members[] =
    "{\"text\":\"abc\",\"empty\":\"\",\"digits\":\"12\",\"word\":\"false\",\"yes\":true,\"no\":false,"
    "\"int\":12,\"zero\":0,\"fraction\":12.0,\"power\":1e2,\"null\":null,\"array\":[1],\"object\":{\"a\":1}}";

static void
a_string_is_given_only_for_a_string(void **state)
{
	static const char *const others[] = {
		"yes", "int", "fraction", "null", "array", "object", "absent", "TEXT", "tex", ""
	};
	struct json_object *object = parsed(members);

	(void)state;
	assert_string_equal(json_get_string(object, "text"), "abc");
	assert_string_equal(json_get_string(object, "empty"), "");
	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(json_get_string(object, others[i]));
	assert_null(json_get_string(NULL, "text"));
	assert_null(json_get_string(json_get_array(object, "array"), "text"));
	json_free(object);
}

static void
a_bool_is_given_only_for_a_bool(void **state)
{
	static const char *const others[] = {
		"text", "word", "int", "zero", "null", "array", "object", "absent"
	};
	struct json_object *object = parsed(members);
	bool value = false;

	(void)state;
	assert_true(json_get_bool(object, "yes", &value) && value);
	assert_true(json_get_bool(object, "no", &value) && !value);
	value = true;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(json_get_bool(object, others[i], &value));
	assert_false(json_get_bool(NULL, "yes", &value));
	assert_true(value);
	json_free(object);
}

static void
an_int_is_given_only_for_a_whole_number(void **state)
{
	static const char *const others[] = {
		"text", "digits", "yes", "fraction", "power", "null", "array", "object", "absent"
	};
	struct json_object *object = parsed(members);
	int64_t value = -1;

	(void)state;
	assert_true(json_get_int(object, "int", &value) && value == 12);
	assert_true(json_get_int(object, "zero", &value) && value == 0);
	value = -1;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(json_get_int(object, others[i], &value));
	assert_false(json_get_int(NULL, "int", &value));
	assert_int_equal(value, -1);
	json_free(object);
}

static void
a_number_that_json_c_would_change_is_no_int(void **state)
{
	static const struct {
		const char *number;
		int64_t     value; /* 0: refused */
	} rows[] = {
		{ "9007199254740991", JSON_INT_MAX },
		{ "-9007199254740991", -JSON_INT_MAX },
		{ "9007199254740992", 0 },
		{ "-9007199254740992", 0 },
		{ "9223372036854775807", 0 },
		{ "9223372036854775808", 0 },
		{ "18446744073709551616", 0 },
		{ "-9223372036854775809", 0 },
		{ "1e999", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64] = "";
		struct json_object *object = NULL;
		int64_t value = 0;

		snprintf(text, sizeof(text), "{\"n\":%s}", rows[i].number);
		object = parsed(text);
		assert_int_equal(json_kind(json_get(object, "n")), JSON_NUMBER);
		assert_int_equal(json_get_int(object, "n", &value), rows[i].value != 0);
		assert_int_equal(value, rows[i].value);
		json_free(object);
	}
}

static void
objects_and_arrays_are_given_only_for_their_own(void **state)
{
	struct json_object *object = parsed(members);

	(void)state;
	assert_non_null(json_get_object(object, "object"));
	assert_null(json_get_object(object, "array"));
	assert_null(json_get_object(object, "null"));
	assert_null(json_get_object(object, "absent"));
	assert_non_null(json_get_array(object, "array"));
	assert_null(json_get_array(object, "object"));
	assert_null(json_get_array(object, "text"));
	assert_null(json_get_array(json_get_object(object, "absent"), "array"));
	json_free(object);
}

static void
every_value_has_its_kind(void **state)
{
	static const struct {
		const char    *key;
		enum json_kind kind;
	} rows[] = {
		{ "null", JSON_NULL }, { "absent", JSON_NULL }, { "no", JSON_BOOL },
		{ "int", JSON_NUMBER }, { "power", JSON_NUMBER }, { "text", JSON_STRING },
		{ "array", JSON_ARRAY }, { "object", JSON_OBJECT },
	};
	struct json_object *object = parsed(members);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(json_kind(json_get(object, rows[i].key)), rows[i].kind);
	assert_true(json_has(object, "null") && json_has(object, "no"));
	assert_false(json_has(object, "absent") || json_has(NULL, "null"));
	assert_string_equal(json_string(json_get(object, "text")), "abc");
	assert_null(json_string(json_get(object, "int")));
	assert_null(json_string(NULL));
	json_free(object);
}

static void
items_are_counted_and_numbered(void **state)
{
	struct json_object *object = parsed("{\"list\":[\"a\",null,\"c\"],\"n\":3}");
	struct json_object *list = json_get_array(object, "list");

	(void)state;
	assert_int_equal(json_length(list), 3);
	assert_int_equal(json_length(object), 2);
	assert_int_equal(json_length(json_get(object, "n")), 0);
	assert_int_equal(json_length(NULL), 0);
	assert_string_equal(json_string(json_item(list, 0)), "a");
	assert_null(json_item(list, 1));
	assert_string_equal(json_string(json_item(list, 2)), "c");
	assert_null(json_item(list, 3));
	assert_null(json_item(list, SIZE_MAX));
	assert_null(json_item(object, 0));
	assert_null(json_item(NULL, 0));
	json_free(object);
}

struct visits {
	char keys[32];
	int  left; /* how many are wanted */
};

static bool
note_visit(void *context, const char *key, struct json_object *value)
{
	struct visits *visits = context;
	size_t used = strlen(visits->keys);

	assert_int_equal(json_kind(value) == JSON_NULL, strcmp(key, "b") == 0);
	snprintf(visits->keys + used, sizeof(visits->keys) - used, "%s", key);
	return --visits->left > 0;
}

static void
members_are_visited_in_order_until_one_is_enough(void **state)
{
	struct json_object *object = parsed("{\"c\":1,\"b\":null,\"a\":[]}");
	struct visits all = { .left = 9 };
	struct visits two = { .left = 2 };
	struct visits none = { .left = 9 };

	(void)state;
	assert_true(json_each(object, note_visit, &all));
	assert_string_equal(all.keys, "cba");
	assert_false(json_each(object, note_visit, &two));
	assert_string_equal(two.keys, "cb");
	assert_true(json_each(json_get(object, "a"), note_visit, &none));
	assert_true(json_each(NULL, note_visit, &none));
	assert_string_equal(none.keys, "");
	json_free(object);
}

static void
an_object_is_built_and_written(void **state)
{
	struct json_object *object = json_new_object();
	struct json_object *inner = json_new_object();
	struct json_object *list = json_new_array();

	(void)state;
	json_append(list, json_new_string("one"));
	json_append(list, json_new_object());
	json_add_bool(object, "success", true);
	json_add_string(object, "url", "https://a.example/b?c=<d>&\"e\"");
	json_add_string(object, "nothing", NULL);
	json_add_int(object, "big", INT64_MAX);
	json_add_null(object, "null");
	json_add_string(inner, "line", "a\nb\x01\xc3\xa9");
	json_add(object, "inner", inner);
	json_add(object, "list", list);
	assert_true(json_complete(object));
	assert_written(object, "{\"success\":true,\"url\":\"https://a.example/b?c=<d>&\\\"e\\\"\","
	    "\"nothing\":null,\"big\":9223372036854775807,\"null\":null,"
	    "\"inner\":{\"line\":\"a\\nb\\u0001\xc3\xa9\"},\"list\":[\"one\",{}]}");
	json_free(object);
}

/* Nobody writes it, alone or as a part of another one; then it is freed. */
static void
assert_incomplete(struct json_object *value)
{
	struct json_object *outer = json_new_object(), *outermost = json_new_array();
	struct buffer text;

	buffer_init(&text, 200);
	assert_false(json_complete(value));
	assert_null(json_copy(value));
	assert_false(json_write(value, &text));
	assert_true(text.failed);
	json_add(outer, "a", value);
	assert_false(json_complete(outer));
	json_append(outermost, outer);
	assert_false(json_complete(outermost));
	json_free(outermost);
	buffer_free(&text);
}

static void
a_decimal_is_rounded_to_its_places(void **state)
{
	struct json_object *object = json_new_object();

	(void)state;
	json_add_decimal(object, "third", 1.0 / 3, 4);
	json_add_decimal(object, "all", 1, 4);
	json_add_decimal(object, "less", -2.5, 0);
	assert_written(object, "{\"third\":0.3333,\"all\":1.0000,\"less\":-2}");
	json_free(object);
}

static void
a_decimal_is_neither_infinite_nor_endless(void **state)
{
	static const double never[] = { HUGE_VAL, -HUGE_VAL, 1e300 };

	(void)state;
	for (size_t i = 0; i < COUNT(never); i++) {
		struct json_object *object = json_new_object();

		json_add_decimal(object, "never", never[i], 4);
		assert_incomplete(object);
	}
}

static void
an_added_member_replaces_one_of_its_name(void **state)
{
	struct json_object *object = json_new_object();

	(void)state;
	json_add_string(object, "a", "first");
	json_add_int(object, "b", 1);
	json_add_string(object, "a", "second");
	assert_written(object, "{\"a\":\"second\",\"b\":1}");
	json_free(object);
}

/* Without memory a constructor gives NULL: json-c itself would add it as null. */
static void
what_lacks_a_part_is_incomplete(void **state)
{
	struct json_object *object = json_new_object();
	struct json_object *list = json_new_array();

	(void)state;
	json_add(object, "child", NULL);
	json_append(list, NULL);
	assert_int_equal(json_length(object), 0);
	assert_int_equal(json_length(list), 0);
	json_add_int(object, "later", 1);
	json_append(list, json_new_string("later"));
	assert_incomplete(object);
	assert_incomplete(list);
}

/* Nobody has seen it since. */
static void
what_becomes_incomplete_after_it_was_added_is_not_written_either(void **state)
{
	struct json_object *outer = json_new_object(), *list = json_new_array(), *inner = json_new_object();
	struct buffer text;

	(void)state;
	buffer_init(&text, 200);
	json_append(list, inner);
	json_add(outer, "list", list);
	json_add_string(inner, "odd", "\xff");
	assert_false(json_write(outer, &text));
	assert_true(text.failed);
	json_free(outer);
	buffer_free(&text);
}

static void
what_cannot_hold_a_part_is_incomplete(void **state)
{
	struct json_object *list = json_new_array();
	struct json_object *object = json_new_object();

	(void)state;
	json_add_string(list, "a", "x");
	json_append(object, json_new_string("x"));
	assert_incomplete(list);
	assert_incomplete(object);
	assert_false(json_complete(NULL));
	json_add_string(NULL, "a", "x");
	json_add_null(NULL, "a");
	json_add(NULL, "a", json_new_object());
	json_append(NULL, json_new_string("x"));
	json_free(NULL);
}

static void
what_text_that_is_not_utf8_is_added_to_is_incomplete(void **state)
{
	struct json_object *value = json_new_object();
	struct json_object *key = json_new_object();

	(void)state;
	assert_null(json_new_string("\xff"));
	assert_null(json_new_string(NULL));
	json_add_string(value, "a", "\xed\xa0\x80");
	assert_incomplete(value);
	json_add_int(key, "\xff", 1);
	assert_incomplete(key);
}

static void
a_copy_outlives_its_original(void **state)
{
	static const char text[] = "{\"a\":[1,2.50,\"x\",null,{\"b\":true}]}";
	struct json_object *object = parsed(text);
	struct json_object *copy = json_copy(object);

	(void)state;
	json_free(object);
	assert_written(copy, text);
	json_free(copy);
	assert_null(json_copy(NULL));
}

static void
what_does_not_fit_is_not_written(void **state)
{
	struct json_object *object = parsed("{\"a\":\"0123456789\"}");
	struct buffer text;

	(void)state;
	buffer_init(&text, 18);
	assert_true(json_write(object, &text));
	buffer_clear(&text);
	assert_true(buffer_add_text(&text, "x"));
	assert_false(json_write(object, &text));
	assert_true(text.failed);
	buffer_free(&text);
	json_free(object);
}

static void
nothing_is_not_written_as_null(void **state)
{
	struct buffer text;

	(void)state;
	buffer_init(&text, 100);
	assert_false(json_write(NULL, &text));
	assert_true(text.failed);
	buffer_free(&text);
}

static void
every_result_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = JSON_OK; a <= JSON_NO_MEMORY; a++)
		for (int b = JSON_OK; b < a; b++)
			assert_string_not_equal(json_result_name((enum json_result)a),
			    json_result_name((enum json_result)b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_read),
		cmocka_unit_test(text_that_is_not_one_json_value_is_refused),
		cmocka_unit_test(text_behind_the_value_is_refused),
		cmocka_unit_test(what_json_c_takes_beyond_json_is_refused),
		cmocka_unit_test(nul_is_refused_in_every_form),
		cmocka_unit_test(raw_control_characters_in_strings_are_refused),
		cmocka_unit_test(text_that_is_not_utf8_is_refused),
		cmocka_unit_test(half_a_surrogate_pair_is_refused),
		cmocka_unit_test(a_repeated_key_is_refused_at_any_level),
		cmocka_unit_test(only_an_object_may_stand_at_the_top),
		cmocka_unit_test(levels_are_counted),
		cmocka_unit_test(a_thousand_open_brackets_are_refused),
		cmocka_unit_test(every_cut_of_a_text_is_refused),
		cmocka_unit_test(every_byte_put_anywhere_is_survived),
		cmocka_unit_test(a_string_is_given_only_for_a_string),
		cmocka_unit_test(a_bool_is_given_only_for_a_bool),
		cmocka_unit_test(an_int_is_given_only_for_a_whole_number),
		cmocka_unit_test(a_number_that_json_c_would_change_is_no_int),
		cmocka_unit_test(objects_and_arrays_are_given_only_for_their_own),
		cmocka_unit_test(every_value_has_its_kind),
		cmocka_unit_test(items_are_counted_and_numbered),
		cmocka_unit_test(members_are_visited_in_order_until_one_is_enough),
		cmocka_unit_test(an_object_is_built_and_written),
		cmocka_unit_test(a_decimal_is_rounded_to_its_places),
		cmocka_unit_test(a_decimal_is_neither_infinite_nor_endless),
		cmocka_unit_test(an_added_member_replaces_one_of_its_name),
		cmocka_unit_test(what_lacks_a_part_is_incomplete),
		cmocka_unit_test(what_becomes_incomplete_after_it_was_added_is_not_written_either),
		cmocka_unit_test(what_cannot_hold_a_part_is_incomplete),
		cmocka_unit_test(what_text_that_is_not_utf8_is_added_to_is_incomplete),
		cmocka_unit_test(a_copy_outlives_its_original),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(nothing_is_not_written_as_null),
		cmocka_unit_test(every_result_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
