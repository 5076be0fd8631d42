// SPDX-License-Identifier: GPL-2.0-only
/* run_facts.c - a job of the lab, a command, or a made-up machine. */
#include "cmd/run_facts.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/targets.h"

unsigned run_n_tasks(const struct run *run)
{
	if (!run->wish.n_tasks && run->job)
		return run->job->n_tasks;
	return run->wish.n_tasks;
}

static void fill_job(struct run_facts *facts, const struct run *run)
{
	snprintf(facts->kind, sizeof(facts->kind), "job");
	snprintf(facts->job, sizeof(facts->job), "%s", run->job ? run->job->name : "synthetic");
	snprintf(facts->says, sizeof(facts->says), "%s",
		 run->job ? run->job->says : "a machine made up from a seed");
	snprintf(facts->shows, sizeof(facts->shows), "%s",
		 run->job ? run->job->shows
			  : "a machine made up from a seed: pairs that pass a token to and fro");
	facts->n_tasks = run_n_tasks(run);
}

/* One by its kind; several by what each is, one after another. */
static void fill_targets(struct run_facts *facts, const struct options *options)
{
	snprintf(facts->kind, sizeof(facts->kind), "%s",
		 options->n_targets == 1 ? target_kind_name(options->targets[0].kind) : "lanes");
	targets_describe(options, facts->says, sizeof(facts->says));
}

void run_facts_fill(struct run_facts *facts, const struct options *options, const struct run *run,
		    const struct session *session, uint64_t start_ns, uint64_t wall_ns)
{
	struct utsname kernel;

	*facts = (struct run_facts){ .rate_hz = session ? session_rate(session) : run->rate_hz,
				     .start_ns = start_ns,
				     .wall_ns = wall_ns };
	if (!uname(&kernel))
		snprintf(facts->kernel, sizeof(facts->kernel), "%.*s",
			 (int)sizeof(facts->kernel) - 1, kernel.release);
	if (session) {
		snprintf(facts->clock, sizeof(facts->clock), "%s", session_clock(session));
		snprintf(facts->ring, sizeof(facts->ring), "%s", session_ring(session));
	}
	if (session && !run->models) {
		fill_targets(facts, options);
	} else {
		fill_job(facts, run);
	}
	snprintf(facts->mode, sizeof(facts->mode), "%s", run->together ? "together" : "in-turn");
	for (unsigned lane = 1; session && lane <= SESSION_N_LANES; lane++)
		facts->lane_wall_ns[lane] = session_wall_ns(session, lane);
}
