/*
 * peer: how long the other side of a worker's connection may take.
 *
 * One thread serves the connection, another one ends it when the peer's time
 * is up.  Socket timeouts would not do: they bound single reads and writes, so
 * that a byte now and then holds a thread for ever.
 */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum peer_phase {
	PEER_NOT_AWAITED, /* no connection, or it is our turn */
	PEER_SENDS,       /* a request has to arrive */
	PEER_TAKES        /* an answer has to be taken */
};

/*
 * fd is a second descriptor of the connection, because libfcgi closes its own
 * whenever it likes and that number may be another thread's a moment later.
 * fd is one number as long as the peer lives; without a connection it stands
 * for something harmless.
 */
struct peer {
	int             fd;
	pthread_mutex_t lock; /* guards the next two, and what fd is */
	enum peer_phase phase;
	int64_t         deadline_ms; /* by clock_monotonic_ms(); of a phase that is the peer's */
};

/* Until a connection is set, and after it, fd is a copy of idle_fd.  False: no descriptor left. */
bool peer_init(struct peer *peer, int idle_fd);
void peer_free(struct peer *peer);

/* Makes peer->fd another name of that descriptor, closing what it was before; nobody is awaited. */
bool peer_set(struct peer *peer, int fd);

/* Begins a phase that ends by deadline_ms. */
void peer_phase(struct peer *peer, enum peer_phase phase, int64_t deadline_ms);

/*
 * Ends the connection in both directions, which wakes the thread that serves
 * it, if the phase is past its deadline or sending_until_ms is past.
 */
void peer_cut_off_if_late(struct peer *peer, int64_t now_ms, int64_t sending_until_ms);

#endif
