// SPDX-License-Identifier: GPL-2.0-only
/*
 * limit.c - limits of the system: whether a run will fit them, which of them stands behind an error,
 * and how to raise it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "lab/cgroup.h"
#include "lab/executor.h"
#include "lab/stack.h"

#define NO_RESOURCE -1

/* --- what is taken of a limit --------------------------------------------------------------------- */

/* The number in a file, at its start or after a character; ULLONG_MAX when there is none. */
static unsigned long long read_number(const char *path, char after)
{
	char text[128];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *at = text;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return ULLONG_MAX;
	text[n] = '\0';
	if (after && (at = strchr(text, after)))
		at++;
	return at && isdigit((unsigned char)*at) ? strtoull(at, NULL, 10) : ULLONG_MAX;
}

/* /proc/loadavg: "0.20 0.18 0.12 1/80 11206", the 80 of it. See proc(5). */
static uint64_t all_tasks(void)
{
	unsigned long long n = read_number("/proc/loadavg", '/');

	return n == ULLONG_MAX ? 0 : n;
}

static unsigned count_entries(const char *path)
{
	DIR *folder = opendir(path);
	unsigned n = 0;

	while (folder && readdir(folder))
		n++;
	if (folder)
		closedir(folder);
	return n > 2 ? n - 2 : 0; /* . and .. */
}

/* Of this user, as far as /proc shows them. */
static uint64_t user_tasks(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct stat owner;
	char path[300];
	uint64_t n = 0;

	while (proc && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/task", entry->d_name);
		if (isdigit((unsigned char)entry->d_name[0]) && !stat(path, &owner) &&
		    owner.st_uid == getuid())
			n += count_entries(path);
	}
	if (proc)
		closedir(proc);
	return n;
}

static uint64_t group_tasks(void)
{
	uint64_t max, taken;

	cgroup_tasks(&max, &taken);
	return taken;
}

static uint64_t own_descriptors(void)
{
	unsigned n = count_entries("/proc/self/fd");

	return n ? n - 1 : 0; /* one is the folder */
}

/* The first of three numbers. */
static uint64_t all_files(void)
{
	unsigned long long n = read_number("/proc/sys/fs/file-nr", 0);

	return n == ULLONG_MAX ? 0 : n;
}

static uint64_t own_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t n = 0;
	int c;

	while (maps && (c = getc(maps)) != EOF)
		n += c == '\n';
	if (maps)
		fclose(maps);
	return n;
}

/* --- the table ----------------------------------------------------------------------------------- */

enum what { TASKS, FILES, MAPPINGS, QUEUES };

static const struct limit {
	enum what of;
	int err; /* what a call fails with that meets it */
	const char *name;
	int resource;	  /* getrlimit(2), or NO_RESOURCE */
	const char *file; /* where the kernel tells the value, if no resource does */
	uint64_t (*taken)(void);
	const char *raise;
} limits[] = {
	{ TASKS, EAGAIN, "RLIMIT_NPROC", RLIMIT_NPROC, NULL, user_tasks, "ulimit -u" },
	{ TASKS, EAGAIN, "kernel.pid_max", NO_RESOURCE, "/proc/sys/kernel/pid_max", all_tasks,
	  "sysctl kernel.pid_max" },
	{ TASKS, EAGAIN, "kernel.threads-max", NO_RESOURCE, "/proc/sys/kernel/threads-max",
	  all_tasks, "sysctl kernel.threads-max" },
	{ TASKS, EAGAIN, "the cgroup's pids.max", NO_RESOURCE, NULL, group_tasks,
	  "it (systemd: TasksMax)" },
	{ FILES, EMFILE, "RLIMIT_NOFILE", RLIMIT_NOFILE, NULL, own_descriptors, "ulimit -n" },
	{ FILES, ENFILE, "fs.file-max", NO_RESOURCE, "/proc/sys/fs/file-max", all_files,
	  "sysctl fs.file-max" },
	{ MAPPINGS, ENOMEM, "vm.max_map_count", NO_RESOURCE, "/proc/sys/vm/max_map_count",
	  own_mappings, "sysctl vm.max_map_count" },
	/* mq_open(3) means others by the same errors. */
	{ QUEUES, EMFILE, "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE, NULL, NULL, "ulimit -q" },
	{ QUEUES, ENOSPC, "fs.mqueue.queues_max", NO_RESOURCE, "/proc/sys/fs/mqueue/queues_max",
	  NULL, "sysctl fs.mqueue.queues_max" },
};

#define N_LIMITS (sizeof(limits) / sizeof(limits[0]))

/* ULLONG_MAX: unlimited, or not known. */
static unsigned long long limit_value(const struct limit *limit)
{
	struct rlimit now;
	uint64_t max, taken;

	if (limit->file)
		return read_number(limit->file, 0);
	if (limit->resource == NO_RESOURCE) {
		cgroup_tasks(&max, &taken);
		return max;
	}
	/* It does not hold for root: copy_process() in kernel/fork.c. */
	if (limit->resource == RLIMIT_NPROC && !getuid())
		return ULLONG_MAX;
	if (getrlimit((__rlimit_resource_t)limit->resource, &now) || now.rlim_cur == RLIM_INFINITY)
		return ULLONG_MAX;
	return now.rlim_cur;
}

/* --- before the run ------------------------------------------------------------------------------ */

static uint64_t room_of(const struct limit *limit, uint64_t *value, uint64_t *taken)
{
	*value = limit_value(limit);
	*taken = *value == ULLONG_MAX ? 0 : limit->taken();
	return *value > *taken ? *value - *taken : 0;
}

/* Is there room for n more of what? Else the limit that leaves the least is named. */
static int check(struct lab *lab, enum what of, uint64_t n, const char *name)
{
	uint64_t least = n, value, taken, room;
	const struct limit *met = NULL;

	for (const struct limit *limit = limits; limit < limits + N_LIMITS; limit++) {
		if (limit->of != of)
			continue;
		room = room_of(limit, &value, &taken);
		if (room < least) {
			least = room;
			met = limit;
		}
	}
	if (!met)
		return 0;
	room_of(met, &value, &taken);
	lab_error(lab,
		  "job %s needs %llu %s, but %s is %llu and %llu of that are taken; raise %s, or "
		  "use fewer tasks",
		  lab->job->name, (unsigned long long)n, name, met->name, (unsigned long long)value,
		  (unsigned long long)taken, met->raise);
	return -met->err;
}

int lab_check_descriptors(struct lab *lab, uint64_t n)
{
	return check(lab, FILES, n, "more descriptors");
}

/*
 * What a task adds at the least: rounded down from what idle ones were seen to add on Linux 6.18,
 * x86-64 (job idle: 88 KB, 28 KB, 4.3 KB with pages of 4 KB).
 */
static const uint64_t task_bytes[N_MODELS] = {
	[MODEL_PROCESS] = 64 << 10,
	[MODEL_THREAD] = 24 << 10,
	[MODEL_COROUTINE] = 4 << 10,
};

static int check_memory(struct lab *lab, uint64_t n)
{
	uint64_t needed = n * task_bytes[lab->model], available = memory_available();
	uint64_t group = cgroup_memory();

	if (needed > group && group < available) {
		lab_error(
			lab,
			"job %s needs %llu MB of memory at the least, but the cgroup's memory.max "
			"is %llu MB; raise it (systemd: MemoryMax), or use fewer tasks",
			lab->job->name, (unsigned long long)(needed >> 20),
			(unsigned long long)(group >> 20));
		return -ENOMEM;
	}
	if (needed <= available)
		return 0;
	lab_error(lab,
		  "job %s needs %llu MB of memory at the least, but MemAvailable is %llu MB; free "
		  "some, or use fewer tasks",
		  lab->job->name, (unsigned long long)(needed >> 20),
		  (unsigned long long)(available >> 20));
	return -ENOMEM;
}

int lab_check_tasks(struct lab *lab)
{
	uint64_t n = lab->spec.n_tasks + (lab->job->one_maker ? 1u : 0), stacks = n;
	int err;

	if (lab->model == MODEL_PROCESS)
		err = check(lab, TASKS, n, "processes");
	else if (lab->model == MODEL_THREAD)
		err = check(lab, TASKS, n, "threads");
	else
		err = check(lab, TASKS, lab->spec.n_pool - 1, "threads");
	if (lab->model == MODEL_THREAD)
		stacks = 2 * n; /* each has a guard below it */
	else if (lab->model == MODEL_COROUTINE)
		stacks = stack_mappings() * n;
	if (!err && lab->model != MODEL_PROCESS)
		err = check(lab, MAPPINGS, stacks, "mappings of memory for stacks");
	return err ? err : check_memory(lab, n);
}

/* --- after an error ------------------------------------------------------------------------------ */

/* Whatever the error says: with so many mappings to spare it was memory itself that ran out. */
#define MAPPINGS_ENOUGH 1024

/* Of the limits that answer with this error the one that leaves the least; NULL if none is near. */
static const struct limit *limit_met(int err, bool of_queues)
{
	uint64_t least = ULLONG_MAX, value, taken, room;
	const struct limit *met = NULL;

	for (const struct limit *limit = limits; limit < limits + N_LIMITS; limit++) {
		if (limit->err != -err || (limit->of == QUEUES) != of_queues)
			continue;
		room = limit->taken ? room_of(limit, &value, &taken) : limit_value(limit);
		if (met && room >= least)
			continue;
		met = limit;
		least = room;
	}
	return met && met->of == MAPPINGS && least > MAPPINGS_ENOUGH ? NULL : met;
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
	va_list args;

	va_start(args, format);
	say(lab, err, limit_met(err, false), format, args);
	va_end(args);
	return err;
}

int lab_error_queues(struct lab *lab, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(lab, err, limit_met(err, true), format, args);
	va_end(args);
	return err;
}
