/*
 * queue: how long a request may have waited for a thread.
 *
 * A crowd that comes at once is served in its turn, if that takes no longer than
 * QUEUE_TIMEOUT_MS.  With more work than the threads can do the queue never
 * ends: then all would wait that long, and no more of them be served for it.  So
 * a queue that stands for longer is cut short: who waited for more than a moment
 * is refused, until nobody has to any more (controlled delay, RFC 8289, 3).
 */
#ifndef CALLCENTER_QUEUE_H
#define CALLCENTER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct queue; /* for the life of the process; shared by all threads */

/* NULL: no memory.  The caller's, to be given to queue_free. */
struct queue *queue_new(int timeout_ms);
void          queue_free(struct queue *queue);

/*
 * A request is taken, now, that waited so long.  True: too long, it is to be
 * refused.  now_ms is of clock_monotonic_ms().
 */
bool queue_waited_too_long(struct queue *queue, int64_t now_ms, int waited_ms);

#endif
