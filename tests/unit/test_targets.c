// SPDX-License-Identifier: GPL-2.0-only
/* test_targets.c - what shall be watched, in the words of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/targets.h"

const struct verb verbs[] = { { 0 } }; /* of main.c */

/* Of the line that was read last: all zero before the first. */
static struct options options;

static int read_line(struct error *error, const char *const *words)
{
	static char *made[32], *argv[32]; /* the options point into both until the next line */
	int argc = 0;

	targets_fini(&options);
	for (; argc < 31 && (!argc || words[argc - 1]); argc++) {
		free(made[argc]);
		made[argc] = strdup(argc ? words[argc - 1] : "stat");
		argv[argc] = made[argc];
	}
	argv[argc] = NULL;
	return options_read(&options, "stat", argc, argv, error);
}

#define READ(...) read_line(&error, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_words(const struct target *target, const char *words)
{
	char all[256] = "";

	assert_int_equal(target->kind, TARGET_COMMAND);
	for (unsigned i = 0; target->command[i]; i++)
		strcat(strcat(all, target->command[i]), "|");
	assert_string_equal(all, words);
}

static void test_each_target_is_a_lane_in_its_order(void **state)
{
	struct error error;
	char name[32];

	(void)state;
	assert_int_equal(READ("-p", "1,22,333", "-a", "--lane", "x y=-p 4", "--", "ls", "-a"), 0);
	assert_int_equal(options.n_targets, 4);
	assert_int_equal(options.targets[0].kind, TARGET_PIDS);
	assert_int_equal(options.targets[0].n_pids, 3);
	assert_int_equal(options.targets[0].pids[2], 333);
	assert_int_equal(options.targets[1].kind, TARGET_ALL);
	target_name(&options.targets[2], name, sizeof(name));
	assert_string_equal(name, "x y");
	expect_words(&options.targets[3], "ls|-a|");
	assert_ptr_equal(options.command, options.targets[3].command);
	target_name(&options.targets[3], name, sizeof(name));
	assert_string_equal(name, "ls");
}

static void test_lane_is_split_as_a_shell_does(void **state)
{
	static const struct {
		const char *lane, *words;
	} lines[] = {
		{ "a=-- ls", "ls|" },
		{ "a=--   ls\t-l ", "ls|-l|" },
		{ "a=-- sh -c 'a b'", "sh|-c|a b|" },
		{ "a=-- sh -c \"a 'b'\"", "sh|-c|a 'b'|" },
		{ "a=-- a\\ b 'c\\d' \"e\\\"f\"", "a b|c\\d|e\"f|" },
		{ "a=-- ''x'' ''", "x||" },
		{ "a=b=-- true", NULL },
		{ "a=-- echo $HOME *", "echo|$HOME|*|" },
		{ "a=-- 'open", NULL },
		{ "a=-p", NULL },
		{ "a=-p 1 2", NULL },
		{ "a=", NULL },
		{ "a", NULL },
		{ "=-a", NULL },
		{ "a=ls", NULL },
		{ "a=--", NULL },
		{ "a=-a -a", NULL },
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int err = READ("--lane", lines[i].lane);

		assert_int_equal(err, lines[i].words ? 0 : -EINVAL);
		if (lines[i].words)
			expect_words(&options.targets[0], lines[i].words);
		else
			assert_non_null(strstr(error.text, "--lane"));
	}
}

static void test_what_cannot_be_meant_is_refused(void **state)
{
	char own[16], other[16];
	struct error error;

	(void)state;
	snprintf(own, sizeof(own), "%d", getpid());
	assert_int_equal(READ("-p", "0"), -EINVAL);
	assert_int_equal(READ("-p", "-1"), -EINVAL);
	assert_int_equal(READ("-p", "1,"), -EINVAL);
	assert_int_equal(READ("-p", "1,x"), -EINVAL);
	assert_int_equal(READ("-p", "1,1"), -EINVAL);
	assert_int_equal(READ("-p", "99999999999999999999999999999999999"), -EINVAL);
	assert_int_equal(READ("-p", own), -EINVAL);
	assert_int_equal(READ("-a", "-a"), -EINVAL);
	assert_int_equal(READ("--cgroup", ""), -EINVAL);
	assert_int_equal(READ("--cgroup", "a/../../etc"), -EINVAL);
	assert_int_equal(READ("-p", "1", "--tasks", "2"), -EINVAL);
	assert_non_null(strstr(error.text, "--tasks is for the lab"));
	assert_int_equal(READ("-p", "1", "-p", "2", "-p", "3", "-p", "4", "-p", "5", "-p", "6",
			      "-p", "7", "-p", "8"),
			 0);
	for (unsigned i = options.n_targets; i < N_TARGETS_MAX; i++) {
		snprintf(other, sizeof(other), "%u", 100 + i);
		assert_int_equal(targets_add_pids(&options, NULL, "-p", other, &error), 0);
	}
	assert_int_equal(targets_add_pids(&options, NULL, "-p", "9", &error), -EINVAL);
	assert_int_equal(targets_add_cgroup(&options, NULL, "--cgroup", "x", &error), -EINVAL);
	assert_int_equal(READ("-p", "1", "-p", "1"), -EINVAL);
}

static void test_what_is_not_there_is_told_by_name(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(READ("-p", "4194304"), 0);
	assert_int_equal(targets_check(&options, &error), -ESRCH);
	assert_non_null(strstr(error.text, "4194304"));
	assert_int_equal(READ("--cgroup", "no\nsuch"), 0);
	assert_int_not_equal(targets_check(&options, &error), 0);
	assert_non_null(strstr(error.text, "no\\x0asuch"));
	assert_int_equal(READ("--cgroup", "/etc"), 0);
	assert_int_not_equal(targets_check(&options, &error), 0);
}

static void test_names_are_escaped(void **state)
{
	struct error error;
	char name[64], says[64];

	(void)state;
	assert_int_equal(READ("--lane", "\033[2J=-- \033c"), 0);
	target_name(&options.targets[0], name, sizeof(name));
	assert_string_equal(name, "\\x1b[2J");
	targets_describe(&options, says, sizeof(says));
	assert_string_equal(says, "\\x1bc");
}

static int forget(void **state)
{
	(void)state;
	targets_fini(&options);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_target_is_a_lane_in_its_order),
		cmocka_unit_test(test_lane_is_split_as_a_shell_does),
		cmocka_unit_test(test_what_cannot_be_meant_is_refused),
		cmocka_unit_test(test_what_is_not_there_is_told_by_name),
		cmocka_unit_test(test_names_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
