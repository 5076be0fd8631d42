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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/counts_row.h"
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
	if (event->kind != EVENT_COROUTINE_NAME) /* a part of it */
		rig->events[rig->n].seq = 0;	 /* of the ring that it came by */
	rig->n++;
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
	else if (event.kind == EVENT_COROUTINE_NAME)
		event_set_coroutine_name(&event, draw(seed, 50), name);
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

/* --- counts, lanes, runs ---------------------------------------------------------------------------- */

#define N_TICKS 20
#define TICK_NS (30 * NS_PER_MS) /* three of them fit into a block */

static const struct lab_figure figures[] = { { "lost_updates", "updates lost", true, "lost" },
					     { "files_read", "files read", false, NULL },
					     { 0 } };

static struct lane_label label_of(unsigned tick)
{
	struct lane_label label = { .name = "thread",
				    .model = "thread",
				    .via = "condvar",
				    .unit = "round trip",
				    .note = "all \\x1b[31mred",
				    .phase = tick < N_TICKS / 2 ? LANE_RUNNING : LANE_ENDED,
				    .figures = figures,
				    .latency = "an answer" };

	snprintf(label.sync, sizeof(label.sync), "%u", tick);
	return label;
}

/* Ticks of the machine, with all that there is to tell; the counts of each are kept. */
static void play_ticks(struct rig *rig, struct counts *counts)
{
	struct source *source = source_synth_new(2, 6, 3);
	struct run_facts run = { .kind = "job", .job = "pingpong", .n_tasks = 6, .rate_hz = 5 };

	assert_non_null(source);
	run.start_ns = NS_PER_S;
	for (unsigned tick = 0; tick < N_TICKS; tick++) {
		struct lane_label label = label_of(tick);

		recording_lane(rig->recording, 2, &label, tick == 5);
		run.wall_ns = tick;
		run.lane_wall_ns[2] = 7 * tick;
		recording_run(rig->recording, &run);
		source_synth_advance(source, TICK_NS);
		assert_true(source->poll(source, put, rig) >= 0);
		assert_int_equal(counts_init(&counts[tick], 2, 4), 0);
		assert_int_equal(source->counts(source, &counts[tick]), 0);
		assert_int_equal(recording_counts(rig->recording, &counts[tick]), 0);
		if (tick % 3 == 2)
			assert_int_equal(recording_flush(rig->recording), 0);
	}
	source->free(source);
}

struct told {
	const struct counts *counts;
	unsigned tick; /* of the counts to come */
	unsigned n_lanes, n_starts, n_runs, n_names;
	struct lane_label label;
	struct run_facts run;
	uint64_t n_events, n_lost, first_ns;
};

static void tell_counts(const struct counts *counts, void *ctx)
{
	struct told *told = ctx;
	size_t n = counts_row_size(2, 4);
	uint64_t *is = calloc(n, sizeof(*is)), *was = calloc(n, sizeof(*was));

	assert_true(told->tick < N_TICKS);
	assert_int_equal(counts->time_ns, told->counts[told->tick].time_ns);
	counts_to_row(counts, is);
	counts_to_row(&told->counts[told->tick++], was);
	assert_memory_equal(is, was, n * sizeof(*is));
	free(is);
	free(was);
}

static void tell_lane(unsigned lane, const struct lane_label *label, bool starts, void *ctx)
{
	struct told *told = ctx;

	assert_int_equal(lane, 2);
	told->label = *label;
	told->n_lanes++;
	told->n_starts += starts;
}

static void tell_run(const struct run_facts *run, void *ctx)
{
	struct told *told = ctx;

	told->run = *run;
	told->n_runs++;
}

static void tell_name(uint32_t word, const char *name, void *ctx)
{
	(void)word;
	assert_true(strlen(name) < TASK_NAME_LEN);
	((struct told *)ctx)->n_names++;
}

static void tell_event(const struct event *event, void *ctx)
{
	struct told *told = ctx;

	if (!told->n_events++)
		told->first_ns = event->time_ns;
	if (event->kind == EVENT_LOST)
		told->n_lost += event->lost.n;
}

static struct tape_visitor listen_to(struct told *told)
{
	return (struct tape_visitor){ .event = tell_event,
				      .counts = tell_counts,
				      .lane = tell_lane,
				      .run = tell_run,
				      .name = tell_name,
				      .ctx = told };
}

static void check_label(const struct lane_label *label, unsigned tick)
{
	struct lane_label was = label_of(tick);

	assert_string_equal(label->sync, was.sync);
	assert_string_equal(label->name, was.name);
	assert_string_equal(label->note, was.note);
	assert_int_equal(label->phase, was.phase);
	assert_string_equal(label->latency, was.latency);
	assert_string_equal(label->figures[0].head, figures[0].head);
	assert_true(label->figures[0].alarm);
	assert_string_equal(label->figures[1].name, figures[1].name);
	assert_null(label->figures[1].brief);
	assert_null(label->figures[2].name);
}

static void free_counts(struct counts *counts)
{
	for (unsigned tick = 0; tick < N_TICKS; tick++)
		counts_fini(&counts[tick]);
}

static void test_recording_tells_counts_lanes_and_runs_as_they_were(void **state)
{
	struct counts counts[N_TICKS];
	struct told told = { .counts = counts };
	struct tape_visitor visitor = listen_to(&told);
	struct cursor *cursor;
	struct tape *tape;
	struct rig rig;

	(void)state;
	begin(&rig, 2, 4);
	play_ticks(&rig, counts);
	tape = end(&rig);
	assert_int_equal(tape_facts(tape)->run.wall_ns, N_TICKS - 1);
	assert_int_equal(tape_facts(tape)->run.lane_wall_ns[2], 7 * (N_TICKS - 1));
	assert_int_equal(tape_facts(tape)->run.start_ns, NS_PER_S);
	cursor = cursor_new(tape);
	assert_int_equal(cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor), rig.n);
	assert_int_equal(told.tick, N_TICKS);
	assert_int_equal(told.n_lanes, N_TICKS);
	assert_int_equal(told.n_starts, 1);
	assert_int_equal(told.n_runs, N_TICKS);
	check_label(&told.label, N_TICKS - 1);
	assert_string_equal(told.run.job, "pingpong");
	cursor_free(cursor);
	finish(&rig, tape);
	free_counts(counts);
}

/* Events are not asked for until some place, and then from there: none is told twice or left out. */
static void test_recording_read_without_events_goes_on_with_them(void **state)
{
	struct counts counts[N_TICKS];
	struct told told = { .counts = counts };
	struct tape_visitor visitor = listen_to(&told);
	struct cursor *cursor;
	struct tape *tape;
	struct rig rig;
	uint64_t until_ns, n_before = 0;

	(void)state;
	begin(&rig, 2, 4);
	play_ticks(&rig, counts);
	tape = end(&rig);
	until_ns = counts[7].time_ns;
	while (rig.events[n_before].time_ns <= until_ns)
		n_before++;
	cursor = cursor_new(tape);
	visitor.event = NULL;
	cursor_play(cursor, until_ns, UINT64_MAX, &visitor);
	assert_int_equal(told.tick, 8);
	visitor.event = tell_event;
	cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor);
	assert_int_equal(told.tick, N_TICKS);
	assert_int_equal(told.n_events, rig.n - n_before);
	cursor_free(cursor);
	finish(&rig, tape);
	free_counts(counts);
}

static void test_cursor_seek_tells_what_was_before_and_the_same_events(void **state)
{
	struct counts counts[N_TICKS];
	struct cursor *cursor;
	struct tape *tape;
	struct rig rig;

	(void)state;
	begin(&rig, 2, 4);
	play_ticks(&rig, counts);
	tape = end(&rig);
	cursor = cursor_new(tape);
	for (unsigned tick = 0; tick < N_TICKS; tick++) {
		struct heard heard = { .rig = &rig };
		struct tape_visitor compares = { .event = compare, .ctx = &heard };
		struct told told = { .counts = counts };
		struct tape_visitor visitor = listen_to(&told);
		unsigned block = tick / 3 * 3; /* the tick that it begins with */

		cursor_seek(cursor, counts[tick].time_ns - TICK_NS / 2);
		told.tick = block ? block - 1 : 0;
		cursor_play(cursor, counts[tick].time_ns, UINT64_MAX, &visitor);
		assert_int_equal(told.tick, tick + 1);
		check_label(&told.label, tick);
		assert_true(told.n_starts >= (block > 0));
		assert_true(told.first_ns <= counts[tick].time_ns - TICK_NS / 2);
		while (rig.events[heard.n].time_ns < told.first_ns)
			heard.n++;
		cursor_seek(cursor, counts[tick].time_ns - TICK_NS / 2);
		cursor_play(cursor, UINT64_MAX, 1000, &compares);
		assert_true(told.n_names > 0 || !block);
	}
	cursor_free(cursor);
	finish(&rig, tape);
	free_counts(counts);
}

/* --- damage --------------------------------------------------------------------------------------------- */

/* Every block but one is there; its events are a loss that is told, and the rest is as it was. */
static void test_recording_with_a_broken_block_tells_the_rest(void **state)
{
	struct counts counts[N_TICKS];
	struct tape *tape;
	struct rig rig;
	off_t at;

	(void)state;
	begin(&rig, 2, 4);
	play_ticks(&rig, counts);
	at = lseek(rig.fd, 0, SEEK_CUR);
	for (off_t place = at / 2; place < at; place += at / 7) {
		struct told told = { .counts = counts };
		struct tape_visitor visitor = { .event = tell_event, .ctx = &told };
		struct error error = { "" };
		struct cursor *cursor;
		uint8_t byte;

		assert_int_equal(recording_flush(rig.recording), 0);
		assert_int_equal(pread(rig.fd, &byte, 1, place), 1);
		byte ^= 0x10;
		assert_int_equal(pwrite(rig.fd, &byte, 1, place), 1);
		tape = tape_open(dup(rig.fd), "memory", &error);
		assert_non_null(tape);
		cursor = cursor_new(tape);
		cursor_play(cursor, UINT64_MAX, UINT64_MAX, &visitor);
		assert_int_equal(tape_facts(tape)->n_broken, 1);
		assert_in_range(told.n_events, rig.n / 2, rig.n - 1);
		assert_true(told.n_lost == 0 || told.n_events - 1 + told.n_lost >= rig.n);
		cursor_free(cursor);
		tape_free(tape);
		byte ^= 0x10;
		assert_int_equal(pwrite(rig.fd, &byte, 1, place), 1);
	}
	tape = end(&rig);
	finish(&rig, tape);
	free_counts(counts);
}

static void test_tape_of_something_else_is_refused(void **state)
{
	static const char *const texts[] = { "", "hello", "\x7f\x45LF\x02\x01\x01",
					     "\x0a\x03\x08\x01\x10" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct error error = { "" };
		int fd = memfd_create("text", MFD_CLOEXEC);

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		assert_null(tape_open(fd, "some file", &error));
		assert_int_equal(errno, *texts[i] ? ENOMSG : ENODATA);
		assert_non_null(strstr(error.text, "some file is "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recording_of_a_machine_comes_out_as_it_went_in),
		cmocka_unit_test(test_recording_of_anything_comes_out_as_it_went_in),
		cmocka_unit_test(test_recording_tells_counts_lanes_and_runs_as_they_were),
		cmocka_unit_test(test_recording_read_without_events_goes_on_with_them),
		cmocka_unit_test(test_cursor_seek_tells_what_was_before_and_the_same_events),
		cmocka_unit_test(test_recording_with_a_broken_block_tells_the_rest),
		cmocka_unit_test(test_tape_of_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
