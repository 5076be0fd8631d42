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

/* --- losses ---------------------------------------------------------------------------------------- */

#define N_CPUS_LOST 16

/* One CPU's events as they were delivered, held against their numbers. */
struct numbers {
	uint32_t last;	  /* sequence number that is accounted for */
	uint64_t last_ns; /* of the last event with a number */
	uint64_t lost_ns; /* a loss stands before the next one; 0: none */
	uint64_t n_told, n_lost, n_unnumbered;
};

struct ledger {
	uint64_t n, n_names;
	struct numbers cpus[N_CPUS_LOST];
};

/* Each number is delivered, or in a loss; names alone do not say whose number they had. */
static void book(const struct event *event, void *ctx)
{
	struct ledger *ledger = ctx;
	struct numbers *here;

	if (event->kind == EVENT_NAME) {
		ledger->n_names++;
		return;
	}
	assert_true(event->cpu < N_CPUS_LOST);
	here = &ledger->cpus[event->cpu];
	if (event->kind == EVENT_LOST) {
		assert_true(event->lost.n > 0);
		here->n_unnumbered += event->lost.first_seq - here->last - 1;
		here->last = event->lost.first_seq + event->lost.n - 1;
		here->n_lost += event->lost.n;
		here->lost_ns = event->time_ns;
		assert_true(event->time_ns >= here->last_ns);
		return;
	}
	ledger->n++;
	assert_true(event->seq > here->last);
	here->n_unnumbered += event->seq - here->last - 1;
	here->last = event->seq;
	here->n_told++;
	assert_true(event->time_ns >= here->lost_ns);
	here->last_ns = event->time_ns;
	here->lost_ns = 0;
}

/* Events that the same machine makes in so long, when it is read in time. */
static uint64_t made_in(unsigned n_cpus, unsigned n_tasks, unsigned ms)
{
	struct source *source = source_synth_new(n_cpus, n_tasks, 5);
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	uint64_t n;

	source_synth_set_stretch(source, 1);
	for (unsigned i = 0; i < ms; i++) {
		source_synth_advance(source, NS_PER_MS);
		source->poll(source, book, ledger);
	}
	source->flush(source, book, ledger);
	n = ledger->n + ledger->n_names;
	for (unsigned cpu = 0; cpu < n_cpus; cpu++)
		assert_int_equal(ledger->cpus[cpu].n_lost, 0);
	free(ledger);
	source->free(source);
	return n;
}

/* Who reads too late now and then is told on which CPU, which numbers and when. */
static void test_synth_losses_are_located(void **unused)
{
	static const unsigned steps_ms[] = { 20, 300, 20, 700, 1500, 60 };
	struct source *source = source_synth_new(N_CPUS_LOST, 4000, 5);
	uint64_t n_told = 0, n_lost = 0, n_unnumbered = 0;
	struct ledger ledger = { .n = 0 };
	struct counts counts;
	unsigned ms = 0;

	(void)unused;
	source_synth_set_stretch(source, 1);
	for (unsigned i = 0; i < sizeof(steps_ms) / sizeof(*steps_ms); i++) {
		source_synth_advance(source, steps_ms[i] * NS_PER_MS);
		source->poll(source, book, &ledger);
		ms += steps_ms[i];
	}
	source->flush(source, book, &ledger);
	for (unsigned cpu = 0; cpu < N_CPUS_LOST; cpu++) {
		const struct numbers *here = &ledger.cpus[cpu];

		assert_true(here->n_lost > 1000 && here->n_told > 1000);
		n_told += here->n_told;
		n_lost += here->n_lost;
		n_unnumbered += here->n_unnumbered;
	}
	assert_int_equal(n_unnumbered, ledger.n_names);
	assert_int_equal(n_told + ledger.n_names + n_lost, made_in(N_CPUS_LOST, 4000, ms));
	assert_int_equal(counts_init(&counts, N_CPUS_LOST, N_LANES), 0);
	source->counts(source, &counts);
	assert_int_equal(counts.self.lost_events, n_lost);
	assert_int_equal(counts.self.n_events, n_told + ledger.n_names);
	counts_fini(&counts);
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
		cmocka_unit_test(test_synth_losses_are_located),
		cmocka_unit_test(test_synth_largest_machine_runs),
		cmocka_unit_test(test_synth_numbers_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
