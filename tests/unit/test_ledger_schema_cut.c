/*
 * A ledger of an earlier version that cannot be brought to this one, or whose
 * program is killed over it, is what it was before; the next start brings it to
 * the end.
 */
#include "ledger_old.h"

#include "ledger/ledger.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct digest {
	char text[LEDGER_PLACE_DIGEST_SIZE];
};

static struct digest
digest_of(const struct ledger_place *place)
{
	struct digest digest = { .text = "" };

	ledger_place_digest(place, digest.text);
	return digest;
}

static void
assert_same(struct digest digest, struct digest other)
{
	assert_string_equal(digest.text, other.text);
}

static enum ledger_result
bring_forward(const struct ledger_place *place)
{
	struct ledger *ledger = NULL;
	enum ledger_result result = ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger);

	ledger_close(ledger);
	return result;
}

/* A column that only the last step makes; all steps before it are done by then. */
static void
what_fails_in_its_last_step_is_undone_and_done_when_nothing_is_in_the_way(void **state)
{
	const struct ledger_place *place = *state;
	struct digest before;

	assert_int_equal(ledger_place_sql(place,
	    "ALTER TABLE verifications ADD COLUMN verifier TEXT NOT NULL DEFAULT ''"), 0);
	before = digest_of(place);
	assert_int_equal(bring_forward(place), LEDGER_FAILED);
	assert_same(digest_of(place), before);
	assert_int_equal(ledger_place_sql(place, "ALTER TABLE verifications DROP COLUMN verifier"), 0);
	assert_int_equal(bring_forward(place), LEDGER_OK);
	ledger_old_assert_readable(place);
}

/* ---- SQLite: at each of its writes in turn ------------------------------------------ */

#define WRITE_BYTES 4096 /* a page of the file */
#define WRITES_MAX  64

/* A child that may make no file longer than so much, and is sent the signal when it would. */
static int
bring_forward_within(const struct ledger_place *place, rlim_t bytes, void (*on_more)(int))
{
	const struct rlimit limit = { .rlim_cur = bytes, .rlim_max = bytes };
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGXFSZ, on_more);
		_exit(prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
			    bring_forward(place) == LEDGER_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* From write to write until nothing is in the way; how often it was cut off before. */
static int
cut_off_at_each_write(const struct ledger_place *place, void (*on_more)(int), int cut_status)
{
	struct digest old = digest_of(place), now;
	int writes = 0, status = cut_status, changes = 0;

	for (; status == cut_status && writes < WRITES_MAX; writes++) {
		status = bring_forward_within(place, (rlim_t)writes * WRITE_BYTES, on_more);
		ledger_old_assert_readable(place);
		now = digest_of(place);
		changes += strcmp(now.text, old.text) != 0;
		old = now;
	}
	assert_int_equal(status, 0);
	assert_int_equal(changes, 1); /* it was the old one, and then the new one, and nothing between them */
	return writes - 1;
}

static void
a_program_killed_at_any_of_its_writes_leaves_the_old_one(void **state)
{
	assert_true(cut_off_at_each_write(*state, SIG_DFL, SIGXFSZ) > 10);
}

static void
a_disk_that_is_full_at_any_write_leaves_the_old_one(void **state)
{
	assert_true(cut_off_at_each_write(*state, SIG_IGN, W_EXITCODE(1, 0)) > 10);
}

/* ---- PostgreSQL: while it waits, in the middle ----------------------------------------- */

/* The database says so itself; there is nothing else to be waited for. */
static void
await_that(const struct ledger_place *place, const char *condition)
{
	char sql[512];

	snprintf(sql, sizeof(sql), "SELECT 1 / (%s)::int", condition);
	while (ledger_place_sql(place, sql) != 0)
		;
}

/* Somebody who reads events; the step that takes an index from them has to wait for him. */
static FILE *
hold_events(const struct ledger_place *place)
{
	char command[320];
	FILE *reader = NULL;

	snprintf(command, sizeof(command), "psql -Xq '%s' >/dev/null", place->address);
	reader = popen(command, "w");
	assert_non_null(reader);
	fputs("BEGIN; LOCK TABLE events IN ACCESS SHARE MODE;\n", reader);
	fflush(reader);
	await_that(place, "EXISTS (SELECT FROM pg_locks WHERE granted AND relation = 'events'::regclass)");
	return reader;
}

/* Again and again, as it is given up if the test is slow. */
_Noreturn static void
bring_forward_until_killed(const struct ledger_place *place)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)bring_forward(place);
}

static void
a_program_killed_in_the_middle_leaves_the_old_one(void **state)
{
	const struct ledger_place *place = *state;
	struct digest before = digest_of(place);
	FILE *reader = hold_events(place);
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		bring_forward_until_killed(place);
	await_that(place, "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass)");
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	pclose(reader);
	await_that(place, "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'tests'"
			  " AND pid <> pg_backend_pid())");
	assert_same(digest_of(place), before);
	assert_int_equal(bring_forward(place), LEDGER_OK);
	ledger_old_assert_readable(place);
	assert_string_not_equal(digest_of(place).text, before.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH_OLD(what_fails_in_its_last_step_is_undone_and_done_when_nothing_is_in_the_way),
		ON_OLD_SQLITE(a_program_killed_at_any_of_its_writes_leaves_the_old_one),
		ON_OLD_SQLITE(a_disk_that_is_full_at_any_write_leaves_the_old_one),
		ON_OLD_POSTGRES(a_program_killed_in_the_middle_leaves_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
