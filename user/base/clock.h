/* SPDX-License-Identifier: GPL-2.0-only */
/* clock.h - the one clock of the program: CLOCK_MONOTONIC in nanoseconds. Any thread may call. */
#ifndef SWTCH_CLOCK_H
#define SWTCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S  1000000000ull
#define NS_PER_MS 1000000ull
#define NS_PER_US 1000ull

/* Nanoseconds of CLOCK_MONOTONIC now. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

#endif
