#include "ledger.h"

#include <stdio.h>
#include <string.h>

struct copy {
	struct ledger_work *work;
	struct ledger      *from, *to;
	struct ledger_seal  origin, seal;
	int64_t             verifications, events;
	enum ledger_result  result; /* of the last write */
};

static bool
copy_verification(void *context, const struct ledger_verification *verification)
{
	struct copy *copy = context;

	copy->result = ledger_put(copy->to, verification);
	copy->verifications++;
	return copy->result == LEDGER_OK;
}

static bool
copy_event(void *context, const struct ledger_record *record)
{
	struct copy *copy = context;

	copy->result = record->whole ? ledger_restore(copy->to, record) : LEDGER_ALTERED;
	copy->events++;
	ledger_show_progress(copy->work, copy->events, copy->seal.position - copy->origin.position);
	return copy->result == LEDGER_OK;
}

static bool
find_any(void *context, const struct ledger_verification *verification)
{
	bool *found = context;

	(void)verification;
	*found = true;
	return false;
}

static enum cli_exit
refuse_full(const struct copy *copy)
{
	bool found = false;
	struct ledger_seal seal;
	enum ledger_result result = ledger_read_seal(copy->to, &seal);

	if (result == LEDGER_OK)
		result = ledger_each_verification(copy->to, find_any, &found);
	if (result != LEDGER_OK)
		return ledger_unusable(copy->work, copy->work->options.to, result);
	if (!found && seal.position == 0)
		return CLI_DONE;
	fprintf(stderr, "%s: the target has a record already; a copy goes into an empty ledger only\n",
	    copy->work->name);
	return CLI_USAGE;
}

/* Inside a transaction on each: all of it is of one moment, and there as a whole or not at all. */
static enum ledger_result
copy_all(struct copy *copy)
{
	enum ledger_result result = ledger_read_origin(copy->from, &copy->origin);

	if (result == LEDGER_OK)
		result = ledger_read_seal(copy->from, &copy->seal);
	if (result == LEDGER_OK)
		result = ledger_each_verification(copy->from, copy_verification, copy);
	if (result == LEDGER_OK && copy->result == LEDGER_OK)
		result = ledger_each(copy->from, LEDGER_BY_POSITION, INT64_MIN, copy_event, copy);
	if (result == LEDGER_OK && copy->result == LEDGER_OK)
		copy->result = ledger_restore_ends(copy->to, &copy->origin, &copy->seal);
	ledger_end_progress();
	return result;
}

static enum cli_exit
copy_into_empty(struct copy *copy)
{
	const struct ledger_options *options = &copy->work->options;
	enum cli_exit code = refuse_full(copy);
	enum ledger_result result = LEDGER_OK;

	if (code != CLI_DONE)
		return code;
	result = copy_all(copy);
	if (result != LEDGER_OK)
		return ledger_unusable(copy->work, options->from, result);
	return copy->result == LEDGER_OK ? CLI_DONE : ledger_unusable(copy->work, options->to, copy->result);
}

static enum cli_exit
copy_in_transactions(struct copy *copy)
{
	const struct ledger_options *options = &copy->work->options;
	enum ledger_result result = ledger_begin(copy->from, LEDGER_READ);
	enum cli_exit code = CLI_DONE;

	if (result != LEDGER_OK)
		return ledger_unusable(copy->work, options->from, result);
	result = ledger_begin(copy->to, LEDGER_WRITE);
	if (result != LEDGER_OK) {
		ledger_rollback(copy->from);
		return ledger_unusable(copy->work, options->to, result);
	}
	code = copy_into_empty(copy);
	/* A file that nobody had open when it was read may have been opened and written since. */
	if (ledger_commit(copy->from) != LEDGER_OK && code == CLI_DONE)
		code = ledger_unusable(copy->work, options->from, LEDGER_BUSY);
	if (code == CLI_DONE)
		result = ledger_commit(copy->to);
	else
		ledger_rollback(copy->to);
	return result == LEDGER_OK ? code : ledger_unusable(copy->work, options->to, result);
}

static enum cli_exit
copy_between(struct copy *copy)
{
	struct ledger_work *work = copy->work;
	enum ledger_result result = ledger_open_to_read(work->options.from, &copy->from);
	enum cli_exit code = CLI_DONE;

	if (result != LEDGER_OK)
		return ledger_unusable(work, work->options.from, result);
	result = ledger_open(work->options.to, work->settings.log_key, LEDGER_SYNC_FULL, &copy->to);
	code = result == LEDGER_OK ? copy_in_transactions(copy) : ledger_unusable(work, work->options.to, result);
	ledger_close(copy->to);
	ledger_close(copy->from);
	return code;
}

static enum cli_exit
copy_ledger(struct ledger_work *work)
{
	struct copy copy = { .work = work };
	enum cli_exit code = ledger_verify(work, work->options.from);

	if (code == CLI_DONE)
		code = copy_between(&copy);
	if (code != CLI_DONE)
		return code;
	printf("copied %lld verifications and %lld events\n", (long long)copy.verifications, (long long)copy.events);
	return ledger_verify(work, work->options.to);
}

const struct ledger_command ledger_copy = {
	.usage = "--from ADDRESS --to ADDRESS",
	.help = "Copies a whole ledger, as it is at one moment, into an empty one, and verifies the record\n"
		"before and after: both must print the same anchor.  Stop the programs before, so that none\n"
		"writes into the old one afterwards, and start them with LEDGER set to the new one.  LOG_KEY\n"
		"stays as it is.  PINs of the portal are not copied: whoever has one gets a new one.\n\n"
		"  --from ADDRESS  sqlite:/path/file or postgresql://USER@HOST/DATABASE\n"
		"  --to ADDRESS    the same, of one without a record; a password is better kept in ~/.pgpass\n"
		"                  than in an argument, which others on this host can see\n",
	.accepts = "ft",
	.run = copy_ledger,
};
