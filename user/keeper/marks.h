/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marks.h - finds the memory in which watched programs mark their coroutines (include/swtch_marks.h).
 *
 * Part of the keeper: a descriptor of another's process is taken with CAP_SYS_PTRACE.
 */
#ifndef SWTCH_KEEPER_MARKS_H
#define SWTCH_KEEPER_MARKS_H

#include "keeper/probes.h"

#define N_MARKS_GIVEN 256 /* areas remembered, so that none is given twice */

struct marks_search {
	struct {
		uint32_t lane;
		ino_t inode;
	} given[N_MARKS_GIVEN];
	unsigned n_given;	      /* ever */
	unsigned cursor[N_LANES_MAX]; /* the process of the lane to look at next */
};

/*
 * A descriptor, the caller's, of an area in a process of the lane (*pid) that was not given yet; -1 when
 * none of the processes that it was the turn of has one. Each call looks at a few of them.
 */
int marks_search(struct marks_search *search, struct probes *probes, uint32_t lane, pid_t *pid);

#endif
