/*
 * keypad: codes that callers key in themselves, so that no agent ever has them.
 *
 * On record they are checked by KEYPAD_ID, which is nobody's sign-in: an
 * agent's id is a worker's SID or begins with "user:".
 */
#ifndef CALLCENTER_KEYPAD_H
#define CALLCENTER_KEYPAD_H

#include "ledger/ledger.h"

#include <stdbool.h>

#define KEYPAD_ID   "call:keypad"
#define KEYPAD_NAME "Keypad"

/* The attribute of a task that says which call it was made of. */
#define KEYPAD_SEAL_KEY "flex_verify_call"

#define KEYPAD_SEAL_SIZE 65

struct turn;

/* Lets the caller of the turn be the one who acts.  He has no sign-in, so no data is ever released to him. */
void keypad_act(struct turn *turn);

/* Did the caller key in the code that this verification was approved by?  Did the call send it, too? */
bool keypad_checked(const struct ledger_verification *v);
bool keypad_before_agent(const struct ledger_verification *v);

/*
 * The seal of the turn's call: a keyed hash of its SID.  It goes to Twilio
 * with the call and comes back in the attributes of the task that is made of
 * it.  Who works with a task can write there, and so name another call; but not
 * with its seal, which no other task ever had.
 */
bool keypad_seal(const struct turn *turn, char seal[KEYPAD_SEAL_SIZE]);

/* Does the turn's task have the seal of its call? */
bool keypad_sealed(const struct turn *turn);

#endif
