#include "verify_service.h"

#include "base/json.h"
#include "exchange.h"

#include <string.h>

#define URL_OF(sid) "https://verify.twilio.com/v2/Services/" sid

struct service {
	const char *sid, *url, *name, *mailer_sid, *whatsapp_service_sid;
	int         code_length;
	bool        skip_sms_to_landlines, dtmf_input_required, do_not_share_warning_enabled;
	bool        custom_code_enabled, psd2_enabled;
};

static const struct service services[] = {
	{ SANDBOX_SERVICE_SID, VERIFY_SERVICE_URL, SANDBOX_SERVICE_NAME, "MD00000000000000000000000000000001",
	    "MG00000000000000000000000000000001", SANDBOX_CODE_LENGTH, .dtmf_input_required = true },
	{ SANDBOX_OTHER_SERVICE_SID, URL_OF(SANDBOX_OTHER_SERVICE_SID), SANDBOX_OTHER_SERVICE_NAME, NULL, NULL,
	    SANDBOX_CODE_LENGTH_MIN, .skip_sms_to_landlines = true, .do_not_share_warning_enabled = true,
	    .custom_code_enabled = true, .psd2_enabled = true },
};

#define SERVICE_COUNT (sizeof(services) / sizeof(*services))

static const struct service *
find(const char *sid)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		if (strcmp(services[i].sid, sid) == 0)
			return &services[i];
	return NULL;
}

bool
verify_service_known(struct exchange *exchange)
{
	if (find(exchange->arguments[0]) == services)
		return true;
	exchange_not_found(exchange);
	return false;
}

bool
verify_service_sends(struct exchange *exchange)
{
	const struct service *service = find(exchange->arguments[0]);

	if (service == NULL || !service->psd2_enabled)
		return verify_service_known(exchange);
	exchange_refuse(exchange, 400, 60206, "Amount and Payee are required: this service has PSD2 enabled");
	return false;
}

static void
add_nulls(struct json_object *object, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		json_add_null(object, *keys);
}

/* Settings of factors that these services have none of, and of the sender on WhatsApp. */
static void
add_factor_settings(struct json_object *object, const struct service *service)
{
	static const char *const push_keys[] = { "apn_credential_sid", "fcm_credential_sid", NULL };
	static const char *const totp_keys[] = { "issuer", "time_step", "code_length", "skew",
		NULL };
	static const char *const party_keys[] = { "id", "name", "origins", NULL };
	static const char *const passkey_keys[] = { "authenticator_attachment",
		"discoverable_credentials", "user_verification", NULL };
	struct json_object *push = json_new_object(), *totp = json_new_object(),
	    *whatsapp = json_new_object();
	struct json_object *passkeys = json_new_object(), *party = json_new_object();

	json_add_bool(push, "include_date", false);
	add_nulls(push, push_keys);
	add_nulls(totp, totp_keys);
	add_nulls(party, party_keys);
	json_add_string(whatsapp, "msg_service_sid", service->whatsapp_service_sid);
	json_add_null(whatsapp, "from");
	json_add(passkeys, "relying_party", party);
	add_nulls(passkeys, passkey_keys);
	json_add(object, "push", push);
	json_add(object, "totp", totp);
	json_add(object, "whatsapp", whatsapp);
	json_add(object, "passkeys", passkeys);
}

static void
add_service_links(struct json_object *object, const struct service *service)
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
	struct json_object *urls = json_new_object();

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		exchange_add_text(urls, links[i][0], "%s/%s", service->url, links[i][1]);
	json_add(object, "links", urls);
}

static struct json_object *
service_json(const struct service *service)
{
	const struct exchange_text texts[] = {
		{ "sid", service->sid },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "friendly_name", service->name },
		{ "tts_name", service->name },
		{ "default_template_sid", NULL },
		{ "mailer_sid", service->mailer_sid },
		{ "date_created", "2026-01-01T00:00:00Z" },
		{ "date_updated", "2026-01-01T00:00:00Z" },
		{ "url", service->url },
		{ NULL, NULL },
	};
	const struct {
		const char *key;
		bool        on;
	} switches[] = {
		{ "lookup_enabled", false },
		{ "psd2_enabled", service->psd2_enabled },
		{ "skip_sms_to_landlines", service->skip_sms_to_landlines },
		{ "dtmf_input_required", service->dtmf_input_required },
		{ "do_not_share_warning_enabled", service->do_not_share_warning_enabled },
		{ "custom_code_enabled", service->custom_code_enabled },
		{ "verify_event_subscription_enabled", false },
	};
	struct json_object *object = json_new_object();

	exchange_add_texts(object, texts);
	json_add_int(object, "code_length", service->code_length);
	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		json_add_bool(object, switches[i].key, switches[i].on);
	add_factor_settings(object, service);
	add_service_links(object, service);
	return object;
}

void
verify_service_list(struct exchange *exchange)
{
	struct exchange_page page;

	if (!exchange_page_begin(exchange, &page))
		return;
	for (size_t i = 0; i < SERVICE_COUNT; i++)
		if (exchange_page_takes(&page))
			exchange_page_add(&page, service_json(&services[i]));
	exchange_page_end(exchange, &page, "services");
}

void
verify_service_fetch(struct exchange *exchange)
{
	const struct service *service = find(exchange->arguments[0]);

	if (service == NULL)
		exchange_not_found(exchange);
	else
		exchange_answer(exchange, 200, service_json(service));
}
