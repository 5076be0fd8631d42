/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the result of `swtch stat`: one table, as text, JSON or CSV. See cli.md for the names.
 */
#ifndef SWTCH_REPORT_H
#define SWTCH_REPORT_H

#include <stdio.h>

#include "state/state.h"

struct report {
	const char *version; /* of the program */
	const char *kernel;  /* uname -r */
	const char *kind;    /* "job" or "command" */
	const char *job;     /* "" for a command */
	const char *says;    /* what the job does, or the command line, escaped */
	const char *mode;    /* "in-turn", "together", "" */
	unsigned n_tasks;
	uint64_t wall_ns; /* of the whole run */
	uint64_t lane_wall_ns[N_LANES_MAX];
	const struct state *state;
	const struct counts *counts; /* which state has measured last */
};

/* Each returns 0, or -errno of the first write that failed. */
int report_text(const struct report *report, FILE *out, bool colour);
int report_json(const struct report *report, FILE *out);
int report_csv(const struct report *report, FILE *out);

#endif
