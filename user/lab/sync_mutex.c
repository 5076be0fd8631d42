// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_mutex.c - who adds holds a lock meanwhile: for processes and threads one of the C library's,
 * which may lie in memory that processes share; for coroutines the lab's own, whose waiting needs no
 * kernel.
 */
#include <pthread.h>

#include "lab/mutex.h"
#include "lab/sync.h"
#include "lab/task.h"

_Static_assert(sizeof(pthread_mutex_t) <= SYNC_STATE_BYTES, "it has room");

static pthread_mutex_t *mutex_of(struct guarded *guarded)
{
	return (pthread_mutex_t *)(void *)guarded->state;
}

static int mutex_open(struct guarded *guarded)
{
	return mutex_init_shared(mutex_of(guarded));
}

static void mutex_add(struct guarded *guarded, struct task *self)
{
	(void)self;
	pthread_mutex_lock(mutex_of(guarded));
	counter_add_unguarded(guarded);
	pthread_mutex_unlock(mutex_of(guarded));
}

static void mutex_close(struct guarded *guarded)
{
	pthread_mutex_destroy(mutex_of(guarded));
}

const struct sync_ops sync_mutex = {
	.name = "mutex",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD,
	.work = { 40000000, 40000000, 0 },
	.open = mutex_open,
	.add = mutex_add,
	.close = mutex_close,
};

static void lock_add(struct guarded *guarded, struct task *self)
{
	task_lock(self);
	counter_add_unguarded(guarded);
	task_unlock(self);
}

const struct sync_ops sync_lock = {
	.name = "mutex",
	.models = 1 << MODEL_COROUTINE,
	.work = { 0, 0, 200000000 },
	.add = lock_add,
};
