/* The counts behind the limits: how much, and until when. */
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define KEY    "0123456789abcdef0123456789abcdef"
#define NUMBER "0123456789abcdef"

struct place {
	char           directory[64];
	struct ledger *ledger;
};

static int
open_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char address[128];

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-counts-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(address, sizeof(address), "sqlite:%s/ledger.db", place->directory);
	assert_int_equal(ledger_open(address, KEY, &place->ledger), LEDGER_OK);
	*state = place;
	return 0;
}

static int
close_place(void **state)
{
	static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm", NULL };
	struct place *place = *state;
	char path[128];

	ledger_close(place->ledger);
	for (const char *const *name = names; *name != NULL; name++) {
		snprintf(path, sizeof(path), "%s/%s", place->directory, *name);
		unlink(path);
	}
	rmdir(place->directory);
	free(place);
	return 0;
}

/* What happened, in order; a request's id is one letter. */
struct happening {
	int64_t at;
	char    request;
	int     sends, failures;
};

static void
record(void **state, const struct happening *list, size_t count)
{
	struct ledger *ledger = ((struct place *)*state)->ledger;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	for (size_t i = 0; i < count; i++) {
		struct ledger_event event = { .at = list[i].at, .action = "test", .to_id = NUMBER,
			.sends = list[i].sends, .failures = list[i].failures };

		snprintf(event.request_id, sizeof(event.request_id), "%c", list[i].request);
		assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	}
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
}

static int64_t
falls_below(void **state, int64_t most, int64_t since)
{
	struct ledger *ledger = ((struct place *)*state)->ledger;
	int64_t at = -1;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_falls_below(ledger, LEDGER_SCOPE_NUMBER, NUMBER, LEDGER_COUNTED_FAILURES, most, since,
			     &at),
	    LEDGER_OK);
	ledger_rollback(ledger);
	return at;
}

static int64_t
last_send(void **state, int64_t since)
{
	struct ledger *ledger = ((struct place *)*state)->ledger;
	int64_t at = -1;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_last_send(ledger, NUMBER, since, &at), LEDGER_OK);
	ledger_rollback(ledger);
	return at;
}

#define RECORD(state, list) record(state, list, sizeof(list) / sizeof((list)[0]))

static void
a_full_window_opens_when_the_oldest_that_fill_it_leave(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 200, 'b', 0, 1 }, { 300, 'c', 0, 1 }, { 400, 'd', 0, 1 },
	};

	RECORD(state, list);
	assert_int_equal(falls_below(state, 4, 0), 100);
	assert_int_equal(falls_below(state, 3, 0), 200);
	assert_int_equal(falls_below(state, 1, 0), 400);
	assert_int_equal(falls_below(state, 3, 100), 200);
}

static void
a_right_code_in_between_does_not_keep_the_window_closed_for_longer(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 200, 'b', 0, 1 }, { 300, 'c', 0, 1 }, { 310, 'c', 0, -1 }, { 400, 'd', 0, 1 },
	};

	RECORD(state, list);
	assert_int_equal(falls_below(state, 3, 0), 100);
}

static void
of_one_moment_all_leave_together(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 100, 'b', 0, 1 }, { 100, 'c', 0, 1 }, { 200, 'd', 0, 1 },
	};

	RECORD(state, list);
	assert_int_equal(falls_below(state, 3, 0), 100);
	assert_int_equal(falls_below(state, 2, 0), 100);
	assert_int_equal(falls_below(state, 1, 0), 200);
}

static void
a_code_that_was_not_sent_after_all_begins_no_pause(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 1, 0 }, { 110, 'a', 0, 0 }, { 200, 'b', 1, 0 }, { 210, 'b', -1, 0 },
	};

	RECORD(state, list);
	assert_int_equal(last_send(state, 0), 100);
	assert_int_equal(last_send(state, 100), 0);
}

static void
a_code_that_is_being_sent_begins_a_pause(void **state)
{
	static const struct happening list[] = { { 100, 'a', 1, 0 }, { 200, 'b', 1, 0 } };

	RECORD(state, list);
	assert_int_equal(last_send(state, 0), 200);
}

#define COUNTS_TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTS_TEST(a_full_window_opens_when_the_oldest_that_fill_it_leave),
		COUNTS_TEST(a_right_code_in_between_does_not_keep_the_window_closed_for_longer),
		COUNTS_TEST(of_one_moment_all_leave_together),
		COUNTS_TEST(a_code_that_was_not_sent_after_all_begins_no_pause),
		COUNTS_TEST(a_code_that_is_being_sent_begins_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
