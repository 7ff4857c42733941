/*
 * The sandbox's telephone: calls that an agent dials, and calls that come in and
 * ask verify-call first, as Twilio would ask it.
 */
#include "sandbox_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS      TWILIO "/2010-04-01/Accounts/" SANDBOX_ACCOUNT_SID "/Calls.json"
#define DIALLED    "/sandbox/dialled"
#define INCOMING   "/sandbox/calls"
#define CALL_SID   "CA0123456789abcdef0123456789abcdef"
#define ENQUEUED   INCOMING "/" CALL_SID
#define NUMBER     "to=%2B12025550104"
#define RING       "worker=" ANA "&from=%2B12025550101"

static int
desk(struct client *f, const char *path, const char *body)
{
	return client_ask(f, (struct client_ask){ .path = path, .body = body, .basic = "", .port = "8080" });
}

/* ---- Calls that an agent dials -------------------------------------------------- */

static size_t
count_calls(struct client *f, const char *query)
{
	assert_int_equal(client_ask(f, (struct client_ask){ .path = CALLS, .query = query }), 200);
	return json_length(json_get_array(f->json, "calls"));
}

static void
a_dialled_call_is_in_progress_until_it_is_over(void **state)
{
	struct client *f = *state;
	char sid[SANDBOX_SID_SIZE];

	assert_int_equal(count_calls(f, NULL), 0);
	assert_int_equal(desk(f, DIALLED, NUMBER), 201);
	assert_string_equal(client_text(f, "status"), "in-progress");
	assert_string_equal(client_text(f, "direction"), "outbound-api");
	assert_string_equal(client_text(f, "from"), SANDBOX_CENTRE_NUMBER);
	assert_true(json_has(f->json, "end_time") && json_get(f->json, "end_time") == NULL);
	snprintf(sid, sizeof(sid), "%s", client_text(f, "sid"));
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 200);
	assert_string_equal(client_text(f, "sid"), sid);
	assert_string_equal(client_text(f, "status"), "completed");
	assert_int_equal(strlen(client_text(f, "end_time")), strlen("Sun, 22 Nov 2026 09:00:00 +0000"));
}

static void
calls_are_listed_by_number_and_status(void **state)
{
	static const struct {
		const char *query;
		size_t      count;
	} rows[] = {
		{ NULL, 4 },
		{ "To=%2B12025550104", 3 },
		{ "To=%2B12025550105", 1 },
		{ "To=%2B12025550106", 0 },
		{ "Status=in-progress", 3 },
		{ "To=%2B12025550104&Status=completed", 1 },
		{ "To=%2B12025550105&Status=completed", 0 },
	};
	struct client *f = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(desk(f, DIALLED, NUMBER), 201);
	assert_int_equal(desk(f, DIALLED, "to=%2B12025550105"), 201);
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 200);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(count_calls(f, rows[i].query), rows[i].count);
	client_ask(f, (struct client_ask){ .path =
	    TWILIO "/2010-04-01/Accounts/AC00000000000000000000000000000002/Calls.json" });
	client_assert_error(f, 404, 20404);
}

static void
a_call_that_is_not_there_cannot_be_over(void **state)
{
	static const char *const bodies[] = { "", "over=yes", NUMBER "&over=no" };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(desk(f, DIALLED, bodies[i]), 400);
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 409);
	assert_int_equal(desk(f, DIALLED, NUMBER), 201);
	assert_int_equal(desk(f, DIALLED, "to=%2B12025550105&over=yes"), 409);
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 200);
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 409);
}

static void
what_is_over_is_the_last_call_to_that_number(void **state)
{
	struct client *f = *state;
	char sid[SANDBOX_SID_SIZE];

	/* One more than are remembered: the last one takes the place of the first. */
	for (int i = 0; i < SANDBOX_CALLS_MAX; i++)
		assert_int_equal(desk(f, DIALLED, NUMBER), 201);
	client_advance(f, 10);
	assert_int_equal(desk(f, DIALLED, NUMBER), 201);
	snprintf(sid, sizeof(sid), "%s", client_text(f, "sid"));
	assert_int_equal(count_calls(f, NULL), SANDBOX_CALLS_MAX);
	assert_int_equal(desk(f, DIALLED, NUMBER "&over=yes"), 200);
	assert_string_equal(client_text(f, "sid"), sid);
}

/* ---- Calls that come in ---------------------------------------------------------- */

static void
a_new_call_rings_with_an_sid_of_its_own_and_one_that_goes_on_says_what_was_keyed_in(void **state)
{
	struct client *f = *state;
	char sid[SANDBOX_SID_SIZE];

	assert_int_equal(desk(f, INCOMING, "from=%2B12025550101"), 200);
	snprintf(sid, sizeof(sid), "%s", client_text(f, "call"));
	assert_string_equal(client_text(f, "query"), "");
	assert_non_null(strstr(client_text(f, "body"), "&CallStatus=ringing&"));
	assert_non_null(strstr(client_text(f, "body"), "&From=%2B12025550101&"));
	assert_null(strstr(client_text(f, "body"), "Digits"));
	assert_int_equal(strlen(client_text(f, "signature")), 28);
	assert_int_equal(desk(f, INCOMING, "from=%2B12025550101"), 200);
	assert_string_not_equal(client_text(f, "call"), sid);

	/* Digits that are empty: nothing was keyed in. */
	assert_int_equal(desk(f, INCOMING, "from=%2B12025550101&call=" CALL_SID "&query=%3Fstep%3Dcode&digits="), 200);
	assert_string_equal(client_text(f, "call"), CALL_SID);
	assert_string_equal(client_text(f, "query"), "?step=code");
	assert_non_null(strstr(client_text(f, "body"), "&CallStatus=in-progress&"));
	assert_non_null(strstr(client_text(f, "body"), "&Digits=&"));
	assert_int_equal(desk(f, INCOMING, "from=%2B12025550101&call=" CALL_SID "&digits=493021"), 200);
	assert_non_null(strstr(client_text(f, "body"), "&Digits=493021&"));
}

static void
what_twilio_would_never_ask_is_not_signed(void **state)
{
	static const char *const bodies[] = { "", "from=", "from=x&call=CA1",
		"from=x&call=XX0123456789abcdef0123456789abcdef", "from=x&call=CA0123456789ABCDEF0123456789ABCDEF",
		"from=x&query=step", "from=x&query=%3Fa%3Db%23c", "from=x&query=%3F%2Fetc" };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		assert_int_equal(desk(f, INCOMING, bodies[i]), 400);
		assert_string_not_equal(client_text(f, "error"), "");
		assert_int_equal(json_length(f->json), 1);
	}
	/* Nobody knows where verify-call is. */
	assert_int_equal(client_ask(f, (struct client_ask){ .path = INCOMING, .body = "from=x", .basic = "" }), 400);
}

static void
what_is_too_long_to_be_signed_is_not_answered_in_half(void **state)
{
	struct client *f = *state;
	static const struct {
		const char *digit;
		size_t      count;
	} rows[] = { { "1", 4096 }, { "%23", 2048 } }; /* as it is, and as it is escaped */

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *body = client_repeat("from=%2B12025550101&digits=", rows[i].digit, rows[i].count, "");

		assert_int_equal(desk(f, INCOMING, body), 500);
		assert_null(strstr(buffer_text(&f->response.body), "12025550101"));
		free(body);
	}
}

/* The attributes of a task; the caller's to free. */
static struct json_object *
attributes_of(struct client *f, const char *sid)
{
	char path[TEXT_SIZE];
	struct json_object *attributes = NULL;
	const char *text = NULL;

	snprintf(path, sizeof(path), TASKS "/%s", sid);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	text = client_text(f, "attributes");
	assert_int_equal(json_parse(text, strlen(text), 8, &attributes), JSON_OK);
	return attributes;
}

static void
a_call_that_is_put_into_the_queue_rings_with_its_own_attributes_over_twilios(void **state)
{
	struct client *f = *state;
	struct json_object *attributes = NULL, *participants = NULL;
	char sid[SANDBOX_SID_SIZE];

	assert_int_equal(desk(f, ENQUEUED, RING "&name=Maria&task="
	    "%7B%22verified%22%3A%22yes%22%2C%22name%22%3A%22M.%20S.%22%2C%22none%22%3Anull%7D"), 201);
	assert_string_equal(client_text(f, "reservation_status"), "pending");
	assert_string_equal(client_text(f, "call"), CALL_SID);
	snprintf(sid, sizeof(sid), "%s", client_text(f, "sid"));
	attributes = attributes_of(f, sid);
	participants = json_get_object(json_get_object(attributes, "conference"), "participants");
	assert_string_equal(json_get_string(attributes, "verified"), "yes");
	assert_string_equal(json_get_string(attributes, "name"), "M. S.");
	assert_string_equal(json_get_string(attributes, "from"), PERSON);
	assert_string_equal(json_get_string(attributes, "call_sid"), CALL_SID);
	assert_string_equal(json_get_string(participants, "customer"), CALL_SID);
	assert_true(json_has(attributes, "none") && json_get(attributes, "none") == NULL);
	json_free(attributes);
	/* Its leg is there, and rings until somebody accepts it. */
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/legs/" CALL_SID, .basic = "" }), 200);
	assert_string_equal(client_text(f, "from"), PERSON);
}

static void
a_call_that_lacks_something_or_has_too_much_is_not_put_into_the_queue(void **state)
{
	static const char *const bodies[] = { "", RING, "worker=" ANA "&task=%7B%7D", "from=x&task=%7B%7D",
		"worker=WK1&from=x&task=%7B%7D", RING "&task=%5B%5D", RING "&task=%7B" };
	struct client *f = *state;
	/* More than fits into a task. */
	char *body = client_repeat(RING "&task=%7B%22x%22%3A%22", "x", 16200, "%22%7D");
	size_t before = f->sandbox->task_count;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(desk(f, ENQUEUED, bodies[i]), 400);
	assert_int_equal(desk(f, INCOMING "/CA1", RING "&task=%7B%7D"), 400);
	for (int i = 0; i < 20; i++)
		assert_int_equal(desk(f, ENQUEUED, body), 409);
	assert_int_equal(f->sandbox->task_count, before);
	for (int status = 201; status != 409;)
		status = desk(f, ENQUEUED, RING "&task=%7B%7D");
	assert_int_equal(f->sandbox->task_count, SANDBOX_TASKS_MAX);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_dialled_call_is_in_progress_until_it_is_over),
		CLIENT_TEST(calls_are_listed_by_number_and_status),
		CLIENT_TEST(a_call_that_is_not_there_cannot_be_over),
		CLIENT_TEST(what_is_over_is_the_last_call_to_that_number),
		CLIENT_TEST(a_new_call_rings_with_an_sid_of_its_own_and_one_that_goes_on_says_what_was_keyed_in),
		CLIENT_TEST(what_twilio_would_never_ask_is_not_signed),
		CLIENT_TEST(what_is_too_long_to_be_signed_is_not_answered_in_half),
		CLIENT_TEST(a_call_that_is_put_into_the_queue_rings_with_its_own_attributes_over_twilios),
		CLIENT_TEST(a_call_that_lacks_something_or_has_too_much_is_not_put_into_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
