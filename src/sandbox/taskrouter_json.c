#include "taskrouter_json.h"

#include "base/json.h"
#include "exchange.h"

#include <stdio.h>
#include <string.h>

#define WORKSPACE_URL "https://taskrouter.twilio.com/v1/Workspaces/" SANDBOX_WORKSPACE_SID
#define URL_SIZE 160
#define TASK_TIMEOUT_S 86400

static const char *
channel_sid(const char *channel)
{
	static const char *const sids[][2] = {
		{ "voice", "TC00000000000000000000000000000001" },
		{ "sms", "TC00000000000000000000000000000002" },
		{ "chat", "TC00000000000000000000000000000003" },
		{ "default", "TC00000000000000000000000000000004" },
	};

	for (size_t i = 0; i < sizeof(sids) / sizeof(*sids); i++)
		if (strcmp(sids[i][0], channel) == 0)
			return sids[i][1];
	return NULL;
}

static void
add_task_links(struct json_object *object, const char *url)
{
	struct json_object *links = json_new_object();

	json_add_string(links, "workspace", WORKSPACE_URL);
	json_add_string(links, "workflow", WORKSPACE_URL "/Workflows/" SANDBOX_WORKFLOW_SID);
	json_add_string(links, "task_queue", WORKSPACE_URL "/TaskQueues/" SANDBOX_QUEUE_SID);
	exchange_add_text(links, "reservations", "%s/Reservations", url);
	json_add(object, "links", links);
}

static void
add_task_texts(struct json_object *object, const struct sandbox_task *task)
{
	const struct exchange_text texts[] = {
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "sid", task->sid },
		{ "assignment_status", task->status },
		{ "attributes", task->attributes },
		{ "addons", "{}" },
		{ "reason", task->reason[0] == '\0' ? NULL : task->reason },
		{ "workspace_sid", SANDBOX_WORKSPACE_SID },
		{ "workflow_sid", SANDBOX_WORKFLOW_SID },
		{ "workflow_friendly_name", "Assign to Anyone" },
		{ "task_queue_sid", SANDBOX_QUEUE_SID },
		{ "task_queue_friendly_name", "Everyone" },
		{ "task_channel_sid", channel_sid(task->channel) },
		{ "task_channel_unique_name", task->channel },
		{ "routing_target", NULL },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
}

struct json_object *
taskrouter_json_task(const struct sandbox_task *task, int64_t now_ms)
{
	struct json_object *object = json_new_object();
	char url[URL_SIZE];

	snprintf(url, sizeof(url), WORKSPACE_URL "/Tasks/%s", task->sid);
	add_task_texts(object, task);
	json_add_int(object, "age", (now_ms - task->created_ms) / 1000);
	exchange_add_time(object, "date_created", task->created_ms);
	exchange_add_time(object, "date_updated", task->updated_ms);
	exchange_add_time(object, "task_queue_entered_date", task->created_ms);
	exchange_add_time(object, "virtual_start_time", task->created_ms);
	json_add_int(object, "priority", task->priority);
	json_add_int(object, "timeout", TASK_TIMEOUT_S);
	json_add_bool(object, "ignore_capacity", false);
	json_add_string(object, "url", url);
	add_task_links(object, url);
	return object;
}

static void
add_reservation_links(struct json_object *object, const char *task_url, const char *worker_sid)
{
	struct json_object *links = json_new_object();

	json_add_string(links, "task", task_url);
	exchange_add_text(links, "worker", WORKSPACE_URL "/Workers/%s", worker_sid);
	json_add_string(links, "workspace", WORKSPACE_URL);
	json_add(object, "links", links);
}

struct json_object *
taskrouter_json_reservation(const struct sandbox_task *task,
    const struct sandbox_reservation *reservation)
{
	struct json_object *object = json_new_object();
	char worker_sid[SANDBOX_SID_SIZE], task_url[URL_SIZE];
	const struct exchange_text texts[] = {
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ "reservation_status", reservation->status },
		{ "sid", reservation->sid },
		{ "task_sid", task->sid },
		{ "worker_name", people_worker_name(reservation->worker) },
		{ "worker_sid", worker_sid },
		{ "workspace_sid", SANDBOX_WORKSPACE_SID },
		{ NULL, NULL },
	};

	identity_sid(worker_sid, "WK", reservation->worker);
	snprintf(task_url, sizeof(task_url), WORKSPACE_URL "/Tasks/%s", task->sid);
	exchange_add_texts(object, texts);
	exchange_add_time(object, "date_created", task->created_ms);
	exchange_add_time(object, "date_updated", reservation->updated_ms);
	exchange_add_text(object, "url", "%s/Reservations/%s", task_url, reservation->sid);
	add_reservation_links(object, task_url, worker_sid);
	return object;
}
