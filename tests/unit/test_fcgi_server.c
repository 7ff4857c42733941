/* Requests of well-behaved and of broken web servers, one after the other and many at once. */
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
a_request_is_answered_and_the_connection_closed(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/start-verify", "task=a");
	fastcgi_assert_answer(fd, "/start-verify complete 6 [task=a]");
	assert_true(fastcgi_is_closed(fd));
	close(fd);
	assert_int_equal(local_fcgi_calls(fixture), 1);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
requests_follow_each_other_on_a_kept_connection(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, FASTCGI_KEEP, "/one", "a=1");
	fastcgi_assert_answer(fd, "/one complete 3 [a=1]");
	fastcgi_send_request(fd, FASTCGI_KEEP, "/two", "");
	fastcgi_assert_answer(fd, "/two complete 0 []");
	fastcgi_send_request(fd, 0, "/three", "b=22");
	fastcgi_assert_answer(fd, "/three complete 4 [b=22]");
	assert_true(fastcgi_is_closed(fd));
	close(fd);
	assert_int_equal(local_fcgi_calls(fixture), 3);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_body_whose_end_comes_late_leaves_nothing_behind(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, FASTCGI_KEEP);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, "DOCUMENT_URI=/late",
	    "CONTENT_LENGTH=3", NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	fastcgi_send_body(fd, "a=1", 3);
	usleep(100000);
	assert_int_equal(local_fcgi_calls(fixture), 0);
	fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
	fastcgi_assert_answer(fd, "/late complete 3 [a=1]");
	fastcgi_send_request(fd, FASTCGI_KEEP, "/next", "b=2");
	fastcgi_assert_answer(fd, "/next complete 3 [b=2]");
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_body_without_a_length_is_read_to_its_end(void **state)
{
	static const char *const lengths[] = { "CONTENT_LENGTH=", "NO_LENGTH=1" };
	struct local_fcgi *fixture = *state;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 2; i++) {
		int fd = fastcgi_connect(fixture->path);

		fastcgi_send_begin(fd, 0);
		fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, lengths[i], NULL });
		fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
		fastcgi_send_body(fd, "a=1", 3);
		fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
		fastcgi_assert_answer(fd, " complete 3 [a=1]");
		close(fd);
	}
	local_fcgi_stop(fixture, SIGTERM);
}

/* The peer stops in the middle: what it sent, and that it sends no more. */
static void
a_request_whose_variables_were_cut_off_never_reaches_the_handler(void **state)
{
	static const unsigned char half_pair[] = { 14, 4, 'R', 'E', 'Q', 'U' };
	struct local_fcgi *fixture = *state;
	int fds[4];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < 4; i++) {
		fds[i] = fastcgi_connect(fixture->path);
		fastcgi_send_begin(fds[i], FASTCGI_KEEP);
	}
	/* Between two variables, which libfcgi takes for a whole request. */
	fastcgi_send_params(fds[0], (const char *const[]){ FASTCGI_POST, NULL });
	/* Inside of one. */
	fastcgi_send_record(fds[1], FASTCGI_PARAMS, half_pair, sizeof(half_pair));
	/* The body before the end of the variables. */
	fastcgi_send_params(fds[2], (const char *const[]){ FASTCGI_POST, NULL });
	fastcgi_send_record(fds[2], FASTCGI_STDIN, "a=1", 3);
	/* fds[3]: before the first one. */
	for (size_t i = 0; i < 4; i++) {
		shutdown(fds[i], SHUT_WR);
		fastcgi_assert_not_answered(fds[i]);
	}
	assert_int_equal(local_fcgi_calls(fixture), 0);
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_body_that_was_cut_off_is_told_to_the_handler_and_not_given(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	/* The peer goes away. */
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, 0);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, "CONTENT_LENGTH=100", NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	fastcgi_send_body(fd, "a=1", 3);
	shutdown(fd, SHUT_WR);
	fastcgi_assert_answer(fd, " truncated 0 []");
	close(fd);
	/* The stream ends properly, and is shorter or longer than it should be. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const lengths[] = { "CONTENT_LENGTH=4", "CONTENT_LENGTH=2",
			"CONTENT_LENGTH=3x" };

		fd = fastcgi_connect(fixture->path);
		fastcgi_send_begin(fd, FASTCGI_KEEP);
		fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, lengths[i], NULL });
		fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
		fastcgi_send_body(fd, "a=1", 3);
		fastcgi_send_record(fd, FASTCGI_STDIN, NULL, 0);
		fastcgi_assert_answer(fd, " truncated 0 []");
		close(fd);
	}
	local_fcgi_stop(fixture, SIGTERM);
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
	struct local_fcgi *fixture = *state;
	char *body = calloc(1, 800001);
	int fd = -1;

	assert_non_null(body);
	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char whole[REQUEST_BODY_MAX_BYTES + 64] = "";

		memset(body, 'x', cases[i].length);
		snprintf(whole, sizeof(whole), "/ complete %d [%s]", REQUEST_BODY_MAX_BYTES,
		    i == 0 ? body : "");
		fastcgi_send_request(fd, FASTCGI_KEEP, "/", body);
		fastcgi_assert_answer(fd, cases[i].expected == NULL ? whole : cases[i].expected);
	}
	close(fd);
	free(body);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_body_without_end_is_not_read_for_ever(void **state)
{
	struct local_fcgi *fixture = *state;
	char block[8000];
	int64_t begin_ms = 0;
	int fd = -1;

	memset(block, 'x', sizeof(block));
	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1, .peer_timeout_ms = 1000 });
	begin_ms = clock_monotonic_ms();
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_begin(fd, FASTCGI_KEEP);
	fastcgi_send_params(fd, (const char *const[]){ FASTCGI_POST, NULL });
	fastcgi_send_record(fd, FASTCGI_PARAMS, NULL, 0);
	for (;;) {
		unsigned char header[8] = { 1, FASTCGI_STDIN, 0, 1, sizeof(block) >> 8,
			sizeof(block) & 0xff, 0, 0 };

		if (send(fd, header, sizeof(header), MSG_NOSIGNAL) != sizeof(header) ||
		    send(fd, block, sizeof(block), MSG_NOSIGNAL) != sizeof(block))
			break;
		assert_true(clock_monotonic_ms() - begin_ms < FASTCGI_PATIENCE_MS);
	}
	close(fd);
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
an_answer_nobody_gave_is_a_500(void **state)
{
	struct local_fcgi *fixture = *state;
	struct fastcgi_answer answer;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/nothing", "");
	fastcgi_receive_answer(fd, &answer);
	assert_true(answer.ended);
	assert_non_null(strstr(buffer_text(&answer.text), "Status: 500 Internal Server Error\r\n"));
	assert_non_null(strstr(buffer_text(&answer.text), "\"internal_error\""));
	buffer_free(&answer.text);
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_large_answer_arrives_whole(void **state)
{
	struct local_fcgi *fixture = *state;
	struct fastcgi_answer answer;
	const char *body = NULL;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, 0, "/large", "");
	fastcgi_receive_answer(fd, &answer);
	assert_true(answer.ended);
	body = strstr(buffer_text(&answer.text), "\r\n\r\n");
	assert_non_null(body);
	assert_int_equal(strlen(body + 4), RESPONSE_BODY_MAX_BYTES);
	buffer_free(&answer.text);
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
a_body_does_not_stay_in_memory(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, FASTCGI_KEEP, "/", "verification_code=123456");
	fastcgi_assert_answer(fd, "/ complete 24 [verification_code=123456]");
	fastcgi_send_request(fd, FASTCGI_KEEP, "/memory", "");
	fastcgi_assert_answer(fd, "wiped");
	close(fd);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
bytes_that_are_not_fastcgi_end_the_connection_only(void **state)
{
	static const char *const texts[] = { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\1\1", "\1",
		"\1\4\0\1", "\377\377\377\377\377\377\377\377" };
	struct local_fcgi *fixture = *state;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 1 });
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int fd = fastcgi_connect(fixture->path);

		fastcgi_send_bytes(fd, texts[i], strlen(texts[i]));
		shutdown(fd, SHUT_WR);
		fastcgi_assert_not_answered(fd);
	}
	assert_int_equal(local_fcgi_calls(fixture), 0);
	local_fcgi_assert_serves(fixture->path);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
many_peers_at_once_are_all_answered(void **state)
{
	struct local_fcgi *fixture = *state;
	int fds[200];

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 64 });
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < 200; i++) {
			fds[i] = fastcgi_connect(fixture->path);
			assert_true(fds[i] >= 0);
			fastcgi_send_request(fds[i], i % 3 == 0 ? FASTCGI_KEEP : 0, "/many", "a=1");
			if (i % 3 == 0)
				shutdown(fds[i], SHUT_WR);
		}
		for (size_t i = 0; i < 200; i++) {
			fastcgi_assert_answer(fds[i], "/many complete 3 [a=1]");
			close(fds[i]);
		}
	}
	assert_int_equal(local_fcgi_calls(fixture), 1000);
	local_fcgi_stop(fixture, SIGTERM);
}

/* A request of its own, answered at once. */
static void
ask(const struct local_fcgi *fixture, const char *path)
{
	struct buffer expected;
	int fd = fastcgi_connect(fixture->path);

	buffer_init(&expected, 100);
	buffer_printf(&expected, "%s complete 0 []", path);
	fastcgi_send_request(fd, FASTCGI_KEEP, path, "");
	fastcgi_assert_answer(fd, buffer_text(&expected));
	buffer_free(&expected);
	close(fd);
}

/* Until that much was there: calls, work done, and work let go; more would be wrong. */
static void
await_calls(struct local_fcgi *fixture, size_t count)
{
	size_t seen = 0;

	for (int i = 0; seen < count && i < FASTCGI_PATIENCE_MS; i++) {
		seen += local_fcgi_calls(fixture);
		usleep(1000);
	}
	assert_int_equal(seen, count);
}

static void
work_left_for_later_delays_neither_its_answer_nor_another(void **state)
{
	struct local_fcgi *fixture = *state;
	int fd = -1;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 2 });
	local_fcgi_calls(fixture);
	fd = fastcgi_connect(fixture->path);
	fastcgi_send_request(fd, FASTCGI_KEEP, "/later", "");
	fastcgi_assert_answer(fd, "/later complete 0 []");
	/* A web server that kept it would send the next request here, to wait for the work. */
	assert_true(fastcgi_is_closed(fd));
	close(fd);
	ask(fixture, "/");
	await_calls(fixture, 2);
	ask(fixture, "/go");
	await_calls(fixture, 3);
	local_fcgi_stop(fixture, SIGTERM);
}

static void
work_left_for_later_takes_half_of_the_threads_at_most(void **state)
{
	struct local_fcgi *fixture = *state;

	local_fcgi_start(fixture, (struct fcgi_server_options){ .threads = 4 });
	local_fcgi_calls(fixture);
	for (int i = 0; i < 5; i++)
		ask(fixture, "/later");
	await_calls(fixture, 5 + 3); /* three are let go at once */
	ask(fixture, "/go");
	await_calls(fixture, 1 + 2 * 2); /* the other two are done, and let go */
	ask(fixture, "/last");
	await_calls(fixture, 1 + 2);
	local_fcgi_stop(fixture, SIGTERM);
	assert_int_equal(local_fcgi_calls(fixture), 0);
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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		LOCAL_FCGI_TEST(a_request_is_answered_and_the_connection_closed),
		LOCAL_FCGI_TEST(requests_follow_each_other_on_a_kept_connection),
		LOCAL_FCGI_TEST(a_body_whose_end_comes_late_leaves_nothing_behind),
		LOCAL_FCGI_TEST(a_body_without_a_length_is_read_to_its_end),
		LOCAL_FCGI_TEST(a_request_whose_variables_were_cut_off_never_reaches_the_handler),
		LOCAL_FCGI_TEST(a_body_that_was_cut_off_is_told_to_the_handler_and_not_given),
		LOCAL_FCGI_TEST(a_body_may_have_the_maximum_and_not_a_byte_more),
		LOCAL_FCGI_TEST(a_body_without_end_is_not_read_for_ever),
		LOCAL_FCGI_TEST(an_answer_nobody_gave_is_a_500),
		LOCAL_FCGI_TEST(a_large_answer_arrives_whole),
		LOCAL_FCGI_TEST(a_body_does_not_stay_in_memory),
		LOCAL_FCGI_TEST(bytes_that_are_not_fastcgi_end_the_connection_only),
		LOCAL_FCGI_TEST(many_peers_at_once_are_all_answered),
		LOCAL_FCGI_TEST(work_left_for_later_delays_neither_its_answer_nor_another),
		LOCAL_FCGI_TEST(work_left_for_later_takes_half_of_the_threads_at_most),
		cmocka_unit_test(every_result_has_a_sentence),
	};

	return cmocka_run_group_tests_name("fcgi_server", tests, NULL, NULL);
}
