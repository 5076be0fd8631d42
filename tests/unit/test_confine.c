// SPDX-License-Identifier: GPL-2.0-only
/* test_confine.c - what a confined process may not do any more, and what it may. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/confine.h"

#define UNCONFINED 99

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

/* The number of the first call, from 1 on, that was not refused with EPERM. */
static int call_denied(void)
{
	static const long numbers[] = { SYS_execve,	SYS_execveat, SYS_ptrace,
					SYS_bpf,	SYS_socket,   SYS_connect,
					SYS_unshare,	SYS_setns,    SYS_mount,
					SYS_keyctl,	SYS_chroot,   SYS_perf_event_open,
					SYS_pidfd_getfd };

	for (int i = 0; i < (int)(sizeof(numbers) / sizeof(numbers[0])); i++)
		if (syscall(numbers[i], -1, 0, 0, 0, 0, 0) != -1 || errno != EPERM)
			return i + 1;
	return 0;
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

static int call_allowed(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return fd < 0 || write(fd, "x", 1) != 1 || memory == MAP_FAILED || kill(getpid(), 0);
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

/* Both exist, and say so of what they are given: EPERM is the filter's. */
static int call_of_a_keeper(void)
{
	return (syscall(SYS_bpf, -1, 0, 0) == -1 && errno == EPERM) ||
	       (syscall(SYS_pidfd_getfd, -1, 0, 0) == -1 && errno == EPERM) ||
	       (syscall(SYS_execve, NULL, NULL, NULL) != -1 || errno != EPERM) ||
	       (syscall(SYS_clock_adjtime, -1, 0) != -1 || errno != EPERM);
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
