// SPDX-License-Identifier: GPL-2.0-only
/* events.c - the log as it runs: newest at the bottom, and rows that do not move once scrolled. */
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#include "view/number.h"

/* How many events of the list are at or above the last line. */
static size_t shown_end(const struct settings *settings)
{
	size_t n = event_list_n(settings->events);

	size_t end;

	if (settings->bottom == FOLLOW)
		return n;
	/* What was on the last line may be gone from the history: then the oldest page there is. */
	end = event_list_up_to(settings->events, settings->bottom);
	if (end < view_page(settings))
		end = view_page(settings) < n ? view_page(settings) : n;
	return end;
}

/* What is at the right of the head: whether what is seen is the newest, or is there at all. */
static void draw_where(const struct settings *settings, struct grid *grid, unsigned at, size_t end)
{
	static const char gone[] = " kept: the history has let these go, End follows ";
	static const char gone_too[] = " no longer in the history ";
	char number[NUMBER_SIZE];
	unsigned width = grid->n_columns, n;
	bool is_gone = event_list_kept(settings->events, settings->bottom, &n) != NULL;
	const char *words = at + sizeof(gone) + 1 < width ? gone : gone_too;

	if (at + 30 >= width)
		return;
	if (is_gone && settings->bottom != FOLLOW)
		grid_text(grid, FRAME_TOP, width - (unsigned)strlen(words) - 1, width,
			  (struct ink){ ROLE_NOTICE, 0 }, words);
	else if (settings->bottom != FOLLOW)
		grid_print(grid, FRAME_TOP, width - 26, 26, (struct ink){ ROLE_DIM, 0 },
			   " %s newer, End follows ",
			   number_count(number, event_list_n(settings->events) - end));
	else if (!settings->paused)
		grid_text(grid, FRAME_TOP, width - 20, 20, (struct ink){ ROLE_DIM, 0 },
			  event_list_is_behind(settings->events) ? " looking further... "
								 : " newest at the end ");
}

static void draw_head(const struct settings *settings, struct grid *grid, size_t end)
{
	char number[NUMBER_SIZE];
	size_t n = event_list_n(settings->events);
	unsigned at = 1, width = grid->n_columns;
	struct ink dim = { ROLE_DIM, 0 };

	grid_rule(grid, FRAME_TOP, 0, width);
	at += grid_print(grid, FRAME_TOP, at, width - at, dim, " %s event%s ",
			 number_count(number, n), n == 1 ? "" : "s");
	if (settings->filter[0] && at < width)
		at += grid_print(grid, FRAME_TOP, at + 1, width - at,
				 (struct ink){ ROLE_NOTICE, BOLD }, " filter: %s ",
				 settings->filter) +
		      1;
	if (settings->search[0] && at < width)
		at += grid_print(grid, FRAME_TOP, at + 1, width - at,
				 (struct ink){ ROLE_MATCH, BOLD }, " search: %s ",
				 settings->search) +
		      1;
	draw_where(settings, grid, at, end);
}

void events_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	unsigned top = FRAME_TOP + 1, n_rows, n_kept;
	const struct event *kept;
	size_t end, n;

	if (view_end(grid) <= top)
		return;
	n_rows = view_end(grid) - top;
	n_rows -= settings->outcome && n_rows > 1;
	if (!settings->events || !event_list_n(settings->events)) {
		grid_rule(grid, FRAME_TOP, 0, grid->n_columns);
		grid_text(grid, top + 1, 1, grid->n_columns - 1, (struct ink){ ROLE_DIM, 0 },
			  !settings->filter[0] ? "No events yet. R starts the job again."
			  : settings->events && event_list_is_behind(settings->events)
				  ? "Looking for that text..."
				  : "No event has that text. F4 changes it, Esc drops it.");
		if (settings->filter[0])
			grid_print(grid, FRAME_TOP, 2, grid->n_columns,
				   (struct ink){ ROLE_NOTICE, BOLD }, " filter: %s ",
				   settings->filter);
		return;
	}
	end = shown_end(settings);
	draw_head(settings, grid, end);
	kept = event_list_kept(settings->events, settings->bottom, &n_kept);
	if (kept) {
		n = n_kept < n_rows ? n_kept : n_rows;
		for (size_t i = 0; i < n; i++)
			event_line_draw(grid, top + (unsigned)i, &kept[n_kept - n + i], state,
					settings);
		return;
	}
	n = end < n_rows ? end : n_rows;
	for (size_t i = 0; i < n; i++)
		event_line_draw(grid, top + (unsigned)i,
				event_list_at(settings->events, end - n + i), state, settings);
}

/* Put event i of the list on the last line; at the very end, follow again. */
static void scroll_to(struct settings *settings, size_t end)
{
	size_t n = event_list_n(settings->events);
	size_t least = view_page(settings) < n ? view_page(settings) : n;

	if (end < least)
		end = least;
	settings->bottom = end >= n || !end ? FOLLOW : event_list_number(settings->events, end - 1);
}

bool events_key(const struct state *state, struct settings *settings, enum command command)
{
	size_t end, by = view_page(settings);

	(void)state;
	if (!settings->events)
		return false;
	end = shown_end(settings);
	switch (command) {
	case DO_UP:
		scroll_to(settings, end ? end - 1 : 0);
		return true;
	case DO_DOWN:
		scroll_to(settings, end + 1);
		return true;
	case DO_PAGE_UP:
		scroll_to(settings, end > by ? end - by : 0);
		return true;
	case DO_PAGE_DOWN:
		scroll_to(settings, end + by);
		return true;
	case DO_HOME:
		scroll_to(settings, 0);
		return true;
	case DO_END:
		settings->bottom = FOLLOW;
		return true;
	default:
		return false;
	}
}

void events_search(const struct state *state, struct settings *settings, bool from_bottom)
{
	size_t i;

	if (!settings->search[0] || !settings->events) {
		snprintf(settings->message, sizeof(settings->message),
			 "nothing to search for: press / and type");
		return;
	}
	/* Further up means above the last line, which is where the one before was put. */
	i = shown_end(settings);
	if (!from_bottom && i)
		i--;
	while (i--) {
		if (!event_matches(event_list_at(settings->events, i), state, settings->search))
			continue;
		settings->bottom = event_list_number(settings->events, i);
		settings->message[0] = '\0';
		return;
	}
	snprintf(settings->message, sizeof(settings->message), "\"%s\" is in no event above",
		 settings->search);
}
