#include "peer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

bool
peer_init(struct peer *peer, int idle_fd)
{
	peer->phase = PEER_NOT_AWAITED;
	peer->deadline_ms = 0;
	peer->fd = fcntl(idle_fd, F_DUPFD_CLOEXEC, 0);
	if (peer->fd < 0)
		return false;
	pthread_mutex_init(&peer->lock, NULL);
	return true;
}

void
peer_free(struct peer *peer)
{
	pthread_mutex_destroy(&peer->lock);
	close(peer->fd);
	peer->fd = -1;
}

bool
peer_set(struct peer *peer, int fd)
{
	bool done = false;

	pthread_mutex_lock(&peer->lock);
	peer->phase = PEER_NOT_AWAITED;
	done = dup3(fd, peer->fd, O_CLOEXEC) >= 0;
	pthread_mutex_unlock(&peer->lock);
	return done;
}

void
peer_phase(struct peer *peer, enum peer_phase phase, int64_t deadline_ms)
{
	pthread_mutex_lock(&peer->lock);
	peer->phase = phase;
	peer->deadline_ms = deadline_ms;
	pthread_mutex_unlock(&peer->lock);
}

void
peer_cut_off_if_late(struct peer *peer, int64_t now_ms, int64_t sending_until_ms)
{
	pthread_mutex_lock(&peer->lock);
	if ((peer->phase != PEER_NOT_AWAITED && now_ms >= peer->deadline_ms) ||
	    (peer->phase == PEER_SENDS && now_ms >= sending_until_ms))
		shutdown(peer->fd, SHUT_RDWR);
	pthread_mutex_unlock(&peer->lock);
}
