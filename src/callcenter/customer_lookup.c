#include "customer_lookup.h"

#include "base/clock.h"
#include "base/json.h"
#include "turn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORD_DEPTH_MAX 8
#define LOOKUP_URL_MAX_BYTES 2048

/* ---- asking ---- */

static void
add_parameter(struct buffer *url, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buffer_printf(url, "%c%s=", strchr(buffer_text(url), '?') == NULL ? '?' : '&', name);
	form_escape(url, value);
}

/* 404 is a customer that the company does not know: no record, and no error. */
static enum refusal
read_record(const struct http_call *call, struct json_object **record)
{
	if (call->result == HTTP_CLIENT_OK && call->status == 404)
		return REFUSAL_NONE;
	if (call->result != HTTP_CLIENT_OK || call->status != 200 || !call->answer_is_json)
		return REFUSAL_CUSTOMER_LOOKUP_FAILED;
	if (json_parse(buffer_text(&call->answer), call->answer.length, RECORD_DEPTH_MAX, record) != JSON_OK)
		return REFUSAL_CUSTOMER_LOOKUP_FAILED;
	return REFUSAL_NONE;
}

enum refusal
customer_lookup(struct turn *turn, const char *phone, const char *customer, struct json_object **record)
{
	const struct settings *settings = &turn->app->settings;
	struct http_call call;
	struct buffer url;
	enum refusal refusal = REFUSAL_CUSTOMER_LOOKUP_FAILED;

	*record = NULL;
	if (settings->customer_lookup_url == NULL)
		return REFUSAL_NONE;
	buffer_init(&url, LOOKUP_URL_MAX_BYTES);
	http_call_init(&call);
	buffer_add_text(&url, settings->customer_lookup_url);
	add_parameter(&url, "phone", phone);
	add_parameter(&url, "customer", customer);
	if (!url.failed) {
		call.method = "GET";
		call.url = buffer_text(&url);
		call.username = settings->customer_lookup_username;
		call.password = settings->customer_lookup_password;
		if (http_client_perform(turn->app->http, &call, turn->deadline_ms) == HTTP_CLIENT_LOST)
			http_client_perform(turn->app->http, &call, turn->deadline_ms);
		refusal = read_record(&call, record);
	}
	http_call_free(&call);
	buffer_free(&url);
	return refusal;
}

/* ---- reading ---- */

/* An id is what the look-up calls the customer, as text or as a whole number. */
static bool
read_id(struct json_object *record, char id[CUSTOMER_ID_SIZE])
{
	const char *text = json_get_string(record, "id");
	int64_t number = 0;

	if (text != NULL)
		return turn_copy(id, CUSTOMER_ID_SIZE, text) && id[0] != '\0';
	if (!json_get_int(record, "id", &number))
		return false;
	snprintf(id, CUSTOMER_ID_SIZE, "%" PRId64, number);
	return true;
}

/* Something else than a number, such as "unknown", is none on file. */
static void
read_phone(struct json_object *record, struct customer_on_file *on_file)
{
	const char *phone = json_get_string(record, "phone"), *type = json_get_string(record, "phone_type");

	if (phone == NULL || !phone_number_normalise(phone, on_file->phone) || phone_number_withheld(on_file->phone))
		on_file->phone[0] = '\0';
	on_file->texts = json_get(record, "phone_type") == NULL || (type != NULL && strcmp(type, "mobile") == 0);
}

static void
read_email(struct json_object *record, struct customer_on_file *on_file)
{
	const char *email = json_get_string(record, "email");

	if (email != NULL && phone_number_is_email(email))
		turn_copy(on_file->email, sizeof(on_file->email), email);
}

/* An absent time is one long ago; one that cannot be read is not guessed at. */
static bool
read_time(struct json_object *record, const char *key, int64_t *unix_ms)
{
	const char *text = json_get_string(record, key);

	*unix_ms = 0;
	return json_get(record, key) == NULL || (text != NULL && clock_parse(text, unix_ms));
}

bool
customer_lookup_read(struct json_object *record, struct customer_on_file *on_file)
{
	memset(on_file, 0, sizeof(*on_file));
	read_phone(record, on_file);
	read_email(record, on_file);
	return read_id(record, on_file->id) && read_time(record, "phone_changed_at", &on_file->phone_changed_at) &&
	    read_time(record, "email_changed_at", &on_file->email_changed_at);
}
