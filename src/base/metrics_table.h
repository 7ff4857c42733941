/*
 * metrics_table: what is counted, in the words of Prometheus; internal to metrics.
 *
 * Names have the prefix flex_verify_, base units, and _total where they only
 * grow (prometheus.io/docs/practices/naming).  A new metric is a value of enum
 * metric and a row of the table.
 */
#ifndef BASE_METRICS_TABLE_H
#define BASE_METRICS_TABLE_H

#include "metrics.h"

#include <stdbool.h>
#include <stddef.h>

/* Upper bounds of a histogram's buckets, the last of which has none, and a cell for the sum. */
#define METRICS_BOUND_COUNT     8
#define METRICS_HISTOGRAM_CELLS (METRICS_BOUND_COUNT + 2)

#define METRICS_CELLS_MAX  512 /* of all counters and histograms of a program */
#define METRICS_GAUGES_MAX 4
#define METRICS_LABELS_MAX 2

enum metrics_type {
	METRICS_COUNTER,
	METRICS_HISTOGRAM,
	METRICS_GAUGE
};

struct metrics_family {
	const char       *name;
	const char       *help;
	enum metrics_type type;
	bool              by_program; /* has the label program; otherwise all programs' are added up */
	const char       *labels[METRICS_LABELS_MAX]; /* NULL: none */
	const char *const *values[METRICS_LABELS_MAX]; /* ended by NULL */
};

extern const struct metrics_family metrics_table[METRIC__MAX];
extern const int64_t metrics_bounds_ms[METRICS_BOUND_COUNT];

/* How many values a family's label has; 1 without the label. */
size_t metrics_value_count(const struct metrics_family *family, int label);

/* Where its first cell is: among all cells, or of a gauge among the gauges. */
size_t metrics_first_cell(enum metric metric);

/* Cells of one combination of label values. */
size_t metrics_cells_each(enum metrics_type type);

/* A number that is another one when the table is. */
uint64_t metrics_fingerprint(void);

#endif
