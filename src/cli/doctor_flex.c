/*
 * What else of Twilio the programs ask: TaskRouter and token validation.
 */
#include "doctor.h"

#include "twilio/flex_token.h"
#include "twilio/taskrouter.h"

/* No token of anybody's: a Flex token has five parts. */
#define NO_TOKEN "flex-verify-doctor"

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

/* Nothing is asked of Twilio: only a call shows whether the number has this address. */
static void
check_keypad(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;

	if (s->voice_public_url == NULL)
		doctor_ok(finding, "callers are not verified before an agent has the call");
	else if (s->contact_source == CONTACT_SOURCE_REQUEST)
		doctor_fail(finding, "Set CONTACT_SOURCE=task or customer, or take VOICE_PUBLIC_URL out.",
		    "verify-call answers nobody: there are no real calls with CONTACT_SOURCE=request");
	else if (!settings_channel_allowed(s, "sms"))
		doctor_fail(finding, "Add sms to CHANNELS, or take VOICE_PUBLIC_URL out.",
		    "callers get their codes by text, and CHANNELS does not list sms");
	else
		doctor_ok(finding, "callers key in their codes, and Twilio is told %s", s->voice_public_url);
}

const struct doctor_check doctor_flex_checks[] = {
	{ "workspace", check_workspace },
	{ "tokens", check_tokens },
	{ "keypad", check_keypad },
	{ NULL, NULL },
};
