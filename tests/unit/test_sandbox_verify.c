#include "sandbox_client.h"

#include "sandbox/magic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sending ------------------------------------------------------------- */

static void
a_code_is_sent_and_arrives(void **state)
{
	struct client *f = *state;
	struct json_object *message = NULL;
	char body[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(json_length(json_get_array(f->json, "messages")), 1);
	message = json_item(json_get_array(f->json, "messages"), 0);
	assert_int_equal(strspn(f->code, "0123456789"), 6);
	assert_int_equal(strlen(f->code), 6);
	snprintf(body, sizeof(body), "Your " SANDBOX_SERVICE_NAME " verification code is: %s",
	    f->code);
	assert_string_equal(json_get_string(message, "body"), body);
	assert_string_equal(json_get_string(message, "to"), PERSON);
	assert_string_equal(json_get_string(message, "channel"), "sms");
	assert_string_equal(json_get_string(message, "sid"), f->sid);
}

static void
a_verification_has_all_of_twilios_members(void **state)
{
	static const char *const members[] =
	    { "sid", "service_sid", "account_sid", "to", "channel", "status", "valid",
		"date_created", "date_updated", "lookup", "amount", "payee", "send_code_attempts",
		    "sna", "url" };
	struct client *f = *state;
	struct json_object *send = NULL;
	bool valid = true;
	char url[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_fetch(f), 200);
	assert_int_equal(json_length(f->json), sizeof(members) / sizeof(*members));
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		assert_non_null(strstr(buffer_text(&f->response.body), members[i]));
	assert_int_equal(strlen(f->sid), 34);
	assert_string_equal(client_text(f, "service_sid"), SANDBOX_SERVICE_SID);
	assert_string_equal(client_text(f, "account_sid"), SANDBOX_ACCOUNT_SID);
	assert_string_equal(client_text(f, "to"), PERSON);
	assert_string_equal(client_text(f, "channel"), "sms");
	assert_string_equal(client_text(f, "status"), "pending");
	assert_true(json_get_bool(f->json, "valid", &valid));
	assert_false(valid);
	assert_int_equal(json_kind(json_get(f->json, "lookup")), JSON_OBJECT);
	send = json_item(json_get_array(f->json, "send_code_attempts"), 0);
	assert_string_equal(json_get_string(send, "channel"), "SMS");
	assert_int_equal(strncmp(json_get_string(send, "attempt_sid"), "VL", 2), 0);
	snprintf(url, sizeof(url),
	    "https://verify.twilio.com/v2/Services/" SANDBOX_SERVICE_SID "/Verifications/%s",
	    f->sid);
	assert_string_equal(client_text(f, "url"), url);
	assert_null(strstr(buffer_text(&f->response.body), f->code));
}

static void
sending_again_keeps_sid_and_code(void **state)
{
	static const char *const channels[] = { "call", "whatsapp", "sms" };
	static const char *const names[] = { "SMS", "CALL", "whatsapp", "SMS" };
	struct client *f = *state;
	struct json_object *sends = NULL, *inbox = NULL;
	char body[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
		snprintf(body, sizeof(body), "To=%%2B12025550101&Channel=%s", channels[i]);
		assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS, .body = body }),
		    201);
		assert_string_equal(client_text(f, "sid"), f->sid);
		assert_string_equal(client_text(f, "channel"), channels[i]);
	}
	sends = json_get_array(f->json, "send_code_attempts");
	assert_int_equal(json_length(sends), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(json_get_string(json_item(sends, i), "channel"), names[i]);
	inbox = client_messages(f, "to=" PERSON);
	assert_int_equal(json_length(inbox), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(json_get_string(json_item(inbox, i), "code"), f->code);
	assert_string_equal(json_get_string(json_item(inbox, 2), "channel"), "call");
	assert_non_null(strstr(json_get_string(json_item(inbox, 2), "body"), ", "));
}

static void
a_sixth_send_is_refused_until_the_first_expires(void **state)
{
	struct client *f = *state;
	char sid[SANDBOX_SID_SIZE];

	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(client_start(f, PERSON), 201);
	snprintf(sid, sizeof(sid), "%s", f->sid);
	client_advance(f, 599);
	client_start(f, PERSON);
	client_assert_error(f, 429, 60203);
	assert_int_equal(client_start(f, "+12025550102"), 201);
	client_advance(f, 1);
	assert_int_equal(client_start(f, PERSON), 201);
	assert_string_not_equal(f->sid, sid);
}

static void
a_finished_or_canceled_verification_makes_room_for_new_sends(void **state)
{
	struct client *f = *state;

	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_update(f, "Status=canceled"), 200);
	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(client_start(f, PERSON), 201);
	client_check(f, PERSON, f->code);
	assert_string_equal(client_text(f, "status"), "approved");
	assert_int_equal(client_start(f, PERSON), 201);
}

static void
codes_differ_and_are_never_magic(void **state)
{
	struct client *f = *state;
	char to[TEXT_SIZE], first[SANDBOX_SID_SIZE];
	bool leading_zero = false;
	int same = 0;

	for (int i = 0; i < 400; i++) {
		snprintf(to, sizeof(to), "+4477009%05d", i);
		assert_int_equal(client_start(f, to), 201);
		assert_null(magic_find(MAGIC_CODE, f->code));
		assert_int_equal(strlen(f->code), 6);
		if (i == 0)
			snprintf(first, sizeof(first), "%s", f->code);
		else
			same += strcmp(first, f->code) == 0;
		leading_zero = leading_zero || f->code[0] == '0';
	}
	assert_in_range(same, 0, 3);
	assert_true(leading_zero);
}

static void
more_verifications_than_fit_push_out_the_oldest(void **state)
{
	struct client *f = *state;
	char to[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	for (int i = 0; i < SANDBOX_VERIFICATIONS_MAX - 1; i++) {
		snprintf(to, sizeof(to), "To=%%2B4477009%05d&Channel=sms", i);
		assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS, .body = to }),
		    201);
	}
	assert_int_equal(client_fetch(f), 200);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=%2B12025550102&Channel=sms" }), 201);
	assert_int_equal(client_fetch(f), 404);
	assert_int_equal(json_length(client_messages(f, NULL)), 200);
}

static void
email_and_locale_go_to_the_message(void **state)
{
	struct client *f = *state;
	struct json_object *message = NULL;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=jo%40example.com&Channel=email" }), 201);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = TO "&Channel=sms&Locale=de" }), 201);
	message = json_item(client_messages(f, "to=jo@example.com"), 0);
	assert_string_equal(json_get_string(message, "channel"), "email");
	assert_null(json_get_string(message, "locale"));
	message = json_item(client_messages(f, "to=" PERSON), 0);
	assert_string_equal(json_get_string(message, "locale"), "de");
}

static void
malformed_starts_are_refused(void **state)
{
	static const struct {
		const char *type, *body;
		int         status, code;
	} rows[] = {
		{ FORM, "", 400, 60200 },
		{ FORM, "Channel=sms", 400, 60200 },
		{ FORM, TO, 400, 60200 },
		{ FORM, "To=&Channel=sms", 400, 60200 },
		{ FORM, "To=+12025550101&Channel=sms", 400, 60200 },
		{ FORM, "To=12025550101&Channel=sms", 400, 60200 },
		{ FORM, "To=%2B0202555010&Channel=sms", 400, 60200 },
		{ FORM, "To=%2B120255&Channel=sms", 400, 60200 },
		{ FORM, "To=%2B1202555010112345&Channel=sms", 400, 60200 },
		{ FORM, "To=%2B1 202 555 0101&Channel=sms", 400, 60200 },
		{ FORM, "To=jo%40example.com&Channel=sms", 400, 60200 },
		{ FORM, TO "&Channel=email", 400, 60200 },
		{ FORM, "To=%2B12025550101x&Channel=sms", 400, 60200 },
		{ FORM, "To=jo%40example&Channel=email", 400, 60200 },
		{ FORM, "To=%40example.com&Channel=email", 400, 60200 },
		{ FORM, "To=jo%40example.com%40example.com&Channel=email", 400, 60200 },
		{ FORM, "To=jo%20%40example.com&Channel=email", 400, 60200 },
		{ FORM, TO "&Channel=SMS", 400, 60200 },
		{ FORM, TO "&Channel=rcs", 400, 60200 },
		{ FORM, TO "&Channel=auto", 400, 60200 },
		{ FORM, TO "&Channel=sna", 400, 60223 },
		{ FORM, TO "&channel=sms", 400, 60200 },
		{ FORM, TO "&Channel=sms&Locale=cy", 400, 60200 },
		{ FORM, TO "&Channel=sms&Locale=e", 400, 60200 },
		{ FORM, TO "&Channel=call&Locale=uk", 400, 60331 },
		{ FORM, TO "&Channel=sms&CustomCode=1234", 403, 60204 },
		{ FORM, TO "&Channel=sms&CustomFriendlyName=Acme", 403, 60204 },
		{ JSON, "{\"To\":\"+12025550101\",\"Channel\":\"sms\"}", 400, 60200 },
		{ "text/plain", TO "&Channel=sms", 400, 60200 },
		{ "multipart/form-data; boundary=x", "--x--", 400, 60200 },
	};
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		client_ask(f, (struct client_ask){ .path = STARTS, .type = rows[i].type,
		    .body = rows[i].body });
		if (f->response.status != rows[i].status)
			print_message("# %s\n", rows[i].body);
		client_assert_error(f, rows[i].status, rows[i].code);
	}
	assert_int_equal(json_length(client_messages(f, NULL)), 0);
}

static void
parameters_that_twilio_does_not_know_are_ignored(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = TO "&Channel=sms&StatusCallback=https%3A%2F%2Fexample.com&Tags=%7B%7D" }), 201);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = TO "&Channel=whatsapp&Locale=pt-br" }), 201);
}

/* ---- Checking ------------------------------------------------------------ */

static void
the_right_code_is_approved_once(void **state)
{
	struct client *f = *state;
	bool valid = false;

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_check(f, PERSON, f->code), 201);
	assert_string_equal(client_text(f, "status"), "approved");
	assert_true(json_get_bool(f->json, "valid", &valid));
	assert_true(valid);
	assert_string_equal(client_text(f, "sid"), f->sid);
	assert_string_equal(client_text(f, "to"), PERSON);
	assert_int_equal(json_kind(json_get_array(f->json, "sna_attempts_error_codes")),
	    JSON_ARRAY);
	assert_int_equal(json_length(f->json), 12);
	client_check(f, PERSON, f->code);
	client_assert_error(f, 404, 20404);
	assert_string_equal(client_text(f, "message"),
	    "The requested resource /Services/" SANDBOX_SERVICE_SID
	    "/VerificationCheck was not found");
	client_fetch(f);
	client_assert_error(f, 404, 20404);
	client_update(f, "Status=canceled");
	client_assert_error(f, 404, 20404);
}

static void
wrong_codes_stay_pending_and_the_sixth_check_is_refused(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++) {
		assert_int_equal(client_check(f, PERSON, client_other_code(f->code)), i % 2 == 0
		    ? 201 : 200);
		assert_string_equal(client_text(f, "status"), "pending");
	}
	client_fetch(f);
	assert_string_equal(client_text(f, "status"), "pending");
	for (int again = 0; again < 2; again++) {
		client_check(f, PERSON, f->code);
		client_assert_error(f, 429, 60202);
	}
	assert_int_equal(client_fetch(f), 200);
	assert_string_equal(client_text(f, "status"), "max_attempts_reached");
	client_start(f, PERSON);
	client_assert_error(f, 429, 60202);
	assert_int_equal(client_update(f, "Status=canceled"), 200);
	assert_int_equal(client_start(f, PERSON), 201);
}

static void
the_right_code_counts_on_the_fifth_check(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	for (int i = 1; i < SANDBOX_CHECKS_MAX; i++)
		client_check(f, PERSON, client_other_code(f->code));
	client_check(f, PERSON, f->code);
	assert_string_equal(client_text(f, "status"), "approved");
}

static void
used_up_checks_are_forgotten_when_the_verification_expires(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	for (int i = 0; i <= SANDBOX_CHECKS_MAX; i++)
		client_check(f, PERSON, client_other_code(f->code));
	client_assert_error(f, 429, 60202);
	client_advance(f, 600);
	client_check(f, PERSON, f->code);
	client_assert_error(f, 404, 20404);
	assert_int_equal(client_start(f, PERSON), 201);
	client_check(f, PERSON, f->code);
	assert_string_equal(client_text(f, "status"), "approved");
}

static void
a_code_lives_ten_minutes_from_its_first_send(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	client_advance(f, 590);
	assert_int_equal(client_start(f, PERSON), 201);
	client_check(f, PERSON, client_other_code(f->code));
	assert_string_equal(client_text(f, "status"), "pending");
	client_advance(f, 10);
	client_check(f, PERSON, f->code);
	client_assert_error(f, 404, 20404);
	client_fetch(f);
	client_assert_error(f, 404, 20404);
}

static void
a_canceled_verification_is_shown_but_not_checked(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_update(f, "Status=canceled"), 200);
	assert_string_equal(client_text(f, "status"), "canceled");
	assert_int_equal(client_fetch(f), 200);
	assert_string_equal(client_text(f, "status"), "canceled");
	client_check(f, PERSON, f->code);
	client_assert_error(f, 404, 20404);
	client_update(f, "Status=canceled");
	client_assert_error(f, 404, 20404);
}

static void
a_verification_can_be_approved_without_a_check(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_update(f, "Status=approved"), 200);
	assert_string_equal(client_text(f, "status"), "approved");
	assert_int_equal(client_fetch(f), 404);
}

static void
an_update_needs_one_of_two_statuses(void **state)
{
	static const char *const bodies[] =
	    { "", "Status=", "Status=pending", "Status=Canceled", "status=canceled" };
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		client_update(f, bodies[i]);
		client_assert_error(f, 400, 60200);
	}
	assert_int_equal(client_fetch(f), 200);
	assert_string_equal(client_text(f, "status"), "pending");
}

static void
a_verification_is_found_by_sid_or_by_address(void **state)
{
	struct client *f = *state;
	char body[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS "/" PERSON }), 200);
	assert_string_equal(client_text(f, "sid"), f->sid);
	snprintf(body, sizeof(body), "VerificationSid=%s&To=%%2B12025550101&Code=111111",
	    f->sid);
	assert_in_range(client_ask(f, (struct client_ask){ .path = CHECKS, .body = body }), 200,
	    201);
	snprintf(body, sizeof(body), "VerificationSid=%s&To=%%2B12025550102&Code=%s", f->sid,
	    f->code);
	client_ask(f, (struct client_ask){ .path = CHECKS, .body = body });
	client_assert_error(f, 404, 20404);
	snprintf(body, sizeof(body), "VerificationSid=%s&Code=%s", f->sid, f->code);
	client_ask(f, (struct client_ask){ .path = CHECKS, .body = body });
	assert_string_equal(client_text(f, "status"), "approved");
}

static void
malformed_checks_are_refused_and_cost_no_attempt(void **state)
{
	static const struct {
		const char *body;
		int         status, code;
	} rows[] = {
		{ "Code=123456", 400, 60221 },
		{ "", 400, 60221 },
		{ TO, 400, 60200 },
		{ TO "&Code=", 400, 60200 },
		{ TO "&Code=123", 400, 60200 },
		{ TO "&Code=12345678901", 400, 60200 },
		{ "To=%2B12025550102&Code=123456", 404, 20404 },
		{ "VerificationSid=VE00000000000000000000000000000001&Code=123456", 404, 20404 },
	};
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			client_ask(f, (struct client_ask){ .path = CHECKS, .body = rows[i].body });
			client_assert_error(f, rows[i].status, rows[i].code);
		}
	client_ask(f, (struct client_ask){ .path = CHECKS, .type = JSON,
	    .body = "{\"To\":\"+12025550101\",\"Code\":\"123456\"}" });
	client_assert_error(f, 400, 60221);
	client_check(f, PERSON, f->code);
	assert_string_equal(client_text(f, "status"), "approved");
}

/* ---- Service and attempts ------------------------------------------------ */

static void
the_service_has_its_settings(void **state)
{
	struct client *f = *state;
	struct json_object *services = NULL;
	bool on = true;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = SERVICE }), 200);
	assert_int_equal(client_number(f, "code_length"), 6);
	assert_string_equal(client_text(f, "friendly_name"), SANDBOX_SERVICE_NAME);
	assert_true(json_get_bool(f->json, "do_not_share_warning_enabled", &on));
	assert_false(on);
	assert_true(json_get_bool(f->json, "custom_code_enabled", &on));
	assert_false(on);
	assert_non_null(json_get_object(f->json, "links"));
	assert_non_null(json_get_object(json_get_object(f->json, "passkeys"), "relying_party"));
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Services" }), 200);
	services = json_get_array(f->json, "services");
	assert_int_equal(json_length(services), 2);
	assert_string_equal(json_get_string(json_item(services, 0), "sid"), SANDBOX_SERVICE_SID);
	assert_string_equal(json_get_string(json_item(services, 1), "sid"), SANDBOX_OTHER_SERVICE_SID);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Services",
	    .query = "PageSize=1&Page=1" }), 200);
	services = json_get_array(f->json, "services");
	assert_int_equal(json_length(services), 1);
	assert_string_equal(json_get_string(json_item(services, 0), "sid"), SANDBOX_OTHER_SERVICE_SID);
	client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Services", .query = "PageSize=none" });
	client_assert_error(f, 400, 20001);
}

#define OTHER_SERVICE TWILIO "/v2/Services/" SANDBOX_OTHER_SERVICE_SID

static void
the_other_service_is_set_up_badly_and_sends_nothing(void **state)
{
	struct client *f = *state;
	bool on = false;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = OTHER_SERVICE }), 200);
	assert_int_equal(client_number(f, "code_length"), 4);
	assert_string_equal(client_text(f, "friendly_name"), "My First Verify Service");
	assert_true(json_get_bool(f->json, "do_not_share_warning_enabled", &on) && on);
	assert_true(json_get_bool(f->json, "psd2_enabled", &on) && on);
	assert_true(json_get_bool(f->json, "dtmf_input_required", &on) && !on);
	assert_true(json_has(f->json, "mailer_sid") && json_get(f->json, "mailer_sid") == NULL);

	client_ask(f, (struct client_ask){ .path = OTHER_SERVICE "/Verifications",
	    .body = "To=%2B12025550101&Channel=sms" });
	client_assert_error(f, 400, 60206);
	client_ask(f, (struct client_ask){ .path = OTHER_SERVICE "/VerificationCheck",
	    .body = "To=%2B12025550101&Code=123456" });
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path = "/sandbox/messages" });
	assert_int_equal(json_length(json_get_array(f->json, "messages")), 0);
}

static size_t
count_attempts(struct client *f, const char *query)
{
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Attempts",
	    .query = query }), 200);
	return json_length(json_get_array(f->json, "attempts"));
}

static void
attempts_are_listed_by_filter(void **state)
{
	static const struct {
		const char *query;
		size_t      count;
	} rows[] = {
		{ NULL, 5 },
		{ "ChannelData.To=%2B12025550101", 2 },
		{ "ChannelData.To=%2B12025550199", 0 },
		{ "Channel=sms", 4 },
		{ "Channel=call", 1 },
		{ "Country=GB", 1 },
		{ "Country=US", 4 },
		{ "Status=converted", 1 },
		{ "Status=unconverted", 4 },
		{ "Status=converted&ChannelData.To=%2B12025550102", 0 },
		{ "VerifyServiceSid=" SANDBOX_SERVICE_SID, 5 },
		{ "VerifyServiceSid=VA00000000000000000000000000000002", 0 },
		{ "DateCreatedAfter=2000-01-01T00:00:00Z", 5 },
		{ "DateCreatedBefore=2000-01-01T00:00:00Z", 0 },
		{ "DateCreatedBefore=2999-01-01T00:00:00Z", 5 },
		{ "DateCreatedAfter=2999-01-01T00:00:00Z", 0 },
		{ "PageSize=2", 2 },
		{ "PageSize=2&Page=2&PageToken=PA2", 1 },
		{ "PageSize=2&Page=3", 0 },
	};
	struct client *f = *state;
	char query[TEXT_SIZE];

	client_start(f, "+12025550102");
	client_start(f, "+12025550103");
	client_start(f, "+447700900123");
	client_start(f, PERSON);
	client_ask(f, (struct client_ask){ .path = STARTS, .body = TO "&Channel=call" });
	client_check(f, PERSON, f->code);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (count_attempts(f, rows[i].query) != rows[i].count)
			print_message("# %s\n", rows[i].query);
		assert_int_equal(count_attempts(f, rows[i].query), rows[i].count);
	}
	snprintf(query, sizeof(query), "VerificationSid=%s", f->sid);
	assert_int_equal(count_attempts(f, query), 2);
	client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Attempts",
	    .query = "DateCreatedAfter=yesterday" });
	client_assert_error(f, 400, 20001);
	client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Attempts",
	    .query = "DateCreatedBefore=tomorrow" });
	client_assert_error(f, 400, 20001);
	client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Attempts", .query = "PageSize=0" });
	client_assert_error(f, 400, 20001);
}

static void
an_attempt_names_the_language_that_was_asked_for_and_a_country_that_is_known(void **state)
{
	struct client *f = *state;
	struct json_object *list = NULL, *data = NULL;
	char path[TEXT_SIZE];

	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = TO "&Channel=sms&Locale=de" }), 201);
	assert_int_equal(client_start(f, "+61491570156"), 201);
	assert_int_equal(count_attempts(f, NULL), 2);
	list = json_get_array(f->json, "attempts");
	data = json_get_object(json_item(list, 1), "channel_data");
	assert_string_equal(json_get_string(data, "locale"), "de");
	assert_string_equal(json_get_string(data, "country"), "US");
	data = json_get_object(json_item(list, 0), "channel_data");
	assert_string_equal(json_get_string(data, "locale"), "en");
	assert_null(json_get_string(data, "country"));
	snprintf(path, sizeof(path), TWILIO "/v2/Attempts/%s", json_get_string(json_item(list, 1), "sid"));
	assert_int_equal(count_attempts(f, "Country=US"), 1);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	assert_string_equal(json_get_string(json_get_object(f->json, "channel_data"), "to"), PERSON);
}

static void
an_address_as_long_as_they_get_is_sent_to_and_a_longer_one_is_not(void **state)
{
	struct client *f = *state;
	size_t before_at = 254 - strlen("@example.com");
	char *longest = client_repeat("Channel=email&To=", "x", before_at, "@example.com");
	char *too_long = client_repeat("Channel=email&To=", "x", before_at + 1, "@example.com");

	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS, .body = longest }), 201);
	assert_int_equal(strlen(client_text(f, "to")), 254);
	client_ask(f, (struct client_ask){ .path = STARTS, .body = too_long });
	client_assert_error(f, 400, 60200);
	free(longest);
	free(too_long);
}

static void
an_e_mail_is_of_no_language(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=jo%40example.com&Channel=email&Locale=cy" }), 201);
}

static void
a_service_that_is_not_there_sends_checks_shows_and_changes_nothing(void **state)
{
	static const char none[] = TWILIO "/v2/Services/VA00000000000000000000000000000003";
	struct client *f = *state;
	char path[TEXT_SIZE];

	assert_int_equal(client_start(f, PERSON), 201);
	snprintf(path, sizeof(path), "%s/Verifications", none);
	client_ask(f, (struct client_ask){ .path = path, .body = TO "&Channel=sms" });
	client_assert_error(f, 404, 20404);
	snprintf(path, sizeof(path), "%s/VerificationCheck", none);
	client_ask(f, (struct client_ask){ .path = path, .body = TO "&Code=123456" });
	client_assert_error(f, 404, 20404);
	snprintf(path, sizeof(path), "%s/Verifications/%s", none, f->sid);
	client_ask(f, (struct client_ask){ .path = path });
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path = path, .body = "Status=canceled" });
	client_assert_error(f, 404, 20404);
	assert_int_equal(client_fetch(f), 200);
	assert_string_equal(client_text(f, "status"), "pending");
}

static void
an_attempt_tells_what_became_of_it(void **state)
{
	struct client *f = *state;
	struct json_object *attempt = NULL, *data = NULL;
	char path[TEXT_SIZE];

	client_start(f, PERSON);
	client_check(f, PERSON, f->code);
	count_attempts(f, NULL);
	attempt = json_item(json_get_array(f->json, "attempts"), 0);
	assert_string_equal(json_get_string(attempt, "conversion_status"), "converted");
	assert_string_equal(json_get_string(json_get_object(attempt, "price"), "currency"), "usd");
	snprintf(path, sizeof(path), TWILIO "/v2/Attempts/%s", json_get_string(attempt, "sid"));
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	data = json_get_object(f->json, "channel_data");
	assert_string_equal(json_get_string(data, "message_status"), "delivered");
	assert_null(json_get_string(data, "error_code"));
	assert_string_equal(json_get_string(data, "verification_sid"), f->sid);

	client_start(f, "+12025550165");
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550165")), 0);
	count_attempts(f, "ChannelData.To=%2B12025550165");
	attempt = json_item(json_get_array(f->json, "attempts"), 0);
	data = json_get_object(attempt, "channel_data");
	assert_string_equal(json_get_string(data, "message_status"), "undelivered");
	assert_string_equal(json_get_string(data, "error_code"), "30006");
}

static void
pages_link_to_each_other(void **state)
{
	struct client *f = *state;
	struct json_object *meta = NULL;
	int64_t number = -1;

	for (int i = 0; i < 5; i++)
		client_start(f, PERSON);
	count_attempts(f, "Channel=sms&PageSize=2&Page=1");
	meta = json_get_object(f->json, "meta");
	assert_string_equal(json_get_string(meta, "key"), "attempts");
	assert_true(json_get_int(meta, "page", &number));
	assert_int_equal(number, 1);
	assert_true(json_get_int(meta, "page_size", &number));
	assert_int_equal(number, 2);
	assert_string_equal(json_get_string(meta, "first_page_url"),
	    "https://verify.twilio.com/v2/Attempts?Channel=sms&PageSize=2&Page=0");
	assert_string_equal(json_get_string(meta, "previous_page_url"),
	    "https://verify.twilio.com/v2/Attempts?Channel=sms&PageSize=2&Page=0");
	assert_string_equal(json_get_string(meta, "next_page_url"),
	    "https://verify.twilio.com/v2/Attempts?Channel=sms&PageSize=2&Page=2&PageToken=PA2");
	count_attempts(f, "PageSize=5");
	assert_null(json_get_string(json_get_object(f->json, "meta"), "next_page_url"));
	assert_null(json_get_string(json_get_object(f->json, "meta"), "previous_page_url"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_code_is_sent_and_arrives),
		CLIENT_TEST(a_verification_has_all_of_twilios_members),
		CLIENT_TEST(sending_again_keeps_sid_and_code),
		CLIENT_TEST(a_sixth_send_is_refused_until_the_first_expires),
		CLIENT_TEST(a_finished_or_canceled_verification_makes_room_for_new_sends),
		CLIENT_TEST(codes_differ_and_are_never_magic),
		CLIENT_TEST(more_verifications_than_fit_push_out_the_oldest),
		CLIENT_TEST(email_and_locale_go_to_the_message),
		CLIENT_TEST(malformed_starts_are_refused),
		CLIENT_TEST(parameters_that_twilio_does_not_know_are_ignored),
		CLIENT_TEST(the_right_code_is_approved_once),
		CLIENT_TEST(wrong_codes_stay_pending_and_the_sixth_check_is_refused),
		CLIENT_TEST(the_right_code_counts_on_the_fifth_check),
		CLIENT_TEST(used_up_checks_are_forgotten_when_the_verification_expires),
		CLIENT_TEST(a_code_lives_ten_minutes_from_its_first_send),
		CLIENT_TEST(a_canceled_verification_is_shown_but_not_checked),
		CLIENT_TEST(a_verification_can_be_approved_without_a_check),
		CLIENT_TEST(an_update_needs_one_of_two_statuses),
		CLIENT_TEST(a_verification_is_found_by_sid_or_by_address),
		CLIENT_TEST(malformed_checks_are_refused_and_cost_no_attempt),
		CLIENT_TEST(the_service_has_its_settings),
		CLIENT_TEST(the_other_service_is_set_up_badly_and_sends_nothing),
		CLIENT_TEST(attempts_are_listed_by_filter),
		CLIENT_TEST(an_attempt_names_the_language_that_was_asked_for_and_a_country_that_is_known),
		CLIENT_TEST(an_address_as_long_as_they_get_is_sent_to_and_a_longer_one_is_not),
		CLIENT_TEST(an_e_mail_is_of_no_language),
		CLIENT_TEST(a_service_that_is_not_there_sends_checks_shows_and_changes_nothing),
		CLIENT_TEST(an_attempt_tells_what_became_of_it),
		CLIENT_TEST(pages_link_to_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
