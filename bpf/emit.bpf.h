/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emit.bpf.h - event records: one ring for each CPU in an array that user space maps.
 *
 * A writer reserves by adding to the CPU's head (hooks of clone, exec and some wakings run with
 * interrupts on, and the interrupt may write as well), fills, and stores the sequence number last.
 * Nobody is woken and nobody waits: a reader that is too slow finds other numbers than it expects,
 * knows from them how many records it missed, and says so.
 *
 * A ring has two parts. Records go into the near one, as long as the reader keeps up with it: it is
 * small enough to stay in the CPU's own cache, where a ring that takes a stall of the reader is not
 * (a yield recorded into rings of 128 KB took 91 ns more than unwatched, into 4 MB 123). What the
 * reader has not taken is not overwritten there; the far one is.
 *
 * The plain ring is the kernel's, one for all CPUs. When it is full it takes nothing more until it is
 * read; each record tells how many its CPU could not place before it.
 */
#ifndef SWTCH_EMIT_BPF_H
#define SWTCH_EMIT_BPF_H

#include "lanes.bpf.h"

const volatile __u32 ring_size __weak = 1; /* records for each CPU, a power of two: far */
const volatile __u32 near_size __weak = 1; /* likewise: near */

struct control control __weak;

MAPPED_ARRAY(rings, struct event);

/* Of each CPU: the number of the record that the reader wants next. It may lie, and lose records. */
MAPPED_ARRAY(taken, __u64);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring_buffer __weak SEC(".maps");

static __always_inline struct event *emit_reserve_plain(struct cpu_counters *here, __u32 cpu)
{
	struct plain_record *record = bpf_ringbuf_reserve(&ring_buffer, sizeof(*record), 0);

	COUNT_ATOMIC(here->head);
	if (!record) {
		COUNT_ATOMIC(here->refused);
		return 0;
	}
	record->cpu = cpu;
	record->refused = here->refused;
	return &record->event;
}

static __always_inline __u32 place_of(__u32 cpu, __u64 number)
{
	const volatile __u64 *next = bpf_map_lookup_elem(&taken, &cpu);

	if (next && number - *next < near_size)
		return ring_near(cpu, number, near_size, ring_size);
	return ring_far(cpu, number, near_size, ring_size);
}

static __always_inline struct event *emit_at(__u32 cpu, __u64 number, __u32 *seq)
{
	__u32 index = place_of(cpu, number);

	*seq = number + 1;
	return bpf_map_lookup_elem(&rings, &index);
}

/* The next free record of this CPU; `seq` is what emit_publish() wants. */
static __always_inline struct event *emit_reserve(__u32 cpu, __u32 *seq)
{
	struct cpu_counters *here = bpf_map_lookup_elem(&cpus, &cpu);

	if (!here)
		return 0;
	if (plain_ring) {
		*seq = 0; /* the reader's to give */
		return emit_reserve_plain(here, cpu);
	}
	return emit_at(cpu, __sync_fetch_and_add(&here->head, 1), seq);
}

/*
 * Likewise, where interrupts are off: nobody else adds to this CPU's head meanwhile, and a plain add
 * does not wait, as an atomic one does, until what was stored before has reached the cache.
 */
static __always_inline struct event *emit_reserve_alone(struct cpu_counters *here, __u32 cpu,
							__u32 *seq)
{
	__u64 number;

	if (plain_ring) {
		*seq = 0;
		return emit_reserve_plain(here, cpu);
	}
	number = here->head;
	*(volatile __u64 *)&here->head = number + 1;
	return emit_at(cpu, number, seq);
}

static __always_inline void emit_publish(struct event *event, __u32 seq)
{
	if (plain_ring) {
		event->seq = seq;
		/* Its record begins there: no other pointer would do since 5.17 (64620e0a1e71). */
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
		return;
	}
	barrier(); /* clang shall not move what was filled in behind it */
	if (weak_memory)
		__sync_lock_test_and_set(&event->seq, seq);
	else
		*(volatile __u32 *)&event->seq = seq;
}

/* What task `task` is called. The name's tail lies in `state` and `cpu`: see event.h. */
static __always_inline void emit_name(__u32 cpu, __u64 now_ns, __u32 word, const char *comm)
{
	__u32 seq;
	struct event *event = emit_reserve(cpu, &seq);

	if (!event)
		return;
	event->time_ns = now_ns;
	event->kind = EVENT_NAME;
	event->task = word;
	__builtin_memcpy(event->name, comm, 12);
	event->state = comm[12];
	event->cpu = (__u8)comm[13] | (__u16)(__u8)comm[14] << 8;
	emit_publish(event, seq);
}

/* A record of three words about a task; now_ns is of CLOCK_MONOTONIC. */
static __always_inline void emit_words_at(__u64 now_ns, __u8 kind, __u32 word, __u32 a, __u32 b,
					  __u32 c)
{
	__u32 cpu = bpf_get_smp_processor_id(), seq;
	struct event *event = emit_reserve(cpu, &seq);

	if (!event)
		return;
	event->time_ns = now_ns;
	event->kind = kind;
	event->state = 0;
	event->cpu = cpu;
	event->task = word;
	event->to.next = a;
	event->to.ran_ns = b;
	event->to.waited_ns = c;
	emit_publish(event, seq);
}

static __always_inline void emit_words(__u8 kind, __u32 word, __u32 a, __u32 b, __u32 c)
{
	emit_words_at(bpf_ktime_get_ns(), kind, word, a, b, c);
}

#endif
