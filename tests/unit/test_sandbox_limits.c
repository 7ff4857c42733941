/* The rate limits of the sandbox's Verify service. */
#include "sandbox_client.h"

#include "sandbox/exchange.h"
#include "sandbox/verify_limits.h"

#include <stdio.h>
#include <string.h>

#define LIMITS SERVICE "/RateLimits"

static int
get(struct client *f, const char *path)
{
	return client_ask(f, (struct client_ask){ .path = path });
}

static int
post(struct client *f, const char *path, const char *body)
{
	return client_ask(f, (struct client_ask){ .method = "POST", .path = path, .body = body });
}

/* A start to one of many numbers, so that Twilio's own five sends are no limit; value NULL: no RateLimits. */
static int
start(struct client *f, const char *name, const char *value)
{
	static int number;
	char body[TEXT_SIZE];
	int length = snprintf(body, sizeof(body), "To=%%2B1202555%04d&Channel=sms", 200 + number++ % 9000);

	if (value != NULL)
		snprintf(body + length, sizeof(body) - (size_t)length, "&RateLimits=%%7B%%22%s%%22%%3A%%22%s%%22%%7D",
		    name, value);
	return post(f, STARTS, body);
}

/* A limit with one bucket; fills in the paths. */
static void
make_limit(struct client *f, const char *name, int max, int interval_s)
{
	char path[TEXT_SIZE], body[TEXT_SIZE];

	snprintf(body, sizeof(body), "UniqueName=%s&Description=For+a+test", name);
	assert_int_equal(post(f, LIMITS, body), 201);
	assert_string_equal(client_text(f, "unique_name"), name);
	snprintf(path, sizeof(path), LIMITS "/%s/Buckets", client_text(f, "sid"));
	snprintf(body, sizeof(body), "Max=%d&Interval=%d", max, interval_s);
	assert_int_equal(post(f, path, body), 201);
	assert_int_equal(client_number(f, "max"), max);
	assert_int_equal(client_number(f, "interval"), interval_s);
}

static void
limits_and_buckets_are_made_listed_and_fetched(void **state)
{
	struct client *f = *state;
	char path[TEXT_SIZE], bucket[2 * TEXT_SIZE];

	assert_int_equal(get(f, LIMITS), 200);
	assert_int_equal(json_length(json_get_array(f->json, "rate_limits")), 2);
	make_limit(f, "mine", 3, 60);
	assert_int_equal(strncmp(client_text(f, "sid"), "BL", 2), 0);
	snprintf(path, sizeof(path), LIMITS "/%s", client_text(f, "rate_limit_sid"));
	snprintf(bucket, sizeof(bucket), "%s/Buckets/%s", path, client_text(f, "sid"));
	assert_int_equal(get(f, path), 200);
	assert_string_equal(client_text(f, "unique_name"), "mine");
	assert_string_equal(client_text(f, "service_sid"), SANDBOX_SERVICE_SID);
	assert_int_equal(get(f, bucket), 200);
	assert_int_equal(client_number(f, "max"), 3);
	*strrchr(bucket, '/') = '\0';
	assert_int_equal(get(f, bucket), 200);
	assert_int_equal(json_length(json_get_array(f->json, "buckets")), 1);
	assert_int_equal(get(f, LIMITS), 200);
	assert_int_equal(json_length(json_get_array(f->json, "rate_limits")), 3);
}

static void
what_is_wrong_is_refused(void **state)
{
	static const char *const bodies[] = { "", "UniqueName=", "Description=x", "UniqueName=flex_agent",
		"UniqueName=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const char *const buckets[] = { "", "Max=1", "Interval=1", "Max=0&Interval=1", "Max=1&Interval=-1",
		"Max=x&Interval=1", "Max=1&Interval=86401" };
	struct client *f = *state;
	char path[TEXT_SIZE];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		post(f, LIMITS, bodies[i]);
		client_assert_error(f, 400, 60200);
	}
	assert_int_equal(post(f, LIMITS, "UniqueName=mine"), 201);
	snprintf(path, sizeof(path), LIMITS "/%s/Buckets", client_text(f, "sid"));
	for (size_t i = 0; i < sizeof(buckets) / sizeof(*buckets); i++) {
		post(f, path, buckets[i]);
		client_assert_error(f, 400, 60200);
	}
	get(f, LIMITS "/RK00000000000000000000000000000009");
	client_assert_error(f, 404, 20404);
	post(f, LIMITS "/RK00000000000000000000000000000009/Buckets", "Max=1&Interval=1");
	client_assert_error(f, 404, 20404);
	for (int i = 3; i < SANDBOX_RATE_LIMITS_MAX; i++) {
		char body[TEXT_SIZE];

		snprintf(body, sizeof(body), "UniqueName=more%d", i);
		assert_int_equal(post(f, LIMITS, body), 201);
	}
	post(f, LIMITS, "UniqueName=too-many");
	client_assert_error(f, 400, 60207);
}

static void
a_full_bucket_refuses_and_says_which_and_how_long(void **state)
{
	struct client *f = *state;

	make_limit(f, "mine", 2, 60);
	assert_int_equal(start(f, "mine", "ana"), 201);
	client_advance(f, 20);
	assert_int_equal(start(f, "mine", "ana"), 201);
	start(f, "mine", "ana");
	client_assert_error(f, 429, 20429);
	assert_true(client_has_header(f, "Retry-After: 40\r\n"));
	assert_true(client_has_header(f, "Twilio-Reached-Rate-Limit: mine\r\n"));
	/* Of somebody else, and without a word of it, nothing was counted. */
	assert_int_equal(start(f, "mine", "ben"), 201);
	assert_int_equal(start(f, NULL, NULL), 201);
	client_advance(f, 41);
	assert_int_equal(start(f, "mine", "ana"), 201);
	start(f, "mine", "ana");
	client_assert_error(f, 429, 20429);
}

static void
every_bucket_counts_and_a_refused_start_does_not(void **state)
{
	struct client *f = *state;
	char path[TEXT_SIZE];

	make_limit(f, "mine", 1, 10);
	snprintf(path, sizeof(path), LIMITS "/%s/Buckets", client_text(f, "rate_limit_sid"));
	assert_int_equal(post(f, path, "Max=2&Interval=1000"), 201);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(start(f, "mine", "x"), 201);
		assert_int_equal(start(f, "mine", "x"), 429);
		client_advance(f, 11);
	}
	start(f, "mine", "x");
	client_assert_error(f, 429, 20429);
	client_advance(f, 1000);
	assert_int_equal(start(f, "mine", "x"), 201);
}

static void
a_name_that_the_service_does_not_have_is_an_invalid_parameter(void **state)
{
	struct client *f = *state;

	start(f, "nobodys", "x");
	client_assert_error(f, 400, 60200);
	start(f, "flex_agent", "");
	client_assert_error(f, 400, 60200);
	post(f, STARTS, TO "&Channel=sms&RateLimits=flex_agent");
	client_assert_error(f, 400, 60200);
	post(f, STARTS, TO "&Channel=sms&RateLimits=%7B%22flex_agent%22%3A1%7D");
	client_assert_error(f, 400, 60200);
	assert_int_equal(json_length(client_messages(f, NULL)), 0);
}

static void
a_reset_forgets_what_was_counted_and_made(void **state)
{
	struct client *f = *state;

	make_limit(f, "mine", 1, 60);
	for (int i = 0; i < 20; i++)
		assert_int_equal(start(f, "flex_agent", "ana"), 201);
	assert_int_equal(start(f, "flex_agent", "ana"), 429);
	assert_int_equal(post(f, "/sandbox/reset", ""), 200);
	assert_int_equal(start(f, "flex_agent", "ana"), 201);
	start(f, "mine", "ana");
	client_assert_error(f, 400, 60200);
}

static void
limits_and_buckets_are_listed_page_by_page(void **state)
{
	struct client *f = *state;
	char path[TEXT_SIZE];

	make_limit(f, "mine", 1, 10);
	snprintf(path, sizeof(path), LIMITS "/%s/Buckets", client_text(f, "rate_limit_sid"));
	for (int i = 1; i < SANDBOX_BUCKETS_MAX; i++)
		assert_int_equal(post(f, path, "Max=2&Interval=1000"), 201);
	post(f, path, "Max=2&Interval=1000");
	client_assert_error(f, 400, 60200);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = path, .query = "PageSize=3&Page=1" }), 200);
	assert_int_equal(json_length(json_get_array(f->json, "buckets")), SANDBOX_BUCKETS_MAX - 3);
	assert_int_equal(client_ask(f, (struct client_ask){ .path = LIMITS, .query = "PageSize=2&Page=1" }), 200);
	assert_int_equal(json_length(json_get_array(f->json, "rate_limits")), 1);
	client_ask(f, (struct client_ask){ .path = LIMITS, .query = "PageSize=x" });
	client_assert_error(f, 400, 20001);
	client_ask(f, (struct client_ask){ .path = path, .query = "Page=-1" });
	client_assert_error(f, 400, 20001);
}

static void
a_bucket_is_found_by_its_sid_in_its_own_limit(void **state)
{
	struct client *f = *state;
	char buckets[TEXT_SIZE], path[2 * TEXT_SIZE];

	make_limit(f, "mine", 1, 10);
	snprintf(buckets, sizeof(buckets), LIMITS "/%s/Buckets", client_text(f, "rate_limit_sid"));
	assert_int_equal(post(f, buckets, "Max=2&Interval=1000"), 201);
	snprintf(path, sizeof(path), "%s/%s", buckets, client_text(f, "sid"));
	assert_int_equal(get(f, path), 200);
	assert_int_equal(client_number(f, "max"), 2);
	snprintf(path, sizeof(path), LIMITS "/flex_agent/Buckets/%s", client_text(f, "sid"));
	get(f, path);
	client_assert_error(f, 404, 20404);
	get(f, LIMITS "/RK00000000000000000000000000000009/Buckets");
	client_assert_error(f, 404, 20404);
	get(f, LIMITS "/RK00000000000000000000000000000009/Buckets/BL1");
	client_assert_error(f, 404, 20404);
}

static void
a_service_that_is_not_there_or_sends_nothing_has_no_limits(void **state)
{
	static const char *const services[] = { "VA00000000000000000000000000000003", SANDBOX_OTHER_SERVICE_SID };
	static const struct {
		const char *path, *body;
	} rows[] = {
		{ "", NULL },
		{ "", "UniqueName=mine" },
		{ "/flex_agent", NULL },
		{ "/flex_agent/Buckets", NULL },
		{ "/flex_agent/Buckets", "Max=1&Interval=1" },
		{ "/flex_agent/Buckets/BL1", NULL },
	};
	struct client *f = *state;
	char path[TEXT_SIZE];

	for (size_t s = 0; s < sizeof(services) / sizeof(*services); s++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			snprintf(path, sizeof(path), TWILIO "/v2/Services/%s/RateLimits%s", services[s], rows[i].path);
			client_ask(f, (struct client_ask){ .path = path, .body = rows[i].body });
			client_assert_error(f, 404, 20404);
		}
}

static void
names_descriptions_and_values_have_a_longest_length(void **state)
{
	struct client *f = *state;
	char text[SANDBOX_LIMITED_SIZE + 1] = "", body[2 * TEXT_SIZE];

	memset(text, 'x', SANDBOX_NOTE_SIZE);
	snprintf(body, sizeof(body), "UniqueName=mine&Description=%s", text);
	post(f, LIMITS, body);
	client_assert_error(f, 400, 60200);
	text[SANDBOX_NOTE_SIZE - 1] = '\0';
	snprintf(body, sizeof(body), "UniqueName=mine&Description=%s", text);
	assert_int_equal(post(f, LIMITS, body), 201);
	memset(text, 'x', SANDBOX_LIMITED_SIZE);
	start(f, "flex_agent", text);
	client_assert_error(f, 400, 60200);
	text[SANDBOX_LIMITED_SIZE - 1] = '\0';
	assert_int_equal(start(f, "flex_agent", text), 201);
}

static void
a_limit_that_a_reset_took_away_in_between_counts_nothing(void **state)
{
	static const char text[] = "{\"nobodys\":\"x\",\"flex_agent\":\"ana\"}";
	struct client *f = *state;
	struct exchange exchange = { .sandbox = f->sandbox, .response = &f->response };
	struct json_object *values = NULL;

	assert_int_equal(json_parse(text, strlen(text), 1, &values), JSON_OK);
	assert_true(verify_limits_allow(&exchange, values));
	assert_int_equal(f->sandbox->hit_next, 1);
	json_free(values);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CLIENT_TEST(limits_and_buckets_are_made_listed_and_fetched),
		CLIENT_TEST(what_is_wrong_is_refused),
		CLIENT_TEST(a_full_bucket_refuses_and_says_which_and_how_long),
		CLIENT_TEST(every_bucket_counts_and_a_refused_start_does_not),
		CLIENT_TEST(a_name_that_the_service_does_not_have_is_an_invalid_parameter),
		CLIENT_TEST(a_reset_forgets_what_was_counted_and_made),
		CLIENT_TEST(limits_and_buckets_are_listed_page_by_page),
		CLIENT_TEST(a_bucket_is_found_by_its_sid_in_its_own_limit),
		CLIENT_TEST(a_service_that_is_not_there_or_sends_nothing_has_no_limits),
		CLIENT_TEST(names_descriptions_and_values_have_a_longest_length),
		CLIENT_TEST(a_limit_that_a_reset_took_away_in_between_counts_nothing),
	};

	return cmocka_run_group_tests_name("sandbox_limits", tests, NULL, NULL);
}
