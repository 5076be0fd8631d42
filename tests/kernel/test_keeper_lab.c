// SPDX-License-Identifier: GPL-2.0-only
/* test_keeper_lab.c - the keeper of a session that runs the lab, asked for what it must not do. */
#include "served.h"

static int setup(void **state)
{
	return served_begin(state, true);
}

static int start_lab(struct served *served, uint32_t lane, const char *name, int fd)
{
	struct request request = { .kind = REQUEST_START_LAB, .lane = lane };

	memcpy(request.name, name, strnlen(name, sizeof(request.name)));
	return ask(served, &request, fd);
}

/* What the refusals below are measured by: there is no runner beside this test, all else is well. */
static void test_request_that_is_right_gets_as_far_as_the_runner(void **state)
{
	struct served *served = served_of(state);

	assert_int_equal(start_lab(served, 1, "process", served->area_fd), -ENOENT);
}

static void test_name_that_is_no_word_is_refused(void **state)
{
	struct served *served = served_of(state);
	const char *const names[] = {
		"",    "../../bin/sh", "a/b",	"A", "a b",
		"a\n", "\x1b[2J",      "a\xff", "1", "aaaaaaaaaaaaaaaaaaaaa"
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(start_lab(served, 1, names[i], served->area_fd), -EINVAL);
}

static void test_area_that_can_shrink_or_is_none_is_refused(void **state)
{
	struct served *served = served_of(state);
	int growing = make_area(F_SEAL_GROW), file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int small = memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(small >= 0 && file >= 0);
	assert_int_equal(fcntl(small, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(start_lab(served, 1, "process", -1), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", growing), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", file), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", small), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", served->socket), -EINVAL);
	close(growing);
	close(file);
	close(small);
}

/* There are no targets: nothing is started but the lab's own program, and nothing is watched. */
static void test_session_of_the_lab_has_no_commands_and_no_targets(void **state)
{
	struct served *served = served_of(state);
	const uint32_t kinds[] = { REQUEST_START_COMMAND, REQUEST_WATCH };
	const uint32_t targets[] = { 0, 1, UINT32_MAX };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (unsigned j = 0; j < sizeof(targets) / sizeof(targets[0]); j++) {
			struct request request = { .kind = kinds[i],
						   .lane = 1,
						   .target = targets[j],
						   .pid = served->bystander };

			assert_int_equal(ask(served, &request, -1), -EINVAL);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_that_is_right_gets_as_far_as_the_runner),
		cmocka_unit_test(test_name_that_is_no_word_is_refused),
		cmocka_unit_test(test_area_that_can_shrink_or_is_none_is_refused),
		cmocka_unit_test(test_session_of_the_lab_has_no_commands_and_no_targets),
	};

	return cmocka_run_group_tests(tests, setup, served_end);
}
