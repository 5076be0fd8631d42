// SPDX-License-Identifier: GPL-2.0-only
/* history.c - a ring of events; a name that leaves the ring moves into the names before it. */
#include "state/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct history {
	struct event *events;
	size_t n_max;
	uint64_t head; /* events ever added */
	uint64_t tail; /* events let go */
	struct names *names;
};

struct history *history_new(size_t n_max)
{
	struct history *history;

	if (!n_max || (n_max & (n_max - 1))) {
		errno = EINVAL;
		return NULL;
	}
	history = calloc(1, sizeof(*history));
	if (!history)
		return NULL;
	history->n_max = n_max;
	history->events = calloc(n_max, sizeof(*history->events));
	history->names = names_new();
	if (!history->events || !history->names) {
		history_free(history);
		return NULL;
	}
	return history;
}

void history_free(struct history *history)
{
	if (!history)
		return;
	names_free(history->names);
	free(history->events);
	free(history);
}

struct history *history_copy(const struct history *history)
{
	struct history *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *history;
	copy->names = names_copy(history->names);
	copy->events = malloc(history->n_max * sizeof(*copy->events));
	if (!copy->names || !copy->events) {
		history_free(copy);
		return NULL;
	}
	memcpy(copy->events, history->events, history->n_max * sizeof(*copy->events));
	return copy;
}

static struct event *slot(const struct history *history, uint64_t number)
{
	return &history->events[number & (history->n_max - 1)];
}

static void let_go(struct history *history)
{
	names_apply(history->names, slot(history, history->tail++));
}

void history_add(struct history *history, const struct event *event)
{
	if (history->head - history->tail == history->n_max)
		let_go(history);
	*slot(history, history->head++) = *event;
}

void history_clear(struct history *history)
{
	while (history->tail != history->head)
		let_go(history);
}

void history_forget(struct history *history)
{
	history->tail = history->head;
	names_clear(history->names);
}

size_t history_n(const struct history *history)
{
	return history->head - history->tail;
}

uint64_t history_first(const struct history *history)
{
	return history->tail;
}

const struct event *history_at(const struct history *history, size_t i)
{
	return slot(history, history->tail + i);
}

const struct event *history_run(const struct history *history, size_t i, size_t *n)
{
	size_t at = (history->tail + i) & (history->n_max - 1), n_left = history_n(history) - i;

	*n = history->n_max - at < n_left ? history->n_max - at : n_left;
	return &history->events[at];
}

bool history_name_first(struct history *history, const struct event *event)
{
	if (*names_get(history->names, task_pid(event->task)))
		return false;
	names_apply(history->names, event);
	return true;
}

const struct names *history_names(const struct history *history)
{
	return history->names;
}
