// SPDX-License-Identifier: GPL-2.0-only
/* memory.c - a few lines of /proc; room for arrays, and mappings given back. */
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A figure of a file of /proc, and where it goes. */
struct field {
	const char *label;
	uint64_t *bytes;
};

/* Read the figures, in kB there, that stand behind their labels, in this order. */
static int read_fields(const char *path, const struct field *fields, unsigned n)
{
	char line[256];
	unsigned long long kib;
	unsigned found = 0;
	FILE *in;

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

static int read_fields_of(pid_t pid, const char *file, const struct field *fields, unsigned n)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return read_fields(path, fields, n);
}

int memory_add(pid_t pid, struct memory *memory)
{
	struct memory add = { 0 };
	const struct field sizes[] = { { "Pss:", &add.pss_bytes },
				       { "Pss_Anon:", &add.anon_bytes } };
	const struct field tables[] = { { "VmPTE:", &add.table_bytes } };
	int err = read_fields_of(pid, "smaps_rollup", sizes, 2);

	if (!err)
		err = read_fields_of(pid, "status", tables, 1);
	if (err)
		return err;
	memory->pss_bytes += add.pss_bytes;
	memory->anon_bytes += add.anon_bytes;
	memory->table_bytes += add.table_bytes;
	return 0;
}

uint64_t memory_available(void)
{
	uint64_t bytes = UINT64_MAX;
	const struct field available = { "MemAvailable:", &bytes };

	read_fields("/proc/meminfo", &available, 1);
	return bytes;
}

int memory_grow(void *array, size_t n, size_t size)
{
	void **at = array, *more = realloc(*at, n * size);

	if (!more)
		return -ENOMEM;
	*at = more;
	return 0;
}

void memory_unmap(const void *memory, size_t size)
{
	void *at;

	memcpy(&at, &memory, sizeof(at));
	if (at && at != MAP_FAILED)
		munmap(at, size);
}
