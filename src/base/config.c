#include "config.h"

#include "buffer.h"
#include "config_value.h"
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_CHARS 64 /* longer words are no keys of anybody's */

/* A path, a line number and a sentence fit into a struct config_error. */
#define SHOWN_PATH_MAX        100
#define SENTENCE_SIZE         384
#define DESCRIPTION_MAX_BYTES 256

/* One load: what every step needs to know for its errors. */
struct load {
	const char              *path;
	int                      line; /* 0: not about a line */
	const struct config_key *keys;
	size_t                   key_count;
	int                     *seen; /* per key the line that set it, 0 for none yet */
	void                    *settings;
	struct config_error     *error;
};

/*
 * Says what is wrong and returns false.  Of the file's own words only those
 * that could name a key go into the text: the others may be secrets.
 */
static bool fail(const struct load *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
fail(const struct load *load, const char *format, ...)
{
	char sentence[SENTENCE_SIZE] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	if (load->line > 0)
		snprintf(load->error->text, sizeof(load->error->text), "%.*s:%d: %s",
		    SHOWN_PATH_MAX, load->path, load->line, sentence);
	else
		snprintf(load->error->text, sizeof(load->error->text), "%.*s: %s",
		    SHOWN_PATH_MAX, load->path, sentence);
	return false;
}

/* --- the file ------------------------------------------------------------ */

/* Judges the open file and not its path, which could name another one by now. */
static bool
check_file(const struct load *load, const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return fail(load, "not a regular file: name the configuration file itself");
	if (file->st_uid != 0 && file->st_uid != geteuid())
		return fail(load, "owned by neither root nor the user of this program: chown it");
	if ((file->st_mode & (S_IROTH | S_IWOTH)) != 0)
		return fail(load, "open to everybody although it holds secrets: chmod o-rw it");
	if ((file->st_mode & S_IWGRP) != 0)
		return fail(load, "writable by its group: chmod g-w it");
	if (file->st_size > CONFIG_FILE_MAX_BYTES)
		return fail(load, "larger than %d bytes: this is no configuration file",
		    CONFIG_FILE_MAX_BYTES);
	return true;
}

/* Reads all of fd, but no more than one byte beyond the limit: it may grow while it is read. */
static bool
read_all(const struct load *load, int fd, char *text, size_t *length)
{
	ssize_t got = 0;

	for (*length = 0; *length <= CONFIG_FILE_MAX_BYTES; *length += (size_t)got) {
		do
			got = read(fd, text + *length, CONFIG_FILE_MAX_BYTES + 1 - *length);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return fail(load, "cannot be read: %m");
		if (got == 0)
			return true;
	}
	return fail(load, "larger than %d bytes: this is no configuration file",
	    CONFIG_FILE_MAX_BYTES);
}

static bool
read_file(const struct load *load, char *text, size_t *length)
{
	struct stat file = { 0 };
	bool done = false;
	int fd = -1;

	if (load->path[0] != '/')
		return fail(load, "not an absolute path: begin it with /");
	/* O_NONBLOCK, so that a FIFO of this name cannot hold the program up. */
	fd = open(load->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ELOOP)
		return fail(load, "a symbolic link: name the file it points to");
	if (fd < 0)
		return fail(load, "cannot be opened: %m");
	if (fstat(fd, &file) != 0)
		fail(load, "cannot be examined: %m");
	else
		done = check_file(load, &file) && read_all(load, fd, text, length);
	close(fd);
	return done;
}

/* --- one line ------------------------------------------------------------ */

/* Takes the blanks off both ends, in place; the CR of a line from Windows is one. */
static char *
trim(char *text)
{
	size_t length = 0;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

/* Takes double quotes off, in place; NULL if they do not stand around the whole value. */
static char *
unquote(char *value)
{
	size_t length = strlen(value);

	if (value[0] != '"')
		return value;
	if (length < 2 || strchr(value + 1, '"') != value + length - 1)
		return NULL;
	value[length - 1] = '\0';
	return value + 1;
}

static bool
has_control_characters(const char *text)
{
	for (; *text != '\0'; text++)
		if ((*text > 0 && *text < ' ' && *text != '\t') || *text == 0x7f)
			return true;
	return false;
}

/* Could it name a key?  If not, it may be a secret in the wrong place, and is not shown. */
static bool
looks_like_a_key(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return length > 0 && length <= NAME_MAX_CHARS && name[length] == '\0' &&
	    (name[0] < '0' || name[0] > '9');
}

static bool
fail_memory(const struct load *load)
{
	return fail(load, "out of memory while reading the configuration");
}

/* missing, or another value than one of its kind. */
static bool
fail_value(const struct load *load, const struct config_key *key, bool missing)
{
	struct buffer expected = { 0 };

	buffer_init(&expected, DESCRIPTION_MAX_BYTES);
	config_value_describe(key, &expected);
	if (missing)
		fail(load, "missing key %s: add it, with %s", key->name, buffer_text(&expected));
	else
		fail(load, "%s: expected %s", key->name, buffer_text(&expected));
	buffer_free(&expected);
	return false;
}

static bool
set_value(const struct load *load, const struct config_key *key, const char *value)
{
	switch (config_value_set(key, load->settings, value)) {
	case CONFIG_VALUE_OK:
		return true;
	case CONFIG_VALUE_UNEXPECTED:
		return fail_value(load, key, false);
	case CONFIG_VALUE_NO_MEMORY:
		break;
	}
	return fail_memory(load);
}

static bool
set_key(struct load *load, const char *name, const char *value)
{
	for (size_t i = 0; i < load->key_count; i++) {
		if (strcmp(load->keys[i].name, name) != 0)
			continue;
		if (load->seen[i] > 0)
			return fail(load, "repeated key %s: keep this line or line %d", name,
			    load->seen[i]);
		load->seen[i] = load->line;
		return set_value(load, &load->keys[i], value);
	}
	return fail(load, "unknown key %s: correct its spelling or take the line out", name);
}

static bool
read_line(struct load *load, char *line)
{
	char *name = trim(line);
	char *value = NULL;
	char *equals = NULL;

	if (*name == '\0' || *name == '#')
		return true;
	if (has_control_characters(name))
		return fail(load, "control character: write plain text");
	equals = strchr(name, '=');
	if (equals == NULL)
		return fail(load, "no = in the line: write KEY=value, or # before a comment");
	*equals = '\0';
	name = trim(name);
	if (!looks_like_a_key(name))
		return fail(load, "malformed key: write only capitals, digits and _ before the =");
	value = unquote(trim(equals + 1));
	if (value == NULL)
		return fail(load, "misplaced quote: put \" around the whole value or use none");
	return set_key(load, name, value);
}

/* --- the whole ----------------------------------------------------------- */

/* text[length] is a NUL, and there is no other. */
static bool
read_lines(struct load *load, char *text, size_t length)
{
	char *line = text;

	for (load->line = 1; line <= text + length; load->line++) {
		char *end = line + strcspn(line, "\n");
		bool byte_0 = *end == '\0' && end < text + length;

		*end = '\0';
		if (byte_0)
			return fail(load, "holds a byte 0: save it as plain text");
		if (!read_line(load, line))
			return false;
		line = end + 1;
	}
	load->line = 0;
	return true;
}

static bool
set_defaults(struct load *load)
{
	for (size_t i = 0; i < load->key_count; i++) {
		const struct config_key *key = &load->keys[i];

		if (load->seen[i] > 0)
			continue;
		if (key->default_value == NULL)
			return fail_value(load, key, true);
		if (!set_value(load, key, key->default_value))
			return false;
	}
	return true;
}

bool
config_load(const char *path, const struct config_key *keys, size_t key_count, void *settings,
    struct config_error *error)
{
	struct load load = { path, 0, keys, key_count, NULL, settings, error };
	char *text = NULL;
	size_t length = 0;
	bool loaded = false;

	error->text[0] = '\0';
	load.seen = calloc(key_count + 1, sizeof(*load.seen));
	text = calloc(1, CONFIG_FILE_MAX_BYTES + 1);
	if (load.seen == NULL || text == NULL)
		fail_memory(&load);
	else
		loaded = read_file(&load, text, &length) && read_lines(&load, text, length) &&
		    set_defaults(&load);
	if (!loaded)
		config_free(keys, key_count, settings);
	secret_wipe(text, CONFIG_FILE_MAX_BYTES + 1);
	free(text);
	free(load.seen);
	return loaded;
}

void
config_free(const struct config_key *keys, size_t key_count, void *settings)
{
	for (size_t i = 0; i < key_count; i++)
		config_value_free(&keys[i], settings);
}
