// SPDX-License-Identifier: GPL-2.0-only
/* jobs.c - the table of jobs, and what can be asked of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lab/job.h"
#include "lab/link.h"

#define MIN_STACK_BYTES (16ull << 10)
#define MAX_STACK_BYTES (1ull << 30)
#define MAX_SLEEP_NS	(3600 * NS_PER_S)

static const struct job *const jobs[] = {
	&job_pingpong, &job_yield, &job_sleep, &job_spawn, &job_compute,
};

static const char *const model_names[N_MODELS] = {
	[MODEL_PROCESS] = "process",
	[MODEL_THREAD] = "thread",
	[MODEL_COROUTINE] = "coroutine",
};

const struct job *job_at(size_t i)
{
	return i < sizeof(jobs) / sizeof(jobs[0]) ? jobs[i] : NULL;
}

const struct job *job_find(const char *name)
{
	const struct job *job;

	for (size_t i = 0; (job = job_at(i)); i++)
		if (!strcmp(job->name, name))
			return job;
	return NULL;
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

const char *via_at(const struct job *job, enum lab_model model, size_t i)
{
	const struct link_ops *ops;

	if (!(job->options & JOB_VIA))
		return NULL;
	for (size_t row = 0; (ops = link_at(row)); row++)
		if (ops->models & 1u << model && i-- == 0)
			return ops->name;
	return NULL;
}

bool via_fits(const struct job *job, enum lab_model model, const char *via)
{
	return job->options & JOB_VIA && link_find(model, via);
}

const char *via_default(const struct job *job, enum lab_model model)
{
	const char *via = via_at(job, model, 0);

	return via ? via : "";
}

void via_list(const struct job *job, enum lab_model model, char *text, size_t size)
{
	const char *via;
	size_t used = 0;

	if (!size)
		return;
	text[0] = '\0';
	for (size_t i = 0; (via = via_at(job, model, i)) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", via);
}

uint64_t job_work(const struct job *job, enum lab_model model, const char *via)
{
	return job->work[model] ? job->work[model] : link_find(model, via)->work[model];
}

void job_spec(const struct job *job, enum lab_model model, struct lab_spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	snprintf(spec->job, sizeof(spec->job), "%s", job->name);
	snprintf(spec->model, sizeof(spec->model), "%s", model_name(model));
	snprintf(spec->via, sizeof(spec->via), "%s", via_default(job, model));
	spec->n_tasks = job->n_tasks;
	spec->work = job_work(job, model, spec->via);
	spec->sleep_ns = job->sleep_ns;
}

static bool terminated(const char *name)
{
	return memchr(name, '\0', LAB_NAME_BYTES);
}

static int check_numbers(const struct job *job, const struct lab_spec *spec, char *why, size_t size)
{
	if (!spec->n_tasks || spec->n_tasks > LAB_MAX_TASKS) {
		snprintf(why, size, "%u tasks: use 1 to %d", spec->n_tasks, LAB_MAX_TASKS);
		return -EINVAL;
	}
	if (spec->n_tasks % job->group) {
		snprintf(why, size, "%u tasks: job %s takes them in groups of %u; try %u",
			 spec->n_tasks, job->name, job->group,
			 spec->n_tasks - spec->n_tasks % job->group + job->group);
		return -EINVAL;
	}
	if (spec->sleep_ns > MAX_SLEEP_NS) {
		snprintf(why, size, "a sleep of %llu s: use up to %llu s",
			 (unsigned long long)(spec->sleep_ns / NS_PER_S), MAX_SLEEP_NS / NS_PER_S);
		return -EINVAL;
	}
	if (spec->stack_bytes &&
	    (spec->stack_bytes < MIN_STACK_BYTES || spec->stack_bytes > MAX_STACK_BYTES)) {
		snprintf(why, size, "a stack of %llu bytes: use %llu to %llu",
			 (unsigned long long)spec->stack_bytes, MIN_STACK_BYTES, MAX_STACK_BYTES);
		return -EINVAL;
	}
	return 0;
}

static int check_via(const struct job *job, enum lab_model model, const char *via, char *why,
		     size_t size)
{
	char fits[128];

	if (!(job->options & JOB_VIA)) {
		if (!via[0])
			return 0;
		snprintf(why, size, "via %s: the tasks of job %s do not communicate", via,
			 job->name);
		return -EINVAL;
	}
	if (via_fits(job, model, via))
		return 0;
	via_list(job, model, fits, sizeof(fits));
	snprintf(why, size, "via '%s' does not fit model %s; these do: %s", via, model_name(model),
		 fits);
	return -EINVAL;
}

int job_fits(const struct job *job, const struct lab_spec *spec, char *why, size_t size)
{
	int model, err;

	if (!terminated(spec->model) || !terminated(spec->via)) {
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
	return err ? err : check_via(job, (enum lab_model)model, spec->via, why, size);
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
