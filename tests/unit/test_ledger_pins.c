/*
 * What the ledger keeps of PINs and of the portal's requests, on both databases.
 */
#include "ledger/ledger.h"

#include "ledger_place.h"

#include <string.h>

#define MARIA "00000000000000aa"
#define JONAS "00000000000000bb"
#define VERIFIER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct ledger *
open_place(void **state)
{
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	return ledger;
}

static void
close_place(struct ledger *ledger)
{
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}

static void
put(struct ledger *ledger, const char *id, const char *customer_id, int64_t created_at)
{
	struct ledger_pin pin = { .verifier = VERIFIER, .created_at = created_at, .expires_at = created_at + 600 };

	memcpy(pin.id, id, strlen(id));
	memcpy(pin.customer_id, customer_id, strlen(customer_id));
	assert_int_equal(ledger_put_pin(ledger, &pin), LEDGER_OK);
}

static void
a_pin_is_found_by_its_customer_as_it_was_written_last(void **state)
{
	struct ledger *ledger = open_place(state);
	struct ledger_pin pin;

	put(ledger, "0000000000000001", MARIA, 1000);
	assert_int_equal(ledger_find_pin(ledger, JONAS, &pin), LEDGER_NOT_FOUND);
	assert_int_equal(ledger_find_pin(ledger, MARIA, &pin), LEDGER_OK);
	assert_string_equal(pin.verifier, VERIFIER);
	assert_int_equal(pin.expires_at, 1600);
	pin.tries = 3;
	pin.used_at = 1100;
	memcpy(pin.used_by, "0000000000000009", sizeof(pin.used_by));
	assert_int_equal(ledger_put_pin(ledger, &pin), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, MARIA, &pin), LEDGER_OK);
	assert_int_equal(pin.tries, 3);
	assert_int_equal(pin.used_at, 1100);
	assert_string_equal(pin.used_by, "0000000000000009");
	close_place(ledger);
}

static void
a_pin_that_was_altered_is_none(void **state)
{
	struct ledger *ledger = open_place(state);
	struct ledger_pin pin;

	put(ledger, "0000000000000001", MARIA, 1000);
	close_place(ledger);
	assert_int_equal(ledger_place_sql(*state, "UPDATE pins SET tries = -2147483649"), 0);
	ledger = open_place(state);
	assert_int_equal(ledger_find_pin(ledger, MARIA, &pin), LEDGER_ALTERED);
	close_place(ledger);
}

static void
a_pin_that_was_retired_or_ran_out_is_not_found_and_counts_all_the_same(void **state)
{
	struct ledger *ledger = open_place(state);
	struct ledger_pin pin;
	int64_t at = 0;

	put(ledger, "0000000000000001", MARIA, 1000);
	put(ledger, "0000000000000002", JONAS, 1000);
	assert_int_equal(ledger_retire_pins(ledger, MARIA), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, MARIA, &pin), LEDGER_NOT_FOUND);
	assert_int_equal(ledger_find_pin(ledger, JONAS, &pin), LEDGER_OK);
	assert_int_equal(ledger_forget_pins(ledger, 1601, 1000), LEDGER_OK);
	assert_int_equal(ledger_find_pin(ledger, JONAS, &pin), LEDGER_NOT_FOUND);
	assert_int_equal(ledger_pin_issued(ledger, JONAS, 1, 0, &at), LEDGER_OK);
	assert_int_equal(at, 1000);
	assert_int_equal(ledger_forget_pins(ledger, 1601, 1001), LEDGER_OK);
	assert_int_equal(ledger_pin_issued(ledger, JONAS, 1, 0, &at), LEDGER_OK);
	assert_int_equal(at, 0);
	close_place(ledger);
}

static void
the_third_last_pin_of_a_time_tells_when_there_is_another(void **state)
{
	struct ledger *ledger = open_place(state);
	int64_t at = 0;

	put(ledger, "0000000000000001", MARIA, 1000);
	put(ledger, "0000000000000002", MARIA, 2000);
	put(ledger, "0000000000000003", MARIA, 3000);
	put(ledger, "0000000000000004", JONAS, 4000);
	assert_int_equal(ledger_pin_issued(ledger, MARIA, 3, 0, &at), LEDGER_OK);
	assert_int_equal(at, 1000);
	assert_int_equal(ledger_pin_issued(ledger, MARIA, 3, 1000, &at), LEDGER_OK);
	assert_int_equal(at, 0);
	close_place(ledger);
}

static void
a_request_is_taken_once_until_it_is_forgotten(void **state)
{
	struct ledger *ledger = open_place(state);
	bool again = true;

	assert_int_equal(ledger_take_request(ledger, "nonce-nonce-nonce", 1000, 0, &again), LEDGER_OK);
	assert_false(again);
	assert_int_equal(ledger_take_request(ledger, "nonce-nonce-nonce", 1001, 0, &again), LEDGER_OK);
	assert_true(again);
	assert_int_equal(ledger_take_request(ledger, "another-nonce-aaa", 2000, 1500, &again), LEDGER_OK);
	assert_int_equal(ledger_take_request(ledger, "nonce-nonce-nonce", 2001, 1500, &again), LEDGER_OK);
	assert_false(again);
	close_place(ledger);
}

static void
an_approval_counts_for_its_own_way_agent_and_customer(void **state)
{
	struct ledger *ledger = open_place(state);
	const struct ledger_verification v = { .id = "0000000000000001", .interaction = "CA1", .to_id = "1",
		.customer_id = MARIA, .channel = "pin", .state = LEDGER_STATE_APPROVED, .checked_by_id = "WK1",
		.approved_at = 1000, .approved_until = 2000 };
	static const struct {
		const char *interaction, *customer_id, *checked_by, *channel;
		int64_t     now;
		bool        approved;
	} rows[] = {
		{ "CA1", MARIA, "", "pin", 1500, true },
		{ "CA1", MARIA, "WK1", "pin", 1500, true },
		{ "CA1", MARIA, "WK2", "pin", 1500, false },
		{ "CA2", MARIA, "", "pin", 1500, false },
		{ "CA1", JONAS, "", "pin", 1500, false },
		{ "CA1", MARIA, "", "sms", 1500, false },
		{ "CA1", MARIA, "", "pin", 2000, false },
		{ "CA1", MARIA, "", "pin", 999, false },
	};
	bool approved = false;

	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ledger_approved_by(ledger, rows[i].interaction, "1", rows[i].customer_id,
				     rows[i].checked_by, rows[i].channel, rows[i].now, &approved),
		    LEDGER_OK);
		assert_int_equal(approved, rows[i].approved);
	}
	close_place(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_pin_is_found_by_its_customer_as_it_was_written_last),
		ON_BOTH(a_pin_that_was_altered_is_none),
		ON_BOTH(a_pin_that_was_retired_or_ran_out_is_not_found_and_counts_all_the_same),
		ON_BOTH(the_third_last_pin_of_a_time_tells_when_there_is_another),
		ON_BOTH(a_request_is_taken_once_until_it_is_forgotten),
		ON_BOTH(an_approval_counts_for_its_own_way_agent_and_customer),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
