// SPDX-License-Identifier: GPL-2.0-only
/* launch.c - fork, hold, become the user, exec. */
#include "keeper/launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
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
		if (errno != ENOENT && errno != ENOTDIR)
			return -errno;
	}
	return -ENOENT;
}

static bool ignored[NSIG];
static sigset_t blocked;

void launch_note_signals(void)
{
	struct sigaction action;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number < NSIG; number++)
		ignored[number] = !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* Hard limits of the lab's, and what they were when we were called. */
static struct lifted {
	int resource;
	bool is_lifted;
	struct rlimit was;
} lifted[] = {
	{ .resource = RLIMIT_NOFILE },
	{ .resource = RLIMIT_NPROC },
	{ .resource = RLIMIT_MSGQUEUE },
};

/* More descriptors than this no limit can allow: proc(5). */
static rlim_t most_descriptors(void)
{
	FILE *file = fopen("/proc/sys/fs/nr_open", "re");
	unsigned long long most = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%llu", &most) != 1)
		most = 0;
	fclose(file);
	return (rlim_t)most;
}

void launch_raise_limits(void)
{
	for (size_t i = 0; i < sizeof(lifted) / sizeof(lifted[0]); i++) {
		bool is_nofile = lifted[i].resource == RLIMIT_NOFILE;
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)lifted[i].resource, &limit))
			continue;
		lifted[i].was = limit;
		limit.rlim_max = is_nofile ? most_descriptors() : RLIM_INFINITY;
		if (!is_nofile)
			limit.rlim_cur = limit.rlim_max;
		lifted[i].is_lifted = limit.rlim_max > lifted[i].was.rlim_max &&
				      !setrlimit((__rlimit_resource_t)lifted[i].resource, &limit);
	}
}

static void give_limits_back(void)
{
	for (size_t i = 0; i < sizeof(lifted) / sizeof(lifted[0]); i++)
		if (lifted[i].is_lifted)
			setrlimit((__rlimit_resource_t)lifted[i].resource, &lifted[i].was);
}

/* Every signal as a program expects it at its start; a command's as whoever called us left it. */
static void reset_signals(bool is_lab)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, ignored[number] && !is_lab ? SIG_IGN : SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, is_lab ? &none : &blocked, NULL);
}

/* What whoever called us had open is not another user's to have: exec closes it, as it does with ours. */
static int inherit_none_from(int first)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int err;

	if (!dir)
		return -errno;
	while (errno = 0, (entry = readdir(dir)))
		if (atoi(entry->d_name) >= first)
			fcntl(atoi(entry->d_name), F_SETFD, FD_CLOEXEC);
	err = -errno;
	closedir(dir);
	return err;
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

/* A session of its own, whose terminal that is. */
static int to_terminal(int fd)
{
	if (setsid() < 0 || ioctl(fd, TIOCSCTTY, 0))
		return -errno;
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		if (dup2(fd, stream) < 0)
			return -errno;
	return 0;
}

static int set_up_streams(const struct launch *launch)
{
	int err = 0;

	if (launch->terminal_fd >= 0) {
		err = to_terminal(launch->terminal_fd);
	} else if (launch->quiet) {
		if (launch->is_lab)
			setsid(); /* another user's, who has no use for our terminal */
		else
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
static int prepare_lab(const struct launch *launch, int *runner_fd)
{
	/* Above the number that dup2 takes. */
	int area_fd = fcntl(launch->area_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1), err;

	*runner_fd = fcntl(launch->runner_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	if (area_fd < 0 || *runner_fd < 0 || dup2(area_fd, LAB_AREA_FD) < 0 || chdir("/"))
		return -errno;
	err = inherit_none_from(LAB_AREA_FD + 1);
	if (!err)
		err = privilege_become_lab(launch->identity);
	if (err)
		return err;
	/* Cleared by the change of identity, so set after it. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ? -errno : 0;
}

/* sudo(8) made the environment root's; the command is its caller's again. */
static void give_environment_back(const struct identity *identity)
{
	static const char *const made[] = { "SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND",
					    "MAIL" };
	const struct passwd *entry = getpwuid(identity->uid);

	if (!getenv("SUDO_UID") || !entry)
		return;
	for (unsigned i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		unsetenv(made[i]);
	setenv("HOME", entry->pw_dir, 1);
	setenv("USER", entry->pw_name, 1);
	setenv("LOGNAME", entry->pw_name, 1);
	setenv("SHELL", *entry->pw_shell ? entry->pw_shell : "/bin/sh", 1);
}

/* Its coroutine marks are to be seen from the first one on: see include/swtch_marks.h. */
static void tell_watched(void)
{
	char watcher[16];

	snprintf(watcher, sizeof(watcher), "%d", (int)getppid());
	setenv("SWTCH_MARKS", watcher, 1);
}

static int prepare_command(const struct launch *launch)
{
	int err = launch->identity->uid == getuid() ? 0 : inherit_none_from(STDERR_FILENO + 1);

	if (err)
		return err;
	give_environment_back(launch->identity);
	if (launch->marks)
		tell_watched();
	give_limits_back();
	err = privilege_become_user(launch->identity);
	if (err)
		return err;
	return prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) ? -errno : 0;
}

static int become(const struct launch *launch, int runner_fd)
{
	static char path[] = "PATH=/usr/bin:/bin", language[] = "LC_ALL=C.UTF-8";
	static char *const lab_environment[] = { path, language, NULL };

	if (launch->is_lab)
		fexecve(runner_fd, launch->argv, lab_environment);
	else
		execvp(launch->argv[0], launch->argv);
	return -errno;
}

/* All that is ours is done before it reports that it is ready: what is watched begins with exec. */
static void child(const struct launch *launch, pid_t parent, int go_fd, int report_fd)
{
	int err, runner_fd = -1;
	char go;

	prctl(PR_SET_NAME, "swtch-held"); /* what the log shows until exec */
	reset_signals(launch->is_lab);
	if (getppid() != parent)
		_exit(125); /* nobody is left who would let us go */
	report_fd = fcntl(report_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	go_fd = fcntl(go_fd, F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	err = set_up_streams(launch);
	if (!err)
		err = launch->is_lab ? prepare_lab(launch, &runner_fd) : prepare_command(launch);
	if (write(report_fd, &err, sizeof(err)) < 0 || err || read(go_fd, &go, 1) != 1)
		_exit(125);
	err = become(launch, runner_fd);
	if (write(report_fd, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(126);
}

/*
 * It has reported and goes to wait: whoever adopts it before it sleeps counts that switch too. Its
 * state stands behind the name in parentheses, proc(5). Not for ever: nothing breaks without.
 */
static void wait_asleep(pid_t pid)
{
	struct proc_look look;

	for (int i = 0; i < 200; i++) {
		if (!proc_look(pid, pid, &look) || look.state == 'S')
			return;
		usleep(20);
	}
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
	if (read(held->report_fd, &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = -EIO;
	if (err)
		launch_drop(held);
	else
		wait_asleep(held->pid);
	return err;

close_report:
	close(report[0]);
	close(report[1]);
close_go:
	close(go[0]);
	close(go[1]);
	return err;
}

void launch_drop(struct held *held)
{
	close(held->go_fd);
	close(held->report_fd);
	waitpid(held->pid, NULL, 0);
}

int launch_release(struct held *held, uint64_t *released_ns)
{
	int err = 0;
	ssize_t n;

	*released_ns = clock_now_ns();
	n = write(held->go_fd, "g", 1);

	close(held->go_fd);
	if (n == 1)
		n = read(held->report_fd, &err, sizeof(err)); /* 0: closed by exec */
	close(held->report_fd);
	if (n == 0)
		return 0;
	waitpid(held->pid, NULL, 0);
	return err ? err : -EIO;
}
