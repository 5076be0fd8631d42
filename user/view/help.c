// SPDX-License-Identifier: GPL-2.0-only
/* help.c - made from the tables of views, keys and figures, so that it cannot fall behind. */
#include "base/text.h"
#include "view/view.h"
#include "state/spans.h"

#include <stdio.h>
#include <string.h>

#include "view/lanes.h"

#define HEAD_COLUMNS 16

/* Lines are counted first, drawn second, by the same walk. */
struct page {
	struct grid *grid; /* NULL: only count */
	unsigned width, top, n;
};

static void put_line(struct page *page, const char *head, struct ink ink, const char *text)
{
	unsigned row = FRAME_TOP + 1 + page->n - page->top;

	if (page->grid && page->n >= page->top && row < view_end(page->grid)) {
		grid_text(page->grid, row, 2, *text ? HEAD_COLUMNS - 1 : page->width - 3, ink,
			  head);
		if (page->width > HEAD_COLUMNS + 3)
			grid_text(page->grid, row, HEAD_COLUMNS + 2, page->width - HEAD_COLUMNS - 3,
				  (struct ink){ ROLE_TEXT, 0 }, text);
	}
	page->n++;
}

/* Text beside a head, broken between words. */
static void put(struct page *page, const char *head, const char *text)
{
	unsigned room = page->width > HEAD_COLUMNS + 24 ? page->width - HEAD_COLUMNS - 4 : 20;
	char line[256];

	if (room > sizeof(line) - 1)
		room = sizeof(line) - 1;
	do {
		const char *from = text;
		size_t n = words_wrap(&text, room);

		snprintf(line, sizeof(line), "%.*s", (int)n, from);
		put_line(page, head, (struct ink){ ROLE_TEXT, BOLD }, line);
		head = "";
	} while (*text);
}

static void put_title(struct page *page, const char *title)
{
	if (page->n)
		put_line(page, "", (struct ink){ 0 }, "");
	put_line(page, title, (struct ink){ ROLE_BRAND, BOLD }, "");
}

static void put_figures(struct page *page, enum section section, const char *title)
{
	put_title(page, title);
	for (const struct lane_row *row = lane_rows; row->head; row++)
		if (row->section == section)
			put(page, row->head, row->says);
}

static void put_event_lines(struct page *page)
{
	put_title(page, "An event's line");
	put(page, "0.001234", "seconds since the run was started");
	put(page, "[001] or 001", "the CPU; --- for none");
	put(page, "vol S",
	    "\"voluntary (S)\" in less room: the task waits for something; the letter is its "
	    "state: S sleeps, D sleeps deeply, T stopped, X or Z ended");
	put(page, "inv R",
	    "\"involuntary (R)\": the CPU was taken away, or given up by sched_yield, and the "
	    "task still wants to run");
	put(page, "ran 3.1us", "how long it was on the CPU; vol S 3.1us in less room");
	put(page, "waited 438ns",
	    "how long the next one was runnable before it came; or wait 438ns");
}

static void put_claims(struct page *page)
{
	put_title(page, "Claims");
	put(page, "holds", "all that the claim is judged by keeps its bound");
	put(page, "does not hold", "something is beyond its bound, in every round that counts");
	put(page, "not decided",
	    "the rounds are on both sides of a bound, or something was not measured; fewer than "
	    "five rounds decide nothing");
	put(page, "yes, no, ?", "the same of one figure, before it");
	put(page, "4.35 (4.1..4.6)",
	    "the median of the rounds, the least and the most of them; always: all the same");
	put(page, "over ...", "the figure above it, divided by that one in each round");
}

static void put_tasks(struct page *page)
{
	put_title(page, "Tasks");
	for (const struct task_column *column = task_columns; column->head; column++)
		put(page, column->head, column->says);
	put(page, "the order",
	    "is made anew when the cursor has not moved for four seconds, or when another "
	    "column is chosen; what has ended is grey until then");
}

static void put_latency(struct page *page)
{
	put_title(page, "Latency");
	put(page, "time", "the share of all time that the lane's tasks were seen to spend");
	put(page, "p50, p99", "half of the times, and 99 of 100, were no longer");
	put(page, "bars", "how many were so long: a column is twice as long as the one before");
	for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++)
		put(page, span_says(kind), span_explains(kind));
	put(page, "who blocks",
	    "coroutines in the middle of which their thread fell asleep, so that all others of it "
	    "had to wait; not where it waits between two, or was preempted");
	put(page, "who wakes",
	    "the task that ran where another was made runnable: its doing, or that of an interrupt "
	    "that came over it (a timer, a device); an interrupt on an idle CPU is told as one");
}

static void put_timeline(struct page *page)
{
	put_title(page, "Timeline");
	put(page, "a row",
	    "a CPU; unfolded, the tasks that ran on it, most time first; of a thread its "
	    "coroutines");
	put(page, "a block",
	    "who runs, in the colour of the lane; grey are tasks that nobody asked to "
	    "watch; where many had a column, its height is the share of the time that "
	    "somebody ran, its colour who ran longest");
	put(page, "a task's row",
	    "also when it waits for a CPU, when it is blocked (D), when it runs on "
	    "another CPU; blank while it sleeps");
	put(page, "dots, hatching", "idle; and nobody knows who ran");
	put(page, "marks",
	    "it wakes somebody, makes a task (clone), ends; a red ! where events were lost");
	put(page, "further back",
	    "than events are kept the shares of each CPU's time are still there");
}

static void walk(struct page *page)
{
	put_title(page, "The screen");
	put(page, "columns",
	    "one for each model that does the job; grey at the right: the CPU's "
	    "other work");
	put(page, "a CPU's row",
	    "switches a second: a number, a bar on one scale for all, and the "
	    "recent past, newest at the right");
	put(page, "other", "switches a second of tasks that nobody asked to watch");
	put(page, "idle", "share of the CPU's time without anything to run");
	put(page, "red", "events or updates were lost, or an audit failed; nothing else is red");
	put(page, "-", "not known, or there is no such thing here");
	put_figures(page, PER_UNIT, "A unit of work, a round trip say, costs");
	put_figures(page, IN_TOTAL, "In total");
	put(page, "bars", "hold the lanes against each other by the row's first figure");
	put(page, "watching",
	    "what the hook adds to a switch (one in 256 is timed), what all our own processes take of a "
	    "CPU and for each event, how often they switch: that is in no lane and not in other");
	put_event_lines(page);
	put_claims(page);
	put_timeline(page);
	put_tasks(page);
	put_latency(page);
	put_title(page, "Keys");
	for (const struct key_row *key = key_table; key->command; key++)
		if (key->says)
			put(page, key->shown, key->says);
	put_title(page, "Views");
	for (unsigned i = 0; views[i].title; i++)
		put(page, views[i].title, views[i].says);
}

static unsigned last_top(const struct settings *settings)
{
	struct page page = { .width = settings->n_columns };
	unsigned n_rows = settings->n_rows > FRAME_TOP + 2 ? settings->n_rows - FRAME_TOP - 2 : 1;

	walk(&page);
	return page.n > n_rows ? page.n - n_rows : 0;
}

void help_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	struct page page = { .grid = grid, .width = grid->n_columns, .top = settings->top_help };
	unsigned n_rows = view_end(grid) > FRAME_TOP + 1 ? view_end(grid) - FRAME_TOP - 1 : 0;

	(void)state;
	if (!n_rows)
		return;
	grid_rule(grid, FRAME_TOP, 0, grid->n_columns);
	walk(&page);
	if (page.n > n_rows)
		grid_print(grid, FRAME_TOP, 1, grid->n_columns, (struct ink){ ROLE_DIM, 0 },
			   " %u-%u of %u lines%s ", page.top + 1,
			   page.top + n_rows < page.n ? page.top + n_rows : page.n, page.n,
			   page.top + n_rows < page.n ? ", PgDn for more" : "");
}

bool help_key(const struct state *state, struct settings *settings, enum command command)
{
	unsigned by = settings->n_rows > FRAME_TOP + 4 ? settings->n_rows - FRAME_TOP - 4 : 1;

	(void)state;
	return scroll_key(&settings->top_help, last_top(settings), by, command);
}
