/* The sandbox's Programmable Messaging: texts of the account's own words, and what becomes of them. */
#include "sandbox_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES "/2010-04-01/Accounts/" SANDBOX_ACCOUNT_SID "/Messages"
#define SENDS    TWILIO MESSAGES ".json"
#define BY_SERVICE "&MessagingServiceSid=" SANDBOX_MESSAGING_SID
#define BY_NUMBER  "&From=%2B12025550100"
#define WORDS      "&Body=Your+link"

static int
send_text(struct client *f, const char *body)
{
	return client_ask(f, (struct client_ask){ .path = SENDS, .body = body });
}

static void
a_text_is_accepted_for_a_service_or_queued_for_a_number(void **state)
{
	static const struct {
		const char *sender, *status, *segments, *from, *service;
	} rows[] = {
		{ BY_SERVICE, "accepted", "0", "", SANDBOX_MESSAGING_SID },
		{ BY_NUMBER, "queued", "1", "+12025550100", "" },
	};
	struct client *f = *state;
	char body[TEXT_SIZE], uri[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(body, sizeof(body), "%s%s", TO WORDS "&ValidityPeriod=600", rows[i].sender);
		assert_int_equal(send_text(f, body), 201);
		assert_string_equal(client_text(f, "status"), rows[i].status);
		assert_string_equal(client_text(f, "num_segments"), rows[i].segments);
		assert_string_equal(client_text(f, "from"), rows[i].from);
		assert_string_equal(client_text(f, "messaging_service_sid"), rows[i].service);
		assert_string_equal(client_text(f, "to"), PERSON);
		assert_string_equal(client_text(f, "body"), "Your link");
		snprintf(uri, sizeof(uri), MESSAGES "/%s.json", client_text(f, "sid"));
		assert_string_equal(client_text(f, "uri"), uri);
		/* Twilio sends it later. */
		assert_true(json_has(f->json, "date_sent") && json_get(f->json, "date_sent") == NULL);
		assert_int_equal(strlen(client_text(f, "date_created")), strlen("Sun, 22 Nov 2026 09:00:00 +0000"));
	}
}

/* A text of so many characters, the last of which has two bytes. */
static int
send_characters(struct client *f, size_t count)
{
	char *body = client_repeat(TO BY_NUMBER "&Body=", "x", count - 1, "%C3%A4");
	int status = send_text(f, body);

	free(body);
	return status;
}

static void
a_text_that_twilio_would_not_take_is_refused_and_goes_nowhere(void **state)
{
	static const struct {
		const char *body;
		int         code;
	} rows[] = {
		{ "To=" BY_NUMBER WORDS, 21604 },
		{ "To=12025550101" BY_NUMBER WORDS, 21211 },
		{ "To=jo%40example.com" BY_NUMBER WORDS, 21211 },
		{ TO BY_NUMBER WORDS "&ValidityPeriod=0", 20001 },
		{ TO BY_NUMBER WORDS "&ValidityPeriod=36001", 20001 },
		{ TO WORDS, 21603 },
		{ TO WORDS "&MessagingServiceSid=MG00000000000000000000000000000002", 21701 },
		{ TO WORDS "&From=%2B12025550199", 21606 },
		{ TO BY_NUMBER, 21602 },
		{ TO BY_SERVICE "&Body=", 21602 },
	};
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		send_text(f, rows[i].body);
		client_assert_error(f, 400, rows[i].code);
	}
	send_characters(f, 1601);
	client_assert_error(f, 400, 21617);
	assert_int_equal(json_length(client_messages(f, "lost=1")), 0);
	assert_int_equal(send_characters(f, 1600), 201);
	client_ask(f, (struct client_ask){ .path =
	    TWILIO "/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json",
	    .body = TO BY_NUMBER WORDS });
	client_assert_error(f, 404, 20404);
}

static void
texts_and_codes_arrive_on_one_phone_the_newest_first(void **state)
{
	static const char *const channels[] = { "sms", "call", "sms" };
	struct client *f = *state;
	struct json_object *list = NULL;

	assert_int_equal(send_text(f, TO BY_NUMBER "&Body=first"), 201);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS, .body = TO "&Channel=call" }), 201);
	assert_int_equal(send_text(f, TO BY_SERVICE "&Body=last"), 201);
	assert_int_equal(send_text(f, "To=%2B12025550102" BY_SERVICE WORDS), 201);
	list = client_messages(f, "to=%2B12025550101");
	assert_int_equal(json_length(list), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(json_get_string(json_item(list, i), "channel"), channels[i]);
	assert_string_equal(json_get_string(json_item(list, 0), "body"), "last");
	assert_string_equal(json_get_string(json_item(list, 2), "body"), "first");
	assert_null(json_get(json_item(list, 0), "code"));
	assert_int_equal(json_length(client_messages(f, NULL)), 4);
}

static void
of_the_magic_numbers_those_of_texting_are_magic_here_too(void **state)
{
	struct client *f = *state;

	/* STOP, and a number that gets no texts. */
	send_text(f, "To=%2B12025550146" BY_NUMBER WORDS);
	client_assert_error(f, 400, 21610);
	send_text(f, "To=%2B12025550148" BY_NUMBER WORDS);
	client_assert_error(f, 400, 21614);
	assert_int_equal(json_length(client_messages(f, "lost=1")), 0);
	/* Verify would refuse this landline, and the other message never arrives: both are taken, and lost. */
	assert_int_equal(send_text(f, "To=%2B12025550140" BY_NUMBER WORDS), 201);
	assert_int_equal(send_text(f, "To=%2B12025550165" BY_NUMBER WORDS), 201);
	assert_int_equal(json_length(client_messages(f, NULL)), 0);
	assert_int_equal(json_length(client_messages(f, "lost=1")), 2);
	assert_int_equal(json_length(client_messages(f, "lost=1&to=%2B12025550140")), 1);
	/* Of this one the answer is lost, and not the text. */
	send_text(f, "To=%2B12025550159" BY_NUMBER WORDS);
	assert_true(client_has_header(f, "X-Accel-Redirect: "));
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550159")), 1);
}

static void
more_texts_than_fit_push_out_the_oldest_and_the_inbox_shows_the_newest(void **state)
{
	struct client *f = *state;
	struct json_object *list = NULL;
	char body[TEXT_SIZE];

	assert_int_equal(send_text(f, "To=%2B12025550102" BY_NUMBER WORDS), 201);
	assert_int_equal(client_start(f, "+12025550103"), 201);
	for (int i = 0; i < SANDBOX_TEXTS_MAX; i++) {
		snprintf(body, sizeof(body), "%s%d", TO BY_NUMBER "&Body=", i);
		assert_int_equal(send_text(f, body), 201);
	}
	list = client_messages(f, NULL);
	assert_int_equal(json_length(list), 200);
	snprintf(body, sizeof(body), "%d", SANDBOX_TEXTS_MAX - 1);
	assert_string_equal(json_get_string(json_item(list, 0), "body"), body);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550102")), 0);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550103")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_text_is_accepted_for_a_service_or_queued_for_a_number),
		CLIENT_TEST(a_text_that_twilio_would_not_take_is_refused_and_goes_nowhere),
		CLIENT_TEST(texts_and_codes_arrive_on_one_phone_the_newest_first),
		CLIENT_TEST(of_the_magic_numbers_those_of_texting_are_magic_here_too),
		CLIENT_TEST(more_texts_than_fit_push_out_the_oldest_and_the_inbox_shows_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
