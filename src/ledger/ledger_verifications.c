#include "ledger_columns.h"
#include "ledger_engine.h"

#include <string.h>

_Static_assert(sizeof(enum ledger_state) == sizeof(int) && sizeof(enum ledger_operation) == sizeof(int),
    "a column of words is read and written as an int");

static const char *const state_words[LEDGER_STATE__MAX] = {
	[LEDGER_STATE_NEW] = "new",
	[LEDGER_STATE_PENDING] = "pending",
	[LEDGER_STATE_APPROVED] = "approved",
	[LEDGER_STATE_LOCKED] = "locked",
	[LEDGER_STATE_CANCELED] = "canceled",
	[LEDGER_STATE_EXPIRED] = "expired",
	[LEDGER_STATE_UNCLEAR] = "unclear",
	[LEDGER_STATE_STOPPED] = "stopped",
	[LEDGER_STATE_OVERRIDDEN] = "overridden",
};

static const char *const operation_words[LEDGER_OPERATION__MAX] = {
	[LEDGER_OPERATION_NONE] = "",
	[LEDGER_OPERATION_SEND] = "send",
	[LEDGER_OPERATION_CHECK] = "check",
	[LEDGER_OPERATION_CANCEL] = "cancel",
};

#define TEXT(member) COLUMN(struct ledger_verification, #member, member, COLUMN_TEXT, 1)
#define INT(member)  COLUMN(struct ledger_verification, #member, member, COLUMN_INT, 1)
#define TIME(member) COLUMN(struct ledger_verification, #member, member, COLUMN_TIME, 1)
#define OPERATION(member)                                                                                              \
	COLUMN_OF_WORDS(struct ledger_verification, #member, member, operation_words, LEDGER_OPERATION__MAX, 1)

static const struct column list[] = {
	TEXT(id),
	TEXT(interaction),
	TEXT(to_id),
	TEXT(to_mask),
	TEXT(task_sid),
	TEXT(channel),
	TEXT(verification_sid),
	COLUMN_OF_WORDS(struct ledger_verification, "state", state, state_words, LEDGER_STATE__MAX, 1),
	OPERATION(lost),
	OPERATION(operation),
	TEXT(operation_id),
	TIME(operation_until),
	INT(sends),
	INT(checks),
	TEXT(sent_by_id),
	TEXT(sent_by_name),
	TEXT(checked_by_id),
	TEXT(checked_by_name),
	TIME(created_at),
	TIME(sent_at),
	TIME(expires_at),
	TIME(approved_at),
	TIME(approved_until),
	COLUMN(struct ledger_verification, "decided_at", decided_at, COLUMN_TIME, 2),
	COLUMN(struct ledger_verification, "decided_until", decided_until, COLUMN_TIME, 2),
	COLUMN(struct ledger_verification, "decided_by_id", decided_by_id, COLUMN_TEXT, 2),
	COLUMN(struct ledger_verification, "decided_by_name", decided_by_name, COLUMN_TEXT, 2),
	COLUMN(struct ledger_verification, "reason", reason, COLUMN_TEXT, 2),
	COLUMN(struct ledger_verification, "customer_id", customer_id, COLUMN_TEXT, 3),
	COLUMN(struct ledger_verification, "verifier", verifier, COLUMN_TEXT, 7),
};

static const struct columns columns = { list, sizeof(list) / sizeof(list[0]) };

/* 'g' comes after all hex digits. */
static const char from_find[] =
    " FROM verifications v WHERE id >= ?1 AND id < ?1 || 'g' AND NOT EXISTS"
    " (SELECT 1 FROM verifications other WHERE other.id >= ?1 AND other.id < ?1 || 'g' AND other.id <> v.id)";

/* A stop holds for the whole interaction, whomever its task is made to lead to. */
static const char from_latest[] =
    " FROM verifications WHERE id = coalesce("
    "(SELECT id FROM verifications WHERE interaction = ?1 AND state = 'stopped' ORDER BY position DESC LIMIT 1),"
    " (SELECT id FROM verifications WHERE interaction = ?1 AND to_id = ?2 AND customer_id = ?3"
    " ORDER BY position DESC LIMIT 1))";

/* What came of one is in rows of their own, in other states. */
static const char from_call_back[] = " FROM verifications WHERE interaction = ?1 AND to_id = ?2 AND customer_id = ?3"
				     " AND channel = 'callback' AND state = 'new' ORDER BY position DESC LIMIT 1";

static const char from_other_open[] =
    " FROM verifications WHERE to_id = ?1 AND id <> ?2 AND created_at > ?3 AND verification_sid <> ''"
    " AND (state IN ('pending', 'unclear') OR lost = 'cancel') ORDER BY created_at DESC LIMIT 1";

/* One whose check was lost may have lost a send since, and its SID may be that of the code before. */
static const char sql_contested[] =
    "SELECT count(*) FROM verifications WHERE to_id = ?1 AND id <> ?2 AND created_at > ?3 AND (verification_sid = ?4"
    " OR (sends > 0 AND (state = 'unclear' OR operation = 'send')))";

/*
 * The row and the event are written together, each with the time that it is
 * then; but an approval that was found out late is of when it was asked for,
 * which is no longer ago than a code is good.
 */
static const char from_unrecorded[] =
    " FROM verifications v WHERE state IN ('approved', 'overridden')"
    " AND NOT EXISTS (SELECT 1 FROM events e WHERE e.interaction = v.interaction AND e.verification = v.id"
    " AND e.to_id = v.to_id AND e.outcome = v.state"
    " AND e.at - CASE v.state WHEN 'approved' THEN v.approved_at ELSE decided_at END"
    " BETWEEN -59999 AND CASE e.action WHEN 'settle' THEN 659999 ELSE 59999 END) LIMIT 1";

static const char sql_end_approvals[] =
    "UPDATE verifications SET state = 'canceled' WHERE interaction = ?1 AND to_id = ?2 AND state = 'approved'";

/* Twilio may still hold a code of theirs, which the next one that is sent to the number makes useless. */
static const char sql_close_interaction[] =
    "UPDATE verifications SET lost = CASE WHEN state IN ('pending', 'unclear') THEN 'cancel' ELSE lost END,"
    " state = 'canceled', operation = '' WHERE interaction = ?1 AND (state = 'approved'"
    " OR (state IN ('pending', 'unclear') AND verification_sid <> '') OR (state = 'new' AND channel = 'tap'))";

/* A link and a code by text are one channel: whoever gets the texts has both. */
static const char sql_approved_channels[] =
    "SELECT count(DISTINCT CASE channel WHEN 'tap' THEN 'sms' ELSE channel END) FROM verifications"
    " WHERE interaction = ?1 AND to_id = ?2"
    " AND state = 'approved' AND approved_at <= ?3 AND approved_until > ?3 AND (?4 = '' OR checked_by_id = ?4)"
    " AND customer_id = ?5";

static const char sql_approved_by[] =
    "SELECT count(*) FROM verifications WHERE interaction = ?1 AND to_id = ?2 AND state = 'approved'"
    " AND approved_at <= ?3 AND approved_until > ?3 AND (?4 = '' OR checked_by_id = ?4) AND customer_id = ?5"
    " AND channel = ?6";

/*
 * Backwards through events_by_time, and for each contact only from its last
 * event on (events_by_interaction) to its latest row (verifications_by_contact):
 * what is read depends on how much is visited, not on how large the ledger is.
 */
static const char from_each_contact[] =
    " FROM (SELECT at AS e_at, position AS e_position, interaction AS e_interaction, to_id AS e_to_id FROM events"
    " WHERE at >= ?1 AND at < ?2) AS e"
    " CROSS JOIN verifications v WHERE interaction = e_interaction AND to_id = e_to_id"
    " AND v.position = (SELECT max(l.position) FROM verifications l"
    " WHERE l.interaction = e_interaction AND l.to_id = e_to_id)"
    " AND NOT EXISTS (SELECT 1 FROM events n WHERE n.interaction = e_interaction AND n.to_id = e_to_id"
    " AND n.at >= e_at AND n.at < ?2 AND (n.at > e_at OR n.position > e_position))"
    " ORDER BY e_at DESC";

/*
 * Through the day's part of events_by_time, which has the counts; a stop counts
 * nothing.  || '' keeps SQLite from going through all of events_by_number.
 */
static const char from_each_closable[] =
    " FROM verifications v WHERE id IN (SELECT (SELECT id FROM verifications l WHERE l.to_id = e.number"
    " ORDER BY l.created_at DESC LIMIT 1)"
    " FROM (SELECT to_id || '' AS number, failures FROM events WHERE at >= ?1 AND failures > 0) AS e"
    " GROUP BY e.number HAVING sum(e.failures) >= ?2)"
    " OR (state = 'stopped' AND id IN (SELECT verification FROM events WHERE at >= ?1 AND sends = 0"
    " AND failures = 0 AND outcome = 'stopped'))"
    " ORDER BY created_at DESC";

#define PUT_SQL_MAX_BYTES 4096

static void
prepare_put(struct connection *connection)
{
	struct buffer sql;

	buffer_init(&sql, PUT_SQL_MAX_BYTES);
	buffer_add_text(&sql, "INSERT INTO verifications (");
	columns_add_names(&sql, &columns, SCHEMA_VERSION);
	buffer_add_text(&sql, ", position) VALUES (");
	columns_add_parameters(&sql, &columns);
	buffer_add_text(&sql, ", (SELECT coalesce(max(position), 0) + 1 FROM verifications"
			      " WHERE interaction = ?2 AND to_id = ?3))"
			      " ON CONFLICT (id) DO UPDATE SET ");
	columns_add_assignments(&sql, &columns);
	connection_prepare_built(connection, &sql, &connection->s.put);
}

static bool
in_an_index(const char *name)
{
	static const char *const names[] = { "id", "interaction", "to_id", "created_at" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* SQLite writes the entries of an index anew if a column of it is set, even to what it was. */
static void
prepare_change(struct connection *connection)
{
	struct buffer sql;
	int set = 0;

	buffer_init(&sql, PUT_SQL_MAX_BYTES);
	buffer_add_text(&sql, "UPDATE verifications SET ");
	for (size_t i = 0; i < columns.count; i++)
		if (!in_an_index(list[i].name))
			buffer_printf(&sql, "%s%s = ?%zu", set++ == 0 ? "" : ", ", list[i].name, i + 1);
	buffer_add_text(&sql, " WHERE id = ?1");
	connection_prepare_built(connection, &sql, &connection->s.change);
}

void
connection_prepare_verifications(struct connection *connection)
{
	struct statements *s = &connection->s;

	connection_prepare_select(connection, &columns, from_find, &s->find);
	connection_prepare_select(connection, &columns, from_latest, &s->latest);
	connection_prepare_select(connection, &columns, from_call_back, &s->call_back);
	connection_prepare_select(connection, &columns, from_other_open, &s->other_open);
	connection_prepare(connection, sql_contested, &s->contested);
	connection_prepare_select(connection, &columns, from_unrecorded, &s->unrecorded);
	connection_prepare_many(connection, &columns, from_each_contact, &s->each_contact);
	connection_prepare_many(connection, &columns, from_each_closable, &s->each_closable);
	if (connection->version < SCHEMA_VERSION)
		return;
	connection_prepare(connection, sql_approved_channels, &s->approved_channels);
	connection_prepare(connection, sql_approved_by, &s->approved_by);
	connection_prepare(connection, sql_end_approvals, &s->end_approvals);
	connection_prepare(connection, sql_close_interaction, &s->close_interaction);
	prepare_put(connection);
	prepare_change(connection);
}

/* Runs a bound statement that finds one verification or none, and resets it. */
static enum ledger_result
read_row(struct statement *statement, struct ledger_verification *verification)
{
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = statement_step(statement);

	memset(verification, 0, sizeof(*verification));
	if (step == STATEMENT_DONE)
		result = LEDGER_NOT_FOUND;
	else if (step != STATEMENT_ROW)
		result = statement->connection->engine->failure(statement->connection, "read a verification");
	else if (!columns_read(statement, &columns, verification))
		result = statement_damaged(statement, "a verification");
	statement_reset(statement);
	if (result == LEDGER_OK)
		statement->connection->known = *verification;
	return result;
}

const struct columns *
verification_columns(void)
{
	return &columns;
}

enum ledger_result
each_verification(struct statement *s, ledger_verification_visitor *visit, void *context)
{
	struct ledger_verification verification;
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = statement_step(s);

	memset(&verification, 0, sizeof(verification));
	for (; step == STATEMENT_ROW; step = statement_step(s)) {
		if (!columns_read(s, &columns, &verification)) {
			result = statement_damaged(s, "a verification");
			break;
		}
		if (!visit(context, &verification))
			break;
	}
	if (step != STATEMENT_ROW && step != STATEMENT_DONE)
		result = s->connection->engine->failure(s->connection, "read verifications");
	statement_reset(s);
	return result;
}

enum ledger_result
ledger_find(struct ledger *ledger, const char *id_beginning, struct ledger_verification *verification)
{
	struct statement *s = ledger_connection(ledger)->s.find;

	statement_bind_text(s, 1, id_beginning);
	return read_row(s, verification);
}

enum ledger_result
ledger_latest(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    struct ledger_verification *verification)
{
	struct statement *s = ledger_connection(ledger)->s.latest;

	statement_bind_text(s, 1, interaction);
	statement_bind_text(s, 2, to_id);
	statement_bind_text(s, 3, customer_id);
	return read_row(s, verification);
}

enum ledger_result
ledger_call_back(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    struct ledger_verification *verification)
{
	struct statement *s = ledger_connection(ledger)->s.call_back;

	statement_bind_text(s, 1, interaction);
	statement_bind_text(s, 2, to_id);
	statement_bind_text(s, 3, customer_id);
	return read_row(s, verification);
}

enum ledger_result
ledger_other_open(struct ledger *ledger, const char *to_id, const char *id, int64_t since,
    struct ledger_verification *verification)
{
	struct statement *s = ledger_connection(ledger)->s.other_open;

	statement_bind_text(s, 1, to_id);
	statement_bind_text(s, 2, id);
	statement_bind_long(s, 3, since);
	return read_row(s, verification);
}

enum ledger_result
ledger_contested(struct ledger *ledger, const char *to_id, const char *id, const char *verification_sid, int64_t since,
    int64_t *others)
{
	struct statement *s = ledger_connection(ledger)->s.contested;

	statement_bind_text(s, 1, to_id);
	statement_bind_text(s, 2, id);
	statement_bind_long(s, 3, since);
	statement_bind_text(s, 4, verification_sid);
	return statement_number(s, others);
}

enum ledger_result
ledger_unrecorded(struct ledger *ledger, struct ledger_verification *verification)
{
	return read_row(ledger_connection(ledger)->s.unrecorded, verification);
}

/* Is it the row that this transaction has read, and in all indexes where it was? */
static bool
same_place(const struct ledger_verification *v, const struct ledger_verification *known)
{
	return known->id[0] != '\0' && strcmp(v->id, known->id) == 0 &&
	    strcmp(v->interaction, known->interaction) == 0 && strcmp(v->to_id, known->to_id) == 0 &&
	    v->created_at == known->created_at;
}

enum ledger_result
ledger_put(struct ledger *ledger, const struct ledger_verification *v)
{
	struct connection *connection = ledger_connection(ledger);
	struct statement *s = same_place(v, &connection->known) ? connection->s.change : connection->s.put;
	enum ledger_result result = LEDGER_OK;

	columns_bind(s, &columns, v);
	result = statement_write(s, "write a verification");
	if (result == LEDGER_OK)
		connection->known = *v;
	return result;
}

static void
bind_approvals(struct statement *s, const char *interaction, const char *to_id, const char *customer_id,
    const char *checked_by, int64_t now)
{
	statement_bind_text(s, 1, interaction);
	statement_bind_text(s, 2, to_id);
	statement_bind_long(s, 3, now);
	statement_bind_text(s, 4, checked_by);
	statement_bind_text(s, 5, customer_id);
}

enum ledger_result
ledger_approved_channels(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    const char *checked_by, int64_t now, int64_t *channels)
{
	struct statement *s = ledger_connection(ledger)->s.approved_channels;

	bind_approvals(s, interaction, to_id, customer_id, checked_by, now);
	return statement_number(s, channels);
}

enum ledger_result
ledger_approved_by(struct ledger *ledger, const char *interaction, const char *to_id, const char *customer_id,
    const char *checked_by, const char *channel, int64_t now, bool *approved)
{
	struct statement *s = ledger_connection(ledger)->s.approved_by;
	int64_t count = 0;
	enum ledger_result result = LEDGER_OK;

	bind_approvals(s, interaction, to_id, customer_id, checked_by, now);
	statement_bind_text(s, 6, channel);
	result = statement_number(s, &count);
	*approved = count > 0;
	return result;
}

enum ledger_result
ledger_end_approvals(struct ledger *ledger, const char *interaction, const char *to_id)
{
	struct statement *s = ledger_connection(ledger)->s.end_approvals;

	statement_bind_text(s, 1, interaction);
	statement_bind_text(s, 2, to_id);
	return statement_write(s, "end approvals");
}

enum ledger_result
ledger_close_interaction(struct ledger *ledger, const char *interaction)
{
	struct statement *s = ledger_connection(ledger)->s.close_interaction;

	statement_bind_text(s, 1, interaction);
	return statement_write(s, "close an interaction");
}

enum ledger_result
ledger_each_contact(struct ledger *ledger, int64_t from, int64_t to, ledger_verification_visitor *visit, void *context)
{
	struct statement *s = ledger_connection(ledger)->s.each_contact;

	statement_bind_long(s, 1, from);
	statement_bind_long(s, 2, to);
	return each_verification(s, visit, context);
}

enum ledger_result
ledger_each_closable(struct ledger *ledger, int64_t since, int failures, ledger_verification_visitor *visit,
    void *context)
{
	struct statement *s = ledger_connection(ledger)->s.each_closable;

	statement_bind_long(s, 1, since);
	statement_bind_long(s, 2, failures);
	return each_verification(s, visit, context);
}
