// SPDX-License-Identifier: GPL-2.0-only
/* session_plan.c - which lanes there are, what each runs, and in which acts. */
#include "cmd/session_private.h"

#include <stdio.h>

#include "base/escape.h"
#include "cmd/targets.h"

/* Not the lab. */
bool session_has_targets(const struct session *session)
{
	return !session->run.models;
}

/* NULL: the lane is the lab's, or nobody's. */
const struct target *session_target(const struct session *session, unsigned number)
{
	if (!session_has_targets(session) || number > session->options->n_targets)
		return NULL;
	return &session->options->targets[number - 1];
}

bool session_has_clients(const struct session *session)
{
	return !session_has_targets(session) && session->run.job->clients;
}

/* --- what to run ----------------------------------------------------------------------------- */

static bool is_live(const struct options *options)
{
	return !strcmp(options->verb, "live");
}

void session_run_from_options(const struct options *options, struct run *run)
{
	bool live = is_live(options);

	*run = (struct run){ .job = job_find(options->job),
			     .models = options->n_targets ? 0 : options->models,
			     .wish = options->wish,
			     .time_ns = options->time_ns,
			     .rate_hz = options->rate_hz,
			     .endless = live,
			     .together = options->turns == TURNS_TOGETHER ||
					 (options->turns == TURNS_DEFAULT && live) };
	if (run->rate_hz == RATE_UNSET && !live)
		run->rate_hz = RATE_MAX;
}

/* Work goes on until it is stopped: the job's own amount of it is not asked for. */
static bool has_no_end(const struct run *run, bool is_trial)
{
	return is_trial || (!run->wish.work && (run->time_ns || run->endless));
}

void session_make_spec(const struct session *session, unsigned model, bool is_trial,
		       struct lab_spec *spec)
{
	const struct run *run = &session->run;

	job_spec(run->job, (enum lab_model)model, &run->wish, spec);
	if (has_no_end(run, is_trial))
		spec->work = 0;
	if (is_trial)
		spec->log = 0;
}

/* The work is the clients' to ask for; where their server listens it tells once it is set up. */
void session_make_clients_spec(const struct session *session, unsigned model, bool is_trial,
			       struct lab_spec *spec)
{
	const struct run *run = &session->run;
	const struct lane *server = &session->lanes[1 + model];
	struct lab_spec wish = run->wish;

	wish.stack_bytes = wish.n_sends = wish.n_pool = wish.log = 0; /* the server's own */
	wish.n_tasks = server->spec.n_tasks; /* a task for each connection, and a client */
	if (!wish.work)
		wish.work = run->job->work[model];
	if (has_no_end(run, is_trial))
		wish.work = 0;
	job_spec(run->job->clients, MODEL_COROUTINE, &wish, spec);
	spec->work = wish.work;
	spec->port = server->area->port;
}

/* Trials only where a unit is short: ten sleeps of a second have no rate to be found. */
static bool needs_trials(const struct session *session)
{
	return session->run.rate_hz == RATE_UNSET && session->run.together &&
	       !session->run.job->own_pace;
}

void session_plan(struct session *session)
{
	const struct run *run = &session->run;
	bool trials = !session_has_targets(session) && needs_trials(session);

	session->n_acts = session->act = 0;
	rate_reset(&session->rate);
	session->rate_hz = trials			? RATE_UNSET
			   : run->rate_hz == RATE_UNSET ? RATE_MAX
							: run->rate_hz;
	if (session_has_targets(session)) {
		session->acts[session->n_acts++] = (struct act){ 0 };
		return;
	}
	for (unsigned model = 0; model < N_MODELS; model++)
		if (run->models & 1u << model && (trials || !run->together))
			session->acts[session->n_acts++] =
				(struct act){ .models = 1u << model, .is_trial = trials };
	if (run->together)
		session->acts[session->n_acts++] = (struct act){ .models = run->models };
}

bool session_in_act(const struct session *session, unsigned number)
{
	const struct act *act = &session->acts[session->act];

	if (session_has_targets(session))
		return session_target(session, number);
	return number <= N_MODELS && act->models & 1u << (number - 1);
}

void session_label(const struct session *session, unsigned number, enum lane_phase phase,
		   struct lane_label *label)
{
	const struct lane *lane = &session->lanes[number];

	*label = (struct lane_label){ .phase = phase };
	if (session_has_targets(session)) {
		target_name(session_target(session, number), label->name, sizeof(label->name));
	} else if (is_clients(number)) {
		label->is_apart = true;
		snprintf(label->name, sizeof(label->name), "%s-clients",
			 model_name((enum lab_model)(number - N_MODELS - 1)));
	} else {
		struct lab_spec spec;

		session_make_spec(session, number - 1, false, &spec);
		snprintf(label->name, sizeof(label->name), "%s", spec.model);
		snprintf(label->model, sizeof(label->model), "%s", spec.model);
		snprintf(label->via, sizeof(label->via), "%s", spec.via);
		snprintf(label->sync, sizeof(label->sync), "%s", spec.sync);
		snprintf(label->unit, sizeof(label->unit), "%s", session->run.job->unit);
		label->figures = session->run.job->figures;
		label->latency = session->run.job->latency;
	}
	snprintf(label->note, sizeof(label->note), "%s", lane->note);
}

/* Does a lane take part in the run at all, now or later? */
bool session_is_used(const struct session *session, unsigned number)
{
	if (session_has_targets(session))
		return session_target(session, number);
	if (is_clients(number))
		return number <= 2 * N_MODELS && session_has_clients(session) &&
		       session_is_used(session, number - N_MODELS);
	return session->run.models & 1u << (number - 1);
}
