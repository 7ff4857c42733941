#include "watchdog.h"

#include "base/service_manager.h"

#include <poll.h>
#include <stdbool.h>

/* Of the manager's patience.  It allows for a sign of life to be late, or lost. */
#define SIGNS_IN_TIME 4

void
watchdog_init(struct watchdog *watchdog)
{
	atomic_init(&watchdog->steps, 0);
	watchdog->steps_told = 0;
	watchdog->interval_ms = service_manager_watchdog_ms() / SIGNS_IN_TIME;
	watchdog->next_ms = 0;
}

void
watchdog_step(struct watchdog *watchdog)
{
	atomic_fetch_add(&watchdog->steps, 1);
}

static bool
somebody_waits(int listening_fd)
{
	struct pollfd listening = { .fd = listening_fd, .events = POLLIN };

	return poll(&listening, 1, 0) > 0;
}

void
watchdog_tend(struct watchdog *watchdog, int listening_fd, int64_t now_ms)
{
	unsigned long steps = atomic_load(&watchdog->steps);

	if (watchdog->interval_ms == 0 || now_ms < watchdog->next_ms)
		return;
	if (steps == watchdog->steps_told && somebody_waits(listening_fd))
		return;
	service_manager_tell(SERVICE_ALIVE);
	watchdog->steps_told = steps;
	watchdog->next_ms = now_ms + watchdog->interval_ms;
}
