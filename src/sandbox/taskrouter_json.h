/*
 * taskrouter_json: the shapes of a task and of a reservation.
 * https://www.twilio.com/docs/taskrouter/api/task#task-properties
 */
#ifndef SANDBOX_TASKROUTER_JSON_H
#define SANDBOX_TASKROUTER_JSON_H

#include "state.h"

struct json_object;

/* NULL without memory; the caller's to free.  With the sandbox's lock held. */
struct json_object *taskrouter_json_task(const struct sandbox_task *task, int64_t now_ms);
struct json_object *taskrouter_json_reservation(const struct sandbox_task *task,
    const struct sandbox_reservation *reservation);

#endif
