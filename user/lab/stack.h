/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stack.h - a pool of stacks for coroutines, each with a guard page below it.
 *
 * The pool owns all stacks, given out or not; only the thread that owns the pool may call. A stack
 * once made stays mapped until stack_pool_fini(): making one costs the kernel thousands of times
 * what taking one from the pool costs.
 */
#ifndef SWTCH_LAB_STACK_H
#define SWTCH_LAB_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_DEFAULT_BYTES (64u << 10)

/* Lies at the upper end of its own stack, which grows down from it. */
struct stack {
	struct stack *next; /* in the list of free ones */
	char *low;	    /* lowest usable byte; the guard page ends here */
};

struct stack_region;

struct stack_pool {
	struct stack *free;
	struct stack_region *regions; /* the newest first; stacks are cut from it as needed */
	size_t page_bytes;
	size_t stack_bytes; /* usable, header included */
	size_t header_bytes;
	size_t n_stacks;   /* ever made */
	bool guard_by_map; /* the kernel has no MADV_GUARD_INSTALL: a mapping for each guard */
};

/*
 * An empty pool of stacks of stack_bytes (0: the default; rounded up to whole pages), each with
 * header_bytes at its upper end, struct stack first. Cannot fail.
 */
void stack_pool_init(struct stack_pool *pool, size_t stack_bytes, size_t header_bytes);

/* Make n stacks in advance and touch them, so that taking them asks nothing of the kernel. */
int stack_pool_fill(struct stack_pool *pool, size_t n);

/* Make a stack: what stack_take() does when none is free. NULL with errno. */
struct stack *stack_make(struct stack_pool *pool);

/* A stack, the one given back last if any is free. NULL with errno (ENOMEM: memory, or mappings). */
static inline struct stack *stack_take(struct stack_pool *pool)
{
	struct stack *stack = pool->free;

	if (__builtin_expect(!stack, 0))
		return stack_make(pool);
	pool->free = stack->next;
	return stack;
}

/* Give one back. Its header and its content stay as they are until it is taken again. */
static inline void stack_give(struct stack_pool *pool, struct stack *stack)
{
	stack->next = pool->free;
	pool->free = stack;
}

/* Mappings that the kernel has to keep for each stack: 2 where it makes a guard no other way, else 0. */
unsigned stack_mappings(void);

/* Unmap all stacks, given out or not. */
void stack_pool_fini(struct stack_pool *pool);

#endif
