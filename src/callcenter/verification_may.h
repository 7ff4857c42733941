/*
 * verification_may: what may be done with a verification, by its state.
 *
 * Pure: a ledger row and the time in; REFUSAL_NONE or the refusal out.
 */
#ifndef CALLCENTER_VERIFICATION_MAY_H
#define CALLCENTER_VERIFICATION_MAY_H

#include "verification_state.h"

/* May a code be sent, a code be checked, the pending one be canceled? */
enum refusal verification_may_send(const struct ledger_verification *v, const struct verification_limits *limits,
    int64_t now);
enum refusal verification_may_check(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_cancel(const struct ledger_verification *v, int64_t now);

/*
 * May a PIN of the customer's portal be tried?  While a code is out, too: the
 * customer chooses what he reads out.
 */
enum refusal verification_may_try_pin(const struct ledger_verification *v, int64_t now);

/*
 * May the contact be given up for a call-back to the number on file?  May the
 * one that this row is be put on record, once and before it expires?
 */
enum refusal verification_may_call_back(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_be_called_back(const struct ledger_verification *call_back, int64_t now);

/*
 * May a link be texted?  It takes the place of a code that is out.  May the
 * link of this row be answered, once and before it expires?  A no counts also
 * when the link was canceled: who asks for that may be the one it is about.
 */
enum refusal verification_may_text_link(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_confirm_link(const struct ledger_verification *link, int64_t now);
enum refusal verification_may_deny_link(const struct ledger_verification *link, int64_t now);

/* May the caller be asked to key in the code that is out? */
enum refusal verification_may_key_in(const struct ledger_verification *v, int64_t now);

/* May the contact be stopped, an approval or override be ended, an override be made, a lock or stop be lifted? */
enum refusal verification_may_stop(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_end(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_override(const struct ledger_verification *v, int64_t now);
enum refusal verification_may_unlock(const struct ledger_verification *v, bool number_locked, int64_t now);

#endif
