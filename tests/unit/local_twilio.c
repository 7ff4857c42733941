#include "local_twilio.h"

#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>

void
local_twilio_start(struct local_twilio *local)
{
	const struct http_client_options options = { .connect_timeout_ms = 3000 };

	signal(SIGPIPE, SIG_IGN);
	local->server = local_server_start(NULL, NULL);
	local->twilio = (struct twilio){
		.http = http_client_new(&options),
		.base_url = local_server_base(local->server),
		.account_sid = ACCOUNT,
		.api_key_sid = API_KEY,
		.api_key_secret = "secret",
		.verify_service_sid = SERVICE,
		.workspace_sid = WORKSPACE,
	};
	if (local->twilio.http == NULL)
		abort();
}

void
local_twilio_stop(struct local_twilio *local)
{
	http_client_free(local->twilio.http);
	local_server_stop(local->server);
}

void
local_twilio_answer(struct local_twilio *local, int status, const char *content_type, const char *body)
{
	const struct local_route routes[] = {
		{ "", status, content_type, NULL, body },
		{ NULL, 0, NULL, NULL, NULL },
	};

	local_server_routes(local->server, routes);
}

int64_t
local_twilio_deadline(void)
{
	return clock_monotonic_ms() + DEADLINE_MS;
}
