// SPDX-License-Identifier: GPL-2.0-only
/* sync_atomic.c - one instruction adds, and the CPU keeps the line of memory until it has. */
#include "lab/sync.h"

static void atomic_add(struct guarded *guarded, struct task *self)
{
	(void)self;
	__atomic_fetch_add(&guarded->counter, 1, __ATOMIC_RELAXED);
}

const struct sync_ops sync_atomic = {
	.name = "atomic",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD | 1 << MODEL_COROUTINE,
	.work = { 60000000, 60000000, 150000000 },
	.add = atomic_add,
};
