// SPDX-License-Identifier: GPL-2.0-only
/* rings.c - one ring for each CPU, which its hooks overwrite without asking. */
#include "source/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "event/lost.h"

/* How far one CPU's ring was read. */
struct ring {
	uint64_t next;	  /* number of the record to read next */
	uint64_t last_ns; /* time of the last one read */
	bool stuck;	  /* the next one is reserved and not yet written */
};

struct mapped {
	struct rings rings;
	const struct cpu_counters *cpus;
	struct event *records;
	unsigned n_cpus;
	uint64_t size; /* of each ring, a power of two */
	struct ring of_cpu[];
};

static uint64_t head_of(const struct mapped *mapped, unsigned cpu)
{
	return __atomic_load_n(&mapped->cpus[cpu].head, __ATOMIC_ACQUIRE);
}

/* Copy the record out of its slot; false while it is not written. */
static bool read_record(const struct mapped *mapped, unsigned cpu, uint64_t number,
			struct event *event)
{
	const struct event *record =
		&mapped->records[cpu * mapped->size + (number & (mapped->size - 1))];

	if (__atomic_load_n(&record->seq, __ATOMIC_ACQUIRE) != (uint32_t)(number + 1))
		return false;
	*event = *record;
	atomic_thread_fence(memory_order_acquire);
	return true;
}

static void tell_lost(struct ring *ring, unsigned cpu, uint64_t n, rings_fn fn, void *ctx)
{
	struct event event = event_lost(cpu, ring->last_ns, n, (uint32_t)(ring->next + 1));

	ring->next += n;
	fn(cpu, &event, ctx);
}

static void drain_ring(struct mapped *mapped, unsigned cpu, rings_fn fn, void *ctx)
{
	struct ring *ring = &mapped->of_cpu[cpu];
	uint64_t size = mapped->size, head = head_of(mapped, cpu);

	ring->stuck = false;
	while (ring->next != head) {
		struct event event;
		bool is_there = false;

		if (head - ring->next <= size)
			is_there = read_record(mapped, cpu, ring->next, &event);
		/* Whoever reserved beyond a ring's length may have been writing where we read. */
		uint64_t now = head_of(mapped, cpu);

		if (now - ring->next > size) {
			tell_lost(ring, cpu, now - ring->next - size + size / 8, fn, ctx);
			head = now;
			continue;
		}
		if (!is_there) {
			ring->stuck = true;
			return;
		}
		ring->last_ns = event.time_ns;
		ring->next++;
		mapped->rings.n_bytes += sizeof(event);
		fn(cpu, &event, ctx);
	}
}

static void mapped_drain(struct rings *rings, rings_fn fn, void *ctx)
{
	struct mapped *mapped = (struct mapped *)rings;

	for (unsigned cpu = 0; cpu < mapped->n_cpus; cpu++)
		drain_ring(mapped, cpu, fn, ctx);
}

static uint64_t mapped_stuck_ns(const struct rings *rings)
{
	const struct mapped *mapped = (const struct mapped *)rings;
	uint64_t ns = UINT64_MAX;

	for (unsigned cpu = 0; cpu < mapped->n_cpus; cpu++)
		if (mapped->of_cpu[cpu].stuck && mapped->of_cpu[cpu].last_ns < ns)
			ns = mapped->of_cpu[cpu].last_ns;
	return ns;
}

static size_t bytes_of(const struct mapped *mapped)
{
	return mapped->n_cpus * mapped->size * sizeof(struct event);
}

static void mapped_free(struct rings *rings)
{
	struct mapped *mapped = (struct mapped *)rings;

	munmap(mapped->records, bytes_of(mapped));
	free(mapped);
}

struct rings *rings_new_mapped(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	struct mapped *mapped = calloc(1, sizeof(*mapped) + maps->n_cpus * sizeof(struct ring));

	if (!mapped)
		return NULL;
	mapped->rings = (struct rings){ mapped_drain, mapped_stuck_ns, mapped_free, 0 };
	mapped->cpus = cpus;
	mapped->n_cpus = maps->n_cpus;
	mapped->size = maps->ring_size;
	mapped->records = mmap(NULL, bytes_of(mapped), PROT_READ, MAP_SHARED, maps->rings_fd, 0);
	if (mapped->records == MAP_FAILED) {
		int err = errno;

		free(mapped);
		errno = err;
		return NULL;
	}
	for (unsigned cpu = 0; cpu < maps->n_cpus; cpu++)
		mapped->of_cpu[cpu].next = head_of(mapped, cpu);
	return &mapped->rings;
}

struct rings *rings_new(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	return maps->plain_bytes ? rings_new_plain(maps, cpus) : rings_new_mapped(maps, cpus);
}
