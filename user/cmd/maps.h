/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - from what the keeper hands over to what a source maps: neither layer knows the other. */
#ifndef SWTCH_MAPS_H
#define SWTCH_MAPS_H

#include "keeper/probes.h"
#include "source/live.h"

/* The descriptors stay the facts'. `keeper`: the process of that name, or 0. */
static inline struct live_maps maps_of(const struct probes_facts *facts, pid_t keeper)
{
	return (struct live_maps){ .cells_fd = facts->cells_fd,
				   .cpus_fd = facts->cpus_fd,
				   .rings_fd = facts->rings_fd,
				   .taken_fd = facts->taken_fd,
				   .control_fd = facts->control_fd,
				   .figures_fd = facts->figures_fd,
				   .ended_fd = facts->ended_fd,
				   .n_slots = facts->n_slots,
				   .ended_bytes = facts->ended_bytes,
				   .n_cpus = facts->n_cpus,
				   .n_lanes = facts->n_lanes,
				   .near_size = facts->near_size,
				   .ring_size = facts->ring_size,
				   .plain_bytes = facts->plain_bytes,
				   .keeper = keeper };
}

#endif
