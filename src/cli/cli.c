#include "cli.h"

#include <stdio.h>
#include <string.h>

#ifndef FLEX_VERIFY_VERSION
#define FLEX_VERIFY_VERSION "0.1.0-dev"
#endif

#define NAME_SIZE 128

void
cli_print_version(void)
{
	puts("flex-verify " FLEX_VERIFY_VERSION);
}

enum cli_exit
cli_usage(const char *name)
{
	fprintf(stderr, "Try '%s --help'.\n", name);
	return CLI_USAGE;
}

static void
print_help(const char *name, const char *purpose, const struct cli_command *commands, const char *notes)
{
	printf("%s: %s\n\nUsage: %s COMMAND ...\n\nCommands:\n", name, purpose, name);
	for (; commands->name != NULL; commands++)
		printf("  %-8s %s\n", commands->name, commands->purpose);
	printf("\nEach has --help and --version.\n%s", notes);
}

static enum cli_exit
run(const struct cli_command *command, int argc, char **argv)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s %s", argv[0], command->name);
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}

enum cli_exit
cli_choose(int argc, char **argv, const char *purpose, const struct cli_command *commands, const char *notes)
{
	if (argc < 2) {
		fprintf(stderr, "%s: no command\n", argv[0]);
		return cli_usage(argv[0]);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(argv[0], purpose, commands, notes);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		cli_print_version();
		return CLI_DONE;
	}
	for (const struct cli_command *command = commands; command->name != NULL; command++)
		if (strcmp(argv[1], command->name) == 0)
			return run(command, argc, argv);
	fprintf(stderr, "%s: what is '%s'?\n", argv[0], argv[1]);
	return cli_usage(argv[0]);
}

void
cli_plain(const char *text, char *out, size_t size)
{
	size_t length = 0;

	for (; *text != '\0' && length < size - 1; text++)
		out[length++] = *text >= ' ' && *text <= '~' ? *text : '?';
	out[length] = '\0';
}
