#include "pin.h"

#include "audit.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/secret.h"
#include "customer_lookup.h"
#include "limits.h"
#include "operation.h"
#include "portal.h"
#include "strength.h"
#include "turn.h"
#include "verification_may.h"

#include <inttypes.h>
#include <string.h>

/* Sets the verifiers' key apart from what the website signs with its parent. */
#define VERIFIER_PURPOSE "flex-verify: verifiers of PINs"

#define VERIFIED_MAX_BYTES 256

static bool
make_verifier(const struct turn *turn, const struct ledger_pin *pin, const char *digits,
    char verifier[SECRET_CODE_SIZE])
{
	char key[SECRET_CODE_SIZE];
	struct buffer text;
	bool made = false;

	buffer_init(&text, VERIFIED_MAX_BYTES);
	made = secret_authenticate(turn->app->settings.portal_key, VERIFIER_PURPOSE, key) &&
	    buffer_printf(&text, "%s,%s,%" PRId64 ",%s", pin->id, pin->customer_id, pin->expires_at, digits) &&
	    secret_authenticate(key, buffer_text(&text), verifier);
	secret_wipe(key, sizeof(key));
	buffer_free(&text);
	return made;
}

/* ---- issuing ---- */

/* An event about a customer and not about a contact yet; its "verification" is the PIN. */
static bool
record_issue(const struct turn *turn, const char *id, const char *outcome)
{
	struct ledger_event event;

	audit_fill(turn, &turn->verification, turn->action, outcome, &event);
	turn_copy(event.verification, sizeof(event.verification), id);
	turn_copy(event.channel, sizeof(event.channel), PIN_CHANNEL);
	turn_copy(event.to_id, sizeof(event.to_id), turn->contact.customer_id);
	return ledger_append(turn->app->ledger, &event) == LEDGER_OK;
}

/* Inside a transaction: was that the last PIN of a time?  Then turn->opens_at says when there is the next one. */
static enum refusal
check_issued(struct turn *turn, int most, int64_t window_ms, int64_t now)
{
	int64_t at = 0;

	if (most == 0)
		return REFUSAL_NONE;
	if (ledger_pin_issued(turn->app->ledger, turn->contact.customer_id, most, now - window_ms, &at) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	if (at == 0)
		return REFUSAL_NONE;
	turn->opens_at = at + window_ms;
	return REFUSAL_TOO_MANY_PINS;
}

static enum refusal
may_issue(struct turn *turn, int64_t now)
{
	const struct settings *settings = &turn->app->settings;
	enum refusal refusal = check_issued(turn, settings->pins_per_customer_hour, CLOCK_HOUR_MS, now);

	if (refusal == REFUSAL_NONE)
		refusal = check_issued(turn, settings->pins_per_customer_day, CLOCK_DAY_MS, now);
	return refusal;
}

static bool
write_pin(struct turn *turn, int64_t now)
{
	const struct settings *settings = &turn->app->settings;
	struct ledger *ledger = turn->app->ledger;
	struct ledger_pin pin = { .created_at = now, .expires_at = now + settings->pin_valid_s * INT64_C(1000) };

	turn_copy(pin.customer_id, sizeof(pin.customer_id), turn->contact.customer_id);
	turn->pin_expires_at = pin.expires_at;
	return secret_random_hex(pin.id, sizeof(pin.id)) &&
	    secret_random_digits(turn->pin, (size_t)settings->code_length + 1) &&
	    make_verifier(turn, &pin, turn->pin, pin.verifier) &&
	    ledger_forget_pins(ledger, now, now - CLOCK_DAY_MS) == LEDGER_OK &&
	    ledger_retire_pins(ledger, pin.customer_id) == LEDGER_OK && ledger_put_pin(ledger, &pin) == LEDGER_OK &&
	    record_issue(turn, pin.id, "issued");
}

/* Inside a transaction.  A request that is refused was answered, too, and is not good for a later time. */
static enum refusal
issue_locked(struct turn *turn, void *context, int64_t now)
{
	bool again = true;
	enum refusal refusal = REFUSAL_NONE;

	(void)context;
	if (ledger_take_request(turn->app->ledger, turn_field(turn, "nonce"), now,
		now - 2 * PORTAL_SKEW_SECONDS * INT64_C(1000) - VERIFICATION_CLOCK_STEP_MS, &again) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = again ? REFUSAL_REQUEST_REPLAYED : may_issue(turn, now);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		return refusal;
	if (refusal != REFUSAL_NONE)
		return record_issue(turn, "", refusal_text(refusal)->code) ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
	return write_pin(turn, now) ? REFUSAL_NONE : REFUSAL_LEDGER_UNAVAILABLE;
}

enum refusal
pin_issue(struct turn *turn)
{
	const char *customer = turn_field(turn, "customer");
	enum refusal refusal = REFUSAL_NONE;

	if (customer == NULL || strlen(customer) >= CUSTOMER_ID_SIZE)
		return REFUSAL_MISSING_PARAMETER;
	if (!secret_keyed_hash(turn->app->settings.log_key, customer, turn->contact.customer_id))
		return REFUSAL_INTERNAL_ERROR;
	refusal = operation_locked(turn, issue_locked, NULL);
	turn->looked = false; /* no verification was */
	if (refusal != REFUSAL_NONE)
		secret_wipe(turn->pin, sizeof(turn->pin));
	return refusal;
}

/* ---- checking ---- */

static bool
record(const struct turn *turn, const char *outcome, int failures)
{
	struct ledger_event event;

	audit_fill(turn, &turn->verification, turn->action, outcome, &event);
	turn_copy(event.channel, sizeof(event.channel), PIN_CHANNEL);
	event.failures = failures;
	return ledger_append(turn->app->ledger, &event) == LEDGER_OK;
}

/* A row without a code, of which only PINs are tried; one that is there already goes on. */
static bool
take_row(struct turn *turn, int64_t now)
{
	struct ledger_verification *v = &turn->verification;

	if (verification_of_pins(v, now))
		return true;
	if (!operation_new_row(turn, NULL, v))
		return false;
	verification_begin_pins(v, &turn->app->limits, now);
	return true;
}

static bool
put(const struct turn *turn)
{
	return ledger_put(turn->app->ledger, &turn->verification) == LEDGER_OK;
}

/* Reads the customer's PIN and compares. */
static enum refusal
compare(struct turn *turn, struct ledger_pin *pin, int64_t now)
{
	char verifier[SECRET_CODE_SIZE];
	enum ledger_result result = ledger_find_pin(turn->app->ledger, turn->contact.customer_id, pin);
	bool matches = false;

	if (result == LEDGER_NOT_FOUND)
		return REFUSAL_WRONG_CODE;
	if (result != LEDGER_OK || !make_verifier(turn, pin, turn->pin, verifier))
		return REFUSAL_LEDGER_UNAVAILABLE;
	matches = secret_equal(verifier, pin->verifier);
	secret_wipe(verifier, sizeof(verifier));
	if (!matches)
		return REFUSAL_WRONG_CODE;
	if (pin->used_at != 0 && strcmp(pin->used_by, turn->verification.id) == 0)
		return REFUSAL_ALREADY_APPROVED; /* a second click */
	if (pin->used_at != 0 || now >= pin->expires_at || now + VERIFICATION_CLOCK_STEP_MS < pin->created_at)
		return REFUSAL_PIN_EXPIRED;
	return REFUSAL_NONE;
}

static bool
approve(struct turn *turn, struct ledger_pin *pin, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);

	if (!take_row(turn, now))
		return false;
	verification_pin_right(&turn->verification, &actor, &turn->app->limits, now);
	pin->used_at = now;
	turn_copy(pin->used_by, sizeof(pin->used_by), turn->verification.id);
	return put(turn) && ledger_put_pin(turn->app->ledger, pin) == LEDGER_OK && record(turn, "begun", 1) &&
	    record(turn, "approved", -1);
}

/* The verification that is approved, or allowed, stays so: a slip of the tongue takes nothing away. */
static bool
count_failure(struct turn *turn, struct ledger_pin *pin, enum refusal refusal, int64_t now)
{
	const struct verification_actor actor = agent_actor(&turn->agent);
	enum verification_state state = verification_state(&turn->verification, now);
	bool stays = state == VERIFICATION_APPROVED || state == VERIFICATION_OVERRIDDEN ||
	    state == VERIFICATION_UNCLEAR;

	if (!stays && state != VERIFICATION_PENDING && !take_row(turn, now))
		return false;
	if (!stays) {
		verification_pin_wrong(&turn->verification, &actor, &turn->app->limits);
		if (!put(turn))
			return false;
	}
	if (pin->id[0] != '\0' && pin->used_at == 0) {
		pin->tries++;
		if (pin->tries >= turn->app->settings.checks_max)
			pin->verifier[0] = '\0';
		if (ledger_put_pin(turn->app->ledger, pin) != LEDGER_OK)
			return false;
	}
	return record(turn, "begun", 1) && record(turn, refusal_text(refusal)->code, 0);
}

/* Inside a transaction. */
static enum refusal
check_locked(struct turn *turn, void *context, int64_t now)
{
	struct ledger_pin pin;
	enum refusal refusal = REFUSAL_NONE;
	bool written = false;

	(void)context;
	if (operation_latest(turn, &turn->verification) != LEDGER_OK)
		return REFUSAL_LEDGER_UNAVAILABLE;
	refusal = verification_may_try_pin(&turn->verification, now);
	if (refusal == REFUSAL_NONE)
		refusal = limits_check(turn, LEDGER_OPERATION_CHECK, now);
	if (refusal != REFUSAL_NONE)
		return record(turn, refusal_text(refusal)->code, 0) ? refusal : REFUSAL_LEDGER_UNAVAILABLE;
	refusal = compare(turn, &pin, now);
	if (refusal == REFUSAL_LEDGER_UNAVAILABLE)
		return refusal;
	if (refusal == REFUSAL_NONE)
		written = approve(turn, &pin, now);
	else if (refusal == REFUSAL_ALREADY_APPROVED)
		written = record(turn, refusal_text(refusal)->code, 0);
	else
		written = count_failure(turn, &pin, refusal, now);
	if (!written || limits_look(turn, now) != LEDGER_OK || !operation_record_lock(turn, refusal))
		return REFUSAL_LEDGER_UNAVAILABLE;
	return refusal;
}

enum refusal
pin_check(struct turn *turn, const char *code)
{
	enum refusal refusal = REFUSAL_NONE;

	if (!settings_pins(&turn->app->settings))
		return REFUSAL_CHANNEL_NOT_ALLOWED;
	turn->action = "check_pin";
	turn_copy(turn->pin, sizeof(turn->pin), code);
	refusal = operation_locked(turn, check_locked, NULL);
	secret_wipe(turn->pin, sizeof(turn->pin));
	turn->changed = turn->looked;
	return refusal;
}
