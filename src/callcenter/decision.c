#include "decision.h"

#include "audit.h"
#include "base/clock.h"
#include "limits.h"
#include "operation.h"
#include "reason.h"
#include "turn.h"
#include "verification.h"
#include "verification_may.h"

#include <stdlib.h>
#include <string.h>

#define REFERENCE_CHARS 8

/* What is decided: how it is judged, what becomes of the row, and its word in the ledger. */
struct decision {
	enum refusal (*judge)(struct turn *turn, int64_t now);
	bool (*apply)(struct turn *turn, struct decision *decision, int64_t now);
	const char *outcome;
	char        reason[LEDGER_NOTE_SIZE];
	int64_t     lasts_ms;
};

/* ---- the frame ---- */

/* The decision, or the refusal, on record. */
static enum refusal
decide_locked(struct turn *turn, void *context, int64_t now)
{
	struct decision *decision = context;
	struct ledger *ledger = turn->app->ledger;
	struct ledger_event event;
	enum refusal refusal = REFUSAL_NONE;

	if (!operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = decision->judge(turn, now);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		return refusal;
	if (refusal != REFUSAL_NONE)
		return audit_refusal(turn, refusal);
	if (!decision->apply(turn, decision, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	audit_fill(turn, &turn->verification, turn->action, decision->outcome, &event);
	turn_copy(event.note, sizeof(event.note), decision->reason);
	if (ledger_append(ledger, &event) != LEDGER_OK || limits_look(turn, now) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

static enum refusal
decide(struct turn *turn, struct decision *decision)
{
	enum refusal refusal = operation_locked(turn, decide_locked, decision);

	turn->changed = refusal == REFUSAL_NONE;
	return refusal;
}

static bool
put(struct turn *turn)
{
	return ledger_put(turn->app->ledger, &turn->verification) == LEDGER_OK;
}

/* Earlier approvals of the contact, too, which may have been over other channels. */
static bool
end_approvals(const struct turn *turn)
{
	return ledger_end_approvals(turn->app->ledger, turn->contact.interaction, turn->contact.to_id) == LEDGER_OK;
}

static bool
new_row(struct turn *turn)
{
	return operation_new_row(turn, NULL, &turn->verification);
}

/* A second person is needed.  to_id "": what he did in other interactions of the number is no matter. */
static enum refusal
judge_own(const struct turn *turn, const char *to_id, int64_t since)
{
	int64_t times = 0;

	if (turn->contact.has_task && !turn->contact.by_supervision)
		return REFUSAL_OWN_TASK;
	if (ledger_begun_by(turn->app->ledger, turn->agent.id, turn->contact.interaction, to_id, since, &times) !=
	    LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return times == 0 ? REFUSAL_NONE : REFUSAL_OWN_TASK;
}

static enum refusal
read_reason(const struct turn *turn, struct decision *decision)
{
	const char *text = turn_field(turn, "reason");

	if (text == NULL)
		return REFUSAL_MISSING_PARAMETER;
	return reason_read(text, decision->reason) ? REFUSAL_NONE : REFUSAL_INVALID_REASON;
}

/* ---- stop ---- */

static enum refusal
judge_stop(struct turn *turn, int64_t now)
{
	return verification_may_stop(&turn->verification, now);
}

static bool
apply_stop(struct turn *turn, struct decision *decision, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	const struct verification_actor actor = agent_actor(&turn->agent);

	(void)decision;
	if (v->id[0] == '\0' && !new_row(turn))
		return false;
	verification_stopped(v, &actor, now);
	return ledger_close_interaction(turn->app->ledger, turn->contact.interaction) == LEDGER_OK && put(turn);
}

enum refusal
decision_stop(struct turn *turn)
{
	struct decision decision = { .judge = judge_stop, .apply = apply_stop, .outcome = "stopped" };
	enum refusal refusal = REFUSAL_NONE;

	/* Where nobody signs in, no supervisor could lift it. */
	if (!turn->agent.identified)
		return REFUSAL_AGENT_NOT_ALLOWED;
	refusal = decide(turn, &decision);
	if (refusal == REFUSAL_NONE)
		verification_withdraw(turn);
	return refusal;
}

/* ---- end ---- */

static enum refusal
judge_end(struct turn *turn, int64_t now)
{
	return verification_may_end(&turn->verification, now);
}

static bool
apply_end(struct turn *turn, struct decision *decision, int64_t now)
{
	(void)decision;
	(void)now;
	verification_ended(&turn->verification);
	return end_approvals(turn) && put(turn);
}

enum refusal
decision_end(struct turn *turn)
{
	struct decision decision = { .judge = judge_end, .apply = apply_end, .outcome = "ended" };

	return decide(turn, &decision);
}

/* ---- override ---- */

enum refusal
decision_override_allowed(struct turn *turn)
{
	return turn->app->settings.override_allowed ? REFUSAL_NONE : REFUSAL_OVERRIDE_OFF;
}

static enum refusal
read_minutes(const struct turn *turn, struct decision *decision)
{
	const char *text = turn_field(turn, "minutes");
	long minutes = 0;

	if (text == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (strlen(text) > 4 || text[strspn(text, "0123456789")] != '\0')
		return REFUSAL_INVALID_MINUTES;
	minutes = strtol(text, NULL, 10);
	if (minutes < 1 || minutes > turn->app->settings.override_max_minutes)
		return REFUSAL_INVALID_MINUTES;
	decision->lasts_ms = minutes * CLOCK_MINUTE_MS;
	return REFUSAL_NONE;
}

static enum refusal
judge_override(struct turn *turn, int64_t now)
{
	enum refusal refusal = judge_own(turn, "", 0);

	return refusal == REFUSAL_NONE ? verification_may_override(&turn->verification, now) : refusal;
}

/* A row of its own: what became of the code before stays as it is. */
static bool
apply_override(struct turn *turn, struct decision *decision, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);

	if (!new_row(turn))
		return false;
	verification_overridden(&turn->verification, &actor, decision->reason, now + decision->lasts_ms, now);
	return put(turn);
}

enum refusal
decision_override(struct turn *turn)
{
	struct decision decision = { .judge = judge_override, .apply = apply_override, .outcome = "overridden" };
	enum refusal refusal = read_reason(turn, &decision);

	if (refusal == REFUSAL_NONE)
		refusal = read_minutes(turn, &decision);
	return refusal == REFUSAL_NONE ? decide(turn, &decision) : refusal;
}

/* ---- unlock ---- */

static bool
is_reference(const char *text)
{
	return strlen(text) == REFERENCE_CHARS && text[strspn(text, "0123456789abcdef")] == '\0';
}

/* The contact as the ledger knows it: without its number, which nothing here needs. */
static void
take_contact(struct turn *turn, const struct ledger_verification *v)
{
	struct contact *contact = &turn->contact;

	turn_copy(contact->interaction, sizeof(contact->interaction), v->interaction);
	turn_copy(contact->to_id, sizeof(contact->to_id), v->to_id);
	turn_copy(contact->to_mask, sizeof(contact->to_mask), v->to_mask);
	turn_copy(contact->customer_id, sizeof(contact->customer_id), v->customer_id);
	contact->resolved = true;
}

static enum refusal
find_by_reference(struct turn *turn, const char *reference)
{
	struct ledger *ledger = turn->app->ledger;
	struct ledger_verification v;
	enum ledger_result result = LEDGER_NOT_FOUND;

	if (!is_reference(reference))
		return REFUSAL_UNKNOWN_REFERENCE;
	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	result = ledger_find(ledger, reference, &v);
	ledger_rollback(ledger);
	if (result == LEDGER_OK)
		take_contact(turn, &v);
	if (result == LEDGER_NOT_FOUND)
		return REFUSAL_UNKNOWN_REFERENCE;
	return result == LEDGER_OK ? contact_find_holder(turn, v.task_sid) : REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
decision_find_locked(struct turn *turn)
{
	const char *reference = turn_field(turn, "reference");

	if (reference == NULL)
		return contact_resolve_any(turn);
	return turn_field(turn, "task") == NULL ? find_by_reference(turn, reference) : REFUSAL_UNKNOWN_FIELD;
}

static enum refusal
judge_unlock(struct turn *turn, int64_t now)
{
	enum refusal refusal = judge_own(turn, turn->contact.to_id, now - CLOCK_DAY_MS);

	if (refusal != REFUSAL_NONE)
		return refusal;
	return verification_may_unlock(&turn->verification, turn->number_locked, now);
}

/*
 * "unlocked" is what limits count from.  A stop that is lifted is no lock of
 * the number: else an agent who keeps stopping his own contact by mistake
 * would be given new tries each time.
 */
static bool
apply_unlock(struct turn *turn, struct decision *decision, int64_t now)
{
	(void)now;
	if (turn->verification.id[0] == '\0') /* locked by codes of other interactions */
		return true;
	if (turn->verification.state == LEDGER_STATE_STOPPED && !turn->number_locked)
		decision->outcome = "stop_lifted";
	verification_unlocked(&turn->verification);
	return put(turn);
}

enum refusal
decision_unlock(struct turn *turn)
{
	struct decision decision = { .judge = judge_unlock, .apply = apply_unlock, .outcome = "unlocked" };
	enum refusal refusal = read_reason(turn, &decision);

	return refusal == REFUSAL_NONE ? decide(turn, &decision) : refusal;
}
