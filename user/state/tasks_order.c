// SPDX-License-Identifier: GPL-2.0-only
/* tasks_order.c - lines for a list of tasks, in an order that two measurements do not shuffle. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "state/tasks_private.h"

/* What a list is sorted by: made once for each element, so that comparing is cheap. */
struct line_key {
	double figure;	  /* the larger first */
	const char *name; /* the smaller first, where figures are equal; "" */
	uint32_t pid, lane;
	unsigned index;
};

#define RATE(name) offsetof(struct task_rates, name) / sizeof(double) + 1

static double figure_of(const struct task_rates *rates, uint64_t wait_max_ns, enum task_key key)
{
	static const size_t places[N_TASK_KEYS] = {
		[TASK_BY_SWITCHES] = RATE(switch_hz),
		[TASK_BY_VOLUNTARY] = RATE(voluntary_hz),
		[TASK_BY_INVOLUNTARY] = RATE(involuntary_hz),
		[TASK_BY_RUN] = RATE(run_share),
		[TASK_BY_WAIT] = RATE(wait_share),
		[TASK_BY_SLEEP] = RATE(sleep_share),
		[TASK_BY_BLOCKED] = RATE(blocked_share),
		[TASK_BY_WAKEUPS] = RATE(wakeup_hz),
		[TASK_BY_MIGRATIONS] = RATE(migration_hz),
		[TASK_BY_WAIT_MEAN] = RATE(wait_mean_ns),
	};

	if (key == TASK_BY_WAIT_MAX)
		return (double)wait_max_ns;
	return places[key] ? ((const double *)rates)[places[key] - 1] : 0;
}

double task_state_figure(const struct task_state *task, enum task_key key)
{
	if (key == TASK_BY_CPU)
		return task->row.cpu;
	return figure_of(&task->rates, task->row.wait_max_ns, key);
}

double process_state_figure(const struct process_state *process, enum task_key key)
{
	return figure_of(&process->rates, process->wait_max_ns, key);
}

static int by_line(const void *a, const void *b)
{
	const struct line_key *left = a, *right = b;
	int names;

	if (left->figure != right->figure)
		return left->figure > right->figure ? -1 : 1;
	names = strncmp(left->name, right->name, TASK_NAME_LEN);
	if (names)
		return names;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	if (left->lane != right->lane)
		return left->lane < right->lane ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* What is not known is behind what is, and compares. */
static double comparable(double figure)
{
	return isnan(figure) ? -1 : figure;
}

static struct line_key key_of_task(const struct task_states *states, unsigned index,
				   enum task_key key)
{
	const struct task_state *task = &states->tasks[index];

	return (struct line_key){ .figure = comparable(task_state_figure(task, key)),
				  .name = key == TASK_BY_NAME ? task->row.name : "",
				  .pid = task->row.pid,
				  .lane = task->row.lane,
				  .index = index };
}

/* A process is called, and placed, as its leader; without one as its first thread. */
static struct line_key key_of_process(const struct task_states *states, unsigned index,
				      enum task_key key)
{
	const struct process_state *process = &states->processes[index];
	unsigned leader =
		process->leader >= 0 ? (unsigned)process->leader : states->members[process->first];
	struct line_key of_leader = key_of_task(states, leader, key);

	if (process->n_tasks > 1 && key != TASK_BY_CPU)
		of_leader.figure = comparable(process_state_figure(process, key));
	of_leader.pid = process->tgid;
	of_leader.lane = process->lane;
	of_leader.index = index;
	return of_leader;
}

/* --- many of them --------------------------------------------------------------------------------- */

#define N_MANY	      2048 /* from which comparing costs more than passes over all of them */
#define DIGIT_BITS    11
#define N_DIGITS      (1u << DIGIT_BITS)
#define PID_PASSES    2 /* of TASK_PID_BITS */
#define FIGURE_PASSES 3 /* of a float's 32 bits: more precision no screen shows */

/* Ascending as the bits of `figure`, which is not below -1, descend. */
static uint32_t descending(double figure)
{
	float is = (float)(figure < 0 ? 0 : figure + 1);
	uint32_t bits;

	memcpy(&bits, &is, sizeof(bits));
	return ~bits;
}

/* Sort by one digit of the pid, or of the figure; what is equal keeps its order. */
static void sort_by_digit(const struct line_key *from, struct line_key *to, size_t n, bool by_pid,
			  unsigned shift)
{
	size_t places[N_DIGITS + 1] = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint32_t word = by_pid ? from[i].pid : descending(from[i].figure);

		places[(word >> shift & (N_DIGITS - 1)) + 1]++;
	}
	for (size_t i = 1; i < N_DIGITS; i++)
		places[i] += places[i - 1];
	for (size_t i = 0; i < n; i++) {
		uint32_t word = by_pid ? from[i].pid : descending(from[i].figure);

		to[places[word >> shift & (N_DIGITS - 1)]++] = from[i];
	}
}

/*
 * By figure, then by pid, as by_line() does for few: comparing 100,000 took 14 ms of a frame, this takes 2.
 * By name, or without memory for it, many are compared as well.
 */
static void sort_keys(struct line_key *keys, size_t n, enum task_key key)
{
	struct line_key *spare, *from = keys, *to, *swap;

	spare = n < N_MANY || key == TASK_BY_NAME ? NULL : malloc(n * sizeof(*spare));
	if (!spare) {
		qsort(keys, n, sizeof(*keys), by_line);
		return;
	}
	to = spare;
	for (unsigned pass = 0; pass < PID_PASSES + FIGURE_PASSES; pass++) {
		bool by_pid = pass < PID_PASSES;

		sort_by_digit(from, to, n, by_pid,
			      DIGIT_BITS * (by_pid ? pass : pass - PID_PASSES));
		swap = from;
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(*keys));
	free(spare);
}

/* --- lines ---------------------------------------------------------------------------------------- */

static void add_line(struct task_states *states, unsigned process, int task, bool nested)
{
	states->lines[states->n_lines++] = (struct task_line){ process, task, nested };
}

static void add_threads(struct task_states *states, unsigned index, enum task_key key,
			struct line_key *keys)
{
	const struct process_state *process = &states->processes[index];

	if (process->n_tasks == 1) {
		add_line(states, index, (int)states->members[process->first], false);
		return;
	}
	add_line(states, index, -1, false);
	for (unsigned i = 0; i < process->n_tasks; i++)
		keys[i] = key_of_task(states, states->members[process->first + i], key);
	sort_keys(keys, process->n_tasks, key);
	for (unsigned i = 0; i < process->n_tasks; i++)
		add_line(states, index, (int)keys[i].index, true);
}

int task_states_order(struct task_states *states, enum task_key key, bool tree)
{
	size_t n = tree ? states->n_processes : states->n_tasks;
	struct line_key *keys, *of_threads;

	states->n_lines = 0;
	if (!n)
		return 0;
	keys = malloc((n + states->n_tasks) * sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	of_threads = keys + n;
	for (unsigned i = 0; i < n; i++)
		keys[i] = tree ? key_of_process(states, i, key) : key_of_task(states, i, key);
	sort_keys(keys, n, key);
	for (size_t i = 0; i < n; i++) {
		unsigned index = keys[i].index;

		if (tree)
			add_threads(states, index, key, of_threads);
		else
			add_line(states, states->tasks[index].process, (int)index, false);
	}
	free(keys);
	return 0;
}
