// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_time.c - time on a CPU and time waiting for one, against /proc/PID/schedstat. */
#include "rig.h"

/*
 * Or a fifth, whichever is more: waiting begins at the waking here, at the queueing there, and on
 * some kernels a switch from a stranger goes untold, and with it the end of a wait.
 */
#define SLACK_NS	200000
#define WAKEUP_SLACK_NS 10000 /* and for each wakeup */

/* Time on a CPU and time runnable without one, in ns (Documentation/scheduler/sched-stats.rst). */
static void read_schedstat(pid_t pid, uint64_t *run_ns, uint64_t *wait_ns)
{
	unsigned long long run, wait;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	file = fopen(path, "re");
	if (!file)
		skip(); /* CONFIG_SCHED_INFO */
	assert_int_equal(fscanf(file, "%llu %llu", &run, &wait), 2);
	fclose(file);
	*run_ns = run;
	*wait_ns = wait;
}

static void expect_near(const char *what, uint64_t ours, uint64_t theirs, uint64_t n_wakeups)
{
	uint64_t apart = ours > theirs ? ours - theirs : theirs - ours;

	if (test_slowness() > 1)
		return; /* two clocks are not read together there */
	if (apart > SLACK_NS + n_wakeups * WAKEUP_SLACK_NS && apart > theirs / 5)
		fail_msg("%s: counted %llu ns, the kernel %llu ns", what, (unsigned long long)ours,
			 (unsigned long long)theirs);
}

static int run_rival(void *arg)
{
	pin_to(*(int *)arg);
	for (;;)
		sched_getcpu();
	return 0;
}

/* 60 ms of CPU, in competition; more where fewer ticks come through. */
static int run_spinner(void *arg)
{
	struct timespec used = { 0, 0 };
	long enough_ns = (long)(60000000 * test_slowness());

	pin_to(*(int *)arg);
	while (used.tv_nsec < enough_ns && !used.tv_sec)
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	child_rest();
	return 0;
}

/* Sleep, and find the CPU taken at each wakeup, by a task that counts for more. */
static int run_sleeper(void *arg)
{
	const struct timespec while_ns = { 0, 500000 };

	pin_to(*(int *)arg);
	if (nice(19) == -1)
		return 1;
	for (unsigned i = 0; i < 40; i++)
		nanosleep(&while_ns, NULL);
	child_rest();
	return 0;
}

static void expect_times_of(struct rig *rig, int (*run)(void *arg), uint64_t switches_min)
{
	uint64_t run_before, wait_before, run_after, wait_after;
	int cpu = some_cpu();
	struct child rival = child_start(rig, 0, run_rival, &cpu);
	struct child child = child_start(rig, 1, run, &cpu);
	struct lane_counters sum;

	read_schedstat(child.pid, &run_before, &wait_before);
	child_go(&rival);
	child_go(&child);
	wait_until((sum = rig_sum(rig, 1), switches_of(&sum) >= switches_min) &&
		   child_is_at_rest(child.pid));
	sum = rig_sum(rig, 1);
	read_schedstat(child.pid, &run_after, &wait_after);
	expect_near("waiting", sum.wait_ns, wait_after - wait_before, sum.wakeups);
	expect_near("running", sum.run_ns, run_after - run_before, sum.wakeups);
	assert_true(sum.wait_ns > 0 && sum.run_ns > 0);
	assert_true(sum.wait_max_ns <= sum.wait_ns);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	rig_expect_exact(rig, 1, 1);
}

static void test_times_of_task_beside_a_spinning_one_equal_schedstat(void **state)
{
	expect_times_of(rig_of(state), run_spinner, 5);
}

static void test_times_of_sleeper_beside_a_spinning_task_equal_schedstat(void **state)
{
	expect_times_of(rig_of(state), run_sleeper, 41);
}

/* A bucket for each wait that a wakeup began. */
static void test_histogram_holds_each_wait_after_a_wakeup(void **state)
{
	struct rig *rig = rig_of(state);
	struct lane_counters sum;
	struct pair pair;
	struct child ping, pong;
	uint64_t n = 0;

	pair_init(&pair, 1000, some_cpu());
	ping = child_start(rig, 1, run_ping, &pair);
	pong = child_start(rig, 1, run_pong, &pair);
	child_go(&ping);
	child_go(&pong);
	child_expect_exit(rig, &ping, 0);
	child_expect_exit(rig, &pong, 0);
	pair_fini(&pair);
	sum = rig_expect_exact(rig, 1, 2);
	for (unsigned i = 0; i < N_WAIT_BUCKETS; i++)
		n += sum.wait_log2[i];
	/* Woken while still on its way out, a task never left: no wait. A few comings go untold. */
	assert_in_range(n, sum.wakeups * 3 / 4, sum.wakeups);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_times_of_task_beside_a_spinning_one_equal_schedstat),
		with_children(test_times_of_sleeper_beside_a_spinning_task_equal_schedstat),
		with_children(test_histogram_holds_each_wait_after_a_wakeup),
	};

	return rig_run(tests);
}
