/* Processes that end in all ways are children of the test; they count into a file of its own. */
#include "base/metrics.h"
#include "base/metrics_view.h"
#include "base/metrics_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char directory[64];
	char path[96];
};

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/flex-verify-metrics-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/counters", place->directory);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	unlink(place->path);
	assert_int_equal(rmdir(place->directory), 0);
	free(place);
	return 0;
}

static struct metrics *
open_as(const struct place *place, const char *program)
{
	struct metrics *metrics = NULL;

	assert_int_equal(metrics_open(place->path, program, &metrics), METRICS_FILE_OK);
	assert_non_null(metrics);
	return metrics;
}

/* All of it as Prometheus reads it; the caller's to free. */
static char *
text_of(const struct place *place)
{
	struct metrics_view *view = NULL;
	struct buffer text;
	char *copy = NULL;

	buffer_init(&text, METRICS_TEXT_MAX_BYTES);
	assert_int_equal(metrics_view_read(place->path, &view), METRICS_FILE_OK);
	assert_true(metrics_view_write(view, &text));
	copy = strdup(buffer_text(&text));
	metrics_view_free(view);
	buffer_free(&text);
	assert_non_null(copy);
	return copy;
}

static void
assert_told(const struct place *place, const char *line)
{
	char *text = text_of(place), whole[256];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (strstr(text, whole) == NULL)
		fail_msg("no line %s in:\n%s", line, text);
	free(text);
}

static enum metrics_life
life_of(const struct place *place, const char *program)
{
	enum metrics_life life = METRICS_LIFE__MAX;
	struct metrics_view *view = NULL;

	assert_int_equal(metrics_view_read(place->path, &view), METRICS_FILE_OK);
	for (size_t i = 0; i < metrics_view_count(view); i++)
		if (strcmp(metrics_view_name(view, i), program) == 0)
			life = metrics_view_life(view, i);
	metrics_view_free(view);
	return life;
}

/* A child that opens the file, is ready, and then ends without closing anything. */
static void
die_as(const struct place *place, const char *program)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		struct metrics *metrics = NULL;

		if (metrics_open(place->path, program, &metrics) != METRICS_FILE_OK)
			_exit(1);
		metrics_have(metrics, METRIC_THREADS, 7);
		metrics_count(metrics, METRIC_ACCEPT_ERRORS, 0, 0);
		metrics_state(metrics, METRICS_READY);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ---- counting ---- */

static void
counts_are_told_by_program_and_label(void **state)
{
	struct metrics *start = open_as(*state, "start-verify"), *check = open_as(*state, "check-verify");

	metrics_count(start, METRIC_REQUESTS, METRICS_STATUS_2XX, 0);
	metrics_count(start, METRIC_REQUESTS, METRICS_STATUS_2XX, 0);
	metrics_count(check, METRIC_REQUESTS, METRICS_STATUS_4XX, 0);
	metrics_have(start, METRIC_THREADS, 64);
	metrics_have(start, METRIC_THREADS_BUSY, 3);
	metrics_have(start, METRIC_THREADS_BUSY, -1);
	assert_told(*state, "flex_verify_requests_total{program=\"start-verify\",status=\"2xx\"} 2");
	assert_told(*state, "flex_verify_requests_total{program=\"start-verify\",status=\"4xx\"} 0");
	assert_told(*state, "flex_verify_requests_total{program=\"check-verify\",status=\"4xx\"} 1");
	assert_told(*state, "flex_verify_threads{program=\"start-verify\"} 64");
	assert_told(*state, "flex_verify_threads{program=\"check-verify\"} 0");
	assert_told(*state, "flex_verify_threads_busy{program=\"start-verify\"} 2");
	metrics_close(start);
	metrics_close(check);
}

static void
what_is_not_of_one_program_is_added_up(void **state)
{
	struct metrics *a = open_as(*state, "start-verify"), *b = open_as(*state, "check-verify");

	metrics_count(a, METRIC_SENDS, METRICS_DONE, 0);
	metrics_count(b, METRIC_SENDS, METRICS_DONE, 0);
	metrics_observe(a, METRIC_UPSTREAM_SECONDS, METRICS_API_IAM, METRICS_OK, 50);
	metrics_observe(b, METRIC_UPSTREAM_SECONDS, METRICS_API_IAM, METRICS_OK, 51);
	metrics_observe(b, METRIC_UPSTREAM_SECONDS, METRICS_API_IAM, METRICS_OK, 60000);
	assert_told(*state, "flex_verify_sends_total{result=\"sent\"} 2");
#define IAM_OK "api=\"iam\",outcome=\"ok\""
	assert_told(*state, "flex_verify_upstream_seconds_bucket{" IAM_OK ",le=\"0.05\"} 1");
	assert_told(*state, "flex_verify_upstream_seconds_bucket{" IAM_OK ",le=\"0.1\"} 2");
	assert_told(*state, "flex_verify_upstream_seconds_bucket{" IAM_OK ",le=\"10\"} 2");
	assert_told(*state, "flex_verify_upstream_seconds_bucket{" IAM_OK ",le=\"+Inf\"} 3");
	assert_told(*state, "flex_verify_upstream_seconds_sum{" IAM_OK "} 60.101");
	assert_told(*state, "flex_verify_upstream_seconds_count{" IAM_OK "} 3");
	assert_told(*state, "flex_verify_upstream_seconds_count{api=\"iam\",outcome=\"failed\"} 0");
	metrics_close(a);
	metrics_close(b);
}

static void
a_label_that_a_metric_does_not_have_counts_nowhere(void **state)
{
	struct metrics *metrics = open_as(*state, "start-verify");
	char *before = text_of(*state), *after = NULL;

	metrics_count(metrics, METRIC_SENDS, METRICS_EXPIRED, 0);
	metrics_count(metrics, METRIC_SENDS, -1, 0);
	metrics_count(metrics, METRIC_SENDS, METRICS_DONE, 1);
	metrics_observe(metrics, METRIC_UPSTREAM_SECONDS, METRICS_API_MESSAGING + 1, METRICS_OK, 1);
	after = text_of(*state);
	assert_string_equal(after, before);
	free(before);
	free(after);
	metrics_close(metrics);
}

static void
no_metrics_are_counted_without_a_word(void **state)
{
	(void)state;
	metrics_count(NULL, METRIC_SENDS, METRICS_DONE, 0);
	metrics_observe(NULL, METRIC_REQUEST_SECONDS, 0, 0, 1);
	metrics_have(NULL, METRIC_THREADS, 1);
	metrics_state(NULL, METRICS_READY);
	metrics_beat(NULL);
	metrics_close(NULL);
}

#define PROCESSES 3
#define THREADS   4
#define COUNTS    5000

static void *
count_much(void *metrics)
{
	for (int i = 0; i < COUNTS; i++) {
		metrics_count(metrics, METRIC_CHECKS, METRICS_WRONG_CODE, 0);
		metrics_have(metrics, METRIC_THREADS_BUSY, i % 2 == 0 ? 1 : -1);
	}
	return NULL;
}

static void
count_as_process(const struct place *place)
{
	struct metrics *metrics = NULL;
	pthread_t threads[THREADS];

	if (metrics_open(place->path, "check-verify", &metrics) != METRICS_FILE_OK)
		_exit(1);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, count_much, metrics) != 0)
			_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	metrics_close(metrics);
	_exit(0);
}

static void
no_count_is_lost_among_threads_and_processes_that_start_together(void **state)
{
	pid_t children[PROCESSES];
	char line[128];

	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			count_as_process(*state);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	snprintf(line, sizeof(line), "flex_verify_checks_total{result=\"wrong_code\"} %d",
	    PROCESSES * THREADS * COUNTS);
	assert_told(*state, line);
	assert_told(*state, "flex_verify_threads_busy{program=\"check-verify\"} 0");
	assert_int_equal(life_of(*state, "check-verify"), METRICS_IDLE);
}

static void
counts_outlive_their_process(void **state)
{
	struct metrics *metrics = open_as(*state, "start-verify");

	metrics_count(metrics, METRIC_SENDS, METRICS_DONE, 0);
	metrics_close(metrics);
	metrics = open_as(*state, "start-verify");
	metrics_count(metrics, METRIC_SENDS, METRICS_DONE, 0);
	assert_told(*state, "flex_verify_sends_total{result=\"sent\"} 2");
	metrics_close(metrics);
}

/* ---- how processes are ---- */

static void
a_program_is_as_its_best_process(void **state)
{
	struct metrics *a = open_as(*state, "start-verify"), *b = open_as(*state, "start-verify");

	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_STARTING);
	metrics_state(a, METRICS_READY);
	metrics_state(b, METRICS_STOPPING);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_READY);
	assert_told(*state, "flex_verify_processes{program=\"start-verify\",state=\"ready\"} 1");
	assert_told(*state, "flex_verify_processes{program=\"start-verify\",state=\"stopping\"} 1");
	metrics_close(a);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_STOPPING);
	metrics_close(b);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_IDLE);
}

static void
a_process_that_died_is_told_of_and_its_threads_are_not(void **state)
{
	struct metrics *other = open_as(*state, "check-verify");

	die_as(*state, "start-verify");
	assert_int_equal(life_of(*state, "start-verify"), METRICS_DIED);
	assert_told(*state, "flex_verify_threads{program=\"start-verify\"} 0");
	assert_told(*state, "flex_verify_accept_errors_total{program=\"start-verify\"} 1");
	assert_told(*state, "flex_verify_processes{program=\"start-verify\",state=\"died\"} 1");
	metrics_state(other, METRICS_READY);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_DIED);
	metrics_close(other);
}

static void
one_that_died_is_forgotten_when_its_program_is_ready_again_and_no_sooner(void **state)
{
	struct metrics *metrics = NULL;

	die_as(*state, "start-verify");
	metrics = open_as(*state, "start-verify");
	assert_told(*state, "flex_verify_processes{program=\"start-verify\",state=\"died\"} 1");
	metrics_close(metrics);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_DIED);
	metrics = open_as(*state, "start-verify");
	metrics_state(metrics, METRICS_READY);
	assert_told(*state, "flex_verify_processes{program=\"start-verify\",state=\"died\"} 0");
	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_READY);
	metrics_close(metrics);
}

/* The whole file, mapped, to do with it what no program does. */
static struct metrics_file *
map_file(const struct place *place)
{
	int fd = open(place->path, O_RDWR | O_CLOEXEC);
	void *map = mmap(NULL, sizeof(struct metrics_file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(map, MAP_FAILED);
	close(fd);
	return map;
}

static void
a_process_without_a_sign_of_life_is_silent_until_the_next_one(void **state)
{
	struct metrics *metrics = open_as(*state, "start-verify");
	struct metrics_file *file = map_file(*state);

	metrics_state(metrics, METRICS_READY);
	file->slots[0].beat_ms -= METRICS_SILENT_MS + 1;
	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_SILENT);
	metrics_beat(metrics);
	assert_int_equal(life_of(*state, "start-verify"), METRICS_LIFE_READY);
	munmap(file, sizeof(*file));
	metrics_close(metrics);
}

static void
more_processes_than_slots_count_all_the_same(void **state)
{
	struct metrics *all[METRICS_SLOTS_MAX + 1];
	char line[128];

	for (size_t i = 0; i <= METRICS_SLOTS_MAX; i++) {
		all[i] = open_as(*state, "start-verify");
		metrics_state(all[i], METRICS_READY);
		metrics_have(all[i], METRIC_THREADS, 1);
		metrics_count(all[i], METRIC_ACCEPT_ERRORS, 0, 0);
	}
	snprintf(line, sizeof(line), "flex_verify_accept_errors_total{program=\"start-verify\"} %d",
	    METRICS_SLOTS_MAX + 1);
	assert_told(*state, line);
	snprintf(line, sizeof(line), "flex_verify_threads{program=\"start-verify\"} %d", METRICS_SLOTS_MAX);
	assert_told(*state, line);
	for (size_t i = 0; i <= METRICS_SLOTS_MAX; i++)
		metrics_close(all[i]);
}

/* ---- files that are not as they should be ---- */

static void
assert_refused(const struct place *place, enum metrics_result expected)
{
	struct metrics *metrics = NULL;
	struct metrics_view *view = NULL;

	assert_int_equal(metrics_open(place->path, "start-verify", &metrics), expected);
	assert_null(metrics);
	assert_int_equal(metrics_view_read(place->path, &view), expected);
	assert_null(view);
}

static void
write_file(const struct place *place, const void *bytes, size_t length)
{
	FILE *file = fopen(place->path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void
a_file_of_somebody_else_is_left_alone(void **state)
{
	static const char text[] = "ACCOUNT_SID=AC00000000000000000000000000000001\n";
	const struct place *place = *state;
	char found[sizeof(text)] = "";
	FILE *file = NULL;

	write_file(place, text, sizeof(text) - 1);
	assert_refused(place, METRICS_FILE_FOREIGN);
	file = fopen(place->path, "re");
	assert_non_null(file);
	assert_int_equal(fread(found, 1, sizeof(found), file), sizeof(text) - 1);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(found, text);
}

static void
a_file_that_lost_its_end_is_refused(void **state)
{
	const struct place *place = *state;

	metrics_close(open_as(place, "start-verify"));
	assert_int_equal(truncate(place->path, sizeof(struct metrics_file) - 1), 0);
	assert_refused(place, METRICS_FILE_FOREIGN);
}

static void
what_is_no_regular_file_or_cannot_be_opened_is_refused(void **state)
{
	struct place place = *(struct place *)*state;
	struct metrics *metrics = NULL;

	assert_int_equal(symlink("/dev/null", place.path), 0);
	assert_refused(&place, METRICS_FILE_FAILED);
	assert_int_equal(unlink(place.path), 0);
	assert_int_equal(mkfifo(place.path, 0600), 0);
	assert_int_equal(metrics_open(place.path, "start-verify", &metrics), METRICS_FILE_FOREIGN);
	assert_int_equal(unlink(place.path), 0);
	snprintf(place.path, sizeof(place.path), "%s/none/counters", place.directory);
	assert_int_equal(metrics_open(place.path, "start-verify", &metrics), METRICS_FILE_FAILED);
	assert_null(metrics);
}

static void
a_file_of_another_version_is_not_read_and_gives_way_to_a_new_one(void **state)
{
	const struct place *place = *state;
	struct metrics *old = open_as(place, "start-verify"), *new = NULL;
	struct metrics_file *file = map_file(place);
	struct metrics_view *view = NULL;

	file->fingerprint++;
	assert_int_equal(metrics_view_read(place->path, &view), METRICS_FILE_OTHER_VERSION);
	assert_null(view);
	new = open_as(place, "start-verify");
	metrics_count(old, METRIC_SENDS, METRICS_DONE, 0); /* into the file that has no name any more */
	metrics_count(new, METRIC_SENDS, METRICS_DONE, 0);
	assert_told(place, "flex_verify_sends_total{result=\"sent\"} 1");
	munmap(file, sizeof(*file));
	metrics_close(old);
	metrics_close(new);
}

static void
nonsense_in_the_file_is_read_without_harm_and_writes_no_label(void **state)
{
	const struct place *place = *state;
	struct metrics *metrics = open_as(place, "start-verify");
	struct metrics_file *file = map_file(place);
	char *text = NULL;

	memcpy(file->programs[0].name, "a\"} 1\nb", 8);
	memset(file->programs[1].name, 'x', sizeof(file->programs[1].name));
	file->programs[1].used = 1;
	for (size_t i = 0; i < METRICS_SLOTS_MAX; i++) {
		file->slots[i].program = i % 2 == 0 ? UINT32_MAX : 1;
		file->slots[i].state = UINT32_MAX;
		file->slots[i].gauges[0] = INT64_MIN;
	}
	text = text_of(place);
	assert_non_null(strstr(text, "{program=\"a___1_b\"}"));
	assert_null(strstr(text, "\nb"));
	free(text);
	munmap(file, sizeof(*file));
	metrics_close(metrics);
}

static void
the_file_is_nobody_elses_to_read(void **state)
{
	const struct place *place = *state;
	struct stat status;

	metrics_close(open_as(place, "start-verify"));
	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, sizeof(struct metrics_file));
	assert_true(status.st_blocks * 512 >= status.st_size);
}

static void
a_program_without_a_place_or_with_too_long_a_name_does_not_count(void **state)
{
	struct metrics *metrics = NULL;
	char name[METRICS_PROGRAM_NAME_SIZE + 1] = "";

	for (int i = 0; i < METRICS_PROGRAMS_MAX; i++) {
		snprintf(name, sizeof(name), "program-%d", i);
		metrics_close(open_as(*state, name));
	}
	assert_int_equal(metrics_open(((struct place *)*state)->path, "one-more", &metrics), METRICS_FILE_FAILED);
	metrics_close(open_as(*state, "program-0"));
	memset(name, 'x', sizeof(name) - 1);
	assert_int_equal(metrics_open(((struct place *)*state)->path, name, &metrics), METRICS_FILE_FAILED);
}

/* ---- the table ---- */

static void
every_metric_has_its_place_and_a_name_of_the_house(void **state)
{
	enum metric last_of[] = { METRIC__MAX, METRIC__MAX };

	(void)state;
	for (enum metric metric = 0; metric < METRIC__MAX; metric++) {
		const struct metrics_family *family = &metrics_table[metric];
		size_t length = strlen(family->name);

		assert_memory_equal(family->name, "flex_verify_", 12);
		assert_int_equal(family->type == METRICS_COUNTER,
		    length > 6 && strcmp(family->name + length - 6, "_total") == 0);
		assert_true(family->type != METRICS_HISTOGRAM || strcmp(family->name + length - 8, "_seconds") == 0);
		assert_true(family->help[strlen(family->help) - 1] == '.');
		last_of[family->type == METRICS_GAUGE] = metric;
	}
	assert_true(metrics_first_cell(last_of[0]) + metrics_value_count(&metrics_table[last_of[0]], 0) *
		metrics_value_count(&metrics_table[last_of[0]], 1) * METRICS_HISTOGRAM_CELLS <= METRICS_CELLS_MAX);
	assert_true(metrics_first_cell(last_of[1]) < METRICS_GAUGES_MAX);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(counts_are_told_by_program_and_label),
		PLACED(what_is_not_of_one_program_is_added_up),
		PLACED(a_label_that_a_metric_does_not_have_counts_nowhere),
		PLACED(no_metrics_are_counted_without_a_word),
		PLACED(no_count_is_lost_among_threads_and_processes_that_start_together),
		PLACED(counts_outlive_their_process),
		PLACED(a_program_is_as_its_best_process),
		PLACED(a_process_that_died_is_told_of_and_its_threads_are_not),
		PLACED(one_that_died_is_forgotten_when_its_program_is_ready_again_and_no_sooner),
		PLACED(a_process_without_a_sign_of_life_is_silent_until_the_next_one),
		PLACED(more_processes_than_slots_count_all_the_same),
		PLACED(a_file_of_somebody_else_is_left_alone),
		PLACED(a_file_that_lost_its_end_is_refused),
		PLACED(what_is_no_regular_file_or_cannot_be_opened_is_refused),
		PLACED(a_file_of_another_version_is_not_read_and_gives_way_to_a_new_one),
		PLACED(nonsense_in_the_file_is_read_without_harm_and_writes_no_label),
		PLACED(the_file_is_nobody_elses_to_read),
		PLACED(a_program_without_a_place_or_with_too_long_a_name_does_not_count),
		cmocka_unit_test(every_metric_has_its_place_and_a_name_of_the_house),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
