#include "ledger_sqlite.h"

#include "schema_sql.h"

#include <stdio.h>
#include <time.h>

#define JOURNAL_PAUSE_MS 20

/* What makes a schema of each version one of the next. */
static const char *const steps[SCHEMA_VERSION] = {
	[1] = "ALTER TABLE verifications ADD COLUMN decided_at INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE verifications ADD COLUMN decided_until INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE verifications ADD COLUMN decided_by_id TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE verifications ADD COLUMN decided_by_name TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE verifications ADD COLUMN reason TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE events ADD COLUMN note TEXT NOT NULL DEFAULT '';"
	      "CREATE INDEX events_by_outcome ON events (to_id, outcome, at);",
	[2] = "ALTER TABLE verifications ADD COLUMN customer_id TEXT NOT NULL DEFAULT '';",
	[3] = "CREATE TABLE pins (id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, verifier TEXT NOT NULL,"
	      " tries INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	      " used_at INTEGER NOT NULL, used_by TEXT NOT NULL);"
	      "CREATE INDEX pins_by_customer ON pins (customer_id, created_at);"
	      "CREATE INDEX pins_by_time ON pins (created_at);"
	      "CREATE TABLE portal_requests (nonce TEXT PRIMARY KEY, at INTEGER NOT NULL);"
	      "CREATE INDEX portal_requests_by_time ON portal_requests (at);",
};

enum ledger_result
ledger_sqlite_read_version(struct ledger *ledger)
{
	sqlite3_stmt *statement = NULL;
	enum ledger_result result = LEDGER_OK;

	if (sqlite3_prepare_v2(ledger->db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		ledger->version = sqlite3_column_int(statement, 0);
	else
		result = ledger_sqlite_failure(ledger, "read the schema's version");
	sqlite3_finalize(statement);
	if (result == LEDGER_OK && ledger->version > SCHEMA_VERSION)
		return LEDGER_NEWER_SCHEMA;
	return result;
}

/* Inside a transaction, so that of several programs starting at once exactly one makes or changes the tables. */
static enum ledger_result
make_schema(struct ledger *ledger)
{
	char set_version[32];
	enum ledger_result result = ledger_sqlite_read_version(ledger);

	if (result != LEDGER_OK || ledger->version == SCHEMA_VERSION)
		return result;
	if (ledger->version <= 0)
		result = ledger_sqlite_run(ledger, schema_sql);
	for (int version = ledger->version; version > 0 && version < SCHEMA_VERSION && result == LEDGER_OK; version++)
		result = ledger_sqlite_run(ledger, steps[version]);
	ledger->version = SCHEMA_VERSION;
	snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", SCHEMA_VERSION);
	return result == LEDGER_OK ? ledger_sqlite_run(ledger, set_version) : result;
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
	return code == SQLITE_OK ? LEDGER_OK : ledger_sqlite_failure(ledger, "choose the journal");
}

enum ledger_result
ledger_sqlite_prepare_schema(struct ledger *ledger)
{
	enum ledger_result result = choose_journal(ledger);

	if (result == LEDGER_OK)
		result = ledger_sqlite_run(ledger, "BEGIN IMMEDIATE");
	if (result != LEDGER_OK)
		return result;
	result = make_schema(ledger);
	if (result == LEDGER_OK)
		return ledger_sqlite_run(ledger, "COMMIT");
	(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}
