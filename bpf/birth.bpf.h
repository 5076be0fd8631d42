/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * birth.bpf.h - a task that was just made gets its slot.
 *
 * Since 7.0 a tracepoint's programs may lose their CPU in the middle (a46023d5616e, f7d327654b88: SRCU
 * guards them, where it was preemption switched off), and what another task does meanwhile on that CPU
 * is not told to a program that is at work there (prog->active in __bpf_trace_run(),
 * kernel/trace/bpf_trace.c). Hooks that the kernel calls with preemption off (some wakings of a task by
 * itself with interrupts on: try_to_wake_up(), kernel/sched/core.c), those of sched_switch, sched_waking,
 * sched_wakeup_new and sched_migrate_task, do not suffer from it: they do what others missed.
 */
#ifndef SWTCH_BIRTH_BPF_H
#define SWTCH_BIRTH_BPF_H

#include "tasks.bpf.h"

/* Numbers of slots that were never used begin here. */
__u32 fresh_slots __weak = N_KEEPER_SLOTS;

/* A free slot's number: one that was given back, else a fresh one, else 0. */
static __always_inline __u32 slot_allocate(void)
{
	__u32 number = 0;

	if (!bpf_map_pop_elem(&free_slots, &number))
		return number;
	if (plain_ring) /* the keeper has put them all among the free ones */
		return 0;
	if (fresh_slots >= n_slots) /* racing CPUs overshoot by their number at most */
		return 0;
	number = __sync_fetch_and_add(&fresh_slots, 1);
	return number < n_slots ? number : 0;
}

/* The slot of a task that starts its life now: the kernel's counts are 0, so are ours. */
static __always_inline struct slot *slot_make(struct task_struct *task, __u32 parent,
					      const struct slot *from)
{
	__u32 pid = task->pid, number;
	struct slot *slot;

	if (!bpf_map_lookup_elem(&slot_of_pid, &pid)) /* pid_max was raised since */
		return 0;
	number = slot_allocate();
	slot = slot_of_number(number);
	if (!slot)
		return 0;
	*slot = (struct slot){ .task = (__u64)task,
			       .pid = pid,
			       .tgid = task->tgid,
			       .lane = from->lane,
			       .named = from->named,
			       .number = number };
	task_begin(slot, task, parent);
	slot_enter(pid, number);
	return slot;
}

#endif
