#include "taskrouter_api.h"

#include "base/json.h"
#include "cases.h"
#include "exchange.h"
#include "magic.h"
#include "taskrouter_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTES_DEPTH_MAX 32
#define ETAG_SIZE 16
#define PRIORITY_MAX 2147483647L

/* What POST Tasks/{WT} asks for, judged. */
struct change {
	const char *attributes, *status, *reason; /* NULL: as it is */
	long        priority;                     /* -1: as it is */
};

static const char *const assignment_statuses[] = { "pending", "reserved", "assigned", "wrapping",
	"completed", "canceled", NULL };

/* ---- Common -------------------------------------------------------------- */

/* False: answered 404 already. */
static bool
workspace_is_known(struct exchange *exchange)
{
	if (strcmp(exchange->arguments[0], SANDBOX_WORKSPACE_SID) == 0)
		return true;
	exchange_not_found(exchange);
	return false;
}

static bool
task_is_intercepted(struct exchange *exchange, enum magic_call call)
{
	const char *sid = exchange->arguments[1];
	size_t length = strlen(sid);

	/* The last four digits alone are no SID. */
	return length == SANDBOX_SID_SIZE - 1 && magic_intercepts(exchange, call, sid + length - 4);
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void
write_etag(int version, char etag[ETAG_SIZE])
{
	snprintf(etag, ETAG_SIZE, "\"%d\"", version);
}

static void
add_etag(struct exchange *exchange, int version)
{
	char etag[ETAG_SIZE];

	write_etag(version, etag);
	response_header(exchange->response, "ETag", etag);
}

/* ---- Reading tasks --------------------------------------------------------- */

void
taskrouter_api_list_tasks(struct exchange *exchange)
{
	const char *status = exchange_query(exchange, "AssignmentStatus");
	const char *priority = exchange_query(exchange, "Priority");
	struct exchange_page page;

	if (!workspace_is_known(exchange) || !exchange_page_begin(exchange, &page))
		return;
	sandbox_lock(exchange->sandbox);
	for (size_t i = 0; i < exchange->sandbox->task_count; i++) {
		const struct sandbox_task *task = &exchange->sandbox->tasks[i];

		/* Twilio takes several statuses, with commas between. */
		if ((status == NULL || strstr(status, task->status) != NULL) &&
		    (priority == NULL || strtol(priority, NULL, 10) == task->priority) &&
		    exchange_page_takes(&page))
			exchange_page_add(&page,
			    taskrouter_json_task(task, sandbox_now_ms(exchange->sandbox)));
	}
	sandbox_unlock(exchange->sandbox);
	exchange_page_end(exchange, &page, "tasks");
}

void
taskrouter_api_fetch_task(struct exchange *exchange)
{
	const struct sandbox_task *task = NULL;

	if (!workspace_is_known(exchange) || task_is_intercepted(exchange, MAGIC_TASK))
		return;
	sandbox_lock(exchange->sandbox);
	task = sandbox_task_find(exchange->sandbox, exchange->arguments[1]);
	if (task == NULL) {
		exchange_not_found(exchange);
	} else {
		add_etag(exchange, task->version);
		exchange_answer(exchange, 200,
		    taskrouter_json_task(task, sandbox_now_ms(exchange->sandbox)));
	}
	sandbox_unlock(exchange->sandbox);
}

/* ---- Changing tasks -------------------------------------------------------- */

static bool
is_json_object(const char *text)
{
	struct json_object *object = NULL;
	bool ok = json_parse(text, strlen(text), ATTRIBUTES_DEPTH_MAX, &object) == JSON_OK;

	json_free(object);
	return ok;
}

/* What is wrong with the parameters; NULL: nothing. */
static const char *
parameters_fault(const struct exchange *exchange, struct change *change)
{
	const char *priority = exchange_field(exchange, "Priority");
	char *end = NULL;

	change->attributes = exchange_field(exchange, "Attributes");
	change->status = exchange_field(exchange, "AssignmentStatus");
	change->reason = exchange_field(exchange, "Reason");
	change->priority = priority == NULL ? -1 : strtol(priority, &end, 10);
	if (priority != NULL && (*end != '\0' || change->priority < 0 ||
	    change->priority > PRIORITY_MAX))
		return "Priority is a whole number of 0 to 2147483647";
	if (change->attributes != NULL &&
	    exchange_characters(change->attributes) > SANDBOX_ATTRIBUTES_MAX_CHARACTERS)
		return "Attributes are longer than 4096 characters";
	if (change->attributes != NULL && !is_json_object(change->attributes))
		return "Attributes are not a JSON object";
	if (change->status != NULL && !is_one_of(change->status, assignment_statuses))
		return "AssignmentStatus is none of pending, reserved, assigned, wrapping, "
		       "completed and canceled";
	if (change->status != NULL && change->attributes != NULL)
		return "AssignmentStatus and Attributes cannot be changed at the same time";
	if (change->reason == NULL && change->status != NULL &&
	    (strcmp(change->status, "completed") == 0 || strcmp(change->status, "canceled") == 0))
		return "Reason is required with AssignmentStatus completed or canceled";
	return NULL;
}

/* RFC 9110, 13.1.1; Twilio's own clients send the version without quotes. */
static bool
if_match_holds(const struct exchange *exchange, const struct sandbox_task *task)
{
	const char *header = request_variable(exchange->request, "HTTP_IF_MATCH");
	char etag[ETAG_SIZE], bare[ETAG_SIZE];

	if (header == NULL || *header == '\0' || strcmp(header, "*") == 0)
		return true;
	write_etag(task->version, etag);
	snprintf(bare, sizeof(bare), "%d", task->version);
	return strcmp(header, etag) == 0 || strcmp(header, bare) == 0;
}

static bool
is_over(const struct sandbox_task *task)
{
	return strcmp(task->status, "completed") == 0 || strcmp(task->status, "canceled") == 0;
}

/* False: answered 400 already, as the task's state forbids the change. */
static bool
state_allows(struct exchange *exchange, const struct sandbox_task *task,
    const struct change *change)
{
	bool completes = change->status != NULL && strcmp(change->status, "completed") == 0;

	if (is_over(task)) {
		exchange_refuse(exchange, 400, 20001,
		    "Cannot update task %s in workspace " SANDBOX_WORKSPACE_SID
		    " because it is over.", task->sid);
		return false;
	}
	if (completes && strcmp(task->status, "assigned") != 0 &&
	    strcmp(task->status, "wrapping") != 0) {
		exchange_refuse(exchange, 400, 20001,
		    "Cannot complete task %s in workspace " SANDBOX_WORKSPACE_SID
		    " because it is not currently assigned.", task->sid);
		return false;
	}
	return true;
}

/* The reservation that holds a task follows it into wrap-up and to its end. */
static void
follow(struct sandbox_task *task, int64_t now_ms)
{
	for (size_t i = 0; i < task->reservation_count; i++) {
		struct sandbox_reservation *reservation = &task->reservations[i];
		bool holds = strcmp(reservation->status, "accepted") == 0 ||
		    strcmp(reservation->status, "wrapping") == 0;

		if (!holds || strcmp(task->status, "assigned") == 0)
			continue;
		snprintf(reservation->status, sizeof(reservation->status), "%s", task->status);
		reservation->version++;
		reservation->updated_ms = now_ms;
	}
}

/* False without memory: nothing is changed then. */
static bool
apply(struct sandbox_task *task, const struct change *change, int64_t now_ms)
{
	char *attributes = change->attributes == NULL ? NULL : strdup(change->attributes);

	if (change->attributes != NULL && attributes == NULL)
		return false;
	if (attributes != NULL) {
		free(task->attributes);
		task->attributes = attributes;
	}
	if (change->priority >= 0)
		task->priority = (int)change->priority;
	if (change->reason != NULL)
		snprintf(task->reason, sizeof(task->reason), "%s", change->reason);
	if (change->status != NULL) {
		snprintf(task->status, sizeof(task->status), "%s", change->status);
		follow(task, now_ms);
	}
	task->version++;
	task->updated_ms = now_ms;
	return true;
}

/* With the lock held. */
static void
update(struct exchange *exchange, const struct change *change)
{
	struct sandbox_task *task = sandbox_task_find(exchange->sandbox, exchange->arguments[1]);
	int64_t now_ms = sandbox_now_ms(exchange->sandbox);

	if (task == NULL) {
		exchange_not_found(exchange);
		return;
	}
	if (!if_match_holds(exchange, task)) {
		exchange_refuse(exchange, 412, 20412, "Precondition Failed");
		return;
	}
	if (!state_allows(exchange, task, change))
		return;
	if (!apply(task, change, now_ms)) {
		exchange_answer(exchange, 500, NULL);
		return;
	}
	add_etag(exchange, task->version);
	exchange_answer(exchange, 200, taskrouter_json_task(task, now_ms));
}

void
taskrouter_api_update_task(struct exchange *exchange)
{
	struct change change;
	const char *fault = NULL;

	if (!workspace_is_known(exchange) || task_is_intercepted(exchange, MAGIC_TASK))
		return;
	fault = parameters_fault(exchange, &change);
	if (fault != NULL) {
		exchange_refuse(exchange, 400, 20001, "%s", fault);
		return;
	}
	sandbox_lock(exchange->sandbox);
	update(exchange, &change);
	sandbox_unlock(exchange->sandbox);
}

/* ---- New tasks --------------------------------------------------------------- */

static const char *
new_task_fault(const struct exchange *exchange)
{
	const char *attributes = exchange_field(exchange, "Attributes");
	const char *workflow = exchange_field(exchange, "WorkflowSid");

	if (workflow == NULL || strcmp(workflow, SANDBOX_WORKFLOW_SID) != 0)
		return "WorkflowSid is no workflow of this workspace";
	if (attributes != NULL && exchange_characters(attributes) > SANDBOX_ATTRIBUTES_MAX_CHARACTERS)
		return "Attributes are longer than 4096 characters";
	if (attributes != NULL && !is_json_object(attributes))
		return "Attributes are not a JSON object";
	return NULL;
}

void
taskrouter_api_create_task(struct exchange *exchange)
{
	const char *attributes = exchange_field(exchange, "Attributes"), *fault = NULL;
	const struct sandbox_task *task = NULL;

	if (!workspace_is_known(exchange))
		return;
	fault = new_task_fault(exchange);
	if (fault != NULL) {
		exchange_refuse(exchange, 400, 20001, "%s", fault);
		return;
	}
	sandbox_lock(exchange->sandbox);
	task = cases_create(exchange->sandbox, exchange_field(exchange, "TaskChannel"),
	    attributes != NULL ? attributes : "{}");
	if (task != NULL) {
		add_etag(exchange, task->version);
		exchange_answer(exchange, 201, taskrouter_json_task(task, sandbox_now_ms(exchange->sandbox)));
	} else {
		exchange_refuse(exchange, 500, 20500, "There are too many tasks");
	}
	sandbox_unlock(exchange->sandbox);
}

/* ---- Reservations ---------------------------------------------------------- */

static bool
reservation_passes(const struct exchange *exchange, const struct sandbox_reservation *reservation)
{
	const char *status = exchange_query(exchange, "ReservationStatus");
	const char *worker = exchange_query(exchange, "WorkerSid");
	char worker_sid[SANDBOX_SID_SIZE];

	identity_sid(worker_sid, "WK", reservation->worker);
	return (status == NULL || strcmp(status, reservation->status) == 0) &&
	    (worker == NULL || strcmp(worker, worker_sid) == 0);
}

/* False: answered 400 already. */
static bool
reservation_filter_is_valid(struct exchange *exchange)
{
	static const char *const statuses[] = { "pending", "accepted", "rejected", "timeout",
		"canceled", "rescinded", "wrapping", "completed", NULL };
	const char *status = exchange_query(exchange, "ReservationStatus");

	if (status == NULL || is_one_of(status, statuses))
		return true;
	exchange_refuse(exchange, 400, 20001, "Invalid ReservationStatus: %s", status);
	return false;
}

void
taskrouter_api_list_reservations(struct exchange *exchange)
{
	const struct sandbox_task *task = NULL;
	struct exchange_page page;

	if (!workspace_is_known(exchange) || task_is_intercepted(exchange, MAGIC_RESERVATIONS) ||
	    !reservation_filter_is_valid(exchange) || !exchange_page_begin(exchange, &page))
		return;
	sandbox_lock(exchange->sandbox);
	task = sandbox_task_find(exchange->sandbox, exchange->arguments[1]);
	for (size_t i = 0; task != NULL && i < task->reservation_count; i++)
		if (reservation_passes(exchange, &task->reservations[i]) &&
		    exchange_page_takes(&page))
			exchange_page_add(&page,
			    taskrouter_json_reservation(task, &task->reservations[i]));
	sandbox_unlock(exchange->sandbox);
	if (task != NULL) {
		exchange_page_end(exchange, &page, "reservations");
	} else {
		json_free(page.items);
		exchange_not_found(exchange);
	}
}

/* With the lock held. */
static void
fetch_reservation(struct exchange *exchange)
{
	const struct sandbox_task *task =
	    sandbox_task_find(exchange->sandbox, exchange->arguments[1]);

	for (size_t i = 0; task != NULL && i < task->reservation_count; i++) {
		if (strcmp(task->reservations[i].sid, exchange->arguments[2]) != 0)
			continue;
		add_etag(exchange, task->reservations[i].version);
		exchange_answer(exchange, 200,
		    taskrouter_json_reservation(task, &task->reservations[i]));
		return;
	}
	exchange_not_found(exchange);
}

void
taskrouter_api_fetch_reservation(struct exchange *exchange)
{
	if (!workspace_is_known(exchange))
		return;
	sandbox_lock(exchange->sandbox);
	fetch_reservation(exchange);
	sandbox_unlock(exchange->sandbox);
}
