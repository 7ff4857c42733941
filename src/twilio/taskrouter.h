/*
 * taskrouter: a Flex task, and who holds it.
 * https://www.twilio.com/docs/taskrouter/api/task
 */
#ifndef TWILIO_TASKROUTER_H
#define TWILIO_TASKROUTER_H

#include "twilio.h"

struct json_object;

/*
 * A task.  Text members are "" where the task has none.  The attributes come
 * from the caller's side: none of them proves who is calling.
 */
struct taskrouter_task {
	char sid[TWILIO_SID_SIZE];
	char assignment_status[16]; /* pending, reserved, assigned, wrapping, completed, canceled */
	char channel[32];           /* task_channel_unique_name: voice, sms, chat ... */

	char call_sid[TWILIO_SID_SIZE];         /* attributes.call_sid, of an inbound call */
	char conference_sid[TWILIO_SID_SIZE];   /* attributes.conference.sid */
	char conversation_sid[TWILIO_SID_SIZE]; /* attributes.conversationSid, else channelSid */
	char direction[16];                     /* attributes.direction: inbound, outbound */
	char channel_type[32];                  /* attributes.channelType: sms, whatsapp, web ... */
	char from[TWILIO_ADDRESS_SIZE];
	char outbound_to[TWILIO_ADDRESS_SIZE];
	char customer_address[TWILIO_ADDRESS_SIZE]; /* attributes.customerAddress, with any "whatsapp:" */

	struct json_object *attributes; /* an object, owned by the task; empty if they were no JSON object */
};

/*
 * A worker, by SID or, if that is NULL, by name: Twilio keeps names unique
 * within a workspace.  Names are compared byte by byte, though Twilio takes
 * "Ana" and "ana" for the same: a web server's users may be two.
 */
struct taskrouter_worker {
	const char *sid, *name;
};

/* What a worker has to do with a task. */
struct taskrouter_hold {
	bool held;                          /* a reservation that is accepted or wrapping */
	char worker_name[TWILIO_NAME_SIZE]; /* "" if the worker never had one */
};

/*
 * Fetches a task and, at the same time, the reservations of one worker on it.
 * worker NULL: the task alone, hold->held false.  On TWILIO_OK the task is
 * the caller's to free.  An over-long attribute is left "" (it is then no
 * number and no SID anyway).  Safe to repeat, and repeated once by itself.
 *
 * One page of 50 reservations is read, and Twilio does not say in which order:
 * a worker who was offered the same task more often may be told not to hold it.
 * Twilio selects by SID only; by name, the page is of all workers' reservations.
 */
enum twilio_result taskrouter_fetch(const struct twilio *twilio, const char *task_sid,
    const struct taskrouter_worker *worker, int64_t deadline_ms, struct taskrouter_task *task,
    struct taskrouter_hold *hold, struct twilio_trace *trace);

/*
 * Makes a task of the voice channel in a workflow; attributes, taken over,
 * become its text.  On TWILIO_OK task_sid is the new one's.  Never repeated: an
 * answer that was lost may have left a task.
 */
enum twilio_result taskrouter_create(const struct twilio *twilio, const char *workflow_sid,
    struct json_object *attributes, int timeout_s, int64_t deadline_ms, char task_sid[TWILIO_SID_SIZE],
    struct twilio_trace *trace);

void taskrouter_task_free(struct taskrouter_task *task);

/*
 * May tasks of the workspace be read?  TWILIO_NOT_FOUND: there is no such
 * workspace.  Nothing of any task is kept.  Repeated once if need be.
 */
enum twilio_result taskrouter_probe(const struct twilio *twilio, int64_t deadline_ms, struct twilio_trace *trace);

#endif
