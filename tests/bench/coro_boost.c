// SPDX-License-Identifier: GPL-2.0-only
/*
 * coro_boost.c - the loops of coro.c on Boost.Context: its bare jump (fcontext), the cheapest that it
 * has, with a queue and a count as a loop has to have them; nobody can watch, nothing else is done.
 * Stacks are as large as ours, and come from a pool too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu_time.h"
#include "lab/stack.h"

#define N_SWITCHES 20000000ull
#define N_SPAWNS   4000000ull

#ifdef HAS_PEER

/* <boost/context/detail/fcontext.hpp> is C++; these are its C names. */
struct transfer {
	void *context; /* where the other side was left */
	void *data;
};
struct transfer jump_fcontext(void *to, void *data);
void *make_fcontext(void *stack_high, size_t size, void (*fn)(struct transfer));

struct fiber {
	struct stack stack;
	void *context;
};

/* Who is ready, the running one apart. */
static struct fiber **ready;
static uint32_t head, n_ready, mask;
static struct fiber *current, thread;
static volatile uint64_t n_switches;
static uint64_t n_each;

static inline void enter(struct fiber *to)
{
	struct fiber *self = current, *from;
	struct transfer back;

	current = to;
	n_switches++;
	back = jump_fcontext(to->context, self);
	from = back.data;
	from->context = back.context;
}

static inline struct fiber *pop(void)
{
	if (!n_ready)
		return &thread;
	n_ready--;
	return ready[head++ & mask];
}

static void yield(void)
{
	if (!n_ready)
		return;
	ready[(head + n_ready++) & mask] = current;
	enter(pop());
}

static void yield_body(struct transfer begin)
{
	struct fiber *from = begin.data;

	from->context = begin.context;
	for (uint64_t i = 0; i < n_each; i++)
		yield();
	enter(pop());
}

static void empty_body(struct transfer begin)
{
	jump_fcontext(begin.context, NULL);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct fiber *fiber_new(struct stack_pool *pool, void (*body)(struct transfer))
{
	struct fiber *fiber = (struct fiber *)(void *)stack_take(pool);

	if (!fiber)
		die("stack_take");
	fiber->context = make_fcontext(fiber, (size_t)((char *)fiber - fiber->stack.low), body);
	return fiber;
}

static double yields_ns(uint32_t n)
{
	struct stack_pool pool;
	uint64_t ns, before = n_switches;

	stack_pool_init(&pool, 0, sizeof(struct fiber));
	for (mask = 1; mask < n; mask = mask * 2 + 1)
		;
	ready = calloc(mask + 1, sizeof(*ready));
	if (!ready)
		die("calloc");
	n_each = N_SWITCHES / n;
	for (head = n_ready = 0; n_ready < n; n_ready++)
		ready[n_ready] = fiber_new(&pool, yield_body);
	current = &thread;
	ns = cpu_time_ns();
	enter(pop());
	ns = cpu_time_ns() - ns;
	stack_pool_fini(&pool);
	free(ready);
	return (double)ns / (double)(n_switches - before);
}

static double spawn_ns(void)
{
	struct stack_pool pool;
	struct fiber *fiber;
	uint64_t ns;

	stack_pool_init(&pool, 0, sizeof(struct fiber));
	stack_pool_fill(&pool, 1);
	ns = cpu_time_ns();
	for (uint64_t i = 0; i < N_SPAWNS; i++) {
		fiber = fiber_new(&pool, empty_body);
		jump_fcontext(fiber->context, NULL);
		stack_give(&pool, &fiber->stack);
	}
	ns = cpu_time_ns() - ns;
	stack_pool_fini(&pool);
	return (double)ns / (double)N_SPAWNS;
}

int main(void)
{
	printf("coroutine_switch_2_boost %.3f ns\n", yields_ns(2));
	printf("coroutine_switch_1000_boost %.3f ns\n", yields_ns(1000));
	printf("coroutine_create_run_end_boost %.3f ns\n", spawn_ns());
	return 0;
}

#else

int main(void)
{
	puts("coroutine_switch_2_boost - built without libboost_context\n"
	     "coroutine_switch_1000_boost - built without libboost_context\n"
	     "coroutine_create_run_end_boost - built without libboost_context");
	return 0;
}

#endif
