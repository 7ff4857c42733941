#include "twilio/flex_token_cache.h"

#include "base/clock.h"
#include "local_twilio.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define WORKER "WK" ZEROS_31 "1"
#define VALID \
	"{\"valid\":true,\"code\":0,\"message\":null,\"expiration\":\"2099-12-31T23:59:59.000Z\"," \
	"\"realm_user_id\":\"ana@example.com\",\"identity\":\"ana\",\"roles\":[\"agent\"]," \
	"\"worker_sid\":\"" WORKER "\"}"
#define REVOKED \
	"{\"valid\":false,\"code\":20101,\"message\":\"Invalid Access Token\",\"expiration\":null," \
	"\"realm_user_id\":null,\"identity\":null,\"roles\":null,\"worker_sid\":null}"

#define THREADS          8
#define TURNS_PER_THREAD 2000

static struct local_twilio local;
static struct flex_token answer;
static struct twilio_trace trace;

/* What Twilio says of a user; expires_in_ms 0: without an expiry. */
static struct flex_token
valid_token(const char *user, int64_t expires_in_ms)
{
	struct flex_token token = { .worker_sid = WORKER, .roles = { "agent", "supervisor" }, .role_count = 2 };

	snprintf(token.user, sizeof(token.user), "%s", user);
	token.expires_ms = expires_in_ms == 0 ? 0 : clock_now_ms() + expires_in_ms;
	return token;
}

static void
keep(struct flex_token_cache *cache, const char *token, int64_t expires_in_ms, int64_t asked_ago_ms)
{
	const struct flex_token kept = valid_token(token, expires_in_ms);

	flex_token_cache_keep(cache, token, &kept, clock_monotonic_ms() - asked_ago_ms);
}

/* ---- what is found ---- */

static void
an_answer_that_is_kept_comes_back_whole(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);
	const struct flex_token kept = valid_token("ana@example.com", 3600000);

	(void)state;
	assert_non_null(cache);
	flex_token_cache_keep(cache, "token", &kept, clock_monotonic_ms());
	assert_true(flex_token_cache_find(cache, "token", &answer));
	assert_memory_equal(&answer, &kept, sizeof(kept));
	flex_token_cache_free(cache);
}

static void
another_token_is_not_found_and_leaves_nothing_of_this_one(void **state)
{
	static const char *const others[] = { "", "toke", "token2", "Token", "token " };
	static const struct flex_token nobody;
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	keep(cache, "token", 0, 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		memset(&answer, 'x', sizeof(answer));
		assert_false(flex_token_cache_find(cache, others[i], &answer));
		assert_memory_equal(&answer, &nobody, sizeof(nobody));
	}
	flex_token_cache_free(cache);
}

static void
a_new_answer_takes_the_place_of_the_old_one(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);
	struct flex_token kept = valid_token("ana@example.com", 0);

	(void)state;
	flex_token_cache_keep(cache, "token", &kept, clock_monotonic_ms() - 70000);
	kept.role_count = 1;
	flex_token_cache_keep(cache, "token", &kept, clock_monotonic_ms());
	assert_true(flex_token_cache_find(cache, "token", &answer));
	assert_int_equal(answer.role_count, 1);
	flex_token_cache_free(cache);
}

/* ---- for how long ---- */

static void
the_time_of_an_answer_counts_from_the_question(void **state)
{
	static const struct {
		int     seconds;
		int64_t asked_ago_ms;
		bool    found;
	} cases[] = {
		{ 60, 0, true }, { 60, 58000, true }, { 60, 60000, false }, { 60, 3600000, false },
		{ 2, 500, true }, { 2, 2000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flex_token_cache *cache = flex_token_cache_new(cases[i].seconds);

		keep(cache, "token", 0, cases[i].asked_ago_ms);
		if (flex_token_cache_find(cache, "token", &answer) != cases[i].found)
			fail_msg("case %zu", i);
		flex_token_cache_free(cache);
	}
}

static void
an_answer_is_gone_when_its_time_is_over(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(1);

	(void)state;
	keep(cache, "token", 0, 700);
	assert_true(flex_token_cache_find(cache, "token", &answer));
	usleep(350 * 1000);
	assert_false(flex_token_cache_find(cache, "token", &answer));
	flex_token_cache_free(cache);
}

static void
an_answer_is_gone_when_the_token_has_expired(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	keep(cache, "gone", -1, 0);
	assert_false(flex_token_cache_find(cache, "gone", &answer));
	keep(cache, "going", 300, 0);
	assert_true(flex_token_cache_find(cache, "going", &answer));
	usleep(350 * 1000);
	assert_false(flex_token_cache_find(cache, "going", &answer));
	flex_token_cache_free(cache);
}

static void
zero_seconds_keep_nothing(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(0);

	(void)state;
	assert_non_null(cache);
	keep(cache, "token", 0, 0);
	assert_false(flex_token_cache_find(cache, "token", &answer));
	flex_token_cache_free(cache);
}

/* ---- how many ---- */

static void
there_is_room_for_so_many_and_the_oldest_goes_first(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);
	char token[32];

	(void)state;
	for (int i = 0; i < FLEX_TOKEN_CACHE_ENTRIES + 10; i++) {
		snprintf(token, sizeof(token), "token-%d", i);
		keep(cache, token, 0, 0);
	}
	for (int i = 0; i < FLEX_TOKEN_CACHE_ENTRIES + 10; i++) {
		snprintf(token, sizeof(token), "token-%d", i);
		if (flex_token_cache_find(cache, token, &answer) != (i >= 10))
			fail_msg("%s", token);
		if (i >= 10)
			assert_string_equal(answer.user, token);
	}
	flex_token_cache_free(cache);
}

static void
a_token_kept_again_takes_no_further_room(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	keep(cache, "other", 0, 0);
	for (int i = 0; i < 3 * FLEX_TOKEN_CACHE_ENTRIES; i++)
		keep(cache, "token", 0, 0);
	assert_true(flex_token_cache_find(cache, "other", &answer));
	flex_token_cache_free(cache);
}

/* ---- threads ---- */

/* More tokens than there is room for, so that entries are written over while others read them. */
static void *
find_and_keep(void *context)
{
	struct flex_token_cache *cache = context;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	char token[32];
	struct flex_token found;

	for (int i = 0; i < TURNS_PER_THREAD; i++) {
		snprintf(token, sizeof(token), "token-%d", rand_r(&seed) % (2 * FLEX_TOKEN_CACHE_ENTRIES));
		if (!flex_token_cache_find(cache, token, &found))
			keep(cache, token, 3600000, 0);
		else if (strcmp(found.user, token) != 0)
			return cache;
	}
	return NULL;
}

static void
many_threads_find_each_token_s_own_answer(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);
	pthread_t threads[THREADS];
	void *wrong = NULL;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, find_and_keep, cache), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	flex_token_cache_free(cache);
}

/* ---- with Twilio ---- */

static enum twilio_result
validate(struct flex_token_cache *cache, const char *token)
{
	return flex_token_cache_validate(cache, &local.twilio, token, local_twilio_deadline(), &answer, &trace);
}

static void
twilio_is_asked_once_while_the_answer_is_kept(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, VALID);
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	assert_int_equal(trace.http_status, 200);
	memset(&answer, 0, sizeof(answer));
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	assert_string_equal(answer.worker_sid, WORKER);
	assert_true(flex_token_has_role(&answer, "agent"));
	assert_int_equal(trace.http_status, 0);
	assert_int_equal(local_server_requests(local.server), 1);
	assert_int_equal(validate(cache, "another"), TWILIO_OK);
	assert_int_equal(local_server_requests(local.server), 2);
	flex_token_cache_free(cache);
}

static void
without_a_cache_twilio_is_asked_each_time(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(0);

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, VALID);
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	assert_int_equal(local_server_requests(local.server), 2);
	flex_token_cache_free(cache);
}

static void
what_is_not_valid_is_asked_about_again(void **state)
{
	static const struct {
		int                status;
		const char        *body;
		enum twilio_result result;
	} cases[] = {
		{ 200, REVOKED, TWILIO_TOKEN_INVALID },
		{ 404, "{\"code\":20404}", TWILIO_NOT_FOUND },
		{ 500, "{\"code\":20500}", TWILIO_FAILED },
		{ 200, "{\"valid\":\"true\"}", TWILIO_BAD_ANSWER },
	};
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		local_twilio_answer(&local, cases[i].status, JSON_TYPE, cases[i].body);
		assert_int_equal(validate(cache, "token"), cases[i].result);
		assert_int_equal(validate(cache, "token"), cases[i].result);
		assert_int_equal(local_server_requests(local.server), 2);
	}
	local_twilio_answer(&local, 200, JSON_TYPE, VALID);
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	flex_token_cache_free(cache);
}

static void
when_twilio_fails_only_what_is_kept_counts(void **state)
{
	struct flex_token_cache *cache = flex_token_cache_new(60);

	(void)state;
	local_twilio_answer(&local, 200, JSON_TYPE, VALID);
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	local_twilio_answer(&local, 503, "text/html", "<h1>503</h1>");
	assert_int_equal(validate(cache, "token"), TWILIO_OK);
	assert_int_equal(validate(cache, "another"), TWILIO_FAILED);
	assert_string_equal(answer.worker_sid, "");
	flex_token_cache_free(cache);
}

static int
set_up(void **state)
{
	(void)state;
	local_twilio_start(&local);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	local_twilio_stop(&local);
	return 0;
}

#define WITH_TWILIO(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_kept_comes_back_whole),
		cmocka_unit_test(another_token_is_not_found_and_leaves_nothing_of_this_one),
		cmocka_unit_test(a_new_answer_takes_the_place_of_the_old_one),
		cmocka_unit_test(the_time_of_an_answer_counts_from_the_question),
		cmocka_unit_test(an_answer_is_gone_when_its_time_is_over),
		cmocka_unit_test(an_answer_is_gone_when_the_token_has_expired),
		cmocka_unit_test(zero_seconds_keep_nothing),
		cmocka_unit_test(there_is_room_for_so_many_and_the_oldest_goes_first),
		cmocka_unit_test(a_token_kept_again_takes_no_further_room),
		cmocka_unit_test(many_threads_find_each_token_s_own_answer),
		WITH_TWILIO(twilio_is_asked_once_while_the_answer_is_kept),
		WITH_TWILIO(without_a_cache_twilio_is_asked_each_time),
		WITH_TWILIO(what_is_not_valid_is_asked_about_again),
		WITH_TWILIO(when_twilio_fails_only_what_is_kept_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
