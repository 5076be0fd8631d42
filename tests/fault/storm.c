// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm.c - tasks come and go as fast as the CPUs make them: each CPU's process makes a thread that ends with
 * its first instruction, waits for that alone (CLONE_VFORK), and makes the next.
 *
 *   storm SECONDS         ends with the time; then says how many there were, and processes of its own
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES 16384
#define LIKE_A_THREAD                                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |        \
	 CLONE_VFORK)

static int end(void *unused)
{
	(void)unused;
	return (int)syscall(SYS_exit, 0);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* -1: a thread could not be made. */
static long make_threads(time_t until)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	long n = 0;

	for (; now() < until; n++)
		if (clone(end, stack + sizeof(stack), LIKE_A_THREAD, NULL) < 0)
			return -1;
	return n;
}

/* The n-th process says its number of threads into the pipe. */
static void start_process(time_t until, int to)
{
	pid_t parent = getpid(), pid = fork();
	long n;

	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	n = make_threads(until);
	_exit(write(to, &n, sizeof(n)) != sizeof(n));
}

int main(int n_args, char **args)
{
	long n_cpus = sysconf(_SC_NPROCESSORS_ONLN), sum = 0, n;
	time_t until = now() + (n_args > 1 ? atol(args[1]) : 1);
	int ends[2];

	if (pipe(ends))
		return 1;
	for (long i = 0; i < n_cpus; i++)
		start_process(until, ends[1]);
	close(ends[1]);
	for (long i = 0; i < n_cpus; i++) {
		if (read(ends[0], &n, sizeof(n)) != sizeof(n) || n < 0)
			return 1;
		sum += n;
	}
	while (wait(NULL) > 0)
		;
	printf("%ld %ld\n", sum, n_cpus);
	return 0;
}
