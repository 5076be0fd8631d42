// SPDX-License-Identifier: GPL-2.0-only
/* test_error.c - advice goes behind the causes that it fits. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void test_error_is_cut_at_the_room_there_is(void **state)
{
	char long_text[2 * sizeof(((struct error *)NULL)->text)];
	struct error error;

	(void)state;
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(error_set(&error, EIO, "%s", long_text), -EIO);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_int_equal(error_set(NULL, EIO, "%s", long_text), -EIO);
}

static void test_error_advises_of_limits_where_they_are_the_cause(void **state)
{
	(void)state;
	assert_non_null(strstr(error_of_clone(EAGAIN), "ulimit -u"));
	assert_non_null(strstr(error_of_clone(EAGAIN), "pids.max"));
	assert_string_equal(error_of_clone(ENOMEM), "");
	assert_string_equal(error_of_clone(EMFILE), "");
	assert_string_equal(error_of_clone(0), "");
}

static void test_error_advises_of_memory_where_somebody_was_killed(void **state)
{
	(void)state;
	assert_non_null(strstr(error_of_signal(SIGKILL), "dmesg"));
	assert_string_equal(error_of_signal(SIGSEGV), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_is_cut_at_the_room_there_is),
		cmocka_unit_test(test_error_advises_of_limits_where_they_are_the_cause),
		cmocka_unit_test(test_error_advises_of_memory_where_somebody_was_killed),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
