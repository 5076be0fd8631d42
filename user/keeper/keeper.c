// SPDX-License-Identifier: GPL-2.0-only
/* keeper.c - the client's end: fork the keeper, drop, ask. */
#include "keeper/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper/privilege.h"
#include "keeper/message.h"
#include "keeper/serve.h"

#define N_NOTICES 64 /* more lanes than can end between two questions */

struct keeper {
	int socket;
	pid_t pid;
	struct probes_facts facts;
	struct reply notices[N_NOTICES]; /* that came while a reply was awaited */
	unsigned n_notices;
};

static int check_facts(const struct probes_facts *facts)
{
	bool is_power = facts->ring_size && !(facts->ring_size & (facts->ring_size - 1));

	is_power &= facts->near_size && !(facts->near_size & (facts->near_size - 1));
	is_power &= !(facts->plain_bytes & (facts->plain_bytes - 1));
	is_power &= !(facts->ended_bytes & (facts->ended_bytes - 1));
	return is_power && facts->n_cpus && facts->n_lanes == N_LANES_MAX ? 0 : -EBADMSG;
}

/* What it ended with before it could say anything itself. */
static int tell_death(struct keeper *keeper, int err, struct error *error)
{
	pid_t pid = keeper->pid;
	int status = 0;

	close(keeper->socket); /* whatever it still waits for from us */
	keeper->socket = -1;
	keeper->pid = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	if (WIFSIGNALED(status))
		return error_set(error, -err,
				 "cannot load the scheduler probes: the keeper process was killed "
				 "by signal %d%s",
				 WTERMSIG(status), error_of_signal(WTERMSIG(status)));
	return error_set(error, -err,
			 "cannot load the scheduler probes: the keeper process ended (%s)",
			 strerror(-err));
}

static int receive_hello(struct keeper *keeper, struct error *error)
{
	struct hello hello;
	int fds[N_HELLO_FDS], *of_facts[N_HELLO_FDS];
	unsigned n_fds = 0;
	int err = message_receive(keeper->socket, &hello, sizeof(hello), fds, N_HELLO_FDS, &n_fds,
				  true);

	if (!err && hello.err) {
		*error = hello.error;
		return hello.err;
	}
	if (!err && (n_fds != N_HELLO_FDS || check_facts(&hello.facts)))
		err = -EBADMSG;
	if (err) {
		for (unsigned i = 0; i < n_fds; i++)
			close(fds[i]);
		return tell_death(keeper, err, error);
	}
	keeper->facts = hello.facts;
	hello_fds(&keeper->facts, of_facts);
	for (unsigned i = 0; i < n_fds; i++)
		*of_facts[i] = fds[i];
	return 0;
}

/* Fork the keeper; in the parent `keeper` has its pid and socket. */
static int fork_keeper(struct keeper *keeper, const struct keeper_wish *wish,
		       const struct identity *invoking, const struct identity *lab,
		       struct error *error)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set(error, errno, "cannot make a socket for the keeper: %s",
				 strerror(errno));
	keeper->pid = fork();
	if (keeper->pid < 0) {
		int err = errno;

		close(pair[0]);
		close(pair[1]);
		return error_set(error, err, "cannot start the keeper process: %s%s", strerror(err),
				 error_of_clone(err));
	}
	if (!keeper->pid) {
		close(pair[0]);
		_exit(serve(pair[1], wish, invoking, lab));
	}
	close(pair[1]);
	keeper->socket = pair[0];
	return 0;
}

/* The hooks see every task by its pid in the first namespace; another's numbers are other tasks. */
static int check_namespace(struct error *error)
{
	struct stat ns;

	if (stat("/proc/self/ns/pid", &ns) || ns.st_ino == INITIAL_PID_NS)
		return 0;
	return error_set(error, ENOTSUP,
			 "cannot watch from inside a PID namespace (a container): pids here are "
			 "not the kernel's; run swtch on the host");
}

struct keeper *keeper_open(const struct keeper_wish *wish, struct probes_facts *facts,
			   struct error *error)
{
	struct identity invoking, lab;
	struct keeper *keeper;
	int *fds[N_HELLO_FDS];

	if (check_namespace(error) || identity_invoking(&invoking, error) ||
	    identity_lab(&lab, wish->lab_user, error))
		return NULL;
	keeper = calloc(1, sizeof(*keeper));
	if (!keeper) {
		error_set(error, ENOMEM, "cannot start: out of memory");
		return NULL;
	}
	keeper->socket = -1;
	hello_fds(&keeper->facts, fds);
	for (unsigned i = 0; i < N_HELLO_FDS; i++)
		*fds[i] = -1;
	if (fork_keeper(keeper, wish, &invoking, &lab, error) || privilege_drop(&invoking, error) ||
	    receive_hello(keeper, error)) {
		keeper_free(keeper);
		return NULL;
	}
	*facts = keeper->facts;
	return keeper;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->socket >= 0)
		close(keeper->socket); /* it ends what it started, then itself */
	if (keeper->pid > 0)
		while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
			continue;

	int *fds[N_HELLO_FDS];

	hello_fds(&keeper->facts, fds);
	for (unsigned i = 0; i < N_HELLO_FDS; i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	free(keeper);
}

pid_t keeper_pid(const struct keeper *keeper)
{
	return keeper->pid;
}

int keeper_fd(const struct keeper *keeper)
{
	return keeper->socket;
}

/* What comes with it goes to *fd; NULL: nothing may. */
static int receive(struct keeper *keeper, struct reply *reply, int *fd, bool wait)
{
	unsigned n_fds = 0;
	int err = message_receive(keeper->socket, reply, sizeof(*reply), fd, fd ? 1 : 0, &n_fds,
				  wait);

	reply->error.text[sizeof(reply->error.text) - 1] = '\0';
	return err;
}

/*
 * Whether a later reply would be the answer to another question: not where nothing was asked, or where the
 * reply was there and only its descriptor could not be taken.
 */
static bool is_over(int err, bool is_sent)
{
	return is_sent ? err != -EMFILE : err == -EPIPE || err == -ECONNRESET;
}

/* Ask and wait for the reply; notices that come first are kept for keeper_ended(). */
static int ask_for(struct keeper *keeper, const struct request *request, int fd,
		   struct reply *reply, int *reply_fd, struct error *error)
{
	int err = message_send(keeper->socket, request, sizeof(*request), &fd, fd >= 0);
	bool is_sent = !err;

	while (!err) {
		err = receive(keeper, reply, reply_fd, true);
		if (err || reply->kind == REPLY)
			break;
		if (keeper->n_notices < N_NOTICES)
			keeper->notices[keeper->n_notices++] = *reply;
	}
	if (err && !is_over(err, is_sent))
		return error_set(error, -err, "cannot ask the keeper process: %s (try again)",
				 strerror(-err));
	if (err) {
		shutdown(keeper->socket, SHUT_RDWR);
		return error_set(error, -err,
				 "the keeper process is gone: %s (nothing can be "
				 "started or measured without it; start again)",
				 strerror(-err));
	}
	if (reply->err && error)
		*error = reply->error;
	return reply->err;
}

static int ask(struct keeper *keeper, const struct request *request, int fd, struct reply *reply,
	       struct error *error)
{
	return ask_for(keeper, request, fd, reply, NULL, error);
}

pid_t keeper_start_lab(struct keeper *keeper, uint32_t lane, int area_fd, const char *name,
		       bool log, struct error *error)
{
	struct request request = { .kind = REQUEST_START_LAB,
				   .lane = lane,
				   .flags = log ? START_LOG : 0 };
	struct reply reply = { 0 };
	int err;

	snprintf(request.name, sizeof(request.name), "%s", name);
	err = ask(keeper, &request, area_fd, &reply, error);
	return err ? err : reply.pid;
}

pid_t keeper_start_command(struct keeper *keeper, uint32_t lane, uint32_t target, bool quiet,
			   int terminal_fd, uint64_t *started_ns, struct error *error)
{
	struct request request = { .kind = REQUEST_START_COMMAND,
				   .lane = lane,
				   .target = target,
				   .flags = quiet ? START_QUIET : 0 };
	struct reply reply = { 0 };
	int err = ask(keeper, &request, terminal_fd, &reply, error);

	*started_ns = reply.started_ns;
	return err ? err : reply.pid;
}

int keeper_watch(struct keeper *keeper, uint32_t lane, uint32_t target, unsigned *n_untracked,
		 struct error *error)
{
	struct request request = { .kind = REQUEST_WATCH, .lane = lane, .target = target };
	struct reply reply = { 0 };
	int err = ask(keeper, &request, -1, &reply, error);

	*n_untracked = reply.n_untracked;
	return err ? err : reply.value;
}

int keeper_stop(struct keeper *keeper, uint32_t lane)
{
	struct request request = { .kind = REQUEST_STOP, .lane = lane };
	struct reply reply = { 0 };

	return ask(keeper, &request, -1, &reply, NULL);
}

int keeper_clear(struct keeper *keeper, uint32_t lane)
{
	struct request request = { .kind = REQUEST_CLEAR, .lane = lane };
	struct reply reply = { 0 };

	return ask(keeper, &request, -1, &reply, NULL);
}

int keeper_memory(struct keeper *keeper, uint32_t lane, struct memory *memory,
		  uint64_t *stack_bytes, struct error *error)
{
	struct request request = { .kind = REQUEST_MEMORY, .lane = lane };
	struct reply reply = { 0 };
	int err = ask(keeper, &request, -1, &reply, error);

	if (err)
		return err;
	*memory = reply.memory;
	*stack_bytes = reply.stack_bytes;
	return 0;
}

int keeper_inspect(struct keeper *keeper, uint32_t lane, uint32_t pid, struct inspection *found)
{
	struct request request = { .kind = REQUEST_INSPECT, .lane = lane, .pid = (int32_t)pid };
	struct reply reply = { 0 };
	int err = ask(keeper, &request, -1, &reply, NULL);

	*found = reply.inspection;
	return err;
}

int keeper_find_marks(struct keeper *keeper, uint32_t lane, pid_t *pid)
{
	struct request request = { .kind = REQUEST_MARKS, .lane = lane };
	struct reply reply = { 0 };
	int fd = -1, err = ask_for(keeper, &request, -1, &reply, &fd, NULL);

	if (!err && fd < 0)
		err = -ENOENT;
	if (err && fd >= 0)
		close(fd);
	*pid = reply.pid;
	return err ? err : fd;
}

int keeper_ended(struct keeper *keeper, uint32_t *lane, pid_t *pid, int *status)
{
	struct reply reply = { 0 };

	if (keeper->n_notices) {
		reply = keeper->notices[0];
		keeper->n_notices--;
		memmove(keeper->notices, keeper->notices + 1,
			keeper->n_notices * sizeof(keeper->notices[0]));
	} else {
		int err = receive(keeper, &reply, NULL, false);

		if (err == -EAGAIN)
			return 0;
		if (err) {
			shutdown(keeper->socket, SHUT_RDWR);
			return -EPIPE;
		}
	}
	if (reply.kind != NOTICE_ENDED)
		return 0;
	*lane = reply.lane;
	*pid = reply.pid;
	*status = reply.value;
	return 1;
}
