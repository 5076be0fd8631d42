/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ledger.h - what each task did, made from events alone, as the hooks keep it in the kernel.
 *
 * For recordings, which hold no table of tasks. Of a task that was there before the first event, the
 * process is not known, nor what it did since. Owned by who made it; one thread. Memory: 152 bytes a
 * task, and 4 for each pid on a page that any is on.
 */
#ifndef SWTCH_LEDGER_H
#define SWTCH_LEDGER_H

#include "event/names.h"
#include "event/task_table.h"

struct ledger;

/* NULL with ENOMEM. */
struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* Forget all tasks. */
void ledger_clear(struct ledger *ledger);

/* Take in one event; they come in the order of time. 0 or -ENOMEM: a task is missing from now on. */
int ledger_apply(struct ledger *ledger, const struct event *event);

/*
 * Append the tasks of lanes as of time_ns (not before the last event); `ended`: those that ended, too. Who
 * had no name of its own in the events is called as `names` has it. 0 or -ENOMEM.
 */
int ledger_tell(const struct ledger *ledger, const struct names *names, uint64_t time_ns,
		bool ended, struct task_table *table);

#endif
