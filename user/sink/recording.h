/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording.h - events and counts into a Perfetto trace, block by block.
 *
 * What comes out is a sequence of chunks, each of whole packets: the first (recording_head) makes a
 * file of what follows, every other is a block: compressed, with a checksum, and complete in itself.
 * So a file may be cut behind any chunk, and a ring may drop the oldest blocks. See event/recording.h for
 * the format. Owned by who made it; one thread.
 */
#ifndef SWTCH_SINK_RECORDING_H
#define SWTCH_SINK_RECORDING_H

#include <stddef.h>

#include "event/counts.h"
#include "event/label.h"
#include "event/run.h"

struct recording;

/* A chunk, on its way to a file or a ring. Valid during the call. */
struct chunk {
	const void *bytes;
	size_t n;
	uint64_t first_ns, last_ns; /* of its events and counts, CLOCK_MONOTONIC */
	uint64_t n_events;	    /* that recording_event() took */
};

/*
 * Takes one chunk. 0, or -errno, which the call that led to it returns; but for -ENOBUFS, there is no room
 * now: then its events are lost, which the next block tells, for each CPU: how many, from when, and from
 * which sequence number on.
 */
typedef int (*chunk_fn)(const struct chunk *chunk, void *ctx);

/* NULL with ENOMEM. n_lanes counts lane 0. */
struct recording *recording_new(unsigned n_cpus, unsigned n_lanes, chunk_fn fn, void *ctx);
void recording_free(struct recording *recording);

/*
 * The head of a file, handed to `fn` now: clocks, the system, which format this is. For a ring it
 * can be had again at any time, to be written before the blocks that are left. 0 or -errno.
 */
int recording_head(struct recording *recording, chunk_fn fn, void *ctx);

/* What is watched; told again when it changes, and once more at the end with the times it took. */
void recording_run(struct recording *recording, const struct run_facts *run);

/* A lane's label changed, or it `starts` anew: then its past is no more. */
void recording_lane(struct recording *recording, unsigned lane, const struct lane_label *label,
		    bool starts);

/*
 * Take one event, in the order of time. A full block goes to `fn`. 0 or -errno: ENOMEM, or fn's own;
 * then the events of that block are lost, and recording_n_lost() counts them.
 */
int recording_event(struct recording *recording, const struct event *event);

/* Take the counts of an instant not before the last event. 0 or -errno, as recording_event(). */
int recording_counts(struct recording *recording, const struct counts *counts);

/* Hand over what there is as a block, if there is anything. 0 or -errno, as recording_event(). */
int recording_flush(struct recording *recording);

/* What was not handed over yet will not be: it is lost. */
void recording_drop(struct recording *recording);

uint64_t recording_n_events(const struct recording *recording); /* taken so far */
uint64_t recording_n_lost(const struct recording *recording); /* in blocks that `fn` did not take */
uint64_t recording_n_bytes(const struct recording *recording); /* handed over so far */

#endif
