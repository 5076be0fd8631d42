// SPDX-License-Identifier: GPL-2.0-only
/* What may reach a terminal of a name, and lines put together in too little room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/escape.h"
#include "base/text.h"

struct row {
	const char *raw, *shown;
};

static void check(const struct row *rows)
{
	char out[128];

	for (; rows->raw; rows++) {
		assert_int_equal(escape_name(out, sizeof(out), rows->raw), strlen(rows->shown));
		assert_string_equal(out, rows->shown);
	}
}

static void test_escape_printable_stays(void **state)
{
	static const struct row rows[] = {
		{ "", "" },	      { "ping", "ping" },
		{ "a b~!", "a b~!" }, { "приве́т", "приве́т" },
		{ "漢字", "漢字" },   { "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },
		{ NULL, NULL },
	};

	(void)state;
	check(rows);
}

static void test_escape_control_is_spelled(void **state)
{
	static const struct row rows[] = {
		{ "\x1b[2J", "\\x1b[2J" },
		{ "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" }, /* C1: CSI in one character */
		{ "\\x41", "\\x5cx41" },
		{ "\xe2\x80\xae"
		  "evil",
		  "\\xe2\\x80\\xaeevil" }, /* U+202E turns the text around */
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },
		{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },
		{ NULL, NULL },
	};

	(void)state;
	check(rows);
}

static void test_escape_invalid_utf8_is_spelled(void **state)
{
	static const struct row rows[] = {
		{ "\x80", "\\x80" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "\xc0\xaf", "\\xc0\\xaf" },			/* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
		{ "\xe6\xbc", "\\xe6\\xbc" },			/* cut by the terminator */
		{ "\xe6\xbc\x61", "\\xe6\\xbc"
				  "a" }, /* cut by a letter */
		{ NULL, NULL },
	};

	(void)state;
	check(rows);
}

/* Each of the 255 bytes, at each size: terminated, within its room, nothing a terminal obeys. */
static void test_escape_any_byte_any_size_is_safe(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte < 256; byte++) {
		char raw[] = { (char)byte, 'x', (char)byte, '\0' };

		for (size_t size = 1; size <= 16; size++) {
			char out[17];
			size_t length;

			memset(out, '#', sizeof(out));
			length = escape_name(out, size, raw);
			assert_true(length < size);
			assert_int_equal(out[length], '\0');
			assert_int_equal(out[size], '#');
			for (size_t i = 0; i < length; i++)
				assert_true(out[i] >= 0x20 && out[i] < 0x7f);
		}
	}
}

static void test_escape_cut_keeps_characters_whole(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(escape_name(out, 4, "a漢"), 1);
	assert_string_equal(out, "a");
	assert_int_equal(escape_name(out, 4, "\x1b"), 0);
	assert_string_equal(out, "");
}

static void test_text_pieces_fill_and_stop(void **state)
{
	char line[8];
	struct text text;

	(void)state;
	text_init(&text, line, sizeof(line));
	text_zeros(&text, 7, 3);
	text_pad(&text, 5);
	text_u64(&text, UINT64_MAX);
	assert_string_equal(line, "007  18");
	text_char(&text, 'x');
	assert_int_equal(text.length, 7);
}

static void test_text_duration_rounds_into_its_unit(void **state)
{
	static const struct {
		uint64_t ns;
		const char *shown;
	} rows[] = {
		{ 0, "0ns" },		{ 949, "949ns" },    { 1000, "1.0us" },
		{ 3149, "3.1us" },	{ 999960, "1.0ms" }, { 12000000, "12.0ms" },
		{ 4300000000, "4.3s" }, { 0, NULL },
	};
	char line[32];
	struct text text;

	(void)state;
	for (unsigned i = 0; rows[i].shown; i++) {
		text_init(&text, line, sizeof(line));
		text_duration(&text, rows[i].ns);
		assert_string_equal(line, rows[i].shown);
	}
}

static void test_words_wrap_breaks_between_words(void **state)
{
	static const char *const wanted[] = {
		"one two", "three", "longerth", "aneight", "end", NULL
	};
	const char *rest = "one two three longerthaneight   end";

	(void)state;
	for (unsigned i = 0; wanted[i]; i++) {
		const char *line = rest;
		size_t n = words_wrap(&rest, 8);

		assert_int_equal(n, strlen(wanted[i]));
		assert_memory_equal(line, wanted[i], n);
	}
	assert_string_equal(rest, "");
	assert_int_equal(words_wrap(&rest, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape_printable_stays),
		cmocka_unit_test(test_escape_control_is_spelled),
		cmocka_unit_test(test_escape_invalid_utf8_is_spelled),
		cmocka_unit_test(test_escape_any_byte_any_size_is_safe),
		cmocka_unit_test(test_escape_cut_keeps_characters_whole),
		cmocka_unit_test(test_text_pieces_fill_and_stop),
		cmocka_unit_test(test_text_duration_rounds_into_its_unit),
		cmocka_unit_test(test_words_wrap_breaks_between_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
