/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.h - where events go: text, csv, jsonl. A sink owns its output until finish.
 */
#ifndef SWTCH_SINK_H
#define SWTCH_SINK_H

#include <stdio.h>

#include "state/state.h"

struct sink {
	/* Write one event. `state` has applied it already; `delta` holds the slices it closed. */
	void (*event)(struct sink *sink, const struct event *event, const struct delta *delta);
	/* Flush; 0 or -errno of the first write that failed since the start. */
	int (*finish)(struct sink *sink);
	void (*free)(struct sink *sink);
};

/* What a sink needs to know to print: names of tasks and lanes, and where time 0 is. */
struct sink_context {
	const struct names *names;
	const struct lane_state *lanes; /* [n_lanes] */
	unsigned n_lanes;
	uint64_t start_ns;
};

/* A row for each format: "text", "csv", "jsonl". */
struct sink_format {
	const char *name;
	const char *says;
	/* Print to `out` (not closed by the sink). NULL with ENOMEM. */
	struct sink *(*make)(FILE *out, const struct sink_context *context);
};

extern const struct sink_format sink_formats[]; /* ends with name NULL */

/* By name; NULL when there is none. */
const struct sink_format *sink_find(const char *name);

#endif
