// SPDX-License-Identifier: GPL-2.0-only
/* test_coro_loop.c - the event loop: order, timers, descriptors, deadlock. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lab/loop.h"

static struct loop loop;
static struct lab_line line;
static char trace[64];

static int loop_new(void **state)
{
	(void)state;
	memset(&line, 0, sizeof(line));
	memset(trace, 0, sizeof(trace));
	return loop_init(&loop, 0, 4, &line, NULL, NULL);
}

static int loop_free(void **state)
{
	(void)state;
	loop_fini(&loop);
	return 0;
}

static void say(char c)
{
	trace[strlen(trace)] = c;
}

static void spawn(coro_fn fn, const char *name)
{
	assert_non_null(loop_spawn(&loop, fn, (void *)(uintptr_t)name[0], true));
}

static void three_steps(void *arg)
{
	for (int i = 0; i < 3; i++) {
		say((char)(uintptr_t)arg);
		loop_yield(&loop);
	}
}

static void test_loop_yield_takes_turns_in_order(void **state)
{
	(void)state;
	spawn(three_steps, "a");
	spawn(three_steps, "b");
	spawn(three_steps, "c");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "abcabcabc");
	/* Each gets control once to begin, and once for each of its yields. */
	assert_int_equal(line.user_switches, 12);
	assert_int_equal(line.created, 3);
}

static void test_loop_yield_alone_is_no_switch(void **state)
{
	(void)state;
	spawn(three_steps, "a");
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(line.user_switches, 1);
}

static void expects_its_loop(void *arg)
{
	assert_ptr_equal(loop_here(), arg);
	loop_yield(loop_here());
	assert_ptr_equal(loop_here(), arg);
}

/* A loop inside a coroutine of another one. */
static void runs_a_loop(void *arg)
{
	struct loop inner;

	assert_int_equal(loop_init(&inner, 0, 0, NULL, NULL, NULL), 0);
	for (int i = 0; i < 2; i++)
		assert_non_null(loop_spawn(&inner, expects_its_loop, &inner, true));
	assert_int_equal(loop_run(&inner), 0);
	loop_fini(&inner);
	expects_its_loop(arg);
}

static void test_loop_here_is_the_innermost_that_runs(void **state)
{
	(void)state;
	assert_null(loop_here());
	assert_non_null(loop_spawn(&loop, runs_a_loop, &loop, true));
	assert_non_null(loop_spawn(&loop, expects_its_loop, &loop, true));
	assert_int_equal(loop_run(&loop), 0);
	assert_null(loop_here());
}

static struct mark_ring ring;

/* Every switch from one to the next: who left and who came, at one instant. */
static void test_loop_marks_of_a_switch_are_of_one_instant(void **state)
{
	static const _Atomic uint32_t marks_on = 1;
	struct loop watched;

	(void)state;
	assert_int_equal(loop_init(&watched, 0, 0, NULL, &marks_on, &ring), 0);
	for (int i = 0; i < 2; i++)
		assert_non_null(loop_spawn(&watched, expects_its_loop, &watched, true));
	assert_int_equal(loop_run(&watched), 0);
	/* Two made and one begun by the loop; each yields, then ends, the second to the loop. */
	assert_int_equal(ring.head, 3 + 2 * 3 + 1);
	for (uint64_t i = 3; i + 1 < ring.head; i += 2) {
		assert_int_equal(ring.marks[i].kind, i < 7 ? MARK_SUSPEND : MARK_END);
		assert_int_equal(ring.marks[i + 1].kind, MARK_RESUME);
		assert_int_not_equal(ring.marks[i].coroutine, ring.marks[i + 1].coroutine);
		assert_int_equal(ring.marks[i].ticks, ring.marks[i + 1].ticks);
	}
	loop_fini(&watched);
}

static uint64_t base_ns;

/* The later in the alphabet, the sooner; i and j at the same instant. */
static void sleeper(void *arg)
{
	char name = (char)(uintptr_t)arg;
	uint64_t ms = name == 'j' ? 'z' - 'i' : 'z' - name;

	assert_int_equal(loop_sleep(&loop, base_ns + ms * NS_PER_MS, false), 0);
	assert_true(clock_now_ns() >= base_ns + ms * NS_PER_MS);
	say(name);
}

static void test_loop_timers_fire_in_order_of_time_then_of_making(void **state)
{
	(void)state;
	base_ns = clock_now_ns();
	spawn(sleeper, "i");
	spawn(sleeper, "x");
	spawn(sleeper, "p");
	spawn(sleeper, "j");
	spawn(sleeper, "y");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "yxpij");
}

static bool timer_fired, starved;

static void short_sleeper(void *arg)
{
	(void)arg;
	loop_sleep(&loop, clock_now_ns() + NS_PER_MS, false);
	timer_fired = true;
}

static void yield_until_timer(void *arg)
{
	uint64_t until_ns = clock_now_ns() + NS_PER_S;

	(void)arg;
	while (!timer_fired && clock_now_ns() < until_ns)
		loop_yield(&loop);
	starved |= !timer_fired;
}

static void test_loop_busy_yielding_does_not_starve_timers(void **state)
{
	for (int n_busy = 1; n_busy <= 2; n_busy++) {
		(void)state;
		timer_fired = starved = false;

		spawn(short_sleeper, "s");
		for (int i = 0; i < n_busy; i++)
			spawn(yield_until_timer, "y");
		assert_int_equal(loop_run(&loop), 0);
		assert_false(starved);
	}
}

static struct coro_queue queue;

static void waiter(void *arg)
{
	loop_wait(&loop, &queue);
	say((char)(uintptr_t)arg);
}

static void waker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		loop_wake(&loop, &queue);
	say('w');
}

static void test_loop_wakes_in_order_of_waiting(void **state)
{
	(void)state;
	spawn(waiter, "a");
	spawn(waiter, "b");
	spawn(waker, "w");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "wab");
}

static void test_loop_deadlock_is_noticed(void **state)
{
	(void)state;
	memset(&queue, 0, sizeof(queue));
	spawn(waiter, "a");
	spawn(three_steps, "s");
	spawn(waiter, "b");
	assert_int_equal(loop_run(&loop), -EDEADLK);
	assert_int_equal(loop.n_alive, 2);
	assert_string_equal(trace, "sss");
}

static int ends[2];

static void reader(void *arg)
{
	char byte;

	(void)arg;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(loop_wait_fd(&loop, ends[0], EPOLLIN), 0);
		assert_int_equal(read(ends[0], &byte, 1), 1);
		say(byte);
	}
}

static void writer(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2; i++) {
		loop_sleep(&loop, clock_now_ns() + NS_PER_MS, false);
		say('w');
		assert_int_equal(write(ends[1], "r", 1), 1);
	}
}

static void test_loop_descriptor_wakes_its_reader(void **state)
{
	(void)state;
	assert_int_equal(pipe(ends), 0);
	spawn(reader, "r");
	spawn(writer, "w");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "wrwr");
	close(ends[0]);
	close(ends[1]);
}

static bool poked(void *arg)
{
	return *(bool *)arg;
}

static void napper(void *arg)
{
	(void)arg;
	loop_sleep(&loop, clock_now_ns() + 3600 * NS_PER_S, true);
	say('n');
}

static void poker(void *arg)
{
	(void)arg;
	loop_sleep(&loop, clock_now_ns() + NS_PER_MS, false);
	*(bool *)loop.poked_arg = true;
	say('p');
}

static void test_loop_poke_ends_naps(void **state)
{
	bool poke = false;

	(void)state;
	loop.poked = poked;
	loop.poked_arg = &poke;
	spawn(napper, "n");
	spawn(poker, "p");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "pn");
}

static void joiner(void *arg)
{
	struct coro *one = loop_spawn(&loop, three_steps, (void *)(uintptr_t)'1', false);
	struct coro *two = loop_spawn(&loop, three_steps, (void *)(uintptr_t)'2', false);

	(void)arg;
	loop_join(&loop, one);
	say('j');
	loop_join(&loop, two); /* has ended long ago */
	say('J');
}

static void test_loop_join_waits_for_the_end(void **state)
{
	(void)state;
	spawn(joiner, "j");
	assert_int_equal(loop_run(&loop), 0);
	assert_string_equal(trace, "121212jJ");
	assert_int_equal(loop.host.pool.n_stacks, 4); /* given back: as many as were made first */
}

#define loop_test(name) cmocka_unit_test_setup_teardown(name, loop_new, loop_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(test_loop_yield_takes_turns_in_order),
		loop_test(test_loop_yield_alone_is_no_switch),
		loop_test(test_loop_here_is_the_innermost_that_runs),
		loop_test(test_loop_marks_of_a_switch_are_of_one_instant),
		loop_test(test_loop_timers_fire_in_order_of_time_then_of_making),
		loop_test(test_loop_busy_yielding_does_not_starve_timers),
		loop_test(test_loop_wakes_in_order_of_waiting),
		loop_test(test_loop_deadlock_is_noticed),
		loop_test(test_loop_descriptor_wakes_its_reader),
		loop_test(test_loop_poke_ends_naps),
		loop_test(test_loop_join_waits_for_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
