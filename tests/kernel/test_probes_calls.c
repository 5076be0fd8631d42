// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_calls.c - a task that leaves its CPU asleep is said to wait for what it waits for. */
#include "events.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/timerfd.h>

#include <bpf/btf.h>

#include "keeper/kernel_has.h"

#define N_WAITS	 20
#define SHORT_NS 200000

static const struct timespec shortly = { 0, SHORT_NS };

/* --- a child for each kind: it waits so often -------------------------------------------------- */

static int wait_for_lock(void *arg)
{
	uint32_t word = 0;

	(void)arg;
	for (unsigned i = 0; i < N_WAITS; i++)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &shortly, NULL, 0);
	return 0;
}

static int wait_for_any(void *arg)
{
	struct timespec time = shortly;

	(void)arg;
	for (unsigned i = 0; i < N_WAITS; i++)
		if (ppoll(NULL, 0, &time, NULL))
			return 1;
	return 0;
}

static int wait_for_io(void *arg)
{
	const struct itimerspec often = { shortly, shortly };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t n;

	(void)arg;
	if (fd < 0 || timerfd_settime(fd, 0, &often, NULL))
		return 1;
	for (unsigned i = 0; i < N_WAITS; i++)
		if (read(fd, &n, sizeof(n)) != sizeof(n))
			return 1;
	return 0;
}

static int wait_for_time(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < N_WAITS; i++)
		nanosleep(&shortly, NULL);
	return 0;
}

static int wait_for_child(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < N_WAITS; i++) {
		pid_t pid = fork();

		if (!pid) {
			nanosleep(&shortly, NULL);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return 1;
	}
	return 0;
}

static int wait_for_signal(void *arg)
{
	sigset_t none;

	(void)arg;
	sigemptyset(&none);
	for (unsigned i = 0; i < N_WAITS; i++)
		sigtimedwait(&none, NULL, &shortly);
	return 0;
}

/* --- what is told of it -------------------------------------------------------------------------- */

static const struct {
	int (*run)(void *arg);
	enum leave_call kind;
} waits[] = {
	{ wait_for_lock, CALL_LOCK },	{ wait_for_any, CALL_POLL },
	{ wait_for_io, CALL_IO },	{ wait_for_time, CALL_TIMER },
	{ wait_for_child, CALL_CHILD }, { wait_for_signal, CALL_OTHER },
};

#define N_KINDS (sizeof(waits) / sizeof(waits[0]))

/* How often a task left its CPU asleep for each kind. */
static void count_kinds(const struct events *events, pid_t pid, unsigned n[N_LEAVE_CALLS])
{
	memset(n, 0, N_LEAVE_CALLS * sizeof(*n));
	events_each(event, events)
	{
		if (event->kind == EVENT_SWITCH && task_pid(event->task) == (uint32_t)pid &&
		    (event->state & LEAVE_MASK) == LEAVE_SLEEPING)
			n[leave_call(event->state)]++;
	}
}

static void test_sleeps_are_of_the_call_that_sleeps(void **state)
{
	struct rig *rig = rig_of(state);
	struct btf *btf = btf__load_vmlinux_btf();
	bool knows = kernel_has_helper(btf, "task_pt_regs"); /* 5.15 and later */
	struct events events = { 0 };
	struct child children[N_KINDS];
	pid_t pids[N_KINDS];
	unsigned n[N_LEAVE_CALLS];

	btf__free(btf);
	live_listen(rig->source, true);
	for (unsigned i = 0; i < N_KINDS; i++) {
		children[i] = child_start(rig, 1, waits[i].run, NULL);
		pids[i] = children[i].pid;
	}
	children_run(rig, children, N_KINDS);
	events_finish(rig, 1, &events);
	for (unsigned i = 0; i < N_KINDS; i++) {
		count_kinds(&events, pids[i], n);
		assert_true(n[knows ? waits[i].kind
				    : CALL_UNKNOWN]); /* many are too short where CPUs are slow */
		for (unsigned kind = 0; kind < N_LEAVE_CALLS; kind++)
			if (knows && kind != waits[i].kind &&
			    kind != CALL_IO) /* its start: a pipe */
				assert_true(n[kind] <= 1);
	}
	events_free(&events);
}

static void test_who_wants_to_run_waits_for_nothing(void **state)
{
	struct rig *rig = rig_of(state);
	struct events events = { 0 };
	unsigned n_yields = 500;
	struct child children[2];

	live_listen(rig->source, true);
	for (unsigned i = 0; i < 2; i++)
		children[i] = child_start(rig, 1, run_yielder, &n_yields);
	children_run(rig, children, 2);
	events_finish(rig, 1, &events);
	events_each(event, &events)
	{
		if (event->kind != EVENT_SWITCH)
			continue;
		if ((event->state & LEAVE_MASK) == LEAVE_RUNNABLE || !task_lane(event->task))
			assert_int_equal(leave_call(event->state), CALL_UNKNOWN);
	}
	events_free(&events);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_sleeps_are_of_the_call_that_sleeps),
		with_children(test_who_wants_to_run_waits_for_nothing),
	};

	return rig_run(tests);
}
