/*
 * desk: the sandbox's own API, for people and tests: the customer's phone, the
 * clock, and a fresh start; desk_tasks.h has the agents' tasks.  Open to
 * everybody who reaches it, as nothing in the sandbox is real.
 */
#ifndef SANDBOX_DESK_H
#define SANDBOX_DESK_H

struct exchange;
struct json_object;

/* The inbox shows this many, the newest. */
#define DESK_MESSAGES_MAX 200

/* GET /sandbox/messages[?to=][&lost=1]: what arrived, or also what did not, the newest first. */
void desk_messages(struct exchange *exchange);

/* GET /sandbox/magic: every magic number, code, token and task. */
void desk_magic(struct exchange *exchange);

/* GET /sandbox/clock. */
void desk_clock(struct exchange *exchange);

/* POST /sandbox/clock with {"advance_seconds":601}: the sandbox's time goes on at once. */
void desk_advance_clock(struct exchange *exchange);

/* POST /sandbox/reset. */
void desk_reset(struct exchange *exchange);

/* Answers {key: array}; the array is taken over. */
void desk_answer_array(struct exchange *exchange, const char *key, struct json_object *array);

#endif
