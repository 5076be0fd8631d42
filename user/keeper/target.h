/* SPDX-License-Identifier: GPL-2.0-only */
/* target.h - what the user names to be watched: each becomes a lane. */
#ifndef SWTCH_TARGET_H
#define SWTCH_TARGET_H

#include <sys/types.h>

#include "event.h"

enum target_kind {
	TARGET_COMMAND, /* started by the keeper, with every process and thread that it makes */
	TARGET_PIDS,	/* processes that run, with all their threads and what they fork later */
	TARGET_CGROUP,	/* every task in it and below it, as they come and go */
	TARGET_ALL,	/* every task of the machine but swtch's own */
};

#define N_TARGETS_MAX (N_LANES_MAX - 1)
#define N_PIDS_MAX    64 /* of one target */

/* Strings and lists are those of the command line, or made from it: see targets_fini(). */
struct target {
	enum target_kind kind;
	const char *name;	/* as the user calls it; NULL: after what it is */
	char *const *command;	/* TARGET_COMMAND: NULL-terminated */
	pid_t pids[N_PIDS_MAX]; /* TARGET_PIDS */
	unsigned n_pids;
	char *cgroup; /* TARGET_CGROUP: absolute */
	void *memory; /* where strings lie that are not of the command line itself; or NULL */
};

#endif
