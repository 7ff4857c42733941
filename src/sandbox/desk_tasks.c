#include "desk_tasks.h"

#include "base/json.h"
#include "cases.h"
#include "desk.h"
#include "exchange.h"

#include <stdio.h>
#include <string.h>

#define ATTRIBUTES_DEPTH_MAX 32

/* What an agent does with a task that he holds, as Flex lets him. */
struct step {
	const char *action;
	const char *before, *after;           /* the reservation's status */
	const char *task_after;               /* the task's */
};

static const struct step steps[] = {
	{ "accept", "pending", "accepted", "assigned" },
	{ "wrap", "accepted", "wrapping", "wrapping" },
	{ "complete", "wrapping", "completed", "completed" },
	/* Who hands a contact over has his own task to wrap up. */
	{ "transfer", "accepted", "wrapping", "wrapping" },
};

/* ---- Showing them ------------------------------------------------------------ */

/* The customer's end, as the attributes have it. */
static const char *
customer_of(struct json_object *attributes)
{
	static const char *const keys[] = { "outbound_to", "customerAddress", "from" };
	const char *address = NULL;

	for (size_t i = 0; address == NULL && i < sizeof(keys) / sizeof(*keys); i++)
		address = json_get_string(attributes, keys[i]);
	return address;
}

static void
add_reservation(struct json_object *object, const struct sandbox_reservation *reservation)
{
	static const struct sandbox_reservation none = { .worker = 0 };
	const struct sandbox_reservation *shown = reservation == NULL ? &none : reservation;
	char worker_sid[SANDBOX_SID_SIZE];
	const struct exchange_text texts[] = {
		{ "worker", reservation == NULL ? NULL : worker_sid },
		{ "worker_name", people_worker_name(shown->worker) },
		{ "reservation_status", reservation == NULL ? NULL : shown->status },
		{ NULL, NULL },
	};

	identity_sid(worker_sid, "WK", shown->worker);
	exchange_add_texts(object, texts);
}

/* Whom a callback task is to call, as the Flex project template has it. */
static const char *
call_back_of(struct json_object *attributes)
{
	return json_get_string(json_get_object(attributes, "callBackData"), "numberToCall");
}

static struct json_object *
desk_task_json(const struct sandbox_task *task, const struct sandbox_reservation *reservation)
{
	struct json_object *object = json_new_object(), *attributes = NULL;

	json_parse(task->attributes, strlen(task->attributes), ATTRIBUTES_DEPTH_MAX, &attributes);
	const struct exchange_text texts[] = {
		{ "sid", task->sid },
		{ "channel", task->channel },
		{ "name", json_get_string(attributes, "name") },
		{ "from", customer_of(attributes) },
		{ "status", task->status },
		{ "note", task->note },
		{ "call", task->leg != NULL ? task->leg->call_sid : NULL },
		{ "call_back", call_back_of(attributes) },
		{ NULL, NULL },
	};
	exchange_add_texts(object, texts);
	add_reservation(object, reservation);
	json_add_int(object, "messages_before", (int64_t)task->sends_before);
	json_free(attributes);
	return object;
}

/* What to show: the asked-for worker's, else the one that holds the task, else the last. */
static const struct sandbox_reservation *
shown_reservation(const struct sandbox_task *task, const char *worker)
{
	const struct sandbox_reservation *shown = NULL;

	for (size_t i = 0; i < task->reservation_count; i++) {
		const struct sandbox_reservation *reservation = &task->reservations[i];
		char worker_sid[SANDBOX_SID_SIZE];

		identity_sid(worker_sid, "WK", reservation->worker);
		if (worker != NULL && strcmp(worker, worker_sid) != 0)
			continue;
		if (shown == NULL || strcmp(shown->status, "accepted") != 0)
			shown = reservation;
	}
	return shown;
}

void
desk_tasks_list(struct exchange *exchange)
{
	const char *worker = exchange_query(exchange, "worker");
	bool all = exchange_query(exchange, "all") != NULL;
	struct json_object *tasks = json_new_array();

	sandbox_lock(exchange->sandbox);
	for (size_t i = 0; i < exchange->sandbox->task_count; i++) {
		const struct sandbox_task *task = &exchange->sandbox->tasks[i];
		const struct sandbox_reservation *reservation = shown_reservation(task, worker);

		if ((task->everyday || all) && (worker == NULL || reservation != NULL))
			json_append(tasks, desk_task_json(task, reservation));
	}
	sandbox_unlock(exchange->sandbox);
	desk_answer_array(exchange, "tasks", tasks);
}

/* ---- A contact comes in ------------------------------------------------------ */

int
desk_tasks_worker(const char *sid)
{
	char known[SANDBOX_SID_SIZE];

	for (int worker = 1; sid != NULL && worker <= SANDBOX_RESERVATIONS_MAX; worker++) {
		identity_sid(known, "WK", worker);
		if (strcmp(known, sid) == 0)
			return worker;
	}
	return 0;
}

void
desk_tasks_answer(struct exchange *exchange, int status, const struct sandbox_task *task, int worker)
{
	char worker_sid[SANDBOX_SID_SIZE];

	identity_sid(worker_sid, "WK", worker);
	exchange_answer(exchange, status, desk_task_json(task, shown_reservation(task, worker_sid)));
}

void
desk_tasks_open(struct exchange *exchange)
{
	const char *direction = exchange_field(exchange, "direction");
	const struct cases_contact contact = {
		.channel = exchange_field(exchange, "channel"),
		.from = exchange_field(exchange, "from"),
		.name = exchange_field(exchange, "name"),
		.outbound = direction != NULL && strcmp(direction, "outbound") == 0,
		.worker = desk_tasks_worker(exchange_field(exchange, "worker")),
	};
	const struct sandbox_task *task = NULL;

	if (contact.worker == 0 || contact.from == NULL || !cases_channel_is_known(contact.channel)) {
		exchange_complain(exchange, 400,
		    "Send worker (WK...), from, channel (voice, sms, whatsapp, web or email), and if you like "
		    "name and direction (inbound or outbound)");
		return;
	}
	sandbox_lock(exchange->sandbox);
	task = cases_open(exchange->sandbox, &contact);
	if (task != NULL)
		desk_tasks_answer(exchange, 201, task, contact.worker);
	else
		exchange_complain(exchange, 409, "There are too many tasks; POST /sandbox/reset");
	sandbox_unlock(exchange->sandbox);
}

/* ---- What becomes of it ------------------------------------------------------- */

static const struct step *
find_step(const char *action)
{
	for (size_t i = 0; action != NULL && i < sizeof(steps) / sizeof(*steps); i++)
		if (strcmp(steps[i].action, action) == 0)
			return &steps[i];
	return NULL;
}

/* The worker's reservation in the state in which the step can be done; NULL if there is none. */
static struct sandbox_reservation *
find_reservation(struct sandbox_task *task, int worker, const struct step *step)
{
	for (size_t i = 0; i < task->reservation_count; i++)
		if (task->reservations[i].worker == worker &&
		    strcmp(task->reservations[i].status, step->before) == 0)
			return &task->reservations[i];
	return NULL;
}

static void
take_step(struct sandbox_task *task, struct sandbox_reservation *reservation,
    const struct step *step, int64_t now_ms)
{
	snprintf(reservation->status, sizeof(reservation->status), "%s", step->after);
	reservation->version++;
	reservation->updated_ms = now_ms;
	/* Somebody else may still hold it after a warm transfer; the task goes on then. */
	if (!sandbox_task_is_held(task) || strcmp(step->task_after, "assigned") == 0)
		snprintf(task->status, sizeof(task->status), "%s", step->task_after);
	task->version++;
	task->updated_ms = now_ms;
}

/* With the lock held. */
static void
change(struct exchange *exchange, const struct step *step, int worker, int to)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct sandbox_task *task = sandbox_task_find(sandbox, exchange->arguments[0]);
	struct sandbox_reservation *reservation = task == NULL ? NULL : find_reservation(task, worker, step);
	const struct sandbox_task *shown = task;

	if (reservation == NULL) {
		exchange_complain(exchange, 409, "That worker has no such task in a state for this");
		return;
	}
	if (to != 0) {
		shown = cases_hand_over(sandbox, task, to);
		worker = to;
	}
	if (shown == NULL) {
		exchange_complain(exchange, 409, "There are too many tasks; POST /sandbox/reset");
		return;
	}
	take_step(task, reservation, step, sandbox_now_ms(sandbox));
	desk_tasks_answer(exchange, 200, shown, worker);
}

void
desk_tasks_change(struct exchange *exchange)
{
	const struct step *step = find_step(exchange_field(exchange, "action"));
	int worker = desk_tasks_worker(exchange_field(exchange, "worker"));
	int to = desk_tasks_worker(exchange_field(exchange, "to"));
	bool hands_over = step != NULL && strcmp(step->action, "transfer") == 0;

	if (step == NULL || worker == 0 || hands_over != (to != 0) || to == worker) {
		exchange_complain(exchange, 400,
		    "Send worker (WK...) and action: accept, wrap, complete, or transfer with to (WK...)");
		return;
	}
	sandbox_lock(exchange->sandbox);
	change(exchange, step, worker, to);
	sandbox_unlock(exchange->sandbox);
}
