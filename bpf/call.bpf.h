/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call.bpf.h - what a task waits for that leaves its CPU: the system call that it is in.
 *
 * Its number lies where the call saved the registers, at the top of the task's stack in the kernel, and
 * was written there when the call began: mostly still in the cache.
 */
#ifndef SWTCH_CALL_BPF_H
#define SWTCH_CALL_BPF_H

#include "lanes.bpf.h"

/* enum leave_call of each number. */
const volatile __u8 call_kinds[N_CALLS] __weak = { 0 };

/* Threads that never were in user space: what lies there is no call of theirs (linux/sched.h). */
#define PF_IO_WORKER   0x00000010
#define PF_USER_WORKER 0x00004000
#define PF_KTHREAD     0x00200000

static __always_inline __u8 call_of(struct task_struct *task)
{
	if (!knows_calls || task->flags & (PF_IO_WORKER | PF_USER_WORKER | PF_KTHREAD) ||
	    is_compat(task))
		return CALL_UNKNOWN;

	/* Of 32 bits without a sign: one that was extended has no least value for the verifier. */
	__u32 number = call_number((struct pt_regs *)bpf_task_pt_regs(task));

	if ((__s32)number < 0)
		return CALL_NONE;
	return number < N_CALLS ? call_kinds[number] : CALL_OTHER;
}

#endif
