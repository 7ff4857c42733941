#include "sandbox/router.h"

#include "base/json.h"
#include "sandbox/magic.h"
#include "sandbox/people.h"
#include "sandbox/state.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* HTTP Basic, as a client writes it. */
#define ACCOUNT                                                                                   \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMQ=="
#define API_KEY \
	"Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzYW5kYm94LWFwaS1rZXktc2VjcmV0"
#define WRONG_TOKEN                                                                               \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMA=="
#define KEY_WITH_TOKEN                                                                            \
	"Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMQ=="
#define LONGER_TOKEN                                                                              \
	"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw" \
	"MDAwMTA="
#define CRM "Basic c2FuZGJveC1jcm06c2FuZGJveC1jcm0tcGFzc3dvcmQ="

#define TWILIO     "/sandbox/twilio"
#define SERVICE    TWILIO "/v2/Services/" SANDBOX_SERVICE_SID
#define STARTS     SERVICE "/Verifications"
#define CHECKS     SERVICE "/VerificationCheck"
#define VALIDATE   TWILIO "/v1/Accounts/" SANDBOX_ACCOUNT_SID "/Tokens/validate"
#define TASKS      TWILIO "/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks"
#define TASK(n)    TASKS "/WT0000000000000000000000000000" n
#define ANAS_CALL  TASK("0001")
#define ANA        "WK00000000000000000000000000000001"
#define BEN        "WK00000000000000000000000000000002"
#define FORM       "application/x-www-form-urlencoded"
#define JSON       "application/json"
#define TO         "To=%2B12025550101"
#define PERSON     "+12025550101"
#define TEXT_SIZE  512

struct fixture {
	struct sandbox     *sandbox;
	struct response     response;
	struct json_object *json;          /* of the answer; NULL: the body is none */
	char                sid[TEXT_SIZE]; /* of the verification last started */
	char                code[TEXT_SIZE];
};

/* A request; members left out have the values that clients send. */
struct ask {
	const char *method;   /* GET, or POST with a body */
	const char *path;
	const char *query;
	const char *type;     /* a form */
	const char *body;
	const char *basic;    /* the account's; "": none */
	const char *if_match;
};

/* ---- Asking ---------------------------------------------------------------- */

static void
answer(struct sandbox *sandbox, const struct ask *ask, struct response *response)
{
	const char *const parts[][2] = {
		{ "REQUEST_METHOD",
		    ask->method != NULL ? ask->method : ask->body != NULL ? "POST" : "GET" },
		{ "DOCUMENT_URI", ask->path },
		{ "QUERY_STRING", ask->query },
		{ "CONTENT_TYPE", ask->type != NULL || ask->body == NULL ? ask->type : FORM },
		{ "HTTP_AUTHORIZATION", ask->basic == NULL ? ACCOUNT : ask->basic },
		{ "HTTP_IF_MATCH", ask->if_match },
		{ "REMOTE_ADDR", "127.0.0.1" },
	};
	char *variables[sizeof(parts) / sizeof(*parts) + 1] = { NULL };
	struct request_input input = { .variables = variables, .body = ask->body,
		.body_length = ask->body == NULL ? 0 : strlen(ask->body), .arrival = REQUEST_COMPLETE };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i][1] != NULL &&
		    asprintf(&variables[count], "%s=%s", parts[i][0], parts[i][1]) >= 0)
			count++;
	response_init(response);
	router_answer(sandbox, &input, response);
	for (size_t i = 0; i < count; i++)
		free(variables[i]);
}

static int
ask(struct fixture *f, struct ask ask)
{
	response_free(&f->response);
	json_free(f->json);
	f->json = NULL;
	answer(f->sandbox, &ask, &f->response);
	json_parse(buffer_text(&f->response.body), f->response.body.length, 16, &f->json);
	return f->response.status;
}

static const char *
text_of(struct fixture *f, const char *key)
{
	const char *text = json_get_string(f->json, key);

	return text == NULL ? "" : text;
}

static int64_t
number_of(struct fixture *f, const char *key)
{
	int64_t number = -1;

	json_get_int(f->json, key, &number);
	return number;
}

static bool
has_header(struct fixture *f, const char *line)
{
	return strstr(buffer_text(&f->response.headers), line) != NULL;
}

static void
assert_error(struct fixture *f, int status, int code)
{
	char more_info[TEXT_SIZE];

	snprintf(more_info, sizeof(more_info), "https://www.twilio.com/docs/errors/%d", code);
	assert_int_equal(f->response.status, status);
	assert_int_equal(number_of(f, "code"), code);
	assert_int_equal(number_of(f, "status"), status);
	assert_string_equal(text_of(f, "more_info"), more_info);
	assert_string_not_equal(text_of(f, "message"), "");
	assert_int_equal(json_length(f->json), 4);
}

/* ---- What people do ---------------------------------------------------------- */

static struct json_object *
messages(struct fixture *f, const char *query)
{
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/messages", .query = query }), 200);
	return json_get_array(f->json, "messages");
}

static int
send_text(struct fixture *f, const char *to)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "To=%%2B%s&Channel=sms", to + 1);
	return ask(f, (struct ask){ .path = STARTS, .body = body });
}

/* Sends a code by SMS and notes what was sent. */
static int
start(struct fixture *f, const char *to)
{
	char query[TEXT_SIZE];
	struct json_object *newest = NULL;
	int status = send_text(f, to);

	if (status != 201)
		return status;
	snprintf(f->sid, sizeof(f->sid), "%s", text_of(f, "sid"));
	snprintf(query, sizeof(query), "to=%%2B%s", to + 1);
	newest = json_item(messages(f, query), 0);
	if (newest != NULL)
		snprintf(f->code, sizeof(f->code), "%s", json_get_string(newest, "code"));
	return status;
}

static int
check(struct fixture *f, const char *to, const char *code)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "To=%%2B%s&Code=%s", to + 1, code);
	return ask(f, (struct ask){ .path = CHECKS, .body = body });
}

static int
fetch(struct fixture *f)
{
	char path[TEXT_SIZE * 2];

	snprintf(path, sizeof(path), STARTS "/%s", f->sid);
	return ask(f, (struct ask){ .path = path });
}

static int
update(struct fixture *f, const char *body)
{
	char path[TEXT_SIZE * 2];

	snprintf(path, sizeof(path), STARTS "/%s", f->sid);
	return ask(f, (struct ask){ .path = path, .body = body });
}

static void
advance(struct fixture *f, int seconds)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "advance_seconds=%d", seconds);
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/clock", .body = body }), 200);
}

static const char *
other_than(const char *code)
{
	return strcmp(code, "111111") == 0 ? "222222" : "111111";
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	response_init(&f->response);
	f->sandbox = sandbox_new();
	assert_non_null(f->sandbox);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	response_free(&f->response);
	json_free(f->json);
	sandbox_free(f->sandbox);
	free(f);
	return 0;
}

/* ---- Every Twilio path ------------------------------------------------------- */

static void
the_account_and_the_api_key_are_let_in(void **state)
{
	static const char *const good[] = { ACCOUNT, API_KEY };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(ask(f, (struct ask){ .path = SERVICE, .basic = good[i] }), 200);
		assert_int_equal(ask(f, (struct ask){ .path = VALIDATE, .basic = good[i],
		    .type = JSON, .body = "{\"token\":\"sandbox-ana\"}" }), 200);
	}
}

static void
everybody_else_is_refused_on_every_path(void **state)
{
	static const char *const bad[] = { "", WRONG_TOKEN, KEY_WITH_TOKEN, LONGER_TOKEN, CRM, "Basic ", "Basic !!!!",
		"Bearer sandbox-ana", "Basic QQ==",
		"Basic AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	static const char *const paths[] = { SERVICE, STARTS, CHECKS, VALIDATE, ANAS_CALL, ANAS_CALL "/Reservations",
		TWILIO "/v2/Attempts", TWILIO "/v2/Services", TWILIO "/nothing", TWILIO };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t p = 0; p < sizeof(paths) / sizeof(*paths); p++) {
			ask(f, (struct ask){ .path = paths[p], .basic = bad[i] });
			assert_error(f, 401, 20003);
			assert_true(has_header(f, "WWW-Authenticate: Basic realm=\"Twilio API\"\r\n"));
		}
}

static void
every_answer_has_twilios_headers(void **state)
{
	static const struct ask asks[] = { { .path = SERVICE }, { .path = SERVICE, .basic = "" }, { .path = TWILIO "/x" },
		{ .path = SERVICE, .method = "DELETE" }, { .path = SERVICE, .method = "OPTIONS", .basic = "" },
		{ .path = STARTS, .body = "To=1" } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		ask(f, asks[i]);
		assert_true(has_header(f, "Twilio-Request-Id: RQ"));
		assert_true(has_header(f, "Twilio-Request-Duration: 0."));
		assert_true(has_header(f, "Twilio-Concurrent-Requests: 1\r\n"));
		assert_true(has_header(f, "Access-Control-Allow-Origin: *\r\n"));
	}
	ask(f, (struct ask){ .path = "/sandbox/messages" });
	assert_false(has_header(f, "Twilio-"));
	assert_false(has_header(f, "Access-Control-"));
}

static void
what_is_not_there_is_not_found_and_named(void **state)
{
	static const char *const paths[] = { "/v2/Services/VA00000000000000000000000000000002",
		"/v2/services/" SANDBOX_SERVICE_SID, "/v2/Services/" SANDBOX_SERVICE_SID "/verifications",
		"/v1/Services/" SANDBOX_SERVICE_SID, "/v2/Services/" SANDBOX_SERVICE_SID "/",
		"/v1/Workspaces/WS00000000000000000000000000000002/Tasks/WT00000000000000000000000000000001",
		"/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks/WT99999999999999999999999999999999",
		"/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks/WT99999999999999999999999999999999/Reservations",
		"/v2/Attempts/VL00000000000000000000000000000001" };
	struct fixture *f = *state;
	char path[TEXT_SIZE], message[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(path, sizeof(path), TWILIO "%s", paths[i]);
		snprintf(message, sizeof(message), "The requested resource %s was not found", paths[i] + 3);
		ask(f, (struct ask){ .path = path });
		assert_error(f, 404, 20404);
		assert_string_equal(text_of(f, "message"), message);
	}
}

static void
a_path_with_another_method_is_refused(void **state)
{
	struct fixture *f = *state;

	ask(f, (struct ask){ .path = CHECKS });
	assert_error(f, 405, 20004);
	ask(f, (struct ask){ .path = ANAS_CALL, .method = "DELETE" });
	assert_error(f, 405, 20004);
	ask(f, (struct ask){ .path = ANAS_CALL, .method = "BREW" });
	assert_error(f, 405, 20004);
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/reset" }), 405);
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/elsewhere" }), 404);
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL, .method = "HEAD" }), 200);
}

static void
a_broken_or_repeated_parameter_is_refused(void **state)
{
	static const char *const bodies[] = { "To=%", "To=%zz", TO "&" TO "&Channel=sms", "To=%FF&Channel=sms" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		ask(f, (struct ask){ .path = STARTS, .body = bodies[i] });
		assert_error(f, 400, 20001);
	}
}

/* ---- Sending ------------------------------------------------------------------- */

static void
a_code_is_sent_and_arrives(void **state)
{
	struct fixture *f = *state;
	struct json_object *message = NULL;
	char body[TEXT_SIZE];

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(json_length(json_get_array(f->json, "messages")), 1);
	message = json_item(json_get_array(f->json, "messages"), 0);
	assert_int_equal(strspn(f->code, "0123456789"), 6);
	assert_int_equal(strlen(f->code), 6);
	snprintf(body, sizeof(body), "Your " SANDBOX_SERVICE_NAME " verification code is: %s", f->code);
	assert_string_equal(json_get_string(message, "body"), body);
	assert_string_equal(json_get_string(message, "to"), PERSON);
	assert_string_equal(json_get_string(message, "channel"), "sms");
	assert_string_equal(json_get_string(message, "sid"), f->sid);
}

static void
a_verification_has_all_of_twilios_members(void **state)
{
	static const char *const members[] = { "sid", "service_sid", "account_sid", "to", "channel", "status", "valid",
		"date_created", "date_updated", "lookup", "amount", "payee", "send_code_attempts", "sna", "url" };
	struct fixture *f = *state;
	struct json_object *send = NULL;
	bool valid = true;
	char url[TEXT_SIZE * 2];

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(fetch(f), 200);
	assert_int_equal(json_length(f->json), sizeof(members) / sizeof(*members));
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		assert_non_null(strstr(buffer_text(&f->response.body), members[i]));
	assert_int_equal(strlen(f->sid), 34);
	assert_string_equal(text_of(f, "service_sid"), SANDBOX_SERVICE_SID);
	assert_string_equal(text_of(f, "account_sid"), SANDBOX_ACCOUNT_SID);
	assert_string_equal(text_of(f, "to"), PERSON);
	assert_string_equal(text_of(f, "channel"), "sms");
	assert_string_equal(text_of(f, "status"), "pending");
	assert_true(json_get_bool(f->json, "valid", &valid));
	assert_false(valid);
	assert_int_equal(json_kind(json_get(f->json, "lookup")), JSON_OBJECT);
	send = json_item(json_get_array(f->json, "send_code_attempts"), 0);
	assert_string_equal(json_get_string(send, "channel"), "SMS");
	assert_int_equal(strncmp(json_get_string(send, "attempt_sid"), "VL", 2), 0);
	snprintf(url, sizeof(url), "https://verify.twilio.com/v2/Services/" SANDBOX_SERVICE_SID "/Verifications/%s",
	    f->sid);
	assert_string_equal(text_of(f, "url"), url);
	assert_null(strstr(buffer_text(&f->response.body), f->code));
}

static void
sending_again_keeps_sid_and_code(void **state)
{
	static const char *const channels[] = { "call", "whatsapp", "sms" };
	static const char *const names[] = { "SMS", "CALL", "whatsapp", "SMS" };
	struct fixture *f = *state;
	struct json_object *sends = NULL, *inbox = NULL;
	char body[TEXT_SIZE];

	assert_int_equal(start(f, PERSON), 201);
	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++) {
		snprintf(body, sizeof(body), TO "&Channel=%s", channels[i]);
		assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = body }), 201);
		assert_string_equal(text_of(f, "sid"), f->sid);
		assert_string_equal(text_of(f, "channel"), channels[i]);
	}
	sends = json_get_array(f->json, "send_code_attempts");
	assert_int_equal(json_length(sends), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(json_get_string(json_item(sends, i), "channel"), names[i]);
	inbox = messages(f, "to=" PERSON);
	assert_int_equal(json_length(inbox), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(json_get_string(json_item(inbox, i), "code"), f->code);
	assert_string_equal(json_get_string(json_item(inbox, 2), "channel"), "call");
	assert_non_null(strstr(json_get_string(json_item(inbox, 2), "body"), ", "));
}

static void
a_sixth_send_is_refused_until_the_first_expires(void **state)
{
	struct fixture *f = *state;
	char sid[TEXT_SIZE];

	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(start(f, PERSON), 201);
	snprintf(sid, sizeof(sid), "%s", f->sid);
	advance(f, 599);
	start(f, PERSON);
	assert_error(f, 429, 60203);
	assert_int_equal(start(f, "+12025550102"), 201);
	advance(f, 1);
	assert_int_equal(start(f, PERSON), 201);
	assert_string_not_equal(f->sid, sid);
}

static void
a_finished_or_canceled_verification_makes_room_for_new_sends(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(update(f, "Status=canceled"), 200);
	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(start(f, PERSON), 201);
	check(f, PERSON, f->code);
	assert_string_equal(text_of(f, "status"), "approved");
	assert_int_equal(start(f, PERSON), 201);
}

static void
codes_differ_and_are_never_magic(void **state)
{
	struct fixture *f = *state;
	char to[TEXT_SIZE], first[TEXT_SIZE];
	bool leading_zero = false;
	int same = 0;

	for (int i = 0; i < 400; i++) {
		snprintf(to, sizeof(to), "+4477009%05d", i);
		assert_int_equal(start(f, to), 201);
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
	struct fixture *f = *state;
	char to[TEXT_SIZE];

	assert_int_equal(start(f, PERSON), 201);
	for (int i = 0; i < SANDBOX_VERIFICATIONS_MAX - 1; i++) {
		snprintf(to, sizeof(to), "To=%%2B4477009%05d&Channel=sms", i);
		assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = to }), 201);
	}
	assert_int_equal(fetch(f), 200);
	assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550102&Channel=sms" }), 201);
	assert_int_equal(fetch(f), 404);
	assert_int_equal(json_length(messages(f, NULL)), 200);
}

static void
email_and_locale_go_to_the_message(void **state)
{
	struct fixture *f = *state;
	struct json_object *message = NULL;

	assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = "To=jo%40example.com&Channel=email" }), 201);
	assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = TO "&Channel=sms&Locale=de" }), 201);
	message = json_item(messages(f, "to=jo@example.com"), 0);
	assert_string_equal(json_get_string(message, "channel"), "email");
	assert_null(json_get_string(message, "locale"));
	message = json_item(messages(f, "to=" PERSON), 0);
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
		{ FORM, "To=jo%40example&Channel=email", 400, 60200 },
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
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ask(f, (struct ask){ .path = STARTS, .type = rows[i].type, .body = rows[i].body });
		if (f->response.status != rows[i].status)
			print_message("# %s\n", rows[i].body);
		assert_error(f, rows[i].status, rows[i].code);
	}
	assert_int_equal(json_length(messages(f, NULL)), 0);
}

static void
parameters_that_twilio_does_not_know_are_ignored(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, (struct ask){ .path = STARTS,
	    .body = TO "&Channel=sms&StatusCallback=https%3A%2F%2Fexample.com&Nonsense=1&Tags=%7B%7D" }), 201);
	assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = TO "&Channel=whatsapp&Locale=pt-br" }), 201);
}

/* ---- Checking ------------------------------------------------------------------- */

static void
the_right_code_is_approved_once(void **state)
{
	struct fixture *f = *state;
	bool valid = false;

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(check(f, PERSON, f->code), 201);
	assert_string_equal(text_of(f, "status"), "approved");
	assert_true(json_get_bool(f->json, "valid", &valid));
	assert_true(valid);
	assert_string_equal(text_of(f, "sid"), f->sid);
	assert_string_equal(text_of(f, "to"), PERSON);
	assert_int_equal(json_kind(json_get_array(f->json, "sna_attempts_error_codes")), JSON_ARRAY);
	assert_int_equal(json_length(f->json), 12);
	check(f, PERSON, f->code);
	assert_error(f, 404, 20404);
	assert_string_equal(text_of(f, "message"),
	    "The requested resource /Services/" SANDBOX_SERVICE_SID "/VerificationCheck was not found");
	fetch(f);
	assert_error(f, 404, 20404);
	update(f, "Status=canceled");
	assert_error(f, 404, 20404);
}

static void
wrong_codes_stay_pending_and_the_sixth_check_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++) {
		assert_int_equal(check(f, PERSON, other_than(f->code)), i % 2 == 0 ? 201 : 200);
		assert_string_equal(text_of(f, "status"), "pending");
	}
	fetch(f);
	assert_string_equal(text_of(f, "status"), "pending");
	check(f, PERSON, f->code);
	assert_error(f, 429, 60202);
	assert_int_equal(fetch(f), 200);
	assert_string_equal(text_of(f, "status"), "max_attempts_reached");
	start(f, PERSON);
	assert_error(f, 429, 60202);
	assert_int_equal(update(f, "Status=canceled"), 200);
	assert_int_equal(start(f, PERSON), 201);
}

static void
the_right_code_counts_on_the_fifth_check(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	for (int i = 1; i < SANDBOX_CHECKS_MAX; i++)
		check(f, PERSON, other_than(f->code));
	check(f, PERSON, f->code);
	assert_string_equal(text_of(f, "status"), "approved");
}

static void
used_up_checks_are_forgotten_when_the_verification_expires(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	for (int i = 0; i <= SANDBOX_CHECKS_MAX; i++)
		check(f, PERSON, other_than(f->code));
	assert_error(f, 429, 60202);
	advance(f, 600);
	check(f, PERSON, f->code);
	assert_error(f, 404, 20404);
	assert_int_equal(start(f, PERSON), 201);
	check(f, PERSON, f->code);
	assert_string_equal(text_of(f, "status"), "approved");
}

static void
a_code_lives_ten_minutes_from_its_first_send(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	advance(f, 590);
	assert_int_equal(start(f, PERSON), 201);
	check(f, PERSON, other_than(f->code));
	assert_string_equal(text_of(f, "status"), "pending");
	advance(f, 10);
	check(f, PERSON, f->code);
	assert_error(f, 404, 20404);
	fetch(f);
	assert_error(f, 404, 20404);
}

static void
a_canceled_verification_is_shown_but_not_checked(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(update(f, "Status=canceled"), 200);
	assert_string_equal(text_of(f, "status"), "canceled");
	assert_int_equal(fetch(f), 200);
	assert_string_equal(text_of(f, "status"), "canceled");
	check(f, PERSON, f->code);
	assert_error(f, 404, 20404);
	update(f, "Status=canceled");
	assert_error(f, 404, 20404);
}

static void
a_verification_can_be_approved_without_a_check(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(update(f, "Status=approved"), 200);
	assert_string_equal(text_of(f, "status"), "approved");
	assert_int_equal(fetch(f), 404);
}

static void
an_update_needs_one_of_two_statuses(void **state)
{
	static const char *const bodies[] = { "", "Status=", "Status=pending", "Status=Canceled", "status=canceled" };
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		update(f, bodies[i]);
		assert_error(f, 400, 60200);
	}
	assert_int_equal(fetch(f), 200);
	assert_string_equal(text_of(f, "status"), "pending");
}

static void
a_verification_is_found_by_sid_or_by_address(void **state)
{
	struct fixture *f = *state;
	char body[TEXT_SIZE * 2];

	assert_int_equal(start(f, PERSON), 201);
	assert_int_equal(ask(f, (struct ask){ .path = STARTS "/" PERSON }), 200);
	assert_string_equal(text_of(f, "sid"), f->sid);
	snprintf(body, sizeof(body), "VerificationSid=%s&" TO "&Code=111111", f->sid);
	assert_in_range(ask(f, (struct ask){ .path = CHECKS, .body = body }), 200, 201);
	snprintf(body, sizeof(body), "VerificationSid=%s&To=%%2B12025550102&Code=%s", f->sid, f->code);
	ask(f, (struct ask){ .path = CHECKS, .body = body });
	assert_error(f, 404, 20404);
	snprintf(body, sizeof(body), "VerificationSid=%s&Code=%s", f->sid, f->code);
	ask(f, (struct ask){ .path = CHECKS, .body = body });
	assert_string_equal(text_of(f, "status"), "approved");
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
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			ask(f, (struct ask){ .path = CHECKS, .body = rows[i].body });
			assert_error(f, rows[i].status, rows[i].code);
		}
	ask(f, (struct ask){ .path = CHECKS, .type = JSON, .body = "{\"To\":\"+12025550101\",\"Code\":\"123456\"}" });
	assert_error(f, 400, 60221);
	check(f, PERSON, f->code);
	assert_string_equal(text_of(f, "status"), "approved");
}

/* ---- Service and attempts ------------------------------------------------------- */

static void
the_service_has_its_settings(void **state)
{
	struct fixture *f = *state;
	struct json_object *services = NULL;
	bool on = true;

	assert_int_equal(ask(f, (struct ask){ .path = SERVICE }), 200);
	assert_int_equal(number_of(f, "code_length"), 6);
	assert_string_equal(text_of(f, "friendly_name"), SANDBOX_SERVICE_NAME);
	assert_true(json_get_bool(f->json, "do_not_share_warning_enabled", &on));
	assert_false(on);
	assert_true(json_get_bool(f->json, "custom_code_enabled", &on));
	assert_false(on);
	assert_non_null(json_get_object(f->json, "links"));
	assert_non_null(json_get_object(json_get_object(f->json, "passkeys"), "relying_party"));
	assert_int_equal(ask(f, (struct ask){ .path = TWILIO "/v2/Services" }), 200);
	services = json_get_array(f->json, "services");
	assert_int_equal(json_length(services), 1);
	assert_string_equal(json_get_string(json_item(services, 0), "sid"), SANDBOX_SERVICE_SID);
}

static size_t
count_attempts(struct fixture *f, const char *query)
{
	assert_int_equal(ask(f, (struct ask){ .path = TWILIO "/v2/Attempts", .query = query }), 200);
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
		{ "DateCreatedAfter=2999-01-01T00:00:00Z", 0 },
		{ "PageSize=2", 2 },
		{ "PageSize=2&Page=2&PageToken=PA2", 1 },
		{ "PageSize=2&Page=3", 0 },
	};
	struct fixture *f = *state;
	char query[TEXT_SIZE * 2];

	start(f, "+12025550102");
	start(f, "+12025550103");
	start(f, "+447700900123");
	start(f, PERSON);
	ask(f, (struct ask){ .path = STARTS, .body = TO "&Channel=call" });
	check(f, PERSON, f->code);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (count_attempts(f, rows[i].query) != rows[i].count)
			print_message("# %s\n", rows[i].query);
		assert_int_equal(count_attempts(f, rows[i].query), rows[i].count);
	}
	snprintf(query, sizeof(query), "VerificationSid=%s", f->sid);
	assert_int_equal(count_attempts(f, query), 2);
	ask(f, (struct ask){ .path = TWILIO "/v2/Attempts", .query = "DateCreatedAfter=yesterday" });
	assert_error(f, 400, 20001);
	ask(f, (struct ask){ .path = TWILIO "/v2/Attempts", .query = "PageSize=0" });
	assert_error(f, 400, 20001);
}

static void
an_attempt_tells_what_became_of_it(void **state)
{
	struct fixture *f = *state;
	struct json_object *attempt = NULL, *data = NULL;
	char path[TEXT_SIZE];

	start(f, PERSON);
	check(f, PERSON, f->code);
	count_attempts(f, NULL);
	attempt = json_item(json_get_array(f->json, "attempts"), 0);
	assert_string_equal(json_get_string(attempt, "conversion_status"), "converted");
	assert_string_equal(json_get_string(json_get_object(attempt, "price"), "currency"), "usd");
	snprintf(path, sizeof(path), TWILIO "/v2/Attempts/%s", json_get_string(attempt, "sid"));
	assert_int_equal(ask(f, (struct ask){ .path = path }), 200);
	data = json_get_object(f->json, "channel_data");
	assert_string_equal(json_get_string(data, "message_status"), "delivered");
	assert_null(json_get_string(data, "error_code"));
	assert_string_equal(json_get_string(data, "verification_sid"), f->sid);

	start(f, "+12025550165");
	assert_int_equal(json_length(messages(f, "to=%2B12025550165")), 0);
	count_attempts(f, "ChannelData.To=%2B12025550165");
	attempt = json_item(json_get_array(f->json, "attempts"), 0);
	data = json_get_object(attempt, "channel_data");
	assert_string_equal(json_get_string(data, "message_status"), "undelivered");
	assert_string_equal(json_get_string(data, "error_code"), "30006");
}

static void
pages_link_to_each_other(void **state)
{
	struct fixture *f = *state;
	struct json_object *meta = NULL;
	int64_t number = -1;

	for (int i = 0; i < 5; i++)
		start(f, PERSON);
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

/* ---- Tokens ---------------------------------------------------------------------- */

static int
validate(struct fixture *f, const char *token)
{
	char body[TEXT_SIZE];

	snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
	return ask(f, (struct ask){ .path = VALIDATE, .type = JSON, .body = body });
}

static void
agents_tokens_are_valid_and_name_the_worker(void **state)
{
	static const struct {
		const char *token, *role, *worker, *identity;
	} rows[] = {
		{ "sandbox-ana", "agent", ANA, "ana_40example_2Ecom" },
		{ "sandbox-ben", "agent", BEN, "ben_40example_2Ecom" },
		{ "sandbox-sam", "supervisor", "WK00000000000000000000000000000003", "sam_40example_2Ecom" },
		{ "sandbox-ada", "admin", "WK00000000000000000000000000000004", "ada_40example_2Ecom" },
		{ "sandbox-guest", "guest", NULL, "visitor_40example_2Ecom" },
		{ "sandbox-no-worker", "agent", NULL, "noworker_40example_2Ecom" },
		{ "sandbox-other-role", "billing", "WK00000000000000000000000000000005", "kim_40example_2Ecom" },
	};
	struct fixture *f = *state;
	bool valid = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(validate(f, rows[i].token), 200);
		assert_true(json_get_bool(f->json, "valid", &valid) && valid);
		assert_int_equal(number_of(f, "code"), 0);
		assert_int_equal(json_length(f->json), 8);
		assert_string_equal(json_string(json_item(json_get_array(f->json, "roles"), 0)), rows[i].role);
		assert_string_equal(text_of(f, "identity"), rows[i].identity);
		assert_string_equal(text_of(f, "worker_sid"), rows[i].worker == NULL ? "" : rows[i].worker);
		assert_int_equal(strlen(text_of(f, "expiration")), 24);
	}
}

static void
other_tokens_fail_each_in_its_own_way(void **state)
{
	struct fixture *f = *state;
	bool valid = true;

	assert_int_equal(validate(f, "sandbox-expired"), 200);
	assert_int_equal(number_of(f, "code"), 20104);
	assert_true(json_get_bool(f->json, "valid", &valid) && !valid);
	assert_int_equal(validate(f, "eyJ.not.known.to.anybody"), 200);
	assert_int_equal(number_of(f, "code"), 20101);
	assert_true(json_get_bool(f->json, "valid", &valid) && !valid);
	assert_int_equal(validate(f, "sandbox-valid-text"), 200);
	assert_false(json_get_bool(f->json, "valid", &valid));
	assert_string_equal(text_of(f, "valid"), "true");
	assert_int_equal(validate(f, "sandbox-roles-null"), 200);
	assert_null(json_get(f->json, "roles"));
	assert_int_equal(validate(f, "sandbox-guest-agent"), 200);
	assert_int_equal(json_length(json_get_array(f->json, "roles")), 2);
	assert_int_equal(validate(f, "sandbox-over"), 200);
	assert_true(json_get_bool(f->json, "valid", &valid) && valid);
	validate(f, "sandbox-other-account");
	assert_error(f, 404, 20404);
	ask(f, (struct ask){ .path = TWILIO "/v1/Accounts/AC00000000000000000000000000000002/Tokens/validate",
	    .type = JSON, .body = "{\"token\":\"sandbox-ana\"}" });
	assert_error(f, 404, 20404);
}

static void
a_token_is_taken_from_json_only(void **state)
{
	static const struct ask asks[] = {
		{ .path = VALIDATE, .body = "token=sandbox-ana" },
		{ .path = VALIDATE, .type = JSON, .body = "{}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":1}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":\"\"}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":" },
		{ .path = VALIDATE, .type = JSON, .body = "" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		ask(f, asks[i]);
		assert_error(f, 400, 20001);
	}
}

/* ---- Tasks ------------------------------------------------------------------------ */

/* The attributes of the task in the answer; the caller's to free. */
static struct json_object *
attributes_of(struct fixture *f)
{
	const char *text = text_of(f, "attributes");
	struct json_object *attributes = NULL;

	assert_int_equal(json_parse(text, strlen(text), 16, &attributes), JSON_OK);
	return attributes;
}

static void
a_task_has_its_attributes_as_text_and_its_version_as_etag(void **state)
{
	struct fixture *f = *state;
	struct json_object *attributes = NULL;

	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL }), 200);
	assert_true(has_header(f, "ETag: \"0\"\r\n"));
	assert_string_equal(text_of(f, "assignment_status"), "assigned");
	assert_string_equal(text_of(f, "task_channel_unique_name"), "voice");
	assert_int_equal(json_length(f->json), 24);
	attributes = attributes_of(f);
	assert_string_equal(json_get_string(attributes, "from"), PERSON);
	assert_string_equal(json_get_string(attributes, "call_sid"), "CA00000000000000000000000000000001");
	json_free(attributes);
	assert_int_equal(ask(f, (struct ask){ .path = TASK("0002") }), 200);
	attributes = attributes_of(f);
	assert_string_equal(json_get_string(attributes, "customerAddress"), "+12025550102");
	assert_string_equal(json_get_string(attributes, "channelType"), "sms");
	json_free(attributes);
}

static void
an_update_counts_the_version_and_holds_only_if_it_matches(void **state)
{
	static const struct {
		const char *if_match;
		int         status;
	} rows[] = {
		{ NULL, 200 }, { "1", 200 }, { "\"2\"", 200 }, { "*", 200 }, { "", 200 }, { "4", 412 }, { "\"4\"", 412 },
		{ "5x", 412 }, { "abc", 412 }, { "-5", 412 }, { "\"5", 412 }, { "5", 200 }, { "5", 412 },
	};
	struct fixture *f = *state;
	int version = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char etag[TEXT_SIZE];

		ask(f, (struct ask){ .path = ANAS_CALL, .body = "Attributes=%7B%22n%22%3A1%7D",
		    .if_match = rows[i].if_match });
		if (rows[i].status == 412) {
			assert_error(f, 412, 20412);
			continue;
		}
		assert_int_equal(f->response.status, 200);
		snprintf(etag, sizeof(etag), "ETag: \"%d\"\r\n", ++version);
		assert_true(has_header(f, etag));
		assert_string_equal(text_of(f, "attributes"), "{\"n\":1}");
	}
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL }), 200);
	assert_true(has_header(f, "ETag: \"6\"\r\n"));
}

/* {"x":"ccc..."} with that many characters in all, form-encoded; the caller's to free. */
static char *
attributes_body(size_t characters, const char *character)
{
	struct buffer out;
	char *text = NULL;

	buffer_init(&out, 65536);
	buffer_add_text(&out, "Attributes=%7B%22x%22%3A%22");
	for (size_t i = 0; i + 8 < characters; i++)
		buffer_add_text(&out, character);
	buffer_add_text(&out, "%22%7D");
	assert_false(out.failed);
	text = strdup(buffer_text(&out));
	buffer_free(&out);
	return text;
}

static void
attributes_are_a_json_object_of_at_most_4096_characters(void **state)
{
	static const char *const bad[] = { "Attributes=no", "Attributes=%5B%5D", "Attributes=1", "Attributes=%7B",
		"Attributes=%7B%22a%22%3A1%7D%7B%7D" };
	struct fixture *f = *state;
	char *longest = attributes_body(4096, "x"), *too_long = attributes_body(4097, "x");
	char *umlauts = attributes_body(1500, "%C3%A4");

	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL, .body = longest }), 200);
	assert_int_equal(strlen(text_of(f, "attributes")), 4096);
	ask(f, (struct ask){ .path = ANAS_CALL, .body = too_long });
	assert_error(f, 400, 20001);
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL, .body = umlauts }), 200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ask(f, (struct ask){ .path = ANAS_CALL, .body = bad[i] });
		assert_error(f, 400, 20001);
	}
	free(longest);
	free(too_long);
	free(umlauts);
}

static void
a_change_that_taskrouter_does_not_allow_is_refused(void **state)
{
	static const struct {
		const char *path, *body;
	} rows[] = {
		{ ANAS_CALL, "AssignmentStatus=completed" },
		{ ANAS_CALL, "AssignmentStatus=canceled" },
		{ ANAS_CALL, "AssignmentStatus=done&Reason=x" },
		{ ANAS_CALL, "AssignmentStatus=wrapping&Attributes=%7B%7D" },
		{ ANAS_CALL, "Priority=-1" },
		{ ANAS_CALL, "Priority=2147483648" },
		{ ANAS_CALL, "Priority=high" },
		{ TASK("1017"), "AssignmentStatus=completed&Reason=x" },
		{ TASK("1014"), "Attributes=%7B%7D" },
		{ TASK("1015"), "AssignmentStatus=assigned" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ask(f, (struct ask){ .path = rows[i].path, .body = rows[i].body });
		assert_error(f, 400, 20001);
	}
}

/* The reservations of a task by filter; the first one's status. */
static const char *
reservation_status(struct fixture *f, const char *path, const char *query, size_t count)
{
	struct json_object *list = NULL;

	assert_int_equal(ask(f, (struct ask){ .path = path, .query = query }), 200);
	list = json_get_array(f->json, "reservations");
	assert_int_equal(json_length(list), count);
	return count == 0 ? "" : json_get_string(json_item(list, 0), "reservation_status");
}

static void
a_reservation_follows_its_task_to_the_end(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "accepted");
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL, .body = "Priority=7" }), 200);
	assert_int_equal(number_of(f, "priority"), 7);
	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "accepted");
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL, .body = "AssignmentStatus=wrapping" }), 200);
	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "wrapping");
	assert_int_equal(
	    ask(f, (struct ask){ .path = ANAS_CALL, .body = "AssignmentStatus=completed&Reason=done" }), 200);
	assert_string_equal(text_of(f, "reason"), "done");
	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "completed");
}

static void
reservations_are_listed_by_status_and_worker(void **state)
{
	static const struct {
		const char *task, *query, *status;
		size_t      count;
	} rows[] = {
		{ ANAS_CALL, "WorkerSid=" ANA, "accepted", 1 },
		{ ANAS_CALL, "WorkerSid=" BEN, "", 0 },
		{ ANAS_CALL, "ReservationStatus=accepted&WorkerSid=" ANA, "accepted", 1 },
		{ ANAS_CALL, "ReservationStatus=wrapping", "", 0 },
		{ TASK("1013"), NULL, "wrapping", 1 },
		{ TASK("1016"), "WorkerSid=" ANA, "pending", 1 },
		{ TASK("1017"), NULL, "", 0 },
		{ TASK("1018"), NULL, "rejected", 2 },
		{ TASK("1018"), "WorkerSid=" BEN, "accepted", 1 },
		{ TASK("1024"), "ReservationStatus=accepted", "accepted", 2 },
	};
	struct fixture *f = *state;
	struct json_object *first = NULL;
	char path[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(path, sizeof(path), "%s/Reservations", rows[i].task);
		assert_string_equal(reservation_status(f, path, rows[i].query, rows[i].count), rows[i].status);
	}
	ask(f, (struct ask){ .path = ANAS_CALL "/Reservations", .query = "ReservationStatus=held" });
	assert_error(f, 400, 20001);
	reservation_status(f, ANAS_CALL "/Reservations", NULL, 1);
	first = json_item(json_get_array(f->json, "reservations"), 0);
	assert_string_equal(json_get_string(first, "worker_name"), "Ana");
	assert_string_equal(json_get_string(first, "worker_sid"), ANA);
	assert_int_equal(json_length(first), 11);
	snprintf(path, sizeof(path), ANAS_CALL "/Reservations/%s", json_get_string(first, "sid"));
	assert_int_equal(ask(f, (struct ask){ .path = path }), 200);
	assert_true(has_header(f, "ETag: \"0\"\r\n"));
	assert_string_equal(text_of(f, "worker_sid"), ANA);
	assert_int_equal(
	    ask(f, (struct ask){ .path = ANAS_CALL "/Reservations/WR00000000000000000000000000009999" }), 404);
}

static void
tasks_of_one_call_or_conversation_share_its_sid(void **state)
{
	static const struct {
		const char *one, *other, *key;
	} rows[] = {
		{ TASK("1020"), TASK("1021"), "call_sid" },
		{ TASK("1022"), TASK("1023"), "conversationSid" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_object *one = NULL, *other = NULL;

		assert_int_equal(ask(f, (struct ask){ .path = rows[i].one }), 200);
		assert_string_equal(text_of(f, "assignment_status"), "completed");
		one = attributes_of(f);
		assert_int_equal(ask(f, (struct ask){ .path = rows[i].other }), 200);
		assert_string_equal(text_of(f, "assignment_status"), "assigned");
		other = attributes_of(f);
		assert_string_equal(json_get_string(one, rows[i].key), json_get_string(other, rows[i].key));
		json_free(one);
		json_free(other);
	}
}

static void
tasks_are_listed(void **state)
{
	struct fixture *f = *state;
	size_t all = 0, completed = 0;

	assert_int_equal(ask(f, (struct ask){ .path = TASKS, .query = "PageSize=200" }), 200);
	all = json_length(json_get_array(f->json, "tasks"));
	assert_in_range(all, 80, SANDBOX_TASKS_MAX);
	assert_int_equal(ask(f, (struct ask){ .path = TASKS, .query = "AssignmentStatus=completed,canceled" }), 200);
	completed = json_length(json_get_array(f->json, "tasks"));
	assert_int_equal(completed, 4);
	assert_int_equal(ask(f, (struct ask){ .path = TASKS }), 200);
	assert_int_equal(json_length(json_get_array(f->json, "tasks")), 50);
}

/* ---- Customers --------------------------------------------------------------------- */

static void
a_customer_is_found_by_number(void **state)
{
	struct fixture *f = *state;
	struct ask lookup = { .path = "/sandbox/crm/customers", .query = "phone=%2B12025550101", .basic = CRM };

	assert_int_equal(ask(f, lookup), 200);
	assert_string_equal(text_of(f, "name"), "Maria Santos");
	assert_string_equal(text_of(f, "email"), "maria.santos@example.com");
	assert_string_equal(text_of(f, "phone"), PERSON);
	assert_string_not_equal(text_of(f, "address"), "");
	assert_string_not_equal(text_of(f, "account_number"), "");
	lookup.query = "phone=%2B12025550106";
	assert_int_equal(ask(f, lookup), 200);
	assert_non_null(strstr(text_of(f, "name"), "<script>"));
	lookup.query = "phone=%2B12025550140";
	assert_int_equal(ask(f, lookup), 200);
	lookup.query = "phone=%2B12025550130";
	assert_int_equal(ask(f, lookup), 404);
	assert_string_not_equal(text_of(f, "error"), "");
	lookup.query = "phone=+12025550101";
	assert_int_equal(ask(f, lookup), 400);
	lookup.query = NULL;
	assert_int_equal(ask(f, lookup), 400);
}

static void
customers_are_shown_to_their_own_user_only(void **state)
{
	static const char *const bad[] = { "", ACCOUNT, API_KEY, "Basic c2FuZGJveC1jcm06eA==" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/crm/customers",
		    .query = "phone=%2B12025550101", .basic = bad[i] }), 401);
		assert_true(has_header(f, "WWW-Authenticate: Basic"));
		assert_null(strstr(buffer_text(&f->response.body), "Maria"));
	}
}

/* ---- Magic --------------------------------------------------------------------------- */

/* Makes the request that a row is about. */
static void
ask_for(struct fixture *f, const struct magic *magic)
{
	char path[TEXT_SIZE], query[TEXT_SIZE];

	switch (magic->call) {
	case MAGIC_SEND:
		send_text(f, magic->key);
		break;
	case MAGIC_CHECK:
		assert_int_equal(start(f, magic->key), 201);
		check(f, magic->key, f->code);
		break;
	case MAGIC_CODE:
		assert_int_equal(start(f, PERSON), 201);
		check(f, PERSON, magic->key);
		break;
	case MAGIC_UPDATE:
		assert_int_equal(start(f, magic->key), 201);
		update(f, "Status=canceled");
		break;
	case MAGIC_TOKEN:
		validate(f, magic->key);
		break;
	case MAGIC_TASK:
	case MAGIC_RESERVATIONS:
		snprintf(path, sizeof(path), TASK("%s") "%s", magic->key,
		    magic->call == MAGIC_TASK ? "" : "/Reservations");
		ask(f, (struct ask){ .path = path });
		break;
	case MAGIC_CUSTOMER:
		snprintf(query, sizeof(query), "phone=%%2B%s", magic->key + 1);
		ask(f, (struct ask){ .path = "/sandbox/crm/customers", .query = query, .basic = CRM });
		break;
	}
}

static void
assert_effect(struct fixture *f, const struct magic *magic)
{
	switch (magic->effect) {
	case MAGIC_REFUSES:
		assert_error(f, magic->status, magic->code);
		assert_int_equal(has_header(f, "Retry-After: 1\r\n"), magic->code == 20429);
		break;
	case MAGIC_PAGE:
		assert_int_equal(f->response.status, magic->status);
		assert_non_null(strstr(buffer_text(&f->response.body), "<html>"));
		break;
	case MAGIC_REDIRECTS:
		assert_int_equal(f->response.status, magic->status);
		assert_true(has_header(f, "Location: https://"));
		break;
	case MAGIC_FLOODS:
		assert_int_equal(f->response.body.length, MAGIC_FLOOD_BYTES);
		break;
	case MAGIC_IGNORES:
	case MAGIC_LOSES:
		assert_true(has_header(f, "X-Accel-Redirect: " MAGIC_CLOSE_LOCATION "\r\n"));
		assert_int_equal(f->response.body.length, 0);
		break;
	case MAGIC_TRUNCATES:
		assert_null(f->json);
		assert_int_equal(buffer_text(&f->response.body)[0], '{');
		break;
	case MAGIC_REPLACES:
		assert_string_equal(text_of(f, magic->text), magic->value);
		break;
	case MAGIC_DELAYS:
	case MAGIC_UNDELIVERED:
		break;
	}
}

static void
every_magic_row_has_its_effect(void **state)
{
	struct fixture *f = *state;
	const struct magic *magic = NULL;

	for (size_t i = 0; (magic = magic_row(i)) != NULL; i++) {
		assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/reset", .body = "" }), 200);
		if (magic->effect == MAGIC_DELAYS || magic->effect == MAGIC_UNDELIVERED)
			continue;
		print_message("# %s %s: %s\n", magic_call_name(magic->call), magic->key,
		    magic_effect_name(magic->effect));
		ask_for(f, magic);
		assert_effect(f, magic);
	}
}

static void
each_magic_key_is_there_once_and_its_number_has_a_task(void **state)
{
	struct fixture *f = *state;
	const struct magic *magic = NULL;
	char sid[TEXT_SIZE];

	for (size_t i = 0; (magic = magic_row(i)) != NULL; i++) {
		assert_ptr_equal(magic_find(magic->call, magic->key), magic);
		if (magic->call == MAGIC_CODE || magic->call == MAGIC_TOKEN)
			continue;
		snprintf(sid, sizeof(sid), "WT0000000000000000000000000000%s",
		    magic->key + strlen(magic->key) - 4);
		assert_non_null(sandbox_task_find(f->sandbox, sid));
	}
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/magic" }), 200);
	assert_in_range(json_length(json_get_array(f->json, "magic")), 60, 200);
}

static size_t
sent_to(struct fixture *f, const char *key)
{
	char query[TEXT_SIZE];

	snprintf(query, sizeof(query), "to=%%2B%s", key + 1);
	return json_length(messages(f, query));
}

static void
what_magic_stands_in_the_way_of_does_not_happen_and_the_rest_does(void **state)
{
	struct fixture *f = *state;

	start(f, "+12025550158");
	assert_int_equal(sent_to(f, "+12025550158"), 0);
	start(f, "+12025550159");
	assert_int_equal(sent_to(f, "+12025550159"), 1);
	start(f, "+12025550161");
	assert_int_equal(sent_to(f, "+12025550161"), 1);

	/* The answer is lost, and the code is used up all the same. */
	start(f, "+12025550170");
	check(f, "+12025550170", f->code);
	assert_int_equal(fetch(f), 404);
	start(f, "+12025550176");
	check(f, "+12025550176", f->code);
	assert_int_equal(fetch(f), 200);

	/* Only codes that were checked count. */
	start(f, PERSON);
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++)
		check(f, PERSON, "999503");
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++)
		check(f, PERSON, "999444");
	check(f, PERSON, f->code);
	assert_error(f, 429, 60202);
}

static void
some_refusals_are_of_one_channel_or_can_be_switched_off(void **state)
{
	struct fixture *f = *state;

	ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550140&Channel=sms" });
	assert_error(f, 403, 60205);
	assert_int_equal(ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550140&Channel=call" }), 201);
	ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550141&Channel=sms&RiskCheck=enable" });
	assert_error(f, 403, 60410);
	assert_int_equal(
	    ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550141&Channel=sms&RiskCheck=disable" }), 201);
	ask(f, (struct ask){ .path = STARTS, .body = "To=%2B12025550140&Channel=sms&RiskCheck=disable" });
	assert_error(f, 403, 60205);
}

/* ---- Desk, clock, reset ------------------------------------------------------------- */

static size_t
count_tasks(struct fixture *f, const char *query)
{
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/tasks", .query = query, .basic = "" }), 200);
	return json_length(json_get_array(f->json, "tasks"));
}

static void
the_desk_shows_a_workers_tasks(void **state)
{
	struct fixture *f = *state;
	struct json_object *task = NULL;

	assert_int_equal(count_tasks(f, NULL), 3);
	assert_int_equal(count_tasks(f, "worker=" BEN), 1);
	assert_in_range(count_tasks(f, "all=1"), 80, SANDBOX_TASKS_MAX);
	assert_int_equal(count_tasks(f, "worker=WK00000000000000000000000000000009&all=1"), 0);
	assert_int_equal(count_tasks(f, "worker=" ANA), 2);
	task = json_item(json_get_array(f->json, "tasks"), 0);
	assert_string_equal(json_get_string(task, "sid"), "WT00000000000000000000000000000001");
	assert_string_equal(json_get_string(task, "channel"), "voice");
	assert_string_equal(json_get_string(task, "name"), "Maria Santos");
	assert_string_equal(json_get_string(task, "from"), PERSON);
	assert_string_equal(json_get_string(task, "status"), "assigned");
	assert_string_equal(json_get_string(task, "worker"), ANA);
}

static void
messages_are_the_newest_first(void **state)
{
	struct fixture *f = *state;
	struct json_object *list = NULL;

	start(f, PERSON);
	start(f, "+12025550102");
	start(f, PERSON);
	list = messages(f, NULL);
	assert_int_equal(json_length(list), 3);
	assert_string_equal(json_get_string(json_item(list, 0), "to"), PERSON);
	assert_string_equal(json_get_string(json_item(list, 1), "to"), "+12025550102");
	assert_string_equal(json_get_string(json_item(list, 2), "to"), PERSON);
	assert_int_equal(json_length(messages(f, "to=%2B12025550102")), 1);
	assert_int_equal(json_length(messages(f, "to=+12025550102")), 1);
	assert_int_equal(json_length(messages(f, "to=%2B12025550103")), 0);
}

static void
the_clock_only_goes_forward_and_not_for_ever(void **state)
{
	static const struct {
		const char *type, *body;
		int         status;
	} rows[] = {
		{ JSON, "{\"advance_seconds\":601}", 200 },
		{ FORM, "advance_seconds=0", 200 },
		{ JSON, "{\"advance_seconds\":-1}", 400 },
		{ JSON, "{\"advance_seconds\":\"601\"}", 400 },
		{ JSON, "{\"advance_seconds\":1.5}", 400 },
		{ JSON, "{}", 400 },
		{ FORM, "", 400 },
		{ FORM, "advance_seconds=x", 400 },
		{ FORM, "advance_seconds=315360001", 400 },
		{ FORM, "advance_seconds=315360000", 400 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/clock", .type = rows[i].type,
		    .body = rows[i].body }), rows[i].status);
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/clock" }), 200);
	assert_int_equal(number_of(f, "advanced_seconds"), 601);
	assert_int_equal(strlen(text_of(f, "now")), 20);
}

static void
a_reset_sandbox_is_as_new(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(start(f, PERSON), 201);
	ask(f, (struct ask){ .path = ANAS_CALL, .body = "Attributes=%7B%7D" });
	advance(f, 100);
	assert_int_equal(ask(f, (struct ask){ .path = "/sandbox/reset", .method = "POST" }), 200);
	assert_int_equal(number_of(f, "advanced_seconds"), 0);
	assert_int_equal(json_length(messages(f, NULL)), 0);
	assert_int_equal(fetch(f), 404);
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL }), 200);
	assert_true(has_header(f, "ETag: \"0\"\r\n"));
	assert_non_null(strstr(text_of(f, "attributes"), PERSON));
}

/* ---- Many at once --------------------------------------------------------------------- */

#define CLIENTS 8

struct client {
	struct sandbox *sandbox;
	const char     *check_body;
	int             approved;
};

static void *
ask_many(void *context)
{
	struct client *client = context;
	struct ask asks[] = {
		{ .path = STARTS, .body = "To=%2B12025550102&Channel=sms" },
		{ .path = "/sandbox/messages" },
		{ .path = ANAS_CALL, .body = "Attributes=%7B%22n%22%3A1%7D" },
		{ .path = ANAS_CALL "/Reservations" },
		{ .path = TWILIO "/v2/Attempts" },
		{ .path = "/sandbox/tasks" },
		{ .path = CHECKS, .body = client->check_body },
	};

	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
			struct response response;

			answer(client->sandbox, &asks[i], &response);
			if (strstr(buffer_text(&response.body), "\"approved\"") != NULL)
				client->approved++;
			response_free(&response);
		}
	return NULL;
}

static void
one_of_many_at_once_is_approved(void **state)
{
	struct fixture *f = *state;
	struct client clients[CLIENTS];
	pthread_t threads[CLIENTS];
	char body[TEXT_SIZE * 2];
	int approved = 0;

	assert_int_equal(start(f, PERSON), 201);
	snprintf(body, sizeof(body), TO "&Code=%s", f->code);
	for (size_t i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){ .sandbox = f->sandbox, .check_body = body };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &clients[i]), 0);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		approved += clients[i].approved;
	}
	assert_int_equal(approved, 1);
	assert_int_equal(ask(f, (struct ask){ .path = ANAS_CALL }), 200);
	assert_true(has_header(f, "ETag: \"160\"\r\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_account_and_the_api_key_are_let_in),
		TEST(everybody_else_is_refused_on_every_path),
		TEST(every_answer_has_twilios_headers),
		TEST(what_is_not_there_is_not_found_and_named),
		TEST(a_path_with_another_method_is_refused),
		TEST(a_broken_or_repeated_parameter_is_refused),
		TEST(a_code_is_sent_and_arrives),
		TEST(a_verification_has_all_of_twilios_members),
		TEST(sending_again_keeps_sid_and_code),
		TEST(a_sixth_send_is_refused_until_the_first_expires),
		TEST(a_finished_or_canceled_verification_makes_room_for_new_sends),
		TEST(codes_differ_and_are_never_magic),
		TEST(more_verifications_than_fit_push_out_the_oldest),
		TEST(email_and_locale_go_to_the_message),
		TEST(malformed_starts_are_refused),
		TEST(parameters_that_twilio_does_not_know_are_ignored),
		TEST(the_right_code_is_approved_once),
		TEST(wrong_codes_stay_pending_and_the_sixth_check_is_refused),
		TEST(the_right_code_counts_on_the_fifth_check),
		TEST(used_up_checks_are_forgotten_when_the_verification_expires),
		TEST(a_code_lives_ten_minutes_from_its_first_send),
		TEST(a_canceled_verification_is_shown_but_not_checked),
		TEST(a_verification_can_be_approved_without_a_check),
		TEST(an_update_needs_one_of_two_statuses),
		TEST(a_verification_is_found_by_sid_or_by_address),
		TEST(malformed_checks_are_refused_and_cost_no_attempt),
		TEST(the_service_has_its_settings),
		TEST(attempts_are_listed_by_filter),
		TEST(an_attempt_tells_what_became_of_it),
		TEST(pages_link_to_each_other),
		TEST(agents_tokens_are_valid_and_name_the_worker),
		TEST(other_tokens_fail_each_in_its_own_way),
		TEST(a_token_is_taken_from_json_only),
		TEST(a_task_has_its_attributes_as_text_and_its_version_as_etag),
		TEST(an_update_counts_the_version_and_holds_only_if_it_matches),
		TEST(attributes_are_a_json_object_of_at_most_4096_characters),
		TEST(a_change_that_taskrouter_does_not_allow_is_refused),
		TEST(a_reservation_follows_its_task_to_the_end),
		TEST(reservations_are_listed_by_status_and_worker),
		TEST(tasks_of_one_call_or_conversation_share_its_sid),
		TEST(tasks_are_listed),
		TEST(a_customer_is_found_by_number),
		TEST(customers_are_shown_to_their_own_user_only),
		TEST(every_magic_row_has_its_effect),
		TEST(each_magic_key_is_there_once_and_its_number_has_a_task),
		TEST(what_magic_stands_in_the_way_of_does_not_happen_and_the_rest_does),
		TEST(some_refusals_are_of_one_channel_or_can_be_switched_off),
		TEST(the_desk_shows_a_workers_tasks),
		TEST(messages_are_the_newest_first),
		TEST(the_clock_only_goes_forward_and_not_for_ever),
		TEST(a_reset_sandbox_is_as_new),
		TEST(one_of_many_at_once_is_approved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
