// SPDX-License-Identifier: GPL-2.0-only
/* synth_rings.c - records numbered by their CPU; what the numbers leave out was lost. */
#include "source/synth_rings.h"

#include <errno.h>
#include <stdlib.h>

#include "event/lost.h"

int synth_rings_init(struct synth_rings *rings, unsigned n_cpus, uint64_t size)
{
	*rings = (struct synth_rings){ .n_cpus = n_cpus, .size = size };
	rings->records = malloc(n_cpus * size * sizeof(*rings->records));
	rings->rings = calloc(n_cpus, sizeof(*rings->rings));
	return rings->records && rings->rings ? 0 : -ENOMEM;
}

void synth_rings_fini(struct synth_rings *rings)
{
	free(rings->records);
	free(rings->rings);
	*rings = (struct synth_rings){ 0 };
}

static struct event *record_at(const struct synth_rings *rings, unsigned cpu, uint64_t number)
{
	return &rings->records[cpu * rings->size + (number & (rings->size - 1))];
}

void synth_rings_write(struct synth_rings *rings, unsigned cpu, const struct event *event)
{
	struct synth_ring *ring = &rings->rings[cpu];
	struct event *record = record_at(rings, cpu, ring->head++);

	*record = *event;
	record->seq = ++ring->seq;
	if (ring->head - ring->next > rings->size)
		ring->next = ring->head - rings->size;
}

void synth_rings_skip(struct synth_rings *rings, unsigned cpu, unsigned n)
{
	rings->rings[cpu].seq += n;
}

static int push_lost(struct synth_rings *rings, unsigned cpu, uint32_t n, struct merge *merge)
{
	struct synth_ring *ring = &rings->rings[cpu];
	struct event lost = event_lost(cpu, ring->read_ns, n, ring->read_seq + 1);
	int err = merge_push(merge, cpu, &lost);

	if (err)
		return err;
	rings->n_lost += n;
	ring->read_seq += n;
	return 0;
}

static void drain(struct synth_rings *rings, unsigned cpu, struct merge *merge)
{
	struct synth_ring *ring = &rings->rings[cpu];

	for (; ring->next != ring->head; ring->next++) {
		const struct event *record = record_at(rings, cpu, ring->next);
		uint32_t n_lost = record->seq - ring->read_seq - 1;

		if ((n_lost && push_lost(rings, cpu, n_lost, merge)) ||
		    merge_push(merge, cpu, record))
			return;
		ring->read_seq = record->seq;
		ring->read_ns = record->time_ns;
		rings->n_read++;
	}
}

void synth_rings_drain(struct synth_rings *rings, struct merge *merge)
{
	for (unsigned cpu = 0; cpu < rings->n_cpus; cpu++)
		drain(rings, cpu, merge);
}
