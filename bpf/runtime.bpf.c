// SPDX-License-Identifier: GPL-2.0-only
/*
 * runtime.bpf.c - coroutines of Python: uprobes in interpreters that were not changed for it.
 *
 * PyIter_Send() runs a coroutine up to its next await; asyncio's C part calls it for each step of a
 * task, the interpreter for inner awaits. Whoever calls from outside of the interpreter's own code is
 * asyncio. A step ends when asyncio takes the task off its table of running ones; where there is no such
 * table (3.14), where PyIter_Send() returns; where that is not known, when the thread's next step begins.
 *
 * A program, or a library that is a loop itself, may also resume coroutines by their method send(). Such a
 * step ends where that function returns. In the midst of a step it is no step of its own: whoever awaits,
 * by whichever means, has the thread.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "emit.bpf.h"
#include "steps.bpf.h"

#if defined(__TARGET_ARCH_arm64)
struct user_pt_regs { /* as uapi/asm/ptrace.h has it: what PT_REGS_*() read there */
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
#endif

/* enum _framestate, Include/internal/pycore_frame.h: 1 and more: it has ended. */
#define FRAME_EXECUTING 0 /* and less: it may be resumed */
#define FRAME_COMPLETED 1

/* PyASCIIObject.state, Include/cpython/unicodeobject.h: the same bits from 3.10 to 3.14. */
#define STATE_OFFSET  32
#define STATE_COMPACT (1 << 5)
#define STATE_ASCII   (1 << 6)
#define NAME_BYTES    12 /* COROUTINE_NAME_LEN, user/event/names.h */

MAPPED_ARRAY(interpreters, struct interpreter);

struct coroutine_key {
	__u64 coroutine; /* its address */
	__u32 tgid;
	__u32 unused;
};

struct coroutine {
	__u32 id;
	__u32 named; /* control.listening when its name was sent */
};

/*
 * Nobody tells of one that goes without its last step, as all do with their process: those that were not
 * stepped for longest make room for others.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct coroutine_key);
	__type(value, struct coroutine);
} coroutines __weak SEC(".maps");

__u32 last_coroutine = 0;

/* The address of its mm_struct: another one after exec, and with another process of the same pid. */
static __always_inline __u64 current_memory(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return (__u64)task->mm;
}

/* What a thread is in the middle of; what another left of its pid, or it before exec, is none of its. */
static __always_inline struct step *step_of(__u32 pid)
{
	struct step *step = bpf_map_lookup_elem(&steps, &pid);

	return step && step->memory == current_memory() ? step : 0;
}

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

/* Whether it is a coroutine, or a generator, of the interpreter itself. `at`: where the probe is. */
static __always_inline bool is_native(struct pt_regs *regs, const struct interpreter *interpreter,
				      __u64 at, __u64 coroutine)
{
	__u64 base = PT_REGS_IP(regs) - at, type = 0;

	bpf_probe_read_user(&type, sizeof(type), (void *)(coroutine + 8)); /* ob_type */
	return type - base == interpreter->types[0] || type - base == interpreter->types[1];
}

/* That of a native one's frame, in a version whose layout is known. */
static __always_inline bool read_state(const struct interpreter *interpreter, __u64 coroutine,
				       int *state)
{
	__u64 place = coroutine;
	signed char byte = 0;

	if (!interpreter->state_offset)
		return false;
	if (interpreter->frame_offset &&
	    bpf_probe_read_user(&place, sizeof(place),
				(void *)(coroutine + interpreter->frame_offset)))
		return false;
	if (!place) { /* the frame goes with the end */
		*state = FRAME_COMPLETED;
		return true;
	}
	if (bpf_probe_read_user(&byte, sizeof(byte), (void *)(place + interpreter->state_offset)))
		return false;
	*state = byte;
	return true;
}

/* The function's name, as much of it as an event has room for. */
static __always_inline bool read_name(const struct interpreter *interpreter, __u64 coroutine,
				      char name[NAME_BYTES])
{
	__u64 string = 0;
	__u32 state = 0;

	if (!interpreter->name_offset ||
	    bpf_probe_read_user(&string, sizeof(string),
				(void *)(coroutine + interpreter->name_offset)) ||
	    bpf_probe_read_user(&state, sizeof(state), (void *)(string + STATE_OFFSET)) ||
	    !(state & STATE_COMPACT) || !(state & STATE_ASCII))
		return false;
	return bpf_probe_read_user_str(name, NAME_BYTES,
				       (void *)(string + interpreter->text_offset)) > 1;
}

static __always_inline void tell(const struct slot *slot, __u32 pid, __u8 kind, __u32 id)
{
	if (control.listening)
		emit_words(kind, task_word(pid, slot->lane), id, slot->lane, 0);
}

/* What a coroutine is called. Its text's tail lies in `state` and `cpu`: see event.h. */
static __always_inline void tell_name(const struct slot *slot, __u32 pid, __u32 id,
				      const char name[NAME_BYTES])
{
	__u32 seq;
	struct event *event = emit_reserve(bpf_get_smp_processor_id(), &seq);

	if (!event)
		return;
	event->time_ns = bpf_ktime_get_ns();
	event->kind = EVENT_COROUTINE_NAME;
	event->task = task_word(pid, slot->lane);
	event->called.id = id;
	__builtin_memcpy(event->called.text, name, sizeof(event->called.text));
	event->state = name[8];
	event->cpu = (__u8)name[9] | (__u16)(__u8)name[10] << 8;
	emit_publish(event, seq);
}

/* Once for whoever listens. */
static __always_inline void tell_name_once(const struct interpreter *interpreter,
					   const struct slot *slot, __u32 pid, __u64 address,
					   struct coroutine *coroutine)
{
	char name[NAME_BYTES] = "";

	if (coroutine->named == control.listening)
		return;
	coroutine->named = control.listening;
	if (control.listening && read_name(interpreter, address, name))
		tell_name(slot, pid, coroutine->id, name);
}

/* A coroutine that has not begun is another than the one that lay at its address before. */
static __always_inline __u32 identify(const struct interpreter *interpreter, bool native,
				      struct lane_counters *cell, const struct slot *slot,
				      __u32 pid, const struct coroutine_key *key)
{
	struct coroutine *known = bpf_map_lookup_elem(&coroutines, key), fresh = { 0 };
	int state = 0;

	if (known && !(native && read_state(interpreter, key->coroutine, &state) &&
		       state == interpreter->created)) {
		if (native)
			tell_name_once(interpreter, slot, pid, key->coroutine, known);
		return known->id;
	}
	fresh.id = __sync_fetch_and_add(&last_coroutine, 1) + 1;
	if (native)
		tell_name_once(interpreter, slot, pid, key->coroutine, &fresh);
	bpf_map_update_elem(&coroutines, key, &fresh, BPF_ANY);
	COUNT_ATOMIC(cell->coroutines);
	tell(slot, pid, EVENT_CREATE, fresh.id);
	return fresh.id;
}

/* A thread resumes a coroutine; the function that does it begins where the probe is, at `function`. */
static __always_inline void begin_step(struct pt_regs *regs, const struct interpreter *interpreter,
				       const struct slot *slot, __u64 function, bool sent)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct lane_counters *cell = cell_of(bpf_get_smp_processor_id(), slot->lane);
	struct coroutine_key key = { .coroutine = PT_REGS_PARM1(regs),
				     .tgid = bpf_get_current_pid_tgid() >> 32 };
	struct step step = { .coroutine = key.coroutine,
			     .memory = current_memory(),
			     .stack = PT_REGS_SP(regs),
			     .sent = sent };
	int state = 0;

	step.native = is_native(regs, interpreter, function, key.coroutine);
	if (sent && step.native && read_state(interpreter, key.coroutine, &state) &&
	    state >= FRAME_EXECUTING)
		return; /* an error: there is nothing to resume */
	if (!cell)
		return;
	step.id = identify(interpreter, step.native, cell, slot, pid, &key);
	if (bpf_map_update_elem(&steps, &pid, &step, BPF_ANY)) { /* its end would not be seen */
		COUNT_ATOMIC(cell->unplaced);
		return;
	}
	COUNT_ATOMIC(cell->steps);
	if (sent)
		COUNT_ATOMIC(cell->sent);
	tell(slot, pid, EVENT_RESUME, step.id);
}

static __always_inline void end_step(const struct interpreter *interpreter, const struct slot *slot,
				     __u32 pid, const struct step *step)
{
	struct coroutine_key key = { .coroutine = step->coroutine,
				     .tgid = bpf_get_current_pid_tgid() >> 32 };
	int state = 0;

	if (step->native && read_state(interpreter, step->coroutine, &state) &&
	    state >= FRAME_COMPLETED) {
		tell(slot, pid, EVENT_END, step->id);
		bpf_map_delete_elem(&coroutines, &key);
	} else {
		tell(slot, pid, EVENT_SUSPEND, step->id);
	}
	bpf_map_delete_elem(&steps, &pid);
}

SEC("uprobe")
int on_step(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));

	if (interpreter && slot && called_from_outside(regs, interpreter, interpreter->send))
		begin_step(regs, interpreter, slot, interpreter->send, false);
	return 0;
}

SEC("uprobe")
int on_step_end(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));
	struct step *step;

	if (!interpreter || !slot || !called_from_outside(regs, interpreter, interpreter->leave))
		return 0;
	step = step_of(pid);
	if (step && !step->sent)
		end_step(interpreter, slot, pid, step);
	return 0;
}

SEC("uprobe")
int on_send(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));
	struct step *step;

	if (!interpreter || !slot)
		return 0;
	step = step_of(pid);
	if (!step || step->stack <= PT_REGS_SP(regs)) /* none, or one whose end was not seen */
		begin_step(regs, interpreter, slot, interpreter->method, true);
	return 0;
}

/* At each instruction that returns: the stack stands where it stood at the function's first one. */
SEC("uprobe")
int on_return(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid(), number = bpf_get_attach_cookie(regs);
	struct interpreter *interpreter = bpf_map_lookup_elem(&interpreters, &number);
	struct slot *slot = slot_of_number(slot_number(pid));
	struct step *step = step_of(pid);

	if (interpreter && slot && step && step->stack == PT_REGS_SP(regs))
		end_step(interpreter, slot, pid, step);
	return 0;
}
