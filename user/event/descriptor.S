/* SPDX-License-Identifier: GPL-2.0-only */
/* descriptor.S - the compiled schema, as it is. */
	.section .rodata
	.globl	swtch_descriptor
	.type	swtch_descriptor, %object
swtch_descriptor:
	.incbin	"user/event/swtch.pb"
	.globl	swtch_descriptor_end
	.type	swtch_descriptor_end, %object
swtch_descriptor_end:
	.size	swtch_descriptor, . - swtch_descriptor

	.section .note.GNU-stack, "", %progbits
