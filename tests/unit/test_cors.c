#include "http/cors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const allowed[] = { "https://crm.example", "http://localhost:8080", NULL };
static const char *const nobody[] = { NULL };

static void
only_an_exactly_listed_origin_is_allowed(void **state)
{
	static const struct {
		const char *origin;
		bool        is_allowed;
	} cases[] = {
		{ "https://crm.example", true },
		{ "http://localhost:8080", true },
		{ "https://crm.example.evil.example", false },
		{ "https://crm.exampl", false },
		{ "https://CRM.example", false },
		{ "http://crm.example", false },
		{ "https://crm.example:443", false },
		{ "https://crm.example/", false },
		{ "https://evil.example", false },
		{ "https://crm.example, https://crm.example", false },
		{ "http://localhost:8081", false },
		{ "*", false },
		{ "null", false },
		{ "", false },
		{ NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(cors_origin_allowed(allowed, cases[i].origin) == cases[i].is_allowed);
		assert_false(cors_origin_allowed(nobody, cases[i].origin));
		assert_false(cors_origin_allowed(NULL, cases[i].origin));
	}
}

static void
null_is_not_allowed_even_when_listed(void **state)
{
	static const char *const listed[] = { "null", "*", NULL };

	(void)state;
	assert_false(cors_origin_allowed(listed, "null"));
	assert_false(cors_origin_allowed(listed, "https://crm.example"));
}

static void
an_allowed_origin_may_read_the_answer_and_others_may_not(void **state)
{
	static const struct {
		const char *origin;
		const char *headers;
	} cases[] = {
		{ "https://crm.example",
		    "Vary: Origin\r\nAccess-Control-Allow-Origin: https://crm.example\r\n" },
		{ "https://evil.example", "Vary: Origin\r\n" },
		{ "null", "Vary: Origin\r\n" },
		{ NULL, "Vary: Origin\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = { .origin = cases[i].origin };
		struct response response;

		response_init(&response);
		cors_apply(&response, &request, allowed);
		assert_string_equal(buffer_text(&response.headers), cases[i].headers);
		assert_int_equal(response.status, 0);
		response_free(&response);
	}
}

static void
a_preflight_of_an_allowed_origin_is_told_what_it_may_send(void **state)
{
	struct request request = { .method = REQUEST_OPTIONS, .origin = "http://localhost:8080" };
	struct response response;

	(void)state;
	response_init(&response);
	cors_preflight(&response, &request, allowed);
	assert_int_equal(response.status, 204);
	assert_string_equal(buffer_text(&response.headers),
	    "Vary: Origin\r\n"
	    "Access-Control-Allow-Origin: http://localhost:8080\r\n"
	    "Access-Control-Allow-Methods: POST\r\n"
	    "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
	    "Access-Control-Max-Age: 600\r\n");
	assert_int_equal(response.body.length, 0);
	response_free(&response);
}

static void
a_preflight_of_any_other_origin_is_told_nothing(void **state)
{
	static const char *const origins[] = { "https://evil.example", "null", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		struct request request = { .method = REQUEST_OPTIONS, .origin = origins[i] };
		struct response response;

		response_init(&response);
		cors_preflight(&response, &request, allowed);
		assert_int_equal(response.status, 403);
		assert_string_equal(buffer_text(&response.headers), "Vary: Origin\r\n");
		assert_non_null(strstr(buffer_text(&response.body), "\"origin_not_allowed\""));
		response_free(&response);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_exactly_listed_origin_is_allowed),
		cmocka_unit_test(null_is_not_allowed_even_when_listed),
		cmocka_unit_test(an_allowed_origin_may_read_the_answer_and_others_may_not),
		cmocka_unit_test(a_preflight_of_an_allowed_origin_is_told_what_it_may_send),
		cmocka_unit_test(a_preflight_of_any_other_origin_is_told_nothing),
	};

	return cmocka_run_group_tests_name("cors", tests, NULL, NULL);
}
