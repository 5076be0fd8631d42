// SPDX-License-Identifier: GPL-2.0-only
/*
 * seeds.c - what fuzzing begins with: short recordings of the made-up machine, whole, unpacked, and as
 * another tool would have written them; and its events as hooks write them.
 *
 *   build/tests/fuzz/seeds DIRECTORY    writes DIRECTORY/{file,packets,foreign,rings}/seed-*
 *
 * Run by hand when what is written changes, with tests/fuzz/corpus; the result is kept. The other corpora
 * are what fuzzing found.
 */
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>

#include "base/clock.h"
#include "fuzz.h"
#include "machine.h"
#include "sink/recording.h"
#include "source/source.h"

#define N_EVENTS 150

struct seed {
	struct recording *recording;
	struct wire file;
	unsigned n_events, n_most;
};

static int take_chunk(const struct chunk *chunk, void *ctx)
{
	struct seed *seed = ctx;

	MUST(wire_reserve(&seed->file, chunk->n));
	memcpy(seed->file.bytes + seed->file.n, chunk->bytes, chunk->n);
	seed->file.n += chunk->n;
	return 0;
}

static void take_event(const struct event *event, void *ctx)
{
	struct seed *seed = ctx;

	if (seed->n_events++ < seed->n_most)
		MUST(recording_event(seed->recording, event) == 0);
}

static void tell_lanes(struct recording *recording)
{
	static const struct lab_figure figures[] = { { "requests", "requests", false, "req" },
						     { NULL, NULL, false, NULL } };
	struct run_facts run = { .kind = "job", .job = "pingpong", .says = "seed", .start_ns = 5 };

	for (unsigned lane = 1; lane < 4; lane++) {
		struct lane_label label = { .name = "lane", .phase = LANE_RUNNING };

		label.figures = lane == 1 ? figures : NULL;
		label.latency = lane == 1 ? "answers" : NULL;
		recording_lane(recording, lane, &label, true);
	}
	recording_run(recording, &run);
}

/* Two blocks, each with counts at its end. */
static void record(struct seed *seed, unsigned n_cpus, unsigned n_tasks, uint64_t number)
{
	struct source *source = source_synth_new(n_cpus, n_tasks, number);
	struct counts counts;

	*seed = (struct seed){ .n_most = N_EVENTS };
	MUST(source && !counts_init(&counts, n_cpus, source->n_lanes));
	seed->recording = recording_new(n_cpus, source->n_lanes, take_chunk, seed);
	MUST(seed->recording && !recording_head(seed->recording, take_chunk, seed));
	tell_lanes(seed->recording);
	for (unsigned block = 0; block < 2; block++) {
		seed->n_events = 0;
		source_synth_advance(source, 25 * NS_PER_MS);
		if (block)
			source_synth_lose(source, 0, 3);
		source->flush(source, take_event, seed);
		MUST(!source->counts(source, &counts));
		MUST(!recording_counts(seed->recording, &counts));
		MUST(!recording_flush(seed->recording));
	}
	counts_fini(&counts);
	recording_free(seed->recording);
	source->free(source);
}

static void save(const char *directory, const char *kind, unsigned number, const void *bytes,
		 size_t n)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/seed-%u", directory, kind, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	close(fd);
}

/* The packets of the file's first block, unpacked. */
static void unpack(const struct seed *seed, struct wire *out)
{
	struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor();
	struct wire_in in = wire_in(seed->file.bytes, seed->file.n);
	struct wire_field packet, field;
	size_t n;

	while (wire_next(&in, &packet)) {
		struct wire_in inside = wire_inside(&packet);

		MUST(wire_next(&inside, &field));
		if (field.number != PACKET_COMPRESSED)
			continue;
		MUST(wire_reserve(out, 1 << 20));
		MUST(!libdeflate_zlib_decompress(unpacker, field.bytes, field.n,
						 out->bytes + out->n, 1 << 20, &n));
		out->n += n;
		break;
	}
	libdeflate_free_decompressor(unpacker);
}

/* --- as another tool writes it, one event after the other ------------------------------------------ */

static size_t begin_event(struct wire *out, uint64_t time_ns, uint32_t pid)
{
	size_t mark = wire_begin(out, BUNDLE_EVENT);

	wire_uint(out, FTRACE_TIMESTAMP, time_ns);
	wire_uint(out, FTRACE_PID, pid);
	return mark;
}

static void put_switch(struct wire *out, uint64_t time_ns, uint32_t prev, uint32_t next)
{
	size_t mark = begin_event(out, time_ns, prev),
	       inside = wire_begin(out, FTRACE_SCHED_SWITCH);

	wire_text(out, SWITCH_PREV_COMM, prev ? "a" : "swapper");
	wire_uint(out, SWITCH_PREV_PID, prev);
	wire_uint(out, SWITCH_PREV_STATE, prev ? PREV_SLEEPING : 0);
	wire_text(out, SWITCH_NEXT_COMM, next ? "b" : "swapper");
	wire_uint(out, SWITCH_NEXT_PID, next);
	wire_end(out, inside);
	wire_end(out, mark);
}

static void put_others(struct wire *out, uint64_t time_ns)
{
	size_t mark = begin_event(out, time_ns, 7), inside = wire_begin(out, FTRACE_TASK_NEWTASK);

	wire_uint(out, NEWTASK_PID, 9);
	wire_text(out, NEWTASK_COMM, "new");
	wire_uint(out, NEWTASK_FLAGS, 0x3d0f00);
	wire_end(out, inside);
	wire_end(out, mark);
	mark = begin_event(out, time_ns + 10, 7);
	inside = wire_begin(out, FTRACE_TASK_RENAME);
	wire_uint(out, RENAME_PID, 7);
	wire_text(out, RENAME_NEW, "other");
	wire_end(out, inside);
	wire_end(out, mark);
	mark = begin_event(out, time_ns + 20, 7);
	inside = wire_begin(out, FTRACE_SCHED_PROCESS_EXIT);
	wire_uint(out, EXIT_PID, 7);
	wire_end(out, inside);
	wire_end(out, mark);
}

static void put_bundle(struct wire *out, unsigned cpu, uint64_t time_ns, bool lost)
{
	size_t packet = wire_begin(out, TRACE_PACKET), mark = wire_begin(out, PACKET_FTRACE_EVENTS);

	wire_uint(out, BUNDLE_CPU, cpu);
	wire_uint(out, BUNDLE_CLOCK, cpu == 1 ? FTRACE_CLOCK_MONO_RAW : FTRACE_CLOCK_BOOT);
	wire_uint(out, BUNDLE_CLOCK_TIME, time_ns);
	wire_uint(out, BUNDLE_BOOT_TIME, time_ns + 1000000);
	if (lost)
		wire_uint(out, BUNDLE_LOST_EVENTS, 1);
	put_switch(out, time_ns, 0, 7);
	put_others(out, time_ns + 50);
	put_switch(out, time_ns + 100, 7, 0);
	wire_end(out, mark);
	wire_end(out, packet);
}

static void put_who(struct wire *out)
{
	size_t packet = wire_begin(out, TRACE_PACKET), tree = wire_begin(out, PACKET_PROCESS_TREE);
	size_t mark = wire_begin(out, TREE_PROCESS);

	wire_uint(out, PROCESS_PID, 6);
	wire_text(out, PROCESS_CMDLINE, "/bin/a");
	wire_end(out, mark);
	mark = wire_begin(out, TREE_THREAD);
	wire_uint(out, THREAD_TID, 7);
	wire_uint(out, THREAD_TGID, 6);
	wire_end(out, mark);
	wire_end(out, tree);
	wire_end(out, packet);
	packet = wire_begin(out, TRACE_PACKET);
	tree = wire_begin(out, PACKET_SYSTEM_INFO);
	mark = wire_begin(out, SYSTEM_UTSNAME);
	wire_text(out, UTSNAME_RELEASE, "4.4.1");
	wire_end(out, mark);
	wire_end(out, tree);
	wire_end(out, packet);
}

/* --- as hooks write them -------------------------------------------------------------------------- */

#define N_HOOK_EVENTS 40

struct hooks {
	uint8_t bytes[64 * N_HOOK_EVENTS];
	size_t n;
	unsigned n_events;
};

static void put_deed(struct hooks *hooks, unsigned deed, unsigned cpu, const void *bytes, size_t n)
{
	hooks->bytes[hooks->n++] = (uint8_t)(deed + cpu * N_DEEDS);
	memcpy(hooks->bytes + hooks->n, bytes, n);
	hooks->n += n;
}

static void hook_event(const struct event *event, void *ctx)
{
	struct hooks *hooks = ctx;

	if (hooks->n_events == N_HOOK_EVENTS)
		return;
	put_deed(hooks, WRITE, hooks->n_events % MACHINE_N_CPUS, event, sizeof(*event));
	if (++hooks->n_events % 8 == 0)
		put_deed(hooks, POLL, 0, "", 0);
}

static void save_hooks(const char *directory, bool is_plain)
{
	const struct task_figures figures = { .run_ns = 5, .lane = 1, .pid = 7, .tgid = 7 };
	struct hooks hooks = { .bytes = { is_plain }, .n = 1 };
	struct source *source = source_synth_new(MACHINE_N_CPUS, 6, is_plain);

	MUST(source);
	source_synth_advance(source, 25 * NS_PER_MS);
	source->flush(source, hook_event, &hooks);
	put_deed(&hooks, END_TASK, 0, &figures, sizeof(figures));
	put_deed(&hooks, LOSE, 1, "\3\3", 2);
	put_deed(&hooks, SCRIBBLE, 0, (uint8_t[]){ FIGURES, 128, 0, 0, 0, sizeof(figures) }, 6);
	memcpy(hooks.bytes + hooks.n, &figures, sizeof(figures));
	hooks.n += sizeof(figures);
	put_deed(&hooks, MEASURE, 0, "", 0);
	save(directory, "rings", is_plain, hooks.bytes, hooks.n);
	source->free(source);
}

int main(int argc, char **argv)
{
	static const struct {
		unsigned n_cpus, n_tasks;
	} machines[] = { { 1, 2 }, { 2, 40 }, { 3, 9 } };
	struct wire foreign = { 0 };

	if (argc != 2) {
		fputs("use: seeds DIRECTORY\n", stderr);
		return 2;
	}
	for (unsigned i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		uint8_t head[] = { (uint8_t)(machines[i].n_cpus - 1), 3 };
		struct wire packets = { 0 };
		struct seed seed;

		record(&seed, machines[i].n_cpus, machines[i].n_tasks, i);
		save(argv[1], "file", i, seed.file.bytes, seed.file.n);
		MUST(wire_reserve(&packets, sizeof(head)));
		memcpy(packets.bytes, head, sizeof(head));
		packets.n = sizeof(head);
		unpack(&seed, &packets);
		save(argv[1], "packets", i, packets.bytes, packets.n);
		save(argv[1], "foreign", i, packets.bytes + sizeof(head), packets.n - sizeof(head));
		wire_fini(&packets);
		wire_fini(&seed.file);
	}
	put_who(&foreign);
	for (unsigned i = 0; i < 6; i++)
		put_bundle(&foreign, i % 3, 1000 * NS_PER_S + 1000 * (i / 3), i == 4);
	save(argv[1], "foreign", 9, foreign.bytes, foreign.n);
	for (unsigned is_plain = 0; is_plain < 2; is_plain++)
		save_hooks(argv[1], is_plain);
	wire_fini(&foreign);
	return 0;
}
