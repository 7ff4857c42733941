/*
 * What the sandbox's desk is made of: contacts come in, go from hand to hand
 * and end, as Flex would have it, and the customer's phone tells what came of
 * a code.
 */
#include "sandbox_client.h"

#include <stdio.h>
#include <string.h>

#define DESK_TASKS "/sandbox/tasks"
#define INCOMING   "worker=" ANA "&from=%2B12025550107&name=Lena%20Fischer&channel=voice"

/* Of the task that came in last. */
struct contact {
	char sid[SANDBOX_SID_SIZE], path[TEXT_SIZE];
};

static struct contact
open_contact(struct client *f, const char *body)
{
	struct contact contact;

	assert_int_equal(client_ask(f, (struct client_ask){ .path = DESK_TASKS, .body = body, .basic = "" }), 201);
	snprintf(contact.sid, sizeof(contact.sid), "%s", client_text(f, "sid"));
	snprintf(contact.path, sizeof(contact.path), DESK_TASKS "/%s", contact.sid);
	return contact;
}

static int
change(struct client *f, const struct contact *contact, const char *body)
{
	return client_ask(f, (struct client_ask){ .path = contact->path, .body = body, .basic = "" });
}

static void
assert_task(struct client *f, const char *worker, const char *reservation, const char *status)
{
	assert_string_equal(client_text(f, "worker"), worker);
	assert_string_equal(client_text(f, "reservation_status"), reservation);
	assert_string_equal(client_text(f, "status"), status);
}

/* A member of the attributes that TaskRouter has of a task. */
static void
read_attribute(struct client *f, const struct contact *contact, const char *key, char text[TEXT_SIZE])
{
	char path[TEXT_SIZE];
	struct json_object *attributes = NULL;
	const char *json = NULL, *value = NULL;

	snprintf(path, sizeof(path), TASKS "/%s", contact->sid);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	json = client_text(f, "attributes");
	assert_int_equal(json_parse(json, strlen(json), 8, &attributes), JSON_OK);
	value = json_get_string(attributes, key);
	snprintf(text, TEXT_SIZE, "%s", value == NULL ? "" : value);
	json_free(attributes);
}

static void
a_call_rings_is_accepted_wrapped_up_and_completed(void **state)
{
	struct client *f = *state;
	struct contact contact = open_contact(f, INCOMING);
	char path[TEXT_SIZE];

	assert_task(f, ANA, "pending", "reserved");
	assert_string_equal(client_text(f, "name"), "Lena Fischer");
	assert_string_equal(client_text(f, "from"), "+12025550107");
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=accept"), 200);
	assert_task(f, ANA, "accepted", "assigned");
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=wrap"), 200);
	assert_task(f, ANA, "wrapping", "wrapping");
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=complete"), 200);
	assert_task(f, ANA, "completed", "completed");
	snprintf(path, sizeof(path), TASKS "/%s", contact.sid);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path }), 200);
	assert_string_equal(client_text(f, "assignment_status"), "completed");
}

static void
a_step_out_of_turn_or_by_another_worker_is_refused(void **state)
{
	static const char *const rows[] = { "worker=" ANA "&action=wrap", "worker=" ANA "&action=complete",
		"worker=" BEN "&action=accept", "worker=" ANA "&action=transfer&to=" BEN };
	struct client *f = *state;
	struct contact contact = open_contact(f, INCOMING);
	struct contact nothing = { .path = DESK_TASKS "/WT00000000000000000000000000000077" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(change(f, &contact, rows[i]), 409);
	assert_int_equal(change(f, &nothing, "worker=" ANA "&action=accept"), 409);
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=accept"), 200);
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=accept"), 409);
}

static void
what_cannot_be_understood_is_refused(void **state)
{
	static const char *const contacts[] = { "", "worker=" ANA, "worker=" ANA "&from=x",
		"worker=" ANA "&from=x&channel=fax", "from=x&channel=voice", "worker=WK1&from=x&channel=voice",
		"worker=WK00000000000000000000000000000004&from=x&channel=voice" };
	static const char *const changes[] = { "", "worker=" ANA, "action=accept", "worker=" ANA "&action=reject",
		"worker=" ANA "&action=transfer", "worker=" ANA "&action=transfer&to=" ANA,
		"worker=" ANA "&action=accept&to=" BEN };
	struct client *f = *state;
	struct contact contact = open_contact(f, INCOMING);

	for (size_t i = 0; i < sizeof(contacts) / sizeof(*contacts); i++)
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = DESK_TASKS, .body = contacts[i], .basic = "" }), 400);
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		assert_int_equal(change(f, &contact, changes[i]), 400);
}

static void
an_inbound_call_may_be_said_to_be_one(void **state)
{
	struct client *f = *state;

	open_contact(f, INCOMING "&direction=inbound");
	assert_task(f, ANA, "pending", "reserved");
}

static void
an_outbound_call_is_the_workers_at_once(void **state)
{
	struct client *f = *state;
	char text[TEXT_SIZE];
	struct contact contact = open_contact(f,
	    "worker=" BEN "&from=%2B12025550104&channel=voice&direction=outbound");

	assert_task(f, BEN, "accepted", "assigned");
	assert_string_equal(client_text(f, "from"), "+12025550104");
	read_attribute(f, &contact, "outbound_to", text);
	assert_string_equal(text, "+12025550104");
}

static void
a_chat_is_a_conversation(void **state)
{
	static const char *const rows[][2] = { { "sms", "sms" }, { "whatsapp", "chat" }, { "web", "chat" },
		{ "email", "chat" } };
	struct client *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char body[TEXT_SIZE], text[TEXT_SIZE];
		struct contact contact;

		snprintf(body, sizeof(body), "worker=" ANA "&from=somebody&channel=%s", rows[i][0]);
		contact = open_contact(f, body);
		assert_string_equal(client_text(f, "channel"), rows[i][1]);
		assert_string_equal(client_text(f, "name"), "somebody");
		read_attribute(f, &contact, "conversationSid", text);
		assert_int_equal(strncmp(text, "CH", 2), 0);
		read_attribute(f, &contact, "channelType", text);
		assert_string_equal(text, rows[i][0]);
	}
}

static void
a_contact_handed_over_is_the_same_call_at_another_workers(void **state)
{
	struct client *f = *state;
	struct contact first = open_contact(f, INCOMING), second;
	char before[TEXT_SIZE], after[TEXT_SIZE];

	read_attribute(f, &first, "call_sid", before);
	assert_int_equal(change(f, &first, "worker=" ANA "&action=accept"), 200);
	assert_int_equal(change(f, &first, "worker=" ANA "&action=transfer&to=" BEN), 200);
	assert_task(f, BEN, "pending", "reserved");
	snprintf(second.sid, sizeof(second.sid), "%s", client_text(f, "sid"));
	snprintf(second.path, sizeof(second.path), DESK_TASKS "/%s", second.sid);
	assert_string_not_equal(first.sid, second.sid);
	read_attribute(f, &second, "call_sid", after);
	assert_string_equal(before, after);
	assert_int_equal(change(f, &second, "worker=" BEN "&action=accept"), 200);
	assert_task(f, BEN, "accepted", "assigned");
	assert_int_equal(change(f, &first, "worker=" ANA "&action=complete"), 200);
	assert_task(f, ANA, "completed", "completed");
}

static void
a_task_that_two_hold_goes_on_when_one_leaves_it(void **state)
{
	struct client *f = *state;
	struct contact contact = { .path = DESK_TASKS "/WT00000000000000000000000000001024" };

	assert_int_equal(change(f, &contact, "worker=" ANA "&action=wrap"), 200);
	assert_task(f, ANA, "wrapping", "assigned");
	assert_int_equal(change(f, &contact, "worker=" BEN "&action=wrap"), 200);
	assert_task(f, BEN, "wrapping", "wrapping");
}

static void
each_contact_is_another_call_until_there_are_too_many(void **state)
{
	struct client *f = *state;
	struct contact first = open_contact(f, INCOMING), second = open_contact(f, INCOMING);
	char one[TEXT_SIZE], other[TEXT_SIZE];
	int status = 201, count = 0;

	read_attribute(f, &first, "call_sid", one);
	read_attribute(f, &second, "call_sid", other);
	assert_string_not_equal(one, other);
	for (; status == 201 && count < SANDBOX_TASKS_MAX; count++)
		status = client_ask(f, (struct client_ask){ .path = DESK_TASKS, .body = INCOMING, .basic = "" });
	assert_int_equal(status, 409);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/reset", .body = "" }), 200);
	open_contact(f, INCOMING);
}

static void
a_contact_for_whose_next_task_there_is_no_room_stays_where_it_is(void **state)
{
	struct client *f = *state;
	struct contact contact = { .path = DESK_TASKS "/WT00000000000000000000000000000001" };

	for (int status = 201; status == 201;)
		status = client_ask(f, (struct client_ask){ .path = DESK_TASKS, .body = INCOMING, .basic = "" });
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=transfer&to=" BEN), 409);
	assert_int_equal(change(f, &contact, "worker=" ANA "&action=wrap"), 200);
	assert_task(f, ANA, "wrapping", "wrapping");
}

static void
a_message_tells_what_came_of_its_code(void **state)
{
	struct client *f = *state;
	struct json_object *message = NULL;
	int64_t number = 0, checks = 0;

	open_contact(f, INCOMING);
	assert_int_equal(client_number(f, "messages_before"), 0);
	client_start(f, PERSON);
	open_contact(f, INCOMING);
	assert_int_equal(client_number(f, "messages_before"), 1);
	message = json_item(client_messages(f, NULL), 0);
	assert_string_equal(json_get_string(message, "status"), "pending");
	assert_true(json_get_int(message, "number", &number));
	assert_int_equal(number, 1);
	client_check(f, PERSON, client_other_code(f->code));
	client_check(f, PERSON, f->code);
	message = json_item(client_messages(f, NULL), 0);
	assert_string_equal(json_get_string(message, "status"), "approved");
	assert_true(json_get_int(message, "checks", &checks));
	assert_int_equal(checks, 2);
	client_start(f, PERSON);
	client_advance(f, 601);
	message = json_item(client_messages(f, NULL), 0);
	assert_string_equal(json_get_string(message, "status"), "expired");
}

static void
what_never_arrived_is_shown_only_when_asked_for(void **state)
{
	struct client *f = *state;
	bool delivered = true;

	client_start(f, "+12025550165");
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550165")), 0);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550165&lost=1")), 1);
	assert_true(json_get_bool(json_item(client_messages(f, "lost=1"), 0), "delivered", &delivered));
	assert_false(delivered);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=%2B12025550165&Channel=call" }), 201);
	assert_int_equal(json_length(client_messages(f, "to=%2B12025550165")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(a_call_rings_is_accepted_wrapped_up_and_completed),
		CLIENT_TEST(a_step_out_of_turn_or_by_another_worker_is_refused),
		CLIENT_TEST(what_cannot_be_understood_is_refused),
		CLIENT_TEST(an_inbound_call_may_be_said_to_be_one),
		CLIENT_TEST(an_outbound_call_is_the_workers_at_once),
		CLIENT_TEST(a_chat_is_a_conversation),
		CLIENT_TEST(a_contact_handed_over_is_the_same_call_at_another_workers),
		CLIENT_TEST(a_task_that_two_hold_goes_on_when_one_leaves_it),
		CLIENT_TEST(each_contact_is_another_call_until_there_are_too_many),
		CLIENT_TEST(a_contact_for_whose_next_task_there_is_no_room_stays_where_it_is),
		CLIENT_TEST(a_message_tells_what_came_of_its_code),
		CLIENT_TEST(what_never_arrived_is_shown_only_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
