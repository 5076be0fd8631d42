// SPDX-License-Identifier: GPL-2.0-only
/* life.bpf.c - clone, exec, rename, exit: lanes follow, names travel, counts are audited. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "emit.bpf.h"
#include "tasks.bpf.h"

#define CLONE_THREAD 0x00010000 /* include/uapi/linux/sched.h */

/* Numbers of slots that were never used begin here. */
__u32 fresh_slots = N_KEEPER_SLOTS;

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
static __always_inline struct slot *slot_make(struct task_struct *task, __u32 parent, __u32 lane,
					      __u32 named)
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
			       .lane = lane,
			       .named = named,
			       .number = number };
	task_begin(slot, task, parent);
	slot_enter(pid, number);
	return slot;
}

/* What swtch itself makes is its own, until the keeper puts it into a lane. */
static __always_inline void inherit_own(__u32 pid, __u32 parent)
{
	struct pid_entry *from = bpf_map_lookup_elem(&slot_of_pid, &parent);
	struct pid_entry *to = bpf_map_lookup_elem(&slot_of_pid, &pid);

	if (from && to)
		to->own = from->own;
}

/* Runs in the parent, before the child can. */
SEC("tp_btf/task_newtask")
int on_newtask(__u64 *ctx)
{
	struct task_struct *child = (void *)ctx[0];
	__u64 flags = ctx[1];
	__u32 pid = child->pid, parent = bpf_get_current_pid_tgid();
	struct slot *from = slot_of_number(slot_number(parent));
	struct lane_counters *cell;

	slot_free(slot_number(pid)); /* of an earlier task whose last switch was missed */
	inherit_own(pid, from ? 0 : parent);
	if (!from || !from->lane)
		return 0;
	cell = cell_of(bpf_get_smp_processor_id(), from->lane);
	if (!cell)
		return 0;
	if (flags & CLONE_THREAD)
		COUNT_ATOMIC(cell->threads);
	else
		COUNT_ATOMIC(cell->processes);
	if (!slot_make(child, parent, from->lane, from->named))
		COUNT_ATOMIC(cell->untracked);
	if (control.listening)
		emit_words(EVENT_CLONE, task_word(parent, from->lane), task_word(pid, from->lane),
			   flags, flags >> 32);
	return 0;
}

/* Processes that executed another program: the keeper looks whether that is an interpreter. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} execs __weak SEC(".maps");

/*
 * A thread that execs takes over the pid of its group's leader (de_thread(), fs/exec.c): its slot
 * goes with it. The leader is gone under the thread's old pid; if it left its CPU for the last time
 * after the two changed places, its slot was not found then and is freed here.
 */
SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 pid = task->pid, old_pid = ctx[1];
	__u32 number = slot_number(pid), old_number = slot_number(old_pid);
	struct slot *slot;

	if (old_pid != pid) {
		slot_free(number);
		slot_enter(old_pid, 0);
		slot_enter(pid, old_number);
		slot = slot_of_number(old_number);
		if (slot)
			slot->pid = pid;
	}
	slot = slot_of(task);
	if (slot)
		task_exec(slot, task);
	if (slot && finds_runtimes)
		bpf_ringbuf_output(&execs, &pid, sizeof(pid), 0);
	if (slot && control.listening)
		emit_words(EVENT_EXEC, task_word(pid, slot->lane), old_pid, 0, 0);
	return 0;
}

SEC("tp_btf/task_rename")
int on_rename(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct slot *slot = slot_of(task);
	struct task_figures *of_task;
	char comm[TASK_NAME_LEN] = "";

	if (!slot)
		return 0;
	bpf_probe_read_kernel_str(comm, sizeof(comm), (void *)ctx[1]);
	of_task = figures_of(slot);
	if (of_task)
		__builtin_memcpy(of_task->name, comm, sizeof(comm));
	if (!control.listening)
		return 0;
	slot->named = control.listening;
	emit_name(bpf_get_smp_processor_id(), bpf_ktime_get_ns(), task_word(slot->pid, slot->lane),
		  comm);
	return 0;
}

/*
 * The audit: what the hook of sched_switch saw of this task against how far the kernel's own counts
 * moved since watching began. Its last one or two switches come after this and still count.
 */
SEC("tp_btf/sched_process_exit")
int on_exit(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct slot *slot = slot_of(task);
	struct lane_counters *cell;

	if (!slot)
		return 0;

	__u32 moved = task->nvcsw + task->nivcsw - slot->base;

	cell = cell_of(bpf_get_smp_processor_id(), slot->lane);
	if (cell) {
		COUNT_ATOMIC(cell->exited);
		if (slot->task) /* else it did not leave its CPU once since it was adopted */
			COUNT_ATOMIC(cell->audited);
		if (slot->task && moved == slot->seen)
			COUNT_ATOMIC(cell->exact);
	}
	if (control.listening)
		emit_words(EVENT_EXIT, task_word(slot->pid, slot->lane), task->exit_code,
			   slot->seen, moved);
	return 0;
}
