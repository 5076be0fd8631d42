/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lane.h - what runs in one lane, from its start to its end: a lab run or the user's command.
 *
 * Used by session.c alone. A lane goes through its stages in order; lane_step() moves it on.
 */
#ifndef SWTCH_LANE_H
#define SWTCH_LANE_H

#include "cmd/session.h"
#include "keeper/keeper.h"
#include "lab/job.h"

enum lane_stage {
	STAGE_EMPTY,
	STAGE_STARTING, /* the runner sets itself up */
	STAGE_READY,	/* it waits to be let go */
	STAGE_WORKING,
	STAGE_STOPPING, /* it was asked to end */
	STAGE_ENDED,
};

struct lane {
	uint32_t number;
	pid_t pid;
	enum lane_stage stage;
	const struct job *job; /* NULL: a command, or what runs already */
	bool is_watched;       /* runs already, and goes on when we end */
	uint32_t target;       /* its number in the options, unless it is the lab's */
	struct lab_area *area; /* likewise */
	int area_fd;
	struct lab_spec spec; /* as it was asked for: what stands in the area is the runner's */
	uint64_t time_ns;     /* how long it shall work; 0: until it ends by itself */
	uint64_t started_ns, asked_ns; /* when it was started, let go, asked to stop */
	uint64_t worked_from_ns, worked_to_ns;
	uint64_t next_memory_ns;    /* when to read it next */
	uint64_t next_watch_ns;	    /* when to see who came and who is left */
	enum target_kind kind;	    /* of what is watched */
	bool awaits_all;	    /* its tasks linger, and not all of them are there yet */
	uint64_t n_alive_seen;	    /* tasks, when its memory was looked at last */
	int status;		    /* as wait(2) has it, once STAGE_ENDED */
	bool failed, was_killed;    /* the second: `note` tells of a signal */
	char note[LAB_ERROR_BYTES]; /* why, or what else there is to say of the end, or "" */
};

/*
 * Start a lab run with `spec`, or the command: see keeper_start_command(). 0, or -errno with `error` set and
 * the lane ended.
 */
int lane_start_lab(struct lane *lane, struct keeper *keeper, struct source *source,
		   const struct lab_spec *spec, uint64_t rate_hz, struct error *error);
int lane_start_command(struct lane *lane, struct keeper *keeper, struct source *source,
		       uint32_t target, bool quiet, int terminal_fd, struct error *error);

/* Watch what runs already. Processes end, for us, when nothing of them is left. Likewise. */
int lane_watch(struct lane *lane, struct keeper *keeper, struct source *source, uint32_t target,
	       enum target_kind kind, struct error *error);

/* Look how far it is: STARTING -> READY, and out of time -> STOPPING; reads memory now and then. */
void lane_step(struct lane *lane, struct keeper *keeper, struct source *source, uint64_t now_ns);

/* Units a second from now on. */
void lane_set_rate(struct lane *lane, uint64_t rate_hz);

/* READY -> WORKING. */
void lane_go(struct lane *lane, uint64_t now_ns);

/* WORKING -> STOPPING: end after the unit that is being done, or be killed in a while. */
void lane_ask(struct lane *lane, uint64_t now_ns);

/* What it did is not whole: the reason, unless there is one already. */
void lane_fail(struct lane *lane, const char *why);

/* It ended; `status` as wait(2) has it. */
void lane_ended(struct lane *lane, int status, uint64_t now_ns);

/* When lane_step() has something to do next, in ns of CLOCK_MONOTONIC; UINT64_MAX: never. */
uint64_t lane_deadline(const struct lane *lane);

/* End it, whatever it does. Its area stays readable until the next start or lane_fini(). */
void lane_stop(struct lane *lane, struct keeper *keeper);
void lane_fini(struct lane *lane, struct source *source);

static inline bool lane_is_alive(const struct lane *lane)
{
	return lane->stage != STAGE_EMPTY && lane->stage != STAGE_ENDED;
}

#endif
