#include "http/response.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECURITY_HEADERS                                                                           \
	"Cache-Control: no-store\r\n"                                                              \
	"X-Content-Type-Options: nosniff\r\n"                                                      \
	"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"                  \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"Strict-Transport-Security: max-age=31536000\r\n"

static const char plain_500[] = "{\"success\":false,\"code\":\"internal_error\",\"message\":"
    "\"The server could not answer this request. Please try again.\"}";

/* Checks the whole text of an answer and frees the response. */
static void
assert_written(struct response *response, const char *expected)
{
	struct buffer out;

	buffer_init(&out, RESPONSE_WRITTEN_MAX_BYTES);
	assert_true(response_write(response, &out));
	assert_string_equal(buffer_text(&out), expected);
	buffer_free(&out);
	response_free(response);
}

static void
assert_written_as_500(struct response *response, const char *headers)
{
	struct buffer expected;

	buffer_init(&expected, 2000);
	buffer_printf(&expected, "Status: 500 Internal Server Error\r\n" SECURITY_HEADERS
	    "%sContent-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n%s",
	    headers, strlen(plain_500), plain_500);
	assert_written(response, buffer_text(&expected));
	buffer_free(&expected);
}

static struct json_object *
object_with(const char *key, const char *value)
{
	struct json_object *object = json_new_object();

	json_add_string(object, key, value);
	return object;
}

static void
a_json_answer_has_status_headers_and_body(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	assert_true(response_header(&response, "Retry-After", "30"));
	response_json(&response, 429, object_with("code", "too_many_checks"));
	assert_int_equal(response.status, 429);
	assert_written(&response, "Status: 429 Too Many Requests\r\n" SECURITY_HEADERS
	    "Retry-After: 30\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "Content-Length: 26\r\n\r\n"
	    "{\"code\":\"too_many_checks\"}");
}

static void
every_status_has_the_security_headers(void **state)
{
	static const int statuses[] = { 200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 410, 413,
		415, 422, 429, 431, 500, 502, 503, 504, 418, 0, 999, -1 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct response response;
		struct buffer out;

		response_init(&response);
		response_text(&response, statuses[i], "text/plain", "x");
		buffer_init(&out, RESPONSE_WRITTEN_MAX_BYTES);
		assert_true(response_write(&response, &out));
		assert_non_null(strstr(buffer_text(&out), "\r\n" SECURITY_HEADERS));
		buffer_free(&out);
		response_free(&response);
	}
}

static void
a_text_answer_names_its_type_and_length(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	response_text(&response, 200, "text/html; charset=utf-8", "");
	assert_written(&response, "Status: 200 OK\r\n" SECURITY_HEADERS
	    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 0\r\n\r\n");
}

static void
an_answer_without_a_body_has_no_length_where_http_forbids_it(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	response_text(&response, 204, NULL, NULL);
	assert_written(&response, "Status: 204 No Content\r\n" SECURITY_HEADERS "\r\n");
	response_init(&response);
	response_text(&response, 304, "text/plain", "not to be sent");
	assert_written(&response, "Status: 304 Not Modified\r\n" SECURITY_HEADERS "\r\n");
	response_init(&response);
	response_text(&response, 202, NULL, NULL);
	assert_written(&response, "Status: 202 Accepted\r\n" SECURITY_HEADERS
	    "Content-Length: 0\r\n\r\n");
}

static void
an_answer_nobody_gave_is_a_plain_500(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	assert_written_as_500(&response, "");
	response_init(&response);
	assert_true(response_header(&response, "Vary", "Origin"));
	assert_written_as_500(&response, "Vary: Origin\r\n");
}

static void
an_answer_that_cannot_be_made_is_a_plain_500(void **state)
{
	char large[RESPONSE_BODY_MAX_BYTES + 2] = "";
	struct response response;

	(void)state;
	response_init(&response);
	response_json(&response, 200, NULL);
	assert_int_equal(response.status, 500);
	assert_written_as_500(&response, "");

	memset(large, 'x', sizeof(large) - 1);
	response_init(&response);
	response_text(&response, 200, "text/plain", large);
	assert_int_equal(response.status, 500);
	assert_written_as_500(&response, "");

	response_init(&response);
	response_json(&response, 200, object_with("large", large));
	assert_written_as_500(&response, "");

	response_init(&response);
	response_text(&response, 200, "text/plain\r\nX-Accel-Redirect: /etc/passwd", "x");
	assert_written_as_500(&response, "");
}

static void
a_status_that_is_none_is_a_plain_500(void **state)
{
	static const int statuses[] = { 0, -1, 99, 100, 199, 600, 2000 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct response response;

		response_init(&response);
		response_text(&response, statuses[i], "text/plain", "x");
		assert_written_as_500(&response, "");
	}
}

static void
the_last_answer_counts(void **state)
{
	struct response response;

	(void)state;
	response_init(&response);
	response_json(&response, 200, object_with("customer", "data"));
	response_text(&response, 403, "text/plain", "no");
	assert_written(&response, "Status: 403 Forbidden\r\n" SECURITY_HEADERS
	    "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");
	response_init(&response);
	response_text(&response, 200, "text/plain", "yes");
	response_json(&response, 200, NULL);
	assert_written_as_500(&response, "");
}

static void
a_header_that_could_forge_others_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} cases[] = {
		{ "X-A", "a\r\nX-Accel-Redirect: /etc/passwd" },
		{ "X-A", "a\nb" },
		{ "X-A", "a\rb" },
		{ "X-A", "a\tb" },
		{ "X-A", "a\x7f" },
		{ "X-A", "\xc3\xa4" },
		{ "X-A", "a\x01" },
		{ "X A", "a" },
		{ "X-A:", "a" },
		{ "X-A\r\nX-B", "a" },
		{ "", "a" },
		{ "\xc3\xa4", "a" },
	};
	struct response response;

	(void)state;
	response_init(&response);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(response_header(&response, cases[i].name, cases[i].value));
	assert_true(response_header(&response, "X-A", "a b"));
	response_text(&response, 204, NULL, NULL);
	assert_written(&response,
	    "Status: 204 No Content\r\n" SECURITY_HEADERS "X-A: a b\r\n\r\n");
}

static void
a_header_cannot_be_set_twice_nor_one_that_is_not_the_callers(void **state)
{
	static const char *const names[] = { "X-A", "x-a", "Cache-Control", "cache-control",
		"Content-Security-Policy", "Content-Type", "Content-Length", "Status", "Location",
		"X-Accel-Redirect" };
	struct response response;

	(void)state;
	response_init(&response);
	assert_true(response_header(&response, "X-A", "1"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(response_header(&response, names[i], "2"));
	assert_true(response_header(&response, "X-AB", "3"));
	assert_true(response_header(&response, "A", "X-B: 4"));
	assert_true(response_header(&response, "X-B", "5"));
	response_text(&response, 204, NULL, NULL);
	assert_written(&response, "Status: 204 No Content\r\n" SECURITY_HEADERS
	    "X-A: 1\r\nX-AB: 3\r\nA: X-B: 4\r\nX-B: 5\r\n\r\n");
}

static void
more_headers_than_fit_make_a_plain_500_without_them(void **state)
{
	char value[RESPONSE_HEADERS_MAX_BYTES] = "";
	struct response response;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	response_init(&response);
	assert_true(response_header(&response, "X-A", "1"));
	assert_false(response_header(&response, "X-B", value));
	response_text(&response, 200, "text/plain", "x");
	assert_written_as_500(&response, "");
}

static void
an_answer_is_written_whole_or_not_at_all(void **state)
{
	struct response response;
	struct buffer out;
	size_t length = 0;

	(void)state;
	response_init(&response);
	response_json(&response, 200, object_with("a", "b"));
	buffer_init(&out, RESPONSE_WRITTEN_MAX_BYTES);
	assert_true(response_write(&response, &out));
	length = out.length;
	buffer_free(&out);
	for (size_t max = 0; max <= length; max++) {
		buffer_init(&out, max);
		assert_true(response_write(&response, &out) == (max == length));
		buffer_free(&out);
	}
	response_free(&response);
}

static void
the_largest_answer_fits(void **state)
{
	char *body = calloc(1, RESPONSE_BODY_MAX_BYTES + 1);
	char value[RESPONSE_HEADERS_MAX_BYTES - 6] = "";
	struct response response;
	struct buffer out;

	(void)state;
	memset(body, 'x', RESPONSE_BODY_MAX_BYTES);
	memset(value, 'x', sizeof(value) - 1);
	response_init(&response);
	assert_true(response_header(&response, "X", value));
	response_text(&response, 431, "application/json; charset=utf-8", body);
	buffer_init(&out, RESPONSE_WRITTEN_MAX_BYTES);
	assert_true(response_write(&response, &out));
	assert_non_null(strstr(buffer_text(&out), "Content-Length: 524288\r\n\r\nx"));
	buffer_free(&out);
	response_free(&response);
	free(body);
}

static void
count_up(void *counter)
{
	++*(int *)counter;
}

static void
add_hundred(void *counter)
{
	*(int *)counter += 100;
}

static void
work_that_was_left_is_done_once_and_its_context_freed_once(void **state)
{
	struct response response;
	int done = 0, skipped = 0, replaced = 0;

	(void)state;
	response_init(&response);
	response_after(&response, count_up, &replaced, add_hundred);
	response_after(&response, count_up, &done, add_hundred);
	assert_int_equal(done, 0);
	response_work_now(&response);
	response_work_now(&response);
	response_free(&response);
	assert_int_equal(done, 101);
	assert_int_equal(replaced, 100);

	response_init(&response);
	response_after(&response, count_up, &skipped, add_hundred);
	response_free(&response);
	assert_int_equal(skipped, 100);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_json_answer_has_status_headers_and_body),
		cmocka_unit_test(every_status_has_the_security_headers),
		cmocka_unit_test(a_text_answer_names_its_type_and_length),
		cmocka_unit_test(an_answer_without_a_body_has_no_length_where_http_forbids_it),
		cmocka_unit_test(an_answer_nobody_gave_is_a_plain_500),
		cmocka_unit_test(an_answer_that_cannot_be_made_is_a_plain_500),
		cmocka_unit_test(a_status_that_is_none_is_a_plain_500),
		cmocka_unit_test(the_last_answer_counts),
		cmocka_unit_test(a_header_that_could_forge_others_is_refused),
		cmocka_unit_test(a_header_cannot_be_set_twice_nor_one_that_is_not_the_callers),
		cmocka_unit_test(more_headers_than_fit_make_a_plain_500_without_them),
		cmocka_unit_test(an_answer_is_written_whole_or_not_at_all),
		cmocka_unit_test(work_that_was_left_is_done_once_and_its_context_freed_once),
		cmocka_unit_test(the_largest_answer_fits),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
