// SPDX-License-Identifier: GPL-2.0-only
/* event_line.c - one event on one row: the text log's line, shortened where the screen is narrow. */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#include "event/print.h"

#define WIDE	      112 /* columns that a whole line mostly fits in */
#define SHORT_COLUMNS 79  /* what a small terminal has for a short one */

/* Said shorter; each no longer than what it stands for. */
static const struct {
	const char *is, *becomes;
} shorter[] = {
	{ "  voluntary (", " vol " }, { "  involuntary (", " inv " },
	{ ")  ran ", " " },	      { ")  waited ", " wait " },
	{ " waited ", " wait " },     { " moves from cpu ", " cpu " },
	{ " to cpu ", " -> " },	      { "  audit ", " audit " },
};

static void cut(char *at, size_t n)
{
	memmove(at, at + n, strlen(at + n) + 1);
}

static void replace(char *line, const char *is, const char *becomes)
{
	char *at = strstr(line, is);
	size_t m = strlen(becomes);

	if (!at)
		return;
	cut(at + m, strlen(is) - m);
	for (size_t i = 0; i < m; i++)
		at[i] = becomes[i];
}

/* The word behind the one at `at`. */
static char *next_word(char *at)
{
	at += strcspn(at, " ");
	return at + strspn(at, " ");
}

/* Leave one blank of those behind the first n bytes. */
static void close_gap(char *at, size_t n)
{
	size_t blanks = strlen(at) > n ? strspn(at + n, " ") : 0;

	if (blanks > 1)
		cut(at + n + 1, blanks - 1);
}

/* Microseconds are enough when there is no room for more, brackets and columns say nothing. */
void event_shorten(char *line, const char *lane_name)
{
	char *point = strchr(line, '.'), *cpu, *kind;

	if (point && strcspn(point, " ") == 10)
		cut(point + 7, 3);
	cpu = next_word(line);
	if (*cpu == '[' && strlen(cpu) > 5) {
		cut(cpu + strcspn(cpu, "]"), 1);
		cut(cpu, 1);
	}
	kind = next_word(cpu);
	close_gap(next_word(kind), *lane_name ? strlen(lane_name) : 1);
	for (size_t i = 0; i < sizeof(shorter) / sizeof(*shorter); i++)
		replace(line, shorter[i].is, shorter[i].becomes);
	if (text_columns(line) > SHORT_COLUMNS)
		close_gap(kind, strcspn(kind, " "));
	if (text_columns(line) > SHORT_COLUMNS)
		replace(line, " -> ", "->");
}

/* Every place on the row where the text is found. */
static void mark_matches(struct grid *grid, unsigned row, unsigned column, const char *line,
			 const char *text)
{
	size_t n = strlen(text);

	for (const char *at = line; n && (at = strcasestr(at, text)); at += n) {
		unsigned from = 0, width = text_columns(text);

		for (const char *c = line; c < at; c++)
			from += (*c & 0xc0) != 0x80;
		for (unsigned i = 0; i < width; i++) {
			struct cell *cell = grid_at(grid, row, column + from + i);

			if (cell)
				cell->role = ROLE_MATCH;
		}
	}
}

void event_line_draw(struct grid *grid, unsigned row, const struct event *event,
		     const struct state *state, const struct settings *settings)
{
	char line[EVENT_LINE_SIZE];
	const char *lane_name = event_lane_name(event, state);
	unsigned lane = event_lane(event), width = grid->n_columns, kind, name;
	enum role role = ROLE_TEXT;

	if (width < 3)
		return;
	event_print(line, sizeof(line), event, state->names, lane_name, settings->start_ns);
	if (width < WIDE)
		event_shorten(line, lane_name);
	if (event->kind == EVENT_LOST ||
	    (event->kind == EVENT_EXIT && event->end.seen != event->end.moved))
		role = ROLE_ALARM;
	grid_text(grid, row, 1, width - 1, (struct ink){ role, 0 }, line);

	/* Over it, in their own ink: the time and CPU, and the lane behind the kind. */
	kind = (unsigned)(next_word(next_word(line)) - line);
	name = (unsigned)(next_word(line + kind) - line);
	for (unsigned i = 0; i < kind && role == ROLE_TEXT; i++)
		if (grid_at(grid, row, 1 + i))
			grid_at(grid, row, 1 + i)->role = ROLE_DIM;
	if (lane && lane < state->n_lanes)
		grid_text(grid, row, 1 + name, width - 1 > name ? width - 1 - name : 0,
			  (struct ink){ lane_role(state, lane), 0 }, lane_name);
	mark_matches(grid, row, 1, line, settings->search);
}
