#include "app.h"

#include "base/log.h"
#include "http/fcgi_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between a deadline and the end of its request: time to write the ledger. */
#define OPERATION_SLACK_MS 5000

static void
fill_limits(struct app *app)
{
	const struct settings *s = &app->settings;

	app->limits = (struct verification_limits){
		.checks_max = s->checks_max,
		.sends_max = s->sends_max,
		.code_valid_ms = s->code_valid_s * INT64_C(1000),
		.verified_for_ms = s->verified_for_s * INT64_C(1000),
		.operation_ms = s->request_timeout_ms + OPERATION_SLACK_MS,
	};
}

static void
warn_without_sign_in(const struct settings *settings)
{
	if (settings->agent_auth == AGENT_AUTH_NONE)
		log_message(LOG_LEVEL_WARNING, "no_sign_in",
		    "AGENT_AUTH=none: anybody who reaches this server can send codes; customer data is never released");
}

static const char *
advice(enum ledger_result result)
{
	switch (result) {
	case LEDGER_ALTERED:
		return "somebody else changed it, or LOG_KEY is not the one it was written with; "
		       "ask flex-verify audit verify";
	case LEDGER_BUSY:
		return "another program keeps it locked";
	case LEDGER_NEWER_SCHEMA:
		return "a later version of this program made it";
	case LEDGER_NO_MEMORY:
		return "no memory";
	case LEDGER_OK:
	case LEDGER_NOT_FOUND:
	case LEDGER_FAILED:
		return "do its directory and file belong to this user, or does its server let this user in?";
	}
	return "";
}

/* Who cannot count verifies all the same. */
static void
open_metrics(struct app *app)
{
	const char *path = app->settings.metrics;
	enum metrics_result result = METRICS_FILE_OK;

	if (path != NULL)
		result = metrics_open(path, program_invocation_short_name, &app->metrics);
	if (result != METRICS_FILE_OK)
		log_message(LOG_LEVEL_WARNING, "metrics_off", "%s: %s%s%s", path, metrics_result_text(result),
		    result == METRICS_FILE_FAILED ? ": " : "",
		    result == METRICS_FILE_FAILED ? strerrordesc_np(errno) : "");
}

static bool
open_parts(struct app *app, struct config_error *error)
{
	enum ledger_result result = LEDGER_OK;
	char ledger[LEDGER_ADDRESS_SIZE];

	app->queue = queue_new(app->settings.queue_timeout_ms);
	open_metrics(app);
	app->http = settings_new_http_client(&app->settings, app->metrics);
	if (app->http == NULL) {
		snprintf(error->text, sizeof(error->text),
		    "the HTTP client cannot start: no memory, or CA_FILE or PROXY cannot be used");
		return false;
	}
	app->tokens = flex_token_cache_new(app->settings.token_cache_s);
	if (app->tokens == NULL || app->queue == NULL) {
		snprintf(error->text, sizeof(error->text), "no memory, or no random numbers");
		return false;
	}
	result = ledger_open(app->settings.ledger, app->settings.log_key, (enum ledger_sync)app->settings.ledger_sync,
	    &app->ledger);
	ledger_show_address(app->settings.ledger, ledger);
	if (result != LEDGER_OK)
		snprintf(error->text, sizeof(error->text),
		    "the ledger %s cannot be opened (%s): %s", ledger, ledger_result_name(result), advice(result));
	return result == LEDGER_OK;
}

static void
close_app(void *context)
{
	struct app *app = context;

	ledger_close(app->ledger);
	flex_token_cache_free(app->tokens);
	http_client_free(app->http);
	metrics_close(app->metrics);
	queue_free(app->queue);
	settings_free(&app->settings);
	free(app);
}

static void *
open_app(const char *config_path, struct config_error *error)
{
	struct app *app = calloc(1, sizeof(*app));

	if (app == NULL) {
		snprintf(error->text, sizeof(error->text), "no memory");
		return NULL;
	}
	if (!settings_load(config_path, &app->settings, error)) {
		free(app);
		return NULL;
	}
	if (!open_parts(app, error)) {
		close_app(app);
		return NULL;
	}
	fill_limits(app);
	app->twilio = settings_twilio(&app->settings, app->http);
	warn_without_sign_in(&app->settings);
	return app;
}

static int
threads(const void *app)
{
	return ((const struct app *)app)->settings.threads;
}

static struct metrics *
metrics(const void *app)
{
	return ((const struct app *)app)->metrics;
}

int
app_main(int argc, char **argv, const char *name, const char *purpose, fcgi_server_handler *handler)
{
	const struct fcgi_program program = {
		.name = name,
		.purpose = purpose,
		.config_default = SETTINGS_PATH,
		.open = open_app,
		.check = settings_check,
		.threads = threads,
		.metrics = metrics,
		.close = close_app,
		.handler = handler,
	};

	return fcgi_program_main(argc, argv, &program);
}
