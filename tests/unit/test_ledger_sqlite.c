/*
 * A ledger in a file of SQLite that is damaged, full, locked, or not to be
 * written: what is said of it, and what stays of what was in it.
 */
#include "ledger/inspection.h"
#include "ledger_place.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PAGE_BYTES 4096
#define NUMBER     "0123456789abcdef"

static enum ledger_result
try_to_put(struct ledger *ledger, const char *id)
{
	struct ledger_verification v = { .interaction = "CA00000000000000000000000000000001", .to_id = NUMBER,
		.state = LEDGER_STATE_APPROVED, .approved_at = 1 };
	enum ledger_result result = ledger_begin(ledger, LEDGER_WRITE);

	if (result != LEDGER_OK)
		return result;
	snprintf(v.id, sizeof(v.id), "%s", id);
	result = ledger_put(ledger, &v);
	if (result == LEDGER_OK)
		return ledger_commit(ledger);
	ledger_rollback(ledger);
	return result;
}

static enum ledger_result
find(struct ledger *ledger, const char *id)
{
	struct ledger_verification v;
	enum ledger_result result = ledger_begin(ledger, LEDGER_READ);

	if (result == LEDGER_OK) {
		result = ledger_find(ledger, id, &v);
		ledger_rollback(ledger);
	}
	return result;
}

/* ---- Damaged ------------------------------------------------------------------------------- */

/* Where the page is that an event stands on. */
static off_t
page_of(const struct ledger_place *place, int64_t position)
{
	char bytes[PAGE_BYTES], text[32];
	int file = open(place->path, O_RDONLY | O_CLOEXEC);
	off_t page = 0;

	assert_true(file >= 0);
	snprintf(text, sizeof(text), "request-of-%d", (int)position);
	while (pread(file, bytes, PAGE_BYTES, page) == PAGE_BYTES &&
	    memmem(bytes, PAGE_BYTES, text, strlen(text)) == NULL)
		page += PAGE_BYTES;
	close(file);
	return page;
}

static void
spoil(const struct ledger_place *place, off_t page)
{
	char bytes[PAGE_BYTES];
	int file = open(place->path, O_WRONLY | O_CLOEXEC);

	assert_true(file >= 0);
	memset(bytes, 0xa5, sizeof(bytes));
	assert_int_equal(pwrite(file, bytes, PAGE_BYTES, page), PAGE_BYTES);
	assert_int_equal(close(file), 0);
}

static void
inspect(const struct ledger_place *place, struct inspection *inspection)
{
	struct ledger *ledger = NULL;

	assert_int_equal(ledger_open_to_read(place->address, &ledger), LEDGER_OK);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_true(inspection_of_events(ledger, inspection));
	assert_true(inspection_of_order(ledger, inspection));
	assert_true(inspection_of_file(ledger, inspection));
	ledger_rollback(ledger);
	ledger_close(ledger);
}

/* A hundred events, and the page in the middle is none any more. */
static void
spoil_events(const struct ledger_place *place)
{
	struct ledger *ledger = ledger_place_open(place);
	struct ledger_event event = { .action = "start", .outcome = "begun", .at = 1 };

	assert_int_equal(ledger_begin(ledger, LEDGER_WRITE), LEDGER_OK);
	for (int i = 1; i <= 100; i++) {
		snprintf(event.request_id, sizeof(event.request_id), "request-of-%d", i);
		assert_int_equal(ledger_append(ledger, &event), LEDGER_OK);
	}
	assert_int_equal(ledger_commit(ledger), LEDGER_OK);
	ledger_close(ledger);
	spoil(place, page_of(place, 50));
}

static void
a_page_of_events_that_is_no_page_any_more_is_damage_and_named(void **state)
{
	struct inspection inspection = { .key = KEY };

	spoil_events(*state);
	inspect(*state, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_DAMAGED);
	assert_in_range(inspection.position, 2, 50);
	assert_int_equal(inspection.whole.position, inspection.position - 1);
}

static bool
pass(void *context, const struct ledger_record *record)
{
	(void)context;
	(void)record;
	return true;
}

static void
the_first_fault_is_named_though_there_is_damage_behind_it(void **state)
{
	struct inspection inspection = { .key = KEY }, with_all = { .key = KEY, .visit = pass };

	spoil_events(*state);
	assert_int_equal(ledger_place_sql(*state,
	    "DROP TRIGGER events_stay; UPDATE events SET action = 'info' WHERE position = 1"), 0);
	inspect(*state, &inspection);
	assert_int_equal(inspection.fault, INSPECTION_EDITED);
	assert_int_equal(inspection.position, 1);
	inspect(*state, &with_all);
	assert_int_equal(with_all.fault, INSPECTION_EDITED);
	assert_int_equal(with_all.position, 1);
}

/* A program that has it open hears of it with its next look. */
static void
tables_that_are_none_any_more_are_damage_and_said_how(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);
	char said[LEDGER_FAULT_SIZE];

	assert_int_equal(try_to_put(ledger, "00000000000000a1"), LEDGER_OK);
	assert_int_equal(ledger_place_sql(*state, "PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET sql = 'no table' WHERE name = 'events'; PRAGMA schema_version = 999;"), 0);
	assert_int_equal(ledger_begin(ledger, LEDGER_READ), LEDGER_OK);
	assert_int_equal(ledger_check(ledger, said), LEDGER_ALTERED);
	assert_non_null(strstr(said, "events"));
	ledger_rollback(ledger);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_ALTERED);
	assert_int_equal(try_to_put(ledger, "00000000000000a2"), LEDGER_ALTERED);
	ledger_close(ledger);
}

/* ---- Full, locked, not to be written ---------------------------------------------------------- */

/* So long may a file of this program become; 0: as it likes. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_takes_nothing_more_and_loses_nothing(void **state)
{
	struct ledger *ledger = ledger_place_open(*state);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(try_to_put(ledger, "00000000000000a1"), LEDGER_OK);
	limit_files(PAGE_BYTES);
	assert_int_equal(try_to_put(ledger, "00000000000000a2"), LEDGER_FAILED);
	limit_files(0);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_OK);
	assert_int_equal(find(ledger, "00000000000000a2"), LEDGER_NOT_FOUND);
	assert_int_equal(try_to_put(ledger, "00000000000000a3"), LEDGER_OK);
	ledger_close(ledger);
	ledger = ledger_place_open(*state);
	assert_int_equal(find(ledger, "00000000000000a1"), LEDGER_OK);
	assert_int_equal(find(ledger, "00000000000000a3"), LEDGER_OK);
	ledger_close(ledger);
}

static void
a_new_file_that_another_program_keeps_locked_is_not_waited_for_without_end(void **state)
{
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;
	char command[320], line[16] = "";
	FILE *other = NULL;

	snprintf(command, sizeof(command), "%s/held", place->directory);
	assert_int_equal(mkfifo(command, 0600), 0);
	snprintf(command, sizeof(command),
	    "(echo 'CREATE TABLE other (a); BEGIN EXCLUSIVE; SELECT 1;'; cat %s/held) | sqlite3 -bail %s",
	    place->directory, place->path);
	other = popen(command, "r");
	assert_non_null(other);
	assert_non_null(fgets(line, sizeof(line), other));
	alarm(60); /* a hang ends here */
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_BUSY);
	alarm(0);
	assert_null(ledger);
	snprintf(command, sizeof(command), "%s/held", place->directory);
	assert_int_equal(close(open(command, O_WRONLY | O_CLOEXEC)), 0);
	assert_int_equal(pclose(other), 0);
	assert_int_equal(ledger_open(place->address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
	ledger_close(ledger);
}

/* As somebody who is not root, who may write everywhere. */
static enum ledger_result
try_as_anybody(const char *address)
{
	const uid_t own = geteuid(), nobody = 65534;
	enum ledger_result result = LEDGER_OK;

	if (own == 0)
		assert_int_equal(seteuid(nobody), 0);
	result = ledger_try(address, KEY);
	assert_int_equal(seteuid(own), 0);
	return result;
}

static void
what_cannot_be_written_is_not_said_to_be_writable(void **state)
{
	const struct ledger_place *place = *state;
	char address[256];

	ledger_close(ledger_place_open(place));
	assert_int_equal(chmod(place->directory, 0777), 0);
	assert_int_equal(chmod(place->path, 0444), 0);
	assert_int_equal(try_as_anybody(place->address), LEDGER_FAILED);
	assert_int_equal(chmod(place->path, 0600), 0);
	assert_int_equal(ledger_try(place->address, KEY), LEDGER_OK);
	snprintf(address, sizeof(address), "%s/ledger.db", place->address);
	assert_int_equal(ledger_try(address, KEY), LEDGER_FAILED);
}

static void
a_path_that_is_too_long_is_an_error(void **state)
{
	static const size_t lengths[] = { 5000, 40000 };
	struct ledger *ledger = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		char *address = malloc(lengths[i] + 1);

		assert_non_null(address);
		memset(address, 'x', lengths[i]);
		memcpy(address, "sqlite:/", strlen("sqlite:/"));
		address[lengths[i]] = '\0';
		assert_int_not_equal(ledger_open(address, KEY, LEDGER_SYNC_FULL, &ledger), LEDGER_OK);
		assert_null(ledger);
		assert_int_not_equal(ledger_open_to_read(address, &ledger), LEDGER_OK);
		assert_null(ledger);
		free(address);
	}
}

/* ---- Committed -------------------------------------------------------------------------------------- */

static void
what_was_committed_survives_its_program_with_either_sync(void **state)
{
	static const enum ledger_sync syncs[] = { LEDGER_SYNC_FULL, LEDGER_SYNC_NORMAL };
	static const char *const ids[] = { "00000000000000a1", "00000000000000a2" };
	const struct ledger_place *place = *state;
	struct ledger *ledger = NULL;
	int status = 0;

	for (size_t i = 0; i < COUNT(syncs); i++) {
		pid_t child = fork();

		if (child == 0) {
			if (ledger_open(place->address, KEY, syncs[i], &ledger) == LEDGER_OK &&
			    try_to_put(ledger, ids[i]) == LEDGER_OK)
				raise(SIGKILL);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, SIGKILL);
		assert_int_equal(ledger_open(place->address, KEY, syncs[i], &ledger), LEDGER_OK);
		assert_int_equal(find(ledger, ids[i]), LEDGER_OK);
		ledger_close(ledger);
	}
}

/* ---- A file that nobody had open -------------------------------------------------------------------------- */

static void
a_reader_is_told_whatever_became_of_the_file_meanwhile(void **state)
{
	static const char *const changes[] = {
		"touch ledger.db-shm", "touch ledger.db-wal", "rm ledger.db",
		"cp -p ledger.db other && mv other ledger.db", "printf x >>ledger.db && touch -r kept ledger.db",
		"touch -d @1 ledger.db", "touch -d \"$(date -r ledger.db '+@%s').000000007\" ledger.db",
	};
	const struct ledger_place *place = *state;
	char command[512];

	ledger_close(ledger_place_open(place));
	snprintf(command, sizeof(command), "cd %s && cp -p ledger.db kept", place->directory);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct ledger *reader = NULL;

		assert_int_equal(ledger_open_to_read(place->address, &reader), LEDGER_OK);
		assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
		assert_int_equal(ledger_commit(reader), LEDGER_OK);
		assert_int_equal(ledger_begin(reader, LEDGER_READ), LEDGER_OK);
		snprintf(command, sizeof(command), "cd %s && %s", place->directory, changes[i]);
		assert_int_equal(system(command), 0);
		if (ledger_commit(reader) != LEDGER_BUSY)
			fail_msg("not told after: %s", changes[i]);
		ledger_close(reader);
		snprintf(command, sizeof(command), "cd %s && rm -f ledger.db* && cp -p kept ledger.db",
		    place->directory);
		assert_int_equal(system(command), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SQLITE(a_page_of_events_that_is_no_page_any_more_is_damage_and_named),
		ON_SQLITE(the_first_fault_is_named_though_there_is_damage_behind_it),
		ON_SQLITE(tables_that_are_none_any_more_are_damage_and_said_how),
		ON_SQLITE(a_full_disk_takes_nothing_more_and_loses_nothing),
		ON_SQLITE(a_new_file_that_another_program_keeps_locked_is_not_waited_for_without_end),
		ON_SQLITE(what_cannot_be_written_is_not_said_to_be_writable),
		ON_SQLITE(a_path_that_is_too_long_is_an_error),
		ON_SQLITE(what_was_committed_survives_its_program_with_either_sync),
		ON_SQLITE(a_reader_is_told_whatever_became_of_the_file_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
