/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * latency.h - where time goes and who blocks its thread, made of events: for stat --latency, and for the
 * view. Starts zeroed. One thread.
 */
#ifndef SWTCH_CMD_LATENCY_H
#define SWTCH_CMD_LATENCY_H

#include "state/blame.h"
#include "state/spans.h"

struct latency {
	struct spans *spans; /* NULL: nobody asked */
	struct blame *blame;
};

/* 0 or -ENOMEM; latency_fini() in either case. n_lanes counts lane 0. */
int latency_init(struct latency *latency, unsigned n_lanes);
void latency_fini(struct latency *latency);

/* Forget all. */
void latency_clear(struct latency *latency);

/* Make `copy` hold what is known now, to be read. 0 or -ENOMEM; latency_fini() in either case. */
int latency_copy(struct latency *copy, const struct latency *latency);

/* Take in one event; they come in the order of time. */
void latency_apply(struct latency *latency, const struct event *event);

#endif
