/*
 * A ledger that an earlier version of the program wrote is brought to this
 * version's schema, and keeps all that was in it.
 */
#include "ledger_old.h"

#include "ledger/inspection.h"
#include "ledger/ledger.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ledger *
open_old(void **state)
{
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	return ledger;
}

static void
the_oldest_ledger_is_brought_forward_with_all_that_is_in_it(void **state)
{
	struct ledger *ledger = open_old(state);

	ledger_old_assert_row(ledger);
	ledger_old_assert_whole(ledger, OLD_EVENTS);
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
	ledger_old_assert_row(ledger);
	ledger_old_assert_whole(ledger, OLD_EVENTS + 1);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
a_note_that_was_altered_is_found(void **state)
{
	const struct ledger_event event = { .action = "stop", .note = "says that nobody called" };
	const struct ledger_place *place = *state;
	struct inspection inspection = { .key = KEY };
	struct ledger *ledger = open_old(state);
	char sql[256];

	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	snprintf(sql, sizeof(sql), "%s UPDATE events SET note = 'x' WHERE position = %d;",
	    ledger_place_unlocking(place), OLD_EVENTS + 1);
	assert_int_equal(ledger_place_sql(place, sql), 0);
	ledger = open_old(state);
	assert_true(inspection_of_events(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_EDITED);
	assert_int_equal(inspection.position, OLD_EVENTS + 1);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
a_reader_reads_it_as_it_is(void **state)
{
	const struct ledger_place *place = *state;
	char before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];

	ledger_place_digest(place, before);
	ledger_old_assert_readable(place);
	ledger_place_digest(place, after);
	assert_string_equal(after, before);
}

/* A program of the version before may have it open, and could not go on. */
static void
a_try_brings_none_forward(void **state)
{
	const struct ledger_place *place = *state;
	char before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];

	ledger_place_digest(place, before);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_OK);
	assert_int_equal(ledger_try(place->address, "another key than it was written with"), LEDGER_ALTERED);
	ledger_place_digest(place, after);
	assert_string_equal(after, before);
}

static void
one_of_a_later_version_is_left_to_its_programs(void **state)
{
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_place_sql(place, place->postgres ? "UPDATE schema_version SET version = 99" :
	    "PRAGMA user_version = 99"), 0);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_NEWER_SCHEMA);
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_NEWER_SCHEMA);
}

static void
a_try_makes_none(void **state)
{
	const struct ledger_place *place = *state;

	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_NOT_FOUND);
	assert_int_equal(access(place->path, F_OK), -1);
}

static void
a_try_of_an_empty_database_leaves_it_empty(void **state)
{
	const struct ledger_place *place = *state;
	char before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];

	ledger_place_digest(place, before);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_NOT_FOUND);
	ledger_place_digest(place, after);
	assert_string_equal(after, before);
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
			_exit(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
			    &ledger) == LEDGER_OK ? 0 : 1);
	}
	for (int i = 0; i < PROGRAMS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	ledger = open_old(state);
	ledger_old_assert_whole(ledger, OLD_EVENTS);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH_OLD(the_oldest_ledger_is_brought_forward_with_all_that_is_in_it),
		ON_BOTH_OLD(it_is_brought_forward_once_and_what_is_added_then_stays),
		ON_BOTH_OLD(a_note_that_was_altered_is_found),
		ON_BOTH_OLD(a_reader_reads_it_as_it_is),
		ON_BOTH_OLD(a_try_brings_none_forward),
		ON_BOTH_OLD(one_of_a_later_version_is_left_to_its_programs),
		ON_OLD_SQLITE(a_try_makes_none),
		ON_BOTH(a_try_of_an_empty_database_leaves_it_empty),
		ON_BOTH_OLD(many_programs_may_bring_it_forward_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
