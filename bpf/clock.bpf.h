/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.bpf.h - what time it is in sched_switch, how long who left ran, how long who comes waited.
 */
#ifndef SWTCH_CLOCK_BPF_H
#define SWTCH_CLOCK_BPF_H

#include "lanes.bpf.h"

/*
 * CLOCK_MONOTONIC now, without calling for it: the run queue's clock plus the offset between the
 * two. When a wakeup makes a CPU switch at once, the scheduler saves itself the update of its clock
 * (rq_clock_skip_update(), kernel/sched/core.c): it then stands where the task was queued, and only
 * the helper knows better.
 */
static __always_inline __u64 switch_time(const struct cpu_counters *here, struct task_struct *next)
{
	if (plain_clock || !here->offset_ns)
		return bpf_ktime_get_ns();

	__u64 clock = run_queue_clock(next);

	if (clock == next->sched_info.last_queued)
		return bpf_ktime_get_ns();
	return clock + here->offset_ns;
}

/*
 * The run queue's clock is always a little old, so a sample of the offset is never too small: take
 * a smaller one at once, follow a larger one slowly, and no faster than clocks drift (2^-13 is 122
 * in a million): one that is much too large, after an interrupt say, shall not count for long.
 */
static __always_inline void sample_offset(struct cpu_counters *here, struct task_struct *next)
{
	if (plain_clock)
		return;

	__u64 clock = run_queue_clock(next), now = bpf_ktime_get_ns(), offset = now - clock;
	__u64 slowly = (offset - here->offset_ns) >> 4, drift = (now - here->sampled_ns) >> 13;

	here->sampled_ns = now;
	if (clock == next->sched_info.last_queued && here->offset_ns)
		return; /* not updated: very old */
	if (!here->offset_ns || (__s64)(offset - here->offset_ns) < 0)
		here->offset_ns = offset;
	else
		here->offset_ns += slowly < drift ? slowly : drift;
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
	if (!prev->sched_info.last_arrival)
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
	if (!next->sched_info.last_queued)
		return 0;
	return since(next->sched_info.last_queued + here->offset_ns, now);
}

#endif
