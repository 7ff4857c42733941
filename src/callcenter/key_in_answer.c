#include "key_in.h"

#include "base/clock.h"
#include "call_answer.h"
#include "call_request.h"
#include "call_twiml.h"
#include "key_in_leg.h"
#include "key_in_twiml.h"
#include "turn.h"
#include "verification.h"

#include <string.h>

/* Milliseconds to bring the caller back, also when Twilio Verify has taken all others; Twilio waits 15 s. */
#define BACK_MS 2000

/* ---- who is it ---- */

/* The agent who had the caller asked acts, and needs to have the call still; what he may see is nobody's here. */
static void
act_for_agent(struct turn *turn, const struct ledger_verification *v)
{
	struct agent *agent = &turn->agent;

	agent->identified = true;
	agent->may_verify = true;
	turn_copy(agent->id, sizeof(agent->id), v->decided_by_id);
	turn_copy(agent->name, sizeof(agent->name), v->decided_by_name);
	if (twilio_sid_valid(agent->id, "WK"))
		turn_copy(agent->worker_sid, sizeof(agent->worker_sid), agent->id);
}

/* The row of the asking, which is of this call and no other. */
static enum refusal
find_row(struct turn *turn, const struct call_request *call, struct ledger_verification *v)
{
	struct ledger *ledger = turn->app->ledger;
	enum ledger_result result = LEDGER_OK;

	memset(v, 0, sizeof(*v));
	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	result = ledger_find(ledger, call->row_id, v);
	ledger_rollback(ledger);
	if (result == LEDGER_OK && strcmp(v->interaction, call->call_sid) == 0)
		return REFUSAL_NONE;
	memset(v, 0, sizeof(*v));
	return result == LEDGER_OK || result == LEDGER_NOT_FOUND ? REFUSAL_NOT_KEYING_IN : REFUSAL_LEDGER_UNAVAILABLE;
}

static void
set_field(struct turn *turn, const char *name, const char *value)
{
	turn->form.fields[turn->form.count++] = (struct form_field){ .name = name, .value = value };
}

/* The number that the code went to is nowhere but at Twilio and on file: the way there is the agent's. */
static enum refusal
find_contact(struct turn *turn, const struct call_request *call, const struct ledger_verification *v)
{
	enum refusal refusal = REFUSAL_NONE;

	set_field(turn, "task", call->task_sid);
	refusal = contact_resolve(turn);
	if (refusal != REFUSAL_NONE)
		return refusal;
	return strcmp(turn->contact.interaction, call->call_sid) == 0 && strcmp(turn->contact.to_id, v->to_id) == 0 ?
	    REFUSAL_NONE : REFUSAL_NOT_KEYING_IN;
}

static enum refusal
check(struct turn *turn, const struct call_request *call, const struct ledger_verification *v)
{
	enum refusal refusal = REFUSAL_NONE;

	if (!verification_awaits_key_in(v, clock_now_ms()))
		return REFUSAL_NOT_KEYING_IN;
	if (call->digits[0] == '\0')
		return REFUSAL_MISSING_PARAMETER;
	act_for_agent(turn, v);
	refusal = find_contact(turn, call, v);
	if (refusal != REFUSAL_NONE)
		return refusal;
	turn_copy(turn->asking_id, sizeof(turn->asking_id), call->asking_id);
	set_field(turn, "verification_code", call->digits);
	return verification_check(turn);
}

/* ---- what is next ---- */

/*
 * Once more, if there is a try left and time.  What comes a second time, as its
 * answer was lost, is asked for anew and was not checked again.
 */
static bool
asks_again(const struct turn *turn, const struct call_request *call, enum refusal refusal)
{
	const struct ledger_verification *v = &turn->verification;
	bool wrong = refusal == REFUSAL_WRONG_CODE || refusal == REFUSAL_INVALID_CODE ||
	    refusal == REFUSAL_CALLER_KEYS_IN;

	return wrong && call->attempt < CALL_TRIES_MAX && !turn->number_locked &&
	    verification_awaits_key_in(v, clock_now_ms()) &&
	    verification_state(v, clock_now_ms()) == VERIFICATION_PENDING;
}

static void
write_again(struct turn *turn, const struct call_request *call, const struct key_in_leg *leg, enum refusal refusal,
    struct twiml *twiml)
{
	const struct ledger_verification *v = &turn->verification;
	const struct key_in_question question = { v->id, v->operation_id, call->task_sid,
		leg->conference.ends_conference, call->attempt + 1, call->language,
		refusal == REFUSAL_INVALID_CODE ? CALL_NOT_WHOLE : CALL_WRONG };

	key_in_twiml_ask(twiml, &turn->app->settings, &question);
}

/* A conference that is over would begin anew, with the caller alone in it. */
static bool
agent_is_gone(struct turn *turn, const struct call_request *call)
{
	char conference_sid[TWILIO_SID_SIZE];

	return conference_find(&turn->app->twilio, call->task_sid, turn->deadline_ms, conference_sid, &turn->trace) ==
	    TWILIO_NOT_FOUND;
}

/* To his agent, or as a new call to the others. */
static void
write_back(struct turn *turn, const struct call_request *call, const struct key_in_leg *leg, bool verified,
    struct twiml *twiml)
{
	const struct twilio_trace trace = turn->trace;
	bool gone = false;

	turn->deadline_ms = clock_monotonic_ms() + BACK_MS;
	gone = agent_is_gone(turn, call);
	key_in_leg_record_again(turn, leg);
	turn->trace = trace;
	if (gone) {
		call_twiml_say(twiml, call->language, verified ? CALL_VERIFIED : CALL_CONNECTING);
		call_answer_enqueue(twiml, turn);
		return;
	}
	call_twiml_say(twiml, call->language, verified ? CALL_KEYED_IN : CALL_BACK);
	key_in_twiml_back(twiml, call->task_sid, leg->conference.ends_conference);
}

/* What comes a second time ends nothing that the first is in the middle of. */
static bool
ends_asking(enum refusal refusal)
{
	return refusal != REFUSAL_NONE && refusal != REFUSAL_CALLER_KEYS_IN && refusal != REFUSAL_VERIFICATION_BUSY;
}

/* A wrong code is on record with its check already, and counted by that. */
static const char *
outcome_word(enum refusal refusal)
{
	if (refusal == REFUSAL_WRONG_CODE || refusal == REFUSAL_INVALID_CODE)
		return "tries_used";
	return refusal == REFUSAL_MISSING_PARAMETER ? "not_keyed_in" : refusal_text(refusal)->code;
}

/* A wrong leg is nobody's who was asked: it has no agent to go back to. */
static void
write_stranger(const struct turn *turn, const struct call_request *call, struct twiml *twiml)
{
	call_twiml_say(twiml, call->language, CALL_CONNECTING);
	call_answer_enqueue(twiml, turn);
}

static enum refusal
answer_row(struct turn *turn, const struct call_request *call, const struct ledger_verification *v, struct twiml *twiml)
{
	struct key_in_leg leg;
	enum refusal refusal = REFUSAL_NONE;

	key_in_leg_read_note(v, &leg);
	contact_take_row(&turn->contact, v); /* for the record, until it is resolved */
	turn->verification = *v;
	refusal = check(turn, call, v);
	if (asks_again(turn, call, refusal)) {
		write_again(turn, call, &leg, refusal, twiml);
		return refusal;
	}
	if (ends_asking(refusal))
		(void)key_in_end(turn, v->id, outcome_word(refusal)); /* if that fails, its time ends it */
	write_back(turn, call, &leg, refusal == REFUSAL_NONE, twiml);
	return refusal;
}

enum refusal
key_in_answer(struct turn *turn, const struct call_request *call, struct response *response)
{
	static const struct key_in_leg usual = { .conference = { .ends_conference = true } };
	struct ledger_verification v;
	struct twiml twiml;
	enum refusal refusal = find_row(turn, call, &v);

	turn->action = "keyed_in";
	twiml_init(&twiml);
	if (refusal == REFUSAL_NOT_KEYING_IN)
		write_stranger(turn, call, &twiml);
	else if (refusal != REFUSAL_NONE)
		write_back(turn, call, &usual, false, &twiml);
	else
		refusal = answer_row(turn, call, &v, &twiml);
	call_twiml_respond(&twiml, response);
	twiml_free(&twiml);
	return refusal;
}
