/*
 * The server behind the sandbox's account page, which asks portal-pin as a
 * company's website does.
 */
#include "sandbox_client.h"

#include "base/clock.h"
#include "base/secret.h"
#include "local_server.h"
#include "sandbox/portal_site.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PIN_PATH "/sandbox/portal/pin"
#define ASKED    "POST /portal-pin "

static int
ask_for_pin(struct client *f, struct local_server *portal, const char *body)
{
	char port[16];

	snprintf(port, sizeof(port), "%d", local_server_port(portal));
	return client_ask(f, (struct client_ask){ .path = PIN_PATH, .body = body, .basic = "", .port = port });
}

static void
the_page_is_shown_what_portal_pin_answers_be_it_a_refusal(void **state)
{
	static const struct {
		int         status;
		const char *body, *key;
	} rows[] = {
		{ 200, "{\"success\":true,\"pin\":\"493021\"}", "pin" },
		{ 403, "{\"success\":false,\"error\":\"signature_wrong\"}", "error" },
		{ 429, "{\"success\":false,\"error\":\"too_many_pins\"}", "error" },
	};
	struct client *f = *state;
	struct local_server *portal = local_server_start(NULL, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct local_route routes[] = { { ASKED, rows[i].status, JSON, NULL, rows[i].body },
			{ .match = NULL } };

		local_server_routes(portal, routes);
		assert_int_equal(ask_for_pin(f, portal, "customer=C-100101"), rows[i].status);
		assert_string_equal(buffer_text(&f->response.body), rows[i].body);
		assert_string_not_equal(client_text(f, rows[i].key), "");
	}
	local_server_stop(portal);
}

static void
what_it_asks_names_the_customer_and_is_of_now_and_signed(void **state)
{
	static const struct local_route routes[] = { { ASKED, 200, JSON, NULL, "{}" }, { .match = NULL } };
	struct client *f = *state;
	struct local_server *portal = local_server_start(NULL, NULL);
	struct json_object *sent[2] = { NULL, NULL };
	char signature[SECRET_CODE_SIZE], line[TEXT_SIZE];
	int64_t time_ms = 0;

	local_server_routes(portal, routes);
	for (int i = 0; i < 2; i++) {
		const char *text = NULL, *body = NULL;

		assert_int_equal(ask_for_pin(f, portal, "customer=C-100101"), 200);
		text = local_server_request(portal, i + 1);
		body = strstr(text, "\r\n\r\n") + 4;
		assert_int_equal(json_parse(body, strlen(body), 2, &sent[i]), JSON_OK);
		assert_string_equal(json_get_string(sent[i], "customer"), "C-100101");
		assert_true(clock_parse(json_get_string(sent[i], "time"), &time_ms));
		assert_in_range(time_ms, clock_now_ms() - 60000, clock_now_ms());
		assert_true(secret_authenticate(PORTAL_SITE_KEY, body, signature));
		snprintf(line, sizeof(line), "X-Flex-Verify-Signature: %s\r\n", signature);
		assert_non_null(strstr(text, line));
	}
	assert_string_not_equal(json_get_string(sent[0], "nonce"), json_get_string(sent[1], "nonce"));
	json_free(sent[0]);
	json_free(sent[1]);
	local_server_stop(portal);
}

static void
a_portal_pin_that_does_not_answer_as_it_should_is_said_to_be_silent(void **state)
{
	static const struct local_route page[] = { { ASKED, 502, "text/html", NULL, "<html>" }, { .match = NULL } };
	struct client *f = *state;
	struct local_server *portal = local_server_start(NULL, NULL);

	local_server_routes(portal, page);
	assert_int_equal(ask_for_pin(f, portal, "customer=C-100101"), 502);
	assert_string_equal(client_text(f, "error"), "portal-pin does not answer");
	local_server_refuse(portal);
	assert_int_equal(ask_for_pin(f, portal, "customer=C-100101"), 502);
	assert_string_equal(client_text(f, "error"), "portal-pin does not answer");
	local_server_stop(portal);
}

static void
nobody_is_asked_for_a_customer_who_cannot_be_one(void **state)
{
	struct client *f = *state;
	struct local_server *portal = local_server_start(NULL, NULL);
	char body[2 * TEXT_SIZE + 16] = "customer=";

	assert_int_equal(ask_for_pin(f, portal, ""), 400);
	assert_int_equal(ask_for_pin(f, portal, "customer="), 400);
	memset(body + strlen(body), 'x', 2 * TEXT_SIZE);
	assert_int_equal(ask_for_pin(f, portal, body), 400);
	assert_string_equal(client_text(f, "error"), "That is no customer's id");
	assert_int_equal(local_server_requests(portal), 0);
	local_server_stop(portal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(the_page_is_shown_what_portal_pin_answers_be_it_a_refusal),
		CLIENT_TEST(what_it_asks_names_the_customer_and_is_of_now_and_signed),
		CLIENT_TEST(a_portal_pin_that_does_not_answer_as_it_should_is_said_to_be_silent),
		CLIENT_TEST(nobody_is_asked_for_a_customer_who_cannot_be_one),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
