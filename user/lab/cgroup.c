// SPDX-License-Identifier: GPL-2.0-only
/* cgroup.c - from /proc/self/cgroup to files below /sys/fs/cgroup: see cgroups(7). */
#include "lab/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MOUNT_BYTES 64

/* A number, or "max", or no file at all: UINT64_MAX for those. */
static uint64_t read_number(const char *folder, const char *name)
{
	char path[PATH_MAX];
	unsigned long long value = UINT64_MAX;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	if (!file)
		return UINT64_MAX;
	if (fscanf(file, "%llu", &value) != 1)
		value = UINT64_MAX;
	fclose(file);
	return value;
}

static uint64_t room(uint64_t max, uint64_t taken)
{
	return max > taken ? max - taken : 0;
}

/* Limits on tasks, or on memory, as they are found: those of the folder that leaves least. */
struct limits {
	const char *controller;		  /* that version 1 has a mount for */
	const char *max, *max_old, *used; /* files; the second as version 1 calls it, or NULL */
	uint64_t least, taken;
};

/* What version 1 calls unlimited is all but 2^63, in pages. */
#define UNLIMITED_OLD (UINT64_MAX / 4)

static void look_at(const char *folder, struct limits *limits)
{
	uint64_t max = read_number(folder, limits->max);
	uint64_t used = limits->used ? read_number(folder, limits->used) : 0;

	if (max == UINT64_MAX && limits->max_old)
		max = read_number(folder, limits->max_old);
	if (max < UNLIMITED_OLD && used != UINT64_MAX &&
	    room(max, used) < room(limits->least, limits->taken)) {
		limits->least = max;
		limits->taken = used;
	}
}

/* Look at a folder and those above it, down to the first `least` bytes of its path. */
static void look_up(char *folder, size_t least, struct limits *limits)
{
	char *slash;

	for (;;) {
		look_at(folder, limits);
		slash = strrchr(folder, '/');
		if (!slash || slash < folder + least)
			return;
		*slash = '\0';
	}
}

/* A line of /proc/self/cgroup, "number:controllers:path"; those of version 2 name no controller. */
static bool mount_of(const char *controllers, const struct limits *limits, char mount[MOUNT_BYTES])
{
	bool is_old = *controllers;

	if (is_old && strcmp(controllers, limits->controller) != 0)
		return false;
	snprintf(mount, MOUNT_BYTES, "/sys/fs/cgroup%s%s", is_old ? "/" : "",
		 is_old ? limits->controller : "");
	return true;
}

static void find_limits(struct limits *limits)
{
	char line[PATH_MAX], folder[PATH_MAX], mount[MOUNT_BYTES], *controllers, *path;
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		controllers = strchr(line, ':');
		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		if (!mount_of(controllers + 1, limits, mount) ||
		    snprintf(folder, sizeof(folder), "%s%s", mount, path) >= PATH_MAX)
			continue;
		look_up(folder, strlen(mount), limits);
	}
	if (file)
		fclose(file);
}

void cgroup_tasks(uint64_t *max, uint64_t *taken)
{
	struct limits limits = {
		.controller = "pids", .max = "pids.max", .used = "pids.current", .least = UINT64_MAX
	};

	find_limits(&limits);
	*max = limits.least;
	*taken = limits.taken;
}

uint64_t cgroup_memory(void)
{
	struct limits limits = { .controller = "memory",
				 .max = "memory.max",
				 .max_old = "memory.limit_in_bytes",
				 .least = UINT64_MAX };

	find_limits(&limits);
	return limits.least;
}
