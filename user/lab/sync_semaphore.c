// SPDX-License-Identifier: GPL-2.0-only
/* sync_semaphore.c - there is one permit to add: it is taken, and given back. */
#include <errno.h>
#include <semaphore.h>

#include "lab/sync.h"

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
	.state_bytes = sizeof(sem_t),
	.work = { 30000000, 30000000, 0 },
	.open = semaphore_open,
	.add = semaphore_add,
	.close = semaphore_close,
};
