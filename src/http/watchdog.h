/*
 * watchdog: tells the service manager that this server is alive, for as long as
 * that can be seen from what its workers do.
 *
 * A thread that merely wakes up in time proves nothing: it would go on doing so
 * while every worker hangs.  Proof is that a worker took a step since the last
 * time, or that nobody waits in the socket.  Then a server whose workers are
 * all stuck, or no longer wake up for connections, is killed and started anew,
 * and what waits in the socket is served by its successor.
 *
 * Steps are at most REQUEST_TIMEOUT_MS apart (60 s at most) while a worker
 * works; the manager has to be the more patient one.
 */
#ifndef HTTP_WATCHDOG_H
#define HTTP_WATCHDOG_H

#include <stdatomic.h>
#include <stdint.h>

struct watchdog {
	atomic_ulong  steps;
	unsigned long steps_told;  /* the main thread's, and so are the next two */
	int64_t       interval_ms; /* between two signs of life; 0: nobody asks for any */
	int64_t       next_ms;     /* by clock_monotonic_ms() */
};

/* Asks the environment whether signs of life are wanted. */
void watchdog_init(struct watchdog *watchdog);

/* A worker got on: it has a connection, a request, or an answer out.  For many threads at once. */
void watchdog_step(struct watchdog *watchdog);

/* The main thread's: gives a sign of life if it is time and there is proof. */
void watchdog_tend(struct watchdog *watchdog, int listening_fd, int64_t now_ms);

#endif
