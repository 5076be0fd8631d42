/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task_table.h - what is known of each watched task at one instant, without a single event.
 *
 * A source fills it from what its hooks keep for each task; state/tasks.h makes rates of two of them.
 * From the kernel to the screen a task is: struct task_figures (bpf/event.h), what the hooks keep; struct
 * task_life, the same where events tell it; struct task_row, as of one instant; struct task_state, with its
 * rates; struct task_item, a line of the list.
 *
 * Figures are cumulative since the task was first watched, and go up to the table's time: what it does
 * now counts as long as it lasts. What was not measured is COUNT_UNKNOWN. Owned by who made it.
 */
#ifndef SWTCH_TASK_TABLE_H
#define SWTCH_TASK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "event/counts.h"

/* What a task does at the instant of the table. */
enum task_doing {
	TASK_UNKNOWN, /* it was not seen yet, since it is watched */
	TASK_RUNNING,
	TASK_RUNNABLE, /* waits for a CPU */
	TASK_SLEEPING, /* S */
	TASK_BLOCKED,  /* D: in the kernel, for a disk or a lock */
	TASK_STOPPED,  /* T, t, P: somebody else holds it */
	TASK_ENDED,    /* it will not run again */
	N_TASK_DOINGS,
};

struct task_row {
	uint32_t pid;	 /* as the first namespace has it, as all pids here */
	uint32_t tgid;	 /* of its process; 0: not known */
	uint32_t parent; /* pid of the thread that made it; 0: not known */
	uint32_t lane;
	uint32_t waker; /* pid of who woke it last; 0: an idle CPU's interrupt, or nobody yet */
	uint16_t cpu;	/* where it runs or ran last; CPU_UNKNOWN */
	uint8_t doing;	/* enum task_doing, */
	bool has_waker; /* else nobody woke it yet */
	char name[TASK_NAME_LEN];	 /* raw bytes of a program, terminated: escape_name() */
	uint64_t start_ns;		 /* when watching it began: cloned, or adopted */
	uint64_t since_ns;		 /* since when it does that; 0: not known */
	uint64_t voluntary, involuntary; /* switches: it left a CPU */
	uint64_t run_ns;		 /* on a CPU */
	uint64_t wait_ns;		 /* runnable, waiting for one */
	uint64_t sleep_ns;		 /* off it in any other state but: */
	uint64_t blocked_ns;		 /* in state D */
	uint64_t wait_max_ns;		 /* the longest wait from being woken to running */
	uint64_t wakeups, migrations;
};

struct task_table {
	struct task_row *rows; /* [n] */
	size_t n, room;
	uint64_t time_ns;     /* CLOCK_MONOTONIC */
	uint64_t n_untracked; /* tasks of lanes that found no slot, so that they are not here */
	uint64_t n_untold;    /* tasks that ended, likewise: nobody asked in time */
};

/* Empty; nothing is allocated. task_table_fini() takes a zeroed one. */
void task_table_init(struct task_table *table);
void task_table_fini(struct task_table *table);

/* No rows, as of that time. */
void task_table_clear(struct task_table *table, uint64_t time_ns);

/* A row more at the end, all zero; NULL with ENOMEM. The rows before it may have moved. */
struct task_row *task_table_add(struct task_table *table);

/* Make `to` hold what `from` does. 0 or -ENOMEM; then it is empty. */
int task_table_copy(struct task_table *to, const struct task_table *from);

/* "running", "sleeping", ...; "unknown" for what is none. */
const char *task_doing_name(unsigned doing);

#endif
