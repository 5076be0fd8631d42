// SPDX-License-Identifier: GPL-2.0-only
/* kernel.c - yielding and waiting by system calls. */
#include <errno.h>
#include <poll.h>
#include <sched.h>

#include "base/clock.h"
#include "lab/futex.h"
#include "lab/kernel.h"
#include "lab/task.h"

void kernel_yield(struct task *self)
{
	task_count(self, &self->line->yielded, 1);
	sched_yield();
}

static struct timespec instant(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
}

void kernel_sleep(struct task *self, uint64_t until_ns)
{
	struct timespec until = instant(until_ns);

	(void)self;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

void kernel_nap(struct task *self, uint64_t until_ns)
{
	struct timespec until = instant(until_ns);

	futex_wait(&self->lab->area->stop, 0, &until);
}

void kernel_poke(const struct lab *lab)
{
	futex_wake(&lab->area->stop);
}

void kernel_lock(struct task *self)
{
	pthread_mutex_lock(&self->lab->shared->lock);
}

void kernel_unlock(struct task *self)
{
	pthread_mutex_unlock(&self->lab->shared->lock);
}

void kernel_wait_fd(struct task *self, int fd, uint32_t events)
{
	/* EPOLLIN and EPOLLOUT are POLLIN and POLLOUT. */
	struct pollfd wait = { .fd = fd, .events = (short)events };

	(void)self;
	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		;
}
