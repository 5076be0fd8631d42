/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup.h - what the control groups that this process is in leave it. Any thread may call. */
#ifndef SWTCH_LAB_CGROUP_H
#define SWTCH_LAB_CGROUP_H

#include <stdint.h>

/*
 * The limit on processes and threads that leaves the fewest, of this process's group and those
 * above it: pids.max and pids.current there. Both are UINT64_MAX and 0 where no group limits them,
 * or groups are mounted elsewhere than below /sys/fs/cgroup.
 */
void cgroup_tasks(uint64_t *max, uint64_t *taken);

/* The lowest limit on the memory of this process's group and those above it, in bytes; UINT64_MAX as above. */
uint64_t cgroup_memory(void);

#endif
