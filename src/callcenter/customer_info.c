#include "customer_info.h"

#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "customer_lookup.h"
#include "info_fields.h"
#include "keypad.h"
#include "operation.h"
#include "strength.h"
#include "turn.h"

#include <string.h>

static bool
is_now(const struct turn *turn, enum verification_state state)
{
	return verification_state(&turn->verification, clock_now_ms()) == state;
}

static bool
approved(const struct turn *turn)
{
	return is_now(turn, VERIFICATION_APPROVED);
}

/*
 * The caller proved it to the company, not to an agent, and on the very call
 * that the seal says the task was made of.
 */
static bool
proved_on_this_call(const struct turn *turn)
{
	return keypad_checked(&turn->verification) && keypad_sealed(turn);
}

bool
customer_info_needs_own_code(const struct turn *turn)
{
	return turn->app->settings.transfer == TRANSFER_FRESH && turn->agent.identified && approved(turn) &&
	    !agent_is(&turn->agent, turn->verification.checked_by_id) && !proved_on_this_call(turn);
}

/* A supervisor's word takes the place of the customer's; he does not give it to himself. */
static bool
overridden(const struct turn *turn)
{
	return is_now(turn, VERIFICATION_OVERRIDDEN) && !agent_is(&turn->agent, turn->verification.decided_by_id);
}

/*
 * The gate: read from our own ledger, for this interaction, number and
 * customer, by an agent who signed in and has the right.
 */
static bool
may_see(const struct turn *turn)
{
	return turn->agent.identified && turn->agent.may_see && turn->contact.resolved &&
	    (overridden(turn) || (approved(turn) && !customer_info_needs_own_code(turn))) &&
	    strcmp(turn->verification.interaction, turn->contact.interaction) == 0 &&
	    strcmp(turn->verification.to_id, turn->contact.to_id) == 0 &&
	    strcmp(turn->verification.customer_id, turn->contact.customer_id) == 0;
}

/*
 * With CONTACT_SOURCE=customer the record is the one that said where the code
 * goes: fetched again, it could be another customer's.
 */
static enum refusal
find_record(struct turn *turn, struct json_object **fetched, struct json_object **record)
{
	enum refusal refusal = REFUSAL_NONE;

	if (turn->contact.record == NULL)
		refusal = customer_lookup(turn, turn->contact.phone, NULL, fetched);
	*record = turn->contact.record != NULL ? turn->contact.record : *fetched;
	return refusal;
}

/* Inside a transaction: how well the customer is verified now. */
static bool
read_proof(const struct turn *turn, struct info_proof *proof)
{
	/* With TRANSFER=fresh those by the same one as the latest. */
	const char *own = keypad_checked(&turn->verification) ? KEYPAD_ID : turn->agent.id;
	const char *checked_by = turn->app->settings.transfer == TRANSFER_FRESH ? own : "";
	char *const *strengths = turn->app->settings.strengths;
	int64_t now = clock_now_ms(), channels = 0;

	if (turn->verification.state == LEDGER_STATE_OVERRIDDEN) {
		/* Meets no demand. */
		*proof = (struct info_proof){ .age_ms = INT64_MAX, .channels = 1, .strengths = strengths };
		return true;
	}
	if (ledger_approved_channels(turn->app->ledger, turn->contact.interaction, turn->contact.to_id,
	    turn->contact.customer_id, checked_by, now, &channels) != LEDGER_OK)
		return false;
	proof->age_ms = now - turn->verification.approved_at;
	proof->channels = (int)channels;
	proof->strengths = strengths;
	return strength_proven(turn, checked_by, &proof->strength);
}

struct look {
	struct info_proof proof;
	bool              still; /* he may see it */
};

/*
 * Who looks is on record before he sees anything.  The look-up took time: the
 * approval may have run out or been replaced meanwhile, so it is read anew.
 */
static enum refusal
look_locked(struct turn *turn, void *context, int64_t now)
{
	struct look *look = context;
	const char *outcome = NULL;

	(void)now;
	if (operation_latest(turn, &turn->verification) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	look->still = may_see(turn);
	if (!look->still)
		return REFUSAL_NONE;
	outcome = turn->verification.state == LEDGER_STATE_OVERRIDDEN ? "released_overridden" : "released";
	return read_proof(turn, &look->proof) && audit_record(turn, turn->action, outcome) ?
	    REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

/* The allow-list is applied here, on the way out, and nowhere is there another way. */
static enum refusal
hand_out(struct turn *turn, struct json_object *record, const struct info_proof *proof)
{
	const char *const *words = (const char *const *)turn->app->settings.info_fields;

	turn->withheld = json_new_array();
	if (record != NULL)
		turn->customer = info_fields_select(words, false, record, proof, turn->withheld);
	turn->task = info_fields_select(words, true, turn->contact.task.attributes, proof, turn->withheld);
	turn->released = json_complete(turn->withheld) && json_complete(turn->task) &&
	    (record == NULL || json_complete(turn->customer));
	return turn->released ? REFUSAL_NONE : REFUSAL_INTERNAL_ERROR;
}

enum refusal
customer_info_release(struct turn *turn)
{
	struct json_object *fetched = NULL, *record = NULL;
	struct look look = { .still = false };
	enum refusal refusal = REFUSAL_NONE;

	if (!may_see(turn))
		return REFUSAL_NONE;
	refusal = find_record(turn, &fetched, &record);
	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, look_locked, &look);
	if (refusal == REFUSAL_NONE && look.still)
		refusal = hand_out(turn, record, &look.proof);
	json_free(fetched);
	return refusal;
}
