// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_semaphore.c - there is one permit to add: it is taken, and given back. Coroutines have a
 * semaphore of their own, a gate, at which only the coroutine waits and not its thread.
 */
#include <errno.h>
#include <semaphore.h>

#include "lab/gate.h"
#include "lab/sync.h"
#include "lab/task.h"

_Static_assert(sizeof(sem_t) <= SYNC_STATE_BYTES, "it has room");

static sem_t *semaphore_of(struct guarded *guarded)
{
	return (sem_t *)(void *)guarded->state;
}

static int semaphore_open(struct guarded *guarded)
{
	return sem_init(semaphore_of(guarded), 1, 1) ? -errno : 0;
}

static void semaphore_add(struct guarded *guarded, struct task *self)
{
	(void)self;
	while (sem_wait(semaphore_of(guarded)) && errno == EINTR)
		;
	counter_add_unguarded(guarded);
	sem_post(semaphore_of(guarded));
}

static void semaphore_close(struct guarded *guarded)
{
	sem_destroy(semaphore_of(guarded));
}

const struct sync_ops sync_semaphore = {
	.name = "semaphore",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD,
	.work = { 30000000, 30000000, 0 },
	.open = semaphore_open,
	.add = semaphore_add,
	.close = semaphore_close,
};

_Static_assert(sizeof(struct gate) <= SYNC_STATE_BYTES, "it has room");

static struct gate *gate_of(struct guarded *guarded)
{
	return (struct gate *)(void *)guarded->state;
}

static int gate_open(struct guarded *guarded)
{
	gate_init(gate_of(guarded), 1);
	return 0;
}

static void gate_add(struct guarded *guarded, struct task *self)
{
	gate_enter(self->loop, gate_of(guarded));
	counter_add_unguarded(guarded);
	gate_leave(self->loop, gate_of(guarded));
}

const struct sync_ops sync_gate = {
	.name = "semaphore",
	.models = 1 << MODEL_COROUTINE,
	.work = { 0, 0, 50000000 },
	.open = gate_open,
	.add = gate_add,
};
