// SPDX-License-Identifier: GPL-2.0-only
/* block.c - streams out of packets, one order out of streams, and what was left unsaid filled in. */
#include "source/block.h"

#include <stdlib.h>
#include <string.h>

#include "event/infer.h"
#include "event/names.h"
#include "event/recording.h"
#include "source/ftrace.h"
#include "source/merge.h"

struct block_private {
	unsigned n_cpus;
	uint64_t offset_ns;
	uint64_t first_ns;
	struct merge *merge;
	struct infer infer;
	struct wire_in details[DETAILS_LEADING + 1]; /* columns by enum details_field */
	bool *leading;				     /* [n_cpus] */
	struct event *ordered;			     /* room for a run of equal times */
	uint32_t n_item_room;
	uint64_t mark_ns; /* the clock of the marks' sequence */
	int err;	  /* of what merge was handed */
};

int block_init(struct block *block, unsigned n_cpus, uint64_t offset_ns)
{
	struct block_private *private = calloc(1, sizeof(*private));

	*block = (struct block){ .private = private };
	if (!private)
		return -ENOMEM;
	private->n_cpus = n_cpus;
	private->offset_ns = offset_ns;
	private->merge = merge_new(n_streams(n_cpus), RECORDING_N_EVENTS);
	private->leading = calloc(n_cpus, sizeof(*private->leading));
	private->ordered = malloc(RECORDING_N_EVENTS * sizeof(*private->ordered));
	block->events = malloc(RECORDING_N_EVENTS * sizeof(*block->events));
	if (!private->merge || !private->leading || !private->ordered || !block->events)
		return -ENOMEM;
	return infer_init(&private->infer, n_cpus);
}

void block_fini(struct block *block)
{
	struct block_private *private = block->private;

	if (private) {
		merge_free(private->merge);
		infer_fini(&private->infer);
		free(private->leading);
		free(private->ordered);
	}
	free(private);
	free(block->events);
	free(block->items);
	*block = (struct block){ 0 };
}

/* --- our own packets ------------------------------------------------------------------------------ */

/* The word with an item's place; true when it has one. */
static bool find_at(struct wire_in in, uint32_t *at)
{
	struct wire_field field;
	bool found = false;

	*at = 0;
	while (wire_next(&in, &field)) {
		if (field.number != ITEM_AT)
			continue;
		*at = field.value < RECORDING_N_EVENTS ? (uint32_t)field.value : RECORDING_N_EVENTS;
		found = true;
	}
	return found;
}

static int add_item(struct block *block, const struct wire_field *field)
{
	struct block_private *private = block->private;
	struct block_item *item;

	if (block->n_items == RECORDING_N_ITEMS)
		return -EBADMSG;
	if (block->n_items == private->n_item_room) {
		uint32_t n = private->n_item_room ? 2 * private->n_item_room : 64;
		struct block_item *items = realloc(block->items, n * sizeof(*items));

		if (!items)
			return -ENOMEM;
		block->items = items;
		private->n_item_room = n;
	}
	item = &block->items[block->n_items];
	*item = (struct block_item){ .field = field->number, .in = wire_inside(field) };
	item->first = !find_at(item->in, &item->at);
	if (block->n_items && item->at < item[-1].at) /* they stand in their order */
		item->at = item[-1].at;
	block->n_items++;
	return 0;
}

static int read_tasks(struct block *block, struct wire_in in)
{
	struct infer *infer = &block->private->infer;
	struct wire_field field;
	struct wire_in words;

	block->tasks = in;
	while (wire_next(&in, &field))
		if (field.number == TASKS_WORD)
			block->words = wire_inside(&field);
	words = block->words;
	while (wire_more(&words)) {
		uint64_t word = wire_number(&words);
		int64_t number;

		if (word > UINT32_MAX || !task_pid((uint32_t)word))
			return -EBADMSG;
		number = infer_task(infer, task_pid((uint32_t)word));
		if (number < 0)
			return (int)number;
		infer->tasks[number].lane = task_lane((uint32_t)word);
	}
	return words.broken || in.broken ? -EBADMSG : 0;
}

static int read_details(struct block_private *private, struct wire_in in)
{
	struct wire_field field;
	struct wire_in leading;

	while (wire_next(&in, &field))
		if (field.number <= DETAILS_LEADING)
	private->details[field.number] = wire_inside(&field);
	leading = private->details[DETAILS_LEADING];
	while (wire_more(&leading)) {
		uint64_t cpu = wire_number(&leading);

		if (cpu < private->n_cpus)
		private->leading[cpu] = true;
	}
	return in.broken || leading.broken ? -EBADMSG : 0;
}

static int read_ours(struct block *block, struct wire_in in)
{
	struct wire_field field;
	int err = 0;

	while (!err && wire_next(&in, &field)) {
		switch (field.number) {
		case SWTCH_TASKS:
			err = read_tasks(block, wire_inside(&field));
			break;
		case SWTCH_DETAILS:
			err = read_details(block->private, wire_inside(&field));
			break;
		case SWTCH_LANE:
		case SWTCH_RUN:
		case SWTCH_COUNTS:
			err = add_item(block, &field);
			break;
		default:
			block->n_unknown++;
		}
	}
	return err ? err : in.broken ? -EBADMSG : 0;
}

/* For each item the counts behind it, which tell when it is due. */
static void find_next_counts(struct block *block)
{
	uint32_t next = block->n_items;

	for (uint32_t i = block->n_items; i--;) {
		struct block_item *item = &block->items[i];

		if (item->field == SWTCH_COUNTS && !item->first)
			next = i;
		item->next_counts = next;
	}
}

/* --- streams ---------------------------------------------------------------------------------------- */

static int push(struct block_private *private, unsigned stream, const struct event *event)
{
	if (merge_n(private->merge) == RECORDING_N_EVENTS)
		return -EBADMSG;
	return merge_push(private->merge, stream, event);
}

static int take_event(const struct event *event, enum cpu_stream stream, void *ctx)
{
	struct block_private *private = ctx;

	if (event->kind == EVENT_NAME)
		return push(private, STREAM_NAMES, event);
	return push(private, stream_of_cpu(event->cpu, stream), event);
}

/* Once: the first switch of the first block in which the CPU appears. */
static bool takes_lead(unsigned cpu, void *ctx)
{
	const struct block_private *private = ctx;

	return private->leading[cpu];
}

static int push_losses(struct block_private *private)
{
	struct wire_in *times = &private->details[DETAILS_LOST_TIME];
	struct wire_in *cpus = &private->details[DETAILS_LOST_CPU];
	struct wire_in *n = &private->details[DETAILS_LOST_N];
	struct wire_in *first = &private->details[DETAILS_LOST_FIRST];
	int err = 0;

	while (!err && wire_more(times)) {
		struct event event = { .kind = EVENT_LOST };
		unsigned cpu;

		event.time_ns = private->first_ns + wire_number(times);
		event.cpu = (uint16_t)wire_number(cpus);
		event.lost.n = (uint32_t)wire_number(n);
		event.lost.first_seq = (uint32_t)wire_number(first);
		cpu = event.cpu < private->n_cpus ? event.cpu : 0;
		err = push(private, stream_of_cpu(cpu, STREAM_LOSSES), &event);
	}
	return err							     ? err
	       : times->broken || cpus->broken || n->broken || first->broken ? -EBADMSG
									     : 0;
}

/* --- marks: the packets of one sequence --------------------------------------------------------------- */

struct mark_packet {
	uint64_t delta_ns;
	struct wire_in event, clocks;
	bool has_event;
};

static uint64_t find_clock(struct wire_in in)
{
	struct wire_field field, inside;
	uint64_t time = 0;

	while (wire_next(&in, &field)) {
		struct wire_in clock = wire_inside(&field);
		uint64_t id = 0, at = 0;

		while (wire_next(&clock, &inside)) {
			if (inside.number == CLOCK_FIELD_ID)
				id = inside.value;
			else if (inside.number == CLOCK_FIELD_TIME)
				at = inside.value;
		}
		if (id == CLOCK_ID_MARKS)
			time = at;
	}
	return time;
}

static uint8_t mark_kind(uint64_t type, uint64_t name)
{
	switch (type) {
	case TRACK_BEGIN:
		return EVENT_RESUME;
	case TRACK_END:
		return name == MARK_NAME_END ? EVENT_END : EVENT_SUSPEND;
	case TRACK_INSTANT:
		return EVENT_CREATE;
	}
	return EVENT_NONE;
}

static int push_mark(struct block_private *private, struct wire_in in)
{
	struct event event = { .time_ns = private->mark_ns - private->offset_ns };
	char called[COROUTINE_NAME_LEN] = "";
	const size_t room = sizeof(called) - 1;
	uint64_t type = 0, name = 0, track = 0;
	struct wire_field field;
	bool is_name = false;

	while (wire_next(&in, &field)) {
		if (field.number == TRACK_EVENT_TYPE)
			type = field.value;
		else if (field.number == TRACK_EVENT_NAME_ID)
			name = field.value;
		else if (field.number == TRACK_EVENT_TRACK)
			track = field.value;
		else if (field.number == TRACK_EVENT_NAME && field.type == WIRE_BYTES) {
			is_name = true;
			memcpy(called, field.bytes, field.n < room ? field.n : room);
		}
	}
	event.kind = is_name ? EVENT_COROUTINE_NAME : mark_kind(type, name);
	if (in.broken || event.kind == EVENT_NONE || !track_is_coroutine(track))
		return -EBADMSG;
	event.task = track_tid(track);
	event.coroutine.id = track_coroutine(track);
	if (is_name)
		event_set_coroutine_name(&event, track_coroutine(track), called);
	return push(private, stream_of_marks(private->n_cpus), &event);
}

/* --- packets -------------------------------------------------------------------------------------------- */

static int read_bundle(struct block *block, struct wire_in in)
{
	struct block_private *private = block->private;
	struct ftrace_reader reader = { .n_cpus = private->n_cpus,
					.offset_ns = private->offset_ns,
					.event = take_event,
					.leads = takes_lead,
					.ctx = private };
	int err = ftrace_read(&reader, in);

	block->n_unknown += reader.n_unknown + reader.n_absurd;
	return err;
}

/* One packet; `ours` first, as losses and leading switches say how the others are to be read. */
static int read_packet(struct block *block, struct wire_in in, bool ours)
{
	struct block_private *private = block->private;
	struct wire_field field;
	uint64_t time = 0;
	int err = 0;

	while (!err && wire_next(&in, &field)) {
		if (ours) {
			if (field.number == PACKET_SWTCH)
				err = read_ours(block, wire_inside(&field));
			continue;
		}
		switch (field.number) {
		case PACKET_FTRACE_EVENTS:
			err = read_bundle(block, wire_inside(&field));
			break;
		case PACKET_TIMESTAMP:
			time = field.value;
			break;
		case PACKET_CLOCK_SNAPSHOT:
			private
			->mark_ns = find_clock(wire_inside(&field));
			break;
		case PACKET_TRACK_EVENT:
			private
			->mark_ns += time;
			err = push_mark(private, wire_inside(&field));
			break;
		}
	}
	return err ? err : in.broken ? -EBADMSG : 0;
}

static int read_packets(struct block *block, struct wire_in in, bool ours)
{
	struct wire_field field;
	int err = 0;

	while (!err && wire_next(&in, &field))
		if (field.number == TRACE_PACKET)
			err = read_packet(block, wire_inside(&field), ours);
	return err ? err : in.broken ? -EBADMSG : 0;
}

/* --- one order ------------------------------------------------------------------------------------------ */

static void take_ordered(const struct event *event, void *ctx)
{
	struct block *block = ctx;

	block->events[block->n_events++] = *event;
}

/* A run of equal times that came in another order: place i is where event i of the run was. */
static int reorder(struct block *block, uint64_t first, uint64_t n)
{
	struct block_private *private = block->private;
	struct wire_in *places = &private->details[DETAILS_TIE_PLACE];

	if (first > block->n_events || n > block->n_events - first)
		return -EBADMSG;
	memcpy(private->ordered, &block->events[first], n * sizeof(*private->ordered));
	for (uint64_t i = 0; i < n; i++) {
		uint64_t place = wire_number(places);

		if (place >= n)
			return -EBADMSG;
		block->events[first + place] = private->ordered[i];
	}
	return places->broken ? -EBADMSG : 0;
}

static int reorder_all(struct block *block)
{
	struct block_private *private = block->private;
	struct wire_in *at = &private->details[DETAILS_TIE_AT];
	struct wire_in *n = &private->details[DETAILS_TIE_N];
	uint64_t first = 0;
	int err = 0;

	while (!err && wire_more(at)) {
		first += wire_number(at);
		err = at->broken ? -EBADMSG : reorder(block, first, wire_number(n));
	}
	return err;
}

/* --- what was left unsaid ------------------------------------------------------------------------------- */

static int apply(struct event *event, uint64_t field, uint64_t value)
{
	if (value > UINT32_MAX)
		return -EBADMSG;
	switch (field) {
	case PATCH_TASK:
		event->task = (uint32_t)value;
		return 0;
	case PATCH_OTHER:
		event->to.next = (uint32_t)value;
		return 0;
	case PATCH_STATE:
		event->state = (uint8_t)value;
		return 0;
	case PATCH_RAN:
		event->to.ran_ns = (uint32_t)value;
		return 0;
	case PATCH_WAITED:
		event->to.waited_ns = (uint32_t)value;
		return 0;
	case PATCH_CPU:
		event->cpu = (uint16_t)value;
		return 0;
	case PATCH_LANE:
		event->coroutine.lane = (uint32_t)value;
		return 0;
	}
	return -EBADMSG;
}

static void fill_exit(struct block_private *private, struct event *event)
{
	event->end.code = (uint32_t)wire_number(&private->details[DETAILS_EXIT_CODE]);
	event->end.moved = (uint32_t)wire_number(&private->details[DETAILS_EXIT_MOVED]);
	event->end.seen =
		event->end.moved -
		(uint32_t)wire_unzigzag(wire_number(&private->details[DETAILS_EXIT_UNSEEN]));
}

/* Number of the next event that has a patch; UINT64_MAX: none. */
static uint64_t next_patch(struct block_private *private, uint64_t last)
{
	struct wire_in *at = &private->details[DETAILS_PATCH_AT];

	return wire_more(at) ? last + wire_number(at) : UINT64_MAX;
}

static int fill_all(struct block *block)
{
	struct block_private *private = block->private;
	uint64_t patched = next_patch(private, 0);

	for (uint32_t i = 0; i < block->n_events; i++) {
		struct event *event = &block->events[i];
		int err = infer_fill(&private->infer, event);

		if (event->kind == EVENT_EXIT)
			fill_exit(private, event);
		for (; !err && patched == i; patched = next_patch(private, patched))
			err = apply(event, wire_number(&private->details[DETAILS_PATCH_FIELD]),
				    wire_number(&private->details[DETAILS_PATCH_VALUE]));
		if (!err && event->kind == EVENT_SWITCH && event->cpu >= private->n_cpus)
			err = -EBADMSG; /* no writer has taken such a one */
		if (!err)
			err = infer_learn(&private->infer, event);
		if (err)
			return err;
	}
	for (unsigned i = DETAILS_PATCH_AT; i <= DETAILS_EXIT_UNSEEN; i++)
		if (private->details[i].broken) /* a column shorter than the others */
			return -EBADMSG;
	return 0;
}

/* --- a block -------------------------------------------------------------------------------------------- */

static void reset(struct block *block, uint64_t first_ns)
{
	struct block_private *private = block->private;

	block->n_events = block->n_items = 0;
	block->n_unknown = 0;
	block->words = block->tasks = (struct wire_in){ 0 };
	memset(private->details, 0, sizeof(private->details));
	memset(private->leading, 0, private->n_cpus * sizeof(*private->leading));
	merge_reset(private->merge);
	infer_reset(&private->infer);
	private->first_ns = first_ns;
	private->mark_ns = 0;
}

int block_read(struct block *block, const void *bytes, size_t n, uint64_t first_ns, bool events)
{
	struct wire_in in = wire_in(bytes, n);
	int err;

	reset(block, first_ns);
	err = read_packets(block, in, true);
	find_next_counts(block);
	if (err || !events)
		return err;
	err = read_packets(block, in, false);
	if (!err)
		err = push_losses(block->private);
	if (err)
		return err;
	merge_flush(block->private->merge, take_ordered, block);
	err = reorder_all(block);
	return err ? err : fill_all(block);
}
