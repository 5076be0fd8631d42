/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_aarch64.S - leave one stack, go on with another (AAPCS64).
 *
 *	void coro_switch(void **save, void *load);
 *
 * Only what a callee must preserve is kept: x19-x28, x29 (frame), x30 (return address) and the low
 * halves of v8-v15. FPCR is left alone on purpose: no code of the lab changes rounding.
 *
 * The way back is br, not ret: the CPU predicts a ret by its stack of recent calls, and the call that
 * it remembers was made on the stack just left.
 *
 * BTI: br to an address after a call lands on no bti instruction. This file carries no
 * .note.gnu.property, so the linker does not mark the program and the kernel guards no page of it.
 * Pointer authentication needs nothing: a caller signs its return address with the value of its own
 * sp, and that is what it finds again.
 */
	.text
	.globl	coro_switch
	.hidden	coro_switch
	.type	coro_switch, %function
	.p2align 4
coro_switch:
	.cfi_startproc
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	.cfi_rel_offset x19, 0
	.cfi_rel_offset x20, 8
	.cfi_rel_offset x21, 16
	.cfi_rel_offset x22, 24
	.cfi_rel_offset x23, 32
	.cfi_rel_offset x24, 40
	.cfi_rel_offset x25, 48
	.cfi_rel_offset x26, 56
	.cfi_rel_offset x27, 64
	.cfi_rel_offset x28, 72
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1			/* the same layout: the rules above stay true */
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	.cfi_def_cfa sp, 0
	.cfi_same_value x19
	.cfi_same_value x20
	.cfi_same_value x21
	.cfi_same_value x22
	.cfi_same_value x23
	.cfi_same_value x24
	.cfi_same_value x25
	.cfi_same_value x26
	.cfi_same_value x27
	.cfi_same_value x28
	.cfi_same_value x29
	.cfi_same_value x30
	br	x30
	.cfi_endproc
	.size	coro_switch, . - coro_switch

/*
 * Where a new coroutine begins, jumped to by coro_switch() with x19 = the coroutine. Backtraces end
 * here.
 */
	.globl	coro_begin
	.hidden	coro_begin
	.type	coro_begin, %function
	.p2align 4
coro_begin:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x19
	bl	coro_main
	brk	#1
	.cfi_endproc
	.size	coro_begin, . - coro_begin

	.section .note.GNU-stack, "", %progbits
