/*
 * What people decide about a verification, by the state machine alone: when
 * it may be decided, how long it holds, and what it never does.
 */
#include "callcenter/verification_may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define T0     INT64_C(1790000000000)
#define MINUTE INT64_C(60000)
#define DAY    (INT64_C(24) * 60 * MINUTE)
#define SID    "VE00000000000000000000000000000001"
#define REASON "the customer is known to us"

static const struct verification_limits limits = {
	.checks_max = 5,
	.sends_max = 5,
	.code_valid_ms = 10 * MINUTE,
	.verified_for_ms = 15 * MINUTE,
	.operation_ms = 15000,
};
static const struct verification_actor ana = { "WK00000000000000000000000000000001", "Ana" };
static const struct verification_actor sam = { "WK00000000000000000000000000000003", "Sam" };

/* A row in each state that a row can be in; live at T0. */
static struct ledger_verification
row_in(enum verification_state state)
{
	struct ledger_verification v = { .id = "00000000000000a1", .verification_sid = SID, .created_at = T0,
		.sent_at = T0, .expires_at = T0 + 10 * MINUTE, .state = LEDGER_STATE_PENDING };

	switch (state) {
	case VERIFICATION_NOT_VERIFIED:
		return (struct ledger_verification){ .id = "" };
	case VERIFICATION_SENDING:
		verification_begin(&v, LEDGER_OPERATION_SEND, "0000000000000001", &ana, &limits, T0);
		break;
	case VERIFICATION_CHECKING:
		verification_begin(&v, LEDGER_OPERATION_CHECK, "0000000000000001", &ana, &limits, T0);
		break;
	case VERIFICATION_APPROVED:
		v.state = LEDGER_STATE_APPROVED;
		v.approved_at = T0;
		v.approved_until = T0 + 15 * MINUTE;
		break;
	case VERIFICATION_EXPIRED:
		v.state = LEDGER_STATE_EXPIRED;
		break;
	case VERIFICATION_LOCKED:
		v.state = LEDGER_STATE_LOCKED;
		break;
	case VERIFICATION_CANCELED:
		v.state = LEDGER_STATE_CANCELED;
		break;
	case VERIFICATION_UNCLEAR:
		v.state = LEDGER_STATE_UNCLEAR;
		v.lost = LEDGER_OPERATION_CHECK;
		break;
	case VERIFICATION_STOPPED:
		verification_stopped(&v, &ana, T0);
		break;
	case VERIFICATION_OVERRIDDEN:
		verification_overridden(&v, &sam, REASON, T0 + 10 * MINUTE, T0);
		break;
	case VERIFICATION_PENDING:
	case VERIFICATION__MAX:
		break;
	}
	return v;
}

static void
the_rows_of_these_tests_are_in_the_states_they_are_named_after(void **state)
{
	(void)state;
	for (int i = 0; i < VERIFICATION__MAX; i++) {
		struct ledger_verification v = row_in((enum verification_state)i);

		assert_int_equal(verification_state(&v, T0), i);
	}
}

static void
each_decision_is_allowed_in_these_states_and_in_no_other(void **state)
{
	static const struct {
		enum refusal stop, end, override, unlock;
	} wanted[VERIFICATION__MAX] = {
		[VERIFICATION_NOT_VERIFIED] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
		[VERIFICATION_SENDING] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_VERIFICATION_BUSY,
		    REFUSAL_VERIFICATION_BUSY },
		[VERIFICATION_PENDING] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
		[VERIFICATION_CHECKING] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_VERIFICATION_BUSY,
		    REFUSAL_VERIFICATION_BUSY },
		[VERIFICATION_APPROVED] = { REFUSAL_NONE, REFUSAL_NONE, REFUSAL_ALREADY_APPROVED, REFUSAL_NOT_LOCKED },
		[VERIFICATION_EXPIRED] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
		[VERIFICATION_LOCKED] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NONE },
		[VERIFICATION_CANCELED] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
		[VERIFICATION_UNCLEAR] = { REFUSAL_NONE, REFUSAL_NOT_APPROVED, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
		[VERIFICATION_STOPPED] = { REFUSAL_CONTACT_STOPPED, REFUSAL_NOT_APPROVED, REFUSAL_CONTACT_STOPPED,
		    REFUSAL_NONE },
		[VERIFICATION_OVERRIDDEN] = { REFUSAL_NONE, REFUSAL_NONE, REFUSAL_NONE, REFUSAL_NOT_LOCKED },
	};

	(void)state;
	for (int i = 0; i < VERIFICATION__MAX; i++) {
		const struct ledger_verification v = row_in((enum verification_state)i);

		assert_int_equal(verification_may_stop(&v, T0), wanted[i].stop);
		assert_int_equal(verification_may_end(&v, T0), wanted[i].end);
		assert_int_equal(verification_may_override(&v, T0), wanted[i].override);
		assert_int_equal(verification_may_unlock(&v, false, T0), wanted[i].unlock);
	}
}

static void
a_locked_number_can_be_opened_but_not_while_a_code_is_under_way(void **state)
{
	(void)state;
	for (int i = 0; i < VERIFICATION__MAX; i++) {
		const struct ledger_verification v = row_in((enum verification_state)i);
		bool busy = i == VERIFICATION_SENDING || i == VERIFICATION_CHECKING;

		assert_int_equal(verification_may_unlock(&v, true, T0),
		    busy ? REFUSAL_VERIFICATION_BUSY : REFUSAL_NONE);
	}
}

static void
a_stop_closes_every_state_for_good(void **state)
{
	(void)state;
	for (int i = 0; i < VERIFICATION__MAX; i++) {
		struct ledger_verification v = row_in((enum verification_state)i);

		snprintf(v.id, sizeof(v.id), "00000000000000a1");
		verification_stopped(&v, &ana, T0);
		for (int64_t after = -DAY; after <= 400 * DAY; after += 200 * DAY)
			assert_int_equal(verification_state(&v, T0 + after), VERIFICATION_STOPPED);
		assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_CONTACT_STOPPED);
		assert_int_equal(verification_may_check(&v, T0), REFUSAL_CONTACT_STOPPED);
		assert_int_equal(verification_may_cancel(&v, T0), REFUSAL_CONTACT_STOPPED);
		assert_int_equal(v.operation, LEDGER_OPERATION_NONE);
		assert_string_equal(v.decided_by_name, "Ana");
	}
}

static void
what_twilio_may_still_hold_is_remembered_by_a_stop_and_forgotten_with_its_answer(void **state)
{
	struct ledger_verification pending = row_in(VERIFICATION_PENDING), checking = row_in(VERIFICATION_CHECKING);
	struct ledger_verification approved = row_in(VERIFICATION_APPROVED);
	const struct verify_answer answer = { .sid = SID, .status = VERIFY_PENDING, .channel = "sms" };

	(void)state;
	verification_stopped(&pending, &ana, T0);
	verification_stopped(&checking, &ana, T0);
	verification_stopped(&approved, &ana, T0);
	assert_int_equal(pending.lost, LEDGER_OPERATION_CANCEL);
	assert_int_equal(checking.lost, LEDGER_OPERATION_CANCEL);
	assert_int_equal(approved.lost, LEDGER_OPERATION_NONE);

	verification_superseded(&pending, TWILIO_OK);
	assert_int_equal(pending.lost, LEDGER_OPERATION_NONE);
	assert_int_equal(verification_state(&pending, T0), VERIFICATION_STOPPED);

	/* A code that went out while the contact was being stopped. */
	verification_sent_late(&pending, &answer);
	assert_int_equal(pending.lost, LEDGER_OPERATION_CANCEL);
	assert_int_equal(verification_state(&pending, T0), VERIFICATION_STOPPED);
}

static void
an_override_holds_for_its_time_and_names_who_why_and_until_when(void **state)
{
	struct ledger_verification v = row_in(VERIFICATION_OVERRIDDEN);

	(void)state;
	assert_int_equal(verification_state(&v, T0), VERIFICATION_OVERRIDDEN);
	assert_int_equal(verification_state(&v, T0 + 10 * MINUTE - 1), VERIFICATION_OVERRIDDEN);
	assert_int_equal(verification_state(&v, T0 + 10 * MINUTE), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_state(&v, T0 + DAY), VERIFICATION_NOT_VERIFIED);
	assert_string_equal(v.decided_by_id, "WK00000000000000000000000000000003");
	assert_string_equal(v.decided_by_name, "Sam");
	assert_string_equal(v.reason, REASON);
	assert_int_equal(v.decided_until, T0 + 10 * MINUTE);
}

static void
an_override_is_no_approval_and_takes_no_code(void **state)
{
	struct ledger_verification v = row_in(VERIFICATION_OVERRIDDEN);

	(void)state;
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_NO_PENDING_CODE);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_NONE);
	assert_false(verification_continues(&v, T0));
	assert_int_equal(v.approved_until, 0);
}

static void
a_clock_that_is_set_back_closes_an_override(void **state)
{
	struct ledger_verification v = row_in(VERIFICATION_OVERRIDDEN);

	(void)state;
	assert_int_equal(verification_state(&v, T0 - 1000), VERIFICATION_OVERRIDDEN); /* corrected by a second */
	assert_int_equal(verification_state(&v, T0 - MINUTE), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_state(&v, T0 - DAY), VERIFICATION_NOT_VERIFIED);
}

static void
what_is_ended_is_closed_at_once(void **state)
{
	struct ledger_verification approved = row_in(VERIFICATION_APPROVED);
	struct ledger_verification overridden = row_in(VERIFICATION_OVERRIDDEN);

	(void)state;
	verification_ended(&approved);
	verification_ended(&overridden);
	assert_int_equal(verification_state(&approved, T0), VERIFICATION_CANCELED);
	assert_int_equal(verification_state(&overridden, T0), VERIFICATION_CANCELED);
	assert_int_equal(verification_may_end(&approved, T0), REFUSAL_NOT_APPROVED);
}

static void
an_unlock_opens_for_a_new_code_and_never_for_data(void **state)
{
	(void)state;
	for (int i = 0; i < VERIFICATION__MAX; i++) {
		struct ledger_verification v = row_in((enum verification_state)i), before = v;
		bool opened = i == VERIFICATION_LOCKED || i == VERIFICATION_STOPPED;

		verification_unlocked(&v);
		assert_int_equal(verification_state(&v, T0), opened ? VERIFICATION_CANCELED : i);
		if (opened) {
			assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_NONE);
			assert_false(verification_continues(&v, T0)); /* the new code has a row of its own */
			assert_int_equal(v.lost, LEDGER_OPERATION_CANCEL); /* and Twilio drops the old one first */
		} else {
			assert_memory_equal(&v, &before, sizeof(v));
		}
	}
}

static void
a_stop_after_the_approval_leaves_nothing_that_an_unlock_could_bring_back(void **state)
{
	struct ledger_verification v = row_in(VERIFICATION_APPROVED);

	(void)state;
	verification_stopped(&v, &ana, T0);
	verification_unlocked(&v);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_CANCELED);
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_NO_PENDING_CODE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rows_of_these_tests_are_in_the_states_they_are_named_after),
		cmocka_unit_test(each_decision_is_allowed_in_these_states_and_in_no_other),
		cmocka_unit_test(a_locked_number_can_be_opened_but_not_while_a_code_is_under_way),
		cmocka_unit_test(a_stop_closes_every_state_for_good),
		cmocka_unit_test(what_twilio_may_still_hold_is_remembered_by_a_stop_and_forgotten_with_its_answer),
		cmocka_unit_test(an_override_holds_for_its_time_and_names_who_why_and_until_when),
		cmocka_unit_test(an_override_is_no_approval_and_takes_no_code),
		cmocka_unit_test(a_clock_that_is_set_back_closes_an_override),
		cmocka_unit_test(what_is_ended_is_closed_at_once),
		cmocka_unit_test(an_unlock_opens_for_a_new_code_and_never_for_data),
		cmocka_unit_test(a_stop_after_the_approval_leaves_nothing_that_an_unlock_could_bring_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
