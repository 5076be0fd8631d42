// SPDX-License-Identifier: GPL-2.0-only
/* recording.c - blocks: what is collected for one, what stands before its events, how it is packed. */
#include "sink/recording.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/clock.h"
#include "event/counts_row.h"
#include "event/descriptor.h"
#include "sink/encoder.h"
#include "sink/losses.h"
#include "sink/our_packet.h"

/*
 * The least of libdeflate's levels that packs. A higher one takes twice as long for a tenth less:
 * most of what is left is the noise in times.
 */
#define LEVEL 1

/* Of one block: lanes and runs that are told between two counts still find room. */
#define N_ITEMS_MAX	(RECORDING_N_ITEMS / 2)
#define ITEMS_BYTES_MAX (4u << 20)

struct recording {
	unsigned n_cpus, n_lanes;
	chunk_fn fn;
	void *ctx;
	uint64_t offset_ns; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */

	size_t n;	   /* events of the block that is filled, */
	size_t n_told;	   /* and how many of them tell of lost ones */
	struct wire items; /* packets of lanes, runs and counts of the block */
	unsigned n_items;
	bool is_open;		    /* the block has something */
	uint64_t first_ns, last_ns; /* of what it has */

	/* For when the block is refused: what it tells of events, and of lanes (one bit each). */
	struct losses losses;
	uint32_t lanes, starts;
	uint32_t lost_lanes, lost_starts; /* of refused ones, and not told again yet */
	bool has_lost;			  /* there were some */

	/* As it was told last. */
	struct lane_label labels[N_LANES_MAX];
	struct run_facts run;
	bool has_run, has_counts;
	uint64_t counted_ns, *row, *new_row;
	size_t n_row, tail; /* numbers in a row, and before its tail */

	struct encoder encoder;
	struct libdeflate_compressor *compressor;
	struct wire raw, chunk;
	uint64_t n_blocks, n_events, n_lost, n_bytes;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

struct recording *recording_new(unsigned n_cpus, unsigned n_lanes, chunk_fn fn, void *ctx)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	int err;

	if (!recording)
		return NULL;
	recording->n_cpus = n_cpus;
	recording->n_lanes = n_lanes < N_LANES_MAX ? n_lanes : N_LANES_MAX;
	recording->fn = fn;
	recording->ctx = ctx;
	recording->offset_ns =
		now_ns(CLOCK_MONOTONIC); /* first, so that the difference is none below 0 */
	recording->offset_ns = now_ns(CLOCK_BOOTTIME) - recording->offset_ns;
	recording->n_row = counts_row_size(n_cpus, recording->n_lanes);
	recording->tail = counts_row_tail(n_cpus, recording->n_lanes);
	recording->row = calloc(recording->n_row, sizeof(*recording->row));
	recording->new_row = calloc(recording->n_row, sizeof(*recording->new_row));
	recording->compressor = libdeflate_alloc_compressor(LEVEL);
	err = encoder_init(&recording->encoder, n_cpus, recording->offset_ns);
	err |= losses_init(&recording->losses, n_cpus);
	if (err || !recording->row || !recording->new_row || !recording->compressor) {
		recording_free(recording);
		errno = ENOMEM;
		return NULL;
	}
	return recording;
}

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	encoder_fini(&recording->encoder);
	if (recording->compressor)
		libdeflate_free_compressor(recording->compressor);
	wire_fini(&recording->items);
	wire_fini(&recording->raw);
	wire_fini(&recording->chunk);
	losses_fini(&recording->losses);
	free(recording->row);
	free(recording->new_row);
	free(recording);
}

/* --- the head ------------------------------------------------------------------------------------ */

static void put_clocks(struct wire *out)
{
	static const struct {
		enum clock_id id;
		clockid_t clock;
	} clocks[] = { { CLOCK_ID_BOOTTIME, CLOCK_BOOTTIME },
		       { CLOCK_ID_MONOTONIC, CLOCK_MONOTONIC },
		       { CLOCK_ID_REALTIME, CLOCK_REALTIME } };
	size_t packet = wire_begin(out, TRACE_PACKET);
	size_t mark = wire_begin(out, PACKET_CLOCK_SNAPSHOT);

	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		size_t clock = wire_begin(out, SNAPSHOT_CLOCK);

		wire_uint(out, CLOCK_FIELD_ID, clocks[i].id);
		wire_uint(out, CLOCK_FIELD_TIME, now_ns(clocks[i].clock));
		wire_end(out, clock);
	}
	wire_end(out, mark);
	wire_end(out, packet);
}

/* Without the release a viewer takes the states for those of an old kernel. */
static void put_system(struct wire *out)
{
	struct utsname name;
	size_t packet, mark, uts;

	if (uname(&name))
		return;
	packet = wire_begin(out, TRACE_PACKET);
	mark = wire_begin(out, PACKET_SYSTEM_INFO);
	uts = wire_begin(out, SYSTEM_UTSNAME);
	wire_text(out, UTSNAME_SYSNAME, name.sysname);
	wire_text(out, UTSNAME_VERSION, name.version);
	wire_text(out, UTSNAME_RELEASE, name.release);
	wire_text(out, UTSNAME_MACHINE, name.machine);
	wire_end(out, uts);
	wire_end(out, mark);
	wire_end(out, packet);
}

static void put_meaning(struct wire *out)
{
	size_t packet = wire_begin(out, TRACE_PACKET);
	size_t mark = wire_begin(out, PACKET_EXTENSION_DESCRIPTOR);

	wire_bytes(out, EXTENSION_SET, swtch_descriptor, swtch_descriptor_size);
	wire_end(out, mark);
	wire_end(out, packet);
}

int recording_head(struct recording *recording, chunk_fn fn, void *ctx)
{
	struct wire *out = &recording->chunk;
	struct chunk chunk = { 0 };
	struct ours head;

	wire_clear(out);
	put_clocks(out);
	put_system(out);
	put_meaning(out);
	head = ours_begin(out, SWTCH_HEAD);
	wire_uint(out, HEAD_VERSION, RECORDING_VERSION);
	wire_uint(out, HEAD_N_CPUS, recording->n_cpus);
	wire_uint(out, HEAD_N_LANES, recording->n_lanes);
	wire_sint(out, HEAD_BOOT_OFFSET, (int64_t)recording->offset_ns);
	ours_end(out, &head);
	if (out->err)
		return -out->err;
	chunk.bytes = out->bytes;
	chunk.n = out->n;
	recording->n_bytes += out->n;
	return fn(&chunk, ctx);
}

/* --- items ------------------------------------------------------------------------------------------ */

/* `first`: it stands before the block, as what was told last. */
static struct ours begin_item(struct recording *recording, enum swtch_field field, bool first)
{
	struct ours item = ours_begin(&recording->items, field);

	recording->n_items++;
	if (!first)
		wire_uint(&recording->items, ITEM_AT, recording->n);
	return item;
}

static void put_figures(struct wire *out, const struct lab_figure *figures)
{
	for (; figures && figures->name; figures++) {
		size_t mark = wire_begin(out, LANE_FIGURE);

		wire_text(out, FIGURE_NAME, figures->name);
		wire_text(out, FIGURE_HEAD, figures->head);
		wire_uint(out, FIGURE_ALARM, figures->alarm);
		if (figures->brief)
			wire_text(out, FIGURE_BRIEF, figures->brief);
		wire_end(out, mark);
	}
}

static void put_lane(struct recording *recording, unsigned lane, bool starts, bool first)
{
	const struct lane_label *label = &recording->labels[lane];
	struct ours item = begin_item(recording, SWTCH_LANE, first);
	struct wire *out = &recording->items;

	if (!first)
		recording->lanes |= 1u << lane;
	if (starts)
		recording->starts |= 1u << lane;
	wire_uint(out, LANE_NUMBER, lane);
	wire_uint(out, LANE_STARTS, starts);
	wire_text(out, LANE_NAME, label->name);
	wire_text(out, LANE_MODEL, label->model);
	wire_text(out, LANE_VIA, label->via);
	wire_text(out, LANE_SYNC, label->sync);
	wire_text(out, LANE_UNIT, label->unit);
	wire_text(out, LANE_NOTE, label->note);
	wire_uint(out, LANE_PHASE, label->phase);
	wire_uint(out, LANE_APART, label->is_apart);
	put_figures(out, label->figures);
	if (label->latency)
		wire_text(out, LANE_LATENCY, label->latency);
	ours_end(out, &item);
}

static void put_run(struct recording *recording, bool first)
{
	const struct run_facts *run = &recording->run;
	struct ours item = begin_item(recording, SWTCH_RUN, first);
	struct wire *out = &recording->items;
	size_t mark;

	wire_text(out, RUN_KIND, run->kind);
	wire_text(out, RUN_JOB, run->job);
	wire_text(out, RUN_SAYS, run->says);
	wire_text(out, RUN_SHOWS, run->shows);
	wire_text(out, RUN_MODE, run->mode);
	wire_text(out, RUN_KERNEL, run->kernel);
	wire_uint(out, RUN_N_TASKS, run->n_tasks);
	wire_uint(out, RUN_RATE, run->rate_hz);
	wire_uint(out, RUN_START, run->start_ns + recording->offset_ns);
	wire_uint(out, RUN_WALL, run->wall_ns);
	wire_uint(out, RUN_ENDED, run->has_ended);
	mark = wire_begin(out, RUN_LANE_WALL);
	for (unsigned lane = 0; lane < recording->n_lanes; lane++)
		wire_varint(out, run->lane_wall_ns[lane]);
	wire_end(out, mark);
	ours_end(out, &item);
}

/* How far `row` moved since `before`; NULL: since all was zero. */
static void put_counts(struct recording *recording, const uint64_t *before, const uint64_t *row,
		       bool first)
{
	struct ours item = begin_item(recording, SWTCH_COUNTS, first);
	struct wire *out = &recording->items;
	size_t mark, stood = 0;

	wire_uint(out, COUNTS_TIME, recording->counted_ns + recording->offset_ns);
	mark = wire_begin(out, COUNTS_MOVES);
	for (size_t i = 0; i < recording->tail; i++) {
		uint64_t moved = row[i] - (before ? before[i] : 0);

		if (!moved) {
			stood++;
			continue;
		}
		wire_varint(out, stood);
		wire_varint(out, wire_zigzag((int64_t)moved));
		stood = 0;
	}
	wire_end(out, mark);
	mark = wire_begin(out, COUNTS_TAIL);
	for (size_t i = recording->tail; i < recording->n_row; i++)
		wire_varint(out, row[i] + 1);
	wire_end(out, mark);
	ours_end(out, &item);
}

/* What a block told that was refused is news to who reads this one. */
static void put_again(struct recording *recording)
{
	for (unsigned lane = 0; lane < recording->n_lanes; lane++)
		if (recording->lost_lanes >> lane & 1)
			put_lane(recording, lane, recording->lost_starts >> lane & 1, false);
	if (recording->has_run)
		put_run(recording, false);
	if (recording->has_counts)
		put_counts(recording, recording->row, recording->row, false);
	recording->lost_lanes = recording->lost_starts = 0;
}

/* A block begins: with all that was told before, so that it can be read alone. */
static void open_block(struct recording *recording, uint64_t time_ns)
{
	if (recording->is_open)
		return;
	recording->is_open = true;
	recording->first_ns = recording->last_ns = time_ns;
	for (unsigned lane = 0; lane < recording->n_lanes; lane++)
		if (recording->labels[lane].phase != LANE_UNUSED)
			put_lane(recording, lane, false, true);
	if (recording->has_run)
		put_run(recording, true);
	if (recording->has_counts)
		put_counts(recording, NULL, recording->row, true);
	if (recording->has_lost)
		put_again(recording);
}

/* --- a block ------------------------------------------------------------------------------------------ */

static void put_block(struct recording *recording)
{
	struct wire *out = &recording->chunk;
	struct ours block = ours_begin(out, SWTCH_BLOCK);

	wire_uint(out, BLOCK_FIRST, recording->first_ns + recording->offset_ns);
	wire_uint(out, BLOCK_LAST, recording->last_ns + recording->offset_ns);
	wire_uint(out, BLOCK_N_EVENTS, recording->n);
	wire_uint(out, BLOCK_N_BYTES, recording->raw.n);
	wire_uint(out, BLOCK_NUMBER, recording->n_blocks);
	ours_end(out, &block);
}

static int put_compressed(struct recording *recording)
{
	struct wire *out = &recording->chunk;
	size_t room = libdeflate_zlib_compress_bound(recording->compressor, recording->raw.n), n;
	size_t packet = wire_begin(out, TRACE_PACKET), mark;

	mark = wire_begin(out, PACKET_COMPRESSED);
	if (!wire_reserve(out, room + 2 * WIRE_VARINT_MAX))
		return -ENOMEM;
	n = libdeflate_zlib_compress(recording->compressor, recording->raw.bytes, recording->raw.n,
				     out->bytes + out->n, room);
	out->n += n;
	wire_end(out, mark);
	wire_end(out, packet);
	return n ? -out->err : -EIO;
}

static int hand_over(struct recording *recording)
{
	struct chunk chunk = { .first_ns = recording->first_ns,
			       .last_ns = recording->last_ns,
			       .n_events = recording->n - recording->n_told };
	int err = 0;

	wire_clear(&recording->raw);
	wire_clear(&recording->chunk);
	if (recording->items.err)
		err = -recording->items.err;
	if (!recording->n)
		encoder_begin(&recording->encoder, recording->first_ns);
	if (!err)
		err = encoder_end(&recording->encoder, &recording->items, &recording->raw);
	if (err)
		return err;
	put_block(recording);
	err = put_compressed(recording);
	if (err)
		return err;
	chunk.bytes = recording->chunk.bytes;
	chunk.n = recording->chunk.n;
	err = recording->fn(&chunk, recording->ctx);
	if (!err)
		recording->n_bytes += chunk.n;
	return err;
}

/* --- events ------------------------------------------------------------------------------------------ */

static void take(struct recording *recording, const struct event *event)
{
	losses_take(&recording->losses, event);
	encoder_event(&recording->encoder, event);
	recording->n++;
	if (event->time_ns > recording->last_ns)
		recording->last_ns = event->time_ns;
}

/*
 * The first event of a block comes: before it stands what was lost since the block before. Counts may have
 * opened the block, of later.
 */
static void begin_events(struct recording *recording, uint64_t time_ns)
{
	uint64_t lost_ns = losses_first_ns(&recording->losses);
	struct event event;

	if (lost_ns < time_ns)
		time_ns = lost_ns;
	open_block(recording, time_ns);
	if (!recording->first_ns || time_ns < recording->first_ns)
		recording->first_ns = time_ns;
	encoder_begin(&recording->encoder, recording->first_ns);
	while (losses_next(&recording->losses, &event)) {
		take(recording, &event);
		recording->n_told++;
	}
	recording->has_lost = false;
}

/* --- a block goes out ---------------------------------------------------------------------------------- */

static void close_block(struct recording *recording, bool is_lost)
{
	losses_end_block(&recording->losses, is_lost);
	if (is_lost) {
		recording->has_lost = true;
		recording->lost_lanes |= recording->lanes;
		recording->lost_starts |= recording->starts;
	}
	recording->lanes = recording->starts = 0;
	recording->n = recording->n_told = 0;
	recording->is_open = false;
	recording->n_items = 0;
	wire_clear(&recording->items);
}

int recording_flush(struct recording *recording)
{
	int err;

	if (recording->has_lost && !recording->n)
		begin_events(recording, recording->last_ns);
	if (!recording->is_open)
		return 0;
	err = hand_over(recording);
	if (!err)
		recording->n_blocks++;
	else
		recording->n_lost += recording->n - recording->n_told;
	close_block(recording, err == -ENOBUFS);
	return err == -ENOBUFS ? 0 : err;
}

void recording_drop(struct recording *recording)
{
	recording->n_lost += recording->n - recording->n_told;
	close_block(recording, true);
}

/* Has the block as much as one may? Then it goes out before what comes next. */
static bool is_full(const struct recording *recording)
{
	return recording->n >= RECORDING_N_EVENTS || recording->n_items >= N_ITEMS_MAX ||
	       recording->items.n >= ITEMS_BYTES_MAX;
}

static int make_room(struct recording *recording)
{
	return is_full(recording) ? recording_flush(recording) : 0;
}

/* --- what is told ------------------------------------------------------------------------------------- */

void recording_run(struct recording *recording, const struct run_facts *run)
{
	open_block(recording, recording->last_ns);
	recording->run = *run;
	recording->has_run = true;
	put_run(recording, false);
}

void recording_lane(struct recording *recording, unsigned lane, const struct lane_label *label,
		    bool starts)
{
	if (lane >= recording->n_lanes)
		return;
	open_block(recording, recording->last_ns);
	recording->labels[lane] = *label;
	put_lane(recording, lane, starts, false);
}

int recording_event(struct recording *recording, const struct event *event)
{
	int err = 0;

	if (event->kind == EVENT_SWITCH && event->cpu >= recording->n_cpus)
		return -EINVAL;
	if (!recording->n || is_full(recording)) {
		err = make_room(recording);
		if (!recording->n)
			begin_events(recording, event->time_ns);
	}
	take(recording, event);
	recording->n_events++;
	return err;
}

int recording_counts(struct recording *recording, const struct counts *counts)
{
	uint64_t *row = recording->new_row;
	int err;

	if (counts->n_cpus != recording->n_cpus || counts->n_lanes != recording->n_lanes)
		return -EINVAL;
	err = make_room(recording);
	open_block(recording, counts->time_ns);
	if (!recording->first_ns && !recording->n)
		recording->first_ns = counts->time_ns;
	counts_to_row(counts, row);
	recording->counted_ns = counts->time_ns;
	put_counts(recording, recording->has_counts ? recording->row : NULL, row, false);
	recording->new_row = recording->row;
	recording->row = row;
	recording->has_counts = true;
	if (counts->time_ns > recording->last_ns)
		recording->last_ns = counts->time_ns;
	return err ? err : -recording->items.err;
}

uint64_t recording_n_events(const struct recording *recording)
{
	return recording->n_events;
}

uint64_t recording_n_lost(const struct recording *recording)
{
	return recording->n_lost;
}

uint64_t recording_n_bytes(const struct recording *recording)
{
	return recording->n_bytes;
}
