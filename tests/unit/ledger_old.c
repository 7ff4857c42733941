#include "ledger_old.h"

#include "ledger/inspection.h"

/* The tables of SQLite's version 1. */
static const char sqlite_1[] =
    "CREATE TABLE verifications ( id TEXT PRIMARY KEY, interaction TEXT NOT NULL,\n"
    "to_id TEXT NOT NULL, to_mask TEXT NOT NULL, task_sid TEXT NOT NULL, channel TEXT NOT NULL,\n"
    "verification_sid TEXT NOT NULL, state TEXT NOT NULL, lost TEXT NOT NULL,\n"
    "operation TEXT NOT NULL, operation_id TEXT NOT NULL, operation_until INTEGER NOT NULL,\n"
    "sends INTEGER NOT NULL, checks INTEGER NOT NULL, sent_by_id TEXT NOT NULL,\n"
    "sent_by_name TEXT NOT NULL, checked_by_id TEXT NOT NULL, checked_by_name TEXT NOT NULL,\n"
    "created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,\n"
    "approved_at INTEGER NOT NULL, approved_until INTEGER NOT NULL, position INTEGER NOT NULL );\n"
    "CREATE INDEX verifications_by_number ON verifications (to_id, created_at);\n"
    "CREATE INDEX verifications_by_contact ON verifications (interaction, to_id, position);\n"
    "CREATE TABLE events ( position INTEGER PRIMARY KEY, at INTEGER NOT NULL,\n"
    "verification TEXT NOT NULL, interaction TEXT NOT NULL, task_sid TEXT NOT NULL,\n"
    "action TEXT NOT NULL, outcome TEXT NOT NULL, agent_id TEXT NOT NULL, channel TEXT NOT NULL,\n"
    "to_id TEXT NOT NULL, to_mask TEXT NOT NULL, request_id TEXT NOT NULL,\n"
    "twilio_code INTEGER NOT NULL, sends INTEGER NOT NULL, failures INTEGER NOT NULL,\n"
    "link TEXT NOT NULL ); CREATE TABLE seal ( only INTEGER PRIMARY KEY CHECK (only = 1),\n"
    "position INTEGER NOT NULL, link TEXT NOT NULL, seal TEXT NOT NULL );\n"
    "CREATE INDEX events_by_number ON events (to_id, at, sends, failures);\n"
    "CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures);\n"
    "CREATE INDEX events_by_interaction ON events (interaction, at, sends, failures);\n"
    "CREATE INDEX events_by_time ON events (at, sends, failures);\n"
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events\n"
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;\n"
    "CREATE TRIGGER events_remain BEFORE DELETE ON events\n"
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;\n"
    "PRAGMA user_version = 1;\n";

/* The tables of PostgreSQL's version 3, in the words of psql, which puts in what :text and :long stand for. */
static const char postgres_3[] =
    "\\set text 'text NOT NULL COLLATE \"C\"'\n"
    "\\set long 'bigint NOT NULL'\n"
    "CREATE TABLE verifications (id :text PRIMARY KEY, interaction :text, to_id :text, to_mask :text,\n"
    "task_sid :text, channel :text, verification_sid :text, state :text, lost :text, operation :text,\n"
    "operation_id :text, operation_until :long, sends :long, checks :long, sent_by_id :text, sent_by_name :text,\n"
    "checked_by_id :text, checked_by_name :text, created_at :long, sent_at :long, expires_at :long,\n"
    "approved_at :long, approved_until :long, decided_at :long DEFAULT 0, decided_until :long DEFAULT 0,\n"
    "decided_by_id :text DEFAULT '', decided_by_name :text DEFAULT '', reason :text DEFAULT '',\n"
    "customer_id :text DEFAULT '', position :long);\n"
    "CREATE INDEX verifications_by_number ON verifications (to_id, created_at);\n"
    "CREATE INDEX verifications_by_contact ON verifications (interaction, to_id, position);\n"
    "CREATE TABLE events (position :long PRIMARY KEY, at :long, verification :text, interaction :text,\n"
    "task_sid :text, action :text, outcome :text, agent_id :text, channel :text, to_id :text, to_mask :text,\n"
    "request_id :text, twilio_code :long, sends :long, failures :long, note :text DEFAULT '', link :text);\n"
    "CREATE TABLE seal (\"only\" :long PRIMARY KEY CHECK (\"only\" = 1), position :long, link :text, seal :text);\n"
    "CREATE INDEX events_by_number ON events (to_id, at, sends, failures);\n"
    "CREATE INDEX events_by_agent ON events (agent_id, at, sends, failures);\n"
    "CREATE INDEX events_by_interaction ON events (interaction, at, sends, failures);\n"
    "CREATE INDEX events_by_outcome ON events (to_id, outcome, at);\n"
    "CREATE INDEX events_by_time ON events (at, sends, failures);\n"
    "CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS\n"
    "$$ BEGIN RAISE 'events are append-only'; END $$;\n"
    "CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events\n"
    "FOR EACH STATEMENT EXECUTE FUNCTION events_stay();\n"
    "CREATE TABLE schema_version (version :long);\n"
    "INSERT INTO schema_version VALUES (3);\n";

/* What programs of both versions wrote into them. */
static const char rows[] =
    "INSERT INTO verifications (id, interaction, to_id, to_mask, task_sid, channel, verification_sid, state,\n"
    "lost, operation, operation_id, operation_until, sends, checks, sent_by_id, sent_by_name, checked_by_id,\n"
    "checked_by_name, created_at, sent_at, expires_at, approved_at, approved_until, position)\n"
    "VALUES ('00000000000000a1', 'CA00000000000000000000000000000001',\n"
    "'0123456789abcdef', '+1********01', 'WT00000000000000000000000000000001', 'sms',\n"
    "'VE00000000000000000000000000000001', 'approved', '', '', 'fedcba9876543210', 1, 2, 3,\n"
    "'WK00000000000000000000000000000001', 'Ana', 'WK00000000000000000000000000000002', 'Ben',\n"
    "4, 5, 6, 1790000020000, 1790000920000, 1);\n"
    "INSERT INTO events (position, at, verification, interaction, task_sid, action, outcome, agent_id, channel,\n"
    "to_id, to_mask, request_id, twilio_code, sends, failures, link) VALUES\n"
    "(1, 1790000000000, '00000000000000a1', 'CA00000000000000000000000000000001',\n"
    "'WT00000000000000000000000000000001', 'send', 'code_sent', 'WK00000000000000000000000000000001', 'sms',\n"
    "'0123456789abcdef', '+1********01', 'aaaa0001', 0, 1, 0,\n"
    "'e4643d2ada7e1ca69a73b1b7d5585b4a9080ca6b259cff8596e7ee04b2df7b23'),\n"
    "(2, 1790000010000, '00000000000000a1', 'CA00000000000000000000000000000001',\n"
    "'WT00000000000000000000000000000001', 'check', 'wrong_code', 'WK00000000000000000000000000000001', 'sms',\n"
    "'0123456789abcdef', '+1********01', 'aaaa0002', 20404, 0, 1,\n"
    "'4946e2386cbae7514c743b37cb0d2cbc079e8bfd032572b19491ff08796c7c4c'),\n"
    "(3, 1790000020000, '00000000000000a1', 'CA00000000000000000000000000000001',\n"
    "'WT00000000000000000000000000000001', 'check', 'approved', 'WK00000000000000000000000000000001', 'sms',\n"
    "'0123456789abcdef', '+1********01', 'aaaa0003', 0, 0, 0,\n"
    "'3d6e296c83bcc566dd6f2071fea23f5774be44087d66ace9b06947f4a800edad');\n"
    "INSERT INTO seal VALUES (1, 3, '3d6e296c83bcc566dd6f2071fea23f5774be44087d66ace9b06947f4a800edad',\n"
    "'2850c1ea8718e94bb41809e1a37c886b3983375c273d593700358a146b480ba3');\n";

int
ledger_old_sqlite(void **state)
{
	return ledger_place_sqlite(state) != 0 || ledger_place_sql(*state, sqlite_1) != 0 ||
	    ledger_place_sql(*state, rows) != 0;
}

int
ledger_old_postgres(void **state)
{
	return ledger_place_postgres(state) != 0 || ledger_place_sql(*state, postgres_3) != 0 ||
	    ledger_place_sql(*state, rows) != 0;
}

void
ledger_old_assert_row(struct ledger *ledger)
{
	struct ledger_verification v;

	assert_int_equal(ledger_latest(ledger, "CA00000000000000000000000000000001", "0123456789abcdef", "", &v),
	    LEDGER_OK);
	assert_string_equal(v.id, "00000000000000a1");
	assert_string_equal(v.verification_sid, "VE00000000000000000000000000000001");
	assert_int_equal(v.state, LEDGER_STATE_APPROVED);
	assert_int_equal(v.sends, 2);
	assert_int_equal(v.checks, 3);
	assert_string_equal(v.checked_by_name, "Ben");
	assert_int_equal(v.approved_until, INT64_C(1790000920000));
	assert_int_equal(v.decided_at, 0);
	assert_string_equal(v.reason, "");
	assert_string_equal(v.customer_id, "");
	assert_string_equal(v.verifier, "");
}

void
ledger_old_assert_whole(struct ledger *ledger, int64_t events)
{
	struct inspection inspection = { .key = KEY };

	assert_true(inspection_of_events(ledger, &inspection));
	assert_true(inspection_of_file(ledger, &inspection));
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.whole.position, events);
}

void
ledger_old_assert_readable(const struct ledger_place *place)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(place->address, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	ledger_old_assert_row(ledger);
	ledger_old_assert_whole(ledger, OLD_EVENTS);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}
