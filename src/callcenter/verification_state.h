/*
 * verification_state: the state machine of a verification.
 *
 * Pure: a ledger row, the time and the limits in; what it means and what becomes
 * of it out.  What may be done with it is verification_may's to say.  Every
 * transition of a row is in this file's .c; many at once are closed by the ledger
 * (ledger_end_approvals, ledger_close_interaction, ledger_purge).
 *
 *   (none) --send--> pending --right code--> approved --time, end--> not verified
 *   pending: send again, wrong code (locked after checks_max), cancel, time
 *   any but one under way, locked or stopped --right PIN--> approved, in a new row
 *   the same --call-back asked for--> canceled, and a row that waits in the new contact
 *   the same --called back, if that is a proof--> approved, in a new row
 *   the same --link texted--> a row that waits for the customer's answer
 *   such a row, while it is the contact's latest --yes--> approved; within its time --no--> stopped
 *   pending --caller asked to key it in--> pending, and nobody else sends or checks until he has answered
 *   any: stopped by the caller's word, until a supervisor lifts it
 *   any but approved and stopped: overridden by a supervisor, for a time
 *   An operation is written down before Twilio is asked and taken off with
 *   the answer.  One that is found with its time run out, or whose answer was
 *   lost, makes the verification unclear: never approved, never forgotten.
 */
#ifndef CALLCENTER_VERIFICATION_STATE_H
#define CALLCENTER_VERIFICATION_STATE_H

#include "ledger/ledger.h"
#include "refusal.h"
#include "twilio/verify.h"

#include <stdbool.h>
#include <stdint.h>

/* A clock that is corrected by less than this is not one that was set back. */
#define VERIFICATION_CLOCK_STEP_MS 5000

/* No operation takes longer; one that claims to was written before the clock was set back. */
#define VERIFICATION_OPERATION_MAX_MS 120000

/* What the row means at a moment. */
enum verification_state {
	VERIFICATION_NOT_VERIFIED, /* nothing yet, or an approval that ran out */
	VERIFICATION_SENDING,
	VERIFICATION_PENDING,
	VERIFICATION_CHECKING,     /* or canceling */
	VERIFICATION_APPROVED,
	VERIFICATION_EXPIRED,
	VERIFICATION_LOCKED,
	VERIFICATION_CANCELED,
	VERIFICATION_UNCLEAR,
	VERIFICATION_STOPPED,
	VERIFICATION_OVERRIDDEN,
	VERIFICATION__MAX
};

struct verification_limits {
	int     checks_max;
	int     sends_max;
	int64_t code_valid_ms;
	int64_t verified_for_ms;
	int64_t operation_ms; /* the longest that an operation can take */
};

/* Who acts. */
struct verification_actor {
	const char *agent_id;
	const char *agent_name;
};

/* A row without an id stands for "no verification yet".  A row from the future is never good for anything. */
enum verification_state verification_state(const struct ledger_verification *v, int64_t now);

/* The state's word on the wire: "pending". */
const char *verification_state_word(enum verification_state state);

/*
 * Written at or before now, but for a correction of the clock?  A clock set back
 * must not make old things young.
 */
bool verification_past(int64_t at, int64_t now);

/* Does a send continue the row's verification?  Otherwise it begins a new one, in a new row. */
bool verification_continues(const struct ledger_verification *v, int64_t now);

/*
 * Writes down that an operation begins.  operation_id tells this one from
 * every other.  A send and a check are counted here, before Twilio is asked,
 * so that a crash never makes one free.
 */
void verification_begin(struct ledger_verification *v, enum ledger_operation operation, const char *operation_id,
    const struct verification_actor *actor, const struct verification_limits *limits, int64_t now);

/*
 * Ends the operation with Twilio's answer (used if result is TWILIO_OK) and
 * says what to tell the agent; REFUSAL_NONE is a code sent, a right code, a
 * code canceled.
 */
enum refusal verification_sent(struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer, const struct verification_actor *actor,
    const struct verification_limits *limits,
    int64_t now);
enum refusal verification_checked(struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer, const struct verification_limits *limits, int64_t now);
enum refusal verification_canceled(struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer);

/*
 * An unclear verification, and what Twilio says of it when asked again; its
 * SID too, if that was lost as well.  An approval counts from when it was asked
 * for.  "Approved" counts only if it was a check
 * whose answer was lost: then, and by whom, the caller's code was entered.
 */
void verification_settled(struct ledger_verification *v, enum twilio_result result, const struct verify_answer *answer,
    const struct verification_limits *limits, int64_t now);

/*
 * A row of which only PINs are tried, and not approved yet, is continued by the
 * next one; another needs a new row, which verification_begin_pins makes one of
 * PINs.  A wrong PIN while a code is out counts for that row, and locks it.
 */
bool verification_of_pins(const struct ledger_verification *v, int64_t now);
void verification_begin_pins(struct ledger_verification *v, const struct verification_limits *limits, int64_t now);
void verification_pin_right(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits, int64_t now);
void verification_pin_wrong(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits);

/*
 * A call-back: the code of the contact that is given up is canceled; a row of
 * that contact says that it was asked for, until when it is or is not made; and
 * the row that waits in the new contact, where verification_called_back
 * notes the call.  If that verifies the customer, there is a row of its own.
 */
void verification_given_up(struct ledger_verification *v);
void verification_call_back_asked(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now);
void verification_call_back_waits(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now);
void verification_called_back(struct ledger_verification *call_back, const struct verification_actor *actor,
    int64_t now);
void verification_by_call_back(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits, int64_t now);

/* Does the row say that a call-back of its contact is asked for, and may still come? */
bool verification_awaits_call_back(const struct ledger_verification *v, int64_t now);

/*
 * A link: the row of one that is texted, by actor; of one that was not sent
 * after all, or is taken back; and of one that the customer answered: yes, which
 * the agent who sent it counts as having checked, or no, where another row is
 * the one that is stopped.
 */
void verification_link_texted(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now);
void verification_link_taken_back(struct ledger_verification *link);
void verification_link_confirmed(struct ledger_verification *link, const struct verification_limits *limits,
    int64_t now);
void verification_link_denied(struct ledger_verification *link, const struct verification_actor *actor, int64_t now);

/* Does the row say that a link is out, and may still be answered? */
bool verification_awaits_tap(const struct ledger_verification *v, int64_t now);

/*
 * The caller keys the code in himself, while the agent stays on: he is asked to,
 * by an agent, until a time; what he keys in has to come with asking_id, which
 * each check makes another.  The note is kept with it.  It is over when he is
 * back with the agent; an approval keeps who asked him, and when.
 */
void verification_key_in_asked(struct ledger_verification *v, const struct verification_actor *actor,
    const char *asking_id, const char *note, int64_t until, int64_t now);
void verification_key_in_over(struct ledger_verification *v, int64_t now);

/* Is he being asked?  Is he back, and the code still out?  Was this row approved by what he keyed in? */
bool verification_awaits_key_in(const struct ledger_verification *v, int64_t now);
bool verification_was_not_keyed_in(const struct ledger_verification *v, int64_t now);
bool verification_keyed_in(const struct ledger_verification *v);

/* The decisions of people; each is allowed by its question above.  A stop overtakes an operation under way. */
void verification_stopped(struct ledger_verification *v, const struct verification_actor *actor, int64_t now);
void verification_ended(struct ledger_verification *v);
void verification_overridden(struct ledger_verification *v, const struct verification_actor *actor, const char *reason,
    int64_t until, int64_t now);
void verification_unlocked(struct ledger_verification *v);

/* Twilio sent a code for a verification that was stopped meanwhile; it has still to be canceled. */
void verification_sent_late(struct ledger_verification *v, const struct verify_answer *answer);

/*
 * A verification whose code was made useless because the number gets another
 * one.  If Twilio has it no more (TWILIO_NOT_FOUND), a check under way decides.
 */
void verification_superseded(struct ledger_verification *v, enum twilio_result result);

/* Checks left before the lock; sends left. */
int verification_checks_left(const struct ledger_verification *v, const struct verification_limits *limits);
int verification_sends_left(const struct ledger_verification *v, const struct verification_limits *limits);

#endif
