#include "ledger.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/secret.h"
#include "ledger_columns.h"
#include "ledger_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SELECT_MAX_BYTES 2048

static const struct engine *
engine_of(const char *address)
{
	static const struct engine *const engines[] = { &ledger_sqlite, &ledger_postgres };

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strncmp(address, engines[i]->scheme, strlen(engines[i]->scheme)) == 0)
			return engines[i];
	return NULL;
}

bool
ledger_address_valid(const char *address)
{
	const struct engine *engine = engine_of(address);

	return engine != NULL && engine->address_valid(address);
}

void
ledger_show_address(const char *address, char shown[LEDGER_ADDRESS_SIZE])
{
	const struct engine *engine = engine_of(address);

	snprintf(shown, LEDGER_ADDRESS_SIZE, "of an unknown kind");
	if (engine != NULL)
		engine->show_address(address, shown);
}

/* ---- Statements ---- */

/* Behind one that could not be prepared none is, so that the engine's last failure stays that one's. */
static void
prepare(struct connection *connection, const char *sql, bool many, struct statement **statement)
{
	struct statement *next = &connection->list[connection->count];

	connection->unprepared = connection->unprepared || connection->count == STATEMENTS_MAX;
	if (connection->unprepared)
		return;
	next->connection = connection;
	next->many = many;
	next->sql = strdup(sql);
	*statement = next;
	connection->count++;
	connection->unprepared = next->sql == NULL || !connection->engine->prepare(next);
}

static void
prepare_built(struct connection *connection, struct buffer *sql, bool many, struct statement **statement)
{
	connection->unprepared = connection->unprepared || sql->failed;
	prepare(connection, buffer_text(sql), many, statement);
	buffer_free(sql);
}

static void
prepare_select(struct connection *connection, const struct columns *columns, const char *rest, bool many,
    struct statement **statement)
{
	struct buffer sql;

	buffer_init(&sql, SELECT_MAX_BYTES);
	buffer_add_text(&sql, "SELECT ");
	columns_add_names(&sql, columns, connection->version);
	buffer_add_text(&sql, rest);
	prepare_built(connection, &sql, many, statement);
}

void
connection_prepare(struct connection *connection, const char *sql, struct statement **statement)
{
	prepare(connection, sql, false, statement);
}

void
connection_prepare_built(struct connection *connection, struct buffer *sql, struct statement **statement)
{
	prepare_built(connection, sql, false, statement);
}

void
connection_prepare_select(struct connection *connection, const struct columns *columns, const char *rest,
    struct statement **statement)
{
	prepare_select(connection, columns, rest, false, statement);
}

void
connection_prepare_many(struct connection *connection, const struct columns *columns, const char *rest,
    struct statement **statement)
{
	prepare_select(connection, columns, rest, true, statement);
}

void
statement_bind_text(struct statement *statement, int parameter, const char *text)
{
	if (!statement->failed)
		statement->failed = !statement->connection->engine->bind_text(statement, parameter, text);
}

void
statement_bind_long(struct statement *statement, int parameter, int64_t number)
{
	if (!statement->failed)
		statement->failed = !statement->connection->engine->bind_long(statement, parameter, number);
}

enum statement_step
statement_step(struct statement *statement)
{
	return statement->failed ? STATEMENT_FAILED : statement->connection->engine->step(statement);
}

const char *
statement_text(struct statement *statement, int column)
{
	return statement->connection->engine->text(statement, column);
}

bool
statement_long(struct statement *statement, int column, int64_t *number)
{
	*number = 0;
	return statement->connection->engine->number(statement, column, number);
}

void
statement_reset(struct statement *statement)
{
	statement->connection->engine->reset(statement);
	statement->failed = false;
}

enum ledger_result
statement_write(struct statement *statement, const char *what)
{
	struct connection *connection = statement->connection;
	enum ledger_result result = LEDGER_OK;

	connection->written = true;
	if (statement_step(statement) != STATEMENT_DONE)
		result = connection->engine->failure(connection, what);
	statement_reset(statement);
	return result;
}

enum ledger_result
statement_number(struct statement *statement, int64_t *number)
{
	struct connection *connection = statement->connection;
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = statement_step(statement);

	*number = 0;
	if (step == STATEMENT_ROW)
		(void)statement_long(statement, 0, number); /* of no rows at all, the highest one is NULL */
	else if (step != STATEMENT_DONE)
		result = connection->engine->failure(connection, "count events");
	statement_reset(statement);
	return result;
}

enum ledger_result
statement_time(struct statement *statement, int64_t *time)
{
	enum ledger_result result = statement_number(statement, time);

	if (*time >= 0 && *time <= COLUMN_TIME_MAX)
		return result;
	*time = 0;
	return connection_damaged("a time");
}

enum ledger_result
connection_damaged(const char *what)
{
	log_message(LOG_LEVEL_ERROR, "ledger_altered", "%s in the ledger is not as it was written", what);
	return LEDGER_ALTERED;
}

enum ledger_result
statement_damaged(const struct statement *statement, const char *what)
{
	struct connection *connection = statement->connection;

	return statement->failed ? connection->engine->failure(connection, what) : connection_damaged(what);
}

/* ---- Connections ---- */

void
connection_close(struct connection *connection)
{
	const struct engine *engine = connection->engine;

	for (int i = 0; i < connection->count; i++) {
		engine->discard(&connection->list[i]);
		free(connection->list[i].sql);
	}
	engine->close(connection);
	memset(connection->list, 0, sizeof(connection->list));
	memset(&connection->s, 0, sizeof(connection->s));
	connection->count = 0;
	connection->unprepared = false;
	connection->own = NULL;
}

static enum ledger_result
prepare_statements(struct connection *connection)
{
	connection_prepare_verifications(connection);
	connection_prepare_events(connection);
	connection_prepare_pins(connection);
	connection_prepare_upkeep(connection);
	return connection->unprepared ? connection->engine->failure(connection, "prepare statements") : LEDGER_OK;
}

/* What is opened to be tried, or read, is taken as it is; one without tables is made by the next program. */
static enum ledger_result
open_database(struct connection *connection, const char *address, enum ledger_way way)
{
	enum ledger_result result = connection->engine->open(connection, address, way);

	if (result == LEDGER_OK && way == LEDGER_TO_WRITE)
		result = connection_prepare_schema(connection);
	else if (result == LEDGER_OK)
		result = connection_read_version(connection);
	if (result == LEDGER_OK && way == LEDGER_TO_READ && connection->version == 0)
		result = LEDGER_FAILED;
	if (result != LEDGER_OK || connection->version == 0)
		return result;
	result = prepare_statements(connection);
	return result == LEDGER_OK && way != LEDGER_TO_READ ? connection_check_seal(connection) : result;
}

enum ledger_result
connection_open(struct connection *connection, const char *address, enum ledger_way way)
{
	enum ledger_result result = open_database(connection, address, way);

	if (result != LEDGER_OK)
		connection_close(connection);
	return result;
}

static void
init_ledger(struct ledger *ledger, const struct engine *engine, const char *key, enum ledger_sync sync)
{
	pthread_mutex_init(&ledger->mutex, NULL);
	pthread_cond_init(&ledger->given_back, NULL);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		ledger->connections[i] = (struct connection){ .engine = engine, .key = key, .sync = sync };
}

static enum ledger_result
open_ledger(const char *address, const char *key, enum ledger_sync sync, enum ledger_way way, struct ledger **ledger)
{
	const struct engine *engine = engine_of(address);
	enum ledger_result result = LEDGER_OK;

	*ledger = NULL;
	if (engine == NULL)
		return LEDGER_FAILED;
	*ledger = calloc(1, sizeof(**ledger));
	if (*ledger == NULL)
		return LEDGER_NO_MEMORY;
	init_ledger(*ledger, engine, key, sync);
	(*ledger)->way = way;
	(*ledger)->address = strdup(address);
	result = (*ledger)->address == NULL ? LEDGER_NO_MEMORY :
					      connection_open(&(*ledger)->connections[0], address, way);
	if (result != LEDGER_OK) {
		ledger_close(*ledger);
		*ledger = NULL;
	}
	return result;
}

enum ledger_result
ledger_open(const char *address, const char *key, enum ledger_sync sync, struct ledger **ledger)
{
	return open_ledger(address, key, sync, LEDGER_TO_WRITE, ledger);
}

enum ledger_result
ledger_open_to_read(const char *address, struct ledger **ledger)
{
	return open_ledger(address, NULL, LEDGER_SYNC_FULL, LEDGER_TO_READ, ledger);
}

enum ledger_result
ledger_try(const char *address, const char *key)
{
	struct ledger *ledger = NULL;
	enum ledger_result result = open_ledger(address, key, LEDGER_SYNC_FULL, LEDGER_TO_TRY, &ledger);

	if (result == LEDGER_OK)
		result = ledger_begin(ledger, LEDGER_WRITE);
	if (result == LEDGER_OK) {
		result = ledger_connection(ledger)->version == 0 ? LEDGER_NOT_FOUND : LEDGER_OK;
		ledger_rollback(ledger);
	}
	ledger_close(ledger);
	return result;
}

void
ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		connection_close(&ledger->connections[i]);
	pthread_cond_destroy(&ledger->given_back);
	pthread_mutex_destroy(&ledger->mutex);
	if (ledger->address != NULL)
		secret_wipe(ledger->address, strlen(ledger->address));
	free(ledger->address);
	free(ledger);
}

enum ledger_result
ledger_check(struct ledger *ledger, char fault[LEDGER_FAULT_SIZE])
{
	struct connection *connection = ledger_connection(ledger);

	fault[0] = '\0';
	return connection->engine->check(connection, fault);
}

const char *
ledger_result_name(enum ledger_result result)
{
	switch (result) {
	case LEDGER_OK:
		return "LEDGER_OK";
	case LEDGER_NOT_FOUND:
		return "LEDGER_NOT_FOUND";
	case LEDGER_BUSY:
		return "LEDGER_BUSY";
	case LEDGER_FAILED:
		return "LEDGER_FAILED";
	case LEDGER_ALTERED:
		return "LEDGER_ALTERED";
	case LEDGER_NEWER_SCHEMA:
		return "LEDGER_NEWER_SCHEMA";
	case LEDGER_NO_MEMORY:
		return "LEDGER_NO_MEMORY";
	}
	return "unknown";
}
