/*
 * cases: the tasks that a fresh sandbox has: the everyday ones of the desk,
 * every kind of task that an integration meets and may get wrong, and one for
 * each magic number, so that it can be reached from a task.
 */
#ifndef SANDBOX_CASES_H
#define SANDBOX_CASES_H

#include "state.h"

struct json_object;

/* Adds them to a sandbox without tasks; false without memory. */
bool cases_seed(struct sandbox *sandbox);

/* One more contact, which is of today and not of this file. */
struct cases_contact {
	const char *channel; /* voice, sms, whatsapp, web, email */
	const char *from;    /* the customer's end */
	const char *name;    /* NULL: as from */
	bool        outbound; /* the worker dialled, so that it is his already; else it rings at his */
	int         worker;

	/* Of a call that was put in by TwiML; NULL: a call of its own, with nothing from before. */
	const char         *call_sid;
	struct json_object *task; /* what <Task> says; borrowed */
};

bool cases_channel_is_known(const char *channel);

/* All add a task to the sandbox's, with the lock held; NULL: there is no room. */
struct sandbox_task *cases_open(struct sandbox *sandbox, const struct cases_contact *contact);

/* The same call or conversation, which now rings at another worker's. */
struct sandbox_task *cases_hand_over(struct sandbox *sandbox, const struct sandbox_task *task, int worker);

/*
 * A task that a client of TaskRouter makes, with attributes of its own; like
 * Flex's workflow "Assign to Anyone", it goes to Ana first.
 */
struct sandbox_task *cases_create(struct sandbox *sandbox, const char *channel, const char *attributes);

/* Frees all tasks. */
void cases_forget(struct sandbox *sandbox);

#endif
