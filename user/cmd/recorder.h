/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recorder.h - what a session or a made-up machine does, into a recording: every event, counts, and
 * lanes as they start and change. Used by record and live. Owned by who made it; one thread.
 *
 * The first error ends it: what comes after counts as lost, and recorder_err() tells.
 */
#ifndef SWTCH_RECORDER_H
#define SWTCH_RECORDER_H

#include "sink/recording.h"
#include "state/state.h"

#define RECORDER_COUNTS_NS 100000000ull /* between two counts, as live measures */

struct recorder;

/* Chunks go to `fn`, but for the head: see recorder_head(). NULL with ENOMEM. */
struct recorder *recorder_new(const struct state *state, chunk_fn fn, void *ctx);
void recorder_free(struct recorder *recorder);

/* The head of a file, to whatever `fn` writes. 0 or -errno. */
int recorder_head(struct recorder *recorder, chunk_fn fn, void *ctx);

void recorder_run(struct recorder *recorder, const struct run_facts *run);

/* Look which lanes started or changed; before the events that came since. */
void recorder_look(struct recorder *recorder, const struct state *state);

void recorder_event(struct recorder *recorder, const struct event *event);

/* The counts learn what was written so far. */
void recorder_counts(struct recorder *recorder, struct counts *counts);

/*
 * Hand over what there is: at least when it is due, which is every second. Before that the run is
 * told again, so that a recording that is cut knows how long it went on.
 */
bool recorder_is_due(const struct recorder *recorder);
void recorder_flush(struct recorder *recorder);

/* Of the first thing that failed; 0: nothing did. */
int recorder_err(const struct recorder *recorder);

uint64_t
recorder_n_events(const struct recorder *recorder); /* that came, the lost ones among them */
uint64_t recorder_n_bytes(const struct recorder *recorder);
uint64_t
recorder_n_lost(const struct recorder *recorder); /* nobody took their block, or after an error */

#endif
