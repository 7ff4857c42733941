#include "callcenter/settings.h"
#include "ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define PATH "/tmp/flex-verify-settings-test.env"

#define BASE                                                                                                           \
	"ACCOUNT_SID=AC00000000000000000000000000000001\n"                                                             \
	"VERIFY_SERVICE_SID=VA00000000000000000000000000000001\n"                                                      \
	"LOG_KEY=0123456789abcdef0123456789abcdef\n"
#define TOKEN	  "AUTH_TOKEN=0123456789abcdef0123456789abcdef\n"
#define WORKSPACE "WORKSPACE_SID=WS00000000000000000000000000000001\n"

static bool
load(const char *text, struct settings *settings, struct config_error *error)
{
	FILE *file = fopen(PATH, "w");
	bool loaded = false;

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(PATH, 0600), 0);
	loaded = settings_load(PATH, settings, error);
	unlink(PATH);
	return loaded;
}

static void
the_required_keys_suffice_and_the_rest_has_safe_defaults(void **state)
{
	static const struct {
		const char *role;
		bool        verifies, supervises;
	} roles[] = {
		{ "agent", true, false }, { "supervisor", true, true }, { "admin", true, true },
		{ "guest", false, false }, { "Agent", false, false }, { "agents", false, false }, { "", false, false },
	};
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE, &s, &error));
	assert_int_equal(s.agent_auth, AGENT_AUTH_FLEX);
	assert_int_equal(s.token_cache_s, 60);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		assert_int_equal(settings_has_word(s.verify_roles, roles[i].role), roles[i].verifies);
		assert_int_equal(settings_has_word(s.see_roles, roles[i].role), roles[i].verifies);
		assert_int_equal(settings_has_word(s.supervisor_roles, roles[i].role), roles[i].supervises);
	}
	assert_null(s.supervisors[0]);
	assert_false(s.supervisor_any_task);
	assert_int_equal(s.transfer, TRANSFER_FRESH);
	assert_true(s.task_write_back);
	assert_null(s.rate_limits[0]);
	assert_int_equal(s.contact_source, CONTACT_SOURCE_TASK);
	assert_true(settings_channel_allowed(&s, "sms"));
	assert_true(settings_channel_allowed(&s, "call"));
	assert_false(settings_channel_allowed(&s, "email"));
	assert_false(settings_channel_allowed(&s, "whatsapp"));
	assert_null(s.allowed_origins[0]);
	assert_null(s.twilio_base_url);
	assert_null(s.proxy);
	assert_int_equal(s.checks_max, 5);
	assert_int_equal(s.code_valid_s, 600);
	settings_free(&s);
}

static void
every_key_reaches_its_member(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE WORKSPACE
	    "AUTH_TOKEN=tok\nAPI_KEY_SID=SK00000000000000000000000000000001\nAPI_KEY_SECRET=sec\n"
	    "TWILIO_BASE_URL=https://twilio.example.com\nAGENT_AUTH=none\nCONTACT_SOURCE=request\n"
	    "TOKEN_CACHE_SECONDS=9\nVERIFY_ROLES=one two\nSEE_ROLES=\nSUPERVISOR_ROLES=three\nSUPERVISORS=sam eve\n"
	    "SUPERVISOR_ANY_TASK=on\nTRANSFER=keep\n"
	    "CUSTOMER_LOOKUP_URL=https://crm.example.com/c\nCUSTOMER_LOOKUP_USERNAME=u\nCUSTOMER_LOOKUP_PASSWORD=p\n"
	    "INFO_FIELDS=name iban:5m\nLEDGER=sqlite:/tmp/l.db\nCHANNELS=whatsapp "
	    "email\nALLOWED_ORIGINS=https://flex.twilio.com "
	    "http://localhost:3000\n"
	    "CODE_LENGTH=8\nCODE_VALID_SECONDS=60\nCHECKS_MAX=3\nSENDS_MAX=2\nVERIFIED_FOR_SECONDS=30\nTHREADS=7\n"
	    "SENDS_PER_NUMBER_HOUR=11\nSENDS_PER_NUMBER_DAY=12\nSENDS_PER_INTERACTION=13\nSENDS_PER_AGENT_HOUR=14\n"
	    "SENDS_PER_HOUR=15\nFAILURES_PER_NUMBER_HOUR=16\nFAILURES_PER_NUMBER_DAY=17\nFAILURES_PER_AGENT_HOUR=18\n"
	    "RESEND_AFTER_SECONDS=1 22\nTASK_WRITE_BACK=off\nRATE_LIMITS=a:number b:system\n"
	    "REQUEST_TIMEOUT_MS=5000\nCONNECT_TIMEOUT_MS=500\nPROXY=http://proxy.example.com:3128\n"
	    "CA_FILE=/etc/hostname\n",
	    &s, &error));
	assert_string_equal(s.account_sid, "AC00000000000000000000000000000001");
	assert_string_equal(s.auth_token, "tok");
	assert_string_equal(s.api_key_sid, "SK00000000000000000000000000000001");
	assert_string_equal(s.api_key_secret, "sec");
	assert_string_equal(s.verify_service_sid, "VA00000000000000000000000000000001");
	assert_string_equal(s.workspace_sid, "WS00000000000000000000000000000001");
	assert_string_equal(s.twilio_base_url, "https://twilio.example.com");
	assert_int_equal(s.agent_auth, AGENT_AUTH_NONE);
	assert_int_equal(s.token_cache_s, 9);
	assert_string_equal(s.verify_roles[1], "two");
	assert_null(s.see_roles[0]);
	assert_string_equal(s.supervisor_roles[0], "three");
	assert_string_equal(s.supervisors[1], "eve");
	assert_true(s.supervisor_any_task);
	assert_int_equal(s.transfer, TRANSFER_KEEP);
	assert_int_equal(s.contact_source, CONTACT_SOURCE_REQUEST);
	assert_string_equal(s.customer_lookup_url, "https://crm.example.com/c");
	assert_string_equal(s.customer_lookup_username, "u");
	assert_string_equal(s.customer_lookup_password, "p");
	assert_string_equal(s.info_fields[1], "iban:5m");
	assert_string_equal(s.ledger, "sqlite:/tmp/l.db");
	assert_string_equal(s.log_key, "0123456789abcdef0123456789abcdef");
	assert_string_equal(s.channels[0], "whatsapp");
	assert_string_equal(s.channels[1], "email");
	assert_string_equal(s.allowed_origins[1], "http://localhost:3000");
	assert_int_equal(s.code_length, 8);
	assert_int_equal(s.code_valid_s, 60);
	assert_int_equal(s.checks_max, 3);
	assert_int_equal(s.sends_max, 2);
	assert_int_equal(s.verified_for_s, 30);
	assert_int_equal(s.sends_per_number_hour, 11);
	assert_int_equal(s.sends_per_number_day, 12);
	assert_int_equal(s.sends_per_interaction, 13);
	assert_int_equal(s.sends_per_agent_hour, 14);
	assert_int_equal(s.sends_per_hour, 15);
	assert_int_equal(s.failures_per_number_hour, 16);
	assert_int_equal(s.failures_per_number_day, 17);
	assert_int_equal(s.failures_per_agent_hour, 18);
	assert_string_equal(s.resend_after_s[1], "22");
	assert_false(s.task_write_back);
	assert_string_equal(s.rate_limits[1], "b:system");
	assert_int_equal(s.threads, 7);
	assert_int_equal(s.request_timeout_ms, 5000);
	assert_int_equal(s.connect_timeout_ms, 500);
	assert_string_equal(s.proxy, "http://proxy.example.com:3128");
	assert_string_equal(s.ca_file, "/etc/hostname");
	settings_free(&s);
}

static void
a_web_server_s_sign_in_with_a_named_page_is_fine(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE "AGENT_AUTH=webserver\nALLOWED_ORIGINS=https://a.example\n", &s,
	    &error));
	assert_int_equal(s.agent_auth, AGENT_AUTH_WEBSERVER);
	settings_free(&s);
}

/* What texting links needs, each part by itself. */
#define LINK_PAGE   "APPROVAL_URL=https://a.example/approve/\n"
#define LINK_WORTH  "STRENGTHS=tap:2\n"
#define LINK_NAME   "COMPANY_NAME=\"Example Energy\"\n"
#define LINK_SENDER "MESSAGING_FROM=+12025550100\n"
#define LINK_ORIGIN "ALLOWED_ORIGINS=https://a.example\n"
#define LINKS       LINK_PAGE LINK_WORTH LINK_NAME LINK_SENDER LINK_ORIGIN

static void
links_are_texted_where_page_sender_and_worth_are_set(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE LINKS "INFO_FIELDS=iban:2s\nAPPROVAL_LINK_SECONDS=60\n", &s, &error));
	assert_true(settings_links(&s));
	assert_string_equal(s.company_name, "Example Energy");
	assert_string_equal(s.messaging_from, "+12025550100");
	assert_int_equal(s.approval_link_s, 60);
	assert_false(s.approval_agent_name);
	settings_free(&s);
}

#define VOICE \
	"VOICE_PUBLIC_URL=https://a.example/verify-call\nVOICE_WORKFLOW_SID=WW00000000000000000000000000000001\n"

static void
callers_key_codes_in_where_it_is_switched_on(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE VOICE, &s, &error));
	assert_false(s.voice_key_in);
	settings_free(&s);
	assert_true(load(BASE TOKEN WORKSPACE VOICE "VOICE_KEY_IN=on\n", &s, &error));
	assert_true(s.voice_key_in);
	settings_free(&s);
}

/* Customers of whom a number is on file, and what calling them back needs, each part by itself. */
#define ON_FILE		"CONTACT_SOURCE=customer\nCUSTOMER_LOOKUP_URL=https://crm.example.com/c\n"
#define CALL_BACKS_TO	"CALLBACK_WORKFLOW_SID=WW00000000000000000000000000000001\n"
#define CALL_BACKS_FROM "CALLBACK_FROM=+12025550100\n"

static void
customers_on_file_are_called_back_where_workflow_and_number_are_set(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_TO CALL_BACKS_FROM "STRENGTHS=callback:2\n", &s,
	    &error));
	assert_true(settings_call_backs(&s));
	settings_free(&s);
	assert_true(load(BASE TOKEN WORKSPACE ON_FILE, &s, &error));
	assert_false(settings_call_backs(&s));
	settings_free(&s);
}

static void
a_page_may_be_the_whole_of_its_site_and_a_proxy_be_spoken_to_by_tls(void **state)
{
	struct settings s;
	struct config_error error = { "" };

	(void)state;
	assert_true(load(BASE TOKEN WORKSPACE LINK_WORTH LINK_NAME LINK_SENDER LINK_ORIGIN
	    "APPROVAL_URL=https://a.example\nPROXY=https://proxy.example.com:3128\n", &s, &error));
	assert_true(settings_links(&s));
	assert_string_equal(s.proxy, "https://proxy.example.com:3128");
	settings_free(&s);
}

struct refused {
	const char *text, *named;
};

static void
assert_refused(const struct refused *cases, size_t count)
{
	struct settings s;
	struct config_error error;

	for (size_t i = 0; i < count; i++) {
		assert_false(load(cases[i].text, &s, &error));
		if (strstr(error.text, cases[i].named) == NULL)
			fail_msg("case %zu: '%s' does not name %s", i, error.text, cases[i].named);
	}
}

static void
a_setting_that_cannot_be_meant_is_refused_with_its_name(void **state)
{
	static const struct refused cases[] = {
		{ BASE WORKSPACE, "AUTH_TOKEN" },
		{ BASE TOKEN, "WORKSPACE_SID" },
		{ BASE TOKEN WORKSPACE "CONTACT_SOURCE=request\n", "AGENT_AUTH=none" },
		{ BASE TOKEN WORKSPACE "API_KEY_SID=SK00000000000000000000000000000001\n", "API_KEY_SECRET" },
		{ BASE TOKEN WORKSPACE "CUSTOMER_LOOKUP_USERNAME=u\n", "CUSTOMER_LOOKUP_PASSWORD" },
		{ BASE TOKEN "WORKSPACE_SID=WT00000000000000000000000000000001\n", "WORKSPACE_SID" },
		{ BASE TOKEN WORKSPACE "TWILIO_BASE_URL=http://twilio.example.com\n", "TWILIO_BASE_URL" },
		{ BASE TOKEN WORKSPACE "CUSTOMER_LOOKUP_URL=ftp://crm.example.com\n", "CUSTOMER_LOOKUP_URL" },
		{ BASE TOKEN WORKSPACE "CHANNELS=sms pigeon\n", "CHANNELS" },
		{ BASE TOKEN WORKSPACE "CHANNELS=\n", "CHANNELS" },
		{ BASE TOKEN WORKSPACE "ALLOWED_ORIGINS=*\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE "ALLOWED_ORIGINS=null\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE "ALLOWED_ORIGINS=https://flex.twilio.com/\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE "LEDGER=ledger.db\n", "LEDGER" },
		{ BASE TOKEN WORKSPACE "LEDGER=sqlite:ledger.db\n", "LEDGER" },
		{ BASE TOKEN WORKSPACE "LEDGER=postgresql://host\n", "LEDGER" },
		{ BASE TOKEN WORKSPACE "LEDGER=postgresql://host/db?sslmod=disable\n", "LEDGER" },
		{ BASE TOKEN WORKSPACE "LEDGER=mysql://host/db\n", "LEDGER" },
		{ BASE TOKEN WORKSPACE "CODE_VALID_SECONDS=601\n", "CODE_VALID_SECONDS" },
		{ BASE TOKEN WORKSPACE "CHECKS_MAX=6\n", "CHECKS_MAX" },
		{ BASE TOKEN WORKSPACE "AGENT_AUTH=trust\n", "AGENT_AUTH" },
		{ BASE TOKEN WORKSPACE "AGENT_AUTH=webserver\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE "AGENT_AUTH=webserver\nALLOWED_ORIGINS=https://a.example\n"
		    "CONTACT_SOURCE=request\n",
		    "AGENT_AUTH=none" },
		{ BASE TOKEN WORKSPACE "TOKEN_CACHE_SECONDS=61\n", "TOKEN_CACHE_SECONDS" },
		{ BASE TOKEN WORKSPACE "TOKEN_CACHE_SECONDS=-1\n", "TOKEN_CACHE_SECONDS" },
		{ BASE TOKEN WORKSPACE "VERIFY_ROLES=\n", "VERIFY_ROLES" },
		{ BASE TOKEN WORKSPACE "SUPERVISOR_ANY_TASK=yes\n", "SUPERVISOR_ANY_TASK" },
		{ BASE TOKEN WORKSPACE "TRANSFER=drop\n", "TRANSFER" },
		{ BASE TOKEN WORKSPACE "CA_FILE=ca.pem\n", "CA_FILE" },
		{ BASE TOKEN WORKSPACE "CA_FILE=/nonexistent/ca.pem\n", "CA_FILE" },
		{ BASE TOKEN WORKSPACE "PROXY=proxy.example.com\n", "PROXY" },
		{ BASE TOKEN WORKSPACE "INFO_FIELDS=iban:5x\n", "INFO_FIELDS" },
		{ BASE TOKEN WORKSPACE "CODE_LENGTH=5\n", "CODE_LENGTH" },
		{ BASE TOKEN WORKSPACE "RESEND_AFTER_SECONDS=30 -1\n", "RESEND_AFTER_SECONDS" },
		{ BASE TOKEN WORKSPACE "TASK_WRITE_BACK=yes\n", "TASK_WRITE_BACK" },
		{ BASE TOKEN WORKSPACE "RATE_LIMITS=flex_agent\n", "RATE_LIMITS" },
		{ BASE TOKEN WORKSPACE "RATE_LIMITS=a:agent a:number\n", "RATE_LIMITS" },
		{ BASE TOKEN "AGENT_AUTH=none\nCONTACT_SOURCE=request\nRATE_LIMITS=a:agent\n", "RATE_LIMITS" },
		{ BASE TOKEN WORKSPACE ON_FILE "PORTAL_KEY=0123456789abcdef0123456789abcdef\n", "PORTAL_KEY" },
		{ BASE TOKEN WORKSPACE "ALLOWED_ORIGINS=https://\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=sms:0\n", "STRENGTHS" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=sms:\n", "STRENGTHS" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=sms:22\n", "STRENGTHS" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=sms:x\n", "STRENGTHS" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=post:1\n", "STRENGTHS" },
		{ BASE TOKEN WORKSPACE "COLOUR=red\n", "COLOUR" },
	};

	(void)state;
	assert_refused(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
a_link_a_call_or_a_call_back_that_lacks_something_is_refused_with_its_name(void **state)
{
	static const struct refused cases[] = {
		{ BASE TOKEN WORKSPACE "STRENGTHS=tap:1\n", "APPROVAL_URL" },
		{ BASE TOKEN WORKSPACE LINK_PAGE LINK_NAME LINK_SENDER LINK_ORIGIN, "tap:N" },
		{ BASE TOKEN WORKSPACE LINK_PAGE LINK_WORTH LINK_SENDER LINK_ORIGIN, "COMPANY_NAME" },
		{ BASE TOKEN WORKSPACE LINK_PAGE LINK_WORTH LINK_NAME LINK_ORIGIN, "MESSAGING_SERVICE_SID" },
		{ BASE TOKEN WORKSPACE LINKS "MESSAGING_SERVICE_SID=MG00000000000000000000000000000001\n",
		    "one sender" },
		{ BASE TOKEN WORKSPACE LINK_PAGE LINK_WORTH LINK_NAME LINK_SENDER
		    "ALLOWED_ORIGINS=https://a.exampl https://a.example.com\n", "ALLOWED_ORIGINS" },
		{ BASE TOKEN WORKSPACE LINKS "AGENT_AUTH=none\n", "AGENT_AUTH" },
		{ BASE TOKEN WORKSPACE LINKS "APPROVAL_LINK_SECONDS=601\n", "APPROVAL_LINK_SECONDS" },
		{ BASE TOKEN WORKSPACE "APPROVAL_URL=https://a.example/approve/#x\n", "APPROVAL_URL" },
		{ BASE TOKEN WORKSPACE "APPROVAL_URL=http://a.example/approve/\n", "APPROVAL_URL" },
		{ BASE TOKEN WORKSPACE "COMPANY_NAME=12345678901234567890123456789012345678901\n", "COMPANY_NAME" },
		{ BASE TOKEN WORKSPACE "VOICE_KEY_IN=on\n", "VOICE_PUBLIC_URL" },
		{ BASE TOKEN WORKSPACE VOICE "VOICE_KEY_IN=on\nAGENT_AUTH=none\n", "AGENT_AUTH" },
		{ BASE TOKEN WORKSPACE "VOICE_PUBLIC_URL=https://a.example/verify-call\n", "VOICE_WORKFLOW_SID" },
		{ BASE WORKSPACE VOICE "API_KEY_SID=SK00000000000000000000000000000001\nAPI_KEY_SECRET=s\n",
		    "AUTH_TOKEN" },
		{ BASE TOKEN WORKSPACE "STRENGTHS=callback:2\n", "CALLBACK_WORKFLOW_SID" },
		{ BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_TO, "CALLBACK_FROM" },
		{ BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_FROM, "CALLBACK_WORKFLOW_SID" },
		{ BASE TOKEN WORKSPACE CALL_BACKS_TO CALL_BACKS_FROM, "CONTACT_SOURCE=customer" },
		{ BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_TO CALL_BACKS_FROM "AGENT_AUTH=none\n", "AGENT_AUTH" },
		{ BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_TO "CALLBACK_FROM=+1 202 555 0100\n", "CALLBACK_FROM" },
		{ BASE TOKEN WORKSPACE ON_FILE CALL_BACKS_TO "CALLBACK_FROM=anonymous\n", "CALLBACK_FROM" },
	};

	(void)state;
	assert_refused(cases, sizeof(cases) / sizeof(cases[0]));
}

static void
the_password_of_a_ledger_is_percent_encoded_or_refused_and_no_part_of_it_told(void **state)
{
	static const char *const lines[] = {
		"LEDGER=postgresql://u:hunter@two@db/x\n",
		"LEDGER=postgresql://u:hunter/two@db/x\n",
		"LEDGER=postgresql://u:12/hunter@db/two\n",
		"LEDGER=postgresql://u:hunter@b:two@db/x\n",
	};
	struct settings s;
	struct config_error error;
	char text[512], shown[LEDGER_ADDRESS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", BASE TOKEN WORKSPACE, lines[i]);
		assert_false(load(text, &s, &error));
		assert_non_null(strstr(error.text, "LEDGER"));
		assert_non_null(strstr(error.text, "percent-encoded"));
		ledger_show_address(lines[i] + strlen("LEDGER="), shown);
		assert_null(strstr(error.text, "hunter"));
		assert_null(strstr(error.text, "two"));
		assert_null(strstr(shown, "hunter"));
		assert_null(strstr(shown, "two"));
	}
	assert_true(ledger_address_valid("postgresql://u:p%40ss%2Fword@db.example.com:5432,b:5433/x"));
	assert_true(ledger_address_valid("postgresql://u@/x?host=/run/postgresql"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_required_keys_suffice_and_the_rest_has_safe_defaults),
		cmocka_unit_test(every_key_reaches_its_member),
		cmocka_unit_test(a_web_server_s_sign_in_with_a_named_page_is_fine),
		cmocka_unit_test(links_are_texted_where_page_sender_and_worth_are_set),
		cmocka_unit_test(callers_key_codes_in_where_it_is_switched_on),
		cmocka_unit_test(customers_on_file_are_called_back_where_workflow_and_number_are_set),
		cmocka_unit_test(a_page_may_be_the_whole_of_its_site_and_a_proxy_be_spoken_to_by_tls),
		cmocka_unit_test(a_setting_that_cannot_be_meant_is_refused_with_its_name),
		cmocka_unit_test(a_link_a_call_or_a_call_back_that_lacks_something_is_refused_with_its_name),
		cmocka_unit_test(the_password_of_a_ledger_is_percent_encoded_or_refused_and_no_part_of_it_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
