/* Peers that are slow or silent, and a system that has nothing left. */
#include "http/fcgi_server.h"

#include "base/clock.h"
#include "fastcgi.h"
#include "local_fcgi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void
a_silent_peer_is_dropped_and_holds_up_nobody_else(void **state)
{
	struct local_fcgi *fixture = *state;
	int64_t begin_ms = 0;
	int silent[2];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 3, .peer_timeout_ms = 5000 });
	begin_ms = clock_monotonic_ms();
	silent[0] = fastcgi_connect(fixture->path);
	silent[1] = fastcgi_connect(fixture->path);
	fastcgi_send_begin(silent[1], 0);
	fastcgi_send_params(silent[1], (const char *const[]){ FASTCGI_POST, NULL });
	for (size_t i = 0; i < 10; i++)
		local_fcgi_assert_serves(fixture->path);
	assert_true(clock_monotonic_ms() - begin_ms < 4900);
	for (size_t i = 0; i < 2; i++)
		fastcgi_assert_not_answered(silent[i]);
	assert_in_range(clock_monotonic_ms() - begin_ms, 4900, 15000);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
as_many_silent_peers_as_threads_hold_up_the_others_for_their_time_only(void **state)
{
	struct local_fcgi *fixture = *state;
	int silent[6];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2, .peer_timeout_ms = 300 });
	for (size_t i = 0; i < 6; i++)
		silent[i] = fastcgi_connect(fixture->path);
	local_fcgi_assert_serves(fixture->path);
	for (size_t i = 0; i < 6; i++)
		fastcgi_assert_not_answered(silent[i]);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_byte_now_and_then_does_not_prolong_the_time(void **state)
{
	static const char bytes[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\177\177\0\0";
	struct local_fcgi *fixture = *state;
	int64_t begin_ms = 0;
	size_t sent = 0;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 500 });
	begin_ms = clock_monotonic_ms();
	fd = fastcgi_connect(fixture->path);
	while (send(fd, sent < sizeof(bytes) ? &bytes[sent] : "x", 1, MSG_NOSIGNAL) == 1) {
		assert_true(clock_monotonic_ms() - begin_ms < FASTCGI_PATIENCE_MS);
		sent++;
		usleep(50000);
	}
	assert_in_range(clock_monotonic_ms() - begin_ms, 450, 5000);
	fastcgi_assert_not_answered(fd);
	assert_int_equal(local_fcgi_calls(fixture), 0);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_peer_that_does_not_take_its_answer_is_dropped(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 500 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/large", "");
	local_fcgi_assert_serves(fixture->path);
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_peer_that_is_gone_when_the_answer_comes_costs_nothing(void **state)
{
	struct local_fcgi *fixture = *state;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 2; i++) {
		int fd = fastcgi_connect(fixture->path);

		fastcgi_send_request(fd, i == 0 ? 0 : FASTCGI_KEEP, "/slow", "");
		close(fd);
	}
	local_fcgi_assert_serves(fixture->path);
	assert_int_equal(local_fcgi_calls(fixture), 3);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
the_time_of_the_peer_is_not_the_handlers(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 100 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/slow", "");
	fastcgi_assert_answer(fd, "/slow complete 0 []");
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_kept_connection_without_a_request_is_closed(void **state)
{
	struct local_fcgi *fixture = *state;
	int64_t begin_ms = 0;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 250,
	    .idle_timeout_ms = 1000 });
	fd = fastcgi_connect(fixture->path);
	begin_ms = clock_monotonic_ms();
	fastcgi_send_request(fd, FASTCGI_KEEP, "/", "");
	fastcgi_assert_answer(fd, "/ complete 0 []");
	assert_true(fastcgi_is_closed(fd));
	assert_in_range(clock_monotonic_ms() - begin_ms, 1000, LOCAL_FCGI_SOON_MS);
	close(fd);
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static size_t
thread_count(pid_t child)
{
	char path[64] = "";
	size_t count = 0;
	DIR *directory = NULL;

	snprintf(path, sizeof(path), "/proc/%d/task", child);
	directory = opendir(path);
	assert_non_null(directory);
	for (struct dirent *entry = NULL; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static size_t
socket_count(pid_t process)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++) {
		char path[64] = "";
		char target[8] = "";

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", process, fd);
		count += readlink(path, target, sizeof(target) - 1) > 0 &&
		    strcmp(target, "socket:") == 0;
	}
	return count;
}

/*
 * Waits until the child has the listener, two descriptors for each connection,
 * and no other socket than those that the test itself was started with.
 */
static void
await_connections(pid_t child, size_t connections, size_t others)
{
	int64_t deadline_ms = clock_monotonic_ms() + FASTCGI_PATIENCE_MS;
	size_t expected = others + 1 + 2 * connections;

	while (socket_count(child) != expected && clock_monotonic_ms() < deadline_ms)
		usleep(10000);
	assert_int_equal(socket_count(child), expected);
}

/* So many threads are at work at the same time. */
static void
assert_parallel(const char *path, size_t threads)
{
	char body[2] = { (char)('0' + threads), '\0' };
	char expected[64] = "";
	int fds[9];

	assert_in_range(threads, 1, 9);
	snprintf(expected, sizeof(expected), "/meet complete 1 [%s]", body);
	for (size_t i = 0; i < threads; i++) {
		fds[i] = fastcgi_connect(path);
		fastcgi_send_request(fds[i], 0, "/meet", body);
	}
	for (size_t i = 0; i < threads; i++) {
		fastcgi_assert_answer(fds[i], expected);
		close(fds[i]);
	}
}

static void
running_out_of_descriptors_loses_no_thread_and_no_connection(void **state)
{
	struct local_fcgi *fixture = *state;
	size_t sockets = socket_count(getpid());
	size_t threads = 0;
	int hoarder = -1;
	int fds[20];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 8 });
	/* All threads have been started. */
	assert_parallel(fixture->path, 8);
	threads = thread_count(fixture->child);
	hoarder = fastcgi_connect(fixture->path);
	fastcgi_send_request(hoarder, FASTCGI_KEEP, "/", "");
	fastcgi_assert_answer(hoarder, "/ complete 0 []");
	for (size_t round = 0; round < 3; round++) {
		await_connections(fixture->child, 1, sockets);
		fastcgi_send_request(hoarder, FASTCGI_KEEP, "/hoard", "");
		fastcgi_assert_answer(hoarder, "/hoard complete 0 []");
		local_fcgi_calls(fixture);
		for (size_t i = 0; i < 20; i++) {
			fds[i] = fastcgi_connect(fixture->path);
			assert_true(fds[i] >= 0);
			fastcgi_send_request(fds[i], 0, "/", "");
		}
		usleep(300000);
		assert_int_equal(local_fcgi_calls(fixture), 0);
		fastcgi_send_request(hoarder, FASTCGI_KEEP, "/release", "");
		fastcgi_assert_answer(hoarder, "/release complete 0 []");
		for (size_t i = 0; i < 20; i++) {
			fastcgi_assert_answer(fds[i], "/ complete 0 []");
			close(fds[i]);
		}
		assert_parallel(fixture->path, 7);
	}
	assert_int_equal(thread_count(fixture->child), threads);
	close(hoarder);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
descriptors_are_given_back(void **state)
{
	struct local_fcgi *fixture = *state;
	size_t sockets = socket_count(getpid());

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2 });
	for (size_t i = 0; i < 200; i++) {
		int fd = fastcgi_connect(fixture->path);

		if (i % 2 == 0)
			fastcgi_send_request(fd, i % 4 == 0 ? FASTCGI_KEEP : 0, "/", "");
		close(fd);
	}
	local_fcgi_assert_serves(fixture->path);
	await_connections(fixture->child, 0, sockets);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
threads_that_cannot_be_had_are_an_error(void **state)
{
	static const int counts[] = { 0, -1, FCGI_SERVER_THREADS_MAX + 1 };
	struct local_fcgi *fixture = *state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		fixture->child = local_fcgi_fork(fixture, (struct fcgi_server_options){
		    .threads = counts[i], .socket_path = fixture->path });
		local_fcgi_await_end(fixture, FCGI_SERVER_NO_THREADS);
		assert_int_equal(access(fixture->path, F_OK), -1);
	}
}

static void
a_server_that_gets_only_some_of_its_threads_does_not_serve(void **state)
{
	struct local_fcgi *fixture = *state;
	struct rlimit enough;
	struct rlimit few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &enough), 0);
	few = enough;
	few.rlim_cur = 32;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	fixture->child = local_fcgi_fork(fixture, (struct fcgi_server_options){ .threads = 64,
	    .socket_path = fixture->path });
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &enough), 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NO_THREADS);
	assert_int_equal(access(fixture->path, F_OK), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LOCAL_FCGI_TEST(a_silent_peer_is_dropped_and_holds_up_nobody_else),
		LOCAL_FCGI_TEST(as_many_silent_peers_as_threads_hold_up_the_others_for_their_time_only),
		LOCAL_FCGI_TEST(a_byte_now_and_then_does_not_prolong_the_time),
		LOCAL_FCGI_TEST(a_peer_that_does_not_take_its_answer_is_dropped),
		LOCAL_FCGI_TEST(a_peer_that_is_gone_when_the_answer_comes_costs_nothing),
		LOCAL_FCGI_TEST(the_time_of_the_peer_is_not_the_handlers),
		LOCAL_FCGI_TEST(a_kept_connection_without_a_request_is_closed),
		LOCAL_FCGI_TEST(running_out_of_descriptors_loses_no_thread_and_no_connection),
		LOCAL_FCGI_TEST(descriptors_are_given_back),
		LOCAL_FCGI_TEST(threads_that_cannot_be_had_are_an_error),
		LOCAL_FCGI_TEST(a_server_that_gets_only_some_of_its_threads_does_not_serve),
	};

	return cmocka_run_group_tests_name("fcgi_server_limits", tests, NULL, NULL);
}
