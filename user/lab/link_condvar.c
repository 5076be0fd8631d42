// SPDX-License-Identifier: GPL-2.0-only
/* link_condvar.c - tokens through a slot in shared memory, guarded by a mutex and a condition. */
#include "lab/executor.h"

struct slot {
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* one sender and one receiver never wait at the same time */
	bool full;
	uint64_t token;
};

static int condvar_open(struct link *link, struct lab *lab)
{
	struct slot *slot = link->state;
	int err;

	(void)lab;
	err = pthread_mutex_init(&slot->mutex, NULL);
	return err ? -err : -pthread_cond_init(&slot->changed, NULL);
}

static void condvar_close(struct link *link)
{
	struct slot *slot = link->state;

	pthread_cond_destroy(&slot->changed);
	pthread_mutex_destroy(&slot->mutex);
}

static void condvar_send(struct link *link, struct task *self, uint64_t token)
{
	struct slot *slot = link->state;

	(void)self;
	pthread_mutex_lock(&slot->mutex);
	while (slot->full)
		pthread_cond_wait(&slot->changed, &slot->mutex);
	slot->token = token;
	slot->full = true;
	pthread_mutex_unlock(&slot->mutex);
	pthread_cond_signal(&slot->changed); /* not before: who wakes up would wait for the mutex */
}

static uint64_t condvar_receive(struct link *link, struct task *self)
{
	struct slot *slot = link->state;
	uint64_t token;

	(void)self;
	pthread_mutex_lock(&slot->mutex);
	while (!slot->full)
		pthread_cond_wait(&slot->changed, &slot->mutex);
	token = slot->token;
	slot->full = false;
	pthread_mutex_unlock(&slot->mutex);
	pthread_cond_signal(&slot->changed);
	return token;
}

const struct link_ops link_condvar = {
	.name = "condvar",
	.models = 1 << MODEL_THREAD,
	.state_bytes = sizeof(struct slot),
	.work = { [MODEL_THREAD] = 50000 },
	.open = condvar_open,
	.send = condvar_send,
	.receive = condvar_receive,
	.close = condvar_close,
};
