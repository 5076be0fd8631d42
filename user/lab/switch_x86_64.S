/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_x86_64.S - where a new coroutine begins. The switch itself is in line: switch_x86_64.h.
 *
 * CET: a shadow stack would see neither the jump nor the other stack, and indirect branch tracking
 * wants endbr64 at the target. This file carries no .note.gnu.property, so the linker marks the
 * program as fit for neither and the C library leaves both off.
 */
	.text

/*
 * Jumped to by a switch with rsi = the coroutine's struct place and rsp on a
 * multiple of 16. Backtraces end here.
 */
	.globl	coro_begin
	.hidden	coro_begin
	.type	coro_begin, @function
	.p2align 4
coro_begin:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%rsi, %rdi
	call	coro_main
	ud2
	.cfi_endproc
	.size	coro_begin, . - coro_begin

	.section .note.GNU-stack, "", @progbits
