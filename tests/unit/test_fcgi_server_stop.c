/* Signals: those that end a server, and those that do not. */
#include "http/fcgi_server.h"

#include "base/clock.h"
#include "fastcgi.h"
#include "local_fcgi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static void
a_signal_to_stop_ends_an_idle_server_at_once(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct local_fcgi *fixture = *state;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 4 });
		local_fcgi_assert_serves(fixture->path);
		assert_true(local_fcgi_stop(fixture, signals[i]) < LOCAL_FCGI_SOON_MS);
		assert_int_equal(access(fixture->path, F_OK), -1);
	}
}

static void
a_request_in_hand_is_finished(void **state)
{
	struct local_fcgi *fixture = *state;
	int64_t begin_ms = 0;
	int fds[2];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 4, .stop_grace_ms = 100 });
	for (size_t i = 0; i < 2; i++) {
		fds[i] = fastcgi_connect(fixture->path);
		fastcgi_send_request(fds[i], i == 0 ? 0 : FASTCGI_KEEP, "/slow", "a=1");
	}
	while (local_fcgi_calls(fixture) == 0)
		usleep(1000);
	usleep(50000);
	begin_ms = clock_monotonic_ms();
	kill(fixture->child, SIGTERM);
	for (size_t i = 0; i < 2; i++) {
		fastcgi_assert_answer(fds[i], "/slow complete 3 [a=1]");
		assert_true(fastcgi_is_closed(fds[i]));
		close(fds[i]);
	}
	local_fcgi_await_end(fixture, FCGI_SERVER_OK);
	assert_true(clock_monotonic_ms() - begin_ms < LOCAL_FCGI_SLOW_MS + LOCAL_FCGI_SOON_MS);
}

static void
work_left_for_after_the_answer_is_finished(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2 });
	local_fcgi_calls(fixture);
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/last", "");
	fastcgi_assert_answer(fd, "/last complete 0 []");
	kill(fixture->child, SIGTERM);
	local_fcgi_await_end(fixture, FCGI_SERVER_OK);
	assert_int_equal(local_fcgi_calls(fixture), 3); /* the request, its work, and what was let go of */
	close(fd);
}

static void
an_idle_kept_connection_does_not_delay_the_end(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, FASTCGI_KEEP, "/", "");
	fastcgi_assert_answer(fd, "/ complete 0 []");
	assert_true(local_fcgi_stop(fixture, SIGTERM) < LOCAL_FCGI_SOON_MS);
	assert_true(fastcgi_is_closed(fd));
	close(fd);
}

static void
a_request_that_does_not_arrive_is_not_waited_for(void **state)
{
	struct local_fcgi *fixture = *state;
	int64_t took_ms = 0;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2, .stop_grace_ms = 500 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, 0);
	usleep(100000);
	took_ms = local_fcgi_stop(fixture, SIGTERM);
	assert_in_range(took_ms, 400, LOCAL_FCGI_SOON_MS);
	fastcgi_assert_not_answered(fd);
	assert_int_equal(local_fcgi_calls(fixture), 0);
}

static void
a_request_that_arrives_within_the_grace_is_answered(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, FASTCGI_KEEP);
	usleep(100000);
	kill(fixture->child, SIGTERM);
	usleep(100000);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
	fastcgi_assert_answer(fd, " complete 0 []");
	assert_true(local_fcgi_await_end(fixture, FCGI_SERVER_OK) < LOCAL_FCGI_SOON_MS);
	close(fd);
}

static void
other_signals_disturb_nothing(void **state)
{
	static const int signals[] = { SIGUSR2, SIGALRM, SIGPIPE, SIGCHLD, SIGQUIT, SIGWINCH };
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, 0);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		fastcgi_send_body(fd, "x", 1);
		usleep(20000);
		assert_int_equal(kill(fixture->child, signals[i]), 0);
	}
	kill(fixture->child, SIGSTOP);
	usleep(20000);
	kill(fixture->child, SIGCONT);
	fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
	fastcgi_assert_answer(fd, " complete 6 [xxxxxx]");
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LOCAL_FCGI_TEST(a_signal_to_stop_ends_an_idle_server_at_once),
		LOCAL_FCGI_TEST(a_request_in_hand_is_finished),
		LOCAL_FCGI_TEST(work_left_for_after_the_answer_is_finished),
		LOCAL_FCGI_TEST(an_idle_kept_connection_does_not_delay_the_end),
		LOCAL_FCGI_TEST(a_request_that_does_not_arrive_is_not_waited_for),
		LOCAL_FCGI_TEST(a_request_that_arrives_within_the_grace_is_answered),
		LOCAL_FCGI_TEST(other_signals_disturb_nothing),
	};

	return cmocka_run_group_tests_name("fcgi_server_stop", tests, NULL, NULL);
}
