#include "ledger_sqlite.h"

#include "base/buffer.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ADDRESS_PREFIX "sqlite:"

#define SELECT_MAX_BYTES 2048

enum ledger_result
ledger_sqlite_failure(struct ledger *ledger, const char *what)
{
	int code = sqlite3_errcode(ledger->db) & 0xff;

	log_message(LOG_LEVEL_ERROR, "ledger_failed", "%s: %s", what, sqlite3_errmsg(ledger->db));
	if (code == SQLITE_CORRUPT)
		return LEDGER_ALTERED;
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? LEDGER_BUSY : LEDGER_FAILED;
}

enum ledger_result
ledger_sqlite_damaged(const char *what)
{
	log_message(LOG_LEVEL_ERROR, "ledger_altered", "%s in the ledger is not as it was written", what);
	return LEDGER_ALTERED;
}

enum ledger_result
ledger_sqlite_run(struct ledger *ledger, const char *sql)
{
	if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return ledger_sqlite_failure(ledger, sql);
	return LEDGER_OK;
}

bool
ledger_sqlite_prepare(struct ledger *ledger, const char *sql, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK;
}

bool
ledger_sqlite_prepare_select(struct ledger *ledger, const struct columns *columns, const char *rest,
    sqlite3_stmt **statement)
{
	struct buffer sql;
	bool done = false;

	buffer_init(&sql, SELECT_MAX_BYTES);
	buffer_add_text(&sql, "SELECT ");
	columns_add_names(&sql, columns, ledger->version);
	buffer_add_text(&sql, rest);
	done = !sql.failed && ledger_sqlite_prepare(ledger, buffer_text(&sql), statement);
	buffer_free(&sql);
	return done;
}

static enum ledger_result
prepare_statements(struct ledger *ledger)
{
	if (!ledger_sqlite_prepare_verifications(ledger) || !ledger_sqlite_prepare_events(ledger) ||
	    !ledger_sqlite_prepare_pins(ledger))
		return ledger_sqlite_failure(ledger, "prepare statements");
	return LEDGER_OK;
}

static void
finalize_statements(struct ledger *ledger)
{
	sqlite3_stmt *statement = NULL;

	while (ledger->db != NULL && (statement = sqlite3_next_stmt(ledger->db, NULL)) != NULL)
		sqlite3_finalize(statement);
}

static enum ledger_result
open_to_write(struct ledger *ledger, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	enum ledger_result result = LEDGER_OK;

	if (sqlite3_open_v2(path, &ledger->db, flags, NULL) != SQLITE_OK)
		return ledger->db == NULL ? LEDGER_NO_MEMORY : ledger_sqlite_failure(ledger, "open the ledger");
	sqlite3_busy_timeout(ledger->db, LEDGER_BUSY_TIMEOUT_MS);
	result = ledger_sqlite_prepare_schema(ledger);
	if (result == LEDGER_OK)
		result = prepare_statements(ledger);
	return result == LEDGER_OK ? ledger_sqlite_check_seal(ledger) : result;
}

/* As open_to_write, but as it is; one without tables is as good as none, and is made by the next program. */
static enum ledger_result
open_to_try(struct ledger *ledger, const char *path)
{
	struct stat file;
	enum ledger_result result = LEDGER_OK;

	if (stat(path, &file) != 0 && errno == ENOENT)
		return LEDGER_NOT_FOUND;
	if (sqlite3_open_v2(path, &ledger->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return ledger->db == NULL ? LEDGER_NO_MEMORY : ledger_sqlite_failure(ledger, "open the ledger");
	/* SQLite opens what it may not write to read it, and then even BEGIN IMMEDIATE is content. */
	if (sqlite3_db_readonly(ledger->db, "main") != 0)
		return LEDGER_FAILED;
	sqlite3_busy_timeout(ledger->db, LEDGER_BUSY_TIMEOUT_MS);
	result = ledger_sqlite_read_version(ledger);
	if (result != LEDGER_OK || ledger->version == 0)
		return result;
	result = prepare_statements(ledger);
	return result == LEDGER_OK ? ledger_sqlite_check_seal(ledger) : result;
}

static bool
file_exists(const char *path, const char *suffix)
{
	struct buffer name;
	struct stat file;
	bool exists = false;

	buffer_init(&name, PATH_MAX);
	exists = buffer_add_text(&name, path) && buffer_add_text(&name, suffix) &&
	    stat(buffer_text(&name), &file) == 0;
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
still_quiet(const struct ledger *ledger)
{
	const struct stat *then = &ledger->file;
	struct stat now;

	if (ledger->quiet == NULL)
		return true;
	return !in_use(ledger->quiet) && stat(ledger->quiet, &now) == 0 && now.st_ino == then->st_ino &&
	    now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* https://sqlite.org/uri.html: what would end the path, or begin an escape, is escaped. */
static bool
write_uri(struct buffer *uri, const char *path, const char *query)
{
	bool written = buffer_add_text(uri, "file:");

	for (; *path != '\0'; path++)
		if (strchr("%?#", *path) != NULL)
			written = written && buffer_printf(uri, "%%%02X", (unsigned)*path);
		else
			written = written && buffer_add(uri, path, 1);
	return written && buffer_add_text(uri, query);
}

/*
 * A ledger that nobody has open is read as a file that cannot change: then
 * SQLite makes no files of its own beside it, and it may lie where nothing
 * can be written.
 */
static enum ledger_result
open_file_to_read(struct ledger *ledger, const char *path)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
	struct buffer uri;
	bool quiet = !in_use(path) && stat(path, &ledger->file) == 0;
	int code = SQLITE_NOMEM;

	if (quiet && (ledger->quiet = strdup(path)) == NULL)
		return LEDGER_NO_MEMORY;
	buffer_init(&uri, 4 * (size_t)PATH_MAX);
	if (write_uri(&uri, path, quiet ? "?immutable=1" : ""))
		code = sqlite3_open_v2(buffer_text(&uri), &ledger->db, flags, NULL);
	buffer_free(&uri);
	if (code != SQLITE_OK)
		return ledger->db == NULL ? LEDGER_NO_MEMORY : ledger_sqlite_failure(ledger, "open the ledger");
	return LEDGER_OK;
}

static enum ledger_result
open_to_read(struct ledger *ledger, const char *path)
{
	enum ledger_result result = open_file_to_read(ledger, path);

	if (result != LEDGER_OK)
		return result;
	/* The file may come from anybody, and views and triggers are programs. */
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_busy_timeout(ledger->db, LEDGER_BUSY_TIMEOUT_MS);
	result = ledger_sqlite_read_version(ledger);
	return result == LEDGER_OK ? prepare_statements(ledger) : result;
}

/* Opens by one of the three ways. */
static enum ledger_result
open_ledger(const char *address, const char *key,
    enum ledger_result (*open_database)(struct ledger *ledger, const char *path), struct ledger **ledger)
{
	enum ledger_result result = LEDGER_OK;

	*ledger = NULL;
	if (strncmp(address, ADDRESS_PREFIX, strlen(ADDRESS_PREFIX)) != 0)
		return LEDGER_FAILED;
	*ledger = calloc(1, sizeof(**ledger));
	if (*ledger == NULL)
		return LEDGER_NO_MEMORY;
	pthread_mutex_init(&(*ledger)->mutex, NULL);
	(*ledger)->key = key;
	result = open_database(*ledger, address + strlen(ADDRESS_PREFIX));
	if (result != LEDGER_OK) {
		ledger_close(*ledger);
		*ledger = NULL;
	}
	return result;
}

enum ledger_result
ledger_open(const char *address, const char *key, struct ledger **ledger)
{
	return open_ledger(address, key, open_to_write, ledger);
}

enum ledger_result
ledger_open_to_read(const char *address, struct ledger **ledger)
{
	return open_ledger(address, NULL, open_to_read, ledger);
}

enum ledger_result
ledger_try(const char *address, const char *key)
{
	struct ledger *ledger = NULL;
	enum ledger_result result = open_ledger(address, key, open_to_try, &ledger);

	if (result == LEDGER_OK)
		result = ledger_begin(ledger, LEDGER_WRITE);
	if (result == LEDGER_OK)
		ledger_rollback(ledger);
	ledger_close(ledger);
	return result;
}

void
ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	finalize_statements(ledger);
	sqlite3_close(ledger->db);
	free(ledger->quiet);
	pthread_mutex_destroy(&ledger->mutex);
	free(ledger);
}

enum ledger_result
ledger_begin(struct ledger *ledger, enum ledger_access access)
{
	enum ledger_result result = LEDGER_OK;
	struct timespec until;

	/* Behind a thread that waits for another process, waiting in turn would add up. */
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LEDGER_TURN_TIMEOUT_MS / 1000;
	if (pthread_mutex_clocklock(&ledger->mutex, CLOCK_MONOTONIC, &until) != 0)
		return LEDGER_BUSY;
	result = ledger_sqlite_run(ledger, access == LEDGER_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
	if (result != LEDGER_OK)
		pthread_mutex_unlock(&ledger->mutex);
	return result;
}

static void
roll_back(struct ledger *ledger)
{
	if (!sqlite3_get_autocommit(ledger->db))
		(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

enum ledger_result
ledger_commit(struct ledger *ledger)
{
	enum ledger_result result = ledger_sqlite_run(ledger, "COMMIT");

	if (result != LEDGER_OK)
		roll_back(ledger);
	else if (!still_quiet(ledger))
		result = LEDGER_BUSY;
	pthread_mutex_unlock(&ledger->mutex);
	return result;
}

void
ledger_rollback(struct ledger *ledger)
{
	roll_back(ledger);
	pthread_mutex_unlock(&ledger->mutex);
}

enum ledger_result
ledger_sqlite_write(struct ledger *ledger, sqlite3_stmt *statement, bool bound, const char *what)
{
	enum ledger_result result = LEDGER_OK;

	if (!bound || sqlite3_step(statement) != SQLITE_DONE)
		result = ledger_sqlite_failure(ledger, what);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

enum ledger_result
ledger_check(struct ledger *ledger, char fault[LEDGER_FAULT_SIZE])
{
	sqlite3_stmt *statement = NULL;
	enum ledger_result result = LEDGER_OK;
	const char *text = NULL;

	fault[0] = '\0';
	if (sqlite3_prepare_v2(ledger->db, "PRAGMA integrity_check(1)", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(statement, 0);
	if (text == NULL)
		result = ledger_sqlite_failure(ledger, "check the file");
	else if (strcmp(text, "ok") != 0)
		result = LEDGER_ALTERED;
	if (result == LEDGER_ALTERED)
		snprintf(fault, LEDGER_FAULT_SIZE, "%s", text == NULL ? sqlite3_errmsg(ledger->db) : text);
	sqlite3_finalize(statement);
	return result;
}

enum ledger_result
ledger_sqlite_number(struct ledger *ledger, sqlite3_stmt *statement, bool bound, int64_t *number)
{
	enum ledger_result result = LEDGER_OK;
	int step = bound ? sqlite3_step(statement) : SQLITE_ERROR;

	*number = 0;
	if (step == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	else if (step != SQLITE_DONE)
		result = ledger_sqlite_failure(ledger, "count events");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
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
