// SPDX-License-Identifier: GPL-2.0-only
/* Output files: what is taken, what is refused and how, and what is left behind (nothing). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/output.h"

static char directory[64];
static char path[128];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/swtch-output-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/out", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	if (unlink(path) && errno == EISDIR)
		rmdir(path);
	return rmdir(directory);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
}

static void check_content(const char *expected)
{
	char content[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	content[fread(content, 1, sizeof(content) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(content, expected);
}

static void test_output_new_file_is_private(void **state)
{
	struct output output;
	struct stat stat_of;

	(void)state;
	umask(022);
	assert_int_equal(output_open(&output, path, false, 0600, NULL), 0);
	fputs("x", output.file);
	assert_int_equal(output_close(&output, 0, NULL), 0);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	check_content("x");
}

static void test_output_existing_needs_force(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	write_file("precious");
	assert_int_equal(output_open(&output, path, false, 0600, &error), -EEXIST);
	assert_non_null(strstr(error.text, path));
	assert_non_null(strstr(error.text, "--force"));
	check_content("precious");
	assert_int_equal(output_open(&output, path, true, 0600, &error), 0);
	fputs("new", output.file);
	assert_int_equal(output_close(&output, 0, &error), 0);
	check_content("new");
}

static void test_output_link_is_not_followed(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(output_open(&output, path, false, 0600, &error), -ELOOP);
	assert_int_equal(output_open(&output, path, true, 0600, &error), -ELOOP);
	assert_non_null(strstr(error.text, "symbolic link"));
}

static void test_output_directory_is_refused(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(output_open(&output, path, true, 0600, &error), -EISDIR);
	assert_int_equal(output_open(&output, "", true, 0600, &error), -ENOENT);
	assert_int_equal(output_open(&output, "/nowhere/at/all", true, 0600, &error), -ENOENT);
}

static void test_output_fifo_without_reader_does_not_wait(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(output_open(&output, path, false, 0600, &error), -ENXIO);
}

static void test_output_full_disk_is_told(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(output_open(&output, "/dev/full", false, 0600, &error), 0);
	fputs("x", output.file);
	assert_int_equal(output_close(&output, 0, &error), -ENOSPC);
	assert_non_null(strstr(error.text, "/dev/full"));
}

static void test_output_failed_new_file_is_removed(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(output_open(&output, path, false, 0600, &error), 0);
	fputs("half", output.file);
	assert_int_equal(output_close(&output, -ENOSPC, &error), -ENOSPC);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_output_failed_keeps_what_is_not_ours(void **state)
{
	struct output output;
	struct error error;

	(void)state;
	assert_int_equal(output_open(&output, path, false, 0600, &error), 0);
	assert_int_equal(unlink(path), 0);
	write_file("another's");
	assert_int_equal(output_close(&output, -EIO, &error), -EIO);
	check_content("another's");
}

static void test_output_stdout_stays_open(void **state)
{
	struct output output;

	(void)state;
	assert_int_equal(output_open(&output, "-", false, 0600, NULL), 0);
	assert_ptr_equal(output.file, stdout);
	assert_int_equal(output_close(&output, 0, NULL), 0);
	assert_true(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(test_output_new_file_is_private),
		in_directory(test_output_existing_needs_force),
		in_directory(test_output_link_is_not_followed),
		in_directory(test_output_directory_is_refused),
		in_directory(test_output_fifo_without_reader_does_not_wait),
		in_directory(test_output_full_disk_is_told),
		in_directory(test_output_failed_new_file_is_removed),
		in_directory(test_output_failed_keeps_what_is_not_ours),
		cmocka_unit_test(test_output_stdout_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
