// SPDX-License-Identifier: GPL-2.0-only
/* filter.c - a CPU, a lane, a task: each must fit. */
#include "cmd/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "event/print.h"

static bool wants_cpu(const struct filter *filter, const struct event *event)
{
	bool any = true;

	for (size_t i = 0; i < filter->n_words; i++)
		any &= !filter->cpus[i];
	if (any || event->kind == EVENT_NAME || event->cpu == CPU_UNKNOWN)
		return true;
	return event->cpu / 64u < filter->n_words &&
	       filter->cpus[event->cpu / 64] >> event->cpu % 64 & 1;
}

/* Who has a part in it; returns how many. */
static unsigned words_of(const struct event *event, uint32_t words[2])
{
	words[0] = event->task;
	switch (event->kind) {
	case EVENT_LOST:
		return 0;
	case EVENT_SWITCH:
		words[1] = event->to.next;
		return 2;
	case EVENT_WAKING:
		words[1] = event->wake.wakee;
		return 2;
	case EVENT_CLONE:
		words[1] = event->made.child;
		return 2;
	default:
		return 1;
	}
}

static bool lane_is(const struct state *state, unsigned lane, const char *name)
{
	return lane && lane < state->n_lanes && !strcmp(state->lanes[lane].label.name, name);
}

static bool wants_lane(struct filter *filter, const struct event *event, const struct state *state)
{
	uint32_t words[2];
	unsigned n = words_of(event, words);
	bool wanted = !n || lane_is(state, event_lane(event), filter->lane);

	for (unsigned i = 0; i < n; i++)
		wanted |= lane_is(state, task_lane(words[i]), filter->lane);
	filter->saw_lane |= wanted && n;
	return wanted;
}

static bool task_is(const struct state *state, uint32_t word, const char *task)
{
	const char *name = names_get(state->names, task_pid(word));
	char shown[ESCAPED_SIZE(TASK_NAME_LEN)], *end;
	unsigned long pid = strtoul(task, &end, 10);

	if (!*end && pid == task_pid(word))
		return true;
	if (!task_pid(word) || !*name)
		return false;
	escape_name(shown, sizeof(shown), name);
	return !strcmp(name, task) || !strcmp(shown, task);
}

static bool wants_task(struct filter *filter, const struct event *event, const struct state *state)
{
	uint32_t words[2];
	unsigned n = words_of(event, words);
	bool wanted = !n;

	for (unsigned i = 0; i < n; i++)
		wanted |= task_is(state, words[i], filter->task);
	filter->saw_task |= wanted && n;
	return wanted;
}

bool filter_wants(struct filter *filter, const struct event *event, const struct state *state)
{
	return wants_cpu(filter, event) && (!filter->lane || wants_lane(filter, event, state)) &&
	       (!filter->task || wants_task(filter, event, state));
}
