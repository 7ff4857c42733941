#include "fcgi_worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Address space only: of a stack, touched pages alone take memory. */
#define WORKER_STACK_BYTES ((size_t)1 << 20)

/* How much of a body that is too large is read and dropped, for the peer to get its answer. */
#define DRAIN_MAX_BYTES ((size_t)1 << 20)

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

static void
begin_phase(struct fcgi_worker *worker, enum peer_phase phase)
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
receive_body(struct fcgi_worker *worker, size_t *received)
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
send_response(struct fcgi_worker *worker, const struct response *response)
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
wipe_request(struct fcgi_worker *worker, size_t received)
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
answer_request(struct fcgi_worker *worker, struct response *response)
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
do_work_left(struct fcgi_worker *worker, struct response *response)
{
	struct fcgi_server *server = worker->server;
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
serve_request(struct fcgi_worker *worker)
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
next_request_comes(struct fcgi_worker *worker)
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
serve_connection(struct fcgi_worker *worker, int fd)
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
	struct fcgi_worker *worker = argument;
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

static bool
start_worker(struct fcgi_server *server, struct fcgi_worker *worker)
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
static struct fcgi_worker *
new_workers(int count)
{
	void *workers = mmap(NULL, (size_t)count * sizeof(struct fcgi_worker), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return workers != MAP_FAILED ? workers : NULL;
}

bool
fcgi_workers_start(struct fcgi_server *server)
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

void
fcgi_workers_end(struct fcgi_server *server)
{
	for (int i = 0; i < server->worker_count; i++) {
		pthread_join(server->workers[i].thread, NULL);
		peer_free(&server->workers[i].peer);
	}
	if (server->workers != NULL)
		munmap(server->workers, (size_t)server->options->threads * sizeof(struct fcgi_worker));
}
