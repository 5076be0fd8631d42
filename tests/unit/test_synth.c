// SPDX-License-Identifier: GPL-2.0-only
/* test_synth.c - the made-up machine is repeatable, and its events and counts tell one story. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event/names.h"
#include "source/source.h"

#define N_LANES 4
#define UNKNOWN UINT32_MAX /* who runs, after a gap */
#define N_PIDS	(1u << TASK_PID_BITS)

/* What the events alone say. */
struct story {
	unsigned n_cpus;
	uint64_t n, last_ns, hash;
	uint64_t switches[N_LANES], wakeups[N_LANES], migrations[N_LANES], clones[N_LANES];
	uint64_t run_ns[N_LANES], exits[N_LANES], n_lost, n_unclean;
	uint32_t running[SYNTH_N_CPUS_MAX];
	uint16_t *on_cpu; /* [pid]: CPU + 1 that it runs on */
};

static void follow_switch(struct story *story, const struct event *event)
{
	uint32_t next = task_pid(event->to.next);

	/* A task of a lane runs in one place, and leaves from where it came. */
	if (task_lane(event->task) && story->running[event->cpu] != UNKNOWN)
		assert_int_equal(story->running[event->cpu], event->task);
	story->on_cpu[task_pid(event->task)] = 0;
	if (task_lane(event->to.next)) {
		assert_int_equal(story->on_cpu[next], 0);
		story->on_cpu[next] = (uint16_t)(event->cpu + 1);
	}
	story->running[event->cpu] = event->to.next;
	story->switches[task_lane(event->task)]++;
	story->run_ns[task_lane(event->task)] += event->to.ran_ns;
}

static void follow(const struct event *event, void *ctx)
{
	struct story *story = ctx;
	const unsigned char *bytes = (const unsigned char *)event;
	char name[TASK_NAME_LEN];

	assert_true(event->time_ns >= story->last_ns);
	assert_true(event->kind > EVENT_NONE && event->kind < N_EVENT_KINDS);
	assert_true(task_lane(event->task) < N_LANES);
	if (event->kind != EVENT_NAME)
		assert_true(event->cpu < story->n_cpus);
	story->last_ns = event->time_ns;
	story->n++;
	for (size_t i = 0; i < sizeof(*event); i++)
		story->hash = (story->hash ^ bytes[i]) * 1099511628211ull;
	switch (event->kind) {
	case EVENT_SWITCH:
		follow_switch(story, event);
		break;
	case EVENT_WAKING:
		story->wakeups[task_lane(event->task)]++;
		break;
	case EVENT_MIGRATE:
		story->migrations[task_lane(event->task)]++;
		break;
	case EVENT_CLONE:
		story->clones[task_lane(event->made.child)]++;
		break;
	case EVENT_EXIT:
		story->exits[task_lane(event->task)]++;
		break;
	case EVENT_LOST:
		story->n_lost += event->lost.n;
		story->running[event->cpu] = UNKNOWN;
		memset(story->on_cpu, 0, N_PIDS * sizeof(*story->on_cpu));
		break;
	case EVENT_NAME:
		event_name(event, name);
		for (unsigned i = 0; name[i]; i++)
			story->n_unclean += (unsigned char)name[i] < ' ';
		break;
	}
}

static void story_open(struct story *story, unsigned n_cpus)
{
	*story = (struct story){ .n_cpus = n_cpus, .hash = 14695981039346656037ull };
	story->on_cpu = calloc(N_PIDS, sizeof(*story->on_cpu));
	assert_non_null(story->on_cpu);
}

static void run(struct source *source, struct story *story, unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 50) {
		source_synth_advance(source, 50 * NS_PER_MS);
		assert_true(source->poll(source, follow, story) >= 0);
	}
}

static void test_synth_same_seed_gives_the_same_events(void **unused)
{
	uint64_t hash[3];

	(void)unused;
	for (unsigned i = 0; i < 3; i++) {
		struct source *source = source_synth_new(3, 50, i < 2 ? 7 : 8);
		struct story story;

		story_open(&story, 3);
		run(source, &story, 300);
		hash[i] = story.hash;
		assert_true(story.n > 1000);
		free(story.on_cpu);
		source->free(source);
	}
	assert_true(hash[0] == hash[1]);
	assert_true(hash[0] != hash[2]);
}

static void test_synth_events_and_counts_agree(void **unused)
{
	struct source *source = source_synth_new(4, 60, 1);
	struct counts counts;
	struct story story;

	(void)unused;
	story_open(&story, 4);
	run(source, &story, 2000);
	assert_true(source->flush(source, follow, &story) >= 0);
	assert_int_equal(counts_init(&counts, 4, N_LANES), 0);
	assert_int_equal(source->counts(source, &counts), 0);
	assert_int_equal(counts.self.lost_events, 0);
	assert_int_equal(counts.self.n_events, story.n);
	for (unsigned lane = 1; lane < N_LANES; lane++) {
		struct lane_counters sum = { 0 };
		uint64_t waits = 0;

		for (unsigned cpu = 0; cpu < 4; cpu++)
			counters_add(&sum, counts_cell(&counts, cpu, lane));
		for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
			waits += sum.wait_log2[i];
		assert_true(sum.voluntary > 10);
		assert_int_equal(sum.voluntary + sum.involuntary, story.switches[lane]);
		assert_int_equal(sum.run_ns, story.run_ns[lane]);
		assert_int_equal(sum.wakeups, story.wakeups[lane]);
		assert_int_equal(sum.migrations, story.migrations[lane]);
		assert_int_equal(sum.processes + sum.threads, story.clones[lane]);
		assert_int_equal(sum.exited, story.exits[lane]);
		assert_true(waits >= story.switches[lane]);
	}
	assert_true(story.clones[1] > 2 && story.exits[2] > 0);
	assert_true(story.n_unclean > 0); /* some names are hostile */
	free(story.on_cpu);
	counts_fini(&counts);
	source->free(source);
}

static void test_synth_times_of_a_cpu_add_up(void **unused)
{
	struct source *source = source_synth_new(2, 6, 1);
	struct counts counts;
	struct story story;

	(void)unused;
	story_open(&story, 2);
	run(source, &story, 1000);
	assert_int_equal(counts_init(&counts, 2, N_LANES), 0);
	assert_int_equal(source->counts(source, &counts), 0);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		uint64_t all = counts.times[cpu].idle_ns + counts.times[cpu].busy_ns;

		assert_true(all >= NS_PER_S && all < NS_PER_S + 10 * NS_PER_MS);
		assert_true(counts.times[cpu].idle_ns > 0);
	}
	free(story.on_cpu);
	counts_fini(&counts);
	source->free(source);
}

static void test_synth_loss_on_request_is_told_once(void **unused)
{
	struct source *source = source_synth_new(2, 6, 1);
	struct counts counts;
	struct story story;

	(void)unused;
	story_open(&story, 2);
	run(source, &story, 100);
	source_synth_lose(source, 1, 100);
	source_synth_lose(source, 99, 5);
	run(source, &story, 200);
	assert_int_equal(story.n_lost, 100);
	assert_int_equal(counts_init(&counts, 2, N_LANES), 0);
	source->counts(source, &counts);
	assert_int_equal(counts.self.lost_events, 100);
	free(story.on_cpu);
	counts_fini(&counts);
	source->free(source);
}

/* A reader that does not come loses events, and is told how many. */
static void test_synth_full_queue_loses_and_tells(void **unused)
{
	struct source *source = source_synth_new(1, 6, 1);
	struct counts counts = { 0 };
	struct story story;

	(void)unused;
	story_open(&story, 1);
	source_synth_advance(source, 20 * NS_PER_S);
	source->poll(source, follow, &story);
	assert_int_equal(story.n_lost, 0); /* there was no room to tell */
	run(source, &story, 100);
	assert_true(story.n_lost > 1000);
	assert_int_equal(counts_init(&counts, 1, N_LANES), 0);
	source->counts(source, &counts);
	assert_int_equal(counts.self.lost_events, story.n_lost);
	counts_fini(&counts);
	free(story.on_cpu);
	source->free(source);
}

static void test_synth_largest_machine_runs(void **unused)
{
	struct source *source = source_synth_new(SYNTH_N_CPUS_MAX, SYNTH_N_TASKS_MAX, 3);
	struct story story;

	(void)unused;
	assert_non_null(source);
	story_open(&story, SYNTH_N_CPUS_MAX);
	run(source, &story, 300);
	assert_true(story.clones[1] > 100);
	free(story.on_cpu);
	source->free(source);
}

static void test_synth_numbers_out_of_range_are_refused(void **unused)
{
	(void)unused;
	errno = 0;
	assert_null(source_synth_new(0, 1, 1));
	assert_int_equal(errno, EINVAL);
	assert_null(source_synth_new(SYNTH_N_CPUS_MAX + 1, 1, 1));
	assert_null(source_synth_new(1, 0, 1));
	assert_null(source_synth_new(1, SYNTH_N_TASKS_MAX + 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_synth_same_seed_gives_the_same_events),
		cmocka_unit_test(test_synth_events_and_counts_agree),
		cmocka_unit_test(test_synth_times_of_a_cpu_add_up),
		cmocka_unit_test(test_synth_loss_on_request_is_told_once),
		cmocka_unit_test(test_synth_full_queue_loses_and_tells),
		cmocka_unit_test(test_synth_largest_machine_runs),
		cmocka_unit_test(test_synth_numbers_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
