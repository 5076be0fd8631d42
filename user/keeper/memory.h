/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.h - what a process occupies, as /proc has it. */
#ifndef SWTCH_MEMORY_H
#define SWTCH_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Add a process's proportional set size (smaps_rollup) and its page tables (VmPTE), in bytes.
 * Needs the process's user or CAP_SYS_PTRACE. 0, or -errno when it cannot be read (it may be gone).
 */
int memory_add(pid_t pid, uint64_t *pss_bytes, uint64_t *table_bytes);

#endif
