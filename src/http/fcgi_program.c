#include "fcgi_program.h"

#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef FLEX_VERIFY_VERSION
#define FLEX_VERIFY_VERSION "0.1.0-dev"
#endif

#define EXIT_STOPPED     0
#define EXIT_NOT_STARTED 1
#define EXIT_USAGE       2

enum action {
	ACTION_SERVE,
	ACTION_CHECK,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_USAGE
};

struct arguments {
	enum action action;
	const char *config_path;
	const char *socket_path;
};

/* A descriptor opened later must not become 0, 1 or 2: what is logged would be sent there. */
static bool
standard_streams_exist(void)
{
	int fd = 0;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* A program that cannot check a configuration has none. */
static bool
has_config(const struct fcgi_program *program)
{
	return program->check != NULL;
}

static void
print_config_help(const struct fcgi_program *program)
{
	const char *config = program->config_default;

	printf("  -c FILE     configuration, default: %s\n"
	    "  -n          check the configuration and exit\n",
	    config == NULL ? "none, required" : config);
}

static void
print_help(const struct fcgi_program *program)
{
	const char *config = program->config_default == NULL ? " -c FILE" : " [-c FILE]";

	printf("%s: %s\n\n"
	    "Usage: %s%s [-s SOCKET]%s\n\n"
	    "Serves FastCGI requests until SIGTERM or SIGINT, then finishes those in hand.\n\n"
	    "Options:\n",
	    program->name, program->purpose, program->name, has_config(program) ? " [-n]" : "",
	    has_config(program) ? config : "");
	if (has_config(program))
		print_config_help(program);
	printf("  -s SOCKET   open this Unix socket, mode 0660; default: the listening socket\n"
	    "              inherited as descriptor 3 (LISTEN_FDS) or 0\n"
	    "  --help      print this and exit\n"
	    "  --version   print name and version and exit\n\n"
	    "Exit codes:\n"
	    "  0  stopped as asked%s\n"
	    "  1  could not start%s\n"
	    "  2  wrong usage\n%s",
	    has_config(program) ? ", or the configuration is fine" : "",
	    has_config(program) ? ", or the configuration is not fine" : "",
	    program->notes == NULL ? "" : program->notes);
}

static enum action
read_arguments(int argc, char **argv, const struct fcgi_program *program,
    struct arguments *arguments)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *letters = has_config(program) ? "c:ns:" : "s:";
	int option = 0;

	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->config_path = optarg;
			break;
		case 'n':
			arguments->action = ACTION_CHECK;
			break;
		case 's':
			arguments->socket_path = optarg;
			break;
		case 'h':
			return ACTION_HELP;
		case 'V':
			return ACTION_VERSION;
		default:
			return ACTION_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: what is '%s'?\n", argv[0], argv[optind]);
		return ACTION_USAGE;
	}
	if (arguments->config_path == NULL && has_config(program)) {
		fprintf(stderr, "%s: no configuration: give one with -c FILE\n", argv[0]);
		return ACTION_USAGE;
	}
	return arguments->action;
}

static int
check(const struct fcgi_program *program, const struct arguments *arguments)
{
	struct config_error error = { .text = "" };

	if (!program->check(arguments->config_path, &error)) {
		fprintf(stderr, "%s: %s\n", program->name, error.text);
		return EXIT_NOT_STARTED;
	}
	printf("%s: ok\n", arguments->config_path);
	return EXIT_STOPPED;
}

static int
report_stop(const struct fcgi_program *program, enum fcgi_server_result result, int error)
{
	const char *text = fcgi_server_result_text(result);
	bool has_errno = result == FCGI_SERVER_SOCKET_FAILED;

	if (result == FCGI_SERVER_OK) {
		log_message(LOG_LEVEL_INFO, "sys_shutdown", "%s", text);
		return EXIT_STOPPED;
	}
	fprintf(stderr, "%s: %s%s%s\n", program->name, text, has_errno ? ": " : "",
	    has_errno ? strerror(error) : "");
	return EXIT_NOT_STARTED;
}

static int
serve(const struct fcgi_program *program, const struct arguments *arguments)
{
	struct config_error error = { .text = "" };
	struct fcgi_server_options options = {
		.socket_path = arguments->socket_path,
		.handler = program->handler,
	};
	int code = EXIT_NOT_STARTED;
	enum fcgi_server_result result = FCGI_SERVER_OK;

	options.context = program->open(arguments->config_path, &error);
	if (options.context == NULL) {
		fprintf(stderr, "%s: %s\n", program->name, error.text);
		return EXIT_NOT_STARTED;
	}
	options.threads = program->threads(options.context);
	options.metrics = program->metrics == NULL ? NULL : program->metrics(options.context);
	log_message(LOG_LEVEL_INFO, "sys_startup", "version %s, %d threads, configuration %s",
	    FLEX_VERIFY_VERSION, options.threads,
	    arguments->config_path == NULL ? "none" : arguments->config_path);
	result = fcgi_server_run(&options);
	code = report_stop(program, result, errno);
	program->close(options.context);
	return code;
}

int
fcgi_program_main(int argc, char **argv, const struct fcgi_program *program)
{
	struct arguments arguments = { .config_path = program->config_default };

	secret_harden_process();
	umask(S_IRWXG | S_IRWXO);
	if (!standard_streams_exist()) {
		fprintf(stderr, "%s: /dev/null cannot be opened: %m\n", program->name);
		return EXIT_NOT_STARTED;
	}
	switch (read_arguments(argc, argv, program, &arguments)) {
	case ACTION_HELP:
		print_help(program);
		return EXIT_STOPPED;
	case ACTION_VERSION:
		printf("%s %s\n", program->name, FLEX_VERIFY_VERSION);
		return EXIT_STOPPED;
	case ACTION_CHECK:
		return check(program, &arguments);
	case ACTION_SERVE:
		return serve(program, &arguments);
	case ACTION_USAGE:
		fprintf(stderr, "Try '%s --help'.\n", argv[0]);
		return EXIT_USAGE;
	}
	return EXIT_USAGE;
}
