/*
 * ledger: what the subcommands of flex-verify ledger share: their options, and
 * words for a ledger that cannot be used.
 */
#ifndef CLI_LEDGER_H
#define CLI_LEDGER_H

#include "callcenter/settings.h"
#include "cli.h"
#include "ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>

struct ledger_options {
	const char *config_path;
	const char *from, *to;     /* addresses */
	int         older_than_days;
};

struct ledger_work {
	const char           *name; /* of the command, for messages */
	struct ledger_options options;
	struct settings       settings;
	int64_t               shown_ms; /* when progress was shown last, or the work began */
};

struct ledger_command {
	const char *usage;   /* behind the name */
	const char *help;    /* whole lines */
	const char *accepts; /* letters of the options it knows, each required; see ledger.c */
	enum cli_exit (*run)(struct ledger_work *work);
};

extern const struct ledger_command ledger_copy, ledger_purge_old;

/* flex-verify ledger ... */
enum cli_exit ledger_command(int argc, char **argv);

/* The ledger of this address cannot be used: says so, and why. */
enum cli_exit ledger_unusable(const struct ledger_work *work, const char *address, enum ledger_result result);

#define LEDGER_ALL_UNKNOWN 0

/* So many of all are done: a bar on a terminal, up to its end; elsewhere a line now and then, none if it is quick. */
void ledger_show_progress(struct ledger_work *work, int64_t done, int64_t all);
void ledger_end_progress(void);

/* Is the record at this address whole, as others read it?  Says its anchor, or what is wrong. */
enum cli_exit ledger_verify(const struct ledger_work *work, const char *address);

#endif
