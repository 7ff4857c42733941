#include "ledger_columns.h"
#include "ledger_engine.h"

#include <string.h>

#define TEXT(member) COLUMN(struct ledger_pin, #member, member, COLUMN_TEXT, 4)
#define TIME(member) COLUMN(struct ledger_pin, #member, member, COLUMN_TIME, 4)

static const struct column list[] = {
	TEXT(id),
	TEXT(customer_id),
	TEXT(verifier),
	COLUMN(struct ledger_pin, "tries", tries, COLUMN_INT, 4),
	TIME(created_at),
	TIME(expires_at),
	TIME(used_at),
	TEXT(used_by),
};

static const struct columns columns = { list, sizeof(list) / sizeof(list[0]) };

static const char from_find[] =
    " FROM pins WHERE customer_id = ?1 AND verifier <> '' ORDER BY created_at DESC LIMIT 1";

static const char sql_put[] =
    "INSERT INTO pins (id, customer_id, verifier, tries, created_at, expires_at, used_at, used_by)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET"
    " verifier = excluded.verifier, tries = excluded.tries, used_at = excluded.used_at, used_by = excluded.used_by";

static const char sql_retire[] = "UPDATE pins SET verifier = '' WHERE customer_id = ?1 AND verifier <> ''";

/* No PIN lives longer than the rows of a day. */
static const char sql_expire[] = "UPDATE pins SET verifier = '' WHERE expires_at < ?1 AND verifier <> ''";
static const char sql_forget[] = "DELETE FROM pins WHERE created_at < ?1";

static const char sql_issued[] =
    "SELECT created_at FROM pins WHERE customer_id = ?1 AND created_at > ?2 ORDER BY created_at DESC LIMIT 1 OFFSET ?3";

static const char sql_request_find[] = "SELECT count(*) FROM portal_requests WHERE nonce = ?1";
static const char sql_request_put[] = "INSERT INTO portal_requests (nonce, at) VALUES (?1, ?2)";
static const char sql_requests_forget[] = "DELETE FROM portal_requests WHERE at < ?1";

void
connection_prepare_pins(struct connection *connection)
{
	struct statements *s = &connection->s;

	if (connection->version < SCHEMA_VERSION)
		return;
	connection_prepare_select(connection, &columns, from_find, &s->pin_find);
	connection_prepare(connection, sql_put, &s->pin_put);
	connection_prepare(connection, sql_retire, &s->pins_retire);
	connection_prepare(connection, sql_expire, &s->pins_expire);
	connection_prepare(connection, sql_forget, &s->pins_forget);
	connection_prepare(connection, sql_issued, &s->pin_issued);
	connection_prepare(connection, sql_request_find, &s->request_find);
	connection_prepare(connection, sql_request_put, &s->request_put);
	connection_prepare(connection, sql_requests_forget, &s->requests_forget);
}

enum ledger_result
ledger_find_pin(struct ledger *ledger, const char *customer_id, struct ledger_pin *pin)
{
	struct statement *s = ledger_connection(ledger)->s.pin_find;
	enum ledger_result result = LEDGER_OK;
	enum statement_step step = STATEMENT_FAILED;

	memset(pin, 0, sizeof(*pin));
	statement_bind_text(s, 1, customer_id);
	step = statement_step(s);
	if (step == STATEMENT_DONE)
		result = LEDGER_NOT_FOUND;
	else if (step != STATEMENT_ROW)
		result = s->connection->engine->failure(s->connection, "read a PIN");
	else if (!columns_read(s, &columns, pin))
		result = statement_damaged(s, "a PIN");
	statement_reset(s);
	return result;
}

enum ledger_result
ledger_put_pin(struct ledger *ledger, const struct ledger_pin *pin)
{
	struct statement *s = ledger_connection(ledger)->s.pin_put;

	columns_bind(s, &columns, pin);
	return statement_write(s, "write a PIN");
}

enum ledger_result
ledger_retire_pins(struct ledger *ledger, const char *customer_id)
{
	struct statement *s = ledger_connection(ledger)->s.pins_retire;

	statement_bind_text(s, 1, customer_id);
	return statement_write(s, "retire PINs");
}

enum ledger_result
ledger_forget_pins(struct ledger *ledger, int64_t expired, int64_t created)
{
	struct statements *all = &ledger_connection(ledger)->s;
	struct statement *expire = all->pins_expire, *forget = all->pins_forget;
	enum ledger_result result = LEDGER_OK;

	statement_bind_long(expire, 1, expired);
	result = statement_write(expire, "expire PINs");
	if (result != LEDGER_OK)
		return result;
	statement_bind_long(forget, 1, created);
	return statement_write(forget, "forget PINs");
}

enum ledger_result
ledger_pin_issued(struct ledger *ledger, const char *customer_id, int newer, int64_t since, int64_t *at)
{
	struct statement *s = ledger_connection(ledger)->s.pin_issued;

	statement_bind_text(s, 1, customer_id);
	statement_bind_long(s, 2, since);
	statement_bind_long(s, 3, newer - 1);
	return statement_time(s, at);
}

enum ledger_result
ledger_take_request(struct ledger *ledger, const char *nonce, int64_t at, int64_t forget, bool *again)
{
	struct statements *all = &ledger_connection(ledger)->s;
	struct statement *find = all->request_find, *put = all->request_put, *old = all->requests_forget;
	int64_t times = 0;
	enum ledger_result result = LEDGER_OK;

	statement_bind_text(find, 1, nonce);
	result = statement_number(find, &times);
	*again = result != LEDGER_OK || times > 0;
	if (*again)
		return result;
	statement_bind_long(old, 1, forget);
	result = statement_write(old, "forget requests");
	if (result != LEDGER_OK)
		return result;
	statement_bind_text(put, 1, nonce);
	statement_bind_long(put, 2, at);
	return statement_write(put, "take a request down");
}
