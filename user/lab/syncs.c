// SPDX-License-Identifier: GPL-2.0-only
/* syncs.c - the table of ways to synchronise. */
#include <string.h>

#include "lab/sync.h"

/* For each model the first row that fits is the default; two rows of one name share none. */
static const struct sync_ops *const syncs[] = {
	&sync_none,	 &sync_atomic, &sync_mutex,   &sync_lock,
	&sync_semaphore, &sync_gate,   &sync_condvar, &sync_gates,
};

const struct sync_ops *sync_at(size_t i)
{
	return i < sizeof(syncs) / sizeof(syncs[0]) ? syncs[i] : NULL;
}

const struct sync_ops *sync_find(enum lab_model model, const char *name)
{
	const struct sync_ops *ops;

	for (size_t i = 0; (ops = sync_at(i)); i++)
		if (ops->models & 1u << model && !strcmp(ops->name, name))
			return ops;
	return NULL;
}
