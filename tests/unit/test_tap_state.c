/*
 * A link's row: what may become of it, and when.
 */
#include "callcenter/strength.h"
#include "callcenter/verification_may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define T0     INT64_C(1790000000000)
#define END_MS (T0 + 300000)

static const struct verification_limits limits = {
	.checks_max = 5,
	.code_valid_ms = 600000,
	.verified_for_ms = 900000,
};
static const struct verification_actor ana = { "WK00000000000000000000000000000001", "Ana" };
static const struct verification_actor customer = { TAP_ID, TAP_NAME };

static struct ledger_verification
link_row(void)
{
	struct ledger_verification v = { .id = "00000000000000a1" };

	verification_link_texted(&v, &ana, END_MS, T0);
	return v;
}

static void
a_link_waits_until_it_runs_out_and_no_clock_that_is_set_back_makes_it_young(void **state)
{
	const struct ledger_verification v = link_row();

	(void)state;
	assert_int_equal(verification_state(&v, T0), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_may_confirm_link(&v, T0), REFUSAL_NONE);
	assert_int_equal(verification_may_confirm_link(&v, END_MS - 1), REFUSAL_NONE);
	assert_int_equal(verification_may_confirm_link(&v, END_MS), REFUSAL_LINK_EXPIRED);
	assert_int_equal(verification_may_confirm_link(&v, T0 - 2 * VERIFICATION_CLOCK_STEP_MS), REFUSAL_LINK_EXPIRED);
}

static void
no_code_can_be_checked_while_only_a_link_is_out(void **state)
{
	const struct ledger_verification v = link_row();

	(void)state;
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_NO_PENDING_CODE);
	assert_int_equal(verification_may_cancel(&v, T0), REFUSAL_NO_PENDING_CODE);
	assert_false(verification_continues(&v, T0));
	assert_false(verification_of_pins(&v, T0));
}

static void
a_yes_approves_once_for_who_had_it_texted_and_for_a_limited_time(void **state)
{
	struct ledger_verification v = link_row();

	(void)state;
	verification_link_confirmed(&v, &limits, T0 + 1000);
	assert_int_equal(verification_state(&v, T0 + 1000), VERIFICATION_APPROVED);
	assert_string_equal(v.checked_by_id, ana.agent_id);
	assert_int_equal(verification_state(&v, T0 + 1000 + limits.verified_for_ms), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_may_confirm_link(&v, T0 + 1000), REFUSAL_LINK_USED);
	verification_ended(&v);
	assert_int_equal(verification_may_confirm_link(&v, T0 + 1000), REFUSAL_LINK_USED);
}

static void
a_no_is_an_answer_and_an_agent_s_stop_is_none(void **state)
{
	struct ledger_verification denied = link_row(), other = link_row(), stopped = link_row();

	(void)state;
	verification_stopped(&denied, &customer, T0);
	assert_int_equal(verification_state(&denied, T0), VERIFICATION_STOPPED);
	assert_int_equal(verification_may_confirm_link(&denied, T0), REFUSAL_LINK_USED);
	verification_link_denied(&other, &customer, T0);
	assert_int_equal(verification_may_confirm_link(&other, T0), REFUSAL_LINK_USED);
	assert_int_equal(verification_may_deny_link(&other, T0), REFUSAL_LINK_USED);
	verification_stopped(&stopped, &ana, T0);
	assert_int_equal(verification_may_confirm_link(&stopped, T0), REFUSAL_LINK_EXPIRED);
	verification_unlocked(&stopped);
	assert_int_equal(verification_may_confirm_link(&stopped, T0), REFUSAL_LINK_EXPIRED);
}

static void
a_link_that_is_taken_back_is_no_use_and_a_lock_or_a_stop_is_not_got_round_by_one(void **state)
{
	struct ledger_verification v = link_row(), locked = link_row(), none = { .id = "" };

	(void)state;
	verification_link_taken_back(&v);
	assert_int_equal(verification_may_confirm_link(&v, T0), REFUSAL_LINK_EXPIRED);
	assert_int_equal(verification_may_deny_link(&v, T0), REFUSAL_NONE); /* but a no counts */
	assert_int_equal(verification_may_deny_link(&v, END_MS), REFUSAL_LINK_EXPIRED);
	assert_int_equal(verification_may_text_link(&none, T0), REFUSAL_NONE);
	locked.state = LEDGER_STATE_LOCKED;
	assert_int_equal(verification_may_text_link(&locked, T0), REFUSAL_TOO_MANY_CHECKS);
	verification_stopped(&v, &customer, T0);
	assert_int_equal(verification_may_text_link(&v, T0), REFUSAL_CONTACT_STOPPED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_waits_until_it_runs_out_and_no_clock_that_is_set_back_makes_it_young),
		cmocka_unit_test(no_code_can_be_checked_while_only_a_link_is_out),
		cmocka_unit_test(a_yes_approves_once_for_who_had_it_texted_and_for_a_limited_time),
		cmocka_unit_test(a_no_is_an_answer_and_an_agent_s_stop_is_none),
		cmocka_unit_test(a_link_that_is_taken_back_is_no_use_and_a_lock_or_a_stop_is_not_got_round_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
