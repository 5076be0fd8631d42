// SPDX-License-Identifier: GPL-2.0-only
/* event_list.c - numbers of the events that pass, in a ring as large as the history needs. */
#include "view/event_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/print.h"

struct event_list {
	const struct history *history;
	char filter[64];
	uint64_t next; /* the number of the first event not looked at */
	/* With a filter, those that passed; without, every event is in the list. */
	uint64_t *numbers;
	size_t n_room; /* a power of two */
	size_t head, tail;
};

struct event_list *event_list_new(void)
{
	return calloc(1, sizeof(struct event_list));
}

void event_list_free(struct event_list *list)
{
	if (!list)
		return;
	free(list->numbers);
	free(list);
}

const char *event_lane_name(const struct event *event, const struct state *state)
{
	unsigned lane = event_lane(event);

	return lane && lane < state->n_lanes ? state->lanes[lane].label.name : "";
}

static bool task_matches(uint32_t task, const struct state *state, const char *text)
{
	char pid[12];

	if (strcasestr(names_get(state->names, task_pid(task)), text))
		return true;
	snprintf(pid, sizeof(pid), "%u", task_pid(task));
	return strstr(pid, text);
}

/* The other task of an event, if it has one. */
static bool other_task(const struct event *event, uint32_t *task)
{
	switch (event->kind) {
	case EVENT_SWITCH:
		*task = event->to.next;
		return true;
	case EVENT_WAKING:
		*task = event->wake.wakee;
		return true;
	case EVENT_CLONE:
		*task = event->made.child;
		return true;
	}
	return false;
}

bool event_matches(const struct event *event, const struct state *state, const char *text)
{
	uint32_t other;

	return strcasestr(event_kind_name(event->kind), text) ||
	       strcasestr(event_lane_name(event, state), text) ||
	       task_matches(event->task, state, text) ||
	       (other_task(event, &other) && task_matches(other, state, text));
}

static int add(struct event_list *list, uint64_t number)
{
	if (list->head - list->tail == list->n_room) {
		size_t n_room = list->n_room ? list->n_room * 2 : 1024;
		uint64_t *numbers = malloc(n_room * sizeof(*numbers));

		if (!numbers)
			return -ENOMEM;
		for (size_t i = list->tail; i != list->head; i++)
			numbers[i & (n_room - 1)] = list->numbers[i & (list->n_room - 1)];
		free(list->numbers);
		list->numbers = numbers;
		list->n_room = n_room;
	}
	list->numbers[list->head++ & (list->n_room - 1)] = number;
	return 0;
}

int event_list_update(struct event_list *list, const struct history *history,
		      const struct state *state, const char *filter)
{
	uint64_t first = history_first(history), end = first + history_n(history);

	if (history != list->history || strcmp(filter, list->filter) != 0 || list->next > end) {
		snprintf(list->filter, sizeof(list->filter), "%s", filter);
		list->history = history;
		list->head = list->tail = 0;
		list->next = 0;
	}
	if (list->next < first)
		list->next = first;
	while (list->head != list->tail && list->numbers[list->tail & (list->n_room - 1)] < first)
		list->tail++;
	if (!*list->filter) {
		list->next = end;
		return 0;
	}
	for (; list->next < end; list->next++) {
		const struct event *event = history_at(history, list->next - first);

		if (event_matches(event, state, list->filter) && add(list, list->next))
			return -ENOMEM;
	}
	return 0;
}

size_t event_list_n(const struct event_list *list)
{
	if (!list->history)
		return 0;
	return *list->filter ? list->head - list->tail : list->next - history_first(list->history);
}

uint64_t event_list_number(const struct event_list *list, size_t i)
{
	return *list->filter ? list->numbers[(list->tail + i) & (list->n_room - 1)]
			     : history_first(list->history) + i;
}

const struct event *event_list_at(const struct event_list *list, size_t i)
{
	uint64_t first = history_first(list->history);

	return history_at(list->history, event_list_number(list, i) - first);
}

size_t event_list_up_to(const struct event_list *list, uint64_t number)
{
	size_t low = 0, high = event_list_n(list);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (event_list_number(list, middle) <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
