#include "tap.h"

#include "audit.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/secret.h"
#include "limits.h"
#include "operation.h"
#include "strength.h"
#include "tap_token.h"
#include "tap_words.h"
#include "turn.h"
#include "twilio/messages.h"
#include "verification.h"
#include "verification_may.h"

#include <string.h>

/* What is kept between the steps of sending. */
struct act {
	struct ledger_verification link;     /* as it was begun */
	struct ledger_verification given_up; /* whose code has still to be canceled at Twilio; without an id: none */
	char                       token[TAP_TOKEN_SIZE];
	enum twilio_result         result;
	enum refusal               refusal;
};

enum refusal
tap_refusal(const struct turn *turn)
{
	const struct contact *contact = &turn->contact;

	if (!settings_links(&turn->app->settings))
		return REFUSAL_LINKS_OFF;
	if (contact->phone[0] == '\0')
		return REFUSAL_NO_NUMBER;
	if (contact->phone_refusal != REFUSAL_NONE)
		return contact->phone_refusal;
	return contact->texts ? REFUSAL_NONE : REFUSAL_LANDLINE;
}

static bool
put(struct turn *turn, const struct ledger_verification *v)
{
	return ledger_put(turn->app->ledger, v) == LEDGER_OK;
}

static enum refusal
judge(struct turn *turn, int64_t now)
{
	enum refusal refusal = verification_may_text_link(&turn->verification, now);

	return refusal == REFUSAL_NONE ? limits_check(turn, LEDGER_OPERATION_SEND, now) : refusal;
}

/* One thing is out at a time: by the panel the agent would not know what he waits for. */
static bool
give_up(struct turn *turn, struct act *act)
{
	enum ledger_state state = turn->verification.state;

	if (state != LEDGER_STATE_PENDING && state != LEDGER_STATE_UNCLEAR)
		return true;
	act->given_up = turn->verification;
	verification_given_up(&act->given_up);
	return put(turn, &act->given_up);
}

static bool
begin(struct turn *turn, struct act *act, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	const struct verification_actor actor = agent_actor(&turn->agent);

	if (!operation_new_row(turn, "sms", v))
		return false;
	verification_link_texted(v, &actor, now + turn->app->settings.approval_link_s * INT64_C(1000), now);
	if (!tap_token_make(turn, v, act->token))
		return false;
	act->link = *v;
	return put(turn, v) && audit_record_counted(turn, turn->action, "begun", 1, 0);
}

/* On record, and good, before it is sent: what a process that dies meanwhile has sent is answered all the same. */
static enum refusal
begin_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	enum refusal refusal = REFUSAL_NONE;

	if (operation_latest(turn, &turn->verification) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge(turn, now);
	if (refusal != REFUSAL_NONE)
		return audit_refusal(turn, refusal);
	return give_up(turn, act) && begin(turn, act, now) ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

static enum twilio_result
text(struct turn *turn, const struct act *act)
{
	const struct settings *settings = &turn->app->settings;
	struct buffer body;
	struct message message = { settings->messaging_service_sid, settings->messaging_from, turn->contact.phone, "",
		settings->approval_link_s };
	enum twilio_result result = TWILIO_NO_MEMORY;

	buffer_init(&body, TAP_TEXT_MAX_BYTES);
	if (tap_words_text(turn, act->token, &body)) {
		message.body = buffer_text(&body);
		result = messages_send(&turn->app->twilio, &message, turn->deadline_ms, &turn->trace);
	}
	buffer_free(&body);
	return result;
}

/* What Twilio says was not sent is of no use to anybody, and does not count. */
static enum refusal
finish_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification *v = &turn->verification;
	bool sent = act->result == TWILIO_OK || twilio_result_unclear(act->result);

	/* The customer may have been quicker than Twilio's answer. */
	if (ledger_find(turn->app->ledger, act->link.id, v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (!sent && verification_awaits_tap(v, now)) {
		verification_link_taken_back(v);
		if (!put(turn, v))
			return REFUSAL_LEDGER_UNAVAILABLE;
	}
	if (!audit_record_counted(turn, turn->action,
		act->result == TWILIO_OK ? "link_sent" : refusal_text(act->refusal)->code, sent ? 0 : -1, 0) ||
	    !operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return act->refusal == REFUSAL_NONE ? verification_may_stop(v, now) : act->refusal;
}

/* Not "code expired": what was not found is the account's. */
static enum refusal
refusal_of(enum twilio_result result)
{
	return result == TWILIO_NOT_FOUND ? REFUSAL_TWILIO_SETUP : refusal_of_twilio(result);
}

enum refusal
tap_send(struct turn *turn)
{
	struct act act = { .token = "" };
	enum refusal refusal = tap_refusal(turn);

	if (refusal == REFUSAL_NONE && !tap_words_locale_known(turn_field(turn, "locale")))
		refusal = REFUSAL_INVALID_LOCALE;
	if (refusal == REFUSAL_NONE)
		refusal = operation_locked(turn, begin_locked, &act);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (act.given_up.id[0] != '\0')
		verification_withdraw_given_up(turn, &act.given_up);
	act.result = text(turn, &act);
	act.refusal = refusal_of(act.result);
	secret_wipe(act.token, sizeof(act.token));
	turn->changed = true;
	return operation_locked(turn, finish_locked, &act);
}

static enum refusal
cancel_locked(struct turn *turn, void *context, int64_t now)
{
	struct ledger_verification *v = &turn->verification;

	(void)context;
	if (!operation_look(turn, now))
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (!verification_awaits_tap(v, now))
		return audit_refusal(turn, REFUSAL_NO_PENDING_CODE);
	verification_link_taken_back(v);
	return put(turn, v) && audit_record(turn, turn->action, "canceled") ? REFUSAL_NONE :
									      REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
tap_cancel(struct turn *turn)
{
	return operation_locked(turn, cancel_locked, NULL);
}
