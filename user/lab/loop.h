/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loop.h - the event loop of one thread: a queue of ready coroutines, timers, and epoll.
 *
 * A coroutine that yields or waits switches straight to the next ready one. The loop's own stack
 * (the thread's) is entered only when none is ready, and now and then to look at timers and
 * descriptors. First in, first out everywhere; timers of one instant fire in the order of their
 * making.
 *
 * Only the thread that owns the loop may call; everything from loop_yield() on only from inside one
 * of its coroutines. Loops of a pool wake each other's coroutines by loop_ready().
 */
#ifndef SWTCH_LAB_LOOP_H
#define SWTCH_LAB_LOOP_H

#include <sys/types.h>

#include "lab/coro.h"

/* Coroutines waiting for the same thing. All zero is empty. */
struct coro_queue {
	struct coro *head, *tail;
};

static inline void coro_queue_push(struct coro_queue *queue, struct coro *coro)
{
	coro->next = NULL;
	if (queue->head)
		queue->tail->next = coro;
	else
		queue->head = coro;
	queue->tail = coro;
}

static inline struct coro *coro_queue_pop(struct coro_queue *queue)
{
	struct coro *coro = queue->head;

	if (coro)
		queue->head = coro->next;
	return coro;
}

struct timer {
	uint64_t when_ns;
	uint64_t order; /* of making */
	struct coro *coro;
	bool nap; /* ends at once when the loop is poked */
};

struct loop_fd;

struct loop {
	struct coro_host host;
	/* A ring with room for all alive: no switch waits for the one before. */
	struct coro **ready;
	/* The two that change stand apart: gcc would load them as one where they were stored as two. */
	uint32_t ready_head, ready_mask, n_ready;
	uint32_t look_at; /* what ready_head is when the loop has to look at timers, descriptors */
	uint32_t n_alive; /* coroutines that have not returned */
	struct timer *timers; /* a heap */
	size_t n_timers, timers_size, n_naps;
	uint64_t timer_order;
	struct lab_line *line; /* counts turns, polls and what they report */
	/* loop_fd.c: */
	int epoll_fd;	     /* -1 until the first wait for a descriptor */
	struct loop_fd *fds; /* by number */
	size_t n_fds;	     /* room there */
	uint32_t n_fd_waits; /* coroutines that wait for one */
	/* In a pool: */
	bool in_pool;		    /* other loops may make coroutines of this one ready, */
	struct coro *_Atomic inbox; /* the newest first, */
	int inbox_fd;		    /* and say so: an eventfd; -1 alone */
	/* What wakes naps: while one lasts, the loop asks every LOOP_POKE_NS. NULL: nothing does. */
	bool (*poked)(void *arg);
	void *poked_arg;
};

#define LOOP_POKE_NS (50 * 1000000ull)

/* The parameters are those of coro_host_init(). 0 or -errno. */
int loop_init(struct loop *loop, size_t stack_bytes, size_t fill, struct lab_line *line,
	      const _Atomic uint32_t *marks_on, struct mark_ring *ring);

void loop_fini(struct loop *loop);

/* Before the first coroutine: other loops will make some of this one's ready. 0 or -errno. */
int loop_join_pool(struct loop *loop);

/*
 * A new ready coroutine; from inside or outside the loop. Detached: it is freed when it returns.
 * Otherwise loop_join() has to be called. NULL with errno.
 */
struct coro *loop_spawn(struct loop *loop, coro_fn fn, void *arg, bool detached);

/*
 * Run until every coroutine has returned: 0. -EDEADLK when those that are left wait for each other
 * (loop->n_alive says how many; in a pool nobody can tell), another -errno when epoll or memory
 * failed.
 */
int loop_run(struct loop *loop);

/* Make a coroutine ready that paused in this loop or in another one of the pool. */
void loop_ready(struct loop *loop, struct coro *coro);

/* Sleep until an instant of CLOCK_MONOTONIC; a nap ends early when the loop is poked. 0 or -ENOMEM. */
int loop_sleep(struct loop *loop, uint64_t until_ns, bool nap);

/* Wait until a coroutine has returned, then free it. Anybody's, but one waits at most. */
void loop_join(struct loop *loop, struct coro *coro);

/*
 * Descriptors, which must not block (O_NONBLOCK). One coroutine at a time may wait for each. What
 * was waited for must be closed by loop_close(), or the number must not be used again.
 */

/*
 * Wait until fd may be ready for events (EPOLLIN, EPOLLOUT): for who has just been told that it is
 * not, or took all there was. It may answer early. 0 or -errno.
 */
int loop_wait_fd(struct loop *loop, int fd, uint32_t events);

/* read(2) that waits; answers -errno. */
ssize_t loop_read(struct loop *loop, int fd, void *bytes, size_t n);

/* write(2) that waits until all n bytes are written: n or -errno. */
ssize_t loop_write(struct loop *loop, int fd, const void *bytes, size_t n);

/* accept4(2) that waits, for a descriptor that does not block; or -errno. */
int loop_accept(struct loop *loop, int fd);

void loop_close(struct loop *loop, int fd);

/* --- in line, because these switch: see coro.h ----------------------------------------------------- */

/* The loop that the calling thread runs; NULL outside loop_run(). */
extern _Thread_local struct loop *loop_running;

/*
 * The same, for who is about to switch: a load that waits for nothing. A pointer out of the
 * coroutine's own frame comes with the switch before, and what is found through it decides the next:
 * the CPU would have to do one after the other (5.1 ns instead of 2.5).
 */
static inline struct loop *loop_here(void)
{
	return loop_running;
}

static inline void loop_push(struct loop *loop, struct coro *coro)
{
	loop->ready[(loop->ready_head + loop->n_ready++) & loop->ready_mask] = coro;
}

static inline struct coro *loop_pop(struct loop *loop)
{
	loop->n_ready--;
	return loop->ready[loop->ready_head++ & loop->ready_mask];
}

/* Leave the running coroutine for the next ready one, or for the loop's own stack. */
static inline void loop_go(struct loop *loop)
{
	if (!loop->n_ready || loop->ready_head == loop->look_at)
		coro_leave(&loop->host);
	else
		coro_enter(&loop->host, loop_pop(loop));
}

/* For loop_yield(): nobody else is ready, so go on, but let the loop look for others now and then. */
void loop_yield_alone(struct loop *loop);

/* Let the other ready coroutines run first. */
static inline void loop_yield(struct loop *loop)
{
	uint32_t head = loop->ready_head;

	if (__builtin_expect(!loop->n_ready, 0)) {
		loop_yield_alone(loop);
		return;
	}
	if (__builtin_expect(head == loop->look_at, 0)) {
		loop_push(loop, loop->host.current);
		coro_leave(&loop->host);
		return;
	}
	/* One comes and one goes: as many are ready as before. */
	loop->ready[(head + loop->n_ready) & loop->ready_mask] = loop->host.current;
	loop->ready_head = head + 1;
	coro_enter(&loop->host, loop->ready[head & loop->ready_mask]);
}

/* Leave, to be made ready by whoever was told of it. */
static inline void loop_pause(struct loop *loop)
{
	loop_go(loop);
}

/* Leave, to be made ready by loop_wake() on the same queue; in FIFO order, in one loop. */
static inline void loop_wait(struct loop *loop, struct coro_queue *queue)
{
	coro_queue_push(queue, loop->host.current);
	loop_go(loop);
}

/* Make the first who waits in queue ready; nothing if none does. */
static inline void loop_wake(struct loop *loop, struct coro_queue *queue)
{
	struct coro *coro = coro_queue_pop(queue);

	if (coro)
		loop_push(loop, coro);
}

/* --- for loop.c -------------------------------------------------------------------------------- */

/* Take what descriptors report, waiting at most patience_ns (UINT64_MAX: for ever). 0 or -errno. */
int loop_poll(struct loop *loop, uint64_t patience_ns);

#endif
