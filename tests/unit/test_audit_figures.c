#include "callcenter/audit_figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct line {
	const char *verification;
	int64_t     at;
	const char *action, *outcome;
	int         sends;
};

static void
add_lines(struct audit_figures *figures, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ledger_record record = { .position = (int64_t)i + 1, .whole = true };

		record.event.at = lines[i].at;
		record.event.sends = lines[i].sends;
		snprintf(record.event.verification, sizeof(record.event.verification), "%s", lines[i].verification);
		snprintf(record.event.action, sizeof(record.event.action), "%s", lines[i].action);
		snprintf(record.event.outcome, sizeof(record.event.outcome), "%s", lines[i].outcome);
		assert_true(audit_figures_add(figures, &record));
	}
	assert_true(audit_figures_end(figures));
}

/* A quick one, one with trouble, one that fails, one that never got a code, and an event of none. */
static const struct line lines[] = {
	{ "", 90, "start", "too_many_sends", 0 },
	{ "a", 100, "start", "begun", 1 }, { "a", 110, "start", "code_sent", 0 }, { "a", 130, "check", "begun", 0 },
	{ "a", 140, "check", "approved", 0 }, { "a", 150, "info", "released", 0 }, { "a", 160, "info", "released", 0 },
	{ "b", 200, "start", "begun", 1 }, { "b", 210, "start", "code_sent", 0 },
	{ "b", 220, "check", "wrong_code", 0 },
	{ "b", 230, "start", "begun", 1 }, { "b", 240, "start", "code_sent", 0 }, { "b", 910, "settle", "approved", 0 },
	{ "c", 300, "start", "begun", 1 }, { "c", 310, "start", "code_sent", 0 },
	{ "c", 320, "check", "wrong_code", 0 },
	{ "c", 321, "lock", "locked", 0 }, { "c", 330, "check", "too_many_checks", 0 },
	{ "d", 400, "start", "begun", 1 }, { "d", 410, "start", "landline", -1 },
};

/* Decisions count by their own time, also without a code ever sent. */
static void
decisions_count_when_they_are_made(void **state)
{
	static const struct line decisions[] = {
		{ "", 90, "unlock", "unlocked", 0 }, { "a", 100, "override", "overridden", 0 },
		{ "a", 110, "info", "released_overridden", 0 }, { "a", 120, "info", "released_overridden", 0 },
		{ "b", 130, "stop", "stopped", 0 }, { "b", 140, "unlock", "agent_not_allowed", 0 },
		{ "b", 199, "unlock", "stop_lifted", 0 }, { "c", 200, "override", "overridden", 0 },
	};
	struct audit_figures f;

	(void)state;
	audit_figures_init(&f, 100, 200);
	add_lines(&f, decisions, COUNT(decisions));
	assert_int_equal(f.overrides, 1);
	assert_int_equal(f.overridden_releases, 2);
	assert_int_equal(f.stops, 1);
	assert_int_equal(f.unlocks, 1);
	assert_int_equal(f.begun, 0);
	audit_figures_free(&f);
}

static void
figures_count_whole_verifications(void **state)
{
	struct audit_figures f;

	(void)state;
	audit_figures_init(&f, INT64_MIN, INT64_MAX);
	add_lines(&f, lines, COUNT(lines));
	assert_int_equal(f.begun, 4);
	assert_int_equal(f.sent, 3);
	assert_int_equal(f.approved, 2);
	assert_int_equal(f.codes, 4);
	assert_int_equal(f.wrong_codes, 2);
	assert_int_equal(f.locks, 1);
	assert_int_equal(f.releases, 2);
	assert_int_equal(audit_figures_within(&f, 50), 30);
	assert_int_equal(audit_figures_within(&f, 90), 700);
	audit_figures_free(&f);
}

static void
a_verification_belongs_to_the_time_it_was_begun_in_with_all_that_came_later(void **state)
{
	static const struct {
		int64_t from, to, begun, approved;
	} rows[] = {
		{ 100, 101, 1, 1 }, { 101, 200, 0, 0 }, { 200, 300, 1, 1 }, { 230, 300, 0, 0 }, { 100, 400, 3, 2 },
		{ 900, 1000, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct audit_figures f;

		audit_figures_init(&f, rows[i].from, rows[i].to);
		add_lines(&f, lines, COUNT(lines));
		assert_int_equal(f.begun, rows[i].begun);
		assert_int_equal(f.approved, rows[i].approved);
		audit_figures_free(&f);
	}
}

static void
times_are_those_within_which_so_many_percent_were(void **state)
{
	enum { MANY = 3000 };
	struct audit_figures f;
	struct ledger_record record = { .whole = true };

	(void)state;
	audit_figures_init(&f, 0, INT64_MAX);
	/* 1 to 3000 ms, in an order of no use. */
	for (int i = 0; i < MANY; i++) {
		static const char *const outcomes[] = { "begun", "code_sent", "approved" };

		snprintf(record.event.verification, sizeof(record.event.verification), "%d", i);
		for (size_t k = 0; k < COUNT(outcomes); k++) {
			snprintf(record.event.action, sizeof(record.event.action), "%s", k < 2 ? "start" : "check");
			snprintf(record.event.outcome, sizeof(record.event.outcome), "%s", outcomes[k]);
			record.event.at = 1000 + (k < 2 ? 0 : 1 + i * 7 % MANY);
			assert_true(audit_figures_add(&f, &record));
		}
	}
	assert_true(audit_figures_end(&f));
	assert_int_equal(f.approved, MANY);
	assert_int_equal(audit_figures_within(&f, 0), 1);
	assert_int_equal(audit_figures_within(&f, 50), 1500);
	assert_int_equal(audit_figures_within(&f, 90), 2700);
	assert_int_equal(audit_figures_within(&f, 100), MANY);
	audit_figures_free(&f);
}

static void
without_events_there_are_no_figures_and_no_times(void **state)
{
	struct audit_figures f;

	(void)state;
	audit_figures_init(&f, INT64_MIN, INT64_MAX);
	assert_true(audit_figures_end(&f));
	assert_int_equal(f.begun, 0);
	assert_int_equal(audit_figures_within(&f, 50), -1);
	audit_figures_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_count_when_they_are_made),
		cmocka_unit_test(figures_count_whole_verifications),
		cmocka_unit_test(a_verification_belongs_to_the_time_it_was_begun_in_with_all_that_came_later),
		cmocka_unit_test(times_are_those_within_which_so_many_percent_were),
		cmocka_unit_test(without_events_there_are_no_figures_and_no_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
