/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rig.h - probes on the running kernel, and children that are held until they are watched.
 *
 * A helper of tests/kernel/test_probes_*.c, included by each of them. One rig serves all tests of a
 * group, each test begins with rig_of(). Children end with the test program, however it ends.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cmd/maps.h"
#include "wait.h"

#define N_CHILDREN 512

struct rig {
	struct probes_wish wish;
	struct probes *probes;
	struct probes_facts facts;
	struct source *source;
	struct counts counts;
	pid_t children[N_CHILDREN]; /* 0: was waited for */
	unsigned n_children;
};

/* What a child and the test share. */
struct shared {
	struct rusage usage_of_children; /* taken on the way into a rest, */
	struct rusage usage;		 /* and this */
	_Atomic uint32_t stop;
	pid_t pids[8];
};

/* The child's own end: each byte lets it go once. */
static int go_fd = -1;

/* --- the rig --------------------------------------------------------------------------------- */

static inline struct rig *rig_open(const struct probes_wish *wish)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct error error = { 0 };
	struct live_maps maps;

	assert_non_null(rig);
	rig->wish = *wish;
	rig->probes = probes_open(wish, &rig->facts, &error);
	if (!rig->probes) {
		print_message("no probes: %s\n", error.text);
		assert_false(must_have_bpf());
		free(rig);
		return NULL;
	}
	maps = maps_of(&rig->facts, 0);
	rig->source = live_new(&maps, &error);
	assert_non_null(rig->source);
	assert_int_equal(counts_init(&rig->counts, rig->facts.n_cpus, rig->facts.n_lanes), 0);
	return rig;
}

/* Group set-ups: what the kernel has, and each thing that an older one has not. */
static inline int rig_setup(void **state)
{
	*state = rig_open(&(struct probes_wish){ false });
	return 0;
}

static inline int rig_setup_plain_clock(void **state)
{
	struct rig *rig = rig_open(&(struct probes_wish){ .plain_clock = true });

	if (rig)
		assert_true(rig->facts.plain_clock);
	*state = rig;
	return 0;
}

static inline int rig_setup_plain_ring(void **state)
{
	struct rig *rig = rig_open(&(struct probes_wish){ .plain_ring = true });

	if (rig)
		assert_true(rig->facts.plain_bytes);
	*state = rig;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		return 0;
	rig->source->free(rig->source);
	counts_fini(&rig->counts);
	probes_free(rig->probes);
	free(rig);
	return 0;
}

/* Run a group of tests on each kind of rig; how many failed. */
#define rig_run(tests)                                                                             \
	(cmocka_run_group_tests_name("scheduler's clock", tests, rig_setup, rig_teardown) +        \
	 cmocka_run_group_tests_name("plain clock", tests, rig_setup_plain_clock, rig_teardown) +  \
	 cmocka_run_group_tests_name("plain ring", tests, rig_setup_plain_ring, rig_teardown))

/* After each test, failed or not. */
static inline int rig_end_children(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; rig && i < rig->n_children; i++)
		if (rig->children[i]) {
			kill(rig->children[i], SIGKILL);
			waitpid(rig->children[i], NULL, 0);
		}
	if (rig)
		rig->n_children = 0;
	return 0;
}

static inline void ignore_event(const struct event *event, void *ctx)
{
	(void)event;
	(void)ctx;
}

/* The rig of a group with empty lanes and read rings; without one the test is skipped. */
static inline struct rig *rig_of(void **state)
{
	struct rig *rig = *state;

	if (!rig) {
		skip(); /* which does not return, and does not say so */
		abort();
	}
	live_listen(rig->source, false);
	rig->source->flush(rig->source, ignore_event, NULL);
	for (uint32_t lane = 1; lane < rig->facts.n_lanes; lane++)
		probes_clear_lane(rig->probes, lane);
	return rig;
}

/* What a lane counted on all CPUs until now. */
static inline struct lane_counters rig_sum(struct rig *rig, unsigned lane)
{
	struct lane_counters sum = { 0 };

	assert_int_equal(rig->source->counts(rig->source, &rig->counts), 0);
	for (unsigned cpu = 0; cpu < rig->facts.n_cpus; cpu++)
		counters_add(&sum, counts_cell(&rig->counts, cpu, lane));
	return sum;
}

static inline uint64_t switches_of(const struct lane_counters *counters)
{
	return counters->voluntary + counters->involuntary;
}

/* No task of the lane is left, not even one that has been waited for and still has to leave. */
static inline void rig_wait_empty(struct rig *rig, uint32_t lane)
{
	wait_until(!probes_tasks(rig->probes, lane, NULL, NULL));
}

/* All that ended in the lane agree with the kernel to the last switch, and they are n_tasks. */
static inline struct lane_counters rig_expect_exact(struct rig *rig, uint32_t lane,
						    uint64_t n_tasks)
{
	struct lane_counters sum;

	rig_wait_empty(rig, lane);
	sum = rig_sum(rig, lane);
	assert_int_equal(sum.exited, n_tasks);
	assert_int_equal(sum.audited, n_tasks);
	assert_int_equal(sum.exact, n_tasks);
	assert_int_equal(sum.missed, 0);
	assert_int_equal(sum.untracked, 0);
	return sum;
}

static inline struct shared *shared_new(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

/* --- children -------------------------------------------------------------------------------- */

struct child {
	pid_t pid;
	int go_fd;
	unsigned number; /* in rig->children */
};

/* In a child: wait to be let go (again). */
static inline void child_rest(void)
{
	char go;

	if (read(go_fd, &go, 1) != 1)
		_exit(99);
}

/*
 * It blocks in read() and has left its CPU: /proc/PID/syscall tells only of a task that is
 * switched out (task_current_syscall(), lib/syscall.c).
 */
static inline bool child_is_at_rest(pid_t pid)
{
	char path[64], text[128] = "";
	FILE *file;
	long number;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return sscanf(text, "%ld", &number) == 1 && number == SYS_read;
}

/*
 * Fork, hold, adopt into `lane` (0: a stranger) once it is at rest; when it is let go it runs fn(arg)
 * and exits with what that returns.
 */
static inline struct child child_start(struct rig *rig, uint32_t lane, int (*fn)(void *arg),
				       void *arg)
{
	struct child child = { .number = rig->n_children };
	pid_t parent = getpid();
	int go[2];

	assert_true(rig->n_children < N_CHILDREN);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (!child.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(98);
		close(go[1]);
		go_fd = go[0];
		child_rest();
		_exit(fn(arg));
	}
	close(go[0]);
	child.go_fd = go[1];
	rig->children[rig->n_children++] = child.pid;
	wait_until(child_is_at_rest(child.pid));
	if (lane)
		assert_int_equal(probes_adopt(rig->probes, child.pid, child.pid, lane), 0);
	return child;
}

static inline void child_go(const struct child *child)
{
	assert_int_equal(write(child->go_fd, "g", 1), 1);
}

/* Its wait status. */
static inline int child_end(struct rig *rig, struct child *child)
{
	int status = -1;

	wait_until(waitpid(child->pid, &status, WNOHANG) == child->pid);
	rig->children[child->number] = 0;
	close(child->go_fd);
	return status;
}

static inline void child_expect_exit(struct rig *rig, struct child *child, int code)
{
	int status = child_end(rig, child);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

/* Let all of them go, and wait until each has ended with 0. */
static inline void children_run(struct rig *rig, struct child *children, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		child_go(&children[i]);
	for (unsigned i = 0; i < n; i++)
		child_expect_exit(rig, &children[i], 0);
}

static inline void pin_to(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		_exit(97);
}

/* The last CPU that the test may use. */
static inline int some_cpu(void)
{
	cpu_set_t cpus;
	int last = -1;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus))
			last = cpu;
	assert_true(last >= 0);
	return last;
}

/* --- loads ----------------------------------------------------------------------------------- */

/* Two processes that hand a byte to and fro. */
struct pair {
	int to_pong[2], to_ping[2];
	unsigned n_rounds;
	int cpu; /* -1: any */
};

static inline void pair_init(struct pair *pair, unsigned n_rounds, int cpu)
{
	*pair = (struct pair){ .n_rounds = n_rounds, .cpu = cpu };
	assert_int_equal(pipe2(pair->to_pong, O_CLOEXEC), 0);
	assert_int_equal(pipe2(pair->to_ping, O_CLOEXEC), 0);
}

static inline void pair_fini(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		close(pair->to_pong[i]);
		close(pair->to_ping[i]);
	}
}

static inline int run_ping(void *arg)
{
	struct pair *pair = arg;
	char byte = 'b';

	if (pair->cpu >= 0)
		pin_to(pair->cpu);
	for (unsigned i = 0; i < pair->n_rounds; i++)
		if (write(pair->to_pong[1], &byte, 1) != 1 || read(pair->to_ping[0], &byte, 1) != 1)
			return 1;
	return 0;
}

static inline int run_pong(void *arg)
{
	struct pair *pair = arg;
	char byte;

	if (pair->cpu >= 0)
		pin_to(pair->cpu);
	for (unsigned i = 0; i < pair->n_rounds; i++)
		if (read(pair->to_pong[0], &byte, 1) != 1 || write(pair->to_ping[1], &byte, 1) != 1)
			return 1;
	return 0;
}

static inline int run_yielder(void *arg)
{
	for (unsigned i = 0; i < *(unsigned *)arg; i++)
		sched_yield();
	return 0;
}

/* Children that end at once, one after another. */
static inline int run_forker(void *arg)
{
	for (unsigned i = 0; i < *(unsigned *)arg; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (waitpid(pid, NULL, 0) != pid)
			return 1;
	}
	return 0;
}

static inline void *do_nothing(void *arg)
{
	return arg;
}

static inline int run_threader(void *arg)
{
	for (unsigned i = 0; i < *(unsigned *)arg; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, do_nothing, NULL) || pthread_join(thread, NULL))
			return 1;
	}
	return 0;
}

#endif
