// SPDX-License-Identifier: GPL-2.0-only
/* test_proc.c - what /proc tells of a task, whatever it is called. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/proc.h"

static void test_started_of_a_child_is_when_it_was_forked(void **state)
{
	uint64_t before_ns = clock_now_ns(), after_ns, started_ns;
	pid_t pid = fork();
	siginfo_t info;

	(void)state;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, ") Z 1 2 (");
		for (;;)
			pause();
	}
	after_ns = clock_now_ns();
	started_ns = proc_started_ns(pid);
	assert_in_range(started_ns, before_ns - PROC_TICK_NS, after_ns + PROC_TICK_NS);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(proc_started_ns(pid), 0); /* a zombie */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_started_ns(pid), 0);
}

static void test_a_name_of_lines_and_brackets_is_no_field(void **state)
{
	pid_t pid = getpid();
	struct proc_look look;
	char was[16];

	(void)state;
	prctl(PR_GET_NAME, was);
	prctl(PR_SET_NAME, "a\nb) Z 1\n(");
	assert_true(proc_look(pid, pid, &look));
	prctl(PR_SET_NAME, was);
	assert_int_equal(look.state, 'R');
	assert_in_range(look.cpu, 0, sysconf(_SC_NPROCESSORS_CONF) - 1);
	assert_true(look.ticks != 0);
	assert_false(proc_look(1, pid, &look)); /* no thread of that process */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_started_of_a_child_is_when_it_was_forked),
		cmocka_unit_test(test_a_name_of_lines_and_brackets_is_no_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
