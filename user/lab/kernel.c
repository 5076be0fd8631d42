// SPDX-License-Identifier: GPL-2.0-only
/* kernel.c - yielding and waiting by system calls. */
#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

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

ssize_t kernel_read(struct task *self, int fd, void *bytes, size_t n)
{
	ssize_t got;

	(void)self;
	do
		got = read(fd, bytes, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t kernel_write(struct task *self, int fd, const void *bytes, size_t n)
{
	size_t done = 0;
	ssize_t put;

	(void)self;
	while (done < n) {
		put = write(fd, (const char *)bytes + done, n - done);
		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0)
			done += (size_t)put;
	}
	return (ssize_t)n;
}

int kernel_accept(struct task *self, int fd)
{
	int got;

	(void)self;
	do
		got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	while (got < 0 && (errno == EINTR || errno == ECONNABORTED));
	return got < 0 ? -errno : got;
}

void kernel_close(struct task *self, int fd)
{
	(void)self;
	close(fd);
}
