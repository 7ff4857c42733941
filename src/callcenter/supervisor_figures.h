/*
 * supervisor_figures: how verification goes, hour by hour.
 */
#ifndef CALLCENTER_SUPERVISOR_FIGURES_H
#define CALLCENTER_SUPERVISOR_FIGURES_H

#include "refusal.h"

#include <stdint.h>

struct json_object;
struct turn;

/*
 * Adds to the view the members hours, one object for each hour of the range,
 * which is at most 25 of them long, and total, all of it.  Inside a
 * transaction of the ledger.
 */
enum refusal supervisor_figures(const struct turn *turn, struct json_object *view, int64_t from, int64_t to);

#endif
