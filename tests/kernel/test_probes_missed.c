// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_probes_missed.c - hooks that the kernel may pass over (bpf/birth.bpf.h): what they did not do,
 * others do. Here they are passed over always.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "events.h"

/* --- a hook that never runs ------------------------------------------------------------------ */

static uint32_t id_of(const struct probes *probes, const char *name)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(probes_object(probes), name);
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	assert_non_null(program);
	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length), 0);
	return info.id;
}

/* Whether a descriptor of ours is a link of this program: bpf_link_show_fdinfo(), kernel/bpf/syscall.c. */
static bool is_link_of(int fd, uint32_t id)
{
	char path[64], line[128];
	uint32_t found = 0;
	bool is_link = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		is_link |= !strncmp(line, "link_id:", 8);
		sscanf(line, "prog_id: %u", &found);
	}
	if (file)
		fclose(file);
	return is_link && found == id;
}

/* The last reference to its link goes; libbpf has something else to close in its place. */
static void detach(const struct probes *probes, const char *name)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	uint32_t id = id_of(probes, name);
	unsigned n_found = 0;

	assert_true(nothing >= 0);
	for (int fd = 3; fd < 256; fd++)
		if (is_link_of(fd, id)) {
			assert_int_equal(dup3(nothing, fd, O_CLOEXEC), fd);
			n_found++;
		}
	close(nothing);
	assert_int_equal(n_found, 1);
}

static int setup_without(void **state, struct probes_wish wish, const char *name)
{
	struct rig *rig;

	wish.skipped_hooks = true;
	rig = rig_open(&wish);
	if (rig)
		detach(rig->probes, name);
	*state = rig;
	return 0;
}

static const struct probes_wish best = { .ended = true };
static const struct probes_wish runtimes = { .asyncio = true };
static const struct probes_wish plain = { .plain_clock = true, .plain_ring = true };

static int setup_without_newtask(void **state)
{
	return setup_without(state, best, "on_newtask");
}

static int setup_without_newtask_plain(void **state)
{
	return setup_without(state, plain, "on_newtask");
}

static int setup_without_exit(void **state)
{
	return setup_without(state, best, "on_exit");
}

static int setup_without_exit_runtimes(void **state)
{
	return setup_without(state, runtimes, "on_exit");
}

static int setup_without_exit_plain(void **state)
{
	return setup_without(state, plain, "on_exit");
}

/* --- what others do in its place --------------------------------------------------------------- */

static void test_counts_are_whole_and_exact(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_forks = 40, n_threads = 60, n = 0;
	struct child children[4];
	struct lane_counters sum;
	struct pair pair;

	pair_init(&pair, 500, -1);
	children[n++] = child_start(rig, 1, run_ping, &pair);
	children[n++] = child_start(rig, 1, run_pong, &pair);
	children[n++] = child_start(rig, 1, run_forker, &n_forks);
	children[n++] = child_start(rig, 1, run_threader, &n_threads);
	children_run(rig, children, n);
	pair_fini(&pair);

	sum = rig_expect_exact(rig, 1, n + n_forks + n_threads);
	assert_int_equal(sum.processes, n_forks);
	assert_int_equal(sum.threads, n_threads);
}

static void test_clones_and_ends_are_told_once(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_forks = 20, n_threads = 10, n_of_threads = 0;
	struct child forker = child_start(rig, 1, run_forker, &n_forks);
	struct child threader = child_start(rig, 1, run_threader, &n_threads);
	struct events events = { 0 };

	live_listen(rig->source, true);
	child_go(&forker);
	child_go(&threader);
	child_expect_exit(rig, &forker, 0);
	child_expect_exit(rig, &threader, 0);
	rig_expect_exact(rig, 1, 2 + n_forks + n_threads);
	events_finish(rig, 1, &events);

	assert_int_equal(events_count(&events, EVENT_CLONE, 0), n_forks + n_threads);
	assert_int_equal(events_count(&events, EVENT_EXIT, 0), 2 + n_forks + n_threads);
	events_each(event, &events)
	{
		if (event->kind == EVENT_CLONE && event->made.flags_low & CLONE_THREAD)
			n_of_threads++;
		if (event->kind == EVENT_EXIT)
			assert_int_equal(event->end.seen, event->end.moved);
	}
	assert_int_equal(n_of_threads, n_threads);
	events_free(&events);
}

/* A thread that ends in the middle of a step leaves nothing behind; before 6.6 there is no step. */
static void test_step_of_a_thread_that_ended_is_forgotten(void **state)
{
	struct rig *rig = rig_of(state);
	const struct bpf_map *steps =
		bpf_object__find_map_by_name(probes_object(rig->probes), "steps");
	bool has_steps = steps && bpf_map__max_entries(steps) > 1;
	unsigned n_yields = 10;
	struct child child = child_start(rig, 1, run_yielder, &n_yields);
	uint32_t pid = (uint32_t)child.pid;
	uint8_t step[256] = { 0 };

	assert_non_null(steps);
	assert_in_range(bpf_map__value_size(steps), 1, sizeof(step));
	if (has_steps)
		assert_int_equal(bpf_map_update_elem(bpf_map__fd(steps), &pid, step, BPF_ANY), 0);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	rig_expect_exact(rig, 1, 1);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(steps), &pid, step), -ENOENT);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_counts_are_whole_and_exact),
		with_children(test_clones_and_ends_are_told_once),
	};

	const struct CMUnitTest of_runtimes[] = {
		with_children(test_step_of_a_thread_that_ended_is_forgotten),
	};

	return cmocka_run_group_tests_name("runtimes, without sched_process_exit", of_runtimes,
					   setup_without_exit_runtimes, rig_teardown) +
	       cmocka_run_group_tests_name("without task_newtask", tests, setup_without_newtask,
					   rig_teardown) +
	       cmocka_run_group_tests_name("plain, without task_newtask", tests,
					   setup_without_newtask_plain, rig_teardown) +
	       cmocka_run_group_tests_name("without sched_process_exit", tests, setup_without_exit,
					   rig_teardown) +
	       cmocka_run_group_tests_name("plain, without sched_process_exit", tests,
					   setup_without_exit_plain, rig_teardown);
}
