/*
 * The server runs in a child process; the test is its web server and speaks
 * FastCGI records, whole ones and broken ones.
 */
#include "http/fcgi_server.h"

#include "base/buffer.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* FastCGI 1.0, section 8. */
#define RECORD_BEGIN        1
#define RECORD_END          3
#define RECORD_PARAMS       4
#define RECORD_STDIN        5
#define RECORD_STDOUT       6
#define RECORD_CONTENT_MAX  65535
#define ROLE_RESPONDER      1
#define FLAG_KEEP           1

/* Long enough for a slow machine with a sanitizer; reached only when something is wrong. */
#define PATIENCE_MS 20000

#define SLOW_MS 400

#define POST "REQUEST_METHOD=POST", "REMOTE_ADDR=192.0.2.7"

/* What a test works with. */
struct fixture {
	char  directory[32];
	char  path[64];
	pid_t child;
	int   calls[2]; /* pipe: the handler writes a byte per call */
};

struct answer {
	struct buffer text;
	bool          ended; /* END_REQUEST came */
};

/* The handler, in the child */

static const char *
path_of(const struct request_input *input)
{
	struct request_rules rules = { .methods = ~0U, .query_allowed = true };
	static _Thread_local struct request request;

	request_read(input, &rules, &request);
	return request.path;
}

static bool
is_wiped(const char *memory, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (memory[i] != '\0')
			return false;
	return true;
}

/* Takes every descriptor there is, or gives them back. */
static void
hoard(bool take)
{
	static int hoarded[4096];
	static size_t count;

	while (take && count < sizeof(hoarded) / sizeof(hoarded[0]) &&
	    (hoarded[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		count++;
	while (!take && count > 0)
		close(hoarded[--count]);
}

/* Does what the request's path says, and answers with an echo where there is nothing else to say. */
static void
handle(void *context, const struct request_input *input, struct response *response)
{
	static const char *const arrivals[] = { "complete", "truncated", "too large" };
	const int *calls = context;
	const char *path = path_of(input);
	struct buffer text;

	assert_int_equal(write(calls[1], "c", 1), 1);
	buffer_init(&text, RESPONSE_BODY_MAX_BYTES);
	if (strcmp(path, "/slow") == 0)
		usleep(SLOW_MS * 1000);
	if (strcmp(path, "/hoard") == 0 || strcmp(path, "/release") == 0)
		hoard(path[1] == 'h');
	if (strcmp(path, "/large") == 0)
		while (text.length < RESPONSE_BODY_MAX_BYTES)
			buffer_add(&text, "0123456789abcdef", 16);
	else if (strcmp(path, "/memory") == 0)
		buffer_add_text(&text, is_wiped(input->body, 100) ? "wiped" : "not wiped");
	else
		buffer_printf(&text, "%s %s %zu [%.*s]", path, arrivals[input->arrival],
		    input->body_length, (int)input->body_length, input->body);
	if (strcmp(path, "/nothing") != 0)
		response_text(response, 200, "text/plain", buffer_text(&text));
	buffer_free(&text);
}

/* Starting and stopping */

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	memcpy(fixture->directory, "/tmp/test-fcgi-XXXXXX", 22);
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/test.sock", fixture->directory);
	assert_int_equal(pipe2(fixture->calls, O_CLOEXEC | O_NONBLOCK), 0);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->child > 0) {
		kill(fixture->child, SIGKILL);
		waitpid(fixture->child, NULL, 0);
	}
	unlink(fixture->path);
	rmdir(fixture->directory);
	close(fixture->calls[0]);
	close(fixture->calls[1]);
	free(fixture);
	return 0;
}

/* What one process can use up quickly. */
static void
limit_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1024) {
		limit.rlim_cur = 1024;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* What the child exits with is the server's result. */
static pid_t
fork_server(struct fixture *fixture, struct fcgi_server_options options)
{
	pid_t child = 0;

	options.handler = handle;
	options.context = fixture->calls;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		limit_descriptors();
		exit((int)fcgi_server_run(&options));
	}
	return child;
}

static int
connect_to(const char *path)
{
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void
await_socket(const char *path)
{
	int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
	int fd = -1;

	while ((fd = connect_to(path)) < 0 && clock_monotonic_ms() < deadline_ms)
		usleep(5000);
	assert_true(fd >= 0);
	close(fd);
}

static void
start(struct fixture *fixture, struct fcgi_server_options options)
{
	options.socket_path = fixture->path;
	fixture->child = fork_server(fixture, options);
	await_socket(fixture->path);
}

static int
exit_status_of(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Waits for the end of the child and returns how long that took. */
static int64_t
await_end(struct fixture *fixture, enum fcgi_server_result expected)
{
	int64_t begin_ms = clock_monotonic_ms();
	pid_t child = fixture->child;

	fixture->child = 0;
	assert_int_equal(exit_status_of(child), (int)expected);
	return clock_monotonic_ms() - begin_ms;
}

static int64_t
stop(struct fixture *fixture, int signal_number)
{
	assert_int_equal(kill(fixture->child, signal_number), 0);
	return await_end(fixture, FCGI_SERVER_OK);
}

static size_t
calls_of(struct fixture *fixture)
{
	char bytes[4096];
	ssize_t count = read(fixture->calls[0], bytes, sizeof(bytes));

	return count < 0 ? 0 : (size_t)count;
}

/* FastCGI records */

static void
send_bytes(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t count = send(fd, at, length, MSG_NOSIGNAL);

		assert_true(count > 0);
		at += count;
		length -= (size_t)count;
	}
}

static void
send_record(int fd, int type, const void *content, size_t length)
{
	unsigned char header[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8),
		(unsigned char)(length & 0xff), 0, 0 };

	assert_true(length <= RECORD_CONTENT_MAX);
	send_bytes(fd, header, sizeof(header));
	send_bytes(fd, content, length);
}

static void
send_begin(int fd, int flags)
{
	unsigned char content[8] = { 0, ROLE_RESPONDER, (unsigned char)flags };

	send_record(fd, RECORD_BEGIN, content, sizeof(content));
}

static void
add_length(struct buffer *out, size_t length)
{
	unsigned char bytes[4] = { (unsigned char)(length >> 24 | 0x80),
		(unsigned char)(length >> 16), (unsigned char)(length >> 8),
		(unsigned char)length };

	if (length < 128)
		assert_true(buffer_add(out, &bytes[3], 1));
	else
		assert_true(buffer_add(out, bytes, 4));
}

/* One record of name-value pairs, without the empty record that ends the stream. */
static void
send_params(int fd, const char *const *variables)
{
	struct buffer content;

	buffer_init(&content, RECORD_CONTENT_MAX);
	for (; *variables != NULL; variables++) {
		size_t name = strcspn(*variables, "=");
		const char *value = *variables + name + 1;

		add_length(&content, name);
		add_length(&content, strlen(value));
		assert_true(buffer_add(&content, *variables, name));
		assert_true(buffer_add_text(&content, value));
	}
	send_record(fd, RECORD_PARAMS, content.data, content.length);
	buffer_free(&content);
}

static void
send_body(int fd, const char *body, size_t length)
{
	while (length > 0) {
		size_t part = length < 8000 ? length : 8000;

		send_record(fd, RECORD_STDIN, body, part);
		body += part;
		length -= part;
	}
}

static void
send_request(int fd, int flags, const char *path, const char *body)
{
	char uri[64] = "";
	char length[64] = "";

	snprintf(uri, sizeof(uri), "DOCUMENT_URI=%s", path);
	snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", strlen(body));
	send_begin(fd, flags);
	send_params(fd, (const char *const[]){ POST, uri, length, NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	send_body(fd, body, strlen(body));
	send_record(fd, RECORD_STDIN, NULL, 0);
}

static bool
receive_bytes(int fd, void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0) {
		ssize_t count = recv(fd, at, length, 0);

		/* Not the end of the connection but of our patience. */
		assert_false(count < 0 && errno == EAGAIN);
		if (count <= 0)
			return false;
		at += count;
		length -= (size_t)count;
	}
	return true;
}

/* Reads to END_REQUEST, or to the end of the connection. */
static void
receive_answer(int fd, struct answer *answer)
{
	unsigned char header[8];

	answer->ended = false;
	buffer_init(&answer->text, RESPONSE_WRITTEN_MAX_BYTES);
	while (!answer->ended && receive_bytes(fd, header, sizeof(header))) {
		size_t length = (size_t)header[4] << 8 | header[5];
		char content[RECORD_CONTENT_MAX + 255];

		assert_true(receive_bytes(fd, content, length + header[6]));
		if (header[1] == RECORD_STDOUT)
			assert_true(buffer_add(&answer->text, content, length));
		answer->ended = header[1] == RECORD_END;
	}
}

static bool
is_closed(int fd)
{
	char byte = 0;

	return !receive_bytes(fd, &byte, 1);
}

/* The body of the answer that comes next is this text. */
static void
assert_answer(int fd, const char *expected)
{
	struct answer answer;
	const char *body = NULL;

	receive_answer(fd, &answer);
	assert_true(answer.ended);
	assert_int_equal(strncmp(buffer_text(&answer.text), "Status: 200 OK\r\n", 16), 0);
	body = strstr(buffer_text(&answer.text), "\r\n\r\n");
	assert_non_null(body);
	assert_string_equal(body + 4, expected);
	buffer_free(&answer.text);
}

/* The connection ends without a byte of an answer, and is closed here too. */
static void
assert_not_answered(int fd)
{
	struct answer answer;

	receive_answer(fd, &answer);
	assert_int_equal(answer.text.length, 0);
	buffer_free(&answer.text);
	close(fd);
}

/* A request on a connection of its own is answered: the server is alive. */
static void
assert_serves(const char *path)
{
	int fd = connect_to(path);

	assert_true(fd >= 0);
	send_request(fd, 0, "/alive", "x=1");
	assert_answer(fd, "/alive complete 3 [x=1]");
	close(fd);
}

/* Requests */

static void
a_request_is_answered_and_the_connection_closed(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_request(fd, 0, "/start-verify", "task=a");
	assert_answer(fd, "/start-verify complete 6 [task=a]");
	assert_true(is_closed(fd));
	close(fd);
	assert_int_equal(calls_of(fixture), 1);
	stop(fixture, SIGTERM);
}

static void
requests_follow_each_other_on_a_kept_connection(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_request(fd, FLAG_KEEP, "/one", "a=1");
	assert_answer(fd, "/one complete 3 [a=1]");
	send_request(fd, FLAG_KEEP, "/two", "");
	assert_answer(fd, "/two complete 0 []");
	send_request(fd, 0, "/three", "b=22");
	assert_answer(fd, "/three complete 4 [b=22]");
	assert_true(is_closed(fd));
	close(fd);
	assert_int_equal(calls_of(fixture), 3);
	stop(fixture, SIGTERM);
}

static void
a_body_whose_end_comes_late_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_begin(fd, FLAG_KEEP);
	send_params(fd, (const char *const[]){ POST, "DOCUMENT_URI=/late", "CONTENT_LENGTH=3",
	    NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	send_body(fd, "a=1", 3);
	usleep(100000);
	assert_int_equal(calls_of(fixture), 0);
	send_record(fd, RECORD_STDIN, NULL, 0);
	assert_answer(fd, "/late complete 3 [a=1]");
	send_request(fd, FLAG_KEEP, "/next", "b=2");
	assert_answer(fd, "/next complete 3 [b=2]");
	close(fd);
	stop(fixture, SIGTERM);
}

static void
a_body_without_a_length_is_read_to_its_end(void **state)
{
	static const char *const lengths[] = { "CONTENT_LENGTH=", "NO_LENGTH=1" };
	struct fixture *fixture = *state;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 2; i++) {
		int fd = connect_to(fixture->path);

		send_begin(fd, 0);
		send_params(fd, (const char *const[]){ POST, lengths[i], NULL });
		send_record(fd, RECORD_PARAMS, NULL, 0);
		send_body(fd, "a=1", 3);
		send_record(fd, RECORD_STDIN, NULL, 0);
		assert_answer(fd, " complete 3 [a=1]");
		close(fd);
	}
	stop(fixture, SIGTERM);
}

/* The peer stops in the middle: what it sent, and that it sends no more. */
static void
a_request_whose_variables_were_cut_off_never_reaches_the_handler(void **state)
{
	static const unsigned char half_pair[] = { 14, 4, 'R', 'E', 'Q', 'U' };
	struct fixture *fixture = *state;
	int fds[4];

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 4; i++) {
		fds[i] = connect_to(fixture->path);
		send_begin(fds[i], FLAG_KEEP);
	}
	/* Between two variables, which libfcgi takes for a whole request. */
	send_params(fds[0], (const char *const[]){ POST, NULL });
	/* Inside of one. */
	send_record(fds[1], RECORD_PARAMS, half_pair, sizeof(half_pair));
	/* The body before the end of the variables. */
	send_params(fds[2], (const char *const[]){ POST, NULL });
	send_record(fds[2], RECORD_STDIN, "a=1", 3);
	/* fds[3]: before the first one. */
	for (size_t i = 0; i < 4; i++) {
		shutdown(fds[i], SHUT_WR);
		assert_not_answered(fds[i]);
	}
	assert_int_equal(calls_of(fixture), 0);
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
a_body_that_was_cut_off_is_told_to_the_handler_and_not_given(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	/* The peer goes away. */
	fd = connect_to(fixture->path);
	send_begin(fd, 0);
	send_params(fd, (const char *const[]){ POST, "CONTENT_LENGTH=100", NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	send_body(fd, "a=1", 3);
	shutdown(fd, SHUT_WR);
	assert_answer(fd, " truncated 0 []");
	close(fd);
	/* The stream ends properly, and is shorter or longer than it should be. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const lengths[] = { "CONTENT_LENGTH=4", "CONTENT_LENGTH=2",
			"CONTENT_LENGTH=3x" };

		fd = connect_to(fixture->path);
		send_begin(fd, FLAG_KEEP);
		send_params(fd, (const char *const[]){ POST, lengths[i], NULL });
		send_record(fd, RECORD_PARAMS, NULL, 0);
		send_body(fd, "a=1", 3);
		send_record(fd, RECORD_STDIN, NULL, 0);
		assert_answer(fd, " truncated 0 []");
		close(fd);
	}
	stop(fixture, SIGTERM);
}

static void
a_body_may_have_the_maximum_and_not_a_byte_more(void **state)
{
	static const struct {
		size_t      length;
		const char *expected;
	} cases[] = {
		{ REQUEST_BODY_MAX_BYTES, NULL },
		{ REQUEST_BODY_MAX_BYTES + 1, "/ too large 0 []" },
		{ 2 * REQUEST_BODY_MAX_BYTES, "/ too large 0 []" },
		{ 800000, "/ too large 0 []" },
	};
	struct fixture *fixture = *state;
	char *body = calloc(1, 800001);
	int fd = -1;

	assert_non_null(body);
	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char whole[REQUEST_BODY_MAX_BYTES + 64] = "";

		memset(body, 'x', cases[i].length);
		snprintf(whole, sizeof(whole), "/ complete %d [%s]", REQUEST_BODY_MAX_BYTES,
		    i == 0 ? body : "");
		send_request(fd, FLAG_KEEP, "/", body);
		assert_answer(fd, cases[i].expected == NULL ? whole : cases[i].expected);
	}
	close(fd);
	free(body);
	stop(fixture, SIGTERM);
}

static void
a_body_without_end_is_not_read_for_ever(void **state)
{
	struct fixture *fixture = *state;
	char block[8000];
	int64_t begin_ms = 0;
	int fd = -1;

	memset(block, 'x', sizeof(block));
	start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 1000 });
	begin_ms = clock_monotonic_ms();
	fd = connect_to(fixture->path);
	send_begin(fd, FLAG_KEEP);
	send_params(fd, (const char *const[]){ POST, NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	for (;;) {
		unsigned char header[8] = { 1, RECORD_STDIN, 0, 1, sizeof(block) >> 8,
			sizeof(block) & 0xff, 0, 0 };

		if (send(fd, header, sizeof(header), MSG_NOSIGNAL) != sizeof(header) ||
		    send(fd, block, sizeof(block), MSG_NOSIGNAL) != sizeof(block))
			break;
		assert_true(clock_monotonic_ms() - begin_ms < PATIENCE_MS);
	}
	close(fd);
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
an_answer_nobody_gave_is_a_500(void **state)
{
	struct fixture *fixture = *state;
	struct answer answer;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_request(fd, 0, "/nothing", "");
	receive_answer(fd, &answer);
	assert_true(answer.ended);
	assert_non_null(strstr(buffer_text(&answer.text), "Status: 500 Internal Server Error\r\n"));
	assert_non_null(strstr(buffer_text(&answer.text), "\"internal_error\""));
	buffer_free(&answer.text);
	close(fd);
	stop(fixture, SIGTERM);
}

static void
a_large_answer_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	struct answer answer;
	const char *body = NULL;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_request(fd, 0, "/large", "");
	receive_answer(fd, &answer);
	assert_true(answer.ended);
	body = strstr(buffer_text(&answer.text), "\r\n\r\n");
	assert_non_null(body);
	assert_int_equal(strlen(body + 4), RESPONSE_BODY_MAX_BYTES);
	buffer_free(&answer.text);
	close(fd);
	stop(fixture, SIGTERM);
}

static void
a_body_does_not_stay_in_memory(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_request(fd, FLAG_KEEP, "/", "verification_code=123456");
	assert_answer(fd, "/ complete 24 [verification_code=123456]");
	send_request(fd, FLAG_KEEP, "/memory", "");
	assert_answer(fd, "wiped");
	close(fd);
	stop(fixture, SIGTERM);
}

static void
bytes_that_are_not_fastcgi_end_the_connection_only(void **state)
{
	static const char *const texts[] = { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\1\1", "\1",
		"\1\4\0\1", "\377\377\377\377\377\377\377\377" };
	struct fixture *fixture = *state;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int fd = connect_to(fixture->path);

		send_bytes(fd, texts[i], strlen(texts[i]));
		shutdown(fd, SHUT_WR);
		assert_not_answered(fd);
	}
	assert_int_equal(calls_of(fixture), 0);
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

/* Slow and silent peers */

static void
a_silent_peer_is_dropped_and_holds_up_nobody_else(void **state)
{
	struct fixture *fixture = *state;
	int64_t begin_ms = 0;
	int silent[2];

	start(fixture, (struct fcgi_server_options){ .threads = 3, .peer_timeout_ms = 1500 });
	begin_ms = clock_monotonic_ms();
	silent[0] = connect_to(fixture->path);
	silent[1] = connect_to(fixture->path);
	send_begin(silent[1], 0);
	send_params(silent[1], (const char *const[]){ POST, NULL });
	for (size_t i = 0; i < 10; i++)
		assert_serves(fixture->path);
	assert_true(clock_monotonic_ms() - begin_ms < 1400);
	for (size_t i = 0; i < 2; i++)
		assert_not_answered(silent[i]);
	assert_in_range(clock_monotonic_ms() - begin_ms, 1400, 5000);
	stop(fixture, SIGTERM);
}

static void
as_many_silent_peers_as_threads_hold_up_the_others_for_their_time_only(void **state)
{
	struct fixture *fixture = *state;
	int silent[6];

	start(fixture, (struct fcgi_server_options){ .threads = 2, .peer_timeout_ms = 300 });
	for (size_t i = 0; i < 6; i++)
		silent[i] = connect_to(fixture->path);
	assert_serves(fixture->path);
	for (size_t i = 0; i < 6; i++)
		assert_not_answered(silent[i]);
	stop(fixture, SIGTERM);
}

static void
a_byte_now_and_then_does_not_prolong_the_time(void **state)
{
	static const char bytes[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\177\177\0\0";
	struct fixture *fixture = *state;
	int64_t begin_ms = 0;
	size_t sent = 0;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 500 });
	begin_ms = clock_monotonic_ms();
	fd = connect_to(fixture->path);
	while (send(fd, sent < sizeof(bytes) ? &bytes[sent] : "x", 1, MSG_NOSIGNAL) == 1) {
		assert_true(clock_monotonic_ms() - begin_ms < PATIENCE_MS);
		sent++;
		usleep(50000);
	}
	assert_in_range(clock_monotonic_ms() - begin_ms, 450, 5000);
	assert_not_answered(fd);
	assert_int_equal(calls_of(fixture), 0);
	stop(fixture, SIGTERM);
}

static void
a_peer_that_does_not_take_its_answer_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 500 });
	fd = connect_to(fixture->path);
	send_request(fd, 0, "/large", "");
	assert_serves(fixture->path);
	close(fd);
	stop(fixture, SIGTERM);
}

static void
a_peer_that_is_gone_when_the_answer_comes_costs_nothing(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 2; i++) {
		int fd = connect_to(fixture->path);

		send_request(fd, i == 0 ? 0 : FLAG_KEEP, "/slow", "");
		close(fd);
	}
	assert_serves(fixture->path);
	assert_int_equal(calls_of(fixture), 3);
	stop(fixture, SIGTERM);
}

static void
the_time_of_the_peer_is_not_the_handlers(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 100 });
	fd = connect_to(fixture->path);
	send_request(fd, 0, "/slow", "");
	assert_answer(fd, "/slow complete 0 []");
	close(fd);
	stop(fixture, SIGTERM);
}

static void
a_kept_connection_without_a_request_is_closed(void **state)
{
	struct fixture *fixture = *state;
	int64_t begin_ms = 0;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 100,
	    .idle_timeout_ms = 700 });
	fd = connect_to(fixture->path);
	send_request(fd, FLAG_KEEP, "/", "");
	assert_answer(fd, "/ complete 0 []");
	begin_ms = clock_monotonic_ms();
	assert_true(is_closed(fd));
	assert_in_range(clock_monotonic_ms() - begin_ms, 600, 5000);
	close(fd);
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

/* Out of resources */

/* How many entries a directory of the process has: "fd" or "task". */
static size_t
count_of(pid_t child, const char *name)
{
	char path[64] = "";
	size_t count = 0;
	DIR *directory = NULL;

	snprintf(path, sizeof(path), "/proc/%d/%s", child, name);
	directory = opendir(path);
	assert_non_null(directory);
	for (struct dirent *entry = NULL; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

/* All threads at work at the same time. */
static void
assert_parallel(const char *path, size_t threads)
{
	int64_t begin_ms = clock_monotonic_ms();
	int fds[16];

	assert_true(threads <= sizeof(fds) / sizeof(fds[0]));
	for (size_t i = 0; i < threads; i++) {
		fds[i] = connect_to(path);
		send_request(fds[i], 0, "/slow", "");
	}
	for (size_t i = 0; i < threads; i++) {
		assert_answer(fds[i], "/slow complete 0 []");
		close(fds[i]);
	}
	assert_true(clock_monotonic_ms() - begin_ms < 2 * SLOW_MS);
}

static void
running_out_of_descriptors_loses_no_thread_and_no_connection(void **state)
{
	struct fixture *fixture = *state;
	size_t tasks = 0;
	int hoarder = -1;
	int fds[20];

	start(fixture, (struct fcgi_server_options){ .threads = 8 });
	/* All threads have been started. */
	assert_parallel(fixture->path, 8);
	hoarder = connect_to(fixture->path);
	for (size_t round = 0; round < 3; round++) {
		send_request(hoarder, FLAG_KEEP, "/hoard", "");
		assert_answer(hoarder, "/hoard complete 0 []");
		calls_of(fixture);
		tasks = count_of(fixture->child, "task");
		for (size_t i = 0; i < 20; i++) {
			fds[i] = connect_to(fixture->path);
			assert_true(fds[i] >= 0);
			send_request(fds[i], 0, "/", "");
		}
		usleep(300000);
		assert_int_equal(calls_of(fixture), 0);
		send_request(hoarder, FLAG_KEEP, "/release", "");
		assert_answer(hoarder, "/release complete 0 []");
		for (size_t i = 0; i < 20; i++) {
			assert_answer(fds[i], "/ complete 0 []");
			close(fds[i]);
		}
		assert_int_equal(count_of(fixture->child, "task"), tasks);
		assert_parallel(fixture->path, 7);
	}
	close(hoarder);
	stop(fixture, SIGTERM);
}

static void
descriptors_are_given_back(void **state)
{
	struct fixture *fixture = *state;
	size_t before = 0;

	start(fixture, (struct fcgi_server_options){ .threads = 2, .peer_timeout_ms = 200 });
	assert_serves(fixture->path);
	usleep(400000);
	before = count_of(fixture->child, "fd");
	for (size_t i = 0; i < 200; i++) {
		int fd = connect_to(fixture->path);

		if (i % 2 == 0)
			send_request(fd, i % 4 == 0 ? FLAG_KEEP : 0, "/", "");
		close(fd);
	}
	assert_serves(fixture->path);
	usleep(400000);
	assert_int_equal(count_of(fixture->child, "fd"), before);
	stop(fixture, SIGTERM);
}

static void
threads_that_cannot_be_had_are_an_error(void **state)
{
	static const int counts[] = { 0, -1, FCGI_SERVER_THREADS_MAX + 1 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		fixture->child = fork_server(fixture, (struct fcgi_server_options){
		    .threads = counts[i], .socket_path = fixture->path });
		await_end(fixture, FCGI_SERVER_NO_THREADS);
		assert_int_equal(access(fixture->path, F_OK), -1);
	}
}

/* The end */

static void
a_signal_to_stop_ends_an_idle_server_at_once(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		start(fixture, (struct fcgi_server_options){ .threads = 4 });
		assert_serves(fixture->path);
		assert_true(stop(fixture, signals[i]) < 1000);
		assert_int_equal(access(fixture->path, F_OK), -1);
	}
}

static void
a_request_in_hand_is_finished(void **state)
{
	struct fixture *fixture = *state;
	int64_t begin_ms = 0;
	int fds[2];

	start(fixture, (struct fcgi_server_options){ .threads = 4, .stop_grace_ms = 100 });
	for (size_t i = 0; i < 2; i++) {
		fds[i] = connect_to(fixture->path);
		send_request(fds[i], i == 0 ? 0 : FLAG_KEEP, "/slow", "a=1");
	}
	while (calls_of(fixture) == 0)
		usleep(1000);
	usleep(50000);
	begin_ms = clock_monotonic_ms();
	kill(fixture->child, SIGTERM);
	for (size_t i = 0; i < 2; i++) {
		assert_answer(fds[i], "/slow complete 3 [a=1]");
		assert_true(is_closed(fds[i]));
		close(fds[i]);
	}
	await_end(fixture, FCGI_SERVER_OK);
	assert_true(clock_monotonic_ms() - begin_ms < SLOW_MS + 1000);
}

static void
an_idle_kept_connection_does_not_delay_the_end(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 2 });
	fd = connect_to(fixture->path);
	send_request(fd, FLAG_KEEP, "/", "");
	assert_answer(fd, "/ complete 0 []");
	assert_true(stop(fixture, SIGTERM) < 1000);
	assert_true(is_closed(fd));
	close(fd);
}

static void
a_request_that_does_not_arrive_is_not_waited_for(void **state)
{
	struct fixture *fixture = *state;
	int64_t took_ms = 0;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 2, .stop_grace_ms = 500 });
	fd = connect_to(fixture->path);
	send_begin(fd, 0);
	usleep(100000);
	took_ms = stop(fixture, SIGTERM);
	assert_in_range(took_ms, 400, 3000);
	assert_not_answered(fd);
	assert_int_equal(calls_of(fixture), 0);
}

static void
a_request_that_arrives_within_the_grace_is_answered(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 2 });
	fd = connect_to(fixture->path);
	send_begin(fd, FLAG_KEEP);
	usleep(100000);
	kill(fixture->child, SIGTERM);
	usleep(100000);
	send_params(fd, (const char *const[]){ POST, NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	send_record(fd, RECORD_STDIN, NULL, 0);
	assert_answer(fd, " complete 0 []");
	assert_true(await_end(fixture, FCGI_SERVER_OK) < 1000);
	close(fd);
}

static void
other_signals_disturb_nothing(void **state)
{
	static const int signals[] = { SIGUSR2, SIGALRM, SIGPIPE, SIGCHLD, SIGQUIT, SIGWINCH };
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = connect_to(fixture->path);
	send_begin(fd, 0);
	send_params(fd, (const char *const[]){ POST, NULL });
	send_record(fd, RECORD_PARAMS, NULL, 0);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		send_body(fd, "x", 1);
		usleep(20000);
		assert_int_equal(kill(fixture->child, signals[i]), 0);
	}
	kill(fixture->child, SIGSTOP);
	usleep(20000);
	kill(fixture->child, SIGCONT);
	send_record(fd, RECORD_STDIN, NULL, 0);
	assert_answer(fd, " complete 6 [xxxxxx]");
	close(fd);
	stop(fixture, SIGTERM);
}

/* The socket */

static void
the_socket_has_mode_0660_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t mask = umask(masks[i]);
		struct stat status;

		start(fixture, (struct fcgi_server_options){ .threads = 1 });
		umask(mask);
		assert_int_equal(stat(fixture->path, &status), 0);
		assert_int_equal(status.st_mode, S_IFSOCK | 0660);
		stop(fixture, SIGTERM);
	}
}

static void
a_socket_on_which_somebody_answers_is_not_taken_over(void **state)
{
	struct fixture *fixture = *state;
	pid_t other = 0;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	other = fork_server(fixture, (struct fcgi_server_options){ .threads = 1,
	    .socket_path = fixture->path });
	assert_int_equal(exit_status_of(other), FCGI_SERVER_SOCKET_IN_USE);
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
of_many_that_start_at_once_exactly_one_gets_the_socket(void **state)
{
	struct fixture *fixture = *state;
	pid_t children[8];
	size_t in_use = 0;

	/* A stale socket, which each of them would like to replace. */
	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	fixture->child = 0;
	for (size_t i = 0; i < 8; i++)
		children[i] = fork_server(fixture, (struct fcgi_server_options){ .threads = 1,
		    .socket_path = fixture->path });
	await_socket(fixture->path);
	while (in_use < 7) {
		int status = 0;
		pid_t child = waitpid(-1, &status, 0);

		assert_true(child > 0);
		assert_int_equal(WEXITSTATUS(status), FCGI_SERVER_SOCKET_IN_USE);
		in_use++;
		for (size_t i = 0; i < 8; i++)
			if (children[i] == child)
				children[i] = 0;
	}
	for (size_t i = 0; i < 8; i++)
		if (children[i] != 0)
			fixture->child = children[i];
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
a_socket_on_which_nobody_answers_is_replaced(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	assert_int_equal(access(fixture->path, F_OK), 0);
	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
what_is_not_a_socket_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	int fd = open(fixture->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	fixture->child = fork_server(fixture, (struct fcgi_server_options){ .threads = 1,
	    .socket_path = fixture->path });
	await_end(fixture, FCGI_SERVER_SOCKET_FAILED);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void
a_path_that_cannot_be_is_an_error(void **state)
{
	char too_long[200] = "/tmp/";
	const char *const paths[] = { "", "/nowhere/test.sock", too_long };
	struct fixture *fixture = *state;

	memset(too_long + 5, 'x', sizeof(too_long) - 6);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		fixture->child = fork_server(fixture, (struct fcgi_server_options){ .threads = 1,
		    .socket_path = paths[i] });
		await_end(fixture, FCGI_SERVER_SOCKET_FAILED);
	}
}

static void
a_path_that_somebody_else_took_is_not_removed(void **state)
{
	struct fixture *fixture = *state;
	int fd = -1;

	start(fixture, (struct fcgi_server_options){ .threads = 1 });
	assert_int_equal(unlink(fixture->path), 0);
	fd = open(fixture->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	stop(fixture, SIGTERM);
	assert_int_equal(access(fixture->path, F_OK), 0);
}

/* Inherited sockets */

static int
listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 10), 0);
	return fd;
}

static int
listen_on_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 10), 0);
	return fd;
}

/* A child that has fd as descriptor number, and LISTEN_PID as systemd would set it, or another. */
static void
start_with(struct fixture *fixture, int fd, int number, const char *listen_fds, pid_t listen_pid)
{
	struct fcgi_server_options options = { .threads = 2, .handler = handle,
		.context = fixture->calls };
	char pid[16] = "";

	fflush(NULL);
	fixture->child = fork();
	assert_true(fixture->child >= 0);
	if (fixture->child > 0)
		return;
	/* The pipe may be where the listener has to be. */
	fixture->calls[1] = fcntl(fixture->calls[1], F_DUPFD, 10);
	fd = fcntl(fd, F_DUPFD, 10);
	dup2(open("/dev/null", O_RDWR), 0);
	if (dup2(fd, number) != number)
		exit(100);
	close(fd);
	snprintf(pid, sizeof(pid), "%d", listen_pid == 0 ? getpid() : listen_pid);
	if (listen_fds != NULL) {
		setenv("LISTEN_FDS", listen_fds, 1);
		setenv("LISTEN_PID", pid, 1);
	}
	exit((int)fcgi_server_run(&options));
}

static void
a_socket_is_inherited_as_descriptor_0_or_by_listen_fds_as_3(void **state)
{
	static const struct {
		int         number;
		const char *listen_fds;
		pid_t       listen_pid;
	} cases[] = {
		{ 0, NULL, 0 },
		{ 3, "1", 0 },
		{ 0, "1", 1 }, /* meant for process 1 */
	};
	struct fixture *fixture = *state;
	int listener = listen_on(fixture->path);

	/* One after the other on the same socket: it outlives whoever serves it. */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_with(fixture, listener, cases[i].number, cases[i].listen_fds,
		    cases[i].listen_pid);
		assert_serves(fixture->path);
		assert_true(stop(fixture, SIGTERM) < 1000);
		assert_int_equal(access(fixture->path, F_OK), 0);
	}
	close(listener);
}

static void
processes_that_share_a_socket_stop_one_by_one(void **state)
{
	struct fixture *fixture = *state;
	int listener = listen_on(fixture->path);
	pid_t first = 0;

	start_with(fixture, listener, 0, NULL, 0);
	first = fixture->child;
	start_with(fixture, listener, 0, NULL, 0);
	close(listener);
	for (size_t i = 0; i < 20; i++)
		assert_serves(fixture->path);
	kill(first, SIGTERM);
	assert_int_equal(exit_status_of(first), FCGI_SERVER_OK);
	for (size_t i = 0; i < 20; i++)
		assert_serves(fixture->path);
	stop(fixture, SIGTERM);
}

static void
what_is_inherited_has_to_be_a_listening_unix_socket(void **state)
{
	struct fixture *fixture = *state;
	int tcp = listen_on_loopback();
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	start_with(fixture, tcp, 0, NULL, 0);
	await_end(fixture, FCGI_SERVER_NOT_UNIX);
	start_with(fixture, tcp, 3, "1", 0);
	await_end(fixture, FCGI_SERVER_NOT_UNIX);
	start_with(fixture, pair[0], 0, NULL, 0);
	await_end(fixture, FCGI_SERVER_NO_SOCKET);
	start_with(fixture, pair[0], 3, "1", 0);
	await_end(fixture, FCGI_SERVER_NO_SOCKET);
	start_with(fixture, fixture->calls[0], 0, NULL, 0);
	await_end(fixture, FCGI_SERVER_NO_SOCKET);
	/* More than the one that we would serve. */
	start_with(fixture, tcp, 3, "2", 0);
	await_end(fixture, FCGI_SERVER_NO_SOCKET);
	close(tcp);
	close(pair[0]);
	close(pair[1]);
}

/* All at once */

static void
many_peers_at_once_are_all_answered(void **state)
{
	struct fixture *fixture = *state;
	int fds[200];

	start(fixture, (struct fcgi_server_options){ .threads = 64 });
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < 200; i++) {
			fds[i] = connect_to(fixture->path);
			assert_true(fds[i] >= 0);
			send_request(fds[i], i % 3 == 0 ? FLAG_KEEP : 0, "/many", "a=1");
			if (i % 3 == 0)
				shutdown(fds[i], SHUT_WR);
		}
		for (size_t i = 0; i < 200; i++) {
			assert_answer(fds[i], "/many complete 3 [a=1]");
			close(fds[i]);
		}
	}
	assert_int_equal(calls_of(fixture), 1000);
	stop(fixture, SIGTERM);
}

static void
every_result_has_a_sentence(void **state)
{
	(void)state;
	for (int i = FCGI_SERVER_OK; i <= FCGI_SERVER_NO_THREADS; i++)
		assert_int_equal(
		    strncmp(fcgi_server_result_text((enum fcgi_server_result)i), "not a ", 6) == 0,
		    0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered_and_the_connection_closed),
		TEST(requests_follow_each_other_on_a_kept_connection),
		TEST(a_body_whose_end_comes_late_leaves_nothing_behind),
		TEST(a_body_without_a_length_is_read_to_its_end),
		TEST(a_request_whose_variables_were_cut_off_never_reaches_the_handler),
		TEST(a_body_that_was_cut_off_is_told_to_the_handler_and_not_given),
		TEST(a_body_may_have_the_maximum_and_not_a_byte_more),
		TEST(a_body_without_end_is_not_read_for_ever),
		TEST(an_answer_nobody_gave_is_a_500),
		TEST(a_large_answer_arrives_whole),
		TEST(a_body_does_not_stay_in_memory),
		TEST(bytes_that_are_not_fastcgi_end_the_connection_only),
		TEST(a_silent_peer_is_dropped_and_holds_up_nobody_else),
		TEST(as_many_silent_peers_as_threads_hold_up_the_others_for_their_time_only),
		TEST(a_byte_now_and_then_does_not_prolong_the_time),
		TEST(a_peer_that_does_not_take_its_answer_is_dropped),
		TEST(a_peer_that_is_gone_when_the_answer_comes_costs_nothing),
		TEST(the_time_of_the_peer_is_not_the_handlers),
		TEST(a_kept_connection_without_a_request_is_closed),
		TEST(running_out_of_descriptors_loses_no_thread_and_no_connection),
		TEST(descriptors_are_given_back),
		TEST(threads_that_cannot_be_had_are_an_error),
		TEST(a_signal_to_stop_ends_an_idle_server_at_once),
		TEST(a_request_in_hand_is_finished),
		TEST(an_idle_kept_connection_does_not_delay_the_end),
		TEST(a_request_that_does_not_arrive_is_not_waited_for),
		TEST(a_request_that_arrives_within_the_grace_is_answered),
		TEST(other_signals_disturb_nothing),
		TEST(the_socket_has_mode_0660_whatever_the_umask),
		TEST(a_socket_on_which_somebody_answers_is_not_taken_over),
		TEST(of_many_that_start_at_once_exactly_one_gets_the_socket),
		TEST(a_socket_on_which_nobody_answers_is_replaced),
		TEST(what_is_not_a_socket_is_left_alone),
		TEST(a_path_that_cannot_be_is_an_error),
		TEST(a_path_that_somebody_else_took_is_not_removed),
		TEST(a_socket_is_inherited_as_descriptor_0_or_by_listen_fds_as_3),
		TEST(processes_that_share_a_socket_stop_one_by_one),
		TEST(what_is_inherited_has_to_be_a_listening_unix_socket),
		TEST(many_peers_at_once_are_all_answered),
		cmocka_unit_test(every_result_has_a_sentence),
	};

	return cmocka_run_group_tests_name("fcgi_server", tests, NULL, NULL);
}
