#include "fcgi_server.h"

#include "fcgi_worker.h"
#include "listener.h"
#include "peer.h"
#include "watchdog.h"

#include "base/clock.h"
#include "base/service_manager.h"

#include <errno.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* How often the main thread looks for peers whose time is up, and for the last worker to end. */
#define WATCH_INTERVAL_MS      250
#define WATCH_INTERVAL_STOP_MS 20

/*
 * What a peer still sends when it has its answer is read and dropped by
 * libfcgi, as long as no more than this time, 2 s unless told otherwise, passes
 * between two pieces: a close would reset the connection.
 */
#define LINGER_VARIABLE "LIBFCGI_OS_CLOSE_POLL_TIMEOUT"
#define LINGER_MS       "100"

static int
or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

/*
 * No signal may interrupt a worker: libfcgi takes an interrupted read for the
 * end of the request.  Those that a thread's own fault raises stay open, or
 * it would die without a word.
 */
static void
block_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
}

/* FCGX_Init replaces the handlers of SIGPIPE, SIGUSR1 and SIGTERM, so ours are set behind it. */
static bool
init_libfcgi(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN, .sa_flags = SA_RESTART };
	struct sigaction normal = { .sa_handler = SIG_DFL, .sa_flags = SA_RESTART };

	if (setenv(LINGER_VARIABLE, LINGER_MS, 1) != 0 || FCGX_Init() != 0)
		return false;
	return sigaction(SIGPIPE, &ignore, NULL) == 0 && sigaction(SIGTERM, &normal, NULL) == 0 &&
	    sigaction(SIGUSR1, &normal, NULL) == 0;
}

static enum fcgi_server_result
open_listener(struct fcgi_server *server)
{
	enum listener_result result = server->options->socket_path == NULL ?
	    listener_inherit(&server->listener) :
	    listener_open(&server->listener, server->options->socket_path);

	switch (result) {
	case LISTENER_OK:
		return FCGI_SERVER_OK;
	case LISTENER_NONE:
		return FCGI_SERVER_NO_SOCKET;
	case LISTENER_NOT_UNIX:
		return FCGI_SERVER_NOT_UNIX;
	case LISTENER_IN_USE:
		return FCGI_SERVER_SOCKET_IN_USE;
	case LISTENER_FAILED:
		return FCGI_SERVER_SOCKET_FAILED;
	}
	return FCGI_SERVER_SOCKET_FAILED;
}

static bool
open_events(struct fcgi_server *server)
{
	server->listener.metrics = server->options->metrics;
	server->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return server->stop_event >= 0 && listener_watch(&server->listener, server->stop_event);
}

static void
stop(struct fcgi_server *server)
{
	if (atomic_exchange(&server->stopping, true))
		return;
	metrics_state(server->options->metrics, METRICS_STOPPING);
	server->receive_until_ms = clock_monotonic_ms() +
	    or_default(server->options->stop_grace_ms, FCGI_SERVER_STOP_GRACE_MS);
	service_manager_tell(SERVICE_STOPPING);
	eventfd_write(server->stop_event, 1);
}

/* The main thread's part: signals, and peers whose time is up, until the last worker has ended. */
static void
supervise(struct fcgi_server *server)
{
	struct metrics *metrics = server->options->metrics;
	sigset_t asking;

	sigemptyset(&asking);
	sigaddset(&asking, SIGTERM);
	sigaddset(&asking, SIGINT);
	sigaddset(&asking, SIGHUP);
	sigaddset(&asking, SIGUSR1);
	while (atomic_load(&server->running) > 0) {
		int interval_ms = atomic_load(&server->stopping) ?
		    WATCH_INTERVAL_STOP_MS : WATCH_INTERVAL_MS;
		struct timespec interval = { .tv_nsec = interval_ms * 1000000L };
		int64_t now_ms = 0;

		if (sigtimedwait(&asking, NULL, &interval) > 0)
			stop(server);
		metrics_beat(metrics);
		now_ms = clock_monotonic_ms();
		for (int i = 0; i < server->worker_count; i++)
			peer_cut_off_if_late(&server->workers[i].peer, now_ms,
			    server->receive_until_ms);
		watchdog_tend(&server->watchdog, server->listener.fd, now_ms);
	}
}

static void
close_all(struct fcgi_server *server)
{
	int error = errno;

	listener_close(&server->listener);
	if (server->stop_event >= 0)
		close(server->stop_event);
	errno = error;
}

enum fcgi_server_result
fcgi_server_run(const struct fcgi_server_options *options)
{
	struct fcgi_server server = {
		.options = options,
		.peer_timeout_ms = or_default(options->peer_timeout_ms, FCGI_SERVER_PEER_TIMEOUT_MS),
		.idle_timeout_ms = or_default(options->idle_timeout_ms, FCGI_SERVER_IDLE_TIMEOUT_MS),
		.receive_until_ms = INT64_MAX,
		.listener = { .fd = -1, .poll_set = -1 },
		.stop_event = -1,
	};
	enum fcgi_server_result result = FCGI_SERVER_OK;

	block_signals();
	watchdog_init(&server.watchdog);
	result = open_listener(&server);
	if (result == FCGI_SERVER_OK && (!init_libfcgi() || !open_events(&server)))
		result = FCGI_SERVER_SOCKET_FAILED;
	if (result == FCGI_SERVER_OK) {
		if (fcgi_workers_start(&server)) {
			metrics_have(options->metrics, METRIC_THREADS, server.worker_count);
			metrics_state(options->metrics, METRICS_READY);
			service_manager_tell(SERVICE_READY);
		} else {
			result = FCGI_SERVER_NO_THREADS;
			stop(&server);
		}
		supervise(&server);
		fcgi_workers_end(&server);
	}
	close_all(&server);
	return result;
}

const char *
fcgi_server_result_text(enum fcgi_server_result result)
{
	switch (result) {
	case FCGI_SERVER_OK:
		return "stopped as asked";
	case FCGI_SERVER_NO_SOCKET:
		return "no socket to serve: give one with -s, or start this program by something "
		    "that passes a listening socket (systemd, spawn-fcgi)";
	case FCGI_SERVER_NOT_UNIX:
		return "the socket that was passed is not a Unix socket: use one, because over TCP "
		    "anybody could pose as the web server";
	case FCGI_SERVER_SOCKET_IN_USE:
		return "another process answers on this socket: stop it first, or choose another path";
	case FCGI_SERVER_SOCKET_FAILED:
		return "cannot open the socket";
	case FCGI_SERVER_NO_THREADS:
		return "cannot start the threads: lower THREADS, or raise the limits on threads "
		    "and open files";
	}
	return "not a fcgi_server_result";
}
