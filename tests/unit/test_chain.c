/*
 * The chain of events, and the inspection that finds where it is broken.  The
 * attacker has SQLite's own tool, write access to the file and no key.
 */
#include "ledger/chain.h"
#include "ledger/inspection.h"
#include "ledger_place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OTHER_KEY "fedcba9876543210fedcba9876543210"

#define EVENTS 10
#define FIRST_AT INT64_C(1790000000000)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- A ledger of its own ------------------------------------------------------ */

#define BARE 6

/* No two events are alike, and all members are in use but for the one event with a bare minimum. */
static struct ledger_event
sample(int64_t position)
{
	struct ledger_event event = {
		.at = FIRST_AT + position * 1000,
		.verification = "0123456789abcdef",
		.interaction = "CA00000000000000000000000000000001",
		.task_sid = "WT00000000000000000000000000000001",
		.action = "check",
		.outcome = "wrong_code",
		.agent_id = "WK00000000000000000000000000000001",
		.channel = "sms",
		.to_id = "fedcba9876543210",
		.to_mask = "+1********01",
		.twilio_code = 20404,
		.sends = 1,
		.failures = -1,
	};

	snprintf(event.request_id, sizeof(event.request_id), "%032" PRIx64, position);
	if (position == BARE) {
		event.channel[0] = '\0';
		event.sends = 0;
	}
	return event;
}

static void
append_all(struct ledger *ledger, int64_t first, int64_t last)
{
	struct ledger_event event;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	for (int64_t position = first; position <= last; position++) {
		event = sample(position);
		assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	}
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
}

static void
write_record(const struct ledger_place *place, int64_t first, int64_t last)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	append_all(ledger, first, last);
	ledger_close(ledger);
}

/* A record of EVENTS events. */
static const struct ledger_place *
record_of(void **state)
{
	write_record(*state, 1, EVENTS);
	return *state;
}

/* ---- The attacker -------------------------------------------------------------- */

static void
attack(const struct ledger_place *place, const char *sql)
{
	char script[2048];

	assert_true(snprintf(script, sizeof(script), "%s%s", ledger_place_unlocking(place), sql) < (int)sizeof(script));
	assert_int_equal(ledger_place_sql(place, script), 0);
}

/* ---- The inspector ------------------------------------------------------------- */

static struct ledger *
begin_to_read(const struct ledger_place *place)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(place->address, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	return ledger;
}

static void
end_reading(struct ledger *ledger)
{
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
}

static void
inspect_events(const struct ledger_place *place, struct inspection *inspection)
{
	struct ledger *ledger = begin_to_read(place);

	assert_true(inspection_of_events(ledger, inspection));
	end_reading(ledger);
}

/* With what the inspection says. */
static void
inspect_with(const struct ledger_place *place, struct inspection *inspection)
{
	struct ledger *ledger = begin_to_read(place);

	assert_true(inspection_of_events(ledger, inspection));
	assert_true(inspection_of_order(ledger, inspection));
	assert_true(inspection_of_file(ledger, inspection));
	end_reading(ledger);
}

static struct inspection
inspect(const struct ledger_place *place)
{
	struct inspection inspection = { .key = KEY };

	inspect_with(place, &inspection);
	return inspection;
}

static void
assert_fault(const struct ledger_place *place, enum inspection_fault fault, int64_t position)
{
	struct inspection inspection = inspect(place);

	assert_int_equal(inspection.fault, fault);
	assert_int_equal(inspection.position, position);
}

/* ---- Links --------------------------------------------------------------------- */

#define MEMBER(name) { offsetof(struct ledger_event, name), sizeof(((struct ledger_event *)0)->name) }

static void
every_bit_of_an_event_is_in_its_link(void **state)
{
	static const struct {
		size_t offset, size;
	} members[] = {
		MEMBER(at), MEMBER(verification), MEMBER(interaction), MEMBER(task_sid), MEMBER(action),
		MEMBER(outcome), MEMBER(agent_id), MEMBER(channel), MEMBER(to_id), MEMBER(to_mask),
		MEMBER(request_id), MEMBER(twilio_code), MEMBER(sends), MEMBER(failures),
	};
	const struct ledger_event event = sample(1);
	char link[LEDGER_LINK_SIZE], other[LEDGER_LINK_SIZE];

	(void)state;
	assert_true(chain_link(KEY, "", 1, &event, link));
	for (size_t i = 0; i < COUNT(members); i++) {
		const char *text = (const char *)&event + members[i].offset;
		/* Behind the end of a text nothing counts. */
		size_t bytes = members[i].size <= sizeof(int64_t) ? members[i].size : strlen(text) + 1;

		for (size_t byte = 0; byte < bytes; byte++) {
			struct ledger_event changed = event;
			char *at = (char *)&changed + members[i].offset + byte;

			*at = (char)(*at ^ 1);
			assert_true(chain_link(KEY, "", 1, &changed, other));
			assert_string_not_equal(other, link);
		}
	}
}

static void
a_link_depends_on_the_key_the_place_and_the_link_before(void **state)
{
	const struct ledger_event event = sample(1);
	char link[LEDGER_LINK_SIZE], other[LEDGER_LINK_SIZE];

	(void)state;
	assert_true(chain_link(KEY, "ab", 1, &event, link));
	assert_true(chain_link(KEY, "ab", 1, &event, other));
	assert_string_equal(other, link);
	assert_true(chain_link(OTHER_KEY, "ab", 1, &event, other));
	assert_string_not_equal(other, link);
	assert_true(chain_link(KEY, "ac", 1, &event, other));
	assert_string_not_equal(other, link);
	assert_true(chain_link(KEY, "ab", 2, &event, other));
	assert_string_not_equal(other, link);
}

static void
what_moves_from_one_member_to_the_next_changes_the_link(void **state)
{
	struct ledger_event one = { .action = "ab", .outcome = "c" }, two = { .action = "a", .outcome = "bc" };
	struct ledger_event three = { .action = "a,b", .outcome = "c" }, four = { .action = "a", .outcome = "b,c" };
	char link[LEDGER_LINK_SIZE], other[LEDGER_LINK_SIZE];

	(void)state;
	assert_true(chain_link(KEY, "", 1, &one, link) && chain_link(KEY, "", 1, &two, other));
	assert_string_not_equal(other, link);
	assert_true(chain_link(KEY, "", 1, &three, link) && chain_link(KEY, "", 1, &four, other));
	assert_string_not_equal(other, link);
}

/* ---- Whole records -------------------------------------------------------------- */

static void
a_record_as_it_was_written_is_whole(void **state)
{
	struct inspection inspection = inspect(record_of(state));

	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.whole.position, EVENTS);
	assert_int_equal(inspection.first_at, sample(1).at);
	assert_int_equal(inspection.last_at, sample(EVENTS).at);
	write_record(*state, EVENTS + 1, EVENTS + 2);
	assert_int_equal(inspect(*state).whole.position, EVENTS + 2);
}

static void
a_record_without_events_is_whole(void **state)
{
	write_record(*state, 1, 0);
	assert_fault(*state, INSPECTION_WHOLE, 0);
}

static bool
count(void *context, const struct ledger_record *record)
{
	int64_t *events = context;

	(*events)++;
	return record->position < EVENTS / 2 || record->position >= EVENTS;
}

static void
who_stops_half_way_hears_nothing_of_the_rest(void **state)
{
	int64_t events = 0;
	struct inspection inspection = { .key = KEY, .visit = count, .context = &events };

	inspect_with(record_of(state), &inspection);
	assert_int_equal(events, EVENTS / 2);
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.whole.position, EVENTS / 2);
}

/* ---- Attacks --------------------------------------------------------------------- */

static void
each_column_of_an_event_is_guarded(void **state)
{
	static const char *const edits[] = {
		"at = at + 1", "verification = '0123456789abcdee'",
		"interaction = 'CA00000000000000000000000000000002'", "task_sid = ''", "action = 'info'",
		"outcome = 'approved'", "agent_id = 'WK00000000000000000000000000000002'", "channel = 'call'",
		"to_id = 'fedcba9876543211'", "to_mask = '+1********02'",
		"request_id = upper(request_id) || ' '", "twilio_code = 0", "sends = 0", "failures = 0",
		"link = replace(link, substr(link, 1, 1), 'x')",
	};
	char sql[512];

	record_of(state);
	for (size_t i = 0; i < COUNT(edits); i++) {
		struct inspection inspection;

		snprintf(sql, sizeof(sql),
		    "CREATE TABLE kept AS SELECT * FROM events; UPDATE events SET %s WHERE position = 5;", edits[i]);
		attack(*state, sql);
		inspection = inspect(*state);
		assert_int_equal(inspection.fault, INSPECTION_EDITED);
		assert_int_equal(inspection.position, 5);
		assert_int_equal(inspection.at, sample(5).at + (i == 0));
		assert_int_equal(inspection.whole.position, 4);
		attack(*state, "DELETE FROM events; INSERT INTO events SELECT * FROM kept; DROP TABLE kept;");
		assert_fault(*state, INSPECTION_WHOLE, 0);
	}
}

/* What SQLite would convert to what stood there before, were it only asked for it. */
static void
a_value_of_another_type_is_an_edit(void **state)
{
	static const struct {
		int         position;
		const char *edit;
	} edits[] = {
		{ 5, "at = at + 0.5" }, { 5, "at = at || 'x'" }, { 5, "sends = '1x'" }, { 5, "sends = x'31'" },
		{ 5, "failures = failures - 0.5" }, { 5, "twilio_code = twilio_code + 4294967296" },
		{ 5, "channel = CAST(channel AS BLOB)" }, { 5, "outcome = outcome || char(0) || 'x'" },
		{ 5, "link = CAST(link AS BLOB)" }, { 5, "link = link || char(0)" },
		{ BARE, "channel = x''" }, { BARE, "channel = char(0)" }, { BARE, "sends = ''" },
		{ BARE, "sends = 4294967296" }, { BARE, "channel = hex(zeroblob(5000))" },
	};
	char sql[512];

	record_of(state);
	for (size_t i = 0; i < COUNT(edits); i++) {
		snprintf(sql, sizeof(sql),
		    "CREATE TABLE kept AS SELECT * FROM events; UPDATE events SET %s WHERE position = %d;",
		    edits[i].edit, edits[i].position);
		attack(*state, sql);
		assert_fault(*state, INSPECTION_EDITED, edits[i].position);
		attack(*state, "DELETE FROM events; INSERT INTO events SELECT * FROM kept; DROP TABLE kept;");
	}
	assert_fault(*state, INSPECTION_WHOLE, 0);
}

#define MOVE_UP(from)                                                                                                  \
	"UPDATE events SET position = -1 - position WHERE position >= " #from ";"                                      \
	"UPDATE events SET position = -position WHERE position < 0;"

#define COPY(from, to)                                                                                                 \
	"CREATE TABLE forged AS SELECT * FROM events WHERE position = " #from ";"                                      \
	"UPDATE forged SET position = " #to ";"                                                                        \
	"INSERT INTO events SELECT * FROM forged;"

#define INSERT_VERIFICATION                                                                                            \
	"INSERT INTO verifications (id, interaction, to_id, to_mask, task_sid, channel, verification_sid, state,"      \
	" lost, operation, operation_id, operation_until, sends, checks, sent_by_id, sent_by_name, checked_by_id,"     \
	" checked_by_name, created_at, sent_at, expires_at, approved_at, approved_until, position) "

static const struct attack {
	const char           *sql;
	enum inspection_fault fault;
	int64_t               position, elsewhere;
} attacks[] = {
	/* Deleting. */
	{ "DELETE FROM events WHERE position = 5;", INSPECTION_MISSING, 5, 0 },
	{ "DELETE FROM events WHERE position = 1;", INSPECTION_MISSING, 1, 0 },
	{ "DELETE FROM events WHERE position BETWEEN 3 AND 6;", INSPECTION_MISSING, 3, 0 },
	{ "DELETE FROM events WHERE position = 10;", INSPECTION_CUT_OFF, 10, 0 },
	{ "DELETE FROM events WHERE position > 7;", INSPECTION_CUT_OFF, 8, 0 },
	{ "DELETE FROM events;", INSPECTION_CUT_OFF, 1, 0 },
	/* Deleting, and closing the gap. */
	{ "DELETE FROM events WHERE position = 5; UPDATE events SET position = position - 1 WHERE position > 5;",
	    INSPECTION_EDITED, 5, 0 },
	{ "DELETE FROM events WHERE position = 1; UPDATE events SET position = position - 1;",
	    INSPECTION_EDITED, 1, 0 },
	/* Reordering, with the links and without. */
	{ "UPDATE events SET position = -position WHERE position IN (4, 7);"
	  "UPDATE events SET position = 11 + position WHERE position < 0;",
	    INSPECTION_OUT_OF_ORDER, 4, 7 },
	{ "UPDATE events SET at = 2 * 1790000000000 + 11000 - at,"
	  " request_id = (SELECT e.request_id FROM events e WHERE e.position = 11 - events.position);",
	    INSPECTION_EDITED, 1, 0 },
	{ "CREATE TABLE kept AS SELECT * FROM events;"
	  "UPDATE events SET at = (SELECT at FROM kept k WHERE k.position = 11 - events.position),"
	  " request_id = (SELECT request_id FROM kept k WHERE k.position = 11 - events.position)"
	  " WHERE position IN (4, 7);",
	    INSPECTION_OUT_OF_ORDER, 4, 7 },
	/* Inserting. */
	{ MOVE_UP(5) COPY(4, 5), INSPECTION_OUT_OF_ORDER, 5, 6 },
	{ MOVE_UP(1) COPY(3, 1), INSPECTION_OUT_OF_ORDER, 1, 2 },
	{ COPY(10, 11), INSPECTION_ADDED, 11, 0 },
	{ COPY(10, 99), INSPECTION_MISSING, 11, 0 },
	{ COPY(10, 0), INSPECTION_ADDED, 0, 0 },
	{ COPY(10, -9223372036854775807 - 1), INSPECTION_ADDED, INT64_MIN, 0 },
	{ COPY(10, 9223372036854775807), INSPECTION_MISSING, 11, 0 },
	/* The seal. */
	{ "DELETE FROM seal;", INSPECTION_SEAL, 10, 0 },
	{ "UPDATE seal SET seal = replace(seal, substr(seal, 1, 1), 'x');", INSPECTION_SEAL, 10, 0 },
	{ "UPDATE seal SET link = (SELECT link FROM events WHERE position = 9);", INSPECTION_SEAL, 10, 0 },
	{ "UPDATE seal SET position = 9;", INSPECTION_SEAL, 10, 0 },
	{ "UPDATE seal SET position = 10.5;", INSPECTION_SEAL, 10, 0 },
	{ "UPDATE seal SET seal = x'00';", INSPECTION_SEAL, 10, 0 },
	{ "DELETE FROM events WHERE position > 7;"
	  "UPDATE seal SET position = 7, link = (SELECT link FROM events WHERE position = 7);",
	    INSPECTION_SEAL, 7, 0 },
	{ "DELETE FROM events; UPDATE seal SET position = 0, link = '', seal = 'x';", INSPECTION_SEAL, 0, 0 },
	{ "UPDATE seal SET link = link || link;", INSPECTION_SEAL, 10, 0 },
	/* The seal, and an event: what is named is the event, and nobody thinks of another key. */
	{ "UPDATE events SET outcome = 'approved' WHERE position = 5; UPDATE seal SET seal = 'x';",
	    INSPECTION_EDITED, 5, 0 },
	{ "UPDATE events SET outcome = 'approved' WHERE position = 1; DELETE FROM seal;", INSPECTION_EDITED, 1, 0 },
	/* A column of another type beside one that was moved. */
	{ "UPDATE events SET outcome = 'approved' WHERE position = 4;"
	  "UPDATE events SET channel = x'00' WHERE position = 7;",
	    INSPECTION_EDITED, 4, 0 },
	/* Where the record begins. */
	{ "INSERT INTO origin VALUES (1, 3, (SELECT link FROM events WHERE position = 3), 'x');"
	  "DELETE FROM events WHERE position <= 3;",
	    INSPECTION_ORIGIN, 3, 0 },
	{ "INSERT INTO origin VALUES (1, 3, x'00', x'00');", INSPECTION_ORIGIN, 3, 0 },
	{ "INSERT INTO origin VALUES (1, 0, '', 'x');", INSPECTION_ORIGIN, 0, 0 },
	/* The rest of the file. */
	{ "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'events_by_number';",
	    INSPECTION_DAMAGED, 0, 0 },
	{ INSERT_VERIFICATION "VALUES ('00000000000000a1', 'CA1', 'n', '', '', 'sms', '', 'approved', '', '', '',"
	  " 0, 1, 1, '', '', '', '', 1, 1, 1, 1790000000000, 1890000000000, 1);",
	    INSPECTION_UNRECORDED, 0, 0 },
};

static void
what_was_done_to_the_record_is_found_and_named(void **state)
{
	char copy[512];
	const struct ledger_place *place = record_of(state);

	snprintf(copy, sizeof(copy), "cp %s %s/copy.db", place->path, place->directory);
	assert_int_equal(system(copy), 0);
	snprintf(copy, sizeof(copy), "cp %s/copy.db %s", place->directory, place->path);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct inspection inspection;

		assert_int_equal(system(copy), 0);
		attack(place, attacks[i].sql);
		inspection = inspect(place);
		if (inspection.fault != attacks[i].fault || inspection.position != attacks[i].position ||
		    inspection.elsewhere != attacks[i].elsewhere)
			fail_msg("fault %d at %" PRId64 ", elsewhere %" PRId64 ", after: %s", (int)inspection.fault,
			    inspection.position, inspection.elsewhere, attacks[i].sql);
	}
}

static void
a_record_inspected_with_another_key_is_told_from_an_edited_one(void **state)
{
	struct inspection inspection = { .key = OTHER_KEY };

	inspect_with(record_of(state), &inspection);
	assert_int_equal(inspection.fault, INSPECTION_KEY);
	attack(*state, "UPDATE events SET outcome = 'approved' WHERE position = 1");
	assert_fault(*state, INSPECTION_EDITED, 1);
}

static void
an_approval_counts_only_with_its_event(void **state)
{
	static const char row[] =
	    INSERT_VERIFICATION "VALUES ('0123456789abcdef', 'CA00000000000000000000000000000001',"
	    " 'fedcba9876543210', '', '', 'sms', '', 'approved', '', '', '', 0, 1, 1, '', '', '', '', 1, 1, 1,"
	    " 1790000011005, 1890000000000, 1);";
	struct ledger_event event = sample(EVENTS + 1);
	struct ledger *ledger = NULL;
	const struct ledger_place *place = record_of(state);

	attack(place, row);
	assert_fault(place, INSPECTION_UNRECORDED, 0);
	assert_string_equal(inspect(place).detail, "0123456789abcdef");

	snprintf(event.outcome, sizeof(event.outcome), "approved");
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_fault(place, INSPECTION_WHOLE, 0);

	/* Another call's, another customer's, another day's. */
	attack(place, "UPDATE verifications SET interaction = 'CA00000000000000000000000000000002'");
	assert_fault(place, INSPECTION_UNRECORDED, 0);
	attack(place, "UPDATE verifications SET interaction = 'CA00000000000000000000000000000001', to_id = 'n'");
	assert_fault(place, INSPECTION_UNRECORDED, 0);
	attack(place, "UPDATE verifications SET to_id = 'fedcba9876543210', approved_at = approved_at + 86400000");
	assert_fault(place, INSPECTION_UNRECORDED, 0);
	attack(place, "UPDATE verifications SET approved_at = approved_at - 86400000");
	assert_fault(place, INSPECTION_WHOLE, 0);
}

/* The same of an override, whose time is its own. */
static void
an_override_counts_only_with_its_event(void **state)
{
	static const char row[] =
	    INSERT_VERIFICATION "VALUES ('0123456789abcdef', 'CA00000000000000000000000000000001',"
	    " 'fedcba9876543210', '', '', '', '', 'canceled', '', '', '', 0, 0, 0, '', '', '', '', 1, 0, 0,"
	    " 0, 0, 1); UPDATE verifications SET state = 'overridden', decided_at = 1790000011005,"
	    " decided_until = 1890000000000";
	struct ledger_event event = sample(EVENTS + 1);
	struct ledger *ledger = NULL;
	const struct ledger_place *place = record_of(state);

	attack(place, row);
	assert_fault(place, INSPECTION_UNRECORDED, 0);
	assert_string_equal(inspect(place).unrecorded, "overridden");

	/* An approval is not what it wants. */
	snprintf(event.outcome, sizeof(event.outcome), "approved");
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	assert_fault(place, INSPECTION_UNRECORDED, 0);

	snprintf(event.outcome, sizeof(event.outcome), "overridden");
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_fault(place, INSPECTION_WHOLE, 0);
	attack(place, "UPDATE verifications SET decided_at = decided_at + 86400000");
	assert_fault(place, INSPECTION_UNRECORDED, 0);
}

/* ---- Earlier states --------------------------------------------------------------- */

#define KEEP_SEAL "CREATE TABLE kept AS SELECT * FROM seal;"
#define OLD_SEAL  "DELETE FROM seal; INSERT INTO seal SELECT * FROM kept;"

static void
an_old_seal_alone_is_found(void **state)
{
	attack(record_of(state), KEEP_SEAL);
	write_record(*state, EVENTS + 1, EVENTS + 3);
	attack(*state, OLD_SEAL);
	assert_fault(*state, INSPECTION_SEAL, EVENTS + 3);
}

/* Of the same length, but of what was written before it was put back and grew again. */
static void
the_seal_of_another_past_is_found(void **state)
{
	struct ledger_event event = sample(99);
	struct ledger *ledger = NULL;

	attack(record_of(state), KEEP_SEAL);
	write_record(*state, EVENTS + 1, EVENTS + 1);
	attack(*state, "CREATE TABLE other AS SELECT * FROM seal; DELETE FROM events WHERE position > 10;" OLD_SEAL);
	ledger = ledger_place_open(*state);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_fault(*state, INSPECTION_WHOLE, 0);
	attack(*state, "DELETE FROM seal; INSERT INTO seal SELECT * FROM other;");
	assert_fault(*state, INSPECTION_SEAL, EVENTS + 1);
}

static void
an_earlier_state_as_a_whole_is_found_by_a_place_that_was_noted_and_not_without(void **state)
{
	struct inspection inspection = { .key = KEY };
	struct inspection_place noted;

	attack(record_of(state), KEEP_SEAL);
	write_record(*state, EVENTS + 1, EVENTS + 3);
	noted = inspect(*state).whole;
	assert_int_equal(noted.position, EVENTS + 3);
	inspection.noted = noted;
	inspect_with(*state, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);

	attack(*state, "DELETE FROM events WHERE position > 10;" OLD_SEAL);
	assert_fault(*state, INSPECTION_WHOLE, 0);
	inspection = (struct inspection){ .key = KEY, .noted = noted };
	inspect_with(*state, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_NOT_AS_NOTED);
	assert_int_equal(inspection.position, EVENTS + 3);
}

static void
a_record_that_grew_again_after_it_was_put_back_is_not_the_one_noted(void **state)
{
	struct inspection inspection = { .key = KEY };
	struct ledger_event event = sample(99);
	struct ledger *ledger = NULL;

	attack(record_of(state), KEEP_SEAL);
	write_record(*state, EVENTS + 1, EVENTS + 1);
	inspection.noted = inspect(*state).whole;
	attack(*state, "DELETE FROM events WHERE position > 10;" OLD_SEAL);
	assert_int_equal(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
	    &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	inspect_with(*state, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_NOT_AS_NOTED);
	assert_int_equal(inspection.position, EVENTS + 1);
}

/* The programs' next event would bring a seal that fits, and cover up what is missing. */
static void
nothing_is_written_behind_a_seal_that_was_not_made_with_the_key(void **state)
{
	static const char forgery[] = "DELETE FROM events WHERE position > 7; UPDATE seal SET position = 7,"
				      " link = (SELECT link FROM events WHERE position = 7);";
	struct ledger_event event = sample(8);
	struct ledger *ledger = NULL, *late = NULL;
	const struct ledger_place *place = record_of(state);

	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	attack(place, forgery);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_ALTERED);
	ledger_rollback(ledger);
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &late), LEDGER_ALTERED);
	assert_null(late);
	ledger_close(ledger);
	assert_fault(place, INSPECTION_SEAL, 7);
}

static void
a_ledger_whose_seal_cannot_be_read_is_not_gone_on_with(void **state)
{
	struct ledger *ledger = NULL;
	const struct ledger_place *place = record_of(state);

	attack(place, "UPDATE seal SET link = link || link");
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_ALTERED);
	assert_null(ledger);
	assert_fault(place, INSPECTION_SEAL, EVENTS);
}

static void
a_ledger_is_not_gone_on_with_under_another_key(void **state)
{
	struct ledger *ledger = NULL;
	const struct ledger_place *place = record_of(state);

	assert_int_equal(ledger_open(place->address, OTHER_KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_ALTERED);
	assert_null(ledger);
}

/* ---- One byte among 100,000 events --------------------------------------------------- */

/* A tenth of them where sanitizers slow the program down. */
#ifdef __SANITIZE_ADDRESS__
#define MANY 10000
#else
#define MANY 100000
#endif
#define ROUNDS	    100
#define BATCH	    10000
#define PLACE_EVERY 1000

static const struct column {
	const char *name;
	int         bytes; /* of a number, from the lowest on; 0: text */
} columns[] = {
	{ "at", 8 }, { "verification", 0 }, { "interaction", 0 }, { "task_sid", 0 }, { "action", 0 },
	{ "outcome", 0 }, { "agent_id", 0 }, { "channel", 0 }, { "to_id", 0 }, { "to_mask", 0 },
	{ "request_id", 0 }, { "twilio_code", 4 }, { "sends", 4 }, { "failures", 4 }, { "link", 0 },
};

/* Where the record was whole on the first walk, so that a later walk need not begin at the beginning. */
static bool
note_place(void *context, const struct ledger_record *record)
{
	struct inspection_place *places = context;

	if (record->position % PLACE_EVERY == 0) {
		places[record->position / PLACE_EVERY].position = record->position;
		memcpy(places[record->position / PLACE_EVERY].link, record->link, LEDGER_LINK_SIZE);
	}
	return true;
}

/* One byte of the column of the event becomes another one. */
static void
write_change(char *sql, size_t size, const struct column *column, int64_t position, unsigned at)
{
	const char *c = column->name;
	int64_t bit = 0;

	if (column->bytes > 0) {
		bit = INT64_C(1) << (at % (unsigned)(8 * column->bytes - 1));
		/* SQLite has no exclusive or. */
		snprintf(sql, size,
		    "UPDATE events SET %s = (%s | %" PRId64 ") - (%s & %" PRId64 ") WHERE position = %" PRId64, c, c,
		    bit, c, bit, position);
	} else {
		snprintf(sql, size,
		    "UPDATE events SET %s = substr(%s, 1, %u %% length(%s)) ||"
		    " CASE substr(%s, 1 + %u %% length(%s), 1) WHEN '7' THEN '8' ELSE '7' END ||"
		    " substr(%s, 2 + %u %% length(%s)) WHERE position = %" PRId64,
		    c, c, at, c, c, at, c, c, at, c, position);
	}
}

/* Puts the last event back as it was, from the copy, and alters the next. */
static void
alter(const struct ledger_place *place, int64_t last, const char *change)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "ATTACH '%s/copy.db' AS copy; DELETE FROM events WHERE position = %" PRId64 ";"
	    "INSERT INTO events SELECT * FROM copy.events WHERE position = %" PRId64 "; %s;",
	    place->directory, last, last, change);
	attack(place, sql);
}

static void
one_changed_byte_among_many_events_is_always_found_and_named(void **state)
{
	const struct ledger_place *place = *state;
	struct inspection_place *places = calloc(MANY / PLACE_EVERY + 1, sizeof(*places));
	struct inspection inspection = { .key = KEY, .visit = note_place, .context = places };
	unsigned seed = (unsigned)getpid();
	char change[512];
	int64_t position = 0;

	assert_non_null(places);
	for (int64_t first = 1; first < MANY; first += BATCH)
		write_record(place, first, first + BATCH - 1);
	inspect_with(place, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_WHOLE);
	assert_int_equal(inspection.whole.position, MANY);
	snprintf(change, sizeof(change), "cp %s %s/copy.db", place->path, place->directory);
	assert_int_equal(system(change), 0);

	for (int round = 0; round < ROUNDS; round++) {
		const struct column *column = &columns[(size_t)rand_r(&seed) % COUNT(columns)];
		int64_t last = position;

		position = 1 + rand_r(&seed) % MANY;
		write_change(change, sizeof(change), column, position, (unsigned)rand_r(&seed));
		alter(place, last, change);
		inspection = (struct inspection){ .key = KEY, .whole = places[(position - 1) / PLACE_EVERY] };
		inspect_events(place, &inspection);
		if (inspection.fault != INSPECTION_EDITED || inspection.position != position)
			fail_msg("fault %d at %" PRId64 ", round %d, after: %s", (int)inspection.fault,
			    inspection.position, round, change);
	}
	assert_fault(place, INSPECTION_EDITED, position);
	alter(place, position, "SELECT 1");
	assert_fault(place, INSPECTION_WHOLE, 0);
	free(places);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_an_event_is_in_its_link),
		cmocka_unit_test(a_link_depends_on_the_key_the_place_and_the_link_before),
		cmocka_unit_test(what_moves_from_one_member_to_the_next_changes_the_link),
		ON_BOTH(a_record_as_it_was_written_is_whole),
		ON_BOTH(a_record_without_events_is_whole),
		ON_BOTH(who_stops_half_way_hears_nothing_of_the_rest),
		ON_SQLITE(each_column_of_an_event_is_guarded),
		ON_SQLITE(a_value_of_another_type_is_an_edit),
		ON_SQLITE(what_was_done_to_the_record_is_found_and_named),
		ON_BOTH(a_record_inspected_with_another_key_is_told_from_an_edited_one),
		ON_BOTH(an_approval_counts_only_with_its_event),
		ON_BOTH(an_override_counts_only_with_its_event),
		ON_BOTH(an_old_seal_alone_is_found),
		ON_BOTH(the_seal_of_another_past_is_found),
		ON_BOTH(an_earlier_state_as_a_whole_is_found_by_a_place_that_was_noted_and_not_without),
		ON_BOTH(a_record_that_grew_again_after_it_was_put_back_is_not_the_one_noted),
		ON_BOTH(nothing_is_written_behind_a_seal_that_was_not_made_with_the_key),
		ON_BOTH(a_ledger_whose_seal_cannot_be_read_is_not_gone_on_with),
		ON_BOTH(a_ledger_is_not_gone_on_with_under_another_key),
		ON_SQLITE(one_changed_byte_among_many_events_is_always_found_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
