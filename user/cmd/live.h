/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live.h - the parts of the verb `live`: what is watched (live_scene.c), the claims and how they are
 * judged (live_claims.c), how events get into a file (live_write.c), the screen and its keys
 * (live.c). Used by these alone; one thread.
 */
#ifndef SWTCH_CMD_LIVE_H
#define SWTCH_CMD_LIVE_H

#include "cmd/claims_run.h"
#include "cmd/session.h"
#include "state/history.h"
#include "state/overview.h"

/* A session, or a machine that is made up; and what is known of it. */
struct scene {
	const struct options *options;
	struct session *session; /* NULL: made up */
	struct source *source;	 /* the session's, or ours */
	struct state *state;
	struct history *history;
	struct overview *overview; /* of all events since the start */
	struct counts counts;
	struct run run;
	struct claims_run *claims; /* NULL: made up */
	bool judging;		   /* the claims run, not `run` */
	bool judged;		   /* they were what ran last, or are */
	unsigned synth_cpus;
	uint64_t synth_seed;
	bool wants_events; /* they are on the screen, whatever their rate; set by who draws it */
	bool listens;	   /* events are recorded and read */
	uint64_t deaf_ns;  /* since when they are not, and no event tells yet; 0: they are */
	bool running;
	uint64_t start_ns;   /* of the run, on the events' clock */
	uint64_t now_ns;     /* when scene_step() was last called */
	uint64_t started_ns; /* of the run, on the same clock as now_ns */
	uint64_t ended_ns;
	uint64_t measured_ns;
	uint64_t n_lost_before; /* events, of the runs before this one */
	uint64_t bounded_hz;	/* the last rate that was not flat out; 0: none yet */
};

/*
 * 0, or -errno with `error` set; -ERANGE: --synthetic asks for what cannot be. scene_close takes a
 * zeroed scene.
 */
int scene_open(struct scene *scene, const struct options *options, struct error *error);
void scene_close(struct scene *scene);

/* Start scene->run, or start it anew. 0, or -errno with `error` set. */
int scene_start(struct scene *scene, struct error *error);

/* Take in what happened. Returns how many events there were, or -errno. Never waits. */
int scene_step(struct scene *scene, uint64_t now_ns);

/* Leave the run before behind: no event of it, and its losses are its own. 0 or -errno. */
int scene_clear(struct scene *scene);

/* Judge all claims, instead of the run: scene_step() goes on with it. 0, or -errno with `error` set. */
int scene_judge(struct scene *scene, struct error *error);

/* Go on with that, or stop it. */
bool scene_step_claims(struct scene *scene);
void scene_stop_claims(struct scene *scene);

/*
 * Make scene->run what a claim's first experiment runs, as live runs things. 0, or -errno with
 * `error` set; scene_start() is the caller's.
 */
int scene_choose_claim(struct scene *scene, unsigned claim, struct error *error);

/* What runs or ran last: scene->run, or an experiment while claims are judged. */
const struct run *scene_now(const struct scene *scene);

/* How many tasks each model has; 0 where that is not ours to say. */
unsigned scene_n_tasks(const struct scene *scene);

/* The rate in force: RATE_MAX flat out, RATE_UNSET none or not known yet. */
uint64_t scene_rate(const struct scene *scene);

/*
 * Write the history as `log -f text` prints it into a new file of the current directory, named
 * after the time; `message` (of `size` bytes) says where, or why not: nothing happened, or nothing
 * is read. 0 or -errno.
 */
int live_write(const struct history *history, const struct state *state, uint64_t start_ns,
	       bool is_read, char *message, size_t size);

#endif
