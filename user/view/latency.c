// SPDX-License-Identifier: GPL-2.0-only
/* latency.c - for each lane how long its tasks run, wait and are away, and for what; and who wakes whom. */
#include "view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "state/spans.h"
#include "view/latency_lists.h"
#include "view/number.h"

#define LABEL_WIDTH    17 /* or a little more */
#define LABEL_MORE     4
#define WIDE	       100
#define LANE_WIDTH_MIN 21 /* share, p50, p99, and a gap */
#define LANE_WIDTH_MAX 60
#define OCTAVE_FIRST   7  /* 128 ns, where there is room */
#define N_OCTAVES      26 /* up to 8 s */
#define N_TALL_MAX     6  /* rows of a histogram */
#define N_PAIRS_LEAST  3

static const struct ink dim = { ROLE_DIM, 0 }, plain = { ROLE_TEXT, 0 };

/* Where things go, on a grid of this size. */
struct plan {
	unsigned lanes[N_LANES_MAX], n_lanes; /* that are seen, */
	unsigned n_apart;		      /* and how many are not */
	unsigned label_width, lane_width;
	enum span_kind kinds[N_SPAN_KINDS];	 /* of which there is any */
	unsigned n_kinds, first_kind, last_kind; /* of those, the first that is seen, or may be */
	unsigned n_tall;			 /* rows of each histogram */
	unsigned n_blamed,
		n_pairs; /* rows for who blocks its thread, and who wakes whom; 0: none */
	unsigned top, end;
};

/* --- what there is room for ----------------------------------------------------------------------- */

static void plan_lanes(struct plan *plan, const struct state *state,
		       const struct settings *settings, unsigned width)
{
	unsigned all[N_LANES_MAX], n = 0, most, first;

	for (unsigned lane = 1; lane < state->n_lanes && lane < settings->spans->n_lanes; lane++)
		if (state->lanes[lane].label.phase != LANE_UNUSED)
			all[n++] = lane;
	plan->label_width = LABEL_WIDTH + (width >= WIDE ? LABEL_MORE : 0);
	width = width > plan->label_width ? width - plan->label_width : 1;
	most = width > LANE_WIDTH_MIN ? width / LANE_WIDTH_MIN : 1;
	plan->n_lanes = n < most ? n : most;
	plan->n_apart = n - plan->n_lanes;
	first = settings->first_lane < plan->n_apart ? settings->first_lane : plan->n_apart;
	memcpy(plan->lanes, all + first, plan->n_lanes * sizeof(*all));
	plan->lane_width = width / (plan->n_lanes > 0 ? plan->n_lanes : 1);
	if (plan->lane_width > LANE_WIDTH_MAX)
		plan->lane_width = LANE_WIDTH_MAX;
}

static void plan_kinds(struct plan *plan, const struct settings *settings)
{
	for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++) {
		uint64_t n = 0;

		for (unsigned i = 0; i < plan->n_lanes; i++)
			n += spans_sum(settings->spans, plan->lanes[i], kind)->n;
		if (n)
			plan->kinds[plan->n_kinds++] = kind;
	}
}

/* Histograms first, then who wakes whom, then higher histograms. */
static void plan_rows(struct plan *plan, const struct settings *settings, unsigned n_rows)
{
	unsigned n_kinds = plan->n_kinds, rest;

	if (n_rows < 2 * n_kinds) { /* figures alone, and perhaps not all at once */
		plan->last_kind = n_kinds > n_rows ? n_kinds - n_rows : 0;
		plan->first_kind =
			settings->top_kind < plan->last_kind ? settings->top_kind : plan->last_kind;
		return;
	}
	plan->n_tall = 1;
	rest = n_rows - 2 * n_kinds;
	plan->n_blamed = latency_n_blamed(settings);
	if (plan->n_blamed >= rest)
		plan->n_blamed = rest > 1 ? rest - 1 : 0;
	rest -= plan->n_blamed + (plan->n_blamed > 0);
	if (rest > N_PAIRS_LEAST) {
		plan->n_pairs = rest - 1 < LATENCY_N_PAIRS ? rest - 1 : LATENCY_N_PAIRS;
		rest -= plan->n_pairs + 1;
	}
	while (n_kinds && plan->n_tall < N_TALL_MAX && rest >= n_kinds) {
		plan->n_tall++;
		rest -= n_kinds;
	}
}

/* On the screen as it was drawn last. */
static struct plan plan_of(const struct state *state, const struct settings *settings)
{
	struct plan plan = { .top = FRAME_TOP + 3,
			     .end = settings->n_rows ? settings->n_rows - 1 : 0 };

	plan.end -= settings->outcome && plan.end > plan.top;
	plan_lanes(&plan, state, settings, settings->n_columns);
	plan_kinds(&plan, settings);
	plan_rows(&plan, settings, plan.end > plan.top ? plan.end - plan.top : 0);
	return plan;
}

static unsigned lane_column(const struct plan *plan, unsigned i)
{
	return plan->label_width + 1 + i * plan->lane_width; /* a gap before each */
}

/* --- a histogram ---------------------------------------------------------------------------------- */

/* The octaves that are seen, and how many columns each has. */
struct scale {
	unsigned first, n, width;
};

static struct scale scale_of(const struct plan *plan)
{
	unsigned width = plan->lane_width - 1;
	struct scale scale = { .width = width >= 2 * N_OCTAVES ? 2 : 1 };

	scale.n = width / scale.width < N_OCTAVES ? width / scale.width : N_OCTAVES;
	scale.first = OCTAVE_FIRST + (N_OCTAVES - scale.n) / 2;
	return scale;
}

/* What lies beyond the scale counts at its ends. */
static uint64_t octave_n(const struct span_sum *sum, const struct scale *scale, unsigned i)
{
	uint64_t n = 0;

	if (!i)
		for (unsigned octave = 0; octave < scale->first; octave++)
			n += sum->log2[octave];
	for (unsigned octave = scale->first + i; octave < N_WAIT_BUCKETS; octave++) {
		n += sum->log2[octave];
		if (i + 1 < scale->n)
			break;
	}
	return n;
}

static void draw_axis(struct grid *grid, const struct plan *plan)
{
	static const struct {
		unsigned octave;
		const char *says;
	} ticks[] = { { 10, "1us" }, { 20, "1ms" }, { 30, "1s" } };
	struct scale scale = scale_of(plan);

	for (unsigned i = 0; i < plan->n_lanes; i++)
		for (unsigned j = 0; j < sizeof(ticks) / sizeof(ticks[0]); j++) {
			unsigned at = (ticks[j].octave - scale.first) * scale.width;

			if (ticks[j].octave >= scale.first &&
			    ticks[j].octave < scale.first + scale.n)
				grid_text(grid, plan->top - 1, lane_column(plan, i) + at,
					  plan->lane_width - 1 - at, dim, ticks[j].says);
		}
}

static void draw_histogram(struct grid *grid, unsigned row, unsigned column,
			   const struct plan *plan, const struct span_sum *sum, enum role role)
{
	struct scale scale = scale_of(plan);
	double most = 0;

	for (unsigned i = 0; i < scale.n; i++)
		most = fmax(most, (double)octave_n(sum, &scale, i));
	for (unsigned i = 0; i < scale.n; i++) {
		double share = most > 0 ? (double)octave_n(sum, &scale, i) / most : 0;

		if (share > 0 && share < 1.0 / (8 * plan->n_tall))
			share = 1.0 / (8 * plan->n_tall); /* seldom is not never */
		for (unsigned j = 0; j < scale.width; j++)
			grid_column(grid, row + plan->n_tall - 1, column + i * scale.width + j,
				    plan->n_tall, (struct ink){ role, 0 }, share);
	}
}

/* --- figures -------------------------------------------------------------------------------------- */

/* What a lane's columns are, the first first; the others where there is room. */
enum figure_kind { SHARE, P50, P99, MOST, RATE, N_FIGURES };

static const struct {
	const char *head;
	unsigned width;
} heads[N_FIGURES] = { [SHARE] = { "time", 4 },
		       [P50] = { "p50", 8 },
		       [P99] = { "p99", 8 },
		       [MOST] = { "longest", 9 },
		       [RATE] = { "a second", 9 } };

static void figure_text(char *text, enum figure_kind figure, const struct spans *spans,
			unsigned lane, const struct span_sum *sum)
{
	uint64_t total_ns = spans_total_ns(spans, lane), length_ns;
	uint64_t ns = COUNT_UNKNOWN;

	length_ns = spans->until_ns - spans->since_ns;
	if (figure == SHARE) {
		number_percent(text, total_ns ? (double)sum->total_ns / (double)total_ns : NAN);
	} else if (figure == RATE) {
		number_rate(text, length_ns ? (double)sum->n * NS_PER_S / (double)length_ns : NAN);
	} else {
		ns = figure == MOST ? sum->max_ns
				    : waits_percentile(sum->log2, sum->max_ns,
						       figure == P50 ? 0.50 : 0.99);
		number_time(text, ns == COUNT_UNKNOWN ? NAN : (double)ns);
	}
}

static void draw_heads(struct grid *grid, const struct plan *plan, const struct state *state)
{
	for (unsigned i = 0; i < plan->n_lanes; i++) {
		unsigned column = lane_column(plan, i), at = column, lane = plan->lanes[i];
		unsigned width = plan->lane_width - 1, used = 0;

		for (unsigned j = 0; j < N_FIGURES && used + heads[j].width <= width; j++) {
			grid_right(grid, plan->top - 2, at, heads[j].width, dim, heads[j].head);
			at += heads[j].width;
			used += heads[j].width;
		}
		grid_text(grid, plan->top - 3, column, width,
			  (struct ink){ lane_role(state, lane), BOLD },
			  state->lanes[lane].label.name);
	}
}

static void draw_figures(struct grid *grid, unsigned row, unsigned column, const struct plan *plan,
			 const struct spans *spans, unsigned lane, const struct span_sum *sum)
{
	unsigned width = plan->lane_width - 1, used = 0;
	char text[NUMBER_SIZE];

	for (unsigned j = 0; j < N_FIGURES && used + heads[j].width <= width; j++) {
		if (sum->n)
			figure_text(text, j, spans, lane, sum);
		grid_right(grid, row, column + used, heads[j].width, sum->n ? plain : dim,
			   sum->n ? text : "-");
		used += heads[j].width;
	}
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void draw_rule(struct grid *grid, const struct plan *plan, const struct settings *settings)
{
	const struct spans *spans = settings->spans;
	char number[NUMBER_SIZE];
	unsigned width = grid->n_columns;

	if (spans->n_unknown)
		grid_print(grid, plan->top - 3, 1, LABEL_WIDTH - 1, (struct ink){ ROLE_ALARM, 0 },
			   "%s missing", number_count(number, spans->n_unknown));
	else if (plan->n_apart)
		grid_print(grid, plan->top - 3, 1, LABEL_WIDTH - 1, dim, "%u lanes more",
			   plan->n_apart);
	if (plan->n_kinds)
		grid_text(grid, plan->top - 2, 1, width - 1, dim, "one lasts");
}

static void draw_empty(struct grid *grid, unsigned row)
{
	grid_text(grid, row, 1, grid->n_columns - 1, dim,
		  "No task of a lane has come to a CPU or left one so far.");
	grid_text(grid, row + 1, 1, grid->n_columns - 1, dim,
		  "This is made from events, from when they are read on: stay here for a moment.");
}

void latency_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	struct plan plan;
	unsigned row;

	if (!settings->spans || grid->n_columns <= LABEL_WIDTH + 2)
		return;
	plan = plan_of(state, settings);
	if (plan.end <= plan.top)
		return;
	if (!plan.n_kinds) {
		draw_empty(grid, plan.top);
		return;
	}
	draw_rule(grid, &plan, settings);
	draw_heads(grid, &plan, state);
	if (plan.n_tall)
		draw_axis(grid, &plan);
	row = plan.top;
	for (unsigned k = plan.first_kind; k < plan.n_kinds && row < plan.end; k++) {
		grid_text(grid, row, 1, LABEL_WIDTH - 1, plain, span_says(plan.kinds[k]));
		for (unsigned i = 0; i < plan.n_lanes; i++) {
			unsigned lane = plan.lanes[i], column = lane_column(&plan, i);
			const struct span_sum *sum =
				spans_sum(settings->spans, lane, plan.kinds[k]);

			draw_figures(grid, row, column, &plan, settings->spans, lane, sum);
			if (plan.n_tall)
				draw_histogram(grid, row + 1, column, &plan, sum,
					       lane_role(state, lane));
		}
		row += 1 + plan.n_tall;
	}
	row += latency_draw_blamed(grid, row, plan.n_blamed, state, settings);
	latency_draw_pairs(grid, row, plan.n_pairs, state, settings);
}

bool latency_key(const struct state *state, struct settings *settings, enum command command)
{
	struct plan plan;

	if (!settings->spans)
		return false;
	plan = plan_of(state, settings);
	switch (command) {
	case DO_LEFT:
		settings->first_lane -= settings->first_lane > 0;
		return true;
	case DO_RIGHT:
		settings->first_lane += settings->first_lane < plan.n_apart;
		return true;
	default:
		return scroll_key(&settings->top_kind, plan.last_kind, 4, command);
	}
}
