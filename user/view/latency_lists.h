/* SPDX-License-Identifier: GPL-2.0-only */
/* latency_lists.h - the lists below the histograms, for the view of latencies alone. */
#ifndef SWTCH_VIEW_LATENCY_LISTS_H
#define SWTCH_VIEW_LATENCY_LISTS_H

#include "view/view.h"

#define LATENCY_N_PAIRS	 10
#define LATENCY_N_BLAMED 5

/* How many coroutines there are to be named, at most LATENCY_N_BLAMED. */
unsigned latency_n_blamed(const struct settings *settings);

/* Each draws a rule and n lines, from `row` on; nothing for 0. Returns how many rows it took. */
unsigned latency_draw_blamed(struct grid *grid, unsigned row, unsigned n, const struct state *state,
			     const struct settings *settings);
unsigned latency_draw_pairs(struct grid *grid, unsigned row, unsigned n, const struct state *state,
			    const struct settings *settings);

#endif
