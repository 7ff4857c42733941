/*
 * A ledger in PostgreSQL whose session ends, whose database is another one
 * meanwhile, or was altered: what is said of it, and what stays.
 */
#include "ledger/inspection.h"
#include "ledger/ledger_engine.h"
#include "ledger_place.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CONTACT "CA00000000000000000000000000000001"
#define NUMBER  "0123456789abcdef"

static const struct ledger_event event = { .at = 1, .action = "start", .outcome = "begun", .to_id = NUMBER };

static void
sql(const struct ledger_place *place, const char *text)
{
	assert_int_equal(ledger_place_sql(place, text), 0);
}

static void
end_sessions(const struct ledger_place *place)
{
	sql(place, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
		   " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

static enum ledger_result
put(struct ledger *ledger, const char *id)
{
	struct ledger_verification v = { .interaction = CONTACT, .to_id = NUMBER, .state = LEDGER_STATE_APPROVED,
		.approved_at = 1 };

	snprintf(v.id, sizeof(v.id), "%s", id);
	return ledger_put(ledger, &v);
}

/* In a transaction of its own. */
static enum ledger_result
find(struct ledger *ledger, const char *id)
{
	struct ledger_verification v;
	enum ledger_result result = ledger_begin(ledger, LEDGER_READ);

	if (result == LEDGER_OK) {
		result = ledger_find(ledger, id, &v);
		ledger_rollback(ledger);
	}
	return result;
}

/* ---- Sessions that end -------------------------------------------------------------------- */

static void
a_session_that_ends_fails_the_rest_of_its_transaction_and_no_other(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v;
	char fault[LEDGER_FAULT_SIZE];

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(put(ledger, "00000000000000a1"), LEDGER_OK);
	end_sessions(*state);
	/* Each by itself: nobody needs to have heard of the one before. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ledger_find(ledger, "00000000000000a1", &v), LEDGER_FAILED);
		assert_string_equal(v.id, "");
		assert_int_equal(put(ledger, "00000000000000a2"), LEDGER_FAILED);
		assert_int_equal(ledger_append(ledger, &event), LEDGER_FAILED);
		assert_int_equal(ledger_check(ledger, fault), LEDGER_FAILED);
	}
	assert_int_equal(ledger_commit(ledger), LEDGER_FAILED);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_NOT_FOUND);

	/* Or nobody hears of it before the end. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
		assert_int_equal(put(ledger, "00000000000000a1"), LEDGER_OK);
		end_sessions(*state);
		if (i == 0)
			assert_int_equal(ledger_commit(ledger), LEDGER_FAILED);
		else
			ledger_rollback(ledger);
		assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_NOT_FOUND);
	}
	ledger_close(ledger);
}

static bool
write_until_it_ends(void *context)
{
	void **state = ((void **)context)[0];
	struct ledger *ledger = ((void **)context)[1];

	assert_int_equal(put(ledger, "00000000000000a1"), LEDGER_OK);
	end_sessions(*state);
	assert_int_equal(put(ledger, "00000000000000a2"), LEDGER_FAILED);
	return true; /* whatever it heard */
}

static void
an_act_whose_session_ended_is_no_success_whatever_it_says(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	void *context[] = { state, ledger };

	assert_int_equal(ledger_write(ledger, write_until_it_ends, context), LEDGER_FAILED);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_NOT_FOUND);
	ledger_close(ledger);
}

static void
who_comes_back_to_a_writer_waits_no_longer_than_others(void **state)
{
	struct ledger *ledger = ledger_place_open(*state), *other = NULL;

	end_sessions(*state);
	other = ledger_place_open(*state);
	assert_int_equal(ledger_begin(other, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_BUSY);
	ledger_rollback(other);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	ledger_rollback(ledger);
	ledger_close(other);
	ledger_close(ledger);
}

/* PostgreSQL says to a COMMIT behind a failure that it rolled back, and calls that no error. */
static void
a_commit_behind_a_failure_is_none(void **state)
{
	const struct ledger_record record = { .position = 7, .event = event, .link = "l" };
	struct ledger *ledger = ledger_place_open(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(put(ledger, "00000000000000a1"), LEDGER_OK);
	assert_int_equal(ledger_restore(ledger, &record), LEDGER_OK);
	assert_int_equal(ledger_restore(ledger, &record), LEDGER_FAILED);
	assert_int_not_equal(ledger_commit(ledger), LEDGER_OK);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_NOT_FOUND);
	ledger_close(ledger);
}

/* ---- Another database --------------------------------------------------------------------------- */

static void
a_program_goes_on_with_no_other_schema_than_it_knows(void **state)
{
	static const struct {
		const char        *change;
		enum ledger_result result;
	} cases[] = {
		{ "UPDATE schema_version SET version = 99", LEDGER_NEWER_SCHEMA },
		{ "UPDATE schema_version SET version = 3", LEDGER_FAILED },
		{ "DELETE FROM schema_version", LEDGER_FAILED },
		{ "INSERT INTO schema_version VALUES (7)", LEDGER_OK },
		{ "INSERT INTO schema_version VALUES (7)", LEDGER_FAILED },
		{ "ALTER TABLE schema_version RENAME COLUMN version TO other", LEDGER_FAILED },
		{ "DROP TABLE schema_version", LEDGER_FAILED },
	};
	struct ledger *ledger = ledger_place_open(*state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		sql(*state, cases[i].change);
		end_sessions(*state);
		assert_int_equal(find(ledger, "00000000000000a1"),
		    cases[i].result == LEDGER_OK ? LEDGER_NOT_FOUND : cases[i].result);
	}
	ledger_close(ledger);
}

/* A second database, and who may go there. */
static const char *
address_of(const struct ledger_place *place, const char *user, const char *database, char address[LEDGER_ADDRESS_SIZE])
{
	snprintf(address, LEDGER_ADDRESS_SIZE, "postgresql://%s@/%s?%s", user, database,
	    strstr(place->address, "host="));
	return address;
}

static void
a_database_that_cannot_hold_every_name_is_refused(void **state)
{
	char address[LEDGER_ADDRESS_SIZE];
	struct ledger *ledger = NULL;

	sql(*state, "DROP DATABASE IF EXISTS latin");
	sql(*state, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
	assert_int_equal(ledger_open(address_of(*state, "tests", "latin", address), KEY, LEDGER_SYNC_FULL, &ledger),
	    LEDGER_FAILED);
	assert_null(ledger);
	sql(*state, "DROP DATABASE latin");
}

static void
a_session_that_takes_no_terms_is_not_used(void **state)
{
	const struct ledger_place *place = *state;
	char address[LEDGER_ADDRESS_SIZE];
	struct ledger_place other = *place;
	struct ledger *ledger = NULL;

	sql(*state, "DROP DATABASE IF EXISTS other");
	sql(*state, "CREATE DATABASE other");
	snprintf(other.address, sizeof(other.address), "postgresql://tests@/other?%s", strstr(place->address, "host="));
	sql(&other, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN;"
		    "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC");
	assert_int_equal(ledger_open(address_of(*state, "guest", "other", address), KEY, LEDGER_SYNC_FULL, &ledger),
	    LEDGER_FAILED);
	assert_null(ledger);
	sql(*state, "DROP DATABASE other");
	sql(*state, "DROP ROLE guest");
}

/* ---- Altered --------------------------------------------------------------------------------------- */

/* Of a type that this program does not write, or of none. */
static void
a_column_of_another_type_is_an_altered_one(void **state)
{
	static const char *const alterations[] = {
		"ALTER COLUMN channel TYPE varchar(40)", "ALTER COLUMN task_sid TYPE bytea USING task_sid::bytea",
		"ALTER COLUMN to_mask DROP NOT NULL; UPDATE verifications SET to_mask = NULL",
		"ALTER COLUMN checks TYPE text USING checks::text", "ALTER COLUMN approved_until TYPE float8",
		"ALTER COLUMN approved_until TYPE numeric; UPDATE verifications SET approved_until = 1.5",
		"ALTER COLUMN sends DROP NOT NULL; UPDATE verifications SET sends = NULL",
	};
	char text[256];

	for (size_t i = 0; i < COUNT(alterations); i++) {
		struct ledger *ledger = NULL;

		sql(*state, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
		ledger = ledger_place_open(*state);
		assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
		assert_int_equal(put(ledger, "00000000000000a1"), LEDGER_OK);
		assert_int_equal(ledger_commit(ledger), LEDGER_OK);
		ledger_close(ledger);
		snprintf(text, sizeof(text), "ALTER TABLE verifications %s", alterations[i]);
		sql(*state, text);
		ledger = ledger_place_open(*state);
		if (find(ledger, "00000000000000a1") != LEDGER_ALTERED)
			fail_msg("taken as it is: %s", alterations[i]);
		ledger_close(ledger);
	}
}

static bool
count(void *context, const struct ledger_record *record)
{
	(void)record;
	++*(int64_t *)context;
	return true;
}

static void
a_table_that_is_gone_is_an_error_and_not_an_empty_one(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_pin pin;
	char fault[LEDGER_FAULT_SIZE];
	int64_t sends = 0, events = 0;

	sql(*state, "DROP TABLE pins; DROP TABLE events");
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, "c1", &pin), LEDGER_FAILED);
	ledger_rollback(ledger);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_sum(ledger, LEDGER_SCOPE_NUMBER, NUMBER, LEDGER_COUNTED_SENDS, 0, &sends),
	    LEDGER_FAILED);
	ledger_rollback(ledger);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_each(ledger, LEDGER_BY_POSITION, 1, count, &events), LEDGER_FAILED);
	assert_int_equal(events, 0);
	ledger_rollback(ledger);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_check(ledger, fault), LEDGER_FAILED);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

/* By somebody who changes it. */
static void
a_table_that_is_kept_locked_is_busy(void **state)
{
	struct ledger *ledger = ledger_place_open(*state), *other = ledger_place_open(*state);
	struct connection *connection = NULL;
	struct ledger_pin pin;

	assert_int_equal(ledger_begin(other, LEDGER_WRITE), LEDGER_OK);
	connection = ledger_connection(other);
	assert_int_equal(connection->engine->run(connection, "LOCK TABLE pins IN ACCESS EXCLUSIVE MODE"), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, "c1", &pin), LEDGER_BUSY);
	ledger_rollback(ledger);
	ledger_rollback(other);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, "c1", &pin), LEDGER_NOT_FOUND);
	ledger_rollback(ledger);
	ledger_close(other);
	ledger_close(ledger);
}

/* Rows come in portions; the end of what could be read is not the end of the record. */
static void
events_of_which_one_cannot_be_read_are_not_all(void **state)
{
	static const int unreadable[] = { 1, 499, 501, 1100 };
	struct inspection inspection = { .key = KEY };
	struct ledger *ledger = ledger_place_open(*state);
	char text[768];

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	for (int i = 1; i <= 1200; i++)
		assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	sql(*state, "ALTER TABLE events RENAME TO kept");
	for (size_t i = 0; i < COUNT(unreadable); i++) {
		int64_t events = 0;

		snprintf(text, sizeof(text), "DROP VIEW IF EXISTS events; CREATE VIEW events AS SELECT position,"
		    " at / (CASE position WHEN %d THEN 0 ELSE 1 END) AS at, verification, interaction, task_sid,"
		    " action, outcome, agent_id, channel, to_id, to_mask, request_id, twilio_code, sends, failures,"
		    " note, link FROM kept", unreadable[i]);
		sql(*state, text);
		assert_int_equal(ledger_open_to_read(((struct ledger_place *)*state)->address, &ledger), LEDGER_OK);
		assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
		assert_int_equal(ledger_each(ledger, LEDGER_BY_POSITION, 1, count, &events), LEDGER_FAILED);
		assert_true(events < unreadable[i]);
		ledger_rollback(ledger);
		assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
		assert_false(inspection_of_events(ledger, &inspection));
		ledger_rollback(ledger);
		ledger_close(ledger);
	}
}

static void
an_index_that_is_not_valid_is_damage_and_said_so(void **state)
{
	struct inspection inspection = { .key = KEY };
	struct ledger *ledger = ledger_place_open(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_true(inspection_of_events(ledger, &inspection) && inspection_of_file(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	ledger_rollback(ledger);
	sql(*state, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_by_time'::regclass");
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_true(inspection_of_file(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_DAMAGED);
	assert_string_equal(inspection.detail, "1 of its indexes are not valid");
	ledger_rollback(ledger);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_POSTGRES(a_session_that_ends_fails_the_rest_of_its_transaction_and_no_other),
		ON_POSTGRES(an_act_whose_session_ended_is_no_success_whatever_it_says),
		ON_POSTGRES(who_comes_back_to_a_writer_waits_no_longer_than_others),
		ON_POSTGRES(a_commit_behind_a_failure_is_none),
		ON_POSTGRES(a_program_goes_on_with_no_other_schema_than_it_knows),
		ON_POSTGRES(a_database_that_cannot_hold_every_name_is_refused),
		ON_POSTGRES(a_session_that_takes_no_terms_is_not_used),
		ON_POSTGRES(a_column_of_another_type_is_an_altered_one),
		ON_POSTGRES(a_table_that_is_gone_is_an_error_and_not_an_empty_one),
		ON_POSTGRES(a_table_that_is_kept_locked_is_busy),
		ON_POSTGRES(events_of_which_one_cannot_be_read_are_not_all),
		ON_POSTGRES(an_index_that_is_not_valid_is_damage_and_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
