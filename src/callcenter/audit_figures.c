#include "audit_figures.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024

void
audit_figures_init(struct audit_figures *figures, int64_t from, int64_t to)
{
	*figures = (struct audit_figures){ .from = from, .to = to };
}

static void
add_time(struct audit_figures *figures, int64_t time_ms)
{
	size_t room = figures->time_room == 0 ? FIRST_ROOM : 2 * figures->time_room;
	int64_t *times = NULL;

	if (figures->time_count == figures->time_room) {
		times = reallocarray(figures->times_ms, room, sizeof(*times));
		if (times == NULL) {
			figures->failed = true;
			return;
		}
		figures->times_ms = times;
		figures->time_room = room;
	}
	figures->times_ms[figures->time_count++] = time_ms;
}

void
audit_figures_count(struct audit_figures *figures, const struct audit_course *course)
{
	if (course->begun_at == 0 || course->begun_at < figures->from || course->begun_at >= figures->to)
		return;
	figures->begun++;
	figures->sent += course->sent_at != 0;
	figures->approved += course->approved_at != 0;
	figures->codes += course->codes;
	figures->wrong_codes += course->wrong_codes;
	figures->locks += course->locks;
	figures->releases += course->releases;
	if (course->sent_at != 0 && course->approved_at != 0)
		add_time(figures, course->approved_at - course->sent_at);
}

static void
set_first(int64_t *first, bool is_so, int64_t at)
{
	if (is_so && *first == 0)
		*first = at;
}

void
audit_figures_count_decision(struct audit_figures *figures, const struct ledger_event *event)
{
	if (event->at < figures->from || event->at >= figures->to)
		return;
	figures->stops += strcmp(event->outcome, "stopped") == 0;
	figures->overrides += strcmp(event->outcome, "overridden") == 0;
	figures->overridden_releases += strcmp(event->outcome, "released_overridden") == 0;
	figures->unlocks += strcmp(event->outcome, "unlocked") == 0 || strcmp(event->outcome, "stop_lifted") == 0;
}

bool
audit_course_is_of(const struct audit_course *course, const struct ledger_event *event)
{
	return strcmp(course->id, event->verification) == 0;
}

void
audit_course_begin(struct audit_course *course, const struct ledger_event *event)
{
	memset(course, 0, sizeof(*course));
	memcpy(course->id, event->verification, sizeof(course->id));
}

void
audit_course_add(struct audit_course *course, const struct ledger_event *event)
{
	bool start = strcmp(event->action, "start") == 0, pin = strcmp(event->action, "check_pin") == 0;
	bool link = strcmp(event->action, "text_link") == 0, call = strcmp(event->action, "called_back") == 0;
	bool approved = strcmp(event->outcome, "approved") == 0;

	/* A call-back is begun by the row that asked for it; the one that it verifies has its approval alone. */
	set_first(&course->begun_at, ((start || pin || link) && strcmp(event->outcome, "begun") == 0) ||
	    (call && approved), event->at);
	set_first(&course->sent_at, (start && strcmp(event->outcome, "code_sent") == 0) ||
	    (link && strcmp(event->outcome, "link_sent") == 0), event->at);
	set_first(&course->approved_at, approved, event->at);
	course->codes += event->sends;
	course->wrong_codes += strcmp(event->outcome, "wrong_code") == 0;
	course->locks += strcmp(event->outcome, "locked") == 0 || strcmp(event->outcome, "number_locked") == 0;
	course->releases += strcmp(event->outcome, "released") == 0;
}

bool
audit_figures_add(void *context, const struct ledger_record *record)
{
	struct audit_figures *figures = context;
	const struct ledger_event *event = &record->event;

	if (!audit_course_is_of(&figures->course, event)) {
		audit_figures_count(figures, &figures->course);
		audit_course_begin(&figures->course, event);
	}
	audit_course_add(&figures->course, event);
	audit_figures_count_decision(figures, event);
	return !figures->failed;
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

bool
audit_figures_end(struct audit_figures *figures)
{
	audit_figures_count(figures, &figures->course);
	if (figures->time_count > 0)
		qsort(figures->times_ms, figures->time_count, sizeof(figures->times_ms[0]), compare);
	return !figures->failed;
}

int64_t
audit_figures_within(const struct audit_figures *figures, int percent)
{
	size_t rank = (figures->time_count * (size_t)percent + 99) / 100;

	return figures->time_count == 0 ? -1 : figures->times_ms[rank == 0 ? 0 : rank - 1];
}

void
audit_figures_free(struct audit_figures *figures)
{
	free(figures->times_ms);
	audit_figures_init(figures, 0, 0);
}
