/*
 * verify_limits: the rate limits of the Verify service, and what they counted.
 * https://www.twilio.com/docs/verify/api/programmable-rate-limits
 *
 * A limit has buckets, each so many starts in so many seconds, for every value
 * that RateLimits of a start gives it.  All functions want the lock held.
 */
#ifndef SANDBOX_VERIFY_LIMITS_H
#define SANDBOX_VERIFY_LIMITS_H

#include "state.h"

struct exchange;
struct json_object;

/* Forgets all limits but those that the sandbox begins with: see README. */
void verify_limits_reset(struct sandbox *sandbox);

/* By unique name or by SID; NULL if there is none. */
struct sandbox_rate_limit *verify_limits_find(struct sandbox *sandbox, const char *name_or_sid);

/* A limit without buckets; NULL if there is no room for it. */
struct sandbox_rate_limit *verify_limits_add(struct sandbox *sandbox, const char *name, const char *description);

/* NULL if the limit has no room for it. */
struct sandbox_bucket *verify_limits_add_bucket(struct sandbox *sandbox, struct sandbox_rate_limit *limit, int max,
    int interval_s);

/* The first name or value in the parameter RateLimits that cannot be used; NULL: all can. */
const char *verify_limits_fault(struct sandbox *sandbox, struct json_object *values);

/*
 * Counts a start, unless a bucket is full: then it is answered 429 already,
 * nothing is counted, and the result is false.
 */
bool verify_limits_allow(struct exchange *exchange, struct json_object *values);

#endif
