#include "metrics.h"

#include "clock.h"
#include "metrics_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Programs that start together make the file and take their places in turn, each within microseconds. */
#define LOCK_TRIES    200
#define LOCK_PAUSE_NS 5000000L

/* How often a file may turn out to be replaced under our hands. */
#define OPEN_TRIES 8

struct metrics {
	int                     fd;
	struct metrics_file    *file;
	struct metrics_program *program;
	struct metrics_slot    *slot; /* NULL: all are taken, so this process counts but has no gauges */
	size_t                  first_cells[METRIC__MAX];
};

/* ---- locks ---- */

off_t
metrics_slot_offset(size_t slot)
{
	return (off_t)(offsetof(struct metrics_file, slots) + slot * sizeof(struct metrics_slot));
}

bool
metrics_lock(int fd, short type, off_t offset)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool
metrics_slot_alive(int fd, size_t slot)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	lock.l_start = metrics_slot_offset(slot);
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Not for ever: a program has to start, with counts or without. */
static bool
lock_file(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (metrics_lock(fd, F_WRLCK, 0))
			return true;
		if (errno != EAGAIN && errno != EACCES)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* ---- the file ---- */

/* Whoever else owns it could shorten it, which ends the processes that have it mapped. */
static bool
is_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_uid == geteuid();
}

enum metrics_result
metrics_judge(int fd)
{
	struct metrics_file head;
	const size_t head_size = offsetof(struct metrics_file, programs);
	struct stat status;

	if (fstat(fd, &status) != 0)
		return METRICS_FILE_FAILED;
	if (!is_ours(&status) || pread(fd, &head, head_size, 0) != (ssize_t)head_size ||
	    memcmp(head.magic, METRICS_MAGIC, sizeof(head.magic)) != 0)
		return METRICS_FILE_FOREIGN;
	if (head.fingerprint != metrics_fingerprint())
		return METRICS_FILE_OTHER_VERSION;
	return status.st_size == (off_t)sizeof(struct metrics_file) ? METRICS_FILE_OK : METRICS_FILE_FOREIGN;
}

/* All of its blocks are there before anybody maps it: a full disk would otherwise end the process that counts. */
static enum metrics_result
make_file(int fd)
{
	const uint64_t fingerprint = metrics_fingerprint();
	const off_t at = offsetof(struct metrics_file, fingerprint);
	int error = posix_fallocate(fd, 0, sizeof(struct metrics_file));

	if (error == 0 && pwrite(fd, &fingerprint, sizeof(fingerprint), at) == sizeof(fingerprint) &&
	    pwrite(fd, METRICS_MAGIC, sizeof(METRICS_MAGIC) - 1, 0) == sizeof(METRICS_MAGIC) - 1)
		return METRICS_FILE_OK;
	if (error != 0)
		errno = error;
	return ftruncate(fd, 0) == 0 ? METRICS_FILE_FAILED : METRICS_FILE_FOREIGN;
}

/* Does the path still name what was opened?  Another program may have replaced it meanwhile. */
static bool
is_current(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	    opened.st_ino == named.st_ino;
}

/* Locked.  *again: it was another version's and is gone. */
static enum metrics_result
settle_file(int fd, const char *path, bool *again)
{
	struct stat status;
	enum metrics_result result = METRICS_FILE_OK;

	if (fstat(fd, &status) != 0)
		return METRICS_FILE_FAILED;
	if (is_ours(&status) && status.st_size == 0)
		return make_file(fd);
	result = metrics_judge(fd);
	if (result == METRICS_FILE_OTHER_VERSION)
		*again = unlink(path) == 0;
	return result;
}

/* The file, locked, in *fd; the caller's to close. */
static enum metrics_result
open_file(const char *path, int *fd)
{
	enum metrics_result result = METRICS_FILE_FAILED;
	bool again = true;

	for (int i = 0; i < OPEN_TRIES && again; i++) {
		again = false;
		*fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, S_IRUSR | S_IWUSR);
		if (*fd < 0)
			return METRICS_FILE_FAILED;
		result = METRICS_FILE_FAILED;
		if (lock_file(*fd)) {
			again = !is_current(*fd, path);
			if (!again)
				result = settle_file(*fd, path, &again);
		}
		if (result != METRICS_FILE_OK) {
			int error = errno;

			close(*fd);
			*fd = -1;
			errno = error;
		}
	}
	return result;
}

/* ---- places in it; locked ---- */

static struct metrics_program *
take_program(struct metrics_file *file, const char *name)
{
	for (size_t i = 0; i < METRICS_PROGRAMS_MAX; i++) {
		struct metrics_program *program = &file->programs[i];

		if (atomic_load(&program->used) == 0) {
			memcpy(program->name, name, strlen(name) + 1);
			atomic_store(&program->used, 1);
			return program;
		}
		if (strncmp(program->name, name, sizeof(program->name)) == 0)
			return program;
	}
	return NULL;
}

static void
clear_slot(struct metrics_slot *slot)
{
	atomic_store(&slot->program, 0);
	atomic_store(&slot->state, METRICS_STARTING);
	for (size_t i = 0; i < METRICS_GAUGES_MAX; i++)
		atomic_store(&slot->gauges[i], 0);
}

static struct metrics_slot *
try_slot(struct metrics *metrics, size_t i)
{
	struct metrics_slot *slot = &metrics->file->slots[i];

	if (!metrics_lock(metrics->fd, F_WRLCK, metrics_slot_offset(i)))
		return NULL;
	clear_slot(slot);
	atomic_store(&slot->beat_ms, clock_monotonic_ms());
	atomic_store(&slot->program, (unsigned)(metrics->program - metrics->file->programs) + 1);
	return slot;
}

/* One that nobody has; only if there is none, one whose process died, as that is worth being told. */
static struct metrics_slot *
take_slot(struct metrics *metrics)
{
	struct metrics_slot *slot = NULL;

	for (size_t i = 0; i < METRICS_SLOTS_MAX && slot == NULL; i++)
		if (atomic_load(&metrics->file->slots[i].program) == 0)
			slot = try_slot(metrics, i);
	for (size_t i = 0; i < METRICS_SLOTS_MAX && slot == NULL; i++)
		slot = try_slot(metrics, i);
	return slot;
}

/* ---- opening and closing ---- */

static enum metrics_result
open_locked(struct metrics *metrics, const char *program)
{
	void *map = mmap(NULL, sizeof(struct metrics_file), PROT_READ | PROT_WRITE, MAP_SHARED, metrics->fd, 0);

	if (map == MAP_FAILED)
		return METRICS_FILE_FAILED;
	metrics->file = map;
	metrics->program = take_program(metrics->file, program);
	if (metrics->program == NULL) {
		errno = ENOSPC;
		return METRICS_FILE_FAILED;
	}
	metrics->slot = take_slot(metrics);
	metrics_lock(metrics->fd, F_UNLCK, 0);
	for (size_t i = 0; i < METRIC__MAX; i++)
		metrics->first_cells[i] = metrics_first_cell((enum metric)i);
	return METRICS_FILE_OK;
}

enum metrics_result
metrics_open(const char *path, const char *program, struct metrics **opened)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	enum metrics_result result = METRICS_FILE_FAILED;

	*opened = NULL;
	if (metrics == NULL)
		return METRICS_FILE_FAILED;
	metrics->fd = -1;
	errno = ENAMETOOLONG;
	if (strlen(program) < METRICS_PROGRAM_NAME_SIZE)
		result = open_file(path, &metrics->fd);
	if (result == METRICS_FILE_OK)
		result = open_locked(metrics, program);
	if (result == METRICS_FILE_OK) {
		*opened = metrics;
		return METRICS_FILE_OK;
	}
	metrics_close(metrics);
	return result;
}

/* Closing the one descriptor lets go of the locks. */
void
metrics_close(struct metrics *metrics)
{
	int error = errno;

	if (metrics == NULL)
		return;
	if (metrics->slot != NULL)
		clear_slot(metrics->slot);
	if (metrics->file != NULL)
		munmap(metrics->file, sizeof(*metrics->file));
	if (metrics->fd >= 0)
		close(metrics->fd);
	free(metrics);
	errno = error;
}

/* ---- counting ---- */

/* NULL: there is no such value, and the cell behind would be another metric's. */
static _Atomic uint64_t *
cells_of(const struct metrics *metrics, enum metric metric, int first, int second)
{
	const struct metrics_family *family = &metrics_table[metric];
	size_t place = (size_t)first * metrics_value_count(family, 1) + (size_t)second;

	if (first < 0 || (size_t)first >= metrics_value_count(family, 0) || second < 0 ||
	    (size_t)second >= metrics_value_count(family, 1))
		return NULL;
	return &metrics->program->cells[metrics->first_cells[metric] + place * metrics_cells_each(family->type)];
}

static void
add(_Atomic uint64_t *cell, uint64_t more)
{
	atomic_fetch_add_explicit(cell, more, memory_order_relaxed);
}

void
metrics_count(struct metrics *metrics, enum metric metric, int first, int second)
{
	_Atomic uint64_t *cell = metrics == NULL ? NULL : cells_of(metrics, metric, first, second);

	if (cell != NULL)
		add(cell, 1);
}

void
metrics_observe(struct metrics *metrics, enum metric metric, int first, int second, int64_t ms)
{
	_Atomic uint64_t *cells = metrics == NULL ? NULL : cells_of(metrics, metric, first, second);
	size_t bucket = 0;

	if (cells == NULL)
		return;
	while (bucket < METRICS_BOUND_COUNT && ms > metrics_bounds_ms[bucket])
		bucket++;
	add(&cells[bucket], 1);
	add(&cells[METRICS_BOUND_COUNT + 1], ms > 0 ? (uint64_t)ms : 0);
}

void
metrics_have(struct metrics *metrics, enum metric metric, int64_t more)
{
	if (metrics != NULL && metrics->slot != NULL)
		atomic_fetch_add_explicit(&metrics->slot->gauges[metrics->first_cells[metric]], more,
		    memory_order_relaxed);
}

/* Slots of this program whose process ended without a word: there is one again. */
static void
forget_dead(struct metrics *metrics)
{
	unsigned number = atomic_load(&metrics->slot->program);

	for (size_t i = 0; i < METRICS_SLOTS_MAX; i++) {
		struct metrics_slot *slot = &metrics->file->slots[i];

		/* A lock on our own slot is granted once more and would be let go of below. */
		if (slot == metrics->slot || atomic_load(&slot->program) != number ||
		    !metrics_lock(metrics->fd, F_WRLCK, metrics_slot_offset(i)))
			continue;
		clear_slot(slot);
		metrics_lock(metrics->fd, F_UNLCK, metrics_slot_offset(i));
	}
}

void
metrics_state(struct metrics *metrics, enum metrics_state state)
{
	if (metrics == NULL || metrics->slot == NULL)
		return;
	if (state == METRICS_READY)
		forget_dead(metrics);
	metrics_beat(metrics);
	atomic_store(&metrics->slot->state, state);
}

void
metrics_beat(struct metrics *metrics)
{
	if (metrics != NULL && metrics->slot != NULL)
		atomic_store_explicit(&metrics->slot->beat_ms, clock_monotonic_ms(), memory_order_relaxed);
}

const char *
metrics_result_text(enum metrics_result result)
{
	switch (result) {
	case METRICS_FILE_OK:
		return "open";
	case METRICS_FILE_NONE:
		return "it is not there";
	case METRICS_FILE_FOREIGN:
		return "it is not a file of counts, or not a whole one; remove it, or name another one in METRICS";
	case METRICS_FILE_OTHER_VERSION:
		return "another version of these programs made it; restart them all";
	case METRICS_FILE_FAILED:
		return "it cannot be opened";
	}
	return "not a metrics_result";
}
