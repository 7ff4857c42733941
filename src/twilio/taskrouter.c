#include "taskrouter.h"

#include "twilio_call.h"

#include <stdio.h>
#include <string.h>

/* Twilio takes at most 4096 characters; what nests deeper than this was not made for us. */
#define ATTRIBUTES_DEPTH_MAX 16

/* ---- the task ---- */

static void
copy_text(struct json_object *object, const char *key, char *out, size_t size)
{
	twilio_copy(out, size, json_get_string(object, key));
}

static bool
copy_sid(struct json_object *object, const char *key, const char *prefix, char out[TWILIO_SID_SIZE])
{
	const char *sid = json_get_string(object, key);

	return twilio_sid_valid(sid, prefix) && twilio_copy(out, TWILIO_SID_SIZE, sid);
}

static void
copy_attributes(struct taskrouter_task *task)
{
	struct json_object *attributes = task->attributes;
	struct json_object *conference = json_get_object(attributes, "conference");

	copy_sid(attributes, "call_sid", "CA", task->call_sid);
	if (conference != NULL)
		copy_sid(conference, "sid", "CF", task->conference_sid);
	if (!copy_sid(attributes, "conversationSid", "CH", task->conversation_sid))
		copy_sid(attributes, "channelSid", "CH", task->conversation_sid);
	copy_text(attributes, "direction", task->direction, sizeof(task->direction));
	copy_text(attributes, "channelType", task->channel_type, sizeof(task->channel_type));
	copy_text(attributes, "from", task->from, sizeof(task->from));
	copy_text(attributes, "outbound_to", task->outbound_to, sizeof(task->outbound_to));
	copy_text(attributes, "customerAddress", task->customer_address, sizeof(task->customer_address));
}

/* Attributes are a string that holds JSON; any other text counts as none.  False: no memory. */
static bool
read_attributes(struct json_object *object, struct taskrouter_task *task)
{
	const char *text = json_get_string(object, "attributes");
	enum json_result result = JSON_SYNTAX;

	if (text != NULL)
		result = json_parse(text, strlen(text), ATTRIBUTES_DEPTH_MAX, &task->attributes);
	if (result != JSON_OK && result != JSON_NO_MEMORY)
		task->attributes = json_new_object();
	return task->attributes != NULL;
}

static enum twilio_result
read_task(const struct twilio *twilio, struct json_object *object, const char *task_sid, struct taskrouter_task *task)
{
	const char *status = json_get_string(object, "assignment_status");

	if (!twilio_same(object, "sid", task_sid) || !twilio_same(object, "workspace_sid", twilio->workspace_sid) ||
	    !twilio_copy(task->assignment_status, sizeof(task->assignment_status), status) ||
	    !twilio_copy(task->sid, sizeof(task->sid), task_sid))
		return TWILIO_BAD_ANSWER;
	copy_text(object, "task_channel_unique_name", task->channel, sizeof(task->channel));
	if (!read_attributes(object, task))
		return TWILIO_NO_MEMORY;
	copy_attributes(task);
	return TWILIO_OK;
}

/* ---- the reservations ---- */

static bool
holds(struct json_object *reservation)
{
	return twilio_same(reservation, "reservation_status", "accepted") ||
	    twilio_same(reservation, "reservation_status", "wrapping");
}

static bool
is_of(struct json_object *reservation, const struct taskrouter_worker *worker)
{
	if (worker->sid != NULL)
		return twilio_same(reservation, "worker_sid", worker->sid);
	return twilio_same(reservation, "worker_name", worker->name);
}

/* Twilio selects by SID, but only an item that says so itself counts. */
static enum twilio_result
read_reservations(struct json_object *object, const char *task_sid, const struct taskrouter_worker *worker,
    struct taskrouter_hold *hold)
{
	struct json_object *list = json_get_array(object, "reservations");

	if (list == NULL)
		return TWILIO_BAD_ANSWER;
	for (size_t i = 0; i < json_length(list); i++) {
		struct json_object *item = json_item(list, i);

		if (json_kind(item) != JSON_OBJECT)
			return TWILIO_BAD_ANSWER;
		if (!is_of(item, worker) || !twilio_same(item, "task_sid", task_sid))
			continue;
		copy_text(item, "worker_name", hold->worker_name, sizeof(hold->worker_name));
		hold->held = hold->held || holds(item);
	}
	return TWILIO_OK;
}

/* ---- both ---- */

static bool
worker_valid(const struct taskrouter_worker *worker)
{
	return worker->sid != NULL ? twilio_sid_valid(worker->sid, "WK") : worker->name[0] != '\0';
}

static void
address_holders(struct twilio_call *call, const struct twilio *twilio, const char *task_sid,
    const struct taskrouter_worker *worker)
{
	twilio_call_address(call, twilio, "GET", TWILIO_HOST_TASKROUTER,
	    "/v1/Workspaces/%s/Tasks/%s/Reservations?PageSize=50%s%s", twilio->workspace_sid, task_sid,
	    worker->sid != NULL ? "&WorkerSid=" : "", worker->sid != NULL ? worker->sid : "");
}

static void
build(struct twilio_call *task_call, struct twilio_call *holders_call, const struct twilio *twilio,
    const char *task_sid, const struct taskrouter_worker *worker)
{
	if (!twilio_sid_valid(twilio->workspace_sid, "WS")) {
		twilio_call_refuse(task_call, TWILIO_SETUP);
		return;
	}
	if (!twilio_sid_valid(task_sid, "WT") || (worker != NULL && !worker_valid(worker))) {
		twilio_call_refuse(task_call, TWILIO_NOT_FOUND);
		return;
	}
	twilio_call_address(task_call, twilio, "GET", TWILIO_HOST_TASKROUTER, "/v1/Workspaces/%s/Tasks/%s",
	    twilio->workspace_sid, task_sid);
	if (worker != NULL)
		address_holders(holders_call, twilio, task_sid, worker);
}

enum twilio_result
taskrouter_fetch(const struct twilio *twilio, const char *task_sid, const struct taskrouter_worker *worker,
    int64_t deadline_ms, struct taskrouter_task *task, struct taskrouter_hold *hold, struct twilio_trace *trace)
{
	struct twilio_call task_call, holders_call;
	enum twilio_result result = TWILIO_OK;

	memset(task, 0, sizeof(*task));
	memset(hold, 0, sizeof(*hold));
	twilio_trace_clear(trace);
	twilio_call_init(&task_call);
	twilio_call_init(&holders_call);

	build(&task_call, &holders_call, twilio, task_sid, worker);
	result = twilio_exchange_both(twilio, &task_call, worker != NULL ? &holders_call : NULL, TWILIO_REPEAT_ONCE,
	    deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_task(twilio, task_call.answer, task_sid, task);
	if (result == TWILIO_OK && worker != NULL)
		result = read_reservations(holders_call.answer, task_sid, worker, hold);

	if (result != TWILIO_OK) {
		taskrouter_task_free(task);
		memset(hold, 0, sizeof(*hold));
	}
	twilio_call_free(&task_call);
	twilio_call_free(&holders_call);
	return result;
}

void
taskrouter_task_free(struct taskrouter_task *task)
{
	json_free(task->attributes);
	memset(task, 0, sizeof(*task));
}

/* ---- a new one ---- */

static void
build_new(struct twilio_call *call, const struct twilio *twilio, const char *workflow_sid,
    struct json_object *attributes, int timeout_s)
{
	struct buffer text;
	char timeout[16];

	snprintf(timeout, sizeof(timeout), "%d", timeout_s);
	twilio_call_address(call, twilio, "POST", TWILIO_HOST_TASKROUTER, "/v1/Workspaces/%s/Tasks",
	    twilio->workspace_sid);
	buffer_init(&text, TWILIO_BODY_MAX_BYTES);
	if (!json_write(attributes, &text))
		twilio_call_refuse(call, TWILIO_NO_MEMORY);
	twilio_call_field(call, "WorkflowSid", workflow_sid);
	twilio_call_field(call, "TaskChannel", "voice");
	twilio_call_field(call, "Timeout", timeout);
	twilio_call_field(call, "Attributes", buffer_text(&text));
	buffer_free(&text);
}

static enum twilio_result
read_new(const struct twilio *twilio, struct json_object *object, char task_sid[TWILIO_SID_SIZE])
{
	const char *sid = json_get_string(object, "sid");

	if (!twilio_sid_valid(sid, "WT") || !twilio_same(object, "workspace_sid", twilio->workspace_sid) ||
	    !twilio_copy(task_sid, TWILIO_SID_SIZE, sid))
		return TWILIO_BAD_ANSWER;
	return TWILIO_OK;
}

enum twilio_result
taskrouter_create(const struct twilio *twilio, const char *workflow_sid, struct json_object *attributes, int timeout_s,
    int64_t deadline_ms, char task_sid[TWILIO_SID_SIZE], struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	task_sid[0] = '\0';
	twilio_trace_clear(trace);
	twilio_call_init(&call);
	if (twilio_sid_valid(twilio->workspace_sid, "WS"))
		build_new(&call, twilio, workflow_sid, attributes, timeout_s);
	else
		twilio_call_refuse(&call, TWILIO_SETUP);
	result = twilio_exchange(twilio, &call, TWILIO_NEVER_REPEAT, deadline_ms, trace);
	if (result == TWILIO_OK)
		result = read_new(twilio, call.answer, task_sid);
	twilio_call_free(&call);
	json_free(attributes);
	return result;
}

/* ---- the workspace ---- */

enum twilio_result
taskrouter_probe(const struct twilio *twilio, int64_t deadline_ms, struct twilio_trace *trace)
{
	struct twilio_call call;
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	if (!twilio_sid_valid(twilio->workspace_sid, "WS"))
		return TWILIO_SETUP;
	twilio_call_init(&call);
	twilio_call_address(&call, twilio, "GET", TWILIO_HOST_TASKROUTER, "/v1/Workspaces/%s/Tasks?PageSize=1",
	    twilio->workspace_sid);
	result = twilio_exchange(twilio, &call, TWILIO_REPEAT_ONCE, deadline_ms, trace);
	if (result == TWILIO_OK && json_get_array(call.answer, "tasks") == NULL)
		result = TWILIO_BAD_ANSWER;
	twilio_call_free(&call);
	return result;
}
