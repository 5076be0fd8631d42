// SPDX-License-Identifier: GPL-2.0-only
/* procstat.c - the cpuN lines of /proc/stat. */
#include "source/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_BYTES 256 /* of one cpuN line at most */

enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, N_FIELDS };

struct procstat {
	int fd;
	uint64_t tick_ns;
	size_t size;
	char text[];
};

struct procstat *procstat_open(unsigned n_cpus)
{
	size_t size = (size_t)LINE_BYTES * (n_cpus + 1);
	struct procstat *procstat = calloc(1, sizeof(*procstat) + size);

	if (!procstat)
		return NULL;
	procstat->size = size;
	procstat->tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	procstat->fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	if (procstat->fd < 0) {
		int err = errno;

		free(procstat);
		errno = err;
		return NULL;
	}
	return procstat;
}

void procstat_free(struct procstat *procstat)
{
	if (!procstat)
		return;
	close(procstat->fd);
	free(procstat);
}

/* "cpu3 1 2 3 ...": the time of one CPU. Guest time is part of user time already. */
static void read_line(const char *line, const struct procstat *procstat, struct counts *counts)
{
	uint64_t ticks[N_FIELDS] = { 0 };
	char *at;
	unsigned long cpu = strtoul(line + 3, &at, 10);

	if (at == line + 3 || cpu >= counts->n_cpus)
		return;
	for (unsigned i = 0; i < N_FIELDS; i++)
		ticks[i] = strtoull(at, &at, 10);
	counts->online[cpu] = true;
	counts->times[cpu] = (struct cpu_time){
		.idle_ns = (ticks[IDLE] + ticks[IOWAIT]) * procstat->tick_ns,
		.busy_ns = (ticks[USER] + ticks[NICE] + ticks[SYSTEM] + ticks[IRQ] +
			    ticks[SOFTIRQ] + ticks[STEAL]) *
			   procstat->tick_ns,
	};
}

int procstat_read(struct procstat *procstat, struct counts *counts)
{
	size_t length = 0;

	/* The cpu lines come first, so a buffer for all of them is enough. */
	while (length < procstat->size - 1) {
		ssize_t got = pread(procstat->fd, procstat->text + length,
				    procstat->size - 1 - length, (off_t)length);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		if (got > 0)
			length += (size_t)got;
	}
	procstat->text[length] = '\0';
	memset(counts->online, 0, counts->n_cpus * sizeof(*counts->online));
	for (const char *line = procstat->text; line && !strncmp(line, "cpu", 3);) {
		read_line(line, procstat, counts);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return 0;
}
