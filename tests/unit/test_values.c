// SPDX-License-Identifier: GPL-2.0-only
/* Values of options: what is taken, and that everything else is refused in one line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cmd/values.h"
#include "lab/job.h"

#define UNTOUCHED 0x5555555555555555ull

/* One line for people: it names the option and says what to use. */
static void check_refused(int err, uint64_t result, const struct error *error)
{
	assert_int_equal(err, -EINVAL);
	assert_int_equal(result, UNTOUCHED);
	assert_non_null(strstr(error->text, "--x"));
	for (const char *at = error->text; *at; at++)
		assert_true(*at >= 0x20 && *at < 0x7f);
}

struct row {
	const char *value;
	uint64_t result; /* UNTOUCHED: refused */
};

static void test_value_number_whole_text_in_range(void **state)
{
	static const struct row rows[] = {
		{ "1", 1 },
		{ "100", 100 },
		{ "007", 7 },
		{ "0", UNTOUCHED },
		{ "101", UNTOUCHED },
		{ "-1", UNTOUCHED },
		{ "+1", UNTOUCHED },
		{ " 1", UNTOUCHED },
		{ "1 ", UNTOUCHED },
		{ "1.5", UNTOUCHED },
		{ "0x10", UNTOUCHED },
		{ "", UNTOUCHED },
		{ "ten", UNTOUCHED },
		{ "18446744073709551617", UNTOUCHED }, /* 2^64 + 1 */
		{ "99999999999999999999999999", UNTOUCHED },
		{ "\x1b[2J", UNTOUCHED },
		{ NULL, 0 },
	};

	(void)state;
	for (const struct row *row = rows; row->value; row++) {
		uint64_t result = UNTOUCHED;
		struct error error;
		int err = value_number("--x", row->value, 1, 100, &result, &error);

		if (row->result == UNTOUCHED)
			check_refused(err, result, &error);
		else
			assert_int_equal(err, 0);
		assert_int_equal(result, row->result);
	}
}

static void test_value_time_units_and_fractions(void **state)
{
	static const struct row rows[] = {
		{ "5", 5 * NS_PER_S },
		{ "5s", 5 * NS_PER_S },
		{ "500ms", 500 * NS_PER_MS },
		{ "250us", 250 * NS_PER_US },
		{ "2m", 120 * NS_PER_S },
		{ "1h", 3600 * NS_PER_S },
		{ "0.5", 500 * NS_PER_MS },
		{ "1.5m", 90 * NS_PER_S },
		{ "0.0000000011s", 1 },
		{ "0", UNTOUCHED },
		{ "25h", UNTOUCHED },
		{ "-5", UNTOUCHED },
		{ "5 s", UNTOUCHED },
		{ "5x", UNTOUCHED },
		{ "s", UNTOUCHED },
		{ ".5", 500000000 },
		{ ".5ms", 500000 },
		{ ".", UNTOUCHED },
		{ ".s", UNTOUCHED },
		{ "5.", UNTOUCHED },
		{ "1e3", UNTOUCHED },
		{ "nan", UNTOUCHED },
		{ "18446744073709551615h", UNTOUCHED },
		{ "99999999999999999999", UNTOUCHED },
		{ NULL, 0 },
	};

	(void)state;
	for (const struct row *row = rows; row->value; row++) {
		uint64_t result = UNTOUCHED;
		struct error error;
		int err = value_time("--x", row->value, 1, 24 * 3600 * NS_PER_S, &result, &error);

		if (row->result == UNTOUCHED)
			check_refused(err, result, &error);
		else
			assert_int_equal(err, 0);
		assert_int_equal(result, row->result);
	}
}

static void test_value_bytes_binary_units(void **state)
{
	uint64_t bytes = UNTOUCHED;
	struct error error;

	(void)state;
	assert_int_equal(value_bytes("--x", "64K", 16384, 1 << 30, &bytes, &error), 0);
	assert_int_equal(bytes, 65536);
	bytes = UNTOUCHED;
	check_refused(value_bytes("--x", "1", 16384, 1 << 30, &bytes, &error), bytes, &error);
	assert_non_null(strstr(error.text, "16K to 1G"));
	check_refused(value_bytes("--x", "1.5M", 16384, 1 << 30, &bytes, &error), bytes, &error);
	check_refused(value_bytes("--x", "64k", 16384, 1 << 30, &bytes, &error), bytes, &error);
}

static void test_value_rate_number_or_max(void **state)
{
	uint64_t hz = UNTOUCHED;
	struct error error;

	(void)state;
	assert_int_equal(value_rate("--x", "max", 1000, &hz, &error), 0);
	assert_int_equal(hz, 0);
	assert_int_equal(value_rate("--x", "1000", 1000, &hz, &error), 0);
	assert_int_equal(hz, 1000);
	hz = UNTOUCHED;
	check_refused(value_rate("--x", "0", 1000, &hz, &error), hz, &error);
	check_refused(value_rate("--x", "Max", 1000, &hz, &error), hz, &error);
	check_refused(value_rate("--x", "", 1000, &hz, &error), hz, &error);
}

static void test_value_cpus_lists(void **state)
{
	static const char *const wrong[] = { "",     ",",     "0,",  ",0",
					     "0,,1", "1-0",   "0-",  "-1",
					     "0,0",  "0-2,1", "64",  "0-64",
					     "x",    "0 1",   "0x1", "99999999999999999999",
					     NULL };
	uint64_t words[2];
	struct error error;

	(void)state;
	assert_int_equal(value_cpus("--x", "0-3,7", 64, words, 2, &error), 0);
	assert_int_equal(words[0], 0x8f);
	assert_int_equal(value_cpus("--x", "64-127", 999, words, 2, &error), 0);
	assert_int_equal(words[0], 0);
	assert_int_equal(words[1], UINT64_MAX);
	assert_int_equal(value_cpus("--x", "128", 999, words, 2, &error), -EINVAL);
	for (unsigned i = 0; wrong[i]; i++)
		check_refused(value_cpus("--x", wrong[i], 64, words, 2, &error), UNTOUCHED, &error);
}

static void test_value_models_sets(void **state)
{
	static const char *const wrong[] = { "",
					     ",",
					     "process,",
					     ",thread",
					     "fibre",
					     "Process",
					     "process,process",
					     "process thread",
					     "process,,thread",
					     NULL };
	unsigned models;
	struct error error;

	(void)state;
	assert_int_equal(value_models("--x", "thread,process", &models, &error), 0);
	assert_int_equal(models, 1 << MODEL_PROCESS | 1 << MODEL_THREAD);
	for (unsigned i = 0; wrong[i]; i++)
		check_refused(value_models("--x", wrong[i], &models, &error), UNTOUCHED, &error);
}

static void test_value_nearest_only_what_was_meant(void **state)
{
	static const char *const words[] = { "live", "stat", "log", "doctor", NULL };

	(void)state;
	assert_string_equal(value_nearest("statt", words), "stat");
	assert_string_equal(value_nearest("lvie", words), "live");
	assert_string_equal(value_nearest("docotr", words), "doctor");
	assert_null(value_nearest("foo", words));
	assert_null(value_nearest("", words));
	assert_null(value_nearest("a very long word that nobody ever meant to type", words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value_number_whole_text_in_range),
		cmocka_unit_test(test_value_time_units_and_fractions),
		cmocka_unit_test(test_value_bytes_binary_units),
		cmocka_unit_test(test_value_rate_number_or_max),
		cmocka_unit_test(test_value_cpus_lists),
		cmocka_unit_test(test_value_models_sets),
		cmocka_unit_test(test_value_nearest_only_what_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
