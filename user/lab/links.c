// SPDX-License-Identifier: GPL-2.0-only
/* links.c - the table of ways to communicate. */
#include <string.h>

#include "lab/link.h"

/* For each model the first row that fits is the default. */
static const struct link_ops *const links[] = {
	&link_condvar, &link_semaphore,	 &link_spin, &link_channel,
	&link_pipe,    &link_socketpair, &link_shm,  &link_mqueue,
};

const struct link_ops *link_at(size_t i)
{
	return i < sizeof(links) / sizeof(links[0]) ? links[i] : NULL;
}

const struct link_ops *link_find(enum lab_model model, const char *name)
{
	const struct link_ops *ops;

	for (size_t i = 0; (ops = link_at(i)); i++)
		if (ops->models & 1u << model && !strcmp(ops->name, name))
			return ops;
	return NULL;
}
