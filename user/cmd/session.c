// SPDX-License-Identifier: GPL-2.0-only
/*
 * session.c - acts: sets of lanes that run at once, one act after another.
 *
 * In turn: an act for each model. Together: one act for all, after a short trial of each, flat out
 * and alone, that finds a rate which all of them can hold.
 */
#include "cmd/session_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "cmd/maps.h"
#include "cmd/targets.h"
#include "source/live.h"

#define TRIAL_NS     (150 * NS_PER_MS)
#define SETUP_POLL   1		       /* ms between looks while a runner sets itself up */
#define LAST_WORD_NS (200 * NS_PER_MS) /* for a server to end of whatever its clients failed of */

/* --- opening --------------------------------------------------------------------------------- */

struct session *session_open(const struct options *options, struct error *error)
{
	struct keeper_wish wish = {
		.probes = { .plain_clock = getenv("SWTCH_PLAIN_CLOCK") != NULL,
			    .plain_ring = getenv("SWTCH_PLAIN_RING") != NULL,
			    .asyncio = options->n_targets && options->runtimes & RUNTIME_ASYNCIO,
			    .send = options->n_targets && options->runtimes & RUNTIME_SEND,
			    .ended = options->per_task,
			    .ring_bytes = options->ring_size_bytes },
		.marks = options->runtimes & RUNTIME_MARKS,
		.verbose = options->verbose,
		.lab_user = options->user,
		.targets = options->targets,
		.n_targets = options->n_targets
	};
	struct session *session;
	struct probes_facts facts;

	if (targets_check(options, error))
		return NULL;
	session = calloc(1, sizeof(*session));
	if (!session) {
		error_set(error, ENOMEM, "cannot start: out of memory");
		return NULL;
	}
	session->options = options;
	for (unsigned i = 0; i < sizeof(session->lanes) / sizeof(session->lanes[0]); i++)
		session->lanes[i] = (struct lane){ .number = i, .area_fd = -1 };
	session->keeper = keeper_open(&wish, &facts, error);
	if (session->keeper) {
		struct live_maps maps = maps_of(&facts, keeper_pid(session->keeper));

		session->plain_clock = facts.plain_clock;
		session->plain_ring = facts.plain_bytes;
		session->source = live_new(&maps, error);
	}
	if (!session->source) {
		session_free(session);
		return NULL;
	}
	live_show_cpus(session->source, options->cpus);
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	if (session->source) {
		live_listen(session->source, false);
		session_stop(session);
		for (unsigned i = 1; i <= SESSION_N_LANES; i++)
			lane_fini(&session->lanes[i], session->source);
		session->source->free(session->source);
	}
	keeper_free(session->keeper);
	free(session);
}

struct source *session_source(struct session *session)
{
	return session->source;
}

const char *session_clock(const struct session *session)
{
	return session->plain_clock ? "monotonic" : "scheduler";
}

const char *session_ring(const struct session *session)
{
	return session->plain_ring ? "kernel" : "mapped";
}

/* A trial runs flat out to find what can be had: marks would slow it, and nobody looks at them. */
static void set_marks(struct session *session)
{
	bool is_trial = session->act < session->n_acts && session->acts[session->act].is_trial;

	for (unsigned i = 1; i <= N_MODELS; i++)
		if (session->lanes[i].area)
			atomic_store(&session->lanes[i].area->marks_on,
				     session->marks_on && !is_trial);
}

void session_listen(struct session *session, bool kernel_events, bool coroutine_marks)
{
	live_listen(session->source, kernel_events);
	live_tell_marked(session->source, coroutine_marks);
	session->marks_on = coroutine_marks;
	set_marks(session);
}

/* --- acts ------------------------------------------------------------------------------------ */

/* Without a terminal of its own, should there be none to be had, its output is lost, not in the way. */
static void start_command(struct session *session, struct lane *lane, struct error *error)
{
	int fd = session->open_terminal ? session->open_terminal(session->terminal_ctx) : -1;

	lane_start_command(lane, session->keeper, session->source, lane->number - 1,
			   session_is_live(session), fd, error);
	if (fd >= 0)
		close(fd);
}

static void start_target(struct session *session, struct lane *lane, struct error *error)
{
	if (session_target(session, lane->number)->kind == TARGET_COMMAND)
		start_command(session, lane, error);
	else
		lane_watch(lane, session->keeper, session->source, lane->number - 1,
			   session_target(session, lane->number)->kind, error);
}

static void start_lane(struct session *session, struct state *state, unsigned number,
		       const struct lab_spec *spec, struct error *error)
{
	const struct act *act = &session->acts[session->act];
	struct lane *lane = &session->lanes[number];
	uint64_t rate_hz =
		act->is_trial || session->rate_hz == RATE_UNSET ? RATE_MAX : session->rate_hz;
	struct lane_label label;

	if (spec)
		lane_start_lab(lane, session->keeper, session->source, spec, rate_hz, error);
	else
		start_target(session, lane, error);
	lane->time_ns = act->is_trial ? TRIAL_NS : session->run.time_ns;
	session_label(session, number, lane->failed ? LANE_FAILED : LANE_RUNNING, &label);
	if (act->is_trial)
		snprintf(label.note, sizeof(label.note), "finding a rate that all can hold");
	state_start_lane(state, number, &label);
}

static void start_model(struct session *session, struct state *state, unsigned number,
			struct error *error)
{
	struct lab_spec spec;

	session_make_spec(session, number - 1, session->acts[session->act].is_trial, &spec);
	start_lane(session, state, number, &spec, error);
	if (!session_has_clients(session))
		return;
	session->lanes[number].time_ns = 0; /* it works as long as its clients ask */
	lane_fini(&session->lanes[clients_of(number)], session->source);
}

static int begin_act(struct session *session, struct state *state, struct error *error)
{
	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		if (!session_in_act(session, i))
			continue;
		if (session_has_targets(session))
			start_lane(session, state, i, NULL, error);
		else
			start_model(session, state, i, error);
	}
	set_marks(session);
	for (unsigned i = 1; i <= SESSION_N_LANES; i++)
		if (session_in_act(session, i) && session->lanes[i].failed)
			return -EIO;
	return 0;
}

/* One of a server and its clients failed: the other may have done so first, and be why, if it was killed. */
static void take_cause(struct lane *failed, const struct lane *other)
{
	if (!other->failed || !other->was_killed || failed->was_killed)
		return;
	failed->was_killed = true;
	snprintf(failed->note, sizeof(failed->note), "%s", other->note);
}

/* And the other is ended. But its own end, for which it may be, comes in a moment, and is awaited. */
static void end_other(struct session *session, const struct lane *failed, struct lane *other,
		      uint64_t now_ns)
{
	if (!lane_is_alive(other) || now_ns - failed->worked_to_ns < LAST_WORD_NS)
		return;
	lane_fail(other, failed->note); /* its work is not done */
	lane_stop(other, session->keeper);
}

/* Servers that are set up get their clients; those without work for them, or left alone, end. */
static void attend_clients(struct session *session, struct state *state, uint64_t now_ns)
{
	struct error error;

	for (unsigned i = 1; i <= N_MODELS && session_has_clients(session); i++) {
		struct lane *server = &session->lanes[i];
		struct lane *clients = &session->lanes[clients_of(i)];
		struct lab_spec spec;

		if (server->stage == STAGE_READY && clients->stage == STAGE_EMPTY) {
			session_make_clients_spec(session, i - 1,
						  session->acts[session->act].is_trial, &spec);
			start_lane(session, state, clients_of(i), &spec, &error);
			live_set_clients(session->source, i, clients_of(i));
		} else if (clients->stage == STAGE_ENDED && clients->failed) {
			take_cause(clients, server);
			end_other(session, clients, server, now_ns);
		} else if (clients->stage == STAGE_ENDED && server->stage == STAGE_WORKING) {
			lane_ask(server, now_ns);
		}
		if (server->stage == STAGE_ENDED && server->failed) {
			take_cause(server, clients);
			end_other(session, server, clients, now_ns);
		}
	}
}

int session_start(struct session *session, struct state *state, const struct run *run,
		  struct error *error)
{
	session_stop(session);
	session->run = *run;
	session_plan(session);
	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		struct lane_label label = { .phase = LANE_UNUSED };

		lane_fini(&session->lanes[i], session->source);
		keeper_clear(session->keeper, i);
		if (session_is_used(session, i))
			session_label(session, i, LANE_WAITING, &label);
		state_start_lane(state, i, &label);
	}
	return begin_act(session, state, error);
}

static void offer(struct session *session, uint64_t rate_hz)
{
	session->rate_hz = rate_hz;
	for (unsigned i = 1; i <= SESSION_N_LANES; i++)
		lane_set_rate(&session->lanes[i], rate_hz);
}

/* A rate that was found, not one that was asked for, is lowered until it is held. */
static void hold_rate(struct session *session, uint64_t now_ns)
{
	uint64_t rate_hz = session->rate_hz;

	if (session->run.rate_hz != RATE_UNSET || rate_hz == RATE_UNSET || rate_hz == RATE_MAX)
		return;
	rate_hz = rate_held(&session->rate, rate_hz, session->lanes, now_ns);
	if (rate_hz != session->rate_hz)
		offer(session, rate_hz);
}

/* A lane that has ended shows it at once, whatever the others do; what there is to say, before. */
static void tell_lane(struct session *session, struct state *state, unsigned number)
{
	const struct lane *lane = &session->lanes[number];
	struct lane_label *label = &state->lanes[number].label;

	if (label->phase != LANE_RUNNING && label->phase != LANE_FAILED)
		return;
	if (*lane->note)
		snprintf(label->note, sizeof(label->note), "%s", lane->note);
	if (lane->stage != STAGE_ENDED)
		return;
	label->phase = lane->failed			      ? LANE_FAILED
		       : session->acts[session->act].is_trial ? LANE_WAITING
							      : LANE_ENDED;
	snprintf(label->note, sizeof(label->note), "%s", lane->note);
}

static void end_act(struct session *session)
{
	const struct act *act = &session->acts[session->act];

	for (unsigned i = 1; act->is_trial && i <= N_MODELS; i++) {
		if (!session_in_act(session, i))
			continue;
		if (session->lanes[i].failed) /* it is told, and would not be if it began anew */
			session->acts[session->n_acts - 1].models &= ~(1u << (i - 1));
		else if (session->lanes[i].area)
			rate_take_trial(&session->rate, &session->lanes[i]);
	}
	session->act++;
	if (session->rate_hz == RATE_UNSET && session->act < session->n_acts &&
	    !session->acts[session->act].is_trial)
		session->rate_hz = rate_found(&session->rate);
}

/* --- driving --------------------------------------------------------------------------------- */

static void collect_ended(struct session *session)
{
	uint32_t lane;
	pid_t pid;
	int status, got;

	/* A notice may be of what ran in the lane before: the pid tells. */
	while ((got = keeper_ended(session->keeper, &lane, &pid, &status)) > 0)
		if (lane >= 1 && lane <= SESSION_N_LANES && session->lanes[lane].pid == pid)
			lane_ended(&session->lanes[lane], status, clock_now_ns());
	if (got == -EPIPE)
		session_end_orphans(session);
	for (unsigned i = 1; got == -EPIPE && i <= SESSION_N_LANES; i++) {
		if (!lane_is_alive(&session->lanes[i]))
			continue;
		lane_ended(&session->lanes[i], 0, clock_now_ns());
		session->lanes[i].failed = true;
		snprintf(session->lanes[i].note, sizeof(session->lanes[i].note),
			 "the keeper process was killed, and with it what it had started");
	}
}

/* All that are in the act are set up: let them go at one instant. */
static void go_when_ready(struct session *session, uint64_t now_ns)
{
	unsigned n_ready = 0;

	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		if (session->lanes[i].stage == STAGE_STARTING)
			return;
		n_ready += session->lanes[i].stage == STAGE_READY;
	}
	for (unsigned i = 1; n_ready && i <= SESSION_N_LANES; i++)
		if (session->lanes[i].stage == STAGE_READY)
			lane_go(&session->lanes[i], now_ns);
}

static void wait_for_news(struct session *session, int wait_ms)
{
	struct pollfd keeper = { .fd = keeper_fd(session->keeper), .events = POLLIN };
	uint64_t now = clock_now_ns();
	uint64_t next = session_marks_deadline(session);

	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		uint64_t at = lane_deadline(&session->lanes[i]);

		next = at < next ? at : next;
	}
	if (next <= now)
		wait_ms = wait_ms < SETUP_POLL ? wait_ms : SETUP_POLL;
	else if ((next - now) / NS_PER_MS < (uint64_t)wait_ms)
		wait_ms = (int)((next - now) / NS_PER_MS) + 1;
	poll(&keeper, 1, wait_ms);
}

/*
 * The run lasts as long as what the lab does; or else its commands, as perf(1) has it; without any the
 * processes that run; and where there is only what has no end, until it is ended.
 */
static bool keeps_going(const struct session *session, unsigned number)
{
	const struct target *target = session_target(session, number);

	return lane_is_alive(&session->lanes[number]) &&
	       (!target || target->kind == targets_decide(session->options));
}

bool session_step(struct session *session, struct state *state, int wait_ms)
{
	struct error error;
	uint64_t now;
	bool alive = false;

	if (session->act >= session->n_acts)
		return false;
	if (wait_ms > 0)
		wait_for_news(session, wait_ms);
	collect_ended(session);
	now = clock_now_ns();
	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		lane_step(&session->lanes[i], session->keeper, session->source, now);
		alive |= keeps_going(session, i);
	}
	session_find_marks(session, now);
	attend_clients(session, state, now);
	for (unsigned i = 1; i <= SESSION_N_LANES; i++)
		tell_lane(session, state, i);
	go_when_ready(session, now);
	hold_rate(session, now);
	if (!alive) {
		end_act(session);
		if (session->act < session->n_acts)
			begin_act(session, state, &error); /* a failure shows in its lane */
	}
	return session->act < session->n_acts;
}

void session_stop(struct session *session)
{
	collect_ended(session);
	for (unsigned i = 1; i <= SESSION_N_LANES; i++)
		lane_stop(&session->lanes[i], session->keeper);
	collect_ended(session);
	session->act = session->n_acts;
}

void session_set_terminal(struct session *session, int (*open)(void *ctx), void *ctx)
{
	session->open_terminal = open;
	session->terminal_ctx = ctx;
}

void session_set_rate(struct session *session, uint64_t rate_hz)
{
	session->run.rate_hz = rate_hz;
	offer(session, rate_hz);
}

uint64_t session_rate(const struct session *session)
{
	return session->rate_hz;
}

const char *session_failure(const struct session *session)
{
	for (unsigned i = 1; i <= SESSION_N_LANES; i++)
		if (session->lanes[i].failed)
			return session->lanes[i].note;
	return NULL;
}

int session_inspect(struct session *session, unsigned lane, uint32_t pid, struct inspection *found)
{
	return keeper_inspect(session->keeper, lane, pid, found);
}

int session_command_status(const struct session *session)
{
	const struct lane *lane = NULL;

	for (unsigned i = 1; i <= SESSION_N_LANES; i++) {
		const struct target *target = session_target(session, i);

		if (!target || target->kind != TARGET_COMMAND)
			continue;
		if (lane)
			return -1;
		lane = &session->lanes[i];
	}
	if (!lane || lane->stage != STAGE_ENDED || lane->failed)
		return -1;
	return WIFSIGNALED(lane->status) ? 128 + WTERMSIG(lane->status) : WEXITSTATUS(lane->status);
}

int session_exit_status(const struct session *session, struct error *error)
{
	const char *failure = session_failure(session);
	int status = session_command_status(session);

	if (failure) {
		error_set(error, EIO, "%s", failure);
		return EXIT_FAILED;
	}
	error->text[0] = '\0';
	return status >= 0 ? status : EXIT_OK;
}

uint64_t session_wall_ns(const struct session *session, unsigned number)
{
	const struct lane *lane = &session->lanes[number];
	uint64_t from = lane->worked_from_ns, to = lane->worked_to_ns;

	if (lane->area) {
		uint64_t ended_ns = atomic_load(&lane->area->ended_ns);

		from = atomic_load(&lane->area->started_ns);
		to = ended_ns ? ended_ns : to; /* it may have been stopped */
	}
	if (!from)
		return 0;
	if (!to)
		to = clock_now_ns();
	return to > from ? to - from : 0;
}
