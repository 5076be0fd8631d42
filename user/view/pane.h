/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pane.h - what a command writes on its terminal, as lines of text: the last N_PANE_LINES of them.
 *
 * What only moves or colours (escape sequences) is left out; who rewrites a line after a carriage
 * return has rewritten it. Hostile input: it is stored as it came, and grid.h draws no control
 * character. Locked within, as one thread adds what another draws.
 */
#ifndef SWTCH_PANE_H
#define SWTCH_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N_PANE_LINES 4096
#define PANE_BYTES   256 /* of a line; a longer one goes on in the next */

struct pane;

/* NULL with ENOMEM. */
struct pane *pane_new(void);
void pane_free(struct pane *pane);

/* Take in what was written. */
void pane_add(struct pane *pane, const char *bytes, size_t n);

/* Forget all of it. */
void pane_clear(struct pane *pane);

/* How many lines there ever were, the one that is being written included; they are numbered from 0. */
uint64_t pane_n_lines(struct pane *pane);

/* Copy a line, terminated. False: it is not there, or no longer. */
bool pane_line(struct pane *pane, uint64_t number, char line[PANE_BYTES]);

#endif
