// SPDX-License-Identifier: GPL-2.0-only
/* coro.c - making and ending coroutines; the switch itself is in line. */
#include <errno.h>
#include <string.h>

#include "lab/coro.h"

/* switch_<arch>.S: the first that runs on a new stack calls the second. */
void coro_begin(void);
_Noreturn void coro_main(struct place *here);

static const _Atomic uint32_t nobody_watches;
static struct lab_line nobody_counts;

int coro_host_init(struct coro_host *host, size_t stack_bytes, size_t fill, struct lab_line *line,
		   const _Atomic uint32_t *marks_on, struct mark_ring *ring)
{
	memset(host, 0, sizeof(*host));
	host->current = &host->thread;
	host->thread.host = host;
	host->line = line ? line : &nobody_counts;
	host->marks_on = ring && marks_on ? marks_on : &nobody_watches;
	host->ring = ring;
	stack_pool_init(&host->pool, stack_bytes, sizeof(struct coro));
	sanitize_thread(&host->thread.sanitized);
	return stack_pool_fill(&host->pool, fill);
}

void coro_host_arrive(struct coro_host *host)
{
	sanitize_thread(&host->thread.sanitized);
}

void coro_host_fini(struct coro_host *host)
{
	stack_pool_fini(&host->pool);
}

struct coro *coro_new(struct coro_host *host, coro_fn fn, void *arg)
{
	struct coro *coro = (struct coro *)(void *)stack_take(&host->pool);

	if (__builtin_expect(!coro, 0))
		return NULL;
	coro->host = host;
	coro->back = NULL;
	coro->fn = fn;
	coro->arg = arg;
	coro->id = ++host->n_created;
	coro->done = false;
	coro->detached = false;
	coro->looped = false;
	sanitize_new(&coro->sanitized, coro->stack.low, coro);
	/* The stack begins below the coroutine: 64 divides its address. */
	coro->place = (struct place){ .sp = coro, .go = (void *)(uintptr_t)coro_begin };
	lab_line_add(&host->line->created);
	if (coro_watched(host))
		mark_write(host->ring, MARK_CREATE, coro->id);
	return coro;
}

void coro_free(struct coro *coro)
{
	if (coro)
		stack_give(&coro->host->pool, &coro->stack);
}

/* Both at one instant: it is the same switch. */
__attribute__((cold)) void coro_mark_switch(struct coro_host *host, const struct coro *from,
					    const struct coro *to)
{
	uint64_t ticks = mark_ticks();

	if (from != &host->thread)
		mark_write_at(host->ring, from->done ? MARK_END : MARK_SUSPEND, from->id, ticks);
	if (to != &host->thread)
		mark_write_at(host->ring, MARK_RESUME, to->id, ticks);
}

_Noreturn void coro_main(struct place *here)
{
	struct coro *self = (struct coro *)(void *)((char *)here - offsetof(struct coro, place));
	struct coro_host *host = self->host;

	sanitize_arrive(&self->sanitized);
	self->fn(self->arg);
	self->done = true;
	/* A stack given back here is not touched by others before we have left it. */
	coro_go_back(host, self->looped ? host->ended(host, self) : self->back);

	__builtin_unreachable();
}
