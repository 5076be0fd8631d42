/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * coro.h - stackful coroutines of one thread.
 *
 * A host is a thread that runs coroutines: it owns their stacks, counts their switches and writes
 * their marks. Only that thread may call. A coroutine is driven in one of two ways: by explicit
 * coro_resume() calls (a generator), or by a loop (loop.h), which passes control on by itself.
 *
 * user_switches counts each time that a coroutine is given control, whoever gave it: another
 * coroutine, a caller of coro_resume(), or the loop. Control given back to the thread's own stack is
 * not counted, nor is a yield after which the same coroutine goes on because no other is ready.
 */
#ifndef SWTCH_LAB_CORO_H
#define SWTCH_LAB_CORO_H

#include <stdbool.h>
#include <stdint.h>

#include "event/area.h"
#include "lab/sanitize.h"
#include "lab/stack.h"
#if defined(__x86_64__)
#include "lab/switch_x86_64.h"
#elif defined(__aarch64__)
#include "lab/switch_aarch64.h"
#else
#error "coro.h: no stack switch for this architecture"
#endif

struct coro_host;

typedef void (*coro_fn)(void *arg);

enum coro_answer {
	CORO_SUSPENDED, /* it stopped at coro_suspend(), and can be resumed */
	CORO_DONE,	/* its function has returned; resuming it again answers this again */
};

struct coro {
	struct stack stack; /* first: the pool's header */
	struct place place; /* where it stopped */
	struct coro *next;  /* in the queue it waits in */
	struct coro *back;  /* who resumed it, or in a loop: who waits for its end */
	struct coro_host *host;
	coro_fn fn;
	void *arg;
	uint32_t id; /* 1, 2, 3, ... in order of creation */
	bool done;
	bool looped;   /* driven by a loop */
	bool detached; /* the loop gives its stack back when it ends */
	struct sanitized sanitized;
};

struct coro_host {
	struct coro *current;
	const _Atomic uint32_t *marks_on; /* write marks while this is not 0 */
	struct lab_line *line;		  /* counters; this thread is their only writer */
	/* Who runs after a coroutine of a loop has ended. */
	struct coro *(*ended)(struct coro_host *host, struct coro *coro);
	uint32_t n_created;
	struct mark_ring *ring;
	struct stack_pool pool;
	struct coro thread; /* the thread's own stack */
};

/*
 * A host with stacks of stack_bytes (0: the default). line, marks_on and ring may be NULL: then
 * nobody watches. fill stacks are made in advance. 0 or -errno.
 */
int coro_host_init(struct coro_host *host, size_t stack_bytes, size_t fill, struct lab_line *line,
		   const _Atomic uint32_t *marks_on, struct mark_ring *ring);

/* The calling thread will run the coroutines, if it is not the one that called coro_host_init(). */
void coro_host_arrive(struct coro_host *host);

/* Unmap all stacks, those of unfinished coroutines too: what these held is lost. */
void coro_host_fini(struct coro_host *host);

/* A coroutine that will run fn(arg) when it first gets control. NULL with errno. */
struct coro *coro_new(struct coro_host *host, coro_fn fn, void *arg);

/* Give the stack back; for one that has not returned, what it held is lost. NULL will do. */
void coro_free(struct coro *coro);

/* For coro_enter(): what watchers want to know of a switch. */
void coro_mark_switch(struct coro_host *host, const struct coro *from, const struct coro *to);

/*
 * All that switches is in line, to where control comes back: a ret that follows a switch would be
 * mispredicted (switch_<arch>.h), and the caller knows which registers have to be kept.
 */

static inline bool coro_watched(const struct coro_host *host)
{
	return __builtin_expect(atomic_load_explicit(host->marks_on, memory_order_relaxed), 0);
}

/* The switch alone: neither counted nor told to watchers. */
static inline void coro_switch(struct coro_host *host, struct coro *from, struct coro *to)
{
	host->current = to;
	sanitize_leave(&from->sanitized, &to->sanitized, from->done);
	place_switch(&from->place, &to->place);
	sanitize_arrive(&from->sanitized);
}

/* For loop.h: from the running coroutine, or the thread's own stack, to another coroutine. */
static inline void coro_enter(struct coro_host *host, struct coro *to)
{
	struct coro *from = host->current;

	lab_line_add(&host->line->user_switches);
	if (coro_watched(host))
		coro_mark_switch(host, from, to);
	coro_switch(host, from, to);
}

/* For loop.h: from the running coroutine to the thread's own stack. */
static inline void coro_leave(struct coro_host *host)
{
	struct coro *from = host->current;

	if (coro_watched(host))
		coro_mark_switch(host, from, &host->thread);
	coro_switch(host, from, &host->thread);
}

/* From a coroutine to who resumed it: another, or the thread. */
static inline void coro_go_back(struct coro_host *host, struct coro *back)
{
	if (back == &host->thread)
		coro_leave(host);
	else
		coro_enter(host, back);
}

/* From inside a coroutine: back to who resumed it. */
static inline void coro_suspend(struct coro_host *host)
{
	coro_go_back(host, host->current->back);
}

/* Run a coroutine until it suspends itself or returns. */
static inline enum coro_answer coro_resume(struct coro *coro)
{
	if (coro->done)
		return CORO_DONE;
	coro->back = coro->host->current;
	coro_enter(coro->host, coro);
	return coro->done ? CORO_DONE : CORO_SUSPENDED;
}

#endif
