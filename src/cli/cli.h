/*
 * cli: what all subcommands of flex-verify have in common: exit codes, the way
 * from words to a function, and text that a terminal may be shown.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>

enum cli_exit {
	CLI_DONE = 0,
	CLI_BROKEN = 1,    /* what was looked at is not as it has to be */
	CLI_USAGE = 2,
	CLI_UNREADABLE = 3 /* configuration or ledger cannot be read, or the answer not be written */
};

/* One word behind the command, and what it leads to.  argv[0] is the whole name so far, for messages. */
struct cli_command {
	const char *name;
	const char *purpose; /* a line in the help of the level above */
	enum cli_exit (*run)(int argc, char **argv);
};

/*
 * Runs the command that argv[1] names, or prints help or version.  commands
 * ends with a NULL name; notes is more for the help, whole lines.
 */
enum cli_exit cli_choose(int argc, char **argv, const char *purpose, const struct cli_command *commands,
    const char *notes);

void cli_print_version(void);

/* "Try 'NAME --help'.", and CLI_USAGE. */
enum cli_exit cli_usage(const char *name);

/*
 * Makes text fit for a terminal: whoever could write into the ledger could
 * otherwise move the cursor and write over what is shown.
 */
void cli_plain(const char *text, char *out, size_t size);

#endif
