// SPDX-License-Identifier: GPL-2.0-only
/* claims_run.c - which experiment runs when, and what becomes of its figures. */
#include "cmd/claims_run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define BUDGET_NS     (160 * NS_PER_S)	/* no round above the fifth begins that would end later */
#define LIMIT_NS      (30 * NS_PER_S)	/* of one experiment, which takes a second or two */
#define GUESS_NS      (400 * NS_PER_MS) /* what one takes that was not run yet */
#define FAILURES_MOST 3			/* then an experiment is not tried again */
#define TRIES_MOST    3			/* of one that others disturb, in a round */
#define OTHERS_MOST   0.25 /* of the CPUs: half of one of two, and 1.5 are left to speed up */
#define WORDS_MOST    32

struct attempt {
	bool planned;	  /* for this round */
	uint64_t took_ns; /* the last time; 0: not run yet */
	unsigned n_failed;
};

/* What CPUs were busy with since an instant. */
struct span {
	uint64_t began_ns;
	uint64_t busy_ns; /* before: all but our own processes */
	uint64_t lab_ns;  /* since: for experiments */
};

struct claims_run {
	struct session *session;
	struct state *state;
	struct counts *counts;
	struct claim_board board;
	struct attempt attempts[N_EXPERIMENTS];
	unsigned round;	     /* from 0 */
	unsigned experiment; /* that runs, or is next; N_EXPERIMENTS: the round is over */
	bool busy;
	struct run now;
	uint64_t began_ns, started_ns; /* judging, and what runs */
	unsigned n_tries;	       /* of what runs, in this round */
	struct span all, one;	       /* since judging began, and since what runs did */
	bool disturbed;		       /* others took too much of the CPUs meanwhile */
};

/* --- experiments -------------------------------------------------------------------------------- */

int experiment_read(enum experiment experiment, const char *verb, struct run *run,
		    struct error *error)
{
	char line[256], *words[WORDS_MOST + 1], *rest = NULL;
	struct options options;
	int n = 0, err;

	snprintf(line, sizeof(line), "%s %s", verb, experiments[experiment]);
	for (char *word = strtok_r(line, " ", &rest); word && n < WORDS_MOST;
	     word = strtok_r(NULL, " ", &rest))
		words[n++] = word;
	words[n] = NULL;
	err = options_read(&options, verb, n, words, error);
	if (!err)
		session_run_from_options(&options, run);
	return err;
}

/* The claim is to be judged, and this experiment is one of those that it is judged by. */
static bool concerns(const struct claims_run *run, unsigned claim, unsigned experiment)
{
	return run->board.results[claim].wanted && claim_uses(&claims[claim], experiment);
}

static bool is_given_up(const struct claims_run *run, unsigned experiment)
{
	return run->attempts[experiment].n_failed >= FAILURES_MOST;
}

/* More rounds than the least are for claims that these may still decide. */
static bool wants_round(const struct claims_run *run, unsigned claim)
{
	if (run->round < JUDGE_ROUNDS_LEAST)
		return true;
	for (unsigned i = 0; i < N_EXPERIMENTS; i++)
		if (concerns(run, claim, i) && is_given_up(run, i))
			return false;
	return run->board.results[claim].wants_more;
}

static bool is_needed(const struct claims_run *run, unsigned experiment)
{
	if (is_given_up(run, experiment))
		return false;
	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (concerns(run, i, experiment) && wants_round(run, i))
			return true;
	return false;
}

/* --- time --------------------------------------------------------------------------------------- */

/* What the planned experiments from number `first` on will take. */
static uint64_t estimate_ns(const struct claims_run *run, unsigned first)
{
	uint64_t sum_ns = 0;

	for (unsigned i = first; i < N_EXPERIMENTS; i++)
		if (run->attempts[i].planned && !is_given_up(run, i))
			sum_ns += run->attempts[i].took_ns ? run->attempts[i].took_ns : GUESS_NS;
	return sum_ns;
}

static void tell_progress(struct claims_run *run)
{
	struct claim_board *board = &run->board;
	uint64_t now_ns = clock_now_ns(), left_ns = estimate_ns(run, run->experiment);
	uint64_t gone_ns = run->busy ? now_ns - run->started_ns : 0;

	left_ns -= gone_ns < left_ns ? gone_ns : left_ns;
	for (unsigned round = run->round + 1; round < JUDGE_ROUNDS_LEAST; round++)
		left_ns += estimate_ns(run, 0);
	board->round = run->round + 1;
	board->n_rounds = board->round > JUDGE_ROUNDS_LEAST ? board->round : JUDGE_ROUNDS_LEAST;
	board->elapsed_ns = now_ns - run->began_ns;
	board->left_ns = left_ns;
	board->share = (double)board->elapsed_ns / (double)(board->elapsed_ns + left_ns + 1);
}

/* --- other programs ----------------------------------------------------------------------------- */

/* Time that CPUs were busy, but for what is our own. */
static uint64_t busy_ns(const struct counts *counts)
{
	uint64_t sum_ns = 0;

	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++)
		sum_ns += counts->times[cpu].busy_ns;
	return sum_ns > counts->self.cpu_ns ? sum_ns - counts->self.cpu_ns : 0;
}

static void begin_span(struct claims_run *run, struct span *span)
{
	struct source *source = session_source(run->session);

	*span = (struct span){ .began_ns = clock_now_ns() };
	if (!source->counts(source, run->counts))
		span->busy_ns = busy_ns(run->counts);
}

/* The share of the CPUs that others took since; what ran has just been counted. */
static double others_share(const struct claims_run *run, struct span *span)
{
	uint64_t since_ns = clock_now_ns() - span->began_ns, busy = busy_ns(run->counts);
	unsigned n_online = 0;

	for (unsigned i = 1; i < run->state->n_lanes; i++)
		span->lab_ns += run->state->lanes[i].total.run_ns;
	for (unsigned cpu = 0; cpu < run->counts->n_cpus; cpu++)
		n_online += run->counts->online[cpu];
	/* The kernel tells in ticks how busy it was, and exactly what one program took of it. */
	if (busy < span->busy_ns + span->lab_ns || !n_online)
		return 0;
	return (double)(busy - span->busy_ns - span->lab_ns) / (double)since_ns / n_online;
}

/* Does a figure of it tell something only where the CPUs were free? */
static bool needs_free_cpus(const struct claims_run *run, unsigned experiment)
{
	for (unsigned i = 0; i < N_CLAIMS; i++)
		for (const struct claim_figure *at = claims[i].figures; at->name; at++)
			if (run->board.results[i].wanted && at->experiment == experiment &&
			    at->metric == METRIC_ALONE_NS)
				return true;
	return false;
}

static void look_at_others(struct claims_run *run)
{
	run->board.others_share = others_share(run, &run->all);
	run->disturbed =
		others_share(run, &run->one) > OTHERS_MOST && needs_free_cpus(run, run->experiment);
}

/* --- figures ------------------------------------------------------------------------------------ */

static void note(struct claims_run *run, unsigned experiment, const char *why)
{
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		struct claim_result *result = &run->board.results[i];

		if (concerns(run, i, experiment) && !*result->note)
			snprintf(result->note, sizeof(result->note), "%s", why);
	}
}

/* The experiment told nothing, and why. */
static void fail(struct claims_run *run, const char *why)
{
	run->attempts[run->experiment].n_failed++;
	note(run, run->experiment, why);
}

/* What a figure is of this experiment, now that it ended; NAN: it tells nothing. */
static double take_figure(const struct claims_run *run, const struct claim_figure *figure)
{
	const struct lane_state *lane = &run->state->lanes[figure->lane];

	if (lane->label.phase != LANE_ENDED ||
	    (run->disturbed && figure->metric == METRIC_ALONE_NS))
		return NAN;
	return metric_measure(figure->metric, figure->index, lane);
}

static void take_claim(struct claims_run *run, unsigned number)
{
	const struct claim *claim = &claims[number];
	struct claim_result *result = &run->board.results[number];

	for (unsigned i = 0; claim->figures[i].name; i++)
		if (claim->figures[i].experiment == run->experiment)
			result->values[i][run->round] = take_figure(run, &claim->figures[i]);
}

/* False: others were at work, and it shall be tried again. */
static bool take_figures(struct claims_run *run)
{
	struct source *source = session_source(run->session);
	char why[CLAIM_NOTE_BYTES] = "";
	int err = source->counts(source, run->counts);

	if (err) {
		snprintf(why, sizeof(why), "cannot read the counters: %s", strerror(-err));
		fail(run, why);
		return true;
	}
	state_measure(run->state, run->counts);
	look_at_others(run);
	for (unsigned i = 1; i < run->state->n_lanes; i++) {
		const struct lane_label *label = &run->state->lanes[i].label;

		if (label->phase == LANE_FAILED && !*why)
			snprintf(why, sizeof(why), "%s: %.*s", label->name,
				 (int)(sizeof(why) - sizeof(label->name) - 3), label->note);
	}
	if (*why)
		fail(run, why);
	else if (run->disturbed && ++run->n_tries < TRIES_MOST)
		return false;
	else if (run->disturbed)
		note(run, run->experiment, "other programs took a quarter of the CPUs or more");
	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (concerns(run, i, run->experiment))
			take_claim(run, i);
	return true;
}

/* --- rounds ------------------------------------------------------------------------------------- */

/* The next experiment of the round; where the round is over, N_EXPERIMENTS. */
static void go_to(struct claims_run *run, unsigned experiment)
{
	while (experiment < N_EXPERIMENTS &&
	       (!run->attempts[experiment].planned || is_given_up(run, experiment)))
		experiment++;
	run->experiment = experiment;
}

/* False when no further round is needed, or there is no time for one. */
static bool begin_round(struct claims_run *run, unsigned round)
{
	uint64_t gone_ns = clock_now_ns() - run->began_ns;

	if (round >= JUDGE_ROUNDS_MOST)
		return false;
	run->round = round;
	for (unsigned i = 0; i < N_EXPERIMENTS; i++)
		run->attempts[i].planned = is_needed(run, i);
	if (round >= JUDGE_ROUNDS_LEAST && gone_ns + estimate_ns(run, 0) > BUDGET_NS)
		return false;
	go_to(run, 0);
	return run->experiment < N_EXPERIMENTS;
}

static void begin_experiment(struct claims_run *run)
{
	struct error error;
	int err;

	run->started_ns = clock_now_ns();
	begin_span(run, &run->one);
	for (unsigned i = N_CLAIMS; i-- > 0;)
		if (concerns(run, i, run->experiment))
			run->board.claim = (int)i;
	err = experiment_read(run->experiment, "stat", &run->now, &error);
	if (!err)
		err = session_start(run->session, run->state, &run->now, &error);
	if (err)
		fail(run, error.text);
	run->busy = !err;
}

static void end_experiment(struct claims_run *run)
{
	run->busy = false;
	run->n_tries = 0;
	run->attempts[run->experiment].took_ns = clock_now_ns() - run->started_ns;
	for (unsigned i = 0; i < N_CLAIMS; i++)
		if (concerns(run, i, run->experiment))
			judge_claim(&claims[i], &run->board.results[i]);
	go_to(run, run->experiment + 1);
	if (run->experiment == N_EXPERIMENTS && !begin_round(run, run->round + 1))
		claims_run_stop(run);
}

bool claims_run_step(struct claims_run *run, int wait_ms)
{
	if (!run->board.running)
		return false;
	if (!run->busy)
		begin_experiment(run);
	if (!run->busy) { /* it could not be started */
		end_experiment(run);
	} else if (!session_step(run->session, run->state, wait_ms)) {
		run->busy = false;
		if (take_figures(run))
			end_experiment(run);
	} else if (clock_now_ns() - run->started_ns > LIMIT_NS) {
		session_stop(run->session);
		take_figures(run); /* what it took of the CPUs: its lanes have not ended */
		fail(run, "it did not end within 30 s");
		end_experiment(run);
	}
	if (run->board.running)
		tell_progress(run);
	return run->board.running;
}

/* --- a life ------------------------------------------------------------------------------------- */

struct claims_run *claims_run_new(struct session *session, struct state *state,
				  struct counts *counts)
{
	struct claims_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->session = session;
	run->state = state;
	run->counts = counts;
	board_clear(&run->board);
	return run;
}

void claims_run_free(struct claims_run *run)
{
	if (!run)
		return;
	claims_run_stop(run);
	free(run);
}

void claims_run_start(struct claims_run *run, const bool wanted[N_CLAIMS])
{
	claims_run_stop(run);
	session_stop(run->session);
	board_clear(&run->board);
	memset(run->attempts, 0, sizeof(run->attempts));
	for (unsigned i = 0; i < N_CLAIMS; i++)
		run->board.results[i].wanted = wanted[i];
	begin_span(run, &run->all);
	run->began_ns = clock_now_ns();
	run->board.began = run->board.running = true;
	if (begin_round(run, 0))
		tell_progress(run);
	else
		claims_run_stop(run);
}

void claims_run_stop(struct claims_run *run)
{
	if (!run->board.running)
		return;
	if (run->busy)
		session_stop(run->session);
	run->busy = false;
	run->board.running = false;
	run->board.claim = -1;
	run->board.elapsed_ns = clock_now_ns() - run->began_ns;
	run->board.left_ns = 0;
}

const struct claim_board *claims_run_board(const struct claims_run *run)
{
	return &run->board;
}

const struct run *claims_run_now(const struct claims_run *run)
{
	return &run->now;
}

bool claims_run_measured(const struct claims_run *run)
{
	for (unsigned i = 0; i < N_CLAIMS; i++)
		for (unsigned j = 0; claims[i].figures[j].name; j++)
			if (run->board.results[i].figures[j].n)
				return true;
	return false;
}
