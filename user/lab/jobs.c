// SPDX-License-Identifier: GPL-2.0-only
/* jobs.c - the table of jobs, and what can be asked of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lab/job.h"
#include "lab/link.h"
#include "lab/sync.h"

#define MIN_STACK_BYTES (16ull << 10)
#define MAX_STACK_BYTES (1ull << 30)
#define MAX_SLEEP_NS	(3600 * NS_PER_S)

static const struct job *const jobs[] = {
	&job_pingpong, &job_yield, &job_sleep, &job_spawn, &job_compute,
	&job_counter,  &job_echo,  &job_hog,   &job_crash, &job_idle,
};

static const char *const model_names[N_MODELS] = {
	[MODEL_PROCESS] = "process",
	[MODEL_THREAD] = "thread",
	[MODEL_COROUTINE] = "coroutine",
};

#define PROCESS	  (1u << MODEL_PROCESS)
#define THREAD	  (1u << MODEL_THREAD)
#define COROUTINE (1u << MODEL_COROUTINE)

const struct job *job_at(size_t i)
{
	return i < sizeof(jobs) / sizeof(jobs[0]) ? jobs[i] : NULL;
}

const struct job *job_listed(const char *name)
{
	const struct job *job;

	for (size_t i = 0; (job = job_at(i)); i++)
		if (!strcmp(job->name, name))
			return job;
	return NULL;
}

const struct job *job_find(const char *name)
{
	const struct job *job = job_listed(name);

	for (size_t i = 0; !job && job_at(i); i++) {
		job = job_at(i)->clients;
		if (job && strcmp(job->name, name) != 0)
			job = NULL;
	}
	return job;
}

const char *model_name(enum lab_model model)
{
	return model_names[model];
}

int model_find(const char *name)
{
	for (int i = 0; i < N_MODELS; i++)
		if (!strcmp(model_names[i], name))
			return i;
	return -1;
}

unsigned job_option_models(enum job_option option)
{
	if (option & JOB_PRIVATE)
		return PROCESS;
	if (option & JOB_STACK)
		return THREAD | COROUTINE;
	if (option & (JOB_POOL | JOB_SEND))
		return COROUTINE;
	return PROCESS | THREAD | COROUTINE;
}

/* --- ways -------------------------------------------------------------------------------------- */

/* Row number `row` of the table of a kind; false after the last. */
static bool way_row(enum job_option kind, size_t row, const char **name, unsigned *models)
{
	const struct link_ops *link = kind == JOB_VIA ? link_at(row) : NULL;
	const struct sync_ops *sync = kind == JOB_SYNC ? sync_at(row) : NULL;

	if (link) {
		*name = link->name;
		*models = link->models;
	} else if (sync) {
		*name = sync->name;
		*models = sync->models;
	}
	return link || sync;
}

const char *way_at(const struct job *job, enum job_option kind, enum lab_model model, size_t i)
{
	const char *name;
	unsigned models;

	if (!(job->options & kind))
		return NULL;
	for (size_t row = 0; way_row(kind, row, &name, &models); row++)
		if (models & 1u << model && i-- == 0)
			return name;
	return NULL;
}

bool way_fits(const struct job *job, enum job_option kind, enum lab_model model, const char *way)
{
	const char *name;

	for (size_t i = 0; (name = way_at(job, kind, model, i)); i++)
		if (!strcmp(name, way))
			return true;
	return false;
}

void way_list(const struct job *job, enum job_option kind, enum lab_model model, char *text,
	      size_t size)
{
	const char *way;
	size_t used = 0;

	if (!size)
		return;
	text[0] = '\0';
	for (size_t i = 0; (way = way_at(job, kind, model, i)) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", way);
}

/* --- a job's defaults, and wishes ---------------------------------------------------------------- */

uint32_t job_n_workers(const struct job *job, uint32_t n_tasks)
{
	if (job->one_maker)
		return 1;
	return n_tasks > job->n_apart ? (n_tasks - job->n_apart) / job->group : 0;
}

static void set_way(const struct job *job, enum job_option kind, enum lab_model model,
		    const char *wish, char way[LAB_NAME_BYTES])
{
	const char *usual = way_at(job, kind, model, 0);

	snprintf(way, LAB_NAME_BYTES, "%s", *wish ? wish : usual ? usual : "");
}

static uint64_t default_work(const struct job *job, enum lab_model model,
			     const struct lab_spec *spec)
{
	const struct link_ops *link = link_find(model, spec->via);
	const struct sync_ops *sync = sync_find(model, spec->sync);
	uint64_t work = job->work[model];

	if (!work && link)
		work = link->work[model];
	if (!work && sync)
		work = sync->work[model];
	return job->work_each ? work * job_n_workers(job, spec->n_tasks) : work;
}

void job_spec(const struct job *job, enum lab_model model, const struct lab_spec *wish,
	      struct lab_spec *spec)
{
	static const struct lab_spec no_wish;
	unsigned bit = 1u << model;

	*spec = wish ? *wish : no_wish;
	snprintf(spec->job, sizeof(spec->job), "%s", job->name);
	snprintf(spec->model, sizeof(spec->model), "%s", model_name(model));
	set_way(job, JOB_VIA, model, wish ? wish->via : "", spec->via);
	set_way(job, JOB_SYNC, model, wish ? wish->sync : "", spec->sync);
	if (!spec->n_tasks)
		spec->n_tasks = job->n_tasks;
	if (!spec->work)
		spec->work = default_work(job, model, spec);
	if (!spec->sleep_ns)
		spec->sleep_ns = job->sleep_ns;
	if (!spec->think_ns)
		spec->think_ns = job->think_ns;
	if (!spec->stack_bytes && model == MODEL_COROUTINE)
		spec->stack_bytes = job->stack_bytes;
	if (!spec->n_pool || !(job_option_models(JOB_POOL) & bit))
		spec->n_pool = 1;
	if (!(job_option_models(JOB_SEND) & bit))
		spec->n_sends = 0;
	if (!(job_option_models(JOB_PRIVATE) & bit))
		spec->is_private = 0;
}

/* --- checks ------------------------------------------------------------------------------------ */

static bool terminated(const char *name)
{
	return memchr(name, '\0', LAB_NAME_BYTES);
}

static int check_tasks(const struct job *job, const struct lab_spec *spec, char *why, size_t size)
{
	uint32_t n = spec->n_tasks, least = job->n_apart ? job->n_apart + job->group : 1;
	uint32_t rest = n >= least ? (n - job->n_apart) % job->group : 0;

	if (n < least || n > LAB_MAX_TASKS) {
		snprintf(why, size, "%u tasks: use %u to %d", n, least, LAB_MAX_TASKS);
		return -EINVAL;
	}
	if (rest) {
		snprintf(why, size, "%u tasks: job %s takes them in groups of %u; try %u", n,
			 job->name, job->group, n - rest + job->group);
		return -EINVAL;
	}
	if (spec->n_sends && spec->n_pool > 1) {
		snprintf(why, size,
			 "coroutines resumed by hand have no loop: a pool has nothing to "
			 "run them on; leave out --send or --pool");
		return -EINVAL;
	}
	if (spec->n_pool > LAB_N_POOL) {
		snprintf(why, size, "a pool of %u threads: use 1 to %d", spec->n_pool, LAB_N_POOL);
		return -EINVAL;
	}
	return 0;
}

static int check_numbers(const struct job *job, const struct lab_spec *spec, char *why, size_t size)
{
	if (spec->sleep_ns > MAX_SLEEP_NS || spec->think_ns > MAX_SLEEP_NS) {
		snprintf(why, size, "a sleep of %llu s: use up to %llu s",
			 (unsigned long long)((spec->sleep_ns > MAX_SLEEP_NS ? spec->sleep_ns
									     : spec->think_ns) /
					      NS_PER_S),
			 MAX_SLEEP_NS / NS_PER_S);
		return -EINVAL;
	}
	if (spec->stack_bytes &&
	    (spec->stack_bytes < MIN_STACK_BYTES || spec->stack_bytes > MAX_STACK_BYTES)) {
		snprintf(why, size, "a stack of %llu bytes: use %llu to %llu",
			 (unsigned long long)spec->stack_bytes, MIN_STACK_BYTES, MAX_STACK_BYTES);
		return -EINVAL;
	}
	return check_tasks(job, spec, why, size);
}

static int check_way(const struct job *job, enum job_option kind, enum lab_model model,
		     const char *way, char *why, size_t size)
{
	const char *option = kind == JOB_VIA ? "via" : "sync";
	char fits[128];

	if (!(job->options & kind)) {
		if (!way[0])
			return 0;
		snprintf(why, size, "%s %s: the tasks of job %s do not %s", option, way, job->name,
			 kind == JOB_VIA ? "communicate" : "synchronise");
		return -EINVAL;
	}
	if (way_fits(job, kind, model, way))
		return 0;
	way_list(job, kind, model, fits, sizeof(fits));
	snprintf(why, size, "%s '%s' does not fit model %s; these do: %s", option, way,
		 model_name(model), fits);
	return -EINVAL;
}

int job_fits(const struct job *job, const struct lab_spec *spec, char *why, size_t size)
{
	int model, err;

	if (!terminated(spec->model) || !terminated(spec->via) || !terminated(spec->sync)) {
		snprintf(why, size, "a name is longer than %d bytes", LAB_NAME_BYTES - 1);
		return -EINVAL;
	}
	model = model_find(spec->model);
	if (model < 0) {
		snprintf(why, size, "no model is called '%s'; use process, thread or coroutine",
			 spec->model);
		return -EINVAL;
	}
	err = check_numbers(job, spec, why, size);
	if (!err)
		err = check_way(job, JOB_VIA, (enum lab_model)model, spec->via, why, size);
	return err ? err : check_way(job, JOB_SYNC, (enum lab_model)model, spec->sync, why, size);
}

int job_check(const struct lab_spec *spec, char *why, size_t size)
{
	const struct job *job = terminated(spec->job) ? job_find(spec->job) : NULL;

	if (job)
		return job_fits(job, spec, why, size);
	snprintf(why, size, "no job is called '%.*s'; see swtch jobs", LAB_NAME_BYTES - 1,
		 spec->job);
	return -EINVAL;
}
