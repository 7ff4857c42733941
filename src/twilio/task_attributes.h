/*
 * task_attributes: sets one attribute of a Flex task beside what other
 * programs keep there.
 * https://www.twilio.com/docs/taskrouter/api/task
 *
 * An update replaces all attributes, and Flex and others write theirs at the
 * same time.  So the task is read, changed in that one place, and written back
 * on condition that it still is the version that was read (If-Match).
 */
#ifndef TWILIO_TASK_ATTRIBUTES_H
#define TWILIO_TASK_ATTRIBUTES_H

#include "twilio.h"

struct json_object;

/* Most characters of a task's attributes, blanks included (https://www.twilio.com/docs/taskrouter/limits). */
#define TASK_ATTRIBUTES_MAX_CHARACTERS 4096

/* So often the task is read afresh when somebody else was quicker. */
#define TASK_ATTRIBUTES_ROUNDS 3

enum task_attributes_result {
	TASK_ATTRIBUTES_OK = 0,
	TASK_ATTRIBUTES_UNUSABLE, /* no JSON object, one that readers take differently, or without a version */
	TASK_ATTRIBUTES_FULL,     /* they would be longer than Twilio takes */
	TASK_ATTRIBUTES_CHANGED,  /* somebody else was quicker each time */
	TASK_ATTRIBUTES_FAILED    /* a call to Twilio: the trace says how */
};

/*
 * Sets the attribute key, a plain word, to value; every byte of the others
 * stays.  Unless the result is TASK_ATTRIBUTES_OK or FAILED, nothing was
 * changed.  Repeating is safe, and done where a call failed for the moment.
 */
enum task_attributes_result task_attributes_set(const struct twilio *twilio, const char *task_sid, const char *key,
    struct json_object *value, int64_t deadline_ms, struct twilio_trace *trace);

/* One word for the log: "full". */
const char *task_attributes_result_name(enum task_attributes_result result);

#endif
