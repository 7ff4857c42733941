#include "audit.h"

#include "base/clock.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_EVERY_MS     200
#define PROGRESS_EVERY_EVENTS 1000

/* ---- Words ------------------------------------------------------------------ */

/* Of an event as it stands there: an altered one may claim any time. */
static const char *
time_text(int64_t at, char text[CLOCK_ISO8601_SIZE])
{
	clock_format_ms(at, text);
	return at == 0 ? "an unknown time" : text;
}

void
audit_print_fault(FILE *out, const struct inspection *inspection)
{
	char at_text[CLOCK_ISO8601_SIZE], detail[LEDGER_FAULT_SIZE];
	const char *at = time_text(inspection->at, at_text);
	long long position = inspection->position;

	cli_plain(inspection->detail, detail, sizeof(detail));
	switch (inspection->fault) {
	case INSPECTION_WHOLE:
	case INSPECTION__MAX:
		break;
	case INSPECTION_EDITED:
		fprintf(out, "event %lld of %s was edited: its link was made for another one.\n", position, at);
		break;
	case INSPECTION_OUT_OF_ORDER:
		fprintf(out, "event %lld of %s is out of order: the one that belongs there stands at %lld.\n",
		    position, at, (long long)inspection->elsewhere);
		break;
	case INSPECTION_MISSING:
		fprintf(out, "event %lld is missing: the next one there is of %s.\n", position, at);
		break;
	case INSPECTION_ADDED:
		fprintf(out, "event %lld of %s was added: no program wrote one there.\n", position, at);
		break;
	case INSPECTION_CUT_OFF:
		fprintf(out, "event %lld is missing, and all behind it: the seal is that of a later one.\n",
		    position);
		break;
	case INSPECTION_SEAL:
		fprintf(out, "the seal is not that of event %lld of %s, the last one: it is missing, altered or "
		    "older.\n", position, at);
		break;
	case INSPECTION_KEY:
		fputs("neither the first event nor the seal was made with this LOG_KEY: "
		      "is it the one that the ledger was written with?\n", out);
		break;
	case INSPECTION_NOT_AS_NOTED:
		fprintf(out, "event %lld is not the one of the anchor: the ledger was put back to an earlier state, "
		    "or is another one.\n", position);
		break;
	case INSPECTION_UNRECORDED:
		fprintf(out, "verification %s is %s as of %s, and no event says so: its row was edited.\n",
		    detail, inspection->unrecorded, at);
		break;
	case INSPECTION_ORIGIN:
		fprintf(out, "what says that the record begins behind event %lld was not made with this LOG_KEY.\n",
		    position);
		break;
	case INSPECTION_DAMAGED:
		if (detail[0] != '\0')
			fprintf(out, "the file is damaged: %s.\n", detail);
		else
			fprintf(out, "the file is damaged: event %lld cannot be read.\n", position);
		break;
	}
}

void
audit_warn(const struct audit *audit, const struct inspection *inspection)
{
	fprintf(stderr, "%s: do not rely on this: ", audit->name);
	audit_print_fault(stderr, inspection);
}

enum cli_exit
audit_unreadable(const struct audit *audit)
{
	char ledger[LEDGER_ADDRESS_SIZE];

	ledger_show_address(audit->settings.ledger, ledger);
	fprintf(stderr, "%s: the ledger %s cannot be read\n", audit->name, ledger);
	return CLI_UNREADABLE;
}

/* ---- The walk along the record ---------------------------------------------- */

struct progress {
	ledger_visitor *visit;
	void           *context;
	int64_t         total; /* by the seal; 0: not known, or nobody to show it to */
	int64_t         shown_ms;
	int64_t         events;
};

static void
clear_line(void)
{
	fputs("\r\033[K", stderr);
}

static void
show_progress(struct progress *progress, int64_t position)
{
	int64_t now = clock_monotonic_ms();

	if (now - progress->shown_ms < PROGRESS_EVERY_MS || position < 0 || position > progress->total)
		return;
	progress->shown_ms = now;
	clear_line();
	fprintf(stderr, "%3.0f %% of %lld events", 100.0 * (double)position / (double)progress->total,
	    (long long)progress->total);
}

static bool
step(void *context, const struct ledger_record *record)
{
	struct progress *progress = context;

	if (progress->total > 0 && ++progress->events % PROGRESS_EVERY_EVENTS == 0)
		show_progress(progress, record->position);
	return progress->visit == NULL || progress->visit(progress->context, record);
}

static bool
stop_at_fault(void *context, const struct ledger_record *record)
{
	const struct inspection *inspection = context;

	(void)record;
	return inspection->fault == INSPECTION_WHOLE;
}

enum cli_exit
audit_walk(const struct audit *audit, ledger_visitor *visit, void *context, struct inspection *inspection)
{
	struct ledger_seal seal = { 0 };
	struct progress progress = {
		.visit = visit == NULL ? stop_at_fault : visit,
		.context = visit == NULL ? inspection : context,
		.shown_ms = clock_monotonic_ms(),
	};
	bool read = false;

	*inspection = (struct inspection){
		.key = audit->settings.log_key,
		.noted = audit->options.anchor,
		.visit = step,
		.context = &progress,
	};
	if (isatty(STDERR_FILENO) && ledger_read_seal(audit->ledger, &seal) == LEDGER_OK)
		progress.total = seal.position;
	read = inspection_of_events(audit->ledger, inspection) && inspection_of_order(audit->ledger, inspection);
	if (progress.total > 0)
		clear_line();
	if (!read)
		return audit_unreadable(audit);
	return inspection->fault == INSPECTION_WHOLE ? CLI_DONE : CLI_BROKEN;
}

/* ---- Options ---------------------------------------------------------------- */

static const struct option long_options[] = {
	{ "anchor", required_argument, NULL, 'a' },
	{ "format", required_argument, NULL, 'o' },
	{ "from", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "to", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

#define EVERYWHERE "chV"

static bool
read_time(const char *text, int64_t *at)
{
	char moment[CLOCK_ISO8601_SIZE];

	if (clock_parse(text, at))
		return true;
	return strlen(text) == strlen("2026-11-22") &&
	    snprintf(moment, sizeof(moment), "%sT00:00:00Z", text) < (int)sizeof(moment) && clock_parse(moment, at);
}

static bool
read_format(const char *text, enum audit_format *format)
{
	*format = strcmp(text, "jsonl") == 0 ? AUDIT_JSONL : AUDIT_CSV;
	return strcmp(text, "jsonl") == 0 || strcmp(text, "csv") == 0;
}

/* POSITION:LINK, as verify prints it. */
static bool
read_anchor(const char *text, struct inspection_place *anchor)
{
	size_t digits = strspn(text, "0123456789");
	const char *link = text + digits + 1;

	if (digits == 0 || digits > 18 || text[digits] != ':' || strlen(link) != sizeof(anchor->link) - 1 ||
	    link[strspn(link, "0123456789abcdef")] != '\0')
		return false;
	anchor->position = strtoll(text, NULL, 10);
	memcpy(anchor->link, link, sizeof(anchor->link));
	return anchor->position > 0;
}

/* NULL: fine; else what was expected. */
static const char *
read_option(struct audit_options *options, int option, const char *argument)
{
	switch (option) {
	case 'a':
		return read_anchor(argument, &options->anchor) ? NULL : "--anchor POSITION:LINK, as verify prints it";
	case 'c':
		options->config_path = argument;
		return NULL;
	case 'f':
		return read_time(argument, &options->from) ? NULL : "--from 2026-11-22T09:00:00Z, or 2026-11-22";
	case 'j':
		options->json = true;
		return NULL;
	case 'o':
		return read_format(argument, &options->format) ? NULL : "--format csv or --format jsonl";
	case 't':
		return read_time(argument, &options->to) ? NULL : "--to 2026-11-22T09:00:00Z, or 2026-11-22";
	default:
		return "one of its options";
	}
}

static void
print_help(const char *name, const struct audit_command *command)
{
	printf("Usage: %s [-c FILE] %s\n\n%s\n"
	       "  -c FILE    configuration, default: %s\n"
	       "  --help     print this and exit\n"
	       "  --version  print name and version and exit\n\n"
	       "Exit codes: 0 done, 1 the record is broken, 2 wrong usage, 3 configuration or ledger cannot be read.\n",
	    name, command->usage, command->help, SETTINGS_PATH);
}

static enum cli_exit
wrong_option(const char *name, const char *expected)
{
	fprintf(stderr, "%s: expected %s\n", name, expected);
	return cli_usage(name);
}

/* Also what no single option can say. */
static enum cli_exit
read_operands(int argc, char **argv, const struct audit_command *command, struct audit_options *options)
{
	int count = argc - optind;

	if (count != (command->operand ? 1 : 0)) {
		fprintf(stderr, "%s: %s\n", argv[0], count == 0 ? "an argument is missing" : "too many arguments");
		return cli_usage(argv[0]);
	}
	if (options->from >= options->to)
		return wrong_option(argv[0], "a --to that is later than --from");
	options->subject = argv[optind];
	return CLI_DONE;
}

/* done: there is nothing left to do, help was printed or something is wrong. */
static enum cli_exit
read_options(int argc, char **argv, const struct audit_command *command, struct audit_options *options, bool *done)
{
	const char *expected = NULL;
	enum cli_exit code = CLI_DONE;
	int option = 0;

	*done = true;
	while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
		if (option == '?')
			return cli_usage(argv[0]);
		if (strchr(EVERYWHERE, option) == NULL && strchr(command->accepts, option) == NULL)
			return wrong_option(argv[0], "one of its own options");
		if (option == 'h') {
			print_help(argv[0], command);
			return CLI_DONE;
		}
		if (option == 'V') {
			cli_print_version();
			return CLI_DONE;
		}
		expected = read_option(options, option, optarg);
		if (expected != NULL)
			return wrong_option(argv[0], expected);
	}
	code = read_operands(argc, argv, command, options);
	*done = code != CLI_DONE;
	return code;
}

/* ---- Running ---------------------------------------------------------------- */

/* All that is read is of one moment, and programs go on writing meanwhile. */
static enum cli_exit
run_in_transaction(struct audit *audit, const struct audit_command *command)
{
	enum cli_exit code = CLI_DONE;

	if (ledger_begin(audit->ledger, LEDGER_READ) != LEDGER_OK)
		return audit_unreadable(audit);
	code = command->run(audit);
	switch (ledger_commit(audit->ledger)) {
	case LEDGER_OK:
		return code;
	case LEDGER_BUSY:
		fprintf(stderr, "%s: programs began to write the ledger meanwhile, so this may be wrong; "
				"do it once more\n", audit->name);
		return CLI_UNREADABLE;
	case LEDGER_NOT_FOUND:
	case LEDGER_FAILED:
	case LEDGER_ALTERED:
	case LEDGER_NEWER_SCHEMA:
	case LEDGER_NO_MEMORY:
		return audit_unreadable(audit);
	}
	return audit_unreadable(audit);
}

static enum cli_exit
run_with_settings(struct audit *audit, const struct audit_command *command)
{
	enum cli_exit code = CLI_DONE;
	enum ledger_result result = ledger_open_to_read(audit->settings.ledger, &audit->ledger);
	char ledger[LEDGER_ADDRESS_SIZE];

	if (result != LEDGER_OK) {
		ledger_show_address(audit->settings.ledger, ledger);
		fprintf(stderr, "%s: the ledger %s cannot be read (%s)\n", audit->name, ledger,
		    ledger_result_name(result));
		return CLI_UNREADABLE;
	}
	code = run_in_transaction(audit, command);
	ledger_close(audit->ledger);
	return code;
}

static enum cli_exit
run(int argc, char **argv, const struct audit_command *command)
{
	struct audit audit = {
		.name = argv[0],
		.options = { .config_path = SETTINGS_PATH, .from = INT64_MIN, .to = AUDIT_NO_END },
	};
	struct config_error error = { .text = "" };
	bool done = false;
	enum cli_exit code = read_options(argc, argv, command, &audit.options, &done);

	if (done)
		return code;
	if (!settings_load(audit.options.config_path, &audit.settings, &error)) {
		fprintf(stderr, "%s: %s\n", audit.name, error.text);
		return CLI_UNREADABLE;
	}
	code = run_with_settings(&audit, command);
	settings_free(&audit.settings);
	return code;
}

static enum cli_exit
verify(int argc, char **argv)
{
	return run(argc, argv, &audit_verify);
}

static enum cli_exit
follow(int argc, char **argv)
{
	return run(argc, argv, &audit_follow);
}

static enum cli_exit
export_events(int argc, char **argv)
{
	return run(argc, argv, &audit_export);
}

static enum cli_exit
report(int argc, char **argv)
{
	return run(argc, argv, &audit_report);
}

enum cli_exit
audit_command(int argc, char **argv)
{
	static const struct cli_command commands[] = {
		{ "verify", "is the record whole, is every event as it was written", verify },
		{ "follow", "the events of one call, conversation, task or verification", follow },
		{ "export", "the events of a time as CSV or JSON lines", export_events },
		{ "report", "pass rate, time to verify, codes per verified caller", report },
		{ NULL, NULL, NULL },
	};

	return cli_choose(argc, argv, "reads the record of verifications; changes nothing.", commands,
	    "Exit codes: 0 done, 1 the record is broken, 2 wrong usage, 3 configuration or ledger cannot be read.\n");
}
