// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline_cells.c - a row's time as glyphs.
 *
 * A stretch of a column or more is a solid block, with its name where that fits, and begins with a thin
 * line; where it begins or ends within a column, and nobody else is there, so does the block. Several
 * stretches in a column become one bar, as high as the share of the time that somebody ran, in the
 * colour of the lane that ran longest.
 */
#include "view/timeline_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"

#define GLYPH_FULL	U'\u2588'
#define GLYPH_ELSEWHERE U'\u2593'
#define GLYPH_OTHERS	U'\u2592'
#define GLYPH_WAITS	U'\u2591'
#define GLYPH_IDLE	U'\u00b7'
#define GLYPH_UNKNOWN	U'\u2571'
#define GLYPH_BLOCKED	U'\u254c'
#define GLYPH_BEGIN	U'\u258f'
#define GLYPH_CURSOR	U'\u2502'
#define N_MIXED		3 /* switches in a column: single ones cannot be told apart any more */
#define PURE		0.97f

static const struct {
	unsigned mark;
	char32_t glyph;
	const char *says;
} marks[] = {
	{ MARKS_LOST, U'!', "lost" },
	{ MARKS_EXIT, U'\u00d7', "ends" },
	{ MARKS_CLONE, U'\u252c', "clone" },
	{ MARKS_WAKING, U'\u2191', "wakes" },
};

#define N_GLYPHS (sizeof(marks) / sizeof(*marks))

/* One row while it is drawn. */
struct drawing {
	struct grid *grid;
	unsigned row, left;
	const struct track *track;
	const struct window *window;
	const struct state *state;
};

/* What fills a column, seen from afar. */
struct look {
	float busy, known; /* shares */
	unsigned lane;	   /* with the largest share */
	bool soft;	   /* a task that runs elsewhere */
};

/* How much of a column lies in what is known so far. */
static float length_of(const struct drawing *drawing, const struct column *column)
{
	const struct window *window = drawing->window;
	unsigned i = (unsigned)(column - drawing->track->columns);
	uint64_t from_ns = window->from_ns + i * window->column_ns;
	uint64_t to_ns = from_ns + window->column_ns;

	if (from_ns < window->first_ns)
		from_ns = window->first_ns;
	if (to_ns > window->now_ns)
		to_ns = window->now_ns;
	return to_ns > from_ns ? (float)(to_ns - from_ns) : 1;
}

static struct look look_at(const struct drawing *drawing, const struct column *column)
{
	float column_ns = length_of(drawing, column);
	bool is_cpu = drawing->track->row.kind == TIMELINE_CPU;
	struct look look = { .lane = task_lane(drawing->track->row.task) };
	float most = 0;

	for (unsigned part = 0; part < N_PARTS; part++) {
		bool busy = is_cpu ? part != PART_IDLE : part <= PART_ELSEWHERE;

		look.known += column->parts[part] / column_ns;
		look.busy += busy ? column->parts[part] / column_ns : 0;
		if (!busy || column->parts[part] <= most)
			continue;
		most = column->parts[part];
		look.lane = is_cpu ? part : look.lane;
		look.soft = !is_cpu && part == PART_ELSEWHERE;
	}
	return look;
}

static struct ink ink_of(const struct drawing *drawing, unsigned lane, bool soft)
{
	if (!lane || lane >= drawing->state->n_lanes)
		return (struct ink){ ROLE_DIM, 0 };
	return (struct ink){ soft ? lane_role_soft(drawing->state, lane)
				  : lane_role(drawing->state, lane),
			     0 };
}

static void put(const struct drawing *drawing, unsigned i, struct ink ink, char32_t glyph)
{
	grid_put(drawing->grid, drawing->row, drawing->left + i, ink, glyph);
}

/* In plain characters a lane is told by its first letter. */
static char32_t solid(const struct drawing *drawing, const struct look *look)
{
	const char *name = look->lane && look->lane < drawing->state->n_lanes
				   ? drawing->state->lanes[look->lane].label.name
				   : "o";

	if (drawing->grid->ascii)
		return *name > ' ' && *name < 0x7f ? (char32_t)*name : U'=';
	return !look->lane ? GLYPH_OTHERS : look->soft ? GLYPH_ELSEWHERE : GLYPH_FULL;
}

static bool is_busy(const struct drawing *drawing, const struct column *column)
{
	return column->stretch &&
	       (drawing->track->row.kind == TIMELINE_CPU ? column->part != PART_IDLE
							 : column->part <= PART_ELSEWHERE);
}

/* Nothing can tell of tasks where there are no events any more. */
static bool is_gone(const struct drawing *drawing, unsigned i)
{
	const struct window *window = drawing->window;

	return drawing->track->row.kind != TIMELINE_CPU &&
	       (window->oldest_ns == UINT64_MAX ||
		window_column(window, window->oldest_ns) >= (int64_t)i);
}

/* What is there when nobody runs. */
static void put_quiet(const struct drawing *drawing, unsigned i, const struct column *column,
		      const struct look *look)
{
	struct ink dim = { ROLE_DIM, 0 };

	if (look->known < 0.5f && !is_gone(drawing, i))
		put(drawing, i, dim, GLYPH_UNKNOWN);
	else if (drawing->track->row.kind == TIMELINE_CPU)
		put(drawing, i, dim, GLYPH_IDLE);
	else if (column->part == PART_WAITS)
		put(drawing, i, ink_of(drawing, look->lane, false), GLYPH_WAITS);
	else if (column->part == PART_BLOCKED)
		put(drawing, i, ink_of(drawing, look->lane, false),
		    i && column[-1].stretch == column->stretch ? GLYPH_BLOCKED : U'D');
}

static void put_bar(const struct drawing *drawing, unsigned i, const struct look *look)
{
	unsigned eighths = (unsigned)(look->busy * 8 + 0.5f);

	eighths = eighths < 1 ? 1 : eighths > 8 ? 8 : eighths;
	put(drawing, i, ink_of(drawing, look->lane, look->soft), U'\u2580' + eighths);
}

/* A block over the left or the right `share` of the column, in eighths. */
static void put_part(const struct drawing *drawing, unsigned i, const struct look *look,
		     float share, bool right)
{
	struct ink ink = ink_of(drawing, look->lane, look->soft);
	unsigned eighths = (unsigned)(share * 8 + 0.5f);

	if (drawing->grid->ascii || !look->lane) {
		if (eighths >= 4)
			put(drawing, i, ink, solid(drawing, look));
		else
			put(drawing, i, (struct ink){ ROLE_DIM, 0 }, GLYPH_IDLE);
	} else if (eighths >= 8) {
		put(drawing, i, ink, solid(drawing, look));
	} else if (!right) { /* U+2589 is seven eighths, U+258F one */
		put(drawing, i, ink, U'\u2590' - (eighths ? eighths : 1));
	} else {
		ink.attributes = REVERSE;
		put(drawing, i, ink, eighths ? U'\u2590' - (8 - eighths) : U'\u2589');
	}
}

/* A column that one stretch has, or that one begins or ends in. */
static void put_stretch(const struct drawing *drawing, unsigned i, const struct column *column,
			const struct look *look)
{
	bool after = i && is_busy(drawing, &column[-1]);
	bool begins = !i || column[-1].stretch != column->stretch;
	bool ends = i + 1 < drawing->window->n_columns && column[1].stretch != column->stretch;
	struct ink ink = ink_of(drawing, look->lane, look->soft);

	if (!is_busy(drawing, column)) { /* the lesser part of it is busy */
		put_part(drawing, i, look, look->busy, !after);
	} else if (begins && after && look->busy > 0.5f) {
		ink.attributes = drawing->grid->ascii || !look->lane ? 0 : REVERSE;
		put(drawing, i, ink, drawing->grid->ascii || !look->lane ? U'|' : GLYPH_BEGIN);
	} else if (look->busy > PURE) {
		put(drawing, i, ink, solid(drawing, look));
	} else if (begins && ends && i) {
		put_bar(drawing, i, look);
	} else {
		put_part(drawing, i, look, look->busy, begins);
	}
}

/* Waiting is what one looks for: where it is most of a column that is no stretch of running. */
static bool mostly_waits(const struct drawing *drawing, const struct column *column)
{
	return drawing->track->row.kind != TIMELINE_CPU &&
	       column->parts[PART_WAITS] > column->parts[PART_RUNS] + column->parts[PART_ELSEWHERE];
}

static bool is_mixed(const struct column *column)
{
	return column->coarse || column->n_switches >= N_MIXED;
}

static void put_column(const struct drawing *drawing, unsigned i)
{
	const struct column *column = &drawing->track->columns[i];
	struct look look = look_at(drawing, column);

	if (mostly_waits(drawing, column))
		put(drawing, i, ink_of(drawing, look.lane, false), GLYPH_WAITS);
	else if (look.busy <= 0)
		put_quiet(drawing, i, column, &look);
	else if (is_mixed(column))
		put_bar(drawing, i, &look);
	else
		put_stretch(drawing, i, column, &look);
}

static void put_marks(const struct drawing *drawing, unsigned i)
{
	const struct column *column = &drawing->track->columns[i];
	struct look look = look_at(drawing, column);
	struct ink ink = ink_of(drawing, look.lane, look.soft);

	for (unsigned j = 0; j < N_GLYPHS; j++) {
		if (!(column->marks & marks[j].mark))
			continue;
		if (marks[j].mark == MARKS_LOST) {
			put(drawing, i, (struct ink){ ROLE_ALARM, BOLD }, marks[j].glyph);
			return;
		}
		/* A waking mostly goes before a switch, and is told apart only where columns are short. */
		if (is_mixed(column) || (marks[j].mark == MARKS_WAKING && column->n_switches))
			return;
		ink.attributes = BOLD | (look.busy > 0.5f && !drawing->grid->ascii ? REVERSE : 0);
		put(drawing, i, ink, marks[j].glyph);
		return;
	}
}

/* --- names ---------------------------------------------------------------------------------------- */

/* Its own name, where it has one: what there is room for is little. */
static void name_coroutine(const struct drawing *drawing, const struct column *column, char *name,
			   size_t size)
{
	const char *own = names_get_coroutine(drawing->state->names, task_lane(column->task),
					      column->coroutine);

	if (*own)
		escape_name(name, size, own);
	else
		snprintf(name, size, "co-%u", column->coroutine);
}

static void name_stretch(const struct drawing *drawing, const struct column *column, char *name,
			 size_t size)
{
	if (drawing->track->row.kind != TIMELINE_CPU)
		snprintf(name, size, "elsewhere");
	else if (column->coroutine)
		name_coroutine(drawing, column, name, size);
	else
		escape_name(name, size, names_get(drawing->state->names, task_pid(column->task)));
}

/* In columns first to end, which one stretch has: as much of its name as tells something. */
static void put_name(const struct drawing *drawing, unsigned first, unsigned end)
{
	const struct column *column = &drawing->track->columns[first];
	struct look look = look_at(drawing, column);
	struct ink ink = ink_of(drawing, look.lane, look.soft);
	char name[ESCAPED_SIZE(TASK_NAME_LEN)];
	unsigned width;

	for (unsigned i = first + 1; i < end; i++)
		if (drawing->track->columns[i].marks)
			end = i;
	if (end < first + 4)
		return;
	name_stretch(drawing, column, name, sizeof(name));
	width = end - first - 1;
	ink.attributes = drawing->grid->ascii || !look.lane ? BOLD : REVERSE;
	if (text_columns(name) <= width) {
		grid_text(drawing->grid, drawing->row, drawing->left + first + 1, width, ink, name);
	} else if (width >= 4 && strlen(name) == text_columns(name)) {
		/* Workers differ at their ends. */
		grid_put(drawing->grid, drawing->row, drawing->left + first + 1, ink, U'\u2026');
		grid_text(drawing->grid, drawing->row, drawing->left + first + 2, width - 1, ink,
			  name + strlen(name) - (width - 1));
	}
}

static bool has_name(const struct drawing *drawing, const struct column *column)
{
	if (is_mixed(column) || !is_busy(drawing, column) ||
	    column->most_ns < PURE * length_of(drawing, column))
		return false;
	return drawing->track->row.kind == TIMELINE_CPU || column->part == PART_ELSEWHERE;
}

static void put_names(const struct drawing *drawing)
{
	const struct column *columns = drawing->track->columns;
	unsigned n = drawing->window->n_columns, first = 0;

	while (first < n) {
		unsigned end = first + 1;

		if (columns[first].stretch && !is_mixed(&columns[first])) {
			while (end < n && columns[end].stretch == columns[first].stretch &&
			       has_name(drawing, &columns[end]))
				end++;
			if (end > first + 1)
				put_name(drawing, first, end);
		}
		first = end;
	}
}

void cells_draw(struct grid *grid, unsigned row, unsigned left, const struct track *track,
		const struct window *window, const struct state *state)
{
	struct drawing drawing = { grid, row, left, track, window, state };

	for (unsigned i = 0; i < window->n_columns; i++) {
		uint64_t from_ns = window->from_ns + i * window->column_ns;

		if (from_ns < window->now_ns && from_ns + window->column_ns > window->first_ns)
			put_column(&drawing, i);
	}
	put_names(&drawing);
	for (unsigned i = 0; i < window->n_columns; i++)
		if (track->columns[i].marks)
			put_marks(&drawing, i);
}

/* One glyph and what it means, on the next row where this one is full. */
static void put_legend(struct grid *grid, unsigned *row, unsigned *column, struct ink ink,
		       char32_t glyph, const char *says)
{
	if (*column + strlen(says) + 3 > grid->n_columns) {
		++*row;
		*column = 1;
	}
	grid_put(grid, *row, *column, ink, glyph);
	*column += 4 + grid_text(grid, *row, *column + 2, grid->n_columns,
				 (struct ink){ ROLE_DIM, 0 }, says);
}

void cells_legend(struct grid *grid, unsigned row, unsigned end)
{
	static const struct {
		char32_t glyph;
		const char *says;
	} fills[] = { { GLYPH_FULL, "runs" },	     { GLYPH_WAITS, "waits for a CPU" },
		      { U'D', "blocked" },	     { GLYPH_ELSEWHERE, "on another CPU" },
		      { GLYPH_OTHERS, "others" },    { GLYPH_IDLE, "idle" },
		      { GLYPH_UNKNOWN, "not known" } };
	struct ink text = { ROLE_TEXT, 0 }, alarm = { ROLE_ALARM, BOLD };
	unsigned column = 1;

	for (unsigned i = 0; i < sizeof(fills) / sizeof(*fills) && row < end; i++)
		put_legend(grid, &row, &column, text, fills[i].glyph, fills[i].says);
	for (unsigned i = N_GLYPHS; i-- && row < end;)
		put_legend(grid, &row, &column, marks[i].mark == MARKS_LOST ? alarm : text,
			   marks[i].glyph, marks[i].says);
}
