// SPDX-License-Identifier: GPL-2.0-only
/*
 * writes.c - runs a program whose writes to one file go wrong, as the kernel would have it.
 *
 *   writes FILE FAULT COMMAND ARGS...     FILE -: what its standard output is
 *
 *   eio:N, enospc:N, epipe:N   from the N-th write(2) to FILE on each fails so
 *   eintr                      every second one is interrupted before it took anything
 *   short                      each takes half of what it is given
 *   none
 *
 * The status is the command's; 99: there was no write to FILE, or too few. Every write of the command
 * and of what it starts asks here first, through seccomp_unotify(2): so it is the real call of whoever
 * makes it, the C library included. Needs root, and Linux 5.6.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"

#define EXIT_NO_FAULT 99
#define SHORT_MOST    65536u

enum how { HOW_NONE, HOW_FAIL, HOW_INTERRUPT, HOW_SHORTEN };

static const struct {
	const char *name;
	enum how how;
	int error;
} faults[] = { { "eio:", HOW_FAIL, EIO },     { "enospc:", HOW_FAIL, ENOSPC },
	       { "epipe:", HOW_FAIL, EPIPE }, { "eintr", HOW_INTERRUPT, EINTR },
	       { "short", HOW_SHORTEN, 0 },   { "none", HOW_NONE, 0 } };
#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

static size_t fault;
static unsigned long wanted, n_writes, n_faults;

/* --- the command --------------------------------------------------------------------------------- */

static int filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* By sendmsg(2): a write would wait for who does not listen yet. */
static void give(int socket, int fd)
{
	union control control = { { 0 } };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };

	control.align.cmsg_level = SOL_SOCKET;
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) < 0)
		_exit(98);
}

static int take(int socket)
{
	union control control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || !message.msg_controllen)
		errx(98, "cannot filter its calls (needs root and Linux 5.6)");
	memcpy(&fd, CMSG_DATA(&control.align), sizeof(fd));
	return fd;
}

static pid_t start(char **argv, int *listener)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) || (pid = fork()) < 0)
		err(98, "cannot start");
	if (pid == 0) {
		int fd = filter();

		if (fd < 0)
			_exit(98);
		give(pair[1], fd);
		close(fd);
		execvp(argv[0], argv);
		_exit(98);
	}
	close(pair[1]);
	*listener = take(pair[0]);
	close(pair[0]);
	return pid;
}

/* --- its writes ---------------------------------------------------------------------------------- */

/* What it would have done, but for half of it: bytes written, or -errno. */
static ssize_t write_half(const struct seccomp_notif *call)
{
	static char bytes[SHORT_MOST];
	size_t n = call->data.args[2] / 2 < SHORT_MOST ? call->data.args[2] / 2 : SHORT_MOST;
	pid_t pid = proc_process((pid_t)call->pid);
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, process, (int)call->data.args[0], 0);
	struct iovec here = { bytes, n }, there = { (void *)(uintptr_t)call->data.args[1], n };
	ssize_t written = -1;

	if (fd >= 0 && process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)n)
		written = write(fd, bytes, n);
	if (written < 0)
		written = -errno;
	close(fd);
	close(process);
	return written;
}

static bool is_of(const char *file, const struct seccomp_notif *call)
{
	char path[64];
	struct stat of_file, of_fd;

	snprintf(path, sizeof(path), "/proc/%u/fd/%d", call->pid, (int)call->data.args[0]);
	return !(strcmp(file, "-") ? stat(file, &of_file) : fstat(STDOUT_FILENO, &of_file)) &&
	       !stat(path, &of_fd) && of_file.st_dev == of_fd.st_dev &&
	       of_file.st_ino == of_fd.st_ino;
}

static void decide(const struct seccomp_notif *call, struct seccomp_notif_resp *answer)
{
	enum how how = faults[fault].how;
	ssize_t written;

	n_writes++;
	if ((how == HOW_FAIL && n_writes >= wanted) || (how == HOW_INTERRUPT && n_writes % 2)) {
		answer->error = -faults[fault].error;
	} else if (how == HOW_SHORTEN && call->data.args[2] > 1) {
		written = write_half(call);
		answer->error = written < 0 ? (int)written : 0;
		answer->val = written < 0 ? 0 : written;
	} else {
		return;
	}
	answer->flags = 0;
	n_faults++;
}

static void answer_all(int listener, const char *file)
{
	struct pollfd poll_fd = { .fd = listener, .events = POLLIN };

	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		if (poll(&poll_fd, 1, -1) < 0 && errno != EINTR)
			err(98, "poll");
		if (!(poll_fd.revents & POLLIN)) {
			if (poll_fd.revents & POLLHUP)
				return; /* the last that had the filter is gone */
			continue;
		}
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue; /* killed meanwhile */
		answer.id = call.id;
		if (is_of(file, &call))
			decide(&call, &answer);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

int main(int argc, char **argv)
{
	int listener, status;
	pid_t pid;

	for (fault = 0; argc > 3 && fault < N_FAULTS; fault++)
		if (!strncmp(argv[2], faults[fault].name, strlen(faults[fault].name)))
			break;
	if (argc < 4 || fault == N_FAULTS)
		errx(98, "writes FILE eio:N|enospc:N|epipe:N|eintr|short|none COMMAND...");
	wanted = strtoul(argv[2] + strlen(faults[fault].name), NULL, 10);
	pid = start(argv + 3, &listener);
	answer_all(listener, argv[1]);
	if (waitpid(pid, &status, 0) != pid)
		err(98, "waitpid");
	if (faults[fault].how != HOW_NONE && !n_faults)
		return EXIT_NO_FAULT;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
