// SPDX-License-Identifier: GPL-2.0-only
/*
 * encoder_marks.c - coroutines as tracks below their threads, with a slice for each stretch of running.
 *
 * All marks are packets of one sequence, whose clock tells how long after the one before each is: the
 * first of a block sets it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "sink/encoder.h"

#define N_SLOTS_FIRST 256 /* of the set of tracks; a power of two, at most half used */

static const struct {
	enum track_event_type type;
	enum mark_name name;
} kinds[N_EVENT_KINDS] = {
	[EVENT_CREATE] = { TRACK_INSTANT, MARK_NAME_CREATE },
	[EVENT_RESUME] = { TRACK_BEGIN, MARK_NAME_RUNS },
	[EVENT_SUSPEND] = { TRACK_END, MARK_NAME_RUNS },
	[EVENT_END] = { TRACK_END, MARK_NAME_END },
	[EVENT_COROUTINE_NAME] = { TRACK_INSTANT, 0 }, /* and its name as it stands */
};

/* --- the set of tracks --------------------------------------------------------------------------- */

static uint64_t *find(const struct encoder *encoder, uint64_t track)
{
	uint64_t at = track * 0x9e3779b97f4a7c15ull >> 32;

	for (;; at++) {
		uint64_t *slot = &encoder->tracks[at & (encoder->n_track_slots - 1)];

		if (!*slot || *slot == track)
			return slot;
	}
}

static int grow(struct encoder *encoder)
{
	uint64_t *old = encoder->tracks;
	uint32_t n_old = encoder->n_track_slots, n = n_old ? 2 * n_old : N_SLOTS_FIRST;

	encoder->tracks = calloc(n, sizeof(*encoder->tracks));
	if (!encoder->tracks) {
		encoder->tracks = old;
		return -ENOMEM;
	}
	encoder->n_track_slots = n;
	for (uint32_t i = 0; i < n_old; i++)
		if (old[i])
			*find(encoder, old[i]) = old[i];
	free(old);
	return 0;
}

/* True when the track was not in the set; it is now. */
static bool is_new(struct encoder *encoder, uint64_t track)
{
	uint64_t *slot;

	if (2 * (encoder->n_tracks + 1) > encoder->n_track_slots && grow(encoder)) {
		encoder->err = -ENOMEM;
		return false;
	}
	slot = find(encoder, track);
	if (*slot)
		return false;
	*slot = track;
	encoder->n_tracks++;
	return true;
}

/* --- packets --------------------------------------------------------------------------------------- */

static size_t begin(struct encoder *encoder, uint32_t flags)
{
	size_t packet = wire_begin(&encoder->marks, TRACE_PACKET);

	wire_uint(&encoder->marks, PACKET_SEQUENCE_ID, MARKS_SEQUENCE);
	wire_uint(&encoder->marks, PACKET_SEQUENCE_FLAGS, flags);
	return packet;
}

static void put_clock(struct wire *out, enum clock_id id, uint64_t time, bool incremental)
{
	size_t mark = wire_begin(out, SNAPSHOT_CLOCK);

	wire_uint(out, CLOCK_FIELD_ID, id);
	wire_uint(out, CLOCK_FIELD_TIME, time);
	if (incremental)
		wire_uint(out, CLOCK_FIELD_INCREMENTAL, 1);
	wire_end(out, mark);
}

/* The sequence begins: what names mean, which clock its times are of, and where that stands. */
static void put_start(struct encoder *encoder, uint64_t time_ns)
{
	static const char *const names[] = {
		[MARK_NAME_RUNS] = "runs", [MARK_NAME_CREATE] = "create", [MARK_NAME_END] = "end"
	};
	struct wire *out = &encoder->marks;
	size_t packet = begin(encoder, SEQUENCE_CLEARED), mark;

	mark = wire_begin(out, PACKET_INTERNED_DATA);
	for (uint32_t i = MARK_NAME_RUNS; i <= MARK_NAME_END; i++) {
		size_t name = wire_begin(out, INTERNED_EVENT_NAME);

		wire_uint(out, EVENT_NAME_ID, i);
		wire_text(out, EVENT_NAME_TEXT, names[i]);
		wire_end(out, name);
	}
	wire_end(out, mark);
	mark = wire_begin(out, PACKET_DEFAULTS);
	wire_uint(out, DEFAULTS_TIMESTAMP_CLOCK, CLOCK_ID_MARKS);
	wire_end(out, mark);
	wire_end(out, packet);

	packet = begin(encoder, SEQUENCE_NEEDS_STATE);
	mark = wire_begin(out, PACKET_CLOCK_SNAPSHOT);
	put_clock(out, CLOCK_ID_BOOTTIME, time_ns + encoder->offset_ns, false);
	put_clock(out, CLOCK_ID_MARKS, time_ns + encoder->offset_ns, true);
	wire_end(out, mark);
	wire_end(out, packet);
	encoder->marked_ns = time_ns;
}

/* A thread that was not seen to be made is taken for a process of its own, as in the process tree. */
static void describe_thread(struct encoder *encoder, uint32_t tid)
{
	struct wire *out = &encoder->marks;
	size_t packet = begin(encoder, SEQUENCE_NEEDS_STATE), mark, thread;

	mark = wire_begin(out, PACKET_TRACK_DESCRIPTOR);
	wire_uint(out, TRACK_UUID, track_of_thread(tid));
	thread = wire_begin(out, TRACK_THREAD);
	wire_uint(out, TRACK_THREAD_PID, tid);
	wire_uint(out, TRACK_THREAD_TID, tid);
	wire_text(out, TRACK_THREAD_NAME, names_get(encoder->names, tid));
	wire_end(out, thread);
	wire_end(out, mark);
	wire_end(out, packet);
}

static void describe_coroutine(struct encoder *encoder, uint32_t lane, uint32_t tid, uint32_t id)
{
	struct wire *out = &encoder->marks;
	size_t packet = begin(encoder, SEQUENCE_NEEDS_STATE), mark;
	const char *called = names_get_coroutine(encoder->names, lane, id);
	char name[64], shown[48] = "";

	if (*called)
		escape_name(shown, sizeof(shown), called);
	snprintf(name, sizeof(name), *called ? "co-%u (%s)" : "co-%u", id, shown);
	mark = wire_begin(out, PACKET_TRACK_DESCRIPTOR);
	wire_uint(out, TRACK_UUID, track_of_coroutine(tid, id));
	wire_uint(out, TRACK_PARENT, track_of_thread(tid));
	wire_text(out, TRACK_NAME, name);
	wire_end(out, mark);
	wire_end(out, packet);
}

void encoder_mark(struct encoder *encoder, const struct event *event)
{
	uint32_t tid = task_pid(event->task), id = event->coroutine.id;
	struct wire *out = &encoder->marks;
	char name[COROUTINE_NAME_LEN];
	size_t packet, mark;

	names_apply(encoder->names, event); /* a track is called as its coroutine */
	if (!encoder->marked_ns)
		put_start(encoder, event->time_ns);
	if (is_new(encoder, track_of_thread(tid)))
		describe_thread(encoder, tid);
	if (is_new(encoder, track_of_coroutine(tid, id)))
		describe_coroutine(encoder, task_lane(event->task), tid, id);
	packet = begin(encoder, SEQUENCE_NEEDS_STATE);
	wire_uint(out, PACKET_TIMESTAMP, event->time_ns - encoder->marked_ns);
	mark = wire_begin(out, PACKET_TRACK_EVENT);
	wire_uint(out, TRACK_EVENT_TYPE, kinds[event->kind].type);
	if (event->kind == EVENT_COROUTINE_NAME) {
		event_coroutine_name(event, name);
		wire_text(out, TRACK_EVENT_NAME, name);
	} else {
		wire_uint(out, TRACK_EVENT_NAME_ID, kinds[event->kind].name);
	}
	wire_uint(out, TRACK_EVENT_TRACK, track_of_coroutine(tid, id));
	wire_end(out, mark);
	wire_end(out, packet);
	encoder->marked_ns = event->time_ns;
}
