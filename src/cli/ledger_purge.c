#include "ledger.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

/* Who waits for a file of SQLite looks again within this time; without a pause he might never find it free. */
#define PAUSE_MS 100

/* The purge itself, on record. */
static enum ledger_result
record_purge(struct ledger *ledger, int64_t before, int64_t now)
{
	struct ledger_event event = { .at = now, .action = "purge", .outcome = "purged" };
	char text[CLOCK_ISO8601_SIZE];
	enum ledger_result result = ledger_begin(ledger, LEDGER_WRITE);

	if (result != LEDGER_OK)
		return result;
	clock_format_ms(before, text);
	snprintf(event.note, sizeof(event.note), "events of before %s", text);
	result = ledger_append(ledger, &event);
	if (result == LEDGER_OK)
		return ledger_commit(ledger);
	ledger_rollback(ledger);
	return result;
}

/* A part at a time, so that the programs are not kept from writing for long; each leaves a whole record. */
static enum ledger_result
purge_part(struct ledger *ledger, int64_t before, int64_t *purged)
{
	enum ledger_result result = ledger_begin(ledger, LEDGER_WRITE);

	if (result != LEDGER_OK)
		return result;
	result = ledger_purge(ledger, before, purged);
	if (result == LEDGER_OK)
		return ledger_commit(ledger);
	ledger_rollback(ledger);
	return result;
}

static void
let_others_write(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };

	nanosleep(&pause, NULL);
}

static enum ledger_result
purge_parts(struct ledger_work *work, struct ledger *ledger, int64_t before, int64_t *all)
{
	enum ledger_result result = LEDGER_OK;
	int64_t purged = LEDGER_PURGE_MAX;

	while (result == LEDGER_OK && purged == LEDGER_PURGE_MAX) {
		result = purge_part(ledger, before, &purged);
		*all += result == LEDGER_OK ? purged : 0;
		ledger_show_progress(work, *all, LEDGER_ALL_UNKNOWN);
		if (purged == LEDGER_PURGE_MAX)
			let_others_write();
	}
	ledger_end_progress();
	return result;
}

/* Nothing is purged from a record that is broken: what it shows of that would be gone. */
static enum cli_exit
purge(struct ledger_work *work, struct ledger *ledger)
{
	int64_t now = clock_now_ms(), before = now - work->options.older_than_days * CLOCK_DAY_MS, all = 0;
	enum cli_exit code = ledger_verify(work, work->settings.ledger);
	enum ledger_result result = LEDGER_OK;

	if (code != CLI_DONE)
		return code;
	result = record_purge(ledger, before, now);
	if (result == LEDGER_OK)
		result = purge_parts(work, ledger, before, &all);
	printf("purged %lld events\n", (long long)all);
	return result == LEDGER_OK ? ledger_verify(work, work->settings.ledger) :
				     ledger_unusable(work, work->settings.ledger, result);
}

static enum cli_exit
purge_ledger(struct ledger_work *work)
{
	struct ledger *ledger = NULL;
	enum ledger_result result = ledger_open(work->settings.ledger, work->settings.log_key, LEDGER_SYNC_FULL,
	    &ledger);
	enum cli_exit code = CLI_DONE;

	if (result != LEDGER_OK)
		return ledger_unusable(work, work->settings.ledger, result);
	code = purge(work, ledger);
	ledger_close(ledger);
	return code;
}

const struct ledger_command ledger_purge_old = {
	.usage = "--older-than DAYSd",
	.help = "Removes the events of more than so many days ago, and the verifications that are over with\n"
		"them.  What is left can be verified as before: the place where the record begins is kept\n"
		"and sealed.  Programs may run meanwhile.  Kept are contacts that were stopped, and, as new\n"
		"events of a number, its wrong codes in a row.  The purge is on record, too.  Nothing\n"
		"is removed from a record that is broken.\n\n"
		"  --older-than 400d  at least 30d\n",
	.accepts = "o",
	.run = purge_ledger,
};
