/* The engine for a file of SQLite. */
#include "ledger_engine.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SCHEME "sqlite:"

#define JOURNAL_PAUSE_MS 20

struct sqlite {
	sqlite3      *db;
	sqlite3_stmt *begin_to_read, *begin_to_write, *commit; /* prepared when first run */
	char         *quiet; /* path of a file that nobody had open when it was opened to read; else NULL */
	struct stat   file;  /* of that file, then */
};

static sqlite3 *
db_of(const struct connection *connection)
{
	return ((const struct sqlite *)connection->own)->db;
}

static enum ledger_result
failure(struct connection *connection, const char *what)
{
	sqlite3 *db = db_of(connection);
	int code = sqlite3_errcode(db) & 0xff;

	if (db == NULL)
		return LEDGER_NO_MEMORY;
	log_message(LOG_LEVEL_ERROR, "ledger_failed", "%s: %s", what, sqlite3_errmsg(db));
	if (code == SQLITE_CORRUPT)
		return LEDGER_ALTERED;
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? LEDGER_BUSY : LEDGER_FAILED;
}

static enum ledger_result
run(struct connection *connection, const char *sql)
{
	if (sqlite3_exec(db_of(connection), sql, NULL, NULL, NULL) != SQLITE_OK)
		return failure(connection, sql);
	return LEDGER_OK;
}

static enum ledger_result
run_prepared(struct connection *connection, sqlite3_stmt **statement, const char *sql)
{
	enum ledger_result result = LEDGER_OK;

	if (*statement == NULL && sqlite3_prepare_v3(db_of(connection), sql, -1, SQLITE_PREPARE_PERSISTENT, statement,
				      NULL) != SQLITE_OK)
		return failure(connection, sql);
	if (sqlite3_step(*statement) != SQLITE_DONE)
		result = failure(connection, sql);
	sqlite3_reset(*statement);
	return result;
}

/* ---- Opening ---- */

static bool
address_valid(const char *address)
{
	return strncmp(address, SCHEME "/", strlen(SCHEME "/")) == 0;
}

static void
show_address(const char *address, char shown[LEDGER_ADDRESS_SIZE])
{
	snprintf(shown, LEDGER_ADDRESS_SIZE, "%s", address);
}

/*
 * With FULL an approval that was answered is never forgotten.  NORMAL leaves
 * the log of commits to the operating system, and a power cut cuts it at a
 * commit (sqlite.org/pragma.html#pragma_synchronous).  The first switch to WAL
 * does not always wait for other programs that start at the same moment, so it
 * is tried again; and sometimes it does, so the time is what counts.
 */
static enum ledger_result
choose_journal(struct connection *connection)
{
	const struct timespec pause = { .tv_nsec = JOURNAL_PAUSE_MS * 1000000L };
	const char *sql = connection->sync == LEDGER_SYNC_NORMAL ?
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" :
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
	int64_t until = clock_monotonic_ms() + LEDGER_BUSY_TIMEOUT_MS;
	int code = sqlite3_exec(db_of(connection), sql, NULL, NULL, NULL);

	while (code == SQLITE_BUSY && clock_monotonic_ms() < until) {
		nanosleep(&pause, NULL);
		code = sqlite3_exec(db_of(connection), sql, NULL, NULL, NULL);
	}
	return code == SQLITE_OK ? LEDGER_OK : failure(connection, "choose the journal");
}

static enum ledger_result
open_to_write(struct connection *connection, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct sqlite *sqlite = connection->own;

	if (sqlite3_open_v2(path, &sqlite->db, flags, NULL) != SQLITE_OK)
		return failure(connection, "open the ledger");
	sqlite3_busy_timeout(sqlite->db, LEDGER_BUSY_TIMEOUT_MS);
	return choose_journal(connection);
}

static enum ledger_result
open_to_try(struct connection *connection, const char *path)
{
	struct sqlite *sqlite = connection->own;
	struct stat file;

	if (stat(path, &file) != 0 && errno == ENOENT)
		return LEDGER_NOT_FOUND;
	if (sqlite3_open_v2(path, &sqlite->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return failure(connection, "open the ledger");
	/* SQLite opens what it may not write to read it, and then even BEGIN IMMEDIATE is content. */
	if (sqlite3_db_readonly(sqlite->db, "main") != 0)
		return LEDGER_FAILED;
	sqlite3_busy_timeout(sqlite->db, LEDGER_BUSY_TIMEOUT_MS);
	return LEDGER_OK;
}

/* True also if that cannot be said. */
static bool
file_exists(const char *path, const char *suffix)
{
	struct buffer name;
	struct stat file;
	bool exists = false;

	buffer_init(&name, PATH_MAX);
	buffer_add_text(&name, path);
	buffer_add_text(&name, suffix);
	exists = name.failed || stat(buffer_text(&name), &file) == 0 || errno != ENOENT;
	buffer_free(&name);
	return exists;
}

/* Whoever has a ledger open has these files beside it. */
static bool
in_use(const char *path)
{
	return file_exists(path, "-wal") || file_exists(path, "-shm");
}

/* What was read as a file that cannot change did not change. */
static bool
still_quiet(const struct sqlite *sqlite)
{
	const struct stat *then = &sqlite->file;
	struct stat now;

	if (sqlite->quiet == NULL)
		return true;
	return !in_use(sqlite->quiet) && stat(sqlite->quiet, &now) == 0 && now.st_ino == then->st_ino &&
	    now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* https://sqlite.org/uri.html: what would end the path, or begin an escape, is escaped. */
static void
write_uri(struct buffer *uri, const char *path, const char *query)
{
	buffer_add_text(uri, "file:");
	for (; *path != '\0'; path++)
		if (strchr("%?#", *path) != NULL)
			buffer_printf(uri, "%%%02X", (unsigned)*path);
		else
			buffer_add(uri, path, 1);
	buffer_add_text(uri, query);
}

/*
 * A ledger that nobody has open is read as a file that cannot change: then
 * SQLite makes no files of its own beside it, and it may lie where nothing
 * can be written.
 */
static enum ledger_result
open_to_read(struct connection *connection, const char *path)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
	struct sqlite *sqlite = connection->own;
	struct buffer uri;
	bool quiet = !in_use(path) && stat(path, &sqlite->file) == 0;
	int code = SQLITE_NOMEM;

	if (quiet && (sqlite->quiet = strdup(path)) == NULL)
		return LEDGER_NO_MEMORY;
	buffer_init(&uri, 4 * (size_t)PATH_MAX);
	write_uri(&uri, path, quiet ? "?immutable=1" : "");
	if (!uri.failed)
		code = sqlite3_open_v2(buffer_text(&uri), &sqlite->db, flags, NULL);
	buffer_free(&uri);
	if (code != SQLITE_OK)
		return failure(connection, "open the ledger");
	/* The file may come from anybody, and views and triggers are programs. */
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_busy_timeout(sqlite->db, LEDGER_BUSY_TIMEOUT_MS);
	return LEDGER_OK;
}

static enum ledger_result
open_file(struct connection *connection, const char *address, enum ledger_way way)
{
	const char *path = address + strlen(SCHEME);

	/* Statistics of memory that nobody reads cost each allocation a lock; too late, once SQLite is in use. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	connection->own = calloc(1, sizeof(struct sqlite));
	if (connection->own == NULL)
		return LEDGER_NO_MEMORY;
	switch (way) {
	case LEDGER_TO_WRITE:
		return open_to_write(connection, path);
	case LEDGER_TO_READ:
		return open_to_read(connection, path);
	case LEDGER_TO_TRY:
		return open_to_try(connection, path);
	}
	return LEDGER_FAILED;
}

static void
close_file(struct connection *connection)
{
	struct sqlite *sqlite = connection->own;

	if (sqlite == NULL)
		return;
	sqlite3_finalize(sqlite->begin_to_read);
	sqlite3_finalize(sqlite->begin_to_write);
	sqlite3_finalize(sqlite->commit);
	sqlite3_close(sqlite->db);
	free(sqlite->quiet);
	free(sqlite);
}

/* ---- Transactions ---- */

static enum ledger_result
begin(struct connection *connection, enum ledger_access access)
{
	struct sqlite *sqlite = connection->own;

	if (access == LEDGER_WRITE)
		return run_prepared(connection, &sqlite->begin_to_write, "BEGIN IMMEDIATE");
	return run_prepared(connection, &sqlite->begin_to_read, "BEGIN");
}

static bool
at_rest(const struct connection *connection)
{
	return sqlite3_get_autocommit(db_of(connection)) != 0;
}

/* After some failures SQLite rolls back by itself (sqlite.org/lang_transaction.html). */
static bool
whole(const struct connection *connection)
{
	return !at_rest(connection);
}

/* Even ROLLBACK needs memory; what it leaves begun would keep all other programs from writing. */
static void
rollback(struct connection *connection)
{
	if (!at_rest(connection))
		(void)sqlite3_exec(db_of(connection), "ROLLBACK", NULL, NULL, NULL);
}

static enum ledger_result
commit(struct connection *connection)
{
	struct sqlite *sqlite = connection->own;
	enum ledger_result result = run_prepared(connection, &sqlite->commit, "COMMIT");

	if (result != LEDGER_OK)
		rollback(connection);
	else if (!still_quiet(connection->own))
		result = LEDGER_BUSY;
	return result;
}

/* ---- The file ---- */

static enum ledger_result
read_version(struct connection *connection, int *version)
{
	sqlite3_stmt *pragma = NULL;
	enum ledger_result result = LEDGER_OK;

	if (sqlite3_prepare_v2(db_of(connection), "PRAGMA user_version", -1, &pragma, NULL) == SQLITE_OK &&
	    sqlite3_step(pragma) == SQLITE_ROW)
		*version = sqlite3_column_int(pragma, 0);
	else
		result = failure(connection, "read the schema's version");
	sqlite3_finalize(pragma);
	return result;
}

static enum ledger_result
write_version(struct connection *connection, int version)
{
	char sql[40];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	return run(connection, sql);
}

static enum ledger_result
check_once(struct connection *connection, char fault[LEDGER_FAULT_SIZE])
{
	sqlite3 *db = db_of(connection);
	sqlite3_stmt *pragma = NULL;
	enum ledger_result result = LEDGER_OK;
	const char *text = NULL;

	fault[0] = '\0';
	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &pragma, NULL) == SQLITE_OK &&
	    sqlite3_step(pragma) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(pragma, 0);
	if (text == NULL)
		result = failure(connection, "check the file");
	else if (strcmp(text, "ok") != 0)
		result = LEDGER_ALTERED;
	if (result == LEDGER_ALTERED)
		snprintf(fault, LEDGER_FAULT_SIZE, "%s", text == NULL ? sqlite3_errmsg(db) : text);
	sqlite3_finalize(pragma);
	return result;
}

/* SQLite reports a page for which it has no memory as a fault of the file; at a second look it is none. */
static enum ledger_result
check(struct connection *connection, char fault[LEDGER_FAULT_SIZE])
{
	enum ledger_result result = check_once(connection, fault);

	return result == LEDGER_ALTERED ? check_once(connection, fault) : result;
}

/* ---- Statements ---- */

static bool
prepare(struct statement *statement)
{
	sqlite3_stmt *own = NULL;
	int code = sqlite3_prepare_v3(db_of(statement->connection), statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &own, NULL);

	statement->own = own;
	return code == SQLITE_OK;
}

static void
discard(struct statement *statement)
{
	sqlite3_finalize(statement->own);
}

static bool
bind_text(struct statement *statement, int parameter, const char *text)
{
	return sqlite3_bind_text(statement->own, parameter, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

static bool
bind_long(struct statement *statement, int parameter, int64_t number)
{
	return sqlite3_bind_int64(statement->own, parameter, number) == SQLITE_OK;
}

static enum statement_step
step(struct statement *statement)
{
	switch (sqlite3_step(statement->own)) {
	case SQLITE_ROW:
		return STATEMENT_ROW;
	case SQLITE_DONE:
		return STATEMENT_DONE;
	default:
		return STATEMENT_FAILED;
	}
}

/* SQLite keeps in a column whatever it is given and converts it, without a word, to what it is asked for. */
static const char *
text(struct statement *statement, int column)
{
	const char *value = NULL;

	if (sqlite3_column_type(statement->own, column) != SQLITE_TEXT)
		return NULL;
	value = (const char *)sqlite3_column_text(statement->own, column);
	statement->failed = statement->failed || value == NULL;
	/* A NUL inside is none of ours. */
	return value != NULL && strlen(value) == (size_t)sqlite3_column_bytes(statement->own, column) ? value : NULL;
}

static bool
number(struct statement *statement, int column, int64_t *value)
{
	if (sqlite3_column_type(statement->own, column) != SQLITE_INTEGER)
		return false;
	*value = sqlite3_column_int64(statement->own, column);
	return true;
}

static void
reset(struct statement *statement)
{
	sqlite3_reset(statement->own);
	sqlite3_clear_bindings(statement->own);
}

const struct engine ledger_sqlite = {
	.scheme = SCHEME,
	.connections = 1, /* SQLite allows one writer anyway */
	.triggers = "DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_remain;"
		    "CREATE TRIGGER events_stay BEFORE UPDATE ON events"
		    " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
		    "CREATE TRIGGER events_remain BEFORE DELETE ON events"
		    " WHEN OLD.position > coalesce((SELECT position FROM origin), 0)"
		    " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;",
	.address_valid = address_valid,
	.show_address = show_address,
	.open = open_file,
	.close = close_file,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.whole = whole,
	.at_rest = at_rest,
	.run = run,
	.read_version = read_version,
	.write_version = write_version,
	.check = check,
	.prepare = prepare,
	.discard = discard,
	.bind_text = bind_text,
	.bind_long = bind_long,
	.step = step,
	.text = text,
	.number = number,
	.reset = reset,
	.failure = failure,
};
