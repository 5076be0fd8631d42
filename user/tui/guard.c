// SPDX-License-Identifier: GPL-2.0-only
/* guard.c - a pipe whose other end closes when its holder ends, however it ends. */
#include "tui/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One byte says that all is well. All signals are blocked: SIGTTOU too, which would stop tcsetattr(3). */
_Noreturn static void stand_by(int fd, const struct termios *modes, const char *restore, size_t n)
{
	ssize_t got;
	char byte;

	prctl(PR_SET_NAME, "swtch-guard");
	while ((got = read(fd, &byte, 1)) < 0 && errno == EINTR)
		;
	if (!got) {
		tcsetattr(STDIN_FILENO, TCSANOW, modes);
		(void)!write(STDOUT_FILENO, restore, n);
	}
	_exit(0);
}

/* The child's child stays, whose parent is gone: so nobody has to wait for it. */
static void leave_child(int fd, const struct termios *modes, const char *restore, size_t n)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (fork())
		_exit(0);
	if (dup2(fd, STDERR_FILENO) < 0)
		_exit(0);
	syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 0); /* 5.9 */
	stand_by(STDERR_FILENO, modes, restore, n);
}

struct guard guard_start(const struct termios *modes, const char *restore, size_t n)
{
	struct guard guard = { -1 };
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return guard;
	pid = fork();
	if (!pid)
		leave_child(ends[0], modes, restore, n);
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return guard;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	guard.fd = ends[1];
	return guard;
}

void guard_end(struct guard *guard)
{
	if (guard->fd < 0)
		return;
	while (write(guard->fd, "", 1) < 0 && errno == EINTR)
		;
	close(guard->fd);
	guard->fd = -1;
}
