/* What a service manager hears, and what it does not. */
#include "base/service_manager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A name that the kernel chooses is in the abstract namespace: a NUL and five digits. */
static int
manager_with_an_abstract_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address.sun_family);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	size = sizeof(address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	address.sun_path[0] = '@';
	address.sun_path[size - offsetof(struct sockaddr_un, sun_path)] = '\0';
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return fd;
}

static int
manager_with_a_path(char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_non_null(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", directory);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return fd;
}

static void
assert_hears(int fd, const char *state)
{
	char heard[64] = "";

	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, 0), (ssize_t)strlen(state));
	assert_string_equal(heard, state);
}

static void
a_state_arrives_as_one_datagram_at_a_path(void **state)
{
	char directory[] = "/tmp/flex-verify-XXXXXX";
	char path[sizeof(directory) + sizeof("/notify")];
	int fd = manager_with_a_path(directory);

	(void)state;
	service_manager_tell(SERVICE_READY);
	service_manager_tell(SERVICE_STOPPING);
	assert_hears(fd, "READY=1");
	assert_hears(fd, "STOPPING=1");
	close(fd);
	snprintf(path, sizeof(path), "%s/notify", directory);
	unlink(path);
	rmdir(directory);
}

static void
a_state_arrives_at_an_abstract_name(void **state)
{
	int fd = manager_with_an_abstract_socket();

	(void)state;
	service_manager_tell(SERVICE_ALIVE);
	assert_hears(fd, "WATCHDOG=1");
	close(fd);
}

static void
nobody_who_listens_is_no_trouble(void **state)
{
	static const char *const names[] = { "", "relative", "/nowhere/notify", "@nobody", "vsock:2:1" };
	char long_name[300] = "/";

	(void)state;
	memset(long_name + 1, 'x', sizeof(long_name) - 2);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		service_manager_tell(SERVICE_READY);
	}
	setenv("NOTIFY_SOCKET", long_name, 1);
	service_manager_tell(SERVICE_READY);
	unsetenv("NOTIFY_SOCKET");
	service_manager_tell(SERVICE_READY);
}

static void
the_watchdog_is_asked_for_by_its_time_and_of_this_process_alone(void **state)
{
	static const struct {
		const char *usec;
		const char *pid; /* NULL: absent; "": this process */
		int64_t     ms;
	} cases[] = {
		{ "120000000", "", 120000 },
		{ "120000000", NULL, 120000 },
		{ "120000000", "1", 0 },
		{ "120000000", "none", 0 },
		{ "", "", 0 },
		{ "-5", "", 0 },
		{ "12s", "", 0 },
		{ NULL, "", 0 },
	};
	char own[16] = "";

	(void)state;
	snprintf(own, sizeof(own), "%d", getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (cases[i].usec != NULL)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		if (cases[i].pid != NULL)
			setenv("WATCHDOG_PID", cases[i].pid[0] == '\0' ? own : cases[i].pid, 1);
		assert_int_equal(service_manager_watchdog_ms(), cases[i].ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_arrives_as_one_datagram_at_a_path),
		cmocka_unit_test(a_state_arrives_at_an_abstract_name),
		cmocka_unit_test(nobody_who_listens_is_no_trouble),
		cmocka_unit_test(the_watchdog_is_asked_for_by_its_time_and_of_this_process_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
