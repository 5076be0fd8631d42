/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes.h - the rows of figures below the CPUs: one table, which the view draws and the help
 * explains; and the line below them. One thread.
 */
#ifndef SWTCH_LANES_H
#define SWTCH_LANES_H

#include "view/figures.h"
#include "view/grid.h"
#include "view/number.h"

#define SHOWN_BYTES 56

/* What a row says about one lane: one figure, two, or words. */
struct shown {
	char head[SHOWN_BYTES]; /* instead of the row's, the same of each lane that has one */
	char first[NUMBER_SIZE], second[NUMBER_SIZE];
	char words[SHOWN_BYTES]; /* instead of the two */
	bool alarm;
	double size; /* for a bar beside it, one scale for all lanes; 0: none */
};

enum section { PER_UNIT, IN_TOTAL, N_SECTIONS };

struct lane_row {
	const char *head; /* 13 columns at most */
	enum section section;
	unsigned rank; /* 0 stays longest when rows are few */
	bool optional; /* only some jobs have it: no row where no lane shows anything */
	void (*show)(struct shown *shown, const struct lane_figures *lane);
	const char *says; /* for the help */
};

extern const struct lane_row lane_rows[]; /* ends with head NULL */

/*
 * What watching costs, whether anything was lost, and what there is to say of how a lane ended; in
 * the place of it all, why one has failed.
 */
void lanes_draw_cost(struct grid *grid, unsigned row, const struct figures *figures);

#endif
