#include "flex_token_cache.h"

#include "base/clock.h"
#include "base/secret.h"
#include "twilio_call.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define NO_ENTRY FLEX_TOKEN_CACHE_ENTRIES

struct entry {
	int64_t           until_ms; /* of clock_monotonic_ms(): a clock that is set back prolongs nothing */
	struct flex_token answer;
};

/*
 * A ring: next is the oldest, and the next to be written over.  All codes are
 * looked through each time, which takes some microseconds: they stand side by
 * side, and nobody without the key can choose one that begins like another.
 */
struct flex_token_cache {
	pthread_mutex_t lock; /* guards all but key and life_ms */
	char            key[SECRET_CODE_SIZE];
	int64_t         life_ms;
	size_t          next;
	char            codes[FLEX_TOKEN_CACHE_ENTRIES][SECRET_CODE_SIZE];
	struct entry    entries[FLEX_TOKEN_CACHE_ENTRIES];
};

struct flex_token_cache *
flex_token_cache_new(int seconds)
{
	struct flex_token_cache *cache = NULL;

	/* Not by calloc: with M_PERTURB it writes to all that it gives, and most of it is never used. */
	cache = mmap(NULL, sizeof(*cache), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (cache == MAP_FAILED)
		return NULL;
	if (!secret_random_hex(cache->key, sizeof(cache->key))) {
		munmap(cache, sizeof(*cache));
		return NULL;
	}
	cache->life_ms = seconds * INT64_C(1000);
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void
flex_token_cache_free(struct flex_token_cache *cache)
{
	if (cache == NULL)
		return;
	pthread_mutex_destroy(&cache->lock);
	secret_wipe(cache, sizeof(*cache));
	munmap(cache, sizeof(*cache));
}

static size_t
index_of(const struct flex_token_cache *cache, const char *code)
{
	size_t i = 0;

	while (i < FLEX_TOKEN_CACHE_ENTRIES && memcmp(cache->codes[i], code, SECRET_CODE_SIZE) != 0)
		i++;
	return i;
}

static bool
is_current(const struct entry *entry)
{
	int64_t expires_ms = entry->answer.expires_ms;

	return clock_monotonic_ms() < entry->until_ms && (expires_ms == 0 || clock_now_ms() < expires_ms);
}

bool
flex_token_cache_find(struct flex_token_cache *cache, const char *token, struct flex_token *answer)
{
	char code[SECRET_CODE_SIZE];
	bool found = false;
	size_t i = 0;

	memset(answer, 0, sizeof(*answer));
	if (cache->life_ms == 0 || !secret_authenticate(cache->key, token, code))
		return false;
	pthread_mutex_lock(&cache->lock);
	i = index_of(cache, code);
	found = i != NO_ENTRY && is_current(&cache->entries[i]);
	if (found)
		*answer = cache->entries[i].answer;
	pthread_mutex_unlock(&cache->lock);
	return found;
}

void
flex_token_cache_keep(struct flex_token_cache *cache, const char *token, const struct flex_token *answer,
    int64_t asked_ms)
{
	char code[SECRET_CODE_SIZE];
	size_t i = 0;

	if (cache->life_ms == 0 || !secret_authenticate(cache->key, token, code))
		return;
	pthread_mutex_lock(&cache->lock);
	i = index_of(cache, code);
	if (i == NO_ENTRY) {
		i = cache->next;
		cache->next = (i + 1) % FLEX_TOKEN_CACHE_ENTRIES;
		memcpy(cache->codes[i], code, SECRET_CODE_SIZE);
	}
	cache->entries[i].until_ms = asked_ms + cache->life_ms;
	cache->entries[i].answer = *answer;
	pthread_mutex_unlock(&cache->lock);
}

enum twilio_result
flex_token_cache_validate(struct flex_token_cache *cache, const struct twilio *twilio, const char *token,
    int64_t deadline_ms, struct flex_token *answer, struct twilio_trace *trace)
{
	int64_t asked_ms = clock_monotonic_ms();
	enum twilio_result result = TWILIO_OK;

	twilio_trace_clear(trace);
	if (flex_token_cache_find(cache, token, answer))
		return TWILIO_OK;
	result = flex_token_validate(twilio, token, deadline_ms, answer, trace);
	if (result == TWILIO_OK)
		flex_token_cache_keep(cache, token, answer, asked_ms);
	return result;
}
