/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_list.h - which events of the history pass the filter, kept up to date at the cost of the
 * new ones alone. An event's number counts from the first ever added. Owned by who made it; one
 * thread.
 */
#ifndef SWTCH_EVENT_LIST_H
#define SWTCH_EVENT_LIST_H

#include <stdbool.h>

#include "state/history.h"
#include "state/state.h"

struct event_list;

/* NULL with ENOMEM. */
struct event_list *event_list_new(void);
void event_list_free(struct event_list *list);

/*
 * Take in what came since. `filter` is searched for in task names, pids, lane and kind, without
 * regard to case; "" passes all. With another filter or history the list is made anew.
 * 0 or -ENOMEM.
 */
int event_list_update(struct event_list *list, const struct history *history,
		      const struct state *state, const char *filter);

size_t event_list_n(const struct event_list *list);
uint64_t event_list_number(const struct event_list *list, size_t i); /* 0 the oldest */
const struct event *event_list_at(const struct event_list *list, size_t i);

/* How many of the list are not newer than the event of that number. */
size_t event_list_up_to(const struct event_list *list, uint64_t number);

/* True when the event has `text` in a name, pid, lane or kind. */
bool event_matches(const struct event *event, const struct state *state, const char *text);

/* The escaped name of an event's lane; "" for lane 0 or none. */
const char *event_lane_name(const struct event *event, const struct state *state);

#endif
