// SPDX-License-Identifier: GPL-2.0-only
/*
 * link_stream.c - tokens through a pipe or a pair of connected sockets: the kernel carries bytes, and
 * blocks or reports readiness. The two differ in how they are opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/task.h"

static int pipe_open(struct link *link, struct lab *lab)
{
	int flags = O_CLOEXEC | (lab->model == MODEL_COROUTINE ? O_NONBLOCK : 0);

	return pipe2(link->fd, flags) ? -errno : 0;
}

/* Sockets carry both ways; this one is used as a pipe is, from [1] to [0]. */
static int socketpair_open(struct link *link, struct lab *lab)
{
	(void)lab;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link->fd) ? -errno : 0;
}

static void stream_close(struct link *link)
{
	for (int i = 0; i < 2; i++)
		if (link->fd[i] >= 0)
			close(link->fd[i]);
}

/*
 * Eight bytes go through whole: a pipe writes up to PIPE_BUF at once (pipe(7)), a socket makes one
 * buffer of them (unix_stream_sendmsg() in net/unix/af_unix.c).
 */
static void stream_send(struct link *link, struct task *self, uint64_t token)
{
	ssize_t n = task_write(self, link->fd[1], &token, sizeof(token));

	if (n == sizeof(token))
		return;
	lab_error(self->lab, "cannot write a token to the %s of task %u: %s", link->ops->name,
		  self->number, strerror((int)-n));
	lab_die(self->lab);
}

static uint64_t stream_receive(struct link *link, struct task *self)
{
	uint64_t token = 0;
	ssize_t n = task_read(self, link->fd[0], &token, sizeof(token));

	if (n == sizeof(token))
		return token;
	lab_error(self->lab, "cannot read a token from the %s of task %u: %s", link->ops->name,
		  self->number, n < 0 ? strerror((int)-n) : "its other end is closed");
	lab_die(self->lab);
}

const struct link_ops link_pipe = {
	.name = "pipe",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD | 1 << MODEL_COROUTINE,
	.work = { [MODEL_PROCESS] = 50000, [MODEL_THREAD] = 50000, [MODEL_COROUTINE] = 1000000 },
	.open = pipe_open,
	.send = stream_send,
	.receive = stream_receive,
	.close = stream_close,
};

const struct link_ops link_socketpair = {
	.name = "socketpair",
	.models = 1 << MODEL_PROCESS,
	.work = { [MODEL_PROCESS] = 40000 },
	.open = socketpair_open,
	.send = stream_send,
	.receive = stream_receive,
	.close = stream_close,
};
