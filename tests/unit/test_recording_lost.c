// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks that find no room are lost, and nothing else: the next one tells of each CPU how many events,
 * from when and from which number on, and again what they told of lanes and counts.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sink/recording.h"
#include "source/source.h"
#include "source/tape.h"

#define N_CPUS 3
#define N_MOST 4000000

struct rig {
	int fd;
	struct recording *recording;
	bool refuses;
	struct event *events; /* handed over, with their numbers */
	size_t n, n_told;     /* those in blocks that went out, one way or the other */
	struct event *expected;
	size_t n_expected, n_heard;
	struct event lost[N_CPUS + 1]; /* that the next block must tell; n 0: nothing */
	uint64_t n_lost;
};

static unsigned ring_of(const struct event *event)
{
	if (event->kind == EVENT_NAME || event_is_mark(event->kind) || event->cpu >= N_CPUS)
		return N_CPUS;
	return event->cpu;
}

static void note_lost(struct rig *rig, const struct event *event)
{
	struct event *lost = &rig->lost[ring_of(event)];
	bool is_loss = event->kind == EVENT_LOST;

	if (!lost->lost.n) {
		*lost = (struct event){ .time_ns = event->time_ns, .kind = EVENT_LOST };
		lost->cpu = ring_of(event) < N_CPUS ? (uint16_t)ring_of(event) : CPU_UNKNOWN;
		lost->lost.first_seq = is_loss ? event->lost.first_seq : event->seq;
	}
	lost->lost.n += is_loss ? event->lost.n : 1;
	rig->n_lost++;
}

static void expect(struct rig *rig, const struct event *event)
{
	assert_true(rig->n_expected < N_MOST);
	rig->expected[rig->n_expected] = *event;
	rig->expected[rig->n_expected++].seq = 0;
}

static void expect_lost(struct rig *rig)
{
	for (;;) {
		struct event *first = NULL;

		for (unsigned i = 0; i <= N_CPUS; i++)
			if (rig->lost[i].lost.n &&
			    (!first || rig->lost[i].time_ns < first->time_ns))
				first = &rig->lost[i];
		if (!first)
			return;
		expect(rig, first);
		first->lost.n = 0;
	}
}

static int take(const struct chunk *chunk, void *ctx)
{
	struct rig *rig = ctx;
	bool refuses = rig->refuses && chunk->n_events;

	if (!refuses)
		expect_lost(rig);
	for (; rig->n_told < rig->n; rig->n_told++)
		if (refuses)
			note_lost(rig, &rig->events[rig->n_told]);
		else
			expect(rig, &rig->events[rig->n_told]);
	if (refuses)
		return -ENOBUFS;
	return write(rig->fd, chunk->bytes, chunk->n) == (ssize_t)chunk->n ? 0 : -EIO;
}

static void put(const struct event *event, void *ctx)
{
	struct rig *rig = ctx;

	assert_true(rig->n < N_MOST);
	assert_int_equal(recording_event(rig->recording, event), 0);
	rig->events[rig->n++] = *event;
}

static void begin(struct rig *rig)
{
	*rig = (struct rig){ .fd = memfd_create("recording", MFD_CLOEXEC) };
	rig->events = malloc(N_MOST * sizeof(*rig->events));
	rig->expected = malloc(N_MOST * sizeof(*rig->expected));
	rig->recording = recording_new(N_CPUS, 4, take, rig);
	assert_true(rig->events && rig->expected && rig->recording && rig->fd >= 0);
	assert_int_equal(recording_head(rig->recording, take, rig), 0);
}

static void compare(const struct event *event, void *ctx)
{
	struct rig *rig = ctx;

	assert_true(rig->n_heard < rig->n_expected);
	assert_memory_equal(event, &rig->expected[rig->n_heard], sizeof(*event));
	rig->n_heard++;
}

static struct tape *end(struct rig *rig)
{
	struct error error = { "" };
	struct tape *tape;

	assert_int_equal(recording_flush(rig->recording), 0);
	assert_int_equal(recording_n_lost(rig->recording), rig->n_lost);
	assert_int_equal(recording_n_events(rig->recording), rig->n);
	tape = tape_open(rig->fd, "memory", &error);
	if (!tape)
		fail_msg("%s", error.text);
	return tape;
}

static void play(struct rig *rig, struct tape *tape, const struct tape_visitor *visitor)
{
	struct cursor *cursor = cursor_new(tape);

	assert_non_null(cursor);
	assert_true(cursor_play(cursor, UINT64_MAX, UINT64_MAX, visitor) >= 0);
	assert_int_equal(rig->n_heard, rig->n_expected);
	cursor_free(cursor);
}

static void finish(struct rig *rig, struct tape *tape)
{
	tape_free(tape);
	recording_free(rig->recording);
	free(rig->events);
	free(rig->expected);
}

/* The machine goes on for `ns`, with a block every now and then. */
static void advance(struct rig *rig, struct source *source, uint64_t ns)
{
	for (uint64_t at = 0; at < ns; at += 10 * NS_PER_MS) {
		source_synth_advance(source, 10 * NS_PER_MS);
		assert_true(source->poll(source, put, rig) >= 0);
		if (at % (30 * NS_PER_MS) == 0)
			assert_int_equal(recording_flush(rig->recording), 0);
	}
}

static void test_recording_tells_each_refused_event_by_cpu_number_and_time(void **state)
{
	struct source *source = source_synth_new(N_CPUS, 8, 3);
	struct rig rig;
	struct tape *tape;

	(void)state;
	begin(&rig);
	for (unsigned i = 0; i < 4; i++) {
		struct tape_visitor visitor = { .event = compare, .ctx = &rig };

		rig.refuses = i % 2; /* the last blocks too: the end tells of them */
		advance(&rig, source, 100 * NS_PER_MS);
		source_synth_lose(source, i % N_CPUS, 77);
		advance(&rig, source, 100 * NS_PER_MS);
		if (i != 3)
			continue;
		rig.refuses = false;
		tape = end(&rig);
		assert_true(rig.n_lost > 1000);
		play(&rig, tape, &visitor);
		assert_int_equal(tape_facts(tape)->n_broken, 0);
		finish(&rig, tape);
	}
	source->free(source);
}

/* Every hook's record has the number after the one before, in its ring: none is missing twice or not at all. */
static void test_recording_with_refused_blocks_accounts_for_each_number(void **state)
{
	struct source *source = source_synth_new(N_CPUS, 8, 5);
	struct tape_visitor visitor = { .event = compare, .ctx = NULL };
	uint64_t n = 0;
	struct rig rig;
	struct tape *tape;

	(void)state;
	begin(&rig);
	visitor.ctx = &rig;
	for (unsigned i = 0; i < 9; i++) {
		rig.refuses = i % 3 == 1;
		advance(&rig, source, 60 * NS_PER_MS);
	}
	tape = end(&rig);
	play(&rig, tape, &visitor);
	for (size_t i = 0; i < rig.n_expected; i++)
		n += rig.expected[i].kind == EVENT_LOST ? rig.expected[i].lost.n : 1;
	assert_int_equal(n, rig.n);
	finish(&rig, tape);
	source->free(source);
}

struct told {
	struct rig *rig;
	unsigned n_starts, n_counts;
	struct lane_label label;
	struct run_facts run;
	uint64_t counted_ns, done;
};

static void tell_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct told *told = ctx;

	assert_int_equal(lane, 2);
	told->label = *label;
	told->n_starts += starts;
}

static void tell_run(const struct run_facts *run, void *ctx)
{
	((struct told *)ctx)->run = *run;
}

static void tell_counts(const struct counts *counts, void *ctx)
{
	struct told *told = ctx;

	told->n_counts++;
	told->counted_ns = counts->time_ns;
	told->done = counts->work[2].done;
}

static void tell_event(const struct event *event, void *ctx)
{
	compare(event, ((struct told *)ctx)->rig);
}

static void test_recording_tells_again_what_a_refused_block_told(void **state)
{
	struct source *source = source_synth_new(N_CPUS, 8, 3);
	struct rig rig;
	struct told told = { .rig = &rig };
	struct tape_visitor visitor = { .event = tell_event,
					.lane = tell_lane,
					.run = tell_run,
					.counts = tell_counts,
					.ctx = &told };
	struct lane_label label = { .name = "thread", .note = "before", .phase = LANE_RUNNING };
	struct run_facts run = { .kind = "job", .job = "echo", .n_tasks = 6 };
	struct counts counts;
	struct tape *tape;

	(void)state;
	begin(&rig);
	assert_int_equal(counts_init(&counts, N_CPUS, 4), 0);
	recording_lane(rig.recording, 2, &label, true);
	advance(&rig, source, 50 * NS_PER_MS);
	rig.refuses = true;
	strcpy(label.note, "anew");
	recording_lane(rig.recording, 2, &label, true);
	recording_run(rig.recording, &run);
	advance(&rig, source, 50 * NS_PER_MS);
	assert_int_equal(source->counts(source, &counts), 0);
	counts.work[2].done = 4711;
	assert_int_equal(recording_counts(rig.recording, &counts), 0);
	advance(&rig, source, 50 * NS_PER_MS);
	rig.refuses = false;
	tape = end(&rig);
	play(&rig, tape, &visitor);
	assert_int_equal(told.n_starts, 2);
	assert_string_equal(told.label.note, "anew");
	assert_string_equal(told.run.job, "echo");
	assert_int_equal(told.counted_ns, counts.time_ns);
	assert_int_equal(told.done, 4711);
	counts_fini(&counts);
	finish(&rig, tape);
	source->free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recording_tells_each_refused_event_by_cpu_number_and_time),
		cmocka_unit_test(test_recording_with_refused_blocks_accounts_for_each_number),
		cmocka_unit_test(test_recording_tells_again_what_a_refused_block_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
