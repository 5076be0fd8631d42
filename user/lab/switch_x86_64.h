/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_x86_64.h - leave one stack, go on with another (System V ABI). For coro.h alone.
 *
 * In line, and every register is said to be lost: so the compiler keeps what lives across the switch,
 * and that alone, where it thinks best. rbp is kept here, since not every build lets go of it. Nothing
 * is pushed: below the stack pointer may lie the red zone of the function that this is part of.
 *
 * The way on is a jump, not a ret: the CPU predicts a ret by its stack of recent calls, and the call
 * that it remembers was made on the stack just left. Each place that switches has a jump of its own to
 * predict.
 *
 * The control words (mxcsr, x87) are callee-saved in this ABI, and left alone on purpose: they would
 * have to be read and written on every switch, and no code of the lab changes rounding or exceptions.
 */
#ifndef SWTCH_LAB_SWITCH_H
#define SWTCH_LAB_SWITCH_H

#include <stddef.h>

/* Where a coroutine, or the thread, goes on. */
struct place {
	void *sp;
	void *go;
	void *frame; /* rbp */
};

#ifdef __AVX512F__
#define SWITCH_LOSES_AVX512                                                                        \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",         \
		"xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3",   \
		"k4", "k5", "k6", "k7"
#else
#define SWITCH_LOSES_AVX512
#endif

/* Keep in *from where it is left, go on at *to; comes back when somebody goes on at *from. */
static inline __attribute__((always_inline)) void place_switch(struct place *from,
							       const struct place *to)
{
	__asm__ volatile(
		"leaq 1f(%%rip), %%rax\n\t"
		"movq %%rsp, %c[sp](%%rdi)\n\t"
		"movq %%rax, %c[go](%%rdi)\n\t"
		"movq %%rbp, %c[frame](%%rdi)\n\t"
		"movq %c[sp](%%rsi), %%rsp\n\t"
		"movq %c[frame](%%rsi), %%rbp\n\t"
		"jmp *%c[go](%%rsi)\n"
		"1:"
		: "+D"(from), "+S"(to)
		: [sp] "i"(offsetof(struct place, sp)), [go] "i"(offsetof(struct place, go)),
		  [frame] "i"(offsetof(struct place, frame))
		: "memory", "cc", "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
		  "r13", "r14", "r15", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
		  "st(7)", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
		  "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15" SWITCH_LOSES_AVX512);
}

#endif
