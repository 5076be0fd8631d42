// SPDX-License-Identifier: GPL-2.0-only
/* test_marked_calls.c - what reading marks costs in system calls: none, or a few, whatever a program writes. */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/names.h"
#include "source/marked.h"
#include "swtch_marks.h"

#define LANE 3u

static unsigned n_calls; /* of the two that tell whether a thread is there */

/* In place of the C library's. */
long syscall(long number, ...)
{
	long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long args[6];
	va_list list;

	va_start(list, number);
	for (unsigned i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	n_calls++;
	return real(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

int kill(pid_t pid, int number)
{
	int (*real)(pid_t, int) = (int (*)(pid_t, int))dlsym(RTLD_NEXT, "kill");

	n_calls++;
	return real(pid, number);
}

/* This process, which is watched; and a thread of it that lasts. */
struct rig {
	struct marked *marked;
	struct mark_clock clock;
	pthread_t thread;
	pthread_mutex_t hold;
	pid_t tid; /* of the thread */
	unsigned n_events, n_of_thread;
};

static void *wait_in_thread(void *ctx)
{
	struct rig *rig = ctx;

	__atomic_store_n(&rig->tid, gettid(), __ATOMIC_RELEASE);
	pthread_mutex_lock(&rig->hold);
	pthread_mutex_unlock(&rig->hold);
	return NULL;
}

static int begin(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_int_equal(pthread_mutex_init(&rig->hold, NULL), 0);
	pthread_mutex_lock(&rig->hold);
	assert_int_equal(pthread_create(&rig->thread, NULL, wait_in_thread, rig), 0);
	while (!__atomic_load_n(&rig->tid, __ATOMIC_ACQUIRE))
		usleep(1000);
	rig->marked = marked_new();
	mark_clock_sample(&rig->clock);
	swtch_mark_create(NULL); /* the first makes the area */
	swtch_marks_area->n_rings = SWTCH_MARKS_N_RINGS;
	assert_int_equal(marked_add(rig->marked, LANE, getpid(), swtch_marks_fd, &rig->clock), 0);
	n_calls = 0;
	*state = rig;
	return 0;
}

static int end(void **state)
{
	struct rig *rig = *state;

	marked_free(rig->marked);
	pthread_mutex_unlock(&rig->hold);
	pthread_join(rig->thread, NULL);
	free(rig);
	return 0;
}

static void count(const struct event *event, unsigned stream, void *ctx)
{
	struct rig *rig = ctx;

	(void)stream;
	rig->n_events++;
	rig->n_of_thread += task_pid(event->task) == (uint32_t)rig->tid;
}

static void read_all(struct rig *rig)
{
	rig->n_events = rig->n_of_thread = n_calls = 0;
	assert_int_equal(marked_read(rig->marked, &rig->clock, count, rig), 0);
}

static void mark(unsigned ring, uint32_t what, uint32_t kind)
{
	struct swtch_mark_ring *to = &swtch_marks_area->rings[ring];

	to->marks[to->head % SWTCH_MARKS_N_MARKS] = (struct swtch_mark){ mark_ticks(), what, kind };
	to->head++;
}

static void test_marks_that_nobody_wants_cost_no_call(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < 10; i++) {
		mark(i, (uint32_t)rig->tid, SWTCH_MARK_THREAD);
		swtch_marks_area->rings[i].tid = (uint32_t)rig->tid;
		marked_skip(rig->marked);
		mark(i, 1, SWTCH_MARK_RESUME);
		marked_skip(rig->marked);
	}
	assert_int_equal(n_calls, 0);
	read_all(rig);
	assert_int_equal(rig->n_events + n_calls, 0);
	mark(3, 1, SWTCH_MARK_RESUME);
	read_all(rig);
	assert_int_equal(rig->n_of_thread, 1);
}

static void test_thread_that_is_named_again_is_looked_for_once(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < 1000; i++) {
		mark(0, (uint32_t)rig->tid, SWTCH_MARK_THREAD);
		mark(0, 1, SWTCH_MARK_RESUME);
	}
	read_all(rig);
	assert_int_equal(rig->n_of_thread, 1000);
	assert_in_range(n_calls, 1, 2);
	mark(0, 1, SWTCH_MARK_SUSPEND);
	read_all(rig);
	assert_int_equal(rig->n_of_thread, 1);
	assert_int_equal(n_calls, 0);
}

/* Each ring full of other threads: a few are looked for; and then the last, when there is time again. */
static void test_program_that_names_threads_with_all_marks_costs_few_calls(void **state)
{
	struct rig *rig = *state;
	const unsigned n = SWTCH_MARKS_N_MARKS / 2 - 2;

	for (unsigned ring = 0; ring < SWTCH_MARKS_N_RINGS; ring++) {
		for (unsigned i = 0; i < n; i++) {
			mark(ring, 1 + i % 30000, SWTCH_MARK_THREAD);
			mark(ring, 1, SWTCH_MARK_SUSPEND);
		}
		mark(ring, (uint32_t)rig->tid, SWTCH_MARK_THREAD);
	}
	read_all(rig);
	assert_int_equal(rig->n_events, n * SWTCH_MARKS_N_RINGS);
	assert_in_range(n_calls, 1, 2 * MARKED_N_LOOKS);
	for (unsigned ring = 0; ring < SWTCH_MARKS_N_RINGS; ring++)
		mark(ring, 1, SWTCH_MARK_SUSPEND);
	read_all(rig);
	assert_int_equal(rig->n_of_thread, SWTCH_MARKS_N_RINGS);
	assert_in_range(n_calls, 1, 2 * SWTCH_MARKS_N_RINGS);
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_marks_that_nobody_wants_cost_no_call),
		RIGGED(test_thread_that_is_named_again_is_looked_for_once),
		RIGGED(test_program_that_names_threads_with_all_marks_costs_few_calls),
	};

	return cmocka_run_group_tests_name("marked_calls", tests, NULL, NULL);
}
