// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_python.c - a file that is called like an interpreter, which anybody may have made, as the keeper
 * reads it: symbols, relocations, .eh_frame and code. What it says where probes go must lie in the file.
 */
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "keeper/python.h"
#include "keeper/returns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold_ends(const struct python_ends *ends, size_t size)
{
	MUST(ends->n <= PYTHON_N_ENDS);
	for (unsigned i = 0; i < ends->n; i++)
		MUST(ends->at[i] && ends->at[i] < size);
}

/* The bytes as a function, too: the way to them through a whole file is long. */
static void read_code(const uint8_t *code, size_t size)
{
	static const unsigned machines[] = { EM_X86_64, EM_AARCH64 };
	struct returns returns;

	for (unsigned i = 0; i < 2 && size <= RETURNS_CODE_MAX; i++) {
		memset(&returns, 0, sizeof(returns));
		if (returns_find(machines[i], code, size, &returns))
			continue;
		MUST(returns.n <= N_RETURNS_MAX && returns.entry < size);
		for (unsigned j = 0; j < returns.n; j++)
			MUST(returns.at[j] < size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("python", MFD_CLOEXEC);
	struct interpreter interpreter;
	struct python_places places;

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	memset(&places, 0, sizeof(places));
	if (python_read(fd, &interpreter, &places)) {
		MUST(places.send < size && places.leave < size && places.method < size);
		hold_ends(&places.send_ends, size);
		hold_ends(&places.method_ends, size);
	}
	close(fd);
	read_code(data, size);
	return 0;
}
