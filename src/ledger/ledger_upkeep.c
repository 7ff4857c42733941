/* What an operator does to a whole ledger: copies it, and purges what is old. */
#include "base/secret.h"
#include "chain.h"
#include "ledger_columns.h"
#include "ledger_engine.h"

#include <string.h>

static const char sql_read_origin[] = "SELECT position, link, seal FROM origin";

static const char sql_write_origin[] = "INSERT INTO origin (\"only\", position, link, seal) VALUES (1, ?1, ?2, ?3)"
				       " ON CONFLICT (\"only\") DO UPDATE"
				       " SET position = excluded.position, link = excluded.link, seal = excluded.seal";

static const char from_all[] = " FROM verifications ORDER BY interaction, to_id, position";

/* The last event before the first one that is to stay; of one part, as writers wait meanwhile. */
static const char sql_old_end[] =
    "SELECT coalesce((SELECT min(position) FROM events WHERE position > ?2 AND position <= ?3 AND at >= ?1),"
    " (SELECT max(position) FROM events WHERE position > ?2 AND position <= ?3)) - 1";

/* An event's place and link, as an end of the record; its seal is not there. */
static const char sql_read_event[] = "SELECT position, link, '' AS seal FROM events WHERE position = ?1";

/* callcenter/limits.c counts so: the wrong codes of a number in a row, from its last right one, or its unlocking. */
static const char from_carried[] =
    " FROM (SELECT to_id, max(at) AS at, sum(failures) AS failures FROM events e"
    " WHERE position <= ?1 AND failures <> 0 AND to_id <> ''"
    " AND at > coalesce((SELECT max(o.at) FROM events o WHERE o.to_id = e.to_id"
    " AND (o.outcome = 'approved' OR o.outcome = 'unlocked')), 0) GROUP BY to_id) AS numbers WHERE failures <> 0";

static const struct column carried_list[] = {
	COLUMN(struct ledger_event, "to_id", to_id, COLUMN_TEXT, 1),
	COLUMN(struct ledger_event, "at", at, COLUMN_TIME, 1),
	COLUMN(struct ledger_event, "failures", failures, COLUMN_INT, 1),
};

static const struct columns carried_columns = { carried_list, sizeof(carried_list) / sizeof(carried_list[0]) };

/* An approval of that time has run out; without its event it would look like one that was made up. */
static const char sql_close_old[] =
    "UPDATE verifications SET state = 'expired' WHERE state IN ('approved', 'overridden') AND approved_at < ?2"
    " AND decided_at < ?2 AND id IN (SELECT verification FROM events WHERE position <= ?1)";

static const char sql_drop_old[] =
    "DELETE FROM verifications WHERE state <> 'stopped' AND created_at < ?2"
    " AND id IN (SELECT verification FROM events WHERE position <= ?1)"
    " AND NOT EXISTS (SELECT 1 FROM events e WHERE e.interaction = verifications.interaction"
    " AND e.verification = verifications.id AND e.position > ?1)";

static const char sql_purge[] = "DELETE FROM events WHERE position <= ?1";

void
connection_prepare_upkeep(struct connection *connection)
{
	struct statements *s = &connection->s;

	connection_prepare_many(connection, verification_columns(), from_all, &s->all);
	if (connection->version < SCHEMA_WITH_ORIGIN)
		return;
	connection_prepare(connection, sql_read_origin, &s->read_origin);
	connection_prepare(connection, sql_write_origin, &s->write_origin);
	connection_prepare(connection, sql_old_end, &s->old_end);
	connection_prepare(connection, sql_read_event, &s->read_event);
	connection_prepare_select(connection, &carried_columns, from_carried, &s->carried);
	connection_prepare(connection, sql_close_old, &s->close_old);
	connection_prepare(connection, sql_drop_old, &s->drop_old);
	connection_prepare(connection, sql_purge, &s->purge);
}

/* ---- Where the record begins ---- */

enum ledger_result
ledger_read_origin(struct ledger *ledger, struct ledger_seal *origin)
{
	struct statement *s = ledger_connection(ledger)->s.read_origin;

	if (s == NULL) { /* an older version's ledger, of which nothing was purged */
		memset(origin, 0, sizeof(*origin));
		return LEDGER_OK;
	}
	return statement_read_end(s, origin, "its beginning", "read where the record begins");
}

static enum ledger_result
write_origin(struct connection *connection, const struct ledger_seal *origin)
{
	return statement_write_end(connection->s.write_origin, origin, "write where the record begins");
}

/* ---- Copying ---- */

enum ledger_result
ledger_each_verification(struct ledger *ledger, ledger_verification_visitor *visit, void *context)
{
	return each_verification(ledger_connection(ledger)->s.all, visit, context);
}

enum ledger_result
ledger_restore(struct ledger *ledger, const struct ledger_record *record)
{
	return connection_write_record(ledger_connection(ledger), record);
}

enum ledger_result
ledger_restore_ends(struct ledger *ledger, const struct ledger_seal *origin, const struct ledger_seal *seal)
{
	struct connection *connection = ledger_connection(ledger);
	enum ledger_result result = LEDGER_OK;

	if (origin->position > 0)
		result = write_origin(connection, origin);
	if (result == LEDGER_OK && seal->position > 0)
		result = statement_write_end(connection->s.write_seal, seal, "write the seal");
	return result;
}

/* ---- Purging ---- */

struct carried {
	size_t              count;
	struct ledger_event events[LEDGER_PURGE_MAX];
};

static enum ledger_result
find_carried(struct connection *connection, int64_t last, struct carried *carried)
{
	struct statement *s = connection->s.carried;
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = STATEMENT_FAILED;
	bool whole = true;

	statement_bind_long(s, 1, last);
	step = statement_step(s);
	for (; step == STATEMENT_ROW && carried->count < LEDGER_PURGE_MAX; step = statement_step(s)) {
		struct ledger_event *event = &carried->events[carried->count++];

		*event = (struct ledger_event){ .action = "purge", .outcome = "carried" };
		whole &= columns_read(s, &carried_columns, event);
	}
	if (step == STATEMENT_FAILED)
		result = connection->engine->failure(connection, "count wrong codes");
	else if (step == STATEMENT_ROW || !whole) /* so few events are not of so many numbers */
		result = statement_damaged(s, "an event");
	statement_reset(s);
	return result;
}

static enum ledger_result
carry(struct ledger *ledger, int64_t last)
{
	struct carried carried = { .count = 0 };
	enum ledger_result result = find_carried(ledger_connection(ledger), last, &carried);

	for (size_t i = 0; i < carried.count && result == LEDGER_OK; i++)
		result = ledger_append(ledger, &carried.events[i]);
	return result;
}

/* Where the record will begin: behind an event that is there. */
static enum ledger_result
make_origin(struct connection *connection, int64_t position, struct ledger_seal *origin)
{
	struct statement *s = connection->s.read_event;
	enum ledger_result result = LEDGER_OK;

	statement_bind_long(s, 1, position);
	result = statement_read_end(s, origin, "an event", "read an event");
	if (result != LEDGER_OK)
		return result;
	if (origin->position != position)
		return connection_damaged("an event");
	return chain_origin(connection->key, position, origin->link, origin->seal) ? LEDGER_OK : LEDGER_FAILED;
}

/* Of what is old enough. */
static enum ledger_result
run_on_old(struct statement *s, int64_t last, int64_t before, const char *what)
{
	statement_bind_long(s, 1, last);
	statement_bind_long(s, 2, before);
	return statement_write(s, what);
}

static enum ledger_result
remove_events(struct connection *connection, int64_t last)
{
	struct statement *s = connection->s.purge;

	statement_bind_long(s, 1, last);
	return statement_write(s, "remove events");
}

static enum ledger_result
remove_until(struct ledger *ledger, int64_t last, int64_t before)
{
	struct connection *connection = ledger_connection(ledger);
	struct ledger_seal origin;
	enum ledger_result result = carry(ledger, last);

	if (result == LEDGER_OK)
		result = make_origin(connection, last, &origin);
	if (result == LEDGER_OK)
		result = write_origin(connection, &origin);
	if (result == LEDGER_OK)
		result = run_on_old(connection->s.close_old, last, before, "close verifications");
	if (result == LEDGER_OK)
		result = run_on_old(connection->s.drop_old, last, before, "remove verifications");
	return result == LEDGER_OK ? remove_events(connection, last) : result;
}

/* The last event of a part; one up to the origin: there is nothing old. */
static enum ledger_result
find_old_end(struct connection *connection, int64_t before, int64_t origin, int64_t *last)
{
	struct statement *s = connection->s.old_end;

	statement_bind_long(s, 1, before);
	statement_bind_long(s, 2, origin);
	statement_bind_long(s, 3, origin + LEDGER_PURGE_MAX + 1);
	return statement_number(s, last);
}

enum ledger_result
ledger_purge(struct ledger *ledger, int64_t before, int64_t *purged)
{
	struct ledger_seal origin;
	int64_t last = 0;
	enum ledger_result result = ledger_read_origin(ledger, &origin);

	*purged = 0;
	if (result == LEDGER_OK)
		result = find_old_end(ledger_connection(ledger), before, origin.position, &last);
	if (result != LEDGER_OK || last <= origin.position)
		return result;
	result = remove_until(ledger, last, before);
	if (result == LEDGER_OK)
		*purged = last - origin.position;
	return result;
}
