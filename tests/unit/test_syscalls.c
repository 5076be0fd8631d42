// SPDX-License-Identifier: GPL-2.0-only
/* test_syscalls.c - numbers of system calls, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <sys/syscall.h>

#include "event/syscalls.h"

static void test_number_has_the_name_of_this_machine(void **unused)
{
	(void)unused;
	assert_string_equal(syscall_name(SYS_read), "read");
	assert_string_equal(syscall_name(SYS_clock_nanosleep), "clock_nanosleep");
	assert_string_equal(syscall_name(SYS_futex), "futex");
}

static void test_number_of_no_call_has_no_name(void **unused)
{
	const int numbers[] = { SYSCALL_NONE,	 SYSCALL_RUNNING,   SYSCALL_OTHER_ABI,
				SYSCALL_UNKNOWN, INT_MIN,	    INT_MAX,
				100000,		 1 << 30 | SYS_read /* x32 */ };

	(void)unused;
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_null(syscall_name(numbers[i]));
		assert_null(syscall_says(numbers[i]));
	}
}

/* Words go by the first letters of a name: one that begins like another has its own. */
static void test_call_is_told_in_its_own_words(void **unused)
{
	(void)unused;
	assert_string_equal(syscall_says(SYS_clock_nanosleep), "for time to pass");
	assert_string_equal(syscall_says(SYS_epoll_pwait), "for a descriptor to become ready");
	assert_string_equal(syscall_says(SYS_sendto), "for room in a socket");
	assert_string_equal(syscall_says(SYS_sendfile), "for bytes, or for room for them");
	assert_string_equal(syscall_says(SYS_waitid), "for a process that it made");
	assert_null(syscall_says(SYS_readlinkat));
	assert_null(syscall_says(SYS_getpid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number_has_the_name_of_this_machine),
		cmocka_unit_test(test_number_of_no_call_has_no_name),
		cmocka_unit_test(test_call_is_told_in_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
