#include "call_back.h"

#include "audit.h"
#include "base/clock.h"
#include "call_back_task.h"
#include "limits.h"
#include "operation.h"
#include "strength.h"
#include "turn.h"
#include "twilio/voice_calls.h"
#include "verification.h"
#include "verification_may.h"

#include <string.h>

/* What is kept between the steps of an act. */
struct act {
	struct ledger_verification given_up; /* whose code has still to be canceled at Twilio */
	char                       task_sid[TWILIO_SID_SIZE];
};

bool
call_back_possible(const struct turn *turn)
{
	return settings_call_backs(&turn->app->settings) && turn->contact.phone[0] != '\0' &&
	    turn->contact.phone_refusal == REFUSAL_NONE;
}

static enum refusal
impossible(const struct turn *turn)
{
	if (!settings_call_backs(&turn->app->settings))
		return REFUSAL_CALLBACKS_OFF;
	return turn->contact.phone[0] == '\0' ? REFUSAL_NO_NUMBER : turn->contact.phone_refusal;
}

/* Inside a transaction. */
static enum ledger_result
read_call_back(struct turn *turn)
{
	const struct contact *contact = &turn->contact;
	enum ledger_result result = ledger_call_back(turn->app->ledger, contact->interaction, contact->to_id,
	    contact->customer_id, &turn->call_back);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

enum refusal
call_back_find(struct turn *turn)
{
	const struct contact *contact = &turn->contact;
	struct ledger *ledger = turn->app->ledger;
	enum ledger_result result = LEDGER_OK;

	/* A callback task is its own contact, so mostly there is nothing to read. */
	if (!settings_call_backs(&turn->app->settings) || strcmp(contact->interaction, contact->task.sid) != 0)
		return REFUSAL_NONE;
	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	result = read_call_back(turn);
	ledger_rollback(ledger);
	return result == LEDGER_OK ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

static bool
put(struct turn *turn, const struct ledger_verification *v)
{
	return ledger_put(turn->app->ledger, v) == LEDGER_OK;
}

/* An event of a row; the other contact, or its task, is the note. */
static bool
record(const struct turn *turn, const struct ledger_verification *v, const char *outcome, const char *other)
{
	struct ledger_event event;

	audit_fill(turn, v, turn->action, outcome, &event);
	turn_copy(event.interaction, sizeof(event.interaction), v->interaction);
	turn_copy(event.task_sid, sizeof(event.task_sid), v->task_sid);
	turn_copy(event.note, sizeof(event.note), other);
	return ledger_append(turn->app->ledger, &event) == LEDGER_OK;
}

/* Inside a transaction: how both stand. */
static bool
look(struct turn *turn, int64_t now)
{
	return operation_look(turn, now) && read_call_back(turn) == LEDGER_OK;
}

static bool
new_row(const struct turn *turn, struct ledger_verification *v)
{
	return operation_new_row(turn, CALLBACK_CHANNEL, v);
}

/* ---- asking for it ---- */

static enum refusal
judge_ask(const struct turn *turn, int64_t now)
{
	if (turn->number_locked)
		return REFUSAL_TOO_MANY_CHECKS;
	return verification_may_call_back(&turn->verification, now);
}

/* Everything else of the contact ends here, whatever becomes of the task. */
static bool
give_up(struct turn *turn, struct act *act)
{
	const struct contact *contact = &turn->contact;

	act->given_up = turn->verification;
	verification_given_up(&act->given_up);
	return ledger_end_approvals(turn->app->ledger, contact->interaction, contact->to_id) == LEDGER_OK &&
	    (act->given_up.id[0] == '\0' || act->given_up.state == LEDGER_STATE_APPROVED || put(turn, &act->given_up));
}

/* Asked for, as long as Twilio may take; a process that dies meanwhile leaves no more than that. */
static enum refusal
ask_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification *v = &turn->verification;
	const struct verification_actor actor = agent_actor(&turn->agent);
	enum refusal refusal = REFUSAL_NONE;

	if (!look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge_ask(turn, now);
	if (refusal != REFUSAL_NONE)
		return audit_refusal(turn, refusal);
	if (!give_up(turn, act) || !new_row(turn, v))
		return REFUSAL_LEDGER_UNAVAILABLE;
	verification_call_back_asked(v, &actor, now + turn->app->limits.operation_ms, now);
	return put(turn, v) && record(turn, v, "begun", "") ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

/* The row that binds the new task: its contact is the task itself, as it has neither call nor conversation. */
static bool
bind(struct turn *turn, const struct act *act, int64_t until, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);
	struct ledger_verification v;

	if (!new_row(turn, &v))
		return false;
	turn_copy(v.interaction, sizeof(v.interaction), act->task_sid);
	turn_copy(v.task_sid, sizeof(v.task_sid), act->task_sid);
	verification_call_back_waits(&v, &actor, until, now);
	return put(turn, &v) && record(turn, &v, "waits", turn->contact.interaction);
}

/* The row that asks, as it is now: the contact may have been stopped while Twilio was asked, and stays so. */
static enum refusal
read_asked(struct turn *turn)
{
	struct ledger_verification row, latest;
	bool stopped = false;

	if (operation_latest(turn, &latest) != LEDGER_OK ||
	    ledger_find(turn->app->ledger, turn->verification.id, &row) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	stopped = latest.state == LEDGER_STATE_STOPPED;
	turn->verification = stopped ? latest : row;
	return stopped ? REFUSAL_CONTACT_STOPPED : REFUSAL_NONE;
}

static enum refusal
bind_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification *v = &turn->verification;
	int64_t until = now + turn->app->settings.callback_valid_s * INT64_C(1000);
	enum refusal refusal = read_asked(turn);

	if (refusal == REFUSAL_CONTACT_STOPPED) /* the task is bound to nothing */
		return audit_refusal(turn, refusal);
	if (refusal != REFUSAL_NONE)
		return refusal;
	v->expires_at = until;
	if (!put(turn, v) || !bind(turn, act, until, now) || !record(turn, v, "asked", act->task_sid))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

/* A task that Twilio may have made all the same is bound to nothing. */
static enum refusal
unask_locked(struct turn *turn, void *context, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	enum refusal refusal = read_asked(turn);

	(void)context;
	if (refusal == REFUSAL_CONTACT_STOPPED)
		return audit_refusal(turn, refusal);
	if (refusal != REFUSAL_NONE)
		return refusal;
	v->expires_at = now;
	return put(turn, v) && record(turn, v, "callback_failed", "") ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
call_back_ask(struct turn *turn)
{
	struct act act = { .task_sid = "" };
	enum refusal refusal = impossible(turn), written = REFUSAL_NONE;

	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, ask_locked, &act);
	if (refusal != REFUSAL_NONE)
		return refusal;
	verification_withdraw_given_up(turn, &act.given_up);
	refusal = call_back_task_make(turn, act.task_sid);
	written = operation_locked(turn, refusal == REFUSAL_NONE ? bind_locked : unask_locked, &act);
	turn->changed = true;
	return written != REFUSAL_NONE ? written : refusal;
}

/* ---- calling back ---- */

static enum refusal
judge_reached(const struct turn *turn, int64_t now)
{
	enum refusal refusal = verification_may_be_called_back(&turn->call_back, now);

	if (refusal == REFUSAL_NONE && turn->number_locked)
		refusal = REFUSAL_TOO_MANY_CHECKS;
	return refusal == REFUSAL_NONE ? verification_may_try_pin(&turn->verification, now) : refusal;
}

/* First of all, so that Twilio is not asked in vain. */
static enum refusal
judge_locked(struct turn *turn, void *context, int64_t now)
{
	enum refusal refusal = REFUSAL_NONE;

	(void)context;
	if (!look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge_reached(turn, now);
	return refusal == REFUSAL_NONE ? REFUSAL_NONE : audit_refusal(turn, refusal);
}

/* Only where the policy gives it a strength does it verify anybody. */
static bool
approve(struct turn *turn, const struct verification_actor *actor, int64_t now)
{
	struct ledger_verification *v = &turn->verification;

	if (strength_of(turn->app->settings.strengths, CALLBACK_CHANNEL) == 0)
		return true;
	if (!new_row(turn, v))
		return false;
	verification_by_call_back(v, actor, &turn->app->limits, now);
	return put(turn, v) && record(turn, v, "approved", "");
}

/* Judged again: another agent, or a second click, may have come first. */
static enum refusal
reach_locked(struct turn *turn, void *context, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);
	enum refusal refusal = REFUSAL_NONE;

	(void)context;
	if (!look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge_reached(turn, now);
	if (refusal != REFUSAL_NONE)
		return audit_refusal(turn, refusal);
	verification_called_back(&turn->call_back, &actor, now);
	if (strcmp(turn->verification.id, turn->call_back.id) == 0)
		turn->verification = turn->call_back;
	if (!put(turn, &turn->call_back) || !record(turn, &turn->call_back, "begun", "") ||
	    !record(turn, &turn->call_back, "called_back", "") || !approve(turn, &actor, now) ||
	    limits_look(turn, now) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

static enum refusal
refuse_locked(struct turn *turn, void *context, int64_t now)
{
	(void)context;
	(void)now;
	return audit_refusal(turn, REFUSAL_NOT_CALLED_BACK);
}

enum refusal
call_back_reached(struct turn *turn)
{
	struct act act = { .task_sid = "" };
	bool answered = false;
	enum refusal refusal = impossible(turn);

	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, judge_locked, &act);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (voice_calls_answered(&turn->app->twilio, turn->contact.phone,
		turn->call_back.created_at - VERIFICATION_CLOCK_STEP_MS, turn->deadline_ms, &answered,
		&turn->trace) != TWILIO_OK)
		return REFUSAL_CALLS_UNAVAILABLE;
	refusal = operation_locked(turn, answered ? reach_locked : refuse_locked, &act);
	turn->changed = refusal == REFUSAL_NONE;
	return refusal;
}
