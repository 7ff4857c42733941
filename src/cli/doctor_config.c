/*
 * What the configuration says without asking anybody: allowed, but perhaps
 * not meant.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

static void
check_sandbox(struct doctor *doctor, struct doctor_finding *finding)
{
	if (doctor->settings.twilio_base_url == NULL)
		doctor_ok(finding, "Twilio's own hosts are asked");
	else
		doctor_warn(finding, "On a host that serves customers take TWILIO_BASE_URL out of the file.",
		    "TWILIO_BASE_URL is set: whoever answers there decides who is verified");
}

static void
check_sign_in(struct doctor *doctor, struct doctor_finding *finding)
{
	switch ((enum agent_auth)doctor->settings.agent_auth) {
	case AGENT_AUTH_FLEX:
		doctor_ok(finding, "agents present their Flex token (AGENT_AUTH=flex)");
		break;
	case AGENT_AUTH_WEBSERVER:
		doctor_ok(finding, "the web server signs agents in (AGENT_AUTH=webserver)");
		break;
	case AGENT_AUTH_NONE:
		doctor_warn(finding,
		    "Set AGENT_AUTH=flex or AGENT_AUTH=webserver; none is for trying the demo plugin.",
		    "AGENT_AUTH=none: anybody who reaches this server can send codes, and no data is ever "
		    "released");
		break;
	}
}

/* With AGENT_AUTH=webserver there are these two roles and no other. */
static bool
web_server_names(char *const *roles)
{
	return settings_has_word(roles, "agent") || settings_has_word(roles, "supervisor");
}

static void
check_roles(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;
	bool by_web_server = s->agent_auth == AGENT_AUTH_WEBSERVER;

	if (s->agent_auth == AGENT_AUTH_NONE)
		doctor_ok(finding, "nobody signs in, so nobody has a role");
	else if (by_web_server && !web_server_names(s->verify_roles))
		doctor_fail(finding,
		    "Name agent in VERIFY_ROLES: the web server's users have the role agent or supervisor.",
		    "VERIFY_ROLES names no role that anybody has, so nobody may send a code");
	else if (by_web_server && !web_server_names(s->see_roles))
		doctor_warn(finding, "Name agent in SEE_ROLES, unless nobody is meant to see customers' data.",
		    "SEE_ROLES names no role that anybody has, so a verified customer's data stays closed");
	else if (settings_has_word(s->verify_roles, "guest") || settings_has_word(s->see_roles, "guest") ||
	    settings_has_word(s->supervisor_roles, "guest"))
		doctor_warn(finding, "Take guest out of VERIFY_ROLES, SEE_ROLES and SUPERVISOR_ROLES.",
		    "the role guest is named; web chat gives it to anybody, and it never counts");
	else if (s->see_roles[0] == NULL)
		doctor_warn(finding, "Name roles in SEE_ROLES, unless nobody is meant to see customers' data.",
		    "SEE_ROLES is empty, so a verified customer's data stays closed");
	else if (s->supervisors[0] != NULL && !by_web_server)
		doctor_warn(finding, "Take SUPERVISORS out; with AGENT_AUTH=flex, Flex says who has which role.",
		    "SUPERVISORS is set, and counts with AGENT_AUTH=webserver only");
	else if (s->supervisor_any_task && s->supervisor_roles[0] == NULL)
		doctor_warn(finding, "Name the role in SUPERVISOR_ROLES, or set SUPERVISOR_ANY_TASK=off.",
		    "SUPERVISOR_ANY_TASK=on, and SUPERVISOR_ROLES names nobody");
	else if (s->override_allowed && s->supervisor_roles[0] == NULL)
		doctor_warn(finding, "Name the role in SUPERVISOR_ROLES, or set OVERRIDE=off.",
		    "OVERRIDE=on, and SUPERVISOR_ROLES names nobody who could");
	else
		doctor_ok(finding, "somebody may verify, and somebody may see");
}

#define AT(member) offsetof(struct settings, member)

static void
check_limits(struct doctor *doctor, struct doctor_finding *finding)
{
	static const struct {
		const char *key;
		size_t      offset;
	} limits[] = {
		{ "SENDS_PER_NUMBER_HOUR", AT(sends_per_number_hour) },
		{ "SENDS_PER_NUMBER_DAY", AT(sends_per_number_day) },
		{ "SENDS_PER_INTERACTION", AT(sends_per_interaction) },
		{ "SENDS_PER_AGENT_HOUR", AT(sends_per_agent_hour) },
		{ "SENDS_PER_HOUR", AT(sends_per_hour) },
		{ "FAILURES_PER_NUMBER_HOUR", AT(failures_per_number_hour) },
		{ "FAILURES_PER_NUMBER_DAY", AT(failures_per_number_day) },
		{ "FAILURES_PER_AGENT_HOUR", AT(failures_per_agent_hour) },
		{ "FAILURES_IN_A_ROW", AT(failures_in_a_row) },
	};
	char names[DOCTOR_TEXT_SIZE] = "";
	size_t length = 0;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (*(const int *)((const char *)&doctor->settings + limits[i].offset) == 0)
			length += (size_t)snprintf(names + length, sizeof(names) - length, " %s", limits[i].key);
	if (length == 0)
		doctor_ok(finding, "every limit on sends and wrong codes is set");
	else
		doctor_warn(finding,
		    "Give each a number; .env.example has the defaults. Without them, guessing goes on and on.",
		    "no limit (0):%s", names);
}

static void
check_origins(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;
	bool has_far = false;

	for (char **origin = s->allowed_origins; *origin != NULL; origin++)
		has_far = has_far || !http_client_url_allowed(*origin); /* https, or this host itself */
	if (has_far)
		doctor_warn(finding, "Serve the page by https, and name that origin in ALLOWED_ORIGINS.",
		    "ALLOWED_ORIGINS has an http:// origin: whoever is on the way can put his own page there");
	else if (s->agent_auth == AGENT_AUTH_FLEX && s->allowed_origins[0] == NULL)
		doctor_warn(finding,
		    "Set ALLOWED_ORIGINS to https://flex.twilio.com and the origin that serves the panel.",
		    "ALLOWED_ORIGINS is empty: no page of another origin, such as Flex, may call the API");
	else
		doctor_ok(finding, "pages of %s may call the API", s->allowed_origins[0] == NULL ? "no other origin"
		    : "the listed origins only");
}

static void
check_channels(struct doctor *doctor, struct doctor_finding *finding)
{
	const struct settings *s = &doctor->settings;

	if (settings_channel_allowed(s, "email"))
		doctor_warn(finding,
		    "Take email out of CHANNELS, unless a weaker proof is enough for what INFO_FIELDS shows.",
		    "CHANNELS has email: a mailbox is no possession of a telephone, and NIST counts it as no "
		    "second way");
	else if (!settings_channel_allowed(s, "call"))
		doctor_warn(finding, "Add call to CHANNELS: landlines, and people who cannot read a text, need it.",
		    "CHANNELS has no call");
	else
		doctor_ok(finding, "the preferred channel is %s", s->channels[0]);
}

/* Whose number gets a code is the caller's to say with CONTACT_SOURCE=task; fraud with texts lives on that. */
static void
check_countries(struct doctor *doctor, struct doctor_finding *finding)
{
	if (doctor->settings.countries[0] != NULL)
		doctor_ok(finding, "numbers of the listed countries only get codes");
	else
		doctor_warn(finding,
		    "List in COUNTRIES where customers live, such as US CA; Twilio's geographic permissions help, too.",
		    "COUNTRIES is empty: numbers of all countries get codes, also the expensive ones");
}

const struct doctor_check doctor_config_checks[] = {
	{ "sandbox", check_sandbox },
	{ "sign-in", check_sign_in },
	{ "roles", check_roles },
	{ "limits", check_limits },
	{ "origins", check_origins },
	{ "channels", check_channels },
	{ "countries", check_countries },
	{ NULL, NULL },
};
