// SPDX-License-Identifier: GPL-2.0-only
/* lanes_cost.c - the line below the figures: why a lane failed, or what watching costs. */
#include "view/lanes.h"

#define NOTE_MIN 48 /* columns for what there is to say of a lane's end */

static const struct ink dim = { ROLE_DIM, 0 }, bold = { ROLE_TEXT, BOLD };

/* How a lane ended that has more to say than that: behind the costs, where there is room. */
static void draw_note(struct grid *grid, unsigned row, unsigned at, const struct figures *figures)
{
	unsigned width = grid->n_columns;

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_label *label = &figures->lanes[lane].label;

		if (label->phase != LANE_ENDED || !label->note[0] || at + NOTE_MIN > width)
			continue;
		at += grid_print(grid, row, at, width - at, dim, "  %s: ", label->name);
		grid_print(grid, row, at, width - at, dim, "%.*s",
			   (int)text_clause(label->note, width - at), label->note);
		return;
	}
}

void lanes_draw_cost(struct grid *grid, unsigned row, const struct figures *figures)
{
	char cost[NUMBER_SIZE] = "-", share[NUMBER_SIZE], lost[NUMBER_SIZE];
	const struct self_cost *self = &figures->self;
	unsigned at = 1, width = grid->n_columns;

	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_label *label = &figures->lanes[lane].label;

		if (label->phase == LANE_FAILED) {
			at += grid_print(grid, row, 1, width - 1, bold, "%s failed: ", label->name);
			if (at < width)
				grid_print(grid, row, at, width - at, bold, "%.*s",
					   (int)text_clause(label->note, width - at), label->note);
			return;
		}
	}
	if (self->hook_n)
		number_time(cost, (double)self->hook_ns / (double)self->hook_n);
	number_percent(share, figures->self_cpu_share);
	at += grid_print(grid, row, at, width - at, dim,
			 "watching costs %s a switch, %s of a CPU; ", cost, share);
	if (at >= width)
		return;
	if (figures->n_lost)
		at += grid_print(grid, row, at, width - at, (struct ink){ ROLE_ALARM, BOLD },
				 "%s events lost", number_count(lost, figures->n_lost));
	else
		at += grid_text(grid, row, at, width - at, dim, "nothing lost");
	draw_note(grid, row, at, figures);
}
