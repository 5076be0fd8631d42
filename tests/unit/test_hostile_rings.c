// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_hostile_rings.c - memory of the hooks in which stands what they never write: it is read within
 * bounds and to an end, what cannot be understood is lost and counted, and what comes later is read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/machine.h"

#define TIME_NS	   1000u
#define N_TOLD_MAX 64

static struct {
	struct event events[N_TOLD_MAX];
	unsigned n;
} told;

static void take(const struct event *event, void *ctx)
{
	(void)ctx;
	assert_true(told.n < N_TOLD_MAX);
	assert_true(!told.n || event->time_ns >= told.events[told.n - 1].time_ns);
	told.events[told.n++] = *event;
}

static void flush(struct source *source)
{
	told.n = 0;
	assert_true(source->flush(source, take, NULL) >= 0);
}

static void write_event(struct machine *machine, uint8_t kind, uint16_t cpu, uint64_t time_ns)
{
	struct event event = {
		.kind = kind, .cpu = cpu, .time_ns = time_ns, .task = task_word(7, 1)
	};

	event.to.next = task_word(8, 1);
	machine_write(machine, 0, &event);
}

static uint64_t lost(struct source *source)
{
	struct counts counts;
	uint64_t n;

	assert_int_equal(counts_init(&counts, MACHINE_N_CPUS, MACHINE_N_LANES), 0);
	assert_int_equal(source->counts(source, &counts), 0);
	n = counts.self.lost_events;
	counts_fini(&counts);
	return n;
}

static void expect_unknown_records_lost(bool is_plain)
{
	struct machine *machine = machine_start(is_plain);
	struct source *source = machine_open(machine);

	write_event(machine, N_EVENT_KINDS, 0, TIME_NS);
	write_event(machine, EVENT_NONE, 0, TIME_NS);
	write_event(machine, EVENT_SWITCH, MACHINE_N_CPUS, TIME_NS);
	write_event(machine, EVENT_SWITCH, 1, UINT64_MAX); /* in a time that has not come */
	flush(source);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.events[0].kind, EVENT_LOST);
	assert_int_equal(told.events[0].lost.n, 3);
	assert_int_equal(told.events[1].kind, EVENT_SWITCH);
	assert_int_equal(lost(source), 3);
	source->free(source);
}

static void test_records_that_no_hook_writes_are_lost_and_counted(void **state)
{
	(void)state;
	expect_unknown_records_lost(false);
	expect_unknown_records_lost(true);
}

/* The two words of the kernel's ring, and what is read of it then. */
static void expect_read_again(unsigned long read, unsigned long reserved)
{
	struct machine *machine = machine_start(true);
	struct source *source = machine_open(machine);
	char *pages = machine->parts[RINGS];
	const long page = sysconf(_SC_PAGESIZE);

	memset(pages + 2 * page, 0x3f, 2 * MACHINE_BYTES); /* lengths of a billion */
	*(unsigned long *)(void *)pages = read;
	*(unsigned long *)(void *)(pages + page) = reserved;
	flush(source);
	assert_int_equal(told.n, 0);
	machine->at[RINGS] = reserved & ~7ul;
	write_event(machine, EVENT_SWITCH, 0, TIME_NS);
	flush(source);
	assert_int_equal(told.n, 1);
	source->free(source);
}

static void test_kernel_ring_with_impossible_places_is_read_to_an_end(void **state)
{
	(void)state;
	expect_read_again(0, 3 * MACHINE_BYTES); /* more than there is room for */
	expect_read_again(4096, 64);		 /* read beyond what was reserved */
	expect_read_again(3, 61);		 /* no record lies there */
	expect_read_again(0, MACHINE_BYTES);	 /* a length beyond the end */
	expect_read_again(UINT64_MAX - 7, 8);	 /* round the end of all numbers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_that_no_hook_writes_are_lost_and_counted),
		cmocka_unit_test(test_kernel_ring_with_impossible_places_is_read_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
