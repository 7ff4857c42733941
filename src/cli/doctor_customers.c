/*
 * The company's own customer look-up, asked about a number that is nobody's.
 */
#include "doctor.h"

#include "base/json.h"
#include "base/secret.h"
#include "callcenter/customer_lookup.h"
#include "callcenter/info_fields.h"
#include "http/form.h"

#include <string.h>

#define LOOKUP_URL_MAX_BYTES 2048
#define RECORD_DEPTH_MAX     8

/* From the range that is kept for fiction (555-0100 to 555-0199): nobody's number. */
#define NOBODY "+12025550100"

static bool
shows_customer(const struct settings *s)
{
	struct info_field field;

	for (char **word = s->info_fields; *word != NULL; word++)
		if (info_field_read(*word, &field) && !field.of_task)
			return true;
	return false;
}

/* ---- The answer -------------------------------------------------------------------- */

static struct json_object *
read_record(const struct http_call *call)
{
	struct json_object *record = NULL;

	if (call->result != HTTP_CLIENT_OK || call->status != 200 || !call->answer_is_json ||
	    json_parse(buffer_text(&call->answer), call->answer.length, RECORD_DEPTH_MAX, &record) != JSON_OK)
		return NULL;
	return record;
}

/* With CONTACT_SOURCE=customer the record says whom a code goes to. */
static void
judge_on_file(const struct settings *s, struct json_object *record, struct doctor_finding *finding)
{
	static const char advice[] = "The API's README, under \"Where a code goes\", has the members of a record.";
	struct customer_on_file on_file;

	if (!customer_lookup_read(record, &on_file))
		doctor_fail(finding, advice,
		    "its record has no id, or a time of change that is none, so no code can be sent");
	else if (on_file.phone[0] == '\0' && on_file.email[0] == '\0')
		doctor_warn(finding, advice, "its record has no phone and no email that a code could go to");
	else if (s->number_change_days > 0 && json_get(record, "phone_changed_at") == NULL)
		doctor_warn(finding,
		    "Let the record say phone_changed_at for each number that was changed, or set "
		    "NUMBER_CHANGE_DAYS=0.",
		    "NUMBER_CHANGE_DAYS is set, and its record does not say when the number was changed");
	else
		doctor_ok(finding, "it answers, with a record that says where a code goes");
	secret_wipe(&on_file, sizeof(on_file));
}

static void
judge_record(const struct settings *s, struct json_object *record, struct doctor_finding *finding)
{
	if (s->contact_source == CONTACT_SOURCE_CUSTOMER)
		judge_on_file(s, record, finding);
	else
		doctor_ok(finding, "it answers, with a record");
}

static void
judge_lookup(const struct settings *s, const struct http_call *call, struct doctor_finding *finding)
{
	struct json_object *record = read_record(call);

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
	else if (record != NULL)
		judge_record(s, record, finding);
	else
		doctor_fail(finding,
		    "It has to answer 200 with a JSON object as application/json, or 404.",
		    "it answers with status %d%s", call->status,
		    call->status == 200 ? ", and not with a JSON object" : "");
	json_free(record);
}

/* ---- Asking ------------------------------------------------------------------------ */

static void
write_url(const struct settings *s, struct buffer *url)
{
	const char *base = s->customer_lookup_url;

	buffer_add_text(url, base);
	buffer_add_text(url, strchr(base, '?') == NULL ? "?phone=" : "&phone=");
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
	write_url(s, &url);
	if (!url.failed) {
		call.method = "GET";
		call.url = buffer_text(&url);
		call.username = s->customer_lookup_username;
		call.password = s->customer_lookup_password;
		http_client_perform(doctor->http, &call, doctor_deadline(doctor));
		judge_lookup(s, &call, finding);
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

const struct doctor_check doctor_customer_checks[] = {
	{ "customers", check_customers },
	{ NULL, NULL },
};
