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
	char state;	/* its letter: proc(5); 'Z' and 'X': it has ended */
	uint32_t cpu;	/* that it is on or was; UINT32_MAX: not told */
	uint64_t ticks; /* when it was made, since the machine started: PROC_TICK_NS each */
};

/* What thread `tid` of process `pid` does now. False: it is gone. */
bool proc_look(pid_t pid, pid_t tid, struct proc_look *look);

#define PROC_TICK_NS                                                                               \
	10000000u /* how exact the next is: USER_HZ is 100 on every architecture of ours */

/* When a process was made, on CLOCK_MONOTONIC; 0: it is gone, or waits to be reaped. */
uint64_t proc_started_ns(pid_t pid);

/*
 * What a task is called now, raw bytes, terminated, cut to what there is room for: a kernel's worker has
 * its work behind its name. "": it is gone.
 */
void proc_name(pid_t tid, char *name, size_t size);

#endif
