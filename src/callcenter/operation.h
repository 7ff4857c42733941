/*
 * operation: the frame around every act at Twilio: ledger, Twilio, ledger.
 *
 * An act is judged and written down before Twilio is asked, and written down
 * again with its outcome, so that a process may die at any moment and no
 * answer is ever guessed.
 */
#ifndef CALLCENTER_OPERATION_H
#define CALLCENTER_OPERATION_H

#include "ledger/ledger.h"
#include "refusal.h"
#include "twilio/verify.h"

#include <stdbool.h>

struct turn;

/*
 * May it begin?  Then it is on record, and turn->verification is its row.
 * channel: how a code is to be sent; NULL for what sends none.
 */
enum refusal operation_begin(struct turn *turn, enum ledger_operation operation, const char *channel);

/*
 * Puts Twilio's answer on record and says what to tell the agent.  What is not
 * on disk has not happened: then turn->verification stays as it was.
 */
enum refusal operation_finish(struct turn *turn, enum twilio_result result, const struct verify_answer *answer);

/*
 * Runs a step of an act, with its own context, in a transaction of its own that
 * writes: what is not on disk has not happened, and turn->verification is then
 * what it was; if the step has run, turn->looked is false.
 */
typedef enum refusal operation_step(struct turn *turn, void *context, int64_t now);
enum refusal operation_locked(struct turn *turn, operation_step *step, void *context);

/*
 * Inside a transaction, after limits_look: if this wrong code locked the
 * verification, or the number, that goes on record.
 */
bool operation_record_lock(const struct turn *turn, enum refusal refusal);

/* Inside a transaction: the contact's latest row; one without an id if there is none. */
enum ledger_result operation_latest(const struct turn *turn, struct ledger_verification *v);

/*
 * Inside a transaction: reads that row into the turn, and if the number is
 * locked; false if the ledger fails.
 */
bool operation_look(struct turn *turn, int64_t now);

/* Makes v a new row of the contact's, about a code by the channel or (NULL) about none; false: no random numbers. */
bool operation_new_row(const struct turn *turn, const char *channel, struct ledger_verification *v);

/*
 * Inside a transaction: a verification of the contact's number, of whatever
 * interaction but not the turn's own, that Twilio may still hold a code for;
 * one without an id if there is none.
 */
enum ledger_result operation_other_open(const struct turn *turn, int64_t now, struct ledger_verification *other);

/*
 * Inside a transaction: a verification at Twilio that our row has not named
 * yet, as its own send's answer was lost: may it be another row's?
 */
enum ledger_result operation_contested(const struct turn *turn, const struct ledger_verification *v,
    const char *verification_sid, bool *contested);

#endif
