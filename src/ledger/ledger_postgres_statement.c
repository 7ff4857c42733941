/* Statements for PostgreSQL: prepared when first used, in each session once. */
#include "ledger_postgres.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* src/include/catalog/pg_type.dat: these are for good. */
#define TYPE_BIGINT  20
#define TYPE_INTEGER 23
#define TYPE_TEXT    25
#define TYPE_NUMERIC 1700 /* a sum of BIGINT */

#define TRANSLATED_MAX_BYTES 16384

/* Rows of a statement that may find many; they come in such portions. */
#define PORTION 500

#define NUMBER_SIZE 24

struct prepared {
	char        name[24]; /* of the statement and, if it may find many rows, of its cursor */
	char       *sql;
	unsigned    session; /* the last one that knew it */
	int         count;   /* of parameters that are bound */
	Oid         types[STATEMENT_PARAMETERS_MAX];
	const char *values[STATEMENT_PARAMETERS_MAX];
	char        numbers[STATEMENT_PARAMETERS_MAX][NUMBER_SIZE];
	PGresult   *rows;
	int         row;
	bool        cursor; /* is open */
};

static struct postgres *
postgres_of(const struct statement *statement)
{
	return statement->connection->own;
}

/* ---- Preparing ---- */

/* The word for a type in PostgreSQL, if the SQL goes on with such a word. */
static const char *
type_at(const char *sql, size_t *length)
{
	static const struct {
		const char *word, *own;
	} types[] = { { "INTEGER ", "BIGINT " }, { "TEXT ", "TEXT COLLATE \"C\" " } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		*length = strlen(types[i].word);
		if (strncmp(sql, types[i].word, *length) == 0)
			return types[i].own;
	}
	return NULL;
}

void
postgres_translate(const char *sql, struct buffer *translated)
{
	size_t length = 0;

	for (const char *own = NULL; *sql != '\0'; sql += length) {
		own = type_at(sql, &length);
		if (own == NULL) {
			length = 1;
			own = *sql == '?' ? "$" : NULL;
		}
		if (own != NULL)
			buffer_add_text(translated, own);
		else
			buffer_add(translated, sql, 1);
	}
}

bool
postgres_prepare(struct statement *statement)
{
	struct prepared *prepared = calloc(1, sizeof(*prepared));
	struct buffer sql;

	statement->own = prepared;
	if (prepared == NULL)
		return false;
	snprintf(prepared->name, sizeof(prepared->name), "s%td", statement - statement->connection->list);
	buffer_init(&sql, TRANSLATED_MAX_BYTES);
	if (statement->many)
		buffer_printf(&sql, "DECLARE %s NO SCROLL CURSOR FOR ", prepared->name);
	postgres_translate(statement->sql, &sql);
	if (!sql.failed)
		prepared->sql = strdup(buffer_text(&sql));
	buffer_free(&sql);
	return prepared->sql != NULL;
}

void
postgres_discard(struct statement *statement)
{
	struct prepared *prepared = statement->own;

	if (prepared == NULL)
		return;
	PQclear(prepared->rows);
	free(prepared->sql);
	free(prepared);
}

/* ---- Binding ---- */

static bool
bind(struct prepared *prepared, int parameter, Oid type, const char *value)
{
	if (parameter < 1 || parameter > STATEMENT_PARAMETERS_MAX)
		return false;
	prepared->types[parameter - 1] = type;
	prepared->values[parameter - 1] = value;
	if (parameter > prepared->count)
		prepared->count = parameter;
	return true;
}

bool
postgres_bind_text(struct statement *statement, int parameter, const char *text)
{
	return bind(statement->own, parameter, TYPE_TEXT, text);
}

bool
postgres_bind_long(struct statement *statement, int parameter, int64_t number)
{
	struct prepared *prepared = statement->own;

	if (!bind(prepared, parameter, TYPE_BIGINT, NULL))
		return false;
	snprintf(prepared->numbers[parameter - 1], NUMBER_SIZE, "%" PRId64, number);
	prepared->values[parameter - 1] = prepared->numbers[parameter - 1];
	return true;
}

/* ---- Running ---- */

static bool
fetch(struct postgres *postgres, struct prepared *prepared)
{
	char sql[64];

	PQclear(prepared->rows);
	prepared->rows = NULL;
	prepared->row = 0;
	snprintf(sql, sizeof(sql), "FETCH %d FROM %s", PORTION, prepared->name);
	return postgres_take_answer(postgres, PQsendQuery(postgres->session, sql), &prepared->rows);
}

static bool
open_cursor(struct postgres *postgres, struct prepared *prepared)
{
	int sent = PQsendQueryParams(postgres->session, prepared->sql, prepared->count, prepared->types,
	    prepared->values, NULL, NULL, 0);

	prepared->cursor = postgres_take_answer(postgres, sent, NULL);
	return prepared->cursor && fetch(postgres, prepared);
}

static bool
known(struct postgres *postgres, struct prepared *prepared)
{
	int sent = 0;

	if (prepared->session == postgres->number)
		return true;
	sent = PQsendPrepare(postgres->session, prepared->name, prepared->sql, prepared->count, prepared->types);
	if (!postgres_take_answer(postgres, sent, NULL))
		return false;
	prepared->session = postgres->number;
	return true;
}

/* With rows or without is the statement's matter. */
static bool
execute(struct postgres *postgres, struct prepared *prepared)
{
	int sent = 0;

	if (!known(postgres, prepared))
		return false;
	sent = PQsendQueryPrepared(postgres->session, prepared->name, prepared->count, prepared->values, NULL, NULL, 0);
	prepared->row = 0;
	return postgres_take_answer(postgres, sent, &prepared->rows);
}

enum statement_step
postgres_step(struct statement *statement)
{
	struct postgres *postgres = postgres_of(statement);
	struct prepared *prepared = statement->own;
	bool done = true;

	if (prepared->rows != NULL)
		prepared->row++;
	else
		done = statement->many ? open_cursor(postgres, prepared) : execute(postgres, prepared);
	if (done && statement->many && prepared->row == PORTION)
		done = fetch(postgres, prepared);
	if (!done)
		return STATEMENT_FAILED;
	return prepared->row < PQntuples(prepared->rows) ? STATEMENT_ROW : STATEMENT_DONE;
}

void
postgres_reset(struct statement *statement)
{
	struct postgres *postgres = postgres_of(statement);
	struct prepared *prepared = statement->own;
	char sql[64];

	PQclear(prepared->rows);
	prepared->rows = NULL;
	if (prepared->cursor && PQtransactionStatus(postgres->session) == PQTRANS_INTRANS) {
		snprintf(sql, sizeof(sql), "CLOSE %s", prepared->name);
		(void)postgres_take_answer(postgres, PQsendQuery(postgres->session, sql), NULL);
	}
	prepared->cursor = false;
	memset(prepared->values, 0, sizeof(prepared->values));
	prepared->count = 0;
}

/* ---- Reading ---- */

const char *
postgres_text(struct statement *statement, int column)
{
	const struct prepared *prepared = statement->own;

	if (PQftype(prepared->rows, column) != TYPE_TEXT || PQgetisnull(prepared->rows, prepared->row, column))
		return NULL;
	return PQgetvalue(prepared->rows, prepared->row, column);
}

bool
postgres_number(struct statement *statement, int column, int64_t *number)
{
	const struct prepared *prepared = statement->own;
	Oid type = PQftype(prepared->rows, column);
	char *end = NULL;

	if ((type != TYPE_BIGINT && type != TYPE_INTEGER && type != TYPE_NUMERIC) ||
	    PQgetisnull(prepared->rows, prepared->row, column))
		return false;
	*number = strtoll(PQgetvalue(prepared->rows, prepared->row, column), &end, 10);
	return *end == '\0';
}
