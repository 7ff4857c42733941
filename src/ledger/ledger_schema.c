#include "ledger_engine.h"

#include "schema_sql.h"

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
	[4] = "CREATE TABLE origin (\"only\" INTEGER PRIMARY KEY CHECK (\"only\" = 1), position INTEGER NOT NULL,"
	      " link TEXT NOT NULL, seal TEXT NOT NULL);",
	[5] = "CREATE INDEX verifications_stopped ON verifications (interaction, position) WHERE state = 'stopped';"
	      "DROP INDEX events_by_number; DROP INDEX events_by_agent; DROP INDEX events_by_outcome;"
	      "CREATE INDEX events_by_number ON events (to_id, at, sends, failures)"
	      " WHERE sends <> 0 OR failures <> 0 OR outcome = 'begun';"
	      "CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures)"
	      " WHERE sends <> 0 OR failures <> 0;"
	      "CREATE INDEX events_that_open ON events (to_id, outcome, at)"
	      " WHERE outcome = 'approved' OR outcome = 'unlocked';",
	[6] = "ALTER TABLE verifications ADD COLUMN verifier TEXT NOT NULL DEFAULT '';",
};

enum ledger_result
connection_read_version(struct connection *connection)
{
	enum ledger_result result = connection->engine->read_version(connection, &connection->version);

	return result == LEDGER_OK && connection->version > SCHEMA_VERSION ? LEDGER_NEWER_SCHEMA : result;
}

/* Inside a transaction, so that of several programs starting at once exactly one makes or changes the tables. */
static enum ledger_result
make_schema(struct connection *connection)
{
	const struct engine *engine = connection->engine;
	enum ledger_result result = connection_read_version(connection);

	if (result != LEDGER_OK || connection->version == SCHEMA_VERSION)
		return result;
	if (connection->version <= 0)
		result = engine->run(connection, schema_sql);
	for (int version = connection->version; version > 0 && version < SCHEMA_VERSION && result == LEDGER_OK;
	    version++)
		result = engine->run(connection, steps[version]);
	if (result == LEDGER_OK)
		result = engine->run(connection, engine->triggers);
	if (result == LEDGER_OK)
		result = engine->write_version(connection, SCHEMA_VERSION);
	connection->version = SCHEMA_VERSION;
	return result;
}

enum ledger_result
connection_prepare_schema(struct connection *connection)
{
	const struct engine *engine = connection->engine;
	enum ledger_result result = connection_read_version(connection);

	/* Mostly there is nothing to make, and nobody to be waited for. */
	if (result != LEDGER_OK || connection->version == SCHEMA_VERSION)
		return result;
	result = engine->begin(connection, LEDGER_WRITE);
	if (result != LEDGER_OK)
		return result;
	result = make_schema(connection);
	if (result == LEDGER_OK)
		return engine->commit(connection);
	engine->rollback(connection);
	return result;
}
