#include "queue.h"

#include <pthread.h>
#include <stdlib.h>

/* Web servers and schedulers take some of it, and a queue of that length keeps all threads busy. */
#define QUEUE_MOMENT_MS 100

/* The queue is over when for so long nobody was late, and cutting it is no use if for so long nobody was served. */
#define QUEUE_QUIET_MS 500

struct queue {
	int             timeout_ms;
	pthread_mutex_t lock; /* of what follows */
	int64_t         standing_since_ms;
	int64_t         taken_ms;          /* when the last one was taken, */
	int64_t         late_ms;           /* one that had waited for more than a moment, */
	int64_t         served_ms;         /* and one that was not refused */
	bool            cut;
};

struct queue *
queue_new(int timeout_ms)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
		return NULL;
	queue->timeout_ms = timeout_ms;
	pthread_mutex_init(&queue->lock, NULL);
	return queue;
}

void
queue_free(struct queue *queue)
{
	if (queue == NULL)
		return;
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

/* ---- Inside the lock ---- */

/*
 * For how long threads have been taking nobody but who is late, and came before
 * the last one was taken.  What was before, as the start of this program, is
 * not theirs.
 */
static int64_t
standing_ms(struct queue *queue, int64_t now_ms, int waited_ms)
{
	if (waited_ms <= QUEUE_MOMENT_MS || now_ms - waited_ms > queue->taken_ms)
		queue->standing_since_ms = now_ms;
	if (now_ms > queue->taken_ms)
		queue->taken_ms = now_ms;
	return now_ms - queue->standing_since_ms;
}

/* Threads that all end at once may empty it for a moment. */
static bool
is_cut(struct queue *queue, int64_t now_ms, int waited_ms)
{
	if (now_ms - queue->late_ms > QUEUE_QUIET_MS)
		queue->cut = false;
	if (standing_ms(queue, now_ms, waited_ms) > queue->timeout_ms)
		queue->cut = true;
	if (waited_ms > QUEUE_MOMENT_MS)
		queue->late_ms = now_ms;
	return queue->cut;
}

bool
queue_waited_too_long(struct queue *queue, int64_t now_ms, int waited_ms)
{
	bool cut = false, refused = false;

	pthread_mutex_lock(&queue->lock);
	cut = is_cut(queue, now_ms, waited_ms) && now_ms - queue->served_ms <= QUEUE_QUIET_MS;
	refused = waited_ms > queue->timeout_ms || (cut && waited_ms > QUEUE_MOMENT_MS);
	if (!refused)
		queue->served_ms = now_ms;
	pthread_mutex_unlock(&queue->lock);
	return refused;
}
