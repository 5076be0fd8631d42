// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_hostile_events.c - what is made of events holds for any: a recording is another's file. Bounds are
 * for the sanitizers to see (make asan); here no figure may be one that nobody can have measured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "event/names.h"
#include "state/blame.h"
#include "state/coroutines.h"
#include "state/ledger.h"
#include "state/spans.h"
#include "state/tasks.h"

#define N_EVENTS 400000
#define N_LANES	 4
#define LAST_NS	 (60 * NS_PER_S)

static uint32_t seed = 7;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* A word of few tasks, so that they meet; now and then of any pid and lane. */
static uint32_t draw_word(void)
{
	if (!draw(20))
		return seed;
	return task_word(draw(30), draw(N_LANES + 1));
}

static struct event draw_event(void)
{
	struct event event;

	for (size_t i = 0; i < sizeof(event); i++)
		((unsigned char *)&event)[i] = (unsigned char)draw(256);
	event.time_ns = (uint64_t)draw(60000) * NS_PER_MS; /* back and forth */
	event.kind = (uint8_t)draw(draw(50) ? N_EVENT_KINDS : 256);
	event.task = draw_word();
	event.to.next = draw_word();
	if (event_is_of_coroutine(event.kind))
		event.coroutine.id = draw(draw(30) ? 50 : UINT32_MAX);
	if (draw(2))
		event.to.ran_ns = event.to.waited_ns = draw(2) ? 0 : TIME_SATURATED;
	return event;
}

/* A sum of a row is of less than all runs could have been, saturated ones too. */
static void holds(const struct task_row *row)
{
	const uint64_t most_ns = (uint64_t)N_EVENTS * LAST_NS;

	assert_true(row->run_ns <= most_ns && row->wait_ns <= most_ns);
	assert_true(row->sleep_ns <= most_ns && row->blocked_ns <= most_ns);
	assert_true(row->lane && memchr(row->name, 0, sizeof(row->name)));
}

static void test_any_events_make_figures_that_can_be(void **state)
{
	struct ledger *ledger = ledger_new();
	struct spans *spans = spans_new(N_LANES);
	struct blame *blame = blame_new(N_LANES);
	struct coroutines *coroutines = coroutines_new();
	struct names *names = names_new();
	struct task_states *states = task_states_new();
	struct task_table table = { 0 };
	struct blamed worst[8];
	struct wake_pair pairs[8];

	(void)state;
	for (unsigned i = 0; i < N_EVENTS; i++) {
		const struct event event = draw_event();

		assert_int_equal(ledger_apply(ledger, &event), 0);
		spans_apply(spans, &event);
		blame_apply(blame, &event);
		coroutines_apply(coroutines, &event);
		names_apply(names, &event);
		if (i % (N_EVENTS / 10))
			continue;
		coroutines_measure(coroutines, i * 1000ull);
		task_table_clear(&table, i * 1000ull);
		assert_int_equal(ledger_tell(ledger, names, i * 1000ull, false, &table), 0);
		assert_int_equal(task_states_measure(states, &table), 0);
		assert_int_equal(task_states_order(states, TASK_BY_SWITCHES, true), 0);
	}
	task_table_clear(&table, LAST_NS);
	assert_int_equal(ledger_tell(ledger, names, LAST_NS, true, &table), 0);
	assert_true(table.n > 100);
	for (size_t i = 0; i < table.n; i++)
		holds(&table.rows[i]);
	for (unsigned lane = 1; lane < N_LANES; lane++) {
		assert_true(blame->sums[lane].max_ns <= LAST_NS);
		for (unsigned kind = 0; kind < N_SPAN_KINDS; kind++)
			assert_true(spans_sum(spans, lane, kind)->max_ns <= LAST_NS);
	}
	assert_true(blame->sums[1].n_steps > 1000 && blame_worst(blame, 0, worst, 8) <= 8);
	assert_true(spans_pairs(spans, 0, pairs, 8) == 8);
	task_table_fini(&table);
	task_states_free(states);
	names_free(names);
	coroutines_free(coroutines);
	blame_free(blame);
	spans_free(spans);
	ledger_free(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_events_make_figures_that_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
