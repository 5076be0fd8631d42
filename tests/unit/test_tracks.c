// SPDX-License-Identifier: GPL-2.0-only
/* test_tracks.c - events of a few microseconds into stretches: whole, cut, unknown, left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sink/tracks.h"

#define PING (101 | 1u << TASK_PID_BITS)
#define PONG (102 | 1u << TASK_PID_BITS)
#define LOOP (103 | 2u << TASK_PID_BITS)
#define ELSE 9 /* a task in no lane */

struct rig {
	struct tracks *tracks;
	unsigned n, n_co;
	struct stretch told[16];
	struct co_stretch co[16];
};

static void on_stretch(const struct stretch *stretch, void *ctx)
{
	struct rig *rig = ctx;

	assert_true(rig->n < 16 && stretch->start_ns < stretch->end_ns);
	rig->told[rig->n++] = *stretch;
}

static void on_coroutine(const struct co_stretch *stretch, void *ctx)
{
	struct rig *rig = ctx;

	assert_true(rig->n_co < 16 && stretch->start_ns < stretch->end_ns);
	rig->co[rig->n_co++] = *stretch;
}

static void rig_open(struct rig *rig, uint64_t from_ns)
{
	struct tracks_visitor visitor = { on_stretch, on_coroutine, rig };

	*rig = (struct rig){ .tracks = tracks_new(2, from_ns, &visitor) };
	assert_non_null(rig->tracks);
}

static struct event a_switch(uint64_t time_ns, uint32_t task, uint32_t next, uint32_t ran_ns)
{
	return (struct event){ .time_ns = time_ns,
			       .kind = EVENT_SWITCH,
			       .state = LEAVE_SLEEPING | LEAVE_VOLUNTARY,
			       .task = task,
			       .to = { next, ran_ns, 300 } };
}

static void play(struct rig *rig, struct event event)
{
	tracks_apply(rig->tracks, &event);
}

static void expect(const struct rig *rig, unsigned i, uint32_t task, uint64_t start_ns,
		   uint64_t end_ns)
{
	assert_true(i < rig->n);
	assert_int_equal(rig->told[i].task, task);
	assert_int_equal(rig->told[i].start_ns, start_ns);
	assert_int_equal(rig->told[i].end_ns, end_ns);
}

static void test_tracks_switches_become_stretches_with_wakers(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, 0);
	play(&rig, a_switch(1000, 0, PING, 0));
	play(&rig, (struct event){ .time_ns = 1700,
				   .kind = EVENT_WAKING,
				   .cpu = 1,
				   .task = PING,
				   .wake = { PONG, 0, 0 } });
	play(&rig, a_switch(2000, PING, PONG, 1000));
	play(&rig, a_switch(2500, PONG, 0, 500));
	assert_int_equal(rig.n, 2);
	expect(&rig, 0, PING, 1000, 2000);
	expect(&rig, 1, PONG, 2000, 2500);
	assert_int_equal(rig.told[0].woken_ns, 0);
	assert_int_equal(rig.told[1].woken_ns, 1700);
	assert_int_equal(rig.told[1].waker, PING);
	assert_int_equal(rig.told[1].waker_cpu, 1);
	assert_int_equal(rig.told[1].waited_ns, 300);
	assert_true(rig.told[1].left);
	tracks_free(rig.tracks);
}

/* The measured time counts where nobody saw it come; a saturated or unknown one makes no guess. */
static void test_tracks_what_nobody_saw_stays_blank(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, 0);
	play(&rig, a_switch(5000, PING, 0, 400));
	play(&rig, a_switch(9000, PONG, 0, TIME_SATURATED));
	play(&rig, a_switch(10000, ELSE, PING, 0));
	play(&rig, a_switch(11000, PING, ELSE, 1000));
	play(&rig, a_switch(15000, PONG, PING, 0)); /* not who came last */
	assert_int_equal(rig.n, 2);
	expect(&rig, 0, PING, 4600, 5000);
	expect(&rig, 1, PING, 10000, 11000);
	play(&rig, (struct event){ .time_ns = 16000, .kind = EVENT_LOST, .lost = { 3, 0, 0 } });
	play(&rig, a_switch(20000, PING, 0, 0));
	assert_int_equal(rig.n, 2);
	tracks_free(rig.tracks);
}

static void test_tracks_nothing_before_the_beginning_or_behind_the_end(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, 4000);
	play(&rig, a_switch(5000, PING, PONG, 3000));
	expect(&rig, 0, PING, 4000, 5000);
	assert_int_equal(rig.told[0].waited_ns, 0);
	tracks_end(rig.tracks, 7000);
	expect(&rig, 1, PONG, 5000, 7000);
	assert_false(rig.told[1].left);
	tracks_free(rig.tracks);

	rig_open(&rig, 0); /* of a task in no lane nobody knows until when */
	play(&rig, a_switch(5000, PING, ELSE, 3000));
	tracks_end(rig.tracks, 7000);
	assert_int_equal(rig.n, 1);
	tracks_free(rig.tracks);
}

/* Nothing is drawn across an event that a filter left out. */
static void test_tracks_what_is_passed_ends_a_stretch_and_begins_none(void **state)
{
	struct rig rig;
	struct event hidden = a_switch(3000, ELSE, LOOP, 0);

	(void)state;
	rig_open(&rig, 0);
	play(&rig, a_switch(2000, PING, ELSE, 1000));
	tracks_pass(rig.tracks, &hidden);
	play(&rig, a_switch(8000, ELSE, PING, 0));
	assert_int_equal(rig.n, 2);
	expect(&rig, 0, PING, 1000, 2000);
	expect(&rig, 1, ELSE, 2000, 3000);
	tracks_free(rig.tracks);
}

static void mark(struct rig *rig, uint64_t time_ns, unsigned kind, uint32_t id)
{
	play(rig, (struct event){ .time_ns = time_ns,
				  .kind = (uint8_t)kind,
				  .task = LOOP,
				  .coroutine = { id, 2, 0 } });
}

/* A coroutine stands still while its thread is on no CPU. */
static void test_tracks_coroutines_stop_with_their_thread(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, 0);
	play(&rig, a_switch(1000, 0, LOOP, 0));
	mark(&rig, 1100, EVENT_RESUME, 7);
	play(&rig, a_switch(1500, LOOP, PING, 500));
	play(&rig, a_switch(2000, PING, LOOP, 500));
	mark(&rig, 2200, EVENT_SUSPEND, 7);
	mark(&rig, 2300, EVENT_RESUME, 8);
	mark(&rig, 2400, EVENT_END, 8);
	play(&rig, a_switch(3000, LOOP, 0, 1000));
	assert_int_equal(rig.n_co, 3);
	assert_int_equal(rig.co[0].id, 7);
	assert_int_equal(rig.co[0].start_ns, 1100);
	assert_int_equal(rig.co[0].end_ns, 1500);
	assert_int_equal(rig.co[1].start_ns, 2000);
	assert_int_equal(rig.co[1].end_ns, 2200);
	assert_int_equal(rig.co[2].id, 8);
	tracks_free(rig.tracks);
}

static void test_tracks_clones_tell_processes_and_begin_pids_anew(void **state)
{
	struct event thread = { .time_ns = 1,
				.kind = EVENT_CLONE,
				.task = PING,
				.made = { PONG, 0x10000 /* CLONE_THREAD */, 0 } };
	struct rig rig;

	(void)state;
	rig_open(&rig, 0);
	tracks_life(rig.tracks, PONG)->number = 5;
	play(&rig, thread);
	assert_int_equal(tracks_life(rig.tracks, PONG)->process, task_pid(PING));
	assert_int_equal(tracks_life(rig.tracks, PONG)->number, 0);
	thread.made.flags_low = 0;
	play(&rig, thread);
	assert_int_equal(tracks_life(rig.tracks, PONG)->process, task_pid(PONG));
	assert_null(tracks_life(rig.tracks, 0));
	tracks_free(rig.tracks);
}

/* CPUs and pids that cannot be, as a hostile file has them. */
static void test_tracks_absurd_events_are_harmless(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, 0);
	for (uint32_t i = 0; i < 200000; i++) {
		struct event event = { .time_ns = (uint64_t)i * 7919 % 1000,
				       .kind = (uint8_t)(i % 20),
				       .cpu = (uint16_t)(i % 7 + 1),
				       .task = i * 2654435761u,
				       .made = { i * 40503u, i, i } };

		rig.n = rig.n_co = 0;
		play(&rig, event);
		tracks_pass(rig.tracks, &event);
	}
	tracks_end(rig.tracks, 1000);
	tracks_free(rig.tracks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tracks_switches_become_stretches_with_wakers),
		cmocka_unit_test(test_tracks_what_nobody_saw_stays_blank),
		cmocka_unit_test(test_tracks_nothing_before_the_beginning_or_behind_the_end),
		cmocka_unit_test(test_tracks_what_is_passed_ends_a_stretch_and_begins_none),
		cmocka_unit_test(test_tracks_coroutines_stop_with_their_thread),
		cmocka_unit_test(test_tracks_clones_tell_processes_and_begin_pids_anew),
		cmocka_unit_test(test_tracks_absurd_events_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
