// SPDX-License-Identifier: GPL-2.0-only
/*
 * What went into a recording comes out of it: events of the made-up machine and hostile ones, counts,
 * lanes and runs, from the start and from any place.
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
#include "event/names.h"
#include "event/recording.h"
#include "sink/recording.h"
#include "source/source.h"
#include "source/tape.h"

/* --- a recording in memory, and what went into it ------------------------------------------------- */

struct rig {
	int fd;
	struct recording *recording;
	struct event *events;
	size_t n, n_room;
};

static int write_chunk(const struct chunk *chunk, void *ctx)
{
	const struct rig *rig = ctx;

	return write(rig->fd, chunk->bytes, chunk->n) == (ssize_t)chunk->n ? 0 : -EIO;
}

static void begin(struct rig *rig, unsigned n_cpus, unsigned n_lanes)
{
	*rig = (struct rig){ .fd = memfd_create("recording", MFD_CLOEXEC) };
	assert_true(rig->fd >= 0);
	rig->recording = recording_new(n_cpus, n_lanes, write_chunk, rig);
	assert_non_null(rig->recording);
	assert_int_equal(recording_head(rig->recording, write_chunk, rig), 0);
}

static void put(const struct event *event, void *ctx)
{
	struct rig *rig = ctx;

	if (rig->n == rig->n_room) {
		rig->n_room = rig->n_room ? 2 * rig->n_room : 1024;
		rig->events = realloc(rig->events, rig->n_room * sizeof(*rig->events));
		assert_non_null(rig->events);
	}
	rig->events[rig->n] = *event;
	rig->events[rig->n++].seq = 0; /* of the ring that it came by */
	assert_int_equal(recording_event(rig->recording, event), 0);
}

static struct tape *end(struct rig *rig)
{
	struct error error = { "" };
	struct tape *tape;

	assert_int_equal(recording_flush(rig->recording), 0);
	recording_free(rig->recording);
	tape = tape_open(rig->fd, "memory", &error);
	if (!tape)
		fail_msg("%s", error.text);
	return tape;
}

/* --- what comes out ---------------------------------------------------------------------------------- */

struct heard {
	const struct rig *rig;
	size_t n;	       /* events that came, or number of the first one's */
	struct counts *counts; /* copies, in order; NULL: not asked */
	size_t n_counts, n_lanes, n_runs, n_names;
};

static void compare(const struct event *event, void *ctx)
{
	struct heard *heard = ctx;

	assert_true(heard->n < heard->rig->n);
	if (memcmp(event, &heard->rig->events[heard->n], sizeof(*event)) != 0) {
		const struct event *was = &heard->rig->events[heard->n];

		fail_msg("event %zu: time %lu kind %u state %u cpu %u task %x %x %x %x, was time "
			 "%lu kind %u state %u cpu %u task %x %x %x %x",
			 heard->n, event->time_ns, event->kind, event->state, event->cpu,
			 event->task, event->to.next, event->to.ran_ns, event->to.waited_ns,
			 was->time_ns, was->kind, was->state, was->cpu, was->task, was->to.next,
			 was->to.ran_ns, was->to.waited_ns);
	}
	heard->n++;
}

static void play_all(struct tape *tape, const struct rig *rig)
{
	struct cursor *cursor = cursor_new(tape);
	struct heard heard = { .rig = rig };
	struct tape_visitor visitor = { .event = compare, .ctx = &heard };

	assert_non_null(cursor);
	assert_int_equal(tape_facts(tape)->n_events, rig->n);
	assert_int_equal(cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor), rig->n);
	assert_int_equal(heard.n, rig->n);
	assert_true(cursor_at_end(cursor));
	cursor_free(cursor);
}

static void finish(struct rig *rig, struct tape *tape)
{
	tape_free(tape);
	free(rig->events);
}

/* --- the tests ------------------------------------------------------------------------------------------ */

static void play_synth(struct rig *rig, unsigned n_cpus, unsigned n_tasks, uint64_t ns)
{
	struct source *source = source_synth_new(n_cpus, n_tasks, 7);

	assert_non_null(source);
	for (uint64_t at = 0; at < ns; at += 10 * NS_PER_MS) {
		source_synth_advance(source, 10 * NS_PER_MS);
		if (at == 50 * NS_PER_MS)
			source_synth_lose(source, n_cpus - 1, 1000);
		assert_true(source->poll(source, put, rig) >= 0);
	}
	assert_true(source->flush(source, put, rig) >= 0);
	source->free(source);
}

static void test_recording_of_a_machine_comes_out_as_it_went_in(void **state)
{
	static const struct {
		unsigned n_cpus, n_tasks;
		uint64_t ns;
	} machines[] = { { 1, 2, NS_PER_S }, { 2, 6, 3 * NS_PER_S }, { 64, 300, NS_PER_S / 2 } };
	struct rig rig;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		struct tape *tape;

		begin(&rig, machines[i].n_cpus, 4);
		play_synth(&rig, machines[i].n_cpus, machines[i].n_tasks, machines[i].ns);
		assert_true(rig.n > 5000);
		tape = end(&rig);
		play_all(tape, &rig);
		finish(&rig, tape);
	}
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)*seed * below) >> 32);
}

/* Any record that a kernel or a lab could write, and some that they could not. */
static struct event draw_event(uint32_t *seed, uint64_t time_ns)
{
	struct event event = { .time_ns = time_ns,
			       .kind = (uint8_t)(1 + draw(seed, N_EVENT_KINDS - 1)),
			       .task = task_word(draw(seed, 50), draw(seed, 5)) };
	char name[TASK_NAME_LEN] = "";

	for (unsigned i = 0; i < 15; i++)
		name[i] = (char)draw(seed, 256);
	event.cpu = (uint16_t)draw(seed, 4);
	event.to.next = task_word(draw(seed, 50), draw(seed, 5));
	event.to.ran_ns = draw(seed, 3) ? draw(seed, UINT32_MAX) : TIME_SATURATED;
	event.to.waited_ns = draw(seed, 2) ? draw(seed, 1000) : 0;
	if (event.kind == EVENT_SWITCH)
		event.state = (uint8_t)draw(seed, 256);
	else if (event.kind == EVENT_NAME)
		event_set_name(&event, name);
	else if (event.kind == EVENT_WAKING)
		event.wake.is_new = draw(seed, 2);
	if (event.kind == EVENT_EXEC || event.kind == EVENT_LOST)
		event.to.waited_ns = 0;
	if (event.kind == EVENT_EXEC)
		event.to.ran_ns = 0;
	if (event.kind == EVENT_MIGRATE)
		event.move.unused = 0;
	if (event_is_mark(event.kind))
		event.coroutine.unused = 0;
	if (event.kind != EVENT_SWITCH && event.kind != EVENT_NAME && !draw(seed, 8))
		event.cpu = CPU_UNKNOWN;
	return event;
}

static void test_recording_of_anything_comes_out_as_it_went_in(void **state)
{
	uint64_t time_ns = 5 * NS_PER_S;
	uint32_t seed = 1;
	struct tape *tape;
	struct rig rig;

	(void)state;
	begin(&rig, 4, 5);
	for (unsigned i = 0; i < 100000; i++) {
		struct event event = draw_event(&seed, time_ns);

		put(&event, &rig);
		time_ns += draw(&seed, 3) ? draw(&seed, 100) : 0; /* many at the same time */
	}
	tape = end(&rig);
	play_all(tape, &rig);
	finish(&rig, tape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recording_of_a_machine_comes_out_as_it_went_in),
		cmocka_unit_test(test_recording_of_anything_comes_out_as_it_went_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
