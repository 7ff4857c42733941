#include "callcenter/info_fields.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct info_proof weak = { .age_ms = 600000, .channels = 1 };
static const struct info_proof fresh = { .age_ms = 299999, .channels = 1 };
static const struct info_proof twofold = { .age_ms = 600000, .channels = 2 };

static char sms_2[] = "sms:2", call_2[] = "call:2", pin_3[] = "pin:3";
static char *policy[] = { sms_2, call_2, pin_3, NULL };
static const struct info_proof strong = { .age_ms = 600000, .channels = 1, .strength = 2, .strengths = policy };
static const struct info_proof stronger = { .age_ms = 600000, .channels = 1, .strength = 3, .strengths = policy };

/* What INFO_FIELDS lets out of a record, as text; the text is the caller's to free. */
static void
expect(const char *const *words, const char *record, const struct info_proof *proof, const char *out,
    const char *withheld)
{
	struct json_object *object = NULL, *selected = NULL, *list = json_new_array();
	struct buffer text;

	assert_int_equal(json_parse(record, strlen(record), 8, &object), JSON_OK);
	selected = info_fields_select(words, false, object, proof, list);
	assert_non_null(selected);
	buffer_init(&text, 1000);
	assert_true(json_write(selected, &text));
	assert_string_equal(buffer_text(&text), out);
	buffer_clear(&text);
	assert_true(json_write(list, &text));
	assert_string_equal(buffer_text(&text), withheld);
	buffer_free(&text);
	json_free(selected);
	json_free(list);
	json_free(object);
}

static void
only_listed_fields_leave(void **state)
{
	const char *words[] = { "name", "address", NULL };
	const char *none[] = { NULL };

	(void)state;
	expect(words, "{\"name\":\"Jo\",\"iban\":\"X1\",\"address\":{\"city\":\"Y\"},\"Name\":\"Z\"}", &weak,
	    "{\"name\":\"Jo\",\"address\":{\"city\":\"Y\"}}", "[]");
	expect(none, "{\"name\":\"Jo\"}", &twofold, "{}", "[]");
}

static void
fields_of_the_task_and_of_the_record_are_not_mixed_up(void **state)
{
	const char *words[] = { "task.name", "email", NULL };

	(void)state;
	expect(words, "{\"name\":\"Jo\",\"email\":\"jo@example.com\"}", &weak, "{\"email\":\"jo@example.com\"}", "[]");
}

static void
a_field_that_demands_more_is_named_and_kept_back(void **state)
{
	const char *words[] = { "name", "iban:5m", "limit:2c", NULL };
	const char *record = "{\"name\":\"Jo\",\"iban\":\"X1\",\"limit\":5}";

	(void)state;
	expect(words, record, &weak, "{\"name\":\"Jo\"}",
	    "[{\"field\":\"iban\",\"fresh_minutes\":5},{\"field\":\"limit\",\"channels\":2}]");
	expect(words, record, &fresh, "{\"name\":\"Jo\",\"iban\":\"X1\"}", "[{\"field\":\"limit\",\"channels\":2}]");
	expect(words, record, &twofold, "{\"name\":\"Jo\",\"limit\":5}", "[{\"field\":\"iban\",\"fresh_minutes\":5}]");
}

static void
a_field_that_demands_a_strength_is_reached_by_a_way_that_has_it(void **state)
{
	const char *words[] = { "name:2s", "iban:3s", NULL };
	const char *record = "{\"name\":\"Jo\",\"iban\":\"X1\"}";

	(void)state;
	expect(words, record, &strong, "{\"name\":\"Jo\"}",
	    "[{\"field\":\"iban\",\"strength\":3,\"ways\":[\"pin\"]}]");
	expect(words, record, &stronger, "{\"name\":\"Jo\",\"iban\":\"X1\"}", "[]");
}

static void
a_demand_that_nothing_reaches_is_found(void **state)
{
	const char *words[] = { "name", "iban:2s", NULL };

	(void)state;
	assert_true(info_fields_reachable(words, 2));
	assert_false(info_fields_reachable(words, 1));
	words[1] = "iban:2x";
	assert_true(info_fields_reachable(words, 1)); /* it is no field, and refused by itself */
}

static void
a_field_that_the_customer_does_not_have_is_not_withheld(void **state)
{
	const char *words[] = { "iban:5m", NULL };

	(void)state;
	expect(words, "{\"name\":\"Jo\",\"iban\":null}", &weak, "{}", "[]");
}

static void
a_word_that_is_no_field_shows_nothing(void **state)
{
	const char *words[] = { "iban:5x", "name", NULL };

	(void)state;
	expect(words, "{\"name\":\"Jo\",\"iban\":\"DE1\"}", &weak, "{\"name\":\"Jo\"}", "[]");
}

static void
words_that_are_no_field_are_refused(void **state)
{
	static const char *const good[] = { "name", "task.name", "a:1m", "a:1440m", "a:1c", "a:2c", "task.a:2c", "a:1s",
	    "a:3s" };
	static const char *const bad[] = { "", ":", ":5m", "task.", "a:", "a:0m", "a:-5m", "a:5", "a:m", "a:5mm",
	    "a:3c", "a:0s", "a:4s", "a:s", "a:2s:5m",
		"a:1441m", "a:99999999999999999999m", "a: 5m",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(info_field_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (info_field_valid(bad[i]))
			fail_msg("'%s' was taken for a field", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_listed_fields_leave),
		cmocka_unit_test(fields_of_the_task_and_of_the_record_are_not_mixed_up),
		cmocka_unit_test(a_field_that_demands_more_is_named_and_kept_back),
		cmocka_unit_test(a_field_that_demands_a_strength_is_reached_by_a_way_that_has_it),
		cmocka_unit_test(a_demand_that_nothing_reaches_is_found),
		cmocka_unit_test(a_field_that_the_customer_does_not_have_is_not_withheld),
		cmocka_unit_test(a_word_that_is_no_field_shows_nothing),
		cmocka_unit_test(words_that_are_no_field_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
