#include "turn.h"

#include "answer.h"
#include "audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "http/cors.h"
#include "tally.h"
#include "task_result.h"

#include <stdio.h>
#include <string.h>

#define OVERLOAD_RETRY_AFTER "2" /* seconds; the queue is gone by then, unless still more come */

static const struct request_rules rules = { .methods = REQUEST_POST, .query_allowed = false };

static const char *const *
allowed_origins(const struct turn *turn)
{
	return turn->no_pages ? NULL : (const char *const *)turn->app->settings.allowed_origins;
}

/*
 * A page that is not ours may not act with an agent's browser, whether or not
 * it could read the answer.  A preflight is a page's question, so it has an origin.
 */
static bool
origin_refused(const struct turn *turn)
{
	if (turn->request.origin == NULL)
		return turn->request.method == REQUEST_OPTIONS;
	return !cors_origin_allowed(allowed_origins(turn), turn->request.origin);
}

/* Where the browser signs in by itself, whoever made it send the request, an allowed page must say that it did. */
static bool
origin_missing(const struct turn *turn)
{
	return turn->request.origin == NULL && turn->app->settings.agent_auth == AGENT_AUTH_WEBSERVER &&
	    !turn->no_pages;
}

static enum refusal
read_fields(struct turn *turn, const char *const *names)
{
	const struct request *request = &turn->request;

	switch (request->body_type) {
	case REQUEST_BODY_JSON:
		return refusal_of_form(form_read_json(&turn->form, request->body, request->body_length, names));
	case REQUEST_BODY_FORM:
	case REQUEST_BODY_NONE:
		return refusal_of_form(form_read_urlencoded(&turn->form, request->body, request->body_length, names));
	case REQUEST_BODY_OTHER:
		return REFUSAL_UNSUPPORTED_MEDIA_TYPE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

/*
 * Who waited too long for a thread is told so at once: to be late with all would
 * help nobody, and whoever asks again meanwhile would make it worse.
 */
static bool
came_too_late(const struct turn *turn)
{
	return queue_waited_too_long(turn->app->queue, clock_monotonic_ms(), turn->request.waited_ms);
}

static enum refusal
run_steps(struct turn *turn, enum request_result read, const struct turn_program *program)
{
	enum refusal refusal = REFUSAL_NONE;

	if (origin_refused(turn))
		return REFUSAL_ORIGIN_NOT_ALLOWED;
	if (read != REQUEST_OK)
		return refusal_of_request(read);
	if (origin_missing(turn))
		return REFUSAL_ORIGIN_NOT_ALLOWED;
	if (came_too_late(turn))
		return REFUSAL_OVERLOADED;
	refusal = read_fields(turn, program->fields);
	for (turn_step *const *step = program->steps; *step != NULL && refusal == REFUSAL_NONE; step++)
		refusal = (*step)(turn);
	return refusal;
}

static void
turn_free(struct turn *turn)
{
	json_free(turn->customer);
	json_free(turn->task);
	json_free(turn->withheld);
	json_free(turn->view);
	secret_wipe(turn->pin, sizeof(turn->pin));
	contact_free(&turn->contact);
	form_free(&turn->form);
}

static void
serve(const struct app *app, const struct turn_program *program, bool no_pages, const struct request_input *input,
    struct response *response)
{
	struct turn turn;
	enum request_result read = REQUEST_OK;
	enum refusal refusal = REFUSAL_NONE;

	memset(&turn, 0, sizeof(turn));
	turn.app = app;
	turn.action = program->action;
	turn.no_pages = no_pages;
	turn.budget_ms = app->settings.request_timeout_ms;
	turn.deadline_ms = clock_monotonic_ms() + turn.budget_ms;
	read = request_read(input, &rules, &turn.request);
	if (turn.request.method == REQUEST_OPTIONS && !origin_refused(&turn)) {
		cors_preflight(response, &turn.request, allowed_origins(&turn));
		return;
	}
	refusal = run_steps(&turn, read, program);
	cors_apply(response, &turn.request, allowed_origins(&turn));
	if (refusal == REFUSAL_METHOD_NOT_ALLOWED)
		response_header(response, "Allow", no_pages ? "POST" : "POST, OPTIONS");
	if (refusal == REFUSAL_OVERLOADED)
		response_header(response, "Retry-After", OVERLOAD_RETRY_AFTER);
	audit_write(&turn, refusal);
	tally_count(&turn, refusal);
	answer_write(&turn, refusal, response);
	task_result_leave(&turn, response);
	turn_free(&turn);
}

void
turn_serve(const struct app *app, const struct turn_program *program, const struct request_input *input,
    struct response *response)
{
	serve(app, program, false, input, response);
}

void
turn_serve_servers(const struct app *app, const struct turn_program *program, const struct request_input *input,
    struct response *response)
{
	serve(app, program, true, input, response);
}

const char *
turn_field(const struct turn *turn, const char *name)
{
	const char *value = form_get(&turn->form, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
turn_copy(char *out, size_t size, const char *text)
{
	int length = snprintf(out, size, "%s", text);

	if (length >= 0 && (size_t)length < size)
		return true;
	out[0] = '\0';
	return false;
}
