#include "verify_api.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"
#include "magic.h"
#include "verify_channel.h"
#include "verify_json.h"
#include "verify_limits.h"
#include "verify_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What POST Verifications asks for, judged. */
struct send_order {
	const char                  *to;
	const struct verify_channel *channel;
	const char                  *locale; /* NULL: none */
	struct json_object          *limited; /* RateLimits; NULL: none, else to be freed */
	bool                         arrives;
};

/* ---- Sending ----------------------------------------------------------- */

/* Six digits, each code as likely as any other; none of the magic ones. */
static bool
draw_code(char code[SANDBOX_CODE_LENGTH_MAX + 1])
{
	const unsigned long codes = 1000000, usable = 0x100000000 / codes * codes;
	char hex[9];

	do {
		unsigned long number = 0;

		if (!secret_random_hex(hex, sizeof(hex)))
			return false;
		number = strtoul(hex, NULL, 16);
		if (number >= usable)
			continue;
		snprintf(code, SANDBOX_CODE_LENGTH_MAX + 1, "%06lu", number % codes);
		if (magic_find(MAGIC_CODE, code) == NULL)
			return true;
	} while (true);
}

static bool
draw_sid(char sid[SANDBOX_SID_SIZE], const char *prefix)
{
	snprintf(sid, SANDBOX_SID_SIZE, "%s", prefix);
	return secret_random_hex(sid + 2, SANDBOX_SID_SIZE - 2);
}

/* A verification without a send yet; NULL if the kernel gives no random numbers. */
static struct sandbox_verification *
begin_verification(struct sandbox *sandbox, const char *to)
{
	struct sandbox_verification fresh = { .status = SANDBOX_PENDING };
	struct sandbox_verification *verification = NULL;

	if (!draw_sid(fresh.sid, "VE") || !draw_code(fresh.code))
		return NULL;
	snprintf(fresh.to, sizeof(fresh.to), "%s", to);
	fresh.created_ms = sandbox_now_ms(sandbox);
	verification = sandbox_verification_add(sandbox);
	*verification = fresh;
	return verification;
}

static void
add_send(struct sandbox *sandbox, struct sandbox_verification *verification,
    const struct send_order *order)
{
	struct sandbox_send *send = &verification->sends[verification->send_count++];

	draw_sid(send->sid, "VL");
	send->channel = order->channel->name;
	if (order->locale != NULL)
		snprintf(send->locale, sizeof(send->locale), "%s", order->locale);
	send->time_ms = sandbox_now_ms(sandbox);
	send->order = ++sandbox->sends;
	send->delivered = order->arrives;
	verification->updated_ms = send->time_ms;
}

/* With the lock held. */
static void
send_code(struct exchange *exchange, const struct send_order *order)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct sandbox_verification *verification = sandbox_verification_newest(sandbox, order->to);
	enum sandbox_status status = sandbox_verification_status(sandbox, verification);

	if (!verify_limits_allow(exchange, order->limited))
		return;
	if (status == SANDBOX_MAX_ATTEMPTS_REACHED) {
		exchange_refuse(exchange, 429, 60202, "Max check attempts reached");
		return;
	}
	if (status != SANDBOX_PENDING)
		verification = begin_verification(sandbox, order->to);
	if (verification == NULL) {
		exchange_answer(exchange, 500, NULL);
		return;
	}
	if (verification->send_count == SANDBOX_SENDS_MAX) {
		exchange_refuse(exchange, 429, 60203, "Max send attempts reached");
		return;
	}
	add_send(sandbox, verification, order);
	exchange_answer(exchange, 201, verify_json_verification(verification, SANDBOX_PENDING));
}

/* Parameters that only services with that feature take.  False: answered already. */
static bool
features_are_on(struct exchange *exchange)
{
	static const char *const features[] = { "CustomCode", "CustomFriendlyName" };

	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
		if (exchange_field(exchange, features[i]) == NULL)
			continue;
		exchange_refuse(exchange, 403, 60204, "Service does not support this feature: %s",
		    features[i]);
		return false;
	}
	return true;
}

static bool
invalid_parameter(struct exchange *exchange, const char *name, const char *value)
{
	if (value == NULL)
		exchange_refuse(exchange, 400, 60200,
		    "Missing required parameter %s in the post body", name);
	else
		exchange_refuse(exchange, 400, 60200, "Invalid parameter `%s`: %s", name, value);
	return false;
}

/* RateLimits: an object of texts under the unique names of rate limits.  False: answered already. */
static bool
read_limited(struct exchange *exchange, struct json_object **limited)
{
	const char *text = exchange_field(exchange, "RateLimits"), *fault = text;

	if (text == NULL)
		return true;
	if (json_parse(text, strlen(text), 1, limited) == JSON_OK) {
		sandbox_lock(exchange->sandbox);
		fault = verify_limits_fault(exchange->sandbox, *limited);
		sandbox_unlock(exchange->sandbox);
	}
	return fault == NULL || invalid_parameter(exchange, "RateLimits", fault);
}

/* False: answered already. */
static bool
read_order(struct exchange *exchange, struct send_order *order)
{
	const char *channel = exchange_field(exchange, "Channel");

	order->arrives = true;
	order->to = exchange_field(exchange, "To");
	order->locale = exchange_field(exchange, "Locale");
	order->channel = channel == NULL ? NULL : verify_channel_find(channel);
	if (order->to == NULL)
		return invalid_parameter(exchange, "To", order->to);
	if (order->channel == NULL)
		return invalid_parameter(exchange, "Channel", channel);
	if (order->channel->disabled == 60200)
		return invalid_parameter(exchange, "Channel", channel);
	if (!verify_channel_takes(order->channel, order->to))
		return invalid_parameter(exchange, "To", order->to);
	if (order->channel->disabled != 0) {
		exchange_refuse(exchange, 400, order->channel->disabled,
		    "Delivery channel disabled: %s", channel);
		return false;
	}
	if (order->locale != NULL && !verify_channel_speaks(order->channel, order->locale)) {
		exchange_refuse(exchange, 400, order->channel->bad_locale,
		    "Invalid parameter `Locale`: %s", order->locale);
		return false;
	}
	return features_are_on(exchange) && read_limited(exchange, &order->limited);
}

/* Does this number's magic apply to this very request? */
static bool
send_is_intercepted(struct exchange *exchange, struct send_order *order)
{
	const struct magic *magic = magic_find(MAGIC_SEND, order->to);
	const char *risk_check = exchange_field(exchange, "RiskCheck");

	if (magic == NULL || (magic->only != NULL &&
	    strcmp(magic->only, order->channel->name) != 0))
		return false;
	if (magic->risk_check && risk_check != NULL && strcmp(risk_check, "disable") == 0)
		return false;
	order->arrives = magic->effect != MAGIC_UNDELIVERED;
	return magic_intercepts(exchange, MAGIC_SEND, order->to);
}

void
verify_api_start(struct exchange *exchange)
{
	struct send_order order = { .limited = NULL };

	if (verify_service_sends(exchange) && read_order(exchange, &order) &&
	    !send_is_intercepted(exchange, &order)) {
		sandbox_lock(exchange->sandbox);
		send_code(exchange, &order);
		sandbox_unlock(exchange->sandbox);
	}
	json_free(order.limited);
}

/* ---- Checking ----------------------------------------------------------- */

/* What a check is about, by SID, by address, or by both, which then have to agree. */
static struct sandbox_verification *
checked_verification(struct exchange *exchange)
{
	const char *to = exchange_field(exchange, "To");
	const char *sid = exchange_field(exchange, "VerificationSid");
	struct sandbox_verification *verification = NULL;

	if (sid != NULL)
		verification = sandbox_verification_find(exchange->sandbox, sid);
	else
		verification = sandbox_verification_newest(exchange->sandbox, to);

	if (verification != NULL && to != NULL && strcmp(verification->to, to) != 0)
		return NULL;
	return verification;
}

/* With the lock held. */
static void
check_code(struct exchange *exchange, const char *code)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct sandbox_verification *verification = checked_verification(exchange);
	enum sandbox_status status = sandbox_verification_status(sandbox, verification);
	bool created = false;

	if (status != SANDBOX_PENDING && status != SANDBOX_MAX_ATTEMPTS_REACHED) {
		exchange_not_found(exchange);
		return;
	}
	verification->updated_ms = sandbox_now_ms(sandbox);
	if (verification->checks == SANDBOX_CHECKS_MAX) {
		verification->status = SANDBOX_MAX_ATTEMPTS_REACHED;
		exchange_refuse(exchange, 429, 60202, "Max check attempts reached");
		return;
	}
	verification->checks++;
	if (secret_equal(verification->code, code))
		verification->status = SANDBOX_APPROVED;
	/* The specification has both statuses, so a client has to take both. */
	created = verification->checks % 2 == 1;
	exchange_answer(exchange, created ? 201 : 200, verify_json_check(verification));
}

/* The address that a check is about, for its magic; "" if there is none. */
static void
checked_address(struct exchange *exchange, char address[SANDBOX_ADDRESS_SIZE])
{
	struct sandbox_verification *verification = NULL;

	sandbox_lock(exchange->sandbox);
	verification = checked_verification(exchange);
	snprintf(address, SANDBOX_ADDRESS_SIZE, "%s", verification == NULL ? "" : verification->to);
	sandbox_unlock(exchange->sandbox);
}

void
verify_api_check(struct exchange *exchange)
{
	const char *code = exchange_field(exchange, "Code");
	size_t length = code == NULL ? 0 : strlen(code);
	char address[SANDBOX_ADDRESS_SIZE];

	if (!verify_service_known(exchange))
		return;
	if (exchange_field(exchange, "To") == NULL &&
	    exchange_field(exchange, "VerificationSid") == NULL) {
		exchange_refuse(exchange, 400, 60221,
		    "Either To or VerificationSid has to be given");
		return;
	}
	if (length < SANDBOX_CODE_LENGTH_MIN || length > SANDBOX_CODE_LENGTH_MAX) {
		invalid_parameter(exchange, "Code", code);
		return;
	}
	checked_address(exchange, address);
	if (magic_intercepts(exchange, MAGIC_CODE, code))
		return;
	if (exchange->magic == NULL && magic_intercepts(exchange, MAGIC_CHECK, address))
		return;
	sandbox_lock(exchange->sandbox);
	check_code(exchange, code);
	sandbox_unlock(exchange->sandbox);
}

/* ---- Fetching and changing ---------------------------------------------- */

/*
 * The verification that a path names, by SID or by address.  Twilio forgets
 * what is approved or expired.  With the lock held.
 */
static struct sandbox_verification *
named_verification(struct exchange *exchange)
{
	const char *name = exchange->arguments[1];
	struct sandbox_verification *verification =
	    sandbox_verification_find(exchange->sandbox, name);

	if (verification == NULL)
		verification = sandbox_verification_newest(exchange->sandbox, name);
	if (verification == NULL)
		return NULL;
	switch (sandbox_verification_status(exchange->sandbox, verification)) {
	case SANDBOX_APPROVED:
	case SANDBOX_EXPIRED:
		return NULL;
	case SANDBOX_PENDING:
	case SANDBOX_CANCELED:
	case SANDBOX_MAX_ATTEMPTS_REACHED:
		break;
	}
	return verification;
}

void
verify_api_fetch(struct exchange *exchange)
{
	struct sandbox_verification *verification = NULL;

	if (!verify_service_known(exchange))
		return;
	sandbox_lock(exchange->sandbox);
	verification = named_verification(exchange);
	if (verification == NULL)
		exchange_not_found(exchange);
	else
		exchange_answer(exchange, 200,
		    verify_json_verification(verification, verification->status));
	sandbox_unlock(exchange->sandbox);
}

/* False: neither of the two statuses that can be set. */
static bool
read_status(const char *text, enum sandbox_status *status)
{
	if (text == NULL)
		return false;
	*status = strcmp(text, "approved") == 0 ? SANDBOX_APPROVED : SANDBOX_CANCELED;
	return strcmp(text, verify_json_status(*status)) == 0;
}

/* With the lock held. */
static void
set_status(struct exchange *exchange, enum sandbox_status status)
{
	struct sandbox_verification *verification = named_verification(exchange);

	if (verification == NULL || verification->status == SANDBOX_CANCELED) {
		exchange_not_found(exchange);
		return;
	}
	verification->status = status;
	verification->updated_ms = sandbox_now_ms(exchange->sandbox);
	exchange_answer(exchange, 200, verify_json_verification(verification, status));
}

void
verify_api_update(struct exchange *exchange)
{
	const char *text = exchange_field(exchange, "Status");
	struct sandbox_verification *verification = NULL;
	enum sandbox_status status = SANDBOX_PENDING;
	char address[SANDBOX_ADDRESS_SIZE];

	if (!verify_service_known(exchange))
		return;
	if (!read_status(text, &status)) {
		invalid_parameter(exchange, "Status", text);
		return;
	}
	sandbox_lock(exchange->sandbox);
	verification = named_verification(exchange);
	snprintf(address, sizeof(address), "%s", verification == NULL ? "" : verification->to);
	sandbox_unlock(exchange->sandbox);
	if (magic_intercepts(exchange, MAGIC_UPDATE, address))
		return;
	sandbox_lock(exchange->sandbox);
	set_status(exchange, status);
	sandbox_unlock(exchange->sandbox);
}
