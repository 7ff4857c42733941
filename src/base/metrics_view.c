#include "metrics_view.h"

#include "clock.h"
#include "metrics_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct program_view {
	char     name[METRICS_PROGRAM_NAME_SIZE];
	uint64_t cells[METRICS_CELLS_MAX];
	uint64_t gauges[METRICS_GAUGES_MAX]; /* of all that live; below 0 as two's complement */
	int64_t  processes[METRICS_LIFE__MAX];
};

struct metrics_view {
	size_t              count;
	struct program_view programs[METRICS_PROGRAMS_MAX];
};

/* ---- reading ---- */

/* Whoever could write the file writes no label of his own. */
static void
copy_name(char to[METRICS_PROGRAM_NAME_SIZE], const char *from)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < METRICS_PROGRAM_NAME_SIZE - 1 && from[i] != '\0'; i++)
		to[i] = strchr(plain, from[i]) != NULL ? from[i] : '_';
}

static void
copy_programs(struct metrics_view *view, struct metrics_file *file)
{
	while (view->count < METRICS_PROGRAMS_MAX && atomic_load(&file->programs[view->count].used) != 0) {
		struct metrics_program *from = &file->programs[view->count];
		struct program_view *to = &view->programs[view->count++];

		copy_name(to->name, from->name);
		for (size_t i = 0; i < METRICS_CELLS_MAX; i++)
			to->cells[i] = atomic_load_explicit(&from->cells[i], memory_order_relaxed);
	}
}

static enum metrics_life
life_of(struct metrics_slot *slot, bool alive, int64_t now_ms)
{
	static const enum metrics_life lives[] = {
		[METRICS_STARTING] = METRICS_LIFE_STARTING,
		[METRICS_READY] = METRICS_LIFE_READY,
		[METRICS_STOPPING] = METRICS_LIFE_STOPPING,
	};
	unsigned state = atomic_load(&slot->state);

	if (!alive || state >= sizeof(lives) / sizeof(lives[0]))
		return METRICS_DIED;
	if (state != METRICS_STARTING && now_ms - atomic_load(&slot->beat_ms) > METRICS_SILENT_MS)
		return METRICS_LIFE_SILENT;
	return lives[state];
}

static void
copy_slots(struct metrics_view *view, struct metrics_file *file, int fd)
{
	int64_t now_ms = clock_monotonic_ms();

	for (size_t i = 0; i < METRICS_SLOTS_MAX; i++) {
		struct metrics_slot *slot = &file->slots[i];
		unsigned number = atomic_load(&slot->program);
		struct program_view *program = NULL;
		bool alive = false;

		if (number == 0 || number > view->count)
			continue;
		program = &view->programs[number - 1];
		alive = metrics_slot_alive(fd, i);
		program->processes[life_of(slot, alive, now_ms)]++;
		for (size_t gauge = 0; gauge < METRICS_GAUGES_MAX && alive; gauge++)
			program->gauges[gauge] +=
			    (uint64_t)atomic_load_explicit(&slot->gauges[gauge], memory_order_relaxed);
	}
}

static enum metrics_result
read_file(int fd, struct metrics_view *view)
{
	enum metrics_result result = metrics_judge(fd);
	struct metrics_file *file = NULL;
	void *map = NULL;

	if (result != METRICS_FILE_OK)
		return result;
	map = mmap(NULL, sizeof(*file), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return METRICS_FILE_FAILED;
	file = map;
	copy_programs(view, file);
	copy_slots(view, file, fd);
	munmap(map, sizeof(*file));
	return METRICS_FILE_OK;
}

enum metrics_result
metrics_view_read(const char *path, struct metrics_view **view)
{
	enum metrics_result result = METRICS_FILE_FAILED;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	*view = NULL;
	if (fd < 0)
		return errno == ENOENT ? METRICS_FILE_NONE : METRICS_FILE_FAILED;
	*view = metrics_view_empty();
	if (*view != NULL)
		result = read_file(fd, *view);
	close(fd);
	if (result != METRICS_FILE_OK) {
		metrics_view_free(*view);
		*view = NULL;
	}
	return result;
}

struct metrics_view *
metrics_view_empty(void)
{
	return calloc(1, sizeof(struct metrics_view));
}

void
metrics_view_free(struct metrics_view *view)
{
	free(view);
}

size_t
metrics_view_count(const struct metrics_view *view)
{
	return view->count;
}

const char *
metrics_view_name(const struct metrics_view *view, size_t program)
{
	return view->programs[program].name;
}

enum metrics_life
metrics_view_life(const struct metrics_view *view, size_t program)
{
	enum metrics_life best = METRICS_IDLE;

	for (enum metrics_life life = METRICS_IDLE; life < METRICS_LIFE__MAX; life++)
		if (view->programs[program].processes[life] > 0)
			best = life;
	return best;
}

const char *
metrics_life_name(enum metrics_life life)
{
	static const char *const names[METRICS_LIFE__MAX] = {
		[METRICS_IDLE] = "idle",
		[METRICS_DIED] = "died",
		[METRICS_LIFE_SILENT] = "silent",
		[METRICS_LIFE_STOPPING] = "stopping",
		[METRICS_LIFE_STARTING] = "starting",
		[METRICS_LIFE_READY] = "ready",
	};

	return names[life];
}

/* ---- writing ---- */

/* Labels of one line; "" where there are none. */
struct labels {
	const char *program;
	const char *names[METRICS_LABELS_MAX], *values[METRICS_LABELS_MAX];
	const char *bound; /* le */
};

static void
write_head(struct buffer *out, const char *name, const char *help, const char *type)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_label(struct buffer *out, const char *name, const char *value, bool *any)
{
	if (name == NULL || value == NULL)
		return;
	buffer_printf(out, "%s%s=\"%s\"", *any ? "," : "{", name, value);
	*any = true;
}

static void
write_name(struct buffer *out, const char *name, const char *suffix, const struct labels *labels)
{
	bool any = false;

	buffer_printf(out, "%s%s", name, suffix);
	write_label(out, "program", labels->program, &any);
	for (size_t i = 0; i < METRICS_LABELS_MAX; i++)
		write_label(out, labels->names[i], labels->values[i], &any);
	write_label(out, "le", labels->bound, &any);
	buffer_add_text(out, any ? "} " : " ");
}

static void
write_seconds(struct buffer *out, uint64_t ms)
{
	buffer_printf(out, "%" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
}

/* Buckets are told as Prometheus wants them: each with all that are below it. */
static void
write_histogram(struct buffer *out, const char *name, struct labels labels, const uint64_t *cells)
{
	uint64_t count = 0;
	char bound[32];

	for (size_t i = 0; i <= METRICS_BOUND_COUNT; i++) {
		count += cells[i];
		if (i < METRICS_BOUND_COUNT)
			snprintf(bound, sizeof(bound), "%g", (double)metrics_bounds_ms[i] / 1000.0);
		labels.bound = i < METRICS_BOUND_COUNT ? bound : "+Inf";
		write_name(out, name, "_bucket", &labels);
		buffer_printf(out, "%" PRIu64 "\n", count);
	}
	labels.bound = NULL;
	write_name(out, name, "_sum", &labels);
	write_seconds(out, cells[METRICS_BOUND_COUNT + 1]);
	buffer_add_text(out, "\n");
	write_name(out, name, "_count", &labels);
	buffer_printf(out, "%" PRIu64 "\n", count);
}

static void
write_values(struct buffer *out, const struct metrics_family *family, const struct labels *labels,
    const uint64_t *cells)
{
	if (family->type == METRICS_HISTOGRAM) {
		write_histogram(out, family->name, *labels, cells);
		return;
	}
	write_name(out, family->name, "", labels);
	buffer_printf(out, "%" PRId64 "\n", (int64_t)cells[0]);
}

/* All of a family that one program, or all together, have counted. */
static void
write_family_of(struct buffer *out, const struct metrics_family *family, const char *program, const uint64_t *cells)
{
	size_t rows = metrics_value_count(family, 0), columns = metrics_value_count(family, 1);
	struct labels labels = { .program = program };

	for (size_t i = 0; i < rows * columns; i++) {
		size_t at[METRICS_LABELS_MAX] = { i / columns, i % columns };

		for (size_t label = 0; label < METRICS_LABELS_MAX; label++) {
			labels.names[label] = family->labels[label];
			labels.values[label] = family->values[label] == NULL ? NULL : family->values[label][at[label]];
		}
		write_values(out, family, &labels, cells + i * metrics_cells_each(family->type));
	}
}

/* From all cells or gauges of a program those of one metric, added to sum. */
static void
add_cells(const struct program_view *program, enum metric metric, size_t cell_count, uint64_t *sum)
{
	size_t first = metrics_first_cell(metric);

	for (size_t i = 0; i < cell_count; i++)
		sum[i] += metrics_table[metric].type == METRICS_GAUGE ? program->gauges[first + i] :
									program->cells[first + i];
}

static void
write_metric(struct buffer *out, const struct metrics_view *view, enum metric metric)
{
	static const char *const types[] = {
		[METRICS_COUNTER] = "counter",
		[METRICS_HISTOGRAM] = "histogram",
		[METRICS_GAUGE] = "gauge",
	};
	const struct metrics_family *family = &metrics_table[metric];
	size_t cell_count = metrics_value_count(family, 0) * metrics_value_count(family, 1) *
	    metrics_cells_each(family->type);
	uint64_t sum[METRICS_CELLS_MAX] = { 0 };

	write_head(out, family->name, family->help, types[family->type]);
	for (size_t i = 0; i < view->count; i++) {
		add_cells(&view->programs[i], metric, cell_count, sum);
		if (family->by_program) {
			write_family_of(out, family, view->programs[i].name, sum);
			memset(sum, 0, sizeof(sum));
		}
	}
	if (!family->by_program)
		write_family_of(out, family, NULL, sum);
}

static void
write_processes(struct buffer *out, const struct metrics_view *view)
{
	static const char name[] = "flex_verify_processes";

	write_head(out, name, "Processes, by how they are; those that died until one of their program is ready.",
	    "gauge");
	for (size_t i = 0; i < view->count; i++)
		for (enum metrics_life life = METRICS_DIED; life < METRICS_LIFE__MAX; life++) {
			const struct labels labels = {
				.program = view->programs[i].name,
				.names = { "state" },
				.values = { metrics_life_name(life) },
			};

			write_name(out, name, "", &labels);
			buffer_printf(out, "%" PRId64 "\n", view->programs[i].processes[life]);
		}
}

bool
metrics_view_write(const struct metrics_view *view, struct buffer *out)
{
	for (enum metric metric = 0; metric < METRIC__MAX; metric++)
		write_metric(out, view, metric);
	write_processes(out, view);
	return !out->failed;
}

bool
metrics_write_gauge(struct buffer *out, const char *name, const char *help, int value)
{
	write_head(out, name, help, "gauge");
	return buffer_printf(out, "%s %d\n", name, value);
}
