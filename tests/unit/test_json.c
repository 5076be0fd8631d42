// SPDX-License-Identifier: GPL-2.0-only
/* JSON and CSV as they reach the stream: commas, quotes, hostile text, streams that fail. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/json.h"

struct memory {
	FILE *file;
	char *bytes;
	size_t size;
};

static int open_memory(void **state)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	memory->file = open_memstream(&memory->bytes, &memory->size);
	*state = memory;
	return memory->file ? 0 : -1;
}

static int close_memory(void **state)
{
	struct memory *memory = *state;

	fclose(memory->file);
	free(memory->bytes);
	free(memory);
	return 0;
}

static void test_json_nested_commas_in_place(void **state)
{
	struct memory *memory = *state;
	struct json json;
	struct writer writer;

	writer_init(&writer, memory->file);
	json_init(&json, &writer);
	json_object(&json, NULL);
	json_array(&json, "empty");
	json_array_end(&json);
	json_array(&json, "two");
	json_u64(&json, NULL, UINT64_MAX);
	json_i64(&json, NULL, INT64_MIN);
	json_array_end(&json);
	json_object(&json, "inner");
	json_bool(&json, "yes", true);
	json_figure(&json, "unknown", UINT64_MAX);
	json_figure(&json, "known", 0);
	json_object_end(&json);
	json_string(&json, "none", NULL);
	json_object_end(&json);
	json_line(&json);
	json_object(&json, NULL);
	json_object_end(&json);
	json_line(&json);
	assert_int_equal(json_finish(&json), 0);
	assert_string_equal(memory->bytes,
			    "{\"empty\":[],\"two\":[18446744073709551615,-9223372036854775808],"
			    "\"inner\":{\"yes\":true,\"unknown\":null,\"known\":0},"
			    "\"none\":null}\n{}\n");
}

static void test_json_text_is_escaped(void **state)
{
	struct memory *memory = *state;
	struct json json;
	struct writer writer;

	writer_init(&writer, memory->file);
	json_init(&json, &writer);
	json_array(&json, NULL);
	json_string(&json, NULL, "a\"b\\c\n\x01");
	json_string(&json, NULL, "при\xffвет");
	json_name(&json, NULL, "\x1b[2J\\\"");
	json_array_end(&json);
	assert_int_equal(json_finish(&json), 0);
	assert_string_equal(memory->bytes, "[\"a\\\"b\\\\c\\n\\u0001\",\"при\xef\xbf\xbdвет\","
					   "\"\\\\x1b[2J\\\\x5c\\\"\"]");
}

static void test_json_reals_are_numbers_or_null(void **state)
{
	static const double values[] = { 0,    -3,	   4000,      4294967295.0, 0.5,
					 2e-7, 1234.56789, 1.0 / 0.0, -1.0 / 0.0,   0.0 / 0.0 };
	struct memory *memory = *state;
	struct json json;
	struct writer writer;

	writer_init(&writer, memory->file);
	json_init(&json, &writer);
	json_array(&json, NULL);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		json_real(&json, NULL, values[i]);
	json_array_end(&json);
	assert_int_equal(json_finish(&json), 0);
	assert_string_equal(memory->bytes, "[0,-3,4000,4294967295,0.5,2e-07,1234.57,"
					   "null,null,null]");
}

static void test_json_too_deep_is_an_error(void **state)
{
	struct memory *memory = *state;
	struct json json;
	struct writer writer;

	writer_init(&writer, memory->file);
	json_init(&json, &writer);
	for (int i = 0; i < 100; i++)
		json_array(&json, NULL);
	for (int i = 0; i < 100; i++)
		json_array_end(&json);
	assert_int_equal(json_finish(&json), -EOVERFLOW);
}

static void test_csv_fields_are_quoted_and_tamed(void **state)
{
	struct memory *memory = *state;
	struct csv csv;
	struct writer writer;

	writer_init(&writer, memory->file);
	csv_init(&csv, &writer);
	csv_string(&csv, "plain");
	csv_string(&csv, "a,\"b\"");
	csv_string(&csv, "=cmd()");
	csv_string(&csv, "@x,y");
	csv_empty(&csv);
	csv_i64(&csv, -5);
	csv_figure(&csv, UINT64_MAX);
	csv_row_end(&csv);
	csv_name(&csv, "+1\n-2");
	csv_string(&csv, "");
	csv_row_end(&csv);
	assert_int_equal(csv_finish(&csv), 0);
	assert_string_equal(memory->bytes, "plain,\"a,\"\"b\"\"\",'=cmd(),\"'@x,y\",,-5,\n"
					   "'+1\\x0a-2,\n");
}

/* The error is that of the first write that failed, however much was written after. */
static void test_json_full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct json json;
	struct writer writer;

	(void)state;
	assert_non_null(full);
	writer_init(&writer, full);
	json_init(&json, &writer);
	json_array(&json, NULL);
	for (uint64_t i = 0; i < 100000; i++)
		json_u64(&json, NULL, i);
	json_array_end(&json);
	assert_int_equal(json_finish(&json), -ENOSPC);
	fclose(full);
}

static void test_csv_full_disk_is_told_at_the_end(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct csv csv;
	struct writer writer;

	(void)state;
	assert_non_null(full);
	writer_init(&writer, full);
	csv_init(&csv, &writer);
	csv_u64(&csv, 1);
	assert_int_equal(csv_finish(&csv), -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_json_nested_commas_in_place, open_memory,
						close_memory),
		cmocka_unit_test_setup_teardown(test_json_text_is_escaped, open_memory,
						close_memory),
		cmocka_unit_test_setup_teardown(test_json_reals_are_numbers_or_null, open_memory,
						close_memory),
		cmocka_unit_test_setup_teardown(test_json_too_deep_is_an_error, open_memory,
						close_memory),
		cmocka_unit_test_setup_teardown(test_csv_fields_are_quoted_and_tamed, open_memory,
						close_memory),
		cmocka_unit_test(test_json_full_disk_is_told),
		cmocka_unit_test(test_csv_full_disk_is_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
