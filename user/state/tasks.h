/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks.h - the watched tasks one by one: what each did over the last step, whose threads
 * they are, and an order to show them in.
 *
 * Fed with a table at each measurement; owned by who made it; one thread. A task is known by its pid
 * and when watching it began, so that a pid that is used again is another task. Shares are of one CPU,
 * or of the step's time; a process' are the sums over its threads.
 */
#ifndef SWTCH_TASKS_H
#define SWTCH_TASKS_H

#include "event/task_table.h"

/* Over the step: what a second of it had. NAN where a step is not known yet. */
struct task_rates {
	double switch_hz; /* of both kinds */
	double voluntary_hz, involuntary_hz;
	double run_share, wait_share, sleep_share, blocked_share; /* of the step's time */
	double wakeup_hz, migration_hz;
	double wait_mean_ns; /* for each time it came to a CPU; NAN: it did not */
};

extern const struct task_rates rates_unknown; /* all of it NAN */

struct task_state {
	struct task_row row; /* as measured last */
	struct task_rates rates;
	uint64_t
		step_wait_max_ns; /* a wait of this step longer than any before; COUNT_UNKNOWN: none */
	unsigned process;	  /* index into task_states.processes */
};

/* The threads of a process that are in one lane. */
struct process_state {
	uint32_t tgid, lane;
	int leader;	  /* index of the task whose pid is tgid; -1: it is not watched, or ended */
	unsigned n_tasks; /* its tasks are */
	unsigned first;	  /* task_states.members[first], and those behind it, by pid */
	struct task_rates rates; /* sums; wait_mean_ns: over all that came */
	/* Sums of the tasks' figures, cumulative; wait_max_ns is the longest of them. */
	uint64_t voluntary, involuntary, run_ns, wait_ns, sleep_ns, blocked_ns;
	uint64_t wakeups, migrations, wait_max_ns;
};

/* By what to order; all but PID and NAME from the largest down. Ties go by pid. */
enum task_key {
	TASK_BY_PID,
	TASK_BY_NAME,
	TASK_BY_SWITCHES,
	TASK_BY_VOLUNTARY,
	TASK_BY_INVOLUNTARY,
	TASK_BY_RUN,
	TASK_BY_WAIT,
	TASK_BY_SLEEP,
	TASK_BY_BLOCKED,
	TASK_BY_WAKEUPS,
	TASK_BY_MIGRATIONS,
	TASK_BY_WAIT_MEAN,
	TASK_BY_WAIT_MAX, /* since it is watched */
	TASK_BY_CPU,
	N_TASK_KEYS,
};

/* A line of a list: a process with several threads (`task` -1), or a task. */
struct task_line {
	unsigned process;
	int task;    /* index into task_states.tasks */
	bool nested; /* a thread below its process' line */
};

struct task_states {
	struct task_state *tasks; /* [n_tasks] */
	size_t n_tasks;
	struct process_state *processes; /* [n_processes], by tgid, then lane */
	size_t n_processes;
	unsigned *members; /* [n_tasks]: indices into tasks, process by process, then by pid */
	struct task_line *lines; /* [n_lines]: see task_states_order() */
	size_t n_lines;
	/*
	 * Rates are over so long, as far as the last few measurements go back: seldom switches would come
	 * and go with each. 0: over the time since the last one. Set by who made it.
	 */
	uint64_t window_ns;
	uint64_t time_ns; /* of the last measurement */
	uint64_t step_ns; /* that rates are over; 0 before there are two measurements */
	uint64_t n_untracked;
	bool is_by_program; /* `processes` are programs: see task_states_join() */
	size_t n_joined; /* processes that they are made of; as many as there are where they are not */
	struct tasks_private *private;
};

/* NULL with ENOMEM. */
struct task_states *task_states_new(void);
void task_states_free(struct task_states *states);

/* Forget all tasks, as at the start of another run. */
void task_states_clear(struct task_states *states);

/* What is known now, for who wants it to stay: to be read and ordered. NULL with ENOMEM. */
struct task_states *task_states_copy(const struct task_states *states);

/*
 * Take in a later table. Lines are gone until task_states_order(). 0, or -ENOMEM: then there are no
 * tasks until the next one.
 */
int task_states_measure(struct task_states *states, const struct task_table *table);

/*
 * From now on, and for what is known already: processes of one lane whose leaders have the same name are
 * one, known by the least of their tgids. Lines are gone if that changes anything. 0, or -ENOMEM.
 */
int task_states_join(struct task_states *states, bool by_program_name);

/*
 * Make lines: `tree`: each process with several threads on one line, and its threads in the same order
 * below it; a process of one task is that task. Else tasks alone. 0 or -ENOMEM; then there are none.
 */
int task_states_order(struct task_states *states, enum task_key key, bool tree);

/* The index of a task, by its pid and when watching it began (0: whenever); -1 when it is not there. */
int task_states_find(const struct task_states *states, uint32_t pid, uint64_t start_ns);

/* What a task, or a process, is sorted by. Names: 0. */
double task_state_figure(const struct task_state *task, enum task_key key);
double process_state_figure(const struct process_state *process, enum task_key key);

#endif
