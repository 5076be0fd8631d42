/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lab_run.h - starts build/swtch-lab as swtch does, and waits for it with deadlines.
 *
 * A helper of tests/unit/test_lab_*.c, included by each of them; a failure ends the test.
 */
#ifndef TESTS_LAB_RUN_H
#define TESTS_LAB_RUN_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/counts.h"
#include "lab/futex.h"
#include "lab/job.h"

#define DEADLINE_NS (20 * NS_PER_S) /* nothing here takes a tenth of it */

struct lab_run {
	struct lab_area *area;
	pid_t pid;
	int log_fd;		 /* what the runner and its tasks print on stderr */
	void (*prepare)(void);	 /* called in the runner's process before it is executed */
	struct lab_run *clients; /* of a job that has some: started, let go, stopped with it */
};

/* build/swtch-lab, from build/tests/unit/. */
static inline const char *lab_path(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	assert_true(n > 0);
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	strcat(path, "/../../swtch-lab");
	return path;
}

static inline struct lab_area *area_new(int *fd)
{
	struct lab_area *area;

	*fd = memfd_create("lab", MFD_CLOEXEC);
	assert_true(*fd >= 0);
	assert_int_equal(ftruncate(*fd, sizeof(*area)), 0);
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_true(area != MAP_FAILED);
	area->magic = LAB_AREA_MAGIC;
	area->size = sizeof(*area);
	for (unsigned i = 0; i < LAB_N_FIGURES; i++)
		area->figures[i] = COUNT_UNKNOWN;
	return area;
}

/* Execute the runner with fd as its area, and as stderr the write end of a pipe. */
static inline pid_t lab_exec(int fd, int log_fd, void (*prepare)(void))
{
	static char name[] = "swtch-lab";
	char *const argv[] = { name, NULL };
	pid_t pid = fork();
	int runner_fd;

	assert_true(pid >= 0);
	if (pid)
		return pid;
	/* By descriptor, as swtch does: who we become may not reach the path. */
	runner_fd = fcntl(open(lab_path(), O_PATH | O_CLOEXEC), F_DUPFD_CLOEXEC, LAB_AREA_FD + 1);
	dup2(log_fd, STDERR_FILENO);
	if (fd >= 0 && fd != LAB_AREA_FD)
		dup2(fd, LAB_AREA_FD);
	else if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
	else
		close(LAB_AREA_FD);
	if (prepare)
		prepare();
	fexecve(runner_fd, argv, environ);
	_exit(127);
}

/* A job's own way under a model, for so many tasks and units; 0 units: until stop. */
static inline struct lab_spec spec_for(const char *job, enum lab_model model, uint32_t n_tasks,
				       uint64_t work)
{
	struct lab_spec spec;

	job_spec(job_find(job), model, NULL, &spec);
	spec.n_tasks = n_tasks;
	spec.work = work;
	return spec;
}

static inline void run_start_one(struct lab_run *run, const struct lab_spec *spec)
{
	int fd, log[2];

	run->area = area_new(&fd);
	run->area->spec = *spec;
	run->area->spec.parent = (uint32_t)getpid();
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	fcntl(log[1], F_SETPIPE_SZ, 1 << 20);
	run->log_fd = log[0];
	run->pid = lab_exec(fd, log[1], run->prepare);
	close(fd);
	close(log[1]);
}

static inline uint32_t run_phase(const struct lab_run *run)
{
	return atomic_load(&run->area->phase);
}

/* Wait until the phase is at least what is asked for. */
static inline void run_wait_phase(struct lab_run *run, uint32_t phase)
{
	uint64_t until_ns = clock_now_ns() + DEADLINE_NS;
	uint32_t now;

	while ((now = run_phase(run)) < phase) {
		struct timespec until = { (time_t)(until_ns / NS_PER_S), 0 };

		assert_true(clock_now_ns() < until_ns);
		futex_wait(&run->area->phase, now, &until);
	}
}

/* Start a run that waits for `go`. All of run is set, but prepare (NULL: nothing to prepare). */
static inline void run_start(struct lab_run *run, const struct lab_spec *spec)
{
	const struct job *job = job_find(spec->job);
	struct lab_spec wish = { .n_tasks = spec->n_tasks, .think_ns = 1 }, asks;

	run_start_one(run, spec);
	if (!job || !job->clients)
		return;
	run_wait_phase(run, LAB_READY);
	job_spec(job->clients, MODEL_COROUTINE, &wish, &asks);
	asks.work = spec->work;
	asks.port = run->area->port;
	run->clients = calloc(1, sizeof(*run->clients));
	run_start_one(run->clients, &asks);
	run_wait_phase(run->clients, LAB_READY);
}

static inline void run_go(struct lab_run *run)
{
	if (run->clients)
		run_go(run->clients);
	atomic_store(&run->area->go, 1);
	futex_wake(&run->area->go);
}

static inline void run_stop(struct lab_run *run)
{
	if (run->clients)
		run_stop(run->clients);
	atomic_store(&run->area->stop, 1);
	futex_wake(&run->area->stop);
}

/* A look at the world every millisecond until it is as wanted: the only polling there is. */
#define wait_until(condition)                                                                      \
	do {                                                                                       \
		uint64_t give_up_ns = clock_now_ns() + DEADLINE_NS;                                \
                                                                                                   \
		while (!(condition)) {                                                             \
			assert_true(clock_now_ns() < give_up_ns);                                  \
			usleep(1000);                                                              \
		}                                                                                  \
	} while (0)

/* The runner's wait status. */
static inline int run_wait(struct lab_run *run)
{
	int status = -1;

	wait_until(waitpid(run->pid, &status, WNOHANG) == run->pid);
	return status;
}

/* From go to the end; the exit status must be as told. */
static inline void run_to_end(struct lab_run *run, int exit_status)
{
	int status;

	run_go(run);
	status = run_wait(run);
	if (run_phase(run) == LAB_FAILED && !exit_status)
		print_error("the lab failed: %s\n", run->area->error);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	assert_int_equal(run_phase(run), exit_status ? LAB_FAILED : LAB_DONE);
	if (run->clients)
		run_to_end(run->clients, 0);
}

/* All that was printed, terminated; ends when the last task has closed its stderr. */
static inline void run_log(struct lab_run *run, char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1 && (n = read(run->log_fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
}

/* Sum of one counter over all lines. */
#define run_sum(run, member)                                                                       \
	({                                                                                         \
		uint64_t sum_ = 0;                                                                 \
                                                                                                   \
		for (size_t i_ = 0; i_ < LAB_N_LINES; i_++)                                        \
			sum_ += atomic_load(&(run)->area->lines[i_].member);                       \
		sum_;                                                                              \
	})

/* Children of pid, at most max of them. */
static inline size_t children_of(pid_t pid, pid_t *pids, size_t max)
{
	char path[64];
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	while (file && n < max && fscanf(file, "%d", &pids[n]) == 1)
		n++;
	if (file)
		fclose(file);
	return n;
}

static inline void run_free(struct lab_run *run)
{
	if (run->clients)
		run_free(run->clients);
	free(run->clients);
	close(run->log_fd);
	munmap(run->area, sizeof(*run->area));
}

#endif
