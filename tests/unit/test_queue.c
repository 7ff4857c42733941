#include "callcenter/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define TIMEOUT_MS 1000
#define NOW	   INT64_C(5000000)

static int
set_up(void **state)
{
	*state = queue_new(TIMEOUT_MS);
	return *state == NULL;
}

static int
tear_down(void **state)
{
	queue_free(*state);
	return 0;
}

/* One after the other, a request is taken each 10 ms from then on that waited so long; how many are refused? */
static int
refused(struct queue *queue, int64_t from_ms, int times, int waited_ms)
{
	int count = 0;

	for (int i = 0; i < times; i++)
		count += queue_waited_too_long(queue, from_ms + i * 10, waited_ms);
	return count;
}

static void
a_crowd_that_comes_at_once_is_served_in_its_turn(void **state)
{
	for (int waited_ms = 0; waited_ms <= TIMEOUT_MS; waited_ms += 10)
		assert_false(queue_waited_too_long(*state, NOW + waited_ms, waited_ms));
}

static void
who_waited_longer_than_the_time_out_is_refused_whatever_came_before(void **state)
{
	assert_true(queue_waited_too_long(*state, NOW, TIMEOUT_MS + 1));
	assert_false(queue_waited_too_long(*state, NOW + 1, 0));
	assert_true(queue_waited_too_long(*state, NOW + 2, TIMEOUT_MS + 1));
}

/* They came before there was anybody to take them. */
static void
a_program_that_has_just_started_takes_the_crowd_that_waits(void **state)
{
	assert_int_equal(refused(*state, NOW, 90, 900), 0);
}

static void
a_queue_that_never_ends_is_cut_short(void **state)
{
	assert_int_equal(refused(*state, NOW, 101, 300), 0);
	assert_int_equal(refused(*state, NOW + 1010, 50, 300), 50);
	assert_int_equal(refused(*state, NOW + 1510, 40, 100), 0);
	assert_int_equal(refused(*state, NOW + 1910, 50, 101), 50);
}

/* All threads may end at once and empty it for a moment. */
static void
that_somebody_need_not_wait_is_not_yet_the_end_of_it(void **state)
{
	assert_int_equal(refused(*state, NOW, 140, 300), 39);
	assert_false(queue_waited_too_long(*state, NOW + 1400, 0));
	assert_int_equal(refused(*state, NOW + 1410, 40, 300), 40);
}

static void
when_for_a_while_nobody_had_to_wait_for_long_a_crowd_may_come_again(void **state)
{
	assert_int_equal(refused(*state, NOW, 140, 300), 39);
	assert_int_equal(refused(*state, NOW + 1400, 52, 100), 0);
	assert_int_equal(refused(*state, NOW + 1920, 90, 300), 0);
}

static void
so_it_may_when_for_a_while_nobody_came(void **state)
{
	assert_int_equal(refused(*state, NOW, 140, 300), 39);
	assert_int_equal(refused(*state, NOW + 2000, 90, 300), 0);
}

/* As with one thread, or where all is slow and there is no queue. */
static void
if_that_leaves_nobody_to_be_served_somebody_is_all_the_same(void **state)
{
	assert_int_equal(refused(*state, NOW, 101, 300), 0);
	assert_int_equal(refused(*state, NOW + 1010, 50, 300), 50);
	assert_int_equal(refused(*state, NOW + 1510, 50, 300), 49);
}

/* As on a host that sleeps now and then. */
static void
single_ones_that_waited_are_no_queue(void **state)
{
	for (int i = 0; i < 100; i++)
		assert_false(queue_waited_too_long(*state, NOW + i * 1000, 400));
}

static void
what_web_servers_need_anyway_is_no_queue(void **state)
{
	assert_int_equal(refused(*state, NOW, 500, 100), 0);
	assert_false(queue_waited_too_long(*state, NOW + 5000, 400));
}

#define TEST(name)                                                                                                     \
	{ #name, name, set_up, tear_down, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_crowd_that_comes_at_once_is_served_in_its_turn),
		TEST(who_waited_longer_than_the_time_out_is_refused_whatever_came_before),
		TEST(a_program_that_has_just_started_takes_the_crowd_that_waits),
		TEST(a_queue_that_never_ends_is_cut_short),
		TEST(if_that_leaves_nobody_to_be_served_somebody_is_all_the_same),
		TEST(that_somebody_need_not_wait_is_not_yet_the_end_of_it),
		TEST(when_for_a_while_nobody_had_to_wait_for_long_a_crowd_may_come_again),
		TEST(so_it_may_when_for_a_while_nobody_came),
		TEST(single_ones_that_waited_are_no_queue),
		TEST(what_web_servers_need_anyway_is_no_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
