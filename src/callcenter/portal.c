#include "portal.h"

#include "base/clock.h"
#include "base/secret.h"
#include "turn.h"

#include <string.h>

static enum refusal
check_signature(const struct turn *turn)
{
	const struct request *request = &turn->request;
	const char *signature = request_variable(request, "HTTP_X_FLEX_VERIFY_SIGNATURE");
	char expected[SECRET_CODE_SIZE];
	bool same = false;

	if (!secret_authenticate_bytes(turn->app->settings.portal_key, request->body, request->body_length, expected))
		return REFUSAL_INTERNAL_ERROR;
	same = secret_equal(expected, signature);
	secret_wipe(expected, sizeof(expected));
	return same ? REFUSAL_NONE : REFUSAL_BAD_SIGNATURE;
}

static bool
timely(const char *time)
{
	int64_t at = 0, now = clock_now_ms();

	return clock_parse(time, &at) && at > now - PORTAL_SKEW_SECONDS * INT64_C(1000) &&
	    at < now + PORTAL_SKEW_SECONDS * INT64_C(1000);
}

static bool
nonce_valid(const char *nonce)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t length = strlen(nonce);

	return length >= PORTAL_NONCE_MIN_CHARS && length < LEDGER_NONCE_SIZE && strspn(nonce, characters) == length;
}

/* Only who has the key is told anything about time, nonce and customer. */
enum refusal
portal_identify(struct turn *turn)
{
	const char *time = turn_field(turn, "time"), *nonce = turn_field(turn, "nonce");
	enum refusal refusal = REFUSAL_PINS_OFF;

	if (settings_pins(&turn->app->settings))
		refusal = check_signature(turn);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (time == NULL || nonce == NULL)
		return REFUSAL_MISSING_PARAMETER;
	if (!nonce_valid(nonce))
		return REFUSAL_INVALID_NONCE;
	if (!timely(time))
		return REFUSAL_UNTIMELY_REQUEST;
	turn_copy(turn->agent.id, sizeof(turn->agent.id), PORTAL_AGENT);
	return REFUSAL_NONE;
}
