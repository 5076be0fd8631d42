/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks.h - the view of tasks: its part of the settings, and what its files share.
 *
 * Rows come from task_list.h; tasks_columns.c says what stands in them, tasks_detail.c why the chosen
 * task left and who brought it back. One thread.
 */
#ifndef SWTCH_VIEW_TASKS_H
#define SWTCH_VIEW_TASKS_H

#include "state/history.h"
#include "view/grid.h"
#include "view/task_list.h"

struct settings;

#define N_WAKERS 4 /* that are told by name */

/* What the events that are still there say of one task. */
struct task_facts {
	struct task_id id;
	uint64_t from_ns, to_ns; /* of the events that were looked at; both 0: none were */
	unsigned n_wakeups, n_leaves;
	struct {
		uint32_t pid;
		unsigned n;
	} wakers[N_WAKERS]; /* most often first; n 0: nobody */
	unsigned n_wakers;  /* different ones, up to how many are told apart */
	unsigned leaves
		[2 * N_LEAVE_STATES];  /* [state], and of voluntary ones [N_LEAVE_STATES + state] */
	unsigned calls[N_LEAVE_CALLS]; /* of these: what it was in; CALL_UNKNOWN stays 0 */
};

/* What the kernel said of one task when it was last looked at. */
struct task_look {
	struct task_id id; /* pid 0: at nobody */
	uint64_t time_ns;  /* when a call was told last, on the clock of frames */
	int syscall; /* that it was blocked in then, or what stands for none: event/syscalls.h */
	uint32_t inner_pid; /* its pid in its own namespace; 0: not known */
};

/* In the order that a key goes through. */
enum task_tree {
	TREE_OF_PROCESSES, /* with their threads below them */
	TREE_NONE,	   /* tasks alone */
	TREE_OF_PROGRAMS,  /* all processes of one name; what is below them is folded at first */
	N_TASK_TREES,
};

struct task_view {
	/* Set by who runs it. */
	struct task_list *list; /* NULL: single tasks are not known here, and there is no view */
	struct task_states *states;	     /* as seen: frozen ones in a pause */
	const struct coroutines *coroutines; /* likewise; NULL: none are known */
	uint64_t clock_ns;		     /* of frames */
	struct task_look look;		     /* at the chosen task, where that is possible */

	/* Changed by keys. */
	bool is_chosen; /* else the first row has the cursor, whoever that is */
	struct task_id id;
	unsigned sort; /* a column */
	enum task_tree tree;
	bool is_flipped, goes_along, is_detailed;
	bool is_stale;	    /* rows are to be made anew; */
	bool is_unsorted;   /* and sorted; */
	bool is_to_be_seen; /* and the cursor is to be on the screen */
	uint64_t moved_ns;  /* when the cursor was moved last; 0: never */

	/* Made of these by tasks_update(). */
	unsigned cursor, top;
	uint64_t listed_ns; /* of the states, */
	bool has_rates;	    /* and whether they had any */
	char filter[64];
	struct task_facts facts;
};

/* Bring rows, cursor and facts up to date: once a frame, and before a key. 0 or -ENOMEM. */
int tasks_update(const struct state *state, struct settings *settings);

/* The column by which rows are sorted by `key`, for `sort`. */
unsigned task_column_of(enum task_key key);

/* Choose the next row that has the text that is searched for, from the first again behind the last. */
void tasks_search(const struct state *state, struct settings *settings);

/* --- for its files -------------------------------------------------------------------------------- */

struct task_column {
	const char *head;
	unsigned width; /* with the blank before it; of names the least */
	unsigned rank;	/* where there is no room for all, the largest goes first */
	bool is_left;	/* its text begins at the left */
	bool is_sorted; /* rows can be sorted by it: by `key` */
	enum task_key key;
	void (*tell)(char *out, const struct task_item *item, const struct state *state,
		     const struct task_view *view);
	const char *says;
};

extern const struct task_column task_columns[]; /* ends with head NULL */
#define N_TASK_COLUMNS 18

/* Heads on one row, a task on another; `width` columns from the left. */
void task_heads_draw(struct grid *grid, unsigned row, unsigned width, const struct task_view *view);
void task_row_draw(struct grid *grid, unsigned row, unsigned width, const struct task_item *item,
		   const struct state *state, const struct task_view *view);

/* What a pid is called, raw: by its events, or as it was measured; "": nobody knows. */
const char *task_name_of(uint32_t pid, const struct state *state, const struct task_view *view);

/* Look at the last events for what a task did. */
void task_facts_find(struct task_facts *facts, const struct task_item *item,
		     const struct history *history);

/* In a part of the grid; `item` NULL: nobody is chosen. */
void task_detail_draw(const struct state *state, const struct settings *settings, struct grid *grid,
		      unsigned top, unsigned left, unsigned n_rows, unsigned width);

#endif
