/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_aarch64.S - where a new coroutine begins. The switch itself is in line: switch_aarch64.h.
 *
 * BTI: a switch goes on where no bti instruction stands. This file carries no .note.gnu.property, so
 * the linker does not mark the program and the kernel guards no page of it, nor keeps a shadow stack.
 */
	.text

/*
 * Jumped to by a switch with x1 = the coroutine's struct place. Backtraces end here.
 */
	.globl	coro_begin
	.hidden	coro_begin
	.type	coro_begin, %function
	.p2align 4
coro_begin:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x1
	bl	coro_main
	brk	#1
	.cfi_endproc
	.size	coro_begin, . - coro_begin

	.section .note.GNU-stack, "", %progbits
