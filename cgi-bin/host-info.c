/*
 * GET /metrics, /healthz and /readyz: how this host's programs are, for what
 * watches over them.  The web server lets only those addresses ask that are
 * allowed to, by default this host's own.
 */
#include "callcenter/host_info.h"
#include "callcenter/settings.h"
#include "http/fcgi_program.h"
#include "http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One looks while another one is slow, as with a ledger that does not answer; health needs a third. */
#define THREADS 4

static const struct page {
	const char *name; /* the address ends with it: the site may stand below a path */
	void (*answer)(const struct settings *settings, struct response *response);
} pages[] = {
	{ "/metrics", host_info_metrics },
	{ "/healthz", host_info_health },
	{ "/readyz", host_info_ready },
};

static const struct request_rules rules = { .methods = REQUEST_GET | REQUEST_HEAD, .query_allowed = false };

static const struct page *
page_at(const char *path)
{
	const char *name = strrchr(path, '/');

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]) && name != NULL; i++)
		if (strcmp(name, pages[i].name) == 0)
			return &pages[i];
	return NULL;
}

/*
 * Behind a proxy on the same host every client has this host's address.  What
 * monitors asks without one, and what a proxy passes on is somebody else's.
 */
static bool
is_passed_on(const struct request *request)
{
	static const char *const traces[] = { "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA" };

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		if (request_variable(request, traces[i]) != NULL)
			return true;
	return false;
}

static void
serve(void *context, const struct request_input *input, struct response *response)
{
	const struct settings *settings = context;
	struct request request;
	enum request_result result = request_read(input, &rules, &request);
	const struct page *page = page_at(request.path);

	if (result == REQUEST_METHOD_NOT_ALLOWED || request.method == REQUEST_OPTIONS)
		response_text(response, 405, "text/plain; charset=utf-8", "Only GET is answered here.\n");
	else if (result != REQUEST_OK)
		response_text(response, 400, "text/plain; charset=utf-8", "The request could not be read.\n");
	else if (is_passed_on(&request))
		response_text(response, 403, "text/plain; charset=utf-8", "Not through a proxy.\n");
	else if (page == NULL)
		response_text(response, 404, "text/plain; charset=utf-8", "There is nothing at this address.\n");
	else
		page->answer(settings, response);
}

static void *
open_settings(const char *config_path, struct config_error *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (settings == NULL)
		snprintf(error->text, sizeof(error->text), "no memory");
	if (settings == NULL || settings_load(config_path, settings, error))
		return settings;
	free(settings);
	return NULL;
}

static void
close_settings(void *settings)
{
	settings_free(settings);
	free(settings);
}

static int
threads(const void *settings)
{
	(void)settings;
	return THREADS;
}

int
main(int argc, char **argv)
{
	static const struct fcgi_program program = {
		.name = "host-info",
		.purpose = "FastCGI program: tells monitoring how the programs of this host are.",
		.config_default = SETTINGS_PATH,
		.open = open_settings,
		.check = settings_check,
		.threads = threads,
		.close = close_settings,
		.handler = serve,
	};

	return fcgi_program_main(argc, argv, &program);
}
