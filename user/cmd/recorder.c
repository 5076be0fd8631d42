// SPDX-License-Identifier: GPL-2.0-only
/* recorder.c - holds each lane against what was told of it last, and blocks against the clock. */
#include "cmd/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define FLUSH_NS NS_PER_S /* what a kill may cost */

struct recorder {
	struct recording *recording;
	unsigned n_lanes;
	unsigned *n_starts;	   /* [n_lanes] as told */
	struct lane_label *labels; /* likewise */
	uint64_t flushed_ns;
	int err;
	uint64_t n_after; /* events that came when it had ended */
};

struct recorder *recorder_new(const struct state *state, chunk_fn fn, void *ctx)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return NULL;
	recorder->n_lanes = state->n_lanes;
	recorder->recording = recording_new(state->n_cpus, state->n_lanes, fn, ctx);
	recorder->n_starts = calloc(state->n_lanes, sizeof(*recorder->n_starts));
	recorder->labels = calloc(state->n_lanes, sizeof(*recorder->labels));
	recorder->flushed_ns = clock_now_ns();
	if (!recorder->recording || !recorder->n_starts || !recorder->labels) {
		recorder_free(recorder);
		return NULL;
	}
	return recorder;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	recording_free(recorder->recording);
	free(recorder->n_starts);
	free(recorder->labels);
	free(recorder);
}

int recorder_head(struct recorder *recorder, chunk_fn fn, void *ctx)
{
	return recording_head(recorder->recording, fn, ctx);
}

void recorder_run(struct recorder *recorder, const struct run_facts *run)
{
	recording_run(recorder->recording, run);
}

static bool is_same(const struct lane_label *a, const struct lane_label *b)
{
	return a->phase == b->phase && a->is_apart == b->is_apart && a->figures == b->figures &&
	       a->latency == b->latency && !strcmp(a->name, b->name) &&
	       !strcmp(a->model, b->model) && !strcmp(a->via, b->via) &&
	       !strcmp(a->sync, b->sync) && !strcmp(a->unit, b->unit) && !strcmp(a->note, b->note);
}

void recorder_look(struct recorder *recorder, const struct state *state)
{
	for (unsigned lane = 0; lane < recorder->n_lanes; lane++) {
		const struct lane_state *now = &state->lanes[lane];
		bool starts = now->n_starts != recorder->n_starts[lane];

		if (!starts && is_same(&now->label, &recorder->labels[lane]))
			continue;
		recorder->n_starts[lane] = now->n_starts;
		recorder->labels[lane] = now->label;
		recording_lane(recorder->recording, lane, &now->label, starts);
	}
}

static void note(struct recorder *recorder, int err)
{
	if (!err || recorder->err)
		return;
	recorder->err = err;
	recording_drop(recorder->recording);
}

void recorder_event(struct recorder *recorder, const struct event *event)
{
	if (!recorder->err)
		note(recorder, recording_event(recorder->recording, event));
	else
		recorder->n_after++;
}

void recorder_counts(struct recorder *recorder, struct counts *counts)
{
	counts->self.written_bytes = recorder_n_bytes(recorder);
	if (!recorder->err)
		note(recorder, recording_counts(recorder->recording, counts));
}

bool recorder_is_due(const struct recorder *recorder)
{
	return clock_now_ns() - recorder->flushed_ns >= FLUSH_NS;
}

void recorder_flush(struct recorder *recorder)
{
	recorder->flushed_ns = clock_now_ns();
	if (!recorder->err)
		note(recorder, recording_flush(recorder->recording));
}

int recorder_err(const struct recorder *recorder)
{
	return recorder->err;
}

uint64_t recorder_n_events(const struct recorder *recorder)
{
	return recording_n_events(recorder->recording) + recorder->n_after;
}

uint64_t recorder_n_bytes(const struct recorder *recorder)
{
	return recording_n_bytes(recorder->recording);
}

uint64_t recorder_n_lost(const struct recorder *recorder)
{
	return recording_n_lost(recorder->recording) + recorder->n_after;
}
