// SPDX-License-Identifier: GPL-2.0-only
/* proc.c - lines of a task's status, stat and comm. */
#include "base/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

pid_t proc_process(pid_t tid)
{
	char path[64], line[256];
	pid_t pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	fclose(file);
	return pid;
}

/* Between the clocks: the time that the machine was suspended for. */
static uint64_t suspended_ns(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (uint64_t)boot.tv_sec * NS_PER_S + (uint64_t)boot.tv_nsec - clock_now_ns();
}

uint64_t proc_started_ns(pid_t tid)
{
	char path[64], line[512] = "", state;
	unsigned long long ticks;
	const char *behind;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	behind =
		strrchr(line, ')'); /* the name may hold anything; state is field 3, the start 22 */
	if (!behind || sscanf(behind,
			      ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
			      "%*d %*d %*d %llu",
			      &state, &ticks) != 2)
		return 0;
	if (state == 'Z' || state == 'X')
		return 0;
	return ticks * PROC_TICK_NS - suspended_ns();
}

void proc_name(pid_t tid, char *name, size_t size)
{
	char path[64];
	ssize_t length = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, name, size - 1);
		close(fd);
	}
	if (length > 0 && name[length - 1] == '\n')
		length--;
	name[length > 0 ? length : 0] = '\0';
}
