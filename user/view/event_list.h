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

#define FILTER_AT_ONCE 16384
#define N_KEPT_MAX     256 /* lines of a page */

struct event_list;

/* NULL with ENOMEM. */
struct event_list *event_list_new(void);
void event_list_free(struct event_list *list);

/*
 * Take in what came since. `filter` is searched for as event_matches() does; "" passes all but the
 * names of tasks in no lane. With another filter or history the list is made anew: a filter looks at
 * FILTER_AT_ONCE events a call, so that no frame waits for it. 0 or -ENOMEM.
 */
int event_list_update(struct event_list *list, const struct history *history,
		      const struct state *state, const char *filter);

size_t event_list_n(const struct event_list *list);
uint64_t event_list_number(const struct event_list *list, size_t i); /* 0 the oldest */
const struct event *event_list_at(const struct event_list *list, size_t i);

/* How many of the list are not newer than the event of that number. */
size_t event_list_up_to(const struct event_list *list, uint64_t number);

/* True while a filter has not yet seen all that there is. */
bool event_list_is_behind(const struct event_list *list);

/*
 * Copy the page of n events that ends with that number, to be had when the history has let them
 * go. Does nothing for a page that is kept already, or for a number that is not in the list.
 */
void event_list_keep(struct event_list *list, uint64_t number, unsigned n);

/* The kept page that ends with the number, oldest first, if the history let its last line go. */
const struct event *event_list_kept(const struct event_list *list, uint64_t number, unsigned *n);

/* False for names of tasks in no lane: told so that lines can name them, and no news themselves. */
bool event_is_news(const struct event *event);

/*
 * True when the event's line, long or short, has `text` behind its time, without regard to case.
 */
bool event_matches(const struct event *event, const struct state *state, const char *text);

/* A printed line (event_print) in less room; at most 79 columns where that can be done. */
void event_shorten(char *line, const char *lane_name);

/* The escaped name of an event's lane; "" for lane 0 or none. */
const char *event_lane_name(const struct event *event, const struct state *state);

#endif
