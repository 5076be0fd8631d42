/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tenure.h - who has one CPU since when, and which spans of its time a switch closes.
 *
 * Switches between tasks in no lane are not told. So a span that began with such a task, or with
 * idling, and ended with another such task counts as the first one's, up to where the other is said
 * to have come. No memory of its own; one thread.
 */
#ifndef SWTCH_TENURE_H
#define SWTCH_TENURE_H

#include <stdbool.h>

#include "event.h"

struct tenure {
	uint64_t since_ns; /* 0: since before anything is known */
	uint32_t task;	   /* task_word(); 0 idle */
	bool known;	   /* false: nobody knows who */
};

/* A stretch of one CPU's time. */
struct span {
	uint64_t from_ns, to_ns;
	uint32_t task;
	bool known;
};

/* For time that the scheduler's clock and ours differ by, over a span that ran_ns is told of. */
#define TENURE_SLACK_NS 100000u

/* The task that is known to be there can have left as the event says. */
static inline bool tenure_agrees(const struct tenure *tenure, const struct event *event,
				 uint64_t elapsed_ns)
{
	uint32_t ran_ns = event->to.ran_ns;

	if (!task_lane(tenure->task) && !task_lane(event->task))
		return true;
	return task_pid(tenure->task) == task_pid(event->task) &&
	       (!ran_ns || ran_ns == TIME_SATURATED ||
		elapsed_ns <= (uint64_t)ran_ns + ran_ns / 8 + TENURE_SLACK_NS);
}

/*
 * Take in an EVENT_SWITCH of this CPU. `spans` gets what it closes, oldest first: one, or two where
 * who left is not who was known to be there: somebody in no lane came unseen, or something before
 * was lost or not listened to. Returns how many. Time that runs backwards stands still.
 */
static inline unsigned tenure_switch(struct tenure *tenure, const struct event *event,
				     struct span spans[2])
{
	uint64_t since_ns = tenure->since_ns;
	uint64_t now_ns = event->time_ns > since_ns ? event->time_ns : since_ns;
	uint64_t ran_ns = event->to.ran_ns;
	bool agrees = tenure->known && tenure_agrees(tenure, event, now_ns - since_ns);
	unsigned n = 1;

	spans[0] = (struct span){ since_ns, now_ns, agrees ? tenure->task : 0, agrees };
	if (ran_ns && (!agrees || !task_lane(event->task))) {
		if (ran_ns > now_ns - since_ns)
			ran_ns = now_ns - since_ns;
		spans[0].to_ns = now_ns - ran_ns;
		spans[n++] = (struct span){ now_ns - ran_ns, now_ns, event->task, true };
	}
	*tenure = (struct tenure){ now_ns, event->to.next, true };
	return n;
}

/* From this time on nobody knows. Returns the span that ends. */
static inline struct span tenure_lose(struct tenure *tenure, uint64_t time_ns)
{
	struct span span = { tenure->since_ns, time_ns, tenure->task, tenure->known };

	if (span.to_ns < span.from_ns)
		span.to_ns = span.from_ns;
	*tenure = (struct tenure){ .since_ns = span.to_ns };
	return span;
}

/*
 * True for a loss that leaves a CPU's time unknown: that CPU's, or with CPU_UNKNOWN every one's. One
 * that names a task is of its coroutines' marks.
 */
static inline bool tenure_is_lost(const struct event *event, unsigned cpu)
{
	return event->kind == EVENT_LOST && !task_pid(event->task) &&
	       (event->cpu == cpu || event->cpu == CPU_UNKNOWN);
}

#endif
