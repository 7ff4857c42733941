#include "verification_state.h"

#include "strength.h"

#include <stdio.h>
#include <string.h>

bool
verification_past(int64_t at, int64_t now)
{
	return at <= now + VERIFICATION_CLOCK_STEP_MS;
}

static enum verification_state
operation_state(const struct ledger_verification *v, bool code_valid, int64_t now)
{
	if (now < v->operation_until && v->operation_until - now <= VERIFICATION_OPERATION_MAX_MS)
		return v->operation == LEDGER_OPERATION_SEND ? VERIFICATION_SENDING : VERIFICATION_CHECKING;
	return code_valid ? VERIFICATION_UNCLEAR : VERIFICATION_EXPIRED;
}

enum verification_state
verification_state(const struct ledger_verification *v, int64_t now)
{
	bool code_valid = now < v->expires_at && verification_past(v->created_at, now);

	if (v->id[0] == '\0')
		return VERIFICATION_NOT_VERIFIED;
	if (v->operation != LEDGER_OPERATION_NONE)
		return operation_state(v, code_valid, now);
	switch (v->state) {
	case LEDGER_STATE_PENDING:
		return code_valid ? VERIFICATION_PENDING : VERIFICATION_EXPIRED;
	case LEDGER_STATE_APPROVED:
		return now < v->approved_until && verification_past(v->approved_at, now) ? VERIFICATION_APPROVED :
									      VERIFICATION_NOT_VERIFIED;
	case LEDGER_STATE_LOCKED:
		return code_valid ? VERIFICATION_LOCKED : VERIFICATION_EXPIRED;
	case LEDGER_STATE_UNCLEAR:
		return code_valid ? VERIFICATION_UNCLEAR : VERIFICATION_EXPIRED;
	case LEDGER_STATE_CANCELED:
		return VERIFICATION_CANCELED;
	case LEDGER_STATE_EXPIRED:
		return VERIFICATION_EXPIRED;
	case LEDGER_STATE_STOPPED:
		return VERIFICATION_STOPPED;
	case LEDGER_STATE_OVERRIDDEN:
		return now < v->decided_until && verification_past(v->decided_at, now) ? VERIFICATION_OVERRIDDEN :
									    VERIFICATION_NOT_VERIFIED;
	case LEDGER_STATE_NEW:
	case LEDGER_STATE__MAX:
		return VERIFICATION_NOT_VERIFIED;
	}
	return VERIFICATION_NOT_VERIFIED;
}

const char *
verification_state_word(enum verification_state state)
{
	static const char *const words[VERIFICATION__MAX] = {
		[VERIFICATION_NOT_VERIFIED] = "not_verified",
		[VERIFICATION_SENDING] = "sending",
		[VERIFICATION_PENDING] = "pending",
		[VERIFICATION_CHECKING] = "checking",
		[VERIFICATION_APPROVED] = "approved",
		[VERIFICATION_EXPIRED] = "expired",
		[VERIFICATION_LOCKED] = "locked",
		[VERIFICATION_CANCELED] = "canceled",
		[VERIFICATION_UNCLEAR] = "unclear",
		[VERIFICATION_STOPPED] = "stopped",
		[VERIFICATION_OVERRIDDEN] = "overridden",
	};

	return words[state];
}

bool
verification_continues(const struct ledger_verification *v, int64_t now)
{
	enum verification_state state = verification_state(v, now);

	return state == VERIFICATION_PENDING || state == VERIFICATION_UNCLEAR;
}

/* A lost check weighs more than a lost send: Twilio may have approved it. */
static void
lose(struct ledger_verification *v, enum ledger_operation operation)
{
	v->state = LEDGER_STATE_UNCLEAR;
	if (v->lost != LEDGER_OPERATION_CHECK)
		v->lost = operation;
}

static void
settle_as(struct ledger_verification *v, enum ledger_state state)
{
	v->state = state;
	v->lost = LEDGER_OPERATION_NONE;
}

void
verification_begin(struct ledger_verification *v, enum ledger_operation operation, const char *operation_id,
    const struct verification_actor *actor, const struct verification_limits *limits, int64_t now)
{
	if (v->operation != LEDGER_OPERATION_NONE) /* one that never reported back */
		lose(v, v->operation);
	v->operation = operation;
	v->operation_until = now + limits->operation_ms;
	snprintf(v->operation_id, sizeof(v->operation_id), "%s", operation_id);
	if (operation == LEDGER_OPERATION_SEND)
		v->sends++;
	if (operation == LEDGER_OPERATION_CHECK) {
		if (!verification_awaits_key_in(v, now)) /* the agent's; what the caller was asked before is past */
			v->decided_at = 0;
		v->checks++;
		snprintf(v->checked_by_id, sizeof(v->checked_by_id), "%s", actor->agent_id);
		snprintf(v->checked_by_name, sizeof(v->checked_by_name), "%s", actor->agent_name);
	}
	if (v->created_at == 0) {
		v->created_at = now;
		v->expires_at = now + limits->code_valid_ms;
	}
}

/* Twilio had forgotten the verification we meant to continue and began another: a new code, with a life of its own. */
static void
restart(struct ledger_verification *v, const struct verification_limits *limits, int64_t now)
{
	v->sends = 1;
	v->checks = 0;
	v->created_at = now;
	v->expires_at = now + limits->code_valid_ms;
}

static enum refusal
code_sent(struct ledger_verification *v, const struct verify_answer *answer, const struct verification_actor *actor,
    const struct verification_limits *limits, int64_t now)
{
	if (v->verification_sid[0] != '\0' && strcmp(v->verification_sid, answer->sid) != 0)
		restart(v, limits, now);
	settle_as(v, LEDGER_STATE_PENDING);
	v->sent_at = now;
	snprintf(v->verification_sid, sizeof(v->verification_sid), "%s", answer->sid);
	snprintf(v->channel, sizeof(v->channel), "%s", answer->channel);
	snprintf(v->sent_by_id, sizeof(v->sent_by_id), "%s", actor->agent_id);
	snprintf(v->sent_by_name, sizeof(v->sent_by_name), "%s", actor->agent_name);
	return REFUSAL_NONE;
}

enum refusal
verification_sent(struct ledger_verification *v, enum twilio_result result, const struct verify_answer *answer,
    const struct verification_actor *actor, const struct verification_limits *limits, int64_t now)
{
	v->operation = LEDGER_OPERATION_NONE;
	if (result == TWILIO_OK && answer->status == VERIFY_PENDING)
		return code_sent(v, answer, actor, limits, now);
	if (result == TWILIO_OK || twilio_result_unclear(result)) {
		lose(v, LEDGER_OPERATION_SEND);
		return result == TWILIO_OK ? REFUSAL_TWILIO_BAD_ANSWER : refusal_of_twilio(result);
	}
	v->sends--; /* Twilio's word that nothing went out */
	/* Not "code expired": on a start, what was not found is the Verify service. */
	return result == TWILIO_NOT_FOUND ? REFUSAL_TWILIO_SETUP : refusal_of_twilio(result);
}

static enum refusal
approve(struct ledger_verification *v, const struct verification_limits *limits, int64_t now)
{
	settle_as(v, LEDGER_STATE_APPROVED);
	v->approved_at = now;
	v->approved_until = now + limits->verified_for_ms;
	return REFUSAL_NONE;
}

static enum refusal
not_approved(struct ledger_verification *v, const struct verification_limits *limits)
{
	settle_as(v, v->checks >= limits->checks_max ? LEDGER_STATE_LOCKED : LEDGER_STATE_PENDING);
	return REFUSAL_WRONG_CODE;
}

/* What an answer of Twilio's makes of the verification, whichever question it answers. */
static enum refusal
take_status(struct ledger_verification *v, const struct verify_answer *answer, const struct verification_limits *limits,
    int64_t now)
{
	switch (answer->status) {
	case VERIFY_APPROVED:
		return approve(v, limits, now);
	case VERIFY_PENDING:
		return not_approved(v, limits);
	case VERIFY_CANCELED:
		settle_as(v, LEDGER_STATE_CANCELED);
		return REFUSAL_NO_PENDING_CODE;
	case VERIFY_EXPIRED:
		settle_as(v, LEDGER_STATE_EXPIRED);
		return REFUSAL_CODE_EXPIRED;
	case VERIFY_MAX_ATTEMPTS_REACHED:
		settle_as(v, LEDGER_STATE_LOCKED);
		return REFUSAL_TOO_MANY_CHECKS;
	case VERIFY_OTHER:
		lose(v, LEDGER_OPERATION_CHECK);
		return REFUSAL_TWILIO_BAD_ANSWER;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
verification_checked(struct ledger_verification *v, enum twilio_result result, const struct verify_answer *answer,
    const struct verification_limits *limits, int64_t now)
{
	v->operation = LEDGER_OPERATION_NONE;
	if (result == TWILIO_OK)
		return take_status(v, answer, limits, now);
	if (result == TWILIO_TOO_MANY_CHECKS) {
		settle_as(v, LEDGER_STATE_LOCKED);
		return REFUSAL_TOO_MANY_CHECKS;
	}
	/* 404, and by some accounts 60200, is Twilio's answer when no code is waiting any more. */
	if (result == TWILIO_NOT_FOUND || result == TWILIO_BAD_PARAMETER) {
		settle_as(v, LEDGER_STATE_EXPIRED);
		return REFUSAL_CODE_EXPIRED;
	}
	if (twilio_result_unclear(result))
		lose(v, LEDGER_OPERATION_CHECK);
	else
		v->checks--; /* Twilio's word that the code was not looked at */
	return refusal_of_twilio(result);
}

enum refusal
verification_canceled(struct ledger_verification *v, enum twilio_result result, const struct verify_answer *answer)
{
	v->operation = LEDGER_OPERATION_NONE;
	if (result == TWILIO_OK && answer->status == VERIFY_CANCELED) {
		settle_as(v, LEDGER_STATE_CANCELED);
		return REFUSAL_NONE;
	}
	if (result == TWILIO_NOT_FOUND) {
		settle_as(v, LEDGER_STATE_EXPIRED);
		return REFUSAL_CODE_EXPIRED;
	}
	if (result == TWILIO_OK || twilio_result_unclear(result))
		lose(v, LEDGER_OPERATION_CANCEL);
	return result == TWILIO_OK ? REFUSAL_TWILIO_BAD_ANSWER : refusal_of_twilio(result);
}

/* What is found out late has been so since it was asked: an approval is no younger for the wait. */
static int64_t
asked_at(const struct ledger_verification *v, const struct verification_limits *limits, int64_t now)
{
	int64_t at = v->operation_until - limits->operation_ms;

	return at >= v->created_at && at < now ? at : now;
}

void
verification_settled(struct ledger_verification *v, enum twilio_result result, const struct verify_answer *answer,
    const struct verification_limits *limits, int64_t now)
{
	if (v->operation != LEDGER_OPERATION_NONE) {
		lose(v, v->operation);
		v->operation = LEDGER_OPERATION_NONE;
	}
	if (result != TWILIO_OK || answer->status == VERIFY_OTHER ||
	    (answer->status == VERIFY_APPROVED && v->lost != LEDGER_OPERATION_CHECK))
		return;
	if (v->verification_sid[0] == '\0') {
		snprintf(v->verification_sid, sizeof(v->verification_sid), "%s", answer->sid);
		snprintf(v->channel, sizeof(v->channel), "%s", answer->channel);
		v->sent_at = v->created_at;
	}
	(void)take_status(v, answer, limits, asked_at(v, limits, now));
}

/* Settled, but for a code that Twilio may still hold. */
static void
settle_with_code(struct ledger_verification *v, enum ledger_state state, bool code_out)
{
	settle_as(v, state);
	if (code_out && v->verification_sid[0] != '\0')
		v->lost = LEDGER_OPERATION_CANCEL;
}

/* By the row alone: Twilio's clock and ours may differ. */
static bool
code_out(const struct ledger_verification *v)
{
	return v->state == LEDGER_STATE_PENDING || v->state == LEDGER_STATE_UNCLEAR ||
	    v->state == LEDGER_STATE_LOCKED || v->operation != LEDGER_OPERATION_NONE ||
	    v->lost == LEDGER_OPERATION_CANCEL;
}

bool
verification_of_pins(const struct ledger_verification *v, int64_t now)
{
	return v->id[0] != '\0' && v->state == LEDGER_STATE_NEW && strcmp(v->channel, PIN_CHANNEL) == 0 &&
	    now < v->expires_at && verification_past(v->created_at, now);
}

void
verification_begin_pins(struct ledger_verification *v, const struct verification_limits *limits, int64_t now)
{
	snprintf(v->channel, sizeof(v->channel), "%s", PIN_CHANNEL);
	v->created_at = now;
	v->expires_at = now + limits->code_valid_ms;
}

static void
try_pin(struct ledger_verification *v, const struct verification_actor *actor)
{
	v->checks++;
	snprintf(v->checked_by_id, sizeof(v->checked_by_id), "%s", actor->agent_id);
	snprintf(v->checked_by_name, sizeof(v->checked_by_name), "%s", actor->agent_name);
}

void
verification_pin_right(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits, int64_t now)
{
	try_pin(v, actor);
	(void)approve(v, limits, now);
}

/* Twilio knows nothing of it, and may still hold its code. */
void
verification_pin_wrong(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits)
{
	try_pin(v, actor);
	if (v->checks >= limits->checks_max)
		settle_with_code(v, LEDGER_STATE_LOCKED, code_out(v));
}

static void
decide(struct ledger_verification *v, const struct verification_actor *actor, const char *reason, int64_t until,
    int64_t now)
{
	if (v->created_at == 0)
		v->created_at = now;
	v->decided_at = now;
	v->decided_until = until;
	snprintf(v->decided_by_id, sizeof(v->decided_by_id), "%s", actor->agent_id);
	snprintf(v->decided_by_name, sizeof(v->decided_by_name), "%s", actor->agent_name);
	snprintf(v->reason, sizeof(v->reason), "%s", reason);
}

void
verification_given_up(struct ledger_verification *v)
{
	if (!code_out(v))
		return;
	settle_with_code(v, LEDGER_STATE_CANCELED, true);
	v->operation = LEDGER_OPERATION_NONE;
}

static void
begin_without_code(struct ledger_verification *v, enum ledger_state state, const char *channel,
    const struct verification_actor *actor, int64_t until, int64_t now)
{
	v->state = state;
	v->created_at = now;
	v->expires_at = until;
	snprintf(v->channel, sizeof(v->channel), "%s", channel);
	snprintf(v->sent_by_id, sizeof(v->sent_by_id), "%s", actor->agent_id);
	snprintf(v->sent_by_name, sizeof(v->sent_by_name), "%s", actor->agent_name);
}

void
verification_call_back_asked(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now)
{
	begin_without_code(v, LEDGER_STATE_CANCELED, CALLBACK_CHANNEL, actor, until, now);
}

void
verification_call_back_waits(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now)
{
	begin_without_code(v, LEDGER_STATE_NEW, CALLBACK_CHANNEL, actor, until, now);
}

bool
verification_awaits_call_back(const struct ledger_verification *v, int64_t now)
{
	return v->id[0] != '\0' && v->state == LEDGER_STATE_CANCELED && strcmp(v->channel, CALLBACK_CHANNEL) == 0 &&
	    v->approved_at == 0 && now < v->expires_at && verification_past(v->created_at, now);
}

void
verification_called_back(struct ledger_verification *call_back, const struct verification_actor *actor, int64_t now)
{
	decide(call_back, actor, "", 0, now);
}

void
verification_by_call_back(struct ledger_verification *v, const struct verification_actor *actor,
    const struct verification_limits *limits, int64_t now)
{
	begin_without_code(v, LEDGER_STATE_NEW, CALLBACK_CHANNEL, actor, now, now);
	snprintf(v->checked_by_id, sizeof(v->checked_by_id), "%s", actor->agent_id);
	snprintf(v->checked_by_name, sizeof(v->checked_by_name), "%s", actor->agent_name);
	(void)approve(v, limits, now);
}

void
verification_link_texted(struct ledger_verification *v, const struct verification_actor *actor, int64_t until,
    int64_t now)
{
	begin_without_code(v, LEDGER_STATE_NEW, TAP_CHANNEL, actor, until, now);
	v->sent_at = now;
}

void
verification_link_taken_back(struct ledger_verification *link)
{
	settle_as(link, LEDGER_STATE_CANCELED);
	link->sent_at = 0;
}

void
verification_link_confirmed(struct ledger_verification *link, const struct verification_limits *limits, int64_t now)
{
	memcpy(link->checked_by_id, link->sent_by_id, sizeof(link->checked_by_id));
	memcpy(link->checked_by_name, link->sent_by_name, sizeof(link->checked_by_name));
	(void)approve(link, limits, now);
}

void
verification_link_denied(struct ledger_verification *link, const struct verification_actor *actor, int64_t now)
{
	settle_as(link, LEDGER_STATE_CANCELED);
	decide(link, actor, "", 0, now);
}

bool
verification_awaits_tap(const struct ledger_verification *v, int64_t now)
{
	return v->id[0] != '\0' && v->state == LEDGER_STATE_NEW && strcmp(v->channel, TAP_CHANNEL) == 0 &&
	    v->decided_at == 0 && now < v->expires_at && verification_past(v->created_at, now);
}

void
verification_key_in_asked(struct ledger_verification *v, const struct verification_actor *actor, const char *asking_id,
    const char *note, int64_t until, int64_t now)
{
	decide(v, actor, note, until < v->expires_at ? until : v->expires_at, now);
	snprintf(v->operation_id, sizeof(v->operation_id), "%s", asking_id);
}

/* In these two states decisions are of nothing else. */
static bool
was_asked(const struct ledger_verification *v)
{
	return (v->state == LEDGER_STATE_PENDING || v->state == LEDGER_STATE_UNCLEAR) && v->decided_at != 0;
}

void
verification_key_in_over(struct ledger_verification *v, int64_t now)
{
	if (was_asked(v) && v->decided_until > now)
		v->decided_until = now;
}

bool
verification_awaits_key_in(const struct ledger_verification *v, int64_t now)
{
	return v->state == LEDGER_STATE_PENDING && was_asked(v) && verification_past(v->decided_at, now) &&
	    now < v->decided_until;
}

bool
verification_was_not_keyed_in(const struct ledger_verification *v, int64_t now)
{
	return v->state == LEDGER_STATE_PENDING && was_asked(v) && now >= v->decided_until;
}

bool
verification_keyed_in(const struct ledger_verification *v)
{
	return v->state == LEDGER_STATE_APPROVED && v->decided_at != 0;
}

void
verification_stopped(struct ledger_verification *v, const struct verification_actor *actor, int64_t now)
{
	settle_with_code(v, LEDGER_STATE_STOPPED, code_out(v));
	v->operation = LEDGER_OPERATION_NONE;
	decide(v, actor, "", 0, now);
}

void
verification_ended(struct ledger_verification *v)
{
	settle_as(v, LEDGER_STATE_CANCELED);
}

void
verification_overridden(struct ledger_verification *v, const struct verification_actor *actor, const char *reason,
    int64_t until, int64_t now)
{
	settle_as(v, LEDGER_STATE_OVERRIDDEN);
	decide(v, actor, reason, until, now);
}

void
verification_unlocked(struct ledger_verification *v)
{
	if (v->state == LEDGER_STATE_LOCKED || v->state == LEDGER_STATE_STOPPED)
		settle_with_code(v, LEDGER_STATE_CANCELED, code_out(v));
}

void
verification_sent_late(struct ledger_verification *v, const struct verify_answer *answer)
{
	snprintf(v->verification_sid, sizeof(v->verification_sid), "%s", answer->sid);
	settle_with_code(v, v->state, true);
}

void
verification_superseded(struct ledger_verification *v, enum twilio_result result)
{
	bool open = v->state == LEDGER_STATE_PENDING || v->state == LEDGER_STATE_UNCLEAR;

	/* Twilio also forgets what it approved: the check that is under way knows which it was. */
	if (result == TWILIO_NOT_FOUND && v->operation == LEDGER_OPERATION_CHECK)
		return;
	if (!open) {
		v->lost = LEDGER_OPERATION_NONE;
		return;
	}
	v->operation = LEDGER_OPERATION_NONE;
	settle_as(v, result == TWILIO_OK ? LEDGER_STATE_CANCELED : LEDGER_STATE_EXPIRED);
}

int
verification_checks_left(const struct ledger_verification *v, const struct verification_limits *limits)
{
	return v->checks < limits->checks_max ? limits->checks_max - v->checks : 0;
}

int
verification_sends_left(const struct ledger_verification *v, const struct verification_limits *limits)
{
	return v->sends < limits->sends_max ? limits->sends_max - v->sends : 0;
}
