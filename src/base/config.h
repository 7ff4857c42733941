/*
 * config: reads a file of KEY=value lines into a struct, by a table.
 *
 * Knows nothing of the keys themselves.  A line is KEY=value; blank lines and
 * lines that start with # are skipped; blanks around key and value are
 * dropped; a value may stand in double quotes, which are taken off.
 * Unknown, repeated, missing and malformed keys are errors that name file and
 * line.  The file holds secrets: it must be a regular file, opened by an
 * absolute path and not through a symbolic link at its end, owned by root or
 * by the user the program runs as, and neither readable nor writable by
 * others, nor writable by its group.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/* Room for every key with generous values; a larger file is a mistake. */
#define CONFIG_FILE_MAX_BYTES 65536

enum config_type {
	CONFIG_TEXT,   /* char *: owned by the struct, NULL when empty */
	CONFIG_NUMBER, /* int */
	CONFIG_SWITCH, /* bool: on or off */
	CONFIG_CHOICE, /* int: index into choices */
	CONFIG_WORDS   /* char **: values split at blanks, ended by NULL; never NULL after a load */
};

struct config_key {
	const char       *name;
	enum config_type  type;
	size_t            offset;        /* of the member in the struct */
	const char       *default_value; /* as it would stand in the file; NULL: required */
	int               min, max;      /* CONFIG_NUMBER: the range allowed; CONFIG_WORDS: the
	                                    count allowed, max 0: any */
	const char *const *choices;      /* CONFIG_CHOICE: ended by NULL */
	bool               may_be_empty; /* CONFIG_TEXT: although its default is not */
	bool (*valid)(const char *value); /* CONFIG_TEXT and each of CONFIG_WORDS, when not empty;
	                                     NULL: anything */
	const char       *expected;      /* completes "expected ..." for people */
};

struct config_error {
	char text[512]; /* "/etc/x.env:12: unknown key FOO", no secret in it */
};

/*
 * Fills settings (zeroed by the caller) from the file.  False: error says why,
 * nothing is left allocated.
 */
bool config_load(const char *path, const struct config_key *keys, size_t key_count, void *settings,
    struct config_error *error);

/* Wipes and frees every value; the struct may be loaded again. */
void config_free(const struct config_key *keys, size_t key_count, void *settings);

#endif
