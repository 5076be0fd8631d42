// SPDX-License-Identifier: GPL-2.0-only
/* memory.c - three lines of /proc. */
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A figure of a file of /proc/PID, and where it goes. */
struct field {
	const char *label;
	uint64_t *bytes;
};

/* Read the figures, in kB there, that stand behind their labels, in this order. */
static int read_fields(pid_t pid, const char *file, const struct field *fields, unsigned n)
{
	char path[64], line[256];
	unsigned long long kib;
	unsigned found = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (found < n && fgets(line, sizeof(line), in)) {
		size_t length = strlen(fields[found].label);

		if (!strncmp(line, fields[found].label, length) &&
		    sscanf(line + length, "%llu", &kib) == 1)
			*fields[found++].bytes = kib << 10;
	}
	fclose(in);
	return found == n ? 0 : -ENODATA;
}

int memory_add(pid_t pid, struct memory *memory)
{
	struct memory add = { 0 };
	const struct field sizes[] = { { "Pss:", &add.pss_bytes },
				       { "Pss_Anon:", &add.anon_bytes } };
	const struct field tables[] = { { "VmPTE:", &add.table_bytes } };
	int err = read_fields(pid, "smaps_rollup", sizes, 2);

	if (!err)
		err = read_fields(pid, "status", tables, 1);
	if (err)
		return err;
	memory->pss_bytes += add.pss_bytes;
	memory->anon_bytes += add.anon_bytes;
	memory->table_bytes += add.table_bytes;
	return 0;
}
