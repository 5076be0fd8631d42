/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tasks.bpf.h - what each watched task did, from its first hook to its last: its figures, told once
 * more when it ends.
 */
#ifndef SWTCH_TASKS_BPF_H
#define SWTCH_TASKS_BPF_H

#include "lanes.bpf.h"

/* Somebody wants the figures of tasks that ended. */
const volatile bool tells_ended __weak = false;

MAPPED_ARRAY(figures, struct task_figures);

/* struct task_figures of tasks that ended; when it is full they are counted and gone. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ended_tasks __weak SEC(".maps");

static __always_inline struct task_figures *figures_of(const struct slot *slot)
{
	__u32 number = slot->number;

	return bpf_map_lookup_elem(&figures, &number);
}

static __always_inline void task_name(const struct slot *slot, struct task_struct *task)
{
	struct task_figures *of_task = figures_of(slot);

	if (of_task)
		bpf_core_read(of_task->name, sizeof(of_task->name), &task->comm);
}

/* `task` is seen for the first time since the keeper adopted its pid: count from here. */
static __always_inline void slot_adopt(struct slot *slot, struct task_struct *task, __u32 state,
				       bool leaves)
{
	struct task_figures *of_task = figures_of(slot);

	slot->tgid = task->tgid;
	slot->nvcsw = task->nvcsw - (leaves && state);
	slot->nivcsw = task->nivcsw - (leaves && !state);
	slot->base = slot->nvcsw + slot->nivcsw;
	slot->task = (__u64)task;
	if (of_task)
		of_task->tgid = slot->tgid;
	task_name(slot, task);
}

/* A slot that was just filled has figures of its own, and they are 0. */
static __always_inline void task_begin(const struct slot *slot, struct task_struct *task,
				       __u32 parent)
{
	struct task_figures *of_task = figures_of(slot);

	if (!of_task)
		return;
	*of_task = (struct task_figures){ .pid = slot->pid,
					  .tgid = slot->tgid,
					  .parent = parent,
					  .start_ns = bpf_ktime_get_ns() };
	task_name(slot, task);
	barrier();
	of_task->lane = slot->lane;
}

/* It may have another pid from now on; and a rename before this did not find its slot. */
static __always_inline void task_exec(const struct slot *slot, struct task_struct *task)
{
	struct task_figures *of_task = figures_of(slot);

	if (of_task)
		of_task->pid = slot->pid;
	task_name(slot, task);
}

/* The slot's figures are whole: from here on there are none. The lane is the hooks' own word for it. */
static __always_inline void task_end(const struct slot *slot)
{
	struct task_figures *of_task = figures_of(slot), *ended;
	struct lane_counters *cell;

	if (!of_task)
		return;
	if (tells_ended && slot->lane) {
		ended = bpf_ringbuf_reserve(&ended_tasks, sizeof(*ended), 0);
		cell = cell_of(bpf_get_smp_processor_id(), slot->lane);
		if (ended) {
			*ended = *of_task;
			ended->lane = slot->lane;
			bpf_ringbuf_submit(ended, BPF_RB_NO_WAKEUP);
		} else if (cell) {
			COUNT_ATOMIC(cell->untold);
		}
	}
	of_task->lane = 0;
}

/* Neither its exit was seen nor its last switch: so it is not audited. */
static __always_inline void count_unseen_end(const struct slot *slot)
{
	struct lane_counters *cell = cell_of(bpf_get_smp_processor_id(), slot->lane);

	if (cell)
		COUNT_ATOMIC(cell->exited);
}

/*
 * Nobody will see this task again. Its slot knows under which pid it is entered; the task itself may
 * get another pid at any moment, of a thread that execs (de_thread(), fs/exec.c).
 */
static __always_inline void slot_free(__u32 number)
{
	struct slot *slot = slot_of_number(number);

	if (!slot)
		return;
	if (slot_number(slot->pid) == number)
		slot_enter(slot->pid, 0);
	if (slot->lane && !slot->audited)
		count_unseen_end(slot);
	task_end(slot);
	slot->task = 0;
	slot->lane = 0;
	if (number >= N_KEEPER_SLOTS)
		bpf_map_push_elem(&free_slots, &number, BPF_ANY);
}

/* It left its CPU at `now`, as enum leave_state has it, after ran_ns. */
static __always_inline void task_left(const struct slot *slot, __u8 left_as, bool voluntary,
				      __u64 now, __u64 ran_ns)
{
	struct task_figures *of_task = figures_of(slot);

	if (!of_task)
		return;
	of_task->run_ns += ran_ns;
	if (voluntary)
		of_task->voluntary_high += !++of_task->voluntary;
	else
		of_task->involuntary_high += !++of_task->involuntary;
	of_task->doing = 1 + left_as;
	of_task->since_ns = now;
}

/*
 * It comes to its CPU at `now`, having waited so long: before that, and since it left, it slept. The
 * clocks of two CPUs may differ by more than it slept.
 */
static __always_inline void task_came(const struct slot *slot, __u32 cpu, __u64 now,
				      __u64 waited_ns)
{
	struct task_figures *of_task = figures_of(slot);

	if (!of_task)
		return;

	__u64 left_ns = of_task->since_ns, slept_ns = now - left_ns - waited_ns;

	of_task->wait_ns += waited_ns;
	if (left_ns && (__s64)slept_ns > 0) {
		if (of_task->doing == 1 + LEAVE_BLOCKED)
			of_task->blocked_ns += slept_ns;
		else if (of_task->doing != DOING_RUNNING) /* else nobody saw it leave */
			of_task->sleep_ns += slept_ns;
	}
	if (!slot->preempted && waited_ns > of_task->wait_max_ns)
		of_task->wait_max_ns = waited_ns;
	of_task->cpu = cpu;
	of_task->doing = DOING_RUNNING;
	of_task->since_ns = now;
}

static __always_inline void task_woken(const struct slot *slot, __u64 now, __u32 waker)
{
	struct task_figures *of_task = figures_of(slot);

	if (!of_task)
		return;
	COUNT_ATOMIC(of_task->wakeups);
	of_task->waker = waker;
	of_task->woken_ns = now;
}

static __always_inline void task_moved(const struct slot *slot)
{
	struct task_figures *of_task = figures_of(slot);

	if (of_task)
		COUNT_ATOMIC(of_task->migrations);
}

#endif
