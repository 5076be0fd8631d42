// SPDX-License-Identifier: GPL-2.0-only
/* test_probes_events.c - what the rings tell, held against the counters and against the clock. */
#include "events.h"

/* Add what the switches tell of one lane's tasks leaving and coming. */
struct told {
	uint64_t n_voluntary, n_involuntary, ran_ns, waited_ns;
};

static struct told told_of_lane(const struct events *events, uint32_t lane)
{
	struct told told = { 0 };

	events_each(event, events)
	{
		if (event->kind != EVENT_SWITCH)
			continue;
		if (task_lane(event->task) == lane) {
			told.ran_ns += event->to.ran_ns;
			if (event->state & LEAVE_VOLUNTARY)
				told.n_voluntary++;
			else
				told.n_involuntary++;
		}
		if (task_lane(event->to.next) == lane)
			told.waited_ns += event->to.waited_ns;
	}
	return told;
}

/*
 * On each CPU: who came is who leaves next. Not the other way round: a lane's task may come without
 * a record, as there are kernels (6.18 in a virtual machine) that leave out a switch from the idle
 * task or a stranger now and then, for ftrace too; none from a task of a lane was ever seen missing.
 */
static void expect_chain(const struct events *events, uint32_t lane, unsigned n_cpus)
{
	uint32_t *runs = calloc(n_cpus, sizeof(*runs)); /* task_word(), 0: none of the lane */

	assert_non_null(runs);
	events_each(event, events)
	{
		if (event->kind != EVENT_SWITCH)
			continue;
		assert_true(event->cpu < n_cpus);
		if (runs[event->cpu])
			assert_int_equal(event->task, runs[event->cpu]);
		runs[event->cpu] = task_lane(event->to.next) == lane ? event->to.next : 0;
	}
	for (unsigned cpu = 0; cpu < n_cpus; cpu++)
		assert_int_equal(runs[cpu], 0);
	free(runs);
}

static void test_events_of_load_equal_counters(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_yields = 1000, n_forks = 30, n_threads = 30;
	struct events events = { 0 };
	struct child children[5];
	struct lane_counters sum;
	struct told told;
	struct pair pair;

	pair_init(&pair, 1500, -1);
	children[0] = child_start(rig, 1, run_ping, &pair);
	children[1] = child_start(rig, 1, run_pong, &pair);
	children[2] = child_start(rig, 1, run_yielder, &n_yields);
	children[3] = child_start(rig, 1, run_forker, &n_forks);
	children[4] = child_start(rig, 1, run_threader, &n_threads);
	live_listen(rig->source, true);
	children_run(rig, children, 5);
	pair_fini(&pair);
	sum = rig_expect_exact(rig, 1, 5 + n_forks + n_threads);
	events_finish(rig, 1, &events);

	told = told_of_lane(&events, 1);
	assert_true(told.n_voluntary > 500);
	assert_int_equal(told.n_voluntary, sum.voluntary);
	assert_int_equal(told.n_involuntary, sum.involuntary);
	assert_int_equal(told.ran_ns, sum.run_ns);
	assert_int_equal(told.waited_ns, sum.wait_ns);
	assert_int_equal(events_count(&events, EVENT_WAKING, 0), sum.wakeups);
	assert_int_equal(events_count(&events, EVENT_MIGRATE, 0), sum.migrations);
	assert_int_equal(events_count(&events, EVENT_CLONE, 0), sum.processes + sum.threads);
	assert_int_equal(events_count(&events, EVENT_EXIT, 0), sum.exited);
	assert_int_equal(events_count(&events, EVENT_LOST, 0), 0);
	expect_chain(&events, 1, rig->facts.n_cpus);
	events_free(&events);
}

/* Polled all the while, as a live view does; each time must be that of the load. */
static void test_times_ascend_within_the_load(void **state)
{
	struct rig *rig = rig_of(state);
	struct events events = { 0 };
	struct child ping, pong;
	struct pair pair;
	uint64_t before, after, last = 0;

	pair_init(&pair, 3000, -1);
	ping = child_start(rig, 1, run_ping, &pair);
	pong = child_start(rig, 1, run_pong, &pair);
	live_listen(rig->source, true);
	before = clock_now_ns();
	child_go(&ping);
	child_go(&pong);
	wait_until((rig->source->poll(rig->source, events_add, &events),
		    !probes_tasks(rig->probes, 1, NULL, NULL)));
	after = clock_now_ns();
	child_expect_exit(rig, &ping, 0);
	child_expect_exit(rig, &pong, 0);
	events_finish(rig, 1, &events);
	pair_fini(&pair);

	assert_true(events_count(&events, EVENT_SWITCH, 0) > 100);
	events_each(event, &events)
	{
		assert_in_range(event->time_ns, last ? last : before, after);
		last = event->time_ns;
	}
	expect_chain(&events, 1, rig->facts.n_cpus);
	events_free(&events);
}

/* Each sleeps before it answers, so that the other is asleep in its read when the answer comes. */
static int run_slow_pair(struct pair *pair, int from, int to, bool begins)
{
	const struct timespec short_while = { 0, 50000 };
	char byte = 'b';

	pin_to(pair->cpu);
	for (unsigned i = 0; i < pair->n_rounds; i++) {
		if ((!begins || i) && read(from, &byte, 1) != 1)
			return 1;
		nanosleep(&short_while, NULL);
		if (write(to, &byte, 1) != 1)
			return 1;
	}
	return 0;
}

static int run_slow_ping(void *arg)
{
	struct pair *pair = arg;

	return run_slow_pair(pair, pair->to_ping[0], pair->to_pong[1], true);
}

static int run_slow_pong(void *arg)
{
	struct pair *pair = arg;

	return run_slow_pair(pair, pair->to_pong[0], pair->to_ping[1], false);
}

static void test_pinned_pair_wakes_each_other(void **state)
{
	struct rig *rig = rig_of(state);
	const unsigned n_rounds = 100;
	struct events events = { 0 };
	struct child ping, pong;
	struct pair pair;
	unsigned n_ping_wakes = 0, n_pong_wakes = 0;
	int cpu = some_cpu();

	pair_init(&pair, n_rounds, cpu);
	ping = child_start(rig, 1, run_slow_ping, &pair);
	pong = child_start(rig, 2, run_slow_pong, &pair);
	child_go(&pong);
	wait_until(rig_sum(rig, 2).voluntary > 0 && child_is_at_rest(pong.pid));
	live_listen(rig->source, true);
	child_go(&ping);
	child_expect_exit(rig, &ping, 0);
	child_expect_exit(rig, &pong, 0);
	rig_wait_empty(rig, 1);
	events_finish(rig, 2, &events);
	pair_fini(&pair);

	const uint32_t ping_word = task_word((uint32_t)ping.pid, 1);
	const uint32_t pong_word = task_word((uint32_t)pong.pid, 2);

	events_each(event, &events)
	{
		if (event->kind != EVENT_WAKING)
			continue;
		if (event->task == ping_word && event->wake.wakee == pong_word)
			n_ping_wakes++;
		if (event->task == pong_word && event->wake.wakee == ping_word)
			n_pong_wakes++;
		if (event->task == ping_word || event->task == pong_word) {
			assert_int_equal(event->cpu, cpu);
			assert_int_equal(event->wake.is_new, 0);
		}
	}
	/*
	 * Where strangers take the CPU, who answers may overtake who goes to sleep; and the timer that
	 * ends the one's sleep may interrupt the other, which then is the waker.
	 */
	assert_in_range(n_ping_wakes, n_rounds / 2, 2 * n_rounds);
	assert_in_range(n_pong_wakes, n_rounds / 2, 2 * n_rounds);
	events_free(&events);
}

/* --- loss ------------------------------------------------------------------------------------ */

/* Records that one CPU can write before one of them is lost. */
static uint64_t room_of(const struct probes_facts *facts)
{
	if (facts->plain_bytes) /* a head of eight bytes before each */
		return facts->plain_bytes / (sizeof(struct plain_record) + 8);
	return facts->near_size + facts->ring_size;
}

static uint64_t heads(struct rig *rig)
{
	uint64_t sum = 0;

	rig_sum(rig, 1);
	for (unsigned i = 0; i < rig->facts.n_cpus; i++)
		sum += rig->counts.cpus[i].head;
	return sum;
}

/* On a CPU each record and each loss begins where the one before ended; names do not tell their CPU. */
static void expect_no_gap(const struct events *events, unsigned cpu, uint32_t seq)
{
	size_t n_names = events_count(events, EVENT_NAME, 0);

	events_each(event, events)
	{
		bool is_lost = event->kind == EVENT_LOST;
		uint32_t first = is_lost ? event->lost.first_seq : event->seq;

		if (event->kind == EVENT_NAME || event->cpu != cpu)
			continue;
		assert_in_range(first - seq, 0, n_names);
		n_names -= first - seq;
		seq = first + (is_lost ? event->lost.n : 1);
	}
}

/*
 * A pair passes a byte so often on one CPU while nobody reads; then all that is there is taken. Returns
 * the number of the first record.
 */
static uint64_t take_late(struct rig *rig, unsigned cpu, unsigned n_rounds, struct events *events)
{
	struct child ping, pong;
	struct pair pair;
	uint64_t first;

	pair_init(&pair, n_rounds, (int)cpu);
	ping = child_start(rig, 1, run_ping, &pair);
	pong = child_start(rig, 1, run_pong, &pair);
	rig_sum(rig, 1);
	first = rig->counts.cpus[cpu].head;
	live_listen(rig->source, true);
	child_go(&ping);
	child_go(&pong);
	child_expect_exit(rig, &ping, 0);
	child_expect_exit(rig, &pong, 0);
	events_finish(rig, 1, events);
	pair_fini(&pair);
	return first;
}

static void test_overrun_ring_tells_what_is_lost_and_where(void **state)
{
	struct probes_wish wish = rig_of(state)->wish;
	struct rig *rig;
	unsigned cpu = (unsigned)some_cpu(), n_read = 0, n_told = 0;
	uint64_t room, before, reserved, lost, first;
	struct events events = { 0 };

	wish.ring_bytes =
		1; /* as small as they get: the plain one takes what all CPUs have room for */
	rig = rig_open(&wish);
	assert_non_null(rig);
	room = room_of(&rig->facts);
	before = heads(rig);
	/* A round is two switches at least, and is a wakeup or two. */
	lost = rig->counts.self.lost_events;
	first = take_late(rig, cpu, (unsigned)room / 2 + 1000, &events);

	reserved = heads(rig) - before;
	assert_true(rig->counts.cpus[cpu].head - first > room);
	lost = rig->counts.self.lost_events - lost;
	events_each(event, &events)
	{
		if (event->kind == EVENT_LOST) {
			n_told += event->lost.n;
			assert_int_equal(event->cpu, cpu);
		} else if (event->kind != EVENT_NAME || task_lane(event->task)) {
			n_read++; /* names of strangers are not from the rings */
		}
	}
	assert_int_equal(events_count(&events, EVENT_LOST, 0), 1);
	assert_true(lost >= rig->counts.cpus[cpu].head - first - room);
	assert_int_equal(n_told, lost);
	assert_int_equal(n_read + lost, reserved);
	expect_no_gap(&events, cpu, (uint32_t)(first + 1));
	events_free(&events);
	rig_teardown((void **)&rig);
}

/* The near part of a ring and then some of the far one, time and again: all of it comes, in its order. */
static void test_reader_who_is_late_gets_all_that_there_was_room_for(void **state)
{
	struct probes_wish wish = rig_of(state)->wish;
	unsigned cpu = (unsigned)some_cpu();
	struct rig *rig;

	wish.ring_bytes = 1;
	rig = rig_open(&wish);
	assert_non_null(rig);
	for (unsigned i = 0; i < 8; i++) {
		struct events events = { 0 };
		uint64_t first;

		first = take_late(rig, cpu, (unsigned)room_of(&rig->facts) / 8, &events);
		rig_sum(rig, 1);
		assert_true(rig->counts.cpus[cpu].head - first > rig->facts.near_size);
		assert_int_equal(events_count(&events, EVENT_LOST, 0), 0);
		expect_no_gap(&events, cpu, (uint32_t)(first + 1));
		events_free(&events);
	}
	rig_teardown((void **)&rig);
}

/* Refused before anything is loaded, by the limit's name. */
static void test_rings_larger_than_can_be_had_are_refused(void **state)
{
	static const uint64_t too_large[] = { 1ull << 36, UINT64_MAX };
	struct probes_facts facts;

	rig_of(state);
	for (unsigned i = 0; i < sizeof(too_large) / sizeof(too_large[0]); i++) {
		struct probes_wish wish = { .ring_bytes = too_large[i] };
		struct error error = { 0 };

		assert_null(probes_open(&wish, &facts, &error));
		assert_true(strstr(error.text, "4294967295 elements") ||
			    strstr(error.text, "MemAvailable"));
	}
}

static void test_rings_are_as_large_as_wished_or_a_little_larger(void **state)
{
	struct probes_wish wish = { .ring_bytes = 200000 };
	struct probes_facts facts;
	struct probes *probes;
	struct error error;

	rig_of(state);
	probes = probes_open(&wish, &facts, &error);
	assert_non_null(probes);
	assert_int_equal(facts.ring_size, 8192);
	probes_free(probes);
	wish.plain_ring = true;
	probes = probes_open(&wish, &facts, &error);
	assert_non_null(probes);
	assert_in_range(facts.plain_bytes, facts.n_cpus * 8192 * sizeof(struct plain_record),
			facts.n_cpus * 8192 * sizeof(struct plain_record) * 3);
	probes_free(probes);
}

/* Counting goes on, but nothing is written. */
static void test_without_listener_nothing_is_reserved(void **state)
{
	struct rig *rig = rig_of(state);
	unsigned n_forks = 20;
	struct events events = { 0 };
	struct child child;
	uint64_t before = 0, after = 0;

	rig_sum(rig, 1);
	for (unsigned i = 0; i < rig->facts.n_cpus; i++)
		before += rig->counts.cpus[i].head;
	child = child_start(rig, 1, run_forker, &n_forks);
	child_go(&child);
	child_expect_exit(rig, &child, 0);
	rig_expect_exact(rig, 1, n_forks + 1);
	for (unsigned i = 0; i < rig->facts.n_cpus; i++)
		after += rig->counts.cpus[i].head;
	assert_int_equal(after, before);
	assert_int_equal(rig->source->flush(rig->source, events_add, &events), 0);
	assert_int_equal(events.n, 0);
}

#define with_children(test) cmocka_unit_test_teardown(test, rig_end_children)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_children(test_events_of_load_equal_counters),
		with_children(test_times_ascend_within_the_load),
		with_children(test_pinned_pair_wakes_each_other),
		with_children(test_overrun_ring_tells_what_is_lost_and_where),
		with_children(test_reader_who_is_late_gets_all_that_there_was_room_for),
		with_children(test_without_listener_nothing_is_reserved),
		with_children(test_rings_larger_than_can_be_had_are_refused),
		with_children(test_rings_are_as_large_as_wished_or_a_little_larger),
	};

	return rig_run(tests);
}
