/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * job.h - what the lab can run: the table of jobs, the names of models and of ways to communicate.
 *
 * All of it is constant; any thread may call. swtch links it to list jobs and to check options,
 * the runner to run them.
 */
#ifndef SWTCH_LAB_JOB_H
#define SWTCH_LAB_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "event/area.h"

#define LAB_MAX_TASKS 100000

enum lab_model {
	MODEL_PROCESS,
	MODEL_THREAD,
	MODEL_COROUTINE,
	N_MODELS,
};

/* Options of a job beside --tasks, --work and --time. */
enum job_option {
	JOB_VIA = 1 << 0,
	JOB_LOG = 1 << 1,
	JOB_SLEEP = 1 << 2,
	JOB_STACK = 1 << 3,
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
	bool one_maker; /* one task makes all others: n_tasks is how many of them live at once */
	uint64_t work[N_MODELS]; /* see job_work(); zero: it depends on the way to communicate */
	uint64_t sleep_ns;	 /* default of spec.sleep_ns; 0 where it means nothing */
	unsigned options;	 /* enum job_option */
	int (*open)(struct lab *lab); /* before the measurement: links; NULL for none */
	void (*body)(struct task *self);
};

extern const struct job job_pingpong, job_yield, job_sleep, job_spawn, job_compute;

/* The job called name, or NULL. */
const struct job *job_find(const char *name);

/* Job number i of the table, or NULL after the last: for (i = 0; (job = job_at(i)); i++). */
const struct job *job_at(size_t i);

/* "process", "thread", "coroutine"; the model must be below N_MODELS. */
const char *model_name(enum lab_model model);

/* The model called name, or -1. */
int model_find(const char *name);

/* May tasks of this job communicate by via under this model? */
bool via_fits(const struct job *job, enum lab_model model, const char *via);

/* What they use unless told otherwise; "" where the job does not communicate. */
const char *via_default(const struct job *job, enum lab_model model);

/* Number i of the ways that fit, or NULL after the last. */
const char *via_at(const struct job *job, enum lab_model model, size_t i);

/*
 * The same as text for messages, "pipe, socketpair": at most size bytes with the NUL. An empty
 * string where none fits.
 */
void via_list(const struct job *job, enum lab_model model, char *text, size_t size);

/*
 * Units of work that a job does under a model unless told otherwise: one to two seconds flat out on
 * two CPUs. via must fit.
 */
uint64_t job_work(const struct job *job, enum lab_model model, const char *via);

/*
 * Fill spec with a job's defaults under a model: names, n_tasks, work, via, sleep. The rest is zero.
 */
void job_spec(const struct job *job, enum lab_model model, struct lab_spec *spec);

/*
 * Hold a spec against the table: names known and terminated, options that fit, numbers in range.
 * 0, or -EINVAL with a reason for people in why (at most size bytes with the NUL).
 */
int job_check(const struct lab_spec *spec, char *why, size_t size);

/* The same for a job that need not be in the table; spec->job is not looked at. */
int job_fits(const struct job *job, const struct lab_spec *spec, char *why, size_t size);

#endif
