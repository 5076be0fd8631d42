// SPDX-License-Identifier: GPL-2.0-only
/* launch.c - fork, hold, become the user, exec. */
#include "keeper/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/area.h"

#define RUNNER_NAME "swtch-lab"

int launch_find_runner(void)
{
	static const char *const places[] = { "%s/" RUNNER_NAME,
					      "%s/../libexec/swtch/" RUNNER_NAME };
	char self[PATH_MAX], path[PATH_MAX + 64];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return -errno;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), places[i], self);
#pragma GCC diagnostic pop
		int fd = open(path, O_PATH | O_CLOEXEC);

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static bool ignored[NSIG];

void launch_note_signals(void)
{
	struct sigaction action;

	for (int number = 1; number < NSIG; number++)
		ignored[number] = !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* Every signal as a program expects it at its start. */
static void reset_signals(bool is_lab)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, ignored[number] && !is_lab ? SIG_IGN : SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int to_null(int fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return -errno;
	if (null != fd && (dup2(null, fd) < 0 || close(null)))
		return -errno;
	return 0;
}

static int set_up_streams(const struct launch *launch)
{
	int err = 0;

	if (launch->quiet) {
		setpgid(0, 0);
		err = to_null(STDIN_FILENO);
		if (!err)
			err = to_null(STDOUT_FILENO);
		if (!err && !launch->keep_stderr)
			err = to_null(STDERR_FILENO);
	}
	return err;
}

/* The runner inherits the area and nothing else: its program is closed by exec. */
static int become_lab(const struct launch *launch)
{
	static char path[] = "PATH=/usr/bin:/bin", language[] = "LC_ALL=C.UTF-8";
	static char *const environment[] = { path, language, NULL };
	int area_fd, runner_fd, err;

	/* Above the number that dup2 takes. */
	area_fd = fcntl(launch->area_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	runner_fd = fcntl(launch->runner_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	if (area_fd < 0 || runner_fd < 0 || dup2(area_fd, LAB_AREA_FD) < 0)
		return -errno;
	err = privilege_become_lab(launch->identity);
	if (err)
		return err;
	/* Cleared by the change of identity, so set after it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return -errno;
	fexecve(runner_fd, launch->argv, environment);
	return -errno;
}

static int become_command(const struct launch *launch)
{
	int err = privilege_become_user(launch->identity);

	if (err)
		return err;
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	execvp(launch->argv[0], launch->argv);
	return -errno;
}

static void child(const struct launch *launch, pid_t parent, int go_fd, int report_fd)
{
	char go;
	int err;

	prctl(PR_SET_NAME, "swtch-held"); /* what the log shows until exec */
	reset_signals(launch->is_lab);
	if (getppid() != parent || read(go_fd, &go, 1) != 1)
		_exit(125); /* nobody is left who would let us go */
	report_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	err = set_up_streams(launch);
	if (!err)
		err = launch->is_lab ? become_lab(launch) : become_command(launch);
	if (write(report_fd, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(126);
}

int launch_hold(const struct launch *launch, struct held *held)
{
	int go[2], report[2], err;
	pid_t parent = getpid();

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(report, O_CLOEXEC)) {
		err = -errno;
		goto close_go;
	}
	held->pid = fork();
	if (held->pid < 0) {
		err = -errno;
		goto close_report;
	}
	if (!held->pid) {
		close(go[1]);
		close(report[0]);
		child(launch, parent, go[0], report[1]);
	}
	close(go[0]);
	close(report[1]);
	held->go_fd = go[1];
	held->report_fd = report[0];
	return 0;

close_report:
	close(report[0]);
	close(report[1]);
close_go:
	close(go[0]);
	close(go[1]);
	return err;
}

int launch_release(struct held *held)
{
	int err = 0;
	ssize_t n = write(held->go_fd, "g", 1);

	close(held->go_fd);
	if (n == 1)
		n = read(held->report_fd, &err, sizeof(err)); /* 0: closed by exec */
	close(held->report_fd);
	if (n == 0)
		return 0;
	waitpid(held->pid, NULL, 0);
	return err ? err : -EIO;
}
