// SPDX-License-Identifier: GPL-2.0-only
/*
 * aboard.c - linked into every program of a sanitized build: settings that an empty environment
 * cannot lose, and leaks looked for where a process would end without.
 *
 * REPORTS is the folder for what the sanitizers say: output and errors of a program go to tests or
 * to nowhere, and no report may be lost with them.
 */
#include <sys/prctl.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__tsan_default_options(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

const char *__asan_default_options(void)
{
	return "log_path=" REPORTS "/asan:detect_stack_use_after_return=1";
}

const char *__ubsan_default_options(void)
{
	return "log_path=" REPORTS "/ubsan:print_stacktrace=1";
}

/* Not the second that each process sleeps at its end, by default, to find more races. */
const char *__tsan_default_options(void)
{
	return "log_path=" REPORTS "/tsan:atexit_sleep_ms=0:second_deadlock_stack=1";
}

/* Leaks are found by a thread that traces the others: not in a process that nobody may trace. */
__attribute__((destructor)) static void may_be_traced(void)
{
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

/* The keeper ends so, and with it its leaks would go unseen. */
void __wrap__exit(int status)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	if (!__builtin_strcmp(name, "swtch-keeper")) {
		may_be_traced();
		if (__lsan_do_recoverable_leak_check())
			status = 99;
	}
	__real__exit(status);
}
#else
void __wrap__exit(int status)
{
	__real__exit(status);
}
#endif
