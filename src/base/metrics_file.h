/*
 * metrics_file: the file that programs count into; internal to metrics.
 *
 *	header, a table for each program, a slot for each process
 *
 * Numbers are this machine's, and the file is worth nothing on another one.
 * Locks are open file description locks (fcntl(2), F_OFD_SETLK): one on the
 * header's first byte while the file is made or a program or slot is taken, and
 * one on the first byte of each slot for as long as its process lives.
 */
#ifndef BASE_METRICS_FILE_H
#define BASE_METRICS_FILE_H

#include "metrics_table.h"

#include <fcntl.h>
#include <stdatomic.h>

#define METRICS_MAGIC "flexvmet"

#define METRICS_PROGRAMS_MAX     16
#define METRICS_PROGRAM_NAME_SIZE 32
#define METRICS_SLOTS_MAX        256

/* Counters are shared between processes, so no lock of this process's may stand in for the processor's. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics are not lock-free here");

struct metrics_program {
	char             name[METRICS_PROGRAM_NAME_SIZE]; /* written before used is set, and never again */
	atomic_uint      used;
	_Atomic uint64_t cells[METRICS_CELLS_MAX];
};

struct metrics_slot {
	atomic_uint     program; /* number of its program, from 1; 0: nobody's */
	atomic_uint     state;   /* enum metrics_state */
	_Atomic int64_t beat_ms; /* of clock_monotonic_ms(), which all processes of a host have in common */
	_Atomic int64_t gauges[METRICS_GAUGES_MAX];
};

struct metrics_file {
	char     magic[sizeof(METRICS_MAGIC) - 1];
	uint64_t fingerprint;
	struct metrics_program programs[METRICS_PROGRAMS_MAX];
	struct metrics_slot    slots[METRICS_SLOTS_MAX];
};

/* The place of a slot's lock. */
off_t metrics_slot_offset(size_t slot);

/* Tries for a lock on one byte; false: somebody else has it, or (errno) it failed. */
bool metrics_lock(int fd, short type, off_t offset);

/* Does a process, of whatever program, have the slot?  By any descriptor that is not its owner's. */
bool metrics_slot_alive(int fd, size_t slot);

/* Is what fd names such a file of this version?  On METRICS_FILE_OK it is whole. */
enum metrics_result metrics_judge(int fd);

#endif
