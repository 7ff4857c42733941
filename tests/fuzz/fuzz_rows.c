/*
 * The ledger's rows, as a database could hand them out that somebody else
 * wrote into.  Input: the time, of some year, and a row, one column a line: t and
 * a text, n and a number.  Whatever it is: a row that is not whole is known as such, its
 * texts fit, its words are words, and it is good for nothing outside its time.
 */
#include "callcenter/verification_may.h"
#include "ledger/ledger_columns.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 40

struct row {
	char  *columns[COLUMNS_MAX];
	size_t count;
};

static const char *
column(const struct statement *statement, int index, char kind)
{
	const struct row *row = statement->own;

	if (index < 0 || (size_t)index >= row->count || row->columns[index][0] != kind)
		return NULL;
	return row->columns[index] + 1;
}

static const char *
read_text(struct statement *statement, int index)
{
	return column(statement, index, 't');
}

static bool
read_number(struct statement *statement, int index, int64_t *number)
{
	const char *text = column(statement, index, 'n');

	if (text != NULL)
		*number = (int64_t)strtoll(text, NULL, 10);
	return text != NULL;
}

static void
take_row(struct input *input, struct row *row)
{
	char *text = input_text(input);
	struct input lines = { .at = text, .end = text + strlen(text) };

	for (row->count = 0; row->count < COLUMNS_MAX && lines.at < lines.end; row->count++)
		row->columns[row->count] = input_line(&lines);
	free(text);
}

#define FITS(member) property(strnlen(v->member, sizeof(v->member)) < sizeof(v->member), #member " fits into its place")

static void
check_members(const struct ledger_verification *v)
{
	FITS(id);
	FITS(interaction);
	FITS(to_id);
	FITS(to_mask);
	FITS(customer_id);
	FITS(task_sid);
	FITS(channel);
	FITS(verification_sid);
	FITS(operation_id);
	FITS(sent_by_id);
	FITS(sent_by_name);
	FITS(checked_by_id);
	FITS(checked_by_name);
	FITS(decided_by_id);
	FITS(decided_by_name);
	FITS(reason);
	property(v->state < LEDGER_STATE__MAX, "a state is one");
	property(v->lost < LEDGER_OPERATION__MAX && v->operation < LEDGER_OPERATION__MAX, "an operation is one");
}

static void
check_state(const struct ledger_verification *v, int64_t now)
{
	static const struct verification_limits limits = { 5, 5, 600000, 900000, 20000 };
	enum verification_state state = verification_state(v, now);

	property(state < VERIFICATION__MAX && verification_state_word(state)[0] != '\0', "a state has a word");
	if (state == VERIFICATION_APPROVED)
		property(v->id[0] != '\0' && v->state == LEDGER_STATE_APPROVED && now < v->approved_until &&
			v->approved_at <= now + VERIFICATION_CLOCK_STEP_MS,
		    "an approval is good in its time, and only then");
	if (state == VERIFICATION_OVERRIDDEN)
		property(v->id[0] != '\0' && v->state == LEDGER_STATE_OVERRIDDEN && now < v->decided_until,
		    "an override is good in its time, and only then");
	if (verification_may_check(v, now) == REFUSAL_NONE)
		property(state == VERIFICATION_PENDING, "a code is checked while one is out, and only then");
	if (verification_may_end(v, now) == REFUSAL_NONE)
		property(state == VERIFICATION_APPROVED || state == VERIFICATION_OVERRIDDEN,
		    "what is ended was there");
	if (state == VERIFICATION_STOPPED)
		property(verification_may_send(v, &limits, now) != REFUSAL_NONE, "what is stopped sends nothing");
	property(verification_checks_left(v, &limits) >= 0 && verification_sends_left(v, &limits) >= 0,
	    "what is left is not less than nothing");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct engine engine = { .text = read_text, .number = read_number };
	struct input input = input_of(data, size);
	struct connection *connection = calloc(1, sizeof(*connection));
	char *time = input_text(&input);
	int64_t now = llabs(strtoll(time, NULL, 10) % COLUMN_TIME_MAX);
	struct row row;
	struct statement statement = { .connection = connection, .own = &row };
	struct ledger_verification v;

	if (connection == NULL)
		abort();
	connection->engine = &engine;
	take_row(&input, &row);
	memset(&v, 0xa5, sizeof(v));
	if (columns_read(&statement, verification_columns(), &v))
		property(row.count >= verification_columns()->count, "a row that is whole has all its columns");
	check_members(&v);
	check_state(&v, now);
	for (size_t i = 0; i < row.count; i++)
		free(row.columns[i]);
	free(time);
	free(connection);
	return 0;
}
