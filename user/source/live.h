/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * live.h - the kernel as a source: rings and counters that the hooks write, marks and figures that
 * the lab writes, /proc/stat for what nobody asked for. No call here needs a privilege.
 */
#ifndef SWTCH_LIVE_H
#define SWTCH_LIVE_H

#include <sys/types.h>

#include "base/error.h"
#include "event/area.h"
#include "source/source.h"

/* What is mapped, and how large it is. The descriptors stay the caller's. */
struct live_maps {
	int cells_fd, cpus_fd, rings_fd, taken_fd, control_fd, figures_fd, ended_fd;
	/* See struct probes_facts: */
	unsigned n_cpus, n_lanes, near_size, ring_size, plain_bytes, n_slots, ended_bytes;
	pid_t keeper; /* its CPU time is part of what watching costs; 0: none */
};

/* NULL with `error` set. */
struct source *live_new(const struct live_maps *maps, struct error *error);

/* Have event records written, or not. */
void live_listen(struct source *source, bool listen);

/* Count and tell only of these CPUs (bit n of `words` for CPU n; all zero: all of them). */
void live_show_cpus(struct source *source, const uint64_t words[LAB_PIN_WORDS]);

/* What runs in a lane tells of itself in `area` (NULL: no longer). The area stays the caller's. */
void live_set_area(struct source *source, unsigned lane, const struct lab_area *area);

/* Lane `clients` asks what runs in `lane`, and measures how long it takes to answer; 0: nobody does. */
void live_set_clients(struct source *source, unsigned lane, unsigned clients);

/*
 * A program of a lane marks its coroutines in the area behind `fd`, which stays the caller's. 0 or
 * -errno: see marked_add(). To be kept within every few seconds, or it takes us for gone.
 */
int live_add_marked(struct source *source, unsigned lane, pid_t pid, int fd);
void live_tell_marked(struct source *source, bool tell); /* as events, or count them only */
void live_keep_marked(struct source *source);

/* What was read of the lane's memory. */
void live_set_memory(struct source *source, unsigned lane, const struct lane_memory *memory);

#endif
