// SPDX-License-Identifier: GPL-2.0-only
/* lanes_cost.c - the line below the figures: why a lane failed, or what watching costs. */
#include "view/lanes.h"

#include <math.h>
#include <stdio.h>

#define NOTE_MIN 48 /* columns for what there is to say of a lane's end */
#define LOST_MAX 18 /* columns that losses take: "1.23M events lost" */

static const struct ink dim = { ROLE_DIM, 0 }, bold = { ROLE_TEXT, BOLD };

/* A lane that ended with more to say than that. NULL: none. */
static const struct lane_label *label_with_note(const struct figures *figures)
{
	for (unsigned lane = 1; lane < figures->n_lanes; lane++) {
		const struct lane_label *label = &figures->lanes[lane].label;

		if (label->phase == LANE_ENDED && label->note[0])
			return label;
	}
	return NULL;
}

/* What it has to say, behind the costs, where there is room. */
static void draw_note(struct grid *grid, unsigned row, unsigned at, const struct lane_label *label)
{
	unsigned width = grid->n_columns;

	if (!label || at + NOTE_MIN > width)
		return;
	at += grid_print(grid, row, at, width - at, dim, "  %s: ", label->name);
	grid_print(grid, row, at, width - at, dim, "%.*s",
		   (int)text_clause(label->note, width - at), label->note);
}

/* A figure of what watching costs now, and what stands behind it; NULL: not where there is no room. */
struct cost {
	double value;
	char *(*number)(char *out, double value);
	const char *wide, *narrow;
};

static char *number_whole_bytes(char *out, double value)
{
	return number_bytes(out, self_whole(value));
}

/* Those that are known, one behind the other; "" when none is. Returns how long that is. */
static size_t put_costs(const struct self_figures *now, bool wide, char *text, size_t size)
{
	const struct cost costs[] = {
		{ now->hook_ns, number_time, " a switch", "/switch" },
		{ now->cpu_share, number_percent, " of a CPU", " CPU" },
		{ now->event_ns, number_time, " an event", "/event" },
		{ now->read_hz > 0 ? now->read_hz : NAN, number_whole_bytes, "/s read", NULL },
		{ now->switch_hz, number_rate, " switches/s of its own", "/s own" },
	};
	const char *before = wide ? "watching costs " : "costs ";
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		const char *behind = wide ? costs[i].wide : costs[i].narrow;
		char number[NUMBER_SIZE];

		if (isnan(costs[i].value) || !behind || n >= size)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s%s", before,
				      costs[i].number(number, costs[i].value), behind);
		before = ", ";
	}
	if (n && n < size)
		n += (size_t)snprintf(text + n, size - n, "; ");
	return n;
}

void lanes_draw_cost(struct grid *grid, unsigned row, const struct figures *figures)
{
	const struct lane_label *noted = label_with_note(figures);
	unsigned at = 1, width = grid->n_columns, others = LOST_MAX + (noted ? NOTE_MIN : 0);
	char costs[256], lost[NUMBER_SIZE];

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
	if (put_costs(&figures->self_now, true, costs, sizeof(costs)) + at + others > width)
		put_costs(&figures->self_now, false, costs, sizeof(costs));
	at += grid_text(grid, row, at, width - at, dim, costs);
	if (at >= width)
		return;
	if (figures->n_lost)
		at += grid_print(grid, row, at, width - at, (struct ink){ ROLE_ALARM, BOLD },
				 "%s events lost", number_count(lost, figures->n_lost));
	else
		at += grid_text(grid, row, at, width - at, dim, "nothing lost");
	draw_note(grid, row, at, noted);
}
