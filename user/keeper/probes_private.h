/* SPDX-License-Identifier: GPL-2.0-only */
/* probes_private.h - what probes.c loads and probes_tasks.c puts tasks into; of others only tests include it. */
#ifndef SWTCH_PROBES_PRIVATE_H
#define SWTCH_PROBES_PRIVATE_H

#include "keeper/probes.h"

struct ring_buffer;

struct probes {
	struct swtch *skel;	       /* of probes.c alone */
	struct slot *slots;	       /* mapped, n_slots */
	struct task_figures *figures;  /* likewise; others may write it: never believed */
	struct pid_entry *slot_of_pid; /* mapped, n_pids */
	struct lane_counters *cells;
	int free_slots_fd;     /* numbers of slots that were given back */
	uint32_t *fresh_slots; /* the first number that was never given out */
	uint32_t n_slots, n_pids, n_cpus, n_lanes;
	bool finds_asyncio, finds_send;
	struct interpreter *interpreters; /* mapped; NULL: they are not to be found */
	int links[5 * N_INTERPRETERS];	  /* descriptors */
	unsigned n_links;
	struct ring_buffer *execs;
	pid_t executed; /* by whom, of the record that was read last */
};

#endif
