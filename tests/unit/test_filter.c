// SPDX-License-Identifier: GPL-2.0-only
/* test_filter.c - which events a choice of CPUs lets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/filter.h"

static bool wants(unsigned kind, unsigned cpu)
{
	static const uint64_t second[2] = { 1u << 1, 0 };
	struct filter filter = { .cpus = second, .n_words = 2 };
	struct event event = { .kind = (uint8_t)kind, .cpu = (uint16_t)cpu };

	return filter_wants(&filter, &event, NULL);
}

static void test_filter_chooses_cpus(void **state)
{
	(void)state;
	assert_true(wants(EVENT_SWITCH, 1));
	assert_false(wants(EVENT_SWITCH, 0));
	assert_false(wants(EVENT_SWITCH, 65));
	assert_false(wants(EVENT_LOST, 0));
	assert_false(wants(EVENT_SWITCH, 1000));
}

/* A loss that concerns every CPU concerns the chosen one; a name's bytes hide its CPU. */
static void test_filter_passes_what_has_no_cpu(void **state)
{
	(void)state;
	assert_true(wants(EVENT_LOST, CPU_UNKNOWN));
	assert_true(wants(EVENT_SWITCH, CPU_UNKNOWN));
	assert_true(wants(EVENT_NAME, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter_chooses_cpus),
		cmocka_unit_test(test_filter_passes_what_has_no_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
