// SPDX-License-Identifier: GPL-2.0-only
/* tasks_detail.c - why the chosen task left its CPU, who brought it back, and what that usually means. */
#include "view/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/text.h"
#include "event/calls.h"
#include "event/print.h"
#include "event/syscalls.h"
#include "state/blame.h"
#include "view/number.h"

#define HEAD_COLUMNS 9
#define LINE_SIZE    320
#define NAME_SIZE    ESCAPED_SIZE(TASK_NAME_LEN)

/* Where the next line goes. */
struct place {
	struct grid *grid;
	unsigned row, end, left, width;
};

/* Figures that a sentence is chosen by; over the last step, but `total`. */
struct habit {
	double switch_hz, voluntary_hz, involuntary_hz;
	double run, wait, sleep, blocked; /* of the time, of one of its threads */
	double stay_ns;			  /* on a CPU, each time */
	double delay_ns;
	uint64_t total; /* switches ever */
};

/* --- what that usually means ---------------------------------------------------------------------- */

static bool never_ran(const struct habit *habit)
{
	return !habit->total && habit->sleep > 0.99;
}

static bool never_left(const struct habit *habit)
{
	return !habit->total;
}

static bool hogs(const struct habit *habit)
{
	return habit->run > 0.9 && habit->voluntary_hz < 10;
}

static bool competes(const struct habit *habit)
{
	return habit->wait > 0.1 && habit->involuntary_hz > habit->voluntary_hz;
}

static bool is_held_up(const struct habit *habit)
{
	return habit->wait > 0.1 && habit->wait > habit->run;
}

static bool is_in_kernel(const struct habit *habit)
{
	return habit->blocked > 0.1 && habit->blocked >= habit->run;
}

static bool is_short(const struct habit *habit)
{
	return habit->voluntary_hz > 1000 && habit->stay_ns < 20 * NS_PER_US;
}

static bool is_idle(const struct habit *habit)
{
	return habit->sleep > 0.99;
}

static bool is_mostly_asleep(const struct habit *habit)
{
	return habit->sleep > 0.5;
}

static bool is_busy(const struct habit *habit)
{
	return habit->run > 0.5;
}

/* The first that is true. Kept to what the figures say. */
static const struct {
	bool (*is_so)(const struct habit *habit);
	const char *says;
} meanings[] = {
	{ never_ran, "it has waited for something ever since it is watched" },
	{ never_left, "it has not left a CPU since it is watched" },
	{ hogs,
	  "it computes: it has a CPU nearly all the time and hardly ever waits for anything" },
	{ competes,
	  "it competes for the CPU: it mostly leaves because the CPU is taken away, or given up by "
	  "sched_yield, while it still wants to run" },
	{ is_in_kernel, "it waits in the kernel, mostly for a disk or a lock (state D)" },
	{ is_held_up,
	  "it is ready to run for longer than it runs: others have the CPUs it could use" },
	{ is_short,
	  "each wakeup brings little work: it runs for microseconds and then waits for something "
	  "again" },
	{ is_idle, "it waits for something nearly all the time: others decide when it runs" },
	{ is_mostly_asleep, "it has less to do than one CPU could: it mostly waits for others" },
	{ is_busy, "it has work for most of the time, and waits for something now and then" },
};

static struct habit habit_of(const struct task_item *item)
{
	const struct task_rates *rates = &item->rates;
	double n = item->n_tasks ? item->n_tasks : 1;

	return (struct habit){
		.switch_hz = rates->switch_hz,
		.voluntary_hz = rates->voluntary_hz,
		.involuntary_hz = rates->involuntary_hz,
		.run = rates->run_share / n,
		.wait = rates->wait_share / n,
		.sleep = rates->sleep_share / n,
		.blocked = rates->blocked_share / n,
		.stay_ns =
			rates->switch_hz > 0 ? rates->run_share * NS_PER_S / rates->switch_hz : NAN,
		.delay_ns = rates->wait_mean_ns,
		.total = item->row.voluntary + item->row.involuntary,
	};
}

static const char *meaning(const struct habit *habit)
{
	if (isnan(habit->run))
		return "not known yet: two measurements are needed";
	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].is_so(habit))
			return meanings[i].says;
	return "nothing stands out: it runs, waits and sleeps in turn";
}

/* --- lines ---------------------------------------------------------------------------------------- */

/* A head and text, which goes on in the lines below it. */
static void put(struct place *place, const char *head, enum role role, const char *text)
{
	unsigned at = place->left + 1 + HEAD_COLUMNS;
	unsigned width = place->width > HEAD_COLUMNS + 10 ? place->width - HEAD_COLUMNS - 3 : 1;
	char line[LINE_SIZE];

	while (*text && place->row < place->end) {
		const char *from = text;
		size_t n = words_wrap(&text, width);

		snprintf(line, sizeof(line), "%.*s", (int)n, from);
		grid_text(place->grid, place->row, place->left + 1, HEAD_COLUMNS,
			  (struct ink){ ROLE_DIM, 0 }, head);
		grid_text(place->grid, place->row, at, width, (struct ink){ role, 0 }, line);
		place->row++;
		head = "";
	}
}

static void add(char *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char *line, const char *format, ...)
{
	size_t n = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, LINE_SIZE - n, format, args);
	va_end(args);
}

static void put_left(struct place *place, const struct task_item *item, const struct habit *habit)
{
	char rate[NUMBER_SIZE], part[NUMBER_SIZE], total[NUMBER_SIZE], line[LINE_SIZE] = "";
	uint64_t n = habit->total;

	if (!item->is_gone)
		add(line, "%s/s; ", number_rate(rate, habit->switch_hz));
	add(line, "%s times in all", number_count(total, n));
	if (n)
		add(line, ", %s of them preempted or yielding",
		    number_percent(part, (double)item->row.involuntary / (double)n));
	put(place, "left", ROLE_TEXT, line);
}

static void put_times(struct place *place, const struct task_item *item, const struct habit *habit)
{
	char a[NUMBER_SIZE], b[NUMBER_SIZE], c[NUMBER_SIZE], d[NUMBER_SIZE], line[LINE_SIZE] = "";

	add(line, "runs %s, waits for a CPU %s, sleeps %s, blocked (D) %s%s",
	    number_percent(a, habit->run), number_percent(b, habit->wait),
	    number_percent(c, habit->sleep), number_percent(d, habit->blocked),
	    item->n_tasks ? ": the mean of its threads" : "");
	put(place, "time", ROLE_TEXT, line);
	line[0] = '\0';
	add(line, "%s on a CPU each time, after %s in the queue", number_time(a, habit->stay_ns),
	    number_time(b, habit->delay_ns));
	if (item->row.wait_max_ns)
		add(line, ", at most %s", number_time(c, (double)item->row.wait_max_ns));
	put(place, "stays", ROLE_TEXT, line);
}

/* "ping (812)", "an interrupt on an idle CPU". */
static void add_task(char *line, uint32_t pid, const struct state *state,
		     const struct task_view *view)
{
	char name[NAME_SIZE];

	escape_name(name, sizeof(name), task_name_of(pid, state, view));
	if (!pid)
		add(line, "an interrupt on an idle CPU");
	else if (*name)
		add(line, "%s (%u)", name, pid);
	else
		add(line, "pid %u", pid);
}

static void put_woken(struct place *place, const struct task_item *item)
{
	char a[NUMBER_SIZE], b[NUMBER_SIZE], line[LINE_SIZE] = "";

	add(line, "%s/s; moves to another CPU %s/s", number_rate(a, item->rates.wakeup_hz),
	    number_rate(b, item->rates.migration_hz));
	put(place, "woken", ROLE_TEXT, line);
}

static void put_coroutines(struct place *place, const struct task_item *item)
{
	char number[NUMBER_SIZE], line[LINE_SIZE] = "";

	if (!item->n_coroutines)
		return;
	add(line, "%s coroutine%s", number_count(number, item->n_coroutines),
	    item->n_coroutines == 1 ? "" : "s");
	if (item->hides_coroutines)
		add(line, ": Right lists them");
	else if (item->n_coroutines > N_COROUTINES_LISTED)
		add(line, ": the %u with the most steps are listed", N_COROUTINES_LISTED);
	put(place, "runs", ROLE_TEXT, line);
}

/* Which of its coroutines stopped all others of it; nothing where none was seen to. */
static void put_blocker(struct place *place, const struct task_item *item,
			const struct settings *settings, const struct state *state)
{
	char name[NAME_SIZE + 16], times[NUMBER_SIZE], most[NUMBER_SIZE], line[LINE_SIZE] = "";
	struct blamed worst;
	struct text text;

	if (!item->n_coroutines || !settings->blame ||
	    !blame_of_thread(settings->blame, task_word(item->row.pid, item->row.lane), &worst))
		return;
	text_init(&text, name, sizeof(name));
	coroutine_print(&text, worst.lane, worst.id, state->names);
	add(line, "%s fell asleep in the middle %s times, %s at most", name,
	    number_count(times, worst.n_all), number_time(most, (double)worst.max_ns));
	if (call_says(blamed_call(&worst)))
		add(line, ", for %s", call_says(blamed_call(&worst)));
	put(place, "blocks", ROLE_NOTICE, line);
}

static bool is_looked_at(const struct task_view *view, const struct task_item *item)
{
	struct task_id id = task_item_id(item);

	return view->look.id.pid && task_id_is(&view->look.id, &id);
}

static void put_call(struct place *place, const struct task_item *item,
		     const struct task_view *view)
{
	int number = view->look.syscall;
	const char *name = syscall_name(number), *says = syscall_says(number);
	char line[LINE_SIZE] = "";

	if (item->n_tasks || item->is_gone || !is_looked_at(view, item))
		return;
	if (name)
		add(line, "%s%s%s", name, says ? ": it waits " : "", says ? says : "");
	else if (number == SYSCALL_NONE)
		add(line, "none: it is blocked elsewhere, in a page fault or by a signal");
	else if (number == SYSCALL_OTHER_ABI)
		add(line, "a 32-bit program's, which has other numbers: not told");
	else if (number >= 0)
		add(line, "number %d, which this build has no name for", number);
	put(place, "call", ROLE_TEXT, line);
}

/* --- from events ---------------------------------------------------------------------------------- */

static const char *leave_words(unsigned at)
{
	static const char *const words[2 * N_LEAVE_STATES] = {
		[LEAVE_RUNNABLE] = "preempted or yielded (R)",
		[N_LEAVE_STATES + LEAVE_RUNNABLE] = "woken before it was gone (R)",
		[N_LEAVE_STATES + LEAVE_SLEEPING] = "asleep (S)",
		[N_LEAVE_STATES + LEAVE_BLOCKED] = "blocked (D)",
		[N_LEAVE_STATES + LEAVE_STOPPED] = "stopped (T)",
		[N_LEAVE_STATES + LEAVE_TRACED] = "traced (t)",
		[N_LEAVE_STATES + LEAVE_DEAD] = "ended (X)",
		[N_LEAVE_STATES + LEAVE_ZOMBIE] = "ended (Z)",
		[N_LEAVE_STATES + LEAVE_PARKED] = "parked (P)",
		[N_LEAVE_STATES + LEAVE_IDLE] = "waiting in the kernel (I)",
	};

	return words[at] ? words[at] : "preempted (other)";
}

static void put_leaves(struct place *place, const struct task_facts *facts)
{
	unsigned leaves[2 * N_LEAVE_STATES];
	char number[NUMBER_SIZE], line[LINE_SIZE] = "";

	memcpy(leaves, facts->leaves, sizeof(leaves));
	for (unsigned rank = 0; rank < 4; rank++) {
		unsigned most = 0;

		for (unsigned i = 1; i < 2 * N_LEAVE_STATES; i++)
			if (leaves[i] > leaves[most])
				most = i;
		if (!leaves[most])
			break;
		add(line, "%s%s %s", rank ? ", " : "", leave_words(most),
		    number_percent(number, (double)leaves[most] / facts->n_leaves));
		leaves[most] = 0;
	}
	put(place, "leaves", ROLE_TEXT, *line ? line : "did not leave a CPU in the last events");
}

/* A line for all that it waited for, most often first. */
static void put_calls(struct place *place, const struct task_facts *facts)
{
	unsigned calls[N_LEAVE_CALLS], sum = 0;
	char number[NUMBER_SIZE], line[LINE_SIZE] = "";

	memcpy(calls, facts->calls, sizeof(calls));
	for (unsigned i = 0; i < N_LEAVE_CALLS; i++)
		sum += calls[i];
	for (unsigned rank = 0; rank < 3; rank++) {
		unsigned most = 0;

		for (unsigned i = 1; i < N_LEAVE_CALLS; i++)
			if (calls[i] > calls[most])
				most = i;
		if (!calls[most])
			break;
		add(line, "%s%s %s", rank ? ", " : "for ", call_says(most),
		    number_percent(number, (double)calls[most] / sum));
		calls[most] = 0;
	}
	if (*line)
		put(place, "waits", ROLE_TEXT, line);
}

static void put_wakers(struct place *place, const struct task_view *view, const struct state *state)
{
	const struct task_facts *facts = &view->facts;
	char number[NUMBER_SIZE], line[LINE_SIZE] = "";

	for (unsigned i = 0; i < N_WAKERS && facts->wakers[i].n; i++) {
		add(line, "%s", i ? ", " : "");
		add_task(line, facts->wakers[i].pid, state, view);
		add(line, " %s",
		    number_percent(number, (double)facts->wakers[i].n / facts->n_wakeups));
	}
	if (facts->n_wakers > N_WAKERS)
		add(line, ", %u others", facts->n_wakers - N_WAKERS);
	put(place, "wakers", ROLE_TEXT, *line ? line : "nobody woke it in the last events");
}

static void put_events(struct place *place, const struct settings *settings,
		       const struct task_item *item, const struct state *state)
{
	const struct task_facts *facts = &settings->tasks.facts;
	char span[NUMBER_SIZE], n[NUMBER_SIZE], m[NUMBER_SIZE], line[LINE_SIZE] = "";

	if (item->n_tasks)
		return put(place, "wakers", ROLE_DIM, "choose one of its threads to see them");
	if (settings->unread)
		return put(place, "wakers", ROLE_DIM,
			   "events are not read at this rate: only the last waker is known; F6 "
			   "holds a rate");
	if (!facts->to_ns)
		return put(place, "wakers", ROLE_DIM, "no event of it has been read yet");
	put_leaves(place, facts);
	put_calls(place, facts);
	put_wakers(place, &settings->tasks, state);
	add(line, "%s leaves and %s wakeups, in the last %s of events",
	    number_count(n, facts->n_leaves), number_count(m, facts->n_wakeups),
	    number_time(span, (double)(facts->to_ns - facts->from_ns)));
	put(place, "out of", ROLE_DIM, line);
}

/* --- all of it ------------------------------------------------------------------------------------ */

static void draw_title(const struct task_item *item, const struct state *state,
		       const struct task_view *view, const struct place *place)
{
	const struct task_row *row = &item->row;
	const char *lane = row->lane < state->n_lanes ? state->lanes[row->lane].label.name : "";
	char name[NAME_SIZE], title[LINE_SIZE] = "";
	unsigned n;

	escape_name(name, sizeof(name), row->name);
	n = grid_print(place->grid, place->row, place->left + 1, place->width - 2,
		       (struct ink){ lane_role(state, row->lane % state->n_lanes), BOLD }, " %s ",
		       *name ? name : "?");
	if (item->coroutine)
		add(title, "coroutine %u on thread %u", item->coroutine, row->pid);
	else if (item->n_tasks && view->tree == TREE_OF_PROGRAMS)
		add(title, "program, %u tasks", item->n_tasks);
	else if (item->n_tasks)
		add(title, "process %u, %u threads", row->pid, item->n_tasks);
	else if (row->pid == row->tgid)
		add(title, "pid %u", row->pid);
	else
		add(title, "thread %u of process %u", row->pid, row->tgid);
	if (is_looked_at(view, item) && view->look.inner_pid && view->look.inner_pid != row->pid)
		add(title, " (%u in its namespace)", view->look.inner_pid);
	add(title, "%s%s ", *lane ? ", lane " : "", lane);
	if (item->is_gone)
		add(title, "- it has ended ");
	if (n + 3 < place->width)
		grid_text(place->grid, place->row, place->left + 1 + n, place->width - 2 - n,
			  (struct ink){ ROLE_DIM, 0 }, title);
}

static void put_now(struct place *place, const struct task_item *item, const struct state *state,
		    const struct task_view *view)
{
	const struct task_row *row = &item->row;
	uint64_t time_ns = view->states->time_ns;
	/* It was adopted asleep, and no hook has seen it since. */
	bool is_older = !row->voluntary && !row->involuntary && row->doing != TASK_RUNNING &&
			row->doing != TASK_RUNNABLE;
	char since[NUMBER_SIZE], line[LINE_SIZE] = "";

	add(line, "%s", task_doing_name(row->doing));
	if (row->since_ns && row->since_ns <= time_ns && !item->is_gone)
		add(line, " for %s%s", is_older ? "at least " : "",
		    number_time(since, (double)(time_ns - row->since_ns)));
	if (row->cpu != CPU_UNKNOWN)
		add(line, row->doing == TASK_RUNNING ? " on CPU %u" : ", last on CPU %u", row->cpu);
	if (row->has_waker) {
		add(line, ", last woken by ");
		add_task(line, row->waker, state, view);
	}
	put(place, "now", ROLE_TEXT, line);
}

/* Marks tell of steps, and nothing of what a coroutine waits for. */
static void put_coroutine(struct place *place, const struct task_item *item,
			  const struct coroutines *coroutines)
{
	const struct task_row *row = &item->row;
	uint64_t time_ns = coroutines ? coroutines->time_ns : 0;
	char a[NUMBER_SIZE], b[NUMBER_SIZE], line[LINE_SIZE] = "";

	add(line, "%s", row->doing == TASK_RUNNING ? "it has its thread" : "suspended");
	if (row->since_ns && row->since_ns <= time_ns)
		add(line, " for %s", number_time(a, (double)(time_ns - row->since_ns)));
	put(place, "now", ROLE_TEXT, line);
	line[0] = '\0';
	add(line, "%s/s; %s in all, since its marks are read",
	    number_rate(a, item->rates.switch_hz), number_count(b, item->steps));
	put(place, "steps", ROLE_TEXT, line);
	line[0] = '\0';
	add(line, "has its thread %s of the time, %s each step",
	    number_percent(a, item->rates.run_share),
	    number_time(b, item->steps ? (double)row->run_ns / (double)item->steps : NAN));
	put(place, "time", ROLE_TEXT, line);
	put(place, "kernel", ROLE_DIM,
	    "it knows of the thread alone: choose that to see why it left");
}

void task_detail_draw(const struct state *state, const struct settings *settings, struct grid *grid,
		      unsigned top, unsigned left, unsigned n_rows, unsigned width)
{
	const struct task_view *view = &settings->tasks;
	const struct task_item *item = task_list_at(view->list, view->cursor);
	struct place place = { grid, top, top + n_rows, left, width };
	struct habit habit = habit_of(item);

	if (left) {
		grid_wall(grid, top, left, n_rows);
		place.left++;
		place.width--;
	}
	grid_rule(grid, top, place.left, place.width);
	draw_title(item, state, view, &place);
	place.row++;
	if (item->coroutine) {
		put_coroutine(&place, item, view->coroutines);
		return;
	}
	put(&place, "means", ROLE_NOTICE,
	    item->is_gone ? "it has ended; the row goes when rows are sorted again"
			  : meaning(&habit));
	put_now(&place, item, state, view);
	put_call(&place, item, view);
	put_coroutines(&place, item);
	put_blocker(&place, item, settings, state);
	put_left(&place, item, &habit);
	put_events(&place, settings, item, state);
	if (item->is_gone)
		return;
	put_times(&place, item, &habit);
	put_woken(&place, item);
}
