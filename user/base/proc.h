/* SPDX-License-Identifier: GPL-2.0-only */
/* proc.h - what /proc tells of one task to anybody: see proc(5). No state; any thread may call. */
#ifndef SWTCH_PROC_H
#define SWTCH_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The process of a thread; 0: it is gone. */
pid_t proc_process(pid_t tid);

struct proc_look {
	char state;	/* its letter: proc(5) */
	uint32_t cpu;	/* that it is on or was; UINT32_MAX: not told */
	uint64_t ticks; /* when it was made, since the machine started: PROC_TICK_NS each */
};

/* What thread `tid` of process `pid` does now. False: it is gone, or has ended and waits for its parent. */
bool proc_look(pid_t pid, pid_t tid, struct proc_look *look);

#define PROC_TICK_NS                                                                               \
	10000000u /* how exact the next is: USER_HZ is 100 on every architecture of ours */

/*
 * Whether thread `tid` of process `pid` has not ended and was made at `time_ns` of CLOCK_MONOTONIC or before,
 * give or take a tick: a younger one got the number of one that is gone. Of one that was made before the machine
 * was suspended, an earlier time is taken for that of its making.
 */
bool proc_is_from(pid_t pid, pid_t tid, uint64_t time_ns);

/*
 * What a task is called now, raw bytes, terminated, cut to what there is room for: a kernel's worker has
 * its work behind its name. "": it is gone.
 */
void proc_name(pid_t tid, char *name, size_t size);

#endif
