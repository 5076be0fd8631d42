// SPDX-License-Identifier: GPL-2.0-only
/* report_runtime.c - which runtimes told of a lane's coroutines. */
#include "sink/report.h"

const char *report_runtime(const struct lane_state *lane)
{
	enum { ASYNCIO = 1, SEND = 2, MARKS = 4 };
	static const char *const names[] = {
		NULL,	 "asyncio",	  "send",	"asyncio,send",
		"marks", "asyncio,marks", "send,marks", "asyncio,send,marks",
	};
	uint64_t steps = lane->total.steps, sent = lane->total.sent;
	uint64_t switches = lane->work.user_switches;
	unsigned told = 0;

	if (*lane->label.unit || switches == COUNT_UNKNOWN)
		return NULL;
	told |= steps > sent ? ASYNCIO : 0;
	told |= sent ? SEND : 0;
	told |= switches > steps || !steps ? MARKS : 0; /* which the hooks do not count */
	return names[told];
}
