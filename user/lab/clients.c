// SPDX-License-Identifier: GPL-2.0-only
/*
 * clients.c - who keeps a server at work: a coroutine for each connection, in a runner of its own.
 * All connect first, and greet; then each asks, waits for the answer and thinks, in turn.
 */
#include "lab/echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "lab/gate.h"

#define N_CONNECTING 256   /* at once: fewer than a server's backlog */
#define PORTS_USED   10000 /* of each of our addresses */

struct clients {
	struct gate connecting;
	struct coro_queue waiting; /* for all others to be connected */
	uint32_t n_connected;
};

static int clients_open(struct lab *lab)
{
	struct clients *clients = calloc(1, sizeof(*clients));

	if (!clients)
		return lab_error_limit(lab, -ENOMEM, "cannot allocate the clients");
	gate_init(&clients->connecting, N_CONNECTING);
	lab->own = clients;
	return lab_check_descriptors(lab, 1 + (uint64_t)lab->n_tasks); /* and the loop's */
}

static void clients_close(struct lab *lab)
{
	free(lab->own);
}

_Noreturn static void fail(struct task *self, const char *what, int err)
{
	lab_error_limit(self->lab, err, "client %u cannot %s", self->number, what);
	lab_die(self->lab);
}

/* The outcome of a connect() that did not end at once: connect(2). */
static int connect_rest(struct task *self, int fd)
{
	int err = loop_wait_fd(self->loop, fd, EPOLLOUT), result;
	socklen_t size = sizeof(result);

	if (err)
		return err;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) ? -errno : -result;
}

/*
 * A connection of its own for each address and port of ours: one address has 28,000 ports
 * (net.ipv4.ip_local_port_range), all of 127.0.0.0/8 is loopback. The port is chosen by connect().
 */
static int take_address(const struct task *self, int fd)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + self->number / PORTS_USED),
	};
	const int on = 1;

	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)))
		return -errno;
	return 0;
}

static int connect_to(struct task *self, uint16_t port)
{
	struct sockaddr_in server = { .sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		fail(self, "open a socket", -errno);
	err = take_address(self, fd);
	if (!err)
		err = connect(fd, (struct sockaddr *)&server, sizeof(server)) ? -errno : 0;
	if (err == -EINPROGRESS)
		err = connect_rest(self, fd);
	if (!err)
		err = socket_set_quick(fd);
	if (err)
		fail(self, "connect to the server", err);
	return fd;
}

static void exchange(struct task *self, int fd, uint64_t token)
{
	struct message message = { .token = token };
	struct inbound in = { .message = { .token = ~token } };
	int got = (int)task_write(self, fd, &message, sizeof(message));

	if (got >= 0)
		got = message_read(self, fd, &in);
	if (got < 0)
		fail(self, "ask the server", got);
	if (!got || in.message.token != token)
		fail(self, "understand the server's answer", -EPROTO);
}

/* The greeting has come back, so somebody serves the connection: it waits in no queue. */
static int join_in(struct task *self, struct clients *clients)
{
	int fd;

	gate_enter(self->loop, &clients->connecting);
	fd = connect_to(self, (uint16_t)self->lab->spec.port);
	exchange(self, fd, self->number);
	gate_leave(self->loop, &clients->connecting);
	if (++clients->n_connected < self->lab->n_tasks)
		loop_wait(self->loop, &clients->waiting);
	loop_wake(self->loop, &clients->waiting); /* each wakes the next */
	return fd;
}

static void clients_body(struct task *self)
{
	uint64_t think_ns = self->lab->spec.think_ns, asked_ns;
	int fd = join_in(self, self->lab->own);

	for (uint64_t n = 0; task_next(self); n++) {
		uint64_t token = (uint64_t)self->number << 32 | (n & UINT32_MAX);

		asked_ns = clock_now_ns();
		exchange(self, fd, token);
		task_latency(self, clock_now_ns() - asked_ns);
		task_done(self, 1, token);
		if (think_ns > 1) /* not longer than until everybody is asked to stop */
			task_nap(self, clock_now_ns() + think_ns);
	}
	task_close(self, fd);
}

const struct job job_clients = {
	.name = "clients",
	.says = "the clients of job echo",
	.shows = "",
	.about = "",
	.unit = "request",
	.comms = { "client" },
	.n_tasks = 100,
	.group = 1,
	.work = { [MODEL_COROUTINE] = 50000 },
	.latency = "request to answer",
	.open = clients_open,
	.close = clients_close,
	.body = clients_body,
};
