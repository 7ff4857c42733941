/*
 * fcgi_server: FastCGI requests in, answers out.  The one user of libfcgi.
 *
 * A fixed number of worker threads, each with one connection at a time.  A
 * slow or silent peer costs its own thread for a bounded time; out of file
 * descriptors, threads wait and go on; SIGTERM and SIGINT let the requests in
 * hand, and the work they left for after the answer, finish and end the server.
 *
 * Such work (response_after) is done by the request's own thread when the
 * answer is out and the connection is given up.  At most half of the threads
 * (but one at least) do so at a time; what comes beyond that is skipped, as
 * those who wait for an answer go first.  The work has to bound itself in time.
 *
 * A service manager that asks for it (sd_notify(3)) is told when the server
 * serves, when it stops, and in between that its workers get on (watchdog.h).
 */
#ifndef HTTP_FCGI_SERVER_H
#define HTTP_FCGI_SERVER_H

#include "request.h"
#include "response.h"

#include "base/metrics.h"

#include <stdbool.h>

/* A peer has this long for sending a whole request, and again for taking the answer. */
#define FCGI_SERVER_PEER_TIMEOUT_MS 10000

/* A kept connection without a request is closed after this long. */
#define FCGI_SERVER_IDLE_TIMEOUT_MS 30000

/* After SIGTERM, a request that has not arrived by then is not waited for. */
#define FCGI_SERVER_STOP_GRACE_MS 2000

#define FCGI_SERVER_THREADS_MAX 1024

/*
 * Answers one request.  Called from many threads at once.  input and all it
 * points to is valid during the call; response is empty and initialised.
 */
typedef void fcgi_server_handler(void *context, const struct request_input *input,
    struct response *response);

struct fcgi_server_options {
	const char          *socket_path; /* to open, see listener.h; NULL: inherited */
	int                  threads;     /* 1 to FCGI_SERVER_THREADS_MAX */
	fcgi_server_handler *handler;
	void                *context;
	struct metrics      *metrics; /* NULL: nothing is counted */
	int                  peer_timeout_ms; /* of these three, 0 means the constants above */
	int                  idle_timeout_ms;
	int                  stop_grace_ms;
};

enum fcgi_server_result {
	FCGI_SERVER_OK = 0,        /* asked to stop, and stopped */
	FCGI_SERVER_NO_SOCKET,     /* no path given, and nothing inherited is a listening socket */
	FCGI_SERVER_NOT_UNIX,      /* the inherited socket is not a Unix one */
	FCGI_SERVER_SOCKET_IN_USE, /* another process answers on that path */
	FCGI_SERVER_SOCKET_FAILED, /* errno says why */
	FCGI_SERVER_NO_THREADS     /* the system gives no more threads or descriptors */
};

/*
 * Serves until SIGTERM, SIGINT, SIGHUP or SIGUSR1 (multiwatch, mod_fastcgi).
 * Call once, from the main thread, before any other thread exists.  Leaves
 * signals blocked.
 */
enum fcgi_server_result fcgi_server_run(const struct fcgi_server_options *options);

/* A sentence for the operator: what is wrong and what to do. */
const char *fcgi_server_result_text(enum fcgi_server_result result);

#endif
