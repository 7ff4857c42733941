#include "supervisor_figures.h"

#include "audit_figures.h"
#include "base/clock.h"
#include "base/json.h"
#include "turn.h"

#include <string.h>

#define HOURS_MAX 25

/* The last one is of the whole range. */
struct hours {
	struct audit_figures figures[HOURS_MAX + 1];
	struct audit_figures *total;
	size_t                count;
	int64_t               from, to;
	struct audit_course   course; /* the one being read */
};

/* NULL: not in the range. */
static struct audit_figures *
hour_of(struct hours *hours, int64_t at)
{
	return at < hours->from || at >= hours->to ? NULL : &hours->figures[(at - hours->from) / CLOCK_HOUR_MS];
}

static void
count_course(struct hours *hours)
{
	struct audit_figures *hour = hour_of(hours, hours->course.begun_at);

	if (hour == NULL)
		return;
	audit_figures_count(hour, &hours->course);
	audit_figures_count(hours->total, &hours->course);
}

/* A ledger_visitor for LEDGER_BY_VERIFICATION. */
static bool
take_event(void *context, const struct ledger_record *record)
{
	struct hours *hours = context;
	struct audit_figures *hour = hour_of(hours, record->event.at);

	if (!audit_course_is_of(&hours->course, &record->event)) {
		count_course(hours);
		audit_course_begin(&hours->course, &record->event);
	}
	audit_course_add(&hours->course, &record->event);
	if (hour != NULL) {
		audit_figures_count_decision(hour, &record->event);
		audit_figures_count_decision(hours->total, &record->event);
	}
	return true;
}

static void
begin(struct hours *hours, int64_t from, int64_t to)
{
	memset(hours, 0, sizeof(*hours));
	hours->from = from;
	hours->to = to;
	for (int64_t at = from; at < to && hours->count < HOURS_MAX; at += CLOCK_HOUR_MS)
		audit_figures_init(&hours->figures[hours->count++], at,
		    at + CLOCK_HOUR_MS < to ? at + CLOCK_HOUR_MS : to);
	hours->total = &hours->figures[hours->count];
	audit_figures_init(hours->total, from, to);
}

static void
add_within(struct json_object *object, const struct audit_figures *f)
{
	int64_t time_ms = audit_figures_within(f, 50);

	if (time_ms < 0)
		json_add_null(object, "median_seconds");
	else
		json_add_decimal(object, "median_seconds", (double)time_ms / 1000, 1);
}

static void
add_pass_rate(struct json_object *object, const struct audit_figures *f)
{
	if (f->begun == 0)
		json_add_null(object, "pass_rate");
	else
		json_add_decimal(object, "pass_rate", (double)f->approved / (double)f->begun, 4);
}

static void
fill(struct json_object *object, const struct audit_figures *f)
{
	char from[CLOCK_ISO8601_SIZE], to[CLOCK_ISO8601_SIZE];

	clock_format(f->from, from);
	clock_format(f->to, to);
	json_add_string(object, "from", from);
	json_add_string(object, "to", to);
	json_add_int(object, "begun", f->begun);
	json_add_int(object, "approved", f->approved);
	add_pass_rate(object, f);
	add_within(object, f);
	json_add_int(object, "codes", f->codes);
	json_add_int(object, "wrong_codes", f->wrong_codes);
	json_add_int(object, "locks", f->locks);
	json_add_int(object, "overrides", f->overrides);
	json_add_int(object, "stops", f->stops);
	json_add_int(object, "unlocks", f->unlocks);
}

/* NULL without memory. */
static struct json_object *
written(struct audit_figures *figures)
{
	struct json_object *object = NULL;

	if (!audit_figures_end(figures))
		return NULL;
	object = json_new_object();
	fill(object, figures);
	return object;
}

static void
write_all(struct hours *hours, struct json_object *view)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < hours->count; i++)
		json_append(list, written(&hours->figures[i]));
	json_add(view, "hours", list);
	json_add(view, "total", written(hours->total));
}

/*
 * A verification that began in the range may have been approved after it, and
 * one that was sent again in the range may have begun before: no code lives
 * longer than the time read besides.
 */
enum refusal
supervisor_figures(const struct turn *turn, struct json_object *view, int64_t from, int64_t to)
{
	const int64_t life = turn->app->limits.code_valid_ms + VERIFICATION_OPERATION_MAX_MS;
	struct hours hours;
	enum refusal refusal = REFUSAL_NONE;

	begin(&hours, from, to);
	if (ledger_each_within(turn->app->ledger, from - life, to + life, take_event, &hours) != LEDGER_OK)
		refusal = REFUSAL_LEDGER_UNAVAILABLE;
	count_course(&hours);
	if (refusal == REFUSAL_NONE)
		write_all(&hours, view);
	for (size_t i = 0; i <= hours.count; i++)
		audit_figures_free(&hours.figures[i]);
	return refusal;
}
