/*
 * fcgi_worker: a thread of a FastCGI server: it takes a connection, receives the
 * requests on it, has each answered, and sends the answers.  Private to
 * fcgi_server, which listens, watches and stops.
 */
#ifndef HTTP_FCGI_WORKER_H
#define HTTP_FCGI_WORKER_H

#include "fcgi_server.h"

#include "listener.h"
#include "peer.h"
#include "watchdog.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fcgi_server;

struct fcgi_worker {
	struct fcgi_server *server;
	pthread_t           thread;
	FCGX_Request        fcgi;
	struct peer         peer;
	char                body[REQUEST_BODY_MAX_BYTES + 1]; /* one more, to notice a larger one */
};

/* What the main thread and the workers share. */
struct fcgi_server {
	const struct fcgi_server_options *options;
	int                 peer_timeout_ms;
	int                 idle_timeout_ms;
	struct listener     listener;
	struct watchdog     watchdog;
	int                 stop_event; /* eventfd: readable once the server is to stop */
	atomic_bool         stopping;
	atomic_int          running; /* workers */
	atomic_int          working; /* of these, at work left for after an answer */
	int64_t             receive_until_ms; /* the main thread's: end of the grace after a stop */
	struct fcgi_worker *workers;
	int                 worker_count;
};

/* Starts options->threads workers, which accept at once.  False: not all of them; those that run are to be stopped. */
bool fcgi_workers_start(struct fcgi_server *server);

/* Waits for the workers that were started to end, and frees what they had. */
void fcgi_workers_end(struct fcgi_server *server);

#endif
