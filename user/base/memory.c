// SPDX-License-Identifier: GPL-2.0-only
/* memory.c - three lines of /proc. */
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The figure behind `label` in /proc/PID/`file`, in bytes. */
static int read_kib(pid_t pid, const char *file, const char *label, uint64_t *bytes)
{
	char path[64], line[256];
	unsigned long long kib;
	int err = -ENODATA;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (err && fgets(line, sizeof(line), in))
		if (!strncmp(line, label, strlen(label)) &&
		    sscanf(line + strlen(label), "%llu", &kib) == 1) {
			*bytes = kib << 10;
			err = 0;
		}
	fclose(in);
	return err;
}

int memory_add(pid_t pid, struct memory *memory)
{
	struct memory add = { 0 };
	int err = read_kib(pid, "smaps_rollup", "Pss:", &add.pss_bytes);

	if (!err)
		err = read_kib(pid, "smaps_rollup", "Pss_Anon:", &add.anon_bytes);
	if (!err)
		err = read_kib(pid, "status", "VmPTE:", &add.table_bytes);
	if (err)
		return err;
	memory->pss_bytes += add.pss_bytes;
	memory->anon_bytes += add.anon_bytes;
	memory->table_bytes += add.table_bytes;
	return 0;
}
