/* The counts behind the limits: how much, and until when. */
#include "ledger/ledger.h"

#include "ledger_place.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBER "0123456789abcdef"

/* What happened, in order; a request's id is one letter. */
struct happening {
	int64_t at;
	char    request;
	int     sends, failures;
};

static void
record(struct ledger *ledger, const struct happening *list, size_t count)
{
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
falls_below(struct ledger *ledger, int64_t most, int64_t since)
{
	int64_t at = -1;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_falls_below(ledger, LEDGER_SCOPE_NUMBER, NUMBER, LEDGER_COUNTED_FAILURES, most, since,
			     &at),
	    LEDGER_OK);
	ledger_rollback(ledger);
	return at;
}

static int64_t
last_send(struct ledger *ledger, int64_t since)
{
	int64_t at = -1;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_last_send(ledger, NUMBER, since, &at), LEDGER_OK);
	ledger_rollback(ledger);
	return at;
}

#define RECORD(ledger, list) record(ledger, list, sizeof(list) / sizeof((list)[0]))

static void
a_full_window_opens_when_the_oldest_that_fill_it_leave(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 200, 'b', 0, 1 }, { 300, 'c', 0, 1 }, { 400, 'd', 0, 1 },
	};
	struct ledger *ledger = ledger_place_open(*state);

	RECORD(ledger, list);
	assert_int_equal(falls_below(ledger, 4, 0), 100);
	assert_int_equal(falls_below(ledger, 3, 0), 200);
	assert_int_equal(falls_below(ledger, 1, 0), 400);
	assert_int_equal(falls_below(ledger, 3, 100), 200);
	ledger_close(ledger);
}

static void
a_right_code_in_between_does_not_keep_the_window_closed_for_longer(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 200, 'b', 0, 1 }, { 300, 'c', 0, 1 }, { 310, 'c', 0, -1 }, { 400, 'd', 0, 1 },
	};
	struct ledger *ledger = ledger_place_open(*state);

	RECORD(ledger, list);
	assert_int_equal(falls_below(ledger, 3, 0), 100);
	ledger_close(ledger);
}

static void
of_one_moment_all_leave_together(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 0, 1 }, { 100, 'b', 0, 1 }, { 100, 'c', 0, 1 }, { 200, 'd', 0, 1 },
	};
	struct ledger *ledger = ledger_place_open(*state);

	RECORD(ledger, list);
	assert_int_equal(falls_below(ledger, 3, 0), 100);
	assert_int_equal(falls_below(ledger, 2, 0), 100);
	assert_int_equal(falls_below(ledger, 1, 0), 200);
	ledger_close(ledger);
}

static void
a_code_that_was_not_sent_after_all_begins_no_pause(void **state)
{
	static const struct happening list[] = {
		{ 100, 'a', 1, 0 }, { 110, 'a', 0, 0 }, { 200, 'b', 1, 0 }, { 210, 'b', -1, 0 },
	};
	struct ledger *ledger = ledger_place_open(*state);

	RECORD(ledger, list);
	assert_int_equal(last_send(ledger, 0), 100);
	assert_int_equal(last_send(ledger, 100), 0);
	ledger_close(ledger);
}

static void
a_code_that_is_being_sent_begins_a_pause(void **state)
{
	static const struct happening list[] = { { 100, 'a', 1, 0 }, { 200, 'b', 1, 0 } };
	struct ledger *ledger = ledger_place_open(*state);

	RECORD(ledger, list);
	assert_int_equal(last_send(ledger, 0), 200);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_full_window_opens_when_the_oldest_that_fill_it_leave),
		ON_BOTH(a_right_code_in_between_does_not_keep_the_window_closed_for_longer),
		ON_BOTH(of_one_moment_all_leave_together),
		ON_BOTH(a_code_that_was_not_sent_after_all_begins_no_pause),
		ON_BOTH(a_code_that_is_being_sent_begins_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
