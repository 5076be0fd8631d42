/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timeline.h - what of the time is seen, and from which row; for whoever has the events to show.
 *
 * A value: copied with the settings that it is part of, nothing to free. All zero follows the newest.
 * One thread.
 */
#ifndef SWTCH_TIMELINE_H
#define SWTCH_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMELINE_N_CPUS	 4096
#define TIMELINE_N_ROWS	 256 /* of tasks and coroutines, below their CPUs */
#define TIMELINE_N_TASKS 32  /* that are unfolded */

struct settings;
struct state;

enum timeline_kind { TIMELINE_CPU, TIMELINE_TASK, TIMELINE_COROUTINE, TIMELINE_MORE };

struct timeline_row {
	uint8_t kind;
	bool folds; /* a task with coroutines */
	uint16_t cpu;
	uint32_t task;	    /* task_word(); of a coroutine the thread */
	uint32_t coroutine; /* its id; of TIMELINE_MORE how many rows there is no room for */
};

struct timeline {
	bool scrolled;	    /* false: the window ends with what is newest */
	bool is_sorted;	    /* rows keep their order until this is taken back */
	bool shows_all;	    /* tasks of a CPU, as far as there is room */
	unsigned zoom;	    /* 0: not chosen yet; else 1 + index of the width of a column */
	uint64_t from_ns;   /* the left edge; meaningless while it follows */
	uint64_t cursor_ns; /* likewise */
	unsigned top;	    /* first row that is seen */
	struct timeline_row selected;
	struct timeline_row rows[TIMELINE_N_ROWS]; /* of unfolded CPUs, in order */
	unsigned n_rows;
	uint64_t cpus[TIMELINE_N_CPUS / 64]; /* bit: unfolded; with few CPUs: folded */
	uint64_t tasks[TIMELINE_N_TASKS];    /* pid << 16 | cpu of those that are unfolded */
	unsigned n_tasks;
};

/*
 * Bring rows up to date with the events of the window: before each drawing, and after whatever
 * changes the events. Costs one pass over those of the window. 0 or -ENOMEM.
 */
int timeline_update(const struct state *state, struct settings *settings);

/* Other events: rows are made anew, and the newest is followed. Zoom and what is unfolded stay. */
void timeline_restart(struct settings *settings);

/* From when to when (without it) events are wanted, and where the cursor is. */
void timeline_wanted(const struct settings *settings, uint64_t *from_ns, uint64_t *to_ns);
uint64_t timeline_cursor_ns(const struct settings *settings);

/* Put the cursor on a time, and the window around it unless it is there already. */
void timeline_seek(struct settings *settings, uint64_t time_ns);

/* Put the cursor on the next event whose line has the text that is searched for. */
void timeline_search(const struct state *state, struct settings *settings);

#endif
