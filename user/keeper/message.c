// SPDX-License-Identifier: GPL-2.0-only
/* message.c - one message with descriptors over a socketpair. */
#include "keeper/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control_room {
	char bytes[CMSG_SPACE(N_HELLO_FDS * sizeof(int))];
	struct cmsghdr align;
};

void hello_fds(struct probes_facts *facts, int *fds[N_HELLO_FDS])
{
	int *const all[N_HELLO_FDS] = { &facts->cells_fd, &facts->cpus_fd,    &facts->rings_fd,
					&facts->taken_fd, &facts->control_fd, &facts->figures_fd,
					&facts->ended_fd };

	memcpy(fds, all, sizeof(all));
}

int message_send(int socket, const void *message, size_t size, const int *fds, unsigned n_fds)
{
	union control_room room = { { 0 } };
	struct iovec part = { .iov_len = size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	memcpy(&part.iov_base, &message, sizeof(message)); /* only read, but iovec is not const */
	if (n_fds) {
		header.msg_control = room.bytes;
		header.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));

		struct cmsghdr *control = CMSG_FIRSTHDR(&header);

		if (!control) /* the room was made for one */
			return -EINVAL;
		control->cmsg_level = SOL_SOCKET;
		control->cmsg_type = SCM_RIGHTS;
		control->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(control), fds, n_fds * sizeof(int));
	}
	while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Take the descriptors out of a message; more than wanted are closed. */
static unsigned take_fds(struct msghdr *header, int *fds, unsigned n_max)
{
	unsigned n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < n_max)
				fds[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

int message_receive(int socket, void *message, size_t size, int *fds, unsigned n_fds_max,
		    unsigned *n_fds, bool wait)
{
	union control_room room;
	struct iovec part = { message, size };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = room.bytes,
				 .msg_controllen = sizeof(room.bytes) };
	ssize_t got;

	do
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	*n_fds = take_fds(&header, fds, n_fds_max);
	if (!got)
		return -EPIPE;
	if ((size_t)got != size || header.msg_flags & MSG_TRUNC)
		return -EBADMSG;
	return header.msg_flags & MSG_CTRUNC ? -EMFILE : 0;
}
