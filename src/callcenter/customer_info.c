#include "customer_info.h"

#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "info_fields.h"
#include "turn.h"

#include <string.h>

#define RECORD_DEPTH_MAX 8
#define LOOKUP_URL_MAX_BYTES 2048

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

bool
customer_info_needs_own_code(const struct turn *turn)
{
	return turn->app->settings.transfer == TRANSFER_FRESH && turn->agent.identified && approved(turn) &&
	    !agent_is(&turn->agent, turn->verification.checked_by_id);
}

/* A supervisor's word takes the place of the customer's; he does not give it to himself. */
static bool
overridden(const struct turn *turn)
{
	return is_now(turn, VERIFICATION_OVERRIDDEN) && !agent_is(&turn->agent, turn->verification.decided_by_id);
}

/* The gate: read from our own ledger, for this interaction and number, by an agent who signed in and has the right. */
static bool
may_see(const struct turn *turn)
{
	return turn->agent.identified && turn->agent.may_see && turn->contact.resolved &&
	    (overridden(turn) || (approved(turn) && !customer_info_needs_own_code(turn))) &&
	    strcmp(turn->verification.interaction, turn->contact.interaction) == 0 &&
	    strcmp(turn->verification.to_id, turn->contact.to_id) == 0;
}

static bool
write_url(const struct turn *turn, struct buffer *url)
{
	const char *base = turn->app->settings.customer_lookup_url;

	return buffer_add_text(url, base) && buffer_add_text(url, strchr(base, '?') == NULL ? "?phone=" : "&phone=") &&
	    form_escape(url, turn->contact.address);
}

/* 404 is a customer that the company does not know: no record, and no error. */
static enum refusal
read_record(const struct http_call *call, struct json_object **record)
{
	if (call->result == HTTP_CLIENT_OK && call->status == 404)
		return REFUSAL_NONE;
	if (call->result != HTTP_CLIENT_OK || call->status != 200 || !call->answer_is_json)
		return REFUSAL_CUSTOMER_LOOKUP_FAILED;
	if (json_parse(buffer_text(&call->answer), call->answer.length, RECORD_DEPTH_MAX, record) != JSON_OK)
		return REFUSAL_CUSTOMER_LOOKUP_FAILED;
	return REFUSAL_NONE;
}

static enum refusal
look_up(struct turn *turn, struct json_object **record)
{
	const struct settings *settings = &turn->app->settings;
	struct http_call call;
	struct buffer url;
	enum refusal refusal = REFUSAL_CUSTOMER_LOOKUP_FAILED;

	if (settings->customer_lookup_url == NULL)
		return REFUSAL_NONE;
	buffer_init(&url, LOOKUP_URL_MAX_BYTES);
	http_call_init(&call);
	if (write_url(turn, &url)) {
		call.method = "GET";
		call.url = buffer_text(&url);
		call.username = settings->customer_lookup_username;
		call.password = settings->customer_lookup_password;
		http_client_perform(turn->app->http, &call, turn->deadline_ms);
		refusal = read_record(&call, record);
	}
	http_call_free(&call);
	buffer_free(&url);
	return refusal;
}

/* Inside a transaction: how well the customer is verified now. */
static bool
read_proof(const struct turn *turn, struct info_proof *proof)
{
	const char *checked_by = turn->app->settings.transfer == TRANSFER_FRESH ? turn->agent.id : "";
	int64_t now = clock_now_ms(), channels = 0;

	if (turn->verification.state == LEDGER_STATE_OVERRIDDEN) {
		*proof = (struct info_proof){ .age_ms = INT64_MAX, .channels = 1 }; /* meets no demand */
		return true;
	}
	if (ledger_approved_channels(turn->app->ledger, turn->contact.interaction, turn->contact.to_id, checked_by, now,
	    &channels) != LEDGER_OK)
		return false;
	proof->age_ms = now - turn->verification.approved_at;
	proof->channels = (int)channels;
	return true;
}

/*
 * Who looks is on record before he sees anything.  The look-up took time: the
 * approval may have run out or been replaced meanwhile, so it is read anew.
 */
static enum refusal
record_look(struct turn *turn, struct info_proof *proof, bool *still)
{
	struct ledger *ledger = turn->app->ledger;
	const char *outcome = NULL;
	bool done = false;

	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	done = ledger_latest(ledger, turn->contact.interaction, turn->contact.to_id, &turn->verification) == LEDGER_OK;
	*still = done && may_see(turn);
	outcome = turn->verification.state == LEDGER_STATE_OVERRIDDEN ? "released_overridden" : "released";
	if (*still)
		done = read_proof(turn, proof) && audit_record(turn, turn->action, outcome);
	if (!done)
		ledger_rollback(ledger);
	else
		done = ledger_commit(ledger) == LEDGER_OK;
	return done ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
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
	turn->released = turn->withheld != NULL && turn->task != NULL && (record == NULL || turn->customer != NULL);
	return turn->released ? REFUSAL_NONE : REFUSAL_INTERNAL_ERROR;
}

enum refusal
customer_info_release(struct turn *turn)
{
	struct json_object *record = NULL;
	struct info_proof proof = { 0 };
	bool still = false;
	enum refusal refusal = REFUSAL_NONE;

	if (!may_see(turn))
		return REFUSAL_NONE;
	refusal = look_up(turn, &record);
	if (refusal == REFUSAL_NONE)
		refusal = record_look(turn, &proof, &still);
	if (refusal == REFUSAL_NONE && still)
		refusal = hand_out(turn, record, &proof);
	json_free(record);
	return refusal;
}
