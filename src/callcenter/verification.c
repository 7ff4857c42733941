#include "verification.h"

#include "audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "limits.h"
#include "lost_answer.h"
#include "operation.h"
#include "pin.h"
#include "rate_limits.h"
#include "strength.h"
#include "turn.h"
#include "twilio/verify.h"

#include <string.h>

#define CODE_SIZE 11 /* Verify codes have at most 10 digits */

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
	if (turn->contact.phone[0] == '\0')
		return "email";
	if (turn->contact.by_whatsapp && contact_channel_fits(turn, "whatsapp"))
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
	return contact_channel_refusal(turn, *channel);
}

struct withdrawal {
	struct turn               *turn;
	const char                *action;
	enum twilio_result         result;
	const char                *id;
	struct ledger_verification row;
};

/* The code is of no use any more.  The row may have changed since it was read. */
static bool
write_superseded(void *context)
{
	struct withdrawal *withdrawal = context;
	struct ledger *ledger = withdrawal->turn->app->ledger;
	struct ledger_verification *row = &withdrawal->row;
	struct ledger_event event;

	if (ledger_find(ledger, withdrawal->id, row) != LEDGER_OK)
		return false;
	verification_superseded(row, withdrawal->result);
	audit_fill(withdrawal->turn, row, withdrawal->action,
	    withdrawal->result == TWILIO_OK ? "canceled" : "code_expired", &event);
	return ledger_put(ledger, row) == LEDGER_OK && ledger_append(ledger, &event) == LEDGER_OK;
}

static enum twilio_result
record_withdrawal(struct turn *turn, const char *action, enum twilio_result result, struct ledger_verification *v)
{
	struct withdrawal withdrawal = { .turn = turn, .action = action, .result = result, .id = v->id };

	if (ledger_write(turn->app->ledger, write_superseded, &withdrawal) != LEDGER_OK)
		return TWILIO_BUSY;
	*v = withdrawal.row;
	return TWILIO_OK;
}

/* Makes a code unusable at Twilio that must not verify anybody, and says so in the ledger. */
static enum twilio_result
withdraw(struct turn *turn, const char *action, struct ledger_verification *v)
{
	struct verify_answer answer;
	enum twilio_result result = verify_cancel(&turn->app->twilio, v->verification_sid,
	    contact_address_of(&turn->contact, v), turn->deadline_ms, &answer, &turn->trace);

	if (result == TWILIO_OK && answer.status != VERIFY_CANCELED)
		return TWILIO_BUSY;
	if (result == TWILIO_OK || result == TWILIO_NOT_FOUND)
		return record_withdrawal(turn, action, result, v);
	/* Whatever became of the cancellation, no code was sent. */
	return twilio_result_unclear(result) ? TWILIO_UNREACHABLE : result;
}

void
verification_withdraw(struct turn *turn)
{
	struct ledger_verification *v = &turn->verification;

	if (v->lost == LEDGER_OPERATION_CANCEL && v->verification_sid[0] != '\0')
		(void)withdraw(turn, "cancel", v);
}

void
verification_withdraw_given_up(struct turn *turn, const struct ledger_verification *given_up)
{
	const struct ledger_verification own = turn->verification;

	turn->verification = *given_up;
	verification_withdraw(turn);
	turn->verification = own;
}

/*
 * Twilio has one verification for a number: while one is pending, a start
 * sends its old code again.  That code was given for another interaction, or
 * has run out by our clock, and must not verify this one.  Nor may a code
 * that went to the customer's other address stay good beside the new one.
 */
static enum twilio_result
cancel_other(struct turn *turn)
{
	struct ledger_verification *other = &turn->other_open;

	return other->id[0] == '\0' ? TWILIO_OK : withdraw(turn, "supersede", other);
}

static bool
contested(const struct turn *turn, const char *verification_sid)
{
	struct ledger *ledger = turn->app->ledger;
	bool found = true;

	if (ledger_begin(ledger, LEDGER_READ) != LEDGER_OK)
		return true;
	if (operation_contested(turn, &turn->verification, verification_sid, &found) != LEDGER_OK)
		found = true;
	ledger_rollback(ledger);
	return found;
}

/* Did Twilio send a code once more that is not, or may not be, the one of this verification? */
static bool
is_old_code(const struct turn *turn, const struct verify_answer *answer)
{
	const struct ledger_verification *v = &turn->verification;

	return v->verification_sid[0] == '\0' && answer->sends > 1 && (v->sends == 1 || contested(turn, answer->sid));
}

/*
 * A send whose answer was lost left a code that the ledger has no SID of, and
 * so cancel_other does not find; so does another system that uses the same
 * service.  Twilio sends that code again, and only its answer tells.
 */
static enum twilio_result
send_own_code(struct turn *turn, const char *channel, const char *locale, const char *limits,
    struct verify_answer *answer)
{
	const struct twilio *twilio = &turn->app->twilio;
	const char *to = contact_address(&turn->contact, channel);
	char sid[TWILIO_SID_SIZE];
	enum twilio_result result =
	    verify_start(twilio, to, channel, locale, limits, turn->deadline_ms, answer, &turn->trace);

	if (result != TWILIO_OK || !is_old_code(turn, answer))
		return result;
	turn->old_code_sent = true;
	turn_copy(sid, sizeof(sid), answer->sid);
	result = verify_cancel(twilio, sid, to, turn->deadline_ms, answer, &turn->trace);
	if (result != TWILIO_NOT_FOUND && (result != TWILIO_OK || answer->status != VERIFY_CANCELED))
		return TWILIO_BUSY;
	result = verify_start(twilio, to, channel, locale, limits, turn->deadline_ms, answer, &turn->trace);
	return result == TWILIO_OK && is_old_code(turn, answer) ? TWILIO_BUSY : result;
}

static enum twilio_result
send_code(struct turn *turn, const char *channel, const char *locale, struct verify_answer *answer)
{
	struct buffer limits;
	enum twilio_result result = cancel_other(turn);

	if (result != TWILIO_OK)
		return result;
	buffer_init(&limits, RATE_LIMITS_MAX_BYTES);
	if (rate_limits_write(turn, &limits))
		result = send_own_code(turn, channel, locale, limits.length > 0 ? buffer_text(&limits) : NULL, answer);
	else
		result = TWILIO_NO_MEMORY;
	buffer_free(&limits);
	return result;
}

/* When a limit at Twilio opens again, if it said so. */
static void
tell_opening(struct turn *turn)
{
	if (turn->trace.retry_after_s > 0)
		turn->opens_at = clock_now_ms() + turn->trace.retry_after_s * INT64_C(1000);
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
		refusal = operation_begin(turn, LEDGER_OPERATION_SEND, channel);
	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = send_code(turn, channel, locale, &answer);
	refusal = operation_finish(turn, result, &answer);
	if (refusal == REFUSAL_TWILIO_LIMIT)
		tell_opening(turn);
	if (refusal == REFUSAL_CONTACT_STOPPED)
		verification_withdraw(turn);
	return refusal;
}

enum refusal
verification_cancel(struct turn *turn)
{
	struct verify_answer answer;
	enum twilio_result result = TWILIO_OK;
	enum refusal refusal = operation_begin(turn, LEDGER_OPERATION_CANCEL, NULL);

	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_cancel(&turn->app->twilio, turn->verification.verification_sid,
	    contact_address_of(&turn->contact, &turn->verification), turn->deadline_ms, &answer, &turn->trace);
	return operation_finish(turn, result, &answer);
}

/* Who stopped it by a link has no number to name to Twilio; whoever looks then has it. */
static void
withdraw_stopped(struct turn *turn)
{
	const struct ledger_verification *v = &turn->verification;

	if (v->state == LEDGER_STATE_STOPPED && contact_address_of(&turn->contact, v) != NULL)
		verification_withdraw(turn);
}

enum refusal
verification_look(struct turn *turn)
{
	struct ledger *ledger = turn->app->ledger;
	enum ledger_result result = ledger_begin(ledger, LEDGER_READ);

	if (result != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	result = operation_latest(turn, &turn->verification);
	if (result == LEDGER_OK)
		result = limits_look(turn, clock_now_ms());
	ledger_rollback(ledger);
	turn->looked = result == LEDGER_OK;
	if (!turn->looked)
		return REFUSAL_LEDGER_UNAVAILABLE;
	withdraw_stopped(turn);
	return lost_answer_settle(turn);
}

/* ---- looking and checking ---- */

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
		refusal = operation_begin(turn, LEDGER_OPERATION_CHECK, NULL);
	if (refusal != REFUSAL_NONE)
		return refusal;
	memset(&answer, 0, sizeof(answer));
	result = verify_check(&turn->app->twilio, turn->verification.verification_sid,
	    contact_address_of(&turn->contact, &turn->verification), code, turn->deadline_ms, &answer, &turn->trace);
	return operation_finish(turn, result, &answer);
}

enum refusal
verification_check(struct turn *turn)
{
	const char *text = turn_field(turn, "verification_code"), *channel = turn_field(turn, "channel");
	bool by_pin = channel != NULL && strcmp(channel, PIN_CHANNEL) == 0;
	char code[CODE_SIZE];
	enum refusal refusal = REFUSAL_NONE;

	if (text == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (channel != NULL && !by_pin)
		return REFUSAL_INVALID_CHANNEL;
	if (!read_code(text, turn->app->settings.code_length, code))
		return REFUSAL_INVALID_CODE;
	refusal = by_pin ? pin_check(turn, code) : check_code(turn, code);
	secret_wipe(code, sizeof(code));
	return refusal;
}
