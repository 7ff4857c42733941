#include "local_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX   256
#define REQUESTS_MAX      512
#define REQUEST_MAX_BYTES 2097152
#define ROUTES_MAX        8
#define WAIT_MAX_S        60

struct connection {
	struct local_server *server;
	pthread_t            thread;
	int                  number;
	int                  fd; /* -1: closed */
};

struct route {
	char *match;
	char *answer; /* NULL: none */
};

struct local_server {
	pthread_mutex_t           mutex; /* guards what follows, up to handler */
	pthread_cond_t            changed;
	struct connection         connections[CONNECTIONS_MAX];
	int                       accepted;
	char                     *requests[REQUESTS_MAX];
	int                       connection_of[REQUESTS_MAX];
	int                       request_count, begun_count;
	struct route              routes[ROUTES_MAX];
	int                       route_count;

	local_handler *handler;
	void          *context;
	int            listen_fd;
	int            port;
	char           base[64];
	pthread_t      thread;
};

/* A test server that cannot do its part is the end of the test program. */
static void *
need(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static void
need_true(bool done)
{
	if (!done)
		abort();
}

/* ---- reading a request ---- */

static size_t
body_length(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");

	return line != NULL ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

static bool
is_whole(const char *text, size_t length)
{
	const char *end = strstr(text, "\r\n\r\n");

	return end != NULL && length >= (size_t)(end + 4 - text) + body_length(text);
}

static void
count_begun(struct local_server *server)
{
	pthread_mutex_lock(&server->mutex);
	server->begun_count++;
	pthread_mutex_unlock(&server->mutex);
}

/* NULL when the connection ends before the request does. */
static char *
read_request(const struct connection *connection)
{
	char *text = need(calloc(1, REQUEST_MAX_BYTES));
	size_t length = 0;

	while (!is_whole(text, length)) {
		ssize_t got = recv(connection->fd, text + length, REQUEST_MAX_BYTES - 1 - length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			free(text);
			return NULL;
		}
		if (length == 0)
			count_begun(connection->server);
		length += (size_t)got;
	}
	return text;
}

static int
keep_request(struct connection *connection, char *text)
{
	struct local_server *server = connection->server;
	int number = 0;

	pthread_mutex_lock(&server->mutex);
	need_true(server->request_count < REQUESTS_MAX);
	server->requests[server->request_count] = text;
	server->connection_of[server->request_count] = connection->number;
	number = ++server->request_count;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->mutex);
	return number;
}

/* ---- answering it ---- */

bool
local_send(const struct local_request *request, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t sent = send(request->fd, at, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool
local_send_text(const struct local_request *request, const char *text)
{
	return local_send(request, text, strlen(text));
}

static char *
format_answer(int status, const char *content_type, const char *headers, const char *body)
{
	char *text = NULL;

	need_true(asprintf(&text, "HTTP/1.1 %d Test\r\nContent-Length: %zu\r\n%s%s%s%s\r\n%s", status, strlen(body),
		content_type != NULL ? "Content-Type: " : "", content_type != NULL ? content_type : "",
		content_type != NULL ? "\r\n" : "", headers != NULL ? headers : "", body) > 0);
	return text;
}

bool
local_answer(const struct local_request *request, int status, const char *content_type, const char *headers,
    const char *body)
{
	char *text = format_answer(status, content_type, headers, body);
	bool sent = local_send_text(request, text);

	free(text);
	return sent;
}

void
local_hang(const struct local_request *request)
{
	char byte = 0;

	while (recv(request->fd, &byte, 1, 0) > 0)
		continue;
}

void
local_reset(const struct local_request *request)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(request->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static bool
serve_routes(const struct local_request *request)
{
	struct local_server *server = request->server;
	char *answer = NULL;
	bool sent = false;
	int i = 0;

	pthread_mutex_lock(&server->mutex);
	while (i < server->route_count &&
	    strncmp(request->text, server->routes[i].match, strlen(server->routes[i].match)) != 0)
		i++;
	if (i == server->route_count)
		answer = format_answer(404, "text/plain", NULL, "no such route");
	else if (server->routes[i].answer != NULL)
		answer = need(strdup(server->routes[i].answer));
	pthread_mutex_unlock(&server->mutex);
	sent = answer != NULL && local_send_text(request, answer);
	free(answer);
	return sent;
}

/* ---- connections ---- */

static void
close_connection(struct connection *connection)
{
	pthread_mutex_lock(&connection->server->mutex);
	close(connection->fd);
	connection->fd = -1;
	pthread_mutex_unlock(&connection->server->mutex);
}

static void *
serve_connection(void *context)
{
	struct connection *connection = context;
	struct local_server *server = connection->server;
	struct local_request request = { .server = server, .connection = connection->number, .fd = connection->fd };
	bool keep = true;

	while (keep) {
		char *text = read_request(connection);

		if (text == NULL)
			break;
		request.text = text;
		request.number = keep_request(connection, text);
		keep = server->handler != NULL ? server->handler(server->context, &request) : serve_routes(&request);
	}
	close_connection(connection);
	return NULL;
}

static void
add_connection(struct local_server *server, int fd)
{
	struct connection *connection = NULL;
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	pthread_mutex_lock(&server->mutex);
	need_true(server->accepted < CONNECTIONS_MAX);
	connection = &server->connections[server->accepted++];
	connection->server = server;
	connection->number = server->accepted;
	connection->fd = fd;
	need_true(pthread_create(&connection->thread, NULL, serve_connection, connection) == 0);
	pthread_mutex_unlock(&server->mutex);
}

static void *
accept_connections(void *context)
{
	struct local_server *server = context;
	int fd = -1;

	while ((fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		add_connection(server, fd);
	return NULL;
}

/* ---- the server ---- */

int
local_listen(int backlog, int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need_true(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, backlog) == 0 && getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	*port = ntohs(address.sin_port);
	return fd;
}

struct local_server *
local_server_start(local_handler *handler, void *context)
{
	struct local_server *server = need(calloc(1, sizeof(*server)));

	pthread_mutex_init(&server->mutex, NULL);
	pthread_cond_init(&server->changed, NULL);
	server->handler = handler;
	server->context = context;
	server->listen_fd = local_listen(SOMAXCONN, &server->port);
	snprintf(server->base, sizeof(server->base), "http://127.0.0.1:%d", server->port);
	need_true(pthread_create(&server->thread, NULL, accept_connections, server) == 0);
	return server;
}

static void
forget(struct local_server *server)
{
	for (int i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	server->request_count = 0;
	for (int i = 0; i < server->route_count; i++) {
		free(server->routes[i].match);
		free(server->routes[i].answer);
	}
	server->route_count = 0;
}

void
local_server_refuse(struct local_server *server)
{
	if (server->listen_fd < 0)
		return;
	shutdown(server->listen_fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listen_fd);
	server->listen_fd = -1;
}

void
local_server_stop(struct local_server *server)
{
	local_server_refuse(server);
	pthread_mutex_lock(&server->mutex);
	for (int i = 0; i < server->accepted; i++) {
		if (server->connections[i].fd >= 0)
			shutdown(server->connections[i].fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->mutex);
	for (int i = 0; i < server->accepted; i++)
		pthread_join(server->connections[i].thread, NULL);
	forget(server);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->mutex);
	free(server);
}

void
local_server_routes(struct local_server *server, const struct local_route *routes)
{
	pthread_mutex_lock(&server->mutex);
	forget(server);
	for (const struct local_route *r = routes; r->match != NULL; r++) {
		struct route *copy = &server->routes[server->route_count++];

		need_true(server->route_count <= ROUTES_MAX);
		copy->match = need(strdup(r->match));
		copy->answer = r->status != 0 ? format_answer(r->status, r->content_type, r->headers, r->body) : NULL;
	}
	pthread_mutex_unlock(&server->mutex);
}

int
local_server_port(const struct local_server *server)
{
	return server->port;
}

const char *
local_server_base(const struct local_server *server)
{
	return server->base;
}

static int
guarded(struct local_server *server, const int *value)
{
	int copy = 0;

	pthread_mutex_lock(&server->mutex);
	copy = *value;
	pthread_mutex_unlock(&server->mutex);
	return copy;
}

int
local_server_accepted(struct local_server *server)
{
	return guarded(server, &server->accepted);
}

int
local_server_open(struct local_server *server)
{
	int open = 0;

	pthread_mutex_lock(&server->mutex);
	for (int i = 0; i < server->accepted; i++)
		open += server->connections[i].fd >= 0;
	pthread_mutex_unlock(&server->mutex);
	return open;
}

int
local_server_begun(struct local_server *server)
{
	return guarded(server, &server->begun_count);
}

int
local_server_requests(struct local_server *server)
{
	return guarded(server, &server->request_count);
}

const char *
local_server_request(struct local_server *server, int number)
{
	const char *text = NULL;

	pthread_mutex_lock(&server->mutex);
	need_true(number >= 1 && number <= server->request_count);
	text = server->requests[number - 1];
	pthread_mutex_unlock(&server->mutex);
	return text;
}

int
local_server_connection_of(struct local_server *server, int number)
{
	need_true(number >= 1 && number <= local_server_requests(server));
	return guarded(server, &server->connection_of[number - 1]);
}

bool
local_server_wait(struct local_server *server, int requests)
{
	struct timespec until = { 0 };
	bool arrived = false;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MAX_S;
	pthread_mutex_lock(&server->mutex);
	while (server->request_count < requests &&
	    pthread_cond_timedwait(&server->changed, &server->mutex, &until) == 0)
		continue;
	arrived = server->request_count >= requests;
	pthread_mutex_unlock(&server->mutex);
	return arrived;
}
