/* SPDX-License-Identifier: GPL-2.0-only */
/* session_private.h - what session.c, which drives, and session_plan.c, which decides what runs, share. */
#ifndef SWTCH_SESSION_PRIVATE_H
#define SWTCH_SESSION_PRIVATE_H

#include <string.h>

#include "cmd/lane.h"
#include "cmd/rate.h"
#include "cmd/session.h"
#include "keeper/keeper.h"

#define N_ACTS_MAX (N_MODELS + 1)

struct act {
	unsigned models;
	bool is_trial;
};

struct session {
	const struct options *options;
	struct keeper *keeper;
	struct source *source;
	bool plain_clock, plain_ring;
	struct run run;
	struct act acts[N_ACTS_MAX];
	unsigned n_acts, act;		/* acts[act] runs; act == n_acts: nothing */
	struct lane lanes[N_LANES_MAX]; /* [0] is nobody's */
	uint64_t rate_hz;		/* in force; RATE_UNSET while trials run */
	struct rate rate;
	bool marks_on;
	uint64_t next_marks_ns;		 /* when to look for programs with marks next */
	int (*open_terminal)(void *ctx); /* for a command; NULL: none */
	void *terminal_ctx;
};

/* Not the lab. */
bool session_has_targets(const struct session *session);

/* NULL: the lane is the lab's, or nobody's. */
const struct target *session_target(const struct session *session, unsigned number);

/* Lanes of clients are behind those of the models, and are only used where the job has clients. */
bool session_has_clients(const struct session *session);

static inline bool is_clients(unsigned number)
{
	return number > N_MODELS;
}

static inline unsigned clients_of(unsigned number)
{
	return number + N_MODELS;
}

static inline bool session_is_live(const struct session *session)
{
	return !strcmp(session->options->verb, "live");
}

/* What is asked of a model, and of its clients, whose server listens by now. */
void session_make_spec(const struct session *session, unsigned model, bool is_trial,
		       struct lab_spec *spec);
void session_make_clients_spec(const struct session *session, unsigned model, bool is_trial,
			       struct lab_spec *spec);

/* Lay out the acts of session->run; none has begun. */
void session_plan(struct session *session);

void session_label(const struct session *session, unsigned number, enum lane_phase phase,
		   struct lane_label *label);

/* Does a lane take part in the act that runs; in the run at all, now or later? */
bool session_in_act(const struct session *session, unsigned number);
bool session_is_used(const struct session *session, unsigned number);

/* The keeper is gone: end commands that run still. May take 1.5 s. session_orphans.c has it. */
void session_end_orphans(struct session *session);

/* Coroutine marks of programs: see include/swtch_marks.h. session_marks.c has them. */

/* Are they asked for at all? */
bool session_reads_marks(const struct session *session);

/* When to look again for programs that make some; UINT64_MAX: there is nowhere to look. */
uint64_t session_marks_deadline(const struct session *session);

/* Look, if it is time, and tell those that are known that they are watched still. */
void session_find_marks(struct session *session, uint64_t now_ns);

#endif
