/*
 * http_client_lines: the pool of lines, which keep their connections between
 * calls, shared by all threads; private to http_client.
 */
#ifndef HTTP_HTTP_CLIENT_LINES_H
#define HTTP_HTTP_CLIENT_LINES_H

#include "http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What makes the calls of one http_client_perform_all, at the same time and
 * without a thread for each; and the connections that they left.
 */
struct http_client_line {
	CURLM  *multi;
	CURL   *curl[HTTP_CLIENT_PARALLEL_MAX]; /* made when first needed */
	int64_t idle_since_ms;
	struct http_client_line *warmer, *colder;
};

struct http_client_lines {
	pthread_mutex_t          mutex; /* guards the next three */
	struct http_client_line *warmest, *coldest; /* the ends of the list of idle ones */
	int                      idle_count;
	int                      kept_max;
};

/* kept_max is that of struct http_client_options.  False: the system gives no mutex. */
bool http_client_lines_init(struct http_client_lines *lines, int kept_max);
void http_client_lines_free(struct http_client_lines *lines);

/* The warmest line, or a new one; it is the caller's, to put or to free.  NULL without memory. */
struct http_client_line *http_client_lines_take(struct http_client_lines *lines);

/* Puts a line on top, and drops those that are superfluous. */
void http_client_lines_put(struct http_client_lines *lines, struct http_client_line *line);

/* Closes its connections; for a line that is not to be used again. */
void http_client_line_free(struct http_client_line *line);

#endif
