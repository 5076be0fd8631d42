// SPDX-License-Identifier: GPL-2.0-only
/* cgroup.c - from /proc/self/cgroup to files below /sys/fs/cgroup: see cgroups(7). */
#include "lab/cgroup.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

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

/* Look at a folder and those above it, down to the first `least` bytes of its path. */
static void look_up(char *folder, size_t least, uint64_t *max, uint64_t *taken)
{
	uint64_t here, used;
	char *slash;

	for (;;) {
		here = read_number(folder, "pids.max");
		used = read_number(folder, "pids.current");
		if (here != UINT64_MAX && used != UINT64_MAX &&
		    room(here, used) < room(*max, *taken)) {
			*max = here;
			*taken = used;
		}
		slash = strrchr(folder, '/');
		if (!slash || slash < folder + least)
			return;
		*slash = '\0';
	}
}

/* A line of /proc/self/cgroup, "number:controllers:path"; those of version 2 name no controller. */
static const char *mount_of(const char *controllers)
{
	if (!*controllers)
		return "/sys/fs/cgroup";
	return strcmp(controllers, "pids") ? NULL : "/sys/fs/cgroup/pids";
}

void cgroup_tasks(uint64_t *max, uint64_t *taken)
{
	char line[PATH_MAX], folder[PATH_MAX], *controllers, *path;
	const char *mount;
	FILE *file = fopen("/proc/self/cgroup", "re");

	*max = UINT64_MAX;
	*taken = 0;
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		controllers = strchr(line, ':');
		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		mount = mount_of(controllers + 1);
		if (!mount || snprintf(folder, sizeof(folder), "%s%s", mount, path) >= PATH_MAX)
			continue;
		look_up(folder, strlen(mount), max, taken);
	}
	if (file)
		fclose(file);
}
