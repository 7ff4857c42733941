/*
 * TaskRouter's answers about a task and its reservations.  Input: two answers.
 * Whatever they are: a worker holds the task only if a reservation of his, of
 * this task, says so, and no member of a task is longer than its place.
 */
#include "base/clock.h"
#include "twilio/taskrouter.h"

#include "answers.h"

#include <string.h>

static bool
says(struct json_object *object, const char *key, const char *text)
{
	const char *said = json_get_string(object, key);

	return said != NULL && strcmp(said, text) == 0;
}

static bool
reserved(const struct taskrouter_worker *worker)
{
	struct json_object *list = json_get_array(answers_given(1)->object, "reservations");

	for (size_t i = 0; i < json_length(list); i++) {
		struct json_object *item = json_item(list, i);

		if (!says(item, "task_sid", TASK) || (!says(item, "reservation_status", "accepted") &&
			!says(item, "reservation_status", "wrapping")))
			continue;
		if (worker->sid != NULL ? says(item, "worker_sid", worker->sid) :
					  says(item, "worker_name", worker->name))
			return true;
	}
	return false;
}

static bool
sid_or_none(const char *sid, const char *prefix)
{
	return sid[0] == '\0' || twilio_sid_valid(sid, prefix);
}

static void
check_task(const struct taskrouter_task *task)
{
	property(answers_positive(0), "only a 2xx with a JSON object is a good answer");
	property(strcmp(task->sid, TASK) == 0 && answers_say(0, "sid", TASK), "the task is the one asked for");
	property(answers_say(0, "workspace_sid", WORKSPACE), "and of the workspace");
	property(answers_say(0, "assignment_status", task->assignment_status), "its status is what Twilio says");
	property(json_kind(task->attributes) == JSON_OBJECT, "attributes are an object, be it an empty one");
	property(sid_or_none(task->call_sid, "CA") && sid_or_none(task->conference_sid, "CF") &&
		sid_or_none(task->conversation_sid, "CH"),
	    "a SID is one of its kind, or none");
	property(strnlen(task->from, sizeof(task->from)) < sizeof(task->from) &&
		strnlen(task->customer_address, sizeof(task->customer_address)) < sizeof(task->customer_address) &&
		strnlen(task->outbound_to, sizeof(task->outbound_to)) < sizeof(task->outbound_to),
	    "an address fits into its place");
}

static void
check_fetch(const uint8_t *data, size_t size, const struct taskrouter_worker *worker)
{
	struct taskrouter_task task;
	struct taskrouter_hold hold;
	enum twilio_result result = TWILIO_OK;

	answers_begin(data, size);
	result = taskrouter_fetch(&answers_twilio, TASK, worker, clock_monotonic_ms(), &task, &hold, NULL);
	if (result == TWILIO_OK) {
		check_task(&task);
		property(worker == NULL || answers_positive(1), "both answers are good ones");
		property(hold.held == (worker != NULL && reserved(worker)),
		    "a worker holds a task if his reservation says so, and only then");
		taskrouter_task_free(&task);
	} else {
		property(!hold.held && task.attributes == NULL && task.sid[0] == '\0',
		    "nobody holds what could not be read");
	}
	answers_end();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct taskrouter_worker by_sid = { WORKER, NULL }, by_name = { NULL, WORKER_NAME };

	check_fetch(data, size, NULL);
	check_fetch(data, size, &by_sid);
	check_fetch(data, size, &by_name);
	answers_begin(data, size);
	if (taskrouter_probe(&answers_twilio, clock_monotonic_ms(), NULL) == TWILIO_OK)
		property(answers_positive(0), "only a 2xx with a JSON object is a good answer");
	answers_end();
	return 0;
}
