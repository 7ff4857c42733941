/*
 * What an operator does to a whole ledger: what a purge keeps and carries, what
 * it refuses, and where the record begins behind it; and the ends of a copy.
 */
#include "ledger/inspection.h"
#include "ledger_place.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define AGENT  "WK00000000000000000000000000000001"
#define NUMBER "0123456789abcdef"
#define OTHER  "fedcba9876543210"

/* ---- A ledger ------------------------------------------------------------------------- */

static struct ledger_event
event_of(const char *id, const char *to_id, const char *outcome, int64_t at)
{
	struct ledger_event event = { .at = at, .action = "check", .agent_id = AGENT, .sends = 1 };

	snprintf(event.verification, sizeof(event.verification), "%s", id);
	snprintf(event.interaction, sizeof(event.interaction), "CA%s", id);
	snprintf(event.to_id, sizeof(event.to_id), "%s", to_id);
	snprintf(event.outcome, sizeof(event.outcome), "%s", outcome);
	event.failures = strcmp(outcome, "wrong_code") == 0;
	return event;
}

static void
append(struct ledger *ledger, const char *id, const char *to_id, const char *outcome, int64_t at)
{
	struct ledger_event event = event_of(id, to_id, outcome, at);

	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
}

static void
put(struct ledger *ledger, const char *id, enum ledger_state state, int64_t at)
{
	struct ledger_verification v = { .to_id = NUMBER, .channel = "sms", .state = state, .created_at = at };

	snprintf(v.id, sizeof(v.id), "%s", id);
	snprintf(v.interaction, sizeof(v.interaction), "CA%s", id);
	if (state == LEDGER_STATE_APPROVED)
		v.approved_at = at;
	else
		v.decided_at = at;
	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
}

static struct ledger *
begun(const struct ledger_place *place)
{
	struct ledger *ledger = ledger_place_open(place);

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	return ledger;
}

static void
end(struct ledger *ledger)
{
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}

static int64_t
purge_part(struct ledger *ledger, int64_t before)
{
	int64_t purged = 0;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_purge(ledger, before, &purged), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	return purged;
}

static void
each_part_of_a_purge_goes_on_where_the_last_one_ended_and_the_last_event_stays(void **state)
{
	enum { OLD = 2 * LEDGER_PURGE_MAX + 50, ALL = OLD + 30 };
	struct ledger_event event = { .action = "start", .outcome = "begun" };
	struct ledger *ledger = ledger_place_open(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	for (event.at = 1; event.at <= ALL; event.at++)
		assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(purge_part(ledger, 1), 0);
	assert_int_equal(purge_part(ledger, OLD + 1), LEDGER_PURGE_MAX);
	assert_int_equal(purge_part(ledger, OLD + 1), LEDGER_PURGE_MAX);
	assert_int_equal(purge_part(ledger, OLD + 1), 50);
	assert_int_equal(purge_part(ledger, OLD + 1), 0);
	assert_int_equal(purge_part(ledger, ALL + 1), ALL - OLD - 1);
	assert_int_equal(purge_part(ledger, ALL + 1), 0);
	ledger_close(ledger);
}

/* ---- What a purge keeps ------------------------------------------------------------------ */

static int64_t
failures_of(struct ledger *ledger, enum ledger_scope scope, const char *key, int64_t since)
{
	int64_t failures = -1;

	assert_int_equal(ledger_sum(ledger, scope, key, LEDGER_COUNTED_FAILURES, since, &failures), LEDGER_OK);
	return failures;
}

static void
wrong_codes_in_a_row_go_on_counting_for_their_number_and_no_agent(void **state)
{
	struct ledger *ledger = begun(*state);
	int64_t sends = 0;

	append(ledger, "a1", NUMBER, "wrong_code", 1000);
	append(ledger, "a1", NUMBER, "approved", 2000);
	append(ledger, "a2", NUMBER, "wrong_code", 3000);
	append(ledger, "a2", NUMBER, "wrong_code", 4000);
	append(ledger, "a3", OTHER, "wrong_code", 5000);
	append(ledger, "a3", OTHER, "unlocked", 6000);
	append(ledger, "a4", OTHER, "begun", 90000);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(purge_part(ledger, 50000), 6);

	/* Two since the last right one, at the time of the last of them; the other number was unlocked. */
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(failures_of(ledger, LEDGER_SCOPE_NUMBER, NUMBER, 3999), 2);
	assert_int_equal(failures_of(ledger, LEDGER_SCOPE_NUMBER, NUMBER, 4000), 0);
	assert_int_equal(failures_of(ledger, LEDGER_SCOPE_NUMBER, OTHER, 0), 0);
	assert_int_equal(failures_of(ledger, LEDGER_SCOPE_AGENT, AGENT, 0), 0);
	assert_int_equal(ledger_sum(ledger, LEDGER_SCOPE_SYSTEM, "", LEDGER_COUNTED_SENDS, 0, &sends), LEDGER_OK);
	assert_int_equal(sends, 1);
	end(ledger);
}

static enum ledger_state
state_of(struct ledger *ledger, const char *id)
{
	struct ledger_verification v;

	return ledger_find(ledger, id, &v) == LEDGER_OK ? v.state : LEDGER_STATE__MAX;
}

static void
a_purge_takes_what_is_over_and_keeps_a_stop_and_what_is_younger(void **state)
{
	struct ledger *ledger = begun(*state);

	put(ledger, "a1", LEDGER_STATE_EXPIRED, 1000);
	put(ledger, "a2", LEDGER_STATE_STOPPED, 1000);
	put(ledger, "a3", LEDGER_STATE_APPROVED, 1000);
	put(ledger, "a4", LEDGER_STATE_OVERRIDDEN, 1000);
	put(ledger, "a5", LEDGER_STATE_APPROVED, 90000);
	append(ledger, "a1", NUMBER, "begun", 1000);
	append(ledger, "a2", NUMBER, "stopped", 1000);
	append(ledger, "a3", NUMBER, "approved", 1000);
	append(ledger, "a4", NUMBER, "overridden", 1000);
	append(ledger, "a5", NUMBER, "begun", 1000);
	append(ledger, "a3", NUMBER, "shown", 90000);
	append(ledger, "a4", NUMBER, "shown", 90000);
	append(ledger, "a5", NUMBER, "approved", 90000);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(purge_part(ledger, 50000), 5);

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(state_of(ledger, "a1"), LEDGER_STATE__MAX);
	assert_int_equal(state_of(ledger, "a2"), LEDGER_STATE_STOPPED);
	/* Events of theirs stay, so they do; but nothing on record says any more that they are good. */
	assert_int_equal(state_of(ledger, "a3"), LEDGER_STATE_EXPIRED);
	assert_int_equal(state_of(ledger, "a4"), LEDGER_STATE_EXPIRED);
	assert_int_equal(state_of(ledger, "a5"), LEDGER_STATE_APPROVED);
	end(ledger);
}

/* ---- Where the record begins then ------------------------------------------------------------- */

/* Six events of which the first three were purged. */
static const struct ledger_place *
purged(void **state)
{
	struct ledger *ledger = begun(*state);

	for (int i = 1; i <= 6; i++)
		append(ledger, "a1", NUMBER, "begun", 1000 * i);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(purge_part(ledger, 4000), 3);
	ledger_close(ledger);
	return *state;
}

static struct inspection
inspect(const struct ledger_place *place, const struct inspection_place *noted)
{
	struct inspection inspection = { .key = KEY };
	struct ledger *ledger = NULL;

	if (noted != NULL)
		inspection.noted = *noted;
	assert_int_equal(ledger_open_to_read(place->address, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_true(inspection_of_events(ledger, &inspection));
	assert_true(inspection_of_order(ledger, &inspection));
	assert_true(inspection_of_file(ledger, &inspection));
	end(ledger);
	return inspection;
}

static void
what_a_purge_leaves_is_whole_and_begins_where_it_says(void **state)
{
	struct inspection inspection = inspect(purged(state), NULL);

	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.origin.position, 3);
	assert_int_equal(inspection.whole.position, 6);
	assert_int_equal(inspection.first_at, 4000);
}

static void
a_place_that_was_noted_is_looked_for_where_the_record_begins(void **state)
{
	struct inspection_place noted = inspect(purged(state), NULL).origin;

	assert_int_equal(inspect(*state, &noted).fault, INSPECTION_WHOLE);
	noted.link[0] ^= 1;
	assert_int_equal(inspect(*state, &noted).fault, INSPECTION_NOT_AS_NOTED);
	assert_int_equal(inspect(*state, &noted).position, 3);
	/* Before it nothing can be compared any more. */
	noted.position = 2;
	assert_int_equal(inspect(*state, &noted).fault, INSPECTION_WHOLE);
}

static void
nobody_without_the_key_says_where_the_record_begins(void **state)
{
	static const struct {
		const char *sql;
		int64_t     position;
	} attacks[] = {
		{ "UPDATE origin SET position = 2", 2 },
		{ "UPDATE origin SET position = 4; DELETE FROM events WHERE position = 4", 4 },
		{ "UPDATE origin SET link = replace(link, substr(link, 1, 1), 'x')", 3 },
		{ "UPDATE origin SET seal = seal || 'x'", 3 },
		{ "UPDATE origin SET seal = ''", 3 },
		{ "UPDATE origin SET position = 0", 0 },
	};
	const struct ledger_place *place = purged(state);

	assert_int_equal(ledger_place_sql(place, "CREATE TABLE kept AS SELECT * FROM origin"), 0);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct inspection inspection;

		assert_int_equal(ledger_place_sql(place, attacks[i].sql), 0);
		inspection = inspect(place, NULL);
		assert_int_equal(inspection.fault, INSPECTION_ORIGIN);
		assert_int_equal(inspection.position, attacks[i].position);
		assert_int_equal(ledger_place_sql(place, "DELETE FROM origin; INSERT INTO origin SELECT * FROM kept"),
		    0);
	}
	assert_int_equal(ledger_place_sql(place, "DELETE FROM origin"), 0);
	assert_int_equal(inspect(place, NULL).fault, INSPECTION_MISSING);
}

/* ---- What a purge refuses ------------------------------------------------------------------------ */

static void
a_record_that_was_altered_is_not_purged(void **state)
{
	static const char *const attacks[] = {
		/* Where the record would begin. */
		"DELETE FROM events WHERE position = 3;",
		"UPDATE events SET link = link || link WHERE position = 3;",
		/* What would be carried. */
		"UPDATE events SET to_id = to_id || to_id WHERE position = 2;",
		"UPDATE events SET failures = 2147483648 WHERE position = 2;",
		"INSERT INTO events SELECT -p.position, p.at, '', '', '', '', '', '', '', 'n' || p.position, '', '', 0,"
		" 0, 1, '', '' FROM (SELECT e.position * 100 + f.position * 10 + g.position AS position, e.at"
		" FROM events e, events f, events g WHERE e.position < 6) AS p;",
		/* The seal that what is carried is appended behind. */
		"UPDATE seal SET position = 2;",
		"UPDATE seal SET link = link || link;",
	};
	struct ledger *ledger = begun(*state);
	char sql[1024], before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];
	int64_t gone = 0;

	for (int i = 1; i <= 8; i++)
		append(ledger, "a1", NUMBER, i <= 2 ? "wrong_code" : "begun", 1000 * i);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(ledger_place_sql(*state,
	    "CREATE TABLE events_kept AS SELECT * FROM events; CREATE TABLE seal_kept AS SELECT * FROM seal;"), 0);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		snprintf(sql, sizeof(sql), "%s%s", ledger_place_unlocking(*state), attacks[i]);
		assert_int_equal(ledger_place_sql(*state, sql), 0);
		ledger_place_digest(*state, before);
		assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
		assert_int_equal(ledger_purge(ledger, 4000, &gone), LEDGER_ALTERED);
		assert_int_equal(gone, 0);
		ledger_rollback(ledger);
		ledger_place_digest(*state, after);
		assert_string_equal(after, before);
		assert_int_equal(ledger_place_sql(*state,
		    "DELETE FROM events; INSERT INTO events SELECT * FROM events_kept;"
		    "DELETE FROM seal; INSERT INTO seal SELECT * FROM seal_kept;"), 0);
	}
	assert_int_equal(purge_part(ledger, 4000), 3);
	ledger_close(ledger);
}

/* ---- Copies ------------------------------------------------------------------------------------------ */

static void
a_copy_of_a_record_without_events_is_one(void **state)
{
	const struct ledger_seal none = { .position = 0 };
	struct ledger *ledger = begun(*state);

	assert_int_equal(ledger_restore_ends(ledger, &none, &none), LEDGER_OK);
	append(ledger, "a1", NUMBER, "begun", 1000);
	end(ledger);
	assert_int_equal(inspect(*state, NULL).fault, INSPECTION_WHOLE);
	assert_int_equal(inspect(*state, NULL).whole.position, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(each_part_of_a_purge_goes_on_where_the_last_one_ended_and_the_last_event_stays),
		ON_BOTH(wrong_codes_in_a_row_go_on_counting_for_their_number_and_no_agent),
		ON_BOTH(a_purge_takes_what_is_over_and_keeps_a_stop_and_what_is_younger),
		ON_BOTH(what_a_purge_leaves_is_whole_and_begins_where_it_says),
		ON_BOTH(a_place_that_was_noted_is_looked_for_where_the_record_begins),
		ON_BOTH(nobody_without_the_key_says_where_the_record_begins),
		ON_BOTH(a_record_that_was_altered_is_not_purged),
		ON_BOTH(a_copy_of_a_record_without_events_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
