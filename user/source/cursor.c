// SPDX-License-Identifier: GPL-2.0-only
/* cursor.c - a place in a tape: a block at a time, events and what stands between them in turn. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event/counts_row.h"
#include "event/lost.h"
#include "event/recording.h"
#include "source/tape_private.h"

/* How much of what was before the next block is to be told with it. */
enum fresh {
	NOT_FRESH,
	FRESH_GAP,   /* what may have changed unseen */
	FRESH_START, /* all: lanes begin here */
};

struct cursor {
	struct tape *tape;
	off_t next; /* of the block after this one */
	struct tape_block at;
	struct block block;
	uint8_t *bytes;
	size_t n_room;
	int err; /* why the next block could not be read: there is no more until it is put elsewhere */
	bool loaded, has_events, ended, names_told;
	bool gap;	 /* blocks could not be read, with so many events, */
	uint64_t n_gone; /* which nobody was told yet */
	enum fresh fresh;
	uint32_t event, item; /* the next of each */
	uint64_t now_ns;      /* of what was passed last */
	uint64_t number;      /* that the next block should have; 0: any */
	uint64_t *row;
	size_t n_row, tail; /* numbers in a row, and before its tail */
	struct counts counts;
};

struct cursor *cursor_new(struct tape *tape)
{
	struct cursor *cursor = calloc(1, sizeof(*cursor));
	int err;

	if (!cursor)
		return NULL;
	cursor->tape = tape;
	cursor->next = tape->start;
	cursor->fresh = FRESH_START;
	cursor->n_row = counts_row_size(tape->facts.n_cpus, tape->facts.n_lanes);
	cursor->tail = counts_row_tail(tape->facts.n_cpus, tape->facts.n_lanes);
	cursor->row = calloc(cursor->n_row, sizeof(*cursor->row));
	err = block_init(&cursor->block, tape->facts.n_cpus, tape->offset_ns);
	if (!err)
		err = counts_init(&cursor->counts, tape->facts.n_cpus, tape->facts.n_lanes);
	if (err || !cursor->row) {
		cursor_free(cursor);
		errno = ENOMEM;
		return NULL;
	}
	return cursor;
}

void cursor_free(struct cursor *cursor)
{
	if (!cursor)
		return;
	block_fini(&cursor->block);
	counts_fini(&cursor->counts);
	free(cursor->row);
	free(cursor->bytes);
	free(cursor);
}

static void put_at(struct cursor *cursor, off_t offset)
{
	cursor->err = 0;
	cursor->next = offset;
	cursor->loaded = cursor->ended = false;
	cursor->fresh = FRESH_START;
	cursor->number = cursor->now_ns = cursor->n_gone = 0;
	cursor->gap = false;
	memset(cursor->row, 0, cursor->n_row * sizeof(*cursor->row));
}

void cursor_seek(struct cursor *cursor, uint64_t time_ns)
{
	const struct tape *tape = cursor->tape;
	size_t low = 0, high = tape->n_index;
	off_t offset = tape->start, found;
	struct tape_block block;
	bool broken;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tape->index[middle].first_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		offset = tape->index[low - 1].offset;
	found = offset;
	while (tape_next_block(tape, offset, &block, &broken) == PLACE_BLOCK &&
	       block.first_ns - tape->offset_ns <
		       time_ns) { /* the one before may end at that time */
		found = block.offset;
		offset = block.next;
	}
	put_at(cursor, found);
}

/* --- what is passed -------------------------------------------------------------------------------- */

static void tell_names(const struct cursor *cursor, const struct tape_visitor *visitor)
{
	struct wire_in words = cursor->block.words, tasks = cursor->block.tasks;
	struct wire_field field;
	char name[TASK_NAME_LEN];

	while (visitor->name && wire_next(&tasks, &field)) {
		if (field.number != TASKS_NAME)
			continue;
		if (!wire_more(&words))
			return;
		memset(name, 0, sizeof(name));
		if (field.n)
			memcpy(name, field.bytes,
			       field.n < sizeof(name) ? field.n : sizeof(name) - 1);
		visitor->name((uint32_t)wire_number(&words), name, visitor->ctx);
	}
}

static void tell_lane(struct cursor *cursor, const struct block_item *item,
		      const struct tape_visitor *visitor)
{
	struct lane_label label;
	unsigned lane;
	bool starts;

	if (item->first && cursor->fresh == NOT_FRESH)
		return;
	if (!tape_read_lane(cursor->tape, item->in, &lane, &label, &starts) || !visitor->lane)
		return;
	visitor->lane(lane, &label, starts || (item->first && cursor->fresh == FRESH_START),
		      visitor->ctx);
}

static void tell_run(const struct cursor *cursor, const struct block_item *item,
		     const struct tape_visitor *visitor)
{
	struct run_facts run;

	if (item->first && cursor->fresh == NOT_FRESH)
		return;
	if (visitor->run && tape_read_run(cursor->tape, item->in, &run))
		visitor->run(&run, visitor->ctx);
}

static uint64_t counts_time(const struct cursor *cursor, struct wire_in in)
{
	struct wire_field field;

	while (wire_next(&in, &field))
		if (field.number == COUNTS_TIME)
			return field.value - cursor->tape->offset_ns;
	return 0;
}

static void move_row(struct cursor *cursor, struct wire_in moves)
{
	size_t i = 0;

	while (wire_more(&moves)) {
		uint64_t stood = wire_number(&moves);
		int64_t moved = wire_unzigzag(wire_number(&moves));

		if (moves.broken || stood >= cursor->tail - i)
			return;
		i += stood;
		cursor->row[i++] += (uint64_t)moved;
	}
}

/* As long as the file has it; the rest is not known. */
static void take_tail(struct cursor *cursor, struct wire_in tail)
{
	for (size_t i = cursor->tail; i < cursor->n_row; i++)
		cursor->row[i] = (wire_more(&tail) ? wire_number(&tail) : 0) - 1;
}

static void tell_counts(struct cursor *cursor, const struct block_item *item,
			const struct tape_visitor *visitor)
{
	struct wire_in in = item->in;
	struct wire_field field;

	if (item->first)
		memset(cursor->row, 0, cursor->tail * sizeof(*cursor->row));
	take_tail(cursor, (struct wire_in){ 0 });
	while (wire_next(&in, &field)) {
		if (field.number == COUNTS_MOVES)
			move_row(cursor, wire_inside(&field));
		if (field.number == COUNTS_TAIL)
			take_tail(cursor, wire_inside(&field));
	}
	if (!visitor->counts || (item->first && cursor->fresh == NOT_FRESH))
		return;
	counts_from_row(&cursor->counts, cursor->row);
	cursor->counts.time_ns = counts_time(cursor, item->in);
	visitor->counts(&cursor->counts, visitor->ctx);
}

static void tell_item(struct cursor *cursor, const struct tape_visitor *visitor)
{
	const struct block_item *item = &cursor->block.items[cursor->item++];

	switch (item->field) {
	case SWTCH_LANE:
		tell_lane(cursor, item, visitor);
		break;
	case SWTCH_RUN:
		tell_run(cursor, item, visitor);
		break;
	case SWTCH_COUNTS:
		tell_counts(cursor, item, visitor);
		break;
	}
}

/* A stretch of the file is gone: `n` events, 0 where nobody knows how many. It is told later. */
static void note_gap(struct cursor *cursor, uint64_t n, uint64_t time_ns)
{
	if (cursor->fresh == NOT_FRESH)
		cursor->fresh = FRESH_GAP;
	cursor->gap = true;
	cursor->n_gone += n;
	if (time_ns > cursor->now_ns)
		cursor->now_ns = time_ns;
}

/* What loading found, for whoever plays next: a gap, and what tasks are called behind it. */
static void tell_loaded(struct cursor *cursor, const struct tape_visitor *visitor)
{
	struct event event = event_lost(CPU_UNKNOWN, cursor->now_ns, cursor->n_gone, 0);

	if (cursor->gap && visitor->event)
		visitor->event(&event, visitor->ctx);
	cursor->gap = false;
	cursor->n_gone = 0;
	if (cursor->loaded && !cursor->names_told)
		tell_names(cursor, visitor);
	cursor->names_told = true;
}

/* --- blocks ------------------------------------------------------------------------------------------ */

/* Decode the block that cursor->at is, again if its events are wanted only now. */
static int decode(struct cursor *cursor, bool events)
{
	struct tape *tape = cursor->tape;
	const struct tape_block *at = &cursor->at;
	int err = tape_unpack(tape, at, &cursor->bytes, &cursor->n_room);

	if (!err)
		err = block_read(&cursor->block, cursor->bytes, at->n_bytes,
				 at->first_ns - tape->offset_ns, events);
	if (!err && events && cursor->block.n_events != at->n_events)
		err = -EBADMSG;
	cursor->has_events = events;
	return err;
}

static void note_broken(struct tape *tape, off_t until)
{
	if (until <= tape->broken_until)
		return;
	tape->broken_until = until;
	tape->facts.n_broken++;
}

/* Load the next block that can be read, with its events or without. 0, also at the end; -errno. */
static int load(struct cursor *cursor, bool events)
{
	struct tape *tape = cursor->tape;

	while (!cursor->loaded && !cursor->ended) {
		bool broken;
		int place = tape_next_block(tape, cursor->next, &cursor->at, &broken);
		uint64_t first_ns = cursor->at.first_ns - tape->offset_ns;
		int err;

		if (place != PLACE_BLOCK) {
			cursor->ended = true;
			return place < 0 ? place : 0;
		}
		if (broken || (cursor->number && cursor->at.number != cursor->number))
			note_gap(cursor, 0, first_ns);
		cursor->next = cursor->at.next;
		cursor->number = cursor->at.number + 1;
		err = decode(cursor, events);
		if (err == -EBADMSG) {
			note_broken(tape, cursor->next);
			note_gap(cursor, cursor->at.n_events, first_ns);
			continue;
		}
		if (err)
			return err;
		cursor->loaded = true;
		cursor->names_told = false;
		cursor->event = cursor->item = 0;
		if (first_ns > cursor->now_ns) /* what stands before its events is no older */
			cursor->now_ns = first_ns;
	}
	return 0;
}

/* Events of a block that was read without them are wanted now: from where its items were passed. */
static int ask_for_events(struct cursor *cursor)
{
	int err;

	if (cursor->has_events)
		return 0;
	cursor->event = cursor->item ? cursor->block.items[cursor->item - 1].at : 0;
	err = decode(cursor, true);
	if (err == -EBADMSG) { /* its items could be read: then that is what there is */
		note_broken(cursor->tape, cursor->next);
		note_gap(cursor, cursor->at.n_events, cursor->now_ns);
		cursor->block.n_events = 0;
		return 0;
	}
	return err;
}

/* A block is loaded, or it is the end; 0 or -errno. */
static int prepare(struct cursor *cursor, bool events)
{
	if (!cursor->err)
		cursor->err = load(cursor, events);
	if (!cursor->err && cursor->loaded && events)
		cursor->err = ask_for_events(cursor);
	return cursor->err;
}

/* --- a step --------------------------------------------------------------------------------------------- */

enum step { STEP_ITEM, STEP_EVENT, STEP_END };

/*
 * When the next item is due. Lanes and runs have no time: they changed at the latest when what comes
 * behind them did.
 */
static uint64_t item_due(const struct cursor *cursor, bool has_event)
{
	const struct block *block = &cursor->block;
	const struct block_item *item = &block->items[cursor->item];
	const struct block_item *counts = &block->items[item->next_counts];

	if (item->first)
		return cursor->now_ns;
	if (item->next_counts < block->n_items && (!has_event || counts->at <= cursor->event))
		return counts_time(cursor, counts->in);
	return has_event ? block->events[cursor->event].time_ns : cursor->now_ns;
}

/* What is next in the block, and when that is. */
static enum step next_step(const struct cursor *cursor, uint64_t *time_ns)
{
	const struct block *block = &cursor->block;
	bool has_event = cursor->has_events && cursor->event < block->n_events;
	bool has_item = cursor->item < block->n_items;

	if (has_item && (!has_event || block->items[cursor->item].at <= cursor->event)) {
		*time_ns = item_due(cursor, has_event);
		return STEP_ITEM;
	}
	if (!has_event) {
		*time_ns = cursor->at.last_ns - cursor->tape->offset_ns;
		return STEP_END;
	}
	*time_ns = block->events[cursor->event].time_ns;
	return STEP_EVENT;
}

static void pass(struct cursor *cursor, enum step step, uint64_t time_ns,
		 const struct tape_visitor *visitor)
{
	if (step == STEP_ITEM)
		tell_item(cursor, visitor);
	else if (visitor->event)
		visitor->event(&cursor->block.events[cursor->event++], visitor->ctx);
	else
		cursor->event++;
	if (time_ns > cursor->now_ns)
		cursor->now_ns = time_ns;
}

/* The block is through: what comes next is told without what was before it. */
static void leave(struct cursor *cursor)
{
	cursor->loaded = false;
	cursor->fresh = NOT_FRESH;
}

int64_t cursor_play(struct cursor *cursor, uint64_t until_ns, uint64_t n_max,
		    const struct tape_visitor *visitor)
{
	int64_t n = 0;

	while ((uint64_t)n < n_max) {
		uint64_t time_ns;
		enum step step;
		int err = prepare(cursor, visitor->event != NULL);

		if (err)
			return err;
		tell_loaded(cursor, visitor);
		if (cursor->ended)
			break;
		step = next_step(cursor, &time_ns);
		/* A block that is read without its events ends with them, not with its items. */
		if (time_ns > until_ns && (step != STEP_END || !cursor->has_events))
			break;
		if (step == STEP_END) {
			leave(cursor);
			continue;
		}
		pass(cursor, step, time_ns, visitor);
		n += step == STEP_EVENT;
	}
	return n;
}

uint64_t cursor_next_ns(struct cursor *cursor)
{
	uint64_t time_ns;

	for (;;) {
		if (prepare(cursor, true)) /* which cursor_play() will say */
			return cursor->now_ns;
		if (cursor->ended)
			return UINT64_MAX;
		if (next_step(cursor, &time_ns) != STEP_END)
			return time_ns;
		leave(cursor);
	}
}

bool cursor_at_end(struct cursor *cursor)
{
	return cursor_next_ns(cursor) == UINT64_MAX;
}
