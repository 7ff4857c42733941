#include "callcenter/verification_may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define T0 INT64_C(1790000000000)
#define SID_A "VE00000000000000000000000000000001"
#define SID_B "VE00000000000000000000000000000002"

static const struct verification_limits limits = {
	.checks_max = 5,
	.sends_max = 5,
	.code_valid_ms = 600000,
	.verified_for_ms = 900000,
	.operation_ms = 15000,
};
static const struct verification_actor ana = { "WK00000000000000000000000000000001", "Ana" };

static struct verify_answer
answer_of(enum verify_status status, const char *sid)
{
	struct verify_answer answer = { .status = status, .channel = "sms" };

	snprintf(answer.sid, sizeof(answer.sid), "%s", sid);
	return answer;
}

static struct ledger_verification
new_row(void)
{
	return (struct ledger_verification){ .id = "00000000000000a1" };
}

static enum refusal
send(struct ledger_verification *v, enum twilio_result result, const char *sid, int64_t now)
{
	struct verify_answer answer = answer_of(VERIFY_PENDING, sid);

	verification_begin(v, LEDGER_OPERATION_SEND, "0000000000000001", &ana, &limits, now);
	return verification_sent(v, result, &answer, &ana, &limits, now);
}

static enum refusal
check(struct ledger_verification *v, enum twilio_result result, enum verify_status status, int64_t now)
{
	struct verify_answer answer = answer_of(status, SID_A);

	verification_begin(v, LEDGER_OPERATION_CHECK, "0000000000000002", &ana, &limits, now);
	return verification_checked(v, result, &answer, &limits, now);
}

static struct ledger_verification
pending_row(void)
{
	struct ledger_verification v = new_row();

	assert_int_equal(send(&v, TWILIO_OK, SID_A, T0), REFUSAL_NONE);
	return v;
}

static void
without_a_row_nothing_is_verified_and_a_code_may_be_sent(void **state)
{
	struct ledger_verification none = { .id = "" };

	(void)state;
	assert_int_equal(verification_state(&none, T0), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_may_send(&none, &limits, T0), REFUSAL_NONE);
	assert_int_equal(verification_may_check(&none, T0), REFUSAL_NO_PENDING_CODE);
	assert_int_equal(verification_may_cancel(&none, T0), REFUSAL_NO_PENDING_CODE);
}

static void
a_sent_code_is_pending_until_ten_minutes_after_the_first_send(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
	assert_int_equal(send(&v, TWILIO_OK, SID_A, T0 + 300000), REFUSAL_NONE);
	assert_int_equal(verification_state(&v, T0 + 599999), VERIFICATION_PENDING);
	assert_int_equal(verification_may_check(&v, T0 + 599999), REFUSAL_NONE);
	assert_int_equal(verification_state(&v, T0 + 600000), VERIFICATION_EXPIRED);
	assert_int_equal(verification_may_check(&v, T0 + 600000), REFUSAL_CODE_EXPIRED);
	assert_int_equal(verification_may_send(&v, &limits, T0 + 600000), REFUSAL_NONE);
	assert_false(verification_continues(&v, T0 + 600000));
}

static void
the_right_code_approves_for_a_limited_time(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	assert_int_equal(check(&v, TWILIO_OK, VERIFY_APPROVED, T0 + 1000), REFUSAL_NONE);
	assert_int_equal(verification_state(&v, T0 + 1000), VERIFICATION_APPROVED);
	assert_string_equal(v.checked_by_name, "Ana");
	assert_int_equal(verification_state(&v, T0 + 900999), VERIFICATION_APPROVED);
	assert_int_equal(verification_state(&v, T0 + 901000), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_may_check(&v, T0 + 2000), REFUSAL_ALREADY_APPROVED);
}

static void
nothing_but_the_word_approved_approves(void **state)
{
	static const enum verify_status words[] = { VERIFY_PENDING, VERIFY_CANCELED, VERIFY_MAX_ATTEMPTS_REACHED,
		VERIFY_EXPIRED, VERIFY_OTHER };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct ledger_verification v = pending_row();

		assert_int_not_equal(check(&v, TWILIO_OK, words[i], T0), REFUSAL_NONE);
		assert_int_not_equal(verification_state(&v, T0), VERIFICATION_APPROVED);
	}
}

static void
no_failure_of_a_check_approves_even_with_approved_in_the_answer(void **state)
{
	(void)state;
	for (int i = TWILIO_OK + 1; i <= TWILIO_NO_MEMORY; i++) {
		struct ledger_verification v = pending_row();

		assert_int_not_equal(check(&v, (enum twilio_result)i, VERIFY_APPROVED, T0), REFUSAL_NONE);
		assert_int_not_equal(verification_state(&v, T0), VERIFICATION_APPROVED);
	}
}

static void
no_failure_of_a_send_makes_a_code_pending(void **state)
{
	(void)state;
	for (int i = TWILIO_OK + 1; i <= TWILIO_NO_MEMORY; i++) {
		struct ledger_verification v = new_row();

		assert_int_not_equal(send(&v, (enum twilio_result)i, SID_A, T0), REFUSAL_NONE);
		assert_int_equal(verification_state(&v, T0),
		    twilio_result_unclear((enum twilio_result)i) ? VERIFICATION_UNCLEAR : VERIFICATION_NOT_VERIFIED);
	}
}

static void
the_fifth_wrong_code_locks_until_the_code_would_have_run_out(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(verification_may_check(&v, T0), REFUSAL_NONE);
		assert_int_equal(check(&v, TWILIO_OK, VERIFY_PENDING, T0), REFUSAL_WRONG_CODE);
		assert_int_equal(verification_checks_left(&v, &limits), 5 - i);
	}
	assert_int_equal(verification_state(&v, T0), VERIFICATION_LOCKED);
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_TOO_MANY_CHECKS);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_TOO_MANY_CHECKS);
	assert_int_equal(verification_may_cancel(&v, T0), REFUSAL_TOO_MANY_CHECKS);
	assert_int_equal(verification_may_send(&v, &limits, T0 + 600000), REFUSAL_NONE);
}

static void
a_check_that_twilio_did_not_look_at_is_not_counted(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	assert_int_equal(check(&v, TWILIO_BUSY, VERIFY_OTHER, T0), REFUSAL_TWILIO_BUSY);
	assert_int_equal(check(&v, TWILIO_UNREACHABLE, VERIFY_OTHER, T0), REFUSAL_TWILIO_UNREACHABLE);
	assert_int_equal(verification_checks_left(&v, &limits), 5);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
}

static void
a_check_whose_answer_was_lost_is_counted_and_unclear(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	assert_int_equal(check(&v, TWILIO_TIMED_OUT, VERIFY_OTHER, T0), REFUSAL_TWILIO_TIMED_OUT);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_UNCLEAR);
	assert_int_equal(verification_checks_left(&v, &limits), 4);
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_RESULT_UNCLEAR);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_NONE);
	assert_true(verification_continues(&v, T0));
}

static void
five_sends_are_all_and_a_code_that_is_out_can_still_be_checked(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	for (int i = 2; i <= 5; i++) {
		assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_NONE);
		assert_int_equal(send(&v, TWILIO_OK, SID_A, T0), REFUSAL_NONE);
	}
	assert_int_equal(verification_sends_left(&v, &limits), 0);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_TOO_MANY_SENDS);
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_NONE);
}

static void
a_refused_resend_leaves_the_pending_code_as_it_was(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	assert_int_equal(send(&v, TWILIO_TOO_MANY_SENDS, "", T0), REFUSAL_TOO_MANY_SENDS);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
	assert_int_equal(verification_sends_left(&v, &limits), 4);
}

static void
another_sid_on_a_resend_is_a_new_code_with_a_life_of_its_own(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	(void)check(&v, TWILIO_OK, VERIFY_PENDING, T0);
	assert_int_equal(send(&v, TWILIO_OK, SID_B, T0 + 500000), REFUSAL_NONE);
	assert_string_equal(v.verification_sid, SID_B);
	assert_int_equal(verification_checks_left(&v, &limits), 5);
	assert_int_equal(verification_state(&v, T0 + 1099999), VERIFICATION_PENDING);
	assert_int_equal(verification_state(&v, T0 + 1100000), VERIFICATION_EXPIRED);
}

static void
an_operation_in_flight_keeps_every_other_out(void **state)
{
	static const struct {
		enum ledger_operation operation;
		enum verification_state state;
	} cases[] = {
		{ LEDGER_OPERATION_SEND, VERIFICATION_SENDING },
		{ LEDGER_OPERATION_CHECK, VERIFICATION_CHECKING },
		{ LEDGER_OPERATION_CANCEL, VERIFICATION_CHECKING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger_verification v = pending_row();

		verification_begin(&v, cases[i].operation, "0000000000000009", &ana, &limits, T0);
		assert_int_equal(verification_state(&v, T0 + 14999), cases[i].state);
		assert_int_equal(verification_may_send(&v, &limits, T0 + 14999), REFUSAL_VERIFICATION_BUSY);
		assert_int_equal(verification_may_check(&v, T0 + 14999), REFUSAL_VERIFICATION_BUSY);
		assert_int_equal(verification_may_cancel(&v, T0 + 14999), REFUSAL_VERIFICATION_BUSY);
	}
}

static void
an_operation_that_never_reported_back_is_unclear_and_never_approved(void **state)
{
	static const enum ledger_operation operations[] = { LEDGER_OPERATION_SEND, LEDGER_OPERATION_CHECK,
		LEDGER_OPERATION_CANCEL };

	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		struct ledger_verification v = pending_row();

		verification_begin(&v, operations[i], "0000000000000009", &ana, &limits, T0);
		assert_int_equal(verification_state(&v, T0 + 15000), VERIFICATION_UNCLEAR);
		assert_int_equal(verification_state(&v, T0 + 600000), VERIFICATION_EXPIRED);
	}
}

static void
a_send_after_a_lost_check_that_is_refused_leaves_it_unclear(void **state)
{
	struct ledger_verification v = pending_row();

	(void)state;
	verification_begin(&v, LEDGER_OPERATION_CHECK, "0000000000000009", &ana, &limits, T0);
	assert_int_equal(send(&v, TWILIO_BUSY, "", T0 + 20000), REFUSAL_TWILIO_BUSY);
	assert_int_equal(verification_state(&v, T0 + 20000), VERIFICATION_UNCLEAR);
}

static void
a_canceled_code_cannot_be_checked_and_a_new_one_may_be_sent(void **state)
{
	struct ledger_verification v = pending_row();
	struct verify_answer answer = answer_of(VERIFY_CANCELED, SID_A);

	(void)state;
	verification_begin(&v, LEDGER_OPERATION_CANCEL, "0000000000000003", &ana, &limits, T0);
	assert_int_equal(verification_canceled(&v, TWILIO_OK, &answer), REFUSAL_NONE);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_CANCELED);
	assert_int_equal(verification_may_check(&v, T0), REFUSAL_NO_PENDING_CODE);
	assert_int_equal(verification_may_send(&v, &limits, T0), REFUSAL_NONE);
	assert_false(verification_continues(&v, T0));
}

static void
an_unclear_code_with_a_known_sid_can_be_canceled(void **state)
{
	struct ledger_verification v = pending_row(), unsent = new_row();

	(void)state;
	(void)check(&v, TWILIO_ANSWER_LOST, VERIFY_OTHER, T0);
	assert_int_equal(verification_may_cancel(&v, T0), REFUSAL_NONE);
	(void)send(&unsent, TWILIO_ANSWER_LOST, "", T0);
	assert_int_equal(verification_may_cancel(&unsent, T0), REFUSAL_RESULT_UNCLEAR);
}

static void
settling_takes_what_twilio_says_and_nothing_else(void **state)
{
	static const struct {
		enum twilio_result result;
		enum verify_status status;
		enum verification_state state;
	} cases[] = {
		{ TWILIO_OK, VERIFY_PENDING, VERIFICATION_PENDING },
		{ TWILIO_OK, VERIFY_APPROVED, VERIFICATION_APPROVED },
		{ TWILIO_OK, VERIFY_CANCELED, VERIFICATION_CANCELED },
		{ TWILIO_OK, VERIFY_MAX_ATTEMPTS_REACHED, VERIFICATION_LOCKED },
		{ TWILIO_OK, VERIFY_OTHER, VERIFICATION_UNCLEAR },
		{ TWILIO_NOT_FOUND, VERIFY_APPROVED, VERIFICATION_UNCLEAR },
		{ TWILIO_TIMED_OUT, VERIFY_APPROVED, VERIFICATION_UNCLEAR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ledger_verification v = pending_row();
		struct verify_answer answer = answer_of(cases[i].status, SID_A);

		(void)check(&v, TWILIO_TIMED_OUT, VERIFY_OTHER, T0);
		verification_settled(&v, cases[i].result, &answer, &limits, T0);
		assert_int_equal(verification_state(&v, T0), cases[i].state);
	}
}

static void
a_clock_that_is_set_back_reopens_nothing(void **state)
{
	const int64_t day = INT64_C(24) * 3600 * 1000;
	struct ledger_verification approved = pending_row(), pending = pending_row(), checking = pending_row();

	(void)state;
	(void)check(&approved, TWILIO_OK, VERIFY_APPROVED, T0);
	assert_int_equal(verification_state(&approved, T0 - day), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_state(&pending, T0 - day), VERIFICATION_EXPIRED);
	verification_begin(&checking, LEDGER_OPERATION_CHECK, "0000000000000009", &ana, &limits, T0);
	assert_int_equal(verification_state(&checking, T0 - day), VERIFICATION_EXPIRED);
	/* A correction of a second is no such thing. */
	assert_int_equal(verification_state(&approved, T0 - 1000), VERIFICATION_APPROVED);
	assert_int_equal(verification_state(&pending, T0 - 1000), VERIFICATION_PENDING);
}

static void
settling_approves_only_after_a_lost_check_and_in_the_name_of_who_made_it(void **state)
{
	struct verify_answer approved = answer_of(VERIFY_APPROVED, SID_A);
	struct ledger_verification lost_send = pending_row(), lost_check = pending_row(), died = pending_row();

	(void)state;
	(void)send(&lost_send, TWILIO_ANSWER_LOST, "", T0);
	verification_settled(&lost_send, TWILIO_OK, &approved, &limits, T0);
	assert_int_equal(verification_state(&lost_send, T0), VERIFICATION_UNCLEAR);

	(void)check(&lost_check, TWILIO_ANSWER_LOST, VERIFY_OTHER, T0);
	(void)send(&lost_check, TWILIO_ANSWER_LOST, "", T0); /* the check stays what matters */
	verification_settled(&lost_check, TWILIO_OK, &approved, &limits, T0);
	assert_int_equal(verification_state(&lost_check, T0), VERIFICATION_APPROVED);
	assert_string_equal(lost_check.checked_by_name, "Ana");

	verification_begin(&died, LEDGER_OPERATION_CHECK, "0000000000000009", &ana, &limits, T0);
	verification_settled(&died, TWILIO_OK, &approved, &limits, T0 + 20000);
	assert_int_equal(verification_state(&died, T0 + 20000), VERIFICATION_APPROVED);
	assert_int_equal(died.approved_at, T0); /* and no younger for having been found out late */
}

static void
a_first_send_whose_answer_was_lost_is_found_by_its_sid(void **state)
{
	struct verify_answer pending = answer_of(VERIFY_PENDING, SID_B);
	struct ledger_verification v = new_row();

	(void)state;
	(void)send(&v, TWILIO_TIMED_OUT, "", T0);
	verification_settled(&v, TWILIO_OK, &pending, &limits, T0);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
	assert_string_equal(v.verification_sid, SID_B);
}

static void
a_superseded_code_is_of_no_use(void **state)
{
	struct ledger_verification canceled = pending_row(), gone = pending_row();

	(void)state;
	verification_superseded(&canceled, TWILIO_OK);
	assert_int_equal(verification_may_check(&canceled, T0), REFUSAL_NO_PENDING_CODE);
	verification_superseded(&gone, TWILIO_NOT_FOUND);
	assert_int_equal(verification_may_check(&gone, T0), REFUSAL_CODE_EXPIRED);
}

static void
a_pin_may_be_tried_whenever_nothing_is_under_way_and_nothing_is_closed(void **state)
{
	struct ledger_verification none = { 0 }, pending = pending_row(), busy = pending_row(), stopped = pending_row();

	(void)state;
	assert_int_equal(verification_may_try_pin(&none, T0), REFUSAL_NONE);
	assert_int_equal(verification_may_try_pin(&pending, T0), REFUSAL_NONE);
	verification_begin(&busy, LEDGER_OPERATION_CHECK, "0000000000000003", &ana, &limits, T0);
	assert_int_equal(verification_may_try_pin(&busy, T0), REFUSAL_VERIFICATION_BUSY);
	verification_stopped(&stopped, &ana, T0);
	assert_int_equal(verification_may_try_pin(&stopped, T0), REFUSAL_CONTACT_STOPPED);
}

static void
a_right_pin_approves_for_a_limited_time(void **state)
{
	struct ledger_verification v = new_row();

	(void)state;
	verification_begin_pins(&v, &limits, T0);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_NOT_VERIFIED);
	assert_true(verification_of_pins(&v, T0));
	verification_pin_right(&v, &ana, &limits, T0);
	assert_false(verification_of_pins(&v, T0));
	assert_int_equal(verification_state(&v, T0), VERIFICATION_APPROVED);
	assert_int_equal(verification_state(&v, T0 + limits.verified_for_ms), VERIFICATION_NOT_VERIFIED);
	assert_string_equal(v.checked_by_name, "Ana");
	assert_string_equal(v.channel, "pin");
}

static void
wrong_pins_and_wrong_codes_lock_together_and_the_code_has_still_to_be_canceled(void **state)
{
	struct ledger_verification v = pending_row(), pins = new_row();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(check(&v, TWILIO_OK, VERIFY_PENDING, T0), REFUSAL_WRONG_CODE);
	verification_pin_wrong(&v, &ana, &limits);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_PENDING);
	verification_pin_wrong(&v, &ana, &limits);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_LOCKED);
	assert_int_equal(v.lost, LEDGER_OPERATION_CANCEL);
	assert_int_equal(verification_may_try_pin(&v, T0), REFUSAL_TOO_MANY_CHECKS);

	verification_begin_pins(&pins, &limits, T0);
	for (int i = 0; i < limits.checks_max; i++)
		verification_pin_wrong(&pins, &ana, &limits);
	assert_int_equal(verification_state(&pins, T0), VERIFICATION_LOCKED);
	assert_int_equal(pins.lost, LEDGER_OPERATION_NONE);
}

static void
a_row_of_pins_from_the_future_or_run_out_is_not_gone_on_with(void **state)
{
	struct ledger_verification v = new_row();

	(void)state;
	verification_begin_pins(&v, &limits, T0);
	assert_false(verification_of_pins(&v, T0 - 2 * VERIFICATION_CLOCK_STEP_MS));
	assert_false(verification_of_pins(&v, T0 + limits.code_valid_ms));
}

static void
a_call_back_may_be_asked_for_once_until_it_expires_and_never_past_a_lock_or_a_stop(void **state)
{
	struct ledger_verification none = { 0 }, locked = pending_row(), stopped = pending_row(), asked = new_row();

	(void)state;
	assert_int_equal(verification_may_call_back(&none, T0), REFUSAL_NONE);
	locked.state = LEDGER_STATE_LOCKED;
	assert_int_equal(verification_may_call_back(&locked, T0), REFUSAL_TOO_MANY_CHECKS);
	verification_stopped(&stopped, &ana, T0);
	assert_int_equal(verification_may_call_back(&stopped, T0), REFUSAL_CONTACT_STOPPED);
	verification_call_back_asked(&asked, &ana, T0 + 1000, T0);
	assert_int_equal(verification_state(&asked, T0), VERIFICATION_CANCELED);
	assert_int_equal(verification_may_call_back(&asked, T0), REFUSAL_CALLBACK_ASKED);
	assert_int_equal(verification_may_call_back(&asked, T0 + 1000), REFUSAL_NONE);
}

static void
a_contact_that_is_given_up_has_its_code_canceled(void **state)
{
	struct ledger_verification v = pending_row(), approved = new_row();

	(void)state;
	verification_given_up(&v);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_CANCELED);
	assert_int_equal(v.lost, LEDGER_OPERATION_CANCEL);
	approved.state = LEDGER_STATE_APPROVED; /* whose end is the ledger's */
	verification_given_up(&approved);
	assert_int_equal(approved.state, LEDGER_STATE_APPROVED);
}

static void
a_call_back_counts_once_in_its_time_and_verifies_in_a_row_of_its_own(void **state)
{
	struct ledger_verification none = { 0 }, waits = new_row(), v = new_row();

	(void)state;
	verification_call_back_waits(&waits, &ana, T0 + 60000, T0);
	assert_int_equal(verification_state(&waits, T0), VERIFICATION_NOT_VERIFIED);
	assert_int_equal(verification_may_be_called_back(&none, T0), REFUSAL_NO_CALLBACK);
	assert_int_equal(verification_may_be_called_back(&waits, T0), REFUSAL_NONE);
	assert_int_equal(verification_may_be_called_back(&waits, T0 + 60000), REFUSAL_CALLBACK_EXPIRED);
	assert_int_equal(verification_may_be_called_back(&waits, T0 - 2 * VERIFICATION_CLOCK_STEP_MS),
	    REFUSAL_CALLBACK_EXPIRED);
	verification_called_back(&waits, &ana, T0);
	assert_int_equal(verification_may_be_called_back(&waits, T0), REFUSAL_CALLBACK_USED);
	assert_int_equal(verification_state(&waits, T0), VERIFICATION_NOT_VERIFIED);
	verification_by_call_back(&v, &ana, &limits, T0);
	assert_int_equal(verification_state(&v, T0), VERIFICATION_APPROVED);
	assert_int_equal(verification_state(&v, T0 + limits.verified_for_ms), VERIFICATION_NOT_VERIFIED);
	assert_string_equal(v.checked_by_name, "Ana");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_back_may_be_asked_for_once_until_it_expires_and_never_past_a_lock_or_a_stop),
		cmocka_unit_test(a_contact_that_is_given_up_has_its_code_canceled),
		cmocka_unit_test(a_call_back_counts_once_in_its_time_and_verifies_in_a_row_of_its_own),
		cmocka_unit_test(without_a_row_nothing_is_verified_and_a_code_may_be_sent),
		cmocka_unit_test(a_sent_code_is_pending_until_ten_minutes_after_the_first_send),
		cmocka_unit_test(the_right_code_approves_for_a_limited_time),
		cmocka_unit_test(nothing_but_the_word_approved_approves),
		cmocka_unit_test(no_failure_of_a_check_approves_even_with_approved_in_the_answer),
		cmocka_unit_test(no_failure_of_a_send_makes_a_code_pending),
		cmocka_unit_test(the_fifth_wrong_code_locks_until_the_code_would_have_run_out),
		cmocka_unit_test(a_check_that_twilio_did_not_look_at_is_not_counted),
		cmocka_unit_test(a_check_whose_answer_was_lost_is_counted_and_unclear),
		cmocka_unit_test(five_sends_are_all_and_a_code_that_is_out_can_still_be_checked),
		cmocka_unit_test(a_refused_resend_leaves_the_pending_code_as_it_was),
		cmocka_unit_test(another_sid_on_a_resend_is_a_new_code_with_a_life_of_its_own),
		cmocka_unit_test(an_operation_in_flight_keeps_every_other_out),
		cmocka_unit_test(an_operation_that_never_reported_back_is_unclear_and_never_approved),
		cmocka_unit_test(a_send_after_a_lost_check_that_is_refused_leaves_it_unclear),
		cmocka_unit_test(a_canceled_code_cannot_be_checked_and_a_new_one_may_be_sent),
		cmocka_unit_test(an_unclear_code_with_a_known_sid_can_be_canceled),
		cmocka_unit_test(settling_takes_what_twilio_says_and_nothing_else),
		cmocka_unit_test(a_clock_that_is_set_back_reopens_nothing),
		cmocka_unit_test(settling_approves_only_after_a_lost_check_and_in_the_name_of_who_made_it),
		cmocka_unit_test(a_first_send_whose_answer_was_lost_is_found_by_its_sid),
		cmocka_unit_test(a_superseded_code_is_of_no_use),
		cmocka_unit_test(a_pin_may_be_tried_whenever_nothing_is_under_way_and_nothing_is_closed),
		cmocka_unit_test(a_right_pin_approves_for_a_limited_time),
		cmocka_unit_test(wrong_pins_and_wrong_codes_lock_together_and_the_code_has_still_to_be_canceled),
		cmocka_unit_test(a_row_of_pins_from_the_future_or_run_out_is_not_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
