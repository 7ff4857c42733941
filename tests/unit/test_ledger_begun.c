#include "ledger/ledger.h"
#include "ledger/ledger_engine.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define KEY "0123456789abcdef0123456789abcdef"

#define ANA  "WK00000000000000000000000000000001"
#define BEN  "WK00000000000000000000000000000002"
#define CALL "CA00000000000000000000000000000001"

#define NUMBER "0123456789abcdef"

/* In one agent's life, and far more than any one call has. */
#define HISTORY 3000

/* Steps of SQLite's machine (sqlite3_stmt_status), of which a row takes ten or so. */
#define STEPS_FEW 500

struct place {
	char           directory[64], path[96];
	struct ledger *ledger;
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char address[128];

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-begun-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/ledger.db", place->directory);
	snprintf(address, sizeof(address), "sqlite:%s", place->path);
	assert_int_equal(ledger_open(address, KEY, LEDGER_SYNC_FULL, &place->ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(place->ledger, LEDGER_WRITE), LEDGER_OK);
	*state = place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;

	ledger_rollback(place->ledger);
	ledger_close(place->ledger);
	unlink(place->path);
	assert_int_equal(rmdir(place->directory), 0);
	free(place);
	return 0;
}

static void
add(struct ledger *ledger, const char *agent, const char *interaction, const char *to_id, int64_t at,
    const char *outcome)
{
	struct ledger_event event = { .at = at, .action = "check" };

	snprintf(event.agent_id, sizeof(event.agent_id), "%s", agent);
	snprintf(event.interaction, sizeof(event.interaction), "%s", interaction);
	snprintf(event.to_id, sizeof(event.to_id), "%s", to_id);
	snprintf(event.outcome, sizeof(event.outcome), "%s", outcome);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
}

static int64_t
begun(struct ledger *ledger, const char *to_id, int64_t since)
{
	int64_t times = -1;

	assert_int_equal(ledger_begun_by(ledger, ANA, CALL, to_id, since, &times), LEDGER_OK);
	return times;
}

static void
what_an_agent_began_is_found_by_call_and_by_number_and_nobody_elses_is(void **state)
{
	struct ledger *ledger = ((struct place *)*state)->ledger;

	assert_int_equal(begun(ledger, NUMBER, 0), 0);
	add(ledger, BEN, CALL, NUMBER, 100, "begun");
	add(ledger, ANA, "CA2", "fedcba9876543210", 100, "begun");
	add(ledger, ANA, CALL, NUMBER, 100, "wrong_code");
	add(ledger, ANA, "CA3", "", 100, "begun");
	assert_int_equal(begun(ledger, NUMBER, 0), 0);
	assert_int_equal(begun(ledger, "", 0), 0);

	add(ledger, ANA, CALL, "fedcba9876543210", 200, "begun");
	assert_true(begun(ledger, "", 0) > 0);
	assert_true(begun(ledger, NUMBER, 199) > 0);
	assert_int_equal(begun(ledger, NUMBER, 200), 0);

	add(ledger, ANA, "CA4", NUMBER, 300, "begun");
	assert_int_equal(begun(ledger, "", 200), 0);
	assert_true(begun(ledger, NUMBER, 200) > 0);
	assert_int_equal(begun(ledger, NUMBER, 300), 0);
}

/* It is asked inside a transaction, which everybody else waits for. */
static void
a_long_life_as_an_agent_makes_no_question_slow(void **state)
{
	struct ledger *ledger = ((struct place *)*state)->ledger;
	sqlite3_stmt *statement = ledger_connection(ledger)->s.begun_by->own;
	char call[LEDGER_KEY_SIZE], number[LEDGER_ID_SIZE];

	for (int i = 0; i < HISTORY; i++) {
		snprintf(call, sizeof(call), "CA%032d", 100 + i);
		snprintf(number, sizeof(number), "%016d", i);
		add(ledger, ANA, call, number, 1000 + i, "begun");
	}
	(void)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	assert_int_equal(begun(ledger, "", 0), 0);
	assert_int_equal(begun(ledger, NUMBER, 0), 0);
	assert_in_range(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1), 1, STEPS_FEW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_an_agent_began_is_found_by_call_and_by_number_and_nobody_elses_is),
		TEST(a_long_life_as_an_agent_makes_no_question_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
