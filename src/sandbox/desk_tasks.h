/*
 * desk_tasks: the agents' tasks as the desk shows them, and what Flex would do
 * with them: a contact comes in, is accepted, handed over, wrapped up and
 * completed.  TaskRouter's own API, for programs, is in taskrouter_api.h.
 */
#ifndef SANDBOX_DESK_TASKS_H
#define SANDBOX_DESK_TASKS_H

struct exchange;
struct sandbox_task;

/* GET /sandbox/tasks[?worker=WK][&all=1]: the everyday tasks or all, of one worker or everybody. */
void desk_tasks_list(struct exchange *exchange);

/* POST /sandbox/tasks with worker, from, channel[, name, direction]: it rings at that worker's. */
void desk_tasks_open(struct exchange *exchange);

/*
 * POST /sandbox/tasks/{WT} with worker and action: accept, wrap, complete, or
 * transfer with to, another worker.  Answers with the task, after a transfer
 * with the one that then rings at the other worker's.
 */
void desk_tasks_change(struct exchange *exchange);

/* Of those who have a seat at the desk, by SID: Ana 1, Ben 2, Sam 3; 0: none of them. */
int desk_tasks_worker(const char *sid);

/* Answers with a task as that worker has it; with the lock held. */
void desk_tasks_answer(struct exchange *exchange, int status, const struct sandbox_task *task, int worker);

#endif
