#include "fcgi_server.h"

#include "listener.h"
#include "peer.h"
#include "watchdog.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/service_manager.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* How often the main thread looks for peers whose time is up, and for the last worker to end. */
#define WATCH_INTERVAL_MS      250
#define WATCH_INTERVAL_STOP_MS 20

/* Address space only: of a stack, touched pages alone take memory. */
#define WORKER_STACK_BYTES ((size_t)1 << 20)

/* How much of a body that is too large is read and dropped, for the peer to get its answer. */
#define DRAIN_MAX_BYTES ((size_t)1 << 20)

/*
 * What a peer still sends when it has its answer is read and dropped by
 * libfcgi, as long as no more than this time, 2 s unless told otherwise, passes
 * between two pieces: a close would reset the connection.
 */
#define LINGER_VARIABLE "LIBFCGI_OS_CLOSE_POLL_TIMEOUT"
#define LINGER_MS       "100"

/*
 * We accept connections ourselves and give them to libfcgi by setting ipcFd
 * and keepConnection, which its header does not promise to keep.  Another
 * layout means that fcgiapp.c has to be read again.
 */
_Static_assert(offsetof(FCGX_Request, ipcFd) ==
    offsetof(FCGX_Request, paramsPtr) + sizeof(void *), "FCGX_Request has changed");
_Static_assert(offsetof(FCGX_Request, keepConnection) ==
    offsetof(FCGX_Request, ipcFd) + 2 * sizeof(int), "FCGX_Request has changed");
_Static_assert(sizeof(FCGX_Request) == 5 * sizeof(void *) + 2 * sizeof(int) + 8 * sizeof(int),
    "FCGX_Request has changed");

struct server;

struct worker {
	struct server *server;
	pthread_t      thread;
	FCGX_Request   fcgi;
	struct peer    peer;
	char           body[REQUEST_BODY_MAX_BYTES + 1]; /* one more, to notice a larger one */
};

struct server {
	const struct fcgi_server_options *options;
	int             peer_timeout_ms;
	int             idle_timeout_ms;
	struct listener listener;
	struct watchdog watchdog;
	int             stop_event; /* eventfd: readable once the server is to stop */
	atomic_bool     stopping;
	atomic_int      running; /* workers */
	atomic_int      working; /* of these, at work left for after an answer */
	int64_t         receive_until_ms; /* the main thread's: end of the grace after a stop */
	struct worker  *workers;
	int             worker_count;
};

static int
or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

static void
begin_phase(struct worker *worker, enum peer_phase phase)
{
	watchdog_step(&worker->server->watchdog);
	peer_phase(&worker->peer, phase, clock_monotonic_ms() + worker->server->peer_timeout_ms);
}

/* A web server may leave out CONTENT_LENGTH or send it empty; RFC 3875, 4.1.2. */
static bool
is_declared_length(const char *declared, size_t length)
{
	char *end = NULL;

	if (declared == NULL || declared[0] == '\0')
		return true;
	return strtoull(declared, &end, 10) == length && *end == '\0';
}

static bool
drain(FCGX_Stream *in, char *scratch, int size)
{
	for (size_t drained = 0; drained < DRAIN_MAX_BYTES; drained += (size_t)size)
		if (FCGX_GetStr(scratch, size, in) < size)
			return true;
	return false;
}

/*
 * Reads to the end of the stream, never up to CONTENT_LENGTH: what stays
 * behind on a kept connection makes libfcgi drop the next request.
 */
static enum request_arrival
receive_body(struct worker *worker, size_t *received)
{
	FCGX_Request *fcgi = &worker->fcgi;
	int size = (int)sizeof(worker->body);
	int count = FCGX_GetStr(worker->body, size, fcgi->in);

	*received = (size_t)count;
	if (count == size) {
		if (!drain(fcgi->in, worker->body, size)) {
			fcgi->keepConnection = 0;
			FCGX_Attach(fcgi); /* that is: linger */
		}
		return REQUEST_TOO_LARGE;
	}
	if (FCGX_GetError(fcgi->in) != 0 ||
	    !is_declared_length(FCGX_GetParam("CONTENT_LENGTH", fcgi->envp), *received))
		return REQUEST_TRUNCATED;
	return REQUEST_COMPLETE;
}

static void
send_response(struct worker *worker, const struct response *response)
{
	struct buffer answer;

	buffer_init(&answer, RESPONSE_WRITTEN_MAX_BYTES);
	begin_phase(worker, PEER_TAKES);
	if (response_write(response, &answer))
		FCGX_PutStr(answer.data, (int)answer.length, worker->fcgi.out);
	else
		log_message(LOG_LEVEL_ERROR, "answer_lost", "no memory to write an answer");
	buffer_free(&answer);
}

static void
wipe_request(struct worker *worker, size_t received)
{
	secret_wipe(worker->body, received);
	for (char **variable = worker->fcgi.envp; *variable != NULL; variable++)
		secret_wipe(*variable, strlen(*variable));
}

static void
count_answer(struct metrics *metrics, const struct response *response, int64_t ms)
{
	bool usual = response->status >= 100 && response->status < 600;
	int status = usual ? response->status / 100 - 1 : METRICS_STATUS_5XX;

	metrics_count(metrics, METRIC_REQUESTS, status, 0);
	metrics_observe(metrics, METRIC_REQUEST_SECONDS, 0, 0, ms);
}

static void
answer_request(struct worker *worker, struct response *response)
{
	const struct fcgi_server_options *options = worker->server->options;
	struct request_input input = { .variables = worker->fcgi.envp, .body = worker->body };
	size_t received = 0;
	int64_t begun_ms = 0;

	input.arrival = receive_body(worker, &received);
	input.body_length = input.arrival == REQUEST_COMPLETE ? received : 0;
	begin_phase(worker, PEER_NOT_AWAITED);
	begun_ms = clock_monotonic_ms();
	options->handler(options->context, &input, response);
	count_answer(options->metrics, response, clock_monotonic_ms() - begun_ms);
	send_response(worker, response);
	wipe_request(worker, received);
}

/* The peer has its answer and this connection is over, so nobody waits. */
static void
do_work_left(struct worker *worker, struct response *response)
{
	struct server *server = worker->server;
	int most = (server->options->threads + 1) / 2;

	peer_set(&worker->peer, server->stop_event);
	if (atomic_fetch_add(&server->working, 1) < most)
		response_work_now(response);
	else
		log_message(LOG_LEVEL_WARNING, "work_skipped",
		    "too many threads are at work that requests left for later");
	atomic_fetch_sub(&server->working, 1);
}

/*
 * FCGX_Accept_r also returns 0 when the peer went away between two
 * variables; such a request is nobody's and gets no answer.
 */
static void
serve_request(struct worker *worker)
{
	FCGX_Request *fcgi = &worker->fcgi;
	struct response response;

	response_init(&response);
	/* So that libfcgi closes without waiting for the peer's close, of which Unix sockets have no need. */
	FCGX_Detach(fcgi);
	if (FCGX_GetError(fcgi->in) == 0)
		answer_request(worker, &response);
	/* The next request on a kept connection would wait for the work as well. */
	if (response.work != NULL || atomic_load(&worker->server->stopping))
		fcgi->keepConnection = 0;
	FCGX_Finish_r(fcgi);
	if (response.work != NULL)
		do_work_left(worker, &response);
	response_free(&response);
}

/* On a kept connection: something to read there, before the time is up or the server is to stop? */
static bool
next_request_comes(struct worker *worker)
{
	struct pollfd fds[] = {
		{ .fd = worker->peer.fd, .events = POLLIN },
		{ .fd = worker->server->stop_event, .events = POLLIN },
	};
	int count = 0;

	begin_phase(worker, PEER_NOT_AWAITED);
	do
		count = poll(fds, 2, worker->server->idle_timeout_ms);
	while (count < 0 && errno == EINTR);
	return count > 0 && fds[0].revents != 0;
}

/* libfcgi closes fd and sets ipcFd to -1 when the peer is gone, or wants no kept connection. */
static void
serve_connection(struct worker *worker, int fd)
{
	FCGX_Request *fcgi = &worker->fcgi;

	if (!peer_set(&worker->peer, fd)) {
		close(fd);
		return;
	}
	fcgi->ipcFd = fd;
	do {
		fcgi->keepConnection = 1;
		begin_phase(worker, PEER_SENDS);
		if (FCGX_Accept_r(fcgi) == 0)
			serve_request(worker);
	} while (fcgi->ipcFd >= 0 && next_request_comes(worker));
	if (fcgi->ipcFd >= 0)
		FCGX_Free(fcgi, 1);
	peer_set(&worker->peer, worker->server->stop_event);
}

static void *
work(void *argument)
{
	struct worker *worker = argument;
	struct metrics *metrics = worker->server->options->metrics;
	int fd = -1;

	/* No listener for libfcgi: after a lost connection it would accept the next one by itself. */
	FCGX_InitRequest(&worker->fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	while ((fd = listener_accept(&worker->server->listener)) >= 0) {
		metrics_have(metrics, METRIC_THREADS_BUSY, 1);
		serve_connection(worker, fd);
		metrics_have(metrics, METRIC_THREADS_BUSY, -1);
	}
	atomic_fetch_sub(&worker->server->running, 1);
	return NULL;
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
open_listener(struct server *server)
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
open_events(struct server *server)
{
	server->listener.metrics = server->options->metrics;
	server->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return server->stop_event >= 0 && listener_watch(&server->listener, server->stop_event);
}

static bool
start_worker(struct server *server, struct worker *worker)
{
	pthread_attr_t attributes;
	bool started = false;

	worker->server = server;
	if (!peer_init(&worker->peer, server->stop_event))
		return false;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
	atomic_fetch_add(&server->running, 1);
	started = pthread_create(&worker->thread, &attributes, work, worker) == 0;
	pthread_attr_destroy(&attributes);
	if (!started) {
		atomic_fetch_sub(&server->running, 1);
		peer_free(&worker->peer);
	}
	return started;
}

/* Not by calloc: with M_PERTURB it writes to all that it gives, and most bodies are short. */
static struct worker *
new_workers(int count)
{
	void *workers = mmap(NULL, (size_t)count * sizeof(struct worker), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return workers != MAP_FAILED ? workers : NULL;
}

static bool
start_workers(struct server *server)
{
	int wanted = server->options->threads;

	if (wanted < 1 || wanted > FCGI_SERVER_THREADS_MAX)
		return false;
	server->workers = new_workers(wanted);
	if (server->workers == NULL)
		return false;
	while (server->worker_count < wanted) {
		if (!start_worker(server, &server->workers[server->worker_count]))
			return false;
		server->worker_count++;
	}
	return true;
}

static void
stop(struct server *server)
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
supervise(struct server *server)
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
end_workers(struct server *server)
{
	for (int i = 0; i < server->worker_count; i++) {
		pthread_join(server->workers[i].thread, NULL);
		peer_free(&server->workers[i].peer);
	}
	if (server->workers != NULL)
		munmap(server->workers, (size_t)server->options->threads * sizeof(struct worker));
}

static void
close_all(struct server *server)
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
	struct server server = {
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
		if (start_workers(&server)) {
			metrics_have(options->metrics, METRIC_THREADS, server.worker_count);
			metrics_state(options->metrics, METRICS_READY);
			service_manager_tell(SERVICE_READY);
		} else {
			result = FCGI_SERVER_NO_THREADS;
			stop(&server);
		}
		supervise(&server);
		end_workers(&server);
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
