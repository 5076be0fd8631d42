/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_aarch64.h - leave one stack, go on with another (AAPCS64). For coro.h alone.
 *
 * In line, and every register is said to be lost: so the compiler keeps what lives across the switch,
 * and that alone, where it thinks best. x29 (frame) is kept here, since not every build lets go of it.
 *
 * The way on is br, not ret: the CPU predicts a ret by its stack of recent calls, and the call that it
 * remembers was made on the stack just left. Each place that switches has a branch of its own to
 * predict.
 *
 * FPCR is left alone on purpose: no code of the lab changes rounding. Pointer authentication needs
 * nothing: a function signs its return address with the value of its own sp, and that is what it finds
 * again.
 */
#ifndef SWTCH_LAB_SWITCH_H
#define SWTCH_LAB_SWITCH_H

#include <stddef.h>

/* Where a coroutine, or the thread, goes on. */
struct place {
	void *sp;
	void *go;
	void *frame; /* x29 */
};

#ifdef __ARM_FEATURE_SVE
#define SWITCH_LOSES_SVE                                                                           \
	, "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13",  \
		"p14", "p15"
#else
#define SWITCH_LOSES_SVE
#endif

/* Keep in *from where it is left, go on at *to; comes back when somebody goes on at *from. */
static inline __attribute__((always_inline)) void place_switch(struct place *from,
							       const struct place *to)
{
	register struct place *leave __asm__("x0") = from;
	register const struct place *enter __asm__("x1") = to;

	_Static_assert(offsetof(struct place, go) == offsetof(struct place, sp) + 8, "one stp");
	__asm__ volatile(
		"adr x3, 1f\n\t"
		"mov x2, sp\n\t"
		"stp x2, x3, [x0, %[sp]]\n\t"
		"str x29, [x0, %[frame]]\n\t"
		"ldp x2, x3, [x1, %[sp]]\n\t"
		"ldr x29, [x1, %[frame]]\n\t"
		"mov sp, x2\n\t"
		"br x3\n"
		"1:"
		: "+r"(leave), "+r"(enter)
		: [sp] "i"(offsetof(struct place, sp)), [frame] "i"(offsetof(struct place, frame))
		: "memory", "cc", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
		  "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22",
		  "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4",
		  "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
		  "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
		  "v28", "v29", "v30", "v31" SWITCH_LOSES_SVE);
}

#endif
