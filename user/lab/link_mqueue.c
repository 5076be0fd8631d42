// SPDX-License-Identifier: GPL-2.0-only
/*
 * link_mqueue.c - tokens as messages of a POSIX message queue, whose name nobody can guess, and which is
 * gone before the first task exists: tasks inherit its descriptor, and the kernel frees it after the last
 * of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lab/executor.h"

/*
 * mq_open() says EMFILE for want of a descriptor and for RLIMIT_MSGQUEUE: where a descriptor can still
 * be had, it was the latter. No other thread exists that could have closed one in between.
 */
static bool is_about_queues(int err)
{
	int fd;

	if (err != -EMFILE)
		return err == -ENOSPC;
	fd = open("/", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int mqueue_open(struct link *link, struct lab *lab)
{
	/* The least that holds a token: all queues of a user share RLIMIT_MSGQUEUE bytes. */
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = sizeof(uint64_t) };
	uint64_t random[2];
	char name[64];
	int err;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	snprintf(name, sizeof(name), "/swtch-lab-%016" PRIx64 "%016" PRIx64, random[0], random[1]);
	/* Linux: an mqd_t is a file descriptor (mq_overview(7)). */
	link->fd[0] = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
	if (link->fd[0] >= 0)
		return mq_unlink(name) ? -errno : 0;
	err = -errno;
	if (is_about_queues(err))
		lab_error_queues(lab, err, "cannot open mqueue %u", lab->n_links + 1);
	return err;
}

static void mqueue_close(struct link *link)
{
	if (link->fd[0] >= 0)
		mq_close(link->fd[0]);
}

_Noreturn static void die(struct link *link, struct task *self, const char *what)
{
	lab_error(self->lab, "cannot %s the %s of task %u: %s", what, link->ops->name, self->number,
		  strerror(errno));
	lab_die(self->lab);
}

static void mqueue_send(struct link *link, struct task *self, uint64_t token)
{
	while (mq_send(link->fd[0], (const char *)&token, sizeof(token), 0))
		if (errno != EINTR)
			die(link, self, "write a token to");
}

static uint64_t mqueue_receive(struct link *link, struct task *self)
{
	uint64_t token;

	while (mq_receive(link->fd[0], (char *)&token, sizeof(token), NULL) < 0)
		if (errno != EINTR)
			die(link, self, "read a token from");
	return token;
}

const struct link_ops link_mqueue = {
	.name = "mqueue",
	.models = 1 << MODEL_PROCESS,
	.work = { [MODEL_PROCESS] = 40000 },
	.open = mqueue_open,
	.send = mqueue_send,
	.receive = mqueue_receive,
	.close = mqueue_close,
};
