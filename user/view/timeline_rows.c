// SPDX-License-Identifier: GPL-2.0-only
/* timeline_rows.c - a row for each CPU, below an unfolded one its tasks, below a thread its coroutines. */
#include "view/timeline_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define N_CPUS_OPEN 4	 /* a machine of so few CPUs is unfolded at first */
#define N_CENSUS    8192 /* tasks and coroutines that are told apart; a power of two */

/* --- which rows there are ------------------------------------------------------------------------- */

bool rows_cpu_is_open(const struct state *state, const struct timeline *timeline, unsigned cpu)
{
	bool flipped = cpu < TIMELINE_N_CPUS && timeline->cpus[cpu / 64] >> cpu % 64 & 1;

	return flipped != (state->n_cpus <= N_CPUS_OPEN);
}

static uint64_t task_key(const struct timeline_row *row)
{
	return (uint64_t)task_pid(row->task) << 16 | row->cpu;
}

bool rows_task_is_open(const struct timeline *timeline, const struct timeline_row *row)
{
	for (unsigned i = 0; i < timeline->n_tasks; i++)
		if (timeline->tasks[i] == task_key(row))
			return true;
	return false;
}

unsigned rows_n(const struct state *state, const struct timeline *timeline)
{
	return state->n_cpus + timeline->n_rows;
}

static struct timeline_row row_of_cpu(unsigned cpu)
{
	return (struct timeline_row){ .kind = TIMELINE_CPU, .cpu = (uint16_t)cpu };
}

struct timeline_row rows_at(const struct state *state, const struct timeline *timeline, unsigned i)
{
	unsigned below = 0; /* rows of the list that lie above */

	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++) {
		unsigned first = below;

		if (i == cpu + below)
			return row_of_cpu(cpu);
		while (below < timeline->n_rows && timeline->rows[below].cpu == cpu)
			below++;
		if (i <= cpu + below)
			return timeline->rows[first + i - (cpu + first) - 1];
	}
	return row_of_cpu(0);
}

static bool same(const struct timeline_row *a, const struct timeline_row *b)
{
	return a->kind == b->kind && a->cpu == b->cpu && task_pid(a->task) == task_pid(b->task) &&
	       (a->kind == TIMELINE_MORE || a->coroutine == b->coroutine);
}

unsigned rows_find(const struct state *state, const struct timeline *timeline,
		   const struct timeline_row *row)
{
	unsigned above = 0;

	for (unsigned i = 0; i < timeline->n_rows; i++) {
		above += timeline->rows[i].cpu < row->cpu;
		if (same(&timeline->rows[i], row))
			return row->cpu + 1 + i;
	}
	return row->cpu < state->n_cpus ? row->cpu + above : 0;
}

/* --- who ran, and for how long -------------------------------------------------------------------- */

struct entry {
	uint32_t task;
	uint32_t coroutine; /* 0: the task itself */
	uint16_t cpu;
	bool used, has_coroutines, listed;
	uint64_t ran_ns; /* of a coroutine: how often it was resumed */
};

struct census {
	struct entry *entries; /* [N_CENSUS], by hash */
	unsigned n;
	unsigned n_refused;
};

static struct entry *entry_of(struct census *census, unsigned cpu, uint32_t task,
			      uint32_t coroutine)
{
	uint32_t hash = (task_pid(task) * 2654435761u) ^ (cpu * 40503u) ^ (coroutine * 2246822519u);
	struct entry *entry;

	for (hash ^= hash >> 15;; hash++) {
		entry = &census->entries[hash & (N_CENSUS - 1)];
		if (!entry->used)
			break;
		if (task_pid(entry->task) == task_pid(task) && entry->cpu == cpu &&
		    entry->coroutine == coroutine)
			return entry;
	}
	if (census->n >= N_CENSUS / 2) {
		census->n_refused++;
		return NULL;
	}
	census->n++;
	*entry = (struct entry){
		.used = true, .task = task, .cpu = (uint16_t)cpu, .coroutine = coroutine
	};
	return entry;
}

static void count_span(struct census *census, unsigned cpu, const struct span *span,
		       const struct window *window)
{
	uint64_t from_ns = span->from_ns > window->from_ns ? span->from_ns : window->from_ns;
	uint64_t to_ns = span->to_ns < window_end_ns(window) ? span->to_ns : window_end_ns(window);
	struct entry *entry;

	if (!span->known || !task_pid(span->task) || to_ns <= from_ns)
		return;
	entry = entry_of(census, cpu, span->task, 0);
	if (entry)
		entry->ran_ns += to_ns - from_ns;
}

static void count_mark(struct census *census, const struct event *event)
{
	struct entry *thread = entry_of(census, event->cpu, event->task, 0), *entry;

	if (thread)
		thread->has_coroutines = true;
	entry = entry_of(census, event->cpu, event->task, event->coroutine.id);
	if (entry && event->coroutine.id)
		entry->ran_ns += event->kind == EVENT_RESUME;
}

/* Who had unfolded CPUs in the window. Whoever had one before its first switch there is told by it. */
static void count_events(struct census *census, const struct window *window,
			 const struct state *state, const struct settings *settings,
			 struct tenure *tenures)
{
	const struct history *history = settings->timeline_events;
	size_t first = find_time(history, window->from_ns);
	size_t end = find_time(history, window_end_ns(window));
	struct span spans[2];

	for (size_t i = first; i < end; i++) {
		const struct event *event = history_at(history, i);
		unsigned cpu = event->cpu, n_spans;

		if (event->kind == EVENT_NAME || cpu >= state->n_cpus ||
		    !rows_cpu_is_open(state, &settings->timeline, cpu))
			continue;
		if (event->kind == EVENT_SWITCH) {
			n_spans = tenure_switch(&tenures[cpu], event, spans);
			for (unsigned j = 0; j < n_spans; j++)
				count_span(census, cpu, &spans[j], window);
		} else if (event_is_mark(event->kind)) {
			count_mark(census, event);
		}
	}
	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++) {
		spans[0] = tenure_lose(&tenures[cpu], window->now_ns);
		count_span(census, cpu, &spans[0], window);
	}
}

/* --- the list ------------------------------------------------------------------------------------- */

/* Who is watched before who is not; then most time first; of equals the lower number. */
static int compare(const void *left, const void *right)
{
	const struct entry *a = *(const struct entry *const *)left;
	const struct entry *b = *(const struct entry *const *)right;

	if (!task_lane(a->task) != !task_lane(b->task))
		return task_lane(a->task) ? -1 : 1;
	if (a->ran_ns != b->ran_ns)
		return a->ran_ns > b->ran_ns ? -1 : 1;
	if (task_pid(a->task) != task_pid(b->task))
		return task_pid(a->task) < task_pid(b->task) ? -1 : 1;
	return a->coroutine < b->coroutine ? -1 : a->coroutine > b->coroutine;
}

struct list {
	const struct timeline *before;
	struct timeline *timeline;
	struct census *census;
	struct entry **by_cpu; /* all of them */
	struct entry **sorted; /* room for all: those of one group */
	unsigned n;	       /* of by_cpu */
	/* Of the CPU whose turn it is: its first one there, and its first row as it was before. */
	unsigned first, first_before;
};

static struct timeline_row row_of(const struct entry *entry)
{
	return (struct timeline_row){ .kind = entry->coroutine ? TIMELINE_COROUTINE : TIMELINE_TASK,
				      .folds = entry->has_coroutines,
				      .cpu = entry->cpu,
				      .task = entry->task,
				      .coroutine = entry->coroutine };
}

/* Is this entry one of the group: the tasks of a CPU, or the coroutines of a thread there? */
static bool is_of(const struct entry *entry, const struct timeline_row *group)
{
	return entry->used && entry->cpu == group->cpu &&
	       (group->kind == TIMELINE_CPU
			? !entry->coroutine
			: entry->coroutine && task_pid(entry->task) == task_pid(group->task));
}

static void put(struct list *list, const struct timeline_row *row)
{
	if (list->timeline->n_rows < TIMELINE_N_ROWS)
		list->timeline->rows[list->timeline->n_rows++] = *row;
}

/*
 * The rows of a group as they were, for as long as they keep their order; a row whose task did
 * nothing in the window goes to one that did and has none. `kept` gets them; returns how many.
 */
static unsigned keep(struct list *list, const struct timeline_row *group, unsigned n_max,
		     struct timeline_row *kept, unsigned n_sorted)
{
	const struct timeline *before = list->before;
	bool idle[TIMELINE_N_ROWS] = { false };
	unsigned n = 0, next = 0;

	for (unsigned i = list->first_before; before->is_sorted && i < before->n_rows &&
					      before->rows[i].cpu == group->cpu && n < n_max;
	     i++) {
		struct timeline_row row = before->rows[i];
		struct entry as = { .used = true, .task = row.task, .cpu = row.cpu };
		struct entry *entry;

		as.coroutine = row.kind == TIMELINE_COROUTINE ? row.coroutine : 0;
		as.used = row.kind != TIMELINE_MORE;
		if (!is_of(&as, group))
			continue;
		entry = entry_of(list->census, row.cpu, row.task, as.coroutine);
		idle[n] = entry && !entry->ran_ns && !same(&row, &before->selected);
		if (entry)
			entry->listed = true;
		row.folds |= entry && entry->has_coroutines;
		kept[n++] = row;
	}
	for (unsigned i = 0; i < n_sorted; i++) {
		if (list->sorted[i]->listed || !list->sorted[i]->ran_ns)
			continue;
		while (next < n && !idle[next])
			next++;
		if (next == n && n == n_max)
			break;
		n += next == n;
		kept[next++] = row_of(list->sorted[i]);
		list->sorted[i]->listed = true;
	}
	return n;
}

static void put_group(struct list *list, const struct timeline_row *group, unsigned n_max);

static void put_kept(struct list *list, const struct timeline_row *group, unsigned n_max,
		     unsigned n_sorted)
{
	struct timeline_row kept[TIMELINE_N_ROWS];
	struct timeline_row more = *group;
	unsigned n = keep(list, group, n_max, kept, n_sorted), n_left = 0;

	for (unsigned i = 0; i < n_sorted; i++)
		n_left += !list->sorted[i]->listed && list->sorted[i]->ran_ns;
	for (unsigned i = 0; i < n; i++) {
		put(list, &kept[i]);
		if (kept[i].kind == TIMELINE_TASK && rows_task_is_open(list->before, &kept[i]))
			put_group(list, &kept[i], n_max);
	}
	more.kind = TIMELINE_MORE;
	more.coroutine = n_left;
	if (n_left)
		put(list, &more);
}

static void put_group(struct list *list, const struct timeline_row *group, unsigned n_max)
{
	unsigned n = 0;

	for (unsigned i = list->first; i < list->n && list->by_cpu[i]->cpu == group->cpu; i++)
		if (is_of(list->by_cpu[i], group))
			list->sorted[n++] = list->by_cpu[i];
	qsort(list->sorted, n, sizeof(void *), compare);
	put_kept(list, group, n_max, n);
}

/* How many rows of tasks a CPU gets: what there is room for on the screen, shared by all. */
static unsigned share(const struct state *state, const struct settings *settings, unsigned n_open)
{
	struct layout layout;
	unsigned n_rows, most = TIMELINE_N_ROWS / n_open;

	timeline_layout(settings, &layout);
	n_rows = layout.end - layout.top;
	if (settings->timeline.shows_all || state->n_cpus > N_CPUS_OPEN)
		n_rows = 64;
	else
		n_rows = n_rows > 2 * n_open ? n_rows / n_open - 2 : 1;
	return n_rows < most ? n_rows : most > 1 ? most - 1 : 1;
}

static int compare_cpus(const void *left, const void *right)
{
	const struct entry *a = *(const struct entry *const *)left;
	const struct entry *b = *(const struct entry *const *)right;

	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

static void make_list(struct list *list, const struct state *state, struct settings *settings,
		      unsigned n_open)
{
	unsigned n_max = share(state, settings, n_open);

	for (unsigned i = 0; i < N_CENSUS; i++)
		if (list->census->entries[i].used)
			list->by_cpu[list->n++] = &list->census->entries[i];
	qsort(list->by_cpu, list->n, sizeof(void *), compare_cpus);
	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++) {
		struct timeline_row group = row_of_cpu(cpu);

		while (list->first < list->n && list->by_cpu[list->first]->cpu < cpu)
			list->first++;
		while (list->first_before < list->before->n_rows &&
		       list->before->rows[list->first_before].cpu < cpu)
			list->first_before++;
		if (rows_cpu_is_open(state, list->before, cpu))
			put_group(list, &group, n_max);
	}
}

/* The selected row stays where it is on the screen, and on it. */
static void settle(const struct state *state, struct settings *settings, unsigned was)
{
	struct timeline *timeline = &settings->timeline;
	unsigned at = rows_find(state, timeline, &timeline->selected), n, seen;
	struct layout layout;

	timeline_layout(settings, &layout);
	seen = layout.end > layout.top ? layout.end - layout.top : 1;
	n = rows_n(state, timeline);
	timeline->selected = rows_at(state, timeline, at);
	timeline->top = timeline->top + at > was ? timeline->top + at - was : 0;
	if (timeline->top > at)
		timeline->top = at;
	if (at >= timeline->top + seen)
		timeline->top = at - seen + 1;
	if (timeline->top + seen > n)
		timeline->top = n > seen ? n - seen : 0;
}

/* Rows below CPUs, n_open of which are unfolded. */
static int list_rows(const struct state *state, struct settings *settings, unsigned n_open)
{
	struct timeline *timeline = &settings->timeline;
	struct timeline *before = malloc(sizeof(*before));
	struct census census = { .entries = calloc(N_CENSUS, sizeof(*census.entries)) };
	struct entry **entries = calloc(2 * N_CENSUS, sizeof(struct entry *));
	struct tenure *tenures = calloc(state->n_cpus, sizeof(*tenures));
	struct window window;
	int err = before && census.entries && entries && tenures ? 0 : -ENOMEM;

	if (!err) {
		struct list list = {
			before, timeline, &census, entries, entries + N_CENSUS, 0, 0, 0
		};

		window_of(settings, &window);
		count_events(&census, &window, state, settings, tenures);
		*before = *timeline;
		timeline->n_rows = 0;
		make_list(&list, state, settings, n_open);
	}
	free(before);
	free(census.entries);
	free(entries);
	free(tenures);
	return err;
}

int timeline_update(const struct state *state, struct settings *settings)
{
	struct timeline *timeline = &settings->timeline;
	unsigned was = rows_find(state, timeline, &timeline->selected), n_open = 0;
	int err = 0;

	for (unsigned cpu = 0; cpu < state->n_cpus; cpu++)
		n_open += rows_cpu_is_open(state, timeline, cpu);
	if (n_open)
		err = list_rows(state, settings, n_open);
	else
		timeline->n_rows = 0;
	if (err)
		return err;
	timeline->is_sorted = true;
	settle(state, settings, was);
	return 0;
}

/* --- keys ----------------------------------------------------------------------------------------- */

void rows_select(const struct state *state, struct settings *settings,
		 const struct timeline_row *row)
{
	settings->timeline.selected = *row;
	settle(state, settings, rows_find(state, &settings->timeline, row));
}

static void flip_task(struct timeline *timeline, const struct timeline_row *row)
{
	for (unsigned i = 0; i < timeline->n_tasks; i++)
		if (timeline->tasks[i] == task_key(row)) {
			timeline->tasks[i] = timeline->tasks[--timeline->n_tasks];
			return;
		}
	if (timeline->n_tasks == TIMELINE_N_TASKS) /* the one that was unfolded first folds */
		memmove(timeline->tasks, timeline->tasks + 1,
			--timeline->n_tasks * sizeof(*timeline->tasks));
	timeline->tasks[timeline->n_tasks++] = task_key(row);
}

/* Unfold or fold what is selected. */
static void flip(struct timeline *timeline)
{
	const struct timeline_row *row = &timeline->selected;

	switch (row->kind) {
	case TIMELINE_CPU:
		if (row->cpu < TIMELINE_N_CPUS)
			timeline->cpus[row->cpu / 64] ^= 1ull << row->cpu % 64;
		break;
	case TIMELINE_TASK:
		if (row->folds)
			flip_task(timeline, row);
		break;
	case TIMELINE_MORE:
		timeline->shows_all = true;
		break;
	}
	timeline->is_sorted = false;
}

bool rows_key(const struct state *state, struct settings *settings, enum command command)
{
	struct timeline *timeline = &settings->timeline;
	unsigned at = rows_find(state, timeline, &timeline->selected);
	unsigned last = rows_n(state, timeline) - 1;
	struct timeline_row row;
	struct layout layout;

	timeline_layout(settings, &layout);
	if (command == DO_CHOOSE) {
		flip(timeline);
		return true;
	}
	if (command == DO_HOME || command == DO_END || /* those are of time here */
	    !scroll_key(&at, last, layout.end > layout.top ? layout.end - layout.top : 1, command))
		return false;
	row = rows_at(state, timeline, at);
	rows_select(state, settings, &row);
	return true;
}
