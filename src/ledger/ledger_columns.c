#include "ledger_columns.h"

#include <limits.h>
#include <string.h>

void
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
}

void
columns_add_parameters(struct buffer *sql, const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		buffer_printf(sql, "%s?%zu", i == 0 ? "" : ", ", i + 1);
}

void
columns_add_assignments(struct buffer *sql, const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		const char *name = columns->list[i].name;

		buffer_printf(sql, "%s%s = excluded.%s", i == 0 ? "" : ", ", name, name);
	}
}

/*
 * A database may keep in a column whatever it is given.  A column of another
 * type than this program writes, and a number or text that does not fit, is
 * not as it was written.
 */

bool
column_read_text(struct statement *statement, int column, char *out, size_t size)
{
	const char *text = statement_text(statement, column);
	size_t length = text == NULL ? 0 : strlen(text);

	out[0] = '\0';
	if (text == NULL || length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

static bool
read_int(struct statement *statement, int column, int *value)
{
	int64_t number = 0;
	bool whole = statement_long(statement, column, &number) && number >= INT_MIN && number <= INT_MAX;

	*value = whole ? (int)number : 0;
	return whole;
}

static bool
read_time(struct statement *statement, int column, int64_t *value)
{
	bool whole = statement_long(statement, column, value) && *value >= 0 && *value <= COLUMN_TIME_MAX;

	if (!whole)
		*value = 0;
	return whole;
}

static bool
read_word(struct statement *statement, int column, const struct column *description, int *value)
{
	const char *text = statement_text(statement, column);

	for (int i = 0; text != NULL && i < description->word_count; i++)
		if (strcmp(text, description->words[i]) == 0) {
			*value = i;
			return true;
		}
	*value = 0;
	return false;
}

static bool
read_column(struct statement *statement, int index, const struct column *column, void *member)
{
	switch (column->kind) {
	case COLUMN_TEXT:
		return column_read_text(statement, index, member, column->size);
	case COLUMN_LONG:
		return statement_long(statement, index, member);
	case COLUMN_TIME:
		return read_time(statement, index, member);
	case COLUMN_INT:
		return read_int(statement, index, member);
	case COLUMN_WORD:
		return read_word(statement, index, column, member);
	}
	return false;
}

bool
columns_read(struct statement *statement, const struct columns *columns, void *row)
{
	bool whole = true;

	/* Each by itself, so that one altered column takes no other along. */
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->list[i];

		whole &= read_column(statement, (int)i, column, (char *)row + column->offset);
	}
	return whole;
}

static void
bind_column(struct statement *statement, int parameter, const struct column *column, const void *member)
{
	switch (column->kind) {
	case COLUMN_TEXT:
		statement_bind_text(statement, parameter, member);
		break;
	case COLUMN_LONG:
	case COLUMN_TIME:
		statement_bind_long(statement, parameter, *(const int64_t *)member);
		break;
	case COLUMN_INT:
		statement_bind_long(statement, parameter, *(const int *)member);
		break;
	case COLUMN_WORD:
		statement_bind_text(statement, parameter, column->words[*(const int *)member]);
		break;
	}
}

void
columns_bind(struct statement *statement, const struct columns *columns, const void *row)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->list[i];

		bind_column(statement, (int)i + 1, column, (const char *)row + column->offset);
	}
}
