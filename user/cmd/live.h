/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live.h - the parts of the verbs `live` and `replay`: what is watched (live_scene.c), or played from a
 * recording (live_tape.c), the claims and how they are judged (live_claims.c), how events get into a
 * file (live_write.c, live_record.c), single tasks (live_tasks.c), where time goes (live_latency.c), what a
 * command writes (live_output.c), the screen (live.c), and what its keys do to what runs (live_act.c) or is
 * played (live_play.c). Used by these alone; one thread.
 */
#ifndef SWTCH_CMD_LIVE_H
#define SWTCH_CMD_LIVE_H

#include "cmd/chunk_file.h"
#include "cmd/claims_run.h"
#include "cmd/deck.h"
#include "cmd/latency.h"
#include "cmd/recorder.h"
#include "cmd/session.h"
#include "cmd/tape_search.h"
#include "cmd/tape_window.h"
#include "state/coroutines.h"
#include "state/history.h"
#include "state/ledger.h"
#include "state/overview.h"
#include "state/tasks.h"
#include "tui/terminal.h"
#include "view/view.h"

#define SCENE_N_EVENTS	     (1u << 18) /* of history, 8 MiB */
#define SCENE_OVERVIEW_BYTES (8u << 20)
#define EVENTS_LAG_NS	     (200 * NS_PER_MS) /* of the last moments they are on their way yet */

/* A session, a machine that is made up, or a recording; and what is known of it. */
struct scene {
	const struct options *options;
	struct session *session; /* NULL: made up, or a recording */
	struct source *source;	 /* the session's, or ours; NULL: a recording */
	struct tape *tape;	 /* the recording; NULL: none */
	struct deck *deck;	 /* which plays it */
	struct run_facts facts;	 /* of the recording, where it is; else as the recorder was told */
	struct recorder *recorder; /* takes in what happens; NULL: nobody does */
	struct state *state;
	struct history *history;
	struct overview *overview; /* of all events since the start; NULL: a recording */
	struct ledger *ledger;	   /* of a recording's tasks; NULL: their source tells of them */
	struct latency latency;	   /* of the same events, since it was looked at first */
	bool has_latency;	   /* in this run it was */
	struct counts counts;
	struct task_table task_table; /* as read last, */
	struct task_states
		*task_states; /* and what is known of it; NULL: single tasks are not told */
	struct coroutines *coroutines; /* likewise */
	bool wants_tasks;	       /* they are on the screen; set by who draws it */
	uint64_t tasks_ns;	       /* when they were read last; 0: not since the run began */
	struct run run;
	struct claims_run *claims; /* NULL: there is no lab */
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

/*
 * The same for a recording, which the scene then owns, also after an error. It is at its start, and
 * paused.
 */
int scene_open_tape(struct scene *scene, const struct options *options, struct tape *tape,
		    struct error *error);

/* Play on: scene_step() of a recording. */
int scene_step_tape(struct scene *scene, uint64_t now_ns);

/* Take in one event, or counts that scene->counts has. */
void scene_take_event(const struct event *event, void *ctx);
void scene_take_counts(struct scene *scene);

/* From now on `recorder` takes in what happens, and first what the history holds. */
void scene_record(struct scene *scene, struct recorder *recorder);

/* No longer: it is told how the run stands, and hands over what it has. */
void scene_record_end(struct scene *scene);

/* Start scene->run, or start it anew. 0, or -errno with `error` set. */
int scene_start(struct scene *scene, struct error *error);

/* Take in what happened. Returns how many events there were, or -errno. Never waits. */
int scene_step(struct scene *scene, uint64_t now_ns);

/*
 * An event of a recording, for its ledger; tasks that somebody looks at are measured as time goes on in it,
 * so that a jump, which plays what was before, knows rates.
 */
void scene_take_tape_event(struct scene *scene, const struct event *event);

/* Read each task if somebody wants them, and it is time. 0 or -errno. */
int scene_step_tasks(struct scene *scene, uint64_t now_ns);

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

/* --- the screen ----------------------------------------------------------------------------------- */

#define N_JOBS_SHOWN 32

struct live_output;

#define KEPT_BYTES 2048

struct live {
	struct scene scene;
	struct live_output *output; /* of a command; NULL: there is none */
	struct terminal *terminal;  /* NULL: nobody sees the grid */
	struct grid grid;
	struct settings settings;
	struct figures figures;
	char watched[128]; /* which targets, in the words of the command line */
	char shows[256];   /* and how they stand */
	char judged[160];  /* how judging came out */
	struct event_list *events;
	struct job_line jobs[N_JOBS_SHOWN];
	/* While paused: what is seen, apart from what is. */
	struct state *frozen_state;
	struct history *frozen_history;
	struct overview *frozen_overview;
	struct latency frozen_latency;	      /* no spans: it is not frozen */
	struct task_states *frozen_tasks;     /* NULL: none are known */
	struct coroutines *frozen_coroutines; /* likewise */
	uint64_t looked_ns;		      /* when the chosen task was looked at last */
	struct claim_board frozen_board;
	/* What is recorded, and where: live_record.c. */
	struct recorder *recorder;
	struct chunk_file file;
	char file_name[64];
	struct rec_line rec; /* how it stands, or how it ended */
	bool rec_ends;	     /* the disk has not taken all of it yet */
	int rec_err;	     /* why it ended early; 0 */
	/* A recording that is played, and a text that is looked for in it: live_play.c. */
	struct tape_line tape;
	bool has_told_end;
	struct tape_search *search;
	struct tape_window *window; /* what of it the timeline shows; NULL: nothing was looked at */
	uint64_t message_until_ns;
	uint64_t judge_until_ns;   /* until then J drops the verdicts that stand */
	uint64_t restart_until_ns; /* and R ends a command that runs */
	uint64_t next_frame_ns;
	char kept[KEPT_BYTES]; /* what is said once more behind the screen: lines */
	bool quit;
};

/* One line below, for a while. */
void live_say(struct live *live, const char *message);

/* And on stderr, when the screen is gone: of files that were written. What is too much is only said. */
void live_say_for_good(struct live *live, const char *message);

/* What is seen: as it is, or as it was when the picture was paused. */
const struct state *live_state(const struct live *live);
const struct history *live_history(const struct live *live);

/* The claims as they stand; NULL where none can be judged. */
const struct claim_board *live_board(const struct live *live);

void live_freeze(struct live *live);
void live_thaw(struct live *live);

/*
 * All but the terminal: of live, or of replay if there is a tape, which is then owned. 0, or -errno
 * with `error` set; live_close() in either case. `now_ns` is the clock of what follows.
 */
int live_open(struct live *live, const struct options *options, struct tape *tape, uint64_t now_ns,
	      struct error *error);
void live_close(struct live *live);

/* Bring what the view is drawn from up to date: its events, its rows. 0 or -errno. */
int live_look_closer(struct live *live);

/* Somebody looks at where time goes: from the events in the history on, in this run. live_latency.c. */
void scene_look_at_latency(struct scene *scene);
void scene_take_latency(struct scene *scene, const struct event *event);
void scene_forget_latency(struct scene *scene);

/* Give the view of latencies what it shows. */
void live_latency_show(struct live *live);
int live_latency_freeze(struct live *live);
void live_latency_thaw(struct live *live);

/* Give the view of tasks what it shows: live_tasks.c. */
int live_tasks_open(struct live *live);
void live_tasks_close(struct live *live);
int live_tasks_update(struct live *live, uint64_t now_ns);
int live_tasks_freeze(struct live *live);
void live_tasks_thaw(struct live *live);

/* Draw what is there on the grid, as large as it is. 0 or -errno. */
int live_draw(struct live *live, uint64_t now_ns);

/* Show it until somebody leaves; the exit status. After live_open(). */
int live_run(struct live *live, struct error *error);

/* What runs, in words. */
void live_describe(struct live *live);

/* Start scene.run, or start it anew, and say what is wrong. */
void live_start(struct live *live);

/* How judging came out. */
const char *live_judged(struct live *live);

/* What a key leads to, for what runs; or for a recording that is played. */
void live_act(struct live *live, enum command command);
void live_play_act(struct live *live, enum command command);

/*
 * What the timeline is drawn from where a recording is played: any part of it, once it is scrolled.
 * 0 or -errno.
 */
int live_play_show_time(struct live *live);

/* Read on for the timeline's overview, a little. True while there is more to read. */
bool live_play_survey(struct live *live);

/* A recording is played: where it is, and how much of it is missing; in words. */
void live_play_describe(struct live *live);

/* Look on for the text that is searched for, a little, if there is one. */
void live_play_search(struct live *live);

/* Begin to record into a new file of the current directory, or end that; and how it stands. */
void live_record_turn(struct live *live);
void live_record_describe(struct live *live);

/* The screen is gone: end a recording, and say on stderr where it is. */
void live_record_end(struct live *live);

/*
 * The terminal of a command: what it writes is read by a thread of its own. NULL with ENOMEM; open: a
 * new pair, whose other end is returned, the caller's to close, or -errno.
 */
struct live_output *live_output_new(void);
void live_output_free(struct live_output *output);
int live_output_open(struct live_output *output);
void live_output_resize(const struct live_output *output, unsigned n_rows, unsigned n_columns);
struct pane *live_output_pane(const struct live_output *output);

/* A new file's name in the current directory: after the time, with the ending. */
void live_file_name(char *name, size_t size, const char *ending);

/*
 * Write the history as `log -f text` prints it into a new file of the current directory, named
 * after the time; `message` (of `size` bytes) says where, or why not: nothing happened, or nothing
 * is read. 0 or -errno.
 */
int live_write(const struct history *history, const struct state *state, uint64_t start_ns,
	       bool is_read, char *message, size_t size);

#endif
