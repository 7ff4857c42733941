/* What all calls to Twilio have in common, tried with a fetch (may be repeated) and a check (may not). */
#include "twilio/twilio.h"

#include "base/clock.h"
#include "local_twilio.h"
#include "twilio/flex_token.h"
#include "twilio/taskrouter.h"
#include "twilio/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VERIFICATION "VE" ZEROS_31 "1"
#define TASK         "WT" ZEROS_31 "1"
#define GOOD         "{\"sid\":\"" VERIFICATION "\",\"service_sid\":\"" SERVICE "\",\"to\":\"" CUSTOMER \
                     "\",\"channel\":\"sms\",\"status\":\"pending\"}"

static struct local_twilio local;
static struct verify_answer answer;
static struct twilio_trace trace;

static enum twilio_result
fetch(void)
{
	return verify_fetch(&local.twilio, VERIFICATION, CUSTOMER, local_twilio_deadline(), &answer, &trace);
}

static enum twilio_result
check(void)
{
	return verify_check(&local.twilio, VERIFICATION, CUSTOMER, "123456", local_twilio_deadline(), &answer, &trace);
}

static void
assert_result(enum twilio_result result, enum twilio_result expected, const char *about)
{
	if (result != expected)
		fail_msg("%s instead of %s for %s", twilio_result_name(result), twilio_result_name(expected), about);
}

/* ---- SIDs ---- */

static void
a_sid_is_its_prefix_and_32_hex_digits(void **state)
{
	(void)state;
	assert_true(twilio_sid_valid("VA00000000000000000000000000000001", "VA"));
	assert_true(twilio_sid_valid("VAabcdef0123456789abcdef0123456789", "VA"));
	assert_true(twilio_sid_valid("VAABCDEF0123456789ABCDEF0123456789", "VA"));
}

static void
anything_else_is_no_sid(void **state)
{
	static const char *const texts[] = { "", "V", "VA", "VA0", "VA0000000000000000000000000000001",
		"VA000000000000000000000000000000011", "va00000000000000000000000000000001",
		"VE00000000000000000000000000000001", "VA0000000000000000000000000000000g",
		"VA0000000000000000000000000000000/", "VA../Services/0000000000000000000",
		"VA0000000000000000000000000000000\n", "VA00000000000000000000000000000001\n",
		" VA00000000000000000000000000000001", "VA000000000000000000000000000000%30" };

	(void)state;
	assert_false(twilio_sid_valid(NULL, "VA"));
	for (size_t i = 0; i < COUNT(texts); i++)
		if (twilio_sid_valid(texts[i], "VA"))
			fail_msg("'%s' is taken for a SID", texts[i]);
}

/* ---- hosts and credentials ---- */

/* A proxy that is asked for a tunnel learns the host, and nothing leaves this machine. */
static void
each_api_has_its_own_host(void **state)
{
	struct local_server *proxy = local_server_start(NULL, NULL);
	const struct http_client_options options = { .connect_timeout_ms = 3000, .proxy = local_server_base(proxy) };
	struct http_client *direct = local.twilio.http;
	struct taskrouter_task task;
	struct taskrouter_hold hold;
	struct flex_token token;

	(void)state;
	local.twilio.http = http_client_new(&options);
	local.twilio.base_url = NULL;
	assert_int_equal(check(), TWILIO_UNREACHABLE);
	assert_non_null(strstr(local_server_request(proxy, 1), "CONNECT verify.twilio.com:443 HTTP/1.1\r\n"));
	assert_int_equal(flex_token_validate(&local.twilio, "token", local_twilio_deadline(), &token, NULL),
	    TWILIO_UNREACHABLE);
	assert_non_null(strstr(local_server_request(proxy, 2), "CONNECT iam.twilio.com:443 HTTP/1.1\r\n"));
	assert_int_equal(taskrouter_fetch(&local.twilio, TASK, NULL, local_twilio_deadline(), &task, &hold, NULL),
	    TWILIO_UNREACHABLE);
	assert_non_null(strstr(local_server_request(proxy, 4), "CONNECT taskrouter.twilio.com:443 HTTP/1.1\r\n"));

	http_client_free(local.twilio.http);
	local.twilio.http = direct;
	local_server_stop(proxy);
}

static void
a_base_url_goes_before_every_path(void **state)
{
	static const char *const paths[] = { "", "/", "/sandbox/twilio", "/sandbox/twilio/" };
	static const char *const lines[] = { "GET /v2/Services/", "GET /v2/Services/",
		"GET /sandbox/twilio/v2/Services/", "GET /sandbox/twilio/v2/Services/" };
	char base[128];

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		snprintf(base, sizeof(base), "%s%s", local_server_base(local.server), paths[i]);
		local.twilio.base_url = base;
		local_twilio_answer(&local, 200, JSON_TYPE, GOOD);
		assert_int_equal(fetch(), TWILIO_OK);
		assert_int_equal(strncmp(local_server_request(local.server, 1), lines[i], strlen(lines[i])), 0);
	}
}

static void
a_base_url_that_is_not_allowed_is_a_matter_of_setup(void **state)
{
	(void)state;
	local.twilio.base_url = "http://example.com";
	assert_int_equal(fetch(), TWILIO_SETUP);
	assert_int_equal(check(), TWILIO_SETUP);
}

#define BASIC_KEY     "\r\nAuthorization: Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzZWNyZXQ=\r\n"
#define BASIC_ACCOUNT "\r\nAuthorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpoaWRkZW4=\r\n"

static void
the_api_key_is_used_but_for_tokens_if_there_is_an_auth_token(void **state)
{
	static const struct {
		const char *auth_token, *api_key_sid, *verify, *iam;
	} cases[] = {
		{ "hidden", API_KEY, BASIC_KEY, BASIC_ACCOUNT },
		{ NULL, API_KEY, BASIC_KEY, BASIC_KEY },
		{ "hidden", NULL, BASIC_ACCOUNT, BASIC_ACCOUNT },
	};
	struct flex_token token;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local.twilio.auth_token = cases[i].auth_token;
		local.twilio.api_key_sid = cases[i].api_key_sid;
		local_twilio_answer(&local, 200, JSON_TYPE, GOOD);
		assert_int_equal(fetch(), TWILIO_OK);
		(void)flex_token_validate(&local.twilio, "token", local_twilio_deadline(), &token, NULL);
		assert_non_null(strstr(local_server_request(local.server, 1), cases[i].verify));
		assert_non_null(strstr(local_server_request(local.server, 2), cases[i].iam));
	}
}

static void
without_credentials_nothing_is_asked(void **state)
{
	struct flex_token token;

	(void)state;
	local.twilio.api_key_secret = NULL;
	local_twilio_answer(&local, 200, JSON_TYPE, GOOD);
	assert_int_equal(fetch(), TWILIO_CREDENTIALS);
	assert_int_equal(check(), TWILIO_CREDENTIALS);
	assert_int_equal(flex_token_validate(&local.twilio, "token", local_twilio_deadline(), &token, NULL),
	    TWILIO_CREDENTIALS);
	assert_int_equal(local_server_requests(local.server), 0);
	assert_int_equal(trace.duration_ms, 0);
	assert_int_equal(trace.retry_after_s, -1);
}

/* ---- answers ---- */

static void
an_answer_that_is_not_a_json_object_is_a_bad_one(void **state)
{
	static const struct {
		int         status;
		const char *content_type, *body;
	} cases[] = {
		{ 200, "text/html", "<html><body>Welcome to the airport network</body></html>" },
		{ 200, "text/html", GOOD },
		{ 200, NULL, GOOD },
		{ 200, "text/plain", GOOD },
		{ 200, JSON_TYPE, "" },
		{ 204, NULL, "" },
		{ 200, JSON_TYPE, "<html></html>" },
		{ 200, JSON_TYPE, "[" GOOD "]" },
		{ 200, JSON_TYPE, "null" },
		{ 200, JSON_TYPE, "\"approved\"" },
		{ 200, JSON_TYPE, "{\"sid\":\"VE00000000" },
		{ 200, JSON_TYPE, GOOD GOOD },
		{ 200, JSON_TYPE, "{\"status\":\"pending\",\"status\":\"approved\"}" },
		{ 200, JSON_TYPE, "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}" },
		{ 301, JSON_TYPE, GOOD },
		{ 302, JSON_TYPE, GOOD },
		{ 304, JSON_TYPE, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, cases[i].status, cases[i].content_type, cases[i].body);
		assert_result(fetch(), TWILIO_BAD_ANSWER, cases[i].body);
		assert_result(check(), TWILIO_BAD_ANSWER, cases[i].body);
		assert_int_equal(answer.status, VERIFY_OTHER);
		assert_int_equal(local_server_requests(local.server), 2);
	}
}

static void
any_2xx_status_is_a_success(void **state)
{
	static const int statuses[] = { 200, 201, 202 };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		local_twilio_answer(&local, statuses[i], "application/json;charset=utf-8", GOOD);
		assert_int_equal(check(), TWILIO_OK);
		assert_int_equal(trace.http_status, statuses[i]);
	}
}

static void
a_refusal_is_read_from_its_code_if_it_has_one(void **state)
{
	static const struct {
		int                status;
		const char        *content_type, *body;
		enum twilio_result result;
		int                code;
	} cases[] = {
		{ 429, JSON_TYPE, "{\"code\":60202,\"message\":\"Max check attempts reached\",\"status\":429}",
		    TWILIO_TOO_MANY_CHECKS, 60202 },
		{ 404, JSON_TYPE, "{\"code\":20404,\"message\":\"not found\",\"more_info\":\"\",\"status\":404}",
		    TWILIO_NOT_FOUND, 20404 },
		{ 400, "application/problem+json", "{\"type\":\"t\",\"title\":\"t\",\"status\":400,\"code\":60200}",
		    TWILIO_BAD_PARAMETER, 60200 },
		{ 401, JSON_TYPE, "{\"code\":20003,\"detail\":\"Your AccountSid or AuthToken was incorrect.\"}",
		    TWILIO_CREDENTIALS, 20003 },
		{ 404, "text/html", "<html>{\"code\":60202}</html>", TWILIO_NOT_FOUND, 0 },
		{ 404, "text/html", "{\"code\":60202}", TWILIO_NOT_FOUND, 0 },
		{ 400, JSON_TYPE, "{\"code\":\"60202\"}", TWILIO_REFUSED, 0 },
		{ 400, JSON_TYPE, "{\"code\":-60202}", TWILIO_REFUSED, 0 },
		{ 400, JSON_TYPE, "{\"code\":4294907498}", TWILIO_REFUSED, 0 },
		{ 400, JSON_TYPE, "{\"code\":null}", TWILIO_REFUSED, 0 },
		{ 400, JSON_TYPE, "[{\"code\":60202}]", TWILIO_REFUSED, 0 },
		{ 400, JSON_TYPE, "{\"code\":60202", TWILIO_REFUSED, 0 },
		{ 400, NULL, "", TWILIO_REFUSED, 0 },
		{ 403, NULL, "", TWILIO_CREDENTIALS, 0 },
		{ 500, "text/html", "<html>Internal Server Error</html>", TWILIO_FAILED, 0 },
		{ 502, NULL, "", TWILIO_FAILED, 0 },
		{ 500, JSON_TYPE, "{\"code\":60202}", TWILIO_FAILED, 60202 },
		/* What looks like a success counts only in one. */
		{ 404, JSON_TYPE, "{\"sid\":\"" VERIFICATION "\",\"service_sid\":\"" SERVICE "\",\"to\":\"" CUSTOMER
		    "\",\"channel\":\"sms\",\"status\":\"approved\",\"valid\":true}", TWILIO_NOT_FOUND, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		local_twilio_answer(&local, cases[i].status, cases[i].content_type, cases[i].body);
		assert_result(check(), cases[i].result, cases[i].body);
		assert_int_equal(trace.twilio_code, cases[i].code);
		assert_int_equal(trace.http_status, cases[i].status);
		assert_int_equal(answer.status, VERIFY_OTHER);
		assert_int_equal(local_server_requests(local.server), 1);
	}
}

/* ---- no answers, and repeats ---- */

static void
without_an_answer_the_result_tells_whether_twilio_may_have_acted(void **state)
{
	static char base[64];
	int port = 0;

	(void)state;
	local_twilio_answer(&local, 0, NULL, "");
	assert_int_equal(check(), TWILIO_ANSWER_LOST);
	assert_int_equal(trace.transport, HTTP_CLIENT_LOST);

	close(local_listen(1, &port));
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", port);
	local.twilio.base_url = base;
	assert_int_equal(check(), TWILIO_UNREACHABLE);
	assert_int_equal(trace.transport, HTTP_CLIENT_NOT_SENT);
	assert_int_equal(verify_check(&local.twilio, VERIFICATION, CUSTOMER, "123456", 0, &answer, &trace),
	    TWILIO_UNREACHABLE);
	assert_int_equal(trace.transport, HTTP_CLIENT_TIMED_OUT);
}

static bool
never_answer(void *context, const struct local_request *request)
{
	(void)context;
	local_hang(request);
	return false;
}

static void
a_server_that_hangs_times_out_and_is_not_asked_again(void **state)
{
	struct local_server *server = local_server_start(never_answer, NULL);

	(void)state;
	local.twilio.base_url = local_server_base(server);
	assert_int_equal(verify_check(&local.twilio, VERIFICATION, CUSTOMER, "123456", clock_monotonic_ms() + 300,
		&answer, &trace), TWILIO_TIMED_OUT);
	assert_true(trace.duration_ms >= 250);
	assert_int_equal(verify_fetch(&local.twilio, VERIFICATION, CUSTOMER, clock_monotonic_ms() + 300, &answer,
		&trace), TWILIO_TIMED_OUT);
	assert_int_equal(local_server_requests(server), 2);
	local_server_stop(server);
}

struct script {
	const char *first; /* raw; NULL: close without an answer */
};

static bool
answer_second_well(void *context, const struct local_request *request)
{
	const struct script *script = context;

	if (request->number > 1)
		return local_answer(request, 200, JSON_TYPE, NULL, GOOD);
	if (script->first != NULL)
		local_send_text(request, script->first);
	return script->first != NULL;
}

static void
a_read_is_repeated_once_when_that_may_help_and_a_check_never(void **state)
{
	static const struct {
		struct script      script;
		enum twilio_result once;
		bool               repeated;
	} cases[] = {
		{ { NULL }, TWILIO_ANSWER_LOST, true },
		{ { "HTTP/1.1 429 Busy\r\nContent-Length: 0\r\n\r\n" }, TWILIO_BUSY, true },
		{ { "HTTP/1.1 429 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" }, TWILIO_BUSY, true },
		{ { "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n" }, TWILIO_FAILED, true },
		{ { "HTTP/1.1 429 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n" }, TWILIO_BUSY, false },
		{ { "HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n" }, TWILIO_FAILED, false },
		{ { "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n" }, TWILIO_FAILED, false },
		{ { "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n" }, TWILIO_NOT_FOUND, false },
		{ { "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n" }, TWILIO_CREDENTIALS, false },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]" }, TWILIO_BAD_ANSWER, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct script script = cases[i].script;
		const char *about = script.first != NULL ? script.first : "a closed connection";
		struct local_server *server = local_server_start(answer_second_well, &script);

		local.twilio.base_url = local_server_base(server);
		assert_result(check(), cases[i].once, about);
		assert_int_equal(local_server_requests(server), 1);
		local_server_stop(server);

		server = local_server_start(answer_second_well, &script);
		local.twilio.base_url = local_server_base(server);
		assert_result(fetch(), cases[i].repeated ? TWILIO_OK : cases[i].once, about);
		assert_int_equal(local_server_requests(server), cases[i].repeated ? 2 : 1);
		assert_int_equal(trace.http_status == 200, cases[i].repeated || cases[i].once == TWILIO_BAD_ANSWER);
		local_server_stop(server);
	}
}

static void
a_repeat_that_fails_is_not_repeated(void **state)
{
	(void)state;
	local_twilio_answer(&local, 0, NULL, "");
	assert_int_equal(fetch(), TWILIO_ANSWER_LOST);
	assert_int_equal(local_server_requests(local.server), 2);
	local_twilio_answer(&local, 429, JSON_TYPE, "{\"code\":20429}");
	assert_int_equal(fetch(), TWILIO_BUSY);
	assert_int_equal(local_server_requests(local.server), 2);
}

static void
a_repeat_that_the_deadline_leaves_no_time_for_is_not_made(void **state)
{
	(void)state;
	/* The pause is the second that the server asks for; nearly as long is left for a loaded machine to answer. */
	local_twilio_answer(&local, 429, JSON_TYPE "\r\nRetry-After: 1", "{\"code\":20429}");
	assert_int_equal(verify_fetch(&local.twilio, VERIFICATION, CUSTOMER, clock_monotonic_ms() + 990, &answer,
		&trace), TWILIO_BUSY);
	assert_int_equal(local_server_requests(local.server), 1);
}

/* ---- the trace ---- */

static void
the_trace_has_what_is_worth_logging(void **state)
{
	static const struct local_route routes[] = {
		{ "", 429, JSON_TYPE, "Twilio-Request-Id: RQ1\r\nRetry-After: 7\r\n", "{\"code\":60203}" },
		{ NULL, 0, NULL, NULL, NULL },
	};

	(void)state;
	local_server_routes(local.server, routes);
	assert_int_equal(check(), TWILIO_TOO_MANY_SENDS);
	assert_int_equal(trace.transport, HTTP_CLIENT_OK);
	assert_int_equal(trace.http_status, 429);
	assert_int_equal(trace.twilio_code, 60203);
	assert_int_equal(trace.retry_after_s, 7);
	assert_string_equal(trace.request_id, "RQ1");
	assert_true(trace.duration_ms >= 0 && trace.duration_ms < DEADLINE_MS);

	/* A later call that is not made leaves nothing of an earlier one. */
	assert_int_equal(verify_fetch(&local.twilio, "VE1", CUSTOMER, local_twilio_deadline(), &answer, &trace),
	    TWILIO_NOT_FOUND);
	assert_int_equal(trace.http_status, 0);
	assert_int_equal(trace.twilio_code, 0);
	assert_string_equal(trace.request_id, "");
}

static void
a_trace_is_not_required(void **state)
{
	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, GOOD);
	assert_int_equal(verify_fetch(&local.twilio, VERIFICATION, CUSTOMER, local_twilio_deadline(), &answer, NULL),
	    TWILIO_OK);
	assert_int_equal(verify_fetch(&local.twilio, "VE1", CUSTOMER, local_twilio_deadline(), &answer, NULL),
	    TWILIO_NOT_FOUND);
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
	local_twilio_stop(&local);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sid_is_its_prefix_and_32_hex_digits),
		TEST(anything_else_is_no_sid),
		TEST(each_api_has_its_own_host),
		TEST(a_base_url_goes_before_every_path),
		TEST(a_base_url_that_is_not_allowed_is_a_matter_of_setup),
		TEST(the_api_key_is_used_but_for_tokens_if_there_is_an_auth_token),
		TEST(without_credentials_nothing_is_asked),
		TEST(an_answer_that_is_not_a_json_object_is_a_bad_one),
		TEST(any_2xx_status_is_a_success),
		TEST(a_refusal_is_read_from_its_code_if_it_has_one),
		TEST(without_an_answer_the_result_tells_whether_twilio_may_have_acted),
		TEST(a_server_that_hangs_times_out_and_is_not_asked_again),
		TEST(a_read_is_repeated_once_when_that_may_help_and_a_check_never),
		TEST(a_repeat_that_fails_is_not_repeated),
		TEST(a_repeat_that_the_deadline_leaves_no_time_for_is_not_made),
		TEST(the_trace_has_what_is_worth_logging),
		TEST(a_trace_is_not_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
