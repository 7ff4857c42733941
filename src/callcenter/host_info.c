#include "host_info.h"

#include "base/json.h"
#include "base/metrics_view.h"
#include "ledger/ledger.h"

#include <stddef.h>

static bool
is_alive(enum metrics_life life)
{
	return life > METRICS_DIED;
}

static bool
any_alive(const struct metrics_view *view)
{
	for (size_t i = 0; i < metrics_view_count(view); i++)
		if (is_alive(metrics_view_life(view, i)))
			return true;
	return false;
}

/* Before the first program starts there may be no ledger; behind its back one is not to go. */
static bool
ledger_fine(enum ledger_result result, const struct metrics_view *view)
{
	return result == LEDGER_OK || (result == LEDGER_NOT_FOUND && !any_alive(view));
}

/* Without a file nothing was counted yet.  NULL without memory, or when nothing can be read; *result says why. */
static struct metrics_view *
read_view(const struct settings *settings, enum metrics_result *result)
{
	struct metrics_view *view = NULL;

	*result = settings->metrics == NULL ? METRICS_FILE_NONE : metrics_view_read(settings->metrics, &view);
	return *result == METRICS_FILE_NONE ? metrics_view_empty() : view;
}

static void
refuse(struct response *response, int status, const char *code, const char *message)
{
	struct json_object *answer = json_new_object();

	json_add_bool(answer, "success", false);
	json_add_string(answer, "code", code);
	json_add_string(answer, "message", message);
	response_json(response, status, answer);
}

void
host_info_health(const struct settings *settings, struct response *response)
{
	(void)settings;
	response_text(response, 200, "application/json; charset=utf-8", "{\"status\":\"ok\"}\n");
}

/* ---- ready ---- */

/* A program that was stopped is started by whoever stands before it. */
static bool
serves(enum metrics_life life)
{
	return life == METRICS_IDLE || life == METRICS_LIFE_READY;
}

static struct json_object *
programs_of(const struct metrics_view *view, bool *all_serve)
{
	struct json_object *programs = json_new_object();

	for (size_t i = 0; i < metrics_view_count(view); i++) {
		enum metrics_life life = metrics_view_life(view, i);

		*all_serve = *all_serve && serves(life);
		json_add_string(programs, metrics_view_name(view, i), metrics_life_name(life));
	}
	return programs;
}

static void
answer_ready(const struct settings *settings, const struct metrics_view *view, struct response *response)
{
	enum ledger_result ledger = ledger_try(settings->ledger, settings->log_key);
	struct json_object *answer = json_new_object();
	bool ready = ledger_fine(ledger, view);
	struct json_object *programs = programs_of(view, &ready);

	json_add_string(answer, "status", ready ? "ready" : "not_ready");
	json_add_string(answer, "ledger", ledger_result_name(ledger));
	json_add(answer, "programs", programs);
	response_json(response, ready ? 200 : 503, answer);
}

/* Who cannot read the counts says what he knows, the ledger: verifications do not depend on counts. */
void
host_info_ready(const struct settings *settings, struct response *response)
{
	enum metrics_result result = METRICS_FILE_OK;
	struct metrics_view *view = read_view(settings, &result);

	if (view == NULL)
		view = metrics_view_empty();
	if (view == NULL)
		refuse(response, 503, "internal_error", "No memory.");
	else
		answer_ready(settings, view, response);
	metrics_view_free(view);
}

/* ---- metrics ---- */

static bool
write_metrics(const struct settings *settings, const struct metrics_view *view, struct buffer *out)
{
	bool fine = ledger_fine(ledger_try(settings->ledger, settings->log_key), view);

	return metrics_view_write(view, out) &&
	    metrics_write_gauge(out, "flex_verify_ledger_up", "Could the ledger be written just now?", fine);
}

void
host_info_metrics(const struct settings *settings, struct response *response)
{
	enum metrics_result result = METRICS_FILE_OK;
	struct metrics_view *view = NULL;
	struct buffer text;

	if (settings->metrics == NULL) {
		refuse(response, 404, "metrics_off", "Nothing is counted here: METRICS names no file.");
		return;
	}
	view = read_view(settings, &result);
	if (view == NULL) {
		refuse(response, 503, "metrics_unreadable", metrics_result_text(result));
		return;
	}
	buffer_init(&text, METRICS_TEXT_MAX_BYTES);
	if (write_metrics(settings, view, &text))
		response_text(response, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_text(&text));
	buffer_free(&text);
	metrics_view_free(view);
}
