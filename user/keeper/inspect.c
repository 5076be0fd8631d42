// SPDX-License-Identifier: GPL-2.0-only
/* inspect.c - /proc/TID/syscall and NSpid of /proc/TID/status. */
#include "keeper/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/syscalls.h"

#define N_LOOKS 4 /* of a few microseconds */

static FILE *open_of(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/*
 * "NUMBER ARG... SP PC", "-1 SP PC" outside of calls, or "running" (proc_pid_syscall(), fs/proc/base.c).
 * It does not say of which ABI the number is. A 32-bit program's stack lies below 4 GiB, so what has its
 * stack there gets no name; threads of the kernel have none, and their number is a 0 that means nothing.
 */
static int32_t syscall_of_line(const char *line)
{
	unsigned long stack = 0;
	long number;

	if (sscanf(line, "%ld %*x %*x %*x %*x %*x %*x %lx", &number, &stack) != 2 &&
	    sscanf(line, "%ld %lx", &number, &stack) != 2)
		return strncmp(line, "running", 7) ? SYSCALL_UNKNOWN : SYSCALL_RUNNING;
	if (!stack)
		return SYSCALL_UNKNOWN;
	if (number < 0)
		return SYSCALL_NONE;
	if (sizeof(stack) > 4 && stack <= UINT32_MAX)
		return SYSCALL_OTHER_ABI;
	return number < INT32_MAX ? (int32_t)number : SYSCALL_UNKNOWN;
}

/* One that is woken while it is looked at counts as running: who sleeps for microseconds may be met yet. */
static int32_t read_syscall(pid_t pid)
{
	FILE *file = open_of(pid, "syscall");
	int32_t number = SYSCALL_RUNNING;
	char line[256];

	if (!file)
		return SYSCALL_UNKNOWN;
	for (unsigned i = 0; i < N_LOOKS && number == SYSCALL_RUNNING; i++) {
		rewind(file);
		number = fgets(line, sizeof(line), file) ? syscall_of_line(line) : SYSCALL_UNKNOWN;
	}
	fclose(file);
	return number;
}

/* From the namespace of who reads to the innermost one: pid_namespaces(7). */
static int32_t read_inner_pid(pid_t pid)
{
	FILE *file = open_of(pid, "status");
	char line[512], *last;
	long inner = 0;

	if (!file)
		return 0;
	while (!inner && fgets(line, sizeof(line), file))
		if (!strncmp(line, "NSpid:", 6) && (last = strrchr(line, '\t')))
			inner = strtol(last, NULL, 10);
	fclose(file);
	return inner > 0 && inner <= INT32_MAX ? (int32_t)inner : 0;
}

int inspect(const struct probes *probes, uint32_t lane, pid_t pid, struct inspection *found)
{
	uint32_t slot = probes_slot(probes, pid, lane);

	if (!slot)
		return -ESRCH;
	found->syscall = read_syscall(pid);
	found->inner_pid = read_inner_pid(pid);
	return probes_slot(probes, pid, lane) == slot
		       ? 0
		       : -ESRCH; /* else of whoever has that pid now */
}
