/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * returns.h - where a function returns, from its machine code: there a probe sees its end, and needs no
 * return address replaced, as return probes do, which programs that exchange stacks do not survive.
 *
 * And where it is best seen to begin: the kernel does a few instructions itself (arch/x86/kernel/uprobes.c),
 * the others it has the CPU step through, for another trap: 10 us instead of 1.3 in a virtual machine.
 */
#ifndef SWTCH_RETURNS_H
#define SWTCH_RETURNS_H

#include <stddef.h>
#include <stdint.h>

#define N_RETURNS_MAX	 8
#define RETURNS_CODE_MAX 8192 /* bytes: longer functions are not looked at */

struct returns {
	unsigned n;
	uint32_t
		at[N_RETURNS_MAX]; /* of each returning instruction, from the function's start on */
	uint32_t entry; /* of one that each call comes to once, with its first argument and stack */
	int64_t onward; /* the only other place that it jumps to; 0: none, or several */
};

/*
 * Read a function of a machine (EM_X86_64, EM_AARCH64). A probe amidst an instruction would break the
 * program, so that nothing is said of code that is not understood as a whole: 0, -EINVAL then, -E2BIG
 * for more returns than there is room for.
 */
int returns_find(unsigned machine, const uint8_t *code, size_t size, struct returns *returns);

#endif
