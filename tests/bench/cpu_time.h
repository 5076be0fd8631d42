/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_time.h - a clock for what never waits: others that run meanwhile do not count. */
#ifndef SWTCH_CPU_TIME_H
#define SWTCH_CPU_TIME_H

#include "base/clock.h"

/* CPU time of the calling thread, in ns. */
static inline uint64_t cpu_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif
