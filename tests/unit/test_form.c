#include "http/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "to", "channel", "Token", NULL };

typedef enum form_result reader(struct form *form, const char *body, size_t length,
    const char *const *names);

static void
assert_result(enum form_result actual, enum form_result expected)
{
	assert_string_equal(form_result_name(actual), form_result_name(expected));
}

/* Reads a body, checks the result, and keeps nothing. */
static void
assert_reads(reader *read, const char *body, size_t length, enum form_result expected)
{
	struct form form;
	enum form_result result = read(&form, body, length, names);

	if (result != expected)
		print_message("# %.*s\n", (int)length, body);
	assert_result(result, expected);
	form_free(&form);
	form_free(&form);
}

static void
fields_are_found_by_their_exact_name(void **state)
{
	static const char body[] = "to=%2B12025550101&channel=sms";
	struct form form;

	(void)state;
	assert_result(form_read_urlencoded(&form, body, strlen(body), names), FORM_OK);
	assert_int_equal(form.count, 2);
	assert_string_equal(form_get(&form, "to"), "+12025550101");
	assert_string_equal(form_get(&form, "channel"), "sms");
	assert_null(form_get(&form, "Token"));
	assert_null(form_get(&form, "To"));
	assert_null(form_get(&form, "t"));
	form_free(&form);
	assert_null(form_get(&form, "to"));
}

static void
escapes_and_blanks_are_decoded(void **state)
{
	static const char body[] = "to=+1+202&channel=%c3%A4%E2%82%ac%f0%9f%98%80&Token=a=b%26%3d%2B";
	struct form form;

	(void)state;
	assert_result(form_read_urlencoded(&form, body, strlen(body), names), FORM_OK);
	assert_string_equal(form_get(&form, "to"), " 1 202");
	assert_string_equal(form_get(&form, "channel"), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_string_equal(form_get(&form, "Token"), "a=b&=+");
	form_free(&form);
}

static void
an_escaped_name_is_the_name(void **state)
{
	struct form form;

	(void)state;
	assert_result(form_read_urlencoded(&form, "%74o=1", 6, names), FORM_OK);
	assert_string_equal(form_get(&form, "to"), "1");
	form_free(&form);
	assert_reads(form_read_urlencoded, "to=1&%74o=2", 11, FORM_REPEATED_FIELD);
}

static void
an_empty_body_has_no_fields(void **state)
{
	struct form form;

	(void)state;
	assert_result(form_read_urlencoded(&form, "", 0, names), FORM_OK);
	assert_int_equal(form.count, 0);
	form_free(&form);
	assert_result(form_read_json(&form, NULL, 0, names), FORM_OK);
	assert_int_equal(form.count, 0);
	form_free(&form);
}

static void
an_urlencoded_body_is_exactly_that(void **state)
{
	static const struct {
		const char      *body;
		enum form_result result;
	} cases[] = {
		{ "to=", FORM_OK },
		{ "to=1", FORM_OK },
		{ "to==", FORM_OK },
		{ "to", FORM_MALFORMED },
		{ "=1", FORM_MALFORMED },
		{ "&", FORM_MALFORMED },
		{ "&to=1", FORM_MALFORMED },
		{ "to=1&", FORM_MALFORMED },
		{ "to=1&&channel=2", FORM_MALFORMED },
		{ "to=1&channel", FORM_MALFORMED },
		{ "to=%", FORM_MALFORMED },
		{ "to=%4", FORM_MALFORMED },
		{ "to=%4&channel=1", FORM_MALFORMED },
		{ "to=%4g", FORM_MALFORMED },
		{ "to=%g4", FORM_MALFORMED },
		{ "to=% 4", FORM_MALFORMED },
		{ "to=%u0041", FORM_MALFORMED },
		{ "to=%00", FORM_MALFORMED },
		{ "to%00=1", FORM_MALFORMED },
		{ "to=a%0Ab", FORM_MALFORMED },
		{ "to=a%0d", FORM_MALFORMED },
		{ "to=\t", FORM_MALFORMED },
		{ "to=a\n", FORM_MALFORMED },
		{ "to=%1F", FORM_MALFORMED },
		{ "to=%20", FORM_OK },
		{ "to=%7E", FORM_OK },
		{ "to=%7F", FORM_MALFORMED },
		{ "to=%C2%80", FORM_MALFORMED },
		{ "to=%C2%9F", FORM_MALFORMED },
		{ "to=%C2%A0", FORM_OK },
		{ "to=%FF", FORM_MALFORMED },
		{ "to=%C3", FORM_MALFORMED },
		{ "to=%C3&channel=%A4", FORM_MALFORMED },
		{ "to=%C0%80", FORM_MALFORMED },
		{ "to=%E0%80%80", FORM_MALFORMED },
		{ "to=%ED%A0%80", FORM_MALFORMED },
		{ "to=%F4%8F%BF%BF", FORM_OK },
		{ "to=%F4%90%80%80", FORM_MALFORMED },
		{ "to=%F8%88%80%80%80", FORM_MALFORMED },
		{ "\xef\xbb\xbfto=1", FORM_UNKNOWN_FIELD },
		{ "TO=1", FORM_UNKNOWN_FIELD },
		{ "to[]=1", FORM_UNKNOWN_FIELD },
		{ "t=1", FORM_UNKNOWN_FIELD },
		{ "tos=1", FORM_UNKNOWN_FIELD },
		{ "to =1", FORM_UNKNOWN_FIELD },
		{ "to=1&verified=true", FORM_UNKNOWN_FIELD },
		{ "to=1&to=1", FORM_REPEATED_FIELD },
		{ "to=1&channel=sms&to=2", FORM_REPEATED_FIELD },
		{ "{\"to\":\"1\"}", FORM_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_reads(form_read_urlencoded, cases[i].body, strlen(cases[i].body),
		    cases[i].result);
}

static void
a_byte_zero_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	assert_reads(form_read_urlencoded, "to=1\0", 5, FORM_MALFORMED);
	assert_reads(form_read_urlencoded, "\0to=1", 5, FORM_MALFORMED);
	assert_reads(form_read_urlencoded, "to=1\0&channel=sms", 17, FORM_MALFORMED);
	assert_reads(form_read_json, "{\"to\":\"1\"}\0", 11, FORM_MALFORMED);
	assert_reads(form_read_json, "{\"to\":\"1\0\"}", 11, FORM_MALFORMED);
}

static void
a_json_body_is_a_flat_object_of_strings(void **state)
{
	static const struct {
		const char      *body;
		enum form_result result;
	} cases[] = {
		{ "{}", FORM_OK },
		{ " {\"to\":\"+12025550101\",\"channel\":\"sms\"} \n", FORM_OK },
		{ "{\"to\":\"\"}", FORM_OK },
		{ "{\"to\":12025550101}", FORM_MALFORMED },
		{ "{\"to\":true}", FORM_MALFORMED },
		{ "{\"to\":null}", FORM_MALFORMED },
		{ "{\"to\":[]}", FORM_MALFORMED },
		{ "{\"to\":{}}", FORM_MALFORMED },
		{ "{\"to\":{\"to\":\"1\"}}", FORM_MALFORMED },
		{ "[]", FORM_MALFORMED },
		{ "[{\"to\":\"1\"}]", FORM_MALFORMED },
		{ "\"to\"", FORM_MALFORMED },
		{ "null", FORM_MALFORMED },
		{ "{", FORM_MALFORMED },
		{ "{\"to\":\"1\"", FORM_MALFORMED },
		{ "{\"to\":\"1\"}{}", FORM_MALFORMED },
		{ "{\"to\":\"1\"} x", FORM_MALFORMED },
		{ "{\"to\":\"1\",}", FORM_MALFORMED },
		{ "{\"to\":\"1\" /* */}", FORM_MALFORMED },
		{ "{\"to\\u0000x\":\"1\"}", FORM_MALFORMED },
		{ "{\"to\":\"a\\u0000b\"}", FORM_MALFORMED },
		{ "{\"to\":\"a\\nb\"}", FORM_MALFORMED },
		{ "{\"to\":\"a\\u007f\"}", FORM_MALFORMED },
		{ "{\"to\":\"a\\u0085\"}", FORM_MALFORMED },
		{ "{\"to\":\"\\ud800\"}", FORM_MALFORMED },
		{ "{\"to\":\"\xff\"}", FORM_MALFORMED },
		{ "{\"to\":\"\xc0\x80\"}", FORM_MALFORMED },
		{ "{\"\":\"1\"}", FORM_MALFORMED },
		{ "{\"TO\":\"1\"}", FORM_UNKNOWN_FIELD },
		{ "{\"to\":\"1\",\"verified\":\"true\"}", FORM_UNKNOWN_FIELD },
		{ "{\"to\":\"1\",\"to\":\"2\"}", FORM_REPEATED_FIELD },
		{ "{\"to\":\"1\",\"t\\u006f\":\"2\"}", FORM_REPEATED_FIELD },
		{ "to=1", FORM_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_reads(form_read_json, cases[i].body, strlen(cases[i].body),
		    cases[i].result);
}

static void
json_strings_are_unescaped(void **state)
{
	static const char body[] = "{\"t\\u006f\":\"\\u002b1\\u00e4\\ud83d\\ude00\\/\\\"\","
	    "\"Token\":\"x\"}";
	struct form form;

	(void)state;
	assert_result(form_read_json(&form, body, strlen(body), names), FORM_OK);
	assert_string_equal(form_get(&form, "to"), "+1\xc3\xa4\xf0\x9f\x98\x80/\"");
	assert_string_equal(form_get(&form, "Token"), "x");
	form_free(&form);
}

/* The fields f0, f1, ... as a form or as JSON. */
static void
write_fields(struct buffer *out, size_t count, bool json)
{
	buffer_init(out, 1000);
	for (size_t i = 0; i < count; i++) {
		if (json)
			buffer_printf(out, "%c\"f%zu\":\"1\"", i == 0 ? '{' : ',', i);
		else
			buffer_printf(out, "%sf%zu=1", i == 0 ? "" : "&", i);
	}
	assert_true(buffer_add_text(out, json ? "}" : ""));
}

static void
there_may_be_as_many_fields_as_the_limit_and_not_one_more(void **state)
{
	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		enum form_result expected = extra == 0 ? FORM_OK : FORM_TOO_MANY_FIELDS;
		struct buffer body;
		struct form form;

		write_fields(&body, FORM_FIELDS_MAX + extra, false);
		assert_result(form_read_urlencoded(&form, body.data, body.length, NULL), expected);
		assert_int_equal(form.count, FORM_FIELDS_MAX);
		form_free(&form);
		buffer_free(&body);
		write_fields(&body, FORM_FIELDS_MAX + extra, true);
		assert_result(form_read_json(&form, body.data, body.length, NULL), expected);
		assert_int_equal(form.count, FORM_FIELDS_MAX);
		form_free(&form);
		buffer_free(&body);
	}
}

static void
any_name_is_read_where_none_are_listed(void **state)
{
	struct form form;

	(void)state;
	assert_result(form_read_urlencoded(&form, "Anything=1", 10, NULL), FORM_OK);
	assert_string_equal(form_get(&form, "Anything"), "1");
	form_free(&form);
}

static void
fields_are_written_escaped(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out, 100);
	assert_true(form_add(&out, "To", "+1 202"));
	assert_true(form_add(&out, "a&b", "\xc3\xa4=%~-._"));
	assert_true(form_add(&out, "Empty", ""));
	assert_string_equal(buffer_text(&out), "To=%2B1%20202&a%26b=%C3%A4%3D%25~-._&Empty=");
	buffer_free(&out);
}

static void
a_form_that_does_not_fit_fails_and_stays_failed(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out, 8);
	assert_true(form_add(&out, "a", "1234"));
	assert_false(form_add(&out, "b", "1"));
	assert_true(out.failed);
	buffer_free(&out);
	for (size_t max = 0; max < 9; max++) {
		buffer_init(&out, max);
		assert_false(form_escape(&out, "a%b\xff" "c"));
		buffer_free(&out);
	}
	buffer_init(&out, 9);
	assert_true(form_escape(&out, "a%b\xff" "c"));
	buffer_free(&out);
}

static void
what_is_written_is_read_back(void **state)
{
	char value[256] = "";
	struct buffer out;
	struct form form;
	size_t length = 0;

	(void)state;
	for (int byte = 0x20; byte < 0x7f; byte++)
		value[length++] = (char)byte;
	buffer_init(&out, 1000);
	assert_true(form_add(&out, "to", value));
	assert_result(form_read_urlencoded(&form, out.data, out.length, names), FORM_OK);
	assert_string_equal(form_get(&form, "to"), value);
	form_free(&form);
	buffer_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_their_exact_name),
		cmocka_unit_test(escapes_and_blanks_are_decoded),
		cmocka_unit_test(an_escaped_name_is_the_name),
		cmocka_unit_test(an_empty_body_has_no_fields),
		cmocka_unit_test(an_urlencoded_body_is_exactly_that),
		cmocka_unit_test(a_byte_zero_is_refused_wherever_it_stands),
		cmocka_unit_test(a_json_body_is_a_flat_object_of_strings),
		cmocka_unit_test(json_strings_are_unescaped),
		cmocka_unit_test(there_may_be_as_many_fields_as_the_limit_and_not_one_more),
		cmocka_unit_test(any_name_is_read_where_none_are_listed),
		cmocka_unit_test(fields_are_written_escaped),
		cmocka_unit_test(a_form_that_does_not_fit_fails_and_stays_failed),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
