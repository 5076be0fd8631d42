// SPDX-License-Identifier: GPL-2.0-only
/*
 * tasks.c - the list of tasks: what is chosen in it, in which order it is, and when that may change.
 *
 * Rows are sorted again only after nobody moved the cursor for REST_NS. The cursor is on a task, not on
 * a row; until it is moved for the first time, on the first row, whoever that is.
 */
#include "view/view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "view/number.h"

#define REST_NS		 (4 * NS_PER_S)
#define WIDE		 150 /* columns from which what is told of a task is beside the list */
#define BESIDE		 68
#define DETAIL_ROWS	 11
#define LIST_ROWS_MIN	 4
#define TALL		 26 /* rows from which all that is told has room */
#define DETAIL_ROWS_TALL 14

struct layout {
	unsigned n_rows, width; /* of the list, below its heads */
	unsigned detail_top, detail_left, detail_rows, detail_width; /* 0 rows: none */
};

bool tasks_are_there(const struct settings *settings)
{
	return settings->tasks.list != NULL;
}

static struct layout lay_out(const struct settings *settings)
{
	unsigned rest = FRAME_TOP + 2 + (settings->outcome || settings->message[0] ? 2 : 1);
	unsigned n = settings->n_rows > rest ? settings->n_rows - rest : 0, wanted;
	struct layout layout = { .n_rows = n, .width = settings->n_columns };

	if (!settings->tasks.is_detailed || n < LIST_ROWS_MIN + 3)
		return layout;
	layout.detail_top = FRAME_TOP;
	if (settings->n_columns >= WIDE) {
		layout.detail_rows = n + 2;
		layout.detail_width = BESIDE;
		layout.width = layout.detail_left = settings->n_columns - BESIDE;
		return layout;
	}
	wanted = n < TALL ? DETAIL_ROWS : DETAIL_ROWS_TALL;
	layout.detail_rows = n - LIST_ROWS_MIN < wanted ? n - LIST_ROWS_MIN : wanted;
	layout.n_rows -= layout.detail_rows;
	layout.detail_top = FRAME_TOP + 2 + layout.n_rows;
	layout.detail_width = settings->n_columns;
	return layout;
}

/* --- bringing up to date -------------------------------------------------------------------------- */

static int list(const struct state *state, struct settings *settings)
{
	struct task_view *view = &settings->tasks;
	bool rests = !view->moved_ns || view->clock_ns - view->moved_ns > REST_NS;
	bool is_first =
		view->states->step_ns && !view->has_rates; /* there was nothing to sort by */
	struct task_order order = {
		.key = task_columns[view->sort].key,
		.is_flipped = view->is_flipped,
		.is_flat = view->tree == TREE_NONE,
		.is_folded = view->tree == TREE_OF_PROGRAMS,
		.is_apart = !rests && !view->is_unsorted && !is_first,
		.filter = view->filter,
		.coroutines = view->coroutines,
	};

	if (task_states_join(view->states, view->tree == TREE_OF_PROGRAMS))
		return -ENOMEM;
	if (strcmp(view->filter, settings->filter) != 0) {
		snprintf(view->filter, sizeof(view->filter), "%s", settings->filter);
		order.is_apart = false;
	} else if (view->listed_ns == view->states->time_ns && !view->is_stale &&
		   !view->is_unsorted) {
		return 0;
	}
	view->listed_ns = view->states->time_ns;
	view->has_rates = view->states->step_ns > 0;
	view->is_stale = view->is_unsorted = false;
	view->facts.id = (struct task_id){ 0 };
	return task_list_update(view->list, view->states, state, &order);
}

/* Where the chosen task is now; if it is nowhere, who has its place is chosen. */
static void place_cursor(struct settings *settings)
{
	struct task_view *view = &settings->tasks;
	unsigned n = (unsigned)task_list_n(view->list), page = lay_out(settings).n_rows;
	long at = view->is_chosen ? task_list_find(view->list, &view->id) : 0;

	if (at >= 0)
		view->cursor = (unsigned)at;
	if (view->cursor >= n)
		view->cursor = n ? n - 1 : 0;
	if (n && at < 0)
		view->id = task_item_id(task_list_at(view->list, view->cursor));
	if (!view->is_chosen)
		view->top = 0;
	if (view->top + page > n)
		view->top = n > page ? n - page : 0;
	if (!view->goes_along && !view->is_to_be_seen)
		return;
	view->is_to_be_seen = false;
	if (view->cursor < view->top)
		view->top = view->cursor;
	if (page && view->cursor >= view->top + page)
		view->top = view->cursor - page + 1;
}

int tasks_update(const struct state *state, struct settings *settings)
{
	struct task_view *view = &settings->tasks;
	int err;

	if (!view->list || !view->states || settings->view != VIEW_TASKS)
		return 0;
	err = list(state, settings);
	if (err)
		return err;
	place_cursor(settings);
	if (view->is_detailed && view->cursor < task_list_n(view->list))
		task_facts_find(&view->facts, task_list_at(view->list, view->cursor),
				settings->unread ? NULL : settings->timeline_events);
	return 0;
}

/* --- drawing -------------------------------------------------------------------------------------- */

static unsigned draw_words(struct grid *grid, unsigned at, enum role role, const char *words)
{
	if (at + 4 >= grid->n_columns)
		return at;
	return at + 1 +
	       grid_text(grid, FRAME_TOP, at, grid->n_columns - at, (struct ink){ role, 0 }, words);
}

static void draw_head(const struct settings *settings, struct grid *grid)
{
	const struct task_view *view = &settings->tasks;
	const struct task_column *by = &task_columns[view->sort];
	char tasks[NUMBER_SIZE], processes[NUMBER_SIZE], words[2 * PROMPT_BYTES];
	unsigned at = 1;

	grid_rule(grid, FRAME_TOP, 0, grid->n_columns);
	snprintf(words, sizeof(words), " %s task%s of %s process%s ",
		 number_count(tasks, view->states->n_tasks), view->states->n_tasks == 1 ? "" : "s",
		 number_count(processes, view->states->n_joined),
		 view->states->n_joined == 1 ? "" : "es");
	at = draw_words(grid, at, ROLE_DIM, words);
	if (view->states->is_by_program) {
		snprintf(words, sizeof(words), " in %s program%s ",
			 number_count(tasks, view->states->n_processes),
			 view->states->n_processes == 1 ? "" : "s");
		at = draw_words(grid, at, ROLE_DIM, words);
	}
	snprintf(words, sizeof(words), " by %s%s ", by->head, view->is_flipped ? ", flipped" : "");
	at = draw_words(grid, at, ROLE_DIM, words);
	if (view->goes_along)
		at = draw_words(grid, at, ROLE_NOTICE, " following ");
	if (settings->filter[0]) {
		snprintf(words, sizeof(words), " filter: %s ", settings->filter);
		at = draw_words(grid, at, ROLE_NOTICE, words);
	}
	if (settings->search[0]) {
		snprintf(words, sizeof(words), " search: %s ", settings->search);
		at = draw_words(grid, at, ROLE_MATCH, words);
	}
	if (view->coroutines && view->coroutines->n_untold) {
		snprintf(words, sizeof(words), " of coroutines %s are told ",
			 number_count(tasks, N_COROUTINES_TOLD));
		at = draw_words(grid, at, ROLE_ALARM, words);
	}
	if (view->states->n_untracked) {
		snprintf(words, sizeof(words), " %s not counted singly: no slot ",
			 number_count(tasks, view->states->n_untracked));
		draw_words(grid, at, ROLE_ALARM, words);
	}
}

static void draw_empty(const struct settings *settings, struct grid *grid)
{
	const char *says =
		settings->tape
			? "No task is there at this time. Space plays on."
			: "No task is watched yet, or all have ended. R starts the job again.";

	if (settings->filter[0])
		says = "No task has that text. F4 changes it, Esc drops it.";
	else if (settings->paused) /* they are read only while they are seen */
		says = "Nobody looked at tasks before the pause. Space goes on.";
	grid_text(grid, FRAME_TOP + 3, 1, grid->n_columns - 1, (struct ink){ ROLE_DIM, 0 }, says);
}

void tasks_draw(const struct state *state, const struct settings *settings, struct grid *grid)
{
	const struct task_view *view = &settings->tasks;
	struct layout layout = lay_out(settings);
	size_t n;

	if (!view->list || !view->states || view_end(grid) <= FRAME_TOP + 2)
		return;
	n = task_list_n(view->list);
	draw_head(settings, grid);
	if (!n) {
		draw_empty(settings, grid);
		return;
	}
	task_heads_draw(grid, FRAME_TOP + 1, layout.width, view);
	for (unsigned i = 0; i < layout.n_rows && view->top + i < n; i++) {
		task_row_draw(grid, FRAME_TOP + 2 + i, layout.width,
			      task_list_at(view->list, view->top + i), state, view);
		if (view->top + i == view->cursor)
			grid_mark(grid, FRAME_TOP + 2 + i, 0, layout.width, REVERSE);
	}
	if (layout.detail_rows)
		task_detail_draw(state, settings, grid, layout.detail_top, layout.detail_left,
				 layout.detail_rows, layout.detail_width);
}

/* --- keys ----------------------------------------------------------------------------------------- */

static void choose(struct task_view *view, unsigned at)
{
	view->cursor = at;
	view->is_chosen = true;
	view->id = task_item_id(task_list_at(view->list, at));
	view->moved_ns = view->clock_ns;
	view->is_to_be_seen = true;
}

void tasks_search(const struct state *state, struct settings *settings)
{
	struct task_view *view = &settings->tasks;
	const char *text = settings->search;
	unsigned n = view->list ? (unsigned)task_list_n(view->list) : 0;

	if (!text[0]) {
		snprintf(settings->message, sizeof(settings->message),
			 "nothing to search for: press / and type");
		return;
	}
	for (unsigned i = 1; i <= n; i++) {
		unsigned at = (view->cursor + i) % n;

		if (!task_item_matches(task_list_at(view->list, at), state, text))
			continue;
		choose(view, at);
		settings->message[0] = '\0';
		return;
	}
	snprintf(settings->message, sizeof(settings->message),
		 "\"%s\" is in no row; threads of a folded process have none", text);
}

static void say_folded(struct settings *settings)
{
	snprintf(settings->message, sizeof(settings->message),
		 "too many are folded or unfolded: take one back, or press T");
}

/* The coroutines of the task that the cursor is on, or of which it is on one. False: it has none. */
static bool fold_coroutines(struct settings *settings, bool is_wanted)
{
	struct task_view *view = &settings->tasks;
	unsigned at = view->cursor;
	const struct task_item *item;

	while (at && task_list_at(view->list, at)->coroutine)
		at--;
	item = task_list_at(view->list, at);
	if (!item->n_coroutines || item->hides_coroutines == is_wanted)
		return false;
	choose(view, at);
	if (!task_list_fold_coroutines(view->list, item))
		say_folded(settings);
	view->is_unsorted = true;
	return true;
}

/* Left and Right: fold what the cursor is in, coroutines first and then their process; or unfold it. */
static void fold(struct settings *settings, bool is_wanted)
{
	struct task_view *view = &settings->tasks;
	unsigned at = view->cursor;
	const struct task_item *item;

	if (fold_coroutines(settings, is_wanted))
		return;
	while (at && task_list_at(view->list, at)->is_nested)
		at--;
	item = task_list_at(view->list, at);
	if (!item->n_tasks || item->is_folded == is_wanted)
		return;
	choose(view, at);
	if (!task_list_fold(view->list, item))
		say_folded(settings);
	view->is_stale = true;
}

static void sort_by(struct task_view *view, int by)
{
	do
		view->sort = (view->sort + N_TASK_COLUMNS + (unsigned)by) % N_TASK_COLUMNS;
	while (!task_columns[view->sort].is_sorted);
	view->is_unsorted = true;
}

static void open_detail(struct settings *settings)
{
	struct task_view *view = &settings->tasks;
	const struct task_item *item = task_list_at(view->list, view->cursor);

	if (item->n_tasks && item->is_folded)
		fold(settings, false);
	else
		view->is_detailed = !view->is_detailed;
	choose(view, view->cursor);
}

static bool arrange(struct settings *settings, enum command command)
{
	struct task_view *view = &settings->tasks;

	switch (command) {
	case DO_PAN_LEFT:
	case DO_PAN_RIGHT:
		sort_by(view, command == DO_PAN_LEFT ? -1 : 1);
		return true;
	case DO_FLIP:
		view->is_flipped = !view->is_flipped;
		view->is_unsorted = true;
		return true;
	case DO_TREE:
		view->tree = (view->tree + 1) % N_TASK_TREES;
		view->is_unsorted = true;
		return true;
	default:
		return false;
	}
}

bool tasks_key(const struct state *state, struct settings *settings, enum command command)
{
	struct task_view *view = &settings->tasks;
	unsigned page = lay_out(settings).n_rows, at = view->cursor, n;

	(void)state;
	if (!view->list || !view->states)
		return false;
	if (arrange(settings, command))
		return true;
	n = (unsigned)task_list_n(view->list);
	if (!n)
		return command == DO_CHOOSE || command == DO_LEFT || command == DO_RIGHT ||
		       scroll_key(&at, 0, 1, command);
	if (scroll_key(&at, n - 1, page ? page : 1, command)) {
		choose(view, at);
		if (command == DO_HOME) /* to whoever is first from now on */
			view->is_chosen = view->goes_along = false;
		return true;
	}
	switch (command) {
	case DO_LEFT:
	case DO_RIGHT:
		fold(settings, command == DO_LEFT);
		return true;
	case DO_CHOOSE:
		open_detail(settings);
		return true;
	case DO_GO_ALONG:
		view->goes_along = !view->goes_along;
		choose(view, view->cursor);
		return true;
	case DO_CLEAR:
		if (settings->message[0] || settings->search[0] || settings->filter[0] ||
		    !view->is_detailed)
			return false;
		view->is_detailed = false;
		return true;
	default:
		return false;
	}
}
