/*
 * metrics_view: all that the programs of a host have counted, at one moment.
 *
 * Reads the file and changes nothing in it; who lives is told by the locks.
 */
#ifndef BASE_METRICS_VIEW_H
#define BASE_METRICS_VIEW_H

#include "buffer.h"
#include "metrics.h"

#include <stdbool.h>
#include <stddef.h>

/* A page of all that there is: 16 programs, some 40 KiB. */
#define METRICS_TEXT_MAX_BYTES 262144

/* How a process is, or a program by its best process; the better, the later. */
enum metrics_life {
	METRICS_IDLE,       /* a program's only: it ran and was stopped */
	METRICS_DIED,       /* it ended without a word, and none of its program is ready since */
	METRICS_LIFE_SILENT, /* it lives, but its main thread does nothing any more */
	METRICS_LIFE_STOPPING,
	METRICS_LIFE_STARTING,
	METRICS_LIFE_READY,
	METRICS_LIFE__MAX
};

struct metrics_view; /* a copy: it stays as it is */

/* On METRICS_FILE_OK *view is the caller's, otherwise NULL. */
enum metrics_result metrics_view_read(const char *path, struct metrics_view **view);

/* One of no programs, as before the first of them starts; NULL without memory. */
struct metrics_view *metrics_view_empty(void);
void                 metrics_view_free(struct metrics_view *view);

size_t            metrics_view_count(const struct metrics_view *view);
const char       *metrics_view_name(const struct metrics_view *view, size_t program);
enum metrics_life metrics_view_life(const struct metrics_view *view, size_t program);
const char       *metrics_life_name(enum metrics_life life);

/* Adds all of it in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
bool metrics_view_write(const struct metrics_view *view, struct buffer *out);

/* Adds one gauge without labels to such a text. */
bool metrics_write_gauge(struct buffer *out, const char *name, const char *help, int value);

#endif
