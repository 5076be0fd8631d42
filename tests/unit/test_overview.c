// SPDX-License-Identifier: GPL-2.0-only
/* test_overview.c - sums over time against a computation that keeps every span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "source/source.h"
#include "state/overview.h"

#define N_CPUS	2
#define N_LANES 4
#define IDLE	N_LANES
#define UNKNOWN (N_LANES + 1)
#define N_WHOS	(N_LANES + 2)

/* A stretch of a CPU's time as the events say it, by the plainest of means. */
struct stretch {
	uint64_t from_ns, to_ns;
	unsigned who;
};

struct watched {
	struct overview *overview;
	struct {
		struct stretch *stretches; /* one after the other */
		size_t n, n_room, n_switches;
		uint64_t since_ns;
		unsigned who;
	} cpus[N_CPUS];
	uint64_t first_ns, last_ns;
};

static void note(struct watched *watched, unsigned cpu, uint64_t from_ns, uint64_t to_ns,
		 unsigned who)
{
	struct stretch **stretches = &watched->cpus[cpu].stretches;
	size_t *n = &watched->cpus[cpu].n, *n_room = &watched->cpus[cpu].n_room;

	if (*n == *n_room) {
		*n_room = *n_room ? 2 * *n_room : 4096;
		*stretches = realloc(*stretches, *n_room * sizeof(**stretches));
		assert_non_null(*stretches);
	}
	(*stretches)[(*n)++] = (struct stretch){ from_ns, to_ns, who };
}

static unsigned who_is(uint32_t task)
{
	return task_pid(task) ? task_lane(task) : IDLE;
}

static void note_switch(struct watched *watched, const struct event *event)
{
	unsigned cpu = event->cpu;
	uint64_t from_ns = watched->cpus[cpu].since_ns, ran_ns = event->to.ran_ns;

	if (ran_ns > event->time_ns - from_ns)
		ran_ns = event->time_ns - from_ns;
	note(watched, cpu, from_ns, event->time_ns - ran_ns, watched->cpus[cpu].who);
	note(watched, cpu, event->time_ns - ran_ns, event->time_ns, who_is(event->task));
	watched->cpus[cpu].since_ns = event->time_ns;
	watched->cpus[cpu].who = who_is(event->to.next);
	watched->cpus[cpu].n_switches++;
}

static void watch(const struct event *event, void *ctx)
{
	struct watched *watched = ctx;

	overview_apply(watched->overview, event);
	if (!watched->first_ns)
		watched->first_ns = event->time_ns;
	watched->last_ns = event->time_ns;
	if (event->kind == EVENT_SWITCH) {
		note_switch(watched, event);
	} else if (event->kind == EVENT_LOST) {
		unsigned cpu = event->cpu;

		note(watched, cpu, watched->cpus[cpu].since_ns, event->time_ns,
		     watched->cpus[cpu].who);
		watched->cpus[cpu].since_ns = event->time_ns;
		watched->cpus[cpu].who = UNKNOWN;
	}
}

static void watch_start(struct watched *watched, size_t bytes)
{
	*watched = (struct watched){ .overview = overview_new(N_CPUS, N_LANES, bytes) };
	assert_non_null(watched->overview);
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++)
		watched->cpus[cpu].who = UNKNOWN;
}

static void watch_end(struct watched *watched)
{
	overview_free(watched->overview);
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++)
		free(watched->cpus[cpu].stretches);
}

/* Two seconds of the made-up machine, with a loss on CPU 1 in the middle. */
static void watch_machine(struct watched *watched)
{
	struct source *source = source_synth_new(N_CPUS, 60, 1);

	assert_non_null(source);
	source_synth_advance(source, NS_PER_S);
	assert_true(source->poll(source, watch, watched) > 0);
	source_synth_lose(source, 1, 7);
	source_synth_advance(source, NS_PER_S);
	assert_true(source->flush(source, watch, watched) > 0);
	source->free(source);
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++)
		note(watched, cpu, watched->cpus[cpu].since_ns, watched->last_ns,
		     watched->cpus[cpu].who);
}

/* The first stretch of a CPU that ends later. */
static size_t first_after(const struct watched *watched, unsigned cpu, uint64_t time_ns)
{
	size_t low = 0, high = watched->cpus[cpu].n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (watched->cpus[cpu].stretches[middle].to_ns <= time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_up(const struct watched *watched, unsigned cpu, uint64_t from_ns, uint64_t to_ns,
		   double sums[N_WHOS])
{
	double all = (double)(to_ns - from_ns);

	memset(sums, 0, N_WHOS * sizeof(*sums));
	sums[UNKNOWN] = 1;
	for (size_t i = first_after(watched, cpu, from_ns); i < watched->cpus[cpu].n; i++) {
		const struct stretch *stretch = &watched->cpus[cpu].stretches[i];
		uint64_t first = stretch->from_ns > from_ns ? stretch->from_ns : from_ns;
		uint64_t last = stretch->to_ns < to_ns ? stretch->to_ns : to_ns;

		if (stretch->from_ns >= to_ns)
			break;
		if (stretch->who == UNKNOWN)
			continue;
		sums[stretch->who] += (double)(last - first) / all;
		sums[UNKNOWN] -= (double)(last - first) / all;
	}
}

static void check_range(const struct watched *watched, uint64_t from_ns, uint64_t to_ns,
			double within)
{
	struct overview_shares shares;
	double sums[N_WHOS], all;

	for (unsigned cpu = 0; cpu < N_CPUS; cpu++) {
		overview_query(watched->overview, cpu, from_ns, to_ns, &shares);
		add_up(watched, cpu, from_ns, to_ns, sums);
		all = shares.idle + shares.unknown;
		for (unsigned lane = 0; lane < N_LANES; lane++) {
			assert_true(fabs(shares.lanes[lane] - sums[lane]) <= within);
			all += shares.lanes[lane];
		}
		assert_true(fabs(shares.idle - sums[IDLE]) <= within);
		assert_true(fabs(shares.unknown - sums[UNKNOWN]) <= within);
		assert_true(fabs(all - 1) < 1e-9);
	}
}

/* Where buckets begin and end nothing is taken to be even: the sums are exact. */
static void test_overview_at_buckets_equals_the_spans_themselves(void **unused)
{
	struct watched watched;
	uint64_t start_ns, width_ns;

	(void)unused;
	watch_start(&watched, 32768); /* so few buckets that they merged many times */
	watch_machine(&watched);
	start_ns = overview_start_ns(watched.overview);
	width_ns = overview_width_ns(watched.overview);
	assert_true(start_ns == watched.first_ns);
	assert_true(overview_end_ns(watched.overview) == watched.last_ns);
	assert_true(width_ns > NS_PER_MS);
	check_range(&watched, start_ns, watched.last_ns, 1e-9);
	for (uint64_t at = start_ns; at + 3 * width_ns < watched.last_ns; at += width_ns) {
		check_range(&watched, at, at + width_ns, 1e-9);
		check_range(&watched, at, at + 3 * width_ns, 1e-9);
	}
	watch_end(&watched);
}

/* Between, a query is wrong by no more than the buckets at its two ends hold. */
static void test_overview_within_buckets_is_off_by_their_width(void **unused)
{
	struct watched watched;
	uint64_t width_ns;

	(void)unused;
	watch_start(&watched, 1u << 20);
	watch_machine(&watched);
	width_ns = overview_width_ns(watched.overview);
	for (uint64_t at = watched.first_ns; at < watched.last_ns; at += 7777777)
		check_range(&watched, at, at + 40 * width_ns, 2.0 / 40);
	watch_end(&watched);
}

static void test_overview_counts_every_switch_once(void **unused)
{
	struct watched watched;
	struct overview_shares shares;

	(void)unused;
	watch_start(&watched, 65536);
	watch_machine(&watched);
	for (unsigned cpu = 0; cpu < N_CPUS; cpu++) {
		uint64_t width_ns = overview_width_ns(watched.overview), at = watched.first_ns;
		double n = 0;

		for (; at < watched.last_ns; at += width_ns) {
			overview_query(watched.overview, cpu, at, at + width_ns, &shares);
			n += shares.n_switches;
		}
		assert_true(fabs(n - (double)watched.cpus[cpu].n_switches) < 0.5);
	}
	watch_end(&watched);
}

static void send_switch(struct overview *overview, uint64_t time_ns, uint32_t left, uint32_t came,
			uint32_t ran_ns)
{
	struct event event = { .time_ns = time_ns,
			       .kind = EVENT_SWITCH,
			       .task = left,
			       .to = { .next = came, .ran_ns = ran_ns } };

	overview_apply(overview, &event);
}

static void test_overview_after_a_loss_is_unknown_until_who_left_is_told(void **unused)
{
	struct overview *overview = overview_new(1, 2, 1u << 16);
	struct event lost = { .time_ns = 2000000, .kind = EVENT_LOST, .lost = { .n = 3 } };
	struct overview_shares shares;
	uint32_t a = task_word(7, 1);

	(void)unused;
	assert_non_null(overview);
	send_switch(overview, 1000000, 0, a, 0);
	lost.task = task_word(9, 1); /* marks of a thread's coroutines: no matter of CPUs */
	lost.cpu = CPU_UNKNOWN;
	overview_apply(overview, &lost);
	lost.task = 0;
	lost.time_ns = 3000000;
	overview_apply(overview, &lost);
	send_switch(overview, 6000000, a, 0, 1000000);
	send_switch(overview, 7000000, 0, a, 0);
	overview_query(overview, 0, 1000000, 7000000, &shares);
	assert_true(fabs(shares.lanes[1] - 3.0 / 6) < 1e-9);
	assert_true(fabs(shares.unknown - 2.0 / 6) < 1e-9);
	assert_true(fabs(shares.idle - 1.0 / 6) < 1e-9);
	overview_free(overview);
}

/* Nothing says that events were not listened to, but that who left had come much later. */
static void test_overview_what_cannot_be_is_unknown(void **unused)
{
	struct overview *overview = overview_new(1, 2, 1u << 16);
	struct overview_shares shares;
	uint32_t a = task_word(7, 1), b = task_word(8, 1);

	(void)unused;
	assert_non_null(overview);
	send_switch(overview, 10000000, 0, a, 0);
	send_switch(overview, 30000000, a, b, 10000000); /* `a` must have come again */
	send_switch(overview, 50000000, a, 0, 5000000);	 /* and `b` left unseen */
	overview_query(overview, 0, 10000000, 50000000, &shares);
	assert_true(fabs(shares.lanes[1] - 15.0 / 40) < 1e-9);
	assert_true(fabs(shares.unknown - 25.0 / 40) < 1e-9);
	overview_free(overview);
}

static void test_overview_outside_of_its_time_is_unknown(void **unused)
{
	struct overview *overview = overview_new(2, 2, 0);
	struct overview_shares shares;

	(void)unused;
	assert_non_null(overview);
	overview_query(overview, 0, 0, UINT64_MAX, &shares);
	assert_true(shares.unknown == 1);
	send_switch(overview, 4000, 0, task_word(7, 1), 0);
	send_switch(overview, 6000, task_word(7, 1), 0, 2000);
	overview_query(overview, 0, 2000, 10000, &shares);
	assert_true(fabs(shares.lanes[1] - 0.25) < 1e-9 && fabs(shares.unknown - 0.75) < 1e-9);
	overview_query(overview, 1, 2000, 10000, &shares);
	assert_true(shares.unknown == 1);
	overview_query(overview, 77, 2000, 10000, &shares);
	assert_true(shares.unknown == 1);
	overview_query(overview, 0, 5000, 5000, &shares);
	assert_true(shares.unknown == 1);
	overview_free(overview);
}

/* Times and CPUs come from files too: any of them ends soon and within bounds. */
static void test_overview_takes_any_event(void **unused)
{
	static const uint64_t times[] = { 0,	      1, UINT64_MAX, 5, 1ull << 63, UINT64_MAX - 1,
					  1ull << 40, 0 };
	struct overview *overview = overview_new(3, N_LANES_MAX, 1u << 16);
	struct overview_shares shares;

	(void)unused;
	assert_non_null(overview);
	for (unsigned i = 0; i < 64; i++) {
		struct event event = { .time_ns = times[i % 8],
				       .kind = (uint8_t)(i % 3 ? EVENT_SWITCH : EVENT_LOST),
				       .cpu = (uint16_t)(i % 5 == 4 ? 0xffff : i % 5),
				       .task = i * 77777777u,
				       .to = { .next = i * 55555555u, .ran_ns = i << 26 } };

		overview_apply(overview, &event);
		for (unsigned cpu = 0; cpu < 3; cpu++) {
			overview_query(overview, cpu, times[(i + 3) % 8], times[i % 8], &shares);
			assert_true(shares.unknown >= 0 && shares.unknown <= 1);
		}
	}
	overview_free(overview);
}

static void test_overview_copy_stays_and_clear_begins_anew(void **unused)
{
	struct overview *overview = overview_new(1, 2, 1u << 16), *copy;
	struct overview_shares shares;

	(void)unused;
	assert_non_null(overview);
	send_switch(overview, 5000, 0, task_word(7, 1), 0);
	send_switch(overview, 9000, task_word(7, 1), 0, 4000);
	copy = overview_copy(overview);
	assert_non_null(copy);
	overview_clear(overview);
	overview_query(overview, 0, 5000, 9000, &shares);
	assert_true(shares.unknown == 1 && !overview_end_ns(overview));
	send_switch(overview, 100, 0, 0, 0);
	assert_int_equal(overview_start_ns(overview), 100);
	overview_query(copy, 0, 5000, 9000, &shares);
	assert_true(fabs(shares.lanes[1] - 1) < 1e-9);
	overview_free(copy);
	overview_free(overview);
	assert_null(overview_new(0, 2, 100));
	assert_null(overview_new(2, N_LANES_MAX + 1, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overview_at_buckets_equals_the_spans_themselves),
		cmocka_unit_test(test_overview_within_buckets_is_off_by_their_width),
		cmocka_unit_test(test_overview_counts_every_switch_once),
		cmocka_unit_test(test_overview_after_a_loss_is_unknown_until_who_left_is_told),
		cmocka_unit_test(test_overview_what_cannot_be_is_unknown),
		cmocka_unit_test(test_overview_outside_of_its_time_is_unknown),
		cmocka_unit_test(test_overview_takes_any_event),
		cmocka_unit_test(test_overview_copy_stays_and_clear_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
