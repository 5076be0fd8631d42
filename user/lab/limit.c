// SPDX-License-Identifier: GPL-2.0-only
/* limit.c - which limit of the system stands behind an error, and how to raise it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
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
	{ EAGAIN, "RLIMIT_NPROC", RLIMIT_NPROC, NULL,
	  "ulimit -u, pids.max of the cgroup or sysctl kernel.threads-max" },
	{ EMFILE, "RLIMIT_NOFILE", RLIMIT_NOFILE, NULL, "ulimit -n" },
	{ ENFILE, "fs.file-max", NO_RESOURCE, "/proc/sys/fs/file-max", "sysctl fs.file-max" },
	{ ENOMEM, "vm.max_map_count", NO_RESOURCE, "/proc/sys/vm/max_map_count",
	  "sysctl vm.max_map_count, or free memory" },
};

static void read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static void limit_value(const struct limit *limit, char *text, size_t size)
{
	struct rlimit now;

	if (limit->resource == NO_RESOURCE)
		read_line(limit->file, text, size);
	else if (getrlimit((__rlimit_resource_t)limit->resource, &now))
		snprintf(text, size, "unknown");
	else if (now.rlim_cur == RLIM_INFINITY)
		snprintf(text, size, "unlimited");
	else
		snprintf(text, size, "%llu", (unsigned long long)now.rlim_cur);
}

int lab_error_limit(struct lab *lab, int err, const char *format, ...)
{
	char what[128], value[32];
	const struct limit *limit = NULL;
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].err == -err)
			limit = &limits[i];
	if (!limit) {
		lab_error(lab, "%s: %s", what, strerror(-err));
		return err;
	}
	limit_value(limit, value, sizeof(value));
	lab_error(lab, "%s: %s (%s is %s; raise %s, or use fewer tasks)", what, strerror(-err),
		  limit->name, value, limit->raise);
	return err;
}
