#include "listener.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections that wait while every worker is busy; the kernel's own limit applies too. */
#define LISTENER_BACKLOG 4096

/* Long enough for requests to end and free descriptors, short for who waits. */
#define LISTENER_PAUSE_MS        100
#define LISTENER_LOG_INTERVAL_MS 10000

/* sd_listen_fds(3): the first descriptor passed. */
#define LISTENER_SYSTEMD_FD 3

static bool
set_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (path[0] == '\0' || strlen(path) >= sizeof(address->sun_path)) {
		errno = path[0] == '\0' ? ENOENT : ENAMETOOLONG;
		return false;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return true;
}

/* Keeps programs that start at the same moment from removing each other's socket. */
static int
lock_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Does a process accept connections there?  A full queue means that one does. */
static enum listener_result
probe(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return LISTENER_FAILED;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		error = errno;
	close(fd);
	if (error == 0 || error == EAGAIN)
		return LISTENER_IN_USE;
	errno = error;
	return error == ECONNREFUSED ? LISTENER_OK : LISTENER_FAILED;
}

static enum listener_result
remove_stale(const struct sockaddr_un *address)
{
	enum listener_result result = LISTENER_OK;
	struct stat status;

	if (lstat(address->sun_path, &status) != 0)
		return errno == ENOENT ? LISTENER_OK : LISTENER_FAILED;
	if (!S_ISSOCK(status.st_mode)) {
		errno = EEXIST;
		return LISTENER_FAILED;
	}
	result = probe(address);
	if (result == LISTENER_OK && unlink(address->sun_path) != 0)
		result = LISTENER_FAILED;
	return result;
}

/* By umask and not by chmod: between bind and chmod the socket would be open to others. */
static bool
bind_with_mode_0660(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(mask);
	return rc == 0;
}

static enum listener_result
bind_and_listen(struct listener *listener, const struct sockaddr_un *address)
{
	struct stat status;

	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 || !bind_with_mode_0660(listener->fd, address) ||
	    stat(address->sun_path, &status) != 0)
		return LISTENER_FAILED;
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	return listen(listener->fd, LISTENER_BACKLOG) == 0 ? LISTENER_OK : LISTENER_FAILED;
}

enum listener_result
listener_open(struct listener *listener, const char *path)
{
	enum listener_result result = LISTENER_FAILED;
	struct sockaddr_un address;
	int directory = -1;
	int error = 0;

	*listener = (struct listener){ .fd = -1, .path = path, .poll_set = -1 };
	if (!set_address(&address, path) || (directory = lock_directory(path)) < 0)
		return LISTENER_FAILED;
	result = remove_stale(&address);
	if (result == LISTENER_OK)
		result = bind_and_listen(listener, &address);
	error = errno;
	close(directory);
	if (result != LISTENER_OK)
		listener_close(listener);
	errno = error;
	return result;
}

static bool
has_option(int fd, int option, int expected)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == expected;
}

static bool
is_number(const char *text, long expected)
{
	char *end = NULL;

	return text != NULL && text[0] != '\0' && strtol(text, &end, 10) == expected && *end == '\0';
}

static int
inherited_fd(void)
{
	if (is_number(getenv("LISTEN_PID"), getpid()) && is_number(getenv("LISTEN_FDS"), 1))
		return LISTENER_SYSTEMD_FD;
	return STDIN_FILENO;
}

enum listener_result
listener_inherit(struct listener *listener)
{
	int fd = inherited_fd();
	int flags = 0;

	*listener = (struct listener){ .fd = -1, .poll_set = -1 };
	if (!has_option(fd, SO_ACCEPTCONN, 1))
		return LISTENER_NONE;
	if (!has_option(fd, SO_DOMAIN, AF_UNIX) || !has_option(fd, SO_TYPE, SOCK_STREAM))
		return LISTENER_NOT_UNIX;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return LISTENER_FAILED;
	listener->fd = fd;
	return LISTENER_OK;
}

/* One-shot, so that the thread that was woken is the only one, until it has accepted. */
static bool
arm(struct listener *listener, int operation)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.fd = listener->fd };

	return epoll_ctl(listener->poll_set, operation, listener->fd, &event) == 0;
}

bool
listener_watch(struct listener *listener, int stop_event)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = stop_event };

	listener->stop_event = stop_event;
	listener->poll_set = epoll_create1(EPOLL_CLOEXEC);
	return listener->poll_set >= 0 &&
	    epoll_ctl(listener->poll_set, EPOLL_CTL_ADD, stop_event, &event) == 0 &&
	    arm(listener, EPOLL_CTL_ADD);
}

/* Another process may have been quicker, or the peer has gone again. */
static bool
is_trouble(int error)
{
	return error != EAGAIN && error != EINTR && error != ECONNABORTED;
}

/* False: the server is to stop. */
static bool
pause_after(struct listener *listener, int error)
{
	struct pollfd stop = { .fd = listener->stop_event, .events = POLLIN };
	int64_t now_ms = clock_monotonic_ms();

	metrics_count(listener->metrics, METRIC_ACCEPT_ERRORS, 0, 0);
	if (now_ms >= atomic_load(&listener->next_log_ms)) {
		atomic_store(&listener->next_log_ms, now_ms + LISTENER_LOG_INTERVAL_MS);
		log_message(LOG_LEVEL_ERROR, "accept_failed", "cannot accept connections: %s",
		    strerrordesc_np(error));
	}
	return poll(&stop, 1, LISTENER_PAUSE_MS) <= 0;
}

int
listener_accept(struct listener *listener)
{
	int fd = -1;

	while (fd < 0) {
		struct epoll_event events[2];
		int count = epoll_wait(listener->poll_set, events, 2, -1);

		for (int i = 0; i < count; i++)
			if (events[i].data.fd == listener->stop_event)
				return -1;
		if (count < 1)
			continue;
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && is_trouble(errno))
			pause_after(listener, errno);
		/* Until it is armed again no thread hears of the next connection; at a stop none has to. */
		while (!arm(listener, EPOLL_CTL_MOD) && pause_after(listener, errno))
			continue;
	}
	return fd;
}

void
listener_close(struct listener *listener)
{
	struct stat status;

	if (listener->fd < 0)
		return;
	if (listener->path != NULL && listener->inode != 0 &&
	    lstat(listener->path, &status) == 0 && status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		unlink(listener->path);
	if (listener->poll_set >= 0)
		close(listener->poll_set);
	close(listener->fd);
	listener->fd = -1;
	listener->poll_set = -1;
}
