#include "ledger/ledger.h"

#include "ledger_place.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ledger_verification
sample(const char *id)
{
	struct ledger_verification v = {
		.interaction = "CA00000000000000000000000000000001",
		.to_id = "0123456789abcdef",
		.to_mask = "+1********01",
		.task_sid = "WT00000000000000000000000000000001",
		.channel = "sms",
		.verification_sid = "VE00000000000000000000000000000001",
		.state = LEDGER_STATE_PENDING,
		.lost = LEDGER_OPERATION_SEND,
		.operation = LEDGER_OPERATION_CHECK,
		.operation_id = "fedcba9876543210",
		.operation_until = 1,
		.sends = 2,
		.checks = 3,
		.sent_by_id = "WK00000000000000000000000000000001",
		.sent_by_name = "Ana",
		.checked_by_id = "WK00000000000000000000000000000002",
		.checked_by_name = "Ben",
		.created_at = 4,
		.sent_at = 5,
		.expires_at = 6,
		.approved_at = 7,
		.approved_until = INT64_C(1790000000000),
		.decided_at = 8,
		.decided_until = 9,
		.decided_by_id = "WK00000000000000000000000000000003",
		.decided_by_name = "Cleo",
		.reason = "knows the customer",
		.customer_id = "fedcba9876543210",
	};

	snprintf(v.id, sizeof(v.id), "%s", id);
	return v;
}

static void
put(struct ledger *ledger, const struct ledger_verification *v)
{
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_put(ledger, v), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
}

static enum ledger_result
find(struct ledger *ledger, const char *interaction, struct ledger_verification *v)
{
	enum ledger_result result = LEDGER_OK;

	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	result = ledger_latest(ledger, interaction, "0123456789abcdef", "fedcba9876543210", v);
	ledger_rollback(ledger);
	return result;
}

static void
every_member_comes_back_after_the_ledger_was_closed(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification written = sample("00000000000000a1"), read;

	put(ledger, &written);
	ledger_close(ledger);
	ledger = ledger_place_open(*state);
	assert_int_equal(find(ledger, written.interaction, &read), LEDGER_OK);
	assert_memory_equal(&read, &written, sizeof(read));
	ledger_close(ledger);
}

static void
the_latest_verification_of_a_contact_is_found_and_no_other_contacts(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification first = sample("00000000000000a1"), second = sample("0000000000000001"), read;

	put(ledger, &first);
	put(ledger, &second);
	first.checks = 4; /* writing the older one once more does not make it the latest */
	put(ledger, &first);
	assert_int_equal(find(ledger, first.interaction, &read), LEDGER_OK);
	assert_string_equal(read.id, second.id);
	assert_int_equal(find(ledger, "CA00000000000000000000000000000002", &read), LEDGER_NOT_FOUND);
	assert_string_equal(read.id, "");
	ledger_close(ledger);
}

/* Limits and what Twilio still holds are of the number; who was verified is not. */
static int64_t
contested_by(struct ledger *ledger, const struct ledger_verification *other)
{
	int64_t others = 0;

	put(ledger, other);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_contested(ledger, "0123456789abcdef", "00000000000000a1",
	    "VE00000000000000000000000000000009", 0, &others), LEDGER_OK);
	ledger_rollback(ledger);
	return others;
}

/* Of a number that two callers gave, who both wait for a code, or of whom one lost the answer to a check first. */
static void
a_code_that_may_be_of_another_verification_is_contested(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification own = sample("00000000000000a1"), other = sample("00000000000000a2");

	own.state = LEDGER_STATE_UNCLEAR;
	own.verification_sid[0] = '\0';
	put(ledger, &own);
	other.operation = LEDGER_OPERATION_NONE;
	assert_int_equal(contested_by(ledger, &other), 0);
	other.operation = LEDGER_OPERATION_SEND;
	assert_int_equal(contested_by(ledger, &other), 1);
	other.operation = LEDGER_OPERATION_NONE;
	other.state = LEDGER_STATE_UNCLEAR;
	other.lost = LEDGER_OPERATION_CHECK;
	assert_int_equal(contested_by(ledger, &other), 1);
	other.sends = 0;
	assert_int_equal(contested_by(ledger, &other), 0);
	snprintf(other.verification_sid, sizeof(other.verification_sid), "VE00000000000000000000000000000009");
	assert_int_equal(contested_by(ledger, &other), 1);
	snprintf(other.to_id, sizeof(other.to_id), "fedcba9876543210");
	assert_int_equal(contested_by(ledger, &other), 0);
	ledger_close(ledger);
}

static void
of_two_customers_with_one_number_neither_has_the_others_verification(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v = sample("00000000000000a1"), read;
	int64_t channels = 0;

	put(ledger, &v);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_latest(ledger, v.interaction, v.to_id, "0000000000000002", &read), LEDGER_NOT_FOUND);
	assert_int_equal(ledger_latest(ledger, v.interaction, v.to_id, "", &read), LEDGER_NOT_FOUND);
	assert_int_equal(ledger_latest(ledger, v.interaction, v.to_id, v.customer_id, &read), LEDGER_OK);
	ledger_rollback(ledger);

	v.state = LEDGER_STATE_APPROVED;
	put(ledger, &v);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_approved_channels(ledger, v.interaction, v.to_id, "0000000000000002", "",
	    v.approved_at, &channels), LEDGER_OK);
	assert_int_equal(channels, 0);
	assert_int_equal(ledger_approved_channels(ledger, v.interaction, v.to_id, v.customer_id, "", v.approved_at,
	    &channels), LEDGER_OK);
	assert_int_equal(channels, 1);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
what_was_rolled_back_or_not_committed_never_happened(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v = sample("00000000000000a1"), read;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_put(ledger, &v), LEDGER_OK);
	ledger_rollback(ledger);
	assert_int_equal(find(ledger, v.interaction, &read), LEDGER_NOT_FOUND);
	ledger_close(ledger);
}

static void
a_writer_that_is_killed_leaves_the_ledger_as_it_was_and_open_to_others(void **state)
{
	struct ledger_verification v = sample("00000000000000a1"), read;
	struct ledger *ledger = NULL;
	pid_t child = fork();

	if (child == 0) {
		ledger = ledger_place_open(*state);
		(void)ledger_begin(ledger, LEDGER_WRITE);
		(void)ledger_put(ledger, &v);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	ledger = ledger_place_open(*state);
	assert_int_equal(find(ledger, v.interaction, &read), LEDGER_NOT_FOUND);
	put(ledger, &v);
	assert_int_equal(find(ledger, v.interaction, &read), LEDGER_OK);
	ledger_close(ledger);
}

static void
a_lock_that_another_process_keeps_is_an_error_and_not_a_hang(void **state)
{
	struct ledger *ledger = ledger_place_open(*state), *other = ledger_place_open(*state);

	assert_int_equal(ledger_begin(other, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_BUSY);
	ledger_rollback(other);
	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	ledger_rollback(ledger);
	ledger_close(other);
	ledger_close(ledger);
}

static void
a_ledger_is_opened_and_read_while_somebody_writes(void **state)
{
	struct ledger_verification read;
	struct ledger *writer = ledger_place_open(*state), *ledger = NULL;

	assert_int_equal(ledger_begin(writer, LEDGER_WRITE), LEDGER_OK);
	ledger = ledger_place_open(*state);
	assert_int_equal(find(ledger, "CA00000000000000000000000000000001", &read), LEDGER_NOT_FOUND);
	ledger_rollback(writer);
	ledger_close(ledger);
	ledger_close(writer);
}

static void
events_can_be_added_but_neither_changed_nor_deleted(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_event event = { .at = 1, .action = "start", .outcome = "code_sent" };

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_int_equal(ledger_place_sql(*state, "SELECT 1 FROM events WHERE outcome = 'code_sent'"), 0);
	assert_int_not_equal(ledger_place_sql(*state, "UPDATE events SET outcome = 'approved'"), 0);
	assert_int_not_equal(ledger_place_sql(*state, "DELETE FROM events"), 0);
}

static void
a_ledger_of_a_later_version_is_refused(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);

	ledger_close(ledger);
	assert_int_equal(ledger_place_sql(*state, ((struct ledger_place *)*state)->postgres ?
	    "UPDATE schema_version SET version = 99" : "PRAGMA user_version = 99"), 0);
	assert_int_equal(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
	    &ledger), LEDGER_NEWER_SCHEMA);
	assert_null(ledger);
}

static void
a_state_word_that_is_not_ours_is_a_failure_and_never_a_state(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v = sample("00000000000000a1"), read;

	put(ledger, &v);
	assert_int_equal(ledger_place_sql(*state, "UPDATE verifications SET state = 'verified'"), 0);
	assert_int_equal(find(ledger, v.interaction, &read), LEDGER_ALTERED);
	ledger_close(ledger);
}

/* SQLite would read the number 1 from '1 or so', and "approved" from bytes that its own comparison does not find. */
/* Each edit of a column, by somebody who can write there, makes the row one that is not taken. */
static void
need_failures(void **state, const char *const *edits, size_t count)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v = sample("00000000000000a1"), read;
	char sql[128];

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ledger_place_sql(*state, "DELETE FROM verifications"), 0);
		put(ledger, &v);
		assert_int_equal(find(ledger, v.interaction, &read), LEDGER_OK);
		snprintf(sql, sizeof(sql), "UPDATE verifications SET %s", edits[i]);
		assert_int_equal(ledger_place_sql(*state, sql), 0);
		assert_int_equal(find(ledger, v.interaction, &read), LEDGER_ALTERED);
	}
	ledger_close(ledger);
}

static void
a_verification_with_a_value_of_another_type_is_a_failure(void **state)
{
	static const char *const edits[] = {
		"state = CAST('approved' AS BLOB)", "approved_until = approved_until + 0.5", "checks = '1 or so'",
		"expires_at = x'31'", "id = CAST(id AS BLOB)",
	};

	need_failures(state, edits, sizeof(edits) / sizeof(edits[0]));
}

static void
a_verification_with_a_number_that_is_none_of_ours_is_a_failure(void **state)
{
	static const char *const edits[] = {
		"approved_until = 9223372036854775807", "operation_until = -1", "checks = 2147483648",
		"checks = -2147483649",
	};

	need_failures(state, edits, sizeof(edits) / sizeof(edits[0]));
}

static bool
pass(void *context, const struct ledger_verification *v)
{
	(void)context;
	(void)v;
	return true;
}

static void
a_list_with_a_verification_that_was_altered_is_a_failure(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	struct ledger_verification v = sample("00000000000000a1");

	put(ledger, &v);
	assert_int_equal(ledger_place_sql(*state, "UPDATE verifications SET state = 'verified'"), 0);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_each_verification(ledger, pass, NULL), LEDGER_ALTERED);
	ledger_rollback(ledger);
	ledger_close(ledger);
}

static void
an_event_of_no_time_is_a_failure(void **state)
{
	static const char *const times[] = { "-1", "9007199254740992" };
	struct ledger_event event = { .at = 1, .to_id = "0123456789abcdef", .outcome = "approved" };
	struct ledger *ledger = ledger_place_open(*state);
	char sql[256];
	int64_t at = 0;

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	for (size_t i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql), "%sUPDATE events SET at = %s;", ledger_place_unlocking(*state), times[i]);
		assert_int_equal(ledger_place_sql(*state, sql), 0);
		assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
		assert_int_equal(ledger_last_opening(ledger, event.to_id, LEDGER_OPENING_APPROVED, INT64_MAX, &at),
		    LEDGER_ALTERED);
		assert_int_equal(at, 0);
		ledger_rollback(ledger);
	}
	ledger_close(ledger);
}

/* ---- To read only --------------------------------------------------------------- */

static struct ledger *
open_to_read(void **state)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(((struct ledger_place *)*state)->address, &ledger), LEDGER_OK);
	return ledger;
}

static int
files_in(void **state)
{
	DIR *directory = opendir(((struct ledger_place *)*state)->directory);
	int files = -2; /* "." and ".." */

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		files++;
	closedir(directory);
	return files;
}

static void
a_ledger_that_is_not_there_is_not_made_by_a_reader(void **state)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(((struct ledger_place *)*state)->address, &ledger), LEDGER_FAILED);
	assert_null(ledger);
	assert_int_equal(files_in(state), 0);
}

static void
what_is_no_ledger_is_refused_by_a_reader(void **state)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_place_sql(*state, "CREATE TABLE other (a TEXT)"), 0);
	assert_int_equal(ledger_open_to_read(((struct ledger_place *)*state)->address, &ledger), LEDGER_FAILED);
	assert_null(ledger);
	ledger = NULL;
	assert_int_equal(ledger_open_to_read("sqlite:/etc/passwd", &ledger), LEDGER_FAILED);
	assert_null(ledger);
}

static void
a_reader_of_a_ledger_that_nobody_has_open_makes_no_file(void **state)
{
	struct ledger_verification v = sample("00000000000000a1"), read;
	struct ledger *ledger = ledger_place_open(*state);

	put(ledger, &v);
	ledger_close(ledger);
	assert_int_equal(files_in(state), 1);
	ledger = open_to_read(state);
	assert_int_equal(find(ledger, v.interaction, &read), LEDGER_OK);
	assert_memory_equal(&read, &v, sizeof(read));
	assert_int_equal(files_in(state), 1);
	ledger_close(ledger);
	assert_int_equal(files_in(state), 1);
}

static void
a_reader_sees_one_moment_while_others_write(void **state)
{
	struct ledger *ledger = ledger_place_open(*state), *reader = open_to_read(state);
	struct ledger_verification first = sample("00000000000000a1"), second = sample("00000000000000a2"), read;

	put(ledger, &first);
	assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_latest(reader, first.interaction, first.to_id, first.customer_id, &read), LEDGER_OK);
	put(ledger, &second);
	assert_int_equal(ledger_latest(reader, first.interaction, first.to_id, first.customer_id, &read), LEDGER_OK);
	assert_string_equal(read.id, first.id);
	assert_int_equal(ledger_commit(reader), LEDGER_OK);
	assert_int_equal(find(reader, first.interaction, &read), LEDGER_OK);
	assert_string_equal(read.id, second.id);
	ledger_close(reader);
	ledger_close(ledger);
}

static void
a_reader_is_told_if_somebody_began_to_write_what_nobody_had_open(void **state)
{
	struct ledger_verification v = sample("00000000000000a1");
	struct ledger *ledger = ledger_place_open(*state), *reader = NULL;

	ledger_close(ledger);
	reader = open_to_read(state);
	assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_commit(reader), LEDGER_OK);
	assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
	ledger = ledger_place_open(*state);
	assert_int_equal(ledger_commit(reader), LEDGER_BUSY);

	/* Also if he has ended meanwhile. */
	put(ledger, &v);
	ledger_close(ledger);
	assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_commit(reader), LEDGER_BUSY);
	ledger_close(reader);
}

static void
a_reader_cannot_write(void **state)
{
	struct ledger_verification v = sample("00000000000000a1"), read;
	struct ledger_event event = { .at = 1, .action = "start", .outcome = "code_sent" };
	struct ledger *writer = ledger_place_open(*state), *reader = open_to_read(state);

	for (int i = 0; i < 2; i++) {
		if (ledger_begin(reader, LEDGER_WRITE) == LEDGER_OK) {
			assert_int_not_equal(ledger_put(reader, &v), LEDGER_OK);
			assert_int_not_equal(ledger_append(reader, &event), LEDGER_OK);
			ledger_rollback(reader);
		}
		assert_int_equal(find(reader, v.interaction, &read), LEDGER_NOT_FOUND);
		ledger_close(reader);
		if (i == 0)
			ledger_close(writer);
		reader = open_to_read(state);
	}
	ledger_close(reader);
}

static void
a_reader_takes_any_path(void **state)
{
	char path[160], address[192], other[192];
	struct ledger *ledger = NULL;

	snprintf(path, sizeof(path), "%s/a%%20b?mode=rwc#c", ((struct ledger_place *)*state)->directory);
	snprintf(address, sizeof(address), "sqlite:%s", path);
	snprintf(other, sizeof(other), "sqlite:%s/a b", ((struct ledger_place *)*state)->directory);
	assert_int_equal(ledger_open(address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_int_equal(ledger_open_to_read(address, &ledger), LEDGER_OK);
	ledger_close(ledger);
	assert_int_equal(ledger_open_to_read(other, &ledger), LEDGER_FAILED);
	unlink(path);
}

static void
an_address_that_cannot_be_opened_is_an_error(void **state)
{
	/* The last ones are at ports that nobody listens on. */
	static const char *const addresses[] = { "sqlite:/nonexistent/ledger.db", "sqlite:/tmp", "postgres://x", "",
		"postgresql://[", "postgresql://u@127.0.0.1:1/d", "postgresql://u@[::1]:1/d",
		"postgresql://u@localhost:1/d", "postgresql://u@localhost:1/d?hostaddr=127.0.0.1" };
	struct ledger *ledger = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		assert_int_not_equal(ledger_open(addresses[i], KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
		assert_null(ledger);
	}
}

static void
an_address_is_shown_without_what_is_none_of_its_readers_business(void **state)
{
	static const char *const addresses[][2] = {
		{ "sqlite:/var/lib/ledger.db", "sqlite:/var/lib/ledger.db" },
		{ "postgresql://u:secret@db.example/calls", "postgresql://db.example/calls" },
		{ "postgresql://u:sec/ret@db.example/calls", "postgresql://..." },
		{ "postgresql://u:secret@[", "postgresql://..." },
		{ "mysql://u:secret@db.example/calls", "of an unknown kind" },
	};
	char shown[LEDGER_ADDRESS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		ledger_show_address(addresses[i][0], shown);
		assert_string_equal(shown, addresses[i][1]);
	}
}

static void
each_result_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int one = LEDGER_OK; one <= LEDGER_NO_MEMORY + 1; one++) /* and what is none has another one */
		for (int other = LEDGER_OK; other < one; other++)
			assert_string_not_equal(ledger_result_name((enum ledger_result)one),
			    ledger_result_name((enum ledger_result)other));
}

static void
many_programs_may_open_a_new_ledger_at_once(void **state)
{
	enum { PROGRAMS = 8 };
	pid_t children[PROGRAMS];
	int status = 0;

	for (int i = 0; i < PROGRAMS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct ledger *ledger = NULL;

			_exit(ledger_open(((struct ledger_place *)*state)->address, KEY, LEDGER_SYNC_FULL,
			    &ledger) == LEDGER_OK ? 0 : 1);
		}
	}
	for (int i = 0; i < PROGRAMS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(every_member_comes_back_after_the_ledger_was_closed),
		ON_BOTH(the_latest_verification_of_a_contact_is_found_and_no_other_contacts),
		ON_BOTH(a_code_that_may_be_of_another_verification_is_contested),
		ON_BOTH(of_two_customers_with_one_number_neither_has_the_others_verification),
		ON_BOTH(what_was_rolled_back_or_not_committed_never_happened),
		ON_BOTH(a_writer_that_is_killed_leaves_the_ledger_as_it_was_and_open_to_others),
		ON_BOTH(a_lock_that_another_process_keeps_is_an_error_and_not_a_hang),
		ON_BOTH(a_ledger_is_opened_and_read_while_somebody_writes),
		ON_BOTH(events_can_be_added_but_neither_changed_nor_deleted),
		ON_BOTH(a_ledger_of_a_later_version_is_refused),
		ON_BOTH(a_state_word_that_is_not_ours_is_a_failure_and_never_a_state),
		ON_SQLITE(a_verification_with_a_value_of_another_type_is_a_failure),
		ON_BOTH(a_verification_with_a_number_that_is_none_of_ours_is_a_failure),
		ON_BOTH(a_list_with_a_verification_that_was_altered_is_a_failure),
		ON_BOTH(an_event_of_no_time_is_a_failure),
		ON_SQLITE(a_ledger_that_is_not_there_is_not_made_by_a_reader),
		ON_BOTH(what_is_no_ledger_is_refused_by_a_reader),
		ON_SQLITE(a_reader_of_a_ledger_that_nobody_has_open_makes_no_file),
		ON_BOTH(a_reader_sees_one_moment_while_others_write),
		ON_SQLITE(a_reader_is_told_if_somebody_began_to_write_what_nobody_had_open),
		ON_BOTH(a_reader_cannot_write),
		ON_SQLITE(a_reader_takes_any_path),
		ON_SQLITE(an_address_that_cannot_be_opened_is_an_error),
		cmocka_unit_test(an_address_is_shown_without_what_is_none_of_its_readers_business),
		cmocka_unit_test(each_result_has_a_name_of_its_own),
		ON_BOTH(many_programs_may_open_a_new_ledger_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, ledger_place_end);
}
