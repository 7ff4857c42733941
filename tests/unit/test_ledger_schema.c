/*
 * A ledger that an earlier version of the program wrote is brought to this
 * version's schema, and keeps all that was in it.
 */
#include "ledger/inspection.h"
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define KEY "0123456789abcdef0123456789abcdef"

/* The schema of version 1, and what a program of that version wrote into it. */
static const char version_1[] =
    "CREATE TABLE verifications ( id TEXT PRIMARY KEY, interaction TEXT NOT NULL,\n"
    "to_id TEXT NOT NULL, to_mask TEXT NOT NULL, task_sid TEXT NOT NULL, channel TEXT NOT NULL,\n"
    "verification_sid TEXT NOT NULL, state TEXT NOT NULL, lost TEXT NOT NULL,\n"
    "operation TEXT NOT NULL, operation_id TEXT NOT NULL, operation_until INTEGER NOT NULL,\n"
    "sends INTEGER NOT NULL, checks INTEGER NOT NULL, sent_by_id TEXT NOT NULL,\n"
    "sent_by_name TEXT NOT NULL, checked_by_id TEXT NOT NULL, checked_by_name TEXT NOT NULL,\n"
    "created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,\n"
    "approved_at INTEGER NOT NULL, approved_until INTEGER NOT NULL, position INTEGER NOT NULL );\n"
    "CREATE INDEX verifications_by_number ON verifications (to_id, created_at);\n"
    "CREATE INDEX verifications_by_contact ON verifications (interaction, to_id, position);\n"
    "CREATE TABLE events ( position INTEGER PRIMARY KEY, at INTEGER NOT NULL,\n"
    "verification TEXT NOT NULL, interaction TEXT NOT NULL, task_sid TEXT NOT NULL,\n"
    "action TEXT NOT NULL, outcome TEXT NOT NULL, agent_id TEXT NOT NULL, channel TEXT NOT NULL,\n"
    "to_id TEXT NOT NULL, to_mask TEXT NOT NULL, request_id TEXT NOT NULL,\n"
    "twilio_code INTEGER NOT NULL, sends INTEGER NOT NULL, failures INTEGER NOT NULL,\n"
    "link TEXT NOT NULL ); CREATE TABLE seal ( only INTEGER PRIMARY KEY CHECK (only = 1),\n"
    "position INTEGER NOT NULL, link TEXT NOT NULL, seal TEXT NOT NULL );\n"
    "CREATE INDEX events_by_number ON events (to_id, at, sends, failures);\n"
    "CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures);\n"
    "CREATE INDEX events_by_interaction ON events (interaction, at, sends, failures);\n"
    "CREATE INDEX events_by_time ON events (at, sends, failures);\n"
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events\n"
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;\n"
    "CREATE TRIGGER events_remain BEFORE DELETE ON events\n"
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;\n"
    "INSERT INTO verifications VALUES ('00000000000000a1', 'CA00000000000000000000000000000001',"
    " '0123456789abcdef', '+1********01', 'WT00000000000000000000000000000001', 'sms',"
    " 'VE00000000000000000000000000000001', 'approved', '', '', 'fedcba9876543210', 1, 2, 3,"
    " 'WK00000000000000000000000000000001', 'Ana', 'WK00000000000000000000000000000002', 'Ben',"
    " 4, 5, 6, 1790000020000, 1790000920000, 1);\n"
    "INSERT INTO events VALUES (1, 1790000000000, '00000000000000a1', 'CA00000000000000000000000000000001',"
    " 'WT00000000000000000000000000000001', 'send', 'code_sent', 'WK00000000000000000000000000000001', 'sms',"
    " '0123456789abcdef', '+1********01', 'aaaa0001', 0, 1, 0,"
    " 'e4643d2ada7e1ca69a73b1b7d5585b4a9080ca6b259cff8596e7ee04b2df7b23');\n"
    "INSERT INTO events VALUES (2, 1790000010000, '00000000000000a1', 'CA00000000000000000000000000000001',"
    " 'WT00000000000000000000000000000001', 'check', 'wrong_code', 'WK00000000000000000000000000000001', 'sms',"
    " '0123456789abcdef', '+1********01', 'aaaa0002', 20404, 0, 1,"
    " '4946e2386cbae7514c743b37cb0d2cbc079e8bfd032572b19491ff08796c7c4c');\n"
    "INSERT INTO events VALUES (3, 1790000020000, '00000000000000a1', 'CA00000000000000000000000000000001',"
    " 'WT00000000000000000000000000000001', 'check', 'approved', 'WK00000000000000000000000000000001', 'sms',"
    " '0123456789abcdef', '+1********01', 'aaaa0003', 0, 0, 0,"
    " '3d6e296c83bcc566dd6f2071fea23f5774be44087d66ace9b06947f4a800edad');\n"
    "INSERT INTO seal VALUES (1, 3, '3d6e296c83bcc566dd6f2071fea23f5774be44087d66ace9b06947f4a800edad',"
    " '2850c1ea8718e94bb41809e1a37c886b3983375c273d593700358a146b480ba3');\n"
    "PRAGMA user_version = 1;\n";

struct place {
	char directory[64];
	char path[128];
	char address[160];
};

static void
sqlite3_tool(const char *path, const char *sql)
{
	char command[192];
	FILE *tool = NULL;

	snprintf(command, sizeof(command), "sqlite3 -bail %s", path);
	tool = popen(command, "w");
	assert_non_null(tool);
	assert_true(fputs(sql, tool) >= 0);
	assert_int_equal(pclose(tool), 0);
}

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-schema-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/ledger.db", place->directory);
	snprintf(place->address, sizeof(place->address), "sqlite:%s", place->path);
	sqlite3_tool(place->path, version_1);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", NULL };
	struct place *place = *state;
	char path[160];

	for (const char *const *end = ends; *end != NULL; end++) {
		snprintf(path, sizeof(path), "%s%s", place->path, *end);
		unlink(path);
	}
	rmdir(place->directory);
	free(place);
	return 0;
}

static void
assert_row_as_written(struct ledger *ledger)
{
	struct ledger_verification v;

	assert_int_equal(ledger_latest(ledger, "CA00000000000000000000000000000001", "0123456789abcdef", "", &v),
	    LEDGER_OK);
	assert_string_equal(v.id, "00000000000000a1");
	assert_string_equal(v.verification_sid, "VE00000000000000000000000000000001");
	assert_int_equal(v.state, LEDGER_STATE_APPROVED);
	assert_int_equal(v.sends, 2);
	assert_int_equal(v.checks, 3);
	assert_string_equal(v.checked_by_name, "Ben");
	assert_int_equal(v.approved_until, INT64_C(1790000920000));
	assert_int_equal(v.decided_at, 0);
	assert_string_equal(v.reason, "");
	assert_string_equal(v.customer_id, "");
}

/* All events are there and whole, and an event says that the approval happened. */
static void
assert_whole(struct ledger *ledger, int64_t events)
{
	struct inspection inspection = { .key = KEY };

	assert_true(inspection_of_events(ledger, &inspection));
	assert_true(inspection_of_file(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.whole.position, events);
}

static struct ledger *
open_old(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	return ledger;
}

static void
a_ledger_of_version_1_is_brought_forward_with_all_that_is_in_it(void **state)
{
	struct ledger *ledger = open_old(state);

	assert_row_as_written(ledger);
	assert_whole(ledger, 3);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
it_is_brought_forward_once_and_what_is_added_then_stays(void **state)
{
	const struct ledger_event event = { .at = INT64_C(1790000030000), .action = "stop", .outcome = "stopped",
		.note = "says that nobody called" };
	struct ledger *ledger = open_old(state);

	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	ledger = open_old(state);
	assert_row_as_written(ledger);
	assert_whole(ledger, 4);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
a_note_that_was_altered_is_found(void **state)
{
	const struct ledger_event event = { .action = "stop", .note = "says that nobody called" };
	struct place *place = *state;
	struct inspection inspection = { .key = KEY };
	struct ledger *ledger = open_old(state);

	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	sqlite3_tool(place->path, "DROP TRIGGER events_stay; UPDATE events SET note = 'x' WHERE position = 2;");
	ledger = open_old(state);
	assert_true(inspection_of_events(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_EDITED);
	assert_int_equal(inspection.position, 2);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
a_reader_reads_one_of_version_1_as_it_is(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(place->address, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_row_as_written(ledger);
	assert_whole(ledger, 3);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	sqlite3_tool(place->path, "CREATE TEMP TABLE one (version CHECK (version = 1));"
				  "INSERT INTO one SELECT user_version FROM pragma_user_version;");
}

/* A program of the version before may have it open, and could not go on. */
static void
a_try_brings_none_forward_and_makes_none(void **state)
{
	struct place *place = *state;

	assert_int_equal(ledger_try(place->address, KEY), LEDGER_OK);
	assert_int_equal(ledger_try(place->address, "another key than it was written with"), LEDGER_ALTERED);
	sqlite3_tool(place->path, "CREATE TEMP TABLE one (version CHECK (version = 1));"
				  "INSERT INTO one SELECT user_version FROM pragma_user_version;");
	sqlite3_tool(place->path, "PRAGMA user_version = 99;");
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_NEWER_SCHEMA);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_NOT_FOUND);
	assert_int_equal(access(place->path, F_OK), -1);
}

#define PROGRAMS 6

static void
many_programs_may_bring_it_forward_at_once(void **state)
{
	pid_t children[PROGRAMS];
	int status = 0;
	struct ledger *ledger = NULL;

	for (int i = 0; i < PROGRAMS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(ledger_open(((struct place *)*state)->address, KEY, LEDGER_SYNC_FULL,
			    &ledger) == LEDGER_OK ? 0 : 1);
	}
	for (int i = 0; i < PROGRAMS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	ledger = open_old(state);
	assert_whole(ledger, 3);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

#define SCHEMA_TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCHEMA_TEST(a_ledger_of_version_1_is_brought_forward_with_all_that_is_in_it),
		SCHEMA_TEST(it_is_brought_forward_once_and_what_is_added_then_stays),
		SCHEMA_TEST(a_note_that_was_altered_is_found),
		SCHEMA_TEST(a_reader_reads_one_of_version_1_as_it_is),
		SCHEMA_TEST(a_try_brings_none_forward_and_makes_none),
		SCHEMA_TEST(many_programs_may_bring_it_forward_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
