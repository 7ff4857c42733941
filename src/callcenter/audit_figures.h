/*
 * audit_figures: how verification goes, counted from the events on record.
 *
 * All figures are about the verifications whose first code was asked for in a
 * range of time, with what came of them since, also after its end: so no
 * verification is half counted.
 */
#ifndef CALLCENTER_AUDIT_FIGURES_H
#define CALLCENTER_AUDIT_FIGURES_H

#include "ledger/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The events of one verification, as far as they were seen. */
struct audit_course {
	char    id[LEDGER_ID_SIZE];
	int64_t begun_at, sent_at, approved_at; /* the first time of each; 0: never */
	int64_t codes, wrong_codes, locks, releases;
};

struct audit_figures {
	int64_t from, to;    /* Unix milliseconds; to is the first moment that does not belong */
	int64_t begun;       /* verifications */
	int64_t sent;        /* those with a code that was sent for certain */
	int64_t approved;
	int64_t codes;       /* codes sent, those included whose answer was lost */
	int64_t wrong_codes;
	int64_t locks;       /* times that wrong codes closed a verification or a number */
	int64_t releases;    /* times that customer data was handed out */

	/* What people decided, in the range itself, whatever it was about. */
	int64_t stops;               /* contacts that callers said were not with the company */
	int64_t overrides;           /* times that a supervisor let an agent go on without proof */
	int64_t overridden_releases; /* times that customer data was handed out so */
	int64_t unlocks;

	int64_t *times_ms;   /* from the first code sent to the approval, in order after audit_figures_end */
	size_t   time_count;

	size_t              time_room;
	struct audit_course course; /* the one being read */
	bool                failed; /* no memory */
};

void audit_figures_init(struct audit_figures *figures, int64_t from, int64_t to);

/* A ledger_visitor for LEDGER_BY_VERIFICATION, with the figures as its context. */
bool audit_figures_add(void *figures, const struct ledger_record *record);

/*
 * The parts of it, for who counts into several figures: the events of a
 * verification make its course, in their order; a whole course is counted, if
 * it began in the range; and so is each event that is a decision.
 */
bool audit_course_is_of(const struct audit_course *course, const struct ledger_event *event);
void audit_course_begin(struct audit_course *course, const struct ledger_event *event);
void audit_course_add(struct audit_course *course, const struct ledger_event *event);
void audit_figures_count(struct audit_figures *figures, const struct audit_course *course);
void audit_figures_count_decision(struct audit_figures *figures, const struct ledger_event *event);

/* After the last event; false if something was lost for want of memory. */
bool audit_figures_end(struct audit_figures *figures);

/* The time within which so many percent of the approved ones were; -1 if there are none. */
int64_t audit_figures_within(const struct audit_figures *figures, int percent);

void audit_figures_free(struct audit_figures *figures);

#endif
