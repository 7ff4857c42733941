/*
 * http_client_target: where a call goes, and which URLs may be called at all;
 * private to http_client.
 */
#ifndef HTTP_HTTP_CLIENT_TARGET_H
#define HTTP_HTTP_CLIENT_TARGET_H

#include "base/buffer.h"
#include "http_client.h"

#include <curl/curl.h>
#include <stdbool.h>

/* libcurl gets this parsed URL, so that it cannot read the text in another way. */
struct http_client_target {
	CURLU        *url;
	bool          plain;   /* http, which is to loopback only */
	struct buffer request; /* path and query as they stand in the request; empty if there is no query */
};

/*
 * Parses what http_client_url_allowed allows: HTTP_CLIENT_OK, _BAD_URL or
 * _NO_MEMORY.  The target is zeroed before, and closed afterwards in any case.
 */
enum http_client_result http_client_target_open(struct http_client_target *target, const char *url);
void                    http_client_target_close(struct http_client_target *target);

#endif
