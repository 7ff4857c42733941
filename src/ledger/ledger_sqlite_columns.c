#include "ledger_sqlite_columns.h"

#include <limits.h>
#include <string.h>

bool
columns_add_names(struct buffer *sql, const struct columns *columns, int version)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->list[i];
		bool text = column->kind == COLUMN_TEXT || column->kind == COLUMN_WORD;

		buffer_add_text(sql, i == 0 ? "" : ", ");
		if (column->since > version)
			buffer_add_text(sql, text ? "'' AS " : "0 AS ");
		buffer_add_text(sql, column->name);
	}
	return !sql->failed;
}

bool
columns_add_parameters(struct buffer *sql, const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		buffer_printf(sql, "%s:%s", i == 0 ? "" : ", ", columns->list[i].name);
	return !sql->failed;
}

bool
columns_add_assignments(struct buffer *sql, const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		const char *name = columns->list[i].name;

		buffer_printf(sql, "%s%s = excluded.%s", i == 0 ? "" : ", ", name, name);
	}
	return !sql->failed;
}

/*
 * SQLite keeps in a column whatever it is given and converts it, without a
 * word, to what it is asked for.  A column of another type than this program
 * writes, and a number or text that does not fit, is not as it was written.
 */

/* NULL unless it is text without a NUL. */
static const char *
text_of(sqlite3_stmt *statement, int column)
{
	const char *text = NULL;

	if (sqlite3_column_type(statement, column) == SQLITE_TEXT)
		text = (const char *)sqlite3_column_text(statement, column);
	return text != NULL && strlen(text) == (size_t)sqlite3_column_bytes(statement, column) ? text : NULL;
}

bool
column_read_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = text_of(statement, column);
	size_t length = text == NULL ? 0 : strlen(text);

	out[0] = '\0';
	if (text == NULL || length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

bool
column_read_long(sqlite3_stmt *statement, int column, int64_t *value)
{
	bool whole = sqlite3_column_type(statement, column) == SQLITE_INTEGER;

	*value = whole ? sqlite3_column_int64(statement, column) : 0;
	return whole;
}

static bool
read_int(sqlite3_stmt *statement, int column, int *value)
{
	int64_t number = 0;
	bool whole = column_read_long(statement, column, &number) && number >= INT_MIN && number <= INT_MAX;

	*value = whole ? (int)number : 0;
	return whole;
}

static bool
read_word(sqlite3_stmt *statement, int column, const struct column *description, int *value)
{
	const char *text = text_of(statement, column);

	for (int i = 0; text != NULL && i < description->word_count; i++)
		if (strcmp(text, description->words[i]) == 0) {
			*value = i;
			return true;
		}
	*value = 0;
	return false;
}

static bool
read_column(sqlite3_stmt *statement, int index, const struct column *column, void *member)
{
	switch (column->kind) {
	case COLUMN_TEXT:
		return column_read_text(statement, index, member, column->size);
	case COLUMN_LONG:
		return column_read_long(statement, index, member);
	case COLUMN_INT:
		return read_int(statement, index, member);
	case COLUMN_WORD:
		return read_word(statement, index, column, member);
	}
	return false;
}

bool
columns_read(sqlite3_stmt *statement, const struct columns *columns, void *row)
{
	bool whole = true;

	/* Each by itself, so that one altered column takes no other along. */
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->list[i];

		whole &= read_column(statement, (int)i, column, (char *)row + column->offset);
	}
	return whole;
}

bool
column_bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
	return sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

bool
column_bind_long(sqlite3_stmt *statement, int parameter, int64_t number)
{
	return sqlite3_bind_int64(statement, parameter, number) == SQLITE_OK;
}

static bool
bind_column(sqlite3_stmt *statement, int parameter, const struct column *column, const void *member)
{
	switch (column->kind) {
	case COLUMN_TEXT:
		return column_bind_text(statement, parameter, member);
	case COLUMN_LONG:
		return column_bind_long(statement, parameter, *(const int64_t *)member);
	case COLUMN_INT:
		return column_bind_long(statement, parameter, *(const int *)member);
	case COLUMN_WORD:
		return column_bind_text(statement, parameter, column->words[*(const int *)member]);
	}
	return false;
}

bool
columns_bind(sqlite3_stmt *statement, const struct columns *columns, const void *row)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->list[i];

		if (!bind_column(statement, (int)i + 1, column, (const char *)row + column->offset))
			return false;
	}
	return true;
}
