// SPDX-License-Identifier: GPL-2.0-only
/* test_latency.c - times in buckets: nothing is lost, percentiles are near, octaves add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "event/counts.h"
#include "event/latency.h"

static struct latencies latencies;
static struct latency_counts counts;

static int clear(void **state)
{
	(void)state;
	memset(&latencies, 0, sizeof(latencies));
	return 0;
}

static uint64_t percentile(double share)
{
	latency_read(&latencies, &counts);
	return latency_percentile(&counts, share);
}

/* Alone in its bucket, a time is told to within an eighth of its octave, and the longest exactly. */
static void test_latency_one_time_is_told_nearly(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < 1ull << 50; ns += ns / 3 + 1) {
		clear(NULL);
		latency_record(&latencies, ns);
		latency_record(&latencies, 1ull << 60); /* so that the longest does not cut it */
		assert_int_equal(percentile(1), 1ull << 60);
		if (ns < 1ull << 41)
			assert_in_range(percentile(0.5), ns - ns / 8, ns + ns / 8 + 1);
	}
}

static void test_latency_percentiles_of_an_even_spread(void **state)
{
	(void)state;
	for (uint64_t us = 1; us <= 1000; us++)
		latency_record(&latencies, us * 1000);
	assert_in_range(percentile(0.5), 470000, 530000);
	assert_in_range(percentile(0.99), 930000, 1000000);
	assert_int_equal(percentile(1), 1000000);
	assert_int_equal(counts.total, 1000);
	assert_int_equal(counts.max_ns, 1000000);
}

static void test_latency_octaves_add_up_to_the_total(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++)
		latency_record(&latencies, 1ull << bit);
	latency_record(&latencies, 0);
	percentile(0.5);
	for (unsigned octave = 0; octave < LATENCY_N_OCTAVES; octave++) {
		/* The first holds 0 as well, the last all that is beyond it. */
		uint64_t wanted = octave == 0			    ? 2
				  : octave == LATENCY_N_OCTAVES - 1 ? 64 - octave
								    : 1;

		assert_int_equal(latency_octave(&counts, octave), wanted);
		sum += latency_octave(&counts, octave);
	}
	assert_int_equal(sum, 65);
	assert_int_equal(counts.total, 65);
}

static void test_latency_of_nothing_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(percentile(0.5), COUNT_UNKNOWN);
}

#define latency_test(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		latency_test(test_latency_one_time_is_told_nearly),
		latency_test(test_latency_percentiles_of_an_even_spread),
		latency_test(test_latency_octaves_add_up_to_the_total),
		latency_test(test_latency_of_nothing_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
