/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - gives the terminal back when the program that took it cannot: killed with 9, crashed, or ended
 * by a signal that nobody handles.
 *
 * A process that waits for the end of the one that made it, and does nothing else. Best effort: where no
 * process can be made there is none.
 */
#ifndef SWTCH_GUARD_H
#define SWTCH_GUARD_H

#include <stddef.h>
#include <termios.h>

struct guard {
	int fd; /* its end is ours; -1: there is no guard */
};

/*
 * Once the terminal on stdin and stdout is taken: if this process ends without guard_end(), `modes` are set
 * and the `n` bytes of `restore` are written there. Only signals may be asked to kill it: it blocks all.
 */
struct guard guard_start(const struct termios *modes, const char *restore, size_t n);

/* The terminal was given back. */
void guard_end(struct guard *guard);

#endif
