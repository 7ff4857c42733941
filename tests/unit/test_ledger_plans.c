/*
 * What the ledger asks its database in a request is answered from an index,
 * with nothing sorted and no table gone through; and it writes no index in
 * vain.
 */
#include "ledger_place.h"

#include "ledger/ledger_engine.h"

#include <stdio.h>
#include <string.h>

#define PLAN_MAX_BYTES 32768

static void
read_plan(const struct ledger_place *place, const char *sql, char plan[PLAN_MAX_BYTES])
{
	char path[256], command[512];
	FILE *file = NULL, *tool = NULL;

	snprintf(path, sizeof(path), "%s/plan.sql", place->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "EXPLAIN QUERY PLAN %s;\nEXPLAIN %s;\n", sql, sql);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command), "sqlite3 -bail -readonly %s < %s", place->path, path);
	tool = popen(command, "r");
	assert_non_null(tool);
	plan[fread(plan, 1, PLAN_MAX_BYTES - 1, tool)] = '\0';
	assert_int_equal(pclose(tool), 0);
	assert_int_equal(remove(path), 0);
}

/* In the plan, or in the program that SQLite makes of it: a table for the time being is memory taken and given back. */
static void
assert_plan(const struct ledger_place *place, const struct statement *statement)
{
	static const char *const costly[] = { "TEMP B-TREE", "SCAN events", "SCAN verifications", "SCAN v", "SCAN e",
		"SCAN p", "OpenEphemeral", "OpenAutoindex", "SorterOpen", NULL };
	char plan[PLAN_MAX_BYTES];

	read_plan(place, statement->sql, plan);
	for (const char *const *step = costly; *step != NULL; step++)
		if (strstr(plan, *step) != NULL)
			fail_msg("%s in the plan of %s:\n%s", *step, statement->sql, plan);
}

static void
assert_plans(const struct ledger_place *place, const struct statements *s)
{
	struct statement *const asked[] = { s->find, s->latest, s->other_open, s->contested, s->end_approvals,
		s->change, s->last_opening[LEDGER_OPENING_APPROVED],
		s->last_opening[LEDGER_OPENING_UNLOCKED], s->last_send,
		s->begun_by, s->approved_by, s->pin_find, s->pins_retire, s->pins_forget, s->pin_issued,
		s->request_find, s->requests_forget };

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		assert_plan(place, asked[i]);
	for (int scope = 0; scope < LEDGER_SCOPE__MAX; scope++)
		for (int counted = 0; counted < LEDGER_COUNTED__MAX; counted++)
			assert_plan(place, s->sum[scope][counted]);
}

static void
what_a_request_asks_is_answered_from_an_index(void **state)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
	    &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_plans(*state, &ledger_connection(ledger)->s);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

/* What a ledger of version 5 had. */
static const char version_5[] =
    "ALTER TABLE verifications DROP COLUMN verifier;"
    "DROP INDEX verifications_stopped; DROP INDEX events_by_number; DROP INDEX events_by_agent;"
    "DROP INDEX events_that_open;"
    "CREATE INDEX events_by_number ON events (to_id, at, sends, failures);"
    "CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures);"
    "CREATE INDEX events_by_outcome ON events (to_id, outcome, at);";

static void
a_ledger_of_version_5_gets_the_indexes_of_this_one(void **state)
{
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_int_equal(ledger_place_sql(place, version_5), 0);
	assert_int_equal(ledger_place_sql(place, place->postgres ? "UPDATE schema_version SET version = 5" :
	    "PRAGMA user_version = 5"), 0);
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_int_not_equal(ledger_place_sql(place, "DROP INDEX events_by_outcome"), 0);
	assert_int_equal(ledger_place_sql(place, version_5), 0);
}

/* What is in an index may change as well: Twilio began another verification, and its code has a life of its own. */
static void
a_row_that_was_read_is_written_whole(void **state)
{
	struct ledger_verification v = { .id = "00000000000000a1", .interaction = "CA00000000000000000000000000000001",
		.to_id = "0123456789abcdef", .state = LEDGER_STATE_PENDING, .sends = 1, .created_at = 1 }, read;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
	    &ledger), LEDGER_OK);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
		assert_int_equal(ledger_latest(ledger, v.interaction, v.to_id, "", &read),
		    i == 0 ? LEDGER_NOT_FOUND : LEDGER_OK);
		v.sends++;
		v.approved_until = 1000 + i;
		v.created_at = i < 2 ? 1 : i;
		snprintf(v.reason, sizeof(v.reason), "reason %d", i);
		assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
		assert_int_equal(ledger_commit(ledger), LEDGER_OK);
		assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
		assert_int_equal(ledger_find(ledger, v.id, &read), LEDGER_OK);
		assert_memory_equal(&read, &v, sizeof(v));
		ledger_rollback(ledger);
	}
	ledger_close(ledger);
}

static void
a_row_that_was_read_may_move_to_another_contact(void **state)
{
	struct ledger_verification v = { .id = "00000000000000a1", .interaction = "CA00000000000000000000000000000001",
		.to_id = "0123456789abcdef", .created_at = 1 }, read;
	struct ledger *ledger = ledger_place_open(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
	snprintf(v.to_id, sizeof(v.to_id), "fedcba9876543210");
	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
	snprintf(v.interaction, sizeof(v.interaction), "CA00000000000000000000000000000002");
	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
	assert_int_equal(ledger_latest(ledger, v.interaction, v.to_id, "", &read), LEDGER_OK);
	assert_memory_equal(&read, &v, sizeof(v));
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SQLITE(what_a_request_asks_is_answered_from_an_index),
		ON_BOTH(a_ledger_of_version_5_gets_the_indexes_of_this_one),
		ON_BOTH(a_row_that_was_read_is_written_whole),
		ON_BOTH(a_row_that_was_read_may_move_to_another_contact),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
