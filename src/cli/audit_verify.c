#include "audit.h"

#include "base/clock.h"

/* What is known to be whole; the anchor is for a place out of reach of who can write here. */
static void
print_whole(const struct inspection *inspection)
{
	char first[CLOCK_ISO8601_SIZE], last[CLOCK_ISO8601_SIZE];

	if (inspection->origin.position > 0)
		printf("events 1 to %lld were purged; the record begins behind them\n",
		    (long long)inspection->origin.position);
	if (inspection->whole.position == 0 || inspection->first_at == 0)
		return;
	clock_format_ms(inspection->first_at, first);
	clock_format_ms(inspection->last_at, last);
	printf("events %lld to %lld, %s to %s, are whole\n", (long long)inspection->origin.position + 1,
	    (long long)inspection->whole.position, first, last);
	printf("anchor %lld:%s\n", (long long)inspection->whole.position, inspection->whole.link);
}

static enum cli_exit
verify(struct audit *audit)
{
	struct inspection inspection;
	enum cli_exit code = audit_walk(audit, NULL, NULL, &inspection);

	if (code == CLI_DONE && !inspection_of_file(audit->ledger, &inspection))
		code = audit_unreadable(audit);
	if (code == CLI_UNREADABLE)
		return code;
	if (inspection.fault == INSPECTION_WHOLE) {
		printf("WHOLE: %lld events, none of them changed\n",
		    (long long)(inspection.whole.position - inspection.origin.position));
	} else {
		fputs("BROKEN: ", stdout);
		audit_print_fault(stdout, &inspection);
	}
	print_whole(&inspection);
	return inspection.fault == INSPECTION_WHOLE ? CLI_DONE : CLI_BROKEN;
}

const struct audit_command audit_verify = {
	.usage = "[--anchor POSITION:LINK]",
	.help = "Recomputes what ties each event to all before it, checks that none is missing and that the\n"
		"file is in order, and names the first event that is not as it was written.\n\n"
		"Who can write the ledger, but does not know LOG_KEY, can still put back an earlier copy of\n"
		"all of it.  So keep the anchor that this prints on another host: with --anchor, the record\n"
		"must hold that event still.\n\n"
		"  --anchor POSITION:LINK  the last event of an earlier run\n",
	.accepts = "a",
	.run = verify,
};
