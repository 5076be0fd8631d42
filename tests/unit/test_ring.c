// SPDX-License-Identifier: GPL-2.0-only
/* test_ring.c - which blocks are still there, and in which order. */
#include "cmd/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"

static char bytes[1 << 20];

/* Block i lasts from second i to i + 1, has i events and `n` bytes that begin with i. */
static void take(struct ring *ring, unsigned i, size_t n)
{
	struct chunk chunk = { .bytes = bytes,
			       .n = n,
			       .first_ns = i * NS_PER_S,
			       .last_ns = (i + 1) * NS_PER_S,
			       .n_events = i };

	memset(bytes, (int)i, n);
	assert_int_equal(ring_take(&chunk, ring), 0);
}

struct seen {
	unsigned first, n;
	unsigned refuse_at; /* 0: never */
};

static int see(const struct chunk *chunk, void *ctx)
{
	struct seen *seen = ctx;
	unsigned i = *(const unsigned char *)chunk->bytes;

	if (seen->refuse_at && i == seen->refuse_at)
		return -ENOSPC;
	if (!seen->n)
		seen->first = i;
	assert_int_equal(i, seen->first + seen->n);
	assert_int_equal(chunk->n_events, i);
	assert_int_equal(((const unsigned char *)chunk->bytes)[chunk->n - 1], i);
	seen->n++;
	return 0;
}

static void holds(const struct ring *ring, unsigned first, unsigned n)
{
	struct seen seen = { 0 };

	assert_int_equal(ring_each(ring, see, &seen), 0);
	assert_int_equal(seen.first, first);
	assert_int_equal(seen.n, n);
}

static void test_ring_of_a_time_lets_older_blocks_go(void **unused)
{
	struct ring *ring = ring_new(3 * NS_PER_S, 0);
	uint64_t n_events = 0;

	(void)unused;
	assert_non_null(ring);
	assert_int_equal(ring_span_ns(ring), 0);
	for (unsigned i = 1; i <= 20; i++)
		take(ring, i, 100 + i);
	/* The newest ends at 21 s: what ended at 18 s is of three seconds ago, and too old. */
	holds(ring, 18, 3);
	for (unsigned i = 18; i <= 20; i++)
		n_events += i;
	assert_int_equal(ring_n_events(ring), n_events);
	assert_int_equal(ring_n_bytes(ring), 300 + n_events);
	assert_int_equal(ring_span_ns(ring), 3 * NS_PER_S);
	assert_false(ring_is_tight(ring));
	ring_free(ring);
}

static void test_ring_of_bytes_is_no_larger(void **unused)
{
	struct ring *ring = ring_new(0, 1000);

	(void)unused;
	assert_non_null(ring);
	for (unsigned i = 1; i <= 200; i++) {
		take(ring, i, 300);
		assert_true(ring_n_bytes(ring) <= 1000);
	}
	holds(ring, 198, 3);
	assert_true(ring_is_tight(ring));
	ring_free(ring);
}

static void test_ring_keeps_the_newest_block_whatever_its_size(void **unused)
{
	struct ring *ring = ring_new(NS_PER_S, 1000);

	(void)unused;
	assert_non_null(ring);
	take(ring, 1, 10);
	take(ring, 2, sizeof(bytes));
	holds(ring, 2, 1);
	take(ring, 3, 10);
	holds(ring, 3, 1);
	ring_free(ring);
}

static void test_ring_stops_where_a_block_is_refused(void **unused)
{
	struct ring *ring = ring_new(0, 0);
	struct seen seen = { .refuse_at = 3 };

	(void)unused;
	assert_non_null(ring);
	for (unsigned i = 1; i <= 5; i++)
		take(ring, i, 10);
	assert_int_equal(ring_each(ring, see, &seen), -ENOSPC);
	assert_int_equal(seen.n, 2);
	holds(ring, 1, 5); /* and goes on as if it had not been asked */
	ring_free(ring);
	ring_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_of_a_time_lets_older_blocks_go),
		cmocka_unit_test(test_ring_of_bytes_is_no_larger),
		cmocka_unit_test(test_ring_keeps_the_newest_block_whatever_its_size),
		cmocka_unit_test(test_ring_stops_where_a_block_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
