/*
 * Whom else the programs ask: TaskRouter, token validation, and the company's
 * own customer look-up.
 */
#include "doctor.h"

#include "base/json.h"
#include "callcenter/info_fields.h"
#include "http/form.h"
#include "twilio/flex_token.h"
#include "twilio/taskrouter.h"

#include <string.h>

#define LOOKUP_URL_MAX_BYTES 2048
#define RECORD_DEPTH_MAX     8

/* From the range that is kept for fiction (555-0100 to 555-0199): nobody's number. */
#define NOBODY "+12025550100"

/* No token of anybody's: a Flex token has five parts. */
#define NO_TOKEN "flex-verify-doctor"

/* ---- Twilio ---------------------------------------------------------------------- */

static void
check_workspace(struct doctor *doctor, struct doctor_finding *finding)
{
	const char *sid = doctor->settings.workspace_sid;
	struct twilio_trace trace;
	enum twilio_result result = TWILIO_OK;

	if (sid == NULL) {
		doctor_ok(finding, "none is set, and CONTACT_SOURCE asks for none");
		return;
	}
	if (!doctor_reached(doctor, finding))
		return;
	result = taskrouter_probe(&doctor->twilio, doctor_deadline(doctor), &trace);
	if (result == TWILIO_OK)
		doctor_ok(finding, "%s is there, and its tasks can be read", sid);
	else if (result == TWILIO_NOT_FOUND)
		doctor_fail(finding,
		    "Twilio's console, TaskRouter > Workspaces, copy the SID of Flex's workspace (Flex Task "
		    "Assignment) to WORKSPACE_SID.",
		    "the account has no workspace %s", sid);
	else if (result == TWILIO_CREDENTIALS && trace.http_status != 401)
		doctor_warn(finding,
		    "See that the key may read tasks and list reservations; this check lists tasks.",
		    "the key may not list the tasks of %s (status %d, code %d)",
		    sid, trace.http_status, trace.twilio_code);
	else if (result == TWILIO_CREDENTIALS)
		doctor_skip(finding, "%s could not be read: see the credentials", sid);
	else
		doctor_fail(finding,
		    "Let this host connect to taskrouter.twilio.com; if it can, see status.twilio.com.",
		    "%s cannot be read: status %d, code %d (%s)",
		    sid, trace.http_status, trace.twilio_code, twilio_result_name(result));
}

static void
check_tokens(struct doctor *doctor, struct doctor_finding *finding)
{
	struct flex_token token;
	struct twilio_trace trace;
	enum twilio_result result = TWILIO_OK;

	if (doctor->settings.agent_auth != AGENT_AUTH_FLEX) {
		doctor_ok(finding, "not asked for: AGENT_AUTH is not flex");
		return;
	}
	if (!doctor_reached(doctor, finding))
		return;
	result = flex_token_validate(&doctor->twilio, NO_TOKEN, doctor_deadline(doctor), &token, &trace);
	if (result == TWILIO_TOKEN_INVALID || result == TWILIO_TOKEN_EXPIRED)
		doctor_ok(finding, "validation answers, and calls a wrong token not valid");
	else if (result == TWILIO_OK)
		doctor_fail(finding, "Take TWILIO_BASE_URL out: what answers there is not Twilio.",
		    "validation calls a wrong token valid");
	else if (result == TWILIO_CREDENTIALS)
		doctor_fail(finding,
		    "Set AUTH_TOKEN to the live one of the account: Twilio documents validation for it, not "
		    "for API keys.",
		    "validation refuses our credentials (status %d, code %d), so no agent can sign in",
		    trace.http_status, trace.twilio_code);
	else if (result == TWILIO_NOT_FOUND)
		doctor_fail(finding, "Set ACCOUNT_SID and AUTH_TOKEN of the account that Flex is in.",
		    "validation does not know the account of ACCOUNT_SID");
	else
		doctor_fail(finding, "Let this host connect to iam.twilio.com; if it can, see status.twilio.com.",
		    "validation cannot be asked: status %d, code %d (%s)", trace.http_status, trace.twilio_code,
		    twilio_result_name(result));
}

/* ---- The company ------------------------------------------------------------------ */

static bool
shows_customer(const struct settings *s)
{
	struct info_field field;

	for (char **word = s->info_fields; *word != NULL; word++)
		if (info_field_read(*word, &field) && !field.of_task)
			return true;
	return false;
}

static bool
is_record(const struct http_call *call)
{
	struct json_object *record = NULL;
	bool read = call->answer_is_json && json_parse(buffer_text(&call->answer), call->answer.length,
		RECORD_DEPTH_MAX, &record) == JSON_OK;

	json_free(record);
	return read;
}

static void
judge_lookup(const struct http_call *call, struct doctor_finding *finding)
{
	if (call->result != HTTP_CLIENT_OK)
		doctor_fail(finding,
		    "See that it runs, that this host may connect to it, and that CUSTOMER_LOOKUP_URL and "
		    "CA_FILE are right.",
		    "it cannot be asked: %s", doctor_obstacle(call->result, call->obstacle));
	else if (call->status == 401 || call->status == 403)
		doctor_fail(finding, "Correct CUSTOMER_LOOKUP_USERNAME and CUSTOMER_LOOKUP_PASSWORD.",
		    "it refuses our credentials (status %d)", call->status);
	else if (call->status == 404)
		doctor_ok(finding, "it answers, and does not know %s, which is nobody's", NOBODY);
	else if (call->status == 200 && is_record(call))
		doctor_ok(finding, "it answers, with a record");
	else
		doctor_fail(finding,
		    "It has to answer 200 with a JSON object as application/json, or 404.",
		    "it answers with status %d%s", call->status,
		    call->status == 200 ? ", and not with a JSON object" : "");
}

static bool
write_url(const struct settings *s, struct buffer *url)
{
	const char *base = s->customer_lookup_url;

	return buffer_add_text(url, base) && buffer_add_text(url, strchr(base, '?') == NULL ? "?phone=" : "&phone=") &&
	    form_escape(url, NOBODY);
}

static void
ask_lookup(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;
	struct http_call call;
	struct buffer url;

	http_call_init(&call);
	buffer_init(&url, LOOKUP_URL_MAX_BYTES);
	if (write_url(s, &url)) {
		call.method = "GET";
		call.url = buffer_text(&url);
		call.username = s->customer_lookup_username;
		call.password = s->customer_lookup_password;
		http_client_perform(doctor->http, &call, doctor_deadline(doctor));
		judge_lookup(&call, finding);
	} else {
		doctor_fail(finding, "Give it a shorter address.", "CUSTOMER_LOOKUP_URL is too long");
	}
	http_call_free(&call);
	buffer_free(&url);
}

static void
check_customers(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;

	if (s->customer_lookup_url == NULL && shows_customer(s))
		doctor_warn(finding,
		    "Set CUSTOMER_LOOKUP_URL, or put task. before the names of the task's attributes.",
		    "INFO_FIELDS names fields of the customer's record, and there is no look-up");
	else if (s->customer_lookup_url == NULL)
		doctor_ok(finding, "no look-up; INFO shows the task's attributes only");
	else if (doctor->http == NULL)
		doctor_skip(finding, "not looked at: there is no HTTP client");
	else
		ask_lookup(doctor, finding);
	if (finding->level == DOCTOR_OK && s->customer_lookup_url != NULL && !shows_customer(s))
		doctor_warn(finding, "Name in INFO_FIELDS what agents may see of the customer's record.",
		    "the look-up answers, and INFO_FIELDS releases nothing of its record");
}

const struct doctor_check doctor_other_checks[] = {
	{ "workspace", check_workspace },
	{ "tokens", check_tokens },
	{ "customers", check_customers },
	{ NULL, NULL },
};
