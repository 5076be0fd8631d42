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

/*
 * Called for each event. When it names a task in no lane that was not asked for lately, `name`
 * becomes the EVENT_NAME to be told before it, and the result is true; call again then, as a switch
 * may name two. Anybody's comm may be read, no privilege is needed.
 */
bool strangers_meet(struct strangers *strangers, const struct event *event, struct event *name);

#endif
