#include "router.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "call_api.h"
#include "calls.h"
#include "conference_api.h"
#include "credentials.h"
#include "crm.h"
#include "desk.h"
#include "desk_tasks.h"
#include "exchange.h"
#include "iam_api.h"
#include "leg_desk.h"
#include "magic.h"
#include "messages_api.h"
#include "portal_site.h"
#include "taskrouter_api.h"
#include "verify_api.h"
#include "verify_attempts.h"
#include "verify_limits_api.h"
#include "verify_service.h"
#include "voice_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TWILIO_PREFIX "/sandbox/twilio"
#define VERIFY_HOST "https://verify.twilio.com"
#define TASKROUTER_HOST "https://taskrouter.twilio.com"
#define CORE_HOST "https://api.twilio.com"
#define IAM_HOST "https://iam.twilio.com"

#define REQUEST_ID_DIGITS_SIZE 33

struct route {
	enum request_method method;
	const char         *path; /* a * stands for one argument */
	const char         *host; /* NULL: not Twilio's */
	void (*answer)(struct exchange *exchange);
};

#define SERVICE   TWILIO_PREFIX "/v2/Services/*"
#define WORKSPACE TWILIO_PREFIX "/v1/Workspaces/*"
#define ACCOUNT   TWILIO_PREFIX "/2010-04-01/Accounts/*"

static const struct route routes[] = {
	{ REQUEST_GET, TWILIO_PREFIX "/v2/Services", VERIFY_HOST, verify_service_list },
	{ REQUEST_GET, SERVICE, VERIFY_HOST, verify_service_fetch },
	{ REQUEST_POST, SERVICE "/Verifications", VERIFY_HOST, verify_api_start },
	{ REQUEST_GET, SERVICE "/Verifications/*", VERIFY_HOST, verify_api_fetch },
	{ REQUEST_POST, SERVICE "/Verifications/*", VERIFY_HOST, verify_api_update },
	{ REQUEST_POST, SERVICE "/VerificationCheck", VERIFY_HOST, verify_api_check },
	{ REQUEST_GET, SERVICE "/RateLimits", VERIFY_HOST, verify_limits_api_list },
	{ REQUEST_POST, SERVICE "/RateLimits", VERIFY_HOST, verify_limits_api_create },
	{ REQUEST_GET, SERVICE "/RateLimits/*", VERIFY_HOST, verify_limits_api_fetch },
	{ REQUEST_GET, SERVICE "/RateLimits/*/Buckets", VERIFY_HOST, verify_limits_api_list_buckets },
	{ REQUEST_POST, SERVICE "/RateLimits/*/Buckets", VERIFY_HOST, verify_limits_api_create_bucket },
	{ REQUEST_GET, SERVICE "/RateLimits/*/Buckets/*", VERIFY_HOST, verify_limits_api_fetch_bucket },
	{ REQUEST_GET, TWILIO_PREFIX "/v2/Attempts", VERIFY_HOST, verify_attempts_list },
	{ REQUEST_GET, TWILIO_PREFIX "/v2/Attempts/*", VERIFY_HOST, verify_attempts_fetch },

	{ REQUEST_POST, TWILIO_PREFIX "/v1/Accounts/*/Tokens/validate", IAM_HOST,
	    iam_api_validate },

	{ REQUEST_GET, WORKSPACE "/Tasks", TASKROUTER_HOST, taskrouter_api_list_tasks },
	{ REQUEST_POST, WORKSPACE "/Tasks", TASKROUTER_HOST, taskrouter_api_create_task },
	{ REQUEST_GET, WORKSPACE "/Tasks/*", TASKROUTER_HOST, taskrouter_api_fetch_task },
	{ REQUEST_POST, WORKSPACE "/Tasks/*", TASKROUTER_HOST, taskrouter_api_update_task },
	{ REQUEST_GET, WORKSPACE "/Tasks/*/Reservations", TASKROUTER_HOST,
	    taskrouter_api_list_reservations },
	{ REQUEST_GET, WORKSPACE "/Tasks/*/Reservations/*", TASKROUTER_HOST,
	    taskrouter_api_fetch_reservation },

	{ REQUEST_GET, ACCOUNT "/Calls.json", CORE_HOST, voice_api_list_calls },
	{ REQUEST_GET, ACCOUNT "/Calls/*", CORE_HOST, call_api_fetch },
	{ REQUEST_POST, ACCOUNT "/Calls/*", CORE_HOST, call_api_update },
	{ REQUEST_GET, ACCOUNT "/Calls/*/Recordings.json", CORE_HOST, call_api_list_recordings },
	{ REQUEST_POST, ACCOUNT "/Calls/*/Recordings.json", CORE_HOST, call_api_record },
	{ REQUEST_POST, ACCOUNT "/Calls/*/Recordings/*", CORE_HOST, call_api_update_recording },
	{ REQUEST_GET, ACCOUNT "/Conferences.json", CORE_HOST, conference_api_list },
	{ REQUEST_GET, ACCOUNT "/Conferences/*/Participants/*", CORE_HOST, conference_api_fetch_participant },
	{ REQUEST_POST, ACCOUNT "/Conferences/*/Participants/*", CORE_HOST, conference_api_update_participant },
	{ REQUEST_POST, ACCOUNT "/Messages.json", CORE_HOST, messages_api_send },

	{ REQUEST_GET, "/sandbox/crm/customers", NULL, crm_customers },

	{ REQUEST_POST, "/sandbox/portal/pin", NULL, portal_site_pin },

	{ REQUEST_GET, "/sandbox/messages", NULL, desk_messages },
	{ REQUEST_GET, "/sandbox/tasks", NULL, desk_tasks_list },
	{ REQUEST_POST, "/sandbox/tasks", NULL, desk_tasks_open },
	{ REQUEST_POST, "/sandbox/tasks/*", NULL, desk_tasks_change },
	{ REQUEST_POST, "/sandbox/calls", NULL, calls_sign },
	{ REQUEST_POST, "/sandbox/calls/*", NULL, calls_enqueue },
	{ REQUEST_GET, "/sandbox/legs/*", NULL, leg_desk_show },
	{ REQUEST_GET, "/sandbox/legs/*/twiml", NULL, leg_desk_document },
	{ REQUEST_POST, "/sandbox/legs/*", NULL, leg_desk_act },
	{ REQUEST_POST, "/sandbox/dialled", NULL, voice_api_dial },
	{ REQUEST_GET, "/sandbox/magic", NULL, desk_magic },
	{ REQUEST_GET, "/sandbox/clock", NULL, desk_clock },
	{ REQUEST_POST, "/sandbox/clock", NULL, desk_advance_clock },
	{ REQUEST_POST, "/sandbox/reset", NULL, desk_reset },
};

/* Twilio sets these on every answer; the list is of its OpenAPI files. */
static const struct {
	const char *name, *value;
} twilio_headers[] = {
	{ "Access-Control-Allow-Origin", "*" },
	{ "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS" },
	{ "Access-Control-Allow-Headers",
	    "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
	    "If-Unmodified-Since, Idempotency-Key" },
	{ "Access-Control-Allow-Credentials", "true" },
	{ "Access-Control-Expose-Headers", "ETag" },
};

static bool
is_twilio(const char *path)
{
	size_t length = strlen(TWILIO_PREFIX);

	return strncmp(path, TWILIO_PREFIX, length) == 0 &&
	    (path[length] == '/' || path[length] == '\0');
}

/* Compares part by part; a part that stands at a * becomes an argument. */
static bool
path_matches(const char *pattern, const char *path, char arguments[][SANDBOX_ADDRESS_SIZE])
{
	size_t count = 0;

	while (*pattern != '\0' && *path != '\0') {
		size_t length = strcspn(path, "/");

		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		if (length == 0 || length >= SANDBOX_ADDRESS_SIZE ||
		    count == EXCHANGE_ARGUMENTS_MAX)
			return false;
		snprintf(arguments[count++], SANDBOX_ADDRESS_SIZE, "%.*s", (int)length, path);
		path += length;
		pattern++;
	}
	return *pattern == '\0' && *path == '\0';
}

/* NULL: no such path, or (path_known) not by this method. */
static const struct route *
find_route(struct exchange *exchange, bool *path_known)
{
	enum request_method method = exchange->request->method;

	*path_known = false;
	if (method == REQUEST_HEAD)
		method = REQUEST_GET;
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		if (!path_matches(routes[i].path, exchange->request->path, exchange->arguments))
			continue;
		*path_known = true;
		if (routes[i].method == method)
			return &routes[i];
	}
	return NULL;
}

static void
refuse(struct exchange *exchange, int status, int code, const char *sentence)
{
	if (is_twilio(exchange->request->path))
		exchange_refuse(exchange, status, code, "%s", sentence);
	else
		exchange_complain(exchange, status, sentence);
}

/* False: answered already. */
static bool
request_is_usable(struct exchange *exchange, enum request_result result)
{
	switch (result) {
	case REQUEST_OK:
	/* Twilio reads no parameters from a body of another type, and then misses them. */
	case REQUEST_TYPE_NOT_SUPPORTED:
		return true;
	case REQUEST_METHOD_NOT_ALLOWED:
		refuse(exchange, 405, 20004, "Method not allowed");
		return false;
	case REQUEST_BODY_TOO_LARGE:
		refuse(exchange, 413, 20001, "The request body is larger than this sandbox reads");
		return false;
	case REQUEST_INCOMPLETE:
	case REQUEST_REPEATED_HEADER:
	case REQUEST_MALFORMED_HEADER:
	case REQUEST_TOKEN_TOO_LONG:
	case REQUEST_QUERY_NOT_ALLOWED:
		break;
	}
	refuse(exchange, 400, 20001, "Bad request");
	return false;
}

static bool
fields_are_readable(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	enum form_result result = form_read_urlencoded(&exchange->query, request->query,
	    strlen(request->query), NULL);

	if (result == FORM_OK && request->body_type == REQUEST_BODY_FORM)
		result = form_read_urlencoded(&exchange->fields, request->body,
		    request->body_length, NULL);
	if (result == FORM_OK)
		return true;
	refuse(exchange, 400, 20001,
	    "Bad request: the parameters are not well-formed, or one came twice");
	return false;
}

static bool
is_authorized(struct exchange *exchange)
{
	if (!is_twilio(exchange->request->path) || credentials_of_account(exchange->request))
		return true;
	response_header(exchange->response, "WWW-Authenticate", "Basic realm=\"Twilio API\"");
	exchange_refuse(exchange, 401, 20003, "Authenticate");
	return false;
}

static void
answer(struct exchange *exchange, enum request_result result)
{
	const struct route *route = NULL;
	bool path_known = false;

	if (exchange->request->method == REQUEST_OPTIONS) {
		response_text(exchange->response, 204, NULL, NULL);
		return;
	}
	if (!is_authorized(exchange) || !request_is_usable(exchange, result))
		return;
	route = find_route(exchange, &path_known);
	if (route == NULL && path_known) {
		refuse(exchange, 405, 20004, "Method not allowed");
	} else if (route == NULL && is_twilio(exchange->request->path)) {
		exchange_not_found(exchange);
	} else if (route == NULL) {
		exchange_complain(exchange, 404, "The sandbox has nothing at this address");
	} else if (fields_are_readable(exchange)) {
		exchange->host = route->host;
		route->answer(exchange);
		magic_spoil(exchange);
	}
}

static void
add_twilio_headers(struct response *response, int in_flight, int64_t started_ms)
{
	char digits[REQUEST_ID_DIGITS_SIZE], id[REQUEST_ID_DIGITS_SIZE + 2], duration[32],
	    concurrent[16];
	int64_t took_ms = clock_monotonic_ms() - started_ms;

	if (secret_random_hex(digits, sizeof(digits))) {
		snprintf(id, sizeof(id), "RQ%s", digits);
		response_header(response, "Twilio-Request-Id", id);
	}
	snprintf(duration, sizeof(duration), "%" PRId64 ".%03d", took_ms / 1000,
	    (int)(took_ms % 1000));
	response_header(response, "Twilio-Request-Duration", duration);
	snprintf(concurrent, sizeof(concurrent), "%d", in_flight);
	response_header(response, "Twilio-Concurrent-Requests", concurrent);
	for (size_t i = 0; i < sizeof(twilio_headers) / sizeof(*twilio_headers); i++)
		response_header(response, twilio_headers[i].name, twilio_headers[i].value);
}

void
router_answer(void *context, const struct request_input *input, struct response *response)
{
	static const struct request_rules rules =
	    { REQUEST_GET | REQUEST_HEAD | REQUEST_POST | REQUEST_OPTIONS, true };
	struct sandbox *sandbox = context;
	int64_t started_ms = clock_monotonic_ms();
	int in_flight = atomic_fetch_add(&sandbox->requests_in_flight, 1) + 1;
	struct request request;
	struct exchange exchange = { .sandbox = sandbox, .request = &request, .response = response,
	    .host = "" };
	enum request_result result = request_read(input, &rules, &request);

	exchange.path = is_twilio(request.path) ? request.path + strlen(TWILIO_PREFIX)
	    : request.path;
	answer(&exchange, result);
	if (is_twilio(request.path))
		add_twilio_headers(response, in_flight, started_ms);
	form_free(&exchange.query);
	form_free(&exchange.fields);
	atomic_fetch_sub(&sandbox->requests_in_flight, 1);
}
