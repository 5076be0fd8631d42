// SPDX-License-Identifier: GPL-2.0-only
/*
 * lanes.c - the first screen: a column for each lane, a row for each CPU, figures below.
 *
 * Room goes first to the figures (the least of them give way so that four CPUs can be seen), then
 * to CPUs, then to the histogram of waits, then to the tail of the events.
 */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#include "view/lanes.h"
#include "view/number.h"

#define HEAD_COLUMNS   14
#define TAIL_COLUMNS   12 /* other and idle, with the wall before them */
#define COLUMN_MIN     13
#define FIGURE_COLUMNS 17 /* two figures of a lane */
#define BAR_MAX	       24
#define N_CPUS_WANTED  4
#define HISTOGRAM_ROWS 4
#define TAIL_ROWS_MIN  3
#define FIRST_BUCKET   8 /* 256 ns: waits below share its column */
#define GROUP_MAX      8 /* slots of time in one column of recent past: a power of two */

static const struct ink dim = { ROLE_DIM, 0 }, text = { ROLE_TEXT, 0 }, bold = { ROLE_TEXT, BOLD };

struct layout {
	unsigned n_lanes;	     /* that are shown */
	unsigned n_left_out;	     /* lanes that find no room */
	unsigned lanes[N_LANES_MAX]; /* their numbers */
	unsigned head, width;	  /* columns of the row heads, and of a lane inside of its walls */
	unsigned tail;		  /* where other and idle start; 0: no room */
	unsigned n_cpus, top_cpu; /* rows of CPUs, and the first of them */
	bool strip;		  /* above them a row with all CPUs side by side */
	bool has_unit;		  /* of work */
	unsigned options;     /* bit n: row n of figures is optional, and has something to show */
	unsigned n_ranks;     /* figures of a rank below this are shown */
	unsigned n_histogram; /* rows; 0: none */
	unsigned n_events;
};

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Where the i-th lane that is shown begins. */
static unsigned lane_column(const struct layout *layout, unsigned i)
{
	return layout->head + 1 + i * (layout->width + 1);
}

/* --- what goes where ---------------------------------------------------------------------------- */

/* A command has no units of work, and then nothing that one costs. */
static bool is_shown(const struct lane_row *row, const struct layout *layout)
{
	return row->rank < layout->n_ranks && (row->section != PER_UNIT || layout->has_unit) &&
	       (!row->optional || layout->options >> (row - lane_rows) & 1);
}

static bool shows_any(const struct lane_row *row, const struct layout *layout,
		      const struct figures *figures)
{
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		struct shown shown = { 0 };

		row->show(&shown, &figures->lanes[layout->lanes[i]]);
		if (shown.first[0] || shown.words[0])
			return true;
	}
	return false;
}

static void lay_options(struct layout *layout, const struct figures *figures)
{
	for (const struct lane_row *row = lane_rows; figures && row->head; row++)
		if (row->optional && shows_any(row, layout, figures))
			layout->options |= 1u << (row - lane_rows);
}

static unsigned n_rows_of(const struct layout *layout)
{
	bool section[N_SECTIONS] = { false };
	unsigned n = 0;

	for (const struct lane_row *row = lane_rows; row->head; row++) {
		if (!is_shown(row, layout))
			continue;
		n += 1 + !section[row->section];
		section[row->section] = true;
	}
	return n;
}

/* Lanes in use behind the first n: those that stand apart, or the others. How many there are now. */
static unsigned list_lanes(struct layout *layout, const struct state *state, unsigned n,
			   bool is_apart)
{
	for (unsigned lane = 1; lane < state->n_lanes && lane < N_LANES_MAX; lane++)
		if (state->lanes[lane].label.phase != LANE_UNUSED &&
		    state->lanes[lane].label.is_apart == is_apart)
			layout->lanes[n++] = lane;
	return n;
}

static void lay_columns(struct layout *layout, const struct state *state, unsigned n_columns)
{
	unsigned n_lanes, n_apart, room;

	layout->head = n_columns < 50 ? 8 : HEAD_COLUMNS;
	room = n_columns > layout->head ? n_columns - layout->head : 0;
	n_lanes = list_lanes(layout, state, 0, false);
	n_apart = list_lanes(layout, state, n_lanes, true) - n_lanes;
	/* Those apart only where all others keep what they had without them. */
	if (room > TAIL_COLUMNS + (COLUMN_MIN + 1) * (n_lanes + n_apart)) {
		n_lanes += n_apart;
		n_apart = 0;
	}
	layout->has_unit = n_lanes && *state->lanes[layout->lanes[0]].label.unit;
	if (room > TAIL_COLUMNS + (COLUMN_MIN + 1) * n_lanes)
		room -= TAIL_COLUMNS;
	else
		layout->tail = n_columns;
	layout->n_lanes = room / (COLUMN_MIN + 1) < n_lanes ? room / (COLUMN_MIN + 1) : n_lanes;
	if (!layout->n_lanes && n_lanes)
		layout->n_lanes = 1;
	layout->n_left_out = n_lanes - layout->n_lanes + n_apart;
	layout->width =
		layout->n_lanes && room / layout->n_lanes > 1 ? room / layout->n_lanes - 1 : 1;
	if (!layout->tail && layout->n_lanes)
		layout->head += room - layout->n_lanes * (layout->width + 1);
	layout->tail = layout->tail ? 0 : n_columns - TAIL_COLUMNS;
}

static void lay_rows(struct layout *layout, const struct state *state,
		     const struct settings *settings, unsigned n_rows)
{
	unsigned fixed = 5; /* lane names, work, switches, rule; the line of what watching costs */
	unsigned n_cpus = state->n_cpus, left;
	unsigned wanted = n_cpus < N_CPUS_WANTED ? n_cpus : N_CPUS_WANTED;

	layout->n_ranks = 16;
	while (layout->n_ranks && fixed + wanted + n_rows_of(layout) > n_rows)
		layout->n_ranks--;
	fixed += n_rows_of(layout);
	left = n_rows > fixed ? n_rows - fixed : 0;
	layout->strip = n_cpus > left && left > N_CPUS_WANTED;
	left -= layout->strip;
	layout->n_cpus = n_cpus < left ? n_cpus : left;
	left -= layout->n_cpus;
	layout->top_cpu = settings->top_cpu < n_cpus - layout->n_cpus ? settings->top_cpu
								      : n_cpus - layout->n_cpus;
	if (left >= HISTOGRAM_ROWS + 2) {
		layout->n_histogram =
			left >= 3 * HISTOGRAM_ROWS ? HISTOGRAM_ROWS + 2 : HISTOGRAM_ROWS;
		left -= layout->n_histogram + 2;
	}
	if (left > TAIL_ROWS_MIN)
		layout->n_events = left - 1;
}

static struct layout lay_out(const struct state *state, const struct settings *settings,
			     unsigned n_rows, unsigned n_columns)
{
	struct layout layout = { 0 };

	lay_columns(&layout, state, n_columns);
	lay_options(&layout, settings->figures);
	lay_rows(&layout, state, settings,
		 n_rows > FRAME_TOP + 1 ? n_rows - FRAME_TOP - 1 : n_rows);
	return layout;
}

static const char *unit_name(const struct figures *figures, const struct layout *layout)
{
	return layout->n_lanes ? figures->lanes[layout->lanes[0]].label.unit : "";
}

/* --- pieces ------------------------------------------------------------------------------------- */

/* A rule across, with words on it. */
static void draw_rule(struct grid *grid, unsigned row, const char *words)
{
	grid_rule(grid, row, 0, grid->n_columns);
	if (*words)
		grid_print(grid, row, 1, grid->n_columns - 1, dim, "%s ", words);
}

/*
 * Means of groups of measurements, the newest first; returns how many. Measurements are grouped by
 * when they were made, not by their age, so that columns move on without changing their height.
 */
static unsigned group_past(const struct series *past, unsigned n_columns, double means[N_SAMPLES])
{
	unsigned group = GROUP_MAX, age = 0, n = 0;

	while (group > 1 && n_columns * group > N_SAMPLES)
		group /= 2;
	while (n < n_columns && age < past->n) {
		unsigned slot = series_slot_back(past, age) / group, n_sum = 0;
		double sum = 0;

		do {
			sum += series_back(past, age++);
			n_sum++;
		} while (age < past->n && series_slot_back(past, age) / group == slot);
		means[n++] = sum / n_sum;
	}
	return n;
}

/* The recent past, newest at the right; of what was more than the scale has, the shape is left. */
static void draw_past(struct grid *grid, unsigned row, unsigned column, unsigned width,
		      struct ink ink, const struct series *past, double full)
{
	double means[N_SAMPLES];
	unsigned n = group_past(past, width, means);

	for (unsigned i = 0; i < n; i++)
		if (means[i] > full)
			full = means[i];
	for (unsigned i = 0; i < n; i++) {
		grid_column(grid, row, column + width - 1 - i, 1, ink,
			    full > 0 ? means[i] / full : 0);
		if (means[i] <= 0)
			grid_put(grid, row, column + width - 1 - i, ink, U'\u2581');
	}
}

/* Number, bar, past: as many of them as fit. */
static void draw_cell(struct grid *grid, unsigned row, unsigned column, unsigned width,
		      const struct figure *figure, const struct series *past, double full,
		      const enum role roles[2], bool with_bar)
{
	char number[NUMBER_SIZE];
	unsigned room, bar;

	grid_right(grid, row, column, width < 6 ? width : 6, text,
		   number_rate(number, figure->number));
	if (width < 10)
		return;
	room = width - 8;
	bar = !with_bar ? 0 : room < 8 ? room : room * 5 / 9;
	if (bar > BAR_MAX)
		bar = BAR_MAX;
	if (bar)
		grid_bar(grid, row, column + 7, bar, (struct ink){ roles[0], 0 },
			 full > 0 ? figure->bar / full : 0);
	if (room > bar + 2)
		draw_past(grid, row, column + 7 + bar + (bar > 0), room - bar - (bar > 0),
			  (struct ink){ roles[bar ? 1 : 0], 0 }, past, full);
}

static void draw_names(struct grid *grid, unsigned row, const struct state *state,
		       const struct layout *layout)
{
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		const struct lane_label *label = &state->lanes[lane].label;
		unsigned column = lane_column(layout, i) + 1, width = layout->width - 1, n;
		const char *words = label->phase == LANE_ENDED	  ? "ended"
				    : label->phase == LANE_FAILED ? "failed"
				    : *label->via		  ? label->via
								  : label->sync;

		if (layout->width < 3)
			continue;
		n = grid_text(grid, row, column, width,
			      (struct ink){ lane_role(state, lane), BOLD }, label->name);
		if (*words && n + 1 + text_columns(words) <= width)
			grid_text(grid, row, column + n + 1, width - n - 1, dim, words);
	}
	if (layout->tail)
		grid_text(grid, row, layout->tail + 1, TAIL_COLUMNS - 1, dim, " other idle");
	if (layout->n_left_out)
		grid_print(grid, row, 1, layout->head - 1, dim, "+%u lanes", layout->n_left_out);
}

static void draw_rates(struct grid *grid, unsigned row, const struct state *state,
		       const struct figures *figures, const struct layout *layout)
{
	const char *unit = unit_name(figures, layout);
	double others = 0;
	char number[NUMBER_SIZE];

	if (*unit)
		grid_print(grid, row, 1, layout->head - 1, text, "%s/s", unit);
	grid_text(grid, row + 1, 1, layout->head - 1, bold, "switches/s");
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		const struct lane_figures *figure = &figures->lanes[lane];
		const struct lane_state *known = &state->lanes[lane];
		enum role roles[] = { lane_role(state, lane), lane_role_soft(state, lane) };
		unsigned column = lane_column(layout, i);

		if (figure->label.phase == LANE_WAITING) {
			grid_text(grid, row, column + 1, layout->width - 1, dim, "waits its turn");
			continue;
		}
		if (*figure->label.unit)
			draw_cell(grid, row, column, layout->width, &figure->works, &known->works,
				  figures->work_scale_hz, roles, false);
		draw_cell(grid, row + 1, column, layout->width, &figure->switches, &known->switches,
			  figures->switch_scale_hz, roles, false);
	}
	for (unsigned cpu = 0; cpu < figures->n_cpus; cpu++)
		others += figures->others[cpu].number;
	if (layout->tail)
		grid_right(grid, row + 1, layout->tail + 1, 6, dim, number_rate(number, others));
}

static void draw_cpu(struct grid *grid, unsigned row, unsigned cpu, const struct state *state,
		     const struct figures *figures, const struct layout *layout)
{
	char number[NUMBER_SIZE];

	grid_print(grid, row, 1, layout->head - 1, text, "CPU %3u%s", cpu,
		   state->cpus[cpu].online ? "" : " off");
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		enum role roles[] = { lane_role(state, lane), lane_role_soft(state, lane) };

		if (figures->lanes[lane].label.phase == LANE_WAITING)
			continue;
		draw_cell(grid, row, lane_column(layout, i), layout->width,
			  figures_cell(figures, cpu, lane), &state_cell(state, cpu, lane)->past,
			  figures->cell_scale_hz, roles, true);
	}
	if (!layout->tail)
		return;
	grid_right(grid, row, layout->tail + 1, 6, dim,
		   number_rate(number, figures->others[cpu].number));
	grid_right(grid, row, layout->tail + 7, 5, dim, number_percent(number, figures->idle[cpu]));
}

/* All CPUs in one row: each column is the busiest of its share of them. */
static void draw_strip(struct grid *grid, unsigned row, const struct state *state,
		       const struct figures *figures, const struct layout *layout)
{
	unsigned width = layout->width > 2 ? layout->width - 2 : 1;

	grid_text(grid, row, 1, layout->head - 1, dim, "all CPUs");
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		struct ink ink = { lane_role(state, lane), 0 };

		for (unsigned at = 0; at < width; at++) {
			unsigned first = (unsigned)((uint64_t)at * state->n_cpus / width);
			unsigned end = (unsigned)((uint64_t)(at + 1) * state->n_cpus / width);
			double busiest = 0;

			for (unsigned cpu = first; cpu == first || cpu < end; cpu++)
				if (figures_cell(figures, cpu, lane)->bar > busiest)
					busiest = figures_cell(figures, cpu, lane)->bar;
			grid_column(grid, row, lane_column(layout, i) + 1 + at, 1, ink,
				    busiest / (figures->cell_scale_hz + 1e-9));
		}
	}
}

static void draw_cpus(struct grid *grid, unsigned row, const struct state *state,
		      const struct figures *figures, const struct layout *layout)
{
	char words[96];
	unsigned n = layout->n_cpus;
	double scale = figures->cell_scale_hz;

	if (n < state->n_cpus)
		snprintf(words, sizeof(words), "CPU %u-%u of %u", layout->top_cpu,
			 layout->top_cpu + (n ? n - 1 : 0), state->n_cpus);
	else
		snprintf(words, sizeof(words), "each CPU");
	draw_rule(grid, row, words);
	if (scale > 0 && layout->n_lanes && layout->width > 16)
		grid_print(grid, row, lane_column(layout, layout->n_lanes - 1) + layout->width - 17,
			   17, dim, " full bar %.0f%s/s ",
			   scale / (scale < 1e3	  ? 1
				    : scale < 1e6 ? 1e3
						  : 1e6),
			   scale < 1e3	 ? ""
			   : scale < 1e6 ? "k"
					 : "M");
	if (layout->strip)
		draw_strip(grid, ++row, state, figures, layout);
	for (unsigned i = 0; i < n; i++)
		draw_cpu(grid, row + 1 + i, layout->top_cpu + i, state, figures, layout);
}

static void draw_shown(struct grid *grid, unsigned row, unsigned column, unsigned width,
		       const struct shown *shown)
{
	struct ink ink = { shown->alarm ? ROLE_ALARM : ROLE_TEXT, shown->alarm ? BOLD : 0 };
	unsigned first = width < 17 ? width / 2 : 8;

	if (shown->words[0]) {
		grid_right(grid, row, column, width < 17 ? width : 16, ink, shown->words);
		return;
	}
	if (!shown->second[0] && width < 17)
		first = width < 8 ? width : 8;
	grid_right(grid, row, column, first, ink, shown->first);
	if (shown->second[0] && first + text_columns(shown->second) < width)
		grid_right(grid, row, column + first, width < 17 ? width - first : 8, ink,
			   shown->second);
}

/* One row of figures; where there is room, bars that hold the lanes against each other. */
static void draw_figure(struct grid *grid, unsigned row, const struct lane_row *line,
			const struct state *state, const struct figures *figures,
			const struct layout *layout)
{
	struct shown shown[N_LANES_MAX] = { 0 };
	const char *head = line->head;
	double largest = 0;

	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		if (figures->lanes[lane].label.phase == LANE_WAITING)
			continue;
		line->show(&shown[lane], &figures->lanes[lane]);
		if (shown[lane].size > largest)
			largest = shown[lane].size;
		if (shown[lane].head[0])
			head = shown[lane].head;
	}
	grid_text(grid, row, 1, layout->head - 1, text, head);
	for (unsigned i = 0; i < layout->n_lanes; i++) {
		unsigned lane = layout->lanes[i];
		unsigned column = lane_column(layout, i);

		draw_shown(grid, row, column, layout->width, &shown[lane]);
		if (layout->width >= FIGURE_COLUMNS + 8 && largest > 0)
			grid_bar(grid, row, column + FIGURE_COLUMNS + 1,
				 least(layout->width - FIGURE_COLUMNS - 2, BAR_MAX),
				 (struct ink){ lane_role_soft(state, lane), 0 },
				 shown[lane].size / largest);
	}
}

static unsigned draw_figures(struct grid *grid, unsigned row, const struct state *state,
			     const struct figures *figures, const struct layout *layout)
{
	const char *unit = unit_name(figures, layout);
	char titles[N_SECTIONS][48];
	int section = -1;

	snprintf(titles[PER_UNIT], sizeof(titles[0]), "%s %s costs",
		 *unit && strchr("aeio", *unit) ? "an" : "a", *unit ? unit : "unit of work");
	snprintf(titles[IN_TOTAL], sizeof(titles[0]), "in total");
	for (const struct lane_row *line = lane_rows; line->head; line++) {
		if (!is_shown(line, layout))
			continue;
		if (section != (int)line->section)
			draw_rule(grid, row++, titles[section = (int)line->section]);
		draw_figure(grid, row++, line, state, figures, layout);
	}
	return row;
}

/* --- what only larger screens have ---------------------------------------------------------------- */

/* How many columns a bucket takes, and how many buckets there are. */
static unsigned histogram_scale(const struct layout *layout, unsigned *n_buckets)
{
	unsigned width = layout->width - 2, each = width / 18 ? width / 18 : 1;

	*n_buckets = width / each < 24 ? width / each : 24;
	return each;
}

static void draw_lane_histogram(struct grid *grid, unsigned row, unsigned column,
				const struct layout *layout, const struct lane_figures *lane,
				enum role role)
{
	static const char *const names[] = {
		[10] = "1us", [13] = "8us",   [17] = "128us", [20] = "1ms",
		[23] = "8ms", [27] = "128ms", [30] = "1s"
	};
	unsigned n_buckets, each = histogram_scale(layout, &n_buckets);
	uint64_t height[N_WAIT_BUCKETS] = { 0 }, largest = 1;

	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++) {
		unsigned at = i < FIRST_BUCKET ? 0 : i - FIRST_BUCKET;

		at = at < n_buckets ? at : n_buckets - 1;
		height[at] += lane->total.wait_log2[i];
		largest = height[at] > largest ? height[at] : largest;
	}
	for (unsigned i = 0; i < n_buckets * each; i++) {
		unsigned bucket = i / each;
		double share = (double)height[bucket] / (double)largest;

		if (each < 3 || i % each != each - 1)
			grid_column(grid, row + layout->n_histogram - 1, column + 1 + i,
				    layout->n_histogram, (struct ink){ role, 0 }, share);
	}
	for (unsigned i = FIRST_BUCKET, free = 0; i < sizeof(names) / sizeof(*names); i++) {
		unsigned at = (i - FIRST_BUCKET) * each;

		if (!names[i] || at < free || at + strlen(names[i]) > n_buckets * each)
			continue;
		free = at + 1 +
		       grid_text(grid, row + layout->n_histogram, column + 1 + at, 6, dim,
				 names[i]);
	}
}

static unsigned draw_histogram(struct grid *grid, unsigned row, const struct state *state,
			       const struct figures *figures, const struct layout *layout)
{
	if (!layout->n_histogram || layout->width < 16)
		return row;
	draw_rule(grid, row, "waits");
	grid_text(grid, row + 1, 1, layout->head - 1, dim, "from woken");
	grid_text(grid, row + 2, 1, layout->head - 1, dim, "to running");
	for (unsigned i = 0; i < layout->n_lanes; i++)
		draw_lane_histogram(grid, row + 1, lane_column(layout, i), layout,
				    &figures->lanes[layout->lanes[i]],
				    lane_role(state, layout->lanes[i]));
	return row + layout->n_histogram + 2;
}

static void draw_events(struct grid *grid, unsigned row, const struct state *state,
			const struct settings *settings, const struct layout *layout)
{
	size_t n = settings->events ? event_list_n(settings->events) : 0, n_shown;

	if (!layout->n_events)
		return;
	if (settings->unread) {
		draw_rule(grid, row, "events: not read while flat out: 2 shows events");
		return;
	}
	draw_rule(grid, row, "latest events");
	n_shown = n < layout->n_events ? n : layout->n_events;
	for (size_t i = 0; i < n_shown; i++)
		event_line_draw(grid, row + 1 + (unsigned)i,
				event_list_at(settings->events, n - n_shown + i), state, settings);
}

void lanes_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	const struct figures *figures = settings->figures;
	struct layout layout = lay_out(state, settings, grid->n_rows, grid->n_columns);
	unsigned row = FRAME_TOP, walls;

	if (!figures || grid->n_columns < 2 || state->n_lanes < 2)
		return;
	draw_names(grid, row, state, &layout);
	draw_rates(grid, row + 1, state, figures, &layout);
	draw_cpus(grid, row + 3, state, figures, &layout);
	row = draw_figures(grid, row + 4 + layout.strip + layout.n_cpus, state, figures, &layout);
	row = draw_histogram(grid, row, state, figures, &layout);
	walls = row;
	for (unsigned i = 0; i < layout.n_lanes; i++)
		grid_wall(grid, FRAME_TOP, lane_column(&layout, i) - 1, walls - FRAME_TOP);
	if (layout.tail)
		grid_wall(grid, FRAME_TOP, layout.tail, walls - FRAME_TOP);
	lanes_draw_cost(grid, row, figures);
	draw_events(grid, row + 1, state, settings, &layout);
}

bool lanes_key(const struct state *state, struct settings *settings, enum command command)
{
	struct layout layout = lay_out(state, settings, settings->n_rows, settings->n_columns);

	settings->top_cpu = layout.top_cpu;
	return scroll_key(&settings->top_cpu, state->n_cpus - layout.n_cpus,
			  layout.n_cpus ? layout.n_cpus : 1, command);
}
