/*
 * settings: the configuration of the programs; .env.example describes each key.
 */
#ifndef CALLCENTER_SETTINGS_H
#define CALLCENTER_SETTINGS_H

#include "base/config.h"
#include "http/http_client.h"
#include "twilio/twilio.h"

#include <stdbool.h>

/* Where the configuration is unless -c says otherwise. */
#define SETTINGS_PATH "/etc/flex-verify/flex-verify.env"

#define SETTINGS_ATTRIBUTE_SIZE 128 /* of the path of a task's attribute, with the NUL */

enum agent_auth {
	AGENT_AUTH_FLEX,      /* a Flex token, validated with Twilio */
	AGENT_AUTH_WEBSERVER, /* REMOTE_USER, whom the web server signed in */
	AGENT_AUTH_NONE       /* nobody signs in; customer data is then never released */
};

enum contact_source {
	CONTACT_SOURCE_TASK,     /* the number of the call or message, read from the task at Twilio */
	CONTACT_SOURCE_CUSTOMER, /* the number on file of the task's customer, as the customer look-up has it */
	CONTACT_SOURCE_REQUEST   /* the number in the request; only with AGENT_AUTH_NONE */
};

/* What a verification is worth to an agent who did not check its code himself. */
enum transfer {
	TRANSFER_KEEP, /* as much as to the one who did */
	TRANSFER_FRESH /* he sees no data before he has checked a code of his own */
};

/* All strings are owned by the struct; NULL where a key was left empty. */
struct settings {
	char *account_sid, *auth_token, *api_key_sid, *api_key_secret;
	char *verify_service_sid, *workspace_sid;
	char *twilio_base_url;

	int    agent_auth; /* enum agent_auth */
	int    token_cache_s;
	char **verify_roles, **see_roles, **supervisor_roles; /* ended by NULL */
	char **supervisors; /* users of the web server with the role supervisor; ended by NULL */
	bool   supervisor_any_task;
	bool   override_allowed;
	int    override_max_minutes;
	int    transfer; /* enum transfer */

	int    contact_source; /* enum contact_source */
	char  *customer_id_attribute; /* of the task: a name, or several with dots between */
	char **countries; /* that codes may be sent to, ISO 3166; ended by NULL; none: all */
	int    number_change_days; /* a number on file has to be older than this; 0: no matter */
	bool   task_write_back; /* outcomes are written into the task's attributes */
	char **info_fields; /* words of info_fields.h, ended by NULL */
	char  *customer_lookup_url, *customer_lookup_username, *customer_lookup_password;

	/* verify-call; NULL: calls are not verified before an agent has them. */
	char *voice_public_url, *voice_workflow_sid;
	int   voice_language; /* enum call_language */
	bool  voice_key_in;   /* callers key codes in while they talk to an agent */

	char  *ledger;
	int    ledger_sync; /* enum ledger_sync */
	char  *log_key;
	char **channels;        /* ended by NULL, the preferred one first */
	char **allowed_origins; /* ended by NULL */

	int code_length, code_valid_s, checks_max, sends_max, verified_for_s;

	/* Most in an hour or a day; 0: no limit. */
	int sends_per_number_hour, sends_per_number_day, sends_per_interaction, sends_per_agent_hour, sends_per_hour;
	int failures_per_number_hour, failures_per_number_day, failures_per_agent_hour;
	int failures_in_a_row; /* of a number, until a right code or a supervisor; 0: no limit */
	char **rate_limits;    /* words of rate_limits.h, ended by NULL */
	char **resend_after_s; /* seconds until the next send, after the first, the second ...; ended by NULL */

	char  *portal_key; /* of the website that shows PINs; NULL: none does */
	int    pin_valid_s, pins_per_customer_hour, pins_per_customer_day;
	char **strengths;  /* words of strength.h, ended by NULL */

	char *callback_workflow_sid, *callback_from; /* NULL: nobody is called back */
	int   callback_valid_s;

	char *approval_url; /* of the page that customers answer on; NULL: no links are texted */
	char *company_name, *messaging_service_sid, *messaging_from;
	int   approval_link_s;
	bool  approval_agent_name; /* the page names the agent */

	int threads, queue_timeout_ms, request_timeout_ms, connect_timeout_ms;
	char *proxy, *ca_file;
	char *metrics; /* the file of metrics.h; NULL: nothing is counted */
};

/* Reads and judges the file; on false, error says what is wrong and nothing is left allocated. */
bool settings_load(const char *path, struct settings *settings, struct config_error *error);

/* Reads and judges it only. */
bool settings_check(const char *path, struct config_error *error);

/* Wipes and frees. */
void settings_free(struct settings *settings);

/* Is word one of words, which end with NULL? */
bool settings_has_word(char *const *words, const char *word);

/* Is channel a word for a channel at all?  One of the configured ones? */
bool settings_channel_known(const char *channel);
bool settings_channel_allowed(const struct settings *settings, const char *channel);

/* May customers be verified by PINs that the website shows? */
bool settings_pins(const struct settings *settings);

/* May links be texted to customers? */
bool settings_links(const struct settings *settings);

/* May customers be called back at the number on file? */
bool settings_call_backs(const struct settings *settings);

/*
 * An HTTP client as the settings want it, the caller's, which counts its calls in metrics, if not NULL.
 * NULL: no memory, or CA_FILE or PROXY cannot be used.
 */
struct http_client *settings_new_http_client(const struct settings *settings, struct metrics *metrics);

/* Twilio as the settings name it; borrows both. */
struct twilio settings_twilio(const struct settings *settings, struct http_client *http);

#endif
