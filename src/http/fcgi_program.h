/*
 * fcgi_program: what the main() of every FastCGI program has in common:
 * options, configuration, serving, and exit codes (0 stopped as asked, 1
 * could not start, 2 wrong usage).
 */
#ifndef HTTP_FCGI_PROGRAM_H
#define HTTP_FCGI_PROGRAM_H

#include "base/config.h"
#include "fcgi_server.h"

struct fcgi_program {
	const char *name;
	const char *purpose; /* one sentence for --help */
	const char *notes;   /* more for --help, whole lines; NULL: nothing */
	const char *config_default; /* path used without -c; NULL: -c is required */

	/* Reads the configuration and opens what it names; NULL: error says why. */
	void *(*open)(const char *config_path, struct config_error *error);
	/* Reads and checks the configuration only (-n).  NULL: there is none, and neither -c nor -n. */
	bool (*check)(const char *config_path, struct config_error *error);
	int (*threads)(const void *context);
	/* Where the program counts, borrowed from the context; NULL here or returned: nowhere. */
	struct metrics *(*metrics)(const void *context);
	void (*close)(void *context);
	fcgi_server_handler *handler;
};

/*
 * Options: -c FILE, -n (check the configuration and exit), -s SOCKET,
 * --help, --version.  Returns the exit code.  A program without a configuration
 * gives NULL as config_default and check, and its open gets a NULL path.
 */
int fcgi_program_main(int argc, char **argv, const struct fcgi_program *program);

#endif
