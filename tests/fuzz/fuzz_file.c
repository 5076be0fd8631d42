// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_file.c - a file as a recording: its head, its index, its blocks as far as they unpack. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	fuzz_tape(fuzz_file(bytes, n));
	return 0;
}
