/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run.h - what was watched, in words and few numbers: the head of a table, of a screen, of a file.
 *
 * Strings are ours or escaped, never raw.
 */
#ifndef SWTCH_RUN_H
#define SWTCH_RUN_H

#include <stdbool.h>

#include "event.h"

struct run_facts {
	/* "job", "command", "pids", "cgroup", "all", "lanes" (several of these); "trace": another tool's */
	char kind[16];
	char job[32];	 /* "" for anything else */
	char says[256];	 /* what the job does, or the command line, or which tool recorded */
	char shows[256]; /* what there is to see in it; "" where nobody can say */
	char mode[16];	 /* "in-turn", "together", "" */
	char kernel[72]; /* uname -r; "" where it is not known */
	/* What the hooks had: see bpf/compat.bpf.h. "" where it is not known. */
	char clock[16]; /* of a switch: "scheduler", "monotonic" */
	char ring[16];	/* of records: "mapped", "kernel" */
	unsigned n_tasks;
	uint64_t rate_hz;  /* as struct settings has it: 0 flat out, UINT64_MAX none */
	uint64_t start_ns; /* where the events' time 0 is, CLOCK_MONOTONIC */
	uint64_t wall_ns;  /* of the whole run */
	bool has_ended;	   /* else these facts are of while it ran, and not all may be recorded */
	uint64_t lane_wall_ns[N_LANES_MAX];
};

#endif
