/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sanitize.h - tells AddressSanitizer and ThreadSanitizer about stacks that we switch ourselves.
 * Nothing at all in other builds. Only coro.c includes it.
 */
#ifndef SWTCH_LAB_SANITIZE_H
#define SWTCH_LAB_SANITIZE_H

#include <pthread.h>

#include "lab/coro.h"

/* gcc defines these two; clang answers when asked. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#elif __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/* About to leave from for to; ends: from will never go on. */
static inline void sanitize_leave(struct coro *from, struct coro *to, bool ends)
{
	char *high = to == &to->host->thread ? (char *)to->arg : (char *)to;

	__sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack, to->stack.low,
				       (size_t)(high - to->stack.low));
}

/* The first thing on the stack arrived at. */
static inline void sanitize_arrive(struct coro *self)
{
	__sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
}

/* The bounds of the thread's own stack: the lower in stack.low, the upper in arg. */
static inline void sanitize_host(struct coro_host *host)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &low, &size);
	pthread_attr_destroy(&attr);
	host->thread.stack.low = low;
	host->thread.arg = (char *)low + size;
}

/* A stack that is used again carries the marks of frames that never returned. */
static inline void sanitize_new(struct coro *coro)
{
	__asan_unpoison_memory_region(coro->stack.low, (size_t)((char *)coro - coro->stack.low));
	coro->fake_stack = NULL;
}

#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>

static inline void sanitize_leave(struct coro *from, struct coro *to, bool ends)
{
	(void)from;
	(void)ends;
	__tsan_switch_to_fiber(to->fiber, 0);
}

static inline void sanitize_arrive(struct coro *self)
{
	(void)self;
}

static inline void sanitize_host(struct coro_host *host)
{
	host->thread.fiber = __tsan_get_current_fiber();
}

/* A fiber cannot be destroyed while it runs, so an ended coroutine's lives until its stack's reuse. */
static inline void sanitize_new(struct coro *coro)
{
	if (coro->fiber)
		__tsan_destroy_fiber(coro->fiber);
	coro->fiber = __tsan_create_fiber(0);
}

#else

static inline void sanitize_leave(struct coro *from, struct coro *to, bool ends)
{
	(void)from;
	(void)to;
	(void)ends;
}

static inline void sanitize_arrive(struct coro *self)
{
	(void)self;
}

static inline void sanitize_host(struct coro_host *host)
{
	(void)host;
}

static inline void sanitize_new(struct coro *coro)
{
	(void)coro;
}

#endif
#endif
