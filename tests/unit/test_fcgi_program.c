/* Each case runs a program in a child process and reads what it prints. */
#include "http/fcgi_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_SIZE 4096

struct run {
	int  status;
	char output[OUTPUT_SIZE];
	char errors[OUTPUT_SIZE];
};

/* A configuration is good when its name says so. */
static bool
check(const char *config_path, struct config_error *error)
{
	if (strcmp(config_path, "/good.env") == 0)
		return true;
	snprintf(error->text, sizeof(error->text), "%s:3: unknown key COLOUR", config_path);
	return false;
}

static void *
open_context(const char *config_path, struct config_error *error)
{
	static char context;

	return config_path == NULL || check(config_path, error) ? &context : NULL;
}

static int
threads(const void *context)
{
	(void)context;
	return 2;
}

static void
close_context(void *context)
{
	(void)context;
	fputs("closed\n", stderr);
}

static void
handle(void *context, const struct request_input *input, struct response *response)
{
	(void)context;
	(void)input;
	response_text(response, 204, NULL, NULL);
}

static const struct fcgi_program usual = {
	.name = "try-out",
	.purpose = "Shows what a program does.",
	.notes = "\nMore about it.\n",
	.open = open_context,
	.check = check,
	.threads = threads,
	.close = close_context,
	.handler = handle,
};

static void
read_all(int fd, char *out)
{
	size_t length = 0;
	ssize_t count = 0;

	while ((count = read(fd, out + length, OUTPUT_SIZE - 1 - length)) > 0)
		length += (size_t)count;
	out[length] = '\0';
	close(fd);
}

static void
run_child(const struct fcgi_program *program, char **argv, int out, int err)
{
	int count = 0;

	while (argv[count] != NULL)
		count++;
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	/* The test itself may have been given options. */
	optind = 0;
	exit(fcgi_program_main(count, argv, program));
}

/* Runs the program with these words; signal_number, if there is one, half a second later. */
static void
run(struct run *run, const struct fcgi_program *program, char **argv, int signal_number)
{
	pid_t child = 0;
	int out[2];
	int err[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_child(program, argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (signal_number != 0) {
		usleep(500000);
		kill(child, signal_number);
	}
	read_all(out[0], run->output);
	read_all(err[0], run->errors);
	assert_int_equal(waitpid(child, &run->status, 0), child);
	assert_true(WIFEXITED(run->status));
	run->status = WEXITSTATUS(run->status);
}

/* A word of a command line: getopt may exchange words, so they are not const. */
#define WORD(text) ((char[]){ text })

#define RUN(result, program, ...)                                                                  \
	run(result, program, (char *[]){ (char[]){ "./try-out" }, __VA_ARGS__, NULL }, 0)

static void
assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in: %s", part, text);
}

static void
help_lists_options_with_defaults_and_exit_codes(void **state)
{
	static const char *const parts[] = { "try-out: Shows what a program does.\n",
		"Usage: try-out [-n] [-s SOCKET] -c FILE\n", "default: none, required", "  -n ",
		"  -s SOCKET", "mode 0660", "  --help", "  --version", "  0  ", "  1  ", "  2  ",
		"\nMore about it.\n" };
	struct run result;

	(void)state;
	RUN(&result, &usual, WORD("--help"));
	assert_int_equal(result.status, 0);
	assert_string_equal(result.errors, "");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_contains(result.output, parts[i]);
}

static void
version_is_name_and_version(void **state)
{
	struct run result;

	(void)state;
	RUN(&result, &usual, WORD("--version"));
	assert_int_equal(result.status, 0);
	assert_int_equal(strncmp(result.output, "try-out ", 8), 0);
	assert_non_null(strchr("0123456789", result.output[8]));
}

static void
a_configuration_is_checked_without_serving(void **state)
{
	struct run result;

	(void)state;
	RUN(&result, &usual, WORD("-n"), WORD("-c"), WORD("/good.env"));
	assert_int_equal(result.status, 0);
	assert_string_equal(result.output, "/good.env: ok\n");
	assert_string_equal(result.errors, "");
	RUN(&result, &usual, WORD("-n"), WORD("-c"), WORD("/bad.env"));
	assert_int_equal(result.status, 1);
	assert_string_equal(result.output, "");
	assert_string_equal(result.errors, "try-out: /bad.env:3: unknown key COLOUR\n");
}

static void
the_default_configuration_is_used_without_an_option(void **state)
{
	struct fcgi_program program = usual;
	struct run result;

	(void)state;
	program.config_default = "/good.env";
	RUN(&result, &program, WORD("-n"));
	assert_int_equal(result.status, 0);
	assert_string_equal(result.output, "/good.env: ok\n");
	RUN(&result, &program, WORD("--help"));
	assert_contains(result.output, "[-c FILE]");
	assert_contains(result.output, "default: /good.env");
}

static void
wrong_usage_is_told_and_exits_with_2(void **state)
{
	struct run result;

	(void)state;
	RUN(&result, &usual, WORD("-q"));
	assert_int_equal(result.status, 2);
	assert_contains(result.errors, "Try './try-out --help'.\n");
	RUN(&result, &usual, WORD("-c"));
	assert_int_equal(result.status, 2);
	RUN(&result, &usual, WORD("-n"));
	assert_int_equal(result.status, 2);
	assert_contains(result.errors, "give one with -c FILE");
	RUN(&result, &usual, WORD("-c"), WORD("/good.env"), WORD("surplus"));
	assert_int_equal(result.status, 2);
	assert_contains(result.errors, "'surplus'");
}

static void
a_program_without_a_configuration_has_no_options_for_one(void **state)
{
	struct fcgi_program program = usual;
	struct run result;

	(void)state;
	program.check = NULL;
	RUN(&result, &program, WORD("--help"));
	assert_null(strstr(result.output, "-c FILE"));
	assert_null(strstr(result.output, "-n"));
	RUN(&result, &program, WORD("-n"));
	assert_int_equal(result.status, 2);
	RUN(&result, &program, WORD("-s"), WORD("/nowhere/try-out.sock"));
	assert_int_equal(result.status, 1);
	assert_contains(result.errors, "configuration none");
}

static void
a_program_that_cannot_start_says_why_and_exits_with_1(void **state)
{
	struct run result;

	(void)state;
	RUN(&result, &usual, WORD("-c"), WORD("/bad.env"));
	assert_int_equal(result.status, 1);
	assert_string_equal(result.errors, "try-out: /bad.env:3: unknown key COLOUR\n");
	RUN(&result, &usual, WORD("-c"), WORD("/good.env"));
	assert_int_equal(result.status, 1);
	assert_contains(result.errors, "try-out: no socket to serve");
	RUN(&result, &usual, WORD("-c"), WORD("/good.env"), WORD("-s"),
	    WORD("/nowhere/try-out.sock"));
	assert_int_equal(result.status, 1);
	assert_contains(result.errors,
	    "try-out: cannot open the socket: No such file or directory\n");
	assert_contains(result.errors, "closed\n");
}

static void
start_and_stop_are_logged_and_everything_is_closed(void **state)
{
	char directory[] = "/tmp/test-program-XXXXXX";
	char path[64] = "";
	struct run result;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/try-out.sock", directory);
	run(&result, &usual, (char *[]){ WORD("./try-out"), WORD("-c"), WORD("/good.env"),
	    WORD("-s"), path, NULL }, SIGTERM);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.output, "");
	assert_contains(result.errors, "\"sys_startup\"");
	assert_contains(result.errors, "2 threads, configuration /good.env");
	assert_contains(result.errors, "\"sys_shutdown\"");
	assert_contains(result.errors, "closed\n");
	assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_lists_options_with_defaults_and_exit_codes),
		cmocka_unit_test(version_is_name_and_version),
		cmocka_unit_test(a_configuration_is_checked_without_serving),
		cmocka_unit_test(the_default_configuration_is_used_without_an_option),
		cmocka_unit_test(wrong_usage_is_told_and_exits_with_2),
		cmocka_unit_test(a_program_without_a_configuration_has_no_options_for_one),
		cmocka_unit_test(a_program_that_cannot_start_says_why_and_exits_with_1),
		cmocka_unit_test(start_and_stop_are_logged_and_everything_is_closed),
	};

	return cmocka_run_group_tests_name("fcgi_program", tests, NULL, NULL);
}
