// SPDX-License-Identifier: GPL-2.0-only
/* life.bpf.c - clone, exec, rename, exit: lanes follow, names travel, counts are audited. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "birth.bpf.h"
#include "death.bpf.h"
#include "emit.bpf.h"
#include "steps.bpf.h"

/*
 * Runs in the parent, before the child can. What is counted of the child is counted when it is woken: see
 * on_wakeup_new().
 */
SEC("tp_btf/task_newtask")
int on_newtask(__u64 *ctx)
{
	struct task_struct *child = (void *)ctx[0];
	__u64 flags = ctx[1];
	__u32 pid = child->pid, parent = bpf_get_current_pid_tgid();
	struct slot *from = slot_of_number(slot_number(parent));

	slot_free(slot_number(pid)); /* of an earlier task whose last switch was missed */
	if (!from || !from->lane)
		return 0;
	/* Without a slot now, it may have one when it is woken, and is told of then: take_late(). */
	if (slot_make(child, parent, from) && control.listening)
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

SEC("tp_btf/sched_process_exit")
int on_exit(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct slot *slot = slot_of(task);

	if (!slot)
		return 0;
	step_forget(task->pid);
	slot_audit(slot, task, bpf_get_smp_processor_id(), bpf_ktime_get_ns());
	return 0;
}
