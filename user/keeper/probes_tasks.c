// SPDX-License-Identifier: GPL-2.0-only
/* probes_tasks.c - tasks in and out of slots, and which there are. */
#include <stddef.h>
#include <string.h>

#include <errno.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/proc.h"
#include "keeper/probes_private.h"

/* A free slot of the keeper's own, else one of those that hooks hand out, or 0. */
static uint32_t free_slot(const struct probes *probes)
{
	uint32_t *fresh = probes->fresh_slots, number = 0;

	for (uint32_t i = 1; i < N_KEEPER_SLOTS && i < probes->n_slots; i++)
		if (!__atomic_load_n(&probes->slots[i].lane, __ATOMIC_ACQUIRE))
			return i;
	if (!bpf_map_lookup_and_delete_elem(probes->free_slots_fd, NULL, &number))
		return number;
	if (__atomic_load_n(fresh, __ATOMIC_RELAXED) >= probes->n_slots)
		return 0;
	number = __atomic_fetch_add(fresh, 1, __ATOMIC_RELAXED); /* as slot_allocate() does */
	return number < probes->n_slots ? number : 0;
}

bool probes_can_call(const struct probes *probes)
{
	uint32_t number = 0;

	return !bpf_map_lookup_elem(probes->free_slots_fd, NULL, &number) || errno == ENOENT;
}

/* As the hook of clone does: from 0 on. */
static void begin_figures(struct probes *probes, const struct slot *slot)
{
	struct task_figures *figures = &probes->figures[slot->number];

	*figures = (struct task_figures){ .pid = slot->pid,
					  .tgid = slot->tgid,
					  .start_ns = clock_now_ns() };
	proc_name((pid_t)slot->pid, figures->name, sizeof(figures->name));
	__atomic_store_n(&figures->lane, slot->lane, __ATOMIC_RELEASE);
}

int probes_adopt(struct probes *probes, pid_t pid, pid_t tgid, uint32_t lane)
{
	uint32_t number;

	if (pid <= 0 || (uint32_t)pid >= probes->n_pids || !lane || lane >= probes->n_lanes)
		return -EINVAL;
	number = free_slot(probes);
	if (!number)
		return -ENOSPC;
	probes->slots[number] = (struct slot){
		.pid = (uint32_t)pid, .tgid = (uint32_t)tgid, .lane = lane, .number = number
	};
	begin_figures(probes, &probes->slots[number]);
	__atomic_store_n(&probes->slot_of_pid[pid].slot, number, __ATOMIC_RELEASE);
	return 0;
}

static uint8_t doing_of(char state)
{
	static const struct {
		char letter;
		uint8_t doing;
	} doings[] = {
		{ 'S', 1 + LEAVE_SLEEPING }, { 'I', 1 + LEAVE_IDLE },	{ 'D', 1 + LEAVE_BLOCKED },
		{ 'T', 1 + LEAVE_STOPPED },  { 't', 1 + LEAVE_TRACED }, { 'P', 1 + LEAVE_PARKED },
	};

	for (unsigned i = 0; i < sizeof(doings) / sizeof(*doings); i++)
		if (doings[i].letter == state)
			return doings[i].doing;
	return DOING_UNKNOWN; /* R: it runs, or waits for a CPU */
}

/* The hooks write at the same time, and what they write holds: so neither word is taken from them. */
void probes_found(struct probes *probes, pid_t pid, char state, unsigned cpu)
{
	struct {
		uint16_t cpu;
		uint8_t doing, unused;
		uint32_t lane;
	} before = { 0 }, found = { 0 };
	uint64_t never = 0, *since_ns, *word, old, new;
	uint32_t number;

	_Static_assert(offsetof(struct task_figures, lane) ==
				       offsetof(struct task_figures, cpu) + 4 &&
			       offsetof(struct task_figures, cpu) % 8 == 0,
		       "one word");
	number = __atomic_load_n(&probes->slot_of_pid[pid].slot, __ATOMIC_ACQUIRE);
	found.doing = doing_of(state);
	if (!number || number >= probes->n_slots || !found.doing || cpu >= probes->n_cpus)
		return;
	before.lane = found.lane = probes->slots[number].lane;
	found.cpu = (uint16_t)cpu;
	memcpy(&old, &before, sizeof(old));
	memcpy(&new, &found, sizeof(new));
	word = (void *)&probes->figures[number].cpu;
	since_ns = &probes->figures[number].since_ns;
	if (__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		__atomic_compare_exchange_n(since_ns, &never, clock_now_ns(), false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/*
 * A hook may be at work with the slot right now, so it is not given to another task: what is lost is one
 * slot for each task that leaves a cgroup alive.
 */
void probes_release(struct probes *probes, pid_t pid)
{
	uint32_t number;

	if (pid <= 0 || (uint32_t)pid >= probes->n_pids)
		return;
	number = __atomic_exchange_n(&probes->slot_of_pid[pid].slot, 0, __ATOMIC_ACQ_REL);
	if (!number)
		return;
	__atomic_store_n(&probes->slots[number].pid, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&probes->figures[number].lane, 0, __ATOMIC_RELEASE);
}

void probes_own(struct probes *probes, pid_t pid)
{
	if (pid > 0 && (uint32_t)pid < probes->n_pids)
		__atomic_store_n(&probes->slot_of_pid[pid].own, 1, __ATOMIC_RELEASE);
}

void probes_forget(struct probes *probes, pid_t pid)
{
	uint32_t number = __atomic_exchange_n(&probes->slot_of_pid[pid].slot, 0, __ATOMIC_ACQ_REL);

	if (!number)
		return;
	__atomic_store_n(&probes->slots[number].lane, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&probes->figures[number].lane, 0, __ATOMIC_RELEASE);
	if (number >= N_KEEPER_SLOTS)
		bpf_map_update_elem(probes->free_slots_fd, NULL, &number, BPF_ANY);
}

bool probes_watch(const struct probes *probes, pid_t pid)
{
	return pid > 0 && (uint32_t)pid < probes->n_pids &&
	       __atomic_load_n(&probes->slot_of_pid[pid].slot, __ATOMIC_ACQUIRE);
}

uint32_t probes_slot(const struct probes *probes, pid_t pid, uint32_t lane)
{
	uint32_t number;

	if (pid <= 0 || (uint32_t)pid >= probes->n_pids || !lane)
		return 0;
	number = __atomic_load_n(&probes->slot_of_pid[pid].slot, __ATOMIC_ACQUIRE);
	return number < probes->n_slots && probes->slots[number].lane == lane ? number : 0;
}

void probes_clear_lane(struct probes *probes, uint32_t lane)
{
	for (uint32_t cpu = 0; cpu < probes->n_cpus; cpu++)
		memset(&probes->cells[cpu * probes->n_lanes + lane], 0, sizeof(*probes->cells));
}

unsigned probes_tasks(struct probes *probes, uint32_t lane,
		      void (*fn)(void *ctx, pid_t pid, pid_t tgid), void *ctx)
{
	uint32_t end = __atomic_load_n(probes->fresh_slots, __ATOMIC_RELAXED);
	unsigned n = 0;

	for (uint32_t i = 1; i < end && i < probes->n_slots; i++) {
		const volatile struct slot *slot = &probes->slots[i];

		/* Entered under its pid, or it is on its way out: whoever kills by pid relies on it. */
		if (slot->lane != lane || slot->pid >= probes->n_pids ||
		    probes->slot_of_pid[slot->pid].slot != i)
			continue;
		n++;
		if (fn)
			fn(ctx, (pid_t)slot->pid, (pid_t)slot->tgid);
	}
	return n;
}
