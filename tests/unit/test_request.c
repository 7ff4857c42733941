#include "http/request.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define VARIABLES_MAX 16
#define ID "0123456789abcdef0123456789abcdef"

static const struct request_rules post_only = { .methods = REQUEST_POST };

/* Reads a request of these variables and body, arrived whole. */
static enum request_result
read_with(const struct request_rules *rules, const char *const *variables, const char *body,
    struct request *request)
{
	static char copies[VARIABLES_MAX][REQUEST_TOKEN_MAX_BYTES + 64];
	static char *pointers[VARIABLES_MAX + 1];
	struct request_input input = { .variables = pointers, .body = body,
		.body_length = strlen(body), .arrival = REQUEST_COMPLETE };
	size_t count = 0;

	for (; variables[count] != NULL; count++) {
		assert_true(count < VARIABLES_MAX && strlen(variables[count]) < sizeof(copies[0]));
		memcpy(copies[count], variables[count], strlen(variables[count]) + 1);
		pointers[count] = copies[count];
	}
	pointers[count] = NULL;
	return request_read(&input, rules, request);
}

#define READ(request, rules, body, ...)                                                            \
	read_with(rules, (const char *const[]){ __VA_ARGS__, NULL }, body, request)

#define POST_FORM                                                                                  \
	"REQUEST_METHOD=POST", "REMOTE_ADDR=192.0.2.7",                                            \
	    "CONTENT_TYPE=application/x-www-form-urlencoded"

static void
assert_result(enum request_result actual, enum request_result expected)
{
	assert_string_equal(request_result_name(actual), request_result_name(expected));
}

static int
waited_since(const char *start)
{
	struct request request;
	char variable[64];

	snprintf(variable, sizeof(variable), "REQUEST_START=%s", start);
	READ(&request, &post_only, "task=a", POST_FORM, variable);
	return request.waited_ms;
}

static int
waited_for(double seconds)
{
	char start[32];

	snprintf(start, sizeof(start), "%.3f", (double)clock_now_ms() / 1000 - seconds);
	return waited_since(start);
}

static void
the_wait_is_known_by_the_web_servers_clock(void **state)
{
	(void)state;
	assert_in_range(waited_for(1.5), 1490, 60000);
	assert_in_range(waited_for(0), 0, 30000);
}

static void
a_senseless_start_is_none(void **state)
{
	static const char *const starts[] = { "", "yesterday", "-1", "0", "1.2.3", "nan", "inf", "1e400", "0x10",
		" 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		assert_int_equal(waited_since(starts[i]), 0);
	assert_int_equal(waited_for(-60), 0);
	assert_int_equal(waited_for(3600), 0);
}

static void
a_whole_request_is_read_into_its_members(void **state)
{
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "task=a", POST_FORM,
	    "DOCUMENT_URI=/start-verify", "QUERY_STRING=", "HTTP_ORIGIN=https://crm.example",
	    "HTTP_AUTHORIZATION=Bearer abc.DEF-1", "REMOTE_USER=ana", "REQUEST_ID=" ID,
	    "HTTP_IF_MATCH=\"3\""), REQUEST_OK);
	assert_int_equal(request.method, REQUEST_POST);
	assert_int_equal(request.body_type, REQUEST_BODY_FORM);
	assert_string_equal(request.path, "/start-verify");
	assert_string_equal(request.query, "");
	assert_string_equal(request.origin, "https://crm.example");
	assert_string_equal(request.bearer_token, "abc.DEF-1");
	assert_string_equal(request.remote_addr, "192.0.2.7");
	assert_string_equal(request.remote_user, "ana");
	assert_string_equal(request.id, ID);
	assert_int_equal(request.body_length, 6);
	assert_string_equal(request_variable(&request, "HTTP_IF_MATCH"), "\"3\"");
	assert_null(request_variable(&request, "HTTP_IF"));
}

static void
what_was_not_sent_is_null_or_empty(void **state)
{
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=POST", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=", "CONTENT_LENGTH=", "REMOTE_USER="), REQUEST_OK);
	assert_int_equal(request.body_type, REQUEST_BODY_NONE);
	assert_null(request.origin);
	assert_null(request.bearer_token);
	assert_null(request.remote_user);
	assert_string_equal(request.path, "");
	assert_string_equal(request.query, "");
}

static void
the_path_is_script_name_where_there_is_no_document_uri(void **state)
{
	struct request request;

	(void)state;
	READ(&request, &post_only, "", POST_FORM, "SCRIPT_NAME=/check-verify");
	assert_string_equal(request.path, "/check-verify");
}

static void
missing_variables_make_a_request_incomplete(void **state)
{
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=POST"), REQUEST_INCOMPLETE);
	assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=POST", "REMOTE_ADDR="),
	    REQUEST_INCOMPLETE);
	assert_result(READ(&request, &post_only, "", "REMOTE_ADDR=::1"), REQUEST_INCOMPLETE);
	assert_result(READ(&request, &post_only, "", "REMOTE_ADDR=::1", "REQUEST_METHODS=POST"),
	    REQUEST_INCOMPLETE);
	assert_result(read_with(&post_only, (const char *const[]){ NULL }, "", &request),
	    REQUEST_INCOMPLETE);
}

static void
a_body_that_did_not_arrive_whole_is_refused(void **state)
{
	char *variables[] = { (char[]){ "REQUEST_METHOD=POST" }, (char[]){ "REMOTE_ADDR=::1" },
		(char[]){ "CONTENT_TYPE=application/json" }, NULL };
	struct request_input input = { .variables = variables, .body = "", .body_length = 0 };
	struct request request;

	(void)state;
	input.arrival = REQUEST_TRUNCATED;
	assert_result(request_read(&input, &post_only, &request), REQUEST_INCOMPLETE);
	assert_int_equal(request.method, REQUEST_POST);
	input.arrival = REQUEST_TOO_LARGE;
	assert_result(request_read(&input, &post_only, &request), REQUEST_BODY_TOO_LARGE);
	input.arrival = REQUEST_COMPLETE;
	assert_result(request_read(&input, &post_only, &request), REQUEST_OK);
}

static void
only_listed_methods_are_read(void **state)
{
	static const struct {
		const char         *variable;
		enum request_method method;
		enum request_result result;
	} cases[] = {
		{ "REQUEST_METHOD=POST", REQUEST_POST, REQUEST_OK },
		{ "REQUEST_METHOD=DELETE", REQUEST_DELETE, REQUEST_OK },
		{ "REQUEST_METHOD=OPTIONS", REQUEST_OPTIONS, REQUEST_OK },
		{ "REQUEST_METHOD=GET", REQUEST_GET, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=HEAD", REQUEST_HEAD, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=PUT", REQUEST_OTHER, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=TRACE", REQUEST_OTHER, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=FOO", REQUEST_OTHER, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=post", REQUEST_OTHER, REQUEST_METHOD_NOT_ALLOWED },
		{ "REQUEST_METHOD=POSTS", REQUEST_OTHER, REQUEST_METHOD_NOT_ALLOWED },
	};
	static const struct request_rules rules = { .methods = REQUEST_POST | REQUEST_DELETE };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request;

		assert_result(READ(&request, &rules, "", cases[i].variable, "REMOTE_ADDR=::1"),
		    cases[i].result);
		assert_int_equal(request.method, cases[i].method);
	}
}

static void
an_unknown_method_is_refused_even_when_every_bit_is_allowed(void **state)
{
	static const struct request_rules any = { .methods = ~0U };
	struct request request;

	(void)state;
	assert_result(READ(&request, &any, "", "REQUEST_METHOD=TRACE", "REMOTE_ADDR=::1"),
	    REQUEST_METHOD_NOT_ALLOWED);
}

static void
a_query_is_refused_unless_the_program_has_a_use_for_it(void **state)
{
	static const struct request_rules with_query = { .methods = REQUEST_GET,
		.query_allowed = true };
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "", POST_FORM, "QUERY_STRING=Token=x"),
	    REQUEST_QUERY_NOT_ALLOWED);
	assert_result(READ(&request, &with_query, "", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "QUERY_STRING=phone=%2B12025550101"), REQUEST_OK);
	assert_string_equal(request.query, "phone=%2B12025550101");
}

static void
a_repeated_header_is_refused(void **state)
{
	static const char *const names[] = { "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "CONTENT_TYPE",
		"HTTP_CONTENT_TYPE", "REMOTE_USER" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char variable[64] = "";
		struct request request;

		snprintf(variable, sizeof(variable), "%s=application/json", names[i]);
		assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=POST",
		    "REMOTE_ADDR=::1", variable), REQUEST_OK);
		assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=POST", variable,
		    "REMOTE_ADDR=::1", variable), REQUEST_REPEATED_HEADER);
		assert_null(request.origin);
		assert_null(request.bearer_token);
	}
}

static void
headers_of_no_importance_may_come_twice(void **state)
{
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "", POST_FORM, "HTTP_X=1", "HTTP_X=2",
	    "HTTP_ORIGIN_=a", "HTTP_ORIGIN_=b"), REQUEST_OK);
	assert_string_equal(request_variable(&request, "HTTP_X"), "1");
}

static void
only_one_printable_word_is_an_origin(void **state)
{
	static const struct {
		const char         *variable;
		enum request_result result;
	} cases[] = {
		{ "HTTP_ORIGIN=https://crm.example", REQUEST_OK },
		{ "HTTP_ORIGIN=null", REQUEST_OK },
		{ "HTTP_ORIGIN=", REQUEST_MALFORMED_HEADER },
		{ "HTTP_ORIGIN=https://a.example, https://b.example", REQUEST_MALFORMED_HEADER },
		{ "HTTP_ORIGIN=https://a.example,https://b.example", REQUEST_MALFORMED_HEADER },
		{ "HTTP_ORIGIN=https://a.example https://b.example", REQUEST_MALFORMED_HEADER },
		{ "HTTP_ORIGIN=https://\xc3\xa4.example", REQUEST_MALFORMED_HEADER },
		{ "HTTP_ORIGIN=https://a.example\x7f", REQUEST_MALFORMED_HEADER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request;

		assert_result(READ(&request, &post_only, "", POST_FORM, cases[i].variable),
		    cases[i].result);
		assert_true((request.origin != NULL) == (cases[i].result == REQUEST_OK));
	}
}

static void
only_one_printable_word_is_a_bearer_token(void **state)
{
	static const struct {
		const char         *value;
		enum request_result result;
		const char         *token;
	} cases[] = {
		{ "Bearer abc", REQUEST_OK, "abc" },
		{ "bearer abc", REQUEST_OK, "abc" },
		{ "BEARER   abc", REQUEST_OK, "abc" },
		{ "Bearer a,b~!=", REQUEST_OK, "a,b~!=" },
		{ "", REQUEST_OK, NULL },
		{ "Basic dXNlcjpwYXNz", REQUEST_OK, NULL },
		{ "Bearerabc", REQUEST_OK, NULL },
		{ "Bear abc", REQUEST_OK, NULL },
		{ "Bearer", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer ", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer\tabc", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer abc def", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer abc, Bearer def", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer abc ", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer a\x01", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer \xc3\xa4", REQUEST_MALFORMED_HEADER, NULL },
		{ "Bearer a\x7f", REQUEST_MALFORMED_HEADER, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char variable[64] = "";
		struct request request;

		snprintf(variable, sizeof(variable), "HTTP_AUTHORIZATION=%s", cases[i].value);
		assert_result(READ(&request, &post_only, "", POST_FORM, variable),
		    cases[i].result);
		if (cases[i].token == NULL)
			assert_null(request.bearer_token);
		else
			assert_string_equal(request.bearer_token, cases[i].token);
	}
}

static void
a_token_may_have_the_maximum_and_not_a_byte_more(void **state)
{
	static const char prefix[] = "HTTP_AUTHORIZATION=Bearer ";
	char variable[sizeof(prefix) + REQUEST_TOKEN_MAX_BYTES + 1] = "";
	struct request request;

	(void)state;
	memset(variable, 'x', sizeof(variable));
	memcpy(variable, prefix, sizeof(prefix) - 1);
	variable[sizeof(prefix) - 1 + REQUEST_TOKEN_MAX_BYTES] = '\0';
	assert_result(READ(&request, &post_only, "", POST_FORM, variable), REQUEST_OK);
	assert_int_equal(strlen(request.bearer_token), REQUEST_TOKEN_MAX_BYTES);
	variable[sizeof(prefix) - 1 + REQUEST_TOKEN_MAX_BYTES] = 'x';
	variable[sizeof(prefix) + REQUEST_TOKEN_MAX_BYTES] = '\0';
	assert_result(READ(&request, &post_only, "", POST_FORM, variable), REQUEST_TOKEN_TOO_LONG);
	assert_null(request.bearer_token);
}

static void
a_posted_body_is_a_form_or_json(void **state)
{
	static const struct {
		const char            *type;
		enum request_body_type body_type;
	} cases[] = {
		{ "application/x-www-form-urlencoded", REQUEST_BODY_FORM },
		{ "application/x-www-form-urlencoded; charset=UTF-8", REQUEST_BODY_FORM },
		{ "application/x-www-form-urlencoded;charset=\"utf-8\"", REQUEST_BODY_FORM },
		{ "APPLICATION/JSON", REQUEST_BODY_JSON },
		{ "application/json ; profile=x; Charset=Utf-8", REQUEST_BODY_JSON },
		{ "application/json;", REQUEST_BODY_JSON },
		{ "application/json; charset=iso-8859-1", REQUEST_BODY_OTHER },
		{ "application/json; charset=utf-8; charset=utf-16", REQUEST_BODY_OTHER },
		{ "application/json; charset=utf-80", REQUEST_BODY_OTHER },
		{ "application/json; charset=", REQUEST_BODY_OTHER },
		{ "application/json; charset=\"", REQUEST_BODY_OTHER },
		{ "application/json, text/plain", REQUEST_BODY_OTHER },
		{ "application/json text/plain", REQUEST_BODY_OTHER },
		{ "application/jsonp", REQUEST_BODY_OTHER },
		{ "application/problem+json", REQUEST_BODY_OTHER },
		{ "multipart/form-data; boundary=x", REQUEST_BODY_OTHER },
		{ "text/plain", REQUEST_BODY_OTHER },
		{ "", REQUEST_BODY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool fine = cases[i].body_type != REQUEST_BODY_OTHER;
		char variable[96] = "";
		struct request request;

		snprintf(variable, sizeof(variable), "CONTENT_TYPE=%s", cases[i].type);
		assert_result(READ(&request, &post_only, "a=b", "REQUEST_METHOD=POST",
		    "REMOTE_ADDR=::1", variable, "HTTP_CONTENT_TYPE=application/json"),
		    fine ? REQUEST_OK : REQUEST_TYPE_NOT_SUPPORTED);
		assert_int_equal(request.body_type, cases[i].body_type);
	}
}

static void
a_type_matters_only_where_there_is_a_body(void **state)
{
	static const struct request_rules rules = { .methods = REQUEST_GET | REQUEST_POST };
	struct request request;

	(void)state;
	assert_result(READ(&request, &rules, "", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=text/plain"), REQUEST_OK);
	assert_result(READ(&request, &rules, "x", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=text/plain"), REQUEST_TYPE_NOT_SUPPORTED);
	assert_result(READ(&request, &rules, "", "REQUEST_METHOD=POST", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=text/plain"), REQUEST_TYPE_NOT_SUPPORTED);
}

static void
an_id_of_another_form_is_replaced(void **state)
{
	static const char *const ids[] = { "REQUEST_ID=", "REQUEST_ID=0123",
		"REQUEST_ID=0123456789ABCDEF0123456789ABCDEF",
		"REQUEST_ID=" ID "0", "REQUEST_ID=0123456789abcdef0123456789abcde\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct request request;
		struct request other;

		READ(&request, &post_only, "", POST_FORM, ids[i]);
		READ(&other, &post_only, "", POST_FORM, ids[i]);
		assert_int_equal(strlen(request.id), REQUEST_ID_SIZE - 1);
		assert_int_equal(strspn(request.id, "0123456789abcdef"), REQUEST_ID_SIZE - 1);
		assert_string_not_equal(request.id, other.id);
	}
}

static void
the_first_reason_in_the_order_of_http_counts(void **state)
{
	struct request request;

	(void)state;
	/* Every fault at once, and one less each time. */
	assert_result(READ(&request, &post_only, "x", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=a/b", "QUERY_STRING=x", "HTTP_ORIGIN=a", "HTTP_ORIGIN=b"),
	    REQUEST_REPEATED_HEADER);
	assert_result(READ(&request, &post_only, "x", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=a/b", "QUERY_STRING=x", "HTTP_AUTHORIZATION=Bearer"),
	    REQUEST_METHOD_NOT_ALLOWED);
	assert_result(READ(&request, &post_only, "x", "REQUEST_METHOD=POST", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=a/b", "QUERY_STRING=x", "HTTP_AUTHORIZATION=Bearer"),
	    REQUEST_QUERY_NOT_ALLOWED);
	assert_result(READ(&request, &post_only, "x", "REQUEST_METHOD=POST", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=a/b", "HTTP_AUTHORIZATION=Bearer"), REQUEST_MALFORMED_HEADER);
	assert_result(READ(&request, &post_only, "x", "REQUEST_METHOD=POST", "REMOTE_ADDR=::1",
	    "CONTENT_TYPE=a/b"), REQUEST_TYPE_NOT_SUPPORTED);
}

static void
a_refused_request_still_tells_method_and_origin(void **state)
{
	struct request request;

	(void)state;
	assert_result(READ(&request, &post_only, "", "REQUEST_METHOD=GET", "REMOTE_ADDR=::1",
	    "HTTP_ORIGIN=https://crm.example"), REQUEST_METHOD_NOT_ALLOWED);
	assert_int_equal(request.method, REQUEST_GET);
	assert_string_equal(request.origin, "https://crm.example");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_request_is_read_into_its_members),
		cmocka_unit_test(what_was_not_sent_is_null_or_empty),
		cmocka_unit_test(the_path_is_script_name_where_there_is_no_document_uri),
		cmocka_unit_test(missing_variables_make_a_request_incomplete),
		cmocka_unit_test(a_body_that_did_not_arrive_whole_is_refused),
		cmocka_unit_test(only_listed_methods_are_read),
		cmocka_unit_test(an_unknown_method_is_refused_even_when_every_bit_is_allowed),
		cmocka_unit_test(a_query_is_refused_unless_the_program_has_a_use_for_it),
		cmocka_unit_test(a_repeated_header_is_refused),
		cmocka_unit_test(headers_of_no_importance_may_come_twice),
		cmocka_unit_test(only_one_printable_word_is_an_origin),
		cmocka_unit_test(only_one_printable_word_is_a_bearer_token),
		cmocka_unit_test(a_token_may_have_the_maximum_and_not_a_byte_more),
		cmocka_unit_test(a_posted_body_is_a_form_or_json),
		cmocka_unit_test(a_type_matters_only_where_there_is_a_body),
		cmocka_unit_test(an_id_of_another_form_is_replaced),
		cmocka_unit_test(the_first_reason_in_the_order_of_http_counts),
		cmocka_unit_test(a_refused_request_still_tells_method_and_origin),
		cmocka_unit_test(the_wait_is_known_by_the_web_servers_clock),
		cmocka_unit_test(a_senseless_start_is_none),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
