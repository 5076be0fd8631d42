/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sync.h - ways in which tasks may add to one counter. How is a row of a table: a new way is a file
 * and a row in syncs.c.
 *
 * A guarded counter belongs to the job counter, which opens it before there are tasks and closes it
 * after them; any task may add. Whatever fails in between ends the job by lab_die().
 */
#ifndef SWTCH_LAB_SYNC_H
#define SWTCH_LAB_SYNC_H

#include <stddef.h>
#include <stdint.h>

#include "lab/job.h"

#define SYNC_STATE_BYTES 256

/* A counter and what guards it. Its state has cache lines of its own. */
struct guarded {
	_Alignas(128) volatile uint64_t counter;
	_Alignas(128) char state[SYNC_STATE_BYTES]; /* the way's own, zeroed before open */
};

struct sync_ops {
	const char *name;
	unsigned models;		      /* bit 1 << enum lab_model: fits this model */
	uint64_t work[N_MODELS];	      /* additions in one to two seconds */
	int (*open)(struct guarded *guarded); /* 0 or -errno; NULL: nothing to do */
	void (*add)(struct guarded *guarded, struct task *self); /* one to the counter */
	void (*close)(struct guarded *guarded);			 /* NULL: nothing to do */
};

extern const struct sync_ops sync_none, sync_atomic, sync_mutex, sync_lock, sync_semaphore,
	sync_gate, sync_condvar, sync_gates;

/* The way number i, or NULL after the last. The first that fits a model is its default. */
const struct sync_ops *sync_at(size_t i);

/* The way called name that fits the model, or NULL. */
const struct sync_ops *sync_find(enum lab_model model, const char *name);

/*
 * Add one with nothing against others who do the same: a load, an addition, a store. What keeps
 * others out, if anything does, is around it. For the ways alone.
 */
void counter_add_unguarded(struct guarded *guarded);

#endif
