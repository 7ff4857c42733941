/*
 * A ledger whose database fails: at each call of each operation in turn.  Who
 * asked is told so, nothing is found or true by it, and nothing of what was
 * half done stays.
 */
#include "ledger/inspection.h"
#include "ledger/ledger_engine.h"
#include "ledger_old.h"
#include "ledger_place.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CONTACT "CA00000000000000000000000000000001"
#define OTHER   "CA00000000000000000000000000000002"
#define NUMBER  "0123456789abcdef"
#define AGENT   "WK00000000000000000000000000000001"
#define AT      INT64_C(1790000000000)

/* ---- An engine that fails once -------------------------------------------------------- */

enum call {
	CALL_READ_VERSION,
	CALL_BEGIN,
	CALL_RUN,
	CALL_WRITE_VERSION,
	CALL_COMMIT,
	CALL_PREPARE,
	CALL_BIND,
	CALL_STEP,
	CALL_CHECK,
	CALL_NONE
};

static struct {
	const struct engine *real;
	struct engine        engine;
	enum call            call;
	int                  left;    /* so many of these calls go well */
	enum ledger_result   meaning; /* of the one that fails then */
	bool                 failed;
	bool                 no_commit;
	const struct ledger_place *meanwhile; /* where another program opens a ledger before the next transaction */
	int                  restless; /* so often it says that it could not roll back */
} fault = { .call = CALL_NONE };

/* From here on: the call behind so many others fails, that one alone. */
static void
arm(enum call call, int left, enum ledger_result meaning)
{
	fault.call = call;
	fault.left = left;
	fault.meaning = meaning;
	fault.failed = false;
}

static void
disarm(void)
{
	fault.call = CALL_NONE;
}

static bool
fails(enum call call)
{
	bool now = call == fault.call && fault.left-- == 0;

	fault.failed = fault.failed || now;
	return now;
}

static enum ledger_result
read_version(struct connection *connection, int *version)
{
	return fails(CALL_READ_VERSION) ? fault.meaning : fault.real->read_version(connection, version);
}

static enum ledger_result
begin(struct connection *connection, enum ledger_access access)
{
	const struct ledger_place *meanwhile = fault.meanwhile;

	fault.meanwhile = NULL;
	if (meanwhile != NULL)
		ledger_close(ledger_place_open(meanwhile));
	return fails(CALL_BEGIN) ? fault.meaning : fault.real->begin(connection, access);
}

static enum ledger_result
run(struct connection *connection, const char *sql)
{
	return fails(CALL_RUN) ? fault.meaning : fault.real->run(connection, sql);
}

static enum ledger_result
write_version(struct connection *connection, int version)
{
	return fails(CALL_WRITE_VERSION) ? fault.meaning : fault.real->write_version(connection, version);
}

static enum ledger_result
commit(struct connection *connection)
{
	if (!fails(CALL_COMMIT) && !fault.no_commit)
		return fault.real->commit(connection);
	fault.real->rollback(connection);
	return fault.meaning;
}

static bool
at_rest(const struct connection *connection)
{
	return fault.restless-- <= 0 && fault.real->at_rest(connection);
}

static bool
prepare(struct statement *statement)
{
	return !fails(CALL_PREPARE) && fault.real->prepare(statement);
}

static bool
bind_text(struct statement *statement, int parameter, const char *text)
{
	return !fails(CALL_BIND) && fault.real->bind_text(statement, parameter, text);
}

static bool
bind_long(struct statement *statement, int parameter, int64_t number)
{
	return !fails(CALL_BIND) && fault.real->bind_long(statement, parameter, number);
}

static enum statement_step
step(struct statement *statement)
{
	return fails(CALL_STEP) ? STATEMENT_FAILED : fault.real->step(statement);
}

static enum ledger_result
check(struct connection *connection, char text[LEDGER_FAULT_SIZE])
{
	return fails(CALL_CHECK) ? fault.meaning : fault.real->check(connection, text);
}

static enum ledger_result
failure(struct connection *connection, const char *what)
{
	return fault.failed ? fault.meaning : fault.real->failure(connection, what);
}

static const struct engine *
failing(const struct ledger_place *place)
{
	fault.real = place->postgres ? &ledger_postgres : &ledger_sqlite;
	fault.engine = *fault.real;
	fault.engine.read_version = read_version;
	fault.engine.begin = begin;
	fault.engine.run = run;
	fault.engine.write_version = write_version;
	fault.engine.commit = commit;
	fault.engine.at_rest = at_rest;
	fault.engine.prepare = prepare;
	fault.engine.bind_text = bind_text;
	fault.engine.bind_long = bind_long;
	fault.engine.step = step;
	fault.engine.check = check;
	fault.engine.failure = failure;
	return &fault.engine;
}

/* ---- Operations, each as it goes well --------------------------------------------------- */

static struct ledger_verification
sample(const char *id)
{
	struct ledger_verification v = {
		.interaction = CONTACT,
		.to_id = NUMBER,
		.channel = "sms",
		.verification_sid = "VE00000000000000000000000000000001",
		.state = LEDGER_STATE_APPROVED,
		.checked_by_id = AGENT,
		.created_at = AT,
		.approved_at = AT,
		.approved_until = AT + 900000,
	};

	snprintf(v.id, sizeof(v.id), "%s", id);
	return v;
}

static struct ledger_event
happened(const char *outcome, int64_t at, int failures)
{
	struct ledger_event event = {
		.at = at,
		.verification = "00000000000000a1",
		.interaction = CONTACT,
		.action = "check",
		.agent_id = AGENT,
		.channel = "sms",
		.to_id = NUMBER,
		.sends = 1,
		.failures = failures,
	};

	snprintf(event.outcome, sizeof(event.outcome), "%s", outcome);
	return event;
}

/* What was not found is empty. */
static enum ledger_result
empty_unless(enum ledger_result result, const struct ledger_verification *v)
{
	if (result != LEDGER_OK) {
		assert_string_equal(v->id, "");
		assert_int_equal(v->state, LEDGER_STATE_NEW);
	}
	return result;
}

static enum ledger_result
find(struct ledger *ledger)
{
	struct ledger_verification v = sample("x");

	return empty_unless(ledger_find(ledger, "00000000000000a1", &v), &v);
}

static enum ledger_result
latest(struct ledger *ledger)
{
	struct ledger_verification v = sample("x");

	return empty_unless(ledger_latest(ledger, CONTACT, NUMBER, "", &v), &v);
}

static enum ledger_result
call_back(struct ledger *ledger)
{
	struct ledger_verification v = sample("x");

	return empty_unless(ledger_call_back(ledger, OTHER, NUMBER, "", &v), &v);
}

static enum ledger_result
other_open(struct ledger *ledger)
{
	struct ledger_verification v = sample("x");

	return empty_unless(ledger_other_open(ledger, NUMBER, "", 0, &v), &v);
}

static enum ledger_result
contested(struct ledger *ledger)
{
	int64_t others = 0;

	return ledger_contested(ledger, NUMBER, "", "VE00000000000000000000000000000001", 0, &others);
}

static enum ledger_result
approved_channels(struct ledger *ledger)
{
	int64_t channels = 9;
	enum ledger_result result = ledger_approved_channels(ledger, CONTACT, NUMBER, "", AGENT, AT, &channels);

	assert_int_equal(channels, result == LEDGER_OK ? 1 : 0);
	return result;
}

static enum ledger_result
approved_by(struct ledger *ledger)
{
	bool approved = true;
	enum ledger_result result = ledger_approved_by(ledger, CONTACT, NUMBER, "", AGENT, "sms", AT, &approved);

	assert_true(approved == (result == LEDGER_OK));
	return result;
}

static enum ledger_result
end_approvals(struct ledger *ledger)
{
	return ledger_end_approvals(ledger, CONTACT, NUMBER);
}

static enum ledger_result
close_interaction(struct ledger *ledger)
{
	return ledger_close_interaction(ledger, CONTACT);
}

static bool
look(void *context, const struct ledger_verification *v)
{
	(void)context;
	assert_int_equal(strlen(v->id), 16);
	return true;
}

static enum ledger_result
each_contact(struct ledger *ledger)
{
	return ledger_each_contact(ledger, 0, AT + 900000, look, NULL);
}

static enum ledger_result
each_closable(struct ledger *ledger)
{
	return ledger_each_closable(ledger, 0, 1, look, NULL);
}

static enum ledger_result
each_verification_there(struct ledger *ledger)
{
	return ledger_each_verification(ledger, look, NULL);
}

static enum ledger_result
put(struct ledger *ledger)
{
	struct ledger_verification v = sample("00000000000000a3");

	return ledger_put(ledger, &v);
}

static enum ledger_result
append(struct ledger *ledger)
{
	struct ledger_event event = happened("approved", AT, 0);

	return ledger_append(ledger, &event);
}

static enum ledger_result
sum(struct ledger *ledger)
{
	int64_t failures = 0;

	return ledger_sum(ledger, LEDGER_SCOPE_NUMBER, NUMBER, LEDGER_COUNTED_FAILURES, 0, &failures);
}

static enum ledger_result
falls_below(struct ledger *ledger)
{
	int64_t at = 0;

	return ledger_falls_below(ledger, LEDGER_SCOPE_AGENT, AGENT, LEDGER_COUNTED_FAILURES, 1, 0, &at);
}

static enum ledger_result
last_send(struct ledger *ledger)
{
	int64_t at = 0;

	return ledger_last_send(ledger, NUMBER, 0, &at);
}

static enum ledger_result
last_opening(struct ledger *ledger)
{
	int64_t at = 1;
	enum ledger_result result = ledger_last_opening(ledger, NUMBER, LEDGER_OPENING_APPROVED, AT, &at);

	assert_int_equal(at, result == LEDGER_OK ? AT : 0);
	return result;
}

static enum ledger_result
begun_by(struct ledger *ledger)
{
	int64_t times = 0;

	return ledger_begun_by(ledger, AGENT, CONTACT, NUMBER, 0, &times);
}

static enum ledger_result
find_pin(struct ledger *ledger)
{
	struct ledger_pin pin = { .id = "x", .verifier = "x" };
	enum ledger_result result = ledger_find_pin(ledger, "c1", &pin);

	assert_string_equal(pin.verifier, result == LEDGER_OK ? "v" : "");
	return result;
}

static enum ledger_result
put_pin(struct ledger *ledger)
{
	const struct ledger_pin pin = { .id = "00000000000000b1", .customer_id = "c1", .verifier = "v",
		.created_at = AT, .expires_at = AT + 1 };

	return ledger_put_pin(ledger, &pin);
}

static enum ledger_result
retire_pins(struct ledger *ledger)
{
	return ledger_retire_pins(ledger, "c1");
}

static enum ledger_result
forget_pins(struct ledger *ledger)
{
	return ledger_forget_pins(ledger, AT + 2, AT + 2);
}

static enum ledger_result
pin_issued(struct ledger *ledger)
{
	int64_t at = 0;

	return ledger_pin_issued(ledger, "c1", 1, 0, &at);
}

static enum ledger_result
take_request(struct ledger *ledger)
{
	bool again = false;

	return ledger_take_request(ledger, "another", AT, 0, &again);
}

static bool
pass(void *context, const struct ledger_record *record)
{
	(void)context;
	(void)record;
	return true;
}

static enum ledger_result
each_event(struct ledger *ledger)
{
	return ledger_each(ledger, LEDGER_BY_VERIFICATION, 0, pass, NULL);
}

static enum ledger_result
each_within(struct ledger *ledger)
{
	return ledger_each_within(ledger, 0, AT + 1, pass, NULL);
}

static enum ledger_result
unrecorded(struct ledger *ledger)
{
	struct ledger_verification v = sample("x");
	enum ledger_result result = empty_unless(ledger_unrecorded(ledger, &v), &v);

	return result == LEDGER_NOT_FOUND ? LEDGER_OK : result;
}

/* All that is there, with the wrong codes of two numbers. */
static enum ledger_result
purge(struct ledger *ledger)
{
	int64_t purged = 9;
	enum ledger_result result = ledger_purge(ledger, AT + 900000, &purged);

	assert_int_equal(purged, result == LEDGER_OK ? 3 : 0);
	return result;
}

static enum ledger_result
restore(struct ledger *ledger)
{
	struct ledger_record record = { .position = 99, .event = happened("begun", AT, 0), .link = "l" };

	return ledger_restore(ledger, &record);
}

static enum ledger_result
restore_ends(struct ledger *ledger)
{
	const struct ledger_seal origin = { 1, "a", "b" }, seal = { 2, "c", "d" };

	return ledger_restore_ends(ledger, &origin, &seal);
}

static enum ledger_result (*const operations[])(struct ledger *) = {
	find, latest, call_back, other_open, contested, approved_channels, approved_by, end_approvals,
	close_interaction, each_contact, each_closable, each_verification_there, put, append, sum, falls_below,
	last_send, last_opening, begun_by, find_pin, put_pin, retire_pins, forget_pins, pin_issued, take_request,
	each_event, each_within, unrecorded, purge, restore, restore_ends,
};

/* ---- A ledger in which each operation has something to do --------------------------------- */

static enum ledger_result
fill(struct ledger *ledger)
{
	struct ledger_event wrong = happened("wrong_code", AT + 1, 1), approved = happened("approved", AT, 0);
	struct ledger_event other = happened("wrong_code", AT + 2, 2), last = happened("begun", AT + 900000, 0);
	struct ledger_verification v = sample("00000000000000a1"), back = sample("00000000000000a2");
	bool again = false;

	snprintf(other.to_id, sizeof(other.to_id), "fedcba9876543210");
	snprintf(back.interaction, sizeof(back.interaction), OTHER);
	snprintf(back.channel, sizeof(back.channel), "callback");
	back.state = LEDGER_STATE_NEW;
	back.lost = LEDGER_OPERATION_CANCEL;
	if (ledger_append(ledger, &approved) != LEDGER_OK || ledger_append(ledger, &wrong) != LEDGER_OK ||
	    ledger_append(ledger, &other) != LEDGER_OK || ledger_append(ledger, &last) != LEDGER_OK ||
	    ledger_put(ledger, &v) != LEDGER_OK || ledger_put(ledger, &back) != LEDGER_OK)
		return LEDGER_FAILED;
	if (ledger_take_request(ledger, "one", AT, 0, &again) != LEDGER_OK || again)
		return LEDGER_FAILED;
	return put_pin(ledger);
}

static struct ledger *
filled(const struct ledger_place *place)
{
	struct ledger *ledger = ledger_place_open(place);

	disarm();
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(fill(ledger), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger->connections[0].engine = failing(place);
	return ledger;
}

/* ---- Operations ----------------------------------------------------------------------------- */

/* How many calls of this kind it takes; each of them is told when it fails. */
static int
fail_each(struct ledger *ledger, enum ledger_result (*operation)(struct ledger *), enum call call)
{
	int calls = -1;

	do {
		enum ledger_result result = LEDGER_OK;

		assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
		arm(call, ++calls, LEDGER_BUSY);
		result = operation(ledger);
		assert_int_equal(result, fault.failed ? LEDGER_BUSY : LEDGER_OK);
		disarm();
		ledger_rollback(ledger);
	} while (fault.failed);
	return calls;
}

static void
whatever_fails_in_an_operation_is_told_and_leaves_nothing_behind(void **state)
{
	struct ledger *ledger = filled(*state);
	char before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];

	ledger_place_digest(*state, before);
	for (size_t i = 0; i < COUNT(operations); i++) {
		(void)fail_each(ledger, operations[i], CALL_BIND);
		assert_true(fail_each(ledger, operations[i], CALL_STEP) > 0);
	}
	ledger_place_digest(*state, after);
	assert_string_equal(after, before);
	ledger_close(ledger);
}

/* Nothing is written by it, whatever else was bound. */
static void
assert_not_run(struct statement *put_request)
{
	statement_bind_text(put_request, 1, "one");
	statement_bind_long(put_request, 2, AT);
	assert_int_equal(statement_write(put_request, "take a request down"), LEDGER_FAILED);
}

static void
a_statement_that_something_could_not_be_bound_to_is_not_run(void **state)
{
	static const int parameters[] = { 0, STATEMENT_PARAMETERS_MAX + 1 };
	struct ledger *ledger = ledger_place_open(*state);
	struct statement *put_request = NULL;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	put_request = ledger_connection(ledger)->s.request_put;
	for (size_t i = 0; i < COUNT(parameters); i++) {
		statement_bind_text(put_request, parameters[i], "x");
		assert_not_run(put_request);
		statement_bind_long(put_request, parameters[i], 1);
		assert_not_run(put_request);
	}

	/* By then it is as good as new: there would be two of the same, had one been written. */
	statement_bind_long(put_request, 2, AT);
	statement_bind_text(put_request, 1, "one");
	assert_int_equal(statement_write(put_request, "take a request down"), LEDGER_OK);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

/* ---- Connections ------------------------------------------------------------------------------ */

static enum ledger_result
open_failing(const struct ledger_place *place)
{
	struct connection connection = { .engine = failing(place), .key = KEY };
	enum ledger_result result = connection_open(&connection, place->address, LEDGER_TO_WRITE);

	if (result == LEDGER_OK)
		connection_close(&connection);
	assert_null(connection.own);
	assert_int_equal(connection.count, 0);
	return result;
}

static void
a_connection_without_one_of_its_statements_is_not_opened(void **state)
{
	enum ledger_result result = LEDGER_BUSY;
	int statements = 0;

	ledger_close(ledger_place_open(*state));
	for (; result == LEDGER_BUSY; statements++) {
		arm(CALL_PREPARE, statements, LEDGER_BUSY);
		result = open_failing(*state);
	}
	assert_int_equal(result, LEDGER_OK);
	assert_true(statements > 40);
	disarm();
}

static void
more_statements_than_there_is_room_for_are_refused(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct connection *connection = &ledger->connections[0];
	struct statement *one = NULL;

	while (connection->count < STATEMENTS_MAX)
		connection_prepare(connection, "SELECT 1", &one);
	assert_false(connection->unprepared);
	one = NULL;
	connection_prepare(connection, "SELECT 1", &one);
	assert_true(connection->unprepared);
	assert_null(one);
	ledger_close(ledger);
}

static void
need_nothing_changed(const struct ledger_place *place)
{
	static const enum call calls[] = { CALL_READ_VERSION, CALL_BEGIN, CALL_RUN, CALL_WRITE_VERSION };
	char before[LEDGER_PLACE_DIGEST_SIZE], after[LEDGER_PLACE_DIGEST_SIZE];

	ledger_place_digest(place, before);
	fault.no_commit = true;
	for (size_t i = 0; i < COUNT(calls); i++) {
		int left = -1;

		do {
			arm(calls[i], ++left, LEDGER_BUSY);
			assert_int_equal(open_failing(place), LEDGER_BUSY);
			ledger_place_digest(place, after);
			assert_string_equal(after, before);
		} while (fault.failed);
		assert_true(left > 0);
	}
	fault.no_commit = false;
	disarm();
	assert_int_equal(open_failing(place), LEDGER_OK);
}

static void
a_ledger_that_cannot_be_made_is_not_begun(void **state)
{
	need_nothing_changed(*state);
}

static void
an_old_ledger_that_cannot_be_brought_forward_is_left_as_it_was(void **state)
{
	need_nothing_changed(*state);
}

static void
a_ledger_that_another_program_makes_meanwhile_is_not_made_again(void **state)
{
	fault.meanwhile = *state;
	arm(CALL_RUN, 0, LEDGER_BUSY);
	assert_int_equal(open_failing(*state), LEDGER_OK);
	assert_false(fault.failed);
	disarm();
}

static void
a_transaction_that_nothing_ends_is_ended_with_its_connection(void **state)
{
	struct ledger *ledger = filled(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(end_approvals(ledger), LEDGER_OK);
	fault.restless = 1;
	ledger_rollback(ledger);
	assert_null(ledger->connections[0].own);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(approved_by(ledger), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}

/* Nothing is written meanwhile, and it is not for ever. */
static void
a_connection_that_cannot_be_made_anew_is_tried_again_by_the_next(void **state)
{
	struct ledger *ledger = filled(*state);

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	fault.restless = 1;
	ledger_rollback(ledger);
	arm(CALL_READ_VERSION, 0, LEDGER_FAILED);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_FAILED);
	assert_null(ledger->connections[0].own);
	disarm();
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(approved_by(ledger), LEDGER_OK);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
who_comes_while_all_connections_are_held_waits_as_long_as_he_may(void **state)
{
	struct ledger *ledger = filled(*state);
	const struct timespec until = { 0 };

	for (int i = 0; i < ledger->connections[0].engine->connections; i++)
		ledger->connections[i].held = true;
	assert_int_equal(ledger_begin_until(ledger, LEDGER_READ, &until), LEDGER_BUSY);
	ledger->connections[0].held = false;
	assert_int_equal(ledger_begin_until(ledger, LEDGER_READ, &until), LEDGER_OK);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

/* ---- Inspections -------------------------------------------------------------------------------- */

static bool
inspect(struct ledger *ledger, struct inspection *inspection)
{
	return inspection_of_events(ledger, inspection) && inspection_of_order(ledger, inspection) &&
	    inspection_of_file(ledger, inspection);
}

/* Each call of this kind fails in turn; for what the meaning is, it is never found whole. */
static int
fail_each_inspection(struct ledger *ledger, enum call call, enum ledger_result meaning)
{
	int calls = -1;

	do {
		struct inspection inspection = { .key = KEY };
		bool read = false;

		assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
		arm(call, ++calls, meaning);
		read = inspect(ledger, &inspection);
		if (!fault.failed)
			assert_true(read);
		else if (meaning == LEDGER_ALTERED)
			assert_true(read && inspection.fault != INSPECTION_WHOLE);
		else
			assert_false(read);
		disarm();
		ledger_rollback(ledger);
	} while (fault.failed);
	return calls;
}

static void
a_record_that_cannot_be_read_to_its_end_is_not_called_whole(void **state)
{
	static const enum ledger_result meanings[] = { LEDGER_FAILED, LEDGER_BUSY, LEDGER_ALTERED };
	struct ledger *ledger = filled(*state);

	for (size_t i = 0; i < COUNT(meanings); i++) {
		assert_true(fail_each_inspection(ledger, CALL_STEP, meanings[i]) > 6);
		assert_int_equal(fail_each_inspection(ledger, CALL_BIND, meanings[i]), 1);
		assert_int_equal(fail_each_inspection(ledger, CALL_CHECK, meanings[i]), 1);
	}

	/* An edit is looked for on a second walk. */
	assert_int_equal(ledger_place_sql(*state, ledger_place_unlocking(*state)), 0);
	assert_int_equal(ledger_place_sql(*state, "UPDATE events SET channel = 'call' WHERE position = 2"), 0);
	assert_true(fail_each_inspection(ledger, CALL_STEP, LEDGER_FAILED) > 6);
	ledger_close(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(whatever_fails_in_an_operation_is_told_and_leaves_nothing_behind),
		ON_BOTH(a_statement_that_something_could_not_be_bound_to_is_not_run),
		ON_BOTH(a_connection_without_one_of_its_statements_is_not_opened),
		ON_BOTH(more_statements_than_there_is_room_for_are_refused),
		ON_BOTH(a_ledger_that_cannot_be_made_is_not_begun),
		ON_BOTH_OLD(an_old_ledger_that_cannot_be_brought_forward_is_left_as_it_was),
		ON_BOTH(a_ledger_that_another_program_makes_meanwhile_is_not_made_again),
		ON_BOTH(a_transaction_that_nothing_ends_is_ended_with_its_connection),
		ON_BOTH(a_connection_that_cannot_be_made_anew_is_tried_again_by_the_next),
		ON_BOTH(who_comes_while_all_connections_are_held_waits_as_long_as_he_may),
		ON_BOTH(a_record_that_cannot_be_read_to_its_end_is_not_called_whole),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
