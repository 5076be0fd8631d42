// SPDX-License-Identifier: GPL-2.0-only
/* rings.c - one ring for each CPU, which its hooks overwrite without asking. */
#include "source/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/memory.h"
#include "event/lost.h"

#define GIVE_BACK 1024 /* records, of the near part, while there are more to take */

/* How far one CPU's ring was read. */
struct ring {
	uint64_t next;	  /* number of the record to read next */
	uint64_t last_ns; /* time of the last one read */
	bool stuck;	  /* the next one is reserved and not yet written */
};

struct mapped {
	struct rings rings;
	const struct cpu_counters *cpus;
	const struct event *records;
	uint64_t *taken; /* what the hooks are told of the rings' `next` */
	unsigned n_cpus;
	uint32_t near_size, far_size; /* of each ring, powers of two */
	uint64_t drained_ns;	      /* when that was last done */
	struct ring of_cpu[];
};

static uint64_t head_of(const struct mapped *mapped, unsigned cpu)
{
	return __atomic_load_n(&mapped->cpus[cpu].head, __ATOMIC_ACQUIRE);
}

/* The near part of a ring may be written as far as it was read. */
static void give_back(const struct mapped *mapped, unsigned cpu)
{
	__atomic_store_n(&mapped->taken[cpu], mapped->of_cpu[cpu].next, __ATOMIC_RELEASE);
}

static bool is_there(const struct event *record, uint64_t number)
{
	return __atomic_load_n(&record->seq, __ATOMIC_ACQUIRE) == (uint32_t)(number + 1);
}

/*
 * The next record of a ring that has one, NULL while it is not written. Where it is too late for it,
 * *lost tells how many are gone. One of the far part is in `copy`.
 */
static const struct event *read_next(const struct mapped *mapped, unsigned cpu, struct event *copy,
				     uint64_t *lost)
{
	uint64_t number = mapped->of_cpu[cpu].next, size = mapped->far_size;
	const struct event *near =
		&mapped->records[ring_near(cpu, number, mapped->near_size, mapped->far_size)];
	const struct event *far =
		&mapped->records[ring_far(cpu, number, mapped->near_size, mapped->far_size)];
	bool is_far;

	if (is_there(near, number))
		return near;
	is_far = is_there(far, number);
	*copy = *far;
	atomic_thread_fence(memory_order_acquire);

	/* Whoever reserved beyond the far part's length may have been writing where we read. */
	uint64_t ahead = head_of(mapped, cpu) - number;

	*lost = ahead > size ? ahead - size + size / 8 : 0;
	return is_far && !*lost ? copy : NULL;
}

static void tell_lost(struct ring *ring, unsigned cpu, uint64_t n, rings_fn fn, void *ctx)
{
	struct event event = event_lost(cpu, ring->last_ns, n, (uint32_t)(ring->next + 1));

	ring->next += n;
	fn(cpu, &event, ctx);
}

/* Returns how many records there were. */
static uint64_t drain_ring(struct mapped *mapped, unsigned cpu, rings_fn fn, void *ctx)
{
	struct ring *ring = &mapped->of_cpu[cpu];
	uint64_t first = ring->next, head = head_of(mapped, cpu);

	ring->stuck = false;
	while (ring->next != head && !ring->stuck) {
		uint64_t lost = 0;
		struct event copy;
		const struct event *record = read_next(mapped, cpu, &copy, &lost);

		if (record) {
			ring->last_ns = record->time_ns;
			ring->next++;
			mapped->rings.n_bytes += sizeof(*record);
			fn(cpu, record, ctx);
		} else if (lost) {
			tell_lost(ring, cpu, lost, fn, ctx);
			head = head_of(mapped, cpu);
		} else {
			ring->stuck = true;
		}
		if (lost || !(ring->next % GIVE_BACK))
			give_back(mapped, cpu);
	}
	give_back(mapped, cpu);
	return ring->next - first;
}

/* As fast as they came, the near part of the fullest ring is half full in so many ns. */
static uint64_t half_full_ns(struct mapped *mapped, uint64_t most)
{
	uint64_t now = clock_now_ns(), gone_ns = now - mapped->drained_ns;

	mapped->drained_ns = now;
	return most ? gone_ns * (mapped->near_size / 2) / most : 0;
}

static void mapped_drain(struct rings *rings, rings_fn fn, void *ctx)
{
	struct mapped *mapped = (struct mapped *)rings;

	uint64_t most = 0;

	for (unsigned cpu = 0; cpu < mapped->n_cpus; cpu++) {
		uint64_t n = drain_ring(mapped, cpu, fn, ctx);

		if (n > most)
			most = n;
	}
	rings->wish_ns = half_full_ns(mapped, most);
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
	return mapped->n_cpus * ((size_t)mapped->near_size + mapped->far_size) *
	       sizeof(struct event);
}

static void mapped_free(struct rings *rings)
{
	struct mapped *mapped = (struct mapped *)rings;

	memory_unmap(mapped->records, bytes_of(mapped));
	memory_unmap(mapped->taken, mapped->n_cpus * sizeof(*mapped->taken));
	free(mapped);
}

struct rings *rings_new_mapped(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	struct mapped *mapped = calloc(1, sizeof(*mapped) + maps->n_cpus * sizeof(struct ring));

	if (!mapped)
		return NULL;
	mapped->rings = (struct rings){ mapped_drain, mapped_stuck_ns, mapped_free, 0, 0 };
	mapped->cpus = cpus;
	mapped->n_cpus = maps->n_cpus;
	mapped->near_size = maps->near_size;
	mapped->far_size = maps->ring_size;
	mapped->drained_ns = clock_now_ns();
	mapped->records = mmap(NULL, bytes_of(mapped), PROT_READ, MAP_SHARED, maps->rings_fd, 0);
	mapped->taken = mmap(NULL, maps->n_cpus * sizeof(*mapped->taken), PROT_READ | PROT_WRITE,
			     MAP_SHARED, maps->taken_fd, 0);
	if (mapped->records == MAP_FAILED || mapped->taken == MAP_FAILED) {
		int err = errno;

		mapped_free(&mapped->rings);
		errno = err;
		return NULL;
	}
	for (unsigned cpu = 0; cpu < maps->n_cpus; cpu++) {
		mapped->of_cpu[cpu].next = head_of(mapped, cpu);
		give_back(mapped, cpu);
	}
	return &mapped->rings;
}

struct rings *rings_new(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	return maps->plain_bytes ? rings_new_plain(maps, cpus) : rings_new_mapped(maps, cpus);
}
