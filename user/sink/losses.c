// SPDX-License-Identifier: GPL-2.0-only
/* losses.c - spans of events, by CPU. */
#include "sink/losses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/lost.h"

int losses_init(struct losses *losses, unsigned n_cpus)
{
	*losses = (struct losses){ .n_cpus = n_cpus };
	losses->block = calloc(n_cpus + 1, sizeof(*losses->block));
	losses->lost = calloc(n_cpus + 1, sizeof(*losses->lost));
	return losses->block && losses->lost ? 0 : -ENOMEM;
}

void losses_fini(struct losses *losses)
{
	free(losses->block);
	free(losses->lost);
	*losses = (struct losses){ 0 };
}

void losses_end_block(struct losses *losses, bool is_lost)
{
	for (unsigned i = 0; is_lost && i <= losses->n_cpus; i++) {
		const struct span *span = &losses->block[i];

		if (!span->n)
			continue;
		span_add(&losses->lost[i], span->n, span->first_seq, span->first_ns);
		losses->any = true;
	}
	memset(losses->block, 0, (losses->n_cpus + 1) * sizeof(*losses->block));
}

/* Of the lost ones; NULL: there is none. */
static struct span *first_lost(const struct losses *losses)
{
	struct span *first = NULL;

	for (unsigned i = 0; losses->any && i <= losses->n_cpus; i++) {
		struct span *lost = &losses->lost[i];

		if (lost->n && (!first || lost->first_ns < first->first_ns))
			first = lost;
	}
	return first;
}

uint64_t losses_first_ns(const struct losses *losses)
{
	const struct span *first = first_lost(losses);

	return first ? first->first_ns : UINT64_MAX;
}

bool losses_next(struct losses *losses, struct event *event)
{
	struct span *first = first_lost(losses);
	unsigned cpu;

	losses->any = first != NULL;
	if (!first)
		return false;
	cpu = (unsigned)(first - losses->lost);
	*event = event_lost(cpu < losses->n_cpus ? cpu : CPU_UNKNOWN, first->first_ns, first->n,
			    first->first_seq);
	*first = (struct span){ 0 };
	return true;
}
