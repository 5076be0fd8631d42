/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tape_window.h - events of a stretch of a recording, wherever it is played; and an overview of all.
 *
 * Owned by who made it; one thread. The tape must outlive it.
 */
#ifndef SWTCH_TAPE_WINDOW_H
#define SWTCH_TAPE_WINDOW_H

#include "source/tape.h"
#include "state/history.h"
#include "state/overview.h"

#define WINDOW_N_EVENTS (1u << 18) /* more than that, and there are shares only */

struct tape_window;

/* NULL with ENOMEM. */
struct tape_window *tape_window_new(struct tape *tape);
void tape_window_free(struct tape_window *window);

/*
 * Have the events from from_ns to to_ns (and more around them), if they are not too many: then there
 * are none. `names` learns what tasks that it does not know are called. 0 or -errno.
 */
int tape_window_fill(struct tape_window *window, uint64_t from_ns, uint64_t to_ns,
		     struct names *names);
const struct history *tape_window_events(const struct tape_window *window);
uint64_t
tape_window_until_ns(const struct tape_window *window); /* all events up to here are there */

/* Read on for the overview, a little. True while there is more to read. */
bool tape_window_survey(struct tape_window *window);
const struct overview *tape_window_overview(const struct tape_window *window);
double tape_window_surveyed(const struct tape_window *window); /* share of the time, 0 to 1 */

#endif
