/*
 * local_server: a small HTTP server on 127.0.0.1, in threads of the test
 * program, that counts connections and keeps the requests it read.
 *
 * What it answers is a function of the test's, or a table of routes.
 */
#ifndef TESTS_LOCAL_SERVER_H
#define TESTS_LOCAL_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct local_server;

struct local_request {
	struct local_server *server;
	int                  connection; /* 1: the first that was accepted */
	int                  number;     /* 1: the first whole request */
	const char          *text;       /* head and body */
	int                  fd;         /* for local_send and its like */
};

/* Answers a whole request.  False closes the connection. */
typedef bool local_handler(void *context, const struct local_request *request);

struct local_route {
	const char *match;        /* how the request begins: "GET /v1/"; NULL ends a table */
	int         status;       /* 0: close the connection without an answer */
	const char *content_type; /* NULL: none */
	const char *headers;      /* further lines, each ended by CR LF; NULL: none */
	const char *body;
};

/* With handler NULL, routes are served. */
struct local_server *local_server_start(local_handler *handler, void *context);
void                 local_server_stop(struct local_server *server);

/* Accepts no more connections: they are refused.  Those that are open go on. */
void local_server_refuse(struct local_server *server);

/*
 * The table for the requests that follow, which is copied; the server forgets
 * those it read.  What no route matches is a 404.
 */
void local_server_routes(struct local_server *server, const struct local_route *routes);

int         local_server_port(const struct local_server *server);
const char *local_server_base(const struct local_server *server); /* http://127.0.0.1:port */

int local_server_accepted(struct local_server *server);
int local_server_open(struct local_server *server); /* connections that are not closed */
int local_server_begun(struct local_server *server); /* requests of which a first byte came */
int local_server_requests(struct local_server *server); /* those that came whole */

/* A request that was read, by its number; valid until local_server_stop or local_server_routes. */
const char *local_server_request(struct local_server *server, int number);
int         local_server_connection_of(struct local_server *server, int number);

/* Waits until that many requests were read; false after 60 s. */
bool local_server_wait(struct local_server *server, int requests);

/* A socket that listens on a free port of 127.0.0.1, for servers of another kind. */
int local_listen(int backlog, int *port);

bool local_send(const struct local_request *request, const void *bytes, size_t length);
bool local_send_text(const struct local_request *request, const char *text);
bool local_answer(const struct local_request *request, int status, const char *content_type, const char *headers,
    const char *body);

/* Does nothing until the other side, or local_server_stop, ends the connection. */
void local_hang(const struct local_request *request);

/* Makes the close that follows a reset. */
void local_reset(const struct local_request *request);

#endif
