// SPDX-License-Identifier: GPL-2.0-only
/* timeline.c - the timeline on the screen: head, scale, rows, and what happened at the cursor. */
#include "view/timeline_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/text.h"
#include "event/print.h"
#include "view/number.h"

#define N_TICK                                                                                     \
	10 /* columns between two times of the scale, and a multiple of it where that is tight */
#define TIME_SIZE 40

/* --- above the rows ------------------------------------------------------------------------------- */

/* Since the start, as exactly as a step of the scale needs it. */
static void print_time(char *out, const struct settings *settings, uint64_t time_ns,
		       uint64_t step_ns)
{
	bool before = time_ns < settings->start_ns;
	uint64_t since = before ? settings->start_ns - time_ns : time_ns - settings->start_ns;
	unsigned n_digits = 0;
	struct text text;

	text_init(&text, out, TIME_SIZE);
	if (before)
		text_char(&text, '-');
	if (step_ns >= NS_PER_S) {
		number_clock(out + text.length, since);
		return;
	}
	for (uint64_t unit = NS_PER_S; unit > step_ns; unit /= 10)
		n_digits++;
	text_u64(&text, since / NS_PER_S);
	text_char(&text, '.');
	text_zeros(&text, since % NS_PER_S, 9);
	out[text.length - (9 - n_digits)] = '\0';
}

static void draw_scale(const struct settings *settings, const struct window *window,
		       struct grid *grid, unsigned left)
{
	unsigned row = FRAME_TOP + 1, every = N_TICK;
	struct ink dim = { ROLE_DIM, 0 };
	int64_t cursor = window_column(window, window->cursor_ns);
	char time[TIME_SIZE];

	print_time(time, settings, window_end_ns(window), N_TICK * window->column_ns);
	while (strlen(time) + 2 > every)
		every += N_TICK;
	grid_text(grid, row, 1, left > 2 ? left - 2 : 0, dim,
		  N_TICK * window->column_ns >= NS_PER_S ? "min:s" : "seconds");
	for (unsigned i = 0; i < window->n_columns; i++) {
		uint64_t at_ns = window->from_ns + i * window->column_ns;

		if (at_ns < settings->start_ns ||
		    (at_ns - settings->start_ns) / window->column_ns % every)
			continue;
		print_time(time, settings, at_ns, N_TICK * window->column_ns);
		grid_put(grid, row, left + i, dim, U'\u2502');
		if (i + strlen(time) < window->n_columns)
			grid_text(grid, row, left + i + 1, TIME_SIZE, dim, time);
	}
	if (settings->timeline.scrolled && cursor >= 0 && cursor < window->n_columns)
		grid_put(grid, row, left + (unsigned)cursor, (struct ink){ ROLE_NOTICE, BOLD },
			 U'\u25bc');
}

/* The longest that there is room for, at the right of the head. */
static void draw_where_words(struct grid *grid, unsigned left, enum role role,
			     const char *const words[], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned width = (unsigned)strlen(words[i]);

		if (width + left + 1 >= grid->n_columns)
			continue;
		grid_text(grid, FRAME_TOP, grid->n_columns - width - 1, width,
			  (struct ink){ role, 0 }, words[i]);
		return;
	}
}

/* Whether this is the newest, or is there at all. */
static void draw_where(const struct settings *settings, const struct window *window,
		       struct grid *grid, unsigned left)
{
	static const char *const gone[] = { " shares only: events are gone, End follows ",
					    " shares only, End follows ", " shares only " };
	static const char *const newest[] = { " newest at the right " };
	bool is_gone = window->oldest_ns > window->from_ns && window->first_ns < window->oldest_ns;
	char back[64], number[NUMBER_SIZE];
	const char *const behind[] = { back, " End follows " };

	snprintf(back, sizeof(back), " %s back, End follows ",
		 number_time(number, (double)(window->now_ns - window->cursor_ns)));
	if (is_gone && settings->timeline.scrolled)
		draw_where_words(grid, left, ROLE_NOTICE, gone, 3);
	else if (settings->timeline.scrolled)
		draw_where_words(grid, left, ROLE_DIM, behind, 2);
	else if (!settings->paused)
		draw_where_words(grid, left, ROLE_DIM, newest, 1);
}

static void draw_head(const struct state *state, const struct settings *settings,
		      const struct window *window, struct grid *grid)
{
	char wide[NUMBER_SIZE], column[NUMBER_SIZE];
	unsigned at = 1;

	grid_rule(grid, FRAME_TOP, 0, grid->n_columns);
	at += grid_print(grid, FRAME_TOP, at, grid->n_columns, (struct ink){ ROLE_DIM, 0 },
			 " %s, %s a column ",
			 number_time(wide, (double)(window->n_columns * window->column_ns)),
			 number_time(column, (double)window->column_ns));
	for (unsigned lane = 1; lane < state->n_lanes; lane++) {
		const struct lane_label *label = &state->lanes[lane].label;

		if (label->phase == LANE_UNUSED ||
		    at + text_columns(label->name) + 3 > grid->n_columns)
			continue;
		at += grid_print(grid, FRAME_TOP, at, grid->n_columns,
				 (struct ink){ lane_role(state, lane), BOLD }, " %s ", label->name);
	}
	draw_where(settings, window, grid, at);
}

/* --- rows ----------------------------------------------------------------------------------------- */

static void draw_label(const struct state *state, const struct settings *settings,
		       struct grid *grid, unsigned row, const struct timeline_row *what,
		       unsigned width)
{
	const struct timeline *timeline = &settings->timeline;
	char name[ESCAPED_SIZE(TASK_NAME_LEN)];
	struct ink ink = { ROLE_TEXT, 0 };
	struct text text;
	unsigned lane = task_lane(what->task);
	bool open = what->kind == TIMELINE_CPU ? rows_cpu_is_open(state, timeline, what->cpu)
					       : rows_task_is_open(timeline, what);

	if (what->kind == TIMELINE_CPU || what->folds)
		grid_put(grid, row, what->kind == TIMELINE_CPU ? 0 : 2, (struct ink){ ROLE_DIM, 0 },
			 open ? U'\u25be' : U'\u25b8');
	if (lane && lane < state->n_lanes)
		ink.role = lane_role(state, lane);
	else if (what->kind != TIMELINE_CPU)
		ink.role = ROLE_DIM;
	escape_name(name, sizeof(name), names_get(state->names, task_pid(what->task)));
	switch (what->kind) {
	case TIMELINE_CPU:
		grid_print(grid, row, 1, width - 1, ink, "CPU %3u", what->cpu);
		break;
	case TIMELINE_TASK:
		grid_print(grid, row, 3, width - 3, ink, "%s:%u", *name ? name : "?",
			   task_pid(what->task));
		break;
	case TIMELINE_COROUTINE:
		text_init(&text, name, sizeof(name));
		coroutine_print(&text, task_lane(what->task), what->coroutine, state->names);
		grid_print(grid, row, 5, width - 5, ink, "%s", name);
		break;
	default:
		grid_print(grid, row, 3, width - 3, (struct ink){ ROLE_DIM, 0 }, "%u more",
			   what->coroutine);
	}
}

/* The cursor's column, where nothing else is. */
static void draw_cursor(struct grid *grid, unsigned row, unsigned column, bool selected)
{
	struct cell *cell = grid_at(grid, row, column);

	if (!cell)
		return;
	if (selected)
		cell->attributes ^= REVERSE;
	else if (cell->glyph == U' ' && !cell->attributes)
		grid_put(grid, row, column, (struct ink){ ROLE_DIM, 0 }, U'\u2502');
}

static void draw_rows(const struct state *state, const struct settings *settings,
		      const struct window *window, struct grid *grid, unsigned left,
		      const struct layout *layout, const struct track *tracks, unsigned n)
{
	unsigned at = rows_find(state, &settings->timeline, &settings->timeline.selected);
	int64_t cursor = window_column(window, window->cursor_ns);

	for (unsigned i = 0; i < n; i++) {
		bool selected = settings->timeline.top + i == at;
		unsigned row = layout->top + i;

		draw_label(state, settings, grid, row, &tracks[i].row, left - 1);
		if (tracks[i].row.kind != TIMELINE_MORE)
			cells_draw(grid, row, left, &tracks[i], window, state);
		if (selected)
			grid_mark(grid, row, 0, left - 1, REVERSE);
		if (settings->timeline.scrolled && cursor >= 0 && cursor < window->n_columns)
			draw_cursor(grid, row, left + (unsigned)cursor, selected);
	}
}

/* --- below the rows ------------------------------------------------------------------------------- */

static void draw_lines(struct grid *grid, const struct layout *layout, const char *text)
{
	char line[256];
	unsigned width = grid->n_columns - 2;

	if (width > sizeof(line) - 1)
		width = sizeof(line) - 1;
	for (unsigned i = 0; i < layout->n_words && *text; i++) {
		const char *from = text;
		size_t n = words_wrap(&text, width);

		snprintf(line, sizeof(line), "%.*s", (int)n, from);
		grid_text(grid, layout->words + i, 1, width, (struct ink){ ROLE_TEXT, 0 }, line);
	}
}

static void draw_words(const struct state *state, const struct settings *settings,
		       const struct window *window, struct grid *grid, const struct layout *layout,
		       const struct track *tracks, unsigned n)
{
	unsigned at = rows_find(state, &settings->timeline, &settings->timeline.selected);
	int64_t cursor = window_column(window, window->cursor_ns);
	const struct column nothing = { 0 }, *column = &nothing;
	char words[WORDS_SIZE], time[TIME_SIZE];
	struct timeline_row row = rows_at(state, &settings->timeline, at);

	if (!layout->n_words || grid->n_columns < 20)
		return;
	grid_rule(grid, layout->words - 1, 0, grid->n_columns);
	if (!settings->timeline.scrolled) {
		draw_lines(
			grid, layout,
			"Left stops here and looks at an instant, Up and Down choose a row, Enter "
			"unfolds it, Space freezes all.");
		cells_legend(grid, layout->words + (grid->n_columns < 112 ? 2 : 1),
			     layout->words + layout->n_words);
		return;
	}
	print_time(time, settings, window->cursor_ns, 1);
	grid_print(grid, layout->words - 1, 1, grid->n_columns - 2,
		   (struct ink){ ROLE_NOTICE, BOLD }, " at %s s ", time);
	if (at >= settings->timeline.top && at < settings->timeline.top + n && cursor >= 0 &&
	    cursor < window->n_columns)
		column = &tracks[at - settings->timeline.top].columns[cursor];
	words_of_cursor(words, sizeof(words), window, &row, column, state, settings);
	draw_lines(grid, layout, words);
}

void timeline_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	unsigned left = timeline_label_columns(settings) + 1, n, n_seen;
	struct layout layout;
	struct window window;
	struct track *tracks;
	struct column *columns;

	window_of(settings, &window);
	timeline_layout(settings, &layout);
	if (layout.end <= layout.top || left + 2 > grid->n_columns)
		return;
	draw_head(state, settings, &window, grid);
	draw_scale(settings, &window, grid, left);
	n = rows_n(state, &settings->timeline);
	n = n > settings->timeline.top ? n - settings->timeline.top : 0;
	n_seen = layout.end - layout.top < n ? layout.end - layout.top : n;
	tracks = calloc(n_seen + 1, sizeof(*tracks));
	columns = calloc((size_t)(n_seen + 1) * window.n_columns, sizeof(*columns));
	for (unsigned i = 0; tracks && columns && i < n_seen; i++) {
		tracks[i].row = rows_at(state, &settings->timeline, settings->timeline.top + i);
		tracks[i].columns = &columns[(size_t)i * window.n_columns];
	}
	if (tracks && columns && !tracks_fill(tracks, n_seen, &window, state, settings)) {
		draw_rows(state, settings, &window, grid, left, &layout, tracks, n_seen);
		draw_words(state, settings, &window, grid, &layout, tracks, n_seen);
	} else {
		grid_text(grid, layout.top, 1, grid->n_columns - 1, (struct ink){ ROLE_TEXT, 0 },
			  "no memory to draw this");
	}
	free(columns);
	free(tracks);
}

bool timeline_key(const struct state *state, struct settings *settings, enum command command)
{
	return window_key(settings, command) || rows_key(state, settings, command) ||
	       find_key(state, settings, command);
}
