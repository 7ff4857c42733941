/*
 * response: status, headers and body of one answer, and the one place where
 * headers are written.
 *
 * Every answer gets the security headers of the OWASP REST list (no-store,
 * nosniff, no framing, no referrer, HSTS).  A header value with CR, LF or NUL
 * is refused: under nginx a forged X-Accel-Redirect would read local files.
 *
 * A response may also carry work that is done when it has been sent, so that
 * nobody waits for what the answer does not depend on.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;

#define RESPONSE_BODY_MAX_BYTES    524288 /* the supervisor's view is the largest answer */
#define RESPONSE_HEADERS_MAX_BYTES 8192

/* What response_write may add at most: the headers above, the body, and its own headers. */
#define RESPONSE_WRITTEN_MAX_BYTES (RESPONSE_BODY_MAX_BYTES + RESPONSE_HEADERS_MAX_BYTES + 1024)

/* Work for after the answer, and how its context is freed. */
typedef void response_work(void *context);

struct response {
	int           status; /* 0: nothing was answered yet */
	const char   *content_type; /* of the body; NULL: there is none */
	struct buffer headers;
	struct buffer body;

	response_work *work; /* NULL: none */
	response_work *release;
	void          *work_context;
};

void response_init(struct response *response);
void response_free(struct response *response);

/*
 * Adds a header; false if name or value could not stand in one, if it was
 * added before, or if it is one that this module or the web server writes.
 */
bool response_header(struct response *response, const char *name, const char *value);

/* Sets status and a JSON body.  Takes object over; NULL, or no memory, makes it a plain 500. */
void response_json(struct response *response, int status, struct json_object *object);

/*
 * Sets status and a body of another kind, or none (204): content_type NULL.
 * content_type is kept by reference: a literal.
 */
void response_text(struct response *response, int status, const char *content_type,
    const char *body);

/*
 * Leaves work for after the answer was sent, once per response.  Takes context
 * over: release frees it, whether or not work was done, as the server skips
 * work when too many of its threads are at such already.
 */
void response_after(struct response *response, response_work *work, void *context, response_work *release);

/* Does the work that was left, if any; response_free lets go of it. */
void response_work_now(struct response *response);

/*
 * The CGI answer (RFC 3875, 6): "Status: ..." and so on.  A response nobody
 * filled becomes a plain 500.  False if it does not fit into out.
 */
bool response_write(const struct response *response, struct buffer *out);

#endif
