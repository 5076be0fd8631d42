/* SPDX-License-Identifier: GPL-2.0-only */
/* steps.bpf.h - which coroutine each thread is in the middle of: of runtimes that are known. */
#ifndef SWTCH_STEPS_BPF_H
#define SWTCH_STEPS_BPF_H

#include "compat.bpf.h"

struct step {
	__u64 coroutine;
	__u64 memory; /* of the process: see step_of() */
	__u64 stack;  /* where it stood when the function was called: the stack grows down */
	__u32 id;
	__u8 native; /* see is_native() */
	__u8 sent;   /* by hand */
	__u16 unused;
};

/* By thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct step);
} steps __weak SEC(".maps");

/* A thread ends, maybe in the middle of a step: its room is for others. */
static __always_inline void step_forget(__u32 pid)
{
	if (finds_runtimes)
		bpf_map_delete_elem(&steps, &pid);
}

#endif
