#include "sandbox_client.h"

#include "sandbox/magic.h"

#include <stdio.h>
#include <string.h>

/* Makes the request that a row is about. */
static void
ask_for(struct client *f, const struct magic *magic)
{
	char path[TEXT_SIZE], query[TEXT_SIZE];

	switch (magic->call) {
	case MAGIC_SEND:
		client_send(f, magic->key);
		break;
	case MAGIC_CHECK:
		assert_int_equal(client_start(f, magic->key), 201);
		client_check(f, magic->key, f->code);
		break;
	case MAGIC_CODE:
		assert_int_equal(client_start(f, PERSON), 201);
		client_check(f, PERSON, magic->key);
		break;
	case MAGIC_UPDATE:
		assert_int_equal(client_start(f, magic->key), 201);
		client_update(f, "Status=canceled");
		break;
	case MAGIC_TOKEN:
		client_validate(f, magic->key);
		break;
	case MAGIC_TASK:
	case MAGIC_RESERVATIONS:
		snprintf(path, sizeof(path), TASK("%s") "%s", magic->key,
		    magic->call == MAGIC_TASK ? "" : "/Reservations");
		client_ask(f, (struct client_ask){ .path = path });
		break;
	case MAGIC_CUSTOMER:
		snprintf(query, sizeof(query), "phone=%%2B%s", magic->key + 1);
		client_ask(f, (struct client_ask){ .path = "/sandbox/crm/customers", .query = query,
		    .basic = CRM });
		break;
	}
}

static void
assert_effect(struct client *f, const struct magic *magic)
{
	switch (magic->effect) {
	case MAGIC_REFUSES:
		client_assert_error(f, magic->status, magic->code);
		assert_int_equal(client_has_header(f, "Retry-After: 1\r\n"), magic->code == 20429);
		break;
	case MAGIC_PAGE:
		assert_int_equal(f->response.status, magic->status);
		assert_non_null(strstr(buffer_text(&f->response.body), "<html>"));
		break;
	case MAGIC_REDIRECTS:
		assert_int_equal(f->response.status, magic->status);
		assert_true(client_has_header(f, "Location: https://"));
		break;
	case MAGIC_FLOODS:
		assert_int_equal(f->response.body.length, MAGIC_FLOOD_BYTES);
		break;
	case MAGIC_IGNORES:
	case MAGIC_LOSES:
		assert_true(client_has_header(f, "X-Accel-Redirect: " MAGIC_CLOSE_LOCATION "\r\n"));
		assert_int_equal(f->response.body.length, 0);
		break;
	case MAGIC_TRUNCATES:
		assert_null(f->json);
		assert_int_equal(buffer_text(&f->response.body)[0], '{');
		break;
	case MAGIC_REPLACES:
		assert_string_equal(client_text(f, magic->text), magic->value);
		break;
	case MAGIC_DELAYS:
	case MAGIC_UNDELIVERED:
		break;
	}
}

static void
every_magic_row_has_its_effect(void **state)
{
	struct client *f = *state;
	const struct magic *magic = NULL;

	for (size_t i = 0; (magic = magic_row(i)) != NULL; i++) {
		assert_int_equal(client_ask(f,
		    (struct client_ask){ .path = "/sandbox/reset", .body = "" }), 200);
		if (magic->effect == MAGIC_DELAYS || magic->effect == MAGIC_UNDELIVERED)
			continue;
		print_message("# %s %s: %s\n", magic_call_name(magic->call), magic->key,
		    magic_effect_name(magic->effect));
		ask_for(f, magic);
		assert_effect(f, magic);
	}
}

static void
each_magic_key_is_there_once_and_its_number_has_a_task(void **state)
{
	struct client *f = *state;
	const struct magic *magic = NULL;
	char sid[SANDBOX_SID_SIZE];

	for (size_t i = 0; (magic = magic_row(i)) != NULL; i++) {
		assert_ptr_equal(magic_find(magic->call, magic->key), magic);
		if (magic->call == MAGIC_CODE || magic->call == MAGIC_TOKEN)
			continue;
		snprintf(sid, sizeof(sid), "WT0000000000000000000000000000%s",
		    magic->key + strlen(magic->key) - 4);
		assert_non_null(sandbox_task_find(f->sandbox, sid));
	}
	assert_int_equal(client_ask(f, (struct client_ask){ .path = "/sandbox/magic" }), 200);
	assert_in_range(json_length(json_get_array(f->json, "magic")), 60, 200);
}

static size_t
sent_to(struct client *f, const char *key)
{
	char query[TEXT_SIZE];

	snprintf(query, sizeof(query), "to=%%2B%s", key + 1);
	return json_length(client_messages(f, query));
}

static void
what_magic_stands_in_the_way_of_does_not_happen_and_the_rest_does(void **state)
{
	struct client *f = *state;

	client_start(f, "+12025550158");
	assert_int_equal(sent_to(f, "+12025550158"), 0);
	client_start(f, "+12025550159");
	assert_int_equal(sent_to(f, "+12025550159"), 1);
	client_start(f, "+12025550161");
	assert_int_equal(sent_to(f, "+12025550161"), 1);

	/* The answer is lost, and the code is used up all the same. */
	client_start(f, "+12025550170");
	client_check(f, "+12025550170", f->code);
	assert_int_equal(client_fetch(f), 404);
	client_start(f, "+12025550176");
	client_check(f, "+12025550176", f->code);
	assert_int_equal(client_fetch(f), 200);

	/* Only codes that were checked count. */
	client_start(f, PERSON);
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++)
		client_check(f, PERSON, "999503");
	for (int i = 0; i < SANDBOX_CHECKS_MAX; i++)
		client_check(f, PERSON, "999444");
	client_check(f, PERSON, f->code);
	client_assert_error(f, 429, 60202);
}

static void
a_refusal_has_no_member_to_be_replaced(void **state)
{
	struct client *f = *state;

	for (int i = 0; i < SANDBOX_SENDS_MAX; i++)
		assert_int_equal(client_send(f, "+12025550162"), 201);
	client_send(f, "+12025550162");
	client_assert_error(f, 429, 60203);
}

static void
some_refusals_are_of_one_channel_or_can_be_switched_off(void **state)
{
	struct client *f = *state;

	client_ask(f, (struct client_ask){ .path = STARTS, .body =
	    "To=%2B12025550140&Channel=sms" });
	client_assert_error(f, 403, 60205);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=%2B12025550140&Channel=call" }), 201);
	client_ask(f, (struct client_ask){ .path = STARTS, .body =
	    "To=%2B12025550141&Channel=sms&RiskCheck=enable" });
	client_assert_error(f, 403, 60410);
	assert_int_equal(
	    client_ask(f, (struct client_ask){ .path = STARTS,
	    .body = "To=%2B12025550141&Channel=sms&RiskCheck=disable" }), 201);
	client_ask(f, (struct client_ask){ .path = STARTS, .body =
	    "To=%2B12025550140&Channel=sms&RiskCheck=disable" });
	client_assert_error(f, 403, 60205);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(every_magic_row_has_its_effect),
		CLIENT_TEST(each_magic_key_is_there_once_and_its_number_has_a_task),
		CLIENT_TEST(what_magic_stands_in_the_way_of_does_not_happen_and_the_rest_does),
		CLIENT_TEST(a_refusal_has_no_member_to_be_replaced),
		CLIENT_TEST(some_refusals_are_of_one_channel_or_can_be_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
