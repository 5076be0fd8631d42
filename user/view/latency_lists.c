// SPDX-License-Identifier: GPL-2.0-only
/* latency_lists.c - coroutines that blocked their thread, and tasks that wake others, the worst first. */
#include "view/latency_lists.h"

#include <stdio.h>

#include "base/escape.h"
#include "base/text.h"
#include "event/calls.h"
#include "event/print.h"
#include "state/blame.h"
#include "state/spans.h"
#include "view/number.h"

#define NAME_WIDTH 28

static const struct ink dim = { ROLE_DIM, 0 }, plain = { ROLE_TEXT, 0 };

/* --- who blocks its thread ------------------------------------------------------------------------ */

unsigned latency_n_blamed(const struct settings *settings)
{
	unsigned n = settings->blame ? settings->blame->n_blamed : 0;

	return n < LATENCY_N_BLAMED ? n : LATENCY_N_BLAMED;
}

static void draw_one(struct grid *grid, unsigned row, const struct blamed *blamed,
		     const struct state *state)
{
	char name[64], thread[64], times[NUMBER_SIZE], most[NUMBER_SIZE];
	unsigned width = grid->n_columns, at = 1 + NAME_WIDTH;
	const char *call = call_says(blamed_call(blamed));
	enum role role = blamed->lane < state->n_lanes ? lane_role(state, blamed->lane) : ROLE_TEXT;
	struct text text;

	text_init(&text, name, sizeof(name));
	coroutine_print(&text, blamed->lane, blamed->id, state->names);
	text_init(&text, thread, sizeof(thread));
	task_print(&text, blamed->thread, state->names);
	grid_text(grid, row, 1, NAME_WIDTH - 2, (struct ink){ role, BOLD }, name);
	at += grid_print(grid, row, at, width - at, plain, "%s times, %s at most",
			 number_count(times, blamed->n_all),
			 number_time(most, (double)blamed->max_ns));
	if (call)
		at += grid_print(grid, row, at, width - at, plain, ", for %s", call);
	if (at + 6 < width)
		grid_print(grid, row, at, width - at, dim, "  in %s", thread);
}

unsigned latency_draw_blamed(struct grid *grid, unsigned row, unsigned n, const struct state *state,
			     const struct settings *settings)
{
	struct blamed worst[LATENCY_N_BLAMED];

	if (!n || !settings->blame)
		return 0;
	n = blame_worst(settings->blame, 0, worst, n < LATENCY_N_BLAMED ? n : LATENCY_N_BLAMED);
	grid_rule(grid, row, 0, grid->n_columns);
	grid_text(grid, row, 1, grid->n_columns - 1, dim,
		  " coroutines that blocked their thread, and all others of it ");
	for (unsigned i = 0; i < n; i++)
		draw_one(grid, row + 1 + i, &worst[i], state);
	return 1 + n;
}

/* --- who wakes whom ------------------------------------------------------------------------------- */

static void put_task(struct grid *grid, unsigned row, unsigned column, uint32_t word,
		     const struct state *state)
{
	char words[ESCAPED_SIZE(TASK_NAME_LEN) + 16];
	enum role role = ROLE_DIM;
	struct text text;

	if (task_lane(word) && task_lane(word) < state->n_lanes)
		role = lane_role(state, task_lane(word));
	text_init(&text, words, sizeof(words));
	waker_print(&text, word, state->names);
	grid_text(grid, row, column, NAME_WIDTH - 2, (struct ink){ role, 0 }, words);
}

unsigned latency_draw_pairs(struct grid *grid, unsigned row, unsigned n, const struct state *state,
			    const struct settings *settings)
{
	const struct spans *spans = settings->spans;
	unsigned width = grid->n_columns, behind = 8 + 2 * NAME_WIDTH;
	struct wake_pair pairs[LATENCY_N_PAIRS];
	char count[NUMBER_SIZE], share[NUMBER_SIZE];

	if (!n)
		return 0;
	n = spans_pairs(spans, 0, pairs, n < LATENCY_N_PAIRS ? n : LATENCY_N_PAIRS);
	grid_rule(grid, row, 0, width);
	grid_text(grid, row, 1, width - 1, dim,
		  " who wakes whom most: who ran there, or was interrupted ");
	for (unsigned i = 0; i < n; i++) {
		put_task(grid, row + 1 + i, 1, pairs[i].waker, state);
		grid_text(grid, row + 1 + i, 1 + NAME_WIDTH, 6, dim, "wakes");
		put_task(grid, row + 1 + i, 8 + NAME_WIDTH, pairs[i].wakee, state);
		number_percent(share, (double)pairs[i].n / (double)spans->n_wakeups);
		if (behind < width)
			grid_print(grid, row + 1 + i, behind, width - behind, plain, "%5s %s",
				   number_count(count, pairs[i].n), share);
	}
	return 1 + n;
}
