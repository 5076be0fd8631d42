/* SPDX-License-Identifier: GPL-2.0-only */
/* coroutine.h - the parts of the coroutine executor. Used by these alone; the runner's own thread. */
#ifndef SWTCH_LAB_COROUTINE_H
#define SWTCH_LAB_COROUTINE_H

#include "lab/executor.h"
#include "lab/loop.h"

/* What a coroutine runs: arg is its struct task. */
void coroutine_main(void *arg);

/*
 * Run the tasks without a loop: resume each by hand, in turn, spec.n_sends times, or until all have
 * answered that they are done. 0 or -errno with area->error set.
 */
int send_run(struct lab *lab, struct coro_host *host);

#endif
