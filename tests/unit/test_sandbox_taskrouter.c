#include "sandbox_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The attributes of the task in the answer; the caller's to free. */
static struct json_object *
attributes_of(struct client *f)
{
	const char *text = client_text(f, "attributes");
	struct json_object *attributes = NULL;

	assert_int_equal(json_parse(text, strlen(text), 16, &attributes), JSON_OK);
	return attributes;
}

static void
a_task_has_its_attributes_as_text_and_its_version_as_etag(void **state)
{
	struct client *f = *state;
	struct json_object *attributes = NULL;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL }), 200);
	assert_true(client_has_header(f, "ETag: \"0\"\r\n"));
	assert_string_equal(client_text(f, "assignment_status"), "assigned");
	assert_string_equal(client_text(f, "task_channel_unique_name"), "voice");
	assert_int_equal(json_length(f->json), 24);
	attributes = attributes_of(f);
	assert_string_equal(json_get_string(attributes, "from"), PERSON);
	assert_true(strncmp(json_get_string(attributes, "call_sid"), "CA", 2) == 0);
	assert_int_equal(strlen(json_get_string(attributes, "call_sid")), 34);
	json_free(attributes);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASK("0002") }), 200);
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
		{ NULL, 200 }, { "1", 200 }, { "\"2\"", 200 }, { "*", 200 }, { "", 200 },
		    { "4", 412 }, { "\"4\"", 412 },
		{ "5x", 412 }, { "abc", 412 }, { "-5", 412 }, { "\"5", 412 }, { "5", 200 },
		    { "5", 412 },
	};
	struct client *f = *state;
	int version = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char etag[TEXT_SIZE];

		client_ask(f, (struct client_ask){ .path = ANAS_CALL,
		    .body = "Attributes=%7B%22n%22%3A1%7D", .if_match = rows[i].if_match });
		if (rows[i].status == 412) {
			client_assert_error(f, 412, 20412);
			continue;
		}
		assert_int_equal(f->response.status, 200);
		snprintf(etag, sizeof(etag), "ETag: \"%d\"\r\n", ++version);
		assert_true(client_has_header(f, etag));
		assert_string_equal(client_text(f, "attributes"), "{\"n\":1}");
	}
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL }), 200);
	assert_true(client_has_header(f, "ETag: \"6\"\r\n"));
}

/* {"x":"ccc..."} with that many characters in all, form-encoded; the caller's to free. */
static char *
attributes_body(size_t characters, const char *character)
{
	return client_repeat("Attributes=%7B%22x%22%3A%22", character, characters - 8, "%22%7D");
}

static void
attributes_are_a_json_object_of_at_most_4096_characters(void **state)
{
	static const char *const bad[] = { "Attributes=no", "Attributes=%5B%5D", "Attributes=1",
	    "Attributes=%7B",
		"Attributes=%7B%22a%22%3A1%7D%7B%7D" };
	struct client *f = *state;
	char *longest = attributes_body(4096, "x"), *too_long = attributes_body(4097, "x");
	char *umlauts = attributes_body(1500, "%C3%A4");

	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = longest }),
	    200);
	assert_int_equal(strlen(client_text(f, "attributes")), 4096);
	client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = too_long });
	client_assert_error(f, 400, 20001);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = umlauts }),
	    200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = bad[i] });
		client_assert_error(f, 400, 20001);
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
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		client_ask(f, (struct client_ask){ .path = rows[i].path, .body = rows[i].body });
		client_assert_error(f, 400, 20001);
	}
}

/* The reservations of a task by filter; the first one's status. */
static const char *
reservation_status(struct client *f, const char *path, const char *query, size_t count)
{
	struct json_object *list = NULL;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = path, .query = query }), 200);
	list = json_get_array(f->json, "reservations");
	assert_int_equal(json_length(list), count);
	return count == 0 ? "" : json_get_string(json_item(list, 0), "reservation_status");
}

static void
a_reservation_follows_its_task_to_the_end(void **state)
{
	struct client *f = *state;

	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "accepted");
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL,
	    .body = "Priority=7" }), 200);
	assert_int_equal(client_number(f, "priority"), 7);
	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "accepted");
	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL,
	    .body = "AssignmentStatus=wrapping" }), 200);
	assert_string_equal(reservation_status(f, ANAS_CALL "/Reservations", NULL, 1), "wrapping");
	assert_int_equal(
	    client_ask(f, (struct client_ask){ .path = ANAS_CALL,
	    .body = "AssignmentStatus=completed&Reason=done" }), 200);
	assert_string_equal(client_text(f, "reason"), "done");
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
	struct client *f = *state;
	struct json_object *first = NULL;
	char path[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(path, sizeof(path), "%s/Reservations", rows[i].task);
		assert_string_equal(reservation_status(f, path, rows[i].query, rows[i].count),
		    rows[i].status);
	}
	client_ask(f, (struct client_ask){ .path = ANAS_CALL "/Reservations",
	    .query = "ReservationStatus=held" });
	client_assert_error(f, 400, 20001);
	reservation_status(f, ANAS_CALL "/Reservations", NULL, 1);
	first = json_item(json_get_array(f->json, "reservations"), 0);
	assert_string_equal(json_get_string(first, "worker_name"), "Ana");
	assert_string_equal(json_get_string(first, "worker_sid"), ANA);
	assert_int_equal(json_length(first), 11);
	snprintf(path, sizeof(path), ANAS_CALL "/Reservations/%s", json_get_string(first, "sid"));
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	assert_true(client_has_header(f, "ETag: \"0\"\r\n"));
	assert_string_equal(client_text(f, "worker_sid"), ANA);
	assert_int_equal(
	    client_ask(f, (struct client_ask){ .path =
	    ANAS_CALL "/Reservations/WR00000000000000000000000000009999" }), 404);
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
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_object *one = NULL, *other = NULL;

		assert_int_equal(client_ask(f, (struct client_ask){ .path = rows[i].one }), 200);
		assert_string_equal(client_text(f, "assignment_status"), "completed");
		one = attributes_of(f);
		assert_int_equal(client_ask(f, (struct client_ask){ .path = rows[i].other }), 200);
		assert_string_equal(client_text(f, "assignment_status"), "assigned");
		other = attributes_of(f);
		assert_string_equal(json_get_string(one, rows[i].key),
		    json_get_string(other, rows[i].key));
		json_free(one);
		json_free(other);
	}
}

static void
tasks_are_listed(void **state)
{
	struct client *f = *state;
	size_t all = 0, completed = 0;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASKS,
	    .query = "PageSize=200" }), 200);
	all = json_length(json_get_array(f->json, "tasks"));
	assert_in_range(all, 80, SANDBOX_TASKS_MAX);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASKS,
	    .query = "AssignmentStatus=completed,canceled" }), 200);
	completed = json_length(json_get_array(f->json, "tasks"));
	assert_int_equal(completed, 4);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASKS }), 200);
	assert_int_equal(json_length(json_get_array(f->json, "tasks")), 50);
}

static void
a_list_is_of_a_status_a_priority_and_a_page(void **state)
{
	static const struct {
		const char *path, *query;
		size_t      count;
	} rows[] = {
		{ TASKS, "Priority=7", 1 },
		{ TASKS, "Priority=8", 0 },
		{ TASKS, "AssignmentStatus=assigned&Priority=7", 1 },
		{ TASKS, "AssignmentStatus=pending&Priority=7", 0 },
		{ TASKS, "PageSize=3&Page=1", 3 },
		{ TASK("1024") "/Reservations", "PageSize=1&Page=1", 1 },
		{ TASK("1024") "/Reservations", "PageSize=1&Page=2", 0 },
	};
	static const char *const bad[] = { "PageSize=0", "PageSize=1001", "PageSize=2x", "Page=-1", "Page=1000001" };
	struct client *f = *state;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = ANAS_CALL, .body = "Priority=7" }), 200);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_object *meta = NULL;

		assert_int_equal(client_ask(f, (struct client_ask){ .path = rows[i].path, .query = rows[i].query }),
		    200);
		meta = json_get_object(f->json, "meta");
		assert_int_equal(json_length(json_get_array(f->json, json_get_string(meta, "key"))), rows[i].count);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		client_ask(f, (struct client_ask){ .path = TASKS, .query = bad[i] });
		client_assert_error(f, 400, 20001);
		client_ask(f, (struct client_ask){ .path = ANAS_CALL "/Reservations", .query = bad[i] });
		client_assert_error(f, 400, 20001);
	}
	/* A page has at most 200 here, whatever Twilio would allow. */
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASKS, .query = "PageSize=1000" }), 200);
	assert_non_null(strstr(json_get_string(json_get_object(f->json, "meta"), "url"), "PageSize=200&"));
}

static void
a_task_that_a_client_makes_rings_at_ana_s_in_its_own_channel(void **state)
{
	static const struct {
		const char *body, *channel, *attributes;
	} rows[] = {
		{ "WorkflowSid=" SANDBOX_WORKFLOW_SID, "default", "{}" },
		{ "WorkflowSid=" SANDBOX_WORKFLOW_SID "&TaskChannel=voice&Attributes=%7B%22n%22%3A1%7D", "voice",
		    "{\"n\":1}" },
		{ "WorkflowSid=" SANDBOX_WORKFLOW_SID "&TaskChannel=carrier-pigeon", "default", "{}" },
	};
	struct client *f = *state;
	char path[TEXT_SIZE], sid[SANDBOX_SID_SIZE] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(client_ask(f, (struct client_ask){ .path = TASKS, .body = rows[i].body }), 201);
		assert_true(client_has_header(f, "ETag: \"0\"\r\n"));
		assert_string_equal(client_text(f, "assignment_status"), "reserved");
		assert_string_equal(client_text(f, "task_channel_unique_name"), rows[i].channel);
		assert_string_equal(client_text(f, "attributes"), rows[i].attributes);
		assert_string_not_equal(client_text(f, "sid"), sid);
		snprintf(sid, sizeof(sid), "%s", client_text(f, "sid"));
		snprintf(path, sizeof(path), TASKS "/%s/Reservations", sid);
		assert_string_equal(reservation_status(f, path, "WorkerSid=" ANA, 1), "pending");
	}
}

static void
a_task_without_workflow_or_with_bad_attributes_is_not_made(void **state)
{
	static const char *const bodies[] = { "", "WorkflowSid=WW00000000000000000000000000000002",
		"WorkflowSid=" SANDBOX_WORKFLOW_SID "&Attributes=%5B%5D" };
	struct client *f = *state;
	char *too_long = attributes_body(4097, "x"), *body = NULL;
	int status = 201;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		client_ask(f, (struct client_ask){ .path = TASKS, .body = bodies[i] });
		client_assert_error(f, 400, 20001);
	}
	assert_true(asprintf(&body, "WorkflowSid=" SANDBOX_WORKFLOW_SID "&%s", too_long) > 0);
	client_ask(f, (struct client_ask){ .path = TASKS, .body = body });
	client_assert_error(f, 400, 20001);
	while (status == 201)
		status = client_ask(f, (struct client_ask){ .path = TASKS,
		    .body = "WorkflowSid=" SANDBOX_WORKFLOW_SID });
	client_assert_error(f, 500, 20500);
	free(too_long);
	free(body);
}

static void
another_workspace_or_task_is_not_found(void **state)
{
	static const char *const paths[] = { "/Tasks", "/Tasks/WT00000000000000000000000000000001",
		"/Tasks/WT00000000000000000000000000000001/Reservations",
		"/Tasks/WT00000000000000000000000000000001/Reservations/WR00000000000000000000000000000011" };
	struct client *f = *state;
	char path[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(path, sizeof(path), TWILIO "/v1/Workspaces/WS00000000000000000000000000000002%s", paths[i]);
		client_ask(f, (struct client_ask){ .path = path });
		client_assert_error(f, 404, 20404);
		/* Only the first two take a POST. */
		client_ask(f, (struct client_ask){ .path = path, .body = "Priority=1" });
		assert_int_equal(f->response.status, i < 2 ? 404 : 405);
	}
	client_ask(f, (struct client_ask){ .path = TASK("9999"), .body = "Priority=1" });
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path = TASK("9999") "/Reservations/WR00000000000000000000000000000011" });
	client_assert_error(f, 404, 20404);
	client_ask(f, (struct client_ask){ .path = TASK("3503"), .body = "Priority=1" });
	assert_int_equal(f->response.status, 503);
}

static void
a_reservation_follows_only_into_wrap_up_and_the_end(void **state)
{
	struct client *f = *state;

	/* Wrapping as it is, it is not taken back to its holder. */
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASK("1013"),
	    .body = "AssignmentStatus=assigned" }), 200);
	assert_string_equal(reservation_status(f, TASK("1013") "/Reservations", NULL, 1), "wrapping");
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASK("1013"),
	    .body = "AssignmentStatus=completed&Reason=done" }), 200);
	assert_string_equal(reservation_status(f, TASK("1013") "/Reservations", NULL, 1), "completed");
	/* What was rejected stays so. */
	assert_int_equal(client_ask(f, (struct client_ask){ .path = TASK("1018"),
	    .body = "AssignmentStatus=canceled&Reason=gone" }), 200);
	assert_string_equal(reservation_status(f, TASK("1018") "/Reservations", "WorkerSid=" ANA, 1), "rejected");
	assert_string_equal(reservation_status(f, TASK("1018") "/Reservations", "WorkerSid=" BEN, 1), "canceled");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_task_has_its_attributes_as_text_and_its_version_as_etag),
		CLIENT_TEST(an_update_counts_the_version_and_holds_only_if_it_matches),
		CLIENT_TEST(attributes_are_a_json_object_of_at_most_4096_characters),
		CLIENT_TEST(a_change_that_taskrouter_does_not_allow_is_refused),
		CLIENT_TEST(a_reservation_follows_its_task_to_the_end),
		CLIENT_TEST(reservations_are_listed_by_status_and_worker),
		CLIENT_TEST(tasks_of_one_call_or_conversation_share_its_sid),
		CLIENT_TEST(tasks_are_listed),
		CLIENT_TEST(a_list_is_of_a_status_a_priority_and_a_page),
		CLIENT_TEST(a_task_that_a_client_makes_rings_at_ana_s_in_its_own_channel),
		CLIENT_TEST(a_task_without_workflow_or_with_bad_attributes_is_not_made),
		CLIENT_TEST(another_workspace_or_task_is_not_found),
		CLIENT_TEST(a_reservation_follows_only_into_wrap_up_and_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
