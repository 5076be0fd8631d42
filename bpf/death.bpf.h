/* SPDX-License-Identifier: GPL-2.0-only */
/* death.bpf.h - a task ends: its counts are held against the kernel's. */
#ifndef SWTCH_DEATH_BPF_H
#define SWTCH_DEATH_BPF_H

#include "emit.bpf.h"
#include "tasks.bpf.h"

/*
 * How far the kernel's own counts of switches moved since watching began, and how many the hook of
 * sched_switch saw (*seen). Since 7.0 the task may leave its CPU between the two looks: then look again.
 */
static __always_inline __u32 moved_since(const struct slot *slot, struct task_struct *task,
					 __u32 *seen)
{
	const volatile __u32 *now = &slot->seen;
	__u32 moved = 0;

	for (int i = 0; i < 3; i++) {
		*seen = *now;
		barrier();
		moved = task->nvcsw + task->nivcsw - slot->base;
		barrier();
		if (*seen == *now)
			break;
	}
	return moved;
}

/*
 * The audit, once for each task: at its exit, or, where that was missed (birth.bpf.h), at its last
 * switch. After its exit come one or two more switches, which still count in the lane.
 */
static __always_inline void slot_audit(struct slot *slot, struct task_struct *task, __u32 cpu,
				       __u64 now_ns)
{
	struct lane_counters *cell = cell_of(cpu, slot->lane);
	__u32 seen = 0, moved = moved_since(slot, task, &seen);

	slot->audited = 1;
	if (cell) {
		COUNT_ATOMIC(cell->exited);
		if (slot->task) /* else it did not leave its CPU once since it was adopted */
			COUNT_ATOMIC(cell->audited);
		if (slot->task && moved == seen)
			COUNT_ATOMIC(cell->exact);
	}
	if (control.listening)
		emit_words_at(now_ns, EVENT_EXIT, task_word(slot->pid, slot->lane), task->exit_code,
			      seen, moved);
}

#endif
