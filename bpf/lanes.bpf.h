/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes.bpf.h - which lane a task belongs to, what is remembered of it, where it is counted.
 *
 * pid -> slot number -> slot: two flat arrays, inlined by the verifier, no helper call. Slots are
 * handed out at clone (or by the keeper, which adopts a first task) and given back at the last switch.
 */
#ifndef SWTCH_LANES_BPF_H
#define SWTCH_LANES_BPF_H

#include "event.h"
#include "compat.bpf.h"

const volatile __u32 n_lanes __weak = 1;
const volatile __u32 n_slots __weak = 1;

/* An array that user space maps. Its size is set by the keeper before loading: pids, slots, CPUs. */
#define MAPPED_ARRAY(name, element)                                                                \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, element);                                                            \
	} name __weak SEC(".maps")

MAPPED_ARRAY(slot_of_pid, struct pid_entry);

MAPPED_ARRAY(slots, struct slot);

/* Numbers of slots that were used and are free again. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_slots __weak SEC(".maps");

MAPPED_ARRAY(cells, struct lane_counters);

MAPPED_ARRAY(cpus, struct cpu_counters);

static __always_inline struct slot *slot_of_number(__u32 number)
{
	return number ? bpf_map_lookup_elem(&slots, &number) : 0;
}

static __always_inline __u32 slot_number(__u32 pid)
{
	struct pid_entry *entry = bpf_map_lookup_elem(&slot_of_pid, &pid);

	return entry ? entry->slot : 0;
}

static __always_inline void slot_enter(__u32 pid, __u32 number)
{
	struct pid_entry *entry = bpf_map_lookup_elem(&slot_of_pid, &pid);

	if (entry)
		entry->slot = number;
}

/* A task that is in no lane leaves. */
static __always_inline void count_stranger(struct cpu_counters *here, __u32 pid)
{
	struct pid_entry *entry;

	if (!pid)
		return;
	entry = bpf_map_lookup_elem(&slot_of_pid, &pid);
	if (entry && entry->own)
		here->own_switches++;
	else
		here->other_switches++;
}

/*
 * The slot of a task that is watched, else NULL. One that was adopted by pid is taken as it is. That the
 * verifier lets an address be kept and compared is what CAP_PERFMON is for (bpf_allow_ptr_leaks(), 5.8);
 * only the keeper maps slots.
 */
static __always_inline struct slot *slot_of(struct task_struct *task)
{
	struct slot *slot = slot_of_number(slot_number(task->pid));

	if (!slot || (slot->task && slot->task != (__u64)task))
		return 0;
	return slot;
}

/* The lane of a pid, without a look at the task itself: for wakers and parents. */
static __always_inline __u32 lane_of_pid(__u32 pid)
{
	struct slot *slot = slot_of_number(slot_number(pid));

	return slot ? slot->lane : 0;
}

static __always_inline struct lane_counters *cell_of(__u32 cpu, __u32 lane)
{
	__u32 index = cpu * n_lanes + lane;

	return bpf_map_lookup_elem(&cells, &index);
}

/*
 * A hook that interrupts can interrupt counts with this; sched_switch need not. It must be no atomic add
 * that answers, which kernels before 5.12 refuse (probes.c): of any other order newer ones of clang make one
 * even where nobody takes the answer.
 */
#define COUNT_ATOMIC(counter) ((void)__atomic_fetch_add(&(counter), 1, __ATOMIC_RELAXED))

#endif
