/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - one watching: the keeper with its probes, the lanes, and what runs in them.
 *
 * session_open() is the point where privilege ends: when it returns, this process is the invoking
 * user without a capability, and the keeper holds what is left. Owned by a verb; one thread.
 */
#ifndef SWTCH_SESSION_H
#define SWTCH_SESSION_H

#include "base/error.h"
#include "cmd/options.h"
#include "keeper/inspect.h"
#include "source/source.h"
#include "state/state.h"

struct session;

/*
 * A lane for each model, and behind them one for each model's clients; or one for each target, in the
 * order of the command line.
 */
#define SESSION_N_LANES (N_LANES_MAX - 1)

/* NULL with `error` set. Probes are attached, nothing runs yet. */
struct session *session_open(const struct options *options, struct error *error);

/* Ends what runs, detaches, leaves nothing. NULL will do. */
void session_free(struct session *session);

/* Events and counts; counts carry the lab's work too. Owned by the session. */
struct source *session_source(struct session *session);

/* Which clock and which ring the hooks have, in the words of struct run_facts. */
const char *session_clock(const struct session *session);
const char *session_ring(const struct session *session);

/* Have event records written (or no longer). Counters count always. */
void session_listen(struct session *session, bool kernel_events, bool coroutine_marks);

/* What runs, or would; may be changed between runs. */
struct run {
	const struct job *job;
	unsigned models;      /* bits 1 << MODEL_*; 0: the targets of the options */
	struct lab_spec wish; /* see job_spec(); work 0 with time_ns 0 is endless in live */
	uint64_t time_ns;     /* each model works so long; 0: until its work is done */
	uint64_t rate_hz;     /* RATE_MAX; RATE_UNSET: one that every model can hold, to be found */
	bool together;	      /* all models at once, else one after another */
	bool endless;	      /* without work or time: until it is stopped, not the job's default */
};

/* The run that the options ask for, with the verb's defaults (live: together and endless). */
void session_run_from_options(const struct options *options, struct run *run);

/*
 * Start (or, when something runs, end it and start anew): lanes 1.. of `state` get their labels.
 * 0 or -errno with `error` set.
 */
int session_start(struct session *session, struct state *state, const struct run *run,
		  struct error *error);

/*
 * Drive what runs: first the setting up, then each model's turn, its end, its time. Never waits
 * longer than wait_ms. Updates the lanes' phases and notes in `state`. True while anything runs.
 */
bool session_step(struct session *session, struct state *state, int wait_ms);

/*
 * Commands that are started from now on get a terminal of `open`: a descriptor, which is closed once it
 * is theirs, or -errno. NULL: they get none.
 */
void session_set_terminal(struct session *session, int (*open)(void *ctx), void *ctx);

/* Change the rate of what runs: units a second for each model, or RATE_MAX. */
void session_set_rate(struct session *session, uint64_t rate_hz);

/* The rate in force (after the search at the start); RATE_MAX flat out. */
uint64_t session_rate(const struct session *session);

/* End what runs. */
void session_stop(struct session *session);

/* Something went wrong in a lane: its note is the sentence. NULL when nothing did. */
const char *session_failure(const struct session *session);

/* How long a lane worked, in ns: the lab's own measure, or a command's from its start to its end. */
uint64_t session_wall_ns(const struct session *session, unsigned lane);

/*
 * Exit status of the command, as the shell counts (128 + signal); -1 while it runs, without one, or with
 * several.
 */
int session_command_status(const struct session *session);

/* The exit status of a verb whose session ended so: the command's, or enum exit_code, `error` set or empty. */
int session_exit_status(const struct session *session, struct error *error);

/* What a task of a lane is blocked in at this instant. 0 or -errno: it is not watched there. */
int session_inspect(struct session *session, unsigned lane, uint32_t pid, struct inspection *found);

#endif
