#include "state.h"

#include "base/clock.h"
#include "cases.h"
#include "verify_limits.h"

#include <stdlib.h>
#include <string.h>

struct sandbox *
sandbox_new(void)
{
	struct sandbox *sandbox = calloc(1, sizeof(*sandbox));

	if (sandbox == NULL)
		return NULL;
	pthread_mutex_init(&sandbox->lock, NULL);
	sandbox->verifications = calloc(SANDBOX_VERIFICATIONS_MAX, sizeof(*sandbox->verifications));
	if (sandbox->verifications == NULL || !sandbox_reset(sandbox)) {
		sandbox_free(sandbox);
		return NULL;
	}
	return sandbox;
}

void
sandbox_free(struct sandbox *sandbox)
{
	if (sandbox == NULL)
		return;
	cases_forget(sandbox);
	free(sandbox->verifications);
	pthread_mutex_destroy(&sandbox->lock);
	free(sandbox);
}

void
sandbox_lock(struct sandbox *sandbox)
{
	pthread_mutex_lock(&sandbox->lock);
}

void
sandbox_unlock(struct sandbox *sandbox)
{
	pthread_mutex_unlock(&sandbox->lock);
}

bool
sandbox_reset(struct sandbox *sandbox)
{
	sandbox->clock_advance_ms = 0;
	sandbox->round = clock_now_ms() > sandbox->round ? clock_now_ms() : sandbox->round + 1;
	sandbox->sends = 0;
	sandbox->verification_next = 0;
	memset(sandbox->verifications, 0,
	    SANDBOX_VERIFICATIONS_MAX * sizeof(*sandbox->verifications));
	sandbox->text_next = 0;
	memset(sandbox->texts, 0, sizeof(sandbox->texts));
	sandbox->call_next = 0;
	memset(sandbox->calls, 0, sizeof(sandbox->calls));
	verify_limits_reset(sandbox);
	cases_forget(sandbox);
	return cases_seed(sandbox);
}

int64_t
sandbox_now_ms(const struct sandbox *sandbox)
{
	return clock_now_ms() + sandbox->clock_advance_ms;
}

struct sandbox_verification *
sandbox_verification_add(struct sandbox *sandbox)
{
	struct sandbox_verification *verification =
	    &sandbox->verifications[sandbox->verification_next];

	sandbox->verification_next = (sandbox->verification_next + 1) % SANDBOX_VERIFICATIONS_MAX;
	memset(verification, 0, sizeof(*verification));
	return verification;
}

struct sandbox_verification *
sandbox_verification_find(struct sandbox *sandbox, const char *sid)
{
	for (size_t i = 0; i < SANDBOX_VERIFICATIONS_MAX; i++)
		if (sandbox->verifications[i].sid[0] != '\0' &&
		    strcmp(sandbox->verifications[i].sid, sid) == 0)
			return &sandbox->verifications[i];
	return NULL;
}

struct sandbox_verification *
sandbox_verification_newest(struct sandbox *sandbox, const char *to)
{
	for (size_t age = 1; age <= SANDBOX_VERIFICATIONS_MAX; age++) {
		size_t place = (sandbox->verification_next + SANDBOX_VERIFICATIONS_MAX - age) %
		    SANDBOX_VERIFICATIONS_MAX;
		struct sandbox_verification *verification = &sandbox->verifications[place];

		if (verification->sid[0] == '\0')
			return NULL;
		if (strcmp(verification->to, to) == 0)
			return verification;
	}
	return NULL;
}

enum sandbox_status
sandbox_verification_status(const struct sandbox *sandbox,
    const struct sandbox_verification *verification)
{
	bool over = false;

	if (verification == NULL)
		return SANDBOX_EXPIRED;
	over = sandbox_now_ms(sandbox) - verification->created_ms >= SANDBOX_CODE_LIFE_MS;
	switch (verification->status) {
	case SANDBOX_PENDING:
	case SANDBOX_MAX_ATTEMPTS_REACHED:
		return over ? SANDBOX_EXPIRED : verification->status;
	case SANDBOX_APPROVED:
	case SANDBOX_CANCELED:
	case SANDBOX_EXPIRED:
		break;
	}
	return verification->status;
}

static int
newer_first(const void *a, const void *b)
{
	const struct sandbox_send_place *left = a, *right = b;

	return (left->send->order < right->send->order) - (left->send->order > right->send->order);
}

void
sandbox_each_send(struct sandbox *sandbox, sandbox_send_visitor *visit, void *context)
{
	struct sandbox_send_place *places = sandbox->send_places;
	size_t count = 0;

	for (size_t i = 0; i < SANDBOX_VERIFICATIONS_MAX; i++)
		for (int s = 0; s < sandbox->verifications[i].send_count; s++)
			places[count++] = (struct sandbox_send_place){ &sandbox->verifications[i],
			    &sandbox->verifications[i].sends[s] };
	qsort(places, count, sizeof(*places), newer_first);
	for (size_t i = 0; i < count && visit(context, places[i].verification, places[i].send); i++)
		continue;
}

struct sandbox_task *
sandbox_task_find(struct sandbox *sandbox, const char *sid)
{
	for (size_t i = 0; i < sandbox->task_count; i++)
		if (strcmp(sandbox->tasks[i].sid, sid) == 0)
			return &sandbox->tasks[i];
	return NULL;
}

bool
sandbox_task_is_held(const struct sandbox_task *task)
{
	for (size_t i = 0; i < task->reservation_count; i++)
		if (strcmp(task->reservations[i].status, "accepted") == 0)
			return true;
	return false;
}
