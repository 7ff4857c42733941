#include "verify_service.h"

#include "base/json.h"
#include "exchange.h"

#include <string.h>

bool
verify_service_known(struct exchange *exchange)
{
	if (strcmp(exchange->arguments[0], SANDBOX_SERVICE_SID) == 0)
		return true;
	exchange_not_found(exchange);
	return false;
}

static bool
add_nulls(struct json_object *object, const char *const *keys)
{
	bool ok = true;

	for (; *keys != NULL; keys++)
		ok = ok && json_add_null(object, *keys);
	return ok;
}

/* Settings of factors that this service has none of. */
static bool
add_factor_settings(struct json_object *service)
{
	static const char *const push_keys[] = { "apn_credential_sid", "fcm_credential_sid", NULL };
	static const char *const totp_keys[] = { "issuer", "time_step", "code_length", "skew",
		NULL };
	static const char *const whatsapp_keys[] = { "msg_service_sid", "from", NULL };
	static const char *const party_keys[] = { "id", "name", "origins", NULL };
	static const char *const passkey_keys[] = { "authenticator_attachment",
		"discoverable_credentials", "user_verification", NULL };
	struct json_object *push = json_new_object(), *totp = json_new_object(),
	    *whatsapp = json_new_object();
	struct json_object *passkeys = json_new_object(), *party = json_new_object();
	bool ok = json_add_bool(push, "include_date", false) && add_nulls(push, push_keys) &&
	    add_nulls(totp, totp_keys) && add_nulls(whatsapp, whatsapp_keys) &&
	    add_nulls(party, party_keys);

	ok = json_add(passkeys, "relying_party", party) && ok && add_nulls(passkeys, passkey_keys);
	ok = json_add(service, "push", push) && ok;
	ok = json_add(service, "totp", totp) && ok;
	ok = json_add(service, "whatsapp", whatsapp) && ok;
	return json_add(service, "passkeys", passkeys) && ok;
}

static bool
add_service_links(struct json_object *service)
{
	static const char *const links[][2] = {
		{ "verification_checks", "VerificationCheck" },
		{ "verifications", "Verifications" },
		{ "rate_limits", "RateLimits" },
		{ "messaging_configurations", "MessagingConfigurations" },
		{ "entities", "Entities" },
		{ "webhooks", "Webhooks" },
		{ "access_tokens", "AccessTokens" },
	};
	struct json_object *object = json_new_object();
	bool ok = true;

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		ok = ok && exchange_add_text(object, links[i][0], VERIFY_SERVICE_URL "/%s",
		    links[i][1]);
	return json_add(service, "links", object) && ok;
}

static struct json_object *
service_json(void)
{
	static const struct exchange_text texts[] = {
		{ "sid", SANDBOX_SERVICE_SID },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "friendly_name", SANDBOX_SERVICE_NAME },
		{ "tts_name", SANDBOX_SERVICE_NAME },
		{ "default_template_sid", NULL },
		{ "date_created", "2026-01-01T00:00:00Z" },
		{ "date_updated", "2026-01-01T00:00:00Z" },
		{ "url", VERIFY_SERVICE_URL },
		{ NULL, NULL },
	};
	static const struct {
		const char *key;
		bool        on;
	} switches[] = {
		{ "lookup_enabled", false },
		{ "psd2_enabled", false },
		{ "skip_sms_to_landlines", false },
		{ "dtmf_input_required", true },
		{ "do_not_share_warning_enabled", false },
		{ "custom_code_enabled", false },
		{ "verify_event_subscription_enabled", false },
	};
	struct json_object *service = json_new_object();
	bool ok = exchange_add_texts(service, texts) &&
	    json_add_int(service, "code_length", SANDBOX_CODE_LENGTH);

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		ok = ok && json_add_bool(service, switches[i].key, switches[i].on);
	if (ok && add_factor_settings(service) && add_service_links(service))
		return service;
	json_free(service);
	return NULL;
}

void
verify_service_list(struct exchange *exchange)
{
	struct exchange_page page;

	if (!exchange_page_begin(exchange, &page))
		return;
	if (exchange_page_takes(&page))
		exchange_page_add(&page, service_json());
	exchange_page_end(exchange, &page, "services");
}

void
verify_service_fetch(struct exchange *exchange)
{
	if (verify_service_known(exchange))
		exchange_answer(exchange, 200, service_json());
}
