#include "audit.h"
#include "event_columns.h"

struct exporter {
	const struct audit_options *options;
	struct buffer               row;
	bool                        failed; /* a row could not be put out, and none behind it was */
};

static void
write_row(const struct ledger_record *record, enum audit_format format, struct buffer *row)
{
	switch (format) {
	case AUDIT_CSV:
		event_columns_write_csv(record, row);
		break;
	case AUDIT_JSONL:
		event_columns_write_json(record, row);
		buffer_add_text(row, "\n");
		break;
	}
}

static void
put_row(struct exporter *exporter)
{
	const struct buffer *row = &exporter->row;

	exporter->failed = row->failed || fwrite(buffer_text(row), 1, row->length, stdout) != row->length;
	buffer_clear(&exporter->row);
}

static bool
export_event(void *context, const struct ledger_record *record)
{
	struct exporter *exporter = context;
	const struct audit_options *options = exporter->options;

	if (record->event.at < options->from || record->event.at >= options->to)
		return true;
	write_row(record, options->format, &exporter->row);
	put_row(exporter);
	return !exporter->failed;
}

static enum cli_exit
export_events(struct audit *audit)
{
	struct exporter exporter = { .options = &audit->options };
	struct inspection inspection;
	enum cli_exit code = CLI_DONE;

	buffer_init(&exporter.row, EVENT_COLUMNS_MAX_BYTES);
	if (audit->options.format == AUDIT_CSV)
		event_columns_write_names(&exporter.row);
	put_row(&exporter);
	if (!exporter.failed)
		code = audit_walk(audit, export_event, &exporter, &inspection);
	if (code == CLI_BROKEN)
		audit_warn(audit, &inspection);
	buffer_free(&exporter.row);
	if (!exporter.failed)
		return code;
	fprintf(stderr, "%s: not all events could be written\n", audit->name);
	return code == CLI_DONE ? CLI_UNREADABLE : code;
}

const struct audit_command audit_export = {
	.usage = "[--from T] [--to T] [--format csv|jsonl]",
	.help = "Prints the events from one time to another, in the order in which they were written.  Times\n"
		"are UTC: 2026-11-22T09:00:00Z, or 2026-11-22 for the beginning of that day; --to itself does\n"
		"not belong.  Without them, all events.\n\n"
		"  --format csv    RFC 4180, the default; a text that a spreadsheet could take for a formula, as\n"
		"                  it takes +1********01, has an apostrophe before it\n"
		"  --format jsonl  a JSON object a line\n",
	.accepts = "fot",
	.run = export_events,
};
