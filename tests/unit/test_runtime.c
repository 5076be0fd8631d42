// SPDX-License-Identifier: GPL-2.0-only
/* test_runtime.c - what is called like an interpreter and is none, or nothing that one should wait for. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "keeper/runtime.h"

/* The kernel takes a lease back by force after 45 s: /proc/sys/fs/lease-break-time. */
#define DEADLINE_NS (20 * NS_PER_S)

static char folder[] = "/tmp/swtch-runtime-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static void path_of(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", folder, name);
}

/* A test that fails leaves what it has made. */
static int remove_folder(void **state)
{
	static const char *const names[] = { "python-pipe", "python-terminal", "python-leased" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(path, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* Looked at as a command that is about to be executed: no probes are needed for what is none. */
static void look_in_time(const char *path)
{
	struct runtimes *runtimes = runtimes_new(NULL);
	uint64_t began_ns = clock_now_ns();

	assert_non_null(runtimes);
	runtimes_foresee(runtimes, path);
	assert_true(clock_now_ns() - began_ns < DEADLINE_NS);
	runtimes_free(runtimes);
}

/* Somebody opened what `opens` watches. */
static bool was_opened(int opens)
{
	char bytes[4096];

	return read(opens, bytes, sizeof(bytes)) > 0;
}

static void look_without_opening(const char *path)
{
	int opens = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), fd;
	bool counts_paths;

	assert_true(inotify_add_watch(opens, path, IN_OPEN) >= 0);
	close(open(path, O_PATH | O_CLOEXEC));
	counts_paths = was_opened(opens); /* so Linux before 6.10: nothing to be seen by then */
	look_in_time(path);
	assert_true(counts_paths || !was_opened(opens));
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(was_opened(opens));
	close(fd);
	close(opens);
	if (counts_paths)
		skip();
}

static void test_pipe_is_not_opened(void **state)
{
	char path[64];

	(void)state;
	path_of(path, "python-pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	look_without_opening(path);
}

static void test_device_is_not_opened(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC); /* nobody else's */
	char path[64];

	(void)state;
	assert_true(terminal >= 0);
	assert_int_equal(unlockpt(terminal), 0);
	path_of(path, "python-terminal");
	assert_int_equal(symlink(ptsname(terminal), path), 0);
	look_without_opening(path);
	close(terminal);
}

/* Whoever has a lease is asked before another opens the file, and may take its time: fcntl(2), F_SETLEASE. */
static void test_file_with_lease_is_not_waited_for(void **state)
{
	char path[64];
	int fd;

	(void)state;
	path_of(path, "python-leased");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	signal(SIGIO, SIG_IGN);
	if (fcntl(fd, F_SETLEASE, F_WRLCK)) {
		unlink(path);
		skip(); /* a file system without */
	}
	look_in_time(path);
	assert_int_equal(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	look_in_time(path);
	close(fd);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe_is_not_opened),
		cmocka_unit_test(test_device_is_not_opened),
		cmocka_unit_test(test_file_with_lease_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
