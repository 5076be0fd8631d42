/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.bpf.h - what time it is in sched_switch, how long who left ran, how long who comes waited.
 */
#ifndef SWTCH_CLOCK_BPF_H
#define SWTCH_CLOCK_BPF_H

#include "lanes.bpf.h"

/*
 * The run queue's clock is always a little old when the hook reads it, so what CLOCK_MONOTONIC is
 * ahead of it is never too small: a smaller sample counts at once, and the least of OFFSET_SAMPLES
 * when all are larger. Where these do not come within OFFSET_WINDOW_NS the clocks may have drifted
 * meanwhile: it is not valid until they do.
 */
static __always_inline void sample_offset(struct cpu_counters *here, __u64 clock, __u64 now)
{
	__u64 offset = now - clock;

	here->sampled_ns = now;
	if (now - here->window_ns > OFFSET_WINDOW_NS) {
		here->n_samples = 0;
		here->offset_is_valid = 0;
	}
	if (!here->n_samples)
		here->window_ns = now;
	if (!here->n_samples || (__s64)(offset - here->least_ns) < 0)
		here->least_ns = offset;
	if (!here->offset_ns || (__s64)(offset - here->offset_ns) < 0)
		here->offset_ns = offset;
	if (++here->n_samples < OFFSET_SAMPLES)
		return;
	here->offset_ns = here->least_ns;
	here->offset_is_valid = 1;
	here->n_samples = 0;
}

/*
 * When a wakeup makes a CPU switch at once, the scheduler saves itself the update of its clock
 * (rq_clock_skip_update(), kernel/sched/core.c): it then stands where a task was woken last, be it
 * the one that comes now or another. A task that leaves to sleep, in `state`, has it updated.
 */
static __always_inline bool clock_is_old(const struct cpu_counters *here, __u64 clock, __u32 state,
					 struct task_struct *prev, struct task_struct *next)
{
	if (clock == next->sched_info.last_queued)
		return true;
	if ((__s64)(clock + here->offset_ns - here->waking_ns) < 0)
		return true;
	return !state && (!prev->pid || (__s64)(here->waking_ns - here->arrived_ns) > 0);
}

/*
 * CLOCK_MONOTONIC now: the run queue's clock plus the offset between the two. The helper is called
 * only where that is not known.
 */
static __always_inline __u64 switch_time(struct cpu_counters *here, __u32 state,
					 struct task_struct *prev, struct task_struct *next)
{
	if (plain_clock)
		return bpf_ktime_get_ns();

	__u64 clock = run_queue_clock(next), told = clock + here->offset_ns;
	bool is_old = clock_is_old(here, clock, state, prev, next);

	if (!is_old && here->offset_is_valid && told - here->sampled_ns < OFFSET_PERIOD_NS)
		return told;

	__u64 now = bpf_ktime_get_ns();

	if (!is_old)
		sample_offset(here, clock, now);
	return now;
}

static __always_inline __u64 since(__u64 then, __u64 now)
{
	return then && then < now ? now - then : 0;
}

/*
 * How long `prev` ran: since we saw it arrive, so that a run is what lies between its two switches; or,
 * when it came unseen, since the scheduler did.
 */
static __always_inline __u64 ran_time(const struct cpu_counters *here, struct slot *slot,
				      struct task_struct *prev, __u64 now)
{
	if (plain_clock)
		return since(slot->arrived_ns, now);
	if (here->running == task_word(slot->pid, slot->lane))
		return since(here->arrived_ns, now);
	if (!prev->sched_info.last_arrival || !here->offset_ns)
		return 0;
	return since(prev->sched_info.last_arrival + here->offset_ns, now);
}

/*
 * How long `next` waited: since it was woken or lost its CPU, which we saw, or since the scheduler
 * queued it.
 */
static __always_inline __u64 waited_time(const struct cpu_counters *here, struct slot *slot,
					 struct task_struct *next, __u64 now)
{
	if (slot->queued_ns || plain_clock)
		return since(slot->queued_ns, now);
	if (!next->sched_info.last_queued || !here->offset_ns)
		return 0;
	return since(next->sched_info.last_queued + here->offset_ns, now);
}

#endif
