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
	uint64_t next;	   /* the number of the first event not looked at */
	uint64_t *numbers; /* of those that passed */
	size_t n_room;	   /* a power of two */
	size_t head, tail;
	bool is_behind;
	struct event kept[N_KEPT_MAX];
	unsigned n_kept;
	uint64_t kept_number; /* of the last one */
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

/* What is on the line, as it is written in either length: a coroutine, flags, "voluntary". */
static bool line_matches(const struct event *event, const struct state *state, const char *text)
{
	const char *lane_name = event_lane_name(event, state);
	char line[EVENT_LINE_SIZE];
	const char *shown;

	event_print(line, sizeof(line), event, state->names, lane_name, 0);
	shown = strchr(line, ' '); /* behind the time */
	if (shown && strcasestr(shown, text))
		return true;
	if (!strpbrk(text, " >"))
		return false; /* single words of the short form are in the long one */
	event_shorten(line, lane_name);
	shown = strchr(line, ' ');
	return shown && strcasestr(shown, text);
}

bool event_matches(const struct event *event, const struct state *state, const char *text)
{
	uint32_t other;

	return strcasestr(event_kind_name(event->kind), text) ||
	       strcasestr(event_lane_name(event, state), text) ||
	       task_matches(event->task, state, text) ||
	       (other_task(event, &other) && task_matches(other, state, text)) ||
	       line_matches(event, state, text);
}

bool event_is_news(const struct event *event)
{
	return event->kind != EVENT_NAME || task_lane(event->task);
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
		list->is_behind = false;
		list->next = 0;
	}
	if (list->next < first)
		list->next = first;
	while (list->head != list->tail && list->numbers[list->tail & (list->n_room - 1)] < first)
		list->tail++;
	list->is_behind = *list->filter && end - list->next > FILTER_AT_ONCE;
	if (list->is_behind)
		end = list->next + FILTER_AT_ONCE;
	for (; list->next < end; list->next++) {
		const struct event *event = history_at(history, list->next - first);

		if (event_is_news(event) &&
		    (!*list->filter || event_matches(event, state, list->filter)) &&
		    add(list, list->next))
			return -ENOMEM;
	}
	return 0;
}

bool event_list_is_behind(const struct event_list *list)
{
	return list->is_behind;
}

void event_list_keep(struct event_list *list, uint64_t number, unsigned n)
{
	size_t end = event_list_up_to(list, number);

	if (n > N_KEPT_MAX)
		n = N_KEPT_MAX;
	if (n > end)
		n = (unsigned)end;
	if (!n || (number == list->kept_number && n <= list->n_kept) ||
	    event_list_number(list, end - 1) != number ||
	    event_list_number(list, end - n) < history_first(list->history))
		return;
	for (unsigned i = 0; i < n; i++)
		list->kept[i] = *event_list_at(list, end - n + i);
	list->n_kept = n;
	list->kept_number = number;
}

const struct event *event_list_kept(const struct event_list *list, uint64_t number, unsigned *n)
{
	if (!list->n_kept || number != list->kept_number || !list->history ||
	    number >= history_first(list->history))
		return NULL;
	*n = list->n_kept;
	return list->kept;
}

size_t event_list_n(const struct event_list *list)
{
	return list->head - list->tail;
}

uint64_t event_list_number(const struct event_list *list, size_t i)
{
	return list->numbers[(list->tail + i) & (list->n_room - 1)];
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
