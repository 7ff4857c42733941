#include "tap.h"

#include "answer.h"
#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "operation.h"
#include "strength.h"
#include "tap_token.h"
#include "tap_words.h"
#include "turn.h"
#include "verification_may.h"

#include <stdio.h>
#include <string.h>

/* What the customer does, by the field action. */
struct answered {
	const char *name;   /* NULL: nothing, the page is being opened */
	const char *action; /* on record */
	enum refusal (*may)(const struct ledger_verification *link, int64_t now);
	enum refusal (*apply)(struct turn *turn, struct ledger_verification *link, int64_t now);
};

/* Who has the token acts from here on: the customer, as nobody who signed in. */
static void
take_contact(struct turn *turn, const struct ledger_verification *link)
{
	contact_take_row(&turn->contact, link);
	turn_copy(turn->agent.id, sizeof(turn->agent.id), TAP_ID);
	turn_copy(turn->agent.name, sizeof(turn->agent.name), TAP_NAME);
}

/* Inside a transaction: whatever is wrong with a token, the answer is one. */
static enum refusal
find(struct turn *turn, struct ledger_verification *link)
{
	const char *token = turn_field(turn, "token");
	char row[LEDGER_ID_SIZE];
	enum ledger_result result = LEDGER_OK;
	enum refusal refusal = REFUSAL_NONE;

	if (!settings_links(&turn->app->settings) || !tap_token_row(token, row))
		return REFUSAL_UNKNOWN_LINK;
	result = ledger_find(turn->app->ledger, row, link);
	if (result != LEDGER_OK)
		return result == LEDGER_NOT_FOUND ? REFUSAL_UNKNOWN_LINK : REFUSAL_LEDGER_UNAVAILABLE;
	refusal = tap_token_check(turn, link, token);
	if (refusal == REFUSAL_NONE)
		take_contact(turn, link);
	return refusal;
}

/* ---- the page is opened ---- */

/* Nothing of the customer: whoever finds the phone reads it, too. */
static void
add_question(struct json_object *view, const struct turn *turn, const struct ledger_verification *link)
{
	const struct settings *settings = &turn->app->settings;
	char first[LEDGER_NAME_SIZE];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(link->sent_by_name, " "), link->sent_by_name);
	json_add_string(view, "company", settings->company_name);
	json_add_bool(view, "call", tap_words_is_call(link->interaction));
	if (settings->approval_agent_name && first[0] != '\0')
		json_add_string(view, "agent", first);
	answer_add_time(view, "asked_at", link->sent_at);
	answer_add_time(view, "expires_at", link->expires_at);
}

static enum refusal
show(struct turn *turn, struct ledger_verification *link, int64_t now)
{
	(void)now;
	turn->view = json_new_object();
	add_question(turn->view, turn, link);
	return json_complete(turn->view) ? REFUSAL_NONE : REFUSAL_INTERNAL_ERROR;
}

/* ---- yes and no ---- */

static bool
put(struct turn *turn, const struct ledger_verification *v)
{
	return ledger_put(turn->app->ledger, v) == LEDGER_OK;
}

/* A newer code, PIN or link took its place, or too many wrong ones of them locked the number. */
static bool
overtaken(const struct turn *turn, const struct ledger_verification *link)
{
	return strcmp(turn->verification.id, link->id) != 0 || turn->number_locked;
}

static enum refusal
confirm(struct turn *turn, struct ledger_verification *link, int64_t now)
{
	if (overtaken(turn, link))
		return REFUSAL_LINK_EXPIRED;
	verification_link_confirmed(link, &turn->app->limits, now);
	turn->verification = *link;
	return put(turn, link) && audit_record(turn, turn->action, "approved") ? REFUSAL_NONE :
										 REFUSAL_LEDGER_UNAVAILABLE;
}

/* Also with a link that was overtaken or canceled: what came after it was got from somebody else. */
static enum refusal
deny(struct turn *turn, struct ledger_verification *link, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);
	struct ledger_verification *latest = &turn->verification;
	bool other = strcmp(latest->id, link->id) != 0;

	verification_stopped(latest, &actor, now);
	verification_link_denied(link, &actor, now);
	if (ledger_close_interaction(turn->app->ledger, link->interaction) != LEDGER_OK ||
	    (other && !put(turn, link)) || !put(turn, latest) || !audit_record(turn, turn->action, "stopped"))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

struct act {
	const struct answered *answered;
};

static const struct answered answers[] = {
	{ NULL, "tap", verification_may_deny_link, show },
	{ "yes", "tap_yes", verification_may_confirm_link, confirm },
	{ "no", "tap_no", verification_may_deny_link, deny },
};

static const struct answered *
chosen(const struct turn *turn)
{
	const char *name = turn_field(turn, "action");

	if (name == NULL)
		return &answers[0];
	for (size_t i = 1; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(name, answers[i].name) == 0)
			return &answers[i];
	return NULL;
}

static enum refusal
answer_locked(struct turn *turn, void *context, int64_t now)
{
	struct act *act = context;
	struct ledger_verification link;
	enum refusal refusal = find(turn, &link);

	if (refusal == REFUSAL_NONE && !operation_look(turn, now))
		refusal = REFUSAL_LEDGER_UNAVAILABLE;
	if (refusal == REFUSAL_NONE)
		refusal = act->answered->may(&link, now);
	if (refusal == REFUSAL_NONE && verification_may_stop(&turn->verification, now) != REFUSAL_NONE)
		refusal = REFUSAL_LINK_EXPIRED;
	return refusal == REFUSAL_NONE ? act->answered->apply(turn, &link, now) : refusal;
}

/* Whoever has no link keeps nobody from writing: this only reads. */
static enum refusal
read_only(struct turn *turn, struct act *act)
{
	struct ledger *ledger = turn->app->ledger;
	enum refusal refusal = REFUSAL_NONE;

	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = answer_locked(turn, act, clock_now_ms());
	ledger_rollback(ledger);
	return refusal;
}

enum refusal
tap_answer(struct turn *turn)
{
	const struct answered *answered = chosen(turn);
	struct act act = { &answers[0] };
	enum refusal refusal = REFUSAL_NONE;

	if (answered == NULL)
		return REFUSAL_INVALID_ACTION;
	turn->action = answered->action;
	refusal = read_only(turn, &act);
	if (refusal == REFUSAL_NONE && answered->name != NULL) {
		act.answered = answered;
		refusal = operation_locked(turn, answer_locked, &act);
	}
	turn->looked = false; /* how the verification stands is the agent's to know */
	turn->opens_at = 0;
	turn->changed = refusal == REFUSAL_NONE && answered->name != NULL;
	return refusal;
}
