#include "legs.h"

#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Agents' calls have the numbers of their tasks, from here on. */
#define WORKER_NUMBERS 50000

struct sandbox_leg *
legs_add(struct sandbox *sandbox, const char *task_sid, const char *call_sid, int number)
{
	struct sandbox_leg *leg = &sandbox->legs[sandbox->leg_count];

	if (sandbox->leg_count == SANDBOX_TASKS_MAX)
		return NULL;
	memset(leg, 0, sizeof(*leg));
	snprintf(leg->call_sid, sizeof(leg->call_sid), "%s", call_sid);
	snprintf(leg->conference_name, sizeof(leg->conference_name), "%s", task_sid);
	identity_sid_of_round(leg->conference_sid, "CF", sandbox->round, number);
	identity_sid_of_round(leg->worker_call_sid, "CA", sandbox->round, WORKER_NUMBERS + number);
	leg->ends = true; /* as Flex has it */
	leg->start_ms = sandbox_now_ms(sandbox);
	sandbox->leg_count++;
	return leg;
}

void
legs_forget(struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->leg_count; i++)
		free(sandbox->legs[i].twiml);
	sandbox->leg_count = 0;
}

struct sandbox_leg *
legs_find(struct sandbox *sandbox, const char *call_sid)
{
	for (size_t i = sandbox->leg_count; i > 0; i--)
		if (strcmp(sandbox->legs[i - 1].call_sid, call_sid) == 0)
			return &sandbox->legs[i - 1];
	return NULL;
}

struct sandbox_leg *
legs_of_worker(struct sandbox *sandbox, const char *call_sid)
{
	for (size_t i = sandbox->leg_count; i > 0; i--)
		if (strcmp(sandbox->legs[i - 1].worker_call_sid, call_sid) == 0)
			return &sandbox->legs[i - 1];
	return NULL;
}

bool
legs_has_conference(const struct sandbox *sandbox, const struct sandbox_leg *leg)
{
	for (size_t i = 0; i < sandbox->task_count; i++)
		if (sandbox->tasks[i].leg == leg && sandbox_task_is_held(&sandbox->tasks[i]))
			return !leg->conference_over;
	return false;
}

bool
legs_in_conference(const struct sandbox *sandbox, const struct sandbox_leg *leg)
{
	return !leg->over && leg->twiml == NULL && legs_has_conference(sandbox, leg);
}

static void
wrap_up(struct sandbox *sandbox, struct sandbox_task *task)
{
	bool held = sandbox_task_is_held(task);

	for (size_t i = 0; i < task->reservation_count; i++) {
		struct sandbox_reservation *reservation = &task->reservations[i];

		if (strcmp(reservation->status, "accepted") != 0)
			continue;
		snprintf(reservation->status, sizeof(reservation->status), "wrapping");
		reservation->version++;
		reservation->updated_ms = sandbox_now_ms(sandbox);
	}
	if (!held)
		return;
	snprintf(task->status, sizeof(task->status), "wrapping");
	task->version++;
	task->updated_ms = sandbox_now_ms(sandbox);
}

void
legs_end_conference(struct sandbox *sandbox, struct sandbox_leg *leg)
{
	leg->conference_over = true;
	for (size_t i = 0; i < sandbox->task_count; i++)
		if (sandbox->tasks[i].leg == leg)
			wrap_up(sandbox, &sandbox->tasks[i]);
}

/* The leg leaves the conference, if it is in it. */
static void
leave(struct sandbox *sandbox, struct sandbox_leg *leg)
{
	if (legs_in_conference(sandbox, leg) && leg->ends)
		legs_end_conference(sandbox, leg);
}

bool
legs_redirect(struct sandbox *sandbox, struct sandbox_leg *leg, const char *twiml)
{
	char *copy = strdup(twiml);

	if (copy == NULL)
		return false;
	leave(sandbox, leg);
	free(leg->twiml);
	leg->twiml = copy;
	leg->hold = false;
	leg->documents++;
	return true;
}

bool
legs_join(struct sandbox *sandbox, struct sandbox_leg *leg, const char *name, bool ends)
{
	bool there = strcmp(name, leg->conference_name) == 0 && legs_has_conference(sandbox, leg);

	free(leg->twiml);
	leg->twiml = NULL;
	leg->ends = ends;
	if (!there)
		leg->conference_over = true;
	return there;
}

void
legs_hang_up(struct sandbox *sandbox, struct sandbox_leg *leg)
{
	leave(sandbox, leg);
	free(leg->twiml);
	leg->twiml = NULL;
	leg->over = true;
}
