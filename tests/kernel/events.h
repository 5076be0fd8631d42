/* SPDX-License-Identifier: GPL-2.0-only */
/* events.h - all that a source delivers, kept in an array. A helper of test_probes_*.c. */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include "event/names.h"
#include "rig.h"

struct events {
	struct event *all;
	size_t n, room;
};

static inline void events_add(const struct event *event, void *ctx)
{
	struct events *events = ctx;

	if (events->n == events->room) {
		events->room = events->room ? 2 * events->room : 4096;
		events->all = realloc(events->all, events->room * sizeof(*events->all));
		assert_non_null(events->all);
	}
	events->all[events->n++] = *event;
}

static inline void events_free(struct events *events)
{
	free(events->all);
	*events = (struct events){ 0 };
}

#define events_each(event, events)                                                                 \
	for (const struct event *(event) = (events)->all; (event) < (events)->all + (events)->n;   \
	     (event)++)

/* How many are of that kind, by that task (0: any). */
static inline size_t events_count(const struct events *events, unsigned kind, pid_t pid)
{
	size_t n = 0;

	events_each(event, events)
	{
		if (event->kind == kind && (!pid || task_pid(event->task) == (uint32_t)pid))
			n++;
	}
	return n;
}

/* The first of that kind by that task. */
static inline const struct event *events_find(const struct events *events, unsigned kind, pid_t pid)
{
	events_each(event, events)
	{
		if (event->kind == kind && task_pid(event->task) == (uint32_t)pid)
			return event;
	}
	fail_msg("no event of kind %u by task %d among %zu", kind, pid, events->n);
	return NULL;
}

/* The lane is empty, nothing more will come: take what is there, and stop listening. */
static inline void events_finish(struct rig *rig, uint32_t lane, struct events *events)
{
	rig_wait_empty(rig, lane);
	rig->source->flush(rig->source, events_add, events);
	live_listen(rig->source, false);
}

#endif
