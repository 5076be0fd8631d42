/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * losses.h - what each CPU wrote into a block, and, of blocks that nobody took, what is to be told as
 * lost. Used by recording.c alone; one thread.
 */
#ifndef SWTCH_SINK_LOSSES_H
#define SWTCH_SINK_LOSSES_H

#include <stdbool.h>

#include "event.h"

/* Events of one ring, from the first on. */
struct span {
	uint32_t n;	    /* saturates */
	uint32_t first_seq; /* as struct event's; 0 where there is none */
	uint64_t first_ns;
};

/* A span for each CPU, and one more for what tells no CPU: marks and names. */
struct losses {
	unsigned n_cpus;
	struct span *block; /* what is in the block */
	struct span *lost;  /* what is lost, and not told yet */
	bool any;	    /* something is */
};

/* 0 or -ENOMEM; losses_fini() in either case. A zeroed one can be given to it. */
int losses_init(struct losses *losses, unsigned n_cpus);
void losses_fini(struct losses *losses);

static inline void span_add(struct span *span, uint32_t n, uint32_t first_seq, uint64_t first_ns)
{
	if (!span->n) {
		span->first_seq = first_seq;
		span->first_ns = first_ns;
	}
	span->n = n < UINT32_MAX - span->n ? span->n + n : UINT32_MAX;
}

/* The block has this event. A name without a number was in no ring: it is known anyway. */
static inline void losses_take(struct losses *losses, const struct event *event)
{
	bool tells = event->kind != EVENT_NAME && !event_is_of_coroutine(event->kind) &&
		     event->cpu < losses->n_cpus;
	struct span *span = &losses->block[tells ? event->cpu : losses->n_cpus];

	if (event->kind == EVENT_LOST)
		span_add(span, event->lost.n, event->lost.first_seq, event->time_ns);
	else if (event->seq || event->kind != EVENT_NAME)
		span_add(span, 1, event->seq, event->time_ns);
}

/* The block goes, and nobody took it: `is_lost`; else all is well. */
void losses_end_block(struct losses *losses, bool is_lost);

/* When the first loss that is not told yet began; UINT64_MAX: there is none. */
uint64_t losses_first_ns(const struct losses *losses);

/* The loss that began first, as an EVENT_LOST; false: there is none. It is told now. */
bool losses_next(struct losses *losses, struct event *event);

#endif
