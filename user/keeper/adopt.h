/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * adopt.h - tasks that run already are put into a lane: those of processes, of a cgroup, all.
 *
 * What an adopted task clones follows in the kernel (life.bpf.c). So once a pass over /proc has found
 * nothing new, none can come that is not in the lane.
 */
#ifndef SWTCH_ADOPT_H
#define SWTCH_ADOPT_H

#include "keeper/probes.h"
#include "keeper/target.h"

struct adoption {
	unsigned n_new;	      /* tasks that were put into the lane, */
	unsigned n_untracked; /* and for which there was no room */
};

/*
 * Put into `lane` what the target has now and that is in no lane. A cgroup's tasks that have left it
 * leave the lane; may be called again and again for that. A process that is gone is no error. 0, or
 * -errno with `error` set: -ESRCH when there is none of the processes, -ENOENT no such cgroup.
 */
int adopt(struct probes *probes, const struct target *target, uint32_t lane,
	  struct adoption *adoption, struct error *error);

#endif
