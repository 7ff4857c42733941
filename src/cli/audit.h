/*
 * audit: what the subcommands of flex-verify audit share: their options, a
 * ledger that is read at one moment, and the words for what is wrong with it.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "callcenter/settings.h"
#include "cli.h"
#include "ledger/inspection.h"
#include "ledger/ledger.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The moment that no event reaches. */
#define AUDIT_NO_END INT64_MAX

enum audit_format {
	AUDIT_CSV,
	AUDIT_JSONL
};

struct audit_options {
	const char             *config_path;
	const char             *subject; /* of follow */
	int64_t                 from, to; /* Unix milliseconds; to does not belong */
	enum audit_format       format;
	bool                    json;
	struct inspection_place anchor;
};

struct audit {
	const char          *name; /* of the command, for messages */
	struct audit_options options;
	struct settings      settings;
	struct ledger       *ledger; /* inside a transaction, so that all of it is of one moment */
};

struct audit_command {
	const char *usage;   /* behind the name */
	const char *help;    /* whole lines */
	const char *accepts; /* letters of the options it knows; see audit.c */
	bool        operand; /* needs one */
	enum cli_exit (*run)(struct audit *audit);
};

extern const struct audit_command audit_verify, audit_follow, audit_export, audit_report;

/* flex-verify audit ... */
enum cli_exit audit_command(int argc, char **argv);

/*
 * Walks the record, showing the progress to a terminal, and gives each event
 * to visit (NULL: nobody).  CLI_BROKEN: the inspection says what is wrong.
 */
enum cli_exit audit_walk(const struct audit *audit, ledger_visitor *visit, void *context,
    struct inspection *inspection);

/* The ledger cannot be read: says so. */
enum cli_exit audit_unreadable(const struct audit *audit);

/* What is wrong with the record, in a line. */
void audit_print_fault(FILE *out, const struct inspection *inspection);

/* For commands that show events of a broken record all the same: a warning. */
void audit_warn(const struct audit *audit, const struct inspection *inspection);

#endif
