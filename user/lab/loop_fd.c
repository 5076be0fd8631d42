// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop_fd.c - a loop's descriptors: each is given to epoll once, edge by edge, and its entry here
 * remembers an edge that nobody waited for. So a wait costs no system call of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/loop.h"

#define N_EVENTS     256
#define N_FIRST	     64 /* entries */
#define FRAMES_BYTES 512
#define LINE_BYTES   64

struct loop_fd {
	struct coro *waiting;
	uint32_t wanted; /* by who waits */
	uint32_t edges;	 /* that came and were not waited for */
	bool drained;	 /* nothing is left to read until the next edge */
	bool known;	 /* to epoll */
	bool ended;	 /* the other end will send no more: reading never waits */
};

static int epoll_get(struct loop *loop)
{
	if (loop->epoll_fd < 0)
		loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll_fd < 0 ? -errno : 0;
}

int loop_join_pool(struct loop *loop)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int err = epoll_get(loop);

	if (err)
		return err;
	loop->inbox_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->inbox_fd < 0)
		return -errno;
	event.data.fd = loop->inbox_fd;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->inbox_fd, &event))
		return -errno;
	loop->in_pool = true;
	return 0;
}

/* The entry of a descriptor, which moves when room is made for another. NULL: no memory. */
static struct loop_fd *entry_of(struct loop *loop, int fd)
{
	size_t n = loop->n_fds ? loop->n_fds : N_FIRST;
	struct loop_fd *more;

	if ((size_t)fd < loop->n_fds)
		return &loop->fds[fd];
	while (n <= (size_t)fd)
		n *= 2;
	more = reallocarray(loop->fds, n, sizeof(*more));
	if (!more)
		return NULL;
	memset(more + loop->n_fds, 0, (n - loop->n_fds) * sizeof(*more));
	loop->fds = more;
	loop->n_fds = n;
	return &more[fd];
}

static int make_known(struct loop *loop, struct loop_fd *entry, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				     .data.fd = fd };
	int err = epoll_get(loop);

	if (!err && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		err = -errno;
	entry->known = !err;
	return err;
}

int loop_wait_fd(struct loop *loop, int fd, uint32_t events)
{
	struct loop_fd *entry = entry_of(loop, fd);
	int err = 0;

	if (!entry)
		return -ENOMEM;
	if (!entry->known)
		err = make_known(loop, entry, fd);
	if (err)
		return err;
	if (entry->edges & events) {
		entry->edges &= ~events;
		return 0;
	}
	entry->waiting = loop->host.current;
	entry->wanted = events;
	loop->n_fd_waits++;
	loop_pause(loop);
	return 0;
}

/*
 * A coroutine among thousands has waited long enough to be in no cache: its registers, and its stack
 * as far up as a task's body. The others of this batch run before it, while they come.
 */
static void prefetch_frames(const struct coro *coro)
{
	const char *at = coro->place.sp;

	for (const char *end = at + FRAMES_BYTES; at < end; at += LINE_BYTES)
		__builtin_prefetch(at);
}

static void take_edges(struct loop *loop, struct loop_fd *entry, uint32_t events)
{
	struct coro *coro = entry->waiting;

	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
		events |= EPOLLIN | EPOLLOUT;
		entry->ended = true;
	}
	entry->edges |= events;
	if (events & EPOLLIN)
		entry->drained = false;
	if (!coro || !(entry->edges & entry->wanted))
		return;
	entry->edges &= ~entry->wanted;
	entry->waiting = NULL;
	loop->n_fd_waits--;
	prefetch_frames(coro);
	loop_ready(loop, coro);
}

/* epoll_wait() with nanoseconds where the kernel has it (Linux 5.11). */
static int epoll_wait_ns(int epoll_fd, struct epoll_event *events, uint64_t ns)
{
	static _Atomic bool missing;
	struct timespec span = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
	uint64_t ms = ns / NS_PER_MS + !!(ns % NS_PER_MS);
	int n;

	if (!atomic_load_explicit(&missing, memory_order_relaxed)) {
		n = (int)syscall(SYS_epoll_pwait2, epoll_fd, events, N_EVENTS,
				 ns == UINT64_MAX ? NULL : &span, NULL, (size_t)0);
		if (n >= 0 || errno != ENOSYS)
			return n;
		atomic_store_explicit(&missing, true, memory_order_relaxed);
	}
	return epoll_wait(epoll_fd, events, N_EVENTS, ns == UINT64_MAX ? -1 : (int)ms);
}

int loop_poll(struct loop *loop, uint64_t patience_ns)
{
	struct epoll_event events[N_EVENTS];
	int n, err = epoll_get(loop);

	if (err)
		return err;
	n = epoll_wait_ns(loop->epoll_fd, events, patience_ns);
	lab_line_add(&loop->line->polls);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (events[i].data.fd == loop->inbox_fd)
			continue; /* it has woken us, which is all that it is for */
		lab_line_add(&loop->line->ready);
		take_edges(loop, &loop->fds[events[i].data.fd], events[i].events);
	}
	return 0;
}

/* --- reading and writing ------------------------------------------------------------------------- */

/*
 * A short read took all that was there, so the next one can wait without asking in vain (epoll(7)).
 * Not when the other end has closed: that edge has come, and no other follows.
 */
static bool is_drained(const struct loop *loop, int fd)
{
	return (size_t)fd < loop->n_fds && loop->fds[fd].drained && !loop->fds[fd].ended;
}

static void note_drained(const struct loop *loop, int fd)
{
	if ((size_t)fd < loop->n_fds)
		loop->fds[fd].drained = true;
}

/* After a call that failed: 0 to call again, now that it waited or a signal came between; or -errno. */
static int again(struct loop *loop, int fd, uint32_t events)
{
	if (errno == EAGAIN)
		return loop_wait_fd(loop, fd, events);
	return errno == EINTR ? 0 : -errno;
}

ssize_t loop_read(struct loop *loop, int fd, void *bytes, size_t n)
{
	ssize_t got;
	int err;

	for (;;) {
		if (is_drained(loop, fd)) {
			err = loop_wait_fd(loop, fd, EPOLLIN);
			if (err)
				return err;
		}
		got = read(fd, bytes, n);
		if (got > 0 && (size_t)got < n)
			note_drained(loop, fd);
		if (got >= 0)
			return got;
		err = again(loop, fd, EPOLLIN);
		if (err)
			return err;
	}
}

ssize_t loop_write(struct loop *loop, int fd, const void *bytes, size_t n)
{
	size_t done = 0;
	ssize_t put;
	int err;

	while (done < n) {
		put = write(fd, (const char *)bytes + done, n - done);
		err = put < 0 ? again(loop, fd, EPOLLOUT) : 0;
		if (err)
			return err;
		if (put > 0)
			done += (size_t)put;
	}
	return (ssize_t)n;
}

int loop_accept(struct loop *loop, int fd)
{
	int got, err;

	for (;;) {
		got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (got >= 0)
			return got;
		err = errno == ECONNABORTED ? 0 : again(loop, fd, EPOLLIN);
		if (err)
			return err;
	}
}

void loop_close(struct loop *loop, int fd)
{
	if ((size_t)fd < loop->n_fds)
		loop->fds[fd] = (struct loop_fd){ 0 };
	close(fd);
}
