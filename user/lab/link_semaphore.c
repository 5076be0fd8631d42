// SPDX-License-Identifier: GPL-2.0-only
/* link_semaphore.c - tokens through a slot, guarded by two semaphores: there is room, it is full. */
#include <errno.h>
#include <semaphore.h>

#include "lab/executor.h"

struct slot {
	sem_t room; /* 1 while the sender may write */
	sem_t full; /* 1 while the receiver may read */
	uint64_t token;
};

static int semaphore_open(struct link *link, struct lab *lab)
{
	struct slot *slot = link->state;

	(void)lab;
	return sem_init(&slot->room, 0, 1) || sem_init(&slot->full, 0, 0) ? -errno : 0;
}

static void semaphore_close(struct link *link)
{
	struct slot *slot = link->state;

	sem_destroy(&slot->full);
	sem_destroy(&slot->room);
}

/* Nothing but a signal can end the wait early. */
static void take(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void semaphore_send(struct link *link, struct task *self, uint64_t token)
{
	struct slot *slot = link->state;

	(void)self;
	take(&slot->room);
	slot->token = token;
	sem_post(&slot->full);
}

static uint64_t semaphore_receive(struct link *link, struct task *self)
{
	struct slot *slot = link->state;
	uint64_t token;

	(void)self;
	take(&slot->full);
	token = slot->token;
	sem_post(&slot->room);
	return token;
}

const struct link_ops link_semaphore = {
	.name = "semaphore",
	.models = 1 << MODEL_THREAD,
	.state_bytes = sizeof(struct slot),
	.work = { [MODEL_THREAD] = 40000 },
	.open = semaphore_open,
	.send = semaphore_send,
	.receive = semaphore_receive,
	.close = semaphore_close,
};
