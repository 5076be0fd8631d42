// SPDX-License-Identifier: GPL-2.0-only
/* sync_none.c - nothing keeps two tasks apart: of two that add at once, one addition is lost. */
#include "lab/sync.h"

/*
 * What a line like `counter++` stands for, and so spelled out: a compiler may make it one
 * instruction, which a single CPU never leaves in the middle. Nor may it be folded into its callers,
 * fenced in by the sanitizer that looks for just this, or counted.
 */
__attribute__((noinline, no_sanitize("thread"), no_profile_instrument_function)) void
counter_add_unguarded(struct guarded *guarded)
{
	uint64_t value = guarded->counter;

	__asm__ volatile("" : "+r"(value)); /* it has to be in a register here */
	guarded->counter = value + 1;
}

static void none_add(struct guarded *guarded, struct task *self)
{
	(void)self;
	counter_add_unguarded(guarded);
}

const struct sync_ops sync_none = {
	.name = "none",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD | 1 << MODEL_COROUTINE,
	.work = { 100000000, 100000000, 500000000 },
	.add = none_add,
};
