/* SPDX-License-Identifier: GPL-2.0-only */
/* descriptor.S - the compiled schema, as it is. */
	.section .rodata
	.globl	swtch_descriptor
	.type	swtch_descriptor, %object
swtch_descriptor:
	.incbin	"user/event/swtch.pb"
1:
	.size	swtch_descriptor, 1b - swtch_descriptor

	.balign	4
	.globl	swtch_descriptor_size
	.type	swtch_descriptor_size, %object
swtch_descriptor_size:
	.long	1b - swtch_descriptor
	.size	swtch_descriptor_size, 4

	.section .note.GNU-stack, "", %progbits
