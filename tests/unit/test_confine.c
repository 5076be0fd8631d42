// SPDX-License-Identifier: GPL-2.0-only
/* test_confine.c - what a confined process may not do any more, and what it may. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/confine.h"

#define UNCONFINED 255

/* In a process of its own: what `fn` answers, or UNCONFINED where the kernel has no such filters. */
static int confined(int (*confine_it)(void), int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(confine_it() ? UNCONFINED : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect(int (*confine_it)(void), int (*fn)(void))
{
	int status = confined(confine_it, fn);

	if (status == UNCONFINED)
		skip();
	assert_int_equal(status, 0);
}

/* What a row is about, called with arguments that do nothing should it not be denied. */
static bool is_denied(const struct denied_call *call)
{
	long at[6] = { -1, 0 };

	if (call->when != DENIED_ALWAYS)
		at[0] = 0;
	if (call->when == DENIED_IF_IS)
		at[call->argument] = (long)call->value;
	if (call->when == DENIED_IF_NOT)
		at[call->argument] = getpid();
	return syscall(call->number, at[0], at[1], at[2], at[3], at[4], at[5]) == -1 &&
	       errno == call->err;
}

/* The number of the first row, from 1 on, that was not refused. */
static int call_denied(void)
{
	unsigned n;
	const struct denied_call *calls = confine_table(&n);

	for (unsigned i = 0; i < n; i++)
		if (!is_denied(&calls[i]))
			return (int)i + 1;
	return n >= UNCONFINED || n < 80;
}

/* Bits that the kernel does not look at make no other call of it. */
static int call_denied_with_more_bits(void)
{
	return syscall(SYS_ioctl, 0, 1l << 32 | TIOCSTI, "x") != -1 || errno != EPERM ||
	       syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1 || errno != EPERM;
}

/* A child inherits it. */
static int call_denied_in_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (!pid)
		_exit(call_denied());
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 1;
}

static void *thread(void *nothing)
{
	return nothing;
}

static int call_allowed(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit;
	struct winsize size;
	cpu_set_t cpus;
	pthread_t made;
	pid_t pid;

	if (fd < 0 || write(fd, "x", 1) != 1 || memory == MAP_FAILED || kill(getpid(), 0))
		return 1;
	if (pthread_create(&made, NULL, thread, NULL) || pthread_join(made, NULL))
		return 2;
	pid = fork();
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return 3;
	if (getrlimit(RLIMIT_NOFILE, &limit) || setrlimit(RLIMIT_NOFILE, &limit) ||
	    sched_getaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)))
		return 4;
	return !ioctl(fd, TIOCGWINSZ, &size) || errno != ENOTTY ? 5 : 0;
}

/* getpid() of 32-bit programs has number 20. */
static int call_other_abi(void)
{
#if defined(__x86_64__)
	int answer;

	__asm__ volatile("int $0x80" : "=a"(answer) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return answer != -EPERM || syscall(0x40000000 + SYS_getpid) != -1 || errno != EPERM;
#else
	return 0;
#endif
}

static void test_confine_denies_what_a_reader_never_calls(void **state)
{
	(void)state;
	expect(confine, call_denied);
	expect(confine, call_denied_in_child);
	expect(confine, call_denied_with_more_bits);
}

static void test_confine_leaves_files_memory_and_signals(void **state)
{
	(void)state;
	expect(confine, call_allowed);
}

static void test_confine_denies_calls_of_another_abi(void **state)
{
	(void)state;
	expect(confine, call_other_abi);
}

/* What it watches with exists, and says so of what it is given: EPERM is the filter's. */
static int call_of_a_keeper(void)
{
	unsigned n, n_kept = 0;
	const struct denied_call *calls = confine_table(&n);

	for (unsigned i = 0; i < n; i++) {
		if (is_denied(&calls[i]) == calls[i].is_watching)
			return (int)i + 1;
		n_kept += calls[i].is_watching;
	}
	return n_kept != 2;
}

static void test_confine_leaves_a_keeper_what_it_watches_with(void **state)
{
	(void)state;
	expect(confine_keeper, call_of_a_keeper);
	expect(confine_keeper, call_allowed);
	expect(confine_keeper, call_other_abi);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confine_denies_what_a_reader_never_calls),
		cmocka_unit_test(test_confine_leaves_files_memory_and_signals),
		cmocka_unit_test(test_confine_denies_calls_of_another_abi),
		cmocka_unit_test(test_confine_leaves_a_keeper_what_it_watches_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
