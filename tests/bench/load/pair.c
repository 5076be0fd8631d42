// SPDX-License-Identifier: GPL-2.0-only
/*
 * pair.c - the load that tools are attached around: pair KIND:MS... Each KIND in turn for MS
 * milliseconds on CPU 0, told in a line `pair KIND switches ns`, their CPU time: what a switch takes
 * while nobody else has the CPU. `now` tells the time instead, in seconds.
 */
#include <string.h>

#include "../pair.h"
#include "base/clock.h"

#define CPU 0

static uint64_t ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

static void run(const char *kind, pair_body body, unsigned stretch_ms)
{
	struct pair *pair = pair_start(body, CPU);
	struct rusage used[2];
	uint64_t n = 0, cpu_ns = 0;

	pair_go(pair);
	usleep(stretch_ms * 1000);
	pair_end(pair, used);
	for (unsigned i = 0; i < 2; i++) {
		n += (uint64_t)(used[i].ru_nvcsw + used[i].ru_nivcsw);
		cpu_ns += ns(used[i].ru_utime) + ns(used[i].ru_stime);
	}
	printf("pair %s %lu %lu\n", kind, n, cpu_ns);
}

static void tell_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	printf("pair now %ld.%09ld\n", now.tv_sec, now.tv_nsec);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		unsigned stretch_ms = 0;
		char kind[8] = "";

		sscanf(argv[i], "%7[a-z]:%u", kind, &stretch_ms);
		if (!strcmp(kind, "now"))
			tell_now();
		else if (!strcmp(kind, "yield"))
			run(kind, pair_yield, stretch_ms);
		else if (!strcmp(kind, "pipe"))
			run(kind, pair_pipe, stretch_ms);
		else
			return 2;
	}
	return 0;
}
