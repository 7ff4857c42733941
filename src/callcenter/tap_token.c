#include "tap_token.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "strength.h"
#include "turn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Sets the verifiers' key apart from what else is made with its parent. */
#define VERIFIER_PURPOSE "flex-verify: verifiers of links"

#define VERIFIED_MAX_BYTES 512

_Static_assert(TAP_ROW_CHARS == LEDGER_ID_SIZE - 1, "a token begins with the id of its row");
_Static_assert(LEDGER_LINK_SIZE == SECRET_CODE_SIZE, "a verifier is a whole code");

static bool
make_verifier(const struct turn *turn, const struct ledger_verification *v, const char *token,
    char verifier[SECRET_CODE_SIZE])
{
	char key[SECRET_CODE_SIZE];
	struct buffer text;
	bool made = false;

	buffer_init(&text, VERIFIED_MAX_BYTES);
	made = secret_authenticate(turn->app->settings.log_key, VERIFIER_PURPOSE, key) &&
	    buffer_printf(&text, "%s,%s,%s,%" PRId64 ",%s", v->interaction, v->to_id, v->customer_id, v->expires_at,
		token) &&
	    secret_authenticate(key, buffer_text(&text), verifier);
	secret_wipe(key, sizeof(key));
	buffer_free(&text);
	return made;
}

bool
tap_token_make(const struct turn *turn, struct ledger_verification *v, char token[TAP_TOKEN_SIZE])
{
	char secret[TAP_SECRET_CHARS + 1];
	bool made = secret_random_hex(secret, sizeof(secret));

	if (made)
		snprintf(token, TAP_TOKEN_SIZE, "%s%s", v->id, secret);
	made = made && make_verifier(turn, v, token, v->verifier);
	secret_wipe(secret, sizeof(secret));
	return made;
}

bool
tap_token_row(const char *token, char row[LEDGER_ID_SIZE])
{
	if (token == NULL || strlen(token) != TAP_TOKEN_SIZE - 1 ||
	    token[strspn(token, "0123456789abcdef")] != '\0')
		return false;
	snprintf(row, LEDGER_ID_SIZE, "%.*s", TAP_ROW_CHARS, token);
	return true;
}

enum refusal
tap_token_check(const struct turn *turn, const struct ledger_verification *v, const char *token)
{
	char verifier[SECRET_CODE_SIZE];
	enum refusal refusal = REFUSAL_UNKNOWN_LINK;

	if (strcmp(v->channel, TAP_CHANNEL) != 0 || v->verifier[0] == '\0')
		return REFUSAL_UNKNOWN_LINK;
	if (!make_verifier(turn, v, token, verifier))
		return REFUSAL_INTERNAL_ERROR;
	if (secret_equal(verifier, v->verifier))
		refusal = REFUSAL_NONE;
	secret_wipe(verifier, sizeof(verifier));
	return refusal;
}
