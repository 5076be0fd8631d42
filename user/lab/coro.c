// SPDX-License-Identifier: GPL-2.0-only
/* coro.c - making, switching and ending coroutines; the switch itself is in switch_<arch>.S. */
#include <errno.h>
#include <string.h>

#include "lab/coro.h"
#include "lab/sanitize.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* switch_<arch>.S: keep the callee-saved registers on this stack and its pointer in *save, load. */
void coro_switch(void **save, void *load);
void coro_begin(void);
_Noreturn void coro_main(struct coro *self);

/* What coro_switch() takes off a new stack: registers first, then where to go on. */
#if defined(__x86_64__)
enum { FRAME_WORDS = 7, FRAME_SELF = 3 /* r12 */, FRAME_GO = 6 };
#elif defined(__aarch64__)
enum { FRAME_WORDS = 20, FRAME_SELF = 0 /* x19 */, FRAME_GO = 11 /* x30 */ };
#else
#error "coro.c: no stack switch for this architecture"
#endif

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
	sanitize_host(host);
	return stack_pool_fill(&host->pool, fill);
}

void coro_host_arrive(struct coro_host *host)
{
	sanitize_host(host);
}

void coro_host_fini(struct coro_host *host)
{
	stack_pool_fini(&host->pool);
}

static inline bool watched(const struct coro_host *host)
{
	return unlikely(atomic_load_explicit(host->marks_on, memory_order_relaxed));
}

struct coro *coro_new(struct coro_host *host, coro_fn fn, void *arg)
{
	struct coro *coro = (struct coro *)(void *)stack_take(&host->pool);
	void **frame;

	if (unlikely(!coro))
		return NULL;
	coro->host = host;
	coro->back = NULL;
	coro->fn = fn;
	coro->arg = arg;
	coro->id = ++host->n_created;
	coro->done = false;
	coro->detached = false;
	sanitize_new(coro);
	coro->looped = false;
	/* Once the frame is taken off, the stack pointer is the coroutine's address: 64 divides it. */
	frame = (void **)(void *)coro - FRAME_WORDS;
	frame[FRAME_SELF] = coro;
	frame[FRAME_GO] = (void *)(uintptr_t)coro_begin;
	coro->sp = frame;
	lab_line_add(&host->line->created);
	if (watched(host))
		mark_write(host->ring, MARK_CREATE, coro->id);
	return coro;
}

void coro_free(struct coro *coro)
{
	if (coro)
		stack_give(&coro->host->pool, &coro->stack);
}

static void marks_of_switch(struct coro_host *host, const struct coro *from, const struct coro *to)
{
	if (from != &host->thread)
		mark_write(host->ring, from->done ? MARK_END : MARK_SUSPEND, from->id);
	if (to != &host->thread)
		mark_write(host->ring, MARK_RESUME, to->id);
}

static inline void switch_to(struct coro_host *host, struct coro *to)
{
	struct coro *from = host->current;

	host->current = to;
	if (watched(host))

		marks_of_switch(host, from, to);
	sanitize_leave(from, to, from->done);
	coro_switch(&from->sp, to->sp);
	sanitize_arrive(from);
}

void coro_enter(struct coro_host *host, struct coro *to)
{
	lab_line_add(&host->line->user_switches);
	switch_to(host, to);
}

void coro_leave(struct coro_host *host)
{
	switch_to(host, &host->thread);
}

/* From a coroutine to who resumed it: another, or the thread. */
static void go_back(struct coro_host *host, struct coro *back)
{
	if (back == &host->thread)
		coro_leave(host);
	else
		coro_enter(host, back);
}

_Noreturn void coro_main(struct coro *self)
{
	struct coro_host *host = self->host;

	sanitize_arrive(self);
	self->fn(self->arg);
	self->done = true;
	/* A stack given back here is not touched by others before we have left it. */
	go_back(host, self->looped ? host->ended(host, self) : self->back);

	__builtin_unreachable();
}

void coro_suspend(struct coro_host *host)
{
	go_back(host, host->current->back);
}
