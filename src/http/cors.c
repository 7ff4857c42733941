#include "cors.h"

#include <stdio.h>
#include <string.h>

bool
cors_origin_allowed(const char *const *allowed, const char *origin)
{
	if (allowed == NULL || origin == NULL || strcmp(origin, "null") == 0)
		return false;
	for (; *allowed != NULL; allowed++)
		if (strcmp(origin, *allowed) == 0)
			return true;
	return false;
}

void
cors_apply(struct response *response, const struct request *request, const char *const *allowed)
{
	response_header(response, "Vary", "Origin");
	if (cors_origin_allowed(allowed, request->origin))
		response_header(response, "Access-Control-Allow-Origin", request->origin);
}

void
cors_preflight(struct response *response, const struct request *request, const char *const *allowed)
{
	char max_age[16] = "";

	cors_apply(response, request, allowed);
	if (!cors_origin_allowed(allowed, request->origin)) {
		response_text(response, 403, "application/json; charset=utf-8",
		    "{\"success\":false,\"code\":\"origin_not_allowed\","
		    "\"message\":\"Pages from this address may not use this service.\"}");
		return;
	}
	snprintf(max_age, sizeof(max_age), "%d", CORS_MAX_AGE_S);
	response_header(response, "Access-Control-Allow-Methods", "POST");
	response_header(response, "Access-Control-Allow-Headers", "Authorization, Content-Type");
	response_header(response, "Access-Control-Max-Age", max_age);
	response_text(response, 204, NULL, NULL);
}
