// SPDX-License-Identifier: GPL-2.0-only
/* stack.c - regions of stacks with guards between them. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab/stack.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13: a guard that needs no mapping of its own */
#endif

#define FIRST_REGION 16
#define MAX_REGION   1024

/*
 * Stacks repeat at multiples of a page, so the busy end of each would fall into the same few sets of
 * the caches. Each is shifted by another number of lines, within its uppermost page.
 */
#define N_COLOURS    32
#define COLOUR_BYTES 64

struct stack_region {
	struct stack_region *next;
	char *map;
	size_t n_stacks;
	size_t n_cut; /* stacks cut from it so far */
};

void stack_pool_init(struct stack_pool *pool, size_t stack_bytes, size_t header_bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!stack_bytes)
		stack_bytes = STACK_DEFAULT_BYTES;
	*pool = (struct stack_pool){
		.page_bytes = page,
		.stack_bytes = (stack_bytes + page - 1) / page * page,
		.header_bytes = (header_bytes + COLOUR_BYTES - 1) / COLOUR_BYTES * COLOUR_BYTES,
	};
}

static size_t stride(const struct stack_pool *pool)
{
	return pool->page_bytes + pool->stack_bytes;
}

static int region_add(struct stack_pool *pool)
{
	struct stack_region *region = calloc(1, sizeof(*region));
	size_t n = pool->regions ? pool->regions->n_stacks * 2 : FIRST_REGION;
	int err;

	if (!region)
		return -ENOMEM;
	if (n > MAX_REGION)
		n = MAX_REGION;
	region->map = mmap(NULL, n * stride(pool), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (region->map == MAP_FAILED) {
		err = -errno;
		free(region);
		return err;
	}
	/* Huge pages would give each idle stack megabytes. Kernels built without them refuse: fine. */
	madvise(region->map, n * stride(pool), MADV_NOHUGEPAGE);
	region->n_stacks = n;
	region->next = pool->regions;
	pool->regions = region;
	return 0;
}

static int guard_install(struct stack_pool *pool, char *page)
{
	if (!pool->guard_by_map) {
		if (!madvise(page, pool->page_bytes, MADV_GUARD_INSTALL))
			return 0;
		if (errno != EINVAL)
			return -errno;
		pool->guard_by_map = true;
	}
	return mprotect(page, pool->page_bytes, PROT_NONE) ? -errno : 0;
}

struct stack *stack_make(struct stack_pool *pool)
{
	struct stack_region *region = pool->regions;
	struct stack *stack;
	char *guard;
	int err;

	if (!region || region->n_cut == region->n_stacks) {
		err = region_add(pool);
		if (err) {
			errno = -err;
			return NULL;
		}
		region = pool->regions;
	}
	if (!region) {
		errno = ENOMEM;
		return NULL;
	}
	guard = region->map + region->n_cut * stride(pool);
	err = guard_install(pool, guard);
	if (err) {
		errno = -err;
		return NULL;
	}
	region->n_cut++;
	stack = (struct stack *)(void *)(guard + stride(pool) - pool->header_bytes -
					 pool->n_stacks % N_COLOURS * COLOUR_BYTES);
	stack->low = guard + pool->page_bytes;
	pool->n_stacks++;
	return stack;
}

int stack_pool_fill(struct stack_pool *pool, size_t n)
{
	struct stack *stack, *made = NULL;
	int err = 0;

	/* Given back in reverse, so that they are taken in the order of their addresses. */
	while (n-- > 0) {
		stack = stack_make(pool);
		if (!stack) {
			err = -errno;
			break;
		}
		stack->next = made;
		made = stack;
	}
	while (made) {
		stack = made;
		made = stack->next;
		stack_give(pool, stack);
	}
	return err;
}

unsigned stack_mappings(void)
{
	struct stack_pool pool;
	char *page;

	stack_pool_init(&pool, 0, 0);
	page = mmap(NULL, pool.page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return 0;
	guard_install(&pool, page);
	munmap(page, pool.page_bytes);
	return pool.guard_by_map ? 2 : 0;
}

void stack_pool_fini(struct stack_pool *pool)
{
	struct stack_region *region;

	while ((region = pool->regions)) {
		pool->regions = region->next;
		munmap(region->map, region->n_stacks * stride(pool));
		free(region);
	}
	pool->free = NULL;
}
