/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_has.h - what the kernel that runs can do of what the probes want; asked of its BTF, or tried. */
#ifndef SWTCH_KERNEL_HAS_H
#define SWTCH_KERNEL_HAS_H

#include <stdbool.h>

struct btf; /* the kernel's */

/* The scheduler's clock through se.cfs_rq (CONFIG_FAIR_GROUP_SCHED), waits through sched_info. */
bool kernel_has_scheduler_clock(const struct btf *btf);

/* Whether sched_switch hands over prev's state as its fourth argument (behind the void *). */
bool kernel_has_switch_state(const struct btf *btf);

/* A helper for programs, "task_pt_regs" of bpf_task_pt_regs(). */
bool kernel_has_helper(const struct btf *btf, const char *name);

/*
 * Whether programs may have an atomic add that answers (5.12 and later; on arm64 the JIT learned it
 * in 5.18): one with nothing else is loaded.
 */
bool kernel_has_fetch(void);

/* Whether the release is older than that; what cannot be read is not. */
bool kernel_is_before(unsigned major, unsigned minor);

/*
 * Whether a hook may be passed over where preemption is on (since 7.0: bpf/birth.bpf.h). Nothing in BTF
 * tells, so it is the release that says so.
 */
bool kernel_skips_hooks(void);

#endif
