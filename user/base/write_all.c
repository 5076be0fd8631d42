// SPDX-License-Identifier: GPL-2.0-only
/* write_all.c - short writes, signals, and pipes without room. */
#include "base/write_all.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/interrupt.h"

/* Until there is room: 0, or -errno; -EINTR when a signal came, or there was none in time. */
static int wait_for_room(int fd, int timeout_ms)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	int n = poll(&out, 1, timeout_ms);

	return n > 0 ? 0 : n ? -errno : -EINTR;
}

/*
 * What a write may be given that shall not sleep: where poll(2) finds room in a pipe, there is room for
 * PIPE_BUF bytes (pipe_poll(), fs/pipe.c).
 */
static size_t least(size_t n)
{
	return n < PIPE_BUF ? n : PIPE_BUF;
}

int write_all(int fd, const void *bytes, size_t n, int patience_ms)
{
	bool is_patient = patience_ms < 0, is_asked = false;
	const char *at = bytes;
	int err = 0;

	while (n && !err) {
		ssize_t written;

		/* A write that a signal interrupts in its middle tells of what it took, and not of the signal. */
		is_asked = !is_patient && (is_asked || interrupt_seen());
		if (is_asked)
			err = wait_for_room(fd, patience_ms);
		if (err)
			break;
		written = write(fd, at, is_asked ? least(n) : n);
		if (written > 0) {
			at += written;
			n -= (size_t)written;
			continue;
		}
		err = written ? -errno : -EIO;
		if (err == -EAGAIN)
			err = is_asked ? 0 : wait_for_room(fd, -1);
		if (err == -EINTR) {
			is_asked = true;
			err = 0;
		}
	}
	return err;
}
