/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job.h - what the lab can run: the table of jobs, the names of models and of ways to communicate
 * and to synchronise.
 *
 * All of it is constant; any thread may call. swtch links it to list jobs and to check options,
 * the runner to run them.
 */
#ifndef SWTCH_LAB_JOB_H
#define SWTCH_LAB_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "event/area.h"

#define LAB_MAX_TASKS 1000000

enum lab_model {
	MODEL_PROCESS,
	MODEL_THREAD,
	MODEL_COROUTINE,
	N_MODELS,
};

/*
 * Options of a job beside --tasks, --work and --time. One more is a bit here, what it means to which
 * models in job_option_models(), a member of struct lab_spec (event/area.h), its default in
 * job_spec(), and a row with a few lines that read it in user/cmd/option_table.c.
 */
enum job_option {
	JOB_VIA = 1 << 0,
	JOB_LOG = 1 << 1,
	JOB_SLEEP = 1 << 2,
	JOB_STACK = 1 << 3,
	JOB_SYNC = 1 << 4,
	JOB_PRIVATE = 1 << 5,
	JOB_POOL = 1 << 6,
	JOB_SEND = 1 << 7,
	JOB_CLIENTS = 1 << 8,
};

struct lab;
struct task;

struct job {
	const char *name;
	const char *says;     /* one line: what the tasks do */
	const char *shows;    /* one sentence: what to look at */
	const char *about;    /* a paragraph */
	const char *unit;     /* one unit of work, singular */
	const char *comms[2]; /* names of tasks, in turn; [1] may be NULL */
	uint32_t n_tasks;     /* the default */
	uint32_t group; /* tasks come in multiples of this; only the first of a group takes units */
	uint32_t n_apart; /* the first so many tasks are in no group and take no units */
	bool one_maker;	  /* one task makes all others: n_tasks is how many of them live at once */
	bool own_pace; /* flat out if no rate is asked for: it goes by the clock, ends by itself, or */
	/* would not show at any lower rate what it is about */
	bool lingers; /* its tasks stay until told to stop; without a time, once their memory is read */
	bool dies; /* one dies by SIGSEGV on purpose, perhaps all with it; counts enum crash_figure */
	bool work_each;		 /* work is what each worker does, not all together */
	uint64_t work[N_MODELS]; /* see job_spec(); zero: it depends on the way, --via or --sync */
	uint64_t sleep_ns;	 /* default of spec.sleep_ns; 0 where it means nothing */
	uint64_t stack_bytes;	 /* of spec.stack_bytes for coroutines; 0: STACK_DEFAULT_BYTES */
	uint64_t think_ns;	 /* of spec.think_ns */
	unsigned options;	 /* enum job_option */
	const struct lab_figure *figures; /* what it counts beside units; NULL: nothing */
	const char *latency;	   /* what it measures the latency of, for a table; NULL: nothing */
	const struct job *clients; /* runs in a lane of its own and gives this job its work */
	int (*open)(struct lab *lab); /* before the measurement: links; NULL for none */
	void (*close)(
		struct lab *lab); /* release what open made, if it came to it; NULL for nothing */
	void (*body)(struct task *self);
};

extern const struct job job_pingpong, job_yield, job_sleep, job_spawn, job_compute, job_counter,
	job_echo, job_hog, job_crash, job_idle;
extern const struct job job_clients; /* of echo: not in the table */

/* The job called name that a user can ask for, or NULL. */
const struct job *job_listed(const char *name);

/* The same, or one that only another job needs: its clients. */
const struct job *job_find(const char *name);

/* Job number i of the table, or NULL after the last: for (i = 0; (job = job_at(i)); i++). */
const struct job *job_at(size_t i);

/* "process", "thread", "coroutine"; the model must be below N_MODELS. */
const char *model_name(enum lab_model model);

/* The model called name, or -1. */
int model_find(const char *name);

/* The models that an option means something to: bits 1 << MODEL_*. */
unsigned job_option_models(enum job_option option);

/*
 * Ways are what JOB_VIA (to communicate) and JOB_SYNC (to synchronise) choose from by name; which
 * there are depends on the model.
 */

/* Number i of the ways that fit, the default first; NULL after the last. */
const char *way_at(const struct job *job, enum job_option kind, enum lab_model model, size_t i);

bool way_fits(const struct job *job, enum job_option kind, enum lab_model model, const char *way);

/*
 * The same as text for messages, "pipe, socketpair": at most size bytes with the NUL. An empty
 * string where none fits.
 */
void way_list(const struct job *job, enum job_option kind, enum lab_model model, char *text,
	      size_t size);

/*
 * Fill spec with what the user wishes, and where that is zero, with the job's default under the
 * model: names, n_tasks, ways, times, and as much work as takes one to two seconds flat out on two
 * CPUs. What means nothing to the model is left out. wish NULL: defaults only.
 */
void job_spec(const struct job *job, enum lab_model model, const struct lab_spec *wish,
	      struct lab_spec *spec);

/* Tasks that take units, for so many tasks in all. */
uint32_t job_n_workers(const struct job *job, uint32_t n_tasks);

/*
 * Hold a spec against the table: names known and terminated, options that fit, numbers in range.
 * 0, or -EINVAL with a reason for people in why (at most size bytes with the NUL).
 */
int job_check(const struct lab_spec *spec, char *why, size_t size);

/* The same for a job that need not be in the table; spec->job is not looked at. */
int job_fits(const struct job *job, const struct lab_spec *spec, char *why, size_t size);

#endif
