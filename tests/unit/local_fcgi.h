/*
 * local_fcgi: an fcgi_server in a child process, for tests of what it does to
 * its peers.
 *
 * Its handler does what the path of a request says:
 *   /slow      waits LOCAL_FCGI_SLOW_MS
 *   /meet      waits until as many threads are there as the body says, 1 to 9
 *   /large     answers with the largest body there may be
 *   /nothing   does not answer
 *   /memory    tells whether the body of the request before was wiped
 *   /hoard     takes every descriptor that the process can get
 *   /release   gives them back
 *   /later     answers at once, and leaves work that waits for a /go
 *   /last      answers at once, and leaves work that takes LOCAL_FCGI_SLOW_MS
 * and answers, where nothing else is said, with path, arrival, length and body.
 */
#ifndef TESTS_LOCAL_FCGI_H
#define TESTS_LOCAL_FCGI_H

#include "http/fcgi_server.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LOCAL_FCGI_SLOW_MS 400

/* The grace for what has not arrived, unless the options say something else; and less: nothing was waited for. */
#define LOCAL_FCGI_GRACE_MS 30000
#define LOCAL_FCGI_SOON_MS  10000

struct local_fcgi {
	char  directory[32];
	char  path[64]; /* of the socket */
	pid_t child;
	int   calls[2]; /* pipe: a byte for each call, for work that is done, and for work that is let go */
};

/* A test that gets a struct local_fcgi as its state. */
#define LOCAL_FCGI_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, local_fcgi_setup, local_fcgi_teardown)
int local_fcgi_setup(void **state);
int local_fcgi_teardown(void **state);

/* A server with these options on fixture->path, once it answers. */
void local_fcgi_start(struct local_fcgi *fixture, struct fcgi_server_options options);

/* A process that serves with these options and this handler, and exits with the server's result. */
pid_t local_fcgi_fork(struct local_fcgi *fixture, struct fcgi_server_options options);

/* In a process of the test's own: serves and exits with the result. */
void local_fcgi_serve(struct local_fcgi *fixture, struct fcgi_server_options options)
    __attribute__((noreturn));

void local_fcgi_await_socket(const char *path);

/* Waits for the end of the child, which is this one; returns for how many milliseconds. */
int64_t local_fcgi_await_end(struct local_fcgi *fixture, enum fcgi_server_result expected);

/* Sends the signal, and waits for the end as asked. */
int64_t local_fcgi_stop(struct local_fcgi *fixture, int signal_number);

int local_fcgi_exit_status(pid_t child);

/* Calls of the handler, and work done and let go, since the last time. */
size_t local_fcgi_calls(struct local_fcgi *fixture);

/* A request on a connection of its own is answered: the server is alive. */
void local_fcgi_assert_serves(const char *path);

#endif
