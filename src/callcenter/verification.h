/*
 * verification: sends codes and checks them.
 *
 * Each act goes through operation: ledger, Twilio, ledger.  The rules are in
 * verification_state.
 */
#ifndef CALLCENTER_VERIFICATION_H
#define CALLCENTER_VERIFICATION_H

#include "ledger/ledger.h"
#include "refusal.h"

struct turn;

/* Sends a code, or the pending one once more, by the channel and in the language that the fields name. */
enum refusal verification_start(struct turn *turn);

/* Makes the pending code unusable. */
enum refusal verification_cancel(struct turn *turn);

/*
 * Cancels at Twilio the code of the turn's verification if the ledger says
 * that it has still to be; as long as Twilio cannot be asked it goes on to say
 * so, and the next code for the number does it first.
 */
void verification_withdraw(struct turn *turn);

/* The same of a code that was given up for another way, while the turn's verification is that way's. */
void verification_withdraw_given_up(struct turn *turn, const struct ledger_verification *given_up);

/*
 * Is the field verification_code the code that was sent or, with the field
 * channel=pin, the customer's PIN?  REFUSAL_NONE: yes, and it is on record.
 */
enum refusal verification_check(struct turn *turn);

/* Reads the contact's verification into the turn; asks Twilio only about one whose answer was lost. */
enum refusal verification_look(struct turn *turn);

#endif
