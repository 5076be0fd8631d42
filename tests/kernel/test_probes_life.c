// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_life.c - names, clone flags, exec, ends, and coroutine marks among the switches. */
#include <linux/sched.h>

#include <bpf/bpf.h>

#include "events.h"
#include "keeper/probes_private.h"

/* --- a task's life --------------------------------------------------------------------------- */

static void *end_thread(void *arg)
{
	struct shared *shared = arg;

	shared->pids[1] = (pid_t)syscall(SYS_gettid);
	return NULL;
}

/* Rename, make a thread, make a process, which ends by a signal, and exec a shell. */
static int run_life(void *arg)
{
	struct shared *shared = arg;
	pthread_t thread;
	int status;
	pid_t pid;

	prctl(PR_SET_NAME, "a\x1b[2Jname");
	if (pthread_create(&thread, NULL, end_thread, shared) || pthread_join(thread, NULL))
		return 1;
	pid = fork();
	if (!pid)
		_exit(raise(SIGKILL));
	shared->pids[2] = pid;
	if (waitpid(pid, &status, 0) < 0 || !WIFSIGNALED(status))
		return 2;
	execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
	return 3;
}

static void expect_name(const struct event *event, const char *name)
{
	char told[TASK_NAME_LEN];

	event_name(event, told);
	assert_string_equal(told, name);
}

/* The last name that a task gave itself. */
static const struct event *last_name(const struct events *events, pid_t pid)
{
	const struct event *last = events_find(events, EVENT_NAME, pid);

	events_each(event, events)
	{
		if (event->kind == EVENT_NAME && task_pid(event->task) == (uint32_t)pid)
			last = event;
	}
	return last;
}

/* A child is called as its parent, without being told so. */
static void expect_called_at_end(const struct events *events, pid_t pid, const char *name)
{
	struct names *names = names_new();

	assert_non_null(names);
	events_each(event, events)
	{
		names_apply(names, event);
		if (event->kind == EVENT_EXIT && task_pid(event->task) == (uint32_t)pid)
			assert_string_equal(names_get(names, (uint32_t)pid), name);
	}
	names_free(names);
}

static const struct event *find_clone(const struct events *events, pid_t child)
{
	events_each(event, events)
	{
		if (event->kind == EVENT_CLONE && task_pid(event->made.child) == (uint32_t)child)
			return event;
	}
	fail_msg("no clone of %d", child);
	return NULL;
}

static void expect_exit(const struct events *events, pid_t pid, uint32_t code)
{
	const struct event *event = events_find(events, EVENT_EXIT, pid);

	assert_int_equal(event->end.code, code);
	assert_int_equal(event->end.seen, event->end.moved);
}

static void test_life_of_task_is_told(void **state)
{
	struct rig *rig = rig_of(state);
	struct shared *shared = shared_new();
	struct child child = child_start(rig, 4, run_life, shared);
	struct events events = { 0 };
	const struct event *made;

	live_listen(rig->source, true);
	child_go(&child);
	child_expect_exit(rig, &child, 7);
	rig_expect_exact(rig, 4, 3);
	events_finish(rig, 4, &events);

	expect_name(events_find(&events, EVENT_NAME, child.pid), "test_probes_lif");
	expect_name(last_name(&events, child.pid), "sh");
	made = find_clone(&events, shared->pids[1]);
	assert_int_equal(made->task, task_word((uint32_t)child.pid, 4));
	assert_int_equal(task_lane(made->made.child), 4);
	assert_true(made->made.flags_low & CLONE_THREAD && made->made.flags_low & CLONE_VM);
	expect_called_at_end(&events, shared->pids[1], "a\x1b[2Jname");
	expect_called_at_end(&events, shared->pids[2], "a\x1b[2Jname");
	made = find_clone(&events, shared->pids[2]);
	assert_int_equal(made->task, task_word((uint32_t)child.pid, 4));
	assert_false(made->made.flags_low & (CLONE_THREAD | CLONE_VM));
	assert_int_equal(events_count(&events, EVENT_CLONE, 0), 2);
	assert_int_equal(events_count(&events, EVENT_EXEC, 0), 1);
	assert_int_equal(events_find(&events, EVENT_EXEC, child.pid)->task,
			 task_word((uint32_t)child.pid, 4));
	expect_exit(&events, shared->pids[1], 0);
	expect_exit(&events, shared->pids[2], SIGKILL);
	expect_exit(&events, child.pid, 7 << 8);
	events_free(&events);
	munmap(shared, sizeof(*shared));
}

/* All that hooks hand out. */
static uint32_t take_slots(struct rig *rig, uint32_t *taken)
{
	uint32_t n = 0, *fresh = rig->probes->fresh_slots, number;

	while (!bpf_map_lookup_and_delete_elem(rig->probes->free_slots_fd, NULL, &number))
		taken[n++] = number;
	while (__atomic_load_n(fresh, __ATOMIC_RELAXED) < rig->probes->n_slots)
		taken[n++] = __atomic_fetch_add(fresh, 1, __ATOMIC_RELAXED);
	return n;
}

static void give_slots(struct rig *rig, const uint32_t *taken, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(
			bpf_map_update_elem(rig->probes->free_slots_fd, NULL, &taken[i], BPF_ANY),
			0);
}

/* What is made then is counted. Told of by the first hook, it would be again by one that finds a slot. */
static void test_clone_of_a_task_without_room_is_not_told(void **state)
{
	struct rig *rig = rig_of(state);
	uint32_t *taken = calloc(rig->probes->n_slots, sizeof(*taken)), n_taken;
	unsigned n_forks = 5;
	struct child child = child_start(rig, 4, run_forker, &n_forks);
	struct events events = { 0 };
	struct lane_counters sum;

	assert_non_null(taken);
	n_taken = take_slots(rig, taken);
	live_listen(rig->source, true);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	rig_wait_empty(rig, 4);
	give_slots(rig, taken, n_taken);
	events_finish(rig, 4, &events);
	sum = rig_sum(rig, 4);
	assert_int_equal(sum.processes, n_forks);
	assert_int_equal(sum.untracked, n_forks);
	assert_int_equal(events_count(&events, EVENT_CLONE, child.pid), 0);
	events_free(&events);
	free(taken);
}

/* Names are told once; who begins to listen later hears them all the same. */
static void test_names_are_told_again_to_next_listener(void **state)
{
	struct rig *rig = rig_of(state);

	for (unsigned i = 0; i < 2; i++) {
		unsigned n_forks = 5;
		struct events events = { 0 };
		struct child child = child_start(rig, 1, run_forker, &n_forks);

		live_listen(rig->source, true);
		child_go(&child);
		child_expect_exit(rig, &child, 0);
		events_finish(rig, 1, &events);
		assert_int_equal(events_count(&events, EVENT_NAME, child.pid), 1);
		expect_name(events_find(&events, EVENT_NAME, child.pid), "test_probes_lif");
		events_free(&events);
	}
}

/* --- a thread that execs --------------------------------------------------------------------- */

static void *exec_in_thread(void *arg)
{
	const struct timespec short_while = { 0, 20000 };

	for (unsigned i = 0; i < 5; i++)
		nanosleep(&short_while, NULL);
	execl("/bin/sh", "sh", "-c", "exit 5", (char *)NULL);
	_exit(1);
	return arg;
}

static int run_exec_in_thread(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		return 1;
	while (*(bool *)arg)
		sched_yield();
	pthread_join(thread, NULL);
	return 2;
}

/*
 * The thread takes over the pid of its leader (de_thread(), fs/exec.c). Until the hook of exec
 * runs, a switch of it can be missed; then it must be counted as missed.
 */
static void test_exec_in_thread_is_exact_or_tells_what_it_missed(void **state)
{
	struct rig *rig = rig_of(state);

	for (unsigned i = 0; i < 40; i++) {
		bool leader_runs = i % 2;
		struct child child;
		struct lane_counters sum;

		probes_clear_lane(rig->probes, 1);
		child = child_start(rig, 1, run_exec_in_thread, &leader_runs);
		child_go(&child);
		child_expect_exit(rig, &child, 5);
		rig->n_children = 0;
		rig_wait_empty(rig, 1);
		sum = rig_sum(rig, 1);
		assert_int_equal(sum.threads, 1);
		assert_int_equal(sum.exited, 2);
		assert_int_equal(sum.audited, 2);
		assert_true(sum.exact == 2 || (sum.exact == 1 && sum.missed));
	}
}

/* --- coroutine marks ------------------------------------------------------------------------- */

#define N_TURNS		3000
#define CLOCKS_APART_NS 1000 /* the scheduler's clock against the one of the marks */

/* Two threads of one program on one CPU, which mark right before and behind each call that may switch. */
struct marked {
	struct lab_area *area;
	struct pair pair;
	bool (*turn)(const struct pair *pair, unsigned thread);
	_Atomic unsigned n_threads; /* that took a ring of marks */
};

static bool turn_pipe(const struct pair *pair, unsigned thread)
{
	int to = thread ? pair->to_ping[1] : pair->to_pong[1];
	int from = thread ? pair->to_pong[0] : pair->to_ping[0];
	char byte = 'b';

	if (thread)
		return read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1;
	return write(to, &byte, 1) == 1 && read(from, &byte, 1) == 1;
}

static bool turn_yield(const struct pair *pair, unsigned thread)
{
	(void)pair;
	(void)thread;
	return !sched_yield();
}

static bool turn_sleep(const struct pair *pair, unsigned thread)
{
	const struct timespec short_while = { 0, 20000 * (1 + (long)thread) };

	(void)pair;
	return !nanosleep(&short_while, NULL);
}

static int run_marked(void *arg)
{
	struct marked *marked = arg;
	unsigned thread = atomic_fetch_add(&marked->n_threads, 1);
	struct mark_ring *ring = &marked->area->rings[thread];

	pin_to(marked->pair.cpu);
	atomic_store(&ring->tid, (uint32_t)getpid());
	mark_write(ring, MARK_CREATE, 1);
	for (uint32_t i = 1; i <= N_TURNS; i++) {
		mark_write(ring, MARK_RESUME, 1);
		mark_write(ring, MARK_SUSPEND, 1);
		if (!marked->turn(&marked->pair, thread))
			return 1;
	}
	mark_write(ring, MARK_END, 1);
	return 0;
}

/* How far a mark is from the nearest time at which its thread ran; 0: it fell into it. */
static uint64_t ns_outside(const struct events *events, const struct event *mark)
{
	const struct event *before = mark, *after = mark, *end = events->all + events->n;
	uint32_t thread = mark->task;

	/* The nearest switches of the thread: if it came, or will leave, it runs. */
	while (before > events->all && !(before->kind == EVENT_SWITCH &&
					 (before->task == thread || before->to.next == thread)))
		before--;
	while (after < end && !(after->kind == EVENT_SWITCH &&
				(after->task == thread || after->to.next == thread)))
		after++;
	assert_true(before->kind == EVENT_SWITCH && after < end);
	if (before->to.next == thread || after->task == thread)
		return 0;
	if (mark->time_ns - before->time_ns < after->time_ns - mark->time_ns)
		return mark->time_ns - before->time_ns;
	return after->time_ns - mark->time_ns;
}

static void expect_marks_within_runs(struct rig *rig,
				     bool (*turn)(const struct pair *pair, unsigned thread))
{
	struct events events = { 0 };
	struct marked *marked = mmap(NULL, sizeof(*marked), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child children[2];
	size_t n_marks = 0;

	assert_true(marked != MAP_FAILED);
	marked->area = mmap(NULL, sizeof(*marked->area), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(marked->area != MAP_FAILED);
	marked->turn = turn;
	pair_init(&marked->pair, 0, some_cpu());
	live_set_area(rig->source, 2, marked->area);
	for (unsigned i = 0; i < 2; i++)
		children[i] = child_start(rig, 2, run_marked, marked);
	live_listen(rig->source, true);
	for (unsigned i = 0; i < 2; i++)
		child_go(&children[i]);
	wait_until((rig->source->poll(rig->source, events_add, &events),
		    !probes_tasks(rig->probes, 2, NULL, NULL)));
	for (unsigned i = 0; i < 2; i++)
		child_expect_exit(rig, &children[i], 0);
	events_finish(rig, 2, &events);
	live_set_area(rig->source, 2, NULL);

	events_each(event, &events)
	{
		if (!event_is_mark(event->kind))
			continue;
		assert_int_equal(task_lane(event->task), 2);
		assert_int_equal(event->coroutine.id, 1);
		if (event->cpu != CPU_UNKNOWN)
			assert_int_equal(event->cpu, marked->pair.cpu);
		if (test_slowness() == 1) /* clocks read together are together */
			assert_in_range(ns_outside(&events, event), 0, CLOCKS_APART_NS);
		n_marks++;
	}
	assert_int_equal(n_marks, 2 * (2 * N_TURNS + 2));
	assert_int_equal(events_count(&events, EVENT_RESUME, 0), 2 * N_TURNS);
	assert_int_equal(events_count(&events, EVENT_END, 0), 2);
	events_free(&events);
	pair_fini(&marked->pair);
	munmap(marked->area, sizeof(*marked->area));
	munmap(marked, sizeof(*marked));
}

static void test_marks_of_pair_fall_between_switch_in_and_out(void **state)
{
	expect_marks_within_runs(rig_of(state), turn_pipe);
}

static void test_marks_of_yielders_fall_between_switch_in_and_out(void **state)
{
	expect_marks_within_runs(rig_of(state), turn_yield);
}

static void test_marks_of_sleepers_fall_between_switch_in_and_out(void **state)
{
	expect_marks_within_runs(rig_of(state), turn_sleep);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_life_of_task_is_told),
		with_children(test_clone_of_a_task_without_room_is_not_told),
		with_children(test_names_are_told_again_to_next_listener),
		with_children(test_exec_in_thread_is_exact_or_tells_what_it_missed),
		with_children(test_marks_of_pair_fall_between_switch_in_and_out),
		with_children(test_marks_of_yielders_fall_between_switch_in_and_out),
		with_children(test_marks_of_sleepers_fall_between_switch_in_and_out),
	};

	return rig_run(tests);
}
