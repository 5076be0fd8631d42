/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rings.h - the records that the hooks write, taken out: each CPU's in their order.
 *
 * Two kinds, by what the kernel has: a ring for each CPU in an array that the hooks fill themselves
 * (the oldest is overwritten unread), or the kernel's own ring buffer, one for all CPUs (the newest
 * finds no room). Either way each lost record is told, with CPU, number and time, by an EVENT_LOST
 * where it is missing. Nothing here costs a system call. One thread.
 */
#ifndef SWTCH_RINGS_H
#define SWTCH_RINGS_H

#include "source/live.h"

/* `cpu` is whose ring it was in, for names do not say. */
typedef void (*rings_fn)(unsigned cpu, const struct event *event, void *ctx);

struct rings {
	/* Take what was written since the last time, as far as it is still there. */
	void (*drain)(struct rings *rings, rings_fn fn, void *ctx);
	/*
	 * A record that was reserved and not yet written hides those behind it: they may be as old as
	 * this, in ns. UINT64_MAX: none does.
	 */
	uint64_t (*stuck_ns)(const struct rings *rings);
	void (*free)(struct rings *rings);
	uint64_t n_bytes; /* taken out so far */
	uint64_t wish_ns; /* the next drain had better come so soon; 0: whenever */
};

/*
 * Those of `maps`, from now on. `cpus` are its counters, mapped for as long as the rings are.
 * NULL with errno.
 */
struct rings *rings_new(const struct live_maps *maps, const struct cpu_counters *cpus);

/* The two kinds: see rings_new(). */
struct rings *rings_new_mapped(const struct live_maps *maps, const struct cpu_counters *cpus);
struct rings *rings_new_plain(const struct live_maps *maps, const struct cpu_counters *cpus);

#endif
