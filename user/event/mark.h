/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mark.h - coroutine marks: how user-level switches become visible without entering the kernel.
 *
 * One ring for each thread that runs coroutines, in memory shared with the watcher. The thread is
 * the only writer; it never waits. The watcher only reads, and tells from `head` what was
 * overwritten before it came: marks [head - N_MARKS, head) are there, older ones are lost and
 * counted as lost. Whatever a reader finds here is hostile: the writer is another program.
 */
#ifndef SWTCH_MARK_H
#define SWTCH_MARK_H

#include <stdatomic.h>
#include <stdint.h>

enum mark_kind {
	MARK_NONE,
	MARK_CREATE,  /* the coroutine exists */
	MARK_RESUME,  /* it runs on the ring's thread */
	MARK_SUSPEND, /* it left the thread, to be resumed */
	MARK_END,     /* it returned */
};

/* 16 bytes. */
struct mark {
	uint64_t ticks;	    /* mark_ticks() when it was written */
	uint32_t coroutine; /* 1, 2, 3, ... in order of creation; unique within the program */
	uint32_t kind;	    /* enum mark_kind */
};

#define N_MARKS (1u << 16) /* a power of two: 1 MiB a ring */

struct mark_ring {
	_Atomic uint64_t head; /* marks ever written; the next goes to marks[head % N_MARKS] */
	_Atomic uint32_t tid; /* the thread, in its own pid namespace; 0 while the ring is unused */
	uint32_t unused[13];
	struct mark marks[N_MARKS];
};

/*
 * The cheapest monotonic clock that a program can read without the kernel. The watcher samples it
 * beside CLOCK_MONOTONIC to convert; the two need no common origin or rate.
 */
static inline uint64_t mark_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
#error "mark_ticks: no cheap clock known for this architecture"
#endif
}

/* Write one mark; only the ring's own thread may call. Two stores and a release. */
static inline void mark_write_at(struct mark_ring *ring, uint32_t kind, uint32_t coroutine,
				 uint64_t ticks)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct mark *mark = &ring->marks[head % N_MARKS];

	mark->ticks = ticks;
	mark->coroutine = coroutine;
	mark->kind = kind;
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
}

static inline void mark_write(struct mark_ring *ring, uint32_t kind, uint32_t coroutine)
{
	mark_write_at(ring, kind, coroutine, mark_ticks());
}

#endif
