/*
 * Twilio itself: can it be reached, does it know us, and is it the same time
 * there.
 */
#include "doctor.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Codes and approvals live minutes; records are compared with Twilio's by their seconds. */
#define CLOCK_WARN_MS 5000
#define CLOCK_FAIL_MS 60000

/* https://www.twilio.com/docs/api/errors/70051: a key that may not do this; of 20005: the account is not active. */
#define CODE_NOT_PERMITTED 70051
#define CODE_NOT_ACTIVE    20005

static void
ask(struct doctor *doctor, const struct twilio *twilio, struct doctor_answer *answer)
{
	answer->result = verify_service_read(twilio, doctor_deadline(doctor), &answer->service, &answer->trace);
	answer->answered_at = clock_now_ms();
}

struct doctor_answer *
doctor_first(struct doctor *doctor)
{
	return doctor->settings.api_key_sid != NULL ? &doctor->by_key : &doctor->by_token;
}

const struct doctor_answer *
doctor_best(struct doctor *doctor)
{
	if (doctor->by_key.result == TWILIO_OK && doctor->by_key.trace.http_status != 0)
		return &doctor->by_key;
	return doctor->by_token.trace.http_status != 0 ? &doctor->by_token : &doctor->by_key;
}

bool
doctor_reached(struct doctor *doctor, struct doctor_finding *finding)
{
	if (doctor->http != NULL && doctor_first(doctor)->trace.http_status != 0)
		return true;
	doctor_skip(finding, "not looked at: Twilio cannot be asked");
	return false;
}

/* ---- Reaching it --------------------------------------------------------------- */

static bool
blames_tls(enum http_client_obstacle obstacle)
{
	return obstacle == HTTP_CLIENT_CERTIFICATE || obstacle == HTTP_CLIENT_CA_FILE ||
	    obstacle == HTTP_CLIENT_TLS_FAULT;
}

static const char *
host_name(const struct doctor *doctor)
{
	return doctor->settings.twilio_base_url == NULL ? "verify.twilio.com" : "the host of TWILIO_BASE_URL";
}

static void
check_connection(struct doctor *doctor, struct doctor_finding *finding)
{
	struct doctor_answer *first = doctor_first(doctor);
	const struct twilio_trace *trace = &first->trace;

	if (doctor->http == NULL) {
		doctor_skip(finding, "not looked at: there is no HTTP client");
		return;
	}
	ask(doctor, &doctor->twilio, first);
	if (trace->http_status != 0)
		doctor_ok(finding, "%s answers, in %d ms", host_name(doctor), trace->duration_ms);
	else if (blames_tls(trace->obstacle))
		doctor_ok(finding, "%s accepts connections", host_name(doctor));
	else
		doctor_fail(finding,
		    "Let this host connect to port 443 of verify.twilio.com, iam.twilio.com and "
		    "taskrouter.twilio.com, or set PROXY.",
		    "%s cannot be reached: %s",
		    host_name(doctor), doctor_obstacle(trace->transport, trace->obstacle));
}

static void
check_certificates(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;
	const char *store = s->ca_file != NULL ? s->ca_file : "the system's authorities";
	enum http_client_obstacle obstacle = doctor_first(doctor)->trace.obstacle;

	if (blames_tls(obstacle))
		doctor_fail(finding,
		    "Install ca-certificates and set the clock; behind a proxy that opens TLS, name its "
		    "authority in CA_FILE.",
		    "%s: %s (trusted: %s)",
		    host_name(doctor), doctor_obstacle(HTTP_CLIENT_NOT_SENT, obstacle), store);
	else if (!doctor_reached(doctor, finding))
		return;
	else if (s->twilio_base_url != NULL && strncmp(s->twilio_base_url, "http:", 5) == 0)
		doctor_ok(finding, "none needed: TWILIO_BASE_URL is plain http, to this host itself");
	else
		doctor_ok(finding, "verify (trusted: %s)", store);
}

static void
check_clock(struct doctor *doctor, struct doctor_finding *finding)
{
	static const char advice[] = "Let chrony or systemd-timesyncd set it: records and the end of a code go by it.";
	const struct doctor_answer *first = doctor_first(doctor);
	int64_t off = 0;

	if (!doctor_reached(doctor, finding))
		return;
	if (first->trace.date_ms == 0) {
		doctor_skip(finding, "not looked at: the answer names no time");
		return;
	}
	/* Its clock is named to the second, and was read some time before the answer was here. */
	off = first->answered_at - first->trace.duration_ms / 2 - (first->trace.date_ms + 500);
	if (llabs(off) <= CLOCK_WARN_MS)
		doctor_ok(finding, "within %d s of Twilio's", CLOCK_WARN_MS / 1000);
	else if (llabs(off) <= CLOCK_FAIL_MS)
		doctor_warn(finding, advice,
		    "%lld s %s Twilio's", llabs(off) / 1000,
		    off > 0 ? "ahead of" : "behind");
	else
		doctor_fail(finding, advice,
		    "%lld s %s Twilio's", llabs(off) / 1000,
		    off > 0 ? "ahead of" : "behind");
}

/* ---- Credentials ----------------------------------------------------------------- */

static void
judge_credentials(const char *what, const struct doctor_answer *answer, const char *advice,
    struct doctor_finding *finding)
{
	const struct twilio_trace *trace = &answer->trace;

	if (trace->twilio_code == CODE_NOT_ACTIVE)
		doctor_fail(finding, "Ask Twilio's support why; the console shows it, too.",
		    "the account is not active (status %d, code %d)", trace->http_status, trace->twilio_code);
	else if (trace->twilio_code == CODE_NOT_PERMITTED || trace->http_status == 403)
		doctor_warn(finding,
		    "Let the key read Verify services for this check, and for the programs: create, read and "
		    "update verifications, check codes, read tasks, list reservations.",
		    "%s is known, but may not read the Verify service (status %d, code %d)",
		    what, trace->http_status, trace->twilio_code);
	else if (trace->http_status == 401 || answer->result == TWILIO_CREDENTIALS)
		doctor_fail(finding, advice, "%s is refused (status %d, code %d)", what, trace->http_status,
		    trace->twilio_code);
	else if (answer->result == TWILIO_OK || answer->result == TWILIO_NOT_FOUND)
		doctor_ok(finding, "%s is accepted", what);
	else
		doctor_skip(finding,
		    "not known: Twilio answers %s with status %d, code %d",
		    what, trace->http_status, trace->twilio_code);
}

static void
check_api_key(struct doctor *doctor, struct doctor_finding *finding)
{
	static const char advice[] = "Twilio's console, under API keys, make a key in this account (region US1), and "
				     "set API_KEY_SID and API_KEY_SECRET.";

	if (!doctor_reached(doctor, finding))
		return;
	if (doctor->settings.api_key_sid == NULL)
		doctor_ok(finding,
		    "none is set; the auth token is used for all calls, and cannot be revoked by itself");
	else
		judge_credentials("API_KEY_SID", &doctor->by_key, advice, finding);
}

static void
check_auth_token(struct doctor *doctor, struct doctor_finding *finding)
{
	static const char advice[] = "Twilio's console, under Account Info, copy the live account SID and its auth "
				     "token to ACCOUNT_SID and AUTH_TOKEN; it changes when somebody rotates it.";
	struct twilio alone = doctor->twilio;

	if (!doctor_reached(doctor, finding))
		return;
	if (doctor->settings.auth_token == NULL) {
		doctor_ok(finding, "none is set; the API key is used for all calls");
		return;
	}
	alone.api_key_sid = alone.api_key_secret = NULL;
	if (doctor->by_token.trace.http_status == 0)
		ask(doctor, &alone, &doctor->by_token);
	if (doctor->by_token.trace.http_status == 0)
		doctor_skip(finding, "not known: Twilio did not answer this time");
	else
		judge_credentials("AUTH_TOKEN", &doctor->by_token, advice, finding);
}

const struct doctor_check doctor_twilio_checks[] = {
	{ "connection", check_connection },
	{ "certificates", check_certificates },
	{ "clock", check_clock },
	{ "api-key", check_api_key },
	{ "auth-token", check_auth_token },
	{ NULL, NULL },
};
