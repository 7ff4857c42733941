/* The engine for a database of PostgreSQL. */
#include "ledger_postgres.h"

#include "base/clock.h"
#include "base/log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What all writers of a ledger lock, in its database; nobody else's number, as far as that can be. */
#define WRITERS_LOCK "7815263944021"

#define SCHEMA_MAX_BYTES 16384

static struct postgres *
postgres_of(const struct connection *connection)
{
	return connection->own;
}

/* ---- Failures ---- */

/* PostgreSQL's error codes (appendix A): of a lock or statement that took too long, of two that block each other. */
static enum ledger_result
meaning(const char *state)
{
	static const struct {
		const char        *state;
		enum ledger_result result;
	} states[] = {
		{ "55P03", LEDGER_BUSY }, { "57014", LEDGER_BUSY }, { "40001", LEDGER_BUSY }, { "40P01", LEDGER_BUSY },
		{ "53300", LEDGER_BUSY }, { "XX001", LEDGER_ALTERED }, { "XX002", LEDGER_ALTERED },
	};

	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i].state) == 0)
			return states[i].result;
	return LEDGER_FAILED;
}

/* The message alone: details would quote what was written. */
static void
keep_failure(struct postgres *postgres, PGresult *result)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (text == NULL)
		text = postgres->lost ? "no answer in time" : PQerrorMessage(postgres->session);
	postgres->result = meaning(PQresultErrorField(result, PG_DIAG_SQLSTATE));
	snprintf(postgres->message, sizeof(postgres->message), "%.*s", (int)strcspn(text, "\n"), text);
	PQclear(result);
}

static enum ledger_result
failure(struct connection *connection, const char *what)
{
	const struct postgres *postgres = connection->own;

	log_message(LOG_LEVEL_ERROR, "ledger_failed", "%s: %s", what, postgres->message);
	return postgres->result == LEDGER_OK ? LEDGER_FAILED : postgres->result;
}

/* ---- Asking ---- */

/* Waits until there is something to read; false: too long. */
static bool
await(const struct postgres *postgres, int64_t until)
{
	struct pollfd ready = { .fd = PQsocket(postgres->session), .events = POLLIN };
	int64_t left = postgres->patient ? -1 : until - clock_monotonic_ms();

	if (!postgres->patient && left <= 0)
		return false;
	return poll(&ready, 1, (int)left) >= 0;
}

/* The last result, or the first one that failed.  NULL: none came in time. */
static PGresult *
await_answer(struct postgres *postgres)
{
	int64_t until = clock_monotonic_ms() + POSTGRES_SILENCE_MAX_MS;
	PGresult *answer = NULL, *next = NULL;

	do {
		while (PQisBusy(postgres->session)) {
			if (!await(postgres, until)) {
				postgres->lost = true;
				PQclear(answer);
				return NULL;
			}
			if (!PQconsumeInput(postgres->session))
				break; /* what is left of the answer says so */
		}
		next = PQgetResult(postgres->session);
		if (next != NULL && PQresultStatus(answer) == PGRES_FATAL_ERROR && answer != NULL) {
			PQclear(next);
		} else if (next != NULL) {
			PQclear(answer);
			answer = next;
		}
	} while (next != NULL);
	return answer;
}

bool
postgres_take_answer(struct postgres *postgres, int sent, PGresult **answer)
{
	PGresult *result = sent ? await_answer(postgres) : NULL;
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		keep_failure(postgres, result);
		return false;
	}
	if (answer == NULL)
		PQclear(result);
	else
		*answer = result;
	return true;
}

/* Statements of which the last one has no rows to be read. */
static bool
ask(struct postgres *postgres, const char *sql)
{
	return postgres_take_answer(postgres, PQsendQuery(postgres->session, sql), NULL);
}

/* A schema is made or changed: that may take its time. */
static enum ledger_result
run(struct connection *connection, const char *sql)
{
	struct postgres *postgres = connection->own;
	bool done = false, patient = postgres->patient;
	struct buffer own;

	buffer_init(&own, SCHEMA_MAX_BYTES);
	postgres->patient = true;
	buffer_add_text(&own, "SET LOCAL statement_timeout = 0;");
	postgres_translate(sql, &own);
	done = !own.failed && ask(postgres, buffer_text(&own));
	postgres->patient = patient;
	buffer_free(&own);
	return done ? LEDGER_OK : failure(connection, "make the tables");
}

/* One number, or none. */
static bool
ask_number(struct postgres *postgres, const char *sql, int *number)
{
	PGresult *answer = NULL;

	if (!postgres_take_answer(postgres, PQsendQuery(postgres->session, sql), &answer))
		return false;
	*number = PQntuples(answer) == 1 ? (int)strtol(PQgetvalue(answer, 0, 0), NULL, 10) : 0;
	PQclear(answer);
	return true;
}

/* to_regclass() would answer from a session's cache, which may not know yet what another one has made. */
static const char sql_has_version[] =
    "SELECT count(*) FROM pg_class WHERE relname = 'schema_version' AND pg_table_is_visible(oid)";

static enum ledger_result
read_version(struct connection *connection, int *version)
{
	struct postgres *postgres = connection->own;
	int there = 0;

	*version = 0;
	if (!ask_number(postgres, sql_has_version, &there) ||
	    (there > 0 && !ask_number(postgres, "SELECT version FROM schema_version", version)))
		return failure(connection, "read the schema's version");
	return LEDGER_OK;
}

static enum ledger_result
write_version(struct connection *connection, int version)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);"
	    "DELETE FROM schema_version; INSERT INTO schema_version VALUES (%d)", version);
	return run(connection, sql);
}

/* ---- Connecting ---- */

static void
ignore_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

/* Committed is on disk, whatever the server's default. */
static bool
set_terms(struct postgres *postgres)
{
	char sql[512];
	bool reader = postgres->way == LEDGER_TO_READ;

	snprintf(sql, sizeof(sql),
	    "SET lock_timeout = %d; SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
	    " SELECT set_config('synchronous_commit', 'on', false)"
	    " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
	    LEDGER_BUSY_TIMEOUT_MS, reader ? 0 : POSTGRES_STATEMENT_TIMEOUT_MS,
	    reader ? 0 : POSTGRES_IDLE_TIMEOUT_MS);
	return ask(postgres, sql);
}

static enum ledger_result
connect_once(struct connection *connection)
{
	struct postgres *postgres = connection->own;

	PQfinish(postgres->session);
	postgres->session = postgres_connect(postgres->address, postgres->way);
	postgres->number++;
	postgres->lost = false;
	if (PQstatus(postgres->session) != CONNECTION_OK) {
		keep_failure(postgres, NULL);
		return failure(connection, "connect");
	}
	PQsetNoticeProcessor(postgres->session, ignore_notice, NULL);
	if (strcmp(PQparameterStatus(postgres->session, "server_encoding"), "UTF8") != 0) {
		log_message(LOG_LEVEL_ERROR, "ledger_failed", "the database's encoding has to be UTF8");
		return LEDGER_FAILED;
	}
	return set_terms(postgres) ? LEDGER_OK : failure(connection, "connect");
}

static bool
connected(const struct postgres *postgres)
{
	return !postgres->lost && PQstatus(postgres->session) == CONNECTION_OK;
}

/* Another server, or another database in its place, may have other tables. */
static enum ledger_result
reconnect(struct connection *connection)
{
	int version = 0;
	enum ledger_result result = connect_once(connection);

	if (result == LEDGER_OK)
		result = read_version(connection, &version);
	if (result == LEDGER_OK && version != connection->version)
		result = version > connection->version ? LEDGER_NEWER_SCHEMA : LEDGER_FAILED;
	if (result != LEDGER_OK)
		postgres_of(connection)->lost = true;
	return result;
}

static enum ledger_result
open_session(struct connection *connection, const char *address, enum ledger_way way)
{
	struct postgres *postgres = calloc(1, sizeof(*postgres));

	connection->own = postgres;
	if (postgres == NULL)
		return LEDGER_NO_MEMORY;
	postgres->way = way;
	postgres->patient = way == LEDGER_TO_READ;
	postgres->address = address;
	return connect_once(connection);
}

static void
close_session(struct connection *connection)
{
	struct postgres *postgres = connection->own;

	if (postgres == NULL)
		return;
	PQfinish(postgres->session);
	free(postgres);
}

/* ---- Transactions ---- */

/*
 * A reader sees one moment.  Writers take turns, so each statement of theirs
 * sees all that was committed before; it has to be one that begins after the
 * turn came, which a snapshot of the whole transaction might not.
 */
static bool
start(struct postgres *postgres, enum ledger_access access)
{
	return ask(postgres, access == LEDGER_READ || postgres->way == LEDGER_TO_READ ?
	    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" :
	    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(" WRITERS_LOCK ")");
}

/* A session that is of no use ends now, and not when the next one begins: the server may keep its locks until then. */
static void
rollback(struct connection *connection)
{
	struct postgres *postgres = connection->own;

	if (connected(postgres) && PQtransactionStatus(postgres->session) != PQTRANS_IDLE && !ask(postgres, "ROLLBACK"))
		postgres->lost = true;
	if (!connected(postgres)) {
		PQfinish(postgres->session);
		postgres->session = NULL;
	}
}

static bool
whole(const struct connection *connection)
{
	const struct postgres *postgres = connection->own;

	return connected(postgres) && PQtransactionStatus(postgres->session) == PQTRANS_INTRANS;
}

/* rollback has ended a session that it could not bring to rest. */
static bool
at_rest(const struct connection *connection)
{
	(void)connection;
	return true;
}

/* A session may have ended while nobody used it; nothing is lost then by another one. */
static enum ledger_result
begin(struct connection *connection, enum ledger_access access)
{
	struct postgres *postgres = connection->own;
	enum ledger_result result = LEDGER_OK;

	if (connected(postgres)) {
		if (start(postgres, access))
			return LEDGER_OK;
		result = failure(connection, "begin");
		rollback(connection);
		if (connected(postgres) || postgres->lost)
			return result;
	}
	result = reconnect(connection);
	if (result == LEDGER_OK && !start(postgres, access)) {
		result = failure(connection, "begin");
		rollback(connection);
	}
	return result;
}

/* PostgreSQL answers COMMIT with ROLLBACK if something in the transaction failed, which was kept then. */
static enum ledger_result
commit(struct connection *connection)
{
	struct postgres *postgres = connection->own;
	PGresult *answer = NULL;
	bool committed = postgres_take_answer(postgres, PQsendQuery(postgres->session, "COMMIT"), &answer) &&
	    strcmp(PQcmdStatus(answer), "COMMIT") == 0;

	PQclear(answer);
	if (committed)
		return LEDGER_OK;
	rollback(connection);
	return failure(connection, "commit");
}

/* ---- The database ---- */

/* Contradictions between a table and its indexes are for PostgreSQL's own tools. */
static enum ledger_result
check(struct connection *connection, char fault[LEDGER_FAULT_SIZE])
{
	int invalid = 0;

	if (!ask_number(postgres_of(connection), "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid IN"
	    " ('events'::regclass, 'verifications'::regclass, 'seal'::regclass)", &invalid))
		return failure(connection, "check the database");
	if (invalid > 0)
		snprintf(fault, LEDGER_FAULT_SIZE, "%d of its indexes are not valid", invalid);
	return invalid > 0 ? LEDGER_ALTERED : LEDGER_OK;
}

const struct engine ledger_postgres = {
	.scheme = POSTGRES_SCHEME,
	.connections = 4,
	.triggers = "CREATE OR REPLACE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS"
		    " $$ BEGIN RAISE 'events are append-only'; END $$;"
		    "CREATE OR REPLACE FUNCTION events_remain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		    " IF OLD.position > coalesce((SELECT position FROM origin), 0) THEN"
		    " RAISE 'events are append-only'; END IF; RETURN OLD; END $$;"
		    "DROP TRIGGER IF EXISTS events_stay ON events; DROP TRIGGER IF EXISTS events_remain ON events;"
		    "CREATE TRIGGER events_stay BEFORE UPDATE OR TRUNCATE ON events"
		    " FOR EACH STATEMENT EXECUTE FUNCTION events_stay();"
		    "CREATE TRIGGER events_remain BEFORE DELETE ON events"
		    " FOR EACH ROW EXECUTE FUNCTION events_remain();",
	.address_valid = postgres_address_valid,
	.show_address = postgres_show_address,
	.open = open_session,
	.close = close_session,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.whole = whole,
	.at_rest = at_rest,
	.run = run,
	.read_version = read_version,
	.write_version = write_version,
	.check = check,
	.prepare = postgres_prepare,
	.discard = postgres_discard,
	.bind_text = postgres_bind_text,
	.bind_long = postgres_bind_long,
	.step = postgres_step,
	.text = postgres_text,
	.number = postgres_number,
	.reset = postgres_reset,
	.failure = failure,
};
