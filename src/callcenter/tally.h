/*
 * tally: what came of a request, in numbers for a monitoring system.
 *
 * Counts codes, checks, limits and releases once per request, when it is known
 * what to tell the agent.  Who asked, and about whom, is the audit's to say.
 */
#ifndef CALLCENTER_TALLY_H
#define CALLCENTER_TALLY_H

#include "refusal.h"

struct turn;

/* Counts a turn that is over; refusal is what it ended with. */
void tally_count(const struct turn *turn, enum refusal refusal);

#endif
