/*
 * desk: the sandbox's own API, for people and tests: the customer's phone,
 * the agents' tasks, the clock, and a fresh start.  Open to everybody who
 * reaches it, as nothing in the sandbox is real.
 */
#ifndef SANDBOX_DESK_H
#define SANDBOX_DESK_H

struct exchange;

/* The inbox shows this many, the newest. */
#define DESK_MESSAGES_MAX 200

/* GET /sandbox/messages[?to=]: what arrived, the newest first. */
void desk_messages(struct exchange *exchange);

/* GET /sandbox/tasks[?worker=WK][&all=1]: the everyday tasks or all, of one worker or everybody. */
void desk_tasks(struct exchange *exchange);

/* GET /sandbox/magic: every magic number, code, token and task. */
void desk_magic(struct exchange *exchange);

/* GET /sandbox/clock. */
void desk_clock(struct exchange *exchange);

/* POST /sandbox/clock with {"advance_seconds":601}: the sandbox's time goes on at once. */
void desk_advance_clock(struct exchange *exchange);

/* POST /sandbox/reset. */
void desk_reset(struct exchange *exchange);

#endif
