/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.bpf.h - one accessor for each thing that kernels do differently.
 *
 * What the keeper found out (load() in user/keeper/probes.c) stands in constants that the verifier
 * sees before it looks at the program (map is frozen: 5.5, a23740ec43ba), so that the path not taken is
 * not even checked.
 */
#ifndef SWTCH_COMPAT_BPF_H
#define SWTCH_COMPAT_BPF_H

#include <bpf/bpf_core_read.h>

/* The scheduler's own clock and sched_info cannot be read, or shall not: stamps of our own. */
const volatile bool plain_clock __weak = false;

/*
 * No atomic add that answers (BPF_FETCH, 5.12, 5ca419f2864a), or not wanted: records go through the
 * kernel's own ring buffer. Where this is set no such instruction may be reached: see probes.c.
 */
const volatile bool plain_ring __weak = false;

/* sched_switch hands over prev's state as of the decision to leave, last (5.18, 9c2136be0878). */
const volatile bool switch_has_state __weak = false;

/* Tell the keeper of each program that is executed: it may be an interpreter. */
const volatile bool finds_runtimes __weak = false;

/* Stores may overtake each other (arm64): publish records with a full barrier. */
const volatile bool weak_memory __weak = false;

/*
 * Hooks that run with preemption on may be passed over (7.0: birth.bpf.h), so what they do at a task's
 * end is looked after at its last switch. In line there: as a call of its own 5.10 refuses it, and 6.1
 * verifies three times as much. It costs a switch 4 ns even where no task ends.
 */
const volatile bool hooks_are_skipped __weak = false;

/* bpf_task_pt_regs() is there (5.15, dd6e10fbd9fb). */
const volatile bool knows_calls __weak = false;

/* In a call of another ABI, whose numbers are others. */
#if defined(__TARGET_ARCH_x86)
struct thread_info___x86 {
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

static __always_inline bool is_compat(struct task_struct *task)
{
	return ((struct task_struct___x86 *)task)->thread_info.status & 0x2; /* TS_COMPAT */
}

static __always_inline __s32 call_number(struct pt_regs *regs)
{
	return (__s32)regs->orig_ax; /* -1 where an exception or an interrupt came */
}
#elif defined(__TARGET_ARCH_arm64)
struct thread_info___arm64 {
	unsigned long flags;
} __attribute__((preserve_access_index));

struct task_struct___arm64 {
	struct thread_info___arm64 thread_info;
} __attribute__((preserve_access_index));

static __always_inline bool is_compat(struct task_struct *task)
{
	return ((struct task_struct___arm64 *)task)->thread_info.flags & 1ul << 22; /* TIF_32BIT */
}

/* ___arm64 is bpf_tracing.h's own. */
struct pt_regs___call {
	__s32 syscallno;
} __attribute__((preserve_access_index));

static __always_inline __s32 call_number(struct pt_regs *regs)
{
	return ((struct pt_regs___call *)regs)->syscallno; /* NO_SYSCALL is -1 */
}
#else
#error "a machine's own: how a call's number is told, and which calls are of another ABI"
#endif

/* task_struct.state was renamed in 5.14 (2f064a59a11f). */
struct task_struct___before_5_14 {
	long state;
} __attribute__((preserve_access_index));

static __always_inline __u32 task_state(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return (__u32)((struct task_struct___before_5_14 *)task)->state;
}

/* The state in which `prev` leaves: of the arguments of sched_switch(preempt, prev, next, prev_state). */
static __always_inline __u32 leaving_state(const __u64 *ctx, struct task_struct *prev)
{
	return switch_has_state ? ctx[3] : task_state(prev);
}

/* thread_info got the CPU back in 5.16 (bcf9033e5449). */
struct task_struct___before_5_16 {
	unsigned int cpu;
} __attribute__((preserve_access_index));

/* The CPU on whose queue a task is, or last was. */
static __always_inline __u32 task_cpu(struct task_struct *task)
{
	if (bpf_core_field_exists(task->thread_info.cpu))
		return task->thread_info.cpu;
	return ((struct task_struct___before_5_16 *)task)->cpu;
}

/*
 * The run queue's clock, as the scheduler itself reads it (rq_clock(), kernel/sched/sched.h): three
 * loads instead of a helper call, which the verifier lets a program with BTF do since 5.5 (PTR_TO_BTF_ID).
 * Only the hook of sched_switch may ask, where the queue is locked.
 */
static __always_inline __u64 run_queue_clock(struct task_struct *next)
{
	return next->se.cfs_rq->rq->clock;
}

#endif
