/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h - what stat, log and record have in common: open a session, run to the end, say how it went.
 */
#ifndef SWTCH_WATCH_H
#define SWTCH_WATCH_H

#include "base/clock.h"
#include "base/output.h"
#include "cmd/per_task.h"
#include "cmd/session.h"

#define PROGRESS_NS (200 * NS_PER_MS) /* between two lines of progress, of any verb */

struct watch {
	const struct options *options;
	struct session *session;
	struct state *state;
	struct counts counts;
	struct run run;
	uint64_t started_ns;
	uint64_t attached_ns;	  /* all lanes of the first act are, and -d begins */
	uint64_t asked_ns;	  /* a command to end, by Ctrl-C; 0: not yet */
	bool told_waiting;	  /* that it does not */
	bool tells_progress;	  /* set by a verb that writes nothing else before the end */
	struct per_task per_task; /* for whom the options ask for it */
};

/*
 * Open a session and make room for its state. 0, or -errno with `error` set; watch_close() in
 * either case.
 */
int watch_open(struct watch *watch, const struct options *options, struct error *error);
void watch_close(struct watch *watch);

/*
 * Start what the options ask for and drive it to its end, to -d, or to a signal; `each` (may be NULL) is called
 * every tick_ms or oftener and may end the run by returning false. The last counts are measured before it returns.
 * 0, or -errno with `error` set when nothing could be started.
 */
int watch_run(struct watch *watch, int tick_ms, bool (*each)(struct watch *watch, void *ctx),
	      void *ctx, struct error *error);

/* Progress belongs on stderr: a terminal, and nothing of the command or the lab is written there. */
bool watch_shows_progress(const struct options *options);

/* Read the counts of now into watch->counts, and take them into its state. 0 or -errno. */
int watch_measure(struct watch *watch);

/* The exit status that this run asks for; prints the reason of a failure. */
int watch_exit_status(const struct watch *watch);

/*
 * Where results go: `output`, but for a command without -o stderr, as its stdout is its own.
 */
FILE *watch_destination(const struct options *options, const struct output *output);

/* Print "swtch: <error>" to stderr; returns EXIT_FAILED. */
int watch_complain(const struct error *error);

#endif
