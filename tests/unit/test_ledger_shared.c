/* Acts of several threads in one transaction. */
#include "ledger/ledger.h"
#include "ledger/ledger_engine.h"

#include "ledger_place.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CROWD	  7
#define ACTS_EACH 40
#define PATIENCE  2000 /* times a millisecond */

#define CALL "CA00000000000000000000000000000001"

enum work {
	WORK_APPEND,
	WORK_APPEND_AND_GIVE_UP,
	WORK_GIVE_UP,
	WORK_COUNT,
	WORK_BREAK,            /* what ends the transaction, and a word that all is well */
	WORK_BREAK_AND_GIVE_UP,
	WORK_UNCOMMITTABLE     /* a child without a parent, of which only the commit complains */
};

/* A thread with one act, or the same one many times. */
struct member {
	struct ledger     *ledger;
	enum work          work;
	int                times, done;
	bool               patient; /* tries again while another program keeps the ledger */
	int64_t            seen; /* events, by the last WORK_COUNT */
	enum ledger_result result;
	pthread_t          thread;
};

static void
pause_ms(long ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

static bool
append(struct ledger *ledger)
{
	struct ledger_event event = { .at = 1, .interaction = CALL, .action = "start", .outcome = "begun", .sends = 1 };

	return ledger_append(ledger, &event) == LEDGER_OK;
}

static enum ledger_result
run_sql(struct ledger *ledger, const char *sql)
{
	struct connection *connection = ledger_connection(ledger);

	return connection->engine->run(connection, sql);
}

/* Not by asserts: it runs in any thread. */
static bool
act(void *context)
{
	struct member *member = context;

	switch (member->work) {
	case WORK_APPEND:
		return append(member->ledger);
	case WORK_APPEND_AND_GIVE_UP:
		(void)append(member->ledger);
		return false;
	case WORK_GIVE_UP:
		return false;
	case WORK_COUNT:
		return ledger_sum(member->ledger, LEDGER_SCOPE_SYSTEM, "", LEDGER_COUNTED_SENDS, 0, &member->seen) ==
		    LEDGER_OK;
	case WORK_BREAK:
	case WORK_BREAK_AND_GIVE_UP:
		/* SQLite does so by itself when a disk is full, PostgreSQL for any error. */
		(void)run_sql(member->ledger, "ROLLBACK; nonsense");
		return member->work == WORK_BREAK;
	case WORK_UNCOMMITTABLE:
		return run_sql(member->ledger, "INSERT INTO children VALUES (1)") == LEDGER_OK;
	}
	return false;
}

static void *
run_member(void *argument)
{
	struct member *member = argument;

	for (int i = 0; i < member->times; i++) {
		do
			member->result = ledger_write(member->ledger, act, member);
		while (member->result == LEDGER_BUSY && member->patient);
		member->done += member->result == LEDGER_OK;
	}
	return NULL;
}

static void
start(struct member *member, struct ledger *ledger, enum work work, int times)
{
	*member = (struct member){ .ledger = ledger, .work = work, .times = times, .result = LEDGER_NOT_FOUND };
	assert_int_equal(pthread_create(&member->thread, NULL, run_member, member), 0);
}

static void
end(struct member *member)
{
	assert_int_equal(pthread_join(member->thread, NULL), 0);
}

static int64_t
count_events(struct ledger *ledger)
{
	int64_t sum = 0;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_sum(ledger, LEDGER_SCOPE_SYSTEM, "", LEDGER_COUNTED_SENDS, 0, &sum), LEDGER_OK);
	ledger_rollback(ledger);
	return sum;
}

/* ---- A crowd behind one act that takes its time ---- */

/* The act writes, and then waits inside the transaction until the door is opened. */
struct door {
	struct ledger *ledger;
	atomic_bool    entered, open;
	atomic_bool    told; /* what came of it */
	bool           committed;
	pthread_t      thread;
};

static bool
hold(void *context)
{
	struct door *door = context;
	bool done = append(door->ledger);

	atomic_store(&door->entered, true);
	while (!atomic_load(&door->open))
		pause_ms(1);
	return done;
}

static void *
run_door(void *argument)
{
	struct door *door = argument;

	door->committed = ledger_write(door->ledger, hold, door) == LEDGER_OK;
	atomic_store(&door->told, true);
	return NULL;
}

static void
wait_until_entered(struct door *door)
{
	for (int i = 0; i < PATIENCE && !atomic_load(&door->entered); i++)
		pause_ms(1);
	assert_true(atomic_load(&door->entered));
}

static void
start_door(struct door *door, struct ledger *ledger)
{
	*door = (struct door){ .ledger = ledger };
	assert_int_equal(pthread_create(&door->thread, NULL, run_door, door), 0);
}

static void
end_door(struct door *door)
{
	atomic_store(&door->open, true);
	assert_int_equal(pthread_join(door->thread, NULL), 0);
}

static const void *
last_waiting(struct ledger *ledger)
{
	const void *last = NULL;

	pthread_mutex_lock(&ledger->mutex);
	if (ledger->first_waiting != NULL)
		last = ledger->last_waiting;
	pthread_mutex_unlock(&ledger->mutex);
	return last;
}

/* Until another act than that one is the last that waits. */
static const void *
wait_for_another(struct ledger *ledger, const void *than)
{
	const void *last = NULL;

	for (int i = 0; i < PATIENCE && ((last = last_waiting(ledger)) == NULL || last == than); i++)
		pause_ms(1);
	assert_non_null(last);
	assert_ptr_not_equal(last, than);
	return last;
}

/* An act that writes, and these behind it in this order, all in one transaction.  True: the first one was committed. */
static bool
run_together(struct ledger *ledger, struct member *crowd, const enum work *works, int count)
{
	struct door door;
	const void *last = NULL;

	start_door(&door, ledger);
	wait_until_entered(&door);
	for (int i = 0; i < count; i++) {
		start(&crowd[i], ledger, works[i], 1);
		last = wait_for_another(ledger, last);
	}
	end_door(&door);
	for (int i = 0; i < count; i++)
		end(&crowd[i]);
	return door.committed;
}

static void
acts_of_many_threads_are_all_in_the_ledger_and_none_twice(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_seal seal;
	struct member crowd[CROWD];

	for (int i = 0; i < CROWD; i++)
		start(&crowd[i], ledger, WORK_APPEND, ACTS_EACH);
	for (int i = 0; i < CROWD; i++) {
		end(&crowd[i]);
		assert_int_equal(crowd[i].done, ACTS_EACH);
	}
	assert_int_equal(count_events(ledger), CROWD * ACTS_EACH);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_read_seal(ledger, &seal), LEDGER_OK);
	ledger_rollback(ledger);
	assert_int_equal(seal.position, CROWD * ACTS_EACH);
	ledger_close(ledger);
}

static void
an_act_sees_what_those_before_it_wrote(void **state)
{
	static const enum work works[] = { WORK_COUNT, WORK_APPEND, WORK_COUNT };
	struct ledger *ledger = ledger_place_open(*state);
	struct member crowd[3];

	assert_true(run_together(ledger, crowd, works, 3));
	assert_int_equal(crowd[0].seen, 1);
	assert_int_equal(crowd[2].seen, 2);
	ledger_close(ledger);
}

static void
an_act_that_gives_up_before_it_wrote_takes_nobody_with_it(void **state)
{
	static const enum work works[] = { WORK_APPEND, WORK_GIVE_UP, WORK_APPEND };
	struct ledger *ledger = ledger_place_open(*state);
	struct member crowd[3];

	assert_true(run_together(ledger, crowd, works, 3));
	assert_int_equal(crowd[0].result, LEDGER_OK);
	assert_int_equal(crowd[1].result, LEDGER_FAILED);
	assert_int_equal(crowd[2].result, LEDGER_OK);
	assert_int_equal(count_events(ledger), 3);
	ledger_close(ledger);
}

/* That the first ones fail proves, too, that it was one transaction. */
static void
an_act_that_gives_up_after_it_wrote_undoes_the_transaction_and_no_later_one(void **state)
{
	static const enum work works[] = { WORK_APPEND, WORK_APPEND_AND_GIVE_UP, WORK_APPEND };
	struct ledger *ledger = ledger_place_open(*state);
	struct member crowd[3];

	assert_false(run_together(ledger, crowd, works, 3));
	assert_int_equal(crowd[0].result, LEDGER_FAILED);
	assert_int_equal(crowd[1].result, LEDGER_FAILED);
	assert_int_equal(crowd[2].result, LEDGER_OK);
	assert_int_equal(count_events(ledger), 1);
	ledger_close(ledger);
}

/* Whatever the act itself says. */
static void
what_ended_by_itself_is_nobodys_success(void **state)
{
	static const enum work broken[] = { WORK_APPEND, WORK_BREAK, WORK_APPEND };
	static const enum work given_up[] = { WORK_APPEND, WORK_BREAK_AND_GIVE_UP, WORK_APPEND };
	struct ledger *ledger = ledger_place_open(*state);
	struct member crowd[3];

	for (int i = 0; i < 2; i++) {
		assert_false(run_together(ledger, crowd, i == 0 ? broken : given_up, 3));
		assert_int_equal(crowd[0].result, LEDGER_FAILED);
		assert_int_equal(crowd[1].result, LEDGER_FAILED);
		assert_int_equal(crowd[2].result, LEDGER_OK);
		assert_int_equal(count_events(ledger), i + 1);
	}
	ledger_close(ledger);
}

/* A look at what is not committed would let an approval count that a crash undoes. */
static void
nobody_sees_anything_and_nobody_is_told_before_all_of_it_is_committed(void **state)
{
	struct ledger_place *place = *state;
	struct ledger *ledger = ledger_place_open(*state), *other = NULL;
	struct door first, second;

	assert_int_equal(ledger_open_to_read(place->address, &other), LEDGER_OK);
	start_door(&first, ledger);
	wait_until_entered(&first);
	start_door(&second, ledger);
	(void)wait_for_another(ledger, NULL);
	atomic_store(&first.open, true);
	wait_until_entered(&second);
	assert_int_equal(count_events(other), 0);
	assert_false(atomic_load(&first.told));
	end_door(&second);
	end_door(&first);
	assert_true(first.committed && second.committed);
	assert_int_equal(count_events(other), 2);
	ledger_close(other);
	ledger_close(ledger);
}

/* As late as anything can fail: what all acts were content with. */
static void
a_commit_that_fails_is_nobodys_success(void **state)
{
	static const enum work works[] = { WORK_APPEND, WORK_UNCOMMITTABLE, WORK_APPEND };
	const struct ledger_place *place = *state;
	struct ledger *ledger = ledger_place_open(*state);
	struct connection *connection = &ledger->connections[0];
	struct member crowd[3];

	assert_int_equal(ledger_place_sql(place, "CREATE TABLE parents (id INTEGER PRIMARY KEY);"
	    "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"), 0);
	if (!place->postgres)
		assert_int_equal(connection->engine->run(connection, "PRAGMA foreign_keys = ON"), LEDGER_OK);
	assert_false(run_together(ledger, crowd, works, 3));
	for (int i = 0; i < 3; i++)
		assert_int_equal(crowd[i].result, LEDGER_FAILED);
	assert_int_equal(count_events(ledger), 0);
	ledger_close(ledger);
}

static void
who_waits_too_long_is_told_so_and_his_act_never_runs(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct member late;
	struct door door;

	start_door(&door, ledger);
	wait_until_entered(&door);
	start(&late, ledger, WORK_APPEND, 1);
	end(&late);
	assert_int_equal(late.result, LEDGER_BUSY);
	end_door(&door);
	assert_int_equal(count_events(ledger), 1);
	ledger_close(ledger);
}

static void
while_another_program_writes_all_of_a_crowd_wait_and_none_is_lost(void **state)
{
	struct ledger *ledger = ledger_place_open(*state), *other = ledger_place_open(*state);
	struct member crowd[CROWD];

	assert_int_equal(ledger_begin(other, LEDGER_WRITE), LEDGER_OK);
	for (int i = 0; i < CROWD; i++) {
		start(&crowd[i], ledger, WORK_APPEND, 1);
		crowd[i].patient = true;
	}
	(void)wait_for_another(ledger, NULL);
	assert_true(append(other));
	assert_int_equal(ledger_commit(other), LEDGER_OK);
	for (int i = 0; i < CROWD; i++) {
		end(&crowd[i]);
		assert_int_equal(crowd[i].result, LEDGER_OK);
	}
	assert_int_equal(count_events(ledger), CROWD + 1);
	ledger_close(other);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(acts_of_many_threads_are_all_in_the_ledger_and_none_twice),
		ON_BOTH(an_act_sees_what_those_before_it_wrote),
		ON_BOTH(an_act_that_gives_up_before_it_wrote_takes_nobody_with_it),
		ON_BOTH(an_act_that_gives_up_after_it_wrote_undoes_the_transaction_and_no_later_one),
		ON_BOTH(what_ended_by_itself_is_nobodys_success),
		ON_BOTH(nobody_sees_anything_and_nobody_is_told_before_all_of_it_is_committed),
		ON_BOTH(a_commit_that_fails_is_nobodys_success),
		ON_SQLITE(who_waits_too_long_is_told_so_and_his_act_never_runs),
		ON_BOTH(while_another_program_writes_all_of_a_crowd_wait_and_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
