#include "operation.h"

#include "audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "limits.h"
#include "turn.h"
#include "verification_may.h"

#include <string.h>

/* The outcome of an act must reach the ledger; another process may hold it for a while. */
#define FINISH_TRIES 3

/* An act begins only if at least this part of the turn's time is left for Twilio's answer. */
#define TIME_LEFT_PART 5

/* The longest that Twilio can be told to keep a code (verify/api/rate-limits-and-timeouts). */
#define TWILIO_CODE_LIFE_MS CLOCK_DAY_MS

enum ledger_result
operation_latest(const struct turn *turn, struct ledger_verification *v)
{
	const struct contact *contact = &turn->contact;
	enum ledger_result result =
	    ledger_latest(turn->app->ledger, contact->interaction, contact->to_id, contact->customer_id, v);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

bool
operation_look(struct turn *turn, int64_t now)
{
	return operation_latest(turn, &turn->verification) == LEDGER_OK && limits_look(turn, now) == LEDGER_OK;
}

enum ledger_result
operation_other_open(const struct turn *turn, int64_t now, struct ledger_verification *other)
{
	enum ledger_result result = ledger_other_open(turn->app->ledger, turn->contact.to_id, turn->verification.id,
	    now - TWILIO_CODE_LIFE_MS, other);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

enum ledger_result
operation_contested(const struct turn *turn, const struct ledger_verification *v, const char *verification_sid,
    bool *contested)
{
	int64_t others = 0;
	enum ledger_result result = ledger_contested(turn->app->ledger, v->to_id, v->id, verification_sid,
	    v->created_at - TWILIO_CODE_LIFE_MS, &others);

	*contested = others > 0;
	return result;
}

bool
operation_new_row(const struct turn *turn, const char *channel, struct ledger_verification *v)
{
	const struct contact *contact = &turn->contact;

	memset(v, 0, sizeof(*v));
	phone_number_mask(channel != NULL ? contact_address(contact, channel) : contact_identity(contact), v->to_mask);
	turn_copy(v->interaction, sizeof(v->interaction), contact->interaction);
	turn_copy(v->to_id, sizeof(v->to_id), contact->to_id);
	turn_copy(v->customer_id, sizeof(v->customer_id), contact->customer_id);
	turn_copy(v->task_sid, sizeof(v->task_sid), contact->task.sid);
	return secret_random_hex(v->id, sizeof(v->id));
}

/* ---- Transactions ---- */

struct locked_step {
	struct turn    *turn;
	operation_step *step;
	void           *context;
	bool            ran;
	enum refusal    refusal;
};

static bool
run_step(void *context)
{
	struct locked_step *locked = context;

	locked->ran = true;
	locked->refusal = locked->step(locked->turn, locked->context, clock_now_ms());
	return locked->refusal != REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
operation_locked(struct turn *turn, operation_step *step, void *context)
{
	struct locked_step locked = { .turn = turn, .step = step, .context = context };
	const struct ledger_verification before = turn->verification;
	bool done = ledger_write(turn->app->ledger, run_step, &locked) == LEDGER_OK;

	if (locked.ran)
		turn->looked = done;
	if (!done)
		turn->verification = before; /* what is not on disk has not happened */
	return done ? locked.refusal : REFUSAL_LEDGER_UNAVAILABLE;
}

/* ---- Beginning ---- */

/* One verification at Twilio is of one address. */
static bool
continues(const struct turn *turn, const struct ledger_verification *v, const char *channel, int64_t now)
{
	return verification_continues(v, now) && contact_by_email(channel) == contact_by_email(v->channel) &&
	    contact_address_of(&turn->contact, v) != NULL;
}

/* While the caller is asked for the code nobody else enters one, and what he keys in counts once and in time. */
static enum refusal
may_answer(const struct turn *turn, const struct ledger_verification *v, int64_t now)
{
	if (!verification_awaits_key_in(v, now))
		return turn->asking_id[0] == '\0' ? REFUSAL_NONE : REFUSAL_NOT_KEYING_IN;
	return strcmp(v->operation_id, turn->asking_id) == 0 ? REFUSAL_NONE : REFUSAL_CALLER_KEYS_IN;
}

/* What was sent to an address that is not on file any more proves nothing. */
static enum refusal
may_check(const struct turn *turn, const struct ledger_verification *v, int64_t now)
{
	enum refusal refusal = verification_may_check(v, now);

	if (refusal == REFUSAL_NONE)
		refusal = may_answer(turn, v, now);
	return refusal == REFUSAL_NONE && contact_address_of(&turn->contact, v) == NULL ? REFUSAL_CODE_EXPIRED :
											  refusal;
}

static enum refusal
judge(const struct turn *turn, const struct ledger_verification *v, enum ledger_operation operation, int64_t now)
{
	switch (operation) {
	case LEDGER_OPERATION_SEND:
		return verification_may_send(v, &turn->app->limits, now);
	case LEDGER_OPERATION_CHECK:
		return may_check(turn, v, now);
	case LEDGER_OPERATION_CANCEL:
		return verification_may_cancel(v, now);
	case LEDGER_OPERATION_NONE:
	case LEDGER_OPERATION__MAX:
		return REFUSAL_INTERNAL_ERROR;
	}
	return REFUSAL_INTERNAL_ERROR;
}

/* An answer that cannot come in time would only be lost. */
static bool
time_left(const struct turn *turn)
{
	return turn->deadline_ms - clock_monotonic_ms() >= turn->budget_ms / TIME_LEFT_PART;
}

/* Inside a transaction: may it begin? */
static enum refusal
judge_all(struct turn *turn, enum ledger_operation operation, int64_t now)
{
	struct ledger_verification other;
	enum refusal refusal = judge(turn, &turn->verification, operation, now);

	if (refusal == REFUSAL_NONE)
		refusal = limits_check(turn, operation, now);
	if (refusal != REFUSAL_NONE || operation != LEDGER_OPERATION_SEND)
		return refusal;
	if (operation_other_open(turn, now, &other) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return verification_may_send(&other, &turn->app->limits, now) == REFUSAL_VERIFICATION_BUSY ?
	    REFUSAL_VERIFICATION_BUSY : REFUSAL_NONE;
}

/* Inside a transaction: the operation on the row, and what it counts towards the limits. */
static bool
write_begin(struct turn *turn, enum ledger_operation operation, const char *channel, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	struct verification_actor actor = agent_actor(&turn->agent);
	char operation_id[LEDGER_ID_SIZE];

	if (operation == LEDGER_OPERATION_SEND && !continues(turn, v, channel, now) &&
	    !operation_new_row(turn, channel, v))
		return false;
	if (!secret_random_hex(operation_id, sizeof(operation_id)))
		return false;
	turn_copy(v->task_sid, sizeof(v->task_sid), turn->contact.task.sid);
	if (channel != NULL)
		turn_copy(v->channel, sizeof(v->channel), channel);
	verification_begin(v, operation, operation_id, &actor, &turn->app->limits, now);
	return ledger_put(turn->app->ledger, v) == LEDGER_OK &&
	    audit_record_counted(turn, turn->action, "begun", operation == LEDGER_OPERATION_SEND,
		operation == LEDGER_OPERATION_CHECK);
}

struct beginning {
	enum ledger_operation operation;
	const char           *channel;
};

/* The beginning, or the refusal, on record. */
static enum refusal
begin_locked(struct turn *turn, void *context, int64_t now)
{
	const struct beginning *beginning = context;
	enum refusal refusal = REFUSAL_NONE;

	if (operation_latest(turn, &turn->verification) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge_all(turn, beginning->operation, now);
	if (refusal != REFUSAL_NONE)
		return audit_refusal(turn, refusal);
	if (!write_begin(turn, beginning->operation, beginning->channel, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (beginning->operation == LEDGER_OPERATION_SEND &&
	    operation_other_open(turn, now, &turn->other_open) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

enum refusal
operation_begin(struct turn *turn, enum ledger_operation operation, const char *channel)
{
	struct beginning beginning = { operation, channel };

	return time_left(turn) ? operation_locked(turn, begin_locked, &beginning) : REFUSAL_TWILIO_UNREACHABLE;
}

/* ---- Finishing ---- */

static enum refusal
apply(const struct turn *turn, struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer, int64_t now)
{
	struct verification_actor actor = agent_actor(&turn->agent);

	switch (v->operation) {
	case LEDGER_OPERATION_SEND:
		return verification_sent(v, result, answer, &actor, &turn->app->limits, now);
	case LEDGER_OPERATION_CHECK:
		return verification_checked(v, result, answer, &turn->app->limits, now);
	case LEDGER_OPERATION_CANCEL:
		return verification_canceled(v, result, answer);
	case LEDGER_OPERATION_NONE:
	case LEDGER_OPERATION__MAX:
		return REFUSAL_INTERNAL_ERROR;
	}
	return REFUSAL_INTERNAL_ERROR;
}

static const char *
outcome_word(enum ledger_operation operation, enum refusal refusal)
{
	static const char *const done[LEDGER_OPERATION__MAX] = {
		[LEDGER_OPERATION_NONE] = "",
		[LEDGER_OPERATION_SEND] = "code_sent",
		[LEDGER_OPERATION_CHECK] = "approved",
		[LEDGER_OPERATION_CANCEL] = "canceled",
	};

	return refusal == REFUSAL_NONE ? done[operation] : refusal_text(refusal)->code;
}

/*
 * What was counted when the operation began and turned out not to count is
 * taken back: a code that Twilio did not send, a code that was right or was
 * not looked at.
 */
static bool
record_outcome(const struct turn *turn, const struct ledger_verification *before, enum refusal refusal)
{
	const struct ledger_verification *after = &turn->verification;
	bool unsent = before->operation == LEDGER_OPERATION_SEND && refusal != REFUSAL_NONE &&
	    after->sends < before->sends;
	bool no_failure = before->operation == LEDGER_OPERATION_CHECK &&
	    (refusal == REFUSAL_NONE || after->checks < before->checks);

	/* A text that was sent in vain is one towards the limits as well. */
	return audit_record_counted(turn, turn->action, outcome_word(before->operation, refusal),
	    (turn->old_code_sent ? 1 : 0) - (unsent ? 1 : 0), no_failure ? -1 : 0);
}

bool
operation_record_lock(const struct turn *turn, enum refusal refusal)
{
	bool locked = turn->verification.state == LEDGER_STATE_LOCKED;

	if (refusal != REFUSAL_WRONG_CODE && refusal != REFUSAL_TOO_MANY_CHECKS)
		return true;
	if (!locked && !turn->number_locked)
		return true;
	return audit_record(turn, "lock", turn->number_locked ? "number_locked" : "locked");
}

/*
 * Inside a transaction: an operation that is not the row's any more.  It took
 * longer than one may and somebody else has gone on since; or the contact was
 * stopped.
 */
static enum refusal
finish_overtaken(struct turn *turn, const struct ledger_verification *before, enum twilio_result result,
    const struct verify_answer *answer)
{
	struct ledger_verification *v = &turn->verification;
	bool same = strcmp(v->id, before->id) == 0;
	bool closed = same && (v->state == LEDGER_STATE_STOPPED || v->state == LEDGER_STATE_CANCELED);
	enum refusal refusal =
	    same && v->state == LEDGER_STATE_STOPPED ? REFUSAL_CONTACT_STOPPED : REFUSAL_RESULT_UNCLEAR;

	if (closed && before->operation == LEDGER_OPERATION_SEND && result == TWILIO_OK) {
		verification_sent_late(v, answer);
		if (ledger_put(turn->app->ledger, v) != LEDGER_OK)
			return REFUSAL_LEDGER_UNAVAILABLE;
	}
	return audit_record(turn, turn->action, refusal_text(refusal)->code) ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
}

/* An outcome that was written, and may be in the ledger although its commit failed; without an id: none. */
struct attempt {
	struct ledger_verification row;
	enum refusal               refusal;
};

/* It is in the ledger, and only the word of that was lost. */
static bool
was_taken(const struct ledger_verification *v, const struct attempt *attempt)
{
	const struct ledger_verification *row = &attempt->row;

	return row->id[0] != '\0' && strcmp(v->id, row->id) == 0 && strcmp(v->operation_id, row->operation_id) == 0 &&
	    strcmp(v->verification_sid, row->verification_sid) == 0 && v->operation == row->operation &&
	    v->state == row->state && v->lost == row->lost && v->sends == row->sends &&
	    v->checks == row->checks && v->sent_at == row->sent_at && v->approved_at == row->approved_at;
}

struct finishing {
	enum twilio_result          result;
	const struct verify_answer *answer;
	struct attempt              attempt; /* the last one */
};

/* The outcome, on the row as it is now, which becomes the turn's. */
static enum refusal
finish_locked(struct turn *turn, void *context, int64_t now)
{
	const struct ledger_verification before = turn->verification;
	struct ledger_verification *v = &turn->verification;
	struct finishing *finishing = context;
	enum refusal refusal = finishing->attempt.refusal;

	if (operation_latest(turn, v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (was_taken(v, &finishing->attempt))
		return refusal;
	if (strcmp(v->operation_id, before.operation_id) != 0 || v->operation != before.operation)
		return finish_overtaken(turn, &before, finishing->result, finishing->answer);
	refusal = apply(turn, v, finishing->result, finishing->answer, now);
	if (ledger_put(turn->app->ledger, v) != LEDGER_OK || !record_outcome(turn, &before, refusal) ||
	    limits_look(turn, now) != LEDGER_OK || !operation_record_lock(turn, refusal))
		return REFUSAL_LEDGER_UNAVAILABLE;
	finishing->attempt = (struct attempt){ *v, refusal };
	return refusal;
}

static enum refusal
finish_once(struct turn *turn, struct finishing *finishing)
{
	enum refusal refusal = operation_locked(turn, finish_locked, finishing);

	if (refusal != REFUSAL_LEDGER_UNAVAILABLE)
		turn->changed = true;
	turn->looked = true; /* when it began */
	return refusal;
}

enum refusal
operation_finish(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	enum refusal refusal = REFUSAL_LEDGER_UNAVAILABLE;
	struct finishing finishing = { .result = result, .answer = answer };

	for (int i = 0; i < FINISH_TRIES && refusal == REFUSAL_LEDGER_UNAVAILABLE; i++)
		refusal = finish_once(turn, &finishing);
	return refusal;
}
