#include "verify_limits_api.h"

#include "base/json.h"
#include "exchange.h"
#include "verify_limits.h"
#include "verify_service.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT_URL VERIFY_SERVICE_URL "/RateLimits/%s"

/* Largest numbers that a bucket takes: a day, and more starts than anybody makes in one. */
#define MAX_MAX      1000000
#define INTERVAL_MAX 86400

/* ---- Shapes ---------------------------------------------------------------- */

static void
add_common(struct json_object *object, const char *sid, int64_t created_ms)
{
	const struct exchange_text texts[] = {
		{ "sid", sid },
		{ "service_sid", SANDBOX_SERVICE_SID },
		{ "account_sid", SANDBOX_ACCOUNT_SID },
		{ NULL, NULL },
	};

	exchange_add_texts(object, texts);
	exchange_add_time(object, "date_created", created_ms);
	exchange_add_time(object, "date_updated", created_ms);
}

static struct json_object *
limit_json(const struct sandbox_rate_limit *limit)
{
	struct json_object *object = json_new_object(), *links = json_new_object();

	exchange_add_text(links, "buckets", LIMIT_URL "/Buckets", limit->sid);
	json_add(object, "links", links);
	add_common(object, limit->sid, limit->created_ms);
	json_add_string(object, "unique_name", limit->name);
	json_add_string(object, "description", limit->description);
	exchange_add_text(object, "url", LIMIT_URL, limit->sid);
	return object;
}

static struct json_object *
bucket_json(const struct sandbox_rate_limit *limit, const struct sandbox_bucket *bucket)
{
	struct json_object *object = json_new_object();

	add_common(object, bucket->sid, bucket->created_ms);
	json_add_string(object, "rate_limit_sid", limit->sid);
	json_add_int(object, "max", bucket->max);
	json_add_int(object, "interval", bucket->interval_s);
	exchange_add_text(object, "url", LIMIT_URL "/Buckets/%s", limit->sid, bucket->sid);
	return object;
}

/* ---- Limits ---------------------------------------------------------------- */

void
verify_limits_api_list(struct exchange *exchange)
{
	struct exchange_page page;

	if (!verify_service_known(exchange) || !exchange_page_begin(exchange, &page))
		return;
	sandbox_lock(exchange->sandbox);
	for (size_t i = 0; i < exchange->sandbox->rate_limit_count; i++)
		if (exchange_page_takes(&page))
			exchange_page_add(&page, limit_json(&exchange->sandbox->rate_limits[i]));
	sandbox_unlock(exchange->sandbox);
	exchange_page_end(exchange, &page, "rate_limits");
}

/* With the lock held. */
static void
create(struct exchange *exchange, const char *name, const char *description)
{
	struct sandbox_rate_limit *limit = NULL;

	if (verify_limits_find(exchange->sandbox, name) != NULL) {
		exchange_refuse(exchange, 400, 60200, "Invalid parameter `UniqueName`: %s is taken", name);
		return;
	}
	limit = verify_limits_add(exchange->sandbox, name, description);
	if (limit == NULL)
		exchange_refuse(exchange, 400, 60207, "Max rate limits per service reached");
	else
		exchange_answer(exchange, 201, limit_json(limit));
}

void
verify_limits_api_create(struct exchange *exchange)
{
	const char *name = exchange_field(exchange, "UniqueName");
	const char *description = exchange_field(exchange, "Description");

	if (!verify_service_known(exchange))
		return;
	if (description == NULL)
		description = "";
	if (name == NULL || strlen(name) >= SANDBOX_LIMIT_NAME_SIZE || strlen(description) >= SANDBOX_NOTE_SIZE) {
		exchange_refuse(exchange, 400, 60200, "Missing or too long: UniqueName or Description");
		return;
	}
	sandbox_lock(exchange->sandbox);
	create(exchange, name, description);
	sandbox_unlock(exchange->sandbox);
}

/* The limit that the path names; NULL: answered 404 already.  With the lock held. */
static struct sandbox_rate_limit *
named_limit(struct exchange *exchange)
{
	struct sandbox_rate_limit *limit = verify_limits_find(exchange->sandbox, exchange->arguments[1]);

	if (limit == NULL)
		exchange_not_found(exchange);
	return limit;
}

void
verify_limits_api_fetch(struct exchange *exchange)
{
	const struct sandbox_rate_limit *limit = NULL;

	if (!verify_service_known(exchange))
		return;
	sandbox_lock(exchange->sandbox);
	limit = named_limit(exchange);
	if (limit != NULL)
		exchange_answer(exchange, 200, limit_json(limit));
	sandbox_unlock(exchange->sandbox);
}

/* ---- Buckets --------------------------------------------------------------- */

void
verify_limits_api_list_buckets(struct exchange *exchange)
{
	const struct sandbox_rate_limit *limit = NULL;
	struct exchange_page page;

	if (!verify_service_known(exchange) || !exchange_page_begin(exchange, &page))
		return;
	sandbox_lock(exchange->sandbox);
	limit = named_limit(exchange);
	for (size_t i = 0; limit != NULL && i < limit->bucket_count; i++)
		if (exchange_page_takes(&page))
			exchange_page_add(&page, bucket_json(limit, &limit->buckets[i]));
	sandbox_unlock(exchange->sandbox);
	if (limit != NULL)
		exchange_page_end(exchange, &page, "buckets");
	else
		json_free(page.items);
}

/* A whole number of 1 to max, or 0. */
static int
read_number(const struct exchange *exchange, const char *name, long max)
{
	const char *text = exchange_field(exchange, name);
	char *end = NULL;
	long number = text == NULL ? 0 : strtol(text, &end, 10);

	return text != NULL && *end == '\0' && number >= 1 && number <= max ? (int)number : 0;
}

void
verify_limits_api_create_bucket(struct exchange *exchange)
{
	struct sandbox *sandbox = exchange->sandbox;
	struct sandbox_rate_limit *limit = NULL;
	const struct sandbox_bucket *bucket = NULL;
	int max = read_number(exchange, "Max", MAX_MAX);
	int interval_s = read_number(exchange, "Interval", INTERVAL_MAX);

	if (!verify_service_known(exchange))
		return;
	if (max == 0 || interval_s == 0) {
		exchange_refuse(exchange, 400, 60200, "Invalid parameter `Max` or `Interval`");
		return;
	}
	sandbox_lock(sandbox);
	limit = named_limit(exchange);
	if (limit != NULL)
		bucket = verify_limits_add_bucket(sandbox, limit, max, interval_s);
	if (bucket != NULL)
		exchange_answer(exchange, 201, bucket_json(limit, bucket));
	else if (limit != NULL)
		exchange_refuse(exchange, 400, 60200, "This rate limit has no room for another bucket");
	sandbox_unlock(sandbox);
}

/* With the lock held. */
static void
fetch_bucket(struct exchange *exchange, const struct sandbox_rate_limit *limit)
{
	for (size_t i = 0; i < limit->bucket_count; i++) {
		if (strcmp(limit->buckets[i].sid, exchange->arguments[2]) != 0)
			continue;
		exchange_answer(exchange, 200, bucket_json(limit, &limit->buckets[i]));
		return;
	}
	exchange_not_found(exchange);
}

void
verify_limits_api_fetch_bucket(struct exchange *exchange)
{
	const struct sandbox_rate_limit *limit = NULL;

	if (!verify_service_known(exchange))
		return;
	sandbox_lock(exchange->sandbox);
	limit = named_limit(exchange);
	if (limit != NULL)
		fetch_bucket(exchange, limit);
	sandbox_unlock(exchange->sandbox);
}
