/*
 * commits: how many verifications a second a ledger takes, when nothing else
 * has to be done.  Each is four acts, as of a code that is sent and checked: one
 * before Twilio is asked and one behind it, twice.
 *
 *	commits ADDRESS full|normal THREADS VERIFICATIONS
 *
 * Prints verifications a second.
 */
#include "ledger/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY "bench-log-key-not-a-secret-0000000000"

#define THREADS_MAX 256

#define HOUR_MS INT64_C(3600000)

enum { SEND_BEGUN, SENT, CHECK_BEGUN, APPROVED, ACTS };

struct caller {
	struct ledger             *ledger;
	struct ledger_verification verification;
	int                        act;
};

struct share {
	struct ledger *ledger;
	pthread_t      thread;
	int            first, count;
	bool           failed;
};

static int64_t
now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool
append(const struct caller *caller)
{
	static const char *const outcomes[ACTS] = { "begun", "code_sent", "begun", "approved" };
	const struct ledger_verification *v = &caller->verification;
	struct ledger_event event = { .at = now_ms(CLOCK_REALTIME), .agent_id = "user:ana", .channel = "sms" };

	snprintf(event.verification, sizeof(event.verification), "%s", v->id);
	snprintf(event.interaction, sizeof(event.interaction), "%s", v->interaction);
	snprintf(event.to_id, sizeof(event.to_id), "%s", v->to_id);
	snprintf(event.action, sizeof(event.action), "%s", caller->act < CHECK_BEGUN ? "start" : "check");
	snprintf(event.outcome, sizeof(event.outcome), "%s", outcomes[caller->act]);
	event.sends = caller->act == SEND_BEGUN;
	event.failures = caller->act == CHECK_BEGUN ? 1 : caller->act == APPROVED ? -1 : 0;
	return ledger_append(caller->ledger, &event) == LEDGER_OK;
}

static bool
count(const struct caller *caller, enum ledger_counted counted)
{
	int64_t sum = 0, since = now_ms(CLOCK_REALTIME) - HOUR_MS;

	return ledger_sum(caller->ledger, LEDGER_SCOPE_NUMBER, caller->verification.to_id, counted, since, &sum) ==
	    LEDGER_OK;
}

static bool
take_down(void *context)
{
	struct caller *caller = context;
	struct ledger_verification *v = &caller->verification, latest;
	enum ledger_result found = ledger_latest(caller->ledger, v->interaction, v->to_id, "", &latest);

	if (found != LEDGER_OK && found != LEDGER_NOT_FOUND)
		return false;
	v->state = caller->act == APPROVED ? LEDGER_STATE_APPROVED : LEDGER_STATE_PENDING;
	return count(caller, LEDGER_COUNTED_SENDS) && count(caller, LEDGER_COUNTED_FAILURES) &&
	    ledger_put(caller->ledger, v) == LEDGER_OK && append(caller);
}

/* Multiplied by an odd number, so that they come in no order. */
static struct caller
caller_of(struct ledger *ledger, int number)
{
	struct caller caller = { .ledger = ledger };
	struct ledger_verification *v = &caller.verification;
	unsigned long long mixed = (unsigned long long)number * 0x9e3779b97f4a7c15ULL;

	snprintf(v->id, sizeof(v->id), "%016llx", mixed);
	snprintf(v->to_id, sizeof(v->to_id), "%016llx", ~mixed);
	snprintf(v->interaction, sizeof(v->interaction), "CA%032llx", mixed);
	snprintf(v->to_mask, sizeof(v->to_mask), "+99***********00");
	snprintf(v->channel, sizeof(v->channel), "sms");
	v->created_at = now_ms(CLOCK_REALTIME);
	return caller;
}

static void *
verify(void *argument)
{
	struct share *share = argument;

	for (int i = 0; i < share->count && !share->failed; i++) {
		struct caller caller = caller_of(share->ledger, share->first + i);

		for (caller.act = 0; caller.act < ACTS && !share->failed; caller.act++)
			share->failed = ledger_write(share->ledger, take_down, &caller) != LEDGER_OK;
	}
	return NULL;
}

static bool
verify_all(struct ledger *ledger, int threads, int count)
{
	static struct share shares[THREADS_MAX];
	bool done = true;

	for (int i = 0; i < threads; i++) {
		shares[i] = (struct share){ .ledger = ledger, .first = 1 + i * (count / threads),
			.count = count / threads };
		if (pthread_create(&shares[i].thread, NULL, verify, &shares[i]) != 0)
			return false;
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(shares[i].thread, NULL);
		done = done && !shares[i].failed;
	}
	return done;
}

/* 0: not such a number. */
static int
number(const char *text, long most)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);

	return *end == '\0' && value > 0 && value <= most ? (int)value : 0;
}

int
main(int argc, char **argv)
{
	struct ledger *ledger = NULL;
	int threads = argc == 5 ? number(argv[3], THREADS_MAX) : 0, count = argc == 5 ? number(argv[4], 1000000) : 0;
	enum ledger_sync sync = LEDGER_SYNC_FULL;
	int64_t began = 0;
	bool done = false;

	if (threads < 1 || count < threads) {
		fprintf(stderr, "usage: commits ADDRESS full|normal THREADS VERIFICATIONS\n");
		return 2;
	}
	if (strcmp(argv[2], "normal") == 0)
		sync = LEDGER_SYNC_NORMAL;
	if (ledger_open(argv[1], KEY, sync, &ledger) != LEDGER_OK)
		return 1;
	began = now_ms(CLOCK_MONOTONIC);
	done = verify_all(ledger, threads, count);
	count -= count % threads;
	printf("%.0f\n", (double)count * 1000 / (double)(now_ms(CLOCK_MONOTONIC) - began + 1));
	ledger_close(ledger);
	return done ? 0 : 1;
}
