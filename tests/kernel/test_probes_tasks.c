// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_tasks.c - the figures of single tasks: against the kernel's own, and against their lane's. */
#include "rig.h"

static struct task_table table;

/* Of pid 0: there is no such task. */
static const struct task_row *row_of(struct rig *rig, pid_t pid)
{
	static const struct task_row nobody;

	assert_int_equal(rig->source->tasks(rig->source, &table), 0);
	for (size_t i = 0; i < table.n; i++)
		if (table.rows[i].pid == (uint32_t)pid)
			return &table.rows[i];
	return &nobody;
}

static struct task_row sum_of_lane(unsigned lane)
{
	struct task_row sum = { 0 };

	for (size_t i = 0; i < table.n; i++) {
		const struct task_row *row = &table.rows[i];

		if (row->lane != lane)
			continue;
		sum.voluntary += row->voluntary;
		sum.involuntary += row->involuntary;
		sum.run_ns += row->run_ns;
		sum.wait_ns += row->wait_ns;
		sum.wakeups += row->wakeups;
		sum.migrations += row->migrations;
		if (row->wait_max_ns > sum.wait_max_ns)
			sum.wait_max_ns = row->wait_max_ns;
	}
	return sum;
}

/* Two that hand a byte to and fro, then rest: nothing of them moves any more. */
struct resting_pair {
	struct pair pair;
	int (*run)(void *arg);
	struct shared *shared;
};

static int run_and_rest(void *arg)
{
	struct resting_pair *resting = arg;
	int status = resting->run(&resting->pair);

	resting->shared->stop = 1; /* a read before this one is of the pair */
	child_rest();
	return status;
}

static void test_tasks_at_rest_agree_with_the_kernel_and_their_lane(void **state)
{
	struct rig *rig = rig_of(state);
	struct resting_pair ping = { .run = run_ping }, pong;
	uint64_t voluntary[2], involuntary[2];
	struct child children[2];
	struct lane_counters lane;
	struct task_row sum;

	pair_init(&ping.pair, 3000, -1);
	ping.shared = shared_new();
	pong = ping;
	pong.shared = shared_new();
	pong.run = run_pong;
	children[0] = child_start(rig, 1, run_and_rest, &ping);
	children[1] = child_start(rig, 1, run_and_rest, &pong);
	for (unsigned i = 0; i < 2; i++) {
		voluntary[i] = status_figure(children[i].pid, "voluntary_ctxt_switches:");
		involuntary[i] = status_figure(children[i].pid, "nonvoluntary_ctxt_switches:");
		child_go(&children[i]);
	}
	for (unsigned i = 0; i < 2; i++)
		wait_until((i ? pong : ping).shared->stop && child_is_at_rest(children[i].pid));
	for (unsigned i = 0; i < 2; i++) {
		pid_t pid = children[i].pid;
		const struct task_row *row = row_of(rig, pid);

		assert_int_equal(row->pid, pid);
		assert_int_equal(row->tgid, pid);
		assert_int_equal(row->lane, 1);
		assert_int_equal(row->doing, TASK_SLEEPING);
		assert_string_equal(row->name, "test_probes_tas");
		assert_int_equal(row->voluntary,
				 status_figure(pid, "voluntary_ctxt_switches:") - voluntary[i]);
		assert_int_equal(row->involuntary,
				 status_figure(pid, "nonvoluntary_ctxt_switches:") -
					 involuntary[i]);
		assert_true(row->wakeups > 1000 && row->run_ns && row->sleep_ns);
		assert_true(row->start_ns && row->since_ns > row->start_ns);
		assert_true(row->run_ns + row->wait_ns + row->sleep_ns + row->blocked_ns <=
			    table.time_ns - row->start_ns);
	}
	lane = rig_sum(rig, 1);
	sum = sum_of_lane(1);
	assert_int_equal(sum.voluntary, lane.voluntary);
	assert_int_equal(sum.involuntary, lane.involuntary);
	assert_int_equal(sum.run_ns, lane.run_ns);
	assert_int_equal(sum.wait_ns, lane.wait_ns);
	assert_int_equal(sum.wait_max_ns, lane.wait_max_ns);
	assert_int_equal(sum.wakeups, lane.wakeups);
	assert_int_equal(sum.migrations, lane.migrations);
	for (unsigned i = 0; i < 2; i++) {
		child_go(&children[i]);
		child_expect_exit(rig, &children[i], 0);
	}
	pair_fini(&ping.pair);
	munmap(ping.shared, sizeof(*ping.shared));
	munmap(pong.shared, sizeof(*pong.shared));
	rig_expect_exact(rig, 1, 2);
	assert_int_equal(row_of(rig, children[0].pid)->pid,
			 0); /* who ended is not there any more */
}

static void *rest_in_thread(void *arg)
{
	*(_Atomic int *)arg = (int)gettid();
	prctl(PR_SET_NAME, "thread\n\x1b[31m");
	child_rest();
	return NULL;
}

static int run_with_thread(void *arg)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, rest_in_thread, arg) || pthread_join(thread, NULL);
}

/* A clone's parent, process, name as it calls itself, and waker. */
static void test_task_made_by_clone_is_told_with_its_family(void **state)
{
	struct rig *rig = rig_of(state);
	struct shared *shared = shared_new();
	_Atomic int *tid = (_Atomic int *)&shared->pids[0];
	struct child child = child_start(rig, 2, run_with_thread, (void *)&shared->pids[0]);
	const struct task_row *row;

	child_go(&child);
	wait_until(*tid && (row = row_of(rig, *tid))->pid &&
		   !strcmp(row->name, "thread\n\x1b[31m") && row->doing == TASK_SLEEPING);
	assert_int_equal(row->tgid, child.pid);
	assert_int_equal(row->parent, child.pid);
	assert_int_equal(row->lane, 2);
	assert_true(row->has_waker);
	child_go(&child);
	wait_until(!row_of(rig, *tid)->pid);
	child_expect_exit(rig, &child, 0);
	munmap(shared, sizeof(*shared));
	rig_expect_exact(rig, 2, 2);
}

static int rest_and_go(void *arg)
{
	(void)arg;
	child_rest();
	return 0;
}

/* What /proc says holds until a hook has seen the task, and never again. */
static void test_task_adopted_asleep_is_asleep_before_any_hook_saw_it(void **state)
{
	struct rig *rig = rig_of(state);
	struct child child = child_start(rig, 1, rest_and_go, NULL);
	const struct task_row *row = row_of(rig, child.pid);

	assert_int_equal(row->pid, child.pid);
	assert_int_equal(row->doing, TASK_UNKNOWN);
	assert_int_equal(row->cpu, CPU_UNKNOWN);
	probes_found(rig->probes, child.pid, 'R', 1);
	assert_int_equal(row_of(rig, child.pid)->doing, TASK_UNKNOWN);
	probes_found(rig->probes, child.pid, 'S', 0);
	row = row_of(rig, child.pid);
	assert_int_equal(row->doing, TASK_SLEEPING);
	assert_int_equal(row->cpu, 0);
	assert_true(row->since_ns >= row->start_ns && row->sleep_ns);
	child_go(&child);
	wait_until(row_of(rig, child.pid)->voluntary && child_is_at_rest(child.pid));
	probes_found(rig->probes, child.pid, 'D', 0);
	assert_int_equal(row_of(rig, child.pid)->doing, TASK_SLEEPING);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	rig_expect_exact(rig, 1, 1);
}

/* As after four thousand million switches: the next one must not begin anew. */
static void test_counts_of_a_task_go_on_beyond_32_bits(void **state)
{
	struct rig *rig = rig_of(state);
	size_t size = rig->facts.n_slots * sizeof(struct task_figures);
	struct task_figures *all =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, rig->facts.figures_fd, 0);
	unsigned n_forks = 3;
	struct child child = child_start(rig, 1, run_forker, &n_forks);
	struct task_figures *figures = all;

	assert_true(all != MAP_FAILED);
	while (figures->pid != (uint32_t)child.pid || figures->lane != 1)
		assert_true(++figures < all + rig->facts.n_slots);
	figures->voluntary = UINT32_MAX;
	child_go(&child);
	wait_until(__atomic_load_n(&figures->voluntary_high, __ATOMIC_RELAXED) == 1);
	child_expect_exit(rig, &child, 0);
	rig_expect_exact(rig, 1, 1 + n_forks); /* and has left: the next test counts who does */
	munmap(all, size);
}

/* With all that ended: threads, forks; each is told once, and together they are the lane. */
static void test_tasks_that_ended_are_told_and_add_up(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_forks = 100, n_threads = 100;
	struct child children[2];
	struct lane_counters lane;
	struct task_row sum;

	table.n = 0;
	rig->source->ended(rig->source, &table); /* those of tests before this one */
	children[0] = child_start(rig, 1, run_forker, &n_forks);
	children[1] = child_start(rig, 1, run_threader, &n_threads);
	children_run(rig, children, 2);
	lane = rig_expect_exact(rig, 1, 2 + n_forks + n_threads);
	table.n = 0;
	assert_int_equal(rig->source->ended(rig->source, &table), 0);
	assert_int_equal(table.n, 2 + n_forks + n_threads);
	assert_int_equal(lane.untold, 0);
	sum = sum_of_lane(1);
	assert_int_equal(sum.voluntary, lane.voluntary);
	assert_int_equal(sum.involuntary, lane.involuntary);
	assert_int_equal(sum.run_ns, lane.run_ns);
	assert_int_equal(sum.wait_ns, lane.wait_ns);
	assert_int_equal(sum.wakeups, lane.wakeups);
	assert_int_equal(sum.migrations, lane.migrations);
	for (size_t i = 0; i < table.n; i++)
		assert_int_equal(table.rows[i].doing, TASK_ENDED);
}

static int setup_ended(void **state)
{
	*state = rig_open(&(struct probes_wish){ .ended = true });
	return 0;
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_teardown(fn, rig_end_children)
	const struct CMUnitTest tests[] = {
		TEST(test_tasks_at_rest_agree_with_the_kernel_and_their_lane),
		TEST(test_task_made_by_clone_is_told_with_its_family),
		TEST(test_task_adopted_asleep_is_asleep_before_any_hook_saw_it),
	};
	const struct CMUnitTest of_ended[] = {
		TEST(test_counts_of_a_task_go_on_beyond_32_bits),
		TEST(test_tasks_that_ended_are_told_and_add_up),
	};
	int failed;

	task_table_init(&table);
	failed = rig_run(tests) +
		 cmocka_run_group_tests_name("tasks that end", of_ended, setup_ended, rig_teardown);
	task_table_fini(&table);
	return failed;
}
