// SPDX-License-Identifier: GPL-2.0-only
/* rings_plain.c - events from the kernel's own ring buffer, which is one for all CPUs. */
#include "source/rings.h"

#include <errno.h>
#include <stdlib.h>

#include "event/lost.h"
#include "source/kernel_ring.h"

/* What one CPU gave. */
struct of_cpu {
	uint64_t n;	  /* records so far, with those that found no room */
	uint64_t last_ns; /* time of the last one read */
	uint32_t refused; /* how many of them found no room, cut to 32 bits, */
	uint32_t counted; /* and how many did before the data was looked at */
};

struct plain {
	struct rings rings;
	const struct cpu_counters *cpus;
	unsigned n_cpus;
	struct kernel_ring ring;
	uint64_t last_ns; /* time of the last record read, of whatever CPU */
	rings_fn fn;	  /* of the drain that goes on */
	void *ctx;
	struct of_cpu of_cpu[];
};

/* `refused` is how many had found no room on that CPU, at some time after all that was read. */
static void tell_lost(struct plain *plain, unsigned cpu, uint32_t refused)
{
	struct of_cpu *of_cpu = &plain->of_cpu[cpu];
	uint32_t n = refused - of_cpu->refused;
	struct event event = event_lost(cpu, of_cpu->last_ns, n, (uint32_t)(of_cpu->n + 1));

	if ((int32_t)n <= 0) /* a hook that an interrupt's hook overtook */
		return;
	of_cpu->refused = refused;
	of_cpu->n += n;
	plain->fn(cpu, &event, plain->ctx);
}

static void take(const void *data, size_t length, void *ctx)
{
	const struct plain_record *record = data;
	struct plain *plain = ctx;

	if (length != sizeof(*record) || record->cpu >= plain->n_cpus)
		return;

	struct event event = record->event;
	unsigned cpu = record->cpu;

	tell_lost(plain, cpu, record->refused);
	event.seq = (uint32_t)++plain->of_cpu[cpu].n;
	plain->last_ns = plain->of_cpu[cpu].last_ns = event.time_ns;
	plain->fn(cpu, &event, plain->ctx);
}

/*
 * What found no room is told by the next record of its CPU. Where none came: what had found none
 * before the end was looked at had done so behind all that was read.
 */
static void plain_drain(struct rings *rings, rings_fn fn, void *ctx)
{
	struct plain *plain = (struct plain *)rings;

	plain->fn = fn;
	plain->ctx = ctx;
	for (unsigned cpu = 0; cpu < plain->n_cpus; cpu++)
		plain->of_cpu[cpu].counted =
			(uint32_t)__atomic_load_n(&plain->cpus[cpu].refused, __ATOMIC_ACQUIRE);
	kernel_ring_drain(&plain->ring, take, plain);
	rings->n_bytes = plain->ring.n_bytes;
	for (unsigned cpu = 0; !plain->ring.stuck && cpu < plain->n_cpus; cpu++)
		tell_lost(plain, cpu, plain->of_cpu[cpu].counted);
}

/* Another CPU's record behind it may be a little older than the last one read. */
#define SKEW_NS 1000000

static uint64_t plain_stuck_ns(const struct rings *rings)
{
	const struct plain *plain = (const struct plain *)rings;

	if (!plain->ring.stuck)
		return UINT64_MAX;
	return plain->last_ns > SKEW_NS ? plain->last_ns - SKEW_NS : 0;
}

static void plain_free(struct rings *rings)
{
	struct plain *plain = (struct plain *)rings;

	kernel_ring_close(&plain->ring);
	free(plain);
}

struct rings *rings_new_plain(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	struct plain *plain = calloc(1, sizeof(*plain) + maps->n_cpus * sizeof(struct of_cpu));
	int err;

	if (!plain)
		return NULL;
	plain->rings = (struct rings){ plain_drain, plain_stuck_ns, plain_free, 0, 0 };
	plain->cpus = cpus;
	plain->n_cpus = maps->n_cpus;
	err = kernel_ring_open(&plain->ring, maps->rings_fd, maps->plain_bytes);
	if (err) {
		plain_free(&plain->rings);
		errno = -err;
		return NULL;
	}
	for (unsigned cpu = 0; cpu < maps->n_cpus; cpu++) {
		plain->of_cpu[cpu].n = cpus[cpu].head;
		plain->of_cpu[cpu].refused = (uint32_t)cpus[cpu].refused;
	}
	return &plain->rings;
}
