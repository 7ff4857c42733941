/*
 * ledger_sqlite_columns: one table says how a struct stands in a table of the
 * database; all SQL that names its columns, and all that binds and reads them,
 * follows it.
 */
#ifndef LEDGER_LEDGER_SQLITE_COLUMNS_H
#define LEDGER_LEDGER_SQLITE_COLUMNS_H

#include "base/buffer.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_kind {
	COLUMN_TEXT, /* char[size] */
	COLUMN_INT,
	COLUMN_LONG, /* int64_t */
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
bool columns_add_names(struct buffer *sql, const struct columns *columns, int version);
/* ":id, :interaction, ..." */
bool columns_add_parameters(struct buffer *sql, const struct columns *columns);
/* "id = excluded.id, ..." */
bool columns_add_assignments(struct buffer *sql, const struct columns *columns);

/* Binds a row to the first parameters of a statement, which keeps its texts as long as it is bound. */
bool columns_bind(sqlite3_stmt *statement, const struct columns *columns, const void *row);

/*
 * Fills a row from the first columns of a statement's.  False: a column holds
 * what this program does not write; its member is empty, and no other is.
 */
bool columns_read(sqlite3_stmt *statement, const struct columns *columns, void *row);

/* One value.  These leave empty what is not as it was written, and return false. */
bool column_read_text(sqlite3_stmt *statement, int column, char *out, size_t size);
bool column_read_long(sqlite3_stmt *statement, int column, int64_t *value);

bool column_bind_text(sqlite3_stmt *statement, int parameter, const char *text);
bool column_bind_long(sqlite3_stmt *statement, int parameter, int64_t number);

#endif
