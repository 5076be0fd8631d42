// SPDX-License-Identifier: GPL-2.0-only
/*
 * echo.c - a TCP server on loopback that sends back what it gets. A task for each connection: it
 * waits for one, serves it to its end, and ends. The clients (clients.c) run apart.
 */
#include "lab/echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define BACKLOG 4096

int message_read(struct task *self, int fd, struct inbound *in)
{
	size_t have = 0;
	ssize_t n;

	while (have < sizeof(in->message)) {
		n = task_read(self, fd, (char *)in + have, sizeof(*in) - have);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return have ? -EPROTO : 0;
		have += (size_t)n;
	}
	return have == sizeof(in->message) ? 1 : -EPROTO;
}

int socket_set_quick(int fd)
{
	const int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ? -errno : 0;
}

static int listen_on_loopback(struct lab *lab, int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		return lab_error_limit(lab, -errno, "cannot listen on 127.0.0.1");
	lab->area->port = ntohs(address.sin_port);
	return 0;
}

static int echo_open(struct lab *lab)
{
	int flags = SOCK_CLOEXEC | (lab->model == MODEL_COROUTINE ? SOCK_NONBLOCK : 0);
	/* The one that listens, a loop's; a process has that of its own connection alone. */
	uint64_t n_fds = 2 + (lab->model == MODEL_PROCESS ? 1 : (uint64_t)lab->n_tasks);
	int err = lab_check_descriptors(lab, n_fds);

	if (err)
		return err;
	lab->listen_fd = socket(AF_INET, SOCK_STREAM | flags, 0);
	if (lab->listen_fd < 0)
		return lab_error_limit(lab, -errno, "cannot open a socket");
	return listen_on_loopback(lab, lab->listen_fd);
}

static void echo_close(struct lab *lab)
{
	if (lab->listen_fd >= 0)
		close(lab->listen_fd);
}

_Noreturn static void fail(struct task *self, const char *what, int err)
{
	lab_error_limit(self->lab, err, "task %u cannot %s", self->number, what);
	lab_die(self->lab);
}

/* One at a time waits at the door: the next goes there when it has left with a connection. */
static int next_connection(struct task *self)
{
	int fd, err;

	task_lock(self);
	fd = task_accept(self, self->lab->listen_fd);
	task_unlock(self);
	if (fd < 0)
		fail(self, "accept a connection", fd);
	err = socket_set_quick(fd);
	if (err)
		fail(self, "set up a connection", err);
	task_figure(self, ECHO_CONNECTIONS, 1);
	return fd;
}

/* The first message is a greeting, and no request. */
static void echo_body(struct task *self)
{
	int fd = next_connection(self), got;
	struct inbound in;
	bool greeted = false;

	while ((got = message_read(self, fd, &in)) > 0) {
		got = (int)task_write(self, fd, &in.message, sizeof(in.message));
		if (got < 0)
			break;
		if (greeted) {
			task_done(self, 1, in.message.token);
			task_figure(self, ECHO_REQUESTS, 1);
		}
		greeted = true;
	}
	if (got < 0)
		fail(self, "serve its connection", got);
	task_close(self, fd);
}

static const struct lab_figure figures[] = {
	[ECHO_REQUESTS] = { "requests", "requests answered", false, NULL },
	[ECHO_CONNECTIONS] = { "connections", "connections accepted", false, NULL },
	{ NULL, NULL, false, NULL },
};

const struct job job_echo = {
	.name = "echo",
	.says = "a TCP server on loopback, a task for each connection",
	.shows = "What an event loop saves: switches and memory for each request and connection, "
		 "while the requests are the same.",
	.about =
		"The server has a process, a thread or a coroutine for each connection; it sends "
		"back each request of 64 bytes. Its clients run apart, in a program and a lane of "
		"their own, so that their switches are not the server's; they measure how long an "
		"answer takes, think for a while (--think) and ask again. A process or a thread waits "
		"in the kernel for every request; a loop takes all that have come at once. --clients "
		"says how many connections there are, --pool how many threads share the coroutines.",
	.unit = "request",
	.comms = { "echo" },
	.n_tasks = 100,
	.group = 1,
	.work = { [MODEL_PROCESS] = 50000, [MODEL_THREAD] = 50000, [MODEL_COROUTINE] = 50000 },
	.think_ns = NS_PER_MS,
	.options = JOB_CLIENTS | JOB_POOL,
	.figures = figures,
	.latency = "request to answer",
	.clients = &job_clients,
	.open = echo_open,
	.close = echo_close,
	.body = echo_body,
};
