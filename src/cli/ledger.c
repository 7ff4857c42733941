#include "ledger.h"

#include "audit.h"
#include "base/clock.h"
#include "ledger/inspection.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH	  40
#define BAR_EVERY_MS	  200
#define LINE_EVERY_MS	  5000
#define OLDER_THAN_MIN	  30 /* days; nothing of a day ago counts any more, and a month is for whoever looks after it */
#define OLDER_THAN_MAX	  36500

/* ---- Words ------------------------------------------------------------------- */

enum cli_exit
ledger_unusable(const struct ledger_work *work, const char *address, enum ledger_result result)
{
	char shown[LEDGER_ADDRESS_SIZE];

	ledger_show_address(address, shown);
	fprintf(stderr, "%s: the ledger %s cannot be used (%s)\n", work->name, shown, ledger_result_name(result));
	return CLI_UNREADABLE;
}

static void
show_bar(int64_t done, int64_t all)
{
	char bar[BAR_WIDTH + 1];
	int full = (int)(BAR_WIDTH * done / all);

	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)(full > BAR_WIDTH ? BAR_WIDTH : full));
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %lld of %lld events", bar, (long long)done, (long long)all);
}

static void
show_line(int64_t done, int64_t all)
{
	if (all == LEDGER_ALL_UNKNOWN)
		fprintf(stderr, "%lld events", (long long)done);
	else
		fprintf(stderr, "%lld of %lld events", (long long)done, (long long)all);
}

void
ledger_show_progress(struct ledger_work *work, int64_t done, int64_t all)
{
	bool terminal = isatty(STDERR_FILENO) == 1, bar = terminal && all != LEDGER_ALL_UNKNOWN;
	int64_t now = clock_monotonic_ms();

	if (!(bar && done == all) && now - work->shown_ms < (terminal ? BAR_EVERY_MS : LINE_EVERY_MS))
		return;
	work->shown_ms = now;
	if (bar) {
		show_bar(done, all);
		return;
	}
	if (terminal)
		fputc('\r', stderr);
	show_line(done, all);
	if (!terminal)
		fputc('\n', stderr);
}

void
ledger_end_progress(void)
{
	if (isatty(STDERR_FILENO) == 1)
		fputs("\r\033[K", stderr);
}

static enum cli_exit
print_verdict(const char *address, const struct inspection *inspection)
{
	char shown[LEDGER_ADDRESS_SIZE];

	ledger_show_address(address, shown);
	if (inspection->fault == INSPECTION_WHOLE) {
		printf("%s is whole\nanchor %lld:%s\n", shown, (long long)inspection->whole.position,
		    inspection->whole.link);
		return CLI_DONE;
	}
	printf("%s is BROKEN: ", shown);
	audit_print_fault(stdout, inspection);
	return CLI_BROKEN;
}

enum cli_exit
ledger_verify(const struct ledger_work *work, const char *address)
{
	struct inspection inspection = { .key = work->settings.log_key };
	struct ledger *ledger = NULL;
	enum ledger_result result = ledger_open_to_read(address, &ledger);

	if (result == LEDGER_OK)
		result = ledger_begin(ledger, LEDGER_READ);
	if (result == LEDGER_OK) {
		if (!inspection_of_events(ledger, &inspection) || !inspection_of_order(ledger, &inspection) ||
		    !inspection_of_file(ledger, &inspection))
			result = LEDGER_FAILED;
		if (ledger_commit(ledger) != LEDGER_OK)
			result = LEDGER_BUSY;
	}
	ledger_close(ledger);
	return result == LEDGER_OK ? print_verdict(address, &inspection) : ledger_unusable(work, address, result);
}

/* ---- Options ------------------------------------------------------------------ */

static const struct option long_options[] = {
	{ "from", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "older-than", required_argument, NULL, 'o' },
	{ "to", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* 400d */
static bool
read_days(const char *text, int *days)
{
	char *end = NULL;
	long number = strtol(text, &end, 10);

	*days = (int)number;
	return text[0] >= '0' && text[0] <= '9' && strcmp(end, "d") == 0 && number >= OLDER_THAN_MIN &&
	    number <= OLDER_THAN_MAX;
}

static const char *
read_address(const char *text, const char **address)
{
	*address = text;
	if (ledger_address_valid(text))
		return NULL;
	return "an address: sqlite: and an absolute path, or postgresql://USER@HOST/DATABASE,"
	       " a password percent-encoded";
}

/* NULL: fine; else what was expected. */
static const char *
read_option(struct ledger_options *options, int option, const char *argument)
{
	switch (option) {
	case 'c':
		options->config_path = argument;
		return NULL;
	case 'f':
		return read_address(argument, &options->from);
	case 'o':
		return read_days(argument, &options->older_than_days) ? NULL : "--older-than 400d, at least 30d";
	case 't':
		return read_address(argument, &options->to);
	default:
		return "one of its options";
	}
}

static void
print_help(const char *name, const struct ledger_command *command)
{
	printf("Usage: %s [-c FILE] %s\n\n%s\n"
	       "  -c FILE    configuration, default: %s\n"
	       "  --help     print this and exit\n"
	       "  --version  print name and version and exit\n\n"
	       "Exit codes: 0 done, 1 the record is broken, 2 wrong usage, 3 configuration or ledger cannot be used.\n",
	    name, command->usage, command->help, SETTINGS_PATH);
}

static enum cli_exit
wrong_option(const char *name, const char *expected)
{
	fprintf(stderr, "%s: expected %s\n", name, expected);
	return cli_usage(name);
}

static bool
complete(const struct ledger_command *command, const struct ledger_options *options)
{
	return strchr(command->accepts, 'o') == NULL ? options->from != NULL && options->to != NULL :
						       options->older_than_days > 0;
}

/* done: there is nothing left to do, help was printed or something is wrong. */
static enum cli_exit
read_options(int argc, char **argv, const struct ledger_command *command, struct ledger_options *options, bool *done)
{
	const char *expected = NULL;
	int option = 0;

	*done = true;
	while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
		if (option == 'h' || option == 'V') {
			if (option == 'h')
				print_help(argv[0], command);
			else
				cli_print_version();
			return CLI_DONE;
		}
		if (option == '?' || (option != 'c' && strchr(command->accepts, option) == NULL))
			return wrong_option(argv[0], "one of its own options");
		expected = read_option(options, option, optarg);
		if (expected != NULL)
			return wrong_option(argv[0], expected);
	}
	if (optind != argc || !complete(command, options))
		return wrong_option(argv[0], command->usage);
	*done = false;
	return CLI_DONE;
}

static enum cli_exit
run(int argc, char **argv, const struct ledger_command *command)
{
	struct ledger_work work = { .name = argv[0], .options = { .config_path = SETTINGS_PATH },
		.shown_ms = clock_monotonic_ms() };
	struct config_error error = { .text = "" };
	bool done = false;
	enum cli_exit code = read_options(argc, argv, command, &work.options, &done);

	if (done)
		return code;
	if (!settings_load(work.options.config_path, &work.settings, &error)) {
		fprintf(stderr, "%s: %s\n", work.name, error.text);
		return CLI_UNREADABLE;
	}
	code = command->run(&work);
	settings_free(&work.settings);
	return code;
}

static enum cli_exit
copy(int argc, char **argv)
{
	return run(argc, argv, &ledger_copy);
}

static enum cli_exit
purge(int argc, char **argv)
{
	return run(argc, argv, &ledger_purge_old);
}

enum cli_exit
ledger_command(int argc, char **argv)
{
	static const struct cli_command commands[] = {
		{ "copy", "a whole ledger into an empty one, as from SQLite to PostgreSQL", copy },
		{ "purge", "removes what is older than so many days", purge },
		{ NULL, NULL, NULL },
	};

	return cli_choose(argc, argv, "looks after the ledger.", commands,
	    "Exit codes: 0 done, 1 the record is broken, 2 wrong usage, 3 configuration or ledger cannot be used.\n");
}
