// SPDX-License-Identifier: GPL-2.0-only
/* tasks_columns.c - what stands in a task's row; columns that find no room go, the least of them first. */
#include "view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "view/number.h"

#define TEXT_SIZE   ESCAPED_SIZE(TASK_NAME_LEN + LANE_NAME_LEN)
#define SPARK_WIDE  20
#define N_SHARES    4
#define PLACE_NAME  1
#define PLACE_SPARK 2

static void tell_pid(char *out, const struct task_item *item, const struct state *state,
		     const struct task_view *view)
{
	(void)state, (void)view;
	if (!item->coroutine) /* whose pid is its thread's */
		snprintf(out, NUMBER_SIZE, "%u", item->row.pid);
}

static void tell_cpu(char *out, const struct task_item *item, const struct state *state,
		     const struct task_view *view)
{
	(void)state, (void)view;
	snprintf(out, NUMBER_SIZE, item->row.cpu == CPU_UNKNOWN ? "-" : "%u", item->row.cpu);
}

static void tell_doing(char *out, const struct task_item *item, const struct state *state,
		       const struct task_view *view)
{
	(void)state, (void)view;
	bool is_suspended = item->coroutine && item->row.doing != TASK_RUNNING;

	snprintf(out, NUMBER_SIZE, "%s",
		 is_suspended ? "suspended" : task_doing_name(item->row.doing));
}

#define TELL_RATE(name)                                                                            \
	static void tell_##name(char *out, const struct task_item *item,                           \
				const struct state *state, const struct task_view *view)           \
	{                                                                                          \
		(void)state, (void)view;                                                           \
		number_rate(out, item->rates.name);                                                \
	}
TELL_RATE(switch_hz)
TELL_RATE(voluntary_hz)
TELL_RATE(involuntary_hz)
TELL_RATE(wakeup_hz)
TELL_RATE(migration_hz)

#define TELL_SHARE(name)                                                                           \
	static void tell_##name(char *out, const struct task_item *item,                           \
				const struct state *state, const struct task_view *view)           \
	{                                                                                          \
		(void)state, (void)view;                                                           \
		number_percent(out, item->rates.name);                                             \
	}
TELL_SHARE(run_share)
TELL_SHARE(wait_share)

/* Threads run beside each other; how long they do nothing, they do in the mean. */
static void tell_sleep_share(char *out, const struct task_item *item, const struct state *state,
			     const struct task_view *view)
{
	(void)state, (void)view;
	number_percent(out, item->rates.sleep_share / (item->n_tasks ? item->n_tasks : 1));
}

static void tell_blocked_share(char *out, const struct task_item *item, const struct state *state,
			       const struct task_view *view)
{
	(void)state, (void)view;
	number_percent(out, item->rates.blocked_share / (item->n_tasks ? item->n_tasks : 1));
}

static void tell_wait_mean(char *out, const struct task_item *item, const struct state *state,
			   const struct task_view *view)
{
	(void)state, (void)view;
	number_time(out, item->rates.wait_mean_ns);
}

static void tell_wait_max(char *out, const struct task_item *item, const struct state *state,
			  const struct task_view *view)
{
	(void)state, (void)view;
	number_time(out, item->row.wait_max_ns ? (double)item->row.wait_max_ns : NAN);
}

const char *task_name_of(uint32_t pid, const struct state *state, const struct task_view *view)
{
	const char *name = names_get(state->names, pid);
	int at = *name ? -1 : task_states_find(view->states, pid, 0);

	return at < 0 ? name : view->states->tasks[at].row.name;
}

static void tell_waker(char *out, const struct task_item *item, const struct state *state,
		       const struct task_view *view)
{
	const char *name = task_name_of(item->row.waker, state, view);

	if (!item->row.has_waker)
		out[0] = '\0';
	else if (!item->row.waker)
		snprintf(out, TEXT_SIZE, "an interrupt");
	else if (*name)
		escape_name(out, TEXT_SIZE, name);
	else
		snprintf(out, TEXT_SIZE, "pid %u", item->row.waker);
}

static void tell_lane(char *out, const struct task_item *item, const struct state *state,
		      const struct task_view *view)
{
	(void)view;
	snprintf(out, TEXT_SIZE, "%s",
		 item->row.lane < state->n_lanes ? state->lanes[item->row.lane].label.name : "");
}

const struct task_column task_columns[] = {
	{ "pid", 8, 1, false, true, TASK_BY_PID, tell_pid,
	  "of a process its own, of a thread the thread's" },
	{ "name", 17, 0, true, true, TASK_BY_NAME, NULL,
	  "in the colour of its lane; of a process, or a program, with how many tasks it has" },
	{ "a second", 12, 7, true, false, 0, NULL,
	  "how it spends its time: runs (full), waits for a CPU (hatched), is blocked (dashes), "
	  "sleeps (dots)" },
	{ "switch/s", 9, 2, false, true, TASK_BY_SWITCHES, tell_switch_hz,
	  "how often it left a CPU; of a coroutine its steps" },
	{ "vol/s", 7, 11, false, true, TASK_BY_VOLUNTARY, tell_voluntary_hz,
	  "of these: it waited for something" },
	{ "inv/s", 7, 8, false, true, TASK_BY_INVOLUNTARY, tell_involuntary_hz,
	  "of these: the CPU was taken away, or given up by sched_yield" },
	{ "run", 6, 3, false, true, TASK_BY_RUN, tell_run_share,
	  "share of the time on a CPU; of a process the sum of its threads" },
	{ "wait", 6, 4, false, true, TASK_BY_WAIT, tell_wait_share,
	  "share of the time it could run and had no CPU; likewise" },
	{ "sleep", 6, 12, false, true, TASK_BY_SLEEP, tell_sleep_share,
	  "share of the time it waited for something, or was stopped; of a process the mean" },
	{ "block", 6, 10, false, true, TASK_BY_BLOCKED, tell_blocked_share,
	  "share of the time in state D: in the kernel, for a disk or a lock; of a process the mean" },
	{ "delay", 9, 6, false, true, TASK_BY_WAIT_MEAN, tell_wait_mean,
	  "from being runnable to running, the mean of the last second" },
	{ "longest", 9, 13, false, true, TASK_BY_WAIT_MAX, tell_wait_max,
	  "the longest delay after a wakeup since the task is watched" },
	{ "moves/s", 8, 15, false, true, TASK_BY_MIGRATIONS, tell_migration_hz,
	  "how often it changed its CPU" },
	{ "woken/s", 8, 14, false, true, TASK_BY_WAKEUPS, tell_wakeup_hz,
	  "how often somebody made it runnable" },
	{ "CPU", 5, 5, false, true, TASK_BY_CPU, tell_cpu, "where it runs, or ran last" },
	{ "state", 10, 9, true, false, 0, tell_doing, "what it does now" },
	{ "woken by", 14, 16, true, false, 0, tell_waker, "who made it runnable last" },
	{ "lane", 12, 17, true, false, 0, tell_lane, "that it belongs to" },
	{ 0 },
};

_Static_assert(sizeof(task_columns) / sizeof(*task_columns) == N_TASK_COLUMNS + 1, "all columns");

unsigned task_column_of(enum task_key key)
{
	unsigned i = 0;

	while (i < N_TASK_COLUMNS && !(task_columns[i].is_sorted && task_columns[i].key == key))
		i++;
	return i < N_TASK_COLUMNS ? i : 0;
}

/* How wide each is; 0: it has no room. What is left over is the names', and of the bar. */
static void lay_out(unsigned width, unsigned widths[N_TASK_COLUMNS])
{
	unsigned left = width;

	memset(widths, 0, N_TASK_COLUMNS * sizeof(*widths));
	for (unsigned rank = 0; rank <= N_TASK_COLUMNS; rank++)
		for (unsigned i = 0; i < N_TASK_COLUMNS; i++)
			if (task_columns[i].rank == rank && task_columns[i].width <= left) {
				widths[i] = task_columns[i].width;
				left -= widths[i];
			}
	if (widths[PLACE_SPARK] && left >= SPARK_WIDE) {
		widths[PLACE_SPARK] += SPARK_WIDE - 10;
		left -= SPARK_WIDE - 10;
	}
	widths[PLACE_NAME] += left < 16 ? left : 16;
}

void task_heads_draw(struct grid *grid, unsigned row, unsigned width, const struct task_view *view)
{
	unsigned widths[N_TASK_COLUMNS], at = 0;

	lay_out(width, widths);
	for (unsigned i = 0; i < N_TASK_COLUMNS; at += widths[i++]) {
		const struct task_column *column = &task_columns[i];
		struct ink ink = { ROLE_DIM, i == view->sort ? BOLD | REVERSE : 0 };

		if (!widths[i])
			continue;
		if (column->is_left)
			grid_text(grid, row, at + 1, widths[i] - 1, ink, column->head);
		else
			grid_right(grid, row, at + 1, widths[i] - 1, ink, column->head);
	}
}

/* The shares of a second, each as wide as it is; what is there at all has a cell if there is room. */
static void draw_shares(struct grid *grid, unsigned row, unsigned at, unsigned width,
			const struct task_item *item, enum role role)
{
	static const char32_t glyphs[N_SHARES] = { U'\u2588', U'\u2591', U'\u254c', U'\u00b7' };
	const struct task_rates *rates = &item->rates;
	double shares[N_SHARES] = { rates->run_share, rates->wait_share, rates->blocked_share,
				    rates->sleep_share };
	double n = item->n_tasks ? item->n_tasks : 1, sum = 0;
	unsigned from = 0;

	if (item->is_gone)
		grid_text(grid, row, at, width, (struct ink){ ROLE_DIM, 0 }, "ended");
	if (item->is_gone || isnan(rates->run_share))
		return;
	for (unsigned i = 0; i < N_SHARES; i++) {
		unsigned to;

		sum += shares[i] / n;
		to = (unsigned)(sum * width + 0.5);
		to = to < width ? to : width;
		for (; from < to; from++)
			grid_put(grid, row, at + from,
				 (struct ink){ i + 1 < N_SHARES ? role : ROLE_DIM, 0 }, glyphs[i]);
	}
	grid_bar(grid, row, at, width, (struct ink){ role, 0 }, rates->run_share / n);
}

static void draw_name(struct grid *grid, unsigned row, unsigned at, unsigned width,
		      const struct task_item *item, enum role role)
{
	char name[ESCAPED_SIZE(TASK_NAME_LEN)], number[NUMBER_SIZE], count[NUMBER_SIZE + 4] = "";
	struct ink ink = { role, item->n_tasks ? BOLD : 0 };
	unsigned end = at + width, n_count;

	escape_name(name, sizeof(name), item->row.name);
	if (item->is_nested)
		at += item->coroutine ? 4 : 2;
	if (item->n_tasks || item->n_coroutines) {
		bool is_folded = item->n_tasks ? item->is_folded : item->hides_coroutines;

		at -= item->n_tasks == 0 && item->is_nested ? 2 : 0;
		grid_put(grid, row, at, (struct ink){ ROLE_DIM, 0 },
			 is_folded ? U'\u25b8' : U'\u25be');
		at += 2;
	}
	if (item->n_tasks)
		snprintf(count, sizeof(count), " x%s", number_count(number, item->n_tasks));
	else if (item->n_coroutines)
		snprintf(count, sizeof(count), " %s co", number_count(number, item->n_coroutines));
	n_count = (unsigned)strlen(count); /* a long name makes room for it */
	if (at + n_count + 4 >= end)
		n_count = 0;
	at += grid_text(grid, row, at, end - at - n_count, ink, *name ? name : "?");
	grid_text(grid, row, at, n_count, (struct ink){ ROLE_DIM, 0 }, count);
}

void task_row_draw(struct grid *grid, unsigned row, unsigned width, const struct task_item *item,
		   const struct state *state, const struct task_view *view)
{
	unsigned widths[N_TASK_COLUMNS], at = 0, lane = item->row.lane;
	bool is_ours = !item->is_gone && lane && lane < state->n_lanes;
	enum role name = is_ours ? lane_role(state, lane) : ROLE_DIM;
	struct ink ink = { item->is_gone || item->coroutine ? ROLE_DIM : ROLE_TEXT, 0 };

	lay_out(width, widths);
	for (unsigned i = 0; i < N_TASK_COLUMNS; at += widths[i++]) {
		const struct task_column *column = &task_columns[i];
		char text[TEXT_SIZE] = "";

		if (!widths[i])
			continue;
		if (i == PLACE_NAME)
			draw_name(grid, row, at + 1, widths[i] - 1, item, name);
		else if (i == PLACE_SPARK)
			draw_shares(grid, row, at + 1, widths[i] - 2, item, name);
		if (!column->tell || (item->is_gone && i))
			continue;
		column->tell(text, item, state, view);
		if (column->is_left)
			grid_text(grid, row, at + 1, widths[i] - 1, ink, text);
		else
			grid_right(grid, row, at + 1, widths[i] - 1, ink, text);
	}
}
