/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * strangers.h - names of tasks that are in no lane: the hooks send none, /proc/PID/comm has them.
 *
 * Each pid is asked for once, and again after a while, as it may be another's by then. One thread.
 */
#ifndef SWTCH_STRANGERS_H
#define SWTCH_STRANGERS_H

#include <stdbool.h>

#include "event.h"

struct strangers;

/* NULL with ENOMEM: 512 KiB, a bit for each pid. */
struct strangers *strangers_new(void);
void strangers_free(struct strangers *strangers);

/* strangers_meet() of an event that may name one. */
bool strangers_look(struct strangers *strangers, const struct event *event, struct event *name);

/*
 * Called for each event. When it names a task in no lane that was not asked for lately, `name`
 * becomes the EVENT_NAME to be told before it, and the result is true; call again then, as a switch
 * may name two. Anybody's comm may be read, no privilege is needed.
 */
static inline bool strangers_meet(struct strangers *strangers, const struct event *event,
				  struct event *name)
{
	/* A word of no lane is a pid alone; 0 is an idle task. Where the other word is none, so be it. */
	if (event->task - 1 >= TASK_PID_MASK && event->to.next - 1 >= TASK_PID_MASK)
		return false;
	return strangers_look(strangers, event, name);
}

#endif
