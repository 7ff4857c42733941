#include "verify_limits.h"

#include "base/json.h"
#include "base/secret.h"
#include "exchange.h"

#include <stdio.h>
#include <string.h>

/* What the sandbox begins with: the names of the example in the configuration. */
static const struct {
	const char *name, *description;
	int         max, interval_s;
} seeds[] = {
	{ "flex_agent", "Codes sent by one agent", 20, 600 },
	{ "flex_call", "Codes sent for one call or conversation", 10, 600 },
};

static bool
draw_sid(char sid[SANDBOX_SID_SIZE], const char *prefix)
{
	snprintf(sid, SANDBOX_SID_SIZE, "%s", prefix);
	return secret_random_hex(sid + 2, SANDBOX_SID_SIZE - 2);
}

struct sandbox_rate_limit *
verify_limits_find(struct sandbox *sandbox, const char *name_or_sid)
{
	for (size_t i = 0; i < sandbox->rate_limit_count; i++) {
		struct sandbox_rate_limit *limit = &sandbox->rate_limits[i];

		if (strcmp(limit->name, name_or_sid) == 0 || strcmp(limit->sid, name_or_sid) == 0)
			return limit;
	}
	return NULL;
}

struct sandbox_rate_limit *
verify_limits_add(struct sandbox *sandbox, const char *name, const char *description)
{
	struct sandbox_rate_limit fresh = { .created_ms = sandbox_now_ms(sandbox) };
	struct sandbox_rate_limit *limit = &sandbox->rate_limits[sandbox->rate_limit_count];

	if (sandbox->rate_limit_count == SANDBOX_RATE_LIMITS_MAX || !draw_sid(fresh.sid, "RK"))
		return NULL;
	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	snprintf(fresh.description, sizeof(fresh.description), "%s", description);
	*limit = fresh;
	sandbox->rate_limit_count++;
	return limit;
}

struct sandbox_bucket *
verify_limits_add_bucket(struct sandbox *sandbox, struct sandbox_rate_limit *limit, int max, int interval_s)
{
	struct sandbox_bucket fresh = { .max = max, .interval_s = interval_s, .created_ms = sandbox_now_ms(sandbox) };
	struct sandbox_bucket *bucket = &limit->buckets[limit->bucket_count];

	if (limit->bucket_count == SANDBOX_BUCKETS_MAX || !draw_sid(fresh.sid, "BL"))
		return NULL;
	*bucket = fresh;
	limit->bucket_count++;
	return bucket;
}

void
verify_limits_reset(struct sandbox *sandbox)
{
	sandbox->rate_limit_count = 0;
	sandbox->hit_next = 0;
	memset(sandbox->hits, 0, sizeof(sandbox->hits));
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		struct sandbox_rate_limit *limit = verify_limits_add(sandbox, seeds[i].name, seeds[i].description);

		if (limit != NULL)
			verify_limits_add_bucket(sandbox, limit, seeds[i].max, seeds[i].interval_s);
	}
}

/* ---- A start's values -------------------------------------------------------- */

struct fault {
	struct sandbox *sandbox;
	const char     *name;
};

static bool
judge_value(void *context, const char *name, struct json_object *value)
{
	struct fault *fault = context;
	const char *text = json_string(value);

	if (text != NULL && text[0] != '\0' && strlen(text) < SANDBOX_LIMITED_SIZE &&
	    verify_limits_find(fault->sandbox, name) != NULL)
		return true;
	fault->name = name;
	return false;
}

const char *
verify_limits_fault(struct sandbox *sandbox, struct json_object *values)
{
	struct fault fault = { sandbox, NULL };

	json_each(values, judge_value, &fault);
	return fault.name;
}

/* ---- Counting ------------------------------------------------------------------ */

struct judgement {
	struct sandbox                  *sandbox;
	const struct sandbox_rate_limit *reached; /* NULL: none */
	int64_t                          opens_ms;
};

/* The window is full while the oldest of the last max starts is in it. */
static int64_t
bucket_opens_ms(const struct sandbox *sandbox, const char *limit_sid, const char *value,
    const struct sandbox_bucket *bucket)
{
	int64_t now_ms = sandbox_now_ms(sandbox), oldest_ms = now_ms;
	int count = 0;

	for (size_t i = 0; i < SANDBOX_HITS_MAX; i++) {
		const struct sandbox_hit *hit = &sandbox->hits[i];

		if (strcmp(hit->limit_sid, limit_sid) != 0 || strcmp(hit->value, value) != 0 ||
		    now_ms - hit->time_ms >= bucket->interval_s * INT64_C(1000))
			continue;
		count++;
		if (hit->time_ms < oldest_ms)
			oldest_ms = hit->time_ms;
	}
	return count < bucket->max ? 0 : oldest_ms + bucket->interval_s * INT64_C(1000);
}

static bool
judge_limit(void *context, const char *name, struct json_object *value)
{
	struct judgement *judgement = context;
	const struct sandbox_rate_limit *limit = verify_limits_find(judgement->sandbox, name);

	for (size_t i = 0; limit != NULL && i < limit->bucket_count; i++) {
		int64_t opens_ms = bucket_opens_ms(judgement->sandbox, limit->sid, json_string(value),
		    &limit->buckets[i]);

		if (opens_ms <= judgement->opens_ms)
			continue;
		judgement->opens_ms = opens_ms;
		judgement->reached = limit;
	}
	return true;
}

static bool
count_hit(void *context, const char *name, struct json_object *value)
{
	struct sandbox *sandbox = context;
	const struct sandbox_rate_limit *limit = verify_limits_find(sandbox, name);
	struct sandbox_hit *hit = &sandbox->hits[sandbox->hit_next];

	/* There was one when the start was judged; a reset may have come between. */
	if (limit == NULL)
		return true;
	sandbox->hit_next = (sandbox->hit_next + 1) % SANDBOX_HITS_MAX;
	snprintf(hit->limit_sid, sizeof(hit->limit_sid), "%s", limit->sid);
	snprintf(hit->value, sizeof(hit->value), "%s", json_string(value));
	hit->time_ms = sandbox_now_ms(sandbox);
	return true;
}

bool
verify_limits_allow(struct exchange *exchange, struct json_object *values)
{
	struct judgement judgement = { .sandbox = exchange->sandbox };
	char seconds[24];

	json_each(values, judge_limit, &judgement);
	if (judgement.reached == NULL) {
		json_each(values, count_hit, exchange->sandbox);
		return true;
	}
	snprintf(seconds, sizeof(seconds), "%lld",
	    (long long)(judgement.opens_ms - sandbox_now_ms(exchange->sandbox) + 999) / 1000);
	response_header(exchange->response, "Retry-After", seconds);
	response_header(exchange->response, "Twilio-Reached-Rate-Limit", judgement.reached->name);
	exchange_refuse(exchange, 429, 20429, "Too many requests");
	return false;
}
