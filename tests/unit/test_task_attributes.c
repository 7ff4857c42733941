#include "twilio/task_attributes.h"

#include "base/clock.h"
#include "base/json.h"
#include "http/form.h"
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
#define PATH         "/v1/Workspaces/" WORKSPACE "/Tasks/" TASK " HTTP/1.1\r\n"
#define OURS         "\"ours\":{\"state\":\"approved\"}"

/* One task, and what is to go wrong with it. */
struct router {
	char        attributes[20000];
	int         version;
	const char *etag;      /* NULL: the version, in quotes; "": none */
	int         intruders; /* so many times somebody else changes it behind our reading */
	int         spoil_get, spoil_post; /* so many are answered as follows */
	int         status;    /* 0: closed, -1: closed after it was done, 200: no JSON */
	int         gets, posts;
};

static struct router router;
static struct local_twilio local;
static struct twilio_trace trace;

static bool
answer_spoiled(const struct local_request *request)
{
	if (router.status <= 0)
		return false;
	return local_answer(request, router.status, "text/html", NULL, "<h1>Hello</h1>");
}

static bool
answer_task(const struct local_request *request, const char *sid)
{
	struct json_object *task = json_new_object();
	struct buffer body;
	char headers[64] = "";
	bool sent = false;

	buffer_init(&body, 60000);
	json_add_string(task, "sid", sid);
	json_add_string(task, "workspace_sid", WORKSPACE);
	json_add_string(task, "attributes", router.attributes);
	assert_true(json_write(task, &body));
	if (router.etag == NULL)
		snprintf(headers, sizeof(headers), "ETag: \"%d\"\r\n", router.version);
	else if (router.etag[0] != '\0')
		snprintf(headers, sizeof(headers), "ETag: %s\r\n", router.etag);
	sent = local_answer(request, 200, JSON_TYPE, headers, buffer_text(&body));
	buffer_free(&body);
	json_free(task);
	return sent;
}

static bool
get(const struct local_request *request)
{
	bool sent = false;

	router.gets++;
	if (router.spoil_get > 0) {
		router.spoil_get--;
		return answer_spoiled(request);
	}
	sent = answer_task(request, TASK);
	if (router.intruders > 0) {
		router.intruders--;
		router.version++;
		snprintf(router.attributes, sizeof(router.attributes), "{\"theirs\":%d}", router.version);
	}
	return sent;
}

static void
take(const char *body)
{
	static const char *const names[] = { "Attributes", NULL };
	struct form form;

	assert_int_equal(form_read_urlencoded(&form, body, strlen(body), names), FORM_OK);
	snprintf(router.attributes, sizeof(router.attributes), "%s", form_get(&form, "Attributes"));
	router.version++;
	form_free(&form);
}

/* Bare, as Twilio's own clients send it. */
static bool
post(const struct local_request *request)
{
	const char *body = strstr(request->text, "\r\n\r\n") + 4;
	char expected[64];

	router.posts++;
	if (router.spoil_post > 0 && router.status >= 0) {
		router.spoil_post--;
		return answer_spoiled(request);
	}
	snprintf(expected, sizeof(expected), "\r\nIf-Match: %d\r\n", router.version);
	if (strstr(request->text, expected) == NULL)
		return local_answer(request, 412, JSON_TYPE, NULL, "{\"code\":20412,\"status\":412}");
	take(body);
	if (router.spoil_post > 0) {
		router.spoil_post--;
		return answer_spoiled(request);
	}
	return answer_task(request, TASK);
}

static bool
serve(void *context, const struct local_request *request)
{
	(void)context;
	if (strncmp(request->text, "GET " PATH, strlen("GET " PATH)) == 0)
		return get(request);
	if (strncmp(request->text, "POST " PATH, strlen("POST " PATH)) == 0)
		return post(request);
	return local_answer(request, 404, JSON_TYPE, NULL, "{\"code\":20404}");
}

static enum task_attributes_result
set_on(const char *task_sid)
{
	struct json_object *value = json_new_object();
	enum task_attributes_result result = TASK_ATTRIBUTES_OK;

	json_add_string(value, "state", "approved");
	result = task_attributes_set(&local.twilio, task_sid, "ours", value, local_twilio_deadline(), &trace);
	json_free(value);
	return result;
}

/* A fresh task with these attributes; the rest is as a test says. */
static enum task_attributes_result
set(const char *attributes, struct router wishes)
{
	router = wishes;
	router.version = 3;
	snprintf(router.attributes, sizeof(router.attributes), "%s", attributes);
	return set_on(TASK);
}

static void
the_attribute_is_set_and_the_others_stay_as_they_were(void **state)
{
	static const char *const cases[][2] = {
		{ "{}", "{" OURS "}" },
		{ "{\"from\":\"+12025550101\",\"n\":1e400,\"big\":123456789012345678901234567890}",
		    NULL }, /* either way, as JSON's readers differ */
		{ "{\"a\":{\"b\":[1.50,{}]},\"u\":\"\xc3\xbc\\u00fc%&=+\"}",
		    "{\"a\":{\"b\":[1.50,{}]},\"u\":\"\xc3\xbc\\u00fc%&=+\"," OURS "}" },
		{ "{\"ours\":{\"state\":\"forged\"},\"z\":1}", "{" OURS ",\"z\":1}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum task_attributes_result result = set(cases[i][0], (struct router){ 0 });

		if (cases[i][1] != NULL) {
			assert_int_equal(result, TASK_ATTRIBUTES_OK);
			assert_string_equal(router.attributes, cases[i][1]);
			assert_int_equal(router.posts, 1);
		} else if (result == TASK_ATTRIBUTES_OK) {
			assert_memory_equal(router.attributes, cases[i][0], strlen(cases[i][0]) - 1);
		} else {
			assert_string_equal(router.attributes, cases[i][0]);
		}
	}
}

static void
what_is_there_already_is_not_written_again(void **state)
{
	(void)state;
	assert_int_equal(set("{" OURS "}", (struct router){ 0 }), TASK_ATTRIBUTES_OK);
	assert_int_equal(router.posts, 0);
}

static void
what_somebody_else_wrote_meanwhile_stays(void **state)
{
	(void)state;
	assert_int_equal(set("{}", (struct router){ .intruders = 1 }), TASK_ATTRIBUTES_OK);
	assert_string_equal(router.attributes, "{\"theirs\":4," OURS "}");
	assert_int_equal(set("{}", (struct router){ .intruders = 2 }), TASK_ATTRIBUTES_OK);
	assert_string_equal(router.attributes, "{\"theirs\":5," OURS "}");

	assert_int_equal(set("{}", (struct router){ .intruders = 3 }), TASK_ATTRIBUTES_CHANGED);
	assert_string_equal(router.attributes, "{\"theirs\":6}");
	assert_int_equal(router.posts, TASK_ATTRIBUTES_ROUNDS);
	assert_int_equal(trace.twilio_code, 20412);
}

static void
attributes_that_cannot_be_changed_safely_are_left_alone(void **state)
{
	static const char *const texts[] = { "", "null", "[]", "from", "{\"a\":1", "{\"a\":1,\"a\":2}",
		"{\"ours\":1,\"ours\":2}", "{\"a\":NaN}", "{\"a\":\"\\u0000\"}" };
	static const char *const etags[] = { "", "\"\"" };
	char deep[200] = "{\"a\":";

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(set(texts[i], (struct router){ 0 }), TASK_ATTRIBUTES_UNUSABLE);
	for (size_t i = 0; i < COUNT(etags); i++)
		assert_int_equal(set("{}", (struct router){ .etag = etags[i] }), TASK_ATTRIBUTES_UNUSABLE);
	memset(deep + strlen(deep), '[', 40);
	memset(deep + strlen(deep), ']', 40);
	memcpy(deep + strlen(deep), "}", 2);
	assert_int_equal(set(deep, (struct router){ 0 }), TASK_ATTRIBUTES_UNUSABLE);
	assert_string_equal(router.attributes, deep);
	assert_int_equal(router.posts, 0);
}

static void
attributes_that_would_become_too_long_are_left_alone(void **state)
{
	static const struct {
		const char *character;
		size_t      units;
	} cases[] = { { "x", 1 }, { "\"", 2 }, { "\xc3\xbc", 1 }, { "\xf0\x9f\x98\x80", 2 } };
	size_t room = TASK_ATTRIBUTES_MAX_CHARACTERS - strlen("{\"a\":\"\"," OURS "}");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t more = 0; more < 2; more++) {
			static char text[20000];
			size_t units = 0;

			snprintf(text, sizeof(text), "{\"a\":\"");
			for (; units + cases[i].units <= room; units += cases[i].units)
				snprintf(text + strlen(text), 10, "%s%s", cases[i].units == 2 && i == 1 ? "\\" : "",
				    cases[i].character);
			snprintf(text + strlen(text), 10, "%s%s\"}", units < room ? "x" : "", more > 0 ? "x" : "");
			assert_int_equal(set(text, (struct router){ 0 }),
			    more > 0 ? TASK_ATTRIBUTES_FULL : TASK_ATTRIBUTES_OK);
			assert_int_equal(router.posts, more > 0 ? 0 : 1);
		}
}

static void
a_call_that_fails_for_a_moment_is_made_again(void **state)
{
	static const int statuses[] = { 0, 429, 503 };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		assert_int_equal(set("{}", (struct router){ .spoil_get = 1, .spoil_post = 1, .status = statuses[i] }),
		    TASK_ATTRIBUTES_OK);
		assert_string_equal(router.attributes, "{" OURS "}");
		assert_int_equal(router.version, 4);
	}
}

static void
an_update_whose_answer_was_lost_is_done_once(void **state)
{
	(void)state;
	assert_int_equal(set("{}", (struct router){ .spoil_post = 1, .status = -1 }), TASK_ATTRIBUTES_OK);
	assert_string_equal(router.attributes, "{" OURS "}");
	assert_int_equal(router.version, 4);
}

static void
a_call_that_fails_is_told_by_the_trace(void **state)
{
	static const int statuses[] = { 200, 302, 401, 404, 500, 502 };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		assert_int_equal(set("{}", (struct router){ .spoil_get = 1, .status = statuses[i] }),
		    TASK_ATTRIBUTES_FAILED);
		assert_int_equal(router.posts, 0);
		assert_int_equal(trace.http_status, statuses[i]);
		assert_int_equal(set("{}", (struct router){ .spoil_post = 1, .status = statuses[i] }),
		    TASK_ATTRIBUTES_FAILED);
		assert_int_equal(trace.http_status, statuses[i]);
		assert_string_equal(router.attributes, "{}");
	}
}

static void
what_is_no_sid_never_comes_into_a_url(void **state)
{
	(void)state;
	set("{}", (struct router){ 0 });
	router.gets = 0;
	assert_int_equal(set_on(""), TASK_ATTRIBUTES_FAILED);
	assert_int_equal(set_on("WT/../../x"), TASK_ATTRIBUTES_FAILED);
	local.twilio.workspace_sid = NULL;
	assert_int_equal(set_on(TASK), TASK_ATTRIBUTES_FAILED);
	assert_int_equal(router.gets, 0);
}

static void
every_result_has_a_name(void **state)
{
	(void)state;
	for (int i = TASK_ATTRIBUTES_OK; i <= TASK_ATTRIBUTES_FAILED; i++)
		assert_null(strchr(task_attributes_result_name((enum task_attributes_result)i), ' '));
}

static int
start(void **state)
{
	(void)state;
	local_twilio_start(&local);
	local_server_stop(local.server);
	local.server = local_server_start(serve, NULL);
	local.twilio.base_url = local_server_base(local.server);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	local_twilio_stop(&local);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_attribute_is_set_and_the_others_stay_as_they_were, start, stop),
		cmocka_unit_test_setup_teardown(what_is_there_already_is_not_written_again, start, stop),
		cmocka_unit_test_setup_teardown(what_somebody_else_wrote_meanwhile_stays, start, stop),
		cmocka_unit_test_setup_teardown(attributes_that_cannot_be_changed_safely_are_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(attributes_that_would_become_too_long_are_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(a_call_that_fails_for_a_moment_is_made_again, start, stop),
		cmocka_unit_test_setup_teardown(an_update_whose_answer_was_lost_is_done_once, start, stop),
		cmocka_unit_test_setup_teardown(a_call_that_fails_is_told_by_the_trace, start, stop),
		cmocka_unit_test_setup_teardown(what_is_no_sid_never_comes_into_a_url, start, stop),
		cmocka_unit_test(every_result_has_a_name),
	};

	return cmocka_run_group_tests_name("task_attributes", tests, NULL, NULL);
}
