#include "key_in.h"

#include "audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "call_words.h"
#include "key_in_leg.h"
#include "key_in_twiml.h"
#include "limits.h"
#include "operation.h"
#include "turn.h"
#include "twilio/voice_calls.h"
#include "verification.h"
#include "verification_may.h"

#include <string.h>

/* Before that the caller is still being spoken to, and Twilio is not asked if he is there. */
#define LOOK_AFTER_MS 3000

/* What is kept between the steps of asking. */
struct act {
	struct key_in_leg leg;
	char              asking_id[LEDGER_ID_SIZE];
	const char       *row_id, *outcome; /* of an end */
};

static enum refusal
impossible(const struct turn *turn)
{
	const struct contact *contact = &turn->contact;

	if (!turn->app->settings.voice_key_in)
		return REFUSAL_KEY_IN_OFF;
	if (contact->by_supervision)
		return REFUSAL_NOT_YOUR_TASK;
	return contact->has_task && twilio_sid_valid(contact->interaction, "CA") ? REFUSAL_NONE : REFUSAL_NO_CONFERENCE;
}

bool
key_in_possible(const struct turn *turn)
{
	return impossible(turn) == REFUSAL_NONE;
}

static bool
put(struct turn *turn, const struct ledger_verification *v)
{
	return ledger_put(turn->app->ledger, v) == LEDGER_OK;
}

/* ---- asking ---- */

/* As for a check by the agent, which this is one of. */
static enum refusal
judge(struct turn *turn, int64_t now)
{
	const struct ledger_verification *v = &turn->verification;
	enum refusal refusal = verification_may_key_in(v, now);

	if (refusal == REFUSAL_NONE && contact_address_of(&turn->contact, v) == NULL)
		refusal = REFUSAL_CODE_EXPIRED;
	return refusal == REFUSAL_NONE ? limits_check(turn, LEDGER_OPERATION_CHECK, now) : refusal;
}

/* First of all, so that Twilio is not asked in vain. */
static enum refusal
judge_locked(struct turn *turn, void *context, int64_t now)
{
	enum refusal refusal = REFUSAL_NONE;

	(void)context;
	if (!operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge(turn, now);
	return refusal == REFUSAL_NONE ? REFUSAL_NONE : audit_refusal(turn, refusal);
}

/* On record before Twilio is told, so that no answer comes from nowhere. */
static enum refusal
begin_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification *v = &turn->verification;
	const struct verification_actor actor = agent_actor(&turn->agent);
	char note[KEY_IN_NOTE_SIZE];
	enum refusal refusal = judge_locked(turn, NULL, now);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!secret_random_hex(act->asking_id, sizeof(act->asking_id)))
		return REFUSAL_LEDGER_UNAVAILABLE;
	key_in_leg_note(&act->leg, note);
	verification_key_in_asked(v, &actor, act->asking_id, note, now + KEY_IN_MS, now);
	return put(turn, v) && audit_record(turn, turn->action, "begun") ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

static enum refusal
put_through(struct turn *turn, const struct act *act)
{
	const struct settings *settings = &turn->app->settings;
	enum call_language language =
	    call_words_of_caller(turn->contact.task.from, (enum call_language)settings->voice_language);
	const struct key_in_question question = { turn->verification.id, act->asking_id, turn->contact.task.sid,
		act->leg.conference.ends_conference, 1, language, CALL_KEY_IN };
	struct twiml twiml;
	const char *document = NULL;
	enum refusal refusal = REFUSAL_INTERNAL_ERROR;

	twiml_init(&twiml);
	key_in_twiml_ask(&twiml, settings, &question);
	document = twiml_end(&twiml);
	if (document != NULL)
		refusal = key_in_leg_ask(turn, &act->leg, document);
	twiml_free(&twiml);
	return refusal;
}

static enum refusal
asked_locked(struct turn *turn, void *context, int64_t now)
{
	(void)context;
	if (!operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return audit_record(turn, turn->action, "asked") ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

/* Whatever Twilio did that is not known, the caller may answer. */
static enum refusal
finish(struct turn *turn, enum refusal refusal)
{
	char row_id[LEDGER_ID_SIZE];
	enum refusal written = REFUSAL_NONE;

	turn_copy(row_id, sizeof(row_id), turn->verification.id);
	if (refusal == REFUSAL_NONE)
		written = operation_locked(turn, asked_locked, NULL);
	else if (refusal != REFUSAL_KEY_IN_UNCLEAR)
		written = key_in_end(turn, row_id, refusal_text(refusal)->code);
	return refusal == REFUSAL_NONE ? written : refusal;
}

enum refusal
key_in_ask(struct turn *turn)
{
	struct act act;
	enum refusal refusal = impossible(turn);

	memset(&act, 0, sizeof(act));
	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, judge_locked, NULL);
	if (refusal == REFUSAL_NONE)
		refusal = key_in_leg_find(turn, &act.leg);
	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, begin_locked, &act);
	if (refusal != REFUSAL_NONE)
		return refusal;
	return finish(turn, put_through(turn, &act));
}

/* ---- the end ---- */

static enum refusal
end_locked(struct turn *turn, void *context, int64_t now)
{
	const struct act *act = context;
	struct ledger_verification *v = &turn->verification;

	if (ledger_find(turn->app->ledger, act->row_id, v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	verification_key_in_over(v, now);
	return put(turn, v) && limits_look(turn, now) == LEDGER_OK && audit_record(turn, turn->action, act->outcome) ?
	    REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
key_in_end(struct turn *turn, const char *row_id, const char *outcome)
{
	struct act act = { .row_id = row_id, .outcome = outcome };

	return operation_locked(turn, end_locked, &act);
}

static enum refusal
bring_back_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification *v = &turn->verification;

	if (!operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (!verification_awaits_key_in(v, now))
		return audit_refusal(turn, REFUSAL_NOT_KEYING_IN);
	key_in_leg_read_note(v, &act->leg);
	verification_key_in_over(v, now);
	return put(turn, v) && audit_record(turn, turn->action, "brought_back") ? REFUSAL_NONE :
										  REFUSAL_LEDGER_UNAVAILABLE;
}

/* The code counts no more when the caller keys it in; also one who is not brought back is back when he has. */
enum refusal
key_in_bring_back(struct turn *turn)
{
	struct act act;
	enum refusal refusal = impossible(turn);

	memset(&act, 0, sizeof(act));
	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, bring_back_locked, &act);
	return refusal == REFUSAL_NONE ? key_in_leg_bring_back(turn, &act.leg) : refusal;
}

/* The caller has hung up, so far as Twilio can be asked. */
static bool
is_gone(struct turn *turn)
{
	const struct ledger_verification *v = &turn->verification;
	int64_t now = clock_now_ms();
	bool under_way = true;
	enum twilio_result result = TWILIO_OK;

	if (!verification_awaits_key_in(v, now) || now - v->decided_at < LOOK_AFTER_MS)
		return false;
	result = voice_calls_under_way(&turn->app->twilio, v->interaction, turn->deadline_ms, &under_way, &turn->trace);
	return result == TWILIO_NOT_FOUND || (result == TWILIO_OK && !under_way);
}

enum refusal
key_in_look(struct turn *turn)
{
	char row_id[LEDGER_ID_SIZE];

	if (!is_gone(turn))
		return REFUSAL_NONE;
	turn_copy(row_id, sizeof(row_id), turn->verification.id);
	return key_in_end(turn, row_id, "hung_up");
}
