// SPDX-License-Identifier: GPL-2.0-only
/* overlay.c - the chooser of jobs and the small prompts above a view. */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

struct prompt {
	const char *title;
	const char *says;
	bool digits; /* nothing else can be typed */
};

static const struct prompt prompts[] = {
	[OVERLAY_TASKS] = { "Tasks", "how many tasks each model gets; Enter starts anew", true },
	[OVERLAY_SEARCH] = { "Search", "any text of a line; Enter goes up, n further", false },
	[OVERLAY_JUMP] = { "Time", "seconds as events have them, or a share like 50%", false },
	[OVERLAY_FILTER] = { "Filter", "any text of a line; empty shows all again", false },
};

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void draw_jobs(const struct settings *settings, struct grid *grid)
{
	unsigned width = least(grid->n_columns, 78);
	unsigned n_shown = least(settings->n_jobs, grid->n_rows > 6 ? grid->n_rows - 6 : 1);
	unsigned top = settings->choice < n_shown ? 0 : settings->choice - n_shown + 1;
	unsigned row = (grid->n_rows - least(grid->n_rows, n_shown + 3)) / 2;
	unsigned column = (grid->n_columns - width) / 2;

	grid_box(grid, row, column, n_shown + 3, width, "Job");
	for (unsigned i = 0; i < n_shown; i++) {
		const struct job_line *job = &settings->jobs[top + i];
		bool chosen = top + i == settings->choice;
		unsigned at = row + 1 + i;

		if (width < 20)
			break;
		grid_text(grid, at, column + 2, 12, (struct ink){ ROLE_TEXT, BOLD }, job->name);
		grid_print(grid, at, column + 15, width - 17, (struct ink){ ROLE_TEXT, 0 }, "%.*s",
			   (int)text_clause(job->says, width - 17), job->says);
		if (chosen)
			grid_mark(grid, at, column + 1, width - 2, REVERSE);
	}
	if (width > 4)
		grid_text(grid, row + 1 + n_shown, column + 2, width - 4,
			  (struct ink){ ROLE_DIM, 0 },
			  settings->n_jobs ? "Up and Down choose, Enter starts, Esc closes"
					   : "no jobs here; Esc closes");
}

static const char *search_says(const struct settings *settings)
{
	if (settings->view == VIEW_TASKS)
		return "name, pid or state; Enter goes to the next, n further";
	if (settings->tape || settings->view == VIEW_TIMELINE)
		return "any text of an event; Enter goes to the next, n further";
	return prompts[OVERLAY_SEARCH].says;
}

static void draw_prompt(const struct settings *settings, struct grid *grid)
{
	const struct prompt *prompt = &prompts[settings->overlay];
	unsigned width = least(grid->n_columns, 60);
	unsigned row = grid->n_rows > 6 ? grid->n_rows - 5 : 0;
	unsigned column = (grid->n_columns - width) / 2;
	unsigned n;

	grid_box(grid, row, column, 4, width, prompt->title);
	if (width < 8)
		return;
	n = grid_text(grid, row + 1, column + 2, width - 5, (struct ink){ ROLE_TEXT, BOLD },
		      settings->prompt);
	grid_put(grid, row + 1, column + 2 + n, (struct ink){ ROLE_TEXT, REVERSE }, U' ');
	grid_text(grid, row + 2, column + 2, width - 4, (struct ink){ ROLE_DIM, 0 },
		  settings->overlay == OVERLAY_SEARCH ? search_says(settings) : prompt->says);
}

void overlay_draw(const struct settings *settings, struct grid *grid)
{
	if (settings->overlay == OVERLAY_JOBS)
		draw_jobs(settings, grid);
	else if (settings->overlay != OVERLAY_NONE)
		draw_prompt(settings, grid);
}

static void jobs_key(struct settings *settings, char32_t key, enum command *command)
{
	unsigned last = settings->n_jobs ? settings->n_jobs - 1 : 0;

	switch (key) {
	case KEY_OF_UP:
		settings->choice -= settings->choice > 0;
		break;
	case KEY_OF_DOWN:
		settings->choice += settings->choice < last;
		break;
	case KEY_OF_HOME:
		settings->choice = 0;
		break;
	case KEY_OF_END:
		settings->choice = last;
		break;
	case KEY_OF_ENTER:
		settings->overlay = OVERLAY_NONE;
		if (settings->n_jobs)
			*command = DO_JOB;
		break;
	case KEY_OF_ESCAPE:
	case KEY_OF_F0 + 2:
		settings->overlay = OVERLAY_NONE;
		break;
	}
}

/* Cut the last character: its continuation bytes, then its first. */
static void rub_out(char *text)
{
	size_t n = strlen(text);

	while (n && (text[n - 1] & 0xc0) == 0x80)
		n--;
	if (n)
		text[n - 1] = '\0';
}

static void type(struct settings *settings, char32_t key)
{
	char bytes[5] = "";
	size_t n = strlen(settings->prompt);

	if (key < 0x20 || key == 0x7f || key > 0x10ffff ||
	    (prompts[settings->overlay].digits && (key < '0' || key > '9')))
		return;
	if (key < 0x80) {
		bytes[0] = (char)key;
	} else if (key < 0x800) {
		bytes[0] = (char)(0xc0 | key >> 6);
		bytes[1] = (char)(0x80 | (key & 0x3f));
	} else if (key < 0x10000) {
		bytes[0] = (char)(0xe0 | key >> 12);
		bytes[1] = (char)(0x80 | (key >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (key & 0x3f));
	} else {
		bytes[0] = (char)(0xf0 | key >> 18);
		bytes[1] = (char)(0x80 | (key >> 12 & 0x3f));
		bytes[2] = (char)(0x80 | (key >> 6 & 0x3f));
		bytes[3] = (char)(0x80 | (key & 0x3f));
	}
	if (n + strlen(bytes) < sizeof(settings->prompt))
		memcpy(settings->prompt + n, bytes, strlen(bytes) + 1);
}

static void accept(const struct state *state, struct settings *settings, enum command *command)
{
	switch (settings->overlay) {
	case OVERLAY_TASKS:
		*command = settings->prompt[0] ? DO_TASKS : DO_NOTHING;
		break;
	case OVERLAY_SEARCH:
		if (settings->prompt[0]) /* else the text of before once more */
			memcpy(settings->search, settings->prompt, sizeof(settings->search));
		if (settings->tape && settings->view != VIEW_TASKS)
			*command = DO_SEARCH;
		else if (settings->view == VIEW_TIMELINE)
			timeline_search(state, settings);
		else if (settings->view == VIEW_TASKS)
			tasks_search(state, settings);
		else
			events_search(state, settings, true);
		break;
	case OVERLAY_JUMP:
		*command = settings->prompt[0] ? DO_JUMP : DO_NOTHING;
		break;
	case OVERLAY_FILTER:
		memcpy(settings->filter, settings->prompt, sizeof(settings->filter));
		settings->bottom = FOLLOW;
		break;
	default:
		break;
	}
	settings->overlay = OVERLAY_NONE;
}

bool overlay_key(const struct state *state, struct settings *settings, char32_t key,
		 enum command *command)
{
	*command = DO_NOTHING;
	if (key == KEY_OF_F0 + 10)
		return false; /* leaving works from everywhere */
	if (settings->overlay == OVERLAY_JOBS)
		jobs_key(settings, key, command);
	else if (key == KEY_OF_ENTER)
		accept(state, settings, command);
	else if (key == KEY_OF_ESCAPE)
		settings->overlay = OVERLAY_NONE;
	else if (key == KEY_OF_BACKSPACE)
		rub_out(settings->prompt);
	else if (key == ('U' & 0x1f))
		settings->prompt[0] = '\0';
	else
		type(settings, key);
	return true;
}
