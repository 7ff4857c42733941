#include "twilio/taskrouter.h"

#include "base/json.h"
#include "local_twilio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TASK         "WT" ZEROS_31 "1"
#define OTHER_TASK   "WT" ZEROS_31 "2"
#define WORKER       "WK" ZEROS_31 "1"
#define OTHER_WORKER "WK" ZEROS_31 "2"
#define CALL         "CA" ZEROS_31 "1"
#define CONFERENCE   "CF" ZEROS_31 "1"
#define CONVERSATION "CH" ZEROS_31 "1"
#define PATH         "GET /v1/Workspaces/" WORKSPACE "/Tasks/" TASK

static struct local_twilio local;
static struct taskrouter_task task;
static struct taskrouter_hold hold;
static struct twilio_trace trace;

static enum twilio_result
fetch(const char *task_sid, const char *worker_sid)
{
	const struct taskrouter_worker worker = { .sid = worker_sid };

	taskrouter_task_free(&task);
	return taskrouter_fetch(&local.twilio, task_sid, worker_sid != NULL ? &worker : NULL, local_twilio_deadline(),
	    &task, &hold, &trace);
}

static enum twilio_result
fetch_by_name(const char *name)
{
	const struct taskrouter_worker worker = { .name = name };

	taskrouter_task_free(&task);
	return taskrouter_fetch(&local.twilio, TASK, &worker, local_twilio_deadline(), &task, &hold, &trace);
}

static void
serve(int task_status, const char *task_body, int list_status, const char *list_body)
{
	const struct local_route routes[] = {
		{ PATH "/Reservations?", list_status, JSON_TYPE, NULL, list_body },
		{ PATH " ", task_status, JSON_TYPE, "ETag: \"3\"\r\n", task_body },
		{ NULL, 0, NULL, NULL, NULL },
	};

	local_server_routes(local.server, routes);
}

/* A task in which one member may be another: NULL leaves it out, else it is JSON. */
static const char *
task_with(const char *key, const char *json)
{
	static char body[8192];
	static const char *const members[][2] = {
		{ "sid", "\"" TASK "\"" },
		{ "workspace_sid", "\"" WORKSPACE "\"" },
		{ "assignment_status", "\"assigned\"" },
		{ "task_channel_unique_name", "\"voice\"" },
		{ "attributes", "\"{\\\"from\\\":\\\"" CUSTOMER "\\\",\\\"call_sid\\\":\\\"" CALL "\\\"}\"" },
		{ "age", "25200" },
		{ "links", "{\"reservations\":\"https://taskrouter.twilio.com/v1/x\"}" },
	};
	size_t length = 0;

	for (size_t i = 0; i < COUNT(members); i++) {
		const char *value = strcmp(members[i][0], key) == 0 ? json : members[i][1];

		if (value != NULL)
			length += (size_t)snprintf(body + length, sizeof(body) - length, "%s\"%s\":%s",
			    length == 0 ? "{" : ",", members[i][0], value);
	}
	snprintf(body + length, sizeof(body) - length, "}");
	return body;
}

/* The same with these attributes, given as JSON that is put into the string. */
static const char *
task_with_attributes(const char *attributes)
{
	char text[4096];
	size_t length = 0;

	text[length++] = '"';
	for (const char *c = attributes; *c != '\0' && length < sizeof(text) - 4; c++) {
		if (*c == '"' || *c == '\\')
			text[length++] = '\\';
		text[length++] = *c;
	}
	text[length++] = '"';
	text[length] = '\0';
	return task_with("attributes", text);
}

#define RESERVATION(worker, of_task, status) \
	"{\"sid\":\"WR" ZEROS_31 "1\",\"worker_sid\":\"" worker "\",\"task_sid\":\"" of_task \
	"\",\"worker_name\":\"ana\",\"reservation_status\":\"" status "\",\"links\":{\"task\":\"https://x\"}}"
#define RESERVATIONS(items) "{\"reservations\":[" items "],\"meta\":{\"key\":\"reservations\",\"page\":0}}"
#define HELD                RESERVATIONS(RESERVATION(WORKER, TASK, "accepted"))

/* ---- requests ---- */

static void
task_and_reservations_are_asked_for_at_once(void **state)
{
	const char *one = NULL, *other = NULL;

	(void)state;
	serve(200, task_with("", NULL), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_int_equal(local_server_requests(local.server), 2);
	one = local_server_request(local.server, 1);
	other = local_server_request(local.server, 2);
	if (strncmp(one, PATH " ", strlen(PATH " ")) != 0) {
		other = one;
		one = local_server_request(local.server, 2);
	}
	assert_int_equal(strncmp(one, PATH " HTTP/1.1\r\n", strlen(PATH " HTTP/1.1\r\n")), 0);
	assert_non_null(strstr(other, PATH "/Reservations?PageSize=50&WorkerSid=" WORKER " HTTP/1.1\r\n"));
	assert_int_equal(trace.http_status, 200);
}

static void
without_a_worker_only_the_task_is_asked_for(void **state)
{
	(void)state;
	serve(200, task_with("", NULL), 200, HELD);
	assert_int_equal(fetch(TASK, NULL), TWILIO_OK);
	assert_int_equal(local_server_requests(local.server), 1);
	assert_string_equal(task.sid, TASK);
	assert_false(hold.held);
}

static void
what_is_no_sid_never_comes_into_a_url(void **state)
{
	(void)state;
	serve(200, task_with("", NULL), 200, HELD);
	assert_int_equal(fetch("", WORKER), TWILIO_NOT_FOUND);
	assert_int_equal(fetch("WT1", WORKER), TWILIO_NOT_FOUND);
	assert_int_equal(fetch(WORKER, WORKER), TWILIO_NOT_FOUND);
	assert_int_equal(fetch("WT../../../../../../../../../../..", WORKER), TWILIO_NOT_FOUND);
	assert_int_equal(fetch(TASK, ""), TWILIO_NOT_FOUND);
	assert_int_equal(fetch(TASK, TASK), TWILIO_NOT_FOUND);
	local.twilio.workspace_sid = "WS/../x";
	assert_int_equal(fetch(TASK, WORKER), TWILIO_SETUP);
	local.twilio.workspace_sid = NULL;
	assert_int_equal(fetch(TASK, WORKER), TWILIO_SETUP);
	assert_int_equal(local_server_requests(local.server), 0);
}

/* ---- the task ---- */

static void
an_inbound_call_is_read(void **state)
{
	(void)state;
	serve(200, task_with_attributes("{\"from\":\"" CUSTOMER "\",\"to\":\"+12025550100\",\"direction\":\"inbound\","
	    "\"call_sid\":\"" CALL "\",\"name\":\"" CUSTOMER "\",\"priority\":1,"
	    "\"conference\":{\"sid\":\"" CONFERENCE "\",\"participants\":{\"worker\":\"" CALL "\"}}}"), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(task.sid, TASK);
	assert_string_equal(task.assignment_status, "assigned");
	assert_string_equal(task.channel, "voice");
	assert_string_equal(task.call_sid, CALL);
	assert_string_equal(task.conference_sid, CONFERENCE);
	assert_string_equal(task.direction, "inbound");
	assert_string_equal(task.from, CUSTOMER);
	assert_string_equal(task.outbound_to, "");
	assert_string_equal(task.conversation_sid, "");
	assert_string_equal(json_get_string(task.attributes, "name"), CUSTOMER);
}

static void
an_outbound_call_and_a_conversation_are_read(void **state)
{
	(void)state;
	serve(200, task_with_attributes("{\"direction\":\"outbound\",\"outbound_to\":\"" CUSTOMER "\","
	    "\"from\":\"+12025550100\"}"), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(task.direction, "outbound");
	assert_string_equal(task.outbound_to, CUSTOMER);

	serve(200, task_with_attributes("{\"customerAddress\":\"whatsapp:" CUSTOMER "\",\"channelType\":\"whatsapp\","
	    "\"conversationSid\":\"" CONVERSATION "\",\"channelSid\":\"CH" ZEROS_31 "9\"}"), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(task.customer_address, "whatsapp:" CUSTOMER);
	assert_string_equal(task.channel_type, "whatsapp");
	assert_string_equal(task.conversation_sid, CONVERSATION);

	serve(200, task_with_attributes("{\"conversationSid\":7,\"channelSid\":\"" CONVERSATION "\"}"), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(task.conversation_sid, CONVERSATION);
}

static void
attributes_of_another_type_or_length_are_left_out(void **state)
{
	char attributes[1024];
	char longest[256];

	(void)state;
	memset(longest, 'x', 255);
	longest[255] = '\0';
	snprintf(attributes, sizeof(attributes), "{\"from\":\"%s\",\"outbound_to\":12025550101,\"call_sid\":\"CA1\","
	    "\"conference\":\"" CONFERENCE "\",\"conversationSid\":\"" CALL "\",\"direction\":[\"inbound\"],"
	    "\"customerAddress\":null,\"channelType\":\"0123456789012345678901234567890123\"}", longest);
	serve(200, task_with_attributes(attributes), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(task.from, "");
	assert_string_equal(task.outbound_to, "");
	assert_string_equal(task.call_sid, "");
	assert_string_equal(task.conference_sid, "");
	assert_string_equal(task.conversation_sid, "");
	assert_string_equal(task.direction, "");
	assert_string_equal(task.customer_address, "");
	assert_string_equal(task.channel_type, "");
	assert_non_null(json_get_string(task.attributes, "from"));
}

static void
attributes_that_are_no_json_object_are_empty(void **state)
{
	static const char *const texts[] = { "null", NULL, "7", "\"\"", "\"null\"", "\"[]\"", "\"from\"", "\"{\"",
		"{\"from\":\"" CUSTOMER "\"}", "\"{\\\"from\\\":\\\"+1\\\",\\\"from\\\":\\\"+2\\\"}\"",
		"\"{\\\"from\\\":\\\"\\\\u0000\\\"}\"", "\"{} {}\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		serve(200, task_with("attributes", texts[i]), 200, HELD);
		assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
		assert_non_null(task.attributes);
		assert_int_equal(json_length(task.attributes), 0);
		assert_string_equal(task.from, "");
	}
}

static void
a_task_that_is_not_the_one_asked_for_is_a_bad_answer(void **state)
{
	static const char *const cases[][2] = {
		{ "sid", "\"" OTHER_TASK "\"" }, { "sid", NULL }, { "sid", "null" }, { "sid", "[\"" TASK "\"]" },
		{ "workspace_sid", "\"WS" ZEROS_31 "2\"" }, { "workspace_sid", NULL }, { "workspace_sid", "1" },
		{ "assignment_status", NULL }, { "assignment_status", "null" },
		{ "assignment_status", "\"assigned-long-ago\"" }, { "assignment_status", "true" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(200, task_with(cases[i][0], cases[i][1]), 200, HELD);
		if (fetch(TASK, WORKER) != TWILIO_BAD_ANSWER)
			fail_msg("%s: %s was taken", cases[i][0], cases[i][1]);
		assert_null(task.attributes);
		assert_string_equal(task.sid, "");
		assert_false(hold.held);
	}
}

/* ---- who holds it ---- */

static void
accepted_and_wrapping_hold_and_nothing_else_does(void **state)
{
	static const struct {
		const char *list;
		bool        held;
	} cases[] = {
		{ HELD, true },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "wrapping")), true },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "timeout") "," RESERVATION(WORKER, TASK, "accepted")), true },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "accepted") "," RESERVATION(WORKER, TASK, "rejected")), true },
		{ RESERVATIONS(""), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "pending")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "rejected")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "timeout")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "canceled")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "rescinded")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "completed")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "Accepted")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "")), false },
		{ RESERVATIONS(RESERVATION(OTHER_WORKER, TASK, "accepted")), false },
		{ RESERVATIONS(RESERVATION(WORKER, OTHER_TASK, "accepted")), false },
		{ RESERVATIONS(RESERVATION(WORKER, TASK, "pending") "," RESERVATION(OTHER_WORKER, TASK, "accepted")),
		    false },
		{ RESERVATIONS("{\"reservation_status\":\"accepted\"}"), false },
		{ RESERVATIONS("{\"worker_sid\":\"" WORKER "\",\"task_sid\":\"" TASK
		    "\",\"reservation_status\":[\"accepted\"]}"), false },
		{ RESERVATIONS("{}"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(200, task_with("", NULL), 200, cases[i].list);
		assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
		if (hold.held != cases[i].held)
			fail_msg("held %d by %s", hold.held, cases[i].list);
	}
}

static void
the_worker_s_name_comes_with_the_reservation(void **state)
{
	(void)state;
	serve(200, task_with("", NULL), 200, HELD);
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(hold.worker_name, "ana");
	serve(200, task_with("", NULL), 200, RESERVATIONS(RESERVATION(OTHER_WORKER, TASK, "accepted")));
	assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
	assert_string_equal(hold.worker_name, "");
}

static void
by_name_all_reservations_are_asked_for_and_exactly_that_worker_s_count(void **state)
{
	static const struct {
		const char *name;
		bool        held;
	} cases[] = {
		{ "ana", true }, { "Ana", false }, { "an", false }, { "ana ", false }, { "ana@example.com", false },
		{ WORKER, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(200, task_with("", NULL), 200, HELD);
		assert_int_equal(fetch_by_name(cases[i].name), TWILIO_OK);
		if (hold.held != cases[i].held)
			fail_msg("held %d by %s", hold.held, cases[i].name);
		assert_string_equal(hold.worker_name, cases[i].held ? "ana" : "");
		for (int n = 1; n <= 2; n++)
			assert_null(strstr(local_server_request(local.server, n), "WorkerSid"));
	}
	serve(200, task_with("", NULL), 200, RESERVATIONS(RESERVATION(WORKER, TASK, "pending")));
	assert_int_equal(fetch_by_name("ana"), TWILIO_OK);
	assert_false(hold.held);
	serve(200, task_with("", NULL), 200, RESERVATIONS(RESERVATION(WORKER, OTHER_TASK, "accepted")));
	assert_int_equal(fetch_by_name("ana"), TWILIO_OK);
	assert_false(hold.held);
	serve(200, task_with("", NULL), 200, RESERVATIONS("{\"worker_name\":null,\"worker_sid\":\"" WORKER
	    "\",\"task_sid\":\"" TASK "\",\"reservation_status\":\"accepted\"}"));
	assert_int_equal(fetch_by_name("ana"), TWILIO_OK);
	assert_false(hold.held);
	assert_int_equal(fetch_by_name(""), TWILIO_NOT_FOUND);
}

static void
a_list_that_is_none_is_a_bad_answer(void **state)
{
	static const char *const bodies[] = { "{}", "{\"reservations\":null}", "{\"reservations\":{}}",
		"{\"reservations\":\"accepted\"}", "{\"reservations\":[null]}", "{\"reservations\":[\"accepted\"]}",
		"{\"reservations\":[[]]}", "[]", "", "{\"tasks\":[]}" };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		serve(200, task_with("", NULL), 200, bodies[i]);
		if (fetch(TASK, WORKER) != TWILIO_BAD_ANSWER)
			fail_msg("%s was taken", bodies[i]);
		assert_null(task.attributes);
		assert_false(hold.held);
	}
}

static void
either_refusal_refuses_both_and_is_traced(void **state)
{
	static const struct {
		int                task_status, list_status;
		const char        *task_body, *list_body;
		enum twilio_result result;
		int                traced;
	} cases[] = {
		{ 404, 404, "{\"code\":20404}", "{\"code\":20404}", TWILIO_NOT_FOUND, 404 },
		{ 404, 200, "{\"code\":20404}", HELD, TWILIO_NOT_FOUND, 404 },
		{ 200, 404, NULL, "{\"code\":20404}", TWILIO_NOT_FOUND, 404 },
		{ 200, 401, NULL, "{\"code\":20003}", TWILIO_CREDENTIALS, 401 },
		{ 500, 401, "", "{\"code\":20003}", TWILIO_FAILED, 500 },
		{ 200, 500, NULL, "", TWILIO_FAILED, 500 },
		{ 302, 200, "", HELD, TWILIO_BAD_ANSWER, 302 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(cases[i].task_status, cases[i].task_body != NULL ? cases[i].task_body : task_with("", NULL),
		    cases[i].list_status, cases[i].list_body);
		assert_int_equal(fetch(TASK, WORKER), cases[i].result);
		assert_int_equal(trace.http_status, cases[i].traced);
		assert_null(task.attributes);
		assert_false(hold.held);
	}
}

/* The answer to one of the two is lost on its way, each in turn. */
static bool
lose_first_of(void *context, const struct local_request *request)
{
	const char *lost = context;
	bool is_list = strstr(request->text, "/Reservations?") != NULL;

	if (strstr(request->text, lost) != NULL && request->number <= 2)
		return false;
	return local_answer(request, 200, JSON_TYPE, NULL, is_list ? HELD : task_with("", NULL));
}

static void
only_the_call_that_needs_it_is_repeated(void **state)
{
	static char list[] = "/Reservations?", alone[] = "Tasks/" TASK " HTTP";
	char *const lost[] = { list, alone };

	(void)state;
	for (size_t i = 0; i < COUNT(lost); i++) {
		struct local_server *server = local_server_start(lose_first_of, lost[i]);

		local.twilio.base_url = local_server_base(server);
		assert_int_equal(fetch(TASK, WORKER), TWILIO_OK);
		assert_true(hold.held);
		assert_int_equal(local_server_requests(server), 3);
		assert_non_null(strstr(local_server_request(server, 3), lost[i]));
		local_server_stop(server);
	}
}

static void
a_workspace_is_there_when_its_tasks_can_be_listed(void **state)
{
	static const struct {
		int                status;
		const char        *body;
		enum twilio_result result;
	} cases[] = {
		{ 200, "{\"tasks\":[],\"meta\":{}}", TWILIO_OK },
		{ 200, "{\"tasks\":[{\"sid\":\"" TASK "\"}]}", TWILIO_OK },
		{ 200, "{\"tasks\":null}", TWILIO_BAD_ANSWER },
		{ 200, "{}", TWILIO_BAD_ANSWER },
		{ 404, "{\"code\":20404}", TWILIO_NOT_FOUND },
		{ 403, "{\"code\":70051}", TWILIO_CREDENTIALS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, cases[i].status, JSON_TYPE, cases[i].body);
		assert_int_equal(taskrouter_probe(&local.twilio, local_twilio_deadline(), &trace), cases[i].result);
		assert_int_equal(trace.http_status, cases[i].status);
		assert_non_null(strstr(local_server_request(local.server, 1),
		    "GET /v1/Workspaces/" WORKSPACE "/Tasks?PageSize=1 HTTP/1.1\r\n"));
	}
	local.twilio.workspace_sid = NULL;
	assert_int_equal(taskrouter_probe(&local.twilio, local_twilio_deadline(), &trace), TWILIO_SETUP);
}

static int
set_up(void **state)
{
	(void)state;
	local_twilio_start(&local);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	taskrouter_task_free(&task);
	local_twilio_stop(&local);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(task_and_reservations_are_asked_for_at_once),
		TEST(without_a_worker_only_the_task_is_asked_for),
		TEST(what_is_no_sid_never_comes_into_a_url),
		TEST(an_inbound_call_is_read),
		TEST(an_outbound_call_and_a_conversation_are_read),
		TEST(attributes_of_another_type_or_length_are_left_out),
		TEST(attributes_that_are_no_json_object_are_empty),
		TEST(a_task_that_is_not_the_one_asked_for_is_a_bad_answer),
		TEST(accepted_and_wrapping_hold_and_nothing_else_does),
		TEST(the_worker_s_name_comes_with_the_reservation),
		TEST(by_name_all_reservations_are_asked_for_and_exactly_that_worker_s_count),
		TEST(a_list_that_is_none_is_a_bad_answer),
		TEST(either_refusal_refuses_both_and_is_traced),
		TEST(only_the_call_that_needs_it_is_repeated),
		TEST(a_workspace_is_there_when_its_tasks_can_be_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
