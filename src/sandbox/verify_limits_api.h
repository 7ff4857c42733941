/*
 * verify_limits_api: /v2/Services/{VA}/RateLimits and their Buckets.
 * https://www.twilio.com/docs/verify/api/service-rate-limits
 */
#ifndef SANDBOX_VERIFY_LIMITS_API_H
#define SANDBOX_VERIFY_LIMITS_API_H

struct exchange;

/* GET and POST .../RateLimits, GET .../RateLimits/{RK}. */
void verify_limits_api_list(struct exchange *exchange);
void verify_limits_api_create(struct exchange *exchange);
void verify_limits_api_fetch(struct exchange *exchange);

/* GET and POST .../RateLimits/{RK}/Buckets, GET .../Buckets/{BL}. */
void verify_limits_api_list_buckets(struct exchange *exchange);
void verify_limits_api_create_bucket(struct exchange *exchange);
void verify_limits_api_fetch_bucket(struct exchange *exchange);

#endif
