#include "task_result.h"

#include "answer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "http/response.h"
#include "turn.h"
#include "twilio/task_attributes.h"

#include <stdlib.h>
#include <string.h>

/* All that the work needs when the turn is over. */
struct task_result {
	const struct app   *app;
	char                task_sid[TWILIO_SID_SIZE];
	char                request_id[sizeof(((struct request *)0)->id)];
	struct json_object *value;
};

static int64_t
approved_at(const struct turn *turn)
{
	return turn->verification.approved_at;
}

static int64_t
decided_at(const struct turn *turn)
{
	return turn->verification.decided_at;
}

static int64_t
decided_until(const struct turn *turn)
{
	return turn->verification.decided_until;
}

static const char *
decided_by(const struct turn *turn)
{
	return turn->verification.decided_by_name;
}

static int64_t
approved_until(const struct turn *turn)
{
	return turn->verification.approved_until;
}

static const char *
approved_by(const struct turn *turn)
{
	return turn->verification.checked_by_name;
}

/*
 * The states that are written; a code that is on its way or ran out is of no
 * use to anybody else.  NULL: now, no end, and the agent of the turn.
 */
static const struct outcome {
	const char *state; /* of verification_state_word */
	int64_t (*at)(const struct turn *turn);
	int64_t (*until)(const struct turn *turn);
	const char *(*by)(const struct turn *turn);
} outcomes[] = {
	{ "approved", approved_at, approved_until, approved_by },
	{ "locked", NULL, answer_locked_until, NULL },
	{ "canceled", NULL, NULL, NULL },
	{ "stopped", decided_at, NULL, decided_by },
	{ "overridden", decided_at, decided_until, decided_by },
};

static const struct outcome *
outcome_of(const struct turn *turn, int64_t now)
{
	const char *state = verification_state_word(answer_state(turn, now));

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i].state, state) == 0)
			return &outcomes[i];
	return NULL;
}

/* Neither number nor name of the customer: attributes are seen by everybody who works with the task. */
static struct json_object *
make_value(const struct turn *turn, const struct outcome *outcome, int64_t now)
{
	struct json_object *value = json_new_object();
	const char *by = outcome->by != NULL ? outcome->by(turn) : turn->agent.name;

	json_add_string(value, "state", outcome->state);
	json_add_string(value, "channel", turn->verification.channel);
	answer_add_time(value, "at", outcome->at != NULL ? outcome->at(turn) : now);
	answer_add_time(value, "until", outcome->until != NULL ? outcome->until(turn) : 0);
	json_add_string(value, "by", by);
	return value;
}

struct json_object *
task_result_new(const struct turn *turn)
{
	int64_t now = clock_now_ms();
	const struct outcome *outcome = outcome_of(turn, now);

	return outcome != NULL ? make_value(turn, outcome, now) : NULL;
}

/* ---- after the answer ---- */

static void
log_failure(const struct task_result *work, enum task_attributes_result result, const struct twilio_trace *trace)
{
	struct json_object *line = json_new_object();

	json_add_string(line, "outcome", task_attributes_result_name(result));
	json_add_string(line, "request_id", work->request_id);
	json_add_string(line, "task", work->task_sid);
	json_add_string(line, "transport", http_client_result_name(trace->transport));
	json_add_int(line, "status", trace->http_status);
	json_add_int(line, "code", trace->twilio_code);
	json_add_string(line, "twilio_request_id", trace->request_id);
	log_fields(LOG_LEVEL_WARNING, "task_not_updated", line);
}

static void
write_back(void *context)
{
	struct task_result *work = context;
	const struct app *app = work->app;
	struct twilio_trace trace;
	enum task_attributes_result result = task_attributes_set(&app->twilio, work->task_sid, TASK_RESULT_KEY,
	    work->value, clock_monotonic_ms() + app->settings.request_timeout_ms, &trace);

	if (result != TASK_ATTRIBUTES_OK)
		log_failure(work, result, &trace);
}

static void
release(void *context)
{
	struct task_result *work = context;

	json_free(work->value);
	free(work);
}

/* ---- before it ---- */

static bool
wanted(const struct turn *turn)
{
	return turn->app->settings.task_write_back && turn->changed && turn->contact.task.sid[0] != '\0';
}

void
task_result_leave(const struct turn *turn, struct response *response)
{
	int64_t now = clock_now_ms();
	const struct outcome *outcome = wanted(turn) ? outcome_of(turn, now) : NULL;
	struct task_result *work = NULL;

	if (outcome == NULL)
		return;
	work = calloc(1, sizeof(*work));
	if (work == NULL)
		return;
	work->app = turn->app;
	turn_copy(work->task_sid, sizeof(work->task_sid), turn->contact.task.sid);
	turn_copy(work->request_id, sizeof(work->request_id), turn->request.id);
	work->value = make_value(turn, outcome, now);
	if (json_complete(work->value))
		response_after(response, write_back, work, release);
	else
		release(work);
}
