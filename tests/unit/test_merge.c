// SPDX-License-Identifier: GPL-2.0-only
/* test_merge.c - many streams become one order in time, nothing lost, nothing early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "source/merge.h"

#define N_SEEN_MAX (1u << 17)

static struct event seen[N_SEEN_MAX];
static size_t n_seen;

static void see(const struct event *event, void *ctx)
{
	(void)ctx;
	assert_true(n_seen < N_SEEN_MAX);
	seen[n_seen++] = *event;
}

static struct merge *fresh(unsigned n_streams, size_t n_max)
{
	struct merge *merge = merge_new(n_streams, n_max);

	assert_non_null(merge);
	n_seen = 0;
	return merge;
}

static int push(struct merge *merge, unsigned stream, uint64_t time_ns, uint32_t seq)
{
	struct event event = { .time_ns = time_ns, .cpu = (uint16_t)stream, .seq = seq };

	return merge_push(merge, stream, &event);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Held against a second way of knowing: times in order, and each stream's numbers without a gap. */
static void test_merge_random_streams_come_in_order_and_complete(void **unused)
{
	enum { N_STREAMS = 37 };
	uint32_t seed = 7, pushed[N_STREAMS] = { 0 }, got[N_STREAMS] = { 0 };
	uint64_t now[N_STREAMS] = { 0 };
	struct merge *merge = fresh(N_STREAMS, 1u << 14);

	(void)unused;
	for (unsigned i = 0; i < 100000; i++) {
		unsigned stream = next_random(&seed) % N_STREAMS;

		now[stream] += next_random(&seed) % 1000;
		assert_int_equal(push(merge, stream, now[stream], pushed[stream]++), 0);
	}
	assert_int_equal(merge_n(merge), 100000);
	merge_drain(merge, 500000, see, NULL);
	assert_true(n_seen > 0 && n_seen < 100000);
	assert_true(seen[n_seen - 1].time_ns < 500000);
	merge_flush(merge, see, NULL);
	assert_int_equal(n_seen, 100000);
	assert_int_equal(merge_n(merge), 0);
	for (size_t i = 0; i < n_seen; i++) {
		if (i)
			assert_true(seen[i].time_ns >= seen[i - 1].time_ns);
		assert_int_equal(seen[i].seq, got[seen[i].cpu]++);
	}
	assert_int_equal(merge_n_late(merge), 0);
	merge_free(merge);
}

/* Years between events, many of one time, a stream that is empty and comes again. */
static void test_merge_a_thousand_streams_over_years_keep_order(void **unused)
{
	enum { N_STREAMS = 1000, N_ROUNDS = 50, N_OF_ROUND = 2000 };
	static uint32_t pushed[N_STREAMS], got[N_STREAMS];
	static uint64_t last_ns[N_STREAMS];
	uint64_t round_ns = 0, n_handed = 0;
	struct merge *merge = fresh(N_STREAMS, 1u << 10);
	uint32_t seed = 3;

	(void)unused;
	for (unsigned round = 0; round < N_ROUNDS; round++) {
		for (unsigned i = 0; i < N_OF_ROUND; i++) {
			unsigned stream = next_random(&seed) % N_STREAMS;
			uint64_t time_ns = round_ns + next_random(&seed) % 50;

			if (time_ns < last_ns[stream])
				time_ns = last_ns[stream];
			last_ns[stream] = time_ns;
			assert_int_equal(push(merge, stream, time_ns, pushed[stream]++), 0);
		}
		round_ns += round % 3 ? 40 : 1ull << (40 + round % 20);
		if (round % 4)
			n_handed += merge_drain(merge, round_ns, see, NULL);
	}
	n_handed += merge_flush(merge, see, NULL);
	assert_int_equal(n_handed, N_ROUNDS * N_OF_ROUND);
	assert_int_equal(n_seen, n_handed);
	for (size_t i = 0; i < n_seen; i++) {
		if (i)
			assert_true(seen[i].time_ns > seen[i - 1].time_ns ||
				    (seen[i].time_ns == seen[i - 1].time_ns &&
				     seen[i].cpu >= seen[i - 1].cpu));
		assert_int_equal(seen[i].seq, got[seen[i].cpu]++);
	}
	assert_int_equal(merge_n_late(merge), 0);
	merge_free(merge);
}

static void test_merge_event_as_old_as_the_limit_stays(void **unused)
{
	struct merge *merge = fresh(2, 8);

	(void)unused;
	push(merge, 0, 10, 0);
	push(merge, 1, 9, 0);
	assert_int_equal(merge_drain(merge, 10, see, NULL), 1);
	assert_int_equal(seen[0].time_ns, 9);
	assert_int_equal(merge_drain(merge, 0, see, NULL), 0);
	assert_int_equal(merge_drain(merge, 11, see, NULL), 1);
	merge_free(merge);
}

static void test_merge_equal_times_lower_stream_first(void **unused)
{
	struct merge *merge = fresh(3, 8);

	(void)unused;
	push(merge, 2, 5, 0);
	push(merge, 0, 5, 0);
	push(merge, 1, 5, 0);
	push(merge, 1, 5, 1);
	merge_flush(merge, see, NULL);
	assert_int_equal(seen[0].cpu, 0);
	assert_int_equal(seen[1].cpu, 1);
	assert_int_equal(seen[2].cpu, 1);
	assert_int_equal(seen[3].cpu, 2);
	merge_free(merge);
}

static void test_merge_event_from_the_past_comes_right_behind(void **unused)
{
	struct merge *merge = fresh(2, 8);

	(void)unused;
	push(merge, 0, 100, 0);
	push(merge, 0, 90, 1);
	merge_flush(merge, see, NULL);
	assert_int_equal(seen[1].time_ns, 101);
	assert_int_equal(seen[1].seq, 1);
	push(merge, 1, 50, 0); /* another stream, but 101 was handed over */
	merge_flush(merge, see, NULL);
	assert_int_equal(seen[2].time_ns, 102);
	assert_int_equal(merge_n_late(merge), 2);
	push(merge, 1, UINT64_MAX, 1);
	push(merge, 1, 7, 2);
	merge_flush(merge, see, NULL);
	assert_true(seen[4].time_ns == UINT64_MAX); /* nothing is behind that */
	assert_int_equal(seen[4].seq, 2);
	merge_free(merge);
}

static void test_merge_full_stream_refuses_and_others_go_on(void **unused)
{
	struct merge *merge = fresh(2, 128);

	(void)unused;
	for (uint32_t i = 0; i < 128; i++)
		assert_int_equal(push(merge, 0, i, i), 0);
	assert_int_equal(push(merge, 0, 128, 128), -ENOBUFS);
	assert_int_equal(push(merge, 1, 0, 0), 0);
	assert_int_equal(push(merge, 2, 0, 0), -EINVAL);
	merge_flush(merge, see, NULL);
	assert_int_equal(n_seen, 129);
	assert_int_equal(push(merge, 0, 128, 128), 0);
	merge_free(merge);
}

/* Growing while the ring is wrapped must not mix up what is queued. */
static void test_merge_queue_grown_while_wrapped_keeps_order(void **unused)
{
	struct merge *merge = fresh(1, 1024);
	uint32_t next = 0;

	(void)unused;
	for (; next < 40; next++)
		push(merge, 0, next, next);
	merge_drain(merge, 30, see, NULL);
	for (; next < 1000; next++)
		assert_int_equal(push(merge, 0, next, next), 0);
	merge_flush(merge, see, NULL);
	assert_int_equal(n_seen, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(seen[i].seq, i);
	merge_free(merge);
}

static void test_merge_times_at_the_edge_are_flushed(void **unused)
{
	struct merge *merge = fresh(2, 8);

	(void)unused;
	push(merge, 0, UINT64_MAX, 0);
	push(merge, 1, UINT64_MAX, 0);
	push(merge, 1, 0, 1);
	assert_int_equal(merge_drain(merge, UINT64_MAX, see, NULL), 0);
	assert_int_equal(merge_flush(merge, see, NULL), 3);
	merge_free(merge);
}

static void test_merge_bad_numbers_are_refused(void **unused)
{
	(void)unused;
	errno = 0;
	assert_null(merge_new(0, 8));
	assert_int_equal(errno, EINVAL);
	assert_null(merge_new(MERGE_N_STREAMS_MAX + 1, 8));
	assert_null(merge_new(1, 0));
	assert_null(merge_new(1, 12));
	merge_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge_random_streams_come_in_order_and_complete),
		cmocka_unit_test(test_merge_a_thousand_streams_over_years_keep_order),
		cmocka_unit_test(test_merge_event_as_old_as_the_limit_stays),
		cmocka_unit_test(test_merge_equal_times_lower_stream_first),
		cmocka_unit_test(test_merge_event_from_the_past_comes_right_behind),
		cmocka_unit_test(test_merge_full_stream_refuses_and_others_go_on),
		cmocka_unit_test(test_merge_queue_grown_while_wrapped_keeps_order),
		cmocka_unit_test(test_merge_times_at_the_edge_are_flushed),
		cmocka_unit_test(test_merge_bad_numbers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
