#include "ledger_sqlite.h"

#include "chain.h"

#include "base/secret.h"

#include <string.h>

#define TEXT(member) COLUMN(struct ledger_record, #member, event.member, COLUMN_TEXT, 1)
#define INT(member)  COLUMN(struct ledger_record, #member, event.member, COLUMN_INT, 1)

static const struct column list[] = {
	COLUMN(struct ledger_record, "position", position, COLUMN_LONG, 1),
	COLUMN(struct ledger_record, "at", event.at, COLUMN_LONG, 1),
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
	COLUMN(struct ledger_record, "at", event.at, COLUMN_LONG, 1),
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

static const char sql_seal[] = "INSERT OR REPLACE INTO seal (only, position, link, seal) VALUES (1, ?1, ?2, ?3)";

static const char sql_last_outcome[] =
    "SELECT max(at) FROM events WHERE to_id = ?1 AND outcome = ?2 AND at <= ?3";

/* Two questions, each by its own index: by that of the agent it would go through all that he ever did. */
static const char sql_begun_by[] =
    "SELECT (SELECT count(*) FROM events WHERE interaction = ?2 AND at > ?4 AND +agent_id = ?1 AND +outcome = 'begun')"
    " + (SELECT count(*) FROM events WHERE ?3 <> '' AND to_id = ?3 AND outcome = 'begun' AND at > ?4"
    " AND +agent_id = ?1 AND +interaction <> ?2)";

static const char sql_last_send[] =
    "SELECT max(at) FROM events e WHERE to_id = ?1 AND at > ?2 AND sends > 0 AND NOT EXISTS"
    " (SELECT 1 FROM events back WHERE back.to_id = ?1 AND back.at >= e.at AND back.sends < 0"
    " AND back.request_id = e.request_id)";

/* One statement for each scope and count, so that each uses its index; column names cannot be bound. */
#define SUM_SQL(column, scope)	    "SELECT coalesce(sum(" column "), 0) FROM events WHERE " scope " AND at > ?2"
/* later: what the events after a time add up to. */
#define FALLS_SQL(column, scope)                                                                                       \
	"SELECT min(at) FROM (SELECT at, sum(sum(" column ")) OVER (ORDER BY at DESC"                                  \
	" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS later FROM events WHERE " scope                         \
	" AND at > ?2 AND " column " <> 0 GROUP BY at) WHERE coalesce(later, 0) < ?3"

#define SCOPED_SQL(SQL)                                                                                                \
	{                                                                                                              \
		[LEDGER_SCOPE_NUMBER] = { SQL("sends", "to_id = ?1"), SQL("failures", "to_id = ?1") },                 \
		[LEDGER_SCOPE_AGENT] = { SQL("sends", "agent_id = ?1"), SQL("failures", "agent_id = ?1") },            \
		[LEDGER_SCOPE_INTERACTION] = { SQL("sends", "interaction = ?1"), SQL("failures", "interaction = ?1") },\
		[LEDGER_SCOPE_SYSTEM] = { SQL("sends", "?1 IS ?1"), SQL("failures", "?1 IS ?1") },                     \
	}

static const char *const sql_sum[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(SUM_SQL);
static const char *const sql_falls[LEDGER_SCOPE__MAX][LEDGER_COUNTED__MAX] = SCOPED_SQL(FALLS_SQL);

#define APPEND_SQL_MAX_BYTES 1024

static bool
prepare_append(struct ledger *ledger)
{
	struct buffer sql;
	bool done = false;

	buffer_init(&sql, APPEND_SQL_MAX_BYTES);
	buffer_add_text(&sql, "INSERT INTO events (");
	columns_add_names(&sql, &columns, SCHEMA_VERSION);
	buffer_add_text(&sql, ") VALUES (");
	columns_add_parameters(&sql, &columns);
	buffer_add_text(&sql, ")");
	done = !sql.failed && ledger_sqlite_prepare(ledger, buffer_text(&sql), &ledger->append);
	buffer_free(&sql);
	return done;
}

bool
ledger_sqlite_prepare_events(struct ledger *ledger)
{
	bool prepared = (ledger->version < SCHEMA_VERSION || prepare_append(ledger)) &&
	    ledger_sqlite_prepare(ledger, sql_read_seal, &ledger->read_seal) &&
	    ledger_sqlite_prepare(ledger, sql_seal, &ledger->seal) &&
	    ledger_sqlite_prepare(ledger, sql_last_outcome, &ledger->last_outcome) &&
	    ledger_sqlite_prepare(ledger, sql_last_send, &ledger->last_send) &&
	    ledger_sqlite_prepare(ledger, sql_begun_by, &ledger->begun_by) &&
	    ledger_sqlite_prepare_select(ledger, &figure_columns, from_within, &ledger->each_within);

	for (int order = 0; order < LEDGER_ORDER__MAX; order++)
		prepared = prepared &&
		    ledger_sqlite_prepare_select(ledger, &columns, from_each[order], &ledger->each[order]);
	for (int scope = 0; scope < LEDGER_SCOPE__MAX; scope++)
		for (int counted = 0; counted < LEDGER_COUNTED__MAX; counted++)
			prepared = prepared &&
			    ledger_sqlite_prepare(ledger, sql_sum[scope][counted], &ledger->sum[scope][counted]) &&
			    ledger_sqlite_prepare(ledger, sql_falls[scope][counted], &ledger->falls[scope][counted]);
	return prepared;
}

/* ---- the seal ---- */

enum ledger_result
ledger_read_seal(struct ledger *ledger, struct ledger_seal *seal)
{
	sqlite3_stmt *s = ledger->read_seal;
	enum ledger_result result = LEDGER_OK;
	int step = sqlite3_step(s);

	memset(seal, 0, sizeof(*seal));
	if (step == SQLITE_ROW) {
		if (!column_read_long(s, 0, &seal->position) ||
		    !column_read_text(s, 1, seal->link, sizeof(seal->link)) ||
		    !column_read_text(s, 2, seal->seal, sizeof(seal->seal)))
			result = ledger_sqlite_damaged("the seal");
	} else if (step != SQLITE_DONE) {
		result = ledger_sqlite_failure(ledger, "read the seal");
	}
	sqlite3_reset(s);
	return result;
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
	return secret_equal(seal, last->seal) ? LEDGER_OK : ledger_sqlite_damaged("the seal");
}

enum ledger_result
ledger_sqlite_check_seal(struct ledger *ledger)
{
	struct ledger_seal last;
	enum ledger_result result = ledger_read_seal(ledger, &last);

	return result == LEDGER_OK ? check_seal(ledger, &last) : result;
}

static enum ledger_result
write_seal(struct ledger *ledger, int64_t position, const char *link)
{
	char seal[LEDGER_LINK_SIZE];
	sqlite3_stmt *s = ledger->seal;
	bool bound = chain_seal(ledger->key, position, link, seal) && column_bind_long(s, 1, position) &&
	    column_bind_text(s, 2, link) && column_bind_text(s, 3, seal);

	return ledger_sqlite_write(ledger, s, bound, "write the seal");
}

/* ---- events ---- */

enum ledger_result
ledger_append(struct ledger *ledger, const struct ledger_event *event)
{
	struct ledger_record record = { .event = *event };
	struct ledger_seal last;
	enum ledger_result result = ledger_read_seal(ledger, &last);

	if (result == LEDGER_OK)
		result = check_seal(ledger, &last);
	if (result != LEDGER_OK)
		return result;
	record.position = last.position + 1;
	if (!chain_link(ledger->key, last.link, record.position, event, record.link))
		return LEDGER_FAILED;
	result = ledger_sqlite_write(ledger, ledger->append, columns_bind(ledger->append, &columns, &record),
	    "append an event");
	return result == LEDGER_OK ? write_seal(ledger, record.position, record.link) : result;
}

static enum ledger_result
each(struct ledger *ledger, sqlite3_stmt *s, bool bound, const struct columns *what, ledger_visitor *visit,
    void *context)
{
	struct ledger_record record;
	enum ledger_result result = LEDGER_OK;
	int step = bound ? sqlite3_step(s) : SQLITE_ERROR;

	memset(&record, 0, sizeof(record));
	for (; step == SQLITE_ROW; step = sqlite3_step(s)) {
		record.whole = columns_read(s, what, &record);
		if (!visit(context, &record))
			break;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		result = ledger_sqlite_failure(ledger, "read events");
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return result;
}

enum ledger_result
ledger_each(struct ledger *ledger, enum ledger_order order, int64_t from, ledger_visitor *visit, void *context)
{
	sqlite3_stmt *s = ledger->each[order];

	return each(ledger, s, column_bind_long(s, 1, from), &columns, visit, context);
}

enum ledger_result
ledger_each_within(struct ledger *ledger, int64_t from, int64_t to, ledger_visitor *visit, void *context)
{
	sqlite3_stmt *s = ledger->each_within;

	return each(ledger, s, column_bind_long(s, 1, from) && column_bind_long(s, 2, to), &figure_columns, visit,
	    context);
}

/* ---- counts ---- */

enum ledger_result
ledger_sum(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted, int64_t since,
    int64_t *sum)
{
	sqlite3_stmt *s = ledger->sum[scope][counted];

	return ledger_sqlite_number(ledger, s, column_bind_text(s, 1, key) && column_bind_long(s, 2, since), sum);
}

enum ledger_result
ledger_falls_below(struct ledger *ledger, enum ledger_scope scope, const char *key, enum ledger_counted counted,
    int64_t most, int64_t since, int64_t *at)
{
	sqlite3_stmt *s = ledger->falls[scope][counted];
	bool bound = column_bind_text(s, 1, key) && column_bind_long(s, 2, since) && column_bind_long(s, 3, most);

	return ledger_sqlite_number(ledger, s, bound, at);
}

enum ledger_result
ledger_last_send(struct ledger *ledger, const char *to_id, int64_t since, int64_t *at)
{
	sqlite3_stmt *s = ledger->last_send;

	return ledger_sqlite_number(ledger, s, column_bind_text(s, 1, to_id) && column_bind_long(s, 2, since), at);
}

enum ledger_result
ledger_last_outcome(struct ledger *ledger, const char *to_id, const char *outcome, int64_t until, int64_t *at)
{
	sqlite3_stmt *s = ledger->last_outcome;
	bool bound = column_bind_text(s, 1, to_id) && column_bind_text(s, 2, outcome) && column_bind_long(s, 3, until);

	return ledger_sqlite_number(ledger, s, bound, at);
}

enum ledger_result
ledger_begun_by(struct ledger *ledger, const char *agent_id, const char *interaction, const char *to_id, int64_t since,
    int64_t *times)
{
	sqlite3_stmt *s = ledger->begun_by;
	bool bound = column_bind_text(s, 1, agent_id) && column_bind_text(s, 2, interaction) &&
	    column_bind_text(s, 3, to_id) && column_bind_long(s, 4, since);

	return ledger_sqlite_number(ledger, s, bound, times);
}
