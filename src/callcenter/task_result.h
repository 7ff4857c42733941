/*
 * task_result: the outcome of a verification, written into the attributes of
 * its Flex task, where Flex, Insights and routing find it:
 *
 *   "flex_verify": {"state":"approved","channel":"sms","at":"2026-11-22T09:01:00Z",
 *                   "until":"2026-11-22T09:16:00Z","by":"Ana"}
 *
 * For others to read.  This program never reads it back, as anybody with the
 * task can write there; what counts is the ledger.  Best effort: the agent's
 * answer neither waits for it nor depends on it.
 */
#ifndef CALLCENTER_TASK_RESULT_H
#define CALLCENTER_TASK_RESULT_H

struct json_object;
struct response;
struct turn;

/* The name of the attribute. */
#define TASK_RESULT_KEY "flex_verify"

/* The value of the attribute, or NULL: nothing that others want to know, or no memory. */
struct json_object *task_result_new(const struct turn *turn);

/* After the turn: if it changed what others want to know, has that written once the response was sent. */
void task_result_leave(const struct turn *turn, struct response *response);

#endif
