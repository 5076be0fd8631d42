// SPDX-License-Identifier: GPL-2.0-only
/* timeline_track.c - what fills each cell of a row: one pass over the window's events for all rows. */
#include "view/timeline_parts.h"

#include <errno.h>
#include <stdlib.h>

#define N_HEADS 256 /* lists of tracks by the last bits of a pid */

struct filling {
	struct track *tracks;
	unsigned n;
	const struct window *window;
	const struct history *history;
	const struct overview *overview;
	uint64_t until_ns;
	unsigned n_cpus;
	int *of_cpu; /* a CPU's track; -1: it is not seen */
	int heads[N_HEADS];
	int *next; /* in the list of tasks and coroutines */
	bool has_tasks;
	unsigned column; /* of the event that is handed out now */
};

/* --- stretches ------------------------------------------------------------------------------------ */

/* What a stretch of time was. */
struct filler {
	uint8_t part;
	uint32_t task, coroutine;
};

static void add(struct track *track, struct column *column, uint64_t length_ns,
		const struct filler *filler)
{
	float ns = (float)(int64_t)length_ns;

	column->parts[filler->part] += ns;
	if (ns <= column->most_ns)
		return;
	column->most_ns = ns;
	column->stretch = track->n_stretches;
	column->task = filler->task;
	column->coroutine = filler->coroutine;
	column->part = filler->part;
}

static void fill(struct track *track, const struct window *window, uint64_t from_ns, uint64_t to_ns,
		 const struct filler *filler)
{
	uint64_t end_ns = window_end_ns(window);

	if (from_ns < window->from_ns)
		from_ns = window->from_ns;
	if (to_ns > end_ns)
		to_ns = end_ns;
	if (to_ns <= from_ns)
		return;
	track->n_stretches++;
	for (; from_ns >= track->end_ns; track->at++)
		track->end_ns += window->column_ns;
	for (; to_ns > track->end_ns; track->at++) {
		add(track, &track->columns[track->at], track->end_ns - from_ns, filler);
		from_ns = track->end_ns;
		track->end_ns += window->column_ns;
	}
	add(track, &track->columns[track->at], to_ns - from_ns, filler);
}

static struct column *column_now(const struct track *track, const struct filling *filling)
{
	return &track->columns[filling->column];
}

static void mark(struct track *track, const struct filling *filling, unsigned marks)
{
	column_now(track, filling)->marks |= (uint8_t)marks;
}

static unsigned marks_of(const struct event *event)
{
	static const uint8_t marks[N_EVENT_KINDS] = { [EVENT_WAKING] = MARKS_WAKING,
						      [EVENT_CLONE] = MARKS_CLONE,
						      [EVENT_EXIT] = MARKS_EXIT,
						      [EVENT_LOST] = MARKS_LOST };

	return event->kind < N_EVENT_KINDS ? marks[event->kind] : 0;
}

/* --- a CPU ---------------------------------------------------------------------------------------- */

static void fill_span(struct track *track, const struct filling *filling, const struct span *span)
{
	unsigned lane = task_lane(span->task);
	struct filler filler = { .task = span->task };

	if (!span->known)
		return;
	filler.part = (uint8_t)(!task_pid(span->task) ? PART_IDLE : lane < N_LANES_MAX ? lane : 0);
	if (track->inside && task_pid(span->task) == task_pid(track->row.task))
		filler.coroutine = track->inside;
	fill(track, filling->window, span->from_ns, span->to_ns, &filler);
}

/* A coroutine's mark divides the time of the thread that it stands in. */
static void cpu_mark(struct track *track, const struct filling *filling, const struct event *event)
{
	struct tenure *tenure = &track->tenure;
	struct span span = { tenure->since_ns, event->time_ns, tenure->task, true };

	if (!tenure->known || task_pid(tenure->task) != task_pid(event->task) ||
	    event->kind == EVENT_CREATE || event->time_ns < tenure->since_ns)
		return;
	fill_span(track, filling, &span);
	tenure->since_ns = event->time_ns;
	track->inside = event->kind == EVENT_RESUME ? event->coroutine.id : 0;
	track->row.task = event->task; /* whose coroutine that is */
}

/* Events tell of the CPU from this time on, if they did not before. */
static void know(struct track *track, uint64_t time_ns)
{
	if (track->known_ns > time_ns)
		track->known_ns = time_ns;
}

static void cpu_event(struct track *track, const struct filling *filling, const struct event *event)
{
	struct span spans[2];
	unsigned n;

	if (event->kind == EVENT_SWITCH) {
		column_now(track, filling)->n_switches++;
		n = tenure_switch(&track->tenure, event, spans);
		for (unsigned i = 0; i < n; i++)
			fill_span(track, filling, &spans[i]);
		know(track, spans[n - 1].known ? spans[n - 1].from_ns : event->time_ns);
	} else if (event_is_mark(event->kind)) {
		cpu_mark(track, filling, event);
	} else {
		if (tenure_is_lost(event, track->row.cpu)) {
			spans[0] = tenure_lose(&track->tenure, event->time_ns);
			fill_span(track, filling, &spans[0]);
			know(track, event->time_ns);
		}
		mark(track, filling, marks_of(event));
	}
}

/* --- a task, a coroutine -------------------------------------------------------------------------- */

static uint8_t part_after_leaving(unsigned state)
{
	switch (state & LEAVE_MASK) {
	case LEAVE_RUNNABLE:
		return PART_WAITS;
	case LEAVE_BLOCKED:
	case LEAVE_IDLE:
		return PART_BLOCKED;
	default:
		return PART_SLEEPS;
	}
}

/* Whoever runs on a CPU of which nothing was lost runs on. */
static bool may_have_missed(const struct track *track, const struct event *lost)
{
	bool runs = track->part == PART_RUNS || track->part == PART_ELSEWHERE;

	return !task_pid(lost->task) && (!runs || tenure_is_lost(lost, track->cpu));
}

/* What a task does from this event on; as before if that is not changed by it. */
static uint8_t task_part(const struct track *track, const struct event *event)
{
	uint32_t pid = task_pid(track->row.task);

	switch (event->kind) {
	case EVENT_SWITCH:
		if (task_pid(event->to.next) == pid)
			return event->cpu == track->row.cpu ? PART_RUNS : PART_ELSEWHERE;
		return part_after_leaving(event->state);
	case EVENT_WAKING:
		if (task_pid(event->wake.wakee) == pid && track->part != PART_RUNS &&
		    track->part != PART_ELSEWHERE)
			return PART_WAITS;
		return track->part;
	case EVENT_CLONE:
		return task_pid(event->made.child) == pid ? PART_SLEEPS : track->part;
	case EVENT_LOST:
		return may_have_missed(track, event) ? PART_UNKNOWN : track->part;
	default:
		return track->part;
	}
}

static uint8_t coroutine_part(const struct track *track, const struct event *event)
{
	if (event->kind == EVENT_LOST)
		return PART_UNKNOWN;
	if (!event_is_mark(event->kind) || event->coroutine.id != track->row.coroutine)
		return track->part;
	return event->kind == EVENT_RESUME ? PART_RUNS : PART_SLEEPS;
}

static uint8_t part_of(const struct track *track, const struct event *event)
{
	return track->row.kind == TIMELINE_TASK ? task_part(track, event)
						: coroutine_part(track, event);
}

/*
 * A switch tells of the time before it as well: how long the task ran, or waited. Before its clone
 * there was none.
 */
static void fill_before(struct track *track, const struct window *window, const struct event *event)
{
	bool came = task_pid(event->to.next) == task_pid(track->row.task);
	uint32_t ns = came ? event->to.waited_ns : event->to.ran_ns;
	struct filler filler = { .task = event->task };

	filler.part = came ? PART_WAITS : event->cpu == track->row.cpu ? PART_RUNS : PART_ELSEWHERE;
	if (event->kind == EVENT_CLONE)
		filler.part = PART_SLEEPS;
	if (event->kind == EVENT_CLONE || ns > event->time_ns - track->since_ns) {
		fill(track, window, track->since_ns, event->time_ns, &filler);
		return;
	}
	fill(track, window, event->time_ns - ns, event->time_ns, &filler);
}

static void close_part(struct track *track, const struct window *window, uint64_t time_ns)
{
	struct filler filler = { track->part, track->row.task, track->row.coroutine };

	if (track->part != PART_UNKNOWN)
		fill(track, window, track->since_ns, time_ns, &filler);
	track->since_ns = time_ns;
}

static void task_event(struct track *track, const struct filling *filling,
		       const struct event *event)
{
	uint8_t part = part_of(track, event);

	if (part != track->part && event->time_ns >= track->since_ns) {
		if (track->part == PART_UNKNOWN &&
		    (event->kind == EVENT_SWITCH || event->kind == EVENT_CLONE))
			fill_before(track, filling->window, event);
		close_part(track, filling->window, event->time_ns);
		track->part = part;
		track->cpu = event->cpu;
		column_now(track, filling)->n_switches++;
	}
	/* What the task itself does; losses stand on their CPU's row. */
	if (track->row.kind == TIMELINE_TASK &&
	    task_pid(event->task) == task_pid(track->row.task) && event->kind != EVENT_LOST)
		mark(track, filling, marks_of(event));
}

/* --- all rows --------------------------------------------------------------------------------------- */

typedef void (*receive_fn)(struct track *track, const struct filling *filling,
			   const struct event *event);

/* Hand the event to every task's or coroutine's row with this pid. */
static void to_tasks(const struct filling *filling, const struct event *event, uint32_t pid,
		     receive_fn receive)
{
	for (int i = filling->heads[pid % N_HEADS]; i >= 0; i = filling->next[i])
		if (task_pid(filling->tracks[i].row.task) == pid)
			receive(&filling->tracks[i], filling, event);
}

/* The second task that an event is about; the first one again where there is none. */
static uint32_t other_pid(const struct event *event)
{
	switch (event->kind) {
	case EVENT_SWITCH:
		return task_pid(event->to.next);
	case EVENT_WAKING:
		return task_pid(event->wake.wakee);
	case EVENT_CLONE:
		return task_pid(event->made.child);
	}
	return task_pid(event->task);
}

static void to_all(const struct filling *filling, const struct event *event, receive_fn to_cpu,
		   receive_fn to_task)
{
	for (unsigned i = 0; i < filling->n; i++) {
		struct track *track = &filling->tracks[i];

		if (track->row.kind != TIMELINE_CPU)
			to_task(track, filling, event);
		else if (tenure_is_lost(event, track->row.cpu))
			to_cpu(track, filling, event);
	}
}

/* Of many CPUs most are not seen: their events are passed over here, and nothing is called for them. */
static inline void distribute(const struct filling *filling, const struct event *event,
			      receive_fn to_cpu, receive_fn to_task)
{
	uint32_t pid = task_pid(event->task), other;

	if (event->kind == EVENT_NAME)
		return;
	if (event->kind == EVENT_LOST && !pid) {
		to_all(filling, event, to_cpu, to_task);
		return;
	}
	if (event->cpu < filling->n_cpus && filling->of_cpu[event->cpu] >= 0)
		to_cpu(&filling->tracks[filling->of_cpu[event->cpu]], filling, event);
	if (!filling->has_tasks)
		return;
	other = other_pid(event);
	if (pid)
		to_tasks(filling, event, pid, to_task);
	if (other && other != pid)
		to_tasks(filling, event, other, to_task);
}

/* --- before the window ------------------------------------------------------------------------------ */

/* The last event that says what is so when the window begins. */
static void cpu_past(struct track *track, const struct filling *filling, const struct event *event)
{
	(void)filling;
	if (track->since_ns || (event->kind != EVENT_SWITCH && event->kind != EVENT_LOST))
		return;
	track->since_ns = 1;
	track->known_ns = 0;
	track->tenure =
		(struct tenure){ event->time_ns, event->to.next, event->kind == EVENT_SWITCH };
}

static void task_past(struct track *track, const struct filling *filling, const struct event *event)
{
	uint8_t part;

	(void)filling;
	if (track->since_ns)
		return;
	part = part_of(track, event);
	if (part == track->part && event->kind != EVENT_LOST)
		return;
	track->part = part;
	track->cpu = event->cpu;
	track->since_ns = event->time_ns ? event->time_ns : 1;
}

static bool all_known(const struct filling *filling)
{
	for (unsigned i = 0; i < filling->n; i++)
		if (!filling->tracks[i].since_ns)
			return false;
	return true;
}

static void look_back(const struct filling *filling, size_t first)
{
	while (first-- && (first % 256 || !all_known(filling)))
		distribute(filling, history_at(filling->history, first), cpu_past, task_past);
}

/* --- what no event is left of ------------------------------------------------------------------------ */

static void fill_from_overview(struct track *track, const struct filling *filling, unsigned i)
{
	uint64_t column_ns = filling->window->column_ns;
	uint64_t from_ns = filling->window->from_ns + i * column_ns;
	struct column *column = &track->columns[i];
	struct overview_shares shares;

	overview_query(filling->overview, track->row.cpu, from_ns, from_ns + column_ns, &shares);
	*column = (struct column){ .coarse = true, .marks = column->marks };
	for (unsigned lane = 0; lane < N_LANES_MAX; lane++)
		column->parts[lane] = (float)(shares.lanes[lane] * (double)column_ns);
	column->parts[PART_IDLE] = (float)(shares.idle * (double)column_ns);
	column->n_switches = (uint32_t)(shares.n_switches + 0.5);
}

/* Shares that are known for much more time than a column would say what nobody knows. */
static bool has_shares(const struct filling *filling)
{
	return filling->overview &&
	       filling->window->column_ns >= overview_width_ns(filling->overview) / 4;
}

/* From when to when the events tell of this CPU; outside of it the overview does. */
static void fill_gaps(struct track *track, const struct filling *filling, uint64_t last_ns)
{
	const struct window *window = filling->window;

	for (unsigned i = 0; i < window->n_columns; i++) {
		uint64_t from_ns = window->from_ns + i * window->column_ns;

		if (from_ns < track->known_ns || from_ns > last_ns)
			fill_from_overview(track, filling, i);
	}
}

/* --- the pass --------------------------------------------------------------------------------------- */

static void enlist(struct filling *filling)
{
	for (unsigned i = 0; i < N_HEADS; i++)
		filling->heads[i] = -1;
	for (unsigned cpu = 0; cpu < filling->n_cpus; cpu++)
		filling->of_cpu[cpu] = -1;
	for (unsigned i = 0; i < filling->n; i++) {
		struct track *track = &filling->tracks[i];
		int *head = &filling->heads[task_pid(track->row.task) % N_HEADS];

		track->part = PART_UNKNOWN;
		track->known_ns = UINT64_MAX;
		track->end_ns = filling->window->from_ns + filling->window->column_ns;
		if (track->row.kind == TIMELINE_CPU && track->row.cpu < filling->n_cpus) {
			filling->of_cpu[track->row.cpu] = (int)i;
		} else if (track->row.kind == TIMELINE_TASK ||
			   track->row.kind == TIMELINE_COROUTINE) {
			filling->next[i] = *head;
			*head = (int)i;
			filling->has_tasks = true;
		} else {
			track->since_ns = 1; /* nothing to look for */
		}
	}
}

static void close_all(const struct filling *filling, uint64_t end_ns)
{
	for (unsigned i = 0; i < filling->n; i++) {
		struct track *track = &filling->tracks[i];
		struct span span;

		if (track->row.kind == TIMELINE_CPU) {
			span = (struct span){ track->tenure.since_ns, end_ns, track->tenure.task,
					      track->tenure.known };
			fill_span(track, filling, &span);
		} else {
			close_part(track, filling->window, end_ns);
		}
	}
}

/* Where events end: what is so then stays so up to now, unless more is known than there are events for. */
static uint64_t told_until(const struct filling *filling)
{
	size_t n = filling->history ? history_n(filling->history) : 0;
	uint64_t last_ns = n ? history_at(filling->history, n - 1)->time_ns : 0;

	if (n && filling->until_ns)
		return filling->until_ns;
	if (filling->overview && overview_end_ns(filling->overview) > last_ns)
		return last_ns;
	return n && filling->window->now_ns > last_ns ? filling->window->now_ns : last_ns;
}

/* Events from number `first` to before `end`, which are all in the window. */
static void fill_events(struct filling *filling, size_t first, size_t end)
{
	uint64_t column_ns = filling->window->column_ns;
	uint64_t end_ns = filling->window->from_ns + column_ns; /* of the column */
	unsigned n_columns = filling->window->n_columns;
	size_t n;

	filling->column = 0;
	for (size_t i = first; i < end; i += n) {
		const struct event *events = history_run(filling->history, i, &n);

		n = n < end - i ? n : end - i;
		for (const struct event *event = events; event < events + n; event++) {
			while (event->time_ns >= end_ns && filling->column + 1 < n_columns) {
				filling->column++;
				end_ns += column_ns;
			}
			distribute(filling, event, cpu_event, task_event);
		}
	}
}

static void fill_all(struct filling *filling)
{
	const struct history *history = filling->history;
	uint64_t window_ns = window_end_ns(filling->window), last_ns = told_until(filling);
	size_t first = find_time(history, filling->window->from_ns);

	look_back(filling, first);
	fill_events(filling, first, find_time(history, window_ns));
	close_all(filling, last_ns < window_ns ? last_ns : window_ns);
	for (unsigned i = 0; has_shares(filling) && i < filling->n; i++)
		if (filling->tracks[i].row.kind == TIMELINE_CPU)
			fill_gaps(&filling->tracks[i], filling, last_ns);
}

int tracks_fill(struct track *tracks, unsigned n, const struct window *window,
		const struct state *state, const struct settings *settings)
{
	struct filling filling = { .tracks = tracks,
				   .n = n,
				   .window = window,
				   .history = settings->timeline_events,
				   .overview = settings->overview,
				   .until_ns = settings->until_ns,
				   .n_cpus = state->n_cpus };
	int err = -ENOMEM;

	filling.of_cpu = calloc(state->n_cpus, sizeof(*filling.of_cpu));
	filling.next = calloc(n + 1, sizeof(*filling.next));
	if (filling.of_cpu && filling.next) {
		enlist(&filling);
		fill_all(&filling);
		err = 0;
	}
	free(filling.of_cpu);
	free(filling.next);
	return err;
}
