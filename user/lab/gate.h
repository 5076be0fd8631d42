/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gate.h - a counting semaphore for coroutines, of one loop or of all loops of a pool: who finds it
 * closed pauses, and the thread goes on with other coroutines.
 */
#ifndef SWTCH_LAB_GATE_H
#define SWTCH_LAB_GATE_H

#include <pthread.h>

#include "lab/loop.h"

struct gate {
	pthread_mutex_t guard; /* against other threads of the pool; never held while one pauses */
	uint32_t n_free;       /* that may still enter */
	struct coro_queue waiting;
};

/* A gate that n may enter. Cannot fail; nothing is to be released. */
void gate_init(struct gate *gate, uint32_t n);

/* From inside a coroutine of loop: come in, or wait until somebody leaves. */
void gate_enter(struct loop *loop, struct gate *gate);

/* Make room for one, and tell the first who waits. Whoever leaves need not have entered. */
void gate_leave(struct loop *loop, struct gate *gate);

#endif
