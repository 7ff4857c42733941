/* When a server that is watched gives a sign of life, and when it keeps silent. */
#include "http/watchdog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What the manager waits for, and so a quarter of it between two signs. */
#define PATIENCE_USEC "4000000"
#define INTERVAL_MS   1000

/* The manager, the server's socket, and a client that can connect to it. */
struct watched {
	struct watchdog    watchdog;
	int                manager;
	int                listening;
	int                client;
	struct sockaddr_un address;
	socklen_t          address_size;
};

/* A socket with a name in the abstract namespace that the kernel chooses. */
static int
named_socket(int type, struct sockaddr_un *address, socklen_t *size)
{
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(address->sun_family)), 0);
	*size = sizeof(*address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, size), 0);
	return fd;
}

static int
set_up(void **state)
{
	struct watched *watched = calloc(1, sizeof(*watched));
	struct sockaddr_un name;
	socklen_t size = 0;

	assert_non_null(watched);
	watched->manager = named_socket(SOCK_DGRAM, &name, &size);
	name.sun_path[0] = '@';
	name.sun_path[size - offsetof(struct sockaddr_un, sun_path)] = '\0';
	setenv("NOTIFY_SOCKET", name.sun_path, 1);
	setenv("WATCHDOG_USEC", PATIENCE_USEC, 1);
	watched->listening = named_socket(SOCK_STREAM, &watched->address, &watched->address_size);
	assert_int_equal(listen(watched->listening, 8), 0);
	watched->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	watchdog_init(&watched->watchdog);
	*state = watched;
	return 0;
}

static int
tear_down(void **state)
{
	struct watched *watched = *state;

	close(watched->manager);
	close(watched->listening);
	close(watched->client);
	free(watched);
	return 0;
}

static void
somebody_connects(struct watched *watched)
{
	assert_int_equal(connect(watched->client, (struct sockaddr *)&watched->address, watched->address_size), 0);
}

static bool
gives_a_sign(struct watched *watched, int64_t now_ms)
{
	char heard[64] = "";

	watchdog_tend(&watched->watchdog, watched->listening, now_ms);
	if (recv(watched->manager, heard, sizeof(heard) - 1, 0) < 0)
		return false;
	assert_string_equal(heard, "WATCHDOG=1");
	return true;
}

static void
an_idle_server_gives_four_signs_in_the_managers_time(void **state)
{
	struct watched *watched = *state;

	assert_true(gives_a_sign(watched, INTERVAL_MS));
	assert_false(gives_a_sign(watched, 2 * INTERVAL_MS - 1));
	assert_true(gives_a_sign(watched, 2 * INTERVAL_MS));
	assert_true(gives_a_sign(watched, 3 * INTERVAL_MS));
}

static void
a_server_whose_workers_get_on_gives_signs_however_many_wait(void **state)
{
	struct watched *watched = *state;

	somebody_connects(watched);
	for (int i = 1; i < 5; i++) {
		watchdog_step(&watched->watchdog);
		assert_true(gives_a_sign(watched, i * INTERVAL_MS));
	}
}

static void
a_server_that_leaves_somebody_waiting_and_does_nothing_keeps_silent(void **state)
{
	struct watched *watched = *state;

	watchdog_step(&watched->watchdog);
	assert_true(gives_a_sign(watched, INTERVAL_MS));
	somebody_connects(watched);
	assert_false(gives_a_sign(watched, 2 * INTERVAL_MS));
	assert_false(gives_a_sign(watched, 9 * INTERVAL_MS));
}

static void
the_next_step_of_a_worker_is_told_at_once(void **state)
{
	struct watched *watched = *state;

	assert_true(gives_a_sign(watched, INTERVAL_MS));
	somebody_connects(watched);
	assert_false(gives_a_sign(watched, 3 * INTERVAL_MS));
	watchdog_step(&watched->watchdog);
	assert_true(gives_a_sign(watched, 3 * INTERVAL_MS + 1));
}

static void
nothing_is_told_where_nobody_watches(void **state)
{
	struct watched *watched = *state;

	unsetenv("WATCHDOG_USEC");
	watchdog_init(&watched->watchdog);
	watchdog_step(&watched->watchdog);
	assert_false(gives_a_sign(watched, 100 * INTERVAL_MS));
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED(an_idle_server_gives_four_signs_in_the_managers_time),
		WATCHED(a_server_whose_workers_get_on_gives_signs_however_many_wait),
		WATCHED(a_server_that_leaves_somebody_waiting_and_does_nothing_keeps_silent),
		WATCHED(the_next_step_of_a_worker_is_told_at_once),
		WATCHED(nothing_is_told_where_nobody_watches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
