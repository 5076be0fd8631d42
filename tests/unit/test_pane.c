// SPDX-License-Identifier: GPL-2.0-only
/* test_pane.c - what a command writes as lines: what is text, what only moves or colours, what is hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/pane.h"

/* What was written, and the lines that this makes, each ended by a bar. */
static const struct {
	const char *written, *lines;
} cases[] = {
	{ "", "" },
	{ "one\ntwo\n", "one|two|" },
	{ "one\r\ntwo", "one|two|" },
	{ "\n\na\n", "||a|" },
	{ "10%\r20%\r30%\n", "30%|" },
	{ "abc\r", "abc|" },
	{ "a\tb\n", "a       b|" },
	{ "ab\bc\n", "ac|" },
	{ "\xc3\xa4\bo\n", "o|" }, /* all of a character */
	{ "\b\b\b\n", "|" },
	{ "\033[1;31mred\033[0m\n", "red|" },
	{ "\033]0;a title\007text\n", "text|" },
	{ "\033]0;a title\033\\text\n", "text|" },
	{ "\033(Btext\033=\n", "text|" },
	{ "\033Phostile\033\033\\text\n", "" }, /* the string goes on */
	{ "\a\x7f\x01text\n", "text|" },
	{ "cut \033[3", "cut |" },
};

static void expect_lines(struct pane *pane, const char *lines)
{
	uint64_t n = pane_n_lines(pane);
	char line[PANE_BYTES], all[1024] = "";

	for (uint64_t i = 0; i < n; i++) {
		assert_true(pane_line(pane, i, line));
		strcat(strcat(all, line), "|");
	}
	assert_string_equal(all, lines);
	assert_false(pane_line(pane, n, line));
}

/* As it comes, and byte by byte. */
static void test_lines_are_what_a_terminal_would_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pane *pane = pane_new();

		assert_non_null(pane);
		pane_add(pane, cases[i].written, strlen(cases[i].written));
		expect_lines(pane, cases[i].lines);
		pane_clear(pane);
		for (const char *at = cases[i].written; *at; at++)
			pane_add(pane, at, 1);
		expect_lines(pane, cases[i].lines);
		pane_free(pane);
	}
}

static void test_long_line_goes_on_in_the_next_between_two_characters(void **state)
{
	struct pane *pane = pane_new();
	char line[PANE_BYTES];
	size_t n = 0;

	(void)state;
	assert_non_null(pane);
	for (unsigned i = 0; i < 1000; i++)
		pane_add(pane, "\xe2\x82\xac", 3);
	for (uint64_t i = 0; i < pane_n_lines(pane); i++) {
		assert_true(pane_line(pane, i, line));
		assert_int_equal(strlen(line) % 3, 0);
		n += strlen(line);
	}
	assert_int_equal(n, 3000);
	pane_free(pane);
}

static void test_only_the_last_lines_are_kept(void **state)
{
	struct pane *pane = pane_new();
	char line[PANE_BYTES], number[16];

	(void)state;
	assert_non_null(pane);
	for (unsigned i = 0; i < N_PANE_LINES + 10; i++) {
		snprintf(number, sizeof(number), "%u\n", i);
		pane_add(pane, number, strlen(number));
	}
	assert_int_equal(pane_n_lines(pane), N_PANE_LINES + 10);
	assert_false(pane_line(pane, 9, line));
	assert_true(pane_line(pane, 10, line));
	assert_string_equal(line, "10");
	pane_free(pane);
}

/* Any bytes: run it with ASan to see more of what it does. */
static void test_any_bytes_are_taken(void **state)
{
	struct pane *pane = pane_new();
	char line[PANE_BYTES], bytes[4096];

	(void)state;
	assert_non_null(pane);
	srand(1);
	for (unsigned i = 0; i < 200; i++) {
		for (size_t at = 0; at < sizeof(bytes); at++)
			bytes[at] = (char)rand();
		pane_add(pane, bytes, sizeof(bytes));
	}
	for (uint64_t i = 0; i < pane_n_lines(pane); i++)
		if (pane_line(pane, i, line))
			assert_true(strlen(line) < PANE_BYTES);
	pane_free(pane);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_what_a_terminal_would_show),
		cmocka_unit_test(test_long_line_goes_on_in_the_next_between_two_characters),
		cmocka_unit_test(test_only_the_last_lines_are_kept),
		cmocka_unit_test(test_any_bytes_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
