/*
 * Acts of several threads in one transaction.
 *
 * Only one transaction can write, and its commit costs more than what is
 * written: locks, pages, the disk.  So of the threads that have an act one
 * leads: it begins, runs its own act and then those that came meanwhile, and
 * commits all of them at once, which is known as group commit.  Nobody waits
 * for others to come.  An act sees what those before it wrote, and nobody is
 * told anything before all of it is committed.
 */
#include "ledger_engine.h"

#include <stddef.h>
#include <time.h>

/* Other processes wait as well. */
#define SHARED_MAX 32

enum act_state {
	ACT_WAITS,
	ACT_LEADS, /* its thread is the one that leads */
	ACT_TAKEN, /* by the thread that leads, which runs it */
	ACT_ENDED
};

struct shared_act {
	ledger_act        *act;
	void              *context;
	struct timespec    until;   /* it waits */
	pthread_cond_t     changed; /* its state did */
	enum act_state     state;
	bool               kept; /* by its act, which is content with what it did */
	enum ledger_result result;
	struct shared_act *next; /* in whatever list it is */
};

/* ---- Those that wait; inside the mutex ---- */

static void
add_waiting(struct ledger *ledger, struct shared_act *shared)
{
	if (ledger->first_waiting == NULL)
		ledger->first_waiting = shared;
	else
		ledger->last_waiting->next = shared;
	ledger->last_waiting = shared;
}

static struct shared_act *
take_waiting(struct ledger *ledger, enum act_state state)
{
	struct shared_act *first = ledger->first_waiting;

	if (first == NULL)
		return NULL;
	ledger->first_waiting = first->next;
	first->next = NULL;
	first->state = state;
	return first;
}

static void
remove_waiting(struct ledger *ledger, struct shared_act *shared)
{
	struct shared_act *before = NULL;

	for (struct shared_act *one = ledger->first_waiting; one != shared; one = one->next)
		before = one;
	if (before == NULL)
		ledger->first_waiting = shared->next;
	else
		before->next = shared->next;
	if (ledger->last_waiting == shared)
		ledger->last_waiting = before;
}

/* ---- Waiting ---- */

/* Inside the mutex.  Once another thread has begun, only the end tells what came of it. */
static void
wait_for_turn(struct ledger *ledger, struct shared_act *shared)
{
	int waited = 0;

	while (shared->state == ACT_WAITS && waited == 0)
		waited = pthread_cond_clockwait(&shared->changed, &ledger->mutex, CLOCK_MONOTONIC,
		    &shared->until);
	while (shared->state == ACT_TAKEN)
		pthread_cond_wait(&shared->changed, &ledger->mutex);
	if (shared->state == ACT_WAITS)
		remove_waiting(ledger, shared);
}

/* True: this thread leads.  False: another one did, or none in time. */
static bool
await(struct ledger *ledger, struct shared_act *shared)
{
	bool leads = false;

	pthread_mutex_lock(&ledger->mutex);
	if (!ledger->led) {
		ledger->led = true;
		shared->state = ACT_LEADS;
	} else {
		add_waiting(ledger, shared);
		wait_for_turn(ledger, shared);
	}
	leads = shared->state == ACT_LEADS;
	pthread_mutex_unlock(&ledger->mutex);
	return leads;
}

/* ---- Leading ---- */

/* What one act wrote cannot be undone alone.  False: it has to be, or is already, whatever the act says. */
static bool
run_one(struct connection *connection, struct shared_act *shared)
{
	shared->result = LEDGER_FAILED;
	connection->written = false;
	shared->kept = shared->act(shared->context);
	return connection->engine->whole(connection) && (shared->kept || !connection->written);
}

static struct shared_act *
next_act(struct ledger *ledger)
{
	struct shared_act *next = NULL;

	pthread_mutex_lock(&ledger->mutex);
	next = take_waiting(ledger, ACT_TAKEN);
	pthread_mutex_unlock(&ledger->mutex);
	return next;
}

/* Runs the acts, and puts those that it took behind the own one.  False: none of them can be committed. */
static bool
run_acts(struct ledger *ledger, struct shared_act *own)
{
	struct connection *connection = ledger_connection(ledger);
	struct shared_act *last = own;
	bool sound = run_one(connection, own);

	for (int count = 1; sound && count < SHARED_MAX && (last->next = next_act(ledger)) != NULL; count++) {
		last = last->next;
		sound = run_one(connection, last);
	}
	return sound;
}

static void
set_results(struct shared_act *own, enum ledger_result result)
{
	for (struct shared_act *one = own; one != NULL; one = one->next)
		if (one->kept)
			one->result = result;
}

static void
pass_on(struct ledger *ledger)
{
	struct shared_act *next = NULL;

	pthread_mutex_lock(&ledger->mutex);
	next = take_waiting(ledger, ACT_LEADS);
	ledger->led = next != NULL;
	if (next != NULL)
		pthread_cond_signal(&next->changed);
	pthread_mutex_unlock(&ledger->mutex);
}

/* One at a time, for who wakes needs the mutex.  Outside of it he, and his act, may be gone. */
static void
end_others(struct ledger *ledger, struct shared_act *first)
{
	struct shared_act *next = NULL;

	for (struct shared_act *one = first; one != NULL; one = next) {
		pthread_mutex_lock(&ledger->mutex);
		next = one->next;
		one->state = ACT_ENDED;
		pthread_cond_signal(&one->changed);
		pthread_mutex_unlock(&ledger->mutex);
	}
}

static void
lead(struct ledger *ledger, struct shared_act *own)
{
	enum ledger_result result = ledger_begin_until(ledger, LEDGER_WRITE, &own->until);

	own->result = result;
	if (result == LEDGER_OK && run_acts(ledger, own))
		set_results(own, ledger_commit(ledger));
	else if (result == LEDGER_OK)
		ledger_rollback(ledger);
	pass_on(ledger);
	end_others(ledger, own->next);
}

enum ledger_result
ledger_write(struct ledger *ledger, ledger_act *act, void *context)
{
	struct shared_act own = { .act = act, .context = context, .state = ACT_WAITS, .result = LEDGER_BUSY };

	ledger_turn_until(&own.until);
	pthread_cond_init(&own.changed, NULL);
	if (await(ledger, &own))
		lead(ledger, &own);
	pthread_cond_destroy(&own.changed);
	return own.result;
}
