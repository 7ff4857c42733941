/*
 * A code that the caller is asked to key in: what may be done meanwhile, and
 * what is left of it.
 */
#include "callcenter/verification_may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define T0        INT64_C(1790000000000)
#define UNTIL_MS  (T0 + 120000)
#define ASKING    "00000000000000b1"
#define OPERATION "00000000000000c1"

static const struct verification_limits limits = {
	.checks_max = 5,
	.sends_max = 5,
	.code_valid_ms = 600000,
	.verified_for_ms = 900000,
	.operation_ms = 10000,
};
static const struct verification_actor ana = { "WK00000000000000000000000000000001", "Ana" };

static struct ledger_verification
code_row(void)
{
	return (struct ledger_verification){ .id = "00000000000000a1", .state = LEDGER_STATE_PENDING, .channel = "sms",
		.verification_sid = "VE00000000000000000000000000000001", .sends = 1, .created_at = T0, .sent_at = T0,
		.expires_at = T0 + 600000 };
}

static struct ledger_verification
asked_row(void)
{
	struct ledger_verification v = code_row();

	verification_key_in_asked(&v, &ana, ASKING, "ends ", UNTIL_MS, T0);
	return v;
}

static void
check(struct ledger_verification *v, enum verify_status status, int64_t now)
{
	const struct verify_answer answer = { .status = status };

	verification_begin(v, LEDGER_OPERATION_CHECK, OPERATION, &ana, &limits, now);
	(void)verification_checked(v, TWILIO_OK, &answer, &limits, now);
}

static void
a_caller_is_asked_for_a_code_that_is_out_and_for_no_other(void **state)
{
	struct ledger_verification v = code_row(), none = { .id = "" };

	(void)state;
	assert_int_equal(verification_may_key_in(&v, T0), REFUSAL_NONE);
	assert_int_equal(verification_may_key_in(&none, T0), REFUSAL_NO_PENDING_CODE);
	assert_int_equal(verification_may_key_in(&v, T0 + 600000), REFUSAL_CODE_EXPIRED);
	v.state = LEDGER_STATE_LOCKED;
	assert_int_equal(verification_may_key_in(&v, T0), REFUSAL_TOO_MANY_CHECKS);
	verification_stopped(&v, &ana, T0);
	assert_int_equal(verification_may_key_in(&v, T0), REFUSAL_CONTACT_STOPPED);
	assert_false(verification_awaits_key_in(&v, T0)); /* though a stop has a time of its own */
}

static void
while_he_is_asked_nothing_else_is_sent_or_tried_and_a_cancel_or_stop_ends_it(void **state)
{
	struct ledger_verification v = asked_row();

	(void)state;
	assert_true(verification_awaits_key_in(&v, T0));
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
	assert_int_equal(verification_may_key_in(&v, T0), REFUSAL_CALLER_KEYS_IN);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_CALLER_KEYS_IN);
	assert_int_equal(verification_may_try_pin(&v, T0), REFUSAL_CALLER_KEYS_IN);
	assert_int_equal(verification_may_text_link(&v, T0), REFUSAL_CALLER_KEYS_IN);
	assert_int_equal(verification_may_call_back(&v, T0), REFUSAL_CALLER_KEYS_IN);
	assert_int_equal(verification_may_cancel(&v, T0), REFUSAL_NONE);
	v.state = LEDGER_STATE_CANCELED;
	assert_false(verification_awaits_key_in(&v, T0));
}

static void
it_ends_with_its_time_with_the_code_s_and_when_he_is_back(void **state)
{
	struct ledger_verification v = asked_row(), late = code_row();

	(void)state;
	assert_true(verification_awaits_key_in(&v, UNTIL_MS - 1));
	assert_false(verification_awaits_key_in(&v, UNTIL_MS));
	assert_true(verification_was_not_keyed_in(&v, UNTIL_MS));
	assert_false(verification_awaits_key_in(&v, T0 - 2 * VERIFICATION_CLOCK_STEP_MS));
	verification_key_in_over(&v, T0 + 1000);
	assert_false(verification_awaits_key_in(&v, T0 + 1000));
	assert_int_equal(verification_may_send(&v, &limits, T0 + 1000), REFUSAL_NONE);
	verification_key_in_over(&v, T0 + 2000);
	assert_int_equal(v.decided_until, T0 + 1000);
	verification_key_in_asked(&late, &ana, ASKING, "", T0 + 700000, T0 + 590000);
	assert_int_equal(late.decided_until, late.expires_at);
}

static void
what_he_keys_in_is_told_from_what_an_agent_enters_afterwards(void **state)
{
	struct ledger_verification keyed = asked_row(), typed = asked_row(), again = asked_row();

	(void)state;
	check(&keyed, VERIFY_APPROVED, T0 + 1000);
	assert_true(verification_keyed_in(&keyed));
	assert_string_equal(keyed.decided_by_id, ana.agent_id);

	verification_key_in_over(&typed, T0 + 1000);
	check(&typed, VERIFY_APPROVED, T0 + 2000);
	assert_false(verification_keyed_in(&typed));

	check(&again, VERIFY_PENDING, T0 + 1000); /* a wrong one, and he is still asked */
	assert_true(verification_awaits_key_in(&again, T0 + 1000));
	assert_string_equal(again.operation_id, OPERATION); /* but the asking is another */
	check(&again, VERIFY_APPROVED, T0 + 2000);
	assert_true(verification_keyed_in(&again));
}

static void
an_answer_that_was_lost_and_found_is_the_caller_s(void **state)
{
	const struct verify_answer approved = { .status = VERIFY_APPROVED };
	struct ledger_verification v = asked_row();

	(void)state;
	verification_begin(&v, LEDGER_OPERATION_CHECK, OPERATION, &ana, &limits, T0);
	(void)verification_checked(&v, TWILIO_ANSWER_LOST, &approved, &limits, T0);
	assert_false(verification_awaits_key_in(&v, T0));
	verification_key_in_over(&v, T0);
	verification_settled(&v, TWILIO_OK, &approved, &limits, T0 + 1000);
	assert_true(verification_keyed_in(&v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caller_is_asked_for_a_code_that_is_out_and_for_no_other),
		cmocka_unit_test(while_he_is_asked_nothing_else_is_sent_or_tried_and_a_cancel_or_stop_ends_it),
		cmocka_unit_test(it_ends_with_its_time_with_the_code_s_and_when_he_is_back),
		cmocka_unit_test(what_he_keys_in_is_told_from_what_an_agent_enters_afterwards),
		cmocka_unit_test(an_answer_that_was_lost_and_found_is_the_caller_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
