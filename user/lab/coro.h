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
#include "lab/stack.h"

struct coro_host;

typedef void (*coro_fn)(void *arg);

enum coro_answer {
	CORO_SUSPENDED, /* it stopped at coro_suspend(), and can be resumed */
	CORO_DONE,	/* its function has returned; resuming it again answers this again */
};

struct coro {
	struct stack stack; /* first: the pool's header */
	void *sp;	    /* where it stopped */
	struct coro *next;  /* in the queue it waits in */
	struct coro *back;  /* who resumed it, or in a loop: who waits for its end */
	struct coro_host *host;
	coro_fn fn;
	void *arg;
	uint32_t id; /* 1, 2, 3, ... in order of creation */
	bool done;
	bool looped;		  /* driven by a loop */
	bool detached;		  /* the loop gives its stack back when it ends */
	void *fake_stack, *fiber; /* the sanitizers' */
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

/* From inside a coroutine: back to who resumed it. */
void coro_suspend(struct coro_host *host);

/* Give the stack back; for one that has not returned, what it held is lost. NULL will do. */
void coro_free(struct coro *coro);

/* For loop.c: from the running coroutine, or the thread's own stack, to another coroutine. */
void coro_enter(struct coro_host *host, struct coro *to);

/* For loop.c: from the running coroutine to the thread's own stack. */
void coro_leave(struct coro_host *host);

/*
 * Run a coroutine until it suspends itself or returns. In line, because a ret after a switch is
 * mispredicted: control comes back here by a jump (switch_<arch>.S).
 */
static inline enum coro_answer coro_resume(struct coro *coro)
{
	if (coro->done)
		return CORO_DONE;
	coro->back = coro->host->current;
	coro_enter(coro->host, coro);
	return coro->done ? CORO_DONE : CORO_SUSPENDED;
}

#endif
