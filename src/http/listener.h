/*
 * listener: the Unix socket on which a web server reaches a program, opened
 * here or inherited.
 *
 * Whoever may connect may claim any REMOTE_ADDR and REMOTE_USER, so there is
 * no TCP: who may connect is decided by the socket's owner, group and mode.
 * A listener may be shared with other processes and is never shut down here.
 */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include "base/metrics.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum listener_result {
	LISTENER_OK = 0,
	LISTENER_NONE,     /* nothing inherited is a listening socket */
	LISTENER_NOT_UNIX, /* what is inherited listens, but is no Unix stream socket */
	LISTENER_IN_USE,   /* another process answers on that path */
	LISTENER_FAILED    /* errno says why */
};

struct listener {
	int             fd;   /* non-blocking; -1: none */
	const char     *path; /* where it was opened, kept by reference; NULL: inherited */
	dev_t           device;
	ino_t           inode;
	int             poll_set;   /* epoll: fd, one-shot, and stop_event; -1: none */
	int             stop_event; /* borrowed */
	_Atomic int64_t next_log_ms;
	struct metrics *metrics; /* borrowed, set by who opened it; NULL: nothing is counted */
};

/*
 * Opens path with mode 0660, in place of a socket on which nobody answers any
 * more.  Changes the process's umask for a moment: not for several threads.
 */
enum listener_result listener_open(struct listener *listener, const char *path);

/*
 * Takes what the starter of this process left open: descriptor 3 if
 * LISTEN_PID and LISTEN_FDS say so (systemd), else descriptor 0 (the FastCGI
 * convention).
 */
enum listener_result listener_inherit(struct listener *listener);

/* Readies listener_accept, which ends when stop_event, an eventfd, becomes readable. */
bool listener_watch(struct listener *listener, int stop_event);

/*
 * Waits for a connection and returns its descriptor, close-on-exec and
 * blocking; -1 when it is time to stop.  For many threads at once: one
 * connection wakes one of them.  Out of descriptors or memory it waits a
 * little, says so in the log once in a while, and goes on.
 */
int listener_accept(struct listener *listener);

/* Closes, and removes the path if it was opened here and is still the same socket. */
void listener_close(struct listener *listener);

#endif
