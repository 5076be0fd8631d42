/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_time.h - clocks for which others that run meanwhile do not count. */
#ifndef SWTCH_CPU_TIME_H
#define SWTCH_CPU_TIME_H

#include <errno.h>

#include "base/clock.h"

/* What a clock says, in ns; 0 with errno. */
static inline uint64_t cpu_time_by(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return 0;
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* CPU time of the calling thread, in ns. */
static inline uint64_t cpu_time_ns(void)
{
	return cpu_time_by(CLOCK_THREAD_CPUTIME_ID);
}

/* CPU time of a whole process, in ns; 0 with errno when it is gone. */
static inline uint64_t cpu_time_of(pid_t pid)
{
	clockid_t clock;

	errno = clock_getcpuclockid(pid, &clock);
	return errno ? 0 : cpu_time_by(clock);
}

#endif
