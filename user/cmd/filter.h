/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.h - which events are wanted: of a CPU, a lane, a task. Owned by a verb; one thread. */
#ifndef SWTCH_FILTER_H
#define SWTCH_FILTER_H

#include <stddef.h>

#include "state/state.h"

struct filter {
	const uint64_t *cpus; /* bit n of these words: CPU n; all zero: any */
	size_t n_words;
	const char *lane;	 /* its name; NULL: any */
	const char *task;	 /* its pid, or its name as it is or as it is printed; NULL: any */
	bool saw_lane, saw_task; /* there was one of that name */
};

/*
 * Is the event wanted? It is of each lane and task that has a part in it, and of the CPU where it
 * happened; what has no CPU or no task is of any. `state` has taken it.
 */
bool filter_wants(struct filter *filter, const struct event *event, const struct state *state);

#endif
