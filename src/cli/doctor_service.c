/*
 * How the Verify service is set up: what customers read, and whether that and
 * what this program does fit together.  deploy/README.md, "Setting up Verify", has why.
 */
#include "doctor.h"

#include "callcenter/rate_limits.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define IN_CONSOLE "Twilio's console, Verify > Services: "

static void
check_service(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct doctor_answer *answer = doctor_best(doctor);
	const char *sid = doctor->settings.verify_service_sid;

	if (!doctor_reached(doctor, finding))
		return;
	if (answer->result == TWILIO_OK)
		doctor->service = &answer->service;
	if (answer->result == TWILIO_OK)
		doctor_ok(finding, "%s is there", sid);
	else if (answer->result == TWILIO_CREDENTIALS)
		doctor_skip(finding, "%s could not be read: see the credentials", sid);
	else if (answer->result == TWILIO_NOT_FOUND)
		doctor_fail(finding,
		    "Twilio's console, Verify > Services, copy the SID of the call centre's service, in the "
		    "account of ACCOUNT_SID, to VERIFY_SERVICE_SID.",
		    "the account has no service %s", sid);
	else
		doctor_fail(finding, "Run this again; if it stays, see status.twilio.com.",
		    "%s cannot be read: status %d, code %d (%s)", sid, answer->trace.http_status,
		    answer->trace.twilio_code, twilio_result_name(answer->result));
}

/* False, and the finding says so: there is nothing to judge. */
static bool
is_read(const struct doctor *doctor, struct doctor_finding *finding)
{
	if (doctor->service == NULL)
		doctor_skip(finding, "not looked at: the Verify service could not be read");
	return doctor->service != NULL;
}

/* What Twilio's console, tutorials and samples name a service, and what one types to get on. */
static bool
is_sample_name(const char *name)
{
	static const char *const parts[] = { "verify", "my first", "my service", "test service", "sample", "default",
		"owl bank" };
	static const char *const wholes[] = { "", "service", "test", "demo", "company" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(name, parts[i]) != NULL)
			return true;
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++)
		if (strcasecmp(name, wholes[i]) == 0)
			return true;
	return false;
}

static void
check_name(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (is_sample_name(doctor->service->friendly_name))
		doctor_warn(finding, IN_CONSOLE "set the friendly name to the company's, as customers know it.",
		    "customers read \"Your %s verification code is: ...\", and cannot tell who it is from",
		    doctor->service->friendly_name);
	else
		doctor_ok(finding,
		    "customers read \"Your %s verification code is: ...\"",
		    doctor->service->friendly_name);
}

static void
check_code_length(struct doctor *doctor, struct doctor_finding *finding)
{
	int here = doctor->settings.code_length;

	if (!is_read(doctor, finding))
		return;
	if (doctor->service->code_length == here)
		doctor_ok(finding, "%d digits, as CODE_LENGTH says", here);
	else
		doctor_fail(finding,
		    IN_CONSOLE "set the code length (code_length) to 6 or more, and CODE_LENGTH to the same.",
		    "the service sends %d digits and CODE_LENGTH is %d, so no code will be accepted",
		    doctor->service->code_length, here);
}

/*
 * The warning tells customers that employees never ask for the code, and here
 * they do: who believes it refuses, and who reads it out learns to ignore it.
 */
static void
check_warning(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (!doctor->service->do_not_share_warning_enabled)
		doctor_ok(finding,
		    "the text has no do-not-share warning: here the customer reads the code to an agent");
	else
		doctor_fail(finding,
		    IN_CONSOLE "switch the do-not-share warning (do_not_share_warning_enabled) off. If the "
		    "website's login needs it, give the call centre a service of its own.",
		    "the text says that employees never ask for the code, and then the agent does");
}

static void
check_template(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (doctor->service->default_template_sid[0] == '\0')
		doctor_ok(finding,
		    "Twilio's own wording; a template could name the purpose, \"for your call with ...\"");
	else
		doctor_ok(finding, "%s is the service's wording", doctor->service->default_template_sid);
}

static void
check_email(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!settings_channel_allowed(&doctor->settings, "email")) {
		doctor_ok(finding, "not in CHANNELS");
		return;
	}
	if (!is_read(doctor, finding))
		return;
	switch (doctor->service->email) {
	case VERIFY_SERVICE_PRESENT:
		doctor_ok(finding, "the service has an e-mail integration");
		break;
	case VERIFY_SERVICE_MISSING:
		doctor_fail(finding, IN_CONSOLE "add an e-mail integration, or take email out of CHANNELS.",
		    "CHANNELS has email, and the service has no e-mail integration (mailer_sid)");
		break;
	case VERIFY_SERVICE_UNKNOWN:
		doctor_warn(finding, IN_CONSOLE "look whether there is an e-mail integration.",
		    "CHANNELS has email, and Twilio does not say whether the service has an integration");
		break;
	}
}

static void
check_whatsapp(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!settings_channel_allowed(&doctor->settings, "whatsapp")) {
		doctor_ok(finding, "not in CHANNELS");
		return;
	}
	if (!is_read(doctor, finding))
		return;
	if (doctor->service->whatsapp == VERIFY_SERVICE_PRESENT)
		doctor_ok(finding, "the service has a WhatsApp sender");
	else
		doctor_fail(finding, IN_CONSOLE "add your own WhatsApp sender, or take whatsapp out of CHANNELS.",
		    "CHANNELS has whatsapp, and the service has no WhatsApp sender");
}

static void
check_calls(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!settings_channel_allowed(&doctor->settings, "call")) {
		doctor_ok(finding, "not in CHANNELS");
		return;
	}
	if (!is_read(doctor, finding))
		return;
	if (doctor->service->dtmf_input_required)
		doctor_ok(finding, "the code is spoken after a key was pressed, so never to a voicemail");
	else
		doctor_warn(finding, IN_CONSOLE "let calls ask for a key first (dtmf_input_required).",
		    "the code is spoken at once: to a voicemail, too, and to whoever can listen to that");
}

static void
check_landlines(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (doctor->service->skip_sms_to_landlines && !doctor->service->lookup_enabled)
		doctor_warn(finding, IN_CONSOLE "switch the look-up (lookup_enabled) on, too, or both off.",
		    "skip_sms_to_landlines is on and does nothing without lookup_enabled");
	else if (doctor->service->lookup_enabled && !doctor->service->skip_sms_to_landlines)
		doctor_warn(finding,
		    IN_CONSOLE "switch skip_sms_to_landlines on, or the look-up (lookup_enabled) off.",
		    "lookup_enabled is on and paid for with each code, but texts to landlines are sent all "
		    "the same");
	else if (doctor->service->lookup_enabled)
		doctor_ok(finding, "a text to a landline is refused, and the agent is told to call");
	else
		doctor_ok(finding,
		    "not looked up: a text to a landline is lost without a word (lookup_enabled is paid for)");
}

static void
check_custom_codes(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (!doctor->service->custom_code_enabled)
		doctor_ok(finding, "off: Twilio draws every code");
	else
		doctor_warn(finding, IN_CONSOLE "switch custom codes (custom_code_enabled) off.",
		    "on: whoever has the credentials can choose a customer's code");
}

static void
check_psd2(struct doctor *doctor, struct doctor_finding *finding)
{
	if (!is_read(doctor, finding))
		return;
	if (!doctor->service->psd2_enabled)
		doctor_ok(finding, "off");
	else
		doctor_fail(finding, IN_CONSOLE "switch PSD2 (psd2_enabled) off, or use a service without it.",
		    "on: each code then needs an amount and a payee, which a call has none of, and is refused");
}

/* ---- Its rate limits ------------------------------------------------------------ */

/* The names in RATE_LIMITS that the service does not know, each behind a blank; "" if it knows all of them. */
static enum twilio_result
find_missing(struct doctor *doctor, char missing[DOCTOR_TEXT_SIZE], struct twilio_trace *trace)
{
	char *const *words = doctor->settings.rate_limits;
	struct rate_limit limits[RATE_LIMITS_MAX];
	const char *names[RATE_LIMITS_MAX];
	bool has[RATE_LIMITS_MAX] = { false };
	size_t count = 0, length = 0;
	enum twilio_result result = TWILIO_OK;

	for (; count < RATE_LIMITS_MAX && words[count] != NULL && rate_limit_read(words[count], &limits[count]);
	     count++)
		names[count] = limits[count].name;
	result = verify_service_limits(&doctor->twilio, names, count, doctor_deadline(doctor), has, trace);
	missing[0] = '\0';
	for (size_t i = 0; i < count && length < DOCTOR_TEXT_SIZE; i++)
		if (!has[i])
			length += (size_t)snprintf(missing + length, DOCTOR_TEXT_SIZE - length, " %s", names[i]);
	return result;
}

static void
check_rate_limits(struct doctor *doctor, struct doctor_finding *finding)
{
	char missing[DOCTOR_TEXT_SIZE];
	struct twilio_trace trace;
	enum twilio_result result = TWILIO_OK;

	if (doctor->settings.rate_limits[0] == NULL) {
		doctor_ok(finding, "RATE_LIMITS names none; the programs' own limits hold all the same");
		return;
	}
	if (!is_read(doctor, finding))
		return;
	result = find_missing(doctor, missing, &trace);
	if (result == TWILIO_OK && missing[0] == '\0')
		doctor_ok(finding, "the service has all that RATE_LIMITS names");
	else if (result == TWILIO_OK)
		doctor_fail(finding,
		    "Make it by the API (POST /v2/Services/VA.../RateLimits, then Buckets), or take it out of "
		    "RATE_LIMITS.",
		    "the service does not have what RATE_LIMITS names, and refuses every code:%.*s",
		    DOCTOR_TEXT_SIZE / 2, missing);
	else if (result == TWILIO_CREDENTIALS)
		doctor_warn(finding, "Let the key read the rate limits of Verify services, for this check only.",
		    "what RATE_LIMITS names may not be looked up (status %d, code %d)", trace.http_status,
		    trace.twilio_code);
	else
		doctor_skip(finding, "not known: Twilio answers with status %d, code %d (%s)", trace.http_status,
		    trace.twilio_code, twilio_result_name(result));
}

const struct doctor_check doctor_service_checks[] = {
	{ "service", check_service },
	{ "name", check_name },
	{ "code-length", check_code_length },
	{ "warning", check_warning },
	{ "template", check_template },
	{ "e-mail", check_email },
	{ "whatsapp", check_whatsapp },
	{ "calls", check_calls },
	{ "landlines", check_landlines },
	{ "custom-codes", check_custom_codes },
	{ "psd2", check_psd2 },
	{ "rate-limits", check_rate_limits },
	{ NULL, NULL },
};
