// SPDX-License-Identifier: GPL-2.0-only
/* sched.bpf.c - switch, waking, migration: count them, and tell them when someone listens. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "birth.bpf.h"
#include "call.bpf.h"
#include "clock.bpf.h"
#include "death.bpf.h"
#include "emit.bpf.h"
#include "steps.bpf.h"

/* What pthread_create() asks clone for, and all threads have (include/uapi/linux/sched.h). */
#define CLONE_OF_THREAD 0x00010900 /* CLONE_THREAD | CLONE_SIGHAND | CLONE_VM */

/* Bits of task_struct.state since 4.14 (include/linux/sched.h), as `ps` letters them. */
#define STATE_DEAD 0x80

static __always_inline __u8 leave_state(__u32 state)
{
	if (!state)
		return LEAVE_RUNNABLE;
	if (state & 0x1)
		return LEAVE_SLEEPING;
	if ((state & 0x402) == 0x402)
		return LEAVE_IDLE;
	if (state & 0x2)
		return LEAVE_BLOCKED;
	if (state & STATE_DEAD)
		return LEAVE_DEAD;
	if (state & 0x4)
		return LEAVE_STOPPED;
	if (state & 0x8)
		return LEAVE_TRACED;
	if (state & 0x40)
		return LEAVE_PARKED;
	return state & 0x20 ? LEAVE_ZOMBIE : LEAVE_BLOCKED;
}

/* floor(log2(ns)), at most N_WAIT_BUCKETS - 1. BPF has no instruction for it. */
static __always_inline __u32 wait_bucket(__u64 ns)
{
	__u32 bucket = 0;

	if (ns >> N_WAIT_BUCKETS)
		return N_WAIT_BUCKETS - 1;
	if (ns >> 32) {
		ns >>= 32;
		bucket = 32;
	}
	if (ns >> 16) {
		ns >>= 16;
		bucket += 16;
	}
	if (ns >> 8) {
		ns >>= 8;
		bucket += 8;
	}
	if (ns >> 4) {
		ns >>= 4;
		bucket += 4;
	}
	if (ns >> 2) {
		ns >>= 2;
		bucket += 2;
	}
	return bucket + (ns >> 1);
}

static __always_inline __u32 saturated(__u64 ns)
{
	return ns < TIME_SATURATED ? ns : TIME_SATURATED;
}

/*
 * `prev` leaves, after *ran_ns. The kernel has added one to nvcsw or nivcsw before this hook runs
 * (__schedule(), kernel/sched/core.c): whichever moved is the kind, and a step above one is a switch
 * that was not seen.
 */
static __always_inline __u8 leave(const struct cpu_counters *here, __u32 cpu, struct slot *slot,
				  struct task_struct *prev, __u32 state, __u64 now, __u64 *ran_ns)
{
	struct lane_counters *cell = cell_of(cpu, slot->lane);

	if (!cell)
		return 0;

	bool is_new = !slot->task; /* how long it ran before it was adopted is nobody's business */

	if (is_new)
		slot_adopt(slot, prev, state, true);

	__u32 nvcsw = prev->nvcsw, nivcsw = prev->nivcsw;
	__u32 moved = nvcsw + nivcsw - slot->nvcsw - slot->nivcsw;
	bool voluntary = nvcsw != slot->nvcsw;

	slot->nvcsw = nvcsw;
	slot->nivcsw = nivcsw;
	slot->seen++;
	slot->preempted = !voluntary;
	slot->queued_ns = state ? 0 : now;
	if (moved > 1)
		cell->missed += moved - 1;
	if (voluntary)
		cell->voluntary++;
	else
		cell->involuntary++;
	*ran_ns = is_new ? 0 : ran_time(here, slot, prev, now);
	if (plain_clock)
		slot->arrived_ns = 0; /* its next arrival may go unseen */
	cell->run_ns += *ran_ns;

	__u8 left_as = leave_state(state);

	task_left(slot, left_as, voluntary, now, *ran_ns);
	return left_as | (voluntary ? LEAVE_VOLUNTARY : 0);
}

/* `next` comes; only a wait that a wakeup began goes into the histogram. Returns how long it was. */
static __always_inline __u64 come(const struct cpu_counters *here, __u32 cpu, struct slot *slot,
				  struct task_struct *next, __u64 now)
{
	struct lane_counters *cell = cell_of(cpu, slot->lane);
	__u64 waited_ns = waited_time(here, slot, next, now);

	if (!cell)
		return 0;
	if (!slot->task)
		slot_adopt(slot, next, 0, false);
	slot->queued_ns = 0;
	if (plain_clock)
		slot->arrived_ns = now;
	cell->wait_ns += waited_ns;
	task_came(slot, cpu, now, waited_ns);
	if (slot->preempted || !waited_ns) /* 0: not known */
		return waited_ns;
	if (waited_ns > cell->wait_max_ns)
		cell->wait_max_ns = waited_ns;

	__u32 bucket = wait_bucket(waited_ns);

	if (bucket < N_WAIT_BUCKETS) /* always, but no verifier knows */
		cell->wait_log2[bucket]++;
	return waited_ns;
}

static __always_inline void emit_switch(struct cpu_counters *here, __u32 cpu, __u64 now, __u8 state,
					__u32 prev, __u32 next, __u64 ran_ns, __u64 waited_ns)
{
	__u32 seq;
	struct event *event = emit_reserve_alone(here, cpu, &seq);

	if (!event)
		return;
	event->time_ns = now;
	event->kind = EVENT_SWITCH;
	event->state = state;
	event->cpu = cpu;
	event->task = prev;
	event->to.next = next;
	event->to.ran_ns = saturated(ran_ns);
	event->to.waited_ns = saturated(waited_ns);
	emit_publish(event, seq);
}

static __always_inline void emit_first_name(__u32 cpu, struct slot *slot, struct task_struct *task)
{
	char comm[TASK_NAME_LEN];

	if (slot->named == control.listening)
		return;
	slot->named = control.listening;
	bpf_core_read(comm, sizeof(comm), &task->comm);
	emit_name(cpu, bpf_ktime_get_ns(), task_word(slot->pid, slot->lane), comm);
}

/* One of the two is in a lane, or both. */
static __always_inline void on_lane_switch(struct cpu_counters *here, __u32 cpu, __u32 state,
					   struct task_struct *prev, struct task_struct *next,
					   struct slot *left, struct slot *came)
{
	__u64 now = switch_time(here, state, prev, next), ran_ns = 0, waited_ns = 0;
	__u8 left_as = leave_state(state) | (state ? LEAVE_VOLUNTARY : 0);
	__u32 prev_word = task_word(prev->pid, left ? left->lane : 0);
	__u32 next_word = task_word(next->pid, came ? came->lane : 0);

	if (left)
		left_as = leave(here, cpu, left, prev, state, now, &ran_ns);
	else
		count_stranger(here, prev->pid);
	if (came)
		waited_ns = come(here, cpu, came, next, now);
	here->running = next_word;
	here->arrived_ns = now;

	if (hooks_are_skipped && left && state & STATE_DEAD && !left->audited) {
		step_forget(prev->pid);
		slot_audit(left, prev, cpu, now);
	}
	if (control.listening) {
		if (left)
			emit_first_name(cpu, left, prev);
		if (came)
			emit_first_name(cpu, came, next);
		if (left && state && !(state & STATE_DEAD))
			left_as |= call_of(prev) << LEAVE_CALL_SHIFT;
		emit_switch(here, cpu, now, left_as, prev_word, next_word, ran_ns, waited_ns);
	}
	if (left && state & STATE_DEAD)
		slot_free(slot_number(left->pid));
}

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_counters *here = bpf_map_lookup_elem(&cpus, &cpu);
	__u64 before = 0, start = 0;

	if (!here)
		return 0;

	/* Not always the same one of two tasks that take turns: the phase moves on by one. */
	__u64 n = here->n_switches++;
	bool timed = (n + n / COST_PERIOD) % COST_PERIOD == 0;

	/* What reading the clock costs is measured beside the hook, and taken off. */
	if (timed) {
		before = bpf_ktime_get_ns();
		start = bpf_ktime_get_ns();
	}

	struct slot *left = slot_of(prev), *came = slot_of(next);

	if (!left) {
		barrier_var(came); /* else clang ors the two pointers, which no verifier allows */
		if (!came) {
			here->running = 0;
			count_stranger(here, prev->pid);
			return 0;
		}
	}
	on_lane_switch(here, cpu, leaving_state(ctx, prev), prev, next, left, came);
	if (timed) {
		__u64 took = bpf_ktime_get_ns() - start, clock = start - before;

		here->cost_ns += took > clock ? took - clock : 0;
		here->cost_n++;
	}
	return 0;
}

static __always_inline int on_wakeup(struct task_struct *task, __u32 is_new)
{
	struct slot *slot = slot_of(task);
	struct lane_counters *cell;
	struct cpu_counters *here;
	__u32 cpu = bpf_get_smp_processor_id();

	if (!slot)
		return 0;
	cell = cell_of(cpu, slot->lane);
	if (cell)
		COUNT_ATOMIC(cell->wakeups);
	__u64 now = bpf_ktime_get_ns(); /* the only clock that two CPUs share */
	__u32 waker = bpf_get_current_pid_tgid();

	slot->queued_ns = now;
	task_woken(slot, now, waker);
	here = bpf_map_lookup_elem(&cpus, &cpu);
	if (here)
		here->waking_ns = now;
	if (control.listening) {
		emit_first_name(cpu, slot, task);
		emit_words_at(now, EVENT_WAKING, task_word(waker, lane_of_pid(waker)),
			      task_word(slot->pid, slot->lane), task_cpu(task), is_new);
	}
	return 0;
}

/* sched_waking and not sched_wakeup: it runs where the waker is. */
SEC("tp_btf/sched_waking")
int on_waking(__u64 *ctx)
{
	return on_wakeup((void *)ctx[0], 0);
}

/* What swtch itself makes is its own, until the keeper puts it into a lane. */
static __always_inline void inherit_own(__u32 pid, __u32 parent)
{
	struct pid_entry *from = bpf_map_lookup_elem(&slot_of_pid, &parent);
	struct pid_entry *to = bpf_map_lookup_elem(&slot_of_pid, &pid);

	if (from && to)
		to->own = from->own;
}

/*
 * `task` was made by one of a lane, but has no slot: there was no room for it, or task_newtask was missed,
 * whose flags of clone are then not known but for these.
 */
static __always_inline void take_late(struct task_struct *task, __u32 parent,
				      const struct slot *from, bool is_thread,
				      struct lane_counters *cell)
{
	__u32 pid = task->pid;

	slot_free(slot_number(pid));
	if (!slot_make(task, parent, from))
		COUNT_ATOMIC(cell->untracked);
	else if (control.listening)
		emit_words(EVENT_CLONE, task_word(parent, from->lane), task_word(pid, from->lane),
			   is_thread ? CLONE_OF_THREAD : 0, 0);
}

/* Runs in the parent as well, behind task_newtask, and is not missed: see birth.bpf.h. */
SEC("tp_btf/sched_wakeup_new")
int on_wakeup_new(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 parent = ids;
	struct slot *from = slot_of_number(slot_number(parent));
	bool is_thread = (__u32)task->tgid == ids >> 32;
	struct lane_counters *cell;

	inherit_own(task->pid, from ? 0 : parent);
	if (!from || !from->lane)
		return on_wakeup(task, 1);
	cell = cell_of(bpf_get_smp_processor_id(), from->lane);
	if (!cell)
		return 0;
	if (is_thread)
		COUNT_ATOMIC(cell->threads);
	else
		COUNT_ATOMIC(cell->processes);
	if (!slot_of(task))
		take_late(task, parent, from, is_thread, cell);
	return on_wakeup(task, 1);
}

SEC("tp_btf/sched_migrate_task")
int on_migrate(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct slot *slot = slot_of(task);
	__u32 cpu = bpf_get_smp_processor_id();
	struct lane_counters *cell;

	if (!slot)
		return 0;
	cell = cell_of(cpu, slot->lane);
	if (cell)
		COUNT_ATOMIC(cell->migrations);
	task_moved(slot);
	if (control.listening) {
		emit_first_name(cpu, slot, task);
		emit_words(EVENT_MIGRATE, task_word(slot->pid, slot->lane), task_cpu(task), ctx[1],
			   0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
