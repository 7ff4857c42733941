#include "local_fcgi.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "fastcgi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
path_of(const struct request_input *input)
{
	struct request_rules rules = { .methods = ~0U, .query_allowed = true };
	struct request request;

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

/* Waits until as many threads as the body says are in here at the same time. */
static void
meet(const struct request_input *input)
{
	static atomic_size_t arrived[10];
	int64_t deadline_ms = clock_monotonic_ms() + FASTCGI_PATIENCE_MS;
	size_t wanted = (size_t)input->body[0] - '0';
	size_t ticket = atomic_fetch_add(&arrived[wanted], 1);

	while (atomic_load(&arrived[wanted]) < (ticket / wanted + 1) * wanted &&
	    clock_monotonic_ms() < deadline_ms)
		usleep(1000);
}

/* What a request leaves to be done after its answer. */
struct later {
	int  calls;
	int  went; /* how many /go there had been */
	bool waits;
};

static atomic_int gone;

static void
do_later(void *context)
{
	const struct later *later = context;
	int64_t deadline_ms = clock_monotonic_ms() + FASTCGI_PATIENCE_MS;

	if (!later->waits)
		usleep(LOCAL_FCGI_SLOW_MS * 1000);
	while (later->waits && atomic_load(&gone) == later->went && clock_monotonic_ms() < deadline_ms)
		usleep(1000);
	assert_int_equal(write(later->calls, "w", 1), 1);
}

/* The server lets go of work that it did and of work that it skipped. */
static void
let_go(void *context)
{
	struct later *later = context;

	assert_int_equal(write(later->calls, "f", 1), 1);
	free(later);
}

static void
leave_for_later(struct response *response, int calls, bool waits)
{
	struct later *later = malloc(sizeof(*later));

	assert_non_null(later);
	*later = (struct later){ .calls = calls, .went = atomic_load(&gone), .waits = waits };
	response_after(response, do_later, later, let_go);
}

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
		usleep(LOCAL_FCGI_SLOW_MS * 1000);
	if (strcmp(path, "/meet") == 0)
		meet(input);
	if (strcmp(path, "/hoard") == 0 || strcmp(path, "/release") == 0)
		hoard(path[1] == 'h');
	if (strcmp(path, "/later") == 0 || strcmp(path, "/last") == 0)
		leave_for_later(response, calls[1], strcmp(path, "/later") == 0);
	if (strcmp(path, "/go") == 0)
		atomic_fetch_add(&gone, 1);
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

int
local_fcgi_setup(void **state)
{
	struct local_fcgi *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	memcpy(fixture->directory, "/tmp/test-fcgi-XXXXXX", 22);
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/test.sock", fixture->directory);
	assert_int_equal(pipe2(fixture->calls, O_CLOEXEC | O_NONBLOCK), 0);
	*state = fixture;
	return 0;
}

int
local_fcgi_teardown(void **state)
{
	struct local_fcgi *fixture = *state;

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

void
local_fcgi_serve(struct local_fcgi *fixture, struct fcgi_server_options options)
{
	limit_descriptors();
	if (options.stop_grace_ms == 0)
		options.stop_grace_ms = LOCAL_FCGI_GRACE_MS;
	options.handler = handle;
	options.context = fixture->calls;
	exit((int)fcgi_server_run(&options));
}

pid_t
local_fcgi_fork(struct local_fcgi *fixture, struct fcgi_server_options options)
{
	pid_t child = 0;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		local_fcgi_serve(fixture, options);
	return child;
}

void
local_fcgi_await_socket(const char *path)
{
	int64_t deadline_ms = clock_monotonic_ms() + FASTCGI_PATIENCE_MS;
	int fd = -1;

	while ((fd = fastcgi_connect(path)) < 0 && clock_monotonic_ms() < deadline_ms)
		usleep(5000);
	assert_true(fd >= 0);
	close(fd);
}

void
local_fcgi_start(struct local_fcgi *fixture, struct fcgi_server_options options)
{
	options.socket_path = fixture->path;
	fixture->child = local_fcgi_fork(fixture, options);
	local_fcgi_await_socket(fixture->path);
}

int
local_fcgi_exit_status(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int64_t
local_fcgi_await_end(struct local_fcgi *fixture, enum fcgi_server_result expected)
{
	int64_t begin_ms = clock_monotonic_ms();
	pid_t child = fixture->child;

	fixture->child = 0;
	assert_int_equal(local_fcgi_exit_status(child), (int)expected);
	return clock_monotonic_ms() - begin_ms;
}

int64_t
local_fcgi_stop(struct local_fcgi *fixture, int signal_number)
{
	assert_int_equal(kill(fixture->child, signal_number), 0);
	return local_fcgi_await_end(fixture, FCGI_SERVER_OK);
}

size_t
local_fcgi_calls(struct local_fcgi *fixture)
{
	char bytes[4096];
	ssize_t count = read(fixture->calls[0], bytes, sizeof(bytes));

	return count < 0 ? 0 : (size_t)count;
}

void
local_fcgi_assert_serves(const char *path)
{
	int fd = fastcgi_connect(path);

	assert_true(fd >= 0);
	fastcgi_send_request(fd, 0, "/alive", "x=1");
	fastcgi_assert_answer(fd, "/alive complete 3 [x=1]");
	close(fd);
}
