/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.h - where events go: a table of formats. A sink owns its output until it is freed.
 */
#ifndef SWTCH_SINK_H
#define SWTCH_SINK_H

#include <stdio.h>

#include "base/writer.h"
#include "state/state.h"

struct report;

struct sink {
	/* Write one event. `state` has applied it already; `delta` holds the slices it closed. */
	void (*event)(struct sink *sink, const struct event *event, const struct delta *delta);
	/* An event that is left out of what is written, but happened. NULL: it changes nothing. */
	void (*pass)(struct sink *sink, const struct event *event);
	/* Write what comes last. NULL: nothing. */
	void (*end)(struct sink *sink);
	/* Release what is its own beside itself. NULL: nothing. */
	void (*fini)(struct sink *sink);
	struct writer out;
};

/* What a sink needs to know to print: names of tasks and lanes, and where time 0 is. */
struct sink_context {
	const struct names *names;
	const struct lane_state *lanes; /* [n_lanes] */
	unsigned n_lanes;
	uint64_t start_ns;
	/* For formats that are no log of events; else 0 and NULL. */
	unsigned n_cpus;
	uint64_t from_ns, to_ns;     /* events come from this stretch of time */
	const struct report *report; /* what stat prints of the run, complete when the sink ends */
};

/* A row for each format. */
struct sink_format {
	const char *name;
	const char *says;
	const char *endings; /* of files in it, with spaces between */
	bool is_log;	     /* events one after the other, as `swtch log` prints them */
	/* Print to `out` (not closed by the sink). NULL with ENOMEM. */
	struct sink *(*make)(FILE *out, const struct sink_context *context);
};

extern const struct sink_format sink_formats[]; /* ends with name NULL */

/* By name; NULL when there is none. */
const struct sink_format *sink_find(const char *name);

/* By what a file's name ends with; NULL when that tells nothing. */
const struct sink_format *sink_of_file(const char *path);

/* The names of all formats, or of those that are logs, as people list them. */
void sink_list(char *list, size_t size, bool logs);

/* Hand over what was written so far. 0, or -errno of the first write that failed. */
int sink_flush(struct sink *sink);

/* Write what comes last, and flush. 0, or -errno of the first write that failed since the start. */
int sink_finish(struct sink *sink);

void sink_free(struct sink *sink); /* NULL will do */

/* For a sink's maker: the parts that all of them have; the rest is NULL. */
void sink_init(struct sink *sink, FILE *out,
	       void (*event)(struct sink *sink, const struct event *event,
			     const struct delta *delta));

#endif
