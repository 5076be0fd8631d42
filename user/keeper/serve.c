// SPDX-License-Identifier: GPL-2.0-only
/* serve.c - the process that keeps privilege: a table of requests, and children to look after. */
#include "keeper/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "keeper/adopt.h"
#include "keeper/launch.h"
#include "keeper/marks.h"
#include "keeper/message.h"
#include "base/memory.h"
#include "keeper/runtime.h"

#define STOP_NS (3 * NS_PER_S)

struct server {
	int socket;
	int runner_fd;
	struct probes *probes;
	const struct keeper_wish *wish;
	unsigned starts;	   /* STARTS_LAB, STARTS_COMMAND */
	struct runtimes *runtimes; /* NULL: none are looked for */
	const struct identity *invoking, *lab;
	pid_t children[N_LANES_MAX]; /* by lane; 0: nothing runs */
	bool watched
		[N_LANES_MAX]; /* what is in the lane was not started by us, and is not ours to end */
	struct marks_search marks;
	int reply_fd; /* goes with the reply, and is closed then; -1: none */
};

/* --- starting -------------------------------------------------------------------------------- */

static int check_name(const char *name)
{
	size_t length = strnlen(name, LAB_NAME_BYTES);

	if (!length || length == LAB_NAME_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if ((name[i] < 'a' || name[i] > 'z') && name[i] != '-')
			return -EINVAL;
	return 0;
}

/* Its seals first: what has some is memory, while a file may be one that never answers. */
static int check_area(int fd)
{
	struct stat area;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &area) ||
	    area.st_size < (off_t)sizeof(struct lab_area))
		return -EINVAL;
	return 0;
}

/* Its type first, without asking whose file system it is: that may be a program (fuse(4)), and wait. */
static bool is_terminal(int fd)
{
	struct statx file;

	return !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &file) &&
	       S_ISCHR(file.stx_mode) && isatty(fd);
}

/* A zombie has yet to leave its CPU for the last time: who reads the counts wants that in. */
static void wait_for_last_switch(const struct server *server, pid_t pid)
{
	for (int i = 0; i < 100 && probes_watch(server->probes, pid); i++)
		usleep(50);
}

/* Fork, adopt, let go: the lane holds the task before its first instruction of its own. */
static int start(struct server *server, const struct launch *launch, uint32_t lane,
		 struct reply *reply)
{
	struct held held;
	int err;

	if (server->children[lane] || server->watched[lane])
		return error_set(&reply->error, EBUSY, "cannot start: lane %u is in use", lane);
	probes_clear_lane(server->probes, lane);
	err = launch_hold(launch, &held);
	if (err)
		return error_set(&reply->error, -err, "cannot start a process: %s%s",
				 strerror(-err), error_of_clone(-err));
	err = probes_adopt(server->probes, held.pid, held.pid, lane);
	if (err) {
		launch_drop(&held);
		return error_set(&reply->error, -err, "cannot watch process %d: %s", held.pid,
				 strerror(-err));
	}
	err = launch_release(&held, &reply->started_ns);
	if (err) {
		wait_for_last_switch(server, held.pid);
		probes_forget(server->probes, held.pid);
	}
	if (err)
		return error_set(&reply->error, -err, "cannot run '%s' as %s: %s", launch->argv[0],
				 launch->identity->name, strerror(-err));
	server->children[lane] = held.pid;
	reply->pid = held.pid;
	return 0;
}

static int start_lab(struct server *server, struct request *request, int fd, struct reply *reply)
{
	static char program[] = "swtch-lab";
	char *argv[] = { program, request->name, NULL };
	struct launch launch = { .identity = server->lab,
				 .is_lab = true,
				 .quiet = true,
				 .keep_stderr = request->flags & START_LOG,
				 .terminal_fd = -1,
				 .runner_fd = server->runner_fd,
				 .area_fd = fd,
				 .argv = argv };

	if (!(server->starts & STARTS_LAB) || check_name(request->name) || check_area(fd))
		return error_set(&reply->error, EINVAL,
				 "the keeper refused a lab run: bad request");
	if (server->runner_fd < 0)
		return error_set(&reply->error, ENOENT,
				 "cannot find swtch-lab beside swtch or in ../libexec/swtch: %s "
				 "(make builds both, make install puts them in place)",
				 strerror(-server->runner_fd));
	return start(server, &launch, request->lane, reply);
}

/* NULL: the list has no such target, or it is no command, or is one. */
static const struct target *target_of(const struct server *server, const struct request *request,
				      bool is_command)
{
	const struct target *target;

	if (request->target >= server->wish->n_targets)
		return NULL;
	target = &server->wish->targets[request->target];
	return (target->kind == TARGET_COMMAND) == is_command ? target : NULL;
}

static int start_command(struct server *server, struct request *request, int fd,
			 struct reply *reply)
{
	const struct target *target = target_of(server, request, true);
	struct launch launch = { .identity = server->invoking,
				 .quiet = request->flags & START_QUIET,
				 .terminal_fd = fd,
				 .marks = server->wish->marks,
				 .argv = target ? target->command : NULL };

	if (fd >= 0 && !is_terminal(fd))
		return error_set(&reply->error, ENOTTY, "the keeper refused: that is no terminal");
	if (!launch.argv)
		return error_set(&reply->error, EINVAL, "the keeper refused: there is no command");
	if (server->runtimes)
		runtimes_foresee(server->runtimes, launch.argv[0]);
	return start(server, &launch, request->lane, reply);
}

/* --- ending ---------------------------------------------------------------------------------- */

static void kill_task(void *ctx, pid_t pid, pid_t tgid)
{
	(void)pid;
	kill(tgid, *(int *)ctx);
}

/* Who would wait for ever for what cannot be told sees us gone instead. */
static void notice_ended(struct server *server, uint32_t lane, pid_t pid, int status)
{
	struct reply notice = { .kind = NOTICE_ENDED, .lane = lane, .pid = pid, .value = status };

	if (message_send(server->socket, &notice, sizeof(notice), NULL, 0))
		shutdown(server->socket, SHUT_RDWR);
}

static void reap(struct server *server)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (uint32_t lane = 0; lane < N_LANES_MAX; lane++)
			if (server->children[lane] == pid) {
				server->children[lane] = 0;
				wait_for_last_switch(server, pid);
				notice_ended(server, lane, pid, status);
			}
}

/* The lab is killed at once; a command is asked first, and killed when it does not listen. */
static int stop(struct server *server, struct request *request, int fd, struct reply *reply)
{
	uint32_t lane = request->lane;
	uint64_t begin = clock_now_ns(), now = begin, fell_ns = begin;
	unsigned n, least = UINT_MAX;
	bool is_lab = server->starts & STARTS_LAB;

	(void)fd;
	if (server->watched[lane])
		return 0;
	while (now - fell_ns < STOP_NS) { /* thousands take their time: as long as they get fewer */
		bool hard = is_lab || now - begin > COMMAND_ASK_NS;
		int number = hard ? SIGKILL : SIGTERM;

		reap(server);
		n = probes_tasks(server->probes, lane, NULL, NULL);
		if (!n)
			return 0;
		if (n < least) {
			least = n;
			fell_ns = now;
		}
		if (hard || now == begin)
			probes_tasks(server->probes, lane, kill_task, &number);
		usleep(hard ? 500 : 5000);
		now = clock_now_ns();
	}
	return error_set(&reply->error, ETIMEDOUT, "tasks of lane %u did not end", lane);
}

static int clear(struct server *server, struct request *request, int fd, struct reply *reply)
{
	(void)fd;
	if (server->children[request->lane])
		return error_set(&reply->error, EBUSY, "cannot clear: lane %u is in use",
				 request->lane);
	probes_clear_lane(server->probes, request->lane);
	return 0;
}

/* --- what runs already ----------------------------------------------------------------------- */

static void look_for_runtimes(void *ctx, pid_t pid, pid_t tgid)
{
	if (pid == tgid)
		runtimes_look(ctx, tgid);
}

/* What was executed meanwhile may be an interpreter: it starts for longer than this takes. */
static void attend_execs(struct server *server)
{
	pid_t tgid;

	while ((tgid = probes_executed(server->probes)))
		if (server->runtimes)
			runtimes_executed(server->runtimes, tgid);
}

static int watch(struct server *server, struct request *request, int fd, struct reply *reply)
{
	const struct target *target = target_of(server, request, false);
	struct adoption adoption;
	int err;

	(void)fd;
	if (!target || server->children[request->lane])
		return error_set(&reply->error, EINVAL,
				 "the keeper refused: there is no such target");
	server->watched[request->lane] = true;
	err = adopt(server->probes, target, request->lane, &adoption, &reply->error);
	reply->n_new = adoption.n_new;
	reply->n_untracked = adoption.n_untracked;
	reply->value = (int32_t)probes_tasks(server->probes, request->lane, NULL, NULL);
	if (adoption.n_new && server->runtimes)
		probes_tasks(server->probes, request->lane, look_for_runtimes, server->runtimes);
	return err;
}

/* --- memory ---------------------------------------------------------------------------------- */

struct measuring {
	struct reply *reply;
	bool is_refused;
};

/* Once for each process; one that is gone adds nothing. */
static void add_memory(void *ctx, pid_t pid, pid_t tgid)
{
	struct measuring *measuring = ctx;

	measuring->reply->stack_bytes += KERNEL_STACK_BYTES;
	if (pid == tgid && memory_add(tgid, &measuring->reply->memory) == -EACCES)
		measuring->is_refused = true;
}

/*
 * Without the capability a part of it would pass for all: then it is not told. With it only a security
 * module hides a process, and the rest is worth telling.
 */
static int memory(struct server *server, struct request *request, int fd, struct reply *reply)
{
	struct measuring measuring = { .reply = reply };

	(void)fd;
	probes_tasks(server->probes, request->lane, add_memory, &measuring);
	if (!measuring.is_refused || privilege_sees_others())
		return 0;
	reply->memory = (struct memory){ 0 };
	return error_set(&reply->error, EACCES,
			 "memory, system calls and coroutines of other users' processes are not "
			 "known: CAP_SYS_PTRACE is missing (try sudo)");
}

/* --- coroutine marks --------------------------------------------------------------------------- */

static int find_marks(struct server *server, struct request *request, int fd, struct reply *reply)
{
	pid_t pid;

	(void)fd;
	server->reply_fd = marks_search(&server->marks, server->probes, request->lane, &pid);
	reply->pid = server->reply_fd < 0 ? 0 : pid;
	return 0;
}

/* --- one task --------------------------------------------------------------------------------- */

static int inspect_task(struct server *server, struct request *request, int fd, struct reply *reply)
{
	int err = inspect(server->probes, request->lane, request->pid, &reply->inspection);

	(void)fd;
	if (!err)
		return 0;
	reply->inspection = (struct inspection){ 0 };
	return error_set(&reply->error, -err, "the keeper refused: no such task is watched");
}

/* --- the loop -------------------------------------------------------------------------------- */

static int (*const answers[N_REQUESTS])(struct server *, struct request *, int, struct reply *) = {
	[REQUEST_START_LAB] = start_lab, [REQUEST_START_COMMAND] = start_command,
	[REQUEST_STOP] = stop,		 [REQUEST_CLEAR] = clear,
	[REQUEST_MEMORY] = memory,	 [REQUEST_WATCH] = watch,
	[REQUEST_MARKS] = find_marks,	 [REQUEST_INSPECT] = inspect_task,
};

/* Receive and answer one request; false when the other side is gone. */
static bool answer(struct server *server)
{
	struct request request = { 0 };
	struct reply reply = { .kind = REPLY };
	unsigned n_fds = 0;
	int fd = -1, err;

	err = message_receive(server->socket, &request, sizeof(request), &fd, 1, &n_fds, false);
	if (err == -EAGAIN)
		return true;
	if (err && err != -EBADMSG && err != -EMFILE)
		return false; /* what comes next would be the answer to another request */
	if (err || request.kind >= N_REQUESTS || !answers[request.kind] || !request.lane ||
	    request.lane >= N_LANES_MAX)
		err = error_set(&reply.error, EINVAL, "the keeper refused a malformed request");
	else
		err = answers[request.kind](server, &request, n_fds ? fd : -1, &reply);
	if (n_fds)
		close(fd);
	reply.err = err;
	reply.lane = request.lane;
	err = message_send(server->socket, &reply, sizeof(reply), &server->reply_fd,
			   server->reply_fd >= 0);
	if (server->reply_fd >= 0)
		close(server->reply_fd);
	server->reply_fd = -1;
	return !err;
}

static void end_all(struct server *server)
{
	for (uint32_t lane = 1; lane < N_LANES_MAX; lane++) {
		struct request request = { .lane = lane };
		struct reply reply;

		if (server->children[lane])
			stop(server, &request, -1, &reply);
	}
}

/* Signals of the terminal are for the view and the command; our end is the other side's. */
static int children_fd(void)
{
	static const int ignored[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGPIPE };
	sigset_t child;

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int say_hello(struct server *server, struct hello *hello)
{
	int *of_facts[N_HELLO_FDS], fds[N_HELLO_FDS];

	hello_fds(&hello->facts, of_facts);
	for (unsigned i = 0; i < N_HELLO_FDS; i++)
		fds[i] = *of_facts[i];
	return message_send(server->socket, hello, sizeof(*hello), fds,
			    hello->err ? 0 : N_HELLO_FDS);
}

/* A session has a lab, or targets: then nothing is started but their commands. */
static unsigned starts_of(const struct keeper_wish *wish, const struct identity *invoking)
{
	unsigned starts = wish->n_targets ? 0 : STARTS_LAB;

	for (unsigned i = 0; i < wish->n_targets; i++)
		if (wish->targets[i].kind == TARGET_COMMAND)
			starts |= STARTS_COMMAND | (invoking->uid ? 0 : STARTS_ROOTS);
	return starts;
}

static bool can_call_maps(void *probes)
{
	return probes_can_call(probes);
}

static int keep_few(const struct server *server)
{
	return privilege_keep_few(server->starts, can_call_maps, server->probes);
}

int serve(int socket, const struct keeper_wish *wish, const struct identity *invoking,
	  const struct identity *lab)
{
	struct server server = { .socket = socket,
				 .runner_fd = launch_find_runner(),
				 .wish = wish,
				 .starts = starts_of(wish, invoking),
				 .invoking = invoking,
				 .lab = lab,
				 .reply_fd = -1 };
	struct hello hello = { 0 };
	int ended_fd = children_fd();

	prctl(PR_SET_NAME, "swtch-keeper");
	if (wish->verbose)
		probes_talk();
	server.probes = probes_open(&wish->probes, &hello.facts, &hello.error);
	if (server.probes) {
		probes_own(server.probes, getpid());
		probes_own(server.probes, getppid());
	}
	launch_raise_limits();
	if (server.probes && (wish->probes.asyncio || wish->probes.send))
		server.runtimes = runtimes_new(server.probes);
	hello.err = server.probes ? keep_few(&server) : -EPERM;
	if (server.probes && hello.err)
		error_set(&hello.error, EPERM, "cannot give up what the keeper does not need: %s",
			  strerror(-hello.err));
	if (say_hello(&server, &hello) || hello.err)
		return 1;

	struct pollfd fds[] = { { .fd = socket, .events = POLLIN },
				{ .fd = ended_fd, .events = POLLIN },
				{ .fd = probes_exec_fd(server.probes), .events = POLLIN } };
	struct signalfd_siginfo ignored;

	for (;;) {
		int wait_ms = server.runtimes ? runtimes_step(server.runtimes) : -1;

		if (poll(fds, 3, wait_ms) < 0 && errno != EINTR)
			break;
		if (fds[2].revents)
			attend_execs(&server);
		while (read(ended_fd, &ignored, sizeof(ignored)) > 0)
			continue;
		reap(&server);
		if (fds[0].revents && !answer(&server))
			break;
	}
	end_all(&server);
	runtimes_free(server.runtimes);
	probes_free(server.probes);
	return 0;
}
