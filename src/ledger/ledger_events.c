#include "ledger_engine.h"

#include "chain.h"
#include "ledger_columns.h"

#include "base/secret.h"

#include <string.h>

#define TEXT(member) COLUMN(struct ledger_record, #member, event.member, COLUMN_TEXT, 1)
#define INT(member)  COLUMN(struct ledger_record, #member, event.member, COLUMN_INT, 1)

static const struct column list[] = {
	COLUMN(struct ledger_record, "position", position, COLUMN_LONG, 1),
	COLUMN(struct ledger_record, "at", event.at, COLUMN_TIME, 1),
	TEXT(verification),
	TEXT(interaction),
	TEXT(task_sid),
	TEXT(action),
	TEXT(outcome),
	TEXT(agent_id),
	TEXT(channel),
	TEXT(to_id),
	TEXT(to_mask),
	TEXT(request_id),
	INT(twilio_code),
	INT(sends),
	INT(failures),
	COLUMN(struct ledger_record, "note", event.note, COLUMN_TEXT, 2),
	COLUMN(struct ledger_record, "link", link, COLUMN_TEXT, 1),
};

static const struct columns columns = { list, sizeof(list) / sizeof(list[0]) };

/* What figures are counted from; a day's events are sorted, and the less is carried along the better. */
static const struct column figure_list[] = {
	COLUMN(struct ledger_record, "at", event.at, COLUMN_TIME, 1),
	TEXT(verification),
	TEXT(action),
	TEXT(outcome),
	INT(sends),
};

static const struct columns figure_columns = { figure_list, sizeof(figure_list) / sizeof(figure_list[0]) };

/* By events_by_time, and sorted then. */
static const char from_within[] = " FROM events WHERE at >= ?1 AND at < ?2 ORDER BY verification, position";

static const char *const from_each[LEDGER_ORDER__MAX] = {
	[LEDGER_BY_POSITION] = " FROM events WHERE position >= ?1 ORDER BY position",
	[LEDGER_BY_VERIFICATION] = " FROM events WHERE position >= ?1 ORDER BY verification, position",
};

static const char sql_read_seal[] = "SELECT position, link, seal FROM seal";

static const char sql_write_seal[] = "INSERT INTO seal (\"only\", position, link, seal) VALUES (1, ?1, ?2, ?3)"
			       " ON CONFLICT (\"only\") DO UPDATE"
			       " SET position = excluded.position, link = excluded.link, seal = excluded.seal";

/* One statement for each word: a bound one would not tell SQLite that events_that_open has all events with it. */
#define LAST_SQL(outcome) "SELECT max(at) FROM events WHERE to_id = ?1 AND outcome = '" outcome "' AND at <= ?2"

static const char *const sql_last_opening[LEDGER_OPENING__MAX] = {
	[LEDGER_OPENING_APPROVED] = LAST_SQL("approved"),
	[LEDGER_OPENING_UNLOCKED] = LAST_SQL("unlocked"),
};

/*
 * Two questions, each by its own index: by that of the agent it would go
 * through all that he ever did.  || '' keeps a database from choosing that one.
 */
static const char sql_begun_by[] =
    "SELECT (SELECT count(*) FROM events WHERE interaction = ?2 AND at > ?4 AND agent_id || '' = ?1"
    " AND outcome || '' = 'begun')"
    " + (SELECT count(*) FROM events WHERE ?3 <> '' AND to_id = ?3 AND outcome = 'begun' AND at > ?4"
    " AND agent_id || '' = ?1 AND interaction || '' <> ?2)";

static const char sql_last_send[] =
    "SELECT max(at) FROM events e WHERE to_id = ?1 AND at > ?2 AND sends <> 0 AND sends > 0 AND NOT EXISTS"
    " (SELECT 1 FROM events back WHERE back.to_id = ?1 AND back.at >= e.at AND back.sends <> 0 AND back.sends < 0"
    " AND back.request_id = e.request_id)";

/* One statement for each scope and count, so that each uses its index, which lacks what counts nothing. */
#define SUM_SQL(column, scope)                                                                                         \
	"SELECT coalesce(sum(" column "), 0) FROM events WHERE " scope " AND at > ?2 AND " column " <> 0"
/* later: what the events after a time add up to. */
#define FALLS_SQL(column, scope)                                                                                       \
	"SELECT min(at) FROM (SELECT at, sum(sum(" column ")) OVER (ORDER BY at DESC"                                  \
	" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS later FROM events WHERE " scope                         \
	" AND at > ?2 AND " column " <> 0 GROUP BY at) AS windows WHERE coalesce(later, 0) < ?3"

#define SCOPED_SQL(SQL)                                                                                                \
	{                                                                                                              \
		[LEDGER_SCOPE_NUMBER] = { SQL("sends", "to_id = ?1"), SQL("failures", "to_id = ?1") },                 \
		[LEDGER_SCOPE_AGENT] = { SQL("sends", "agent_id = ?1"), SQL("failures", "agent_id = ?1") },            \
		[LEDGER_SCOPE_INTERACTION] = { SQL("sends", "interaction = ?1"), SQL("failures", "interaction = ?1") },\
		[LEDGER_SCOPE_SYSTEM] = { SQL("sends", "?1 = ?1"), SQL("failures", "?1 = ?1") },                     \
	}

static const char *const sql_sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(SUM_SQL);
static const char *const sql_falls[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(FALLS_SQL);

#define APPEND_SQL_MAX_BYTES 1024

static void
prepare_append(struct connection *connection)
{
	struct buffer sql;

	buffer_init(&sql, APPEND_SQL_MAX_BYTES);
	buffer_add_text(&sql, "INSERT INTO events (");
	columns_add_names(&sql, &columns, SCHEMA_VERSION);
	buffer_add_text(&sql, ") VALUES (");
	columns_add_parameters(&sql, &columns);
	buffer_add_text(&sql, ")");
	connection_prepare_built(connection, &sql, &connection->s.append);
}

void
connection_prepare_events(struct connection *connection)
{
	struct statements *s = &connection->s;

	if (connection->version >= SCHEMA_VERSION)
		prepare_append(connection);
	connection_prepare(connection, sql_read_seal, &s->read_seal);
	connection_prepare(connection, sql_write_seal, &s->write_seal);
	connection_prepare(connection, sql_last_send, &s->last_send);
	connection_prepare(connection, sql_begun_by, &s->begun_by);
	connection_prepare_many(connection, &figure_columns, from_within, &s->each_within);
	for (int opening = 0; opening < LEDGER_OPENING__MAX; opening++)
		connection_prepare(connection, sql_last_opening[opening], &s->last_opening[opening]);
	for (int order = 0; order < LEDGER_ORDER__MAX; order++)
		connection_prepare_many(connection, &columns, from_each[order], &s->each[order]);
	for (int scope = 0; scope < LEDGER_SCOPE__MAX; scope++)
		for (int counted = 0; counted < LEDGER_COUNTED__MAX; counted++) {
			connection_prepare(connection, sql_sum[scope][counted], &s->sum[scope][counted]);
			connection_prepare(connection, sql_falls[scope][counted], &s->falls[scope][counted]);
		}
}

/* ---- the seal ---- */

enum ledger_result
statement_read_end(struct statement *s, struct ledger_seal *end, const char *name, const char *what)
{
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = statement_step(s);

	memset(end, 0, sizeof(*end));
	if (step == STATEMENT_ROW) {
		if (!statement_long(s, 0, &end->position) ||
		    !column_read_text(s, 1, end->link, sizeof(end->link)) ||
		    !column_read_text(s, 2, end->seal, sizeof(end->seal)))
			result = statement_damaged(s, name);
	} else if (step != STATEMENT_DONE) {
		result = s->connection->engine->failure(s->connection, what);
	}
	statement_reset(s);
	return result;
}

enum ledger_result
statement_write_end(struct statement *s, const struct ledger_seal *end, const char *what)
{
	statement_bind_long(s, 1, end->position);
	statement_bind_text(s, 2, end->link);
	statement_bind_text(s, 3, end->seal);
	return statement_write(s, what);
}

static enum ledger_result
read_seal(struct connection *connection, struct ledger_seal *seal)
{
	return statement_read_end(connection->s.read_seal, seal, "the seal", "read the seal");
}

enum ledger_result
ledger_read_seal(struct ledger *ledger, struct ledger_seal *seal)
{
	return read_seal(ledger_connection(ledger), seal);
}

/*
 * With another key, or after a change by somebody who does not know the key,
 * the seal does not fit; a new one over it would make the change good.
 */
static enum ledger_result
check_seal(const struct connection *connection, const struct ledger_seal *last)
{
	char seal[LEDGER_LINK_SIZE];

	if (connection->key == NULL) /* opened to read */
		return LEDGER_FAILED;
	if (last->position == 0)
		return LEDGER_OK;
	if (!chain_seal(connection->key, last->position, last->link, seal))
		return LEDGER_FAILED;
	return secret_equal(seal, last->seal) ? LEDGER_OK : connection_damaged("the seal");
}

enum ledger_result
connection_check_seal(struct connection *connection)
{
	struct ledger_seal last;
	enum ledger_result result = read_seal(connection, &last);

	return result == LEDGER_OK ? check_seal(connection, &last) : result;
}

/* ---- events ---- */

enum ledger_result
connection_write_record(struct connection *connection, const struct ledger_record *record)
{
	struct statement *s = connection->s.append;

	columns_bind(s, &columns, record);
	return statement_write(s, "append an event");
}

enum ledger_result
ledger_append(struct ledger *ledger, const struct ledger_event *event)
{
	struct connection *connection = ledger_connection(ledger);
	struct ledger_record record = { .event = *event };
	struct ledger_seal last;
	enum ledger_result result = read_seal(connection, &last);

	if (result == LEDGER_OK)
		result = check_seal(connection, &last);
	if (result != LEDGER_OK)
		return result;
	record.position = last.position + 1;
	if (!chain_link(connection->key, last.link, record.position, event, record.link))
		return LEDGER_FAILED;
	last.position = record.position;
	memcpy(last.link, record.link, sizeof(last.link));
	if (!chain_seal(connection->key, last.position, last.link, last.seal))
		return LEDGER_FAILED;
	result = connection_write_record(connection, &record);
	return result == LEDGER_OK ? statement_write_end(connection->s.write_seal, &last, "write the seal") : result;
}

static enum ledger_result
each(struct statement *s, const struct columns *what, ledger_visitor *visit, void *context)
{
	struct ledger_record record;
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = statement_step(s);

	memset(&record, 0, sizeof(record));
	for (; step == STATEMENT_ROW; step = statement_step(s)) {
		record.whole = columns_read(s, what, &record);
		if (s->failed || !visit(context, &record))
			break;
	}
	if (s->failed || step == STATEMENT_FAILED)
		result = s->connection->engine->failure(s->connection, "read events");
	statement_reset(s);
	return result;
}

enum ledger_result
ledger_each(struct ledger *ledger, enum ledger_order order, int64_t from, ledger_visitor *visit, void *context)
{
	struct statement *s = ledger_connection(ledger)->s.each[order];

	statement_bind_long(s, 1, from);
	return each(s, &columns, visit, context);
}

enum ledger_result
ledger_each_within(struct ledger *ledger, int64_t from, int64_t to, ledger_visitor *visit, void *context)
{
	struct statement *s = ledger_connection(ledger)->s.each_within;

	statement_bind_long(s, 1, from);
	statement_bind_long(s, 2, to);
	return each(s, &figure_columns, visit, context);
}

/* ---- counts ---- */

enum ledger_result
ledger_sum(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted, int64_t since,
    int64_t *sum)
{
	struct statement *s = ledger_connection(ledger)->s.sum[scope][counted];

	statement_bind_text(s, 1, key);
	statement_bind_long(s, 2, since);
	return statement_number(s, sum);
}

enum ledger_result
ledger_falls_below(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted,
    int64_t most, int64_t since, int64_t *at)
{
	struct statement *s = ledger_connection(ledger)->s.falls[scope][counted];

	statement_bind_text(s, 1, key);
	statement_bind_long(s, 2, since);
	statement_bind_long(s, 3, most);
	return statement_time(s, at);
}

enum ledger_result
ledger_last_send(struct ledger *ledger, const char *to_id, int64_t since, int64_t *at)
{
	struct statement *s = ledger_connection(ledger)->s.last_send;

	statement_bind_text(s, 1, to_id);
	statement_bind_long(s, 2, since);
	return statement_time(s, at);
}

enum ledger_result
ledger_last_opening(struct ledger *ledger, const char *to_id, enum ledger_opening opening, int64_t until, int64_t *at)
{
	struct statement *s = ledger_connection(ledger)->s.last_opening[opening];

	statement_bind_text(s, 1, to_id);
	statement_bind_long(s, 2, until);
	return statement_time(s, at);
}

enum ledger_result
ledger_begun_by(struct ledger *ledger, const char *agent_id, const char *interaction, const char *to_id, int64_t since,
    int64_t *times)
{
	struct statement *s = ledger_connection(ledger)->s.begun_by;

	statement_bind_text(s, 1, agent_id);
	statement_bind_text(s, 2, interaction);
	statement_bind_text(s, 3, to_id);
	statement_bind_long(s, 4, since);
	return statement_number(s, times);
}
