// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync_condvar.c - a flag says that somebody adds; who finds it set waits until it is told that it
 * no longer is. The mutex guards the flag alone, the flag guards the counter. For coroutines a gate
 * is the mutex, and another, closed one is where they wait to be told.
 */
#include <pthread.h>
#include <stdbool.h>

#include "lab/gate.h"
#include "lab/mutex.h"
#include "lab/sync.h"
#include "lab/task.h"

struct turnstile {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	bool busy;
};

_Static_assert(sizeof(struct turnstile) <= SYNC_STATE_BYTES, "it has room");

static struct turnstile *turnstile_of(struct guarded *guarded)
{
	return (struct turnstile *)(void *)guarded->state;
}

static int condvar_open(struct guarded *guarded)
{
	struct turnstile *turnstile = turnstile_of(guarded);
	pthread_condattr_t condattr;
	int err = mutex_init_shared(&turnstile->lock);

	if (err)
		return err;
	pthread_condattr_init(&condattr);
	pthread_condattr_setpshared(&condattr, PTHREAD_PROCESS_SHARED);
	err = pthread_cond_init(&turnstile->freed, &condattr);
	pthread_condattr_destroy(&condattr);
	return -err;
}

static void condvar_add(struct guarded *guarded, struct task *self)
{
	struct turnstile *turnstile = turnstile_of(guarded);

	(void)self;
	pthread_mutex_lock(&turnstile->lock);
	while (turnstile->busy)
		pthread_cond_wait(&turnstile->freed, &turnstile->lock);
	turnstile->busy = true;
	pthread_mutex_unlock(&turnstile->lock);

	counter_add_unguarded(guarded);

	pthread_mutex_lock(&turnstile->lock);
	turnstile->busy = false;
	pthread_mutex_unlock(&turnstile->lock);
	pthread_cond_signal(&turnstile->freed);
}

static void condvar_close(struct guarded *guarded)
{
	pthread_cond_destroy(&turnstile_of(guarded)->freed);
	pthread_mutex_destroy(&turnstile_of(guarded)->lock);
}

const struct sync_ops sync_condvar = {
	.name = "condvar",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD,
	.work = { 15000000, 15000000, 0 },
	.open = condvar_open,
	.add = condvar_add,
	.close = condvar_close,
};

struct gates {
	struct gate lock, freed;
	uint32_t n_waiting; /* at `freed`, or on the way there */
	bool busy;
};

_Static_assert(sizeof(struct gates) <= SYNC_STATE_BYTES, "it has room");

static struct gates *gates_of(struct guarded *guarded)
{
	return (struct gates *)(void *)guarded->state;
}

static int gates_open(struct guarded *guarded)
{
	gate_init(&gates_of(guarded)->lock, 1);
	gate_init(&gates_of(guarded)->freed, 0);
	return 0;
}

static void gates_add(struct guarded *guarded, struct task *self)
{
	struct gates *gates = gates_of(guarded);

	gate_enter(self->loop, &gates->lock);
	while (gates->busy) {
		gates->n_waiting++;
		gate_leave(self->loop, &gates->lock);
		gate_enter(self->loop, &gates->freed);
		gate_enter(self->loop, &gates->lock);
	}
	gates->busy = true;
	gate_leave(self->loop, &gates->lock);

	counter_add_unguarded(guarded);

	gate_enter(self->loop, &gates->lock);
	gates->busy = false;
	if (gates->n_waiting) {
		gates->n_waiting--;
		gate_leave(self->loop, &gates->freed);
	}
	gate_leave(self->loop, &gates->lock);
}

const struct sync_ops sync_gates = {
	.name = "condvar",
	.models = 1 << MODEL_COROUTINE,
	.work = { 0, 0, 20000000 },
	.open = gates_open,
	.add = gates_add,
};
