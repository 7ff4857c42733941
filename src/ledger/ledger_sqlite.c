#include "ledger.h"

#include "chain.h"
#include "schema_sql.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/secret.h"

#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ADDRESS_PREFIX "sqlite:"
#define SCHEMA_VERSION 1

#define JOURNAL_PAUSE_MS 20

/* Columns of verifications in the order in which they are bound and read. */
#define VERIFICATION_COLUMNS                                                                                           \
	"id, interaction, to_id, to_mask, task_sid, channel, verification_sid, state, operation, operation_id, "       \
	"operation_until, sends, checks, sent_by_id, sent_by_name, checked_by_id, checked_by_name, created_at, "       \
	"sent_at, expires_at, approved_at, approved_until, lost, customer_id"

static const char sql_latest[] = "SELECT " VERIFICATION_COLUMNS " FROM verifications"
				 " WHERE interaction = ?1 AND to_id = ?2 AND customer_id = ?3"
				 " ORDER BY position DESC LIMIT 1";

static const char sql_other_open[] = "SELECT " VERIFICATION_COLUMNS " FROM verifications"
				     " WHERE to_id = ?1 AND id <> ?2 AND created_at > ?3 AND verification_sid <> ''"
				     " AND state IN ('pending', 'unclear') ORDER BY created_at DESC LIMIT 1";

static const char sql_approved_channels[] =
    "SELECT count(DISTINCT channel) FROM verifications WHERE interaction = ?1 AND to_id = ?2"
    " AND state = 'approved' AND approved_at <= ?3 AND approved_until > ?3 AND (?4 = '' OR checked_by_id = ?4)"
    " AND customer_id = ?5";

static const char sql_put[] =
    "INSERT INTO verifications (" VERIFICATION_COLUMNS ", position) VALUES"
    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,"
    " (SELECT coalesce(max(position), 0) + 1 FROM verifications WHERE interaction = ?2 AND to_id = ?3))"
    " ON CONFLICT (id) DO UPDATE SET task_sid = ?5, channel = ?6, verification_sid = ?7, state = ?8, operation = ?9,"
    " operation_id = ?10, operation_until = ?11, sends = ?12, checks = ?13, sent_by_id = ?14, sent_by_name = ?15,"
    " checked_by_id = ?16, checked_by_name = ?17, created_at = ?18, sent_at = ?19, expires_at = ?20,"
    " approved_at = ?21, approved_until = ?22, lost = ?23";

#define EVENT_COLUMNS                                                                                                  \
	"position, at, verification, interaction, task_sid, action, outcome, agent_id, channel, to_id, to_mask, "      \
	"request_id, twilio_code, sends, failures, link"

static const char sql_append[] = "INSERT INTO events (" EVENT_COLUMNS ") VALUES"
				 " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

static const char *const sql_each[LEDGER_ORDER__MAX] = {
	[LEDGER_BY_POSITION] = "SELECT " EVENT_COLUMNS " FROM events WHERE position >= ?1 ORDER BY position",
	[LEDGER_BY_VERIFICATION] = "SELECT " EVENT_COLUMNS " FROM events WHERE position >= ?1"
				   " ORDER BY verification, position",
};

/* The row and the event are written together, each with the time that it is then. */
static const char sql_unrecorded[] = "SELECT " VERIFICATION_COLUMNS " FROM verifications v WHERE state = 'approved'"
				     " AND NOT EXISTS (SELECT 1 FROM events e WHERE e.interaction = v.interaction"
				     " AND e.verification = v.id AND e.to_id = v.to_id AND e.outcome = ?1"
				     " AND abs(e.at - v.approved_at) < 60000) LIMIT 1";

static const char sql_read_seal[] = "SELECT position, link, seal FROM seal";

static const char sql_seal[] = "INSERT OR REPLACE INTO seal (only, position, link, seal) VALUES (1, ?1, ?2, ?3)";

/* One statement for each scope and count, so that each uses its index; column names cannot be bound. */
#define SUM_SQL(column, scope)	    "SELECT coalesce(sum(" column "), 0) FROM events WHERE " scope " AND at > ?2"
#define NTH_LAST_SQL(column, scope)                                                                                    \
	"SELECT at FROM events WHERE " scope " AND " column " > 0 ORDER BY at DESC LIMIT 1 OFFSET ?2"

#define SCOPED_SQL(SQL)                                                                                                \
	{                                                                                                              \
		[LEDGER_SCOPE_NUMBER] = { SQL("sends", "to_id = ?1"), SQL("failures", "to_id = ?1") },                 \
		[LEDGER_SCOPE_AGENT] = { SQL("sends", "agent_id = ?1"), SQL("failures", "agent_id = ?1") },            \
		[LEDGER_SCOPE_INTERACTION] = { SQL("sends", "interaction = ?1"), SQL("failures", "interaction = ?1") },\
		[LEDGER_SCOPE_SYSTEM] = { SQL("sends", "?1 IS ?1"), SQL("failures", "?1 IS ?1") },                     \
	}

static const char *const sql_sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(SUM_SQL);
static const char *const sql_nth_last[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(NTH_LAST_SQL);

static const char *const state_words[LEDGER_STATE__MAX] = {
	[LEDGER_STATE_NEW] = "new",
	[LEDGER_STATE_PENDING] = "pending",
	[LEDGER_STATE_APPROVED] = "approved",
	[LEDGER_STATE_LOCKED] = "locked",
	[LEDGER_STATE_CANCELED] = "canceled",
	[LEDGER_STATE_EXPIRED] = "expired",
	[LEDGER_STATE_UNCLEAR] = "unclear",
};

static const char *const operation_words[LEDGER_OPERATION__MAX] = {
	[LEDGER_OPERATION_NONE] = "",
	[LEDGER_OPERATION_SEND] = "send",
	[LEDGER_OPERATION_CHECK] = "check",
	[LEDGER_OPERATION_CANCEL] = "cancel",
};

/* One connection, used by one thread at a time: SQLite allows one writer anyway. */
struct ledger {
	pthread_mutex_t mutex; /* held from begin to commit or rollback */
	sqlite3        *db;
	const char     *key;
	char           *quiet; /* path of a file that nobody had open when it was opened to read; else NULL */
	struct stat     file;  /* of that file, then */
	sqlite3_stmt   *latest, *other_open, *approved_channels, *put, *append, *unrecorded, *read_seal, *seal;
	sqlite3_stmt   *each[LEDGER_ORDER__MAX];
	sqlite3_stmt   *sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
	sqlite3_stmt   *nth_last[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX];
};

static enum ledger_result
failure(struct ledger *ledger, const char *what)
{
	int code = sqlite3_errcode(ledger->db) & 0xff;

	log_message(LOG_LEVEL_ERROR, "ledger_failed", "%s: %s", what, sqlite3_errmsg(ledger->db));
	if (code == SQLITE_CORRUPT)
		return LEDGER_ALTERED;
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? LEDGER_BUSY : LEDGER_FAILED;
}

static enum ledger_result
damaged(const char *what)
{
	log_message(LOG_LEVEL_ERROR, "ledger_altered", "%s in the ledger is not as it was written", what);
	return LEDGER_ALTERED;
}

static enum ledger_result
run(struct ledger *ledger, const char *sql)
{
	return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK ? LEDGER_OK : failure(ledger, sql);
}

static enum ledger_result
read_schema_version(struct ledger *ledger, int *version)
{
	sqlite3_stmt *statement = NULL;
	enum ledger_result result = LEDGER_OK;

	if (sqlite3_prepare_v2(ledger->db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		*version = sqlite3_column_int(statement, 0);
	else
		result = failure(ledger, "read the schema's version");
	sqlite3_finalize(statement);
	return result;
}

/* Inside a transaction, so that of several programs starting at once exactly one makes the tables. */
static enum ledger_result
make_schema(struct ledger *ledger)
{
	char set_version[32];
	int version = 0;
	enum ledger_result result = read_schema_version(ledger, &version);

	if (result != LEDGER_OK || version == SCHEMA_VERSION)
		return result;
	if (version > SCHEMA_VERSION)
		return LEDGER_NEWER_SCHEMA;
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", SCHEMA_VERSION);
	result = run(ledger, schema_sql);
	return result == LEDGER_OK ? run(ledger, set_version) : result;
}

/*
 * FULL: what was committed survives a power cut, so an approval that was
 * answered is never forgotten.  The first switch to WAL does not wait for
 * other programs that start at the same moment, so it is tried again.
 */
static enum ledger_result
choose_journal(struct ledger *ledger)
{
	const struct timespec pause = { .tv_nsec = JOURNAL_PAUSE_MS * 1000000L };
	int code = SQLITE_OK;

	for (int waited_ms = 0; waited_ms < LEDGER_BUSY_TIMEOUT_MS; waited_ms += JOURNAL_PAUSE_MS) {
		code = sqlite3_exec(ledger->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", NULL, NULL,
		    NULL);
		if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
			break;
		nanosleep(&pause, NULL);
	}
	return code == SQLITE_OK ? LEDGER_OK : failure(ledger, "choose the journal");
}

static enum ledger_result
prepare_schema(struct ledger *ledger)
{
	enum ledger_result result = LEDGER_OK;

	result = choose_journal(ledger);
	if (result == LEDGER_OK)
		result = run(ledger, "BEGIN IMMEDIATE");
	if (result != LEDGER_OK)
		return result;
	result = make_schema(ledger);
	if (result == LEDGER_OK)
		return run(ledger, "COMMIT");
	(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

static bool
prepare(struct ledger *ledger, const char *sql, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK;
}

static enum ledger_result
prepare_statements(struct ledger *ledger)
{
	bool prepared = prepare(ledger, sql_latest, &ledger->latest) &&
	    prepare(ledger, sql_other_open, &ledger->other_open) &&
	    prepare(ledger, sql_approved_channels, &ledger->approved_channels) &&
	    prepare(ledger, sql_put, &ledger->put) && prepare(ledger, sql_append, &ledger->append) &&
	    prepare(ledger, sql_unrecorded, &ledger->unrecorded) &&
	    prepare(ledger, sql_read_seal, &ledger->read_seal) && prepare(ledger, sql_seal, &ledger->seal);

	for (int order = 0; order < LEDGER_ORDER__MAX; order++)
		prepared = prepared && prepare(ledger, sql_each[order], &ledger->each[order]);
	for (int scope = 0; scope < LEDGER_SCOPE__MAX; scope++)
		for (int counted = 0; counted < LEDGER_COUNTED__MAX; counted++)
			prepared = prepared && prepare(ledger, sql_sum[scope][counted], &ledger->sum[scope][counted]) &&
			    prepare(ledger, sql_nth_last[scope][counted], &ledger->nth_last[scope][counted]);
	return prepared ? LEDGER_OK : failure(ledger, "prepare statements");
}

static void
finalize_statements(struct ledger *ledger)
{
	sqlite3_finalize(ledger->latest);
	sqlite3_finalize(ledger->other_open);
	sqlite3_finalize(ledger->approved_channels);
	sqlite3_finalize(ledger->put);
	sqlite3_finalize(ledger->append);
	sqlite3_finalize(ledger->unrecorded);
	sqlite3_finalize(ledger->read_seal);
	sqlite3_finalize(ledger->seal);
	for (int order = 0; order < LEDGER_ORDER__MAX; order++)
		sqlite3_finalize(ledger->each[order]);
	for (int scope = 0; scope < LEDGER_SCOPE__MAX; scope++)
		for (int counted = 0; counted < LEDGER_COUNTED__MAX; counted++) {
			sqlite3_finalize(ledger->sum[scope][counted]);
			sqlite3_finalize(ledger->nth_last[scope][counted]);
		}
}

/*
 * With another key, or after a change by somebody who does not know the key,
 * the seal does not fit; a new one over it would make the change good.
 */
static enum ledger_result
check_seal(struct ledger *ledger, const struct ledger_seal *last)
{
	char seal[LEDGER_LINK_SIZE];

	if (ledger->key == NULL) /* opened to read */
		return LEDGER_FAILED;
	if (last->position == 0)
		return LEDGER_OK;
	if (!chain_seal(ledger->key, last->position, last->link, seal))
		return LEDGER_FAILED;
	return secret_equal(seal, last->seal) ? LEDGER_OK : damaged("the seal");
}

static enum ledger_result
open_to_write(struct ledger *ledger, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct ledger_seal last;
	enum ledger_result result = LEDGER_OK;

	if (sqlite3_open_v2(path, &ledger->db, flags, NULL) != SQLITE_OK)
		return ledger->db == NULL ? LEDGER_NO_MEMORY : failure(ledger, "open the ledger");
	sqlite3_busy_timeout(ledger->db, LEDGER_BUSY_TIMEOUT_MS);
	result = prepare_schema(ledger);
	if (result == LEDGER_OK)
		result = prepare_statements(ledger);
	if (result == LEDGER_OK)
		result = ledger_read_seal(ledger, &last);
	return result == LEDGER_OK ? check_seal(ledger, &last) : result;
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
		return ledger->db == NULL ? LEDGER_NO_MEMORY : failure(ledger, "open the ledger");
	return LEDGER_OK;
}

static enum ledger_result
open_to_read(struct ledger *ledger, const char *path)
{
	int version = 0;
	enum ledger_result result = open_file_to_read(ledger, path);

	if (result != LEDGER_OK)
		return result;
	/* The file may come from anybody, and views and triggers are programs. */
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_busy_timeout(ledger->db, LEDGER_BUSY_TIMEOUT_MS);
	result = read_schema_version(ledger, &version);
	if (result == LEDGER_OK && version > SCHEMA_VERSION)
		return LEDGER_NEWER_SCHEMA;
	return result == LEDGER_OK ? prepare_statements(ledger) : result;
}

/* Opens by one of the two ways. */
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
	result = run(ledger, access == LEDGER_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
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
	enum ledger_result result = run(ledger, "COMMIT");

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

/*
 * SQLite keeps in a column whatever it is given and converts it, without a
 * word, to what it is asked for.  A column of another type than this program
 * writes, and a number or text that does not fit, is not as it was written.
 */

/* NULL unless it is text without a NUL. */
static const char *
text_column(sqlite3_stmt *statement, int column)
{
	const char *text = NULL;

	if (sqlite3_column_type(statement, column) == SQLITE_TEXT)
		text = (const char *)sqlite3_column_text(statement, column);
	return text != NULL && strlen(text) == (size_t)sqlite3_column_bytes(statement, column) ? text : NULL;
}

/* These leave empty what is not as it was written, and return false. */
static bool
read_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
	const char *text = text_column(statement, column);
	size_t length = text == NULL ? 0 : strlen(text);

	out[0] = '\0';
	if (text == NULL || length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

static bool
read_long(sqlite3_stmt *statement, int column, int64_t *value)
{
	bool whole = sqlite3_column_type(statement, column) == SQLITE_INTEGER;

	*value = whole ? sqlite3_column_int64(statement, column) : 0;
	return whole;
}

static bool
read_int(sqlite3_stmt *statement, int column, int *value)
{
	int64_t number = 0;
	bool whole = read_long(statement, column, &number) && number >= INT_MIN && number <= INT_MAX;

	*value = whole ? (int)number : 0;
	return whole;
}

static bool
read_word(sqlite3_stmt *statement, int column, const char *const *words, int count, int *value)
{
	const char *text = text_column(statement, column);

	for (*value = 0; text != NULL && *value < count; (*value)++)
		if (strcmp(text, words[*value]) == 0)
			return true;
	return false;
}

static bool
read_verification(sqlite3_stmt *s, struct ledger_verification *v)
{
	int state = 0, operation = 0, lost = 0;
	bool whole = read_text(s, 0, v->id, sizeof(v->id)) &&
	    read_text(s, 1, v->interaction, sizeof(v->interaction)) && read_text(s, 2, v->to_id, sizeof(v->to_id)) &&
	    read_text(s, 3, v->to_mask, sizeof(v->to_mask)) && read_text(s, 4, v->task_sid, sizeof(v->task_sid)) &&
	    read_text(s, 5, v->channel, sizeof(v->channel)) &&
	    read_text(s, 6, v->verification_sid, sizeof(v->verification_sid)) &&
	    read_word(s, 7, state_words, LEDGER_STATE__MAX, &state) &&
	    read_word(s, 8, operation_words, LEDGER_OPERATION__MAX, &operation) &&
	    read_word(s, 22, operation_words, LEDGER_OPERATION__MAX, &lost) &&
	    read_text(s, 9, v->operation_id, sizeof(v->operation_id)) && read_long(s, 10, &v->operation_until) &&
	    read_int(s, 11, &v->sends) && read_int(s, 12, &v->checks) &&
	    read_text(s, 13, v->sent_by_id, sizeof(v->sent_by_id)) &&
	    read_text(s, 14, v->sent_by_name, sizeof(v->sent_by_name)) &&
	    read_text(s, 15, v->checked_by_id, sizeof(v->checked_by_id)) &&
	    read_text(s, 16, v->checked_by_name, sizeof(v->checked_by_name)) && read_long(s, 17, &v->created_at) &&
	    read_long(s, 18, &v->sent_at) && read_long(s, 19, &v->expires_at) && read_long(s, 20, &v->approved_at) &&
	    read_long(s, 21, &v->approved_until) &&
	    read_text(s, 23, v->customer_id, sizeof(v->customer_id));

	v->state = (enum ledger_state)state;
	v->operation = (enum ledger_operation)operation;
	v->lost = (enum ledger_operation)lost;
	return whole;
}

static bool
bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
	return sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

static bool
bind_number(sqlite3_stmt *statement, int parameter, int64_t number)
{
	return sqlite3_bind_int64(statement, parameter, number) == SQLITE_OK;
}

/* Runs a bound statement that returns no row, and makes it ready for the next use. */
static enum ledger_result
write_row(struct ledger *ledger, sqlite3_stmt *statement, bool bound, const char *what)
{
	enum ledger_result result = LEDGER_OK;

	if (!bound || sqlite3_step(statement) != SQLITE_DONE)
		result = failure(ledger, what);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

/* Runs a bound statement that finds one verification or none. */
static enum ledger_result
read_row(struct ledger *ledger, sqlite3_stmt *statement, bool bound, struct ledger_verification *verification)
{
	enum ledger_result result = LEDGER_OK;
	int step = bound ? sqlite3_step(statement) : SQLITE_ERROR;

	memset(verification, 0, sizeof(*verification));
	if (step == SQLITE_DONE)
		result = LEDGER_NOT_FOUND;
	else if (step != SQLITE_ROW)
		result = failure(ledger, "read a verification");
	else if (!read_verification(statement, verification))
		result = damaged("a verification");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

enum ledger_result
ledger_latest(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    struct ledger_verification *verification)
{
	sqlite3_stmt *s = ledger->latest;
	bool bound = bind_text(s, 1, interaction) && bind_text(s, 2, to_id) && bind_text(s, 3, customer_id);

	return read_row(ledger, s, bound, verification);
}

enum ledger_result
ledger_other_open(struct ledger *ledger, const char *to_id, const char *id, int64_t since,
    struct ledger_verification *verification)
{
	sqlite3_stmt *s = ledger->other_open;

	return read_row(ledger, s, bind_text(s, 1, to_id) && bind_text(s, 2, id) && bind_number(s, 3, since),
	    verification);
}

enum ledger_result
ledger_put(struct ledger *ledger, const struct ledger_verification *v)
{
	sqlite3_stmt *s = ledger->put;
	bool bound = bind_text(s, 1, v->id) && bind_text(s, 2, v->interaction) && bind_text(s, 3, v->to_id) &&
	    bind_text(s, 4, v->to_mask) && bind_text(s, 5, v->task_sid) && bind_text(s, 6, v->channel) &&
	    bind_text(s, 7, v->verification_sid) && bind_text(s, 8, state_words[v->state]) &&
	    bind_text(s, 9, operation_words[v->operation]) && bind_text(s, 10, v->operation_id) &&
	    bind_number(s, 11, v->operation_until) && bind_number(s, 12, v->sends) && bind_number(s, 13, v->checks) &&
	    bind_text(s, 14, v->sent_by_id) && bind_text(s, 15, v->sent_by_name) &&
	    bind_text(s, 16, v->checked_by_id) && bind_text(s, 17, v->checked_by_name) &&
	    bind_number(s, 18, v->created_at) && bind_number(s, 19, v->sent_at) && bind_number(s, 20, v->expires_at) &&
	    bind_number(s, 21, v->approved_at) && bind_number(s, 22, v->approved_until) &&
	    bind_text(s, 23, operation_words[v->lost]) && bind_text(s, 24, v->customer_id);

	return write_row(ledger, s, bound, "write a verification");
}

enum ledger_result
ledger_read_seal(struct ledger *ledger, struct ledger_seal *seal)
{
	sqlite3_stmt *s = ledger->read_seal;
	enum ledger_result result = LEDGER_OK;
	int step = sqlite3_step(s);

	memset(seal, 0, sizeof(*seal));
	if (step == SQLITE_ROW) {
		if (!read_long(s, 0, &seal->position) || !read_text(s, 1, seal->link, sizeof(seal->link)) ||
		    !read_text(s, 2, seal->seal, sizeof(seal->seal)))
			result = damaged("the seal");
	} else if (step != SQLITE_DONE) {
		result = failure(ledger, "read the seal");
	}
	sqlite3_reset(s);
	return result;
}

static enum ledger_result
write_event(struct ledger *ledger, int64_t position, const struct ledger_event *e, const char *link)
{
	sqlite3_stmt *s = ledger->append;
	bool bound = bind_number(s, 1, position) && bind_number(s, 2, e->at) && bind_text(s, 3, e->verification) &&
	    bind_text(s, 4, e->interaction) && bind_text(s, 5, e->task_sid) && bind_text(s, 6, e->action) &&
	    bind_text(s, 7, e->outcome) && bind_text(s, 8, e->agent_id) && bind_text(s, 9, e->channel) &&
	    bind_text(s, 10, e->to_id) && bind_text(s, 11, e->to_mask) && bind_text(s, 12, e->request_id) &&
	    bind_number(s, 13, e->twilio_code) && bind_number(s, 14, e->sends) && bind_number(s, 15, e->failures) &&
	    bind_text(s, 16, link);

	return write_row(ledger, s, bound, "append an event");
}

static enum ledger_result
write_seal(struct ledger *ledger, int64_t position, const char *link)
{
	char seal[LEDGER_LINK_SIZE];
	sqlite3_stmt *s = ledger->seal;
	bool bound = chain_seal(ledger->key, position, link, seal) && bind_number(s, 1, position) &&
	    bind_text(s, 2, link) && bind_text(s, 3, seal);

	return write_row(ledger, s, bound, "write the seal");
}

enum ledger_result
ledger_append(struct ledger *ledger, const struct ledger_event *event)
{
	struct ledger_seal last;
	char link[LEDGER_LINK_SIZE];
	enum ledger_result result = ledger_read_seal(ledger, &last);

	if (result == LEDGER_OK)
		result = check_seal(ledger, &last);
	if (result != LEDGER_OK)
		return result;
	if (!chain_link(ledger->key, last.link, last.position + 1, event, link))
		return LEDGER_FAILED;
	result = write_event(ledger, last.position + 1, event, link);
	return result == LEDGER_OK ? write_seal(ledger, last.position + 1, link) : result;
}

/* Each by itself, so that one altered column takes no other along. */
static void
read_event(sqlite3_stmt *s, struct ledger_record *record)
{
	struct ledger_event *e = &record->event;

	record->whole = read_long(s, 0, &record->position);
	record->whole &= read_long(s, 1, &e->at);
	record->whole &= read_text(s, 2, e->verification, sizeof(e->verification));
	record->whole &= read_text(s, 3, e->interaction, sizeof(e->interaction));
	record->whole &= read_text(s, 4, e->task_sid, sizeof(e->task_sid));
	record->whole &= read_text(s, 5, e->action, sizeof(e->action));
	record->whole &= read_text(s, 6, e->outcome, sizeof(e->outcome));
	record->whole &= read_text(s, 7, e->agent_id, sizeof(e->agent_id));
	record->whole &= read_text(s, 8, e->channel, sizeof(e->channel));
	record->whole &= read_text(s, 9, e->to_id, sizeof(e->to_id));
	record->whole &= read_text(s, 10, e->to_mask, sizeof(e->to_mask));
	record->whole &= read_text(s, 11, e->request_id, sizeof(e->request_id));
	record->whole &= read_int(s, 12, &e->twilio_code);
	record->whole &= read_int(s, 13, &e->sends);
	record->whole &= read_int(s, 14, &e->failures);
	record->whole &= read_text(s, 15, record->link, sizeof(record->link));
}

enum ledger_result
ledger_each(struct ledger *ledger, enum ledger_order order, int64_t from, ledger_visitor *visit, void *context)
{
	sqlite3_stmt *s = ledger->each[order];
	struct ledger_record record;
	enum ledger_result result = LEDGER_OK;
	int step = bind_number(s, 1, from) ? sqlite3_step(s) : SQLITE_ERROR;

	for (; step == SQLITE_ROW; step = sqlite3_step(s)) {
		read_event(s, &record);
		if (!visit(context, &record))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		result = failure(ledger, "read events");
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return result;
}

enum ledger_result
ledger_unrecorded(struct ledger *ledger, const char *outcome, struct ledger_verification *verification)
{
	sqlite3_stmt *s = ledger->unrecorded;

	return read_row(ledger, s, bind_text(s, 1, outcome), verification);
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
		result = failure(ledger, "check the file");
	else if (strcmp(text, "ok") != 0)
		result = LEDGER_ALTERED;
	if (result == LEDGER_ALTERED)
		snprintf(fault, LEDGER_FAULT_SIZE, "%s", text == NULL ? sqlite3_errmsg(ledger->db) : text);
	sqlite3_finalize(statement);
	return result;
}

/* Runs a bound statement that returns one number, or none, which is 0. */
static enum ledger_result
read_number(struct ledger *ledger, sqlite3_stmt *statement, bool bound, int64_t *number)
{
	enum ledger_result result = LEDGER_OK;
	int step = bound ? sqlite3_step(statement) : SQLITE_ERROR;

	*number = 0;
	if (step == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	else if (step != SQLITE_DONE)
		result = failure(ledger, "count events");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

enum ledger_result
ledger_sum(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted, int64_t since,
    int64_t *sum)
{
	sqlite3_stmt *s = ledger->sum[scope][counted];

	return read_number(ledger, s, bind_text(s, 1, key) && bind_number(s, 2, since), sum);
}

enum ledger_result
ledger_nth_last(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted, int nth,
    int64_t *at)
{
	sqlite3_stmt *s = ledger->nth_last[scope][counted];

	return read_number(ledger, s, bind_text(s, 1, key) && bind_number(s, 2, nth - 1), at);
}

enum ledger_result
ledger_approved_channels(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    const char *checked_by, int64_t now, int64_t *channels)
{
	sqlite3_stmt *s = ledger->approved_channels;
	bool bound = bind_text(s, 1, interaction) && bind_text(s, 2, to_id) && bind_number(s, 3, now) &&
	    bind_text(s, 4, checked_by) && bind_text(s, 5, customer_id);

	return read_number(ledger, s, bound, channels);
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
