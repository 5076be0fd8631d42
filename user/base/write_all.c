// SPDX-License-Identifier: GPL-2.0-only
/* write_all.c - short writes, signals, and pipes without room. */
#include "base/write_all.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Until there is room: 0, or -errno; -EINTR when a signal came, or there was none in time. */
static int wait_for_room(int fd, int timeout_ms)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	int n = poll(&out, 1, timeout_ms);

	return n > 0 ? 0 : n ? -errno : -EINTR;
}

int write_all(int fd, const void *bytes, size_t n, int patience_ms)
{
	const char *at = bytes;
	int err = 0;

	while (n && !err) {
		ssize_t written = write(fd, at, n);

		if (written > 0) {
			at += written;
			n -= (size_t)written;
			continue;
		}
		err = written ? -errno : -EIO;
		if (err == -EAGAIN)
			err = wait_for_room(fd, -1);
		if (err == -EINTR)
			err = patience_ms < 0 ? 0 : wait_for_room(fd, patience_ms);
	}
	return err;
}
