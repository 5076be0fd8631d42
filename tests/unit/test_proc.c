// SPDX-License-Identifier: GPL-2.0-only
/* test_proc.c - what /proc tells of a task, whatever it is called. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/proc.h"

static void test_task_is_from_when_it_was_made_and_not_from_before(void **state)
{
	uint64_t before_ns = clock_now_ns(), after_ns;
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
	assert_true(proc_is_from(pid, pid, after_ns));
	assert_true(proc_is_from(pid, pid, after_ns + NS_PER_S));
	assert_false(proc_is_from(pid, pid, before_ns - 2 * PROC_TICK_NS));
	assert_false(proc_is_from(pid, getpid(), after_ns)); /* no thread of it */
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(proc_is_from(pid, pid, after_ns)); /* a zombie */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(proc_is_from(pid, pid, after_ns));
}

/* A clock that stood for most of the time since the machine started: as with a long sleep of it. */
static bool set_clock_back(void)
{
	FILE *file;
	bool is_set;

	if (unshare(CLONE_NEWTIME))
		return false;
	file = fopen("/proc/self/timens_offsets", "we");
	if (!file)
		return false;
	fprintf(file, "monotonic -%lld 0\n", (long long)(clock_now_ns() / NS_PER_S) - 1);
	is_set = !fclose(file);
	return is_set;
}

static void test_task_from_before_a_sleep_of_the_machine_is_known(void **state)
{
	pid_t pid = fork(), parent = getppid();
	int status;

	(void)state;
	if (!pid) {
		if (!set_clock_back())
			_exit(77);
		pid = fork(); /* who is in that time, its maker is not */
		if (!pid)
			_exit(clock_now_ns() > 10 * NS_PER_S ||
			      !proc_is_from(parent, parent, clock_now_ns()));
		_exit(waitpid(pid, &status, 0) != pid || status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77)
		skip(); /* needs root, and Linux 5.6 */
	assert_int_equal(status, 0);
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
		cmocka_unit_test(test_task_is_from_when_it_was_made_and_not_from_before),
		cmocka_unit_test(test_task_from_before_a_sleep_of_the_machine_is_known),
		cmocka_unit_test(test_a_name_of_lines_and_brackets_is_no_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
