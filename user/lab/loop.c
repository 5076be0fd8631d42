// SPDX-License-Identifier: GPL-2.0-only
/* loop.c - who runs next, and what to wait for when nobody can. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/loop.h"

/* Switches between two looks of the loop; fewer when there is something to look at. */
#define BUDGET_IDLE  1024
#define BUDGET_WAITS 256

_Thread_local struct loop *loop_running;

/* Make room for n ready coroutines. */
static int ready_reserve(struct loop *loop, uint32_t n)
{
	uint32_t size = loop->ready_mask + 1;
	struct coro **ready;

	if (loop->ready && n <= size)
		return 0;
	while (size < n)
		size *= 2;
	ready = calloc(size, sizeof(struct coro *));
	if (!ready)
		return -ENOMEM;
	for (uint32_t i = 0; loop->ready && i < loop->n_ready; i++)
		ready[i] = loop->ready[(loop->ready_head + i) & loop->ready_mask];
	free(loop->ready);
	loop->ready = ready;
	loop->look_at -= loop->ready_head;
	loop->ready_head = 0;
	loop->ready_mask = size - 1;
	return 0;
}

static bool loop_waits(const struct loop *loop)
{
	return loop->n_timers || loop->n_fd_waits || loop->in_pool;
}

static struct coro *loop_ended(struct coro_host *host, struct coro *coro)
{
	struct loop *loop = (struct loop *)(void *)host;

	loop->n_alive--;
	if (coro->back)
		loop_push(loop, coro->back);
	if (coro->detached)
		coro_free(coro);
	return loop->n_ready && loop->ready_head != loop->look_at ? loop_pop(loop)
								  : &loop->host.thread;
}

int loop_init(struct loop *loop, size_t stack_bytes, size_t fill, struct lab_line *line,
	      const _Atomic uint32_t *marks_on, struct mark_ring *ring)
{
	_Static_assert(offsetof(struct loop, host) == 0, "loop_ended() takes one for the other");
	int err;

	memset(loop, 0, sizeof(*loop));
	loop->epoll_fd = loop->inbox_fd = -1;
	loop->timers_size = fill > 64 ? fill : 64;
	loop->timers = calloc(loop->timers_size, sizeof(*loop->timers));
	if (!loop->timers)
		return -ENOMEM;
	err = coro_host_init(&loop->host, stack_bytes, fill, line, marks_on, ring);
	loop->host.ended = loop_ended;
	loop->line = loop->host.line;
	return err;
}

void loop_fini(struct loop *loop)
{
	coro_host_fini(&loop->host);
	free(loop->timers);
	free(loop->ready);
	free(loop->fds);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	if (loop->inbox_fd >= 0)
		close(loop->inbox_fd);
}

struct coro *loop_spawn(struct loop *loop, coro_fn fn, void *arg, bool detached)
{
	struct coro *coro;
	int err = ready_reserve(loop, loop->n_alive + 1);

	if (err) {
		errno = -err;
		return NULL;
	}
	coro = coro_new(&loop->host, fn, arg);
	if (!coro)
		return NULL;
	coro->looped = true;
	coro->detached = detached;
	loop->n_alive++;
	loop_push(loop, coro);
	return coro;
}

void loop_yield_alone(struct loop *loop)
{
	if (!loop_waits(loop))
		return;
	if (loop->look_at != loop->ready_head) {
		loop->look_at--;
		return;
	}
	loop_push(loop, loop->host.current);
	coro_leave(&loop->host);
}

/* Whoever finds the inbox empty wakes its loop; the loop takes all that is there at once. */
static void inbox_push(struct loop *to, struct coro *coro)
{
	struct coro *newest = atomic_load_explicit(&to->inbox, memory_order_relaxed);
	const uint64_t one = 1;

	do
		coro->next = newest;
	while (!atomic_compare_exchange_weak_explicit(&to->inbox, &newest, coro,
						      memory_order_release, memory_order_relaxed));
	if (!newest)
		while (write(to->inbox_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
}

static void inbox_take(struct loop *loop)
{
	struct coro *coro, *next, *oldest = NULL;

	if (!atomic_load_explicit(&loop->inbox, memory_order_relaxed))
		return;
	coro = atomic_exchange_explicit(&loop->inbox, NULL, memory_order_acquire);
	for (; coro; coro = next) {
		next = coro->next;
		coro->next = oldest;
		oldest = coro;
	}
	while ((coro = oldest)) {
		oldest = coro->next;
		loop_push(loop, coro);
	}
}

void loop_ready(struct loop *loop, struct coro *coro)
{
	struct loop *home = (struct loop *)(void *)coro->host;

	if (home == loop)
		loop_push(loop, coro);
	else
		inbox_push(home, coro);
}

void loop_join(struct loop *loop, struct coro *coro)
{
	if (!coro->done) {
		coro->back = loop->host.current;
		loop_go(loop);
	}
	coro_free(coro);
}

/* Timers: a binary heap, the earliest first. */

static bool timer_before(const struct timer *a, const struct timer *b)
{
	return a->when_ns != b->when_ns ? a->when_ns < b->when_ns : a->order < b->order;
}

static void timer_sift_up(struct loop *loop, size_t i)
{
	struct timer *heap = loop->timers, moved = heap[i];

	for (; i && timer_before(&moved, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = moved;
}

static void timer_sift_down(struct loop *loop, size_t i)
{
	struct timer *heap = loop->timers, moved = heap[i];
	size_t child;

	while ((child = 2 * i + 1) < loop->n_timers) {
		if (child + 1 < loop->n_timers && timer_before(&heap[child + 1], &heap[child]))
			child++;
		if (!timer_before(&heap[child], &moved))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

static void timers_fire(struct loop *loop)
{
	uint64_t now = loop->n_timers ? clock_now_ns() : 0;

	while (loop->n_timers && loop->timers[0].when_ns <= now) {
		loop_push(loop, loop->timers[0].coro);
		loop->n_naps -= loop->timers[0].nap;
		loop->timers[0] = loop->timers[--loop->n_timers];
		if (loop->n_timers)
			timer_sift_down(loop, 0);
	}
}

/* Make every nap due. */
static void naps_end(struct loop *loop)
{
	for (size_t i = 0; i < loop->n_timers; i++)
		if (loop->timers[i].nap)
			loop->timers[i].when_ns = 0;
	for (size_t i = loop->n_timers / 2; i-- > 0;)
		timer_sift_down(loop, i);
}

int loop_sleep(struct loop *loop, uint64_t until_ns, bool nap)
{
	struct timer *more;

	if (loop->n_timers == loop->timers_size) {
		more = reallocarray(loop->timers, loop->timers_size * 2, sizeof(*more));
		if (!more)
			return -ENOMEM;
		loop->timers = more;
		loop->timers_size *= 2;
	}
	loop->timers[loop->n_timers++] =
		(struct timer){ until_ns, loop->timer_order++, loop->host.current, nap };
	loop->n_naps += nap;
	timer_sift_up(loop, loop->n_timers - 1);
	loop_go(loop);
	return 0;
}

/* How long the loop may sleep: until the first timer, but it asks for pokes while naps last. */
static uint64_t patience_ns(const struct loop *loop)
{
	uint64_t now, ns = UINT64_MAX;

	if (loop->n_ready)
		return 0;
	if (loop->n_timers) {
		now = clock_now_ns();
		ns = loop->timers[0].when_ns > now ? loop->timers[0].when_ns - now : 0;
	}
	return loop->n_naps && loop->poked && ns > LOOP_POKE_NS ? LOOP_POKE_NS : ns;
}

int loop_run(struct loop *loop)
{
	struct loop *outer = loop_running;
	int err = 0;

	coro_host_arrive(&loop->host);
	loop_running = loop;
	while (!err && loop->n_alive) {
		lab_line_add(&loop->line->turns);
		if (loop->n_naps && loop->poked && loop->poked(loop->poked_arg))
			naps_end(loop);
		inbox_take(loop);
		timers_fire(loop);
		if (!loop->n_ready && !loop_waits(loop)) {
			err = -EDEADLK;
			break;
		}
		if (loop->n_fd_waits || !loop->n_ready)
			err = loop_poll(loop, patience_ns(loop));
		inbox_take(loop);
		timers_fire(loop);
		loop->look_at = loop->ready_head + (loop_waits(loop) ? BUDGET_WAITS : BUDGET_IDLE);
		if (loop->n_ready)
			coro_enter(&loop->host, loop_pop(loop));
	}
	loop_running = outer;
	return err;
}
