/*
 * cors: which foreign pages may read our answers (Fetch standard, CORS).
 *
 * An origin is allowed when it is, byte for byte, one of the configured ones.
 * Nothing is reflected, "null" (a sandboxed or local page) is never allowed,
 * and credentials are never asked for: the agent's token is a header.
 */
#ifndef HTTP_CORS_H
#define HTTP_CORS_H

#include "request.h"
#include "response.h"

#include <stdbool.h>

/* How long a browser may remember the answer to a preflight. */
#define CORS_MAX_AGE_S 600

/* allowed ends with NULL; NULL itself allows nobody.  A NULL origin is not allowed. */
bool cors_origin_allowed(const char *const *allowed, const char *origin);

/*
 * Adds what lets the request's origin read the answer if it is allowed, and
 * "Vary: Origin" whoever asks, so that no cache gives one origin's answer to
 * another.  For every answer but that of cors_preflight.
 */
void cors_apply(struct response *response, const struct request *request,
    const char *const *allowed);

/*
 * Answers OPTIONS: 204 and what may be sent (POST with Authorization and
 * Content-Type) to an allowed origin, 403 without any of it to others.
 */
void cors_preflight(struct response *response, const struct request *request,
    const char *const *allowed);

#endif
