// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock.c - preloaded into swtch (LD_PRELOAD): the clock of the day is set back by an hour at each look,
 * as if somebody did so all the time. Other clocks are as they are.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>

#define STEP_S 3600

static atomic_long n_looks;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int err;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	err = real(clock, now);
	if (!err && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec -= STEP_S * atomic_fetch_add(&n_looks, 1);
	return err;
}

time_t time(time_t *seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (seconds)
		*seconds = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict day, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	day->tv_sec = now.tv_sec;
	day->tv_usec = now.tv_nsec / 1000;
	return 0;
}
