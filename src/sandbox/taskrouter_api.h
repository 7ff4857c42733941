/*
 * taskrouter_api: TaskRouter, taskrouter.twilio.com: tasks and reservations of
 * the one workspace.
 * https://www.twilio.com/docs/taskrouter/api/task
 */
#ifndef SANDBOX_TASKROUTER_API_H
#define SANDBOX_TASKROUTER_API_H

struct exchange;

/* GET /v1/Workspaces/{WS}/Tasks, filterable by AssignmentStatus and Priority. */
void taskrouter_api_list_tasks(struct exchange *exchange);

/* POST .../Tasks with WorkflowSid, TaskChannel and Attributes. */
void taskrouter_api_create_task(struct exchange *exchange);

/* GET .../Tasks/{WT}; the version is in the ETag. */
void taskrouter_api_fetch_task(struct exchange *exchange);

/* POST .../Tasks/{WT}, with If-Match if it is to hold for one version only. */
void taskrouter_api_update_task(struct exchange *exchange);

/* GET .../Tasks/{WT}/Reservations, filterable by ReservationStatus and WorkerSid. */
void taskrouter_api_list_reservations(struct exchange *exchange);

/* GET .../Tasks/{WT}/Reservations/{WR}. */
void taskrouter_api_fetch_reservation(struct exchange *exchange);

#endif
