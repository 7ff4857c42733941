#include "settings.h"

#include "call_words.h"
#include "dialing_codes.h"
#include "http/http_client.h"
#include "info_fields.h"
#include "ledger/ledger.h"
#include "phone_number.h"
#include "rate_limits.h"
#include "strength.h"
#include "twilio/flex_token_cache.h"
#include "twilio/twilio.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEY_MIN_CHARS 32
#define COMPANY_NAME_MAX_BYTES 40

static const char *const agent_auths[] = { "flex", "webserver", "none", NULL };
static const char *const contact_sources[] = { "task", "customer", "request", NULL };
static const char *const transfers[] = { "keep", "fresh", NULL };
static const char *const ledger_syncs[] = { "full", "normal", NULL };
static const char *const channel_names[] = { "sms", "call", "whatsapp", "email", NULL };

static bool
is_account_sid(const char *value)
{
	return twilio_sid_valid(value, "AC");
}

static bool
is_api_key_sid(const char *value)
{
	return twilio_sid_valid(value, "SK");
}

static bool
is_service_sid(const char *value)
{
	return twilio_sid_valid(value, "VA");
}

static bool
is_workspace_sid(const char *value)
{
	return twilio_sid_valid(value, "WS");
}

static bool
is_workflow_sid(const char *value)
{
	return twilio_sid_valid(value, "WW");
}

static bool
is_messaging_sid(const char *value)
{
	return twilio_sid_valid(value, "MG");
}

/* It begins a text, of which the link has to be a part that is not cut off. */
static bool
is_company_name(const char *value)
{
	return strlen(value) <= COMPANY_NAME_MAX_BYTES;
}

/* As Twilio is told it, but for what Twilio does not sign as it is written. */
static bool
is_public_url(const char *value)
{
	return http_client_url_allowed(value) && value[strcspn(value, "?#")] == '\0';
}

static bool
is_number(const char *value)
{
	char number[PHONE_NUMBER_SIZE];

	return phone_number_normalise(value, number) && strcmp(number, value) == 0;
}

bool
settings_channel_known(const char *channel)
{
	for (const char *const *name = channel_names; *name != NULL; name++)
		if (strcmp(channel, *name) == 0)
			return true;
	return false;
}

/* scheme://host[:port] and nothing behind it: what browsers send as Origin (RFC 6454, 7). */
static bool
is_origin(const char *value)
{
	const char *host = NULL;

	if (strncmp(value, "https://", 8) == 0)
		host = value + 8;
	else if (strncmp(value, "http://", 7) == 0)
		host = value + 7;
	return host != NULL && *host != '\0' &&
	    host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]")] == '\0';
}

static bool
is_absolute_path(const char *value)
{
	return value[0] == '/';
}

static bool
is_seconds(const char *value)
{
	return strlen(value) <= 4 && value[strspn(value, "0123456789")] == '\0';
}

static bool
is_key(const char *value)
{
	return strlen(value) >= KEY_MIN_CHARS;
}

static bool
is_readable_file(const char *value)
{
	return value[0] == '/' && access(value, R_OK) == 0;
}

/* customer_id, or customers.external_id: no part is empty. */
static bool
is_attribute(const char *value)
{
	size_t length = strlen(value);

	return length > 0 && length < SETTINGS_ATTRIBUTE_SIZE && value[0] != '.' && value[length - 1] != '.' &&
	    strstr(value, "..") == NULL;
}

static bool
is_proxy(const char *value)
{
	return strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct config_key keys[] = {
	{ "ACCOUNT_SID", CONFIG_TEXT, AT(account_sid), .default_value = NULL, .valid = is_account_sid,
	    .expected = "AC and 32 hex digits" },
	{ "AUTH_TOKEN", CONFIG_TEXT, AT(auth_token), .default_value = "" },
	{ "API_KEY_SID", CONFIG_TEXT, AT(api_key_sid), .default_value = "", .valid = is_api_key_sid,
	    .expected = "SK and 32 hex digits" },
	{ "API_KEY_SECRET", CONFIG_TEXT, AT(api_key_secret), .default_value = "" },
	{ "VERIFY_SERVICE_SID", CONFIG_TEXT, AT(verify_service_sid), .default_value = NULL, .valid = is_service_sid,
	    .expected = "VA and 32 hex digits" },
	{ "WORKSPACE_SID", CONFIG_TEXT, AT(workspace_sid), .default_value = "", .valid = is_workspace_sid,
	    .expected = "WS and 32 hex digits" },
	{ "TWILIO_BASE_URL", CONFIG_TEXT, AT(twilio_base_url), .default_value = "", .valid = http_client_url_allowed,
	    .expected = "an https URL, or http to a loopback address" },
	{ "AGENT_AUTH", CONFIG_CHOICE, AT(agent_auth), .default_value = "flex", .choices = agent_auths },
	{ "TOKEN_CACHE_SECONDS", CONFIG_NUMBER, AT(token_cache_s), .default_value = "60",
	    .max = FLEX_TOKEN_CACHE_MAX_S },
	{ "VERIFY_ROLES", CONFIG_WORDS, AT(verify_roles), .default_value = "agent supervisor admin", .min = 1,
	    .max = 32 },
	{ "SEE_ROLES", CONFIG_WORDS, AT(see_roles), .default_value = "agent supervisor admin", .max = 32 },
	{ "SUPERVISOR_ROLES", CONFIG_WORDS, AT(supervisor_roles), .default_value = "supervisor admin", .max = 32 },
	{ "SUPERVISORS", CONFIG_WORDS, AT(supervisors), .default_value = "" },
	{ "SUPERVISOR_ANY_TASK", CONFIG_SWITCH, AT(supervisor_any_task), .default_value = "off" },
	{ "OVERRIDE", CONFIG_SWITCH, AT(override_allowed), .default_value = "off" },
	{ "OVERRIDE_MAX_MINUTES", CONFIG_NUMBER, AT(override_max_minutes), .default_value = "15", .min = 1,
	    .max = 1440 },
	{ "TRANSFER", CONFIG_CHOICE, AT(transfer), .default_value = "fresh", .choices = transfers },
	{ "CONTACT_SOURCE", CONFIG_CHOICE, AT(contact_source), .default_value = "task", .choices = contact_sources },
	{ "CUSTOMER_ID_ATTRIBUTE", CONFIG_TEXT, AT(customer_id_attribute), .default_value = "", .valid = is_attribute,
	    .expected = "a name of the task's attributes, such as customer_id or customers.external_id" },
	{ "COUNTRIES", CONFIG_WORDS, AT(countries), .default_value = "", .valid = dialing_codes_country_known,
	    .expected = "country codes of ISO 3166, such as US GB ES" },
	{ "NUMBER_CHANGE_DAYS", CONFIG_NUMBER, AT(number_change_days), .default_value = "0", .max = 3650 },
	{ "TASK_WRITE_BACK", CONFIG_SWITCH, AT(task_write_back), .default_value = "on" },
	{ "CUSTOMER_LOOKUP_URL", CONFIG_TEXT, AT(customer_lookup_url), .default_value = "",
	    .valid = http_client_url_allowed,
	    .expected = "an https URL, or http to a loopback address" },
	{ "CUSTOMER_LOOKUP_USERNAME", CONFIG_TEXT, AT(customer_lookup_username), .default_value = "" },
	{ "CUSTOMER_LOOKUP_PASSWORD", CONFIG_TEXT, AT(customer_lookup_password), .default_value = "" },
	{ "VOICE_PUBLIC_URL", CONFIG_TEXT, AT(voice_public_url), .default_value = "", .valid = is_public_url,
	    .expected = "an https URL without query, such as https://verify.example.com/verify-call" },
	{ "VOICE_WORKFLOW_SID", CONFIG_TEXT, AT(voice_workflow_sid), .default_value = "", .valid = is_workflow_sid,
	    .expected = "WW and 32 hex digits" },
	{ "VOICE_LANGUAGE", CONFIG_CHOICE, AT(voice_language), .default_value = "en",
	    .choices = call_words_languages },
	{ "VOICE_KEY_IN", CONFIG_SWITCH, AT(voice_key_in), .default_value = "off" },
	{ "INFO_FIELDS", CONFIG_WORDS, AT(info_fields), .default_value = "", .valid = info_field_valid,
	    .expected = "field names, such as name task.direction iban:5m limit:2c debts:2s" },
	{ "LEDGER", CONFIG_TEXT, AT(ledger), .default_value = "sqlite:/var/lib/flex-verify/ledger.db",
	    .valid = ledger_address_valid,
	    .expected = "sqlite: and an absolute path, or postgresql://USER@HOST/DATABASE, "
	    "a password percent-encoded" },
	{ "LEDGER_SYNC", CONFIG_CHOICE, AT(ledger_sync), .default_value = "full", .choices = ledger_syncs },
	{ "LOG_KEY", CONFIG_TEXT, AT(log_key), .default_value = NULL, .valid = is_key,
	    .expected = "at least 32 characters" },
	{ "CHANNELS", CONFIG_WORDS, AT(channels), .default_value = "sms call", .min = 1, .max = 4,
	    .valid = settings_channel_known,
	    .expected = "words out of sms call whatsapp email" },
	{ "ALLOWED_ORIGINS", CONFIG_WORDS, AT(allowed_origins), .default_value = "", .valid = is_origin,
	    .expected = "origins such as https://flex.twilio.com, lower case, without a path" },
	{ "CODE_LENGTH", CONFIG_NUMBER, AT(code_length), .default_value = "6", .min = 6, .max = 10 },
	{ "CODE_VALID_SECONDS", CONFIG_NUMBER, AT(code_valid_s), .default_value = "600", .min = 1, .max = 600 },
	{ "CHECKS_MAX", CONFIG_NUMBER, AT(checks_max), .default_value = "5", .min = 1, .max = 5 },
	{ "SENDS_MAX", CONFIG_NUMBER, AT(sends_max), .default_value = "5", .min = 1, .max = 5 },
	{ "VERIFIED_FOR_SECONDS", CONFIG_NUMBER, AT(verified_for_s), .default_value = "900", .min = 1, .max = 86400 },
	{ "SENDS_PER_NUMBER_HOUR", CONFIG_NUMBER, AT(sends_per_number_hour), .default_value = "10", .max = 1000000 },
	{ "SENDS_PER_NUMBER_DAY", CONFIG_NUMBER, AT(sends_per_number_day), .default_value = "20", .max = 1000000 },
	{ "SENDS_PER_INTERACTION", CONFIG_NUMBER, AT(sends_per_interaction), .default_value = "10", .max = 1000000 },
	{ "SENDS_PER_AGENT_HOUR", CONFIG_NUMBER, AT(sends_per_agent_hour), .default_value = "60", .max = 1000000 },
	{ "SENDS_PER_HOUR", CONFIG_NUMBER, AT(sends_per_hour), .default_value = "5000", .max = 1000000 },
	{ "FAILURES_PER_NUMBER_HOUR", CONFIG_NUMBER, AT(failures_per_number_hour), .default_value = "5",
	    .max = 1000000 },
	{ "FAILURES_PER_NUMBER_DAY", CONFIG_NUMBER, AT(failures_per_number_day), .default_value = "10",
	    .max = 1000000 },
	{ "FAILURES_PER_AGENT_HOUR", CONFIG_NUMBER, AT(failures_per_agent_hour), .default_value = "30",
	    .max = 1000000 },
	{ "FAILURES_IN_A_ROW", CONFIG_NUMBER, AT(failures_in_a_row), .default_value = "100", .max = 1000000 },
	{ "RESEND_AFTER_SECONDS", CONFIG_WORDS, AT(resend_after_s), .default_value = "30 40 60 90 120", .min = 1,
	    .max = 8, .valid = is_seconds, .expected = "seconds, 0 to 9999, separated by blanks" },
	{ "RATE_LIMITS", CONFIG_WORDS, AT(rate_limits), .default_value = "", .max = RATE_LIMITS_MAX,
	    .valid = rate_limit_valid,
	    .expected = "NAME:SOURCE, the source being number, agent, interaction or system" },
	{ "PORTAL_KEY", CONFIG_TEXT, AT(portal_key), .default_value = "", .valid = is_key,
	    .expected = "at least 32 characters" },
	{ "PIN_VALID_SECONDS", CONFIG_NUMBER, AT(pin_valid_s), .default_value = "600", .min = 1, .max = 600 },
	{ "PINS_PER_CUSTOMER_HOUR", CONFIG_NUMBER, AT(pins_per_customer_hour), .default_value = "10", .max = 1000 },
	{ "PINS_PER_CUSTOMER_DAY", CONFIG_NUMBER, AT(pins_per_customer_day), .default_value = "20", .max = 1000 },
	{ "STRENGTHS", CONFIG_WORDS, AT(strengths), .default_value = "sms:2 call:2 whatsapp:2 email:1 pin:2",
	    .max = 16, .valid = strength_valid,
	    .expected = "WAY:N, the way being sms, call, whatsapp, email, pin, callback or tap, and N 1 to 3" },
	{ "CALLBACK_WORKFLOW_SID", CONFIG_TEXT, AT(callback_workflow_sid), .default_value = "",
	    .valid = is_workflow_sid, .expected = "WW and 32 hex digits" },
	{ "CALLBACK_FROM", CONFIG_TEXT, AT(callback_from), .default_value = "", .valid = is_number,
	    .expected = "a number in international form, such as +12025550199" },
	{ "CALLBACK_VALID_SECONDS", CONFIG_NUMBER, AT(callback_valid_s), .default_value = "14400", .min = 60,
	    .max = 86400 },
	{ "APPROVAL_URL", CONFIG_TEXT, AT(approval_url), .default_value = "", .valid = is_public_url,
	    .expected = "an https URL without query, such as https://verify.example.com/approve/" },
	{ "COMPANY_NAME", CONFIG_TEXT, AT(company_name), .default_value = "", .valid = is_company_name,
	    .expected = "a name of at most 40 bytes" },
	{ "MESSAGING_SERVICE_SID", CONFIG_TEXT, AT(messaging_service_sid), .default_value = "",
	    .valid = is_messaging_sid, .expected = "MG and 32 hex digits" },
	{ "MESSAGING_FROM", CONFIG_TEXT, AT(messaging_from), .default_value = "", .valid = is_number,
	    .expected = "a number in international form, such as +12025550199" },
	{ "APPROVAL_LINK_SECONDS", CONFIG_NUMBER, AT(approval_link_s), .default_value = "300", .min = 60, .max = 600 },
	{ "APPROVAL_AGENT_NAME", CONFIG_SWITCH, AT(approval_agent_name), .default_value = "off" },
	{ "THREADS", CONFIG_NUMBER, AT(threads), .default_value = "64", .min = 1, .max = 1024 },
	{ "QUEUE_TIMEOUT_MS", CONFIG_NUMBER, AT(queue_timeout_ms), .default_value = "3000", .min = 10, .max = 60000 },
	{ "REQUEST_TIMEOUT_MS", CONFIG_NUMBER, AT(request_timeout_ms), .default_value = "10000", .min = 100,
	    .max = 60000 },
	{ "CONNECT_TIMEOUT_MS", CONFIG_NUMBER, AT(connect_timeout_ms), .default_value = "3000", .min = 50,
	    .max = 60000 },
	{ "PROXY", CONFIG_TEXT, AT(proxy), .default_value = "", .valid = is_proxy,
	    .expected = "a URL such as http://proxy.example.com:3128" },
	{ "CA_FILE", CONFIG_TEXT, AT(ca_file), .default_value = "", .valid = is_readable_file,
	    .expected = "the absolute path of a readable file" },
	{ "METRICS", CONFIG_TEXT, AT(metrics), .default_value = "/run/flex-verify/metrics/counters",
	    .may_be_empty = true, .valid = is_absolute_path, .expected = "an absolute path" },
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static int
strongest(const struct settings *s)
{
	int most = settings_pins(s) ? strength_of(s->strengths, PIN_CHANNEL) : STRENGTH_MIN;

	if (settings_call_backs(s) && strength_of(s->strengths, CALLBACK_CHANNEL) > most)
		most = strength_of(s->strengths, CALLBACK_CHANNEL);
	if (settings_links(s) && strength_of(s->strengths, TAP_CHANNEL) > most)
		most = strength_of(s->strengths, TAP_CHANNEL);
	for (char *const *channel = s->channels; *channel != NULL; channel++)
		if (strength_of(s->strengths, *channel) > most)
			most = strength_of(s->strengths, *channel);
	return most;
}

static const char *
callback_fault(const struct settings *s)
{
	if ((s->callback_workflow_sid == NULL) != (s->callback_from == NULL))
		return "CALLBACK_WORKFLOW_SID and CALLBACK_FROM belong together: set both or none";
	if (s->callback_workflow_sid == NULL && strength_of(s->strengths, CALLBACK_CHANNEL) > 0)
		return "STRENGTHS names callback, and nobody is called back: set CALLBACK_WORKFLOW_SID and "
		       "CALLBACK_FROM";
	if (s->callback_workflow_sid == NULL)
		return NULL;
	if (s->contact_source != CONTACT_SOURCE_CUSTOMER)
		return "CALLBACK_WORKFLOW_SID: customers are called back at the number on file only; it needs "
		       "CONTACT_SOURCE=customer";
	if (s->agent_auth == AGENT_AUTH_NONE)
		return "CALLBACK_WORKFLOW_SID: who calls back goes on record; it needs a sign-in (AGENT_AUTH)";
	return NULL;
}

/* The page calls the API, so its origin is one of those that may. */
static bool
is_origin_of(const char *origin, const char *url)
{
	size_t length = strlen(origin);

	return strncmp(url, origin, length) == 0 && (url[length] == '/' || url[length] == '\0');
}

static bool
page_may_ask(const struct settings *s)
{
	for (char *const *origin = s->allowed_origins; *origin != NULL; origin++)
		if (is_origin_of(*origin, s->approval_url))
			return true;
	return false;
}

static const char *
link_fault(const struct settings *s)
{
	bool named = strength_of(s->strengths, TAP_CHANNEL) > 0;

	if (s->approval_url == NULL)
		return named ? "STRENGTHS names tap, and no links are texted: set APPROVAL_URL" : NULL;
	if (!named)
		return "APPROVAL_URL: STRENGTHS says how much a customer's yes by the link proves; add tap:N to it";
	if (s->company_name == NULL)
		return "APPROVAL_URL: the text and the page say who is asking; set COMPANY_NAME";
	if ((s->messaging_service_sid == NULL) == (s->messaging_from == NULL))
		return "APPROVAL_URL: texts have one sender; set MESSAGING_SERVICE_SID or MESSAGING_FROM";
	if (s->agent_auth == AGENT_AUTH_NONE)
		return "APPROVAL_URL: who asks goes on record; it needs a sign-in (AGENT_AUTH)";
	if (!page_may_ask(s))
		return "APPROVAL_URL: the page calls the API; name its origin in ALLOWED_ORIGINS";
	return NULL;
}

/* What no single key can say.  NULL: all is well. */
static const char *
contradiction(const struct settings *s)
{
	if ((s->api_key_sid == NULL) != (s->api_key_secret == NULL))
		return "API_KEY_SID and API_KEY_SECRET belong together: set both or none";
	if (s->auth_token == NULL && s->api_key_sid == NULL)
		return "no credentials: set AUTH_TOKEN, or API_KEY_SID and API_KEY_SECRET";
	if (s->agent_auth == AGENT_AUTH_WEBSERVER && s->allowed_origins[0] == NULL)
		return "AGENT_AUTH=webserver: browsers send that sign-in by themselves, for any page; name the panel's "
		       "origin in ALLOWED_ORIGINS";
	if (s->contact_source == CONTACT_SOURCE_REQUEST && s->agent_auth != AGENT_AUTH_NONE)
		return "CONTACT_SOURCE=request lets the caller of the API choose the number; it needs AGENT_AUTH=none";
	if (s->contact_source == CONTACT_SOURCE_TASK && s->workspace_sid == NULL)
		return "CONTACT_SOURCE=task reads tasks from Flex: set WORKSPACE_SID";
	if (s->contact_source == CONTACT_SOURCE_CUSTOMER && s->workspace_sid == NULL)
		return "CONTACT_SOURCE=customer reads tasks from Flex: set WORKSPACE_SID";
	if (s->contact_source == CONTACT_SOURCE_CUSTOMER && s->customer_lookup_url == NULL)
		return "CONTACT_SOURCE=customer sends codes to the number on file: set CUSTOMER_LOOKUP_URL";
	if (s->contact_source != CONTACT_SOURCE_CUSTOMER && s->number_change_days > 0)
		return "NUMBER_CHANGE_DAYS is about numbers on file; it needs CONTACT_SOURCE=customer";
	if ((s->customer_lookup_username == NULL) != (s->customer_lookup_password == NULL))
		return "CUSTOMER_LOOKUP_USERNAME and CUSTOMER_LOOKUP_PASSWORD belong together: set both or none";
	if (s->portal_key != NULL && strcmp(s->portal_key, s->log_key) == 0)
		return "PORTAL_KEY is known to the website, and LOG_KEY to nobody else: take two different ones";
	if (!info_fields_reachable((const char *const *)s->info_fields, strongest(s)))
		return "INFO_FIELDS demands a strength that no way of CHANNELS and STRENGTHS has: the field is never "
		       "shown";
	if ((s->voice_public_url == NULL) != (s->voice_workflow_sid == NULL))
		return "VOICE_PUBLIC_URL and VOICE_WORKFLOW_SID belong together: set both or none";
	if (s->voice_public_url != NULL && s->auth_token == NULL)
		return "VOICE_PUBLIC_URL: Twilio signs calls with the auth token, not with an API key; set AUTH_TOKEN";
	if (s->voice_key_in && s->voice_public_url == NULL)
		return "VOICE_KEY_IN: Twilio asks what to do with the call; set VOICE_PUBLIC_URL and "
		       "VOICE_WORKFLOW_SID";
	if (s->voice_key_in && s->agent_auth == AGENT_AUTH_NONE)
		return "VOICE_KEY_IN: only who has the call has its caller asked; it needs a sign-in (AGENT_AUTH)";
	if (callback_fault(s) != NULL)
		return callback_fault(s);
	if (link_fault(s) != NULL)
		return link_fault(s);
	return rate_limits_fault(s->rate_limits, s->agent_auth != AGENT_AUTH_NONE);
}

bool
settings_load(const char *path, struct settings *settings, struct config_error *error)
{
	const char *wrong = NULL;

	memset(settings, 0, sizeof(*settings));
	if (!config_load(path, keys, KEY_COUNT, settings, error))
		return false;
	wrong = contradiction(settings);
	if (wrong == NULL)
		return true;
	snprintf(error->text, sizeof(error->text), "%s: %s", path, wrong);
	settings_free(settings);
	return false;
}

bool
settings_check(const char *path, struct config_error *error)
{
	struct settings settings;

	if (!settings_load(path, &settings, error))
		return false;
	settings_free(&settings);
	return true;
}

void
settings_free(struct settings *settings)
{
	config_free(keys, KEY_COUNT, settings);
}

bool
settings_has_word(char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

bool
settings_channel_allowed(const struct settings *settings, const char *channel)
{
	return settings_has_word(settings->channels, channel);
}

bool
settings_pins(const struct settings *settings)
{
	return settings->portal_key != NULL && settings->contact_source == CONTACT_SOURCE_CUSTOMER;
}

bool
settings_links(const struct settings *settings)
{
	return settings->approval_url != NULL;
}

bool
settings_call_backs(const struct settings *settings)
{
	return settings->callback_workflow_sid != NULL;
}

struct http_client *
settings_new_http_client(const struct settings *s, struct metrics *metrics)
{
	const struct http_client_options options = {
		.connect_timeout_ms = s->connect_timeout_ms,
		.kept_max = s->threads,
		.proxy = s->proxy,
		.ca_file = s->ca_file,
		.metrics = metrics,
	};

	return http_client_new(&options);
}

struct twilio
settings_twilio(const struct settings *s, struct http_client *http)
{
	return (struct twilio){
		.http = http,
		.base_url = s->twilio_base_url,
		.account_sid = s->account_sid,
		.auth_token = s->auth_token,
		.api_key_sid = s->api_key_sid,
		.api_key_secret = s->api_key_secret,
		.verify_service_sid = s->verify_service_sid,
		.workspace_sid = s->workspace_sid,
	};
}
