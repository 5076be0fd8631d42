// SPDX-License-Identifier: GPL-2.0-only
/* timeline_find.c - events by their time, by their row, by their text. */
#include "view/timeline_parts.h"

#include <stdio.h>

size_t find_time(const struct history *history, uint64_t time_ns)
{
	size_t low = 0, high = history ? history_n(history) : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (history_at(history, middle)->time_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The task did it, or it was done to the task. */
static bool concerns(const struct event *event, uint32_t pid)
{
	return task_pid(event->task) == pid ||
	       (event->kind == EVENT_SWITCH && task_pid(event->to.next) == pid) ||
	       (event->kind == EVENT_WAKING && task_pid(event->wake.wakee) == pid) ||
	       (event->kind == EVENT_CLONE && task_pid(event->made.child) == pid);
}

bool find_is_of_row(const struct event *event, const struct timeline_row *row)
{
	if (event->kind == EVENT_NAME)
		return false;
	switch (row->kind) {
	case TIMELINE_TASK:
		return concerns(event, task_pid(row->task));
	case TIMELINE_COROUTINE:
		return event_is_mark(event->kind) && event->coroutine.id == row->coroutine &&
		       task_pid(event->task) == task_pid(row->task);
	}
	return event->cpu == row->cpu || tenure_is_lost(event, row->cpu);
}

size_t find_before(const struct history *history, size_t from, find_fn is,
		   const struct timeline_row *row)
{
	while (from--)
		if (is(history_at(history, from), row))
			return from;
	return NO_EVENT;
}

size_t find_after(const struct history *history, size_t from, find_fn is,
		  const struct timeline_row *row)
{
	for (; history && from < history_n(history); from++)
		if (is(history_at(history, from), row))
			return from;
	return NO_EVENT;
}

static void say_none(struct settings *settings, bool before)
{
	snprintf(settings->message, sizeof(settings->message), "no %s event of this row is at hand",
		 before ? "earlier" : "later");
}

/* To the event before or after the cursor on the selected row. */
bool find_key(const struct state *state, struct settings *settings, enum command command)
{
	const struct history *history = settings->timeline_events;
	const struct timeline_row *row = &settings->timeline.selected;
	uint64_t at_ns = timeline_cursor_ns(settings);
	bool before = command == DO_EVENT_BEFORE;
	size_t i;

	(void)state;
	if (!before && command != DO_EVENT_AFTER)
		return false;
	if (before)
		i = find_before(history, find_time(history, at_ns), find_is_of_row, row);
	else
		i = find_after(history, find_time(history, at_ns + (at_ns < UINT64_MAX)),
			       find_is_of_row, row);
	if (i == NO_EVENT)
		say_none(settings, before);
	else
		timeline_seek(settings, history_at(history, i)->time_ns);
	return true;
}

void timeline_search(const struct state *state, struct settings *settings)
{
	const struct history *history = settings->timeline_events;
	size_t n = history ? history_n(history) : 0, i;
	uint64_t from_ns, to_ns;

	if (!settings->search[0]) {
		snprintf(settings->message, sizeof(settings->message),
			 "nothing to search for: press / and type");
		return;
	}
	/* Behind the cursor; while that is on the newest, from the left edge on. */
	timeline_wanted(settings, &from_ns, &to_ns);
	if (settings->timeline.scrolled)
		from_ns = timeline_cursor_ns(settings) + 1;
	for (i = find_time(history, from_ns); i < n; i++) {
		const struct event *event = history_at(history, i);
		struct timeline_row row = { .kind = TIMELINE_CPU, .cpu = event->cpu };

		if (event->kind == EVENT_NAME || !event_matches(event, state, settings->search))
			continue;
		timeline_seek(settings, event->time_ns);
		if (event->cpu < state->n_cpus)
			rows_select(state, settings, &row);
		settings->message[0] = '\0';
		return;
	}
	snprintf(settings->message, sizeof(settings->message),
		 "\"%s\" is in no later event: Home goes to the first", settings->search);
}
