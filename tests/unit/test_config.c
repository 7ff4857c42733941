#include "base/config.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Stands for a secret in the file; no error text may hold it. */
#define CANARY "s3cret-canary"

struct settings {
	char  *token;
	char  *name;
	char  *path;
	char  *counters;
	int    threads;
	int    offset;
	bool   trial;
	int    mode;
	char **channels;
	char **origins;
};

static const char *const modes[] = { "flex", "webserver", "none", NULL };

static bool
is_path(const char *value)
{
	return value[0] == '/';
}

static bool
is_lower_case(const char *value)
{
	return value[strspn(value, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

#define AT(member) offsetof(struct settings, member)

static const struct config_key keys[] = {
	{ .name = "TOKEN", .type = CONFIG_TEXT, .offset = AT(token) },
	{ .name = "NAME", .type = CONFIG_TEXT, .offset = AT(name), .default_value = "" },
	{ .name = "LOG_PATH", .type = CONFIG_TEXT, .offset = AT(path), .default_value = "/var/log/x",
	    .valid = is_path, .expected = "an absolute path" },
	{ .name = "COUNTERS", .type = CONFIG_TEXT, .offset = AT(counters), .default_value = "/run/x",
	    .may_be_empty = true },
	{ .name = "THREADS", .type = CONFIG_NUMBER, .offset = AT(threads), .default_value = "64",
	    .min = 1, .max = 1024 },
	{ .name = "OFFSET", .type = CONFIG_NUMBER, .offset = AT(offset), .default_value = "0",
	    .min = INT_MIN, .max = INT_MAX, .expected = "minutes" },
	{ .name = "TRIAL", .type = CONFIG_SWITCH, .offset = AT(trial), .default_value = "off" },
	{ .name = "MODE", .type = CONFIG_CHOICE, .offset = AT(mode), .default_value = "flex",
	    .choices = modes },
	{ .name = "CHANNELS", .type = CONFIG_WORDS, .offset = AT(channels), .default_value = "sms call",
	    .min = 1, .max = 3, .valid = is_lower_case, .expected = "1 to 3 channels" },
	{ .name = "ORIGINS", .type = CONFIG_WORDS, .offset = AT(origins), .default_value = "" },
};

/* A directory of its own with a configuration file in it. */
struct place {
	char                directory[64];
	char                path[128];
	struct settings     settings;
	struct config_error error;
};

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-config-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/x.env", place->directory);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	config_free(keys, COUNT(keys), &place->settings);
	remove(place->path);
	rmdir(place->directory);
	free(place);
	return 0;
}

static void
write_bytes(const struct place *place, const char *bytes, size_t length)
{
	int fd = open(place->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(close(fd), 0);
}

static void
write_text(const struct place *place, const char *text)
{
	write_bytes(place, text, strlen(text));
}

static bool
load_path(struct place *place, const char *path)
{
	return config_load(path, keys, COUNT(keys), &place->settings, &place->error);
}

static void
assert_loads(struct place *place, const char *text)
{
	config_free(keys, COUNT(keys), &place->settings);
	write_text(place, text);
	if (!load_path(place, place->path))
		fail_msg("%s", place->error.text);
	assert_string_equal(place->error.text, "");
}

/* The error has to be the path and then expected, and the settings empty again. */
static void
assert_load_fails(struct place *place, const char *expected)
{
	static const struct settings empty = { 0 };
	char text[sizeof(place->error.text)] = "";

	snprintf(text, sizeof(text), "%s%s", place->path, expected);
	assert_false(load_path(place, place->path));
	assert_string_equal(place->error.text, text);
	assert_null(strstr(place->error.text, CANARY));
	assert_memory_equal(&place->settings, &empty, sizeof(empty));
}

static void
what_is_not_in_the_file_has_its_default(void **state)
{
	struct place *place = *state;
	const struct settings *settings = &place->settings;

	assert_loads(place, "TOKEN=" CANARY "\n");
	assert_string_equal(settings->token, CANARY);
	assert_null(settings->name);
	assert_string_equal(settings->path, "/var/log/x");
	assert_int_equal(settings->threads, 64);
	assert_int_equal(settings->offset, 0);
	assert_false(settings->trial);
	assert_int_equal(settings->mode, 0);
	assert_string_equal(settings->channels[0], "sms");
	assert_string_equal(settings->channels[1], "call");
	assert_null(settings->channels[2]);
	assert_non_null(settings->origins);
	assert_null(settings->origins[0]);
}

static void
every_type_takes_another_value_than_its_default(void **state)
{
	struct place *place = *state;
	const struct settings *settings = &place->settings;

	assert_loads(place,
	    "TOKEN=other\nNAME=Ana\nLOG_PATH=/tmp/y\nTHREADS=1024\nOFFSET=-60\nTRIAL=on\n"
	    "MODE=none\nCHANNELS=email\nORIGINS=https://a.example  https://b.example\n");
	assert_string_equal(settings->token, "other");
	assert_string_equal(settings->name, "Ana");
	assert_string_equal(settings->path, "/tmp/y");
	assert_int_equal(settings->threads, 1024);
	assert_int_equal(settings->offset, -60);
	assert_true(settings->trial);
	assert_int_equal(settings->mode, 2);
	assert_string_equal(settings->channels[0], "email");
	assert_null(settings->channels[1]);
	assert_string_equal(settings->origins[0], "https://a.example");
	assert_string_equal(settings->origins[1], "https://b.example");
	assert_null(settings->origins[2]);
}

static void
the_ends_of_a_range_belong_to_it(void **state)
{
	struct place *place = *state;

	assert_loads(place, "TOKEN=x\nTHREADS=1\nOFFSET=-2147483648\n");
	assert_int_equal(place->settings.threads, 1);
	assert_int_equal(place->settings.offset, INT_MIN);
	assert_loads(place, "TOKEN=x\nTHREADS=1024\nOFFSET=2147483647\n");
	assert_int_equal(place->settings.threads, 1024);
	assert_int_equal(place->settings.offset, INT_MAX);
}

static void
a_text_that_may_be_empty_is_null_when_it_is(void **state)
{
	struct place *place = *state;

	assert_loads(place, "TOKEN=x\nNAME=\n");
	assert_null(place->settings.name);
	assert_string_equal(place->settings.counters, "/run/x");
	assert_loads(place, "TOKEN=x\nNAME=\"\"\nCOUNTERS=\n");
	assert_null(place->settings.name);
	assert_null(place->settings.counters);
}

static void
blanks_comments_and_quotes_are_taken_off(void **state)
{
	static const struct {
		const char *text;
		const char *token;
	} rows[] = {
		{ "TOKEN=abc", "abc" },
		{ "\n\n# TOKEN=no\n  # TOKEN=no\n\t\nTOKEN=abc\n\n", "abc" },
		{ "  TOKEN \t=  abc \t\n", "abc" },
		{ "TOKEN=abc\r\n\r\n", "abc" },
		{ "TOKEN=a b\tc", "a b\tc" },
		{ "TOKEN=a=b==", "a=b==" },
		{ "TOKEN=abc # no comment", "abc # no comment" },
		{ "TOKEN=\"abc\"", "abc" },
		{ "TOKEN= \"  abc  \" ", "  abc  " },
		{ "TOKEN=\"#\"", "#" },
		{ "TOKEN=a\"b\"", "a\"b\"" },
		{ "TOKEN='abc'", "'abc'" },
		{ "TOKEN=\xc3\xa9", "\xc3\xa9" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_loads(place, rows[i].text);
		assert_string_equal(place->settings.token, rows[i].token);
	}
}

static void
a_wrong_file_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		{ "TOKEN=" CANARY "\nFOO=" CANARY "\n",
		    ":2: unknown key FOO: correct its spelling or take the line out" },
		{ "token=" CANARY, ":1: malformed key: write only capitals, digits and _ before the =" },
		{ "=" CANARY, ":1: malformed key: write only capitals, digits and _ before the =" },
		{ CANARY "=", ":1: malformed key: write only capitals, digits and _ before the =" },
		{ "1TOKEN=x", ":1: malformed key: write only capitals, digits and _ before the =" },
		{ "export TOKEN=" CANARY,
		    ":1: malformed key: write only capitals, digits and _ before the =" },
		{ "\xef\xbb\xbfTOKEN=" CANARY,
		    ":1: malformed key: write only capitals, digits and _ before the =" },
		{ "TOKENS=" CANARY, ":1: unknown key TOKENS: correct its spelling or take the line out" },
		{ "TOKE=" CANARY, ":1: unknown key TOKE: correct its spelling or take the line out" },
		{ "TOKEN=" CANARY "\n\nTOKEN=" CANARY, ":3: repeated key TOKEN: keep this line or line 1" },
		{ "TOKEN=\nTOKEN=" CANARY, ":1: TOKEN: expected a value" },
		{ "TOKEN=\"\"", ":1: TOKEN: expected a value" },
		{ "", ": missing key TOKEN: add it, with a value" },
		{ "# TOKEN=" CANARY "\n", ": missing key TOKEN: add it, with a value" },
		{ "NAME=" CANARY, ": missing key TOKEN: add it, with a value" },
		{ "TOKEN", ":1: no = in the line: write KEY=value, or # before a comment" },
		{ "TOKEN=x\n" CANARY, ":2: no = in the line: write KEY=value, or # before a comment" },
		{ "TOKEN: " CANARY, ":1: no = in the line: write KEY=value, or # before a comment" },
		{ "TOKEN=\"" CANARY, ":1: misplaced quote: put \" around the whole value or use none" },
		{ "TOKEN=\"", ":1: misplaced quote: put \" around the whole value or use none" },
		{ "TOKEN=\"" CANARY "\" x", ":1: misplaced quote: put \" around the whole value or use none" },
		{ "TOKEN=\"a\"" CANARY "\"", ":1: misplaced quote: put \" around the whole value or use none" },
		{ "TOKEN=\x1b[2J" CANARY, ":1: control character: write plain text" },
		{ "TOKEN=" CANARY "\x7f", ":1: control character: write plain text" },
		{ "TOKEN=a\r" CANARY, ":1: control character: write plain text" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		write_text(place, rows[i].text);
		assert_load_fails(place, rows[i].error);
	}
}

static void
a_wrong_value_is_refused_with_what_was_expected(void **state)
{
	static const struct {
		const char *line;
		const char *error;
	} rows[] = {
		{ "THREADS=0", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=1025", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=-1", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=-", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=+5", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=5s", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=5 6", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=5.0", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=0x10", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=010", "THREADS: expected a whole number from 1 to 1024" },
		{ "THREADS=4294967297", "THREADS: expected a whole number from 1 to 1024" },
		{ "OFFSET=2147483648", "OFFSET: expected minutes from -2147483648 to 2147483647" },
		{ "OFFSET=-2147483649", "OFFSET: expected minutes from -2147483648 to 2147483647" },
		{ "OFFSET=99999999999999999999999", "OFFSET: expected minutes from -2147483648 to 2147483647" },
		{ "TRIAL=yes", "TRIAL: expected on or off" },
		{ "TRIAL=ON", "TRIAL: expected on or off" },
		{ "TRIAL=1", "TRIAL: expected on or off" },
		{ "TRIAL=", "TRIAL: expected on or off" },
		{ "MODE=", "MODE: expected one of flex webserver none" },
		{ "MODE=Flex", "MODE: expected one of flex webserver none" },
		{ "MODE=fle", "MODE: expected one of flex webserver none" },
		{ "MODE=" CANARY, "MODE: expected one of flex webserver none" },
		{ "LOG_PATH=" CANARY, "LOG_PATH: expected an absolute path" },
		{ "LOG_PATH=", "LOG_PATH: expected an absolute path" },
		{ "LOG_PATH=\"\"", "LOG_PATH: expected an absolute path" },
		{ "CHANNELS=", "CHANNELS: expected 1 to 3 channels" },
		{ "CHANNELS=a b c d", "CHANNELS: expected 1 to 3 channels" },
		{ "CHANNELS=sms " CANARY " call", "CHANNELS: expected 1 to 3 channels" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[200] = "";
		char error[200] = "";

		snprintf(text, sizeof(text), "TOKEN=" CANARY "\n%s\n", rows[i].line);
		snprintf(error, sizeof(error), ":2: %s", rows[i].error);
		write_text(place, text);
		assert_load_fails(place, error);
	}
}

static void
a_wrong_default_is_refused_too(void **state)
{
	static const struct config_key wrong[] = {
		{ .name = "THREADS", .type = CONFIG_NUMBER, .offset = AT(threads), .default_value = "0",
		    .min = 1, .max = 2 },
	};
	struct place *place = *state;

	write_text(place, "");
	assert_false(config_load(place->path, wrong, 1, &place->settings, &place->error));
	assert_non_null(strstr(place->error.text, "THREADS: expected a whole number from 1 to 2"));
	assert_loads(place, "TOKEN=x");
}

static void
a_key_that_needs_words_is_refused_without(void **state)
{
	static const struct config_key words[] = {
		{ .name = "WORDS", .type = CONFIG_WORDS, .offset = AT(origins) },
	};
	struct place *place = *state;

	write_text(place, "WORDS=\" \"\n");
	assert_false(config_load(place->path, words, 1, &place->settings, &place->error));
	assert_non_null(strstr(place->error.text, ":1: WORDS: expected a value"));
	write_text(place, "");
	assert_false(config_load(place->path, words, 1, &place->settings, &place->error));
	assert_non_null(strstr(place->error.text, ": missing key WORDS: add it, with a value"));
	write_text(place, "WORDS=a b c d e\n");
	assert_true(config_load(place->path, words, 1, &place->settings, &place->error));
	assert_string_equal(place->settings.origins[4], "e");
}

static void
byte_0_is_refused_wherever_it_stands(void **state)
{
	struct place *place = *state;

	write_bytes(place, "TOKEN=a\0" CANARY "\n", 8 + strlen(CANARY) + 1);
	assert_load_fails(place, ":1: holds a byte 0: save it as plain text");
	write_bytes(place, "# comment\n# \0\nTOKEN=x\n", 22);
	assert_load_fails(place, ":2: holds a byte 0: save it as plain text");
	write_bytes(place, "TOKEN=x\n\0", 9);
	assert_load_fails(place, ":2: holds a byte 0: save it as plain text");
}

static void
a_file_of_the_largest_size_is_read_and_a_larger_one_refused(void **state)
{
	struct place *place = *state;
	char *text = malloc(CONFIG_FILE_MAX_BYTES + 1);

	assert_non_null(text);
	memset(text, '#', CONFIG_FILE_MAX_BYTES + 1);
	memcpy(text, "TOKEN=x\n", 8);
	write_bytes(place, text, CONFIG_FILE_MAX_BYTES);
	assert_true(load_path(place, place->path));
	assert_string_equal(place->settings.token, "x");
	config_free(keys, COUNT(keys), &place->settings);
	write_bytes(place, text, CONFIG_FILE_MAX_BYTES + 1);
	free(text);
	assert_load_fails(place, ": larger than 65536 bytes: this is no configuration file");
}

static void
a_file_others_can_open_is_refused(void **state)
{
	static const struct {
		mode_t      mode;
		const char *error; /* NULL: it is read */
	} rows[] = {
		{ 0400, NULL },
		{ 0600, NULL },
		{ 0640, NULL },
		{ 0440, NULL },
		{ 0644, ": open to everybody although it holds secrets: chmod o-rw it" },
		{ 0604, ": open to everybody although it holds secrets: chmod o-rw it" },
		{ 0602, ": open to everybody although it holds secrets: chmod o-rw it" },
		{ 0666, ": open to everybody although it holds secrets: chmod o-rw it" },
		{ 0660, ": writable by its group: chmod g-w it" },
		{ 0620, ": writable by its group: chmod g-w it" },
	};
	struct place *place = *state;

	write_text(place, "TOKEN=" CANARY);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(chmod(place->path, rows[i].mode), 0);
		if (rows[i].error != NULL)
			assert_load_fails(place, rows[i].error);
		else
			assert_true(load_path(place, place->path));
		config_free(keys, COUNT(keys), &place->settings);
	}
}

static void
a_file_of_another_user_is_refused(void **state)
{
	struct place *place = *state;

	if (geteuid() != 0)
		skip(); /* only root can give a file away */
	write_text(place, "TOKEN=" CANARY);
	assert_int_equal(chown(place->path, 65534, 0), 0);
	assert_load_fails(place, ": owned by neither root nor the user of this program: chown it");
}

static void
a_symbolic_link_is_refused(void **state)
{
	struct place *place = *state;
	char link[160] = "";

	write_text(place, "TOKEN=" CANARY);
	snprintf(link, sizeof(link), "%s/link", place->directory);
	assert_int_equal(symlink(place->path, link), 0);
	assert_false(load_path(place, link));
	assert_int_equal(unlink(link), 0);
	assert_non_null(strstr(place->error.text, "/link: a symbolic link: name the file it points to"));
	assert_true(load_path(place, place->path));
}

static void
what_is_no_file_is_refused_without_waiting(void **state)
{
	struct place *place = *state;

	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_load_fails(place, ": not a regular file: name the configuration file itself");
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkdir(place->path, 0700), 0);
	assert_load_fails(place, ": not a regular file: name the configuration file itself");
	assert_int_equal(rmdir(place->path), 0);
	assert_load_fails(place, ": cannot be opened: No such file or directory");
}

static void
a_relative_path_is_refused(void **state)
{
	struct place *place = *state;

	assert_false(load_path(place, "x.env"));
	assert_string_equal(place->error.text, "x.env: not an absolute path: begin it with /");
	assert_false(load_path(place, ""));
	assert_string_equal(place->error.text, ": not an absolute path: begin it with /");
}

static void
a_long_path_does_not_hide_what_is_wrong(void **state)
{
	struct place *place = *state;
	char path[1000] = "";

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	assert_false(load_path(place, path));
	assert_non_null(strstr(place->error.text, ": cannot be opened: File name too long"));
}

static int
lowest_free_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

static void
no_descriptor_is_left_open(void **state)
{
	struct place *place = *state;
	int before = lowest_free_descriptor();

	write_text(place, "TOKEN=x");
	assert_true(load_path(place, place->path));
	config_free(keys, COUNT(keys), &place->settings);
	assert_int_equal(lowest_free_descriptor(), before);
	write_text(place, "TOKEN");
	assert_false(load_path(place, place->path));
	assert_int_equal(chmod(place->path, 0666), 0);
	assert_false(load_path(place, place->path));
	assert_int_equal(lowest_free_descriptor(), before);
}

static void
freed_settings_are_empty_and_can_be_loaded_again(void **state)
{
	static const struct settings empty = { 0 };
	struct place *place = *state;

	assert_loads(place, "TOKEN=x\nNAME=y\nTRIAL=on\nMODE=none\nORIGINS=a b\n");
	config_free(keys, COUNT(keys), &place->settings);
	assert_memory_equal(&place->settings, &empty, sizeof(empty));
	config_free(keys, COUNT(keys), &place->settings);
	assert_loads(place, "TOKEN=z");
	assert_string_equal(place->settings.token, "z");
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(what_is_not_in_the_file_has_its_default),
		PLACED(every_type_takes_another_value_than_its_default),
		PLACED(the_ends_of_a_range_belong_to_it),
		PLACED(a_text_that_may_be_empty_is_null_when_it_is),
		PLACED(blanks_comments_and_quotes_are_taken_off),
		PLACED(a_wrong_file_is_refused_with_its_line),
		PLACED(a_wrong_value_is_refused_with_what_was_expected),
		PLACED(a_wrong_default_is_refused_too),
		PLACED(a_key_that_needs_words_is_refused_without),
		PLACED(byte_0_is_refused_wherever_it_stands),
		PLACED(a_file_of_the_largest_size_is_read_and_a_larger_one_refused),
		PLACED(a_file_others_can_open_is_refused),
		PLACED(a_file_of_another_user_is_refused),
		PLACED(a_symbolic_link_is_refused),
		PLACED(what_is_no_file_is_refused_without_waiting),
		PLACED(a_relative_path_is_refused),
		PLACED(a_long_path_does_not_hide_what_is_wrong),
		PLACED(no_descriptor_is_left_open),
		PLACED(freed_settings_are_empty_and_can_be_loaded_again),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
