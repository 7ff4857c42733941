/*
 * ledger_columns: one table says how a struct stands in a table of the
 * database; all SQL that names its columns, and all that binds and reads them,
 * follows it.
 */
#ifndef LEDGER_LEDGER_COLUMNS_H
#define LEDGER_LEDGER_COLUMNS_H

#include "base/buffer.h"
#include "ledger_engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2^53 - 1: no time comes near it, and what is added to one does not overflow. */
#define COLUMN_TIME_MAX INT64_C(9007199254740991)

enum column_kind {
	COLUMN_TEXT, /* char[size] */
	COLUMN_INT,
	COLUMN_LONG, /* int64_t */
	COLUMN_TIME, /* int64_t, 0 to COLUMN_TIME_MAX */
	COLUMN_WORD  /* an enum, by one of its words */
};

struct column {
	const char        *name;
	enum column_kind   kind;
	size_t             offset, size; /* of the member */
	const char *const *words;
	int                word_count;
	int                since; /* the schema's first version that has it */
};

struct columns {
	const struct column *list;
	size_t               count;
};

/* How a member of a struct is written in the table of columns. */
#define COLUMN(type, name, member, kind, since)                                                                        \
	{ name, kind, offsetof(type, member), sizeof(((type *)0)->member), NULL, 0, since }
#define COLUMN_OF_WORDS(type, name, member, words, count, since)                                                       \
	{ name, COLUMN_WORD, offsetof(type, member), sizeof(((type *)0)->member), words, count, since }

/* "id, interaction, ..."; a column that a schema of this version lacks is an empty value under its name. */
void columns_add_names(struct buffer *sql, const struct columns *columns, int version);
/* "?1, ?2, ..." */
void columns_add_parameters(struct buffer *sql, const struct columns *columns);
/* "id = excluded.id, ..." */
void columns_add_assignments(struct buffer *sql, const struct columns *columns);

/* Binds a row to the first parameters of a statement, which keeps its texts as long as it is bound. */
void columns_bind(struct statement *statement, const struct columns *columns, const void *row);

/*
 * Fills a row from the first columns of a statement's.  False: a column holds
 * what this program does not write; its member is empty, and no other is.
 */
bool columns_read(struct statement *statement, const struct columns *columns, void *row);

/* One text, with the same result: empty, and false, unless it is as it was written. */
bool column_read_text(struct statement *statement, int column, char *out, size_t size);

#endif
