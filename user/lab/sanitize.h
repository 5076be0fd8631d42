/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sanitize.h - tells AddressSanitizer and ThreadSanitizer about stacks that we switch ourselves.
 * Nothing at all in other builds. Only coro.h and coro.c include it.
 */
#ifndef SWTCH_LAB_SANITIZE_H
#define SWTCH_LAB_SANITIZE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

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

/* What the sanitizer has to know of a stack. */
struct sanitized {
	void *fake_stack;
	void *low;
	size_t size;
};

/* About to leave from for to; ends: from will never go on. */
static inline void sanitize_leave(struct sanitized *from, const struct sanitized *to, bool ends)
{
	__sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack, to->low, to->size);
}

/* The first thing on the stack arrived at. */
static inline void sanitize_arrive(const struct sanitized *self)
{
	__sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
}

/* The calling thread's own stack. */
static inline void sanitize_thread(struct sanitized *thread)
{
	pthread_attr_t attr;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &thread->low, &thread->size);
	pthread_attr_destroy(&attr);
}

/* A stack that is used again carries the marks of frames that never returned. */
static inline void sanitize_new(struct sanitized *self, char *low, const void *high)
{
	*self = (struct sanitized){ .low = low, .size = (size_t)((const char *)high - low) };
	__asan_unpoison_memory_region(low, self->size);
}

#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>

struct sanitized {
	void *fiber;
};

static inline void sanitize_leave(struct sanitized *from, const struct sanitized *to, bool ends)
{
	(void)from;
	(void)ends;
	__tsan_switch_to_fiber(to->fiber, 0);
}

static inline void sanitize_arrive(const struct sanitized *self)
{
	(void)self;
}

static inline void sanitize_thread(struct sanitized *thread)
{
	thread->fiber = __tsan_get_current_fiber();
}

/* A fiber cannot be destroyed while it runs, so an ended coroutine's lives until its stack's reuse. */
static inline void sanitize_new(struct sanitized *self, char *low, const void *high)
{
	(void)low;
	(void)high;
	if (self->fiber)
		__tsan_destroy_fiber(self->fiber);
	self->fiber = __tsan_create_fiber(0);
}

#else

struct sanitized {
};

static inline void sanitize_leave(struct sanitized *from, const struct sanitized *to, bool ends)
{
	(void)from;
	(void)to;
	(void)ends;
}

static inline void sanitize_arrive(const struct sanitized *self)
{
	(void)self;
}

static inline void sanitize_thread(struct sanitized *thread)
{
	(void)thread;
}

static inline void sanitize_new(struct sanitized *self, char *low, const void *high)
{
	(void)self;
	(void)low;
	(void)high;
}

#endif
#endif
