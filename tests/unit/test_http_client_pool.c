/* Kept connections: which one is used, when it is not, and that nothing is sent twice over them. */
#include "http/http_client.h"

#include "base/clock.h"
#include "local_server.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define LATER_MS 60000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct local_route all_ok[] = {
	{ "", 200, "application/json", NULL, "{}" },
	{ NULL, 0, NULL, NULL, NULL },
};

/* Time passes as fast as a test says: libcurl and clock.c call this clock_gettime. */
static _Atomic long seconds_ahead;

int
clock_gettime(clockid_t id, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, id, now);

	if (id != CLOCK_REALTIME)
		now->tv_sec += atomic_load(&seconds_ahead);
	return result;
}

/* A server and a client for it, for each test. */
struct pair {
	struct local_server *server;
	struct http_client  *client;
};

static struct http_client *
new_client(void)
{
	const struct http_client_options options = { .connect_timeout_ms = 3000 };
	struct http_client *client = http_client_new(&options);

	assert_non_null(client);
	return client;
}

static struct pair
new_pair(local_handler *handler, void *context)
{
	struct pair pair = { .server = local_server_start(handler, context), .client = new_client() };

	if (handler == NULL)
		local_server_routes(pair.server, all_ok);
	return pair;
}

static void
free_pair(const struct pair *pair)
{
	http_client_free(pair->client);
	local_server_stop(pair->server);
}

struct made {
	enum http_client_result result;
	int                     status;
	bool                    sent;
};

static struct made
make(struct http_client *client, const char *method, const char *base, const char *path, const char *body)
{
	struct http_call call;
	struct made made = { 0 };
	char url[256];

	snprintf(url, sizeof(url), "%s%s", base, path);
	http_call_init(&call);
	call.method = method;
	call.url = url;
	call.body = body;
	call.body_length = strlen(body);
	made.result = http_client_perform(client, &call, clock_monotonic_ms() + LATER_MS);
	made.status = call.status;
	made.sent = call.sent;
	http_call_free(&call);
	return made;
}

static void
assert_ok(struct made made)
{
	assert_int_equal(made.result, HTTP_CLIENT_OK);
	assert_int_equal(made.status, 200);
}

static void
get(const struct pair *pair, const char *path)
{
	assert_ok(make(pair->client, "GET", local_server_base(pair->server), path, ""));
}

/* ---- one connection after the other ---- */

static void
a_kept_connection_is_used_again(void **state)
{
	struct pair pair = new_pair(NULL, NULL);

	(void)state;
	for (int i = 0; i < 5; i++) {
		get(&pair, "/get");
		assert_ok(make(pair.client, "POST", local_server_base(pair.server), "/post", "a=b"));
		assert_ok(make(pair.client, "DELETE", local_server_base(pair.server), "/delete", ""));
	}
	assert_int_equal(local_server_requests(pair.server), 15);
	assert_int_equal(local_server_accepted(pair.server), 1);
	free_pair(&pair);
}

static void
a_refusal_keeps_the_connection_as_well(void **state)
{
	static const struct local_route refusals[] = {
		{ "GET /ok", 200, "application/json", NULL, "{}" },
		{ "", 429, "application/json", NULL, "{\"code\":20429}" },
		{ NULL, 0, NULL, NULL, NULL },
	};
	struct pair pair = new_pair(NULL, NULL);

	(void)state;
	local_server_routes(pair.server, refusals);
	assert_int_equal(make(pair.client, "POST", local_server_base(pair.server), "/", "a=b").status, 429);
	get(&pair, "/ok");
	assert_int_equal(local_server_accepted(pair.server), 1);
	free_pair(&pair);
}

static void
calls_to_one_host_leave_the_connection_to_another_alone(void **state)
{
	struct pair pair = new_pair(NULL, NULL);
	struct local_server *other = local_server_start(NULL, NULL);
	char by_name[64];

	(void)state;
	local_server_routes(other, all_ok);
	snprintf(by_name, sizeof(by_name), "http://localhost:%d", local_server_port(other));
	for (int i = 0; i < 3; i++) {
		get(&pair, "/a");
		assert_ok(make(pair.client, "GET", local_server_base(other), "/b", ""));
		assert_ok(make(pair.client, "GET", by_name, "/c", ""));
	}
	assert_int_equal(local_server_accepted(pair.server), 1);
	assert_int_equal(local_server_accepted(other), 2);
	local_server_stop(other);
	free_pair(&pair);
}

static bool
answer_and_close(void *context, const struct local_request *request)
{
	(void)context;
	local_answer(request, 200, "application/json", NULL, "{}");
	return false;
}

static void
a_connection_that_was_closed_meanwhile_is_noticed_before_anything_is_sent(void **state)
{
	struct pair pair = new_pair(answer_and_close, NULL);

	(void)state;
	for (int i = 1; i <= 3; i++) {
		assert_ok(make(pair.client, "POST", local_server_base(pair.server), "/", "a=b"));
		while (local_server_open(pair.server) > 0)
			usleep(1000);
		assert_int_equal(local_server_requests(pair.server), i);
		assert_int_equal(local_server_accepted(pair.server), i);
	}
	free_pair(&pair);
}

static void
a_connection_that_was_idle_for_long_is_not_used(void **state)
{
	struct pair pair = new_pair(NULL, NULL);

	(void)state;
	get(&pair, "/");
	atomic_fetch_add(&seconds_ahead, HTTP_CLIENT_IDLE_MAX_S - 2);
	get(&pair, "/");
	assert_int_equal(local_server_accepted(pair.server), 1);
	atomic_fetch_add(&seconds_ahead, HTTP_CLIENT_IDLE_MAX_S + 2);
	get(&pair, "/");
	assert_int_equal(local_server_accepted(pair.server), 2);
	free_pair(&pair);
}

static void
a_connection_ends_with_its_lifetime_however_busy(void **state)
{
	struct pair pair = new_pair(NULL, NULL);
	const int step_s = HTTP_CLIENT_IDLE_MAX_S / 2;

	(void)state;
	for (int s = 0; s < HTTP_CLIENT_CONNECTION_LIFETIME_S; s += step_s) {
		get(&pair, "/");
		assert_int_equal(local_server_accepted(pair.server), 1);
		atomic_fetch_add(&seconds_ahead, step_s);
	}
	atomic_fetch_add(&seconds_ahead, 2);
	get(&pair, "/");
	assert_int_equal(local_server_accepted(pair.server), 2);
	free_pair(&pair);
}

/* ---- nothing twice ---- */

enum end { CLOSE, RESET };

/* Answers the first request of a connection, and reads the second one whole and ends the connection. */
static bool
answer_first_only(void *context, const struct local_request *request)
{
	const enum end *end = context;
	bool again = request->number > 1 && local_server_connection_of(request->server, request->number - 1) ==
	    request->connection;

	if (!again)
		return local_answer(request, 200, "application/json", NULL, "{}");
	if (*end == RESET)
		local_reset(request);
	return false;
}

static void
a_request_that_changes_something_is_not_sent_twice_when_its_connection_dies(void **state)
{
	static const struct {
		const char *method, *body;
	} cases[] = {
		{ "POST", "To=%2B12025550101&Channel=sms" },
		{ "POST", "" },
		{ "DELETE", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases) * 2; i++) {
		enum end end = i % 2 == 0 ? CLOSE : RESET;
		struct pair pair = new_pair(answer_first_only, &end);
		struct made made = { 0 };

		get(&pair, "/first");
		made = make(pair.client, cases[i / 2].method, local_server_base(pair.server), "/second",
		    cases[i / 2].body);
		assert_int_equal(made.result, HTTP_CLIENT_LOST);
		assert_true(made.sent);
		assert_int_equal(local_server_requests(pair.server), 2);
		assert_int_equal(local_server_connection_of(pair.server, 2), 1);
		assert_non_null(strstr(local_server_request(pair.server, 2), cases[i / 2].body));

		/* The broken connection is gone, and the next call gets a new one. */
		get(&pair, "/third");
		assert_int_equal(local_server_requests(pair.server), 3);
		free_pair(&pair);
	}
}

static void
a_get_may_be_repeated_by_libcurl(void **state)
{
	enum end end = CLOSE;
	struct pair pair = new_pair(answer_first_only, &end);

	(void)state;
	get(&pair, "/first");
	get(&pair, "/second");
	assert_int_equal(local_server_requests(pair.server), 3);
	assert_int_equal(local_server_accepted(pair.server), 2);
	free_pair(&pair);
}

static void
a_get_that_was_sent_counts_as_sent_when_its_repeat_finds_nobody(void **state)
{
	enum end end = CLOSE;
	struct pair pair = new_pair(answer_first_only, &end);
	struct made made = { 0 };

	(void)state;
	get(&pair, "/first");
	local_server_refuse(pair.server);
	made = make(pair.client, "GET", local_server_base(pair.server), "/second", "");
	assert_int_equal(made.result, HTTP_CLIENT_LOST);
	assert_true(made.sent);
	free_pair(&pair);
}

static bool
answer_what_is_whole(void *context, const struct local_request *request)
{
	(void)context;
	return local_answer(request, 200, "application/json", NULL, "{}");
}

/* The server's reader gives up in the middle of a body that is larger than its memory. */
static void
a_body_that_is_cut_off_is_lost_and_not_begun_again(void **state)
{
	struct pair pair = new_pair(answer_what_is_whole, NULL);
	size_t length = 16 * 1024 * 1024;
	char *body = malloc(length + 1);
	struct made made = { 0 };

	(void)state;
	assert_non_null(body);
	memset(body, 'x', length);
	body[length] = '\0';
	get(&pair, "/first");
	made = make(pair.client, "POST", local_server_base(pair.server), "/second", body);
	assert_int_equal(made.result, HTTP_CLIENT_LOST);
	assert_true(made.sent);
	assert_int_equal(local_server_requests(pair.server), 1);
	assert_int_equal(local_server_begun(pair.server), 2);
	free(body);
	free_pair(&pair);
}

/* ---- several connections ---- */

struct call_thread {
	pthread_t         thread;
	const struct pair *pair;
	const char        *path;
	struct made        made;
};

static void *
make_in_thread(void *context)
{
	struct call_thread *t = context;

	t->made = make(t->pair->client, "GET", local_server_base(t->pair->server), t->path, "");
	return NULL;
}

static void
start(struct call_thread *t, const struct pair *pair, const char *path)
{
	t->pair = pair;
	t->path = path;
	assert_int_equal(pthread_create(&t->thread, NULL, make_in_thread, t), 0);
}

static void
finish(struct call_thread *t)
{
	pthread_join(t->thread, NULL);
	assert_ok(t->made);
}

/* A path answers when that many requests have arrived: /2/x after two; or /hold/x after the test has said so. */
static bool
answer_when_arrived(void *context, const struct local_request *request)
{
	int needed = (int)strtol(strchr(request->text, '/') + 1, NULL, 10);

	if (strncmp(request->text, "GET /hold/", 10) == 0)
		sem_wait(context);
	return local_server_wait(request->server, needed) &&
	    local_answer(request, 200, "application/json", NULL, "{}");
}

static bool
answer_when_arrived_but_bye(void *context, const struct local_request *request)
{
	return strncmp(request->text, "POST /bye", 9) != 0 && answer_when_arrived(context, request);
}

static int
connection_for(struct local_server *server, const char *path)
{
	for (int i = local_server_requests(server); i >= 1; i--) {
		if (strstr(local_server_request(server, i), path) != NULL)
			return local_server_connection_of(server, i);
	}
	return 0;
}

static void
the_connection_used_last_is_used_first(void **state)
{
	sem_t hold;
	struct pair pair = new_pair(answer_when_arrived, &hold);
	struct call_thread first, second;

	(void)state;
	sem_init(&hold, 0, 0);
	/* Two at once; while "second" is held, "third" goes over the connection of "first". */
	start(&first, &pair, "/2/first");
	start(&second, &pair, "/hold/second");
	finish(&first);
	get(&pair, "/0/third");
	sem_post(&hold);
	finish(&second);
	assert_int_equal(local_server_accepted(pair.server), 2);
	assert_int_equal(connection_for(pair.server, "/third"), connection_for(pair.server, "/first"));

	/* "second" came back last, so all that follows is its, and "first" stays idle. */
	for (int i = 0; i < 3; i++) {
		get(&pair, "/0/fourth");
		assert_int_equal(connection_for(pair.server, "/fourth"), connection_for(pair.server, "/second"));
	}

	/* The colder one is still good for a second call at the same time. */
	start(&first, &pair, "/8/fifth");
	start(&second, &pair, "/8/sixth");
	finish(&first);
	finish(&second);
	assert_int_equal(local_server_accepted(pair.server), 2);
	free_pair(&pair);
	sem_destroy(&hold);
}

static void
idle_connections_are_kept_up_to_the_limit(void **state)
{
	struct pair pair = new_pair(answer_when_arrived, NULL);
	struct call_thread threads[HTTP_CLIENT_KEPT_MAX + 6];
	char path[16];

	(void)state;
	snprintf(path, sizeof(path), "/%zu/", COUNT(threads));
	for (size_t i = 0; i < COUNT(threads); i++)
		start(&threads[i], &pair, path);
	for (size_t i = 0; i < COUNT(threads); i++)
		finish(&threads[i]);
	assert_int_equal(local_server_accepted(pair.server), COUNT(threads));
	for (int i = 0; i < 1000 && local_server_open(pair.server) > HTTP_CLIENT_KEPT_MAX; i++)
		usleep(10000);
	assert_int_equal(local_server_open(pair.server), HTTP_CLIENT_KEPT_MAX);

	/* One call is enough to let go of all that have been idle for too long. */
	atomic_fetch_add(&seconds_ahead, HTTP_CLIENT_IDLE_MAX_S + 2);
	get(&pair, "/0/");
	for (int i = 0; i < 1000 && local_server_open(pair.server) > 1; i++)
		usleep(10000);
	assert_int_equal(local_server_open(pair.server), 1);
	free_pair(&pair);
}

static void
whoever_makes_more_calls_at_once_can_keep_more_connections(void **state)
{
	const struct http_client_options options = { .connect_timeout_ms = 3000, .kept_max = HTTP_CLIENT_KEPT_MAX + 6 };
	struct pair pair = new_pair(answer_when_arrived, NULL);
	struct call_thread threads[HTTP_CLIENT_KEPT_MAX + 6];
	char path[16];

	(void)state;
	http_client_free(pair.client);
	pair.client = http_client_new(&options);
	for (size_t round = 1; round <= 2; round++) {
		snprintf(path, sizeof(path), "/%zu/", round * COUNT(threads));
		for (size_t i = 0; i < COUNT(threads); i++)
			start(&threads[i], &pair, path);
		for (size_t i = 0; i < COUNT(threads); i++)
			finish(&threads[i]);
	}
	assert_int_equal(local_server_accepted(pair.server), COUNT(threads));
	free_pair(&pair);
}

/* Over the warmest connection, while two colder ones are idle. */
static void
a_call_that_fails_takes_only_its_own_connection_along(void **state)
{
	struct pair pair = new_pair(answer_when_arrived_but_bye, NULL);
	struct call_thread threads[3];

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		start(&threads[i], &pair, "/3/");
	for (size_t i = 0; i < COUNT(threads); i++)
		finish(&threads[i]);
	assert_int_equal(make(pair.client, "POST", local_server_base(pair.server), "/bye", "a=b").result,
	    HTTP_CLIENT_LOST);
	for (size_t i = 0; i < COUNT(threads) - 1; i++)
		start(&threads[i], &pair, "/6/");
	for (size_t i = 0; i < COUNT(threads) - 1; i++)
		finish(&threads[i]);
	assert_true(local_server_connection_of(pair.server, 5) <= 3);
	assert_true(local_server_connection_of(pair.server, 6) <= 3);
	free_pair(&pair);
}

static void *
make_many(void *context)
{
	struct call_thread *t = context;

	for (int i = 0; i < 20; i++) {
		t->made = make(t->pair->client, i % 2 == 0 ? "GET" : "POST", local_server_base(t->pair->server),
		    "/", i % 2 == 0 ? "" : "a=b");
		if (t->made.result != HTTP_CLIENT_OK)
			break;
	}
	return NULL;
}

static void
many_threads_share_few_connections(void **state)
{
	struct pair pair = new_pair(NULL, NULL);
	struct call_thread threads[8];

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++) {
		threads[i].pair = &pair;
		assert_int_equal(pthread_create(&threads[i].thread, NULL, make_many, &threads[i]), 0);
	}
	for (size_t i = 0; i < COUNT(threads); i++)
		finish(&threads[i]);
	assert_int_equal(local_server_requests(pair.server), 20 * COUNT(threads));
	assert_true(local_server_accepted(pair.server) <= (int)COUNT(threads));
	free_pair(&pair);
}

static void
clients_come_and_go_independently(void **state)
{
	struct pair pair = new_pair(NULL, NULL);
	struct http_client *other = new_client();

	(void)state;
	http_client_free(other);
	get(&pair, "/");
	other = new_client();
	assert_ok(make(other, "GET", local_server_base(pair.server), "/", ""));
	http_client_free(other);
	get(&pair, "/");
	assert_int_equal(local_server_accepted(pair.server), 2);
	free_pair(&pair);
}

/* ---- calls at the same time ---- */

static void
perform_all(const struct pair *pair, const char *path, struct http_call *calls, size_t count)
{
	struct http_call *pointers[16];
	char url[256];

	snprintf(url, sizeof(url), "%s%s", local_server_base(pair->server), path);
	for (size_t i = 0; i < count; i++) {
		http_call_init(&calls[i]);
		calls[i].method = "GET";
		calls[i].url = url;
		pointers[i] = &calls[i];
	}
	http_client_perform_all(pair->client, pointers, count, clock_monotonic_ms() + LATER_MS);
}

/* None is answered before all have arrived. */
static void
calls_of_one_request_run_at_the_same_time(void **state)
{
	struct pair pair = new_pair(answer_when_arrived, NULL);
	struct http_call calls[HTTP_CLIENT_PARALLEL_MAX];
	char path[16];

	(void)state;
	snprintf(path, sizeof(path), "/%d/", HTTP_CLIENT_PARALLEL_MAX);
	perform_all(&pair, path, calls, COUNT(calls));
	for (size_t i = 0; i < COUNT(calls); i++) {
		assert_int_equal(calls[i].result, HTTP_CLIENT_OK);
		http_call_free(&calls[i]);
	}
	assert_int_equal(local_server_accepted(pair.server), HTTP_CLIENT_PARALLEL_MAX);
	free_pair(&pair);
}

static void
any_number_of_calls_is_made(void **state)
{
	static const size_t counts[] = { 0, 1, 2, HTTP_CLIENT_PARALLEL_MAX + 1, 11 };
	struct pair pair = new_pair(NULL, NULL);
	int requests = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct http_call calls[16];

		perform_all(&pair, "/", calls, counts[i]);
		for (size_t c = 0; c < counts[i]; c++) {
			assert_int_equal(calls[c].result, HTTP_CLIENT_OK);
			assert_int_equal(calls[c].status, 200);
			http_call_free(&calls[c]);
		}
		requests += (int)counts[i];
		assert_int_equal(local_server_requests(pair.server), requests);
	}
	free_pair(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_connection_is_used_again),
		cmocka_unit_test(a_refusal_keeps_the_connection_as_well),
		cmocka_unit_test(calls_to_one_host_leave_the_connection_to_another_alone),
		cmocka_unit_test(a_connection_that_was_closed_meanwhile_is_noticed_before_anything_is_sent),
		cmocka_unit_test(a_connection_that_was_idle_for_long_is_not_used),
		cmocka_unit_test(a_connection_ends_with_its_lifetime_however_busy),
		cmocka_unit_test(a_request_that_changes_something_is_not_sent_twice_when_its_connection_dies),
		cmocka_unit_test(a_get_may_be_repeated_by_libcurl),
		cmocka_unit_test(a_get_that_was_sent_counts_as_sent_when_its_repeat_finds_nobody),
		cmocka_unit_test(a_body_that_is_cut_off_is_lost_and_not_begun_again),
		cmocka_unit_test(the_connection_used_last_is_used_first),
		cmocka_unit_test(idle_connections_are_kept_up_to_the_limit),
		cmocka_unit_test(whoever_makes_more_calls_at_once_can_keep_more_connections),
		cmocka_unit_test(a_call_that_fails_takes_only_its_own_connection_along),
		cmocka_unit_test(many_threads_share_few_connections),
		cmocka_unit_test(clients_come_and_go_independently),
		cmocka_unit_test(calls_of_one_request_run_at_the_same_time),
		cmocka_unit_test(any_number_of_calls_is_made),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
