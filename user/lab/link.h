/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link.h - a link carries 64-bit tokens one way from one task to another. How it does so is a row
 * of a table: a new way to communicate is a file and a row in links.c.
 *
 * Links belong to the lab and are opened before the tasks exist, so that processes inherit them.
 * One task sends and one receives. Whatever fails ends the job by lab_die().
 */
#ifndef SWTCH_LAB_LINK_H
#define SWTCH_LAB_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "lab/job.h"

struct link {
	const struct link_ops *ops;
	int fd[2];   /* -1 where unused */
	void *state; /* ops->state_bytes of zeroed memory that all tasks share */
};

struct link_ops {
	const char *name;
	unsigned models;	 /* bit 1 << enum lab_model: fits this model */
	size_t state_bytes;	 /* shared memory for one link */
	uint64_t work[N_MODELS]; /* round trips in one to two seconds */
	int (*open)(struct link *link, struct lab *lab); /* 0 or -errno; NULL: need not be */
	void (*send)(struct link *link, struct task *self, uint64_t token);
	uint64_t (*receive)(struct link *link, struct task *self);
	void (*close)(struct link *link); /* NULL: nothing to release */
};

extern const struct link_ops link_condvar, link_semaphore, link_spin, link_channel, link_pipe,
	link_socketpair, link_shm, link_mqueue;

/* The way number i, or NULL after the last. The first that fits a model is its default. */
const struct link_ops *link_at(size_t i);

/* The way called name that fits the model, or NULL. */
const struct link_ops *link_find(enum lab_model model, const char *name);

#endif
