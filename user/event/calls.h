/* SPDX-License-Identifier: GPL-2.0-only */
/* calls.h - the kinds of system calls, enum leave_call, in words: syscalls.h says which is of which. */
#ifndef SWTCH_CALLS_H
#define SWTCH_CALLS_H

#include "event.h"

/* One word of a kind, for machines: "lock"; NULL where it is not known. */
const char *call_name(unsigned kind);

/* What a task waits for then, behind "for": "a lock"; NULL where it is not known. */
const char *call_says(unsigned kind);

#endif
