// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_probes_cpus.c - the hooks on every CPU there is: counters and events of each, held against
 * the kernel's own figures of the tasks that are tied to it.
 */
#include "events.h"

#define N_ROUNDS 100

/* One of a pair on a CPU that it was born on and never leaves. */
struct mate {
	int (*run)(void *arg);
	struct pair pair;
	_Atomic bool *at_end;
	struct child child;
	uint64_t n_before; /* switches */
	int cpu;
};

static int run_and_rest(void *arg)
{
	const struct mate *mate = arg;
	struct pair pair = mate->pair;
	int status = mate->run(&pair);

	*mate->at_end = true;
	child_rest();
	return status;
}

static void mate_start(struct rig *rig, struct mate *mate)
{
	cpu_set_t before;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	pin_to(mate->cpu);
	mate->child = child_start(rig, 1, run_and_rest, mate);
	mate->n_before = status_switches(mate->child.pid);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

/* A pair on each CPU that the test may use; how many mates that makes. */
static unsigned mates_start(struct rig *rig, struct mate *mates)
{
	_Atomic bool *at_end = mmap(NULL, N_CHILDREN * sizeof(*at_end), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned n = 0;
	cpu_set_t cpus;

	assert_true(at_end != MAP_FAILED);
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE && n + 2 <= N_CHILDREN; cpu++) {
		struct pair pair;

		if (!CPU_ISSET(cpu, &cpus))
			continue;
		pair_init(&pair, N_ROUNDS, -1);
		for (unsigned i = 0; i < 2; i++, n++) {
			mates[n] = (struct mate){ .run = i ? run_pong : run_ping,
						  .pair = pair,
						  .at_end = &at_end[n],
						  .cpu = cpu };
			mate_start(rig, &mates[n]);
		}
	}
	return n;
}

static void mates_end(struct rig *rig, struct mate *mates, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		child_go(&mates[i].child);
		child_expect_exit(rig, &mates[i].child, 0);
	}
	for (unsigned i = 0; i < n; i += 2)
		pair_fini(&mates[i].pair);
	rig_expect_exact(rig, 1, n);
}

/* What the kernel counted of it since it was watched; each is told of, on its own CPU. */
static uint64_t mate_expect_told(const struct mate *mate, const struct events *events)
{
	uint64_t made = status_switches(mate->child.pid) - mate->n_before;

	assert_true(made > 0);
	assert_int_equal(events_count(events, EVENT_SWITCH, mate->child.pid), made);
	events_each(event, events)
	{
		if (event->kind == EVENT_SWITCH &&
		    task_pid(event->task) == (uint32_t)mate->child.pid)
			assert_int_equal(event->cpu, mate->cpu);
	}
	return made;
}

static void test_switches_of_each_cpu_equal_the_kernels(void **state)
{
	struct rig *rig = rig_of(state);
	struct events events = { 0 };
	struct mate mates[N_CHILDREN];
	unsigned n = mates_start(rig, mates);

	live_listen(rig->source, true);
	for (unsigned i = 0; i < n; i++)
		child_go(&mates[i].child);
	for (unsigned i = 0; i < n; i++)
		wait_until((rig->source->poll(rig->source, events_add, &events),
			    *mates[i].at_end && child_is_at_rest(mates[i].child.pid)));
	rig->source->flush(rig->source, events_add, &events);
	live_listen(rig->source, false);
	assert_int_equal(rig->source->counts(rig->source, &rig->counts), 0);

	assert_int_equal(events_count(&events, EVENT_LOST, 0), 0);
	for (unsigned i = 0; i < n; i += 2) {
		uint64_t made = mate_expect_told(&mates[i], &events) +
				mate_expect_told(&mates[i + 1], &events);

		assert_int_equal(switches_of(counts_cell(&rig->counts, (unsigned)mates[i].cpu, 1)),
				 made);
	}
	mates_end(rig, mates, n);
	events_free(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_switches_of_each_cpu_equal_the_kernels,
					  rig_end_children),
	};

	return rig_run(tests);
}
