// SPDX-License-Identifier: GPL-2.0-only
/*
 * rings_plain.c - the kernel's ring buffer (kernel/bpf/ringbuf.c), read through its mapped pages.
 *
 * Hooks give it records without a wakeup, so there is nothing to wait for, and libbpf's reader with
 * its epoll is not needed. It lies in the file as: a page with how far it was read, a page with how
 * far it is reserved, the data twice in a row, so that no record is broken at the end.
 */
#include "source/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "event/lost.h"

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
	size_t page, size;
	unsigned long *read; /* bytes ever read: ours to write */
	void *rest;	     /* both pages and the data behind */
	uint64_t last_ns;    /* time of the last record read, of whatever CPU */
	bool stuck;	     /* the next one is reserved and not yet written */
	struct of_cpu of_cpu[];
};

static unsigned long reserved(const struct plain *plain)
{
	return __atomic_load_n((const unsigned long *)plain->rest, __ATOMIC_ACQUIRE);
}

static const char *data_at(const struct plain *plain, unsigned long position)
{
	return (const char *)plain->rest + plain->page + (position & (plain->size - 1));
}

/* `refused` is how many had found no room on that CPU, at some time after all that was read. */
static void tell_lost(struct plain *plain, unsigned cpu, uint32_t refused, rings_fn fn, void *ctx)
{
	struct of_cpu *of_cpu = &plain->of_cpu[cpu];
	uint32_t n = refused - of_cpu->refused;
	struct event event = event_lost(cpu, of_cpu->last_ns, n, (uint32_t)(of_cpu->n + 1));

	if ((int32_t)n <= 0) /* a hook that an interrupt's hook overtook */
		return;
	of_cpu->refused = refused;
	of_cpu->n += n;
	fn(cpu, &event, ctx);
}

static void take(struct plain *plain, const struct plain_record *record, rings_fn fn, void *ctx)
{
	struct event event = record->event;
	unsigned cpu = record->cpu;

	if (cpu >= plain->n_cpus)
		return;
	tell_lost(plain, cpu, record->refused, fn, ctx);
	event.seq = (uint32_t)++plain->of_cpu[cpu].n;
	plain->last_ns = plain->of_cpu[cpu].last_ns = event.time_ns;
	fn(cpu, &event, ctx);
}

/* Up to where it was reserved when this began, so that a fast writer does not hold us. */
static void drain_data(struct plain *plain, rings_fn fn, void *ctx)
{
	unsigned long at = *plain->read, end = reserved(plain);

	plain->stuck = false;
	while (at != end) {
		const char *data = data_at(plain, at);
		uint32_t head = __atomic_load_n((const uint32_t *)data, __ATOMIC_ACQUIRE);
		uint32_t length = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (head & BPF_RINGBUF_BUSY_BIT) {
			plain->stuck = true;
			break;
		}
		if (length == sizeof(struct plain_record) && !(head & BPF_RINGBUF_DISCARD_BIT))
			take(plain, (const struct plain_record *)(data + BPF_RINGBUF_HDR_SZ), fn,
			     ctx);
		length = (length + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
		plain->rings.n_bytes += length;
		at += length;
		__atomic_store_n(plain->read, at, __ATOMIC_RELEASE);
	}
}

/*
 * What found no room is told by the next record of its CPU. Where none came: what had found none
 * before the end was looked at had done so behind all that was read.
 */
static void plain_drain(struct rings *rings, rings_fn fn, void *ctx)
{
	struct plain *plain = (struct plain *)rings;

	for (unsigned cpu = 0; cpu < plain->n_cpus; cpu++)
		plain->of_cpu[cpu].counted =
			(uint32_t)__atomic_load_n(&plain->cpus[cpu].refused, __ATOMIC_ACQUIRE);
	drain_data(plain, fn, ctx);
	for (unsigned cpu = 0; !plain->stuck && cpu < plain->n_cpus; cpu++)
		tell_lost(plain, cpu, plain->of_cpu[cpu].counted, fn, ctx);
}

/* Another CPU's record behind it may be a little older than the last one read. */
#define SKEW_NS 1000000

static uint64_t plain_stuck_ns(const struct rings *rings)
{
	const struct plain *plain = (const struct plain *)rings;

	if (!plain->stuck)
		return UINT64_MAX;
	return plain->last_ns > SKEW_NS ? plain->last_ns - SKEW_NS : 0;
}

static size_t rest_bytes(const struct plain *plain)
{
	return plain->page + 2 * plain->size;
}

static void plain_free(struct rings *rings)
{
	struct plain *plain = (struct plain *)rings;

	if (plain->read != MAP_FAILED)
		munmap(plain->read, plain->page);
	if (plain->rest != MAP_FAILED)
		munmap(plain->rest, rest_bytes(plain));
	free(plain);
}

struct rings *rings_new_plain(const struct live_maps *maps, const struct cpu_counters *cpus)
{
	struct plain *plain = calloc(1, sizeof(*plain) + maps->n_cpus * sizeof(struct of_cpu));

	if (!plain)
		return NULL;
	plain->rings = (struct rings){ plain_drain, plain_stuck_ns, plain_free, 0, 0 };
	plain->cpus = cpus;
	plain->n_cpus = maps->n_cpus;
	plain->page = (size_t)sysconf(_SC_PAGESIZE);
	plain->size = maps->plain_bytes;
	plain->read =
		mmap(NULL, plain->page, PROT_READ | PROT_WRITE, MAP_SHARED, maps->rings_fd, 0);
	plain->rest = mmap(NULL, rest_bytes(plain), PROT_READ, MAP_SHARED, maps->rings_fd,
			   (off_t)plain->page);
	if (plain->read == MAP_FAILED || plain->rest == MAP_FAILED) {
		int err = errno;

		plain_free(&plain->rings);
		errno = err;
		return NULL;
	}
	for (unsigned cpu = 0; cpu < maps->n_cpus; cpu++) {
		plain->of_cpu[cpu].n = cpus[cpu].head;
		plain->of_cpu[cpu].refused = (uint32_t)cpus[cpu].refused;
	}
	return &plain->rings;
}
