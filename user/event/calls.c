// SPDX-License-Identifier: GPL-2.0-only
/* calls.c - the words for each kind of system call. */
#include "event/calls.h"

#include <stddef.h>

const char *call_name(unsigned kind)
{
	static const char *const names[N_LEAVE_CALLS] = {
		[CALL_LOCK] = "lock",	[CALL_POLL] = "poll",	[CALL_IO] = "io",
		[CALL_TIMER] = "timer", [CALL_CHILD] = "child", [CALL_OTHER] = "other",
		[CALL_NONE] = "none",
	};

	return kind < N_LEAVE_CALLS ? names[kind] : NULL;
}

const char *call_says(unsigned kind)
{
	static const char *const says[N_LEAVE_CALLS] = {
		[CALL_LOCK] = "a lock",	  [CALL_POLL] = "events",   [CALL_IO] = "I/O",
		[CALL_TIMER] = "a timer", [CALL_CHILD] = "a child", [CALL_OTHER] = "another call",
		[CALL_NONE] = "memory",
	};

	return kind < N_LEAVE_CALLS ? says[kind] : NULL;
}
