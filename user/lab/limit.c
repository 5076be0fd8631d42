// SPDX-License-Identifier: GPL-2.0-only
/* limit.c - which limit of the system stands behind an error, and how to raise it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab/executor.h"

#define NO_RESOURCE -1

static const struct limit {
	int err;
	const char *name;
	int resource;	  /* getrlimit(2), or NO_RESOURCE */
	const char *file; /* where the kernel tells the value, if no resource does */
	const char *raise;
} limits[] = {
	{ EAGAIN, "RLIMIT_NPROC", RLIMIT_NPROC, NULL, "ulimit -u or the cgroup's pids.max" },
	{ EAGAIN, "kernel.pid_max", NO_RESOURCE, "/proc/sys/kernel/pid_max",
	  "sysctl kernel.pid_max or the cgroup's pids.max" },
	{ EAGAIN, "kernel.threads-max", NO_RESOURCE, "/proc/sys/kernel/threads-max",
	  "sysctl kernel.threads-max or the cgroup's pids.max" },
	{ EMFILE, "RLIMIT_NOFILE", RLIMIT_NOFILE, NULL, "ulimit -n" },
	{ ENFILE, "fs.file-max", NO_RESOURCE, "/proc/sys/fs/file-max", "sysctl fs.file-max" },
	{ ENOMEM, "vm.max_map_count", NO_RESOURCE, "/proc/sys/vm/max_map_count",
	  "sysctl vm.max_map_count, or free memory" },
};

/* mq_open(3) means others by the same errors. */
static const struct limit queue_limits[] = {
	{ EMFILE, "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE, NULL, "ulimit -q" },
	{ ENOSPC, "fs.mqueue.queues_max", NO_RESOURCE, "/proc/sys/fs/mqueue/queues_max",
	  "sysctl fs.mqueue.queues_max" },
};

/* The number in a file; ULLONG_MAX when there is none. */
static unsigned long long read_number(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return ULLONG_MAX;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

/* ULLONG_MAX: unlimited, or not known. */
static unsigned long long limit_value(const struct limit *limit)
{
	struct rlimit now;

	if (limit->resource == NO_RESOURCE)
		return read_number(limit->file);
	if (getrlimit((__rlimit_resource_t)limit->resource, &now) || now.rlim_cur == RLIM_INFINITY)
		return ULLONG_MAX;
	return now.rlim_cur;
}

/* The lowest of those that err may mean: it is met first. NULL: err is about no limit. */
static const struct limit *limit_met(int err, const struct limit *rows, size_t n)
{
	const struct limit *met = NULL;

	for (const struct limit *row = rows; row < rows + n; row++)
		if (row->err == -err && (!met || limit_value(row) < limit_value(met)))
			met = row;
	return met;
}

static void say(struct lab *lab, int err, const struct limit *met, const char *format, va_list args)
{
	char what[128];

	vsnprintf(what, sizeof(what), format, args);
	if (met)
		lab_error(lab, "%s: %s (%s is %llu; raise %s, or use fewer tasks)", what,
			  strerror(-err), met->name, limit_value(met), met->raise);
	else
		lab_error(lab, "%s: %s", what, strerror(-err));
}

int lab_error_limit(struct lab *lab, int err, const char *format, ...)
{
	const struct limit *met = limit_met(err, limits, sizeof(limits) / sizeof(limits[0]));
	va_list args;

	va_start(args, format);
	say(lab, err, met, format, args);
	va_end(args);
	return err;
}

int lab_error_queues(struct lab *lab, int err, const char *format, ...)
{
	const struct limit *met =
		limit_met(err, queue_limits, sizeof(queue_limits) / sizeof(queue_limits[0]));
	va_list args;

	va_start(args, format);
	say(lab, err, met, format, args);
	va_end(args);
	return err;
}
