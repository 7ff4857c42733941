/*
 * legs: the customers' legs of the calls that are tasks, and the conferences
 * that they and the agents are in.  All functions want the lock held.
 */
#ifndef SANDBOX_LEGS_H
#define SANDBOX_LEGS_H

#include "state.h"

/* A leg for a new task of a call; NULL: there is no room. */
struct sandbox_leg *legs_add(struct sandbox *sandbox, const char *task_sid, const char *call_sid, int number);
void                legs_forget(struct sandbox *sandbox);

/* By the call's SID, the customer's; the last one. */
struct sandbox_leg *legs_find(struct sandbox *sandbox, const char *call_sid);

/* The leg whose agent has this call for his own; NULL if there is none. */
struct sandbox_leg *legs_of_worker(struct sandbox *sandbox, const char *call_sid);

/* Is an agent in the leg's conference? */
bool legs_has_conference(const struct sandbox *sandbox, const struct sandbox_leg *leg);

/* Is the leg in it, too? */
bool legs_in_conference(const struct sandbox *sandbox, const struct sandbox_leg *leg);

/*
 * The leg does what a document says from now on.  Left without
 * EndConferenceOnExit=false, the conference is over, and the agent wraps up.
 * False: no memory.
 */
bool legs_redirect(struct sandbox *sandbox, struct sandbox_leg *leg, const char *twiml);

/* The leg dials into the conference; false: that is over, and it is in another one, alone. */
bool legs_join(struct sandbox *sandbox, struct sandbox_leg *leg, const char *name, bool ends);

void legs_hang_up(struct sandbox *sandbox, struct sandbox_leg *leg);

/* The conference is over, with whoever is in it. */
void legs_end_conference(struct sandbox *sandbox, struct sandbox_leg *leg);

#endif
