// SPDX-License-Identifier: GPL-2.0-only
/* Whole command lines that are right: every field, defaults, where words and commands go. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/options.h"

/* Stands in for the table of main.c. */
const struct verb verbs[] = { { NULL, NULL, NULL, NULL } };

#define N_WORDS_MAX 16

static char line_of[256];
static char *words[N_WORDS_MAX + 1];
static struct error error;

/* Read a line whose words are parted by spaces; the first is the verb. */
static int read_line(struct options *options, const char *line)
{
	int n = 0;

	snprintf(line_of, sizeof(line_of), "%s", line);
	for (char *word = strtok(line_of, " "); word && n < N_WORDS_MAX; word = strtok(NULL, " "))
		words[n++] = word;
	words[n] = NULL;
	return options_read(options, words[0], n, words, &error);
}

static void test_options_none_gives_defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "live"), 0);
	assert_string_equal(options.verb, "live");
	assert_string_equal(options.job, "pingpong");
	assert_int_equal(options.models, 7);
	assert_int_equal(options.rate_hz, RATE_UNSET);
	assert_int_equal(options.turns, TURNS_DEFAULT);
	assert_int_equal(options.wish.n_tasks, 0);
	assert_string_equal(options.wish.via, "");
	assert_null(options.command);
	assert_null(options.output);
	assert_non_null(options.args);
	assert_null(options.args[0]);
}

static void test_options_of_claims_are_ids_wherever_they_stand(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "claims P3 --json c1 -o file A1"), 0);
	assert_true(options.json);
	assert_string_equal(options.output, "file");
	assert_string_equal(options.args[0], "P3");
	assert_string_equal(options.args[1], "c1");
	assert_string_equal(options.args[2], "A1");
	assert_null(options.args[3]);
}

static void test_options_all_of_the_lab(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "stat --job pingpong --model process,thread --tasks 4 "
					     "--time 500ms --via pipe --rate 1000 --in-turn"),
			 0);
	assert_int_equal(options.models, 1 << MODEL_PROCESS | 1 << MODEL_THREAD);
	assert_int_equal(options.wish.n_tasks, 4);
	assert_int_equal(options.time_ns, 500000000);
	assert_string_equal(options.wish.via, "pipe");
	assert_int_equal(options.rate_hz, 1000);
	assert_int_equal(options.turns, TURNS_IN_TURN);
	assert_int_equal(read_line(&options, "live --job=sleep --sleep=0.25 --rate=max --together"),
			 0);
	assert_int_equal(options.wish.sleep_ns, 250000000);
	assert_int_equal(options.rate_hz, RATE_MAX);
	assert_int_equal(options.turns, TURNS_TOGETHER);
	assert_int_equal(read_line(&options, "log --job spawn --stack 64K --work 10 --pin 0"), 0);
	assert_int_equal(options.wish.stack_bytes, 65536);
	assert_int_equal(options.wish.work, 10);
	assert_int_equal(options.wish.pin[0], 1);
	assert_int_equal(read_line(&options, "log --job yield --log -fjsonl -d2m -qo-"), 0);
	assert_true(options.wish.log);
	assert_true(options.quiet);
	assert_string_equal(options.format, "jsonl");
	assert_string_equal(options.output, "-");
	assert_int_equal(options.duration_ns, 120000000000);
}

static void test_options_command_keeps_its_own_words(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "stat --json -- ls --all -- x"), 0);
	assert_true(options.json);
	assert_string_equal(options.command[0], "ls");
	assert_string_equal(options.command[1], "--all");
	assert_string_equal(options.command[2], "--");
	assert_string_equal(options.command[3], "x");
	assert_null(options.command[4]);
}

static void test_options_dashes_as_a_value_are_no_command(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "stat -o --"), 0);
	assert_string_equal(options.output, "--");
	assert_null(options.command);
}

static void test_options_word_is_the_topic(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "jobs --ascii yield --no-color"), 0);
	assert_string_equal(options.args[0], "yield");
	assert_null(options.args[1]);
	assert_int_equal(read_line(&options, "help stat"), 0);
	assert_string_equal(options.args[0], "stat");
}

static void test_options_synthetic_machine_has_its_own_cpus(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "live --cpu 255 --synthetic 256,100,7"), 0);
	assert_string_equal(options.synthetic, "256,100,7");
	assert_int_equal(read_line(&options, "live --cpu 256 --synthetic 256"), -EINVAL);
}

static void test_options_via_misfit_lists_each_models_own(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(read_line(&options, "stat --via channel"), -EINVAL);
	assert_non_null(strstr(error.text, "does not fit process, thread;"));
	assert_non_null(strstr(error.text, "process: pipe"));
	assert_non_null(strstr(error.text, "coroutine: channel"));
	assert_int_equal(read_line(&options, "stat --via channel --model coroutine"), 0);
	assert_int_equal(read_line(&options, "stat --via condvar --model thread"), 0);
}

/* Every single byte as a value of every option: an answer, never a crash or a raw byte. */
static void test_options_any_byte_as_value_is_answered(void **state)
{
	static const char *const names[] = { "--job", "--model", "--tasks", "--work", "--time",
					     "--via", "--rate",	 "--stack", "--pin",  "--user",
					     "--cpu", "-d",	 "-f" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			char verb[] = "log", name[16], value[] = { (char)byte, '\0' };
			char *argv[] = { verb, name, value, NULL };
			struct options options;

			strcpy(name, names[i]);
			error.text[0] = '\0';
			options_read(&options, verb, 3, argv, &error);
			for (const char *at = error.text; *at; at++)
				assert_true(*at >= 0x20 && *at < 0x7f);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_none_gives_defaults),
		cmocka_unit_test(test_options_of_claims_are_ids_wherever_they_stand),
		cmocka_unit_test(test_options_all_of_the_lab),
		cmocka_unit_test(test_options_command_keeps_its_own_words),
		cmocka_unit_test(test_options_dashes_as_a_value_are_no_command),
		cmocka_unit_test(test_options_word_is_the_topic),
		cmocka_unit_test(test_options_synthetic_machine_has_its_own_cpus),
		cmocka_unit_test(test_options_via_misfit_lists_each_models_own),
		cmocka_unit_test(test_options_any_byte_as_value_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
