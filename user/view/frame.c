// SPDX-License-Identifier: GPL-2.0-only
/* frame.c - what stands around every view: title and tabs, the job's sentence, the bar of keys. */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#include "view/number.h"

#define BRAND_MIN 90 /* columns; in fewer, views and what runs have its room */

/* Append ", part" style pieces: two blanks between, nothing before the first. */
static void add(char *line, size_t size, const char *part)
{
	size_t n = strlen(line);

	if (*part)
		snprintf(line + n, size - n, "%s%s", n ? "  " : "", part);
}

/* What of the status is told: where there is no room, how it runs stands in the sentence or the lanes. */
enum detail { DETAIL_ALL, DETAIL_RATE, DETAIL_CLOCK, N_DETAILS };

/* How the tabs of views are written: with numbers, without, and close to each other. */
enum tabs { TABS_NUMBERED, TABS_NAMED, TABS_CLOSE };

static void tell_rate(const struct settings *settings, char *line, size_t size)
{
	char number[NUMBER_SIZE], part[64];

	if (settings->rate_hz == COUNT_UNKNOWN)
		return;
	snprintf(part, sizeof(part), "%s/s", number_count(number, settings->rate_hz));
	add(line, size, settings->rate_hz ? part : "flat out");
}

static void status(const struct settings *settings, enum detail detail, char *line, size_t size)
{
	char number[NUMBER_SIZE];

	line[0] = '\0';
	if (settings->tape) {
		add(line, size, "REPLAY");
		add(line, size, settings->tape->where);
		add(line, size, settings->tape->speed ? settings->tape->speed : "paused");
		return;
	}
	if (settings->n_tasks && detail == DETAIL_ALL)
		add(line, size, settings->together ? "together" : "in turn");
	if (settings->n_tasks && detail <= DETAIL_RATE)
		tell_rate(settings, line, size);
	add(line, size, number_clock(number, settings->elapsed_ns));
}

/* Returns the columns that the views' tabs take from `at` on; draws them, but where `grid` is NULL. */
static unsigned draw_tabs(const struct settings *settings, struct grid *grid, unsigned at,
			  enum tabs tabs)
{
	unsigned begin = at;

	for (unsigned i = 0; views[i].title; i++) {
		bool here = i == settings->view;
		struct ink ink = { here ? ROLE_TEXT : ROLE_DIM, here ? BOLD | REVERSE : 0 };
		char tab[32];

		if (!view_is_there(settings, i))
			continue;
		if (tabs == TABS_NUMBERED)
			snprintf(tab, sizeof(tab), " %u %s ", i + 1, views[i].title);
		else
			snprintf(tab, sizeof(tab), " %s ", views[i].title);
		if (grid)
			grid_text(grid, 0, at, grid->n_columns, ink, tab);
		at += (unsigned)strlen(tab) - (tabs == TABS_CLOSE);
	}
	return at - begin + (tabs == TABS_CLOSE);
}

static void draw_title(const struct settings *settings, struct grid *grid)
{
	unsigned width = grid->n_columns, at = 1, detail = DETAIL_ALL, n;
	enum tabs tabs = TABS_NUMBERED;
	char line[128];

	if (width >= BRAND_MIN)
		at += grid_text(grid, 0, at, width, (struct ink){ ROLE_BRAND, BOLD }, "swtch") + 2;
	status(settings, detail, line, sizeof(line));
	while (at + draw_tabs(settings, NULL, at, tabs) + text_columns(line) + 2 > width) {
		if (tabs < TABS_CLOSE)
			tabs++;
		else if (++detail < N_DETAILS)
			status(settings, detail, line, sizeof(line));
		else
			break;
	}
	at += draw_tabs(settings, grid, at, tabs);
	if (settings->paused)
		at += grid_text(grid, 0, at + 1, width, (struct ink){ ROLE_NOTICE, BOLD | REVERSE },
				" paused ") +
		      1;
	n = text_columns(line) + 1;
	if (n < width && at < width - n)
		grid_text(grid, 0, width - n, n, (struct ink){ ROLE_TEXT, 0 }, line);
}

/* At the right of the sentence: what is recorded, or missing. Returns the columns that are left. */
static unsigned draw_note(const struct settings *settings, struct grid *grid)
{
	char note[128] = "", events[NUMBER_SIZE], bytes[NUMBER_SIZE];
	unsigned width = grid->n_columns, n;

	if (settings->rec)
		snprintf(note, sizeof(note), " recording: %s events, %s ",
			 number_count(events, settings->rec->n_events),
			 number_bytes(bytes, settings->rec->n_bytes));
	else if (settings->tape && settings->tape->note[0])
		snprintf(note, sizeof(note), " %s ", settings->tape->note);
	n = text_columns(note);
	if (!n || n + 1 >= width)
		return width;
	grid_text(grid, 1, width - n, n, (struct ink){ ROLE_NOTICE, BOLD }, note);
	return width - n;
}

/* "60 tasks"; nothing where they are not ours to count. Returns the columns it takes. */
static unsigned draw_n_tasks(const struct settings *settings, struct grid *grid, unsigned at)
{
	char number[NUMBER_SIZE];

	if (!settings->n_tasks || settings->tape || at >= grid->n_columns)
		return 0;
	return 2 + grid_print(grid, 1, at, grid->n_columns - at, (struct ink){ ROLE_TEXT, 0 },
			      "%s task%s", number_count(number, settings->n_tasks),
			      settings->n_tasks == 1 ? "" : "s");
}

/* What the job shows; where not even a part of that fits, what it does. */
static void draw_sentence(const struct settings *settings, struct grid *grid)
{
	unsigned at = 1, width = draw_note(settings, grid);
	size_t n;

	if (settings->job && at < width)
		at += grid_text(grid, 1, at, width - at, (struct ink){ ROLE_TEXT, BOLD },
				settings->job) +
		      2;
	at += draw_n_tasks(settings, grid, at);
	if (at + 1 >= width)
		return;
	width -= at + 1;
	n = settings->shows ? text_clause(settings->shows, width) : 0;
	if ((n && settings->shows[n] != ' ') || !settings->says)
		grid_print(grid, 1, at, width, (struct ink){ ROLE_TEXT, 0 }, "%.*s", (int)n,
			   settings->shows ? settings->shows : "");
	else
		grid_text(grid, 1, at, width, (struct ink){ ROLE_TEXT, 0 }, settings->says);
}

/* What stands for a key in the bar; NULL: nothing does here. */
static const char *bar_label(const struct key_row *key, const struct settings *settings)
{
	enum scenery scenery = settings->tape	    ? SCENERY_REPLAY
			       : settings->programs ? SCENERY_PROGRAMS
						    : SCENERY_LAB;
	const char *label = key_label(key, settings->view, scenery);

	if (!label || key->command != DO_PAUSE)
		return label;
	if (settings->tape)
		return settings->tape->speed ? "Pause" : "Play";
	return settings->paused ? "Go on" : label;
}

/* The first of a key's names: as many bytes as columns. */
static int name_length(const struct key_row *key)
{
	return (int)strcspn(key->shown, " ");
}

static unsigned bar_width(const struct key_row *key, const struct settings *settings)
{
	const char *label = bar_label(key, settings);

	return label ? (unsigned)name_length(key) + (unsigned)strlen(label) + 1 : 0;
}

/* Where there is no room for all keys, how to leave and how to get to a time stay. */
static bool is_kept(const struct key_row *key)
{
	return key->command == DO_QUIT || key->command == DO_JUMP;
}

static void draw_keys(const struct settings *settings, struct grid *grid)
{
	unsigned row = grid->n_rows - 1, at = 0, kept = 0;

	for (const struct key_row *key = key_table; key->command; key++)
		kept += is_kept(key) ? bar_width(key, settings) : 0;
	for (const struct key_row *key = key_table; key->command; key++) {
		unsigned width = bar_width(key, settings);

		kept -= is_kept(key) ? width : 0;
		if (!width || at + width + kept > grid->n_columns)
			continue;
		at += grid_print(grid, row, at, 8, (struct ink){ ROLE_KEY, BOLD }, "%.*s",
				 name_length(key), key->shown);
		at += grid_text(grid, row, at, 12, (struct ink){ ROLE_LABEL, 0 },
				bar_label(key, settings)) +
		      1;
	}
}

void frame_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	const char *said;

	(void)state;
	if (!grid->n_rows || !grid->n_columns)
		return;
	draw_title(settings, grid);
	if (grid->n_rows > 1)
		draw_sentence(settings, grid);
	if (grid->n_rows > FRAME_TOP + 1)
		draw_keys(settings, grid);
	said = settings->message[0] ? settings->message : settings->outcome;
	if (said && grid->n_rows > FRAME_TOP + 2) {
		for (unsigned i = 0; i < grid->n_columns; i++)
			grid_put(grid, grid->n_rows - 2, i, (struct ink){ ROLE_NOTICE, 0 }, U' ');
		grid_print(grid, grid->n_rows - 2, 1, grid->n_columns - 1,
			   (struct ink){ ROLE_NOTICE, BOLD }, "%.*s",
			   (int)text_clause(said, grid->n_columns - 1), said);
	}
}
