// SPDX-License-Identifier: GPL-2.0-only
/* test_claims.c - claims in print and in JSON, and the command lines of their experiments. */
#include "made_up_claims.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/claims_print.h"
#include "cmd/claims_run.h"
#include "view/claim_rows.h"

/* The program's table is in main.c, which is no part of a test. */
const struct verb verbs[] = { { NULL, NULL, NULL, NULL } };

static struct claim_board board;

/* --- print --------------------------------------------------------------------------------------- */

struct printed {
	char *text;
	size_t size;
};

static struct printed print(bool json, bool colour)
{
	struct printed printed = { 0 };
	FILE *out = open_memstream(&printed.text, &printed.size);
	int err;

	assert_non_null(out);
	err = json ? claims_print_json(&board, out)
		   : claims_print_text(&board, "Judged by a made-up machine.", out, colour);
	assert_int_equal(err, 0);
	fclose(out);
	return printed;
}

static void is_golden(const char *name, const char *text)
{
	char path[128], *golden = calloc(1, 1u << 18);
	FILE *file;

	assert_non_null(golden);
	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (getenv("UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s is missing: UPDATE_GOLDEN=1 writes it", path);
	golden[fread(golden, 1, (1u << 18) - 1, file)] = '\0';
	fclose(file);
	if (strcmp(text, golden) != 0)
		fail_msg("%s differs; what is printed now:\n%s", path, text);
	free(golden);
}

static void test_claims_in_print_are_golden(void **unused)
{
	struct printed printed;

	(void)unused;
	made_board(&board);
	printed = print(false, false);
	is_golden("claims.text", printed.text);
	free(printed.text);
}

static void test_claims_in_json_are_golden(void **unused)
{
	struct printed printed;

	(void)unused;
	made_board(&board);
	printed = print(true, false);
	is_golden("claims.json", printed.text);
	free(printed.text);
}

/* However figures come out: 80 columns of ASCII, and what is measured by nobody is a dash. */
static void test_claims_in_print_fit_80_columns(void **unused)
{
	static const double sizes[] = { 0, 1e-6, 0.03, 1, 999.4, 999.6, 123456, 9.99e8, 3.7e11 };
	struct printed printed;

	(void)unused;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		made_board(&board);
		for (unsigned claim = 0; claim < N_CLAIMS; claim++)
			for (unsigned round = 0; round < 7; round++)
				for (unsigned at = 0; claims[claim].figures[at].name; at++)
					board.results[claim].values[at][round] =
						trunc(sizes[i] * (1 + 0.01 * round)) +
						(sizes[i] < 999 ? sizes[i] : 0);
		for (unsigned claim = 0; claim < N_CLAIMS; claim++)
			judge_claim(&claims[claim], &board.results[claim]);
		printed = print(false, false);
		for (const char *line = printed.text; *line; line = strchr(line, '\n') + 1)
			if (strcspn(line, "\n") > 80)
				fail_msg("longer than 80 columns: %.*s", (int)strcspn(line, "\n"),
					 line);
		for (const char *at = printed.text; *at; at++)
			assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
		free(printed.text);
	}
}

static void test_claims_colours_are_for_verdicts_and_never_red(void **unused)
{
	struct printed plain, coloured;

	(void)unused;
	made_board(&board);
	plain = print(false, false);
	coloured = print(false, true);
	assert_null(strchr(plain.text, '\033'));
	assert_non_null(strstr(coloured.text, "\033[1;32mholds"));
	assert_null(strstr(coloured.text, "31m"));
	free(plain.text);
	free(coloured.text);
}

/* Only what was asked for. */
static void test_claims_not_wanted_are_not_printed(void **unused)
{
	struct printed printed;

	(void)unused;
	made_board(&board);
	for (unsigned i = 0; i < N_CLAIMS; i++)
		board.results[i].wanted = i == (unsigned)claim_find("T4");
	printed = print(false, false);
	assert_non_null(strstr(printed.text, "\nT4 "));
	assert_null(strstr(printed.text, "P1"));
	free(printed.text);
	printed = print(true, false);
	assert_non_null(strstr(printed.text, "\"id\":\"T4\""));
	assert_null(strstr(printed.text, "P1"));
	free(printed.text);
}

static void test_claims_figures_not_measured_are_null(void **unused)
{
	struct printed printed;

	(void)unused;
	board_clear(&board);
	board.results[0].wanted = true;
	printed = print(true, false);
	assert_non_null(strstr(printed.text, "\"median\":null,\"min\":null,\"max\":null"));
	assert_non_null(strstr(printed.text, "\"verdict\":\"not decided\",\"rounds\":0"));
	free(printed.text);
}

static void test_claims_full_disk_is_told(void **unused)
{
	FILE *full = fopen("/dev/full", "w");

	(void)unused;
	assert_non_null(full);
	made_board(&board);
	assert_int_equal(claims_print_text(&board, "", full, false), -ENOSPC);
	fclose(full);
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void test_claim_rows_name_each_figure_and_each_bound_once(void **unused)
{
	struct claim_row row;

	(void)unused;
	made_board(&board);
	for (unsigned i = 0; i < N_CLAIMS; i++) {
		unsigned n = 0, n_bounds = 0, n_conditions = 0;

		for (; claim_row(&claims[i], &board.results[i], n, &row); n++)
			n_bounds += *row.bound != '\0';
		while (claims[i].conditions[n_conditions].comparison)
			n_conditions++;
		assert_true(n >= n_conditions);
		assert_non_null(claims[i].id); /* a row for each of N_CLAIMS */
		assert_int_equal(n_bounds, n_conditions);
		claim_main_row(&claims[i], &board.results[i], &row);
		assert_true(*row.bound && *row.mark);
	}
}

static void test_claim_summary_counts(void **unused)
{
	char text[128];

	(void)unused;
	made_board(&board);
	claim_summary(&board, text, sizeof(text));
	assert_string_equal(text, "6 hold, 5 do not hold here, 6 not decided");
	for (unsigned i = 1; i < N_CLAIMS; i++)
		board.results[i].wanted = false;
	claim_summary(&board, text, sizeof(text));
	assert_string_equal(text, "1 holds");
}

/* --- experiments --------------------------------------------------------------------------------- */

/* What is printed is what runs: `stat` takes each line, and it has the lanes that figures are of. */
static void test_claims_experiments_are_command_lines(void **unused)
{
	static const char *const jobs[] = { "counter", "crash", "idle", "hog", "echo" };
	struct error error;
	struct run run;

	(void)unused;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++)
		if (!job_find(jobs[i]))
			skip();
	for (unsigned i = 0; i < N_EXPERIMENTS; i++) {
		if (experiment_read(i, "stat", &run, &error))
			fail_msg("%s: %s", experiments[i], error.text);
		assert_non_null(run.job);
		assert_false(run.together || run.endless);
		for (unsigned claim = 0; claim < N_CLAIMS; claim++)
			for (unsigned at = 0; claims[claim].figures[at].name; at++)
				if (claims[claim].figures[at].experiment == i)
					assert_true(run.models >>
							    (claims[claim].figures[at].lane - 1) &
						    1);
	}
}

static void test_claims_commands_are_those_of_the_figures(void **unused)
{
	const char *command;
	unsigned n = 0;

	(void)unused;
	for (; (command = claim_command(&claims[claim_find("P5")], n)); n++)
		assert_non_null(strstr(command, "--job pingpong --via "));
	assert_int_equal(n, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_in_print_are_golden),
		cmocka_unit_test(test_claims_in_json_are_golden),
		cmocka_unit_test(test_claims_in_print_fit_80_columns),
		cmocka_unit_test(test_claims_colours_are_for_verdicts_and_never_red),
		cmocka_unit_test(test_claims_not_wanted_are_not_printed),
		cmocka_unit_test(test_claims_figures_not_measured_are_null),
		cmocka_unit_test(test_claims_full_disk_is_told),
		cmocka_unit_test(test_claim_rows_name_each_figure_and_each_bound_once),
		cmocka_unit_test(test_claim_summary_counts),
		cmocka_unit_test(test_claims_experiments_are_command_lines),
		cmocka_unit_test(test_claims_commands_are_those_of_the_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
