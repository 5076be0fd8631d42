// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeline_words.c - what happened at the cursor, in sentences: who had the CPU from when to when, who
 * left for whom and why, who woke whom and how long that one waited. Only what events say.
 */
#include "view/timeline_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/print.h"
#include "view/number.h"

#define N_LOOK_BACK 65536 /* events, for a waking */

/* What is being told, and to where. */
struct telling {
	struct text text;
	const struct history *history;
	const struct state *state;
	uint64_t start_ns, cursor_ns;
	size_t after; /* the first event behind the cursor */
};

static const struct event *at(const struct telling *telling, size_t i)
{
	return history_at(telling->history, i);
}

/* --- pieces --------------------------------------------------------------------------------------- */

static void put(struct telling *telling, const char *words)
{
	text_put(&telling->text, words);
}

static void put_task(struct telling *telling, uint32_t task)
{
	if (!task_pid(task)) {
		put(telling, "the idle task");
		return;
	}
	text_name(&telling->text, names_get(telling->state->names, task_pid(task)));
	text_char(&telling->text, ':');
	text_u64(&telling->text, task_pid(task));
}

static void put_lane(struct telling *telling, uint32_t task)
{
	unsigned lane = task_lane(task);

	if (!lane || lane >= telling->state->n_lanes)
		return;
	put(telling, " (");
	put(telling, telling->state->lanes[lane].label.name);
	put(telling, ")");
}

static void put_time(struct telling *telling, uint64_t time_ns)
{
	bool before = time_ns < telling->start_ns;
	uint64_t since_ns = before ? telling->start_ns - time_ns : time_ns - telling->start_ns;

	put(telling, before ? "-" : "");
	text_u64(&telling->text, since_ns / NS_PER_S);
	text_char(&telling->text, '.');
	text_zeros(&telling->text, since_ns % NS_PER_S, 9);
}

static void put_duration(struct telling *telling, uint64_t ns)
{
	put(telling, ns == TIME_SATURATED ? "over " : "");
	text_duration(&telling->text, ns);
}

static void put_cpu(struct telling *telling, unsigned cpu)
{
	put(telling, "CPU ");
	if (cpu == CPU_UNKNOWN)
		put(telling, "?");
	else
		text_u64(&telling->text, cpu);
}

/* "voluntarily (S: it sleeps)": why a task left its CPU. */
static void put_leave(struct telling *telling, unsigned state)
{
	static const char *const says[N_LEAVE_STATES] = {
		[LEAVE_RUNNABLE] = "still wants to run",
		[LEAVE_SLEEPING] = "sleeps",
		[LEAVE_BLOCKED] = "sleeps deeply",
		[LEAVE_STOPPED] = "is stopped",
		[LEAVE_TRACED] = "is traced",
		[LEAVE_DEAD] = "has ended",
		[LEAVE_ZOMBIE] = "has ended",
		[LEAVE_PARKED] = "is parked",
		[LEAVE_IDLE] = "has nothing to do",
	};

	put(telling, state & LEAVE_VOLUNTARY ? " voluntarily (" : " involuntarily (");
	text_char(&telling->text, leave_state_letter(state));
	if ((state & LEAVE_MASK) < N_LEAVE_STATES) {
		put(telling, ": ");
		put(telling, says[state & LEAVE_MASK]);
	}
	call_print(&telling->text, ", waits for ", state);
	put(telling, ")");
}

/* --- who came, who left --------------------------------------------------------------------------- */

/*
 * What made the task runnable that came by switch number `i`: its waking, or that it was preempted.
 * It may be woken while it still runs, on its way to sleep: what it waited says how far back that was.
 */
static const struct event *why_runnable(const struct telling *telling, size_t i)
{
	const struct event *came = at(telling, i);
	uint32_t pid = task_pid(came->to.next);
	bool has_left = false;

	for (size_t n = 0; i-- && n < N_LOOK_BACK; n++) {
		const struct event *event = at(telling, i);

		if (has_left && came->time_ns - event->time_ns > came->to.waited_ns)
			return NULL;
		if (event->kind == EVENT_LOST && !task_pid(event->task))
			return NULL;
		if (event->kind == EVENT_WAKING && task_pid(event->wake.wakee) == pid)
			return event;
		if (event->kind != EVENT_SWITCH || task_pid(event->task) != pid)
			continue;
		if ((event->state & LEAVE_MASK) == LEAVE_RUNNABLE)
			return event;
		has_left = true;
	}
	return NULL;
}

static void tell_why_came(struct telling *telling, size_t i)
{
	const struct event *came = at(telling, i), *why = why_runnable(telling, i);
	uint64_t ago_ns = why && came->time_ns > why->time_ns ? came->time_ns - why->time_ns : 0;

	if (!task_pid(came->to.next) || (!why && !came->to.waited_ns))
		return;
	if (why && why->kind == EVENT_WAKING) {
		put(telling, " It was woken by ");
		put_task(telling, why->task);
		put(telling, " on ");
		put_cpu(telling, why->cpu);
		put(telling, ", ");
		put_duration(telling, ago_ns);
		put(telling, " before");
	} else if (why) {
		put(telling, " It had lost ");
		put_cpu(telling, why->cpu);
		put(telling, " ");
		put_duration(telling, ago_ns);
		put(telling, " before");
	} else {
		put(telling, " Who woke it is not at hand");
	}
	if (came->to.waited_ns) {
		put(telling, ", and it waited ");
		put_duration(telling, came->to.waited_ns);
	}
	put(telling, ".");
}

/* Who left when this switch came. */
static void tell_before(struct telling *telling, const struct event *came)
{
	if (!task_pid(came->task)) {
		put(telling, " Before, the CPU was idle.");
		return;
	}
	put(telling, " Before, ");
	put_task(telling, came->task);
	put(telling, " left");
	put_leave(telling, came->state);
	if (came->to.ran_ns) {
		put(telling, " after ");
		put_duration(telling, came->to.ran_ns);
	}
	put(telling, ".");
}

static void tell_after(struct telling *telling, const struct event *left)
{
	put(telling, task_pid(left->task) ? " It left" : " Then");
	if (task_pid(left->task))
		put_leave(telling, left->state);
	if (task_pid(left->to.next)) {
		put(telling, task_pid(left->task) ? " for " : " came ");
		put_task(telling, left->to.next);
	} else {
		put(telling, ", and the CPU became idle");
	}
	put(telling, ".");
}

/* --- a CPU ---------------------------------------------------------------------------------------- */

/* Who has the CPU changes, or stops being known. */
static bool is_turn(const struct event *event, const struct timeline_row *row)
{
	return (event->kind == EVENT_SWITCH && event->cpu == row->cpu) ||
	       tenure_is_lost(event, row->cpu);
}

/* The span around the cursor, between two turns (NO_EVENT: there is none at hand). */
static struct span span_at(const struct telling *telling, size_t last, size_t next)
{
	const struct event *begin = last == NO_EVENT ? NULL : at(telling, last);
	const struct event *end = next == NO_EVENT ? NULL : at(telling, next);
	struct tenure tenure = { 0 };
	struct span spans[2];
	unsigned n = 1;

	if (begin)
		tenure = (struct tenure){ begin->time_ns, begin->to.next,
					  begin->kind == EVENT_SWITCH };
	if (end && end->kind == EVENT_SWITCH)
		n = tenure_switch(&tenure, end, spans);
	else
		spans[0] = tenure_lose(&tenure, end ? end->time_ns : UINT64_MAX);
	return spans[n > 1 && telling->cursor_ns >= spans[1].from_ns];
}

static void tell_extent(struct telling *telling, const struct span *span)
{
	if (span->to_ns == UINT64_MAX) {
		put(telling, " since ");
		put_time(telling, span->from_ns);
		put(telling, ", for ");
		put_duration(telling, telling->cursor_ns - span->from_ns);
		put(telling, " so far.");
		return;
	}
	put(telling, " for ");
	put_duration(telling, span->to_ns - span->from_ns);
	put(telling, ", from ");
	put_time(telling, span->from_ns);
	put(telling, " to ");
	put_time(telling, span->to_ns);
	put(telling, ".");
}

static void tell_unknown(struct telling *telling, const struct span *span, size_t last)
{
	const struct event *lost = last == NO_EVENT ? NULL : at(telling, last);

	put(telling, ": nobody knows who ran");
	if (lost && lost->kind == EVENT_LOST && lost->lost.n) {
		put(telling, ", as ");
		text_u64(&telling->text, lost->lost.n);
		put(telling, lost->lost.n == 1 ? " event was lost" : " events were lost");
		put(telling, " at ");
		put_time(telling, lost->time_ns);
	} else if (lost && lost->kind == EVENT_LOST) {
		put(telling, ", as events were lost or not read from ");
		put_time(telling, lost->time_ns);
		put(telling, " on");
	} else if (lost) {
		put(telling, ": events are missing here");
	} else {
		put(telling, " before the first switch that is at hand");
	}
	if (span->to_ns != UINT64_MAX) {
		put(telling, ". The next to be told of begins at ");
		put_time(telling, span->to_ns);
	}
	put(telling, ".");
}

static void tell_cpu(struct telling *telling, unsigned cpu)
{
	struct timeline_row row = { .kind = TIMELINE_CPU, .cpu = (uint16_t)cpu };
	size_t last = find_before(telling->history, telling->after, is_turn, &row);
	size_t next = find_after(telling->history, telling->after, is_turn, &row);
	const struct event *begin = last == NO_EVENT ? NULL : at(telling, last);
	const struct event *end = next == NO_EVENT ? NULL : at(telling, next);
	struct span span = span_at(telling, last, next);

	put_cpu(telling, cpu);
	if (!span.known) {
		tell_unknown(telling, &span, last);
		return;
	}
	put(telling, ": ");
	if (task_pid(span.task))
		put_task(telling, span.task);
	else
		put(telling, "idle");
	put_lane(telling, span.task);
	if (task_pid(span.task))
		put(telling, end ? " ran" : " runs");
	tell_extent(telling, &span);
	if (begin && begin->kind == EVENT_SWITCH && begin->time_ns == span.from_ns) {
		tell_before(telling, begin);
		tell_why_came(telling, last);
	}
	if (end && end->kind == EVENT_SWITCH && end->time_ns == span.to_ns)
		tell_after(telling, end);
	else if (end && end->kind == EVENT_LOST)
		put(telling, " What came then is lost.");
}

/* --- a task --------------------------------------------------------------------------------------- */

/* What a task does changes. */
static bool is_step(const struct event *event, const struct timeline_row *row)
{
	uint32_t pid = task_pid(row->task);

	switch (event->kind) {
	case EVENT_SWITCH:
		return task_pid(event->task) == pid || task_pid(event->to.next) == pid;
	case EVENT_WAKING:
		return task_pid(event->wake.wakee) == pid;
	case EVENT_CLONE:
		return task_pid(event->made.child) == pid;
	}
	return event->kind == EVENT_LOST && !task_pid(event->task);
}

static bool is_own_step(const struct event *event, const struct timeline_row *row)
{
	return event->kind != EVENT_LOST && is_step(event, row);
}

static bool comes(const struct event *event, const struct timeline_row *row)
{
	return event->kind == EVENT_SWITCH && task_pid(event->to.next) == task_pid(row->task);
}

/* "sleeps since ...: it left CPU 0 ..." */
static void tell_left(struct telling *telling, const struct event *left)
{
	bool waits = (left->state & LEAVE_MASK) == LEAVE_RUNNABLE;

	put(telling, waits ? " waits for a CPU, since " : " is off the CPUs, since ");
	put_time(telling, left->time_ns);
	put(telling, ": it left ");
	put_cpu(telling, left->cpu);
	put_leave(telling, left->state);
	if (left->to.ran_ns) {
		put(telling, " after ");
		put_duration(telling, left->to.ran_ns);
	}
	put(telling, ".");
}

static void tell_woken(struct telling *telling, const struct event *waking)
{
	put(telling, " waits for a CPU, since ");
	put_time(telling, waking->time_ns);
	put(telling,
	    waking->wake.is_new ? ": it is new, and was started by " : ": it was woken by ");
	put_task(telling, waking->task);
	put(telling, " on ");
	put_cpu(telling, waking->cpu);
	put(telling, ".");
}

/* What ends it: a waking, a CPU. */
static void tell_step_after(struct telling *telling, const struct timeline_row *row,
			    const struct event *next)
{
	if (next->kind == EVENT_WAKING) {
		put(telling, " It is woken by ");
		put_task(telling, next->task);
		put(telling, " ");
	} else if (comes(next, row)) {
		put(telling, " It comes to ");
		put_cpu(telling, next->cpu);
		put(telling, " ");
	} else {
		return;
	}
	put_duration(telling, next->time_ns - telling->cursor_ns);
	put(telling, " after this, at ");
	put_time(telling, next->time_ns);
	put(telling, ".");
}

static void tell_task(struct telling *telling, const struct timeline_row *row)
{
	size_t last = find_before(telling->history, telling->after, is_step, row);
	size_t next = find_after(telling->history, telling->after, is_step, row);
	const struct event *step = last == NO_EVENT ? NULL : at(telling, last);
	const struct event *then = next == NO_EVENT ? NULL : at(telling, next);

	/* A loss elsewhere does not end that a task runs. */
	if (step && step->kind == EVENT_LOST) {
		size_t i = find_before(telling->history, last, is_own_step, row);
		const struct event *own = i == NO_EVENT ? NULL : at(telling, i);

		if (own && comes(own, row) && !tenure_is_lost(step, own->cpu))
			step = own;
	}
	if (step && comes(step, row)) {
		tell_cpu(telling, step->cpu);
		return;
	}
	if ((!step || step->kind == EVENT_LOST) && then && then->kind == EVENT_SWITCH &&
	    !comes(then, row) && then->time_ns - telling->cursor_ns <= then->to.ran_ns) {
		tell_cpu(telling, then->cpu);
		return;
	}
	put_task(telling, row->task);
	put_lane(telling, row->task);
	if (!step)
		put(telling, ": no event of this time or before tells what it does.");
	else if (step->kind == EVENT_LOST)
		put(telling, ": nobody knows, as events were lost.");
	else if (step->kind == EVENT_SWITCH)
		tell_left(telling, step);
	else if (step->kind == EVENT_WAKING)
		tell_woken(telling, step);
	else
		put(telling, " was just made, and not started yet.");
	if (then)
		tell_step_after(telling, row, then);
}

/* --- a coroutine ------------------------------------------------------------------------------------ */

static void tell_coroutine(struct telling *telling, const struct timeline_row *row)
{
	static const char *const does[N_EVENT_KINDS] = {
		[EVENT_CREATE] = " was made, and not resumed yet, since ",
		[EVENT_RESUME] = " runs since ",
		[EVENT_SUSPEND] = " is suspended since ",
		[EVENT_END] = " has ended, at ",
	};
	size_t last = find_before(telling->history, telling->after, find_is_of_row, row);
	size_t next = find_after(telling->history, telling->after, find_is_of_row, row);
	const struct event *then = next == NO_EVENT ? NULL : at(telling, next);

	coroutine_print(&telling->text, task_lane(row->task), row->coroutine,
			telling->state->names);
	put(telling, " in ");
	put_task(telling, row->task);
	put_lane(telling, row->task);
	if (last != NO_EVENT) {
		put(telling, does[at(telling, last)->kind]);
		put_time(telling, at(telling, last)->time_ns);
	}
	put(telling, last == NO_EVENT ? ": no event of this time or before is at hand." : ".");
	if (!then)
		return;
	put(telling, then->kind == EVENT_RESUME	   ? " It is resumed "
		     : then->kind == EVENT_SUSPEND ? " It is suspended "
						   : " It ends ");
	put_duration(telling, then->time_ns - telling->cursor_ns);
	put(telling, " after this, at ");
	put_time(telling, then->time_ns);
	put(telling, ".");
}

/* --- beside all that -------------------------------------------------------------------------------- */

static bool is_told(const struct event *event, const struct timeline_row *row)
{
	switch (row->kind) {
	case TIMELINE_TASK:
		return is_step(event, row) && event->kind != EVENT_CLONE;
	case TIMELINE_COROUTINE:
		return true;
	}
	return is_turn(event, row);
}

/* Events of the row at the very instant that the sentences do not speak of. */
static void tell_here(struct telling *telling, const struct timeline_row *row)
{
	size_t i = find_time(telling->history, telling->cursor_ns);
	char line[EVENT_LINE_SIZE], *words;

	for (; i < telling->after; i++) {
		const struct event *event = at(telling, i);

		if (!find_is_of_row(event, row) || is_told(event, row))
			continue;
		event_print(line, sizeof(line), event, telling->state->names, "-",
			    telling->start_ns);
		words = strstr(line, "] ");
		words = words ? strstr(words, " - ") : NULL;
		if (!words)
			continue;
		put(telling, "Here: ");
		put(telling, event_kind_name(event->kind));
		put(telling, ", ");
		put(telling, words + 3 + strspn(words + 3, " "));
		put(telling, ". ");
	}
}

static void put_share(struct telling *telling, const char *name, double share, unsigned *n)
{
	char percent[NUMBER_SIZE];

	if (share < 0.0005)
		return;
	put(telling, (*n)++ ? ", " : " ");
	put(telling, name);
	put(telling, " ");
	put(telling, number_percent(percent, share));
}

/* How the column's time is shared, where it is more than one stretch's. */
static void tell_column(struct telling *telling, const struct window *window,
			const struct column *column)
{
	double column_ns = (double)window->column_ns, known = 0;
	char number[NUMBER_SIZE];
	unsigned n = 0;

	put(telling, " In this column's ");
	put(telling, number_time(number, column_ns));
	put(telling, ":");
	for (unsigned lane = 0; lane < telling->state->n_lanes; lane++) {
		put_share(telling, lane ? telling->state->lanes[lane].label.name : "others",
			  column->parts[lane] / column_ns, &n);
		known += column->parts[lane] / column_ns;
	}
	known += column->parts[PART_IDLE] / column_ns;
	put_share(telling, "idle", column->parts[PART_IDLE] / column_ns, &n);
	put_share(telling, "not known", known < 0.9995 ? 1 - known : 0, &n);
	put(telling, n ? "; " : " ");
	put(telling, number_count(number, column->n_switches));
	put(telling, column->n_switches == 1 ? " switch." : " switches.");
}

static bool is_shared(const struct column *column)
{
	float known_ns = 0;

	for (unsigned part = 0; part < N_PARTS; part++)
		known_ns += column->parts[part];
	return column->n_switches > 1 || (column->coarse && known_ns > 0);
}

static void tell_gone(struct telling *telling, const struct column *column,
		      const struct settings *settings)
{
	size_t n = telling->history ? history_n(telling->history) : 0;

	put(telling, "No event of this time is at hand");
	if (n) {
		put(telling, ": they go from ");
		put_time(telling, at(telling, 0)->time_ns);
		put(telling, " to ");
		put_time(telling, at(telling, n - 1)->time_ns);
	}
	put(telling, settings->overview && !column->coarse
			     ? ". Whose the time was is known further out: Z."
			     : ".");
	if (n && !settings->tape && !settings->paused &&
	    telling->cursor_ns < at(telling, 0)->time_ns)
		put(telling, " Press Space first to hold them, or End to follow.");
}

void words_of_cursor(char *out, size_t size, const struct window *window,
		     const struct timeline_row *row, const struct column *column,
		     const struct state *state, const struct settings *settings)
{
	struct telling telling = { .history = settings->timeline_events,
				   .state = state,
				   .start_ns = settings->start_ns,
				   .cursor_ns = window->cursor_ns };
	size_t n = telling.history ? history_n(telling.history) : 0;
	bool at_hand = n && window->cursor_ns >= at(&telling, 0)->time_ns &&
		       (window->cursor_ns <= at(&telling, n - 1)->time_ns || !column->coarse);

	text_init(&telling.text, out, size);
	telling.after = window->cursor_ns == UINT64_MAX
				? n
				: find_time(telling.history, window->cursor_ns + 1);
	if (at_hand)
		tell_here(&telling, row);
	if (!at_hand)
		tell_gone(&telling, column, settings);
	else if (row->kind == TIMELINE_TASK)
		tell_task(&telling, row);
	else if (row->kind == TIMELINE_COROUTINE)
		tell_coroutine(&telling, row);
	else
		tell_cpu(&telling, row->cpu);
	if (row->kind == TIMELINE_CPU && is_shared(column))
		tell_column(&telling, window, column);
}
