#include "callcenter/rate_limits.h"

#include "base/json.h"
#include "callcenter/app.h"
#include "callcenter/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
a_word_is_a_name_and_what_is_counted(void **state)
{
	static const struct {
		const char            *word, *name;
		enum rate_limit_source source;
	} cases[] = {
		{ "flex_agent:agent", "flex_agent", RATE_LIMIT_AGENT },
		{ "a:number", "a", RATE_LIMIT_NUMBER },
		{ "Per-Call.2:interaction", "Per-Call.2", RATE_LIMIT_INTERACTION },
		{ "agent:system", "agent", RATE_LIMIT_SYSTEM },
	};
	struct rate_limit limit;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(rate_limit_read(cases[i].word, &limit));
		assert_string_equal(limit.name, cases[i].name);
		assert_int_equal(limit.source, cases[i].source);
	}
}

static void
anything_else_is_no_word(void **state)
{
	static const char *const words[] = { "", ":", ":agent", "flex_agent", "flex_agent:", "flex_agent:Agent",
		"flex_agent:agents", "flex agent:agent", "flex\"agent:agent", "flex_agent:agent:agent",
		"fl\xc3\xa9x:agent",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:agent" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		if (rate_limit_valid(words[i]))
			fail_msg("%s was taken", words[i]);
	assert_true(rate_limit_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:agent"));
}

static void
a_name_counts_one_thing_and_agents_have_to_exist(void **state)
{
	char first[] = "a:agent", second[] = "b:number", again[] = "a:number", nothing[] = "a:";
	char *const none[] = { NULL }, *const fine[] = { first, second, NULL }, *const twice[] = { second, first, again,
		NULL }, *const bad[] = { second, nothing, NULL };

	(void)state;
	assert_null(rate_limits_fault(none, false));
	assert_null(rate_limits_fault(fine, true));
	assert_non_null(rate_limits_fault(fine, false));
	assert_null(rate_limits_fault(fine + 1, false));
	assert_non_null(rate_limits_fault(twice, true));
	assert_non_null(rate_limits_fault(bad, true));
}

/* What a turn's send says, with these words. */
static struct json_object *
written(char **words, const char *number)
{
	static char key[] = "a key of thirty-two characters at least";
	struct app app = { .settings = { .log_key = key, .rate_limits = words } };
	struct turn turn = { .app = &app, .agent = { .identified = true, .id = "WK1" },
		.contact = { .interaction = "CA1" } };
	struct json_object *object = NULL;
	struct buffer out;

	snprintf(turn.contact.phone, sizeof(turn.contact.phone), "%s", number);
	buffer_init(&out, RATE_LIMITS_MAX_BYTES);
	assert_true(rate_limits_write(&turn, &out));
	assert_null(strstr(buffer_text(&out), "WK1"));
	assert_null(strstr(buffer_text(&out), "CA1"));
	assert_null(strstr(buffer_text(&out), number));
	if (out.length > 0)
		assert_int_equal(json_parse(buffer_text(&out), out.length, 1, &object), JSON_OK);
	buffer_free(&out);
	return object;
}

static void
twilio_gets_keyed_hashes_that_tell_apart_and_nothing_in_clear(void **state)
{
	char number[] = "n:number", agent[] = "a:agent", interaction[] = "i:interaction", system[] = "s:system";
	char *words[] = { number, agent, interaction, system, NULL };
	struct json_object *one = written(words, "+12025550101"), *other = written(words, "+12025550102");
	static const char *const names[] = { "n", "a", "i", "s" };

	(void)state;
	assert_int_equal(json_length(one), COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *hash = json_get_string(one, names[i]);

		assert_int_equal(strspn(hash, "0123456789abcdef"), 16);
		assert_int_equal(strlen(hash), 16);
		assert_int_equal(strcmp(hash, json_get_string(other, names[i])) == 0, i > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hash, json_get_string(one, names[j]));
	}
	json_free(one);
	json_free(other);
}

static void
without_words_nothing_is_said(void **state)
{
	char *words[] = { NULL };

	(void)state;
	assert_null(written(words, "+12025550101"));
}

static void
the_longest_words_fit(void **state)
{
	static char names[RATE_LIMITS_MAX][80];
	char *words[RATE_LIMITS_MAX + 1] = { NULL };
	struct json_object *object = NULL;

	(void)state;
	for (int i = 0; i < RATE_LIMITS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "%063d%d:system", 0, i);
		words[i] = names[i];
	}
	object = written(words, "+12025550101");
	assert_int_equal(json_length(object), RATE_LIMITS_MAX);
	json_free(object);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_a_name_and_what_is_counted),
		cmocka_unit_test(anything_else_is_no_word),
		cmocka_unit_test(a_name_counts_one_thing_and_agents_have_to_exist),
		cmocka_unit_test(twilio_gets_keyed_hashes_that_tell_apart_and_nothing_in_clear),
		cmocka_unit_test(without_words_nothing_is_said),
		cmocka_unit_test(the_longest_words_fit),
	};

	return cmocka_run_group_tests_name("rate_limits", tests, NULL, NULL);
}
