/* The socket, as whoever starts a server and whoever connects to it find it. */
#include "http/listener.h"

#include "fastcgi.h"
#include "local_fcgi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void
the_socket_has_mode_0660_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077 };
	struct local_fcgi *fixture = *state;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t mask = umask(masks[i]);
		struct stat status;

		local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
		umask(mask);
		assert_int_equal(stat(fixture->path, &status), 0);
		assert_int_equal(status.st_mode, S_IFSOCK | 0660);
		local_fcgi_stop(fixture, SIGTERM);
	}
}

static void
a_socket_on_which_somebody_answers_is_not_taken_over(void **state)
{
	struct local_fcgi *fixture = *state;
	pid_t other = 0;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	other = local_fcgi_fork(fixture, (struct fcgi_server_options){ .threads = 1,
	    .socket_path = fixture->path });
	assert_int_equal(local_fcgi_exit_status(other), FCGI_SERVER_SOCKET_IN_USE);
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
of_many_that_start_at_once_exactly_one_gets_the_socket(void **state)
{
	struct local_fcgi *fixture = *state;
	pid_t children[8];
	size_t in_use = 0;

	/* A stale socket, which each of them would like to replace. */
	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	fixture->child = 0;
	for (size_t i = 0; i < 8; i++)
		children[i] = local_fcgi_fork(fixture, (struct fcgi_server_options){ .threads = 1,
		    .socket_path = fixture->path });
	local_fcgi_await_socket(fixture->path);
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
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_socket_on_which_nobody_answers_is_replaced(void **state)
{
	struct local_fcgi *fixture = *state;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	assert_int_equal(access(fixture->path, F_OK), 0);
	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
what_is_not_a_socket_is_left_alone(void **state)
{
	struct local_fcgi *fixture = *state;
	struct stat status;
	int fd = open(fixture->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	fixture->child = local_fcgi_fork(fixture, (struct fcgi_server_options){ .threads = 1,
	    .socket_path = fixture->path });
	local_fcgi_await_end(fixture, FCGI_SERVER_SOCKET_FAILED);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void
a_path_that_cannot_be_is_an_error(void **state)
{
	char too_long[200] = "/tmp/";
	const char *const paths[] = { "", "/nowhere/test.sock", too_long };
	struct local_fcgi *fixture = *state;

	memset(too_long + 5, 'x', sizeof(too_long) - 6);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		fixture->child = local_fcgi_fork(fixture, (struct fcgi_server_options){ .threads = 1,
		    .socket_path = paths[i] });
		local_fcgi_await_end(fixture, FCGI_SERVER_SOCKET_FAILED);
	}
}

static void
a_path_that_somebody_else_took_is_not_removed(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	assert_int_equal(unlink(fixture->path), 0);
	fd = open(fixture->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
	assert_int_equal(access(fixture->path, F_OK), 0);
}

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
start_with(struct local_fcgi *fixture, int fd, int number, const char *listen_fds, pid_t listen_pid)
{
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
	local_fcgi_serve(fixture, (struct fcgi_server_options){ .threads = 2 });
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
	struct local_fcgi *fixture = *state;
	int listener = listen_on(fixture->path);

	/* One after the other on the same socket: it outlives whoever serves it. */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start_with(fixture, listener, cases[i].number, cases[i].listen_fds,
		    cases[i].listen_pid);
		local_fcgi_assert_serves(fixture->path);
		assert_true(local_fcgi_stop(fixture, SIGTERM) < LOCAL_FCGI_SOON_MS);
		assert_int_equal(access(fixture->path, F_OK), 0);
	}
	close(listener);
}

static void
processes_that_share_a_socket_stop_one_by_one(void **state)
{
	struct local_fcgi *fixture = *state;
	int listener = listen_on(fixture->path);
	pid_t first = 0;

	start_with(fixture, listener, 0, NULL, 0);
	local_fcgi_assert_serves(fixture->path);
	first = fixture->child;
	start_with(fixture, listener, 0, NULL, 0);
	close(listener);
	for (size_t i = 0; i < 20; i++)
		local_fcgi_assert_serves(fixture->path);
	kill(first, SIGTERM);
	assert_int_equal(local_fcgi_exit_status(first), FCGI_SERVER_OK);
	for (size_t i = 0; i < 20; i++)
		local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
what_is_inherited_has_to_be_a_listening_unix_socket(void **state)
{
	struct local_fcgi *fixture = *state;
	int tcp = listen_on_loopback();
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	start_with(fixture, tcp, 0, NULL, 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NOT_UNIX);
	start_with(fixture, tcp, 3, "1", 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NOT_UNIX);
	start_with(fixture, pair[0], 0, NULL, 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NO_SOCKET);
	start_with(fixture, pair[0], 3, "1", 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NO_SOCKET);
	start_with(fixture, fixture->calls[0], 0, NULL, 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NO_SOCKET);
	/* More than the one that we would serve. */
	start_with(fixture, tcp, 3, "2", 0);
	local_fcgi_await_end(fixture, FCGI_SERVER_NO_SOCKET);
	close(tcp);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LOCAL_FCGI_TEST(the_socket_has_mode_0660_whatever_the_umask),
		LOCAL_FCGI_TEST(a_socket_on_which_somebody_answers_is_not_taken_over),
		LOCAL_FCGI_TEST(of_many_that_start_at_once_exactly_one_gets_the_socket),
		LOCAL_FCGI_TEST(a_socket_on_which_nobody_answers_is_replaced),
		LOCAL_FCGI_TEST(what_is_not_a_socket_is_left_alone),
		LOCAL_FCGI_TEST(a_path_that_cannot_be_is_an_error),
		LOCAL_FCGI_TEST(a_path_that_somebody_else_took_is_not_removed),
		LOCAL_FCGI_TEST(a_socket_is_inherited_as_descriptor_0_or_by_listen_fds_as_3),
		LOCAL_FCGI_TEST(processes_that_share_a_socket_stop_one_by_one),
		LOCAL_FCGI_TEST(what_is_inherited_has_to_be_a_listening_unix_socket),
	};

	return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
