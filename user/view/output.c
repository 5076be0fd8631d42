// SPDX-License-Identifier: GPL-2.0-only
/* output.c - what a command writes on its terminal: newest at the bottom, and rows that stay once scrolled. */
#include "view/view.h"

#include "view/number.h"
#include "view/pane.h"

bool output_is_there(const struct settings *settings)
{
	return settings->pane != NULL;
}

/* The number behind that of the last line that is seen. */
static uint64_t shown_end(const struct settings *settings, uint64_t n)
{
	return settings->output_end == FOLLOW || settings->output_end > n ? n
									  : settings->output_end;
}

static void draw_head(struct grid *grid, uint64_t n, uint64_t end)
{
	char number[NUMBER_SIZE];
	unsigned width = grid->n_columns;

	grid_rule(grid, FRAME_TOP, 0, width);
	grid_print(grid, FRAME_TOP, 1, width - 1, (struct ink){ ROLE_DIM, 0 }, " %s line%s ",
		   number_count(number, n), n == 1 ? "" : "s");
	if (end < n && width > 50)
		grid_print(grid, FRAME_TOP, width - 26, 26, (struct ink){ ROLE_DIM, 0 },
			   " %s newer, End follows ", number_count(number, n - end));
}

void output_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	unsigned top = FRAME_TOP + 1, n_rows;
	char line[PANE_BYTES];
	uint64_t n, end;

	(void)state;
	if (view_end(grid) <= top || !settings->pane)
		return;
	n_rows = view_end(grid) - top;
	n_rows -= settings->outcome && n_rows > 1;
	n = pane_n_lines(settings->pane);
	end = shown_end(settings, n);
	draw_head(grid, n, end);
	if (!n)
		grid_text(grid, top + 1, 1, grid->n_columns - 1, (struct ink){ ROLE_DIM, 0 },
			  "What the command writes comes here. Nothing so far.");
	if (n_rows > end)
		n_rows = (unsigned)end;
	for (unsigned i = 0; i < n_rows; i++)
		if (pane_line(settings->pane, end - n_rows + i, line))
			grid_text(grid, top + i, 0, grid->n_columns, (struct ink){ ROLE_TEXT, 0 },
				  line);
}

/* No further up than there are lines; at the very end, follow again. */
static void scroll_to(struct settings *settings, uint64_t n, uint64_t end)
{
	uint64_t first = n > N_PANE_LINES ? n - N_PANE_LINES : 0;
	uint64_t least = first + view_page(settings) < n ? first + view_page(settings) : n;

	if (end < least)
		end = least;
	settings->output_end = end >= n ? FOLLOW : end;
}

bool output_key(const struct state *state, struct settings *settings, enum command command)
{
	uint64_t n, end, by = view_page(settings);

	(void)state;
	if (!settings->pane)
		return false;
	n = pane_n_lines(settings->pane);
	end = shown_end(settings, n);
	switch (command) {
	case DO_UP:
		scroll_to(settings, n, end ? end - 1 : 0);
		return true;
	case DO_DOWN:
		scroll_to(settings, n, end + 1);
		return true;
	case DO_PAGE_UP:
		scroll_to(settings, n, end > by ? end - by : 0);
		return true;
	case DO_PAGE_DOWN:
		scroll_to(settings, n, end + by);
		return true;
	case DO_HOME:
		scroll_to(settings, n, 0);
		return true;
	case DO_END:
		settings->output_end = FOLLOW;
		return true;
	default:
		return false;
	}
}
