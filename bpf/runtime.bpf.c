// SPDX-License-Identifier: GPL-2.0-only
/*
 * runtime.bpf.c - coroutines of Python's asyncio: uprobes in interpreters that were not changed for it.
 *
 * PyIter_Send() runs a coroutine up to its next await; asyncio's C part calls it for each step of a
 * task, the interpreter for inner awaits. Whoever calls from outside of the interpreter's own code is
 * asyncio. A step ends when asyncio takes the task off its table of running ones; where that cannot be
 * seen (no such function), when the thread's next step begins.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "emit.bpf.h"

#if defined(__TARGET_ARCH_arm64)
struct user_pt_regs { /* as uapi/asm/ptrace.h has it: what PT_REGS_*() read there */
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
#endif

/* enum _framestate, Include/internal/pycore_frame.h: it has ended, with or without its frame cleared. */
#define FRAME_COMPLETED 1

MAPPED_ARRAY(interpreters, struct interpreter);

struct coroutine_key {
	__u64 coroutine; /* its address */
	__u32 tgid;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct coroutine_key);
	__type(value, __u32);
} coroutines __weak SEC(".maps");

struct step {
	__u64 coroutine;
	__u32 id;
	__u32 unused;
};

/* By thread: what it is in the middle of. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct step);
} steps __weak SEC(".maps");

__u32 last_coroutine = 0;

/* The address that this call returns to, at the first instruction of a function. */
static __always_inline __u64 return_address(struct pt_regs *regs)
{
	__u64 address = 0;

#if defined(__TARGET_ARCH_x86)
	bpf_probe_read_user(&address, sizeof(address), (void *)PT_REGS_SP(regs));
#else
	address = PT_REGS_RET(regs); /* the link register */
#endif
	return address;
}

/* `function` is where the one that the probe is in would lie, were the file mapped at 0. */
static __always_inline bool
called_from_outside(struct pt_regs *regs, const struct interpreter *interpreter, __u64 function)
{
	__u64 base = PT_REGS_IP(regs) - function, from = return_address(regs) - base;

	return from < interpreter->code_start || from >= interpreter->code_end;
}

/* What may be asked of a coroutine, or a generator, in a version whose layout is known. */
static __always_inline bool read_state(struct pt_regs *regs, const struct interpreter *interpreter,
				       __u64 function, __u64 coroutine, int *state)
{
	__u64 base = PT_REGS_IP(regs) - function, type = 0;
	signed char byte = 0;

	if (!interpreter->state_offset)
		return false;
	bpf_probe_read_user(&type, sizeof(type), (void *)(coroutine + 8)); /* ob_type */
	if (type - base != interpreter->types[0] && type - base != interpreter->types[1])
		return false;
	if (bpf_probe_read_user(&byte, sizeof(byte),
				(void *)(coroutine + interpreter->state_offset)))
		return false;
	*state = byte;
	return true;
}

static __always_inline void tell(const struct slot *slot, __u32 pid, __u8 kind, __u32 id)
{
	if (control.listening)
		emit_words(kind, task_word(pid, slot->lane), id, slot->lane, 0);
}

/* A coroutine that has not begun is another than the one that lay at its address before. */
static __always_inline __u32 identify(struct pt_regs *regs, const struct interpreter *interpreter,
				      struct lane_counters *cell, const struct slot *slot,
				      __u32 pid, const struct coroutine_key *key)
{
	__u32 *known = bpf_map_lookup_elem(&coroutines, key), id;
	int state = 0;

	if (known && !(read_state(regs, interpreter, interpreter->send, key->coroutine, &state) &&
		       state == interpreter->created))
		return *known;
	id = __sync_fetch_and_add(&last_coroutine, 1) + 1;
	bpf_map_update_elem(&coroutines, key, &id, BPF_ANY);
	COUNT_ATOMIC(cell->coroutines);
	tell(slot, pid, EVENT_CREATE, id);
	return id;
}

SEC("uprobe")
int on_step(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct coroutine_key key = { .tgid = bpf_get_current_pid_tgid() >> 32 };
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));
	struct lane_counters *cell;
	struct step step = { 0 };

	if (!interpreter || !slot || !called_from_outside(regs, interpreter, interpreter->send))
		return 0;
	cell = cell_of(bpf_get_smp_processor_id(), slot->lane);
	if (!cell)
		return 0;
	key.coroutine = PT_REGS_PARM1(regs);
	step.coroutine = key.coroutine;
	step.id = identify(regs, interpreter, cell, slot, pid, &key);
	bpf_map_update_elem(&steps, &pid, &step, BPF_ANY);
	COUNT_ATOMIC(cell->steps);
	tell(slot, pid, EVENT_RESUME, step.id);
	return 0;
}

SEC("uprobe")
int on_step_end(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));
	struct step *step;
	int state = 0;

	if (!interpreter || !slot || !called_from_outside(regs, interpreter, interpreter->leave))
		return 0;
	step = bpf_map_lookup_elem(&steps, &pid);
	if (!step)
		return 0;
	if (read_state(regs, interpreter, interpreter->leave, step->coroutine, &state) &&
	    state >= FRAME_COMPLETED) {
		struct coroutine_key key = { .coroutine = step->coroutine,
					     .tgid = bpf_get_current_pid_tgid() >> 32 };

		tell(slot, pid, EVENT_END, step->id);
		bpf_map_delete_elem(&coroutines, &key);
	} else {
		tell(slot, pid, EVENT_SUSPEND, step->id);
	}
	bpf_map_delete_elem(&steps, &pid);
	return 0;
}
