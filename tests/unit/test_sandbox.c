#include "sandbox_client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANAS_TASK "WT00000000000000000000000000000001"

/* ---- Every Twilio path --------------------------------------------------- */

static void
the_account_and_the_api_key_are_let_in(void **state)
{
	static const char *const good[] = { ACCOUNT, API_KEY };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = SERVICE, .basic = good[i] }), 200);
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = VALIDATE, .basic = good[i], .type = JSON,
		    .body = "{\"token\":\"sandbox-ana\"}" }), 200);
	}
}

static void
everybody_else_is_refused_on_every_path(void **state)
{
	static const char *const bad[] = { "", WRONG_TOKEN, KEY_WITH_TOKEN, LONGER_TOKEN, CRM,
	    "Basic ", "Basic !!!!",
		"Bearer sandbox-ana", "Basic QQ==", "Basic AAAA",
		"Basic QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
		"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
		"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB" };
	static const char *const paths[] =
	    { SERVICE, STARTS, CHECKS, VALIDATE, ANAS_CALL, ANAS_CALL "/Reservations",
		TWILIO "/v2/Attempts", TWILIO "/v2/Services", TWILIO "/nothing", TWILIO };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t p = 0; p < sizeof(paths) / sizeof(*paths); p++) {
			client_ask(f, (struct client_ask){ .path = paths[p], .basic = bad[i] });
			client_assert_error(f, 401, 20003);
			assert_true(client_has_header(f,
			    "WWW-Authenticate: Basic realm=\"Twilio API\"\r\n"));
		}
}

static void
every_answer_has_twilios_headers(void **state)
{
	static const struct client_ask asks[] =
	    { { .path = SERVICE }, { .path = SERVICE, .basic = "" }, { .path = TWILIO "/x" },
		{ .path = SERVICE, .method = "DELETE" },
		    { .path = SERVICE, .method = "OPTIONS", .basic = "" },
		{ .path = STARTS, .body = "To=1" } };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		client_ask(f, asks[i]);
		assert_true(client_has_header(f, "Twilio-Request-Id: RQ"));
		assert_true(client_has_header(f, "Twilio-Request-Duration: 0."));
		assert_true(client_has_header(f, "Twilio-Concurrent-Requests: 1\r\n"));
		assert_true(client_has_header(f, "Access-Control-Allow-Origin: *\r\n"));
	}
	client_ask(f, (struct client_ask){ .path = "/sandbox/messages" });
	assert_false(client_has_header(f, "Twilio-"));
	assert_false(client_has_header(f, "Access-Control-"));
}

static void
what_is_not_there_is_not_found_and_named(void **state)
{
	static const char *const paths[] = { "/v2/Services/VA00000000000000000000000000000003",
		"/v2/services/" SANDBOX_SERVICE_SID,
		    "/v2/Services/" SANDBOX_SERVICE_SID "/verifications",
		"/v1/Services/" SANDBOX_SERVICE_SID, "/v2/Services/" SANDBOX_SERVICE_SID "/",
		"/v1/Workspaces/WS00000000000000000000000000000002/Tasks",
		"/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks/WT99999999999999999999999999999999",
		"/v1/Workspaces/" SANDBOX_WORKSPACE_SID "/Tasks/WT1/Reservations",
		"/v2/Attempts/VL00000000000000000000000000000001" };
	struct client *f = *state;
	char path[TEXT_SIZE], message[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(path, sizeof(path), TWILIO "%s", paths[i]);
		snprintf(message, sizeof(message), "The requested resource %s was not found",
		    paths[i] + 3);
		client_ask(f, (struct client_ask){ .path = path });
		client_assert_error(f, 404, 20404);
		assert_string_equal(client_text(f, "message"), message);
	}
}

static void
a_path_with_another_method_is_refused(void **state)
{
	struct client *f = *state;

	client_ask(f, (struct client_ask){ .path = CHECKS });
	client_assert_error(f, 405, 20004);
	client_ask(f, (struct client_ask){ .path = ANAS_CALL, .method = "DELETE" });
	client_assert_error(f, 405, 20004);
	client_ask(f, (struct client_ask){ .path = ANAS_CALL, .method = "BREW" });
	client_assert_error(f, 405, 20004);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/reset" }), 405);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/elsewhere" }), 404);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL, .method = "HEAD" }),
	    200);
}

static void
a_broken_or_repeated_parameter_is_refused(void **state)
{
	static const char *const bodies[] =
	    { "To=%", "To=%zz", TO "&" TO "&Channel=sms", "To=%FF&Channel=sms" };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		client_ask(f, (struct client_ask){ .path = STARTS, .body = bodies[i] });
		client_assert_error(f, 400, 20001);
	}
}

static void
what_cannot_be_read_whole_is_refused(void **state)
{
	static const struct {
		enum request_arrival arrival;
		int                  status;
	} rows[] = { { REQUEST_TOO_LARGE, 413 }, { REQUEST_TRUNCATED, 400 } };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		client_ask(f, (struct client_ask){ .path = STARTS, .body = TO "&Channel=sms",
		    .arrival = rows[i].arrival });
		client_assert_error(f, rows[i].status, 20001);
		assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/reset", .body = "",
		    .arrival = rows[i].arrival }), rows[i].status);
		assert_string_not_equal(client_text(f, "error"), "");
	}
	client_ask(f, (struct client_ask){ .path = SERVICE, .query = "a=%" });
	client_assert_error(f, 400, 20001);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/messages", .query = "to=1&to=2" }), 400);
	assert_int_equal(json_length(client_messages(f, NULL)), 0);
}

static void
a_path_is_not_taken_for_another_that_it_resembles(void **state)
{
	struct client *f = *state;
	char *path = client_repeat(TWILIO "/v2/Services/", "x", SANDBOX_ADDRESS_SIZE, ""); /* longer than any address */

	client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Services//Verifications" });
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path = path });
	client_assert_error(f, 404, 20404);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TWILIO "x/v2/Services", .basic = "" }), 404);
	assert_string_not_equal(client_text(f, "error"), "");
	free(path);
}

/* What a message has of a parameter or a path is cut between two characters. */
static void
a_refusal_of_something_long_is_still_a_refusal(void **state)
{
	struct client *f = *state;
	static const char *const shifts[] = { "", "x", "xx" };

	for (size_t i = 0; i < sizeof(shifts) / sizeof(*shifts); i++) {
		char start[TEXT_SIZE], *path = NULL, *body = NULL;

		snprintf(start, sizeof(start), TWILIO "/v2/%s", shifts[i]);
		path = client_repeat(start, "\xe2\x82\xac", 400, "");
		client_ask(f, (struct client_ask){ .path = path });
		client_assert_error(f, 404, 20404);
		snprintf(start, sizeof(start), "Channel=sms&To=%s", shifts[i]);
		body = client_repeat(start, "%E2%82%AC", 400, "");
		client_ask(f, (struct client_ask){ .path = STARTS, .body = body });
		client_assert_error(f, 400, 60200);
		free(path);
		free(body);
	}
}

static void
a_list_whose_own_address_cannot_be_written_is_not_answered_in_half(void **state)
{
	struct client *f = *state;
	char *query = client_repeat("Channel=", "!", 24000, ""); /* each is three characters in an address */

	assert_int_equal(client_ask(f, (struct client_ask){ .path = TWILIO "/v2/Attempts", .query = query }), 500);
	assert_null(json_get(f->json, "attempts"));
	free(query);
}

/* ---- Tokens -------------------------------------------------------------- */

static void
agents_tokens_are_valid_and_name_the_worker(void **state)
{
	static const struct {
		const char *token, *role, *worker, *identity;
	} rows[] = {
		{ "sandbox-ana", "agent", ANA, "ana_40example_2Ecom" },
		{ "sandbox-ben", "agent", BEN, "ben_40example_2Ecom" },
		{ "sandbox-sam", "supervisor", "WK00000000000000000000000000000003",
		    "sam_40example_2Ecom" },
		{ "sandbox-ada", "admin", "WK00000000000000000000000000000004",
		    "ada_40example_2Ecom" },
		{ "sandbox-guest", "guest", NULL, "visitor_40example_2Ecom" },
		{ "sandbox-no-worker", "agent", NULL, "noworker_40example_2Ecom" },
		{ "sandbox-other-role", "billing", "WK00000000000000000000000000000005",
		    "kim_40example_2Ecom" },
	};
	struct client *f = *state;
	bool valid = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(client_validate(f, rows[i].token), 200);
		assert_true(json_get_bool(f->json, "valid", &valid) && valid);
		assert_int_equal(client_number(f, "code"), 0);
		assert_int_equal(json_length(f->json), 8);
		assert_string_equal(json_string(json_item(json_get_array(f->json, "roles"), 0)),
		    rows[i].role);
		assert_string_equal(client_text(f, "identity"), rows[i].identity);
		assert_string_equal(client_text(f, "worker_sid"), rows[i].worker == NULL ? ""
		    : rows[i].worker);
		assert_int_equal(strlen(client_text(f, "expiration")), 24);
	}
}

static void
other_tokens_fail_each_in_its_own_way(void **state)
{
	struct client *f = *state;
	bool valid = true;

	assert_int_equal(client_validate(f, "sandbox-expired"), 200);
	assert_int_equal(client_number(f, "code"), 20104);
	assert_true(json_get_bool(f->json, "valid", &valid) && !valid);
	assert_int_equal(client_validate(f, "eyJ.not.known.to.anybody"), 200);
	assert_int_equal(client_number(f, "code"), 20101);
	assert_true(json_get_bool(f->json, "valid", &valid) && !valid);
	assert_int_equal(client_validate(f, "sandbox-valid-text"), 200);
	assert_false(json_get_bool(f->json, "valid", &valid));
	assert_string_equal(client_text(f, "valid"), "true");
	assert_int_equal(client_validate(f, "sandbox-roles-null"), 200);
	assert_null(json_get(f->json, "roles"));
	assert_int_equal(client_validate(f, "sandbox-guest-agent"), 200);
	assert_int_equal(json_length(json_get_array(f->json, "roles")), 2);
	assert_int_equal(client_validate(f, "sandbox-over"), 200);
	assert_true(json_get_bool(f->json, "valid", &valid) && valid);
	client_validate(f, "sandbox-other-account");
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path =
	    TWILIO "/v1/Accounts/AC00000000000000000000000000000002/Tokens/validate", .type = JSON,
	    .body = "{\"token\":\"sandbox-ana\"}" });
	client_assert_error(f, 404, 20404);
}

static void
a_token_is_taken_from_json_only(void **state)
{
	static const struct client_ask asks[] = {
		{ .path = VALIDATE, .body = "token=sandbox-ana" },
		{ .path = VALIDATE, .type = JSON, .body = "{}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":1}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":\"\"}" },
		{ .path = VALIDATE, .type = JSON, .body = "{\"token\":" },
		{ .path = VALIDATE, .type = JSON, .body = "" },
	};
	struct client *f = *state;
	char *body = client_repeat("{\"token\":\"", "x", REQUEST_TOKEN_MAX_BYTES + 1, "\"}");

	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		client_ask(f, asks[i]);
		client_assert_error(f, 400, 20001);
	}
	client_ask(f, (struct client_ask){ .path = VALIDATE, .type = JSON, .body = body });
	client_assert_error(f, 400, 20001);
	free(body);
}

/* ---- Customers ----------------------------------------------------------- */

static void
a_customer_is_found_by_number(void **state)
{
	static const char *const magic[] = { "phone=%2B12025550146", "phone=%2B12025550178", "phone=%2B12025550181" };
	struct client *f = *state;
	struct client_ask lookup = { .path = "/sandbox/crm/customers",
	    .query = "phone=%2B12025550101", .basic = CRM };

	assert_int_equal(client_ask(f, lookup), 200);
	assert_string_equal(client_text(f, "name"), "Maria Santos");
	assert_string_equal(client_text(f, "email"), "maria.santos@example.com");
	assert_string_equal(client_text(f, "phone"), PERSON);
	assert_string_not_equal(client_text(f, "address"), "");
	assert_string_not_equal(client_text(f, "account_number"), "");
	lookup.query = "phone=%2B12025550106";
	assert_int_equal(client_ask(f, lookup), 200);
	assert_non_null(strstr(client_text(f, "name"), "<script>"));
	lookup.query = "phone=%2B12025550140";
	assert_int_equal(client_ask(f, lookup), 200);
	lookup.query = "phone=%2B12025550130";
	assert_int_equal(client_ask(f, lookup), 404);
	assert_string_not_equal(client_text(f, "error"), "");
	lookup.query = "customer=C-100101";
	assert_int_equal(client_ask(f, lookup), 200);
	assert_string_equal(client_text(f, "name"), "Maria Santos");
	/* The id says who it is, whatever the number. */
	lookup.query = "customer=C-100117&phone=%2B12025550116";
	assert_int_equal(client_ask(f, lookup), 200);
	assert_string_equal(client_text(f, "name"), "Ella Becker");
	lookup.query = "customer=C-1&phone=%2B12025550140";
	assert_int_equal(client_ask(f, lookup), 404);
	for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++) {
		lookup.query = magic[i];
		assert_int_equal(client_ask(f, lookup), 200);
		assert_string_equal(client_text(f, "name"), "Max Mustermann");
	}
	lookup.query = "phone=+12025550101";
	assert_int_equal(client_ask(f, lookup), 400);
	lookup.query = NULL;
	assert_int_equal(client_ask(f, lookup), 400);
}

static void
customers_are_shown_to_their_own_user_only(void **state)
{
	static const char *const bad[] = { "", ACCOUNT, API_KEY, "Basic c2FuZGJveC1jcm06eA==" };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = "/sandbox/crm/customers",
		    .query = "phone=%2B12025550101", .basic = bad[i] }), 401);
		assert_true(client_has_header(f, "WWW-Authenticate: Basic"));
		assert_null(strstr(buffer_text(&f->response.body), "Maria"));
	}
}

/* ---- Desk, clock, reset -------------------------------------------------- */

static size_t
count_tasks(struct client *f, const char *query)
{
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/tasks",
	    .query = query, .basic = "" }), 200);
	return json_length(json_get_array(f->json, "tasks"));
}

static void
the_desk_shows_a_workers_tasks(void **state)
{
	struct client *f = *state;
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
	struct client *f = *state;
	struct json_object *list = NULL;

	client_start(f, PERSON);
	client_start(f, "+12025550102");
	client_start(f, PERSON);
	list = client_messages(f, NULL);
	assert_int_equal(json_length(list), 3);
	assert_string_equal(json_get_string(json_item(list, 0), "to"), PERSON);
	assert_string_equal(json_get_string(json_item(list, 1), "to"), "+12025550102");
	assert_string_equal(json_get_string(json_item(list, 2), "to"), PERSON);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550102")), 1);
	assert_int_equal(json_length(client_messages(f, "to=+12025550102")), 1);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550103")), 0);
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
		{ "text/plain", "advance_seconds=1", 400 },
		{ JSON, "{", 400 },
		{ FORM, "advance_seconds=315360001", 400 },
		{ FORM, "advance_seconds=315360000", 400 },
	};
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = "/sandbox/clock", .type = rows[i].type,
		    .body = rows[i].body }), rows[i].status);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/clock" }), 200);
	assert_int_equal(client_number(f, "advanced_seconds"), 601);
	assert_int_equal(strlen(client_text(f, "now")), 20);
}

static void
a_reset_sandbox_is_as_new(void **state)
{
	struct client *f = *state;

	assert_int_equal(client_start(f, PERSON), 201);
	client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = "Attributes=%7B%7D" });
	client_advance(f, 100);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/reset",
	    .method = "POST" }), 200);
	assert_int_equal(client_number(f, "advanced_seconds"), 0);
	assert_int_equal(json_length(client_messages(f, NULL)), 0);
	assert_int_equal(client_fetch(f), 404);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL }), 200);
	assert_true(client_has_header(f, "ETag: \"0\"\r\n"));
	assert_non_null(strstr(client_text(f, "attributes"), PERSON));
}

static void
each_reset_has_calls_of_its_own_even_if_the_true_time_went_back(void **state)
{
	struct client *f = *state;
	char before[SANDBOX_SID_SIZE];

	f->sandbox->round += 3600000;
	for (int i = 0; i < 2; i++) {
		snprintf(before, sizeof(before), "%s", sandbox_task_find(f->sandbox, ANAS_TASK)->leg->call_sid);
		assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/reset", .method = "POST" }), 200);
		assert_string_not_equal(sandbox_task_find(f->sandbox, ANAS_TASK)->leg->call_sid, before);
	}
}

/* ---- Many at once -------------------------------------------------------- */

#define CLIENTS 8

struct crowd {
	struct sandbox *sandbox;
	const char     *check_body;
	int             approved;
};

static void *
ask_many(void *context)
{
	struct crowd *one = context;
	struct client_ask asks[] = {
		{ .path = STARTS, .body = "To=%2B12025550102&Channel=sms" },
		{ .path = "/sandbox/messages" },
		{ .path = ANAS_CALL, .body = "Attributes=%7B%22n%22%3A1%7D" },
		{ .path = ANAS_CALL "/Reservations" },
		{ .path = TWILIO "/v2/Attempts" },
		{ .path = "/sandbox/tasks" },
		{ .path = CHECKS, .body = one->check_body },
	};

	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
			struct response response;

			client_answer(one->sandbox, &asks[i], &response);
			if (strcmp(asks[i].path, CHECKS) == 0 &&
			    strstr(buffer_text(&response.body), "\"approved\"") != NULL)
				one->approved++;
			response_free(&response);
		}
	return NULL;
}

static void
one_of_many_at_once_is_approved(void **state)
{
	struct client *f = *state;
	struct crowd crowd[CLIENTS];
	pthread_t threads[CLIENTS];
	char body[TEXT_SIZE];
	int approved = 0;

	assert_int_equal(client_start(f, PERSON), 201);
	snprintf(body, sizeof(body), "To=%%2B12025550101&Code=%s", f->code);
	for (size_t i = 0; i < CLIENTS; i++) {
		crowd[i] = (struct crowd){ .sandbox = f->sandbox, .check_body = body };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &crowd[i]), 0);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		approved += crowd[i].approved;
	}
	assert_int_equal(approved, 1);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL }), 200);
	assert_true(client_has_header(f, "ETag: \"160\"\r\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(the_account_and_the_api_key_are_let_in),
		CLIENT_TEST(everybody_else_is_refused_on_every_path),
		CLIENT_TEST(every_answer_has_twilios_headers),
		CLIENT_TEST(what_is_not_there_is_not_found_and_named),
		CLIENT_TEST(a_path_with_another_method_is_refused),
		CLIENT_TEST(a_broken_or_repeated_parameter_is_refused),
		CLIENT_TEST(what_cannot_be_read_whole_is_refused),
		CLIENT_TEST(a_path_is_not_taken_for_another_that_it_resembles),
		CLIENT_TEST(a_refusal_of_something_long_is_still_a_refusal),
		CLIENT_TEST(a_list_whose_own_address_cannot_be_written_is_not_answered_in_half),
		CLIENT_TEST(agents_tokens_are_valid_and_name_the_worker),
		CLIENT_TEST(other_tokens_fail_each_in_its_own_way),
		CLIENT_TEST(a_token_is_taken_from_json_only),
		CLIENT_TEST(a_customer_is_found_by_number),
		CLIENT_TEST(customers_are_shown_to_their_own_user_only),
		CLIENT_TEST(the_desk_shows_a_workers_tasks),
		CLIENT_TEST(messages_are_the_newest_first),
		CLIENT_TEST(the_clock_only_goes_forward_and_not_for_ever),
		CLIENT_TEST(a_reset_sandbox_is_as_new),
		CLIENT_TEST(each_reset_has_calls_of_its_own_even_if_the_true_time_went_back),
		CLIENT_TEST(one_of_many_at_once_is_approved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
