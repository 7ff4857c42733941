#include "supervisor_view.h"

#include "answer.h"
#include "base/clock.h"
#include "base/json.h"
#include "limits.h"
#include "supervisor_figures.h"
#include "turn.h"

#include <string.h>

/* A day on which clocks are put back has 25 hours. */
#define RANGE_MAX_MS (25 * CLOCK_HOUR_MS)

#define DEFAULT_HOURS 8

struct range {
	int64_t from, to;
};

/* Rows in the making. */
struct rows {
	struct turn         look; /* as if the supervisor asked about the row's contact */
	struct json_object *list;
	int64_t             now;
	size_t              count, most;
	bool                only_closed; /* of the others none */
	bool                more;
	enum refusal        refusal;
};

/* ---- the time ---- */

static bool
read_time(const struct turn *turn, const char *name, int64_t otherwise, int64_t *at)
{
	const char *text = turn_field(turn, name);

	*at = otherwise;
	return text == NULL || clock_parse(text, at);
}

static enum refusal
read_range(const struct turn *turn, int64_t now, struct range *range)
{
	int64_t hour_end = now - now % CLOCK_HOUR_MS + CLOCK_HOUR_MS;

	if (!read_time(turn, "to", hour_end, &range->to) ||
	    !read_time(turn, "from", range->to - DEFAULT_HOURS * CLOCK_HOUR_MS, &range->from))
		return REFUSAL_INVALID_TIME;
	/* Each by itself, so that no difference of two overflows. */
	if (range->from < 0 || range->from >= range->to || range->to - range->from > RANGE_MAX_MS)
		return REFUSAL_INVALID_TIME;
	return REFUSAL_NONE;
}

/* ---- rows ---- */

/* As with every look at a contact: what its number's limits are counts, too. */
static enum refusal
look_at(struct rows *rows, const struct ledger_verification *v)
{
	struct turn *look = &rows->look;

	look->verification = *v;
	look->number_locked = false;
	look->opens_at = look->resend_at = 0;
	turn_copy(look->contact.interaction, sizeof(look->contact.interaction), v->interaction);
	turn_copy(look->contact.to_id, sizeof(look->contact.to_id), v->to_id);
	return limits_look(look, rows->now) == LEDGER_OK ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

static void
add_row(struct rows *rows)
{
	const struct ledger_verification *v = &rows->look.verification;
	struct json_object *row = json_new_object();
	char begun_at[CLOCK_ISO8601_SIZE];

	answer_add_state(row, &rows->look, rows->now);
	clock_format_ms(v->created_at, begun_at); /* rows are ordered by it */
	json_add_string(row, "begun_at", begun_at);
	json_add_string(row, "task", v->task_sid);
	json_add_string(row, "interaction", v->interaction);
	json_add_int(row, "sends", v->sends);
	json_add_int(row, "checks", v->checks);
	json_add_bool(row, "number_locked", rows->look.number_locked);
	json_append(rows->list, row);
}

static bool
is_closed(const struct rows *rows)
{
	enum verification_state state = answer_state(&rows->look, rows->now);

	return rows->look.number_locked || state == VERIFICATION_LOCKED || state == VERIFICATION_STOPPED;
}

/* A ledger_verification_visitor. */
static bool
take_row(void *context, const struct ledger_verification *v)
{
	struct rows *rows = context;

	if (rows->count == rows->most) {
		rows->more = true;
		return false;
	}
	rows->refusal = look_at(rows, v);
	if (rows->refusal != REFUSAL_NONE)
		return false;
	if (rows->only_closed && !is_closed(rows))
		return true;
	rows->count++;
	add_row(rows);
	return true;
}

static void
begin_rows(struct rows *rows, const struct turn *turn, int64_t now, size_t most)
{
	memset(rows, 0, sizeof(*rows));
	rows->look.app = turn->app;
	rows->look.agent = turn->agent;
	rows->list = json_new_array();
	rows->now = now;
	rows->most = most;
}

/* Whatever became of them, the rows go where they belong. */
static enum refusal
end_rows(struct rows *rows, enum ledger_result result, struct json_object *view, const char *name)
{
	json_add(view, name, rows->list);
	if (rows->refusal != REFUSAL_NONE)
		return rows->refusal;
	if (result != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

static enum refusal
add_latest(const struct turn *turn, struct json_object *view, const struct range *range, int64_t now)
{
	struct rows rows;
	enum refusal refusal = REFUSAL_NONE;

	begin_rows(&rows, turn, now, SUPERVISOR_VIEW_ROWS_MAX);
	refusal = end_rows(&rows,
	    ledger_each_contact(turn->app->ledger, range->from, range->to, take_row, &rows), view, "verifications");
	json_add_bool(view, "more", rows.more);
	return refusal;
}

static void
take_smaller(int *least, int most)
{
	if (most > 0 && most < *least)
		*least = most;
}

/* Fewer wrong codes than this close nothing. */
static int
fewest_that_lock(const struct settings *settings)
{
	int least = settings->checks_max;

	take_smaller(&least, settings->failures_per_number_hour);
	take_smaller(&least, settings->failures_per_number_day);
	take_smaller(&least, settings->failures_in_a_row);
	return least;
}

static enum refusal
add_closed(const struct turn *turn, struct json_object *view, int64_t now)
{
	const int least = fewest_that_lock(&turn->app->settings);
	struct rows rows;
	enum ledger_result result = LEDGER_OK;

	begin_rows(&rows, turn, now, SUPERVISOR_VIEW_CLOSED_MAX);
	rows.only_closed = true;
	result = ledger_each_closable(turn->app->ledger, now - CLOCK_DAY_MS, least, take_row, &rows);
	return end_rows(&rows, result, view, "closed");
}

/* ---- the whole ---- */

/* Inside a transaction. */
static enum refusal
read_all(const struct turn *turn, struct json_object *view, const struct range *range, int64_t now)
{
	const char *figures = turn_field(turn, "figures");
	enum refusal refusal = add_latest(turn, view, range, now);

	if (refusal == REFUSAL_NONE)
		refusal = add_closed(turn, view, now);
	if (refusal == REFUSAL_NONE && (figures == NULL || strcmp(figures, "no") != 0))
		refusal = supervisor_figures(turn, view, range->from, range->to);
	return refusal;
}

static void
add_rules(const struct turn *turn, struct json_object *view)
{
	const struct settings *settings = &turn->app->settings;

	json_add_string(view, "you", turn->agent.name);
	if (settings->override_allowed)
		json_add_int(view, "override_max_minutes", settings->override_max_minutes);
}

enum refusal
supervisor_view(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	struct range range;
	int64_t now = clock_now_ms();
	enum refusal refusal = read_range(turn, now, &range);

	if (refusal != REFUSAL_NONE)
		return refusal;
	turn->view = json_new_object();
	add_rules(turn, turn->view);
	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = read_all(turn, turn->view, &range, now);
	ledger_rollback(ledger);
	return refusal == REFUSAL_NONE && !json_complete(turn->view) ? REFUSAL_INTERNAL_ERROR : refusal;
}
