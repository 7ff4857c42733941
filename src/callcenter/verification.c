#include "verification.h"

#include "audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "limits.h"
#include "turn.h"
#include "twilio/verify.h"
#include "twilio/verify_attempts.h"

#include <ctype.h>
#include <string.h>

/* The outcome of an act must reach the ledger; another process may hold it for a while. */
#define FINISH_TRIES 3

/* How far Twilio's clock and ours may be apart. */
#define CLOCK_SKEW_MS 60000

#define CODE_SIZE 11 /* Verify codes have at most 10 digits */

static struct verification_actor
actor_of(const struct turn *turn)
{
	return (struct verification_actor){ turn->agent.worker_sid, turn->agent.name };
}

/* The contact's latest row; one without an id if there is none.  Inside a transaction. */
static enum ledger_result
latest(const struct turn *turn, struct ledger_verification *v)
{
	enum ledger_result result =
	    ledger_latest(turn->app->ledger, turn->contact.interaction, turn->contact.to_id, v);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

static bool
make_row(const struct turn *turn, struct ledger_verification *v)
{
	const struct contact *contact = &turn->contact;

	memset(v, 0, sizeof(*v));
	return turn_copy(v->interaction, sizeof(v->interaction), contact->interaction) &&
	    turn_copy(v->to_id, sizeof(v->to_id), contact->to_id) &&
	    turn_copy(v->to_mask, sizeof(v->to_mask), contact->to_mask) && secret_random_hex(v->id, sizeof(v->id));
}

static enum refusal
judge(const struct turn *turn, const struct ledger_verification *v, enum ledger_operation operation, int64_t now)
{
	switch (operation) {
	case LEDGER_OPERATION_SEND:
		return verification_may_send(v, &turn->app->limits, now);
	case LEDGER_OPERATION_CHECK:
		return verification_may_check(v, now);
	case LEDGER_OPERATION_CANCEL:
		return verification_may_cancel(v, now);
	case LEDGER_OPERATION_NONE:
	case LEDGER_OPERATION__MAX:
		return REFUSAL_INTERNAL_ERROR;
	}
	return REFUSAL_INTERNAL_ERROR;
}

/* Inside a transaction: the row with the operation written down, or the refusal on record. */
static enum refusal
begin_locked(struct turn *turn, enum ledger_operation operation, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	char operation_id[LEDGER_ID_SIZE];
	enum refusal refusal = REFUSAL_NONE;

	if (latest(turn, v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	turn->looked = true;
	refusal = judge(turn, v, operation, now);
	if (refusal == REFUSAL_NONE)
		refusal = limits_check(turn, operation, now);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		return refusal;
	if (refusal != REFUSAL_NONE)
		return audit_record(turn, turn->action, refusal_text(refusal)->code) ? refusal :
										       REFUSAL_LEDGER_UNAVAILABLE;
	if (operation == LEDGER_OPERATION_SEND && !verification_continues(v, now) && !make_row(turn, v))
		return REFUSAL_INTERNAL_ERROR;
	if (!secret_random_hex(operation_id, sizeof(operation_id)))
		return REFUSAL_INTERNAL_ERROR;
	turn_copy(v->task_sid, sizeof(v->task_sid), turn->contact.task.sid);
	verification_begin(v, operation, operation_id, &turn->app->limits, now);
	if (ledger_put(turn->app->ledger, v) != LEDGER_OK ||
	    !audit_record_counted(turn, turn->action, "begun", operation == LEDGER_OPERATION_SEND,
		operation == LEDGER_OPERATION_CHECK))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return REFUSAL_NONE;
}

static enum refusal
begin(struct turn *turn, enum ledger_operation operation)
{
	struct ledger *ledger = turn->app->ledger;
	enum refusal refusal = REFUSAL_NONE;

	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = begin_locked(turn, operation, clock_now_ms());
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE || refusal == REFUSAL_INTERNAL_ERROR)
		ledger_rollback(ledger);
	else if (ledger_commit(ledger) == LEDGER_OK)
		return refusal;
	else
		refusal = REFUSAL_LEDGER_UNAVAILABLE;
	turn->looked = false; /* the row in the turn is not the one on disk */
	return refusal;
}

static enum refusal
apply(const struct turn *turn, struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer, int64_t now)
{
	struct verification_actor actor = actor_of(turn);

	switch (v->operation) {
	case LEDGER_OPERATION_SEND:
		return verification_sent(v, result, answer, &actor, &turn->app->limits, now);
	case LEDGER_OPERATION_CHECK:
		return verification_checked(v, result, answer, &actor, &turn->app->limits, now);
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
 * What was counted when the operation began and turned out not to count: a
 * code that Twilio did not send, a code that was right or was not looked at.
 */
static bool
record_outcome(const struct turn *turn, const struct ledger_verification *before,
    const struct ledger_verification *after, enum refusal refusal)
{
	bool unsent = before->operation == LEDGER_OPERATION_SEND && refusal != REFUSAL_NONE &&
	    after->sends < before->sends;
	bool no_failure = before->operation == LEDGER_OPERATION_CHECK &&
	    (refusal == REFUSAL_NONE || after->checks < before->checks);

	return audit_record_counted(turn, turn->action, outcome_word(before->operation, refusal), unsent ? -1 : 0,
	    no_failure ? -1 : 0);
}

/* Inside a transaction: the outcome, on the row as it is now. */
static enum refusal
finish_locked(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	struct ledger_verification v;
	enum ledger_operation operation = turn->verification.operation;
	enum refusal refusal = REFUSAL_NONE;

	if (latest(turn, &v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	/* We took longer than an operation may, and somebody else has gone on since. */
	if (strcmp(v.operation_id, turn->verification.operation_id) != 0 || v.operation != operation)
		return REFUSAL_RESULT_UNCLEAR;
	refusal = apply(turn, &v, result, answer, clock_now_ms());
	if (ledger_put(turn->app->ledger, &v) != LEDGER_OK ||
	    !record_outcome(turn, &turn->verification, &v, refusal) || limits_look(turn, clock_now_ms()) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	turn->verification = v;
	return refusal;
}

static enum refusal
finish_once(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	struct ledger *ledger = turn->app->ledger;
	struct ledger_verification before = turn->verification;
	enum refusal refusal = REFUSAL_NONE;

	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = finish_locked(turn, result, answer);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE || refusal == REFUSAL_INTERNAL_ERROR) {
		ledger_rollback(ledger);
		return refusal;
	}
	if (ledger_commit(ledger) == LEDGER_OK)
		return refusal;
	turn->verification = before; /* what is not on disk has not happened */
	return REFUSAL_LEDGER_UNAVAILABLE;
}

static enum refusal
finish(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	enum refusal refusal = REFUSAL_LEDGER_UNAVAILABLE;

	for (int i = 0; i < FINISH_TRIES && refusal == REFUSAL_LEDGER_UNAVAILABLE; i++)
		refusal = finish_once(turn, result, answer);
	return refusal;
}

/* RFC 5646 in its common forms: en, pt-BR, es-419. */
static bool
locale_valid(const char *locale)
{
	size_t language = 0, region = 0;

	while (isalpha((unsigned char)locale[language]))
		language++;
	if (language < 2 || language > 3)
		return false;
	if (locale[language] == '\0')
		return true;
	while (isalnum((unsigned char)locale[language + 1 + region]))
		region++;
	return locale[language] == '-' && region >= 2 && region <= 4 && locale[language + 1 + region] == '\0';
}

static bool
channel_known(const char *channel)
{
	static const char *const known[] = { "sms", "call", "whatsapp", "email", NULL };

	for (const char *const *name = known; *name != NULL; name++)
		if (strcmp(channel, *name) == 0)
			return true;
	return false;
}

/* Without a wish: e-mail for an e-mail address, WhatsApp for who is on WhatsApp, else the first configured channel. */
static const char *
default_channel(const struct turn *turn)
{
	if (turn->contact.by_email)
		return "email";
	if (turn->contact.by_whatsapp && settings_channel_allowed(&turn->app->settings, "whatsapp"))
		return "whatsapp";
	for (char *const *name = turn->app->settings.channels; *name != NULL; name++)
		if (contact_channel_fits(turn, *name))
			return *name;
	return "";
}

static enum refusal
choose_channel(const struct turn *turn, const char **channel)
{
	*channel = turn_field(turn, "channel");
	if (*channel == NULL)
		*channel = default_channel(turn);
	else if (!channel_known(*channel))
		return REFUSAL_INVALID_CHANNEL;
	return contact_channel_fits(turn, *channel) ? REFUSAL_NONE : REFUSAL_CHANNEL_NOT_ALLOWED;
}

enum refusal
verification_start(struct turn *turn)
{
	const char *channel = NULL, *locale = turn_field(turn, "locale");
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum refusal refusal = choose_channel(turn, &channel);

	if (refusal == REFUSAL_NONE && locale != NULL && !locale_valid(locale))
		refusal = REFUSAL_INVALID_LOCALE;
	if (refusal == REFUSAL_NONE)
		refusal = begin(turn, LEDGER_OPERATION_SEND);
	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_start(&turn->app->twilio, turn->contact.address, channel, locale, turn->deadline_ms, &answer,
	    &turn->trace);
	return finish(turn, result, &answer);
}

enum refusal
verification_cancel(struct turn *turn)
{
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum refusal refusal = begin(turn, LEDGER_OPERATION_CANCEL);

	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_cancel(&turn->app->twilio, turn->verification.verification_sid, turn->contact.address,
	    turn->deadline_ms, &answer, &turn->trace);
	return finish(turn, result, &answer);
}

static bool
unclear(const struct ledger_verification *v)
{
	return verification_state(v, clock_now_ms()) == VERIFICATION_UNCLEAR;
}

/*
 * What became of a verification whose answer was lost?  Twilio shows one that
 * is pending; one that was approved it forgets, but for its attempts.
 */
static enum twilio_result
find_out(struct turn *turn, struct verify_answer *answer)
{
	const struct ledger_verification *v = &turn->verification;
	const struct twilio *twilio = &turn->app->twilio;
	const char *to = turn->contact.address;
	char sid[TWILIO_SID_SIZE];
	bool converted = false;
	enum twilio_result result = TWILIO_OK;

	turn_copy(sid, sizeof(sid), v->verification_sid);
	if (sid[0] == '\0')
		result = verify_attempts_find(twilio, to, v->created_at - CLOCK_SKEW_MS, turn->deadline_ms, sid, &turn->trace);
	if (result == TWILIO_OK)
		result = verify_fetch(twilio, sid, to, turn->deadline_ms, answer, &turn->trace);
	/* Only a check of ours can have approved it, and only then is "approved" ours to take. */
	if (result != TWILIO_NOT_FOUND || v->checks == 0)
		return result;
	result = verify_attempts_converted(twilio, sid, to, turn->deadline_ms, &converted, &turn->trace);
	if (result != TWILIO_OK || !converted)
		return TWILIO_NOT_FOUND;
	answer->status = VERIFY_APPROVED;
	return TWILIO_OK;
}

/* Inside a transaction: takes what Twilio said of an unclear verification, unless it changed meanwhile. */
static enum refusal
settle_locked(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	struct verification_actor actor = actor_of(turn);
	struct ledger_verification v;
	int64_t now = clock_now_ms();

	if (latest(turn, &v) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (unclear(&v) && strcmp(v.operation_id, turn->verification.operation_id) == 0) {
		verification_settled(&v, result, answer, &actor, &turn->app->limits, now);
		if (ledger_put(turn->app->ledger, &v) != LEDGER_OK ||
		    !audit_record_counted(turn, "settle", verification_state_word(verification_state(&v, now)), 0,
			v.state == LEDGER_STATE_APPROVED ? -1 : 0))
			return REFUSAL_LEDGER_UNAVAILABLE;
	}
	turn->verification = v;
	return REFUSAL_NONE;
}

/* Asks Twilio what became of an unclear verification.  No answer leaves it unclear. */
static enum refusal
settle(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	struct ledger_verification before = turn->verification;
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;

	memset(&answer, 0, sizeof(answer));
	result = find_out(turn, &answer);
	if (result != TWILIO_OK)
		return REFUSAL_NONE;
	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (settle_locked(turn, result, &answer) != REFUSAL_NONE) {
		ledger_rollback(ledger);
		return REFUSAL_LEDGER_UNAVAILABLE;
	}
	if (ledger_commit(ledger) == LEDGER_OK)
		return REFUSAL_NONE;
	turn->verification = before;
	return REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
verification_look(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	enum ledger_result result = ledger_begin(ledger, LEDGER_READ);

	if (result != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	result = latest(turn, &turn->verification);
	if (result == LEDGER_OK)
		result = limits_look(turn, clock_now_ms());
	ledger_rollback(ledger);
	if (result != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	turn->looked = true;
	return unclear(&turn->verification) ? settle(turn) : REFUSAL_NONE;
}

/* Agents and customers write codes with blanks and hyphens; Twilio wants the digits. */
static bool
read_code(const char *text, int length, char code[CODE_SIZE])
{
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '-')
			continue;
		if (*text < '0' || *text > '9' || digits == (size_t)length)
			return false;
		code[digits++] = *text;
	}
	code[digits] = '\0';
	return digits == (size_t)length;
}

static enum refusal
check_code(struct turn *turn, const char *code)
{
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum refusal refusal = verification_look(turn);

	if (refusal == REFUSAL_NONE)
		refusal = begin(turn, LEDGER_OPERATION_CHECK);
	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_check(&turn->app->twilio, turn->verification.verification_sid, turn->contact.address, code,
	    turn->deadline_ms, &answer, &turn->trace);
	return finish(turn, result, &answer);
}

enum refusal
verification_check(struct turn *turn)
{
	const char *text = turn_field(turn, "verification_code");
	char code[CODE_SIZE];
	enum refusal refusal = REFUSAL_NONE;

	if (text == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (!read_code(text, turn->app->settings.code_length, code))
		return REFUSAL_INVALID_CODE;
	refusal = check_code(turn, code);
	secret_wipe(code, sizeof(code));
	return refusal;
}
