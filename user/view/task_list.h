/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task_list.h - the rows of the view of tasks, and the order they keep while somebody moves in it.
 *
 * Each row is a copy of what was measured, a process' the sums over its threads, a coroutine's what its
 * marks tell. Owned by who made it;
 * one thread.
 */
#ifndef SWTCH_TASK_LIST_H
#define SWTCH_TASK_LIST_H

#include "state/coroutines.h"
#include "state/state.h"
#include "state/tasks.h"

/* Who a row is about, whichever place it has. */
struct task_id {
	uint32_t pid, lane;
	uint64_t start_ns;  /* 0: a process, its pid is its tgid */
	uint32_t coroutine; /* of that thread; 0: the task itself */
};

static inline bool task_id_is(const struct task_id *a, const struct task_id *b)
{
	return a->pid == b->pid && a->lane == b->lane && a->start_ns == b->start_ns &&
	       a->coroutine == b->coroutine;
}

struct task_item {
	struct task_row row; /* of a process: its leader's, with sums, and start_ns 0 */
	struct task_rates rates;
	unsigned n_tasks;      /* of a process; 0: a task */
	bool is_nested;	       /* below its process */
	unsigned n_coroutines; /* of a task, as many as are known; */
	bool hides_coroutines; /* they are not listed */
	/* A coroutine, below its thread, whose pid it has; run_ns and rates are its own. */
	uint32_t coroutine; /* its id; 0: this is a task, or a process */
	uint64_t steps;
	bool is_folded; /* its threads are not listed */
	bool is_gone;	/* it has ended; the row stays until rows are sorted again */
	bool is_seen;	/* of use to the list alone */
};

/* What is listed, and how. */
struct task_order {
	enum task_key key;
	bool is_flipped; /* the last comes first */
	bool is_flat;	 /* no processes, tasks alone */
	bool is_folded;	 /* processes are folded until somebody unfolds them */
	bool is_apart;	 /* rows stay where they are: new ones at the end of their group */
	const char *filter;
	const struct coroutines *coroutines; /* NULL: none are known */
};

struct task_list;

/* NULL with ENOMEM. */
struct task_list *task_list_new(void);
void task_list_free(struct task_list *list);

/* Make rows of what was measured; `state` names the lanes, for the filter. 0 or -ENOMEM: no rows. */
int task_list_update(struct task_list *list, struct task_states *states, const struct state *state,
		     const struct task_order *order);

size_t task_list_n(const struct task_list *list);
const struct task_item *task_list_at(const struct task_list *list, size_t i);
struct task_id task_item_id(const struct task_item *item);

/* Whether a text is in its name, its pid, its lane or what it does; "" is in all. */
bool task_item_matches(const struct task_item *item, const struct state *state, const char *text);

/* Where it is; -1: nowhere. */
long task_list_find(const struct task_list *list, const struct task_id *id);

/* Fold a process, or unfold it; seen after the next update. False: as many are folded as can be. */
bool task_list_fold(struct task_list *list, const struct task_item *process);

#define N_COROUTINES_LISTED 64u /* of a task, those with the most steps */

/* Likewise the coroutines of a task: more than a few are folded at first. */
bool task_list_fold_coroutines(struct task_list *list, const struct task_item *task);

#endif
