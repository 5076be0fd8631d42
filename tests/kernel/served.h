/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * served.h - a keeper of our own to ask, in a process of its own.
 *
 * A helper of tests/kernel/test_keeper*.c, included by each of them: served_begin() from a group's
 * setup, served_end() as its teardown.
 */
#ifndef TESTS_SERVED_H
#define TESTS_SERVED_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "keeper/message.h"
#include "keeper/serve.h"
#include "wait.h"

struct served {
	pid_t bystander; /* which it may watch, and did not start */
	int socket;
	pid_t pid;
	int area_fd; /* sealed, as it should be */
	const struct cpu_counters *cpus;
	uint32_t n_cpus;
};

static inline int make_area(unsigned seals)
{
	int fd = memfd_create("area", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(struct lab_area)), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* Of a lab, or of a command and one running process. */
static inline int served_process(int socket, pid_t bystander, bool is_lab)
{
	static char program[] = "sleep", seconds[] = "60";
	static char *const command[] = { program, seconds, NULL };
	const struct target targets[] = {
		{ .kind = TARGET_COMMAND, .command = command },
		{ .kind = TARGET_PIDS, .pids = { bystander }, .n_pids = 1 }
	};
	const struct keeper_wish wish = { .targets = targets, .n_targets = is_lab ? 0 : 2 };
	struct identity invoking, lab;
	struct error error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (identity_invoking(&invoking, &error) || identity_lab(&lab, NULL, &error))
		return 3;
	return serve(socket, &wish, &invoking, &lab);
}

static inline int served_begin(void **state, bool is_lab)
{
	static struct served served;
	struct hello hello;
	int pair[2], fds[N_HELLO_FDS];
	unsigned n_fds = 0;

	served.bystander = fork();
	assert_true(served.bystander >= 0);
	if (!served.bystander) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	served.pid = fork();
	assert_true(served.pid >= 0);
	if (!served.pid) {
		close(pair[0]);
		_exit(served_process(pair[1], served.bystander, is_lab));
	}
	close(pair[1]);
	served.socket = pair[0];
	assert_int_equal(message_receive(served.socket, &hello, sizeof(hello), fds, N_HELLO_FDS,
					 &n_fds, true),
			 0);
	if (!hello.err) {
		served.n_cpus = hello.facts.n_cpus;
		served.cpus = mmap(NULL, served.n_cpus * sizeof(*served.cpus), PROT_READ,
				   MAP_SHARED, fds[1], 0);
		assert_true(served.cpus != MAP_FAILED);
	}
	for (unsigned i = 0; i < n_fds; i++)
		close(fds[i]);
	if (hello.err) {
		print_message("no keeper: %s\n", hello.error.text);
		assert_false(must_have_bpf());
		*state = NULL;
		return 0;
	}
	assert_int_equal(n_fds, N_HELLO_FDS);
	served.area_fd = make_area(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	*state = &served;
	return 0;
}

/* With its other end closed it ends by itself, and well. */
static inline int served_end(void **state)
{
	struct served *served = *state;
	int status;

	if (!served || !served->pid)
		return 0;
	close(served->socket);
	close(served->area_fd);
	wait_until(waitpid(served->pid, &status, WNOHANG) == served->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	served->pid = 0; /* a test may have ended it */
	assert_int_equal(kill(served->bystander, SIGKILL), 0);
	assert_int_equal(waitpid(served->bystander, &status, 0), served->bystander);
	return 0;
}

static inline struct served *served_of(void **state)
{
	if (!*state)
		skip();
	return *state;
}

/* The error of the reply to `size` bytes and a descriptor (or -1). */
static inline int ask_raw(struct served *served, const void *message, size_t size, int fd,
			  struct reply *reply)
{
	unsigned n_fds;

	assert_int_equal(message_send(served->socket, message, size, &fd, fd >= 0), 0);
	do
		assert_int_equal(message_receive(served->socket, reply, sizeof(*reply), NULL, 0,
						 &n_fds, true),
				 0);
	while (reply->kind != REPLY);
	return reply->err;
}

static inline int ask(struct served *served, const struct request *request, int fd)
{
	struct reply reply;

	return ask_raw(served, request, sizeof(*request), fd, &reply);
}

#endif
