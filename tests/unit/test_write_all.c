// SPDX-License-Identifier: GPL-2.0-only
/* test_write_all.c - a pipe that takes nothing, little, or all; and a signal meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "base/proc.h"
#include "base/write_all.h"

#define N_BYTES	    (1u << 20) /* more than a pipe holds */
#define PATIENCE_MS 50
#define DEADLINE_S  20

static uint8_t bytes[N_BYTES];

/* A writer in a process of its own, with signals noticed; its status is -write_all(). */
struct rig {
	int reader, writer;
	pid_t pid;
};

static int begin(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	rig->reader = ends[0];
	rig->writer = ends[1];
	for (unsigned i = 0; i < N_BYTES; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	*state = rig;
	return 0;
}

static int end(void **state)
{
	struct rig *rig = *state;

	close(rig->reader);
	free(rig);
	return 0;
}

static void start(struct rig *rig, int patience_ms, int number)
{
	rig->pid = fork();
	if (!rig->pid) {
		alarm(DEADLINE_S); /* which ends it */
		close(rig->reader);
		interrupt_watch();
		if (number)
			raise(number);
		_exit(-write_all(rig->writer, bytes, N_BYTES, patience_ms));
	}
	close(rig->writer);
}

static void make_nonblocking(const struct rig *rig)
{
	assert_int_equal(fcntl(rig->writer, F_SETFL, O_NONBLOCK), 0);
}

static int n_unread(const struct rig *rig)
{
	int n = 0;

	assert_int_equal(ioctl(rig->reader, FIONREAD, &n), 0);
	return n;
}

/* Until it sleeps with a pipe that holds as much as it takes. */
static void wait_until_full(const struct rig *rig)
{
	int full = fcntl(rig->reader, F_GETPIPE_SZ);
	struct proc_look look;

	while (n_unread(rig) < full || !proc_look(rig->pid, rig->pid, &look) || look.state != 'S')
		usleep(1000);
}

static int status_of(const struct rig *rig)
{
	int status;

	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	assert_true(WIFEXITED(status)); /* or it hung until its alarm */
	return WEXITSTATUS(status);
}

/* Reads in pieces that fit no page. */
static void expect_all(const struct rig *rig)
{
	uint8_t part[5000];
	size_t n = 0;
	ssize_t got;

	while ((got = read(rig->reader, part, sizeof(part))) > 0) {
		assert_true(n + (size_t)got <= N_BYTES);
		assert_memory_equal(part, bytes + n, (size_t)got);
		n += (size_t)got;
	}
	assert_int_equal(n, N_BYTES);
}

static void test_write_all_to_a_slow_reader_is_whole(void **state)
{
	struct rig *rig = *state;

	start(rig, PATIENCE_MS, 0);
	wait_until_full(rig);
	expect_all(rig);
	assert_int_equal(status_of(rig), 0);
}

static void test_write_all_to_a_nonblocking_pipe_is_whole(void **state)
{
	struct rig *rig = *state;

	make_nonblocking(rig);
	start(rig, PATIENCE_MS, 0);
	wait_until_full(rig);
	expect_all(rig);
	assert_int_equal(status_of(rig), 0);
}

/* It slept in the middle of a write, which then tells of what it took. */
static void test_write_all_whose_reader_takes_nothing_ends_at_one_signal(void **state)
{
	struct rig *rig = *state;

	start(rig, PATIENCE_MS, 0);
	wait_until_full(rig);
	assert_int_equal(kill(rig->pid, SIGTERM), 0);
	assert_int_equal(status_of(rig), EINTR);
}

static void test_write_all_to_a_full_nonblocking_pipe_ends_at_one_signal(void **state)
{
	struct rig *rig = *state;

	make_nonblocking(rig);
	start(rig, PATIENCE_MS, 0);
	wait_until_full(rig);
	assert_int_equal(kill(rig->pid, SIGTERM), 0);
	assert_int_equal(status_of(rig), EINTR);
}

/* It came before, when nothing was written. */
static void test_write_all_after_a_signal_takes_what_room_there_is_and_ends(void **state)
{
	struct rig *rig = *state;

	start(rig, PATIENCE_MS, SIGTERM);
	assert_int_equal(status_of(rig), EINTR);
	assert_int_equal(n_unread(rig), fcntl(rig->reader, F_GETPIPE_SZ));
}

/* Room for a page does not mean room for what comes next. */
static void test_write_all_after_a_signal_does_not_sleep_when_a_page_is_read(void **state)
{
	struct rig *rig = *state;
	uint8_t page[PIPE_BUF];

	start(rig, PATIENCE_MS, 0);
	wait_until_full(rig);
	assert_int_equal(kill(rig->pid, SIGTERM), 0);
	(void)!read(rig->reader, page, sizeof(page)); /* before its patience ends, or just after */
	assert_int_equal(status_of(rig), EINTR);
}

static void test_write_all_after_a_signal_is_whole_for_a_reader_that_reads(void **state)
{
	struct rig *rig = *state;

	start(rig, DEADLINE_S * 1000, 0);
	wait_until_full(rig);
	assert_int_equal(kill(rig->pid, SIGTERM), 0);
	expect_all(rig);
	assert_int_equal(status_of(rig), 0);
}

static void test_write_all_with_all_patience_is_whole_after_signals(void **state)
{
	struct rig *rig = *state;

	start(rig, -1, SIGTERM);
	wait_until_full(rig);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(kill(rig->pid, SIGTERM), 0);
	expect_all(rig);
	assert_int_equal(status_of(rig), 0);
}

static void test_write_all_tells_of_errors(void **state)
{
	struct rig *rig = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(write_all(full, bytes, 1, -1), -ENOSPC);
	close(full);
	close(rig->reader);
	assert_int_equal(write_all(rig->writer, bytes, 1, PATIENCE_MS), -EPIPE);
	assert_int_equal(write_all(rig->writer, bytes, 0, PATIENCE_MS), 0);
	close(rig->writer);
	rig->reader = -1;
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_write_all_to_a_slow_reader_is_whole),
		RIGGED(test_write_all_to_a_nonblocking_pipe_is_whole),
		RIGGED(test_write_all_whose_reader_takes_nothing_ends_at_one_signal),
		RIGGED(test_write_all_to_a_full_nonblocking_pipe_ends_at_one_signal),
		RIGGED(test_write_all_after_a_signal_takes_what_room_there_is_and_ends),
		RIGGED(test_write_all_after_a_signal_does_not_sleep_when_a_page_is_read),
		RIGGED(test_write_all_after_a_signal_is_whole_for_a_reader_that_reads),
		RIGGED(test_write_all_with_all_patience_is_whole_after_signals),
		RIGGED(test_write_all_tells_of_errors),
	};

	return cmocka_run_group_tests_name("write_all", tests, NULL, NULL);
}
