#include "verification.h"

#include "audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "limits.h"
#include "turn.h"
#include "twilio/verify.h"
#include "twilio/verify_attempts.h"

#include <string.h>

/* The outcome of an act must reach the ledger; another process may hold it for a while. */
#define FINISH_TRIES 3

/* An act begins only if at least this part of the turn's time is left for Twilio's answer. */
#define TIME_LEFT_PART 5

/* How far Twilio's clock and ours may be apart. */
#define CLOCK_SKEW_MS 60000

/* The longest that Twilio can be told to keep a code (verify/api/rate-limits-and-timeouts). */
#define TWILIO_CODE_LIFE_MS (INT64_C(24) * 3600 * 1000)

#define CODE_SIZE 11 /* Verify codes have at most 10 digits */

/* ---- before Twilio is asked ---- */

static struct verification_actor
actor_of(const struct turn *turn)
{
	return (struct verification_actor){ turn->agent.id, turn->agent.name };
}

/* The contact's latest row; one without an id if there is none.  Inside a transaction. */
static enum ledger_result
latest(const struct turn *turn, struct ledger_verification *v)
{
	enum ledger_result result =
	    ledger_latest(turn->app->ledger, turn->contact.interaction, turn->contact.to_id, v);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

/* A verification of the number, of whatever interaction, that Twilio may still hold a code for. */
static enum ledger_result
other_open(const struct turn *turn, int64_t now, struct ledger_verification *other)
{
	enum ledger_result result = ledger_other_open(turn->app->ledger, turn->contact.to_id, turn->verification.id,
	    now - TWILIO_CODE_LIFE_MS, other);

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

/* An answer that cannot come in time would only be lost. */
static bool
time_left(const struct turn *turn)
{
	return turn->deadline_ms - clock_monotonic_ms() >= turn->app->settings.request_timeout_ms / TIME_LEFT_PART;
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
	if (other_open(turn, now, &other) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return verification_may_send(&other, &turn->app->limits, now) == REFUSAL_VERIFICATION_BUSY ?
	    REFUSAL_VERIFICATION_BUSY : REFUSAL_NONE;
}

/* Inside a transaction: the operation on the row, and what it counts towards the limits. */
static bool
write_begin(struct turn *turn, enum ledger_operation operation, const char *channel, int64_t now)
{
	struct ledger_verification *v = &turn->verification;
	struct verification_actor actor = actor_of(turn);
	char operation_id[LEDGER_ID_SIZE];

	if (operation == LEDGER_OPERATION_SEND && !verification_continues(v, now) && !make_row(turn, v))
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

/* Inside a transaction: the beginning, or the refusal, on record. */
static enum refusal
begin_locked(struct turn *turn, enum ledger_operation operation, const char *channel, int64_t now)
{
	enum refusal refusal = REFUSAL_NONE;

	if (latest(turn, &turn->verification) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = judge_all(turn, operation, now);
	if (refusal == REFUSAL_NONE)
		return write_begin(turn, operation, channel, now) ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
	return audit_record(turn, turn->action, refusal_text(refusal)->code) ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
}

/* channel: how a code is to be sent; NULL for what sends none. */
static enum refusal
begin(struct turn *turn, enum ledger_operation operation, const char *channel)
{
	struct ledger *ledger = turn->app->ledger;
	enum refusal refusal = REFUSAL_NONE;

	if (!time_left(turn))
		return REFUSAL_TWILIO_UNREACHABLE;
	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = begin_locked(turn, operation, channel, clock_now_ms());
	turn->looked = refusal != REFUSAL_LEDGER_UNAVAILABLE;
	if (!turn->looked)
		ledger_rollback(ledger);
	else if (ledger_commit(ledger) != LEDGER_OK)
		turn->looked = false; /* the row in the turn is not the one on disk */
	return turn->looked ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
}

/* ---- after Twilio has answered ---- */

static enum refusal
apply(const struct turn *turn, struct ledger_verification *v, enum twilio_result result,
    const struct verify_answer *answer, int64_t now)
{
	struct verification_actor actor = actor_of(turn);

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

	return audit_record_counted(turn, turn->action, outcome_word(before->operation, refusal), unsent ? -1 : 0,
	    no_failure ? -1 : 0);
}

/* Inside a transaction, after limits_look: did this wrong code close the verification, or the number? */
static bool
record_lock(const struct turn *turn, enum refusal refusal)
{
	bool locked = turn->verification.state == LEDGER_STATE_LOCKED;

	if (refusal != REFUSAL_WRONG_CODE && refusal != REFUSAL_TOO_MANY_CHECKS)
		return true;
	if (!locked && !turn->number_locked)
		return true;
	return audit_record(turn, "lock", turn->number_locked ? "number_locked" : "locked");
}

/*
 * Inside a transaction: the outcome, on the row as it is now, which becomes
 * the turn's.  False: the ledger failed.
 */
static bool
finish_locked(struct turn *turn, enum twilio_result result, const struct verify_answer *answer, enum refusal *refusal)
{
	const struct ledger_verification before = turn->verification;
	struct ledger_verification *v = &turn->verification;

	if (latest(turn, v) != LEDGER_OK)
		return false;
	/* We took longer than an operation may, and somebody else has gone on since. */
	if (strcmp(v->operation_id, before.operation_id) != 0 || v->operation != before.operation) {
		*refusal = REFUSAL_RESULT_UNCLEAR;
		return audit_record(turn, turn->action, refusal_text(*refusal)->code);
	}
	*refusal = apply(turn, v, result, answer, clock_now_ms());
	return ledger_put(turn->app->ledger, v) == LEDGER_OK && record_outcome(turn, &before, *refusal) &&
	    limits_look(turn, clock_now_ms()) == LEDGER_OK && record_lock(turn, *refusal);
}

static enum refusal
finish_once(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	struct ledger *ledger = turn->app->ledger;
	const struct ledger_verification before = turn->verification;
	enum refusal refusal = REFUSAL_NONE;

	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (!finish_locked(turn, result, answer, &refusal)) {
		ledger_rollback(ledger);
		refusal = REFUSAL_LEDGER_UNAVAILABLE;
	} else if (ledger_commit(ledger) != LEDGER_OK) {
		refusal = REFUSAL_LEDGER_UNAVAILABLE;
	}
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		turn->verification = before; /* what is not on disk has not happened */
	return refusal;
}

static enum refusal
finish(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	enum refusal refusal = REFUSAL_LEDGER_UNAVAILABLE;

	for (int i = 0; i < FINISH_TRIES && refusal == REFUSAL_LEDGER_UNAVAILABLE; i++)
		refusal = finish_once(turn, result, answer);
	return refusal;
}

/* ---- sending ---- */

/* RFC 5646 in its common forms: en, pt-BR, es-419. */
static bool
locale_valid(const char *locale)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char letters_and_digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t language = strspn(locale, letters), region = 0;

	if (language < 2 || language > 3)
		return false;
	if (locale[language] == '\0')
		return true;
	region = strspn(locale + language + 1, letters_and_digits);
	return locale[language] == '-' && region >= 2 && region <= 4 && locale[language + 1 + region] == '\0';
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
	else if (!settings_channel_known(*channel))
		return REFUSAL_INVALID_CHANNEL;
	return contact_channel_fits(turn, *channel) ? REFUSAL_NONE : REFUSAL_CHANNEL_NOT_ALLOWED;
}

/* In a transaction of its own: the other verification's code is of no use any more. */
static bool
write_superseded(struct turn *turn, struct ledger_verification *other, enum twilio_result result)
{
	struct ledger *ledger = turn->app->ledger;
	struct ledger_event event;

	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return false;
	verification_superseded(other, result);
	audit_fill(turn, other, "supersede", result == TWILIO_OK ? "canceled" : "code_expired", &event);
	if (ledger_put(ledger, other) == LEDGER_OK && ledger_append(ledger, &event) == LEDGER_OK)
		return ledger_commit(ledger) == LEDGER_OK;
	ledger_rollback(ledger);
	return false;
}

/*
 * Twilio has one verification for a number: while one is pending, a start
 * sends its old code again.  That code was given for another interaction, or
 * has run out by our clock, and must not verify this one.
 */
static enum twilio_result
cancel_other(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	struct ledger_verification other;
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum ledger_result found = ledger_begin(ledger, LEDGER_READ);

	if (found != LEDGER_OK)
		return TWILIO_BUSY;
	found = other_open(turn, clock_now_ms(), &other);
	ledger_rollback(ledger);
	if (found != LEDGER_OK)
		return TWILIO_BUSY;
	if (other.id[0] == '\0')
		return TWILIO_OK;
	result = verify_cancel(&turn->app->twilio, other.verification_sid, turn->contact.address, turn->deadline_ms,
	    &answer, &turn->trace);
	if (result == TWILIO_OK && answer.status != VERIFY_CANCELED)
		return TWILIO_BUSY;
	if (result == TWILIO_OK || result == TWILIO_NOT_FOUND)
		return write_superseded(turn, &other, result) ? TWILIO_OK : TWILIO_BUSY;
	/* Whatever became of the cancellation, no code was sent. */
	return twilio_result_unclear(result) ? TWILIO_UNREACHABLE : result;
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
		refusal = begin(turn, LEDGER_OPERATION_SEND, channel);
	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = cancel_other(turn);
	if (result == TWILIO_OK)
		result = verify_start(&turn->app->twilio, turn->contact.address, channel, locale, turn->deadline_ms,
		    &answer, &turn->trace);
	return finish(turn, result, &answer);
}

enum refusal
verification_cancel(struct turn *turn)
{
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum refusal refusal = begin(turn, LEDGER_OPERATION_CANCEL, NULL);

	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_cancel(&turn->app->twilio, turn->verification.verification_sid, turn->contact.address,
	    turn->deadline_ms, &answer, &turn->trace);
	return finish(turn, result, &answer);
}

/* ---- lost answers ---- */

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
		result = verify_attempts_find(twilio, to, v->created_at - CLOCK_SKEW_MS, turn->deadline_ms, sid,
		    &turn->trace);
	if (result == TWILIO_OK)
		result = verify_fetch(twilio, sid, to, turn->deadline_ms, answer, &turn->trace);
	if (result != TWILIO_NOT_FOUND || v->checks == 0)
		return result;
	result = verify_attempts_converted(twilio, sid, to, turn->deadline_ms, &converted, &turn->trace);
	if (result != TWILIO_OK || !converted)
		return TWILIO_NOT_FOUND;
	answer->status = VERIFY_APPROVED;
	return TWILIO_OK;
}

/* Another verification may have got the number's code meanwhile; it is that one's then. */
static bool
taken(const struct turn *turn, const struct ledger_verification *v, const struct verify_answer *answer, bool *is_taken)
{
	struct ledger_verification other;
	enum ledger_result result = ledger_other_open(turn->app->ledger, turn->contact.to_id, v->id, 0, &other);

	*is_taken = result == LEDGER_OK && v->verification_sid[0] == '\0' &&
	    strcmp(other.verification_sid, answer->sid) == 0;
	return result == LEDGER_OK || result == LEDGER_NOT_FOUND;
}

/* Inside a transaction: takes what Twilio said of an unclear verification, unless it changed meanwhile. */
static bool
settle_locked(struct turn *turn, enum twilio_result result, const struct verify_answer *answer)
{
	const struct ledger_verification before = turn->verification;
	struct ledger_verification *v = &turn->verification;
	int64_t now = clock_now_ms();
	bool is_taken = false;

	if (latest(turn, v) != LEDGER_OK || !taken(turn, v, answer, &is_taken))
		return false;
	if (!unclear(v) || strcmp(v->operation_id, before.operation_id) != 0 || is_taken)
		return true;
	verification_settled(v, result, answer, &turn->app->limits, now);
	return ledger_put(turn->app->ledger, v) == LEDGER_OK &&
	    audit_record_counted(turn, "settle", verification_state_word(verification_state(v, now)), 0,
		v->state == LEDGER_STATE_APPROVED ? -1 : 0) &&
	    limits_look(turn, now) == LEDGER_OK;
}

/* Asks Twilio what became of an unclear verification.  No answer leaves it unclear. */
static enum refusal
settle(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	const struct ledger_verification before = turn->verification;
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	bool done = false;

	memset(&answer, 0, sizeof(answer));
	result = find_out(turn, &answer);
	if (result != TWILIO_OK)
		return REFUSAL_NONE;
	if (ledger_begin(ledger, LEDGER_WRITE) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	done = settle_locked(turn, result, &answer);
	if (!done)
		ledger_rollback(ledger);
	else
		done = ledger_commit(ledger) == LEDGER_OK;
	if (!done)
		turn->verification = before;
	return done ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
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
	turn->looked = result == LEDGER_OK;
	if (!turn->looked)
		return REFUSAL_LEDGER_UNAVAILABLE;
	return unclear(&turn->verification) ? settle(turn) : REFUSAL_NONE;
}

/* ---- checking ---- */

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
		refusal = begin(turn, LEDGER_OPERATION_CHECK, NULL);
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
