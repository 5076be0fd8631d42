// SPDX-License-Identifier: GPL-2.0-only
/* tally.c - what sched.bpf.c and life.bpf.c count, from what they tell. */
#include "state/tally.h"

#include <sched.h>
#include <stdlib.h>

/* Who runs on a CPU, as far as its switches say. */
struct seen_cpu {
	uint32_t pid;
	bool known;
	uint64_t since_ns; /* of `pid`, and up to when its time was given to idle or busy */
	uint64_t came_ns;
};

struct tally {
	struct counts counts;
	struct seen_cpu *cpus;
	uint64_t *preempted; /* a bit for each pid: it left its CPU against its will */
};

#define N_WORDS ((1u << TASK_PID_BITS) / 64)

struct tally *tally_new(unsigned n_cpus, unsigned n_lanes)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;
	tally->cpus = calloc(n_cpus, sizeof(*tally->cpus));
	tally->preempted = calloc(N_WORDS, sizeof(*tally->preempted));
	if (counts_init(&tally->counts, n_cpus, n_lanes) || !tally->cpus || !tally->preempted) {
		tally_free(tally);
		return NULL;
	}
	tally->counts.self.cpu_ns = COUNT_UNKNOWN;
	return tally;
}

void tally_free(struct tally *tally)
{
	if (!tally)
		return;
	counts_fini(&tally->counts);
	free(tally->cpus);
	free(tally->preempted);
	free(tally);
}

/* NULL for lane 0, whose tasks are counted by CPU alone, and for what is out of range. */
static struct lane_counters *cell_of(const struct tally *tally, unsigned cpu, uint32_t word)
{
	uint32_t lane = task_lane(word);

	if (!lane || lane >= tally->counts.n_lanes || cpu >= tally->counts.n_cpus)
		return NULL;
	return counts_cell(&tally->counts, cpu, lane);
}

static void set_preempted(struct tally *tally, uint32_t word, bool preempted)
{
	uint64_t bit = 1ull << (task_pid(word) % 64);
	uint64_t *bits = &tally->preempted[task_pid(word) / 64];

	*bits = preempted ? *bits | bit : *bits & ~bit;
}

static bool was_preempted(const struct tally *tally, uint32_t word)
{
	return tally->preempted[task_pid(word) / 64] >> (task_pid(word) % 64) & 1;
}

/* --- switches ---------------------------------------------------------------------------------- */

static void pass_time(struct tally *tally, unsigned cpu, uint64_t time_ns)
{
	struct seen_cpu *seen = &tally->cpus[cpu];
	struct cpu_time *time = &tally->counts.times[cpu];

	if (!seen->known || time_ns <= seen->since_ns)
		return;
	*(seen->pid ? &time->busy_ns : &time->idle_ns) += time_ns - seen->since_ns;
	seen->since_ns = time_ns;
}

/* A stretch that was too long for its field: the switches of the CPU may tell how long. */
static uint64_t run_time(const struct tally *tally, const struct event *event)
{
	const struct seen_cpu *seen = &tally->cpus[event->cpu];

	if (event->to.ran_ns == TIME_SATURATED && seen->known &&
	    seen->pid == task_pid(event->task) && event->time_ns > seen->came_ns)
		return event->time_ns - seen->came_ns;
	return event->to.ran_ns;
}

static void leave(struct tally *tally, const struct event *event)
{
	struct lane_counters *cell = cell_of(tally, event->cpu, event->task);
	bool voluntary = event->state & LEAVE_VOLUNTARY;

	set_preempted(tally, event->task, !voluntary);
	if (cell) {
		*(voluntary ? &cell->voluntary : &cell->involuntary) += 1;
		cell->run_ns += run_time(tally, event);
	} else if (task_pid(event->task)) {
		tally->counts.cpus[event->cpu].other_switches++;
	}
}

static unsigned bucket_of(uint32_t ns)
{
	return 31 - (unsigned)__builtin_clz(ns);
}

/* Only a wait that a wakeup began goes into the histogram. */
static void come(struct tally *tally, const struct event *event)
{
	struct lane_counters *cell = cell_of(tally, event->cpu, event->to.next);
	uint32_t waited_ns = event->to.waited_ns;

	if (!cell)
		return;
	cell->wait_ns += waited_ns;
	if (!waited_ns || was_preempted(tally, event->to.next))
		return;
	cell->wait_log2[bucket_of(waited_ns)]++;
	if (waited_ns > cell->wait_max_ns)
		cell->wait_max_ns = waited_ns;
}

static void apply_switch(struct tally *tally, const struct event *event)
{
	struct cpu_counters *here;

	if (event->cpu >= tally->counts.n_cpus)
		return;
	here = &tally->counts.cpus[event->cpu];
	leave(tally, event);
	come(tally, event);
	pass_time(tally, event->cpu, event->time_ns);
	tally->cpus[event->cpu] =
		(struct seen_cpu){ task_pid(event->to.next), true, event->time_ns, event->time_ns };
	here->n_switches++;
	here->running = event->to.next;
	here->arrived_ns = event->time_ns;
	tally->counts.online[event->cpu] = true;
}

/* --- lives --------------------------------------------------------------------------------------- */

static void apply_clone(struct tally *tally, const struct event *event)
{
	struct lane_counters *cell = cell_of(tally, event->cpu, event->task);

	set_preempted(tally, event->made.child, false);
	if (cell)
		*(event->made.flags_low & CLONE_THREAD ? &cell->threads : &cell->processes) += 1;
}

static void apply_exit(struct tally *tally, const struct event *event)
{
	struct lane_counters *cell = cell_of(tally, event->cpu, event->task);

	if (!cell)
		return;
	cell->exited++;
	if (!event->end.seen && !event->end.moved)
		return;
	cell->audited++;
	cell->exact += event->end.seen == event->end.moved;
}

static void apply_lost(struct tally *tally, const struct event *event)
{
	tally->counts.self.lost_events += event->lost.n ? event->lost.n : 1; /* one at least */
	if (event->cpu < tally->counts.n_cpus)
		tally->cpus[event->cpu].known = false;
}

void tally_apply(struct tally *tally, const struct event *event)
{
	struct lane_counters *cell;

	tally->counts.self.n_events += event->kind != EVENT_LOST && !event_is_mark(event->kind);
	switch (event->kind) {
	case EVENT_SWITCH:
		apply_switch(tally, event);
		break;
	case EVENT_WAKING:
		cell = cell_of(tally, event->cpu, event->wake.wakee);
		if (cell)
			cell->wakeups++;
		break;
	case EVENT_MIGRATE:
		cell = cell_of(tally, event->cpu, event->task);
		if (cell)
			cell->migrations++;
		break;
	case EVENT_CLONE:
		apply_clone(tally, event);
		break;
	case EVENT_EXIT:
		apply_exit(tally, event);
		break;
	case EVENT_LOST:
		apply_lost(tally, event);
		break;
	default:
		break;
	}
}

const struct counts *tally_counts(struct tally *tally, uint64_t time_ns)
{
	tally->counts.time_ns = time_ns;
	for (unsigned cpu = 0; cpu < tally->counts.n_cpus; cpu++)
		pass_time(tally, cpu, time_ns);
	return &tally->counts;
}
