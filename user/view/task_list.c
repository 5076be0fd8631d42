// SPDX-License-Identifier: GPL-2.0-only
/* task_list.c - rows of tasks: sorted anew, or brought up to date where they are. */
#include "view/task_list.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define N_FOLDED_MAX	 256
#define NOBODY		 UINT32_MAX
#define N_FEW_COROUTINES 4	    /* of a thread: unfolded at first */
#define OF_COROUTINES	 (1u << 31) /* in a fold_word(): not the process, but coroutines of the task */
#define OF_PROGRAMS	 (1u << 30) /* likewise: of all processes of that name */

/* A row that was not there before, and behind which group it belongs. */
struct newcomer {
	size_t group; /* place of its process' row, or beyond all of them */
	size_t index; /* in `fresh` */
};

struct task_list {
	struct task_item *items, *fresh, *spare; /* [room] each; */
	struct newcomer *newcomers;		 /* [room] */
	uint32_t *buckets; /* [2 * room], room a power of two: index, NOBODY */
	size_t n, n_fresh, room;
	size_t n_coroutines; /* of the fresh ones */
	bool has_programs;
	bool is_filtered;	       /* who is not seen may be there still */
	uint64_t folded[N_FOLDED_MAX]; /* fold_word() */
	unsigned n_folded;
};

struct task_list *task_list_new(void)
{
	return calloc(1, sizeof(struct task_list));
}

void task_list_free(struct task_list *list)
{
	if (!list)
		return;
	free(list->items);
	free(list->fresh);
	free(list->spare);
	free(list->newcomers);
	free(list->buckets);
	free(list);
}

static int make_room(struct task_list *list, size_t n)
{
	size_t room = list->room ? list->room : 64;

	while (room < n)
		room *= 2;
	if (room == list->room)
		return 0;
	if (memory_grow(&list->items, room, sizeof(*list->items)) ||
	    memory_grow(&list->fresh, room, sizeof(*list->fresh)) ||
	    memory_grow(&list->spare, room, sizeof(*list->spare)) ||
	    memory_grow(&list->newcomers, room, sizeof(*list->newcomers)) ||
	    memory_grow(&list->buckets, 2 * room, sizeof(*list->buckets)))
		return -ENOMEM;
	list->room = room;
	return 0;
}

/* --- what is folded ------------------------------------------------------------------------------- */

static uint64_t fold_word(uint32_t tgid, uint32_t lane)
{
	return (uint64_t)tgid << 32 | lane;
}

static unsigned find_folded(const struct task_list *list, uint64_t word)
{
	unsigned i = 0;

	while (i < list->n_folded && list->folded[i] != word)
		i++;
	return i;
}

static bool turn(struct task_list *list, uint64_t word)
{
	unsigned i = find_folded(list, word);

	if (i < list->n_folded)
		list->folded[i] = list->folded[--list->n_folded];
	else if (list->n_folded < N_FOLDED_MAX)
		list->folded[list->n_folded++] = word;
	else
		return false;
	return true;
}

/* Programs are folded by themselves, as they are folded at first. */
static uint64_t word_of(const struct task_list *list, const struct task_item *process)
{
	return fold_word(process->row.tgid,
			 process->row.lane | (list->has_programs ? OF_PROGRAMS : 0));
}

bool task_list_fold(struct task_list *list, const struct task_item *process)
{
	return turn(list, word_of(list, process));
}

bool task_list_fold_coroutines(struct task_list *list, const struct task_item *task)
{
	return turn(list, fold_word(task->row.pid, task->row.lane | OF_COROUTINES));
}

/* --- rows of what was measured -------------------------------------------------------------------- */

static struct task_item item_of_task(const struct task_states *states, const struct task_line *line)
{
	const struct task_state *task = &states->tasks[line->task];

	return (struct task_item){ .row = task->row,
				   .rates = task->rates,
				   .is_nested = line->nested };
}

/* What single tasks do, and where, has no sum: a process has that of the first that runs. */
static void add_doing(struct task_row *row, const struct task_states *states,
		      const struct process_state *process)
{
	static const uint8_t ranks[N_TASK_DOINGS] = {
		[TASK_RUNNING] = 6,  [TASK_RUNNABLE] = 5, [TASK_BLOCKED] = 4,
		[TASK_SLEEPING] = 3, [TASK_STOPPED] = 2,  [TASK_UNKNOWN] = 1,
	};

	for (unsigned i = 0; i < process->n_tasks; i++) {
		const struct task_row *of = &states->tasks[states->members[process->first + i]].row;

		if (i && ranks[of->doing % N_TASK_DOINGS] <= ranks[row->doing % N_TASK_DOINGS])
			continue;
		row->doing = of->doing;
		row->cpu = of->cpu;
	}
}

static struct task_item item_of_process(const struct task_states *states, unsigned index)
{
	const struct process_state *process = &states->processes[index];
	unsigned first =
		process->leader >= 0 ? (unsigned)process->leader : states->members[process->first];
	struct task_item item = { .row = states->tasks[first].row,
				  .rates = process->rates,
				  .n_tasks = process->n_tasks };
	struct task_row *row = &item.row;

	row->pid = row->tgid = process->tgid;
	row->start_ns = 0;
	row->has_waker = false;
	row->since_ns = 0;
	row->voluntary = process->voluntary;
	row->involuntary = process->involuntary;
	row->run_ns = process->run_ns;
	row->wait_ns = process->wait_ns;
	row->sleep_ns = process->sleep_ns;
	row->blocked_ns = process->blocked_ns;
	row->wait_max_ns = process->wait_max_ns;
	row->wakeups = process->wakeups;
	row->migrations = process->migrations;
	add_doing(row, states, process);
	return item;
}

bool task_item_matches(const struct task_item *item, const struct state *state, const char *text)
{
	char pid[16];

	if (!text[0] || strcasestr(item->row.name, text))
		return true;
	snprintf(pid, sizeof(pid), "%u", item->row.pid);
	if (strstr(pid, text) || strcasestr(task_doing_name(item->row.doing), text))
		return true;
	return item->row.lane < state->n_lanes &&
	       strcasestr(state->lanes[item->row.lane].label.name, text);
}

static struct task_item item_of_coroutine(const struct task_item *task,
					  const struct coroutine_state *coroutine,
					  const struct names *names)
{
	const char *name = names_get_coroutine(names, coroutine->lane, coroutine->id);
	struct task_item item = { .row = task->row,
				  .is_nested = true,
				  .coroutine = coroutine->id,
				  .steps = coroutine->steps,
				  .rates = rates_unknown };

	item.rates.switch_hz = coroutine->step_hz;
	item.rates.run_share = coroutine->run_share;
	snprintf(item.row.name, sizeof(item.row.name), "%s", name);
	if (!*name)
		snprintf(item.row.name, sizeof(item.row.name), "co-%u", coroutine->id);
	item.row.has_waker = false;
	item.row.doing = coroutine->is_running ? TASK_RUNNING : TASK_SLEEPING;
	item.row.since_ns = coroutine->since_ns;
	item.row.run_ns = coroutine->run_ns;
	item.row.wait_max_ns = 0;
	if (!coroutine->is_running)
		item.row.cpu = CPU_UNKNOWN;
	return item;
}

/* The coroutines of the task in row `of`, from row n on; returns the row behind them. */
static size_t add_coroutines(struct task_list *list, const struct state *state,
			     const struct task_order *order, size_t of, size_t n)
{
	struct task_item *task = &list->fresh[of];
	uint64_t word = fold_word(task->row.pid, task->row.lane | OF_COROUTINES);
	size_t first = 0, n_told = 0;

	if (!order->coroutines || order->is_flat || task->n_tasks)
		return n;
	n_told = coroutines_of(order->coroutines, task->row.pid, task->row.lane, &first);
	task->n_coroutines = (unsigned)n_told;
	task->hides_coroutines =
		(n_told > N_FEW_COROUTINES) == (find_folded(list, word) == list->n_folded);
	if (task->hides_coroutines)
		return n;
	for (size_t i = 0;
	     i < n_told && i < N_COROUTINES_LISTED && list->n_coroutines < N_COROUTINES_TOLD; i++) {
		list->fresh[n] = item_of_coroutine(
			&list->fresh[of], &order->coroutines->rows[first + i], state->names);
		if (!task_item_matches(&list->fresh[n], state, order->filter))
			continue;
		list->n_coroutines++;
		n++;
	}
	return n;
}

/* A process and its threads from line `from` on; returns the line behind them. */
static size_t add_group(struct task_list *list, const struct task_states *states,
			const struct state *state, const struct task_order *order, size_t from)
{
	const struct task_line *lines = states->lines;
	struct task_item *head = &list->fresh[list->n_fresh];
	size_t end = from + 1, n = list->n_fresh + 1, of;
	uint64_t word;
	bool is_head_wanted;

	*head = lines[from].task < 0 ? item_of_process(states, lines[from].process)
				     : item_of_task(states, &lines[from]);
	while (end < states->n_lines && lines[end].nested)
		end++;
	word = word_of(list, head);
	head->is_folded =
		head->n_tasks && (find_folded(list, word) < list->n_folded) != order->is_folded;
	of = n;
	n = add_coroutines(list, state, order, list->n_fresh, n);
	is_head_wanted = n > of || task_item_matches(head, state, order->filter);
	for (size_t i = from + 1; i < end; i++) {
		size_t at = order->is_flipped ? end - (i - from) : i;

		of = n;
		list->fresh[of] = item_of_task(states, &lines[at]);
		n = add_coroutines(list, state, order, of, of + 1);
		if (n == of + 1 && !task_item_matches(&list->fresh[of], state, order->filter))
			n = of;
		is_head_wanted |= n > of;
		if (head->is_folded)
			n = of;
	}
	list->n_fresh = is_head_wanted ? n : list->n_fresh;
	return end;
}

static void make_fresh(struct task_list *list, const struct task_states *states,
		       const struct state *state, const struct task_order *order)
{
	list->n_fresh = list->n_coroutines = 0;
	list->has_programs = order->is_folded;
	if (!order->is_flipped) {
		for (size_t at = 0; at < states->n_lines;)
			at = add_group(list, states, state, order, at);
		return;
	}
	for (size_t at = states->n_lines; at--;)
		if (!states->lines[at].nested)
			add_group(list, states, state, order, at);
}

/* --- bringing rows up to date where they are ------------------------------------------------------ */

static bool is_same(const struct task_item *a, const struct task_item *b)
{
	return a->row.pid == b->row.pid && a->row.start_ns == b->row.start_ns &&
	       a->row.lane == b->row.lane && a->coroutine == b->coroutine;
}

static size_t bucket_of(const struct task_list *list, const struct task_item *item)
{
	return (item->row.pid * 2654435761u + item->coroutine * 40503u + !item->row.start_ns) &
	       (2 * list->room - 1);
}

static void index_items(struct task_list *list)
{
	memset(list->buckets, 0xff, 2 * list->room * sizeof(*list->buckets));
	for (size_t i = 0; i < list->n; i++) {
		size_t at = bucket_of(list, &list->items[i]);

		while (list->buckets[at] != NOBODY)
			at = (at + 1) & (2 * list->room - 1);
		list->buckets[at] = (uint32_t)i;
		list->items[i].is_seen = false;
	}
}

static uint32_t find_item(const struct task_list *list, const struct task_item *item)
{
	size_t at = bucket_of(list, item);

	while (list->buckets[at] != NOBODY && !is_same(&list->items[list->buckets[at]], item))
		at = (at + 1) & (2 * list->room - 1);
	return list->buckets[at];
}

static int by_group(const void *a, const void *b)
{
	const struct newcomer *left = a, *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* Rows that were there get what is new of them; returns how many were not. */
static size_t refresh(struct task_list *list)
{
	size_t group = 0, n = 0;

	for (size_t i = 0; i < list->n_fresh; i++) {
		const struct task_item *fresh = &list->fresh[i];
		uint32_t at = find_item(list, fresh);
		bool is_here = at != NOBODY && list->items[at].is_nested == fresh->is_nested;

		if (!fresh->is_nested)
			group = is_here ? at : list->n + i;
		if (at != NOBODY) {
			/* One that has become a thread among others is moved below its process. */
			if (is_here)
				list->items[at] = *fresh;
			list->items[at].is_seen = true;
			list->items[at].is_folded |= !is_here;
		}
		if (!is_here && !fresh->coroutine) /* which would not get to its thread */
			list->newcomers[n++] = (struct newcomer){ group, i };
	}
	qsort(list->newcomers, n, sizeof(*list->newcomers), by_group);
	return n;
}

/* False for a row that is not to be kept: its process was folded, or it is elsewhere now. */
static bool stays(const struct task_list *list, struct task_item *item,
		  const struct task_item *head)
{
	if (item->is_seen)
		return item->n_tasks || !item->is_folded;
	if (item->coroutine || item->n_tasks || list->is_filtered ||
	    (item->is_nested && head && head->is_folded))
		return false;
	item->is_gone = true;
	item->row.doing = TASK_ENDED;
	return true;
}

static void swap_in(struct task_list *list, struct task_item **items, size_t n)
{
	struct task_item *old = list->items;

	list->items = *items;
	*items = old;
	list->n = n;
}

static void merge(struct task_list *list, size_t n_newcomers)
{
	const struct task_item *head = NULL;
	size_t n = 0, group = 0, next = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct task_item *item = &list->items[i];

		if (!item->is_nested) {
			head = item;
			group = i;
		}
		if (stays(list, item, head))
			list->spare[n++] = *item;
		if (i + 1 < list->n && list->items[i + 1].is_nested)
			continue;
		while (next < n_newcomers && list->newcomers[next].group <= group)
			list->spare[n++] = list->fresh[list->newcomers[next++].index];
	}
	while (next < n_newcomers)
		list->spare[n++] = list->fresh[list->newcomers[next++].index];
	swap_in(list, &list->spare, n);
}

int task_list_update(struct task_list *list, struct task_states *states, const struct state *state,
		     const struct task_order *order)
{
	/* All that are there, in lines, and all that have ended since rows were sorted. */
	if (task_states_order(states, order->key, !order->is_flat) ||
	    make_room(list, states->n_lines + list->n + N_COROUTINES_TOLD + 1)) {
		list->n = 0;
		return -ENOMEM;
	}
	make_fresh(list, states, state, order);
	if (!order->is_apart || !list->n) {
		swap_in(list, &list->fresh, list->n_fresh);
		return 0;
	}
	list->is_filtered = order->filter[0];
	index_items(list);
	merge(list, refresh(list));
	return 0;
}

/* --- reading -------------------------------------------------------------------------------------- */

size_t task_list_n(const struct task_list *list)
{
	return list->n;
}

const struct task_item *task_list_at(const struct task_list *list, size_t i)
{
	return &list->items[i];
}

struct task_id task_item_id(const struct task_item *item)
{
	return (struct task_id){ item->row.pid, item->row.lane, item->row.start_ns,
				 item->coroutine };
}

long task_list_find(const struct task_list *list, const struct task_id *id)
{
	for (size_t i = 0; i < list->n; i++) {
		struct task_id there = task_item_id(&list->items[i]);

		if (task_id_is(&there, id))
			return (long)i;
	}
	return -1;
}
