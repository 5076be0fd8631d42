// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_counts.c - what the hooks count, held against the kernel's own figures. */
#include "rig.h"

/* --- the audit ------------------------------------------------------------------------------- */

static void test_audit_under_load_is_exact(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_yields = 3000, n_forks = 60, n_threads = 100, n = 0;
	struct child children[8];
	struct lane_counters sum;
	struct pair pair;

	pair_init(&pair, 3000, -1);
	children[n++] = child_start(rig, 1, run_ping, &pair);
	children[n++] = child_start(rig, 1, run_pong, &pair);
	children[n++] = child_start(rig, 1, run_yielder, &n_yields);
	children[n++] = child_start(rig, 1, run_yielder, &n_yields);
	children[n++] = child_start(rig, 1, run_forker, &n_forks);
	children[n++] = child_start(rig, 1, run_threader, &n_threads);
	children_run(rig, children, n);
	pair_fini(&pair);

	sum = rig_expect_exact(rig, 1, n + n_forks + n_threads);
	assert_int_equal(sum.processes, n_forks);
	assert_int_equal(sum.threads, n_threads);
	assert_true(switches_of(&sum) > 2000);
	assert_true(sum.voluntary >
		    n + n_forks + n_threads); /* each left at least once, for good */
}

static int run_crowd(void *arg)
{
	unsigned n = *(unsigned *)arg, endless = UINT32_MAX;

	pin_to(some_cpu()); /* only a rival makes who yields switch */
	for (unsigned i = 0; i < n; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return i % 2 ? run_yielder(&endless) : (int)pause();
	}
	return (int)pause();
}

static void kill_process(void *ctx, pid_t pid, pid_t tgid)
{
	(void)ctx;
	if (pid == tgid)
		kill(pid, SIGKILL);
}

static void test_audit_of_killed_tasks_is_exact(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n = 20;
	struct child child = child_start(rig, 1, run_crowd, &n);

	signal(SIGCHLD, SIG_DFL);
	child_go(&child);
	wait_until(probes_tasks(rig->probes, 1, NULL, NULL) == n + 1);
	wait_until(rig_sum(rig, 1).involuntary > 500);
	probes_tasks(rig->probes, 1, kill_process, NULL);
	assert_true(WIFSIGNALED(child_end(rig, &child)));
	rig_expect_exact(rig, 1, n + 1);
}

/* --- held-out counters ----------------------------------------------------------------------- */

struct held_out {
	int (*run)(void *arg);
	void *arg;
	struct shared *shared;
};

/* Work, then tell what the kernel says of it, on the way into the next rest. */
static int run_and_rest(void *arg)
{
	struct held_out *held_out = arg;
	int status = held_out->run(held_out->arg);

	getrusage(RUSAGE_CHILDREN, &held_out->shared->usage_of_children);
	getrusage(RUSAGE_SELF, &held_out->shared->usage);
	child_rest();
	return status;
}

static int run_sleeper(void *arg)
{
	const struct timespec short_while = { 0, 20000 };

	for (unsigned i = 0; i < *(unsigned *)arg; i++)
		nanosleep(&short_while, NULL);
	return 0;
}

/* Yield until the kernel has switched to another, on a CPU where another always wants to run. */
static int run_yielder_until(void *arg)
{
	struct rusage usage = { 0 };

	pin_to(some_cpu());
	while (usage.ru_nivcsw < *(unsigned *)arg) {
		sched_yield();
		getrusage(RUSAGE_SELF, &usage);
	}
	return 0;
}

static int run_rival(void *arg)
{
	pin_to(some_cpu());
	return run_yielder(arg);
}

static void test_counts_at_rest_equal_status_and_getrusage(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_yields = 1000, n_sleeps = 500, endless = UINT32_MAX;
	struct pair pair;
	struct held_out tasks[] = { { run_ping, &pair, NULL },
				    { run_pong, &pair, NULL },
				    { run_yielder_until, &n_yields, NULL },
				    { run_sleeper, &n_sleeps, NULL } };
	enum { N = sizeof(tasks) / sizeof(tasks[0]) };
	uint64_t voluntary[N], involuntary[N];
	struct child children[N], rival = child_start(rig, 0, run_rival, &endless);

	child_go(&rival);
	pair_init(&pair, 2000, some_cpu());
	for (unsigned i = 0; i < N; i++) {
		tasks[i].shared = shared_new();
		children[i] = child_start(rig, i + 1, run_and_rest, &tasks[i]);
		voluntary[i] = status_figure(children[i].pid, "voluntary_ctxt_switches:");
		involuntary[i] = status_figure(children[i].pid, "nonvoluntary_ctxt_switches:");
	}
	for (unsigned i = 0; i < N; i++)
		child_go(&children[i]);
	for (unsigned i = 0; i < N; i++)
		wait_until(tasks[i].shared->usage.ru_nvcsw && child_is_at_rest(children[i].pid));
	for (unsigned i = 0; i < N; i++) {
		const struct rusage *usage = &tasks[i].shared->usage;
		struct lane_counters sum = rig_sum(rig, i + 1);
		pid_t pid = children[i].pid;

		assert_int_equal(sum.voluntary,
				 status_figure(pid, "voluntary_ctxt_switches:") - voluntary[i]);
		assert_int_equal(sum.involuntary,
				 status_figure(pid, "nonvoluntary_ctxt_switches:") -
					 involuntary[i]);
		/* And one switch into the rest; who was preempted before it, after asking, has more. */
		assert_int_equal(sum.voluntary, (uint64_t)usage->ru_nvcsw + 1 - voluntary[i]);
		assert_in_range(sum.involuntary, (uint64_t)usage->ru_nivcsw - involuntary[i],
				(uint64_t)usage->ru_nivcsw - involuntary[i] + 20);
		assert_true(switches_of(&sum) >= 400); /* a timer may be faster than the sleep */
	}
	for (unsigned i = 0; i < N; i++) {
		child_go(&children[i]);
		child_expect_exit(rig, &children[i], 0);
		rig_expect_exact(rig, i + 1, 1);
		munmap(tasks[i].shared, sizeof(*tasks[i].shared));
	}
	pair_fini(&pair);
}

/* --- lanes ----------------------------------------------------------------------------------- */

/* A child with a child with two threads: 2 processes and 2 threads made. */
static int run_family(void *arg)
{
	unsigned n_threads = 2;
	pid_t child = fork();
	int status;

	(void)arg;
	if (!child) {
		pid_t grandchild = fork();

		if (!grandchild)
			_exit(run_threader(&n_threads));
		_exit(waitpid(grandchild, &status, 0) == grandchild ? WEXITSTATUS(status) : 1);
	}
	return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : 1;
}

static void test_lanes_follow_clone_and_tell_kinds_apart(void **state)
{
	struct rig *rig = rig_of(state);
	struct child child = child_start(rig, 3, run_family, NULL);
	struct lane_counters sum;

	child_go(&child);
	child_expect_exit(rig, &child, 0);
	sum = rig_expect_exact(rig, 3, 5);
	assert_int_equal(sum.processes, 2);
	assert_int_equal(sum.threads, 2);
}

static void test_lanes_stay_apart_and_strangers_out(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_yields[] = { 400, 900, 2000 }, n_forks = 20;
	struct child children[4];
	struct lane_counters first, second, none = { 0 };

	children[0] = child_start(rig, 1, run_yielder, &n_yields[0]);
	children[1] = child_start(rig, N_LANES_MAX - 1, run_yielder, &n_yields[1]);
	children[2] = child_start(rig, 0, run_yielder, &n_yields[2]);
	children[3] = child_start(rig, 0, run_forker, &n_forks);
	children_run(rig, children, 4);
	first = rig_expect_exact(rig, 1, 1);
	second = rig_expect_exact(rig, N_LANES_MAX - 1, 1);
	assert_int_equal(first.processes + first.threads + second.processes + second.threads, 0);
	assert_true(switches_of(&first) > 0 && switches_of(&second) > 0);
	for (unsigned lane = 2; lane < N_LANES_MAX - 1; lane++) {
		struct lane_counters sum = rig_sum(rig, lane);

		assert_memory_equal(&sum, &none, sizeof(sum));
	}
}

/* A process that sleeps a lot, on behalf of one that sleeps as much. */
static int run_sleeping_family(void *arg)
{
	pid_t child = fork();

	if (!child)
		_exit(run_sleeper(arg));
	return run_sleeper(arg) || waitpid(child, NULL, 0) != child;
}

static uint64_t rig_own(struct rig *rig)
{
	uint64_t sum = 0;

	rig_sum(rig, 1);
	for (unsigned cpu = 0; cpu < rig->facts.n_cpus; cpu++)
		sum += rig->counts.cpus[cpu].own_switches;
	return sum;
}

/* Not a switch more: neither of strangers nor of a child once it is in a lane. */
static void test_own_switches_are_those_of_the_family_but_for_lanes(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_sleeps = 300;
	struct held_out held_out = { run_sleeping_family, &n_sleeps, shared_new() };
	struct child child = child_start(rig, 0, run_and_rest, &held_out);
	struct child stranger = child_start(rig, 0, run_sleeper, &n_sleeps);
	struct child watched = child_start(rig, 1, run_sleeper, &n_sleeps);
	uint64_t own = rig_own(rig), kernel = status_switches(child.pid);
	const struct rusage *made = &held_out.shared->usage_of_children;

	probes_own(rig->probes, child.pid);
	probes_own(rig->probes, watched.pid);
	child_go(&stranger);
	child_go(&watched);
	child_go(&child);
	wait_until(held_out.shared->usage.ru_nvcsw && child_is_at_rest(child.pid));
	kernel = status_switches(child.pid) - kernel + (uint64_t)(made->ru_nvcsw + made->ru_nivcsw);
	own = rig_own(rig) - own;
	assert_true(kernel >= 20);		  /* a timer may be faster than the sleep */
	assert_in_range(own, kernel, kernel + 1); /* who is waited for may have to leave yet */
	child_expect_exit(rig, &stranger, 0);
	child_expect_exit(rig, &watched, 0);
	rig_expect_exact(rig, 1, 1);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	munmap(held_out.shared, sizeof(*held_out.shared));
}

/* A child with the pid that is asked for, if it is free: clone3(2), set_tid. */
static pid_t fork_as(pid_t pid)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
		uint64_t set_tid, set_tid_size;
	} args = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Be, as a child, the pid of a task that is gone, and switch a lot. */
static int run_with_pid_of(void *arg)
{
	unsigned n = 50;
	pid_t wanted = *(pid_t *)arg, pid = fork_as(wanted);

	if (!pid)
		_exit(run_sleeper(&n));
	if (pid < 0)
		return errno == EEXIST ? 2 : 3;
	return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

/* Somebody else may take the pid first: then try another. */
static void use_pid_again(struct rig *rig, uint32_t first_lane, uint32_t second_lane)
{
	int status = 2;

	for (unsigned i = 0; i < 50 && status == 2; i++) {
		unsigned n = 10;
		struct child child;
		pid_t pid;

		probes_clear_lane(rig->probes, 1);
		probes_clear_lane(rig->probes, 2);
		child = child_start(rig, first_lane, run_yielder, &n);
		pid = child.pid;
		child_go(&child);
		child_expect_exit(rig, &child, 0);
		if (first_lane)
			rig_wait_empty(rig, first_lane);
		child = child_start(rig, second_lane, run_with_pid_of, &pid);
		child_go(&child);
		status = WEXITSTATUS(child_end(rig, &child));
		if (second_lane)
			rig_wait_empty(rig, second_lane);
	}
	if (status == 3)
		skip(); /* before 5.5, or not allowed to choose */
	assert_int_equal(status, 0);
}

static void test_pid_used_again_by_stranger_is_not_counted(void **state)
{
	struct rig *rig = rig_of(state);
	struct lane_counters sum;

	use_pid_again(rig, 1, 0);
	sum = rig_expect_exact(rig, 1, 1);
	assert_true(sum.voluntary < 50);
}

static void test_pid_used_again_in_another_lane_is_counted_there(void **state)
{
	struct rig *rig = rig_of(state);
	struct lane_counters sum;

	use_pid_again(rig, 1, 2);
	rig_expect_exact(rig, 1, 1);
	sum = rig_expect_exact(rig, 2, 2);
	assert_int_equal(sum.processes, 1);
}

static void test_adopt_out_of_range_is_refused(void **state)
{
	struct rig *rig = rig_of(state);

	assert_int_equal(probes_adopt(rig->probes, 0, 1, 1), -EINVAL);
	assert_int_equal(probes_adopt(rig->probes, -1, 1, 1), -EINVAL);
	assert_int_equal(probes_adopt(rig->probes, 1 << TASK_PID_BITS, 1, 1), -EINVAL);
	assert_int_equal(probes_adopt(rig->probes, getpid(), 1, 0), -EINVAL);
	assert_int_equal(probes_adopt(rig->probes, getpid(), 1, N_LANES_MAX), -EINVAL);
	assert_int_equal(probes_tasks(rig->probes, 1, NULL, NULL), 0);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_audit_under_load_is_exact),
		with_children(test_audit_of_killed_tasks_is_exact),
		with_children(test_counts_at_rest_equal_status_and_getrusage),
		with_children(test_lanes_follow_clone_and_tell_kinds_apart),
		with_children(test_lanes_stay_apart_and_strangers_out),
		with_children(test_own_switches_are_those_of_the_family_but_for_lanes),
		with_children(test_pid_used_again_by_stranger_is_not_counted),
		with_children(test_pid_used_again_in_another_lane_is_counted_there),
		with_children(test_adopt_out_of_range_is_refused),
	};

	return rig_run(tests);
}
