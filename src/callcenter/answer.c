#include "answer.h"

#include "base/clock.h"
#include "base/json.h"
#include "call_back.h"
#include "customer_info.h"
#include "key_in.h"
#include "keypad.h"
#include "strength.h"
#include "tap.h"
#include "turn.h"

#include <stdio.h>
#include <string.h>

/* The demo's client shows this address where an error has no page of its own. */
#define MORE_INFO_URL "https://www.twilio.com/docs/verify/api"

static const char *
success_message(const struct turn *turn)
{
	static const char *const messages[][2] = {
		{ "start", "Code sent." },
		{ "cancel", "Code canceled." },
		{ "stop", "Stopped. The code is canceled and the contact is flagged." },
		{ "end", "Ended. The customer's data is closed." },
		{ "text_link", "Link sent." },
		{ "cancel_link", "Link taken back." },
		{ "tap", "You are asked if you are in touch with us." },
		{ "tap_yes", "Thank you. Go on with your call." },
		{ "tap_no", "Thank you. The contact is stopped." },
		{ "call_back", "Asked for. End the contact; the call-back comes as a task." },
		{ "called_back", "On record: called back at the number on file." },
		{ "key_in", "The caller is asked to key the code in." },
		{ "bring_back", "The caller is with you again." },
		{ "override", "Allowed." },
		{ "unlock", "Unlocked." },
		{ "check", "Verification success." }, /* the demo's words */
		{ "check_pin", "Verification success." },
		{ "pin", "PIN made." },
		{ "info", "State of the verification." },
		{ "supervise", "State of all verifications." },
	};

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (strcmp(turn->action, messages[i][0]) == 0)
			return messages[i][1];
	return "Done.";
}

void
answer_add_time(struct json_object *object, const char *key, int64_t unix_ms)
{
	char text[CLOCK_ISO8601_SIZE];

	if (unix_ms == 0)
		return;
	clock_format(unix_ms, text);
	json_add_string(object, key, text);
}

/* Times are told to the second; one that is waited for is never told too early. */
static int64_t
round_up_to_second(int64_t unix_ms)
{
	return (unix_ms + 999) / 1000 * 1000;
}

/* The last two digits, which an agent may read out; nothing of an e-mail address. */
static const char *
ending(const char *mask)
{
	size_t length = strlen(mask);

	return length > 2 && strchr(mask, '@') == NULL ? mask + length - 2 : "";
}

/* What is known beside the number, with CONTACT_SOURCE=customer: a hint, and a second address. */
static void
add_on_file(struct json_object *object, const struct contact *contact)
{
	char mask[PHONE_MASK_SIZE];

	if (contact->caller_known)
		json_add_bool(object, "caller_matches", contact->caller_matches);
	if (contact->record == NULL || contact->email[0] == '\0')
		return;
	phone_number_mask(contact->email, mask);
	json_add_string(object, "email", mask);
}

/* May the customer be called back, and was this contact made for that? */
static void
add_call_back(struct json_object *object, const struct turn *turn)
{
	const struct ledger_verification *v = &turn->call_back;
	struct json_object *called = NULL;

	if (settings_call_backs(&turn->app->settings))
		json_add_bool(object, "call_back", call_back_possible(turn));
	if (v->id[0] == '\0')
		return;
	called = json_new_object();
	answer_add_time(called, "asked_at", v->created_at);
	json_add_string(called, "asked_by", v->sent_by_name);
	answer_add_time(called, "expires_at", v->expires_at);
	answer_add_time(called, "at", v->decided_at);
	if (v->decided_at != 0)
		json_add_string(called, "by", v->decided_by_name);
	json_add(object, "called_back", called);
}

/* The ways to this contact that the panel offers. */
static void
add_ways(struct json_object *object, const struct turn *turn)
{
	const struct settings *settings = &turn->app->settings;
	struct json_object *channels = json_new_array();

	for (char *const *name = settings->channels; *name != NULL; name++)
		if (contact_channel_fits(turn, *name))
			json_append(channels, json_new_string(*name));
	json_add(object, "channels", channels);
	if (settings_pins(settings))
		json_add_bool(object, PIN_CHANNEL, true);
	if (settings_links(settings))
		json_add_bool(object, "link", tap_refusal(turn) == REFUSAL_NONE);
	if (settings->voice_key_in)
		json_add_bool(object, "key_in", key_in_possible(turn));
}

static void
add_contact(struct json_object *answer, const struct turn *turn)
{
	struct json_object *contact = json_new_object();

	json_add_string(contact, "to", turn->contact.to_mask);
	json_add_string(contact, "ending", ending(turn->contact.to_mask));
	add_ways(contact, turn);
	add_call_back(contact, turn);
	add_on_file(contact, &turn->contact);
	json_add(answer, "contact", contact);
}

/* Of a code that is out: the caller is asked to key it in, or was, and is back. */
static void
add_key_in(struct json_object *object, const struct ledger_verification *v, int64_t now)
{
	if (verification_was_not_keyed_in(v, now)) {
		answer_add_time(object, "back_at", v->decided_until);
	} else if (verification_awaits_key_in(v, now)) {
		answer_add_time(object, "asked_at", v->decided_at);
		answer_add_time(object, "asked_until", v->decided_until);
		json_add_string(object, "asked_by", v->decided_by_name);
	}
}

static void
add_code_members(struct json_object *object, const struct turn *turn, enum verification_state state)
{
	const struct ledger_verification *v = &turn->verification;
	bool link_or_call_back = verification_awaits_call_back(v, clock_now_ms()) ||
	    (v->state == LEDGER_STATE_NEW && strcmp(v->channel, TAP_CHANNEL) == 0);

	if (state == VERIFICATION_EXPIRED || link_or_call_back) {
		answer_add_time(object, "expires_at", v->expires_at);
	} else if (state == VERIFICATION_NOT_VERIFIED && v->state == LEDGER_STATE_NEW &&
	    strcmp(v->channel, PIN_CHANNEL) == 0) {
		json_add_int(object, "checks_left", verification_checks_left(v, &turn->app->limits));
	} else if (state == VERIFICATION_PENDING || state == VERIFICATION_CHECKING || state == VERIFICATION_UNCLEAR) {
		json_add_bool(object, "by_you", agent_is(&turn->agent, v->sent_by_id));
		add_key_in(object, v, clock_now_ms());
		json_add_int(object, "sends_left", verification_sends_left(v, &turn->app->limits));
		json_add_int(object, "checks_left", verification_checks_left(v, &turn->app->limits));
		answer_add_time(object, "expires_at", v->expires_at);
	}
}

/* Of the verification's own lock and that of its number, the longer one; 0: no time opens it. */
int64_t
answer_locked_until(const struct turn *turn)
{
	const struct ledger_verification *v = &turn->verification;
	int64_t until = v->state == LEDGER_STATE_LOCKED ? v->expires_at : 0;

	if (turn->number_locked && turn->opens_at == 0)
		return 0;
	return turn->number_locked && turn->opens_at > until ? turn->opens_at : until;
}

/* When the agent may go on: after a lock, or after a pause between two codes. */
static void
add_waits(struct json_object *object, const struct turn *turn, enum verification_state state, int64_t now)
{
	if (state == VERIFICATION_LOCKED)
		answer_add_time(object, "locked_until", answer_locked_until(turn));
	if (turn->resend_at > now)
		answer_add_time(object, "resend_at", round_up_to_second(turn->resend_at));
}

/* A number with too many wrong codes is locked, whatever became of its last code; what was decided stands. */
enum verification_state
answer_state(const struct turn *turn, int64_t now)
{
	enum verification_state state = verification_state(&turn->verification, now);
	bool locked = turn->number_locked && (turn->opens_at == 0 || turn->opens_at > now);
	bool stands = state == VERIFICATION_APPROVED || state == VERIFICATION_STOPPED ||
	    state == VERIFICATION_OVERRIDDEN;

	return locked && !stands ? VERIFICATION_LOCKED : state;
}

/* approved_until stays when it is past: the panel says when the approval ended. */
static void
add_approval(struct json_object *object, const struct turn *turn)
{
	const struct ledger_verification *v = &turn->verification;

	if (v->state == LEDGER_STATE_CANCELED) /* ended before its time, if it ever was one */
		answer_add_time(object, "approved_at", v->approved_at);
	if (v->state != LEDGER_STATE_APPROVED)
		return;
	answer_add_time(object, "approved_at", v->approved_at);
	answer_add_time(object, "approved_until", v->approved_until);
	json_add_string(object, "approved_by", v->checked_by_name);
	json_add_bool(object, "by_you", agent_is(&turn->agent, v->checked_by_id));
	if (keypad_before_agent(v))
		json_add_string(object, "keyed_in", "before");
	if (verification_keyed_in(v))
		json_add_string(object, "keyed_in", "during");
	if (customer_info_needs_own_code(turn))
		json_add_bool(object, "needs_own_code", true);
}

/* overridden_until stays when it is past, too. */
static void
add_decision(struct json_object *object, const struct turn *turn)
{
	const struct ledger_verification *v = &turn->verification;

	if (v->state == LEDGER_STATE_STOPPED) {
		answer_add_time(object, "stopped_at", v->decided_at);
		json_add_string(object, "stopped_by", v->decided_by_name);
		if (strcmp(v->decided_by_id, TAP_ID) == 0)
			json_add_string(object, "stopped_from", "link");
	} else if (v->state == LEDGER_STATE_NEW && v->decided_at != 0) { /* of a call-back */
		answer_add_time(object, "called_back_at", v->decided_at);
		json_add_string(object, "called_back_by", v->decided_by_name);
	} else if (v->state == LEDGER_STATE_OVERRIDDEN) {
		answer_add_time(object, "overridden_at", v->decided_at);
		answer_add_time(object, "overridden_until", v->decided_until);
		json_add_string(object, "overridden_by", v->decided_by_name);
		json_add_string(object, "override_reason", v->reason);
	}
}

void
answer_add_state(struct json_object *object, const struct turn *turn, int64_t now)
{
	const struct ledger_verification *v = &turn->verification;
	enum verification_state state = answer_state(turn, now);
	char reference[9];

	json_add_string(object, "state", verification_state_word(state));
	json_add_int(object, "code_length", turn->app->settings.code_length);
	add_waits(object, turn, state, now);
	if (v->id[0] == '\0')
		return;
	snprintf(reference, sizeof(reference), "%.8s", v->id);
	json_add_string(object, "reference", reference);
	json_add_string(object, "to", v->to_mask);
	json_add_string(object, "ending", ending(v->to_mask));
	json_add_string(object, "channel", v->channel);
	answer_add_time(object, "sent_at", v->sent_at);
	json_add_string(object, "sent_by", v->sent_by_name);
	add_code_members(object, turn, state);
	add_approval(object, turn);
	add_decision(object, turn);
}

static void
add_verification(struct json_object *answer, const struct turn *turn, int64_t now)
{
	struct json_object *object = json_new_object();

	answer_add_state(object, turn, now);
	json_add(answer, "verification", object);
}

/* Taken out of the turn, as json_add takes it over; null if there is none. */
static void
add_taken(struct json_object *answer, const char *key, struct json_object **taken)
{
	if (*taken == NULL)
		json_add_null(answer, key);
	else
		json_add(answer, key, *taken);
	*taken = NULL;
}

static void
add_release(struct json_object *answer, struct turn *turn)
{
	add_taken(answer, "customer", &turn->customer);
	add_taken(answer, "task", &turn->task);
	json_add(answer, "withheld", turn->withheld);
	turn->withheld = NULL;
}

/* The demo's client reads error.message of a start and message of a check; every refusal has both. */
static void
add_refusal(struct json_object *answer, const struct turn *turn, const struct refusal_text *text)
{
	struct json_object *error = json_new_object();
	char more_info[64] = MORE_INFO_URL;

	if (turn->trace.twilio_code != 0)
		snprintf(more_info, sizeof(more_info), "https://www.twilio.com/docs/errors/%d",
		    turn->trace.twilio_code);
	json_add_string(answer, "code", text->code);
	json_add_string(answer, "message", text->message);
	json_add_string(error, "code", text->code);
	json_add_string(error, "message", text->message);
	json_add_string(error, "moreInfo", more_info);
	json_add(answer, "error", error);
}

/* What was asked for, beside how the verification stands. */
static void
add_result(struct json_object *answer, struct turn *turn)
{
	if (turn->view != NULL)
		add_taken(answer, "view", &turn->view);
	if (turn->pin[0] == '\0')
		return;
	json_add_string(answer, "pin", turn->pin);
	answer_add_time(answer, "expires_at", turn->pin_expires_at);
}

void
answer_write(struct turn *turn, enum refusal refusal, struct response *response)
{
	struct json_object *answer = json_new_object();
	int64_t now = clock_now_ms();
	bool done = refusal == REFUSAL_NONE;

	json_add_bool(answer, "success", done);
	if (done)
		json_add_string(answer, "message", success_message(turn));
	else
		add_refusal(answer, turn, refusal_text(refusal));
	if (!done && turn->opens_at > now)
		answer_add_time(answer, "opens_at", round_up_to_second(turn->opens_at));
	answer_add_time(answer, "now", now);
	json_add_string(answer, "request_id", turn->request.id);
	if (turn->contact.resolved)
		add_contact(answer, turn);
	if (turn->looked)
		add_verification(answer, turn, now);
	if (turn->released)
		add_release(answer, turn);
	if (done)
		add_result(answer, turn);
	response_json(response, done ? 200 : refusal_text(refusal)->status, answer);
}
