#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * Takes the place of stderr.  A datagram socket keeps each write(2) apart, so
 * one datagram is one write.
 */
struct capture {
	int  real_stderr;
	int  sockets[2];
	char line[LOG_LINE_MAX_BYTES * 2];
};

static int
start_capture(void **state)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	assert_non_null(capture);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, capture->sockets), 0);
	capture->real_stderr = dup(STDERR_FILENO);
	assert_true(capture->real_stderr >= 0);
	assert_int_equal(dup2(capture->sockets[1], STDERR_FILENO), STDERR_FILENO);
	*state = capture;
	return 0;
}

static int
stop_capture(void **state)
{
	struct capture *capture = *state;

	dup2(capture->real_stderr, STDERR_FILENO);
	close(capture->real_stderr);
	close(capture->sockets[0]);
	close(capture->sockets[1]);
	free(capture);
	return 0;
}

/* The next line, which has to be whole, short enough, and JSON.  The caller's to free. */
static struct json_object *
next_line(struct capture *capture)
{
	struct json_object *line = NULL;
	ssize_t length = recv(capture->sockets[0], capture->line, sizeof(capture->line) - 1,
	    MSG_DONTWAIT);

	assert_true(length > 0);
	assert_true(length <= LOG_LINE_MAX_BYTES);
	capture->line[length] = '\0';
	assert_ptr_equal(strchr(capture->line, '\n'), capture->line + length - 1);
	assert_int_equal(json_parse(capture->line, (size_t)length, 8, &line), JSON_OK);
	return line;
}

static void
assert_nothing_more(struct capture *capture)
{
	assert_true(recv(capture->sockets[0], capture->line, 1, MSG_DONTWAIT) < 0);
}

static void
a_message_is_one_line_in_one_write(void **state)
{
	struct capture *capture = *state;
	struct json_object *line = NULL;
	int64_t before = clock_now_ms();
	int64_t time = 0;

	log_message(LOG_LEVEL_INFO, "sys_startup", "%d threads", 64);
	line = next_line(capture);
	assert_nothing_more(capture);
	assert_int_equal(json_length(line), 5);
	assert_true(clock_parse(json_get_string(line, "time"), &time));
	assert_true(time >= before && time <= clock_now_ms());
	assert_int_equal(strlen(json_get_string(line, "time")), CLOCK_ISO8601_SIZE - 1);
	assert_string_equal(json_get_string(line, "level"), "info");
	assert_string_equal(json_get_string(line, "program"), program_invocation_short_name);
	assert_string_equal(json_get_string(line, "event"), "sys_startup");
	assert_string_equal(json_get_string(line, "message"), "64 threads");
	json_free(line);
}

static void
the_standard_members_come_first_and_in_order(void **state)
{
	static const char *const order[] = {
		"{\"time\":", ",\"level\":", ",\"program\":", ",\"event\":", ",\"zeta\":", ",\"alpha\":"
	};
	struct capture *capture = *state;
	struct json_object *fields = json_new_object();
	const char *at = NULL;

	json_add_int(fields, "zeta", 1);
	json_add_int(fields, "alpha", 2);
	log_fields(LOG_LEVEL_INFO, "event", fields);
	json_free(next_line(capture));
	at = capture->line;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
}

static void
every_level_has_its_name(void **state)
{
	static const struct {
		enum log_level level;
		const char    *name;
	} rows[] = {
		{ LOG_LEVEL_ERROR, "error" },
		{ LOG_LEVEL_WARNING, "warning" },
		{ LOG_LEVEL_INFO, "info" },
	};
	struct capture *capture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *line = NULL;

		log_message(rows[i].level, "event", "text");
		line = next_line(capture);
		assert_string_equal(json_get_string(line, "level"), rows[i].name);
		json_free(line);
	}
}

static void
fields_keep_their_types(void **state)
{
	struct capture *capture = *state;
	struct json_object *fields = json_new_object();
	struct json_object *inner = json_new_object();
	struct json_object *line = NULL;
	int64_t number = 0;
	bool yes = false;

	json_add_string(inner, "name", "Ana");
	json_add(fields, "agent", inner);
	json_add_int(fields, "status", 200);
	json_add_bool(fields, "ok", true);
	json_add_null(fields, "task");
	log_fields(LOG_LEVEL_WARNING, "verification_check", fields);
	line = next_line(capture);
	assert_int_equal(json_length(line), 8);
	assert_string_equal(json_get_string(json_get_object(line, "agent"), "name"), "Ana");
	assert_true(json_get_int(line, "status", &number) && number == 200);
	assert_true(json_get_bool(line, "ok", &yes) && yes);
	assert_non_null(strstr(capture->line, ",\"task\":null"));
	json_free(line);
}

static void
a_field_cannot_replace_a_standard_member(void **state)
{
	struct capture *capture = *state;
	struct json_object *fields = json_new_object();
	struct json_object *line = NULL;

	json_add_string(fields, "event", "forged");
	json_add_null(fields, "level");
	json_add_string(fields, "other", "kept");
	log_fields(LOG_LEVEL_ERROR, "real", fields);
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "event"), "real");
	assert_string_equal(json_get_string(line, "level"), "error");
	assert_string_equal(json_get_string(line, "other"), "kept");
	json_free(line);
}

static void
text_from_outside_cannot_forge_a_line(void **state)
{
	static const char forged[] = "x\"}\n{\"event\":\"forged\",\"a\":\"\r\x1b[2J\x7f";
	struct capture *capture = *state;
	struct json_object *line = NULL;

	log_message(LOG_LEVEL_INFO, "event", "%s", forged);
	line = next_line(capture);
	assert_nothing_more(capture);
	assert_string_equal(json_get_string(line, "message"), forged);
	assert_null(strchr(capture->line, '\x1b'));
	assert_null(strchr(capture->line, '\r'));
	json_free(line);
}

static void
text_that_is_not_utf8_is_logged_with_question_marks(void **state)
{
	struct capture *capture = *state;
	struct json_object *line = NULL;

	log_message(LOG_LEVEL_INFO, "event", "bad \xff\xc0\x80 bytes");
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "message"), "bad ??? bytes");
	json_free(line);

	log_message(LOG_LEVEL_INFO, "event", "good \xc3\xa9 bytes");
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "message"), "good \xc3\xa9 bytes");
	json_free(line);
}

static void
fill(char *text, size_t size, char with)
{
	memset(text, with, size - 1);
	text[size - 1] = '\0';
}

static void
a_message_that_fits_is_not_replaced(void **state)
{
	struct capture *capture = *state;
	struct json_object *line = NULL;
	char text[LOG_LINE_MAX_BYTES - 200];

	fill(text, sizeof(text), 'x');
	log_message(LOG_LEVEL_INFO, "event", "%s", text);
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "message"), text);
	json_free(line);
}

static void
a_message_that_is_too_long_becomes_a_line_that_says_so(void **state)
{
	/* Longer than a line; as long as a line; and one that only grows too long when escaped. */
	static const struct {
		size_t size;
		char   with;
	} rows[] = {
		{ LOG_LINE_MAX_BYTES * 3, 'x' },
		{ LOG_LINE_MAX_BYTES, 'x' },
		{ 1000, '\x01' },
	};
	struct capture *capture = *state;
	static char text[LOG_LINE_MAX_BYTES * 3];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *line = NULL;

		fill(text, rows[i].size, rows[i].with);
		log_message(LOG_LEVEL_WARNING, "event", "%s", text);
		line = next_line(capture);
		assert_nothing_more(capture);
		assert_string_equal(json_get_string(line, "level"), "warning");
		assert_string_equal(json_get_string(line, "event"), "event");
		assert_non_null(strstr(json_get_string(line, "message"), "too long"));
		json_free(line);
	}
}

static void
fields_that_are_too_many_become_a_line_that_says_so(void **state)
{
	struct capture *capture = *state;
	struct json_object *fields = json_new_object();
	struct json_object *line = NULL;
	char text[LOG_LINE_MAX_BYTES];

	fill(text, sizeof(text), 'x');
	json_add_string(fields, "field", text);
	log_fields(LOG_LEVEL_INFO, "audit", fields);
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "event"), "audit");
	assert_null(json_get(line, "field"));
	assert_non_null(strstr(json_get_string(line, "message"), "too many"));
	json_free(line);
}

static void
assert_next_is_incomplete(struct capture *capture)
{
	struct json_object *line = next_line(capture);
	bool incomplete = false;

	assert_string_equal(json_get_string(line, "event"), "audit");
	assert_true(json_get_bool(line, "incomplete", &incomplete) && incomplete);
	json_free(line);
}

static void
of_fields_that_nobody_could_build_whole_those_that_are_there_are_told(void **state)
{
	struct capture *capture = *state;
	struct json_object *fields = json_new_object(), *inner = json_new_object();
	struct json_object *line = NULL;
	bool incomplete = false;

	json_add_string(fields, "before", "yes");
	json_add_string(fields, "odd", "\xff");
	json_add_string(inner, "odd", "\xff");
	json_add(fields, "inner", inner);
	json_add_string(fields, "behind", "yes");
	log_fields(LOG_LEVEL_INFO, "audit", fields);
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "before"), "yes");
	assert_string_equal(json_get_string(line, "behind"), "yes");
	assert_false(json_has(line, "odd") || json_has(line, "inner"));
	assert_true(json_get_bool(line, "incomplete", &incomplete) && incomplete);
	json_free(line);
	log_fields(LOG_LEVEL_INFO, "audit", NULL);
	assert_next_is_incomplete(capture);
}

static void
an_event_too_long_for_any_line_still_leaves_a_line(void **state)
{
	struct capture *capture = *state;
	struct json_object *line = NULL;
	char event[LOG_LINE_MAX_BYTES];

	fill(event, sizeof(event), 'x');
	log_message(LOG_LEVEL_INFO, event, "text");
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "event"), "log_line_lost");
	json_free(line);
}

static void
errno_is_left_alone_and_can_be_logged(void **state)
{
	struct capture *capture = *state;
	struct json_object *line = NULL;

	errno = ENOENT;
	log_message(LOG_LEVEL_INFO, "event", "%m");
	assert_int_equal(errno, ENOENT);
	line = next_line(capture);
	assert_string_equal(json_get_string(line, "message"), "No such file or directory");
	json_free(line);

	errno = EAGAIN;
	log_fields(LOG_LEVEL_INFO, "event", json_new_object());
	assert_int_equal(errno, EAGAIN);
	json_free(next_line(capture));
}

/* The name of a stream as systemd puts it into JOURNAL_STREAM. */
static void
name_stderr(char name[64])
{
	struct stat status;

	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(name, 64, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
}

static void
a_journal_is_told_the_priority_before_the_object(void **state)
{
	static const struct {
		enum log_level level;
		const char    *prefix;
	} rows[] = {
		{ LOG_LEVEL_ERROR, "<3>{" },
		{ LOG_LEVEL_WARNING, "<4>{" },
		{ LOG_LEVEL_INFO, "<6>{" },
	};
	struct capture *capture = *state;
	char name[64], event[LOG_LINE_MAX_BYTES];

	name_stderr(name);
	assert_int_equal(setenv("JOURNAL_STREAM", name, 1), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		log_message(rows[i].level, "event", "text");
		assert_true(recv(capture->sockets[0], capture->line, sizeof(capture->line), MSG_DONTWAIT) > 4);
		assert_memory_equal(capture->line, rows[i].prefix, 4);
	}
	fill(event, sizeof(event), 'x');
	log_message(LOG_LEVEL_INFO, event, "text");
	assert_true(recv(capture->sockets[0], capture->line, sizeof(capture->line), MSG_DONTWAIT) > 4);
	assert_memory_equal(capture->line, "<3>{", 4);
	unsetenv("JOURNAL_STREAM");
}

static void
what_is_not_the_journal_gets_no_priority_whatever_the_environment_says(void **state)
{
	static const char *const others[] = { "1:2", "", "nonsense" };
	struct capture *capture = *state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(setenv("JOURNAL_STREAM", others[i], 1), 0);
		log_message(LOG_LEVEL_ERROR, "event", "text");
		json_free(next_line(capture));
	}
	unsetenv("JOURNAL_STREAM");
}

static void
a_closed_stderr_is_survived(void **state)
{
	struct capture *capture = *state;

	close(STDERR_FILENO);
	errno = EINVAL;
	log_message(LOG_LEVEL_ERROR, "event", "nobody hears this");
	assert_int_equal(errno, EINVAL);
	assert_int_equal(dup2(capture->sockets[1], STDERR_FILENO), STDERR_FILENO);
	assert_nothing_more(capture);
}

#define CAPTURED(test) cmocka_unit_test_setup_teardown(test, start_capture, stop_capture)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CAPTURED(a_message_is_one_line_in_one_write),
		CAPTURED(the_standard_members_come_first_and_in_order),
		CAPTURED(every_level_has_its_name),
		CAPTURED(fields_keep_their_types),
		CAPTURED(a_field_cannot_replace_a_standard_member),
		CAPTURED(text_from_outside_cannot_forge_a_line),
		CAPTURED(text_that_is_not_utf8_is_logged_with_question_marks),
		CAPTURED(a_message_that_fits_is_not_replaced),
		CAPTURED(a_message_that_is_too_long_becomes_a_line_that_says_so),
		CAPTURED(fields_that_are_too_many_become_a_line_that_says_so),
		CAPTURED(of_fields_that_nobody_could_build_whole_those_that_are_there_are_told),
		CAPTURED(an_event_too_long_for_any_line_still_leaves_a_line),
		CAPTURED(errno_is_left_alone_and_can_be_logged),
		CAPTURED(a_journal_is_told_the_priority_before_the_object),
		CAPTURED(what_is_not_the_journal_gets_no_priority_whatever_the_environment_says),
		CAPTURED(a_closed_stderr_is_survived),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
