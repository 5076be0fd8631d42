// SPDX-License-Identifier: GPL-2.0-only
/* link_pipe.c - tokens through a pipe: the kernel carries them, and blocks or reports readiness. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lab/task.h"

static int pipe_open(struct link *link, struct lab *lab)
{
	int flags = O_CLOEXEC | (lab->model == MODEL_COROUTINE ? O_NONBLOCK : 0);

	return pipe2(link->fd, flags) ? -errno : 0;
}

static void pipe_close(struct link *link)
{
	for (int i = 0; i < 2; i++)
		if (link->fd[i] >= 0)
			close(link->fd[i]);
}

/* Eight bytes go through a pipe whole (pipe(7): writes up to PIPE_BUF are atomic). */
static void pipe_send(struct link *link, struct task *self, uint64_t token)
{
	ssize_t n = task_write(self, link->fd[1], &token, sizeof(token));

	if (n == sizeof(token))
		return;
	lab_error(self->lab, "cannot write a token to the pipe of task %u: %s", self->number,
		  strerror((int)-n));
	lab_die(self->lab);
}

static uint64_t pipe_receive(struct link *link, struct task *self)
{
	uint64_t token = 0;
	ssize_t n = task_read(self, link->fd[0], &token, sizeof(token));

	if (n == sizeof(token))
		return token;
	lab_error(self->lab, "cannot read a token from the pipe of task %u: %s", self->number,
		  n < 0 ? strerror((int)-n) : "its other end is closed");
	lab_die(self->lab);
}

const struct link_ops link_pipe = {
	.name = "pipe",
	.models = 1 << MODEL_PROCESS | 1 << MODEL_THREAD | 1 << MODEL_COROUTINE,
	.work = { [MODEL_PROCESS] = 50000, [MODEL_THREAD] = 50000, [MODEL_COROUTINE] = 1000000 },
	.open = pipe_open,
	.send = pipe_send,
	.receive = pipe_receive,
	.close = pipe_close,
};
