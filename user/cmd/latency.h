/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * latency.h - for stat --latency: where time goes and who blocks, made of all events of a run.
 * Starts zeroed. One thread.
 */
#ifndef SWTCH_CMD_LATENCY_H
#define SWTCH_CMD_LATENCY_H

#include "sink/report.h"
#include "source/source.h"
#include "state/blame.h"
#include "state/spans.h"

struct latency {
	struct state *state; /* which takes in the events, too: their names are the report's */
	struct spans *spans; /* NULL: nobody asked */
	struct blame *blame;
};

/* 0 or -ENOMEM; latency_fini() in either case. */
int latency_init(struct latency *latency, struct state *state);
void latency_fini(struct latency *latency);

/* A source_fn: ctx is the struct. */
void latency_take(const struct event *event, void *ctx);

/* Have the report tell of it. */
void latency_tell(const struct latency *latency, struct report *report);

#endif
