#include "verification_may.h"

#include "strength.h"

#include <string.h>

enum refusal
verification_may_send(const struct ledger_verification *v, const struct verification_limits *limits, int64_t now)
{
	if (verification_awaits_key_in(v, now)) /* he would be looking for the wrong text */
		return REFUSAL_CALLER_KEYS_IN;
	switch (verification_state(v, now)) {
	case VERIFICATION_SENDING:
	case VERIFICATION_CHECKING:
		return REFUSAL_VERIFICATION_BUSY;
	case VERIFICATION_LOCKED:
		return REFUSAL_TOO_MANY_CHECKS;
	case VERIFICATION_PENDING:
	case VERIFICATION_UNCLEAR:
		return v->sends < limits->sends_max ? REFUSAL_NONE : REFUSAL_TOO_MANY_SENDS;
	case VERIFICATION_STOPPED:
		return REFUSAL_CONTACT_STOPPED;
	case VERIFICATION_NOT_VERIFIED:
	case VERIFICATION_APPROVED: /* verify once more, with a new code */
	case VERIFICATION_OVERRIDDEN:
	case VERIFICATION_EXPIRED:
	case VERIFICATION_CANCELED:
	case VERIFICATION__MAX:
		return REFUSAL_NONE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
verification_may_check(const struct ledger_verification *v, int64_t now)
{
	switch (verification_state(v, now)) {
	case VERIFICATION_PENDING:
		return REFUSAL_NONE;
	case VERIFICATION_SENDING:
	case VERIFICATION_CHECKING:
		return REFUSAL_VERIFICATION_BUSY;
	case VERIFICATION_APPROVED:
		return REFUSAL_ALREADY_APPROVED;
	case VERIFICATION_EXPIRED:
		return REFUSAL_CODE_EXPIRED;
	case VERIFICATION_LOCKED:
		return REFUSAL_TOO_MANY_CHECKS;
	case VERIFICATION_UNCLEAR:
		return REFUSAL_RESULT_UNCLEAR;
	case VERIFICATION_STOPPED:
		return REFUSAL_CONTACT_STOPPED;
	case VERIFICATION_NOT_VERIFIED:
	case VERIFICATION_CANCELED:
	case VERIFICATION_OVERRIDDEN:
	case VERIFICATION__MAX:
		return REFUSAL_NO_PENDING_CODE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
verification_may_cancel(const struct ledger_verification *v, int64_t now)
{
	enum refusal refusal = verification_may_check(v, now);

	/* A code that may be out can be made useless as soon as its SID is known. */
	if (refusal == REFUSAL_RESULT_UNCLEAR && v->verification_sid[0] != '\0')
		return REFUSAL_NONE;
	return refusal;
}

enum refusal
verification_may_try_pin(const struct ledger_verification *v, int64_t now)
{
	if (verification_awaits_key_in(v, now))
		return REFUSAL_CALLER_KEYS_IN;
	switch (verification_state(v, now)) {
	case VERIFICATION_SENDING:
	case VERIFICATION_CHECKING:
		return REFUSAL_VERIFICATION_BUSY;
	case VERIFICATION_LOCKED:
		return REFUSAL_TOO_MANY_CHECKS;
	case VERIFICATION_STOPPED:
		return REFUSAL_CONTACT_STOPPED;
	case VERIFICATION_NOT_VERIFIED:
	case VERIFICATION_PENDING:
	case VERIFICATION_APPROVED: /* another proof, or a fresh one */
	case VERIFICATION_OVERRIDDEN:
	case VERIFICATION_EXPIRED:
	case VERIFICATION_CANCELED:
	case VERIFICATION_UNCLEAR:
	case VERIFICATION__MAX:
		return REFUSAL_NONE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

/* What keeps a PIN from being tried keeps a call-back from being asked for: a lock is not got round by phone. */
enum refusal
verification_may_call_back(const struct ledger_verification *v, int64_t now)
{
	if (verification_awaits_call_back(v, now))
		return REFUSAL_CALLBACK_ASKED;
	return verification_may_try_pin(v, now);
}

enum refusal
verification_may_be_called_back(const struct ledger_verification *call_back, int64_t now)
{
	if (call_back->id[0] == '\0')
		return REFUSAL_NO_CALLBACK;
	if (call_back->decided_at != 0)
		return REFUSAL_CALLBACK_USED;
	return now < call_back->expires_at && verification_past(call_back->created_at, now) ? REFUSAL_NONE :
										 REFUSAL_CALLBACK_EXPIRED;
}

enum refusal
verification_may_text_link(const struct ledger_verification *v, int64_t now)
{
	return verification_may_try_pin(v, now);
}

/* A second asking would take the caller out of the first. */
enum refusal
verification_may_key_in(const struct ledger_verification *v, int64_t now)
{
	return verification_awaits_key_in(v, now) ? REFUSAL_CALLER_KEYS_IN : verification_may_check(v, now);
}

/* The agent's own stop closes it, too, but is no answer. */
static bool
link_used(const struct ledger_verification *link)
{
	return link->approved_at != 0 || (link->decided_at != 0 && strcmp(link->decided_by_id, TAP_ID) == 0);
}

enum refusal
verification_may_confirm_link(const struct ledger_verification *link, int64_t now)
{
	if (link_used(link))
		return REFUSAL_LINK_USED;
	return verification_awaits_tap(link, now) ? REFUSAL_NONE : REFUSAL_LINK_EXPIRED;
}

enum refusal
verification_may_deny_link(const struct ledger_verification *link, int64_t now)
{
	if (link_used(link))
		return REFUSAL_LINK_USED;
	return now < link->expires_at && verification_past(link->created_at, now) ? REFUSAL_NONE : REFUSAL_LINK_EXPIRED;
}

enum refusal
verification_may_stop(const struct ledger_verification *v, int64_t now)
{
	return verification_state(v, now) == VERIFICATION_STOPPED ? REFUSAL_CONTACT_STOPPED : REFUSAL_NONE;
}

enum refusal
verification_may_end(const struct ledger_verification *v, int64_t now)
{
	enum verification_state state = verification_state(v, now);

	return state == VERIFICATION_APPROVED || state == VERIFICATION_OVERRIDDEN ? REFUSAL_NONE :
										    REFUSAL_NOT_APPROVED;
}

enum refusal
verification_may_override(const struct ledger_verification *v, int64_t now)
{
	switch (verification_state(v, now)) {
	case VERIFICATION_SENDING:
	case VERIFICATION_CHECKING:
		return REFUSAL_VERIFICATION_BUSY;
	case VERIFICATION_APPROVED:
		return REFUSAL_ALREADY_APPROVED;
	case VERIFICATION_STOPPED:
		return REFUSAL_CONTACT_STOPPED;
	case VERIFICATION_NOT_VERIFIED:
	case VERIFICATION_PENDING:
	case VERIFICATION_EXPIRED:
	case VERIFICATION_LOCKED:
	case VERIFICATION_CANCELED:
	case VERIFICATION_UNCLEAR:
	case VERIFICATION_OVERRIDDEN:
	case VERIFICATION__MAX:
		return REFUSAL_NONE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
verification_may_unlock(const struct ledger_verification *v, bool number_locked, int64_t now)
{
	switch (verification_state(v, now)) {
	case VERIFICATION_SENDING:
	case VERIFICATION_CHECKING: /* what it counts would be counted on the wrong side */
		return REFUSAL_VERIFICATION_BUSY;
	case VERIFICATION_LOCKED:
	case VERIFICATION_STOPPED:
		return REFUSAL_NONE;
	case VERIFICATION_NOT_VERIFIED:
	case VERIFICATION_PENDING:
	case VERIFICATION_APPROVED:
	case VERIFICATION_EXPIRED:
	case VERIFICATION_CANCELED:
	case VERIFICATION_UNCLEAR:
	case VERIFICATION_OVERRIDDEN:
	case VERIFICATION__MAX:
		return number_locked ? REFUSAL_NONE : REFUSAL_NOT_LOCKED;
	}
	return REFUSAL_INTERNAL_ERROR;
}
