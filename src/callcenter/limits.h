/*
 * limits: how many codes may be sent and how many may be wrong, in a time.
 *
 * Counted in the ledger, so that no restart, other program, other thread,
 * other interaction or new code starts a count afresh.  What a verification
 * itself allows (Twilio's five sends and five checks) is verification_state's.
 */
#ifndef CALLCENTER_LIMITS_H
#define CALLCENTER_LIMITS_H

#include "ledger/ledger.h"
#include "refusal.h"

#include <stdint.h>

struct turn;

/*
 * May the turn's agent begin this operation for the turn's contact?  On a
 * refusal turn->opens_at says when it may.  Inside a transaction of the
 * ledger, which the operation's own event must join: then no two can slip
 * under a limit together.
 */
enum refusal limits_check(struct turn *turn, enum ledger_operation operation, int64_t now);

/*
 * Tells the turn how the limits of its number stand: turn->resend_at, and
 * whether and until when (opens_at; 0: for good) the number is locked.  Inside
 * a transaction.
 */
enum ledger_result limits_look(struct turn *turn, int64_t now);

#endif
