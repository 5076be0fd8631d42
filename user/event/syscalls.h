/* SPDX-License-Identifier: GPL-2.0-only */
/* syscalls.h - the system call that a task waits in: its name, and what one usually waits for there. */
#ifndef SWTCH_SYSCALLS_H
#define SWTCH_SYSCALLS_H

#include "event.h"

/* Where there is no number of a call. */
enum {
	SYSCALL_NONE = -1,	/* it is blocked, but not in a call */
	SYSCALL_RUNNING = -2,	/* it is not blocked */
	SYSCALL_OTHER_ABI = -3, /* a 32-bit program's, whose numbers are others */
	SYSCALL_UNKNOWN = -4,	/* the kernel does not say; or it is a thread of its own */
};

/* As the kernel's headers of this machine name it; NULL: it has no such number. */
const char *syscall_name(int number);

/* What a task that blocks there waits for: "for time to pass"; NULL: that is not told by the call alone. */
const char *syscall_says(int number);

/* The kind of each call of this machine's own ABI, enum leave_call, by number. */
void syscall_kinds(uint8_t kinds[N_CALLS]);

#endif
