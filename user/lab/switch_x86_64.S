/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_x86_64.S - leave one stack, go on with another (System V ABI).
 *
 *	void coro_switch(void **save, void *load);
 *
 * Only what a callee must preserve is kept: rbx, rbp, r12-r15. The control words (mxcsr, x87) are
 * callee-saved too, and left alone on purpose: they would have to be read and written on every
 * switch, and no code of the lab changes rounding or exceptions.
 *
 * The way back is pop and jmp, not ret: the CPU predicts a ret by its stack of recent calls, and the
 * call that it remembers was made on the stack just left. Every such ret would be mispredicted.
 *
 * CET: a shadow stack would see neither the jump nor the other stack, and indirect branch tracking
 * wants endbr64 at the target. This file carries no .note.gnu.property, so the linker marks the
 * program as fit for neither and the C library leaves both off.
 */
	.text
	.globl	coro_switch
	.hidden	coro_switch
	.type	coro_switch, @function
	.p2align 4
coro_switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp		/* the same layout: the rules above stay true */
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_same_value %rbp
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	jmp	*%rcx
	.cfi_endproc
	.size	coro_switch, . - coro_switch

/*
 * Where a new coroutine begins, jumped to by coro_switch() with r12 = the coroutine and rsp on a
 * multiple of 16. Backtraces end here.
 */
	.globl	coro_begin
	.hidden	coro_begin
	.type	coro_begin, @function
	.p2align 4
coro_begin:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%r12, %rdi
	call	coro_main
	ud2
	.cfi_endproc
	.size	coro_begin, . - coro_begin

	.section .note.GNU-stack, "", @progbits
