/* SPDX-License-Identifier: GPL-2.0-only */
/* inspect.h - what /proc tells of one watched task at this instant. Part of the keeper: CAP_SYS_PTRACE. */
#ifndef SWTCH_KEEPER_INSPECT_H
#define SWTCH_KEEPER_INSPECT_H

#include "keeper/probes.h"

struct inspection {
	int32_t syscall;   /* that it is blocked in, or an enum of event/syscalls.h */
	int32_t inner_pid; /* its pid as the innermost namespace has it; 0: not known */
};

/*
 * Of the task `pid`, if it is watched in that lane before and after it was looked at. 0 or -ESRCH.
 */
int inspect(const struct probes *probes, uint32_t lane, pid_t pid, struct inspection *found);

#endif
