#include "lost_answer.h"

#include "audit.h"
#include "base/clock.h"
#include "limits.h"
#include "operation.h"
#include "turn.h"
#include "twilio/verify.h"
#include "twilio/verify_attempts.h"

#include <string.h>

/* How far Twilio's clock and ours may be apart. */
#define CLOCK_SKEW_MS 60000

static bool
unclear(const struct ledger_verification *v)
{
	return verification_state(v, clock_now_ms()) == VERIFICATION_UNCLEAR;
}

/*
 * What became of a verification whose answer was lost?  Twilio shows one that
 * is pending; one that was approved it forgets, but for its attempts.
 */
static enum twilio_result
find_out(struct turn *turn, struct verify_answer *answer)
{
	const struct ledger_verification *v = &turn->verification;
	const struct twilio *twilio = &turn->app->twilio;
	const char *to = contact_address_of(&turn->contact, v);
	char sid[TWILIO_SID_SIZE];
	bool converted = false;
	enum twilio_result result = TWILIO_OK;

	if (to == NULL)
		return TWILIO_NOT_FOUND;
	turn_copy(sid, sizeof(sid), v->verification_sid);
	/* Without a SID only sends were tried, and what was sent after the last one's time is another call's. */
	if (sid[0] == '\0')
		result = verify_attempts_find(twilio, to, v->created_at - CLOCK_SKEW_MS,
		    v->operation_until + CLOCK_SKEW_MS, turn->deadline_ms, sid, &turn->trace);
	if (result == TWILIO_OK)
		result = verify_fetch(twilio, sid, to, turn->deadline_ms, answer, &turn->trace);
	if (result != TWILIO_NOT_FOUND || v->checks == 0)
		return result;
	result = verify_attempts_converted(twilio, sid, to, turn->deadline_ms, &converted, &turn->trace);
	if (result != TWILIO_OK || !converted)
		return TWILIO_NOT_FOUND;
	answer->status = VERIFY_APPROVED;
	return TWILIO_OK;
}

/* On record for who asked Twilio, of whose wrong codes a right one is none. */
static bool
record(struct turn *turn, int64_t now)
{
	const struct ledger_verification *v = &turn->verification;
	bool approved = v->state == LEDGER_STATE_APPROVED;
	struct ledger_event event;

	audit_fill(turn, v, "settle", verification_state_word(verification_state(v, now)), &event);
	if (approved)
		turn_copy(event.agent_id, sizeof(event.agent_id), v->checked_by_id);
	event.failures = approved ? -1 : 0;
	return ledger_append(turn->app->ledger, &event) == LEDGER_OK;
}

struct settling {
	enum twilio_result   result;
	struct verify_answer answer;
};

/* Takes what Twilio said of an unclear verification, unless it changed meanwhile. */
static enum refusal
settle_locked(struct turn *turn, void *context, int64_t now)
{
	const struct ledger_verification before = turn->verification;
	const struct settling *settling = context;
	struct ledger_verification *v = &turn->verification;
	bool contested = false;

	if (operation_latest(turn, v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	/* A code that may be another call's is not this one's. */
	if (v->verification_sid[0] == '\0' &&
	    operation_contested(turn, v, settling->answer.sid, &contested) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (!unclear(v) || strcmp(v->operation_id, before.operation_id) != 0 || contested)
		return REFUSAL_NONE;
	verification_settled(v, settling->result, &settling->answer, &turn->app->limits, now);
	return ledger_put(turn->app->ledger, v) == LEDGER_OK && record(turn, now) &&
	    limits_look(turn, now) == LEDGER_OK ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

static enum refusal
settle(struct turn *turn)
{
	struct settling settling;
	enum refusal refusal = REFUSAL_NONE;

	memset(&settling, 0, sizeof(settling));
	settling.result = find_out(turn, &settling.answer);
	if (settling.result != TWILIO_OK)
		return REFUSAL_NONE;
	refusal = operation_locked(turn, settle_locked, &settling);
	turn->changed = refusal == REFUSAL_NONE;
	turn->looked = true; /* before it was settled */
	return refusal;
}

enum refusal
lost_answer_settle(struct turn *turn)
{
	return unclear(&turn->verification) ? settle(turn) : REFUSAL_NONE;
}
