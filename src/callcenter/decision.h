/*
 * decision: what people decide about a contact: the caller, that he did not
 * contact the company; an agent, that an approval is at an end; a supervisor,
 * that an agent may go on without proof, or that a lock is lifted.
 *
 * Each is judged and written in one transaction with an event that has the
 * reason, and counts from the moment it is written, for every agent and
 * program.  A decision never verifies anybody.
 */
#ifndef CALLCENTER_DECISION_H
#define CALLCENTER_DECISION_H

#include "refusal.h"

struct turn;

/* Closes the contact until a supervisor opens it; then cancels a pending code at Twilio, if Twilio can be asked. */
enum refusal decision_stop(struct turn *turn);

/* Ends the approvals and the override of the contact. */
enum refusal decision_end(struct turn *turn);

/* REFUSAL_OVERRIDE_OFF unless OVERRIDE=on. */
enum refusal decision_override_allowed(struct turn *turn);

/*
 * Lets the agent of the contact go on, for the fields reason and minutes.
 * Not by whom it is the own contact: who holds its task or began anything in
 * its interaction.  Nor does it ever show data to the one who made it.
 */
enum refusal decision_override(struct turn *turn);

/* Resolves the contact by the field task, or by reference: the beginning of a verification's id. */
enum refusal decision_find_locked(struct turn *turn);

/*
 * Opens the contact's number, if that or its verification is locked: wrong
 * codes count afresh from now.  Lifts a stop, which counts nothing afresh.
 * For the field reason, and not by who holds the task, or began anything for
 * it or its number within a day: else one person could go on guessing.
 */
enum refusal decision_unlock(struct turn *turn);

#endif
