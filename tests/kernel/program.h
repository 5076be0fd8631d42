/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - build/swtch run as a user runs it, and its processes as /proc has them.
 *
 * A helper of tests/kernel/test_session_*.c, included by each of them. What was started ends with
 * the test program.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "keeper/probes.h"
#include "wait.h"

#define N_TASKS_MAX 32

struct program {
	pid_t pid;
	int out_fd, err_fd;
};

/* Whether the probes can be loaded here: asked once, in a process of its own. */
static inline int program_setup(void **state)
{
	static bool can;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct probes_facts facts;
		struct error error;

		_exit(geteuid() || !probes_open(&(struct probes_wish){ false }, &facts, &error));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	can = WIFEXITED(status) && !WEXITSTATUS(status);
	if (!can) {
		print_message("no probes here: not root, or no BPF\n");
		assert_false(must_have_bpf());
	}
	*state = &can;
	return 0;
}

static inline void need_probes(void **state)
{
	if (!*(bool *)*state)
		skip();
}

/* A program of the build, which is two folders above this test. */
static inline const char *program_path(const char *name)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(n > 0);
	path[n] = '\0';
	for (unsigned i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/");
	strcat(path, name);
	return path;
}

/* Only descriptors 0 to 2, signals at default, and called through sudo by `uid` (-1: not). */
static inline void become_shell_child(int uid)
{
	char number[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	syscall(SYS_close_range, 3, ~0u, 0);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	if (uid >= 0) {
		snprintf(number, sizeof(number), "%d", uid);
		setenv("SUDO_UID", number, 1);
		setenv("SUDO_GID", number, 1);
	}
}

/* swtch with these words; `uid` as above. */
static inline struct program program_start(int uid, const char *const *words)
{
	char *argv[32] = { 0 };
	struct program program;
	int out[2], err[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	argv[0] = strdup(program_path("swtch"));
	for (unsigned i = 0; words[i] && i < 30; i++)
		argv[i + 1] = strdup(words[i]);
	program.pid = fork();
	assert_true(program.pid >= 0);
	if (!program.pid) {
		dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		become_shell_child(uid);
		execv(argv[0], argv);
		_exit(127);
	}
	for (unsigned i = 0; argv[i]; i++)
		free(argv[i]);
	close(out[1]);
	close(err[1]);
	program.out_fd = out[0];
	program.err_fd = err[0];
	return program;
}

#define program_run(uid, ...) program_start(uid, (const char *const[]){ __VA_ARGS__, NULL })

/* Read to the end, or to the deadline; terminated, the descriptor is closed. */
static inline void read_all(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n = 1;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	wait_until((n = read(fd, text + used, size - 1 - used), used += n > 0 ? (size_t)n : 0,
		    n == 0 || used == size - 1));
	text[used] = '\0';
	close(fd);
}

/* Its wait status, with all that it printed. Output must be less than a pipe holds. */
static inline int program_end(struct program *program, char *out, char *err, size_t size)
{
	int status = -1;

	read_all(program->out_fd, out, size);
	read_all(program->err_fd, err, size);
	wait_until(waitpid(program->pid, &status, WNOHANG) == program->pid);
	return status;
}

/* --- /proc ----------------------------------------------------------------------------------- */

/* The text of /proc/PID/`file`; false when the process is gone. */
static inline bool read_proc(pid_t pid, const char *file, char *text, size_t size)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

static inline unsigned children_of(pid_t pid, pid_t *pids)
{
	char file[64], text[1024], *at = text;
	unsigned n = 0;
	int length;

	snprintf(file, sizeof(file), "task/%d/children", pid);
	if (!read_proc(pid, file, text, sizeof(text)))
		return 0;
	for (; n < N_TASKS_MAX && sscanf(at, "%d%n", &pids[n], &length) == 1; at += length)
		n++;
	return n;
}

/* A running session: swtch, its keeper, and below that what was started. */
struct family {
	pid_t keeper, runner, tasks[N_TASKS_MAX];
	unsigned n_tasks;
};

static inline bool family_look(pid_t swtch, struct family *family, unsigned n_tasks)
{
	pid_t pids[N_TASKS_MAX];

	if (children_of(swtch, pids) != 1)
		return false;
	family->keeper = pids[0];
	if (children_of(family->keeper, pids) != 1)
		return false;
	family->runner = pids[0];
	family->n_tasks = children_of(family->runner, family->tasks);
	return family->n_tasks == n_tasks;
}

static inline bool is_gone(pid_t pid)
{
	char text[1024];

	return !read_proc(pid, "status", text, sizeof(text)) || strstr(text, "State:\tZ") ||
	       strstr(text, "State:\tX");
}

/* Wait until one lab run with n_tasks processes is at work. */
static inline struct family family_of(const struct program *program, unsigned n_tasks)
{
	struct family family = { 0 };
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS * test_slowness();
	char err[1024];
	ssize_t n;

	while (!family_look(program->pid, &family, n_tasks)) {
		if (clock_now_ns() > until_ns || is_gone(program->pid)) {
			fcntl(program->err_fd, F_SETFL, O_NONBLOCK);
			n = read(program->err_fd, err, sizeof(err) - 1);
			err[n > 0 ? n : 0] = '\0';
			fail_msg("no run of %u tasks, keeper %d, runner %d with %u: %s", n_tasks,
				 family.keeper, family.runner, family.n_tasks, err);
		}
		usleep(500);
	}
	return family;
}

/* What stands behind `label` in the text of a /proc/PID/status, up to the line's end. */
static inline void status_word(const char *status, const char *label, char *word, size_t size)
{
	const char *line = strstr(status, label);

	if (!line)
		fail_msg("no %s in a status", label);
	line += strlen(label);
	line += strspn(line, " \t");
	snprintf(word, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static inline void expect_status(const char *status, const char *label, const char *wanted)
{
	char word[128];

	status_word(status, label, word, sizeof(word));
	if (strcmp(word, wanted) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", label, word, wanted);
}

#endif
