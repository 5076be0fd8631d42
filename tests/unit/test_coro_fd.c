// SPDX-License-Identifier: GPL-2.0-only
/* test_coro_fd.c - descriptors in an event loop: no edge is lost, none is waited for in vain. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "lab/loop.h"

#define BIG (1 << 20) /* more than a socket holds */

static struct loop loop;
static struct lab_line line;
static int ends[2];
static ssize_t got[4];
static unsigned n_got;
static char bytes[BIG];

static int set_up(void **state)
{
	(void)state;
	memset(&line, 0, sizeof(line));
	n_got = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
		return -1;
	return loop_init(&loop, 0, 4, &line, NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	loop_fini(&loop);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void spawn(coro_fn fn)
{
	assert_non_null(loop_spawn(&loop, fn, NULL, true));
}

static void read_thrice(void *arg)
{
	char few[8];

	(void)arg;
	while (n_got < 3) {
		got[n_got] = loop_read(&loop, ends[0], few, sizeof(few));
		n_got++; /* only now: the writer looks at it */
	}
}

static void write_in_steps(void *arg)
{
	(void)arg;
	assert_int_equal(loop_write(&loop, ends[1], "abc", 3), 3);
	while (n_got < 1)
		loop_yield(&loop);
	assert_int_equal(loop_write(&loop, ends[1], "de", 2), 2);
	while (n_got < 2)
		loop_yield(&loop);
	shutdown(ends[1], SHUT_WR);
}

static void test_fd_read_waits_for_each_edge_and_for_the_end(void **state)
{
	(void)state;
	spawn(read_thrice);
	spawn(write_in_steps);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(got[0], 3);
	assert_int_equal(got[1], 2);
	assert_int_equal(got[2], 0);
}

/* One edge for both: the reader takes the bytes and must not wait for another. */
static void write_and_end(void *arg)
{
	(void)arg;
	assert_int_equal(write(ends[1], "abc", 3), 3);
	shutdown(ends[1], SHUT_WR);
}

static void read_twice(void *arg)
{
	char few[8];

	(void)arg;
	while (n_got < 2)
		got[n_got++] = loop_read(&loop, ends[0], few, sizeof(few));
}

static void test_fd_end_that_came_with_the_last_bytes_is_read(void **state)
{
	(void)state;
	spawn(read_twice);
	spawn(write_and_end);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(got[0], 3);
	assert_int_equal(got[1], 0);
}

/* The edge comes while the reader sleeps elsewhere: it is remembered. */
static void read_late(void *arg)
{
	char byte;

	(void)arg;
	assert_int_equal(read(ends[0], &byte, 1), -1);
	assert_int_equal(loop_wait_fd(&loop, ends[0], EPOLLOUT), 0); /* epoll knows it from here */
	assert_int_equal(loop_sleep(&loop, clock_now_ns() + 5 * NS_PER_MS, false), 0);
	assert_int_equal(loop_wait_fd(&loop, ends[0], EPOLLIN), 0);
	got[n_got++] = read(ends[0], &byte, 1);
}

static void write_early(void *arg)
{
	(void)arg;
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(loop_wait_fd(&loop, ends[1], EPOLLOUT), 0);
}

static void test_fd_edge_before_the_wait_is_not_lost(void **state)
{
	(void)state;
	spawn(read_late);
	spawn(write_early);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(got[0], 1);
}

static void write_much(void *arg)
{
	(void)arg;
	got[0] = loop_write(&loop, ends[1], bytes, BIG);
	n_got = 1;
}

static void read_much(void *arg)
{
	size_t sum = 0;
	ssize_t n;

	(void)arg;
	while (sum < BIG && (n = loop_read(&loop, ends[0], bytes, sizeof(bytes))) > 0)
		sum += (size_t)n;
	got[1] = (ssize_t)sum;
}

static void test_fd_write_waits_for_room(void **state)
{
	(void)state;
	spawn(write_much);
	spawn(read_much);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(got[0], BIG);
	assert_int_equal(got[1], BIG);
}

/* A number that is used again belongs to another file: the loop must have let go of it. */
static void use_numbers_again(void *arg)
{
	int fds[2], number = -1;
	char byte;

	(void)arg;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		assert_true(number < 0 || number == fds[0]);
		number = fds[0];
		assert_int_equal(write(fds[1], "x", 1), 1);
		assert_int_equal(loop_read(&loop, fds[0], &byte, 1), 1);
		assert_int_equal(read(fds[0], &byte, 1), -1);
		assert_int_equal(write(fds[1], "y", 1), 1);
		assert_int_equal(loop_wait_fd(&loop, fds[0], EPOLLIN), 0);
		loop_close(&loop, fds[0]);
		loop_close(&loop, fds[1]);
		n_got++;
	}
}

static void test_fd_number_can_be_used_again_after_close(void **state)
{
	(void)state;
	spawn(use_numbers_again);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(n_got, 3);
}

static void read_closed(void *arg)
{
	char byte;

	(void)arg;
	got[n_got++] = loop_read(&loop, -1, &byte, 1);
	got[n_got++] = loop_write(&loop, -1, &byte, 1);
	got[n_got++] = loop_accept(&loop, ends[0]);
}

static void test_fd_errors_are_answered(void **state)
{
	(void)state;
	spawn(read_closed);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(got[0], -EBADF);
	assert_int_equal(got[1], -EBADF);
	assert_int_equal(got[2], -EINVAL);
}

static void read_busily(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(loop_read(&loop, ends[0], bytes, 8), 1);
		assert_int_equal(loop_write(&loop, ends[0], "x", 1), 1);
	}
}

static void write_busily(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(loop_write(&loop, ends[1], "x", 1), 1);
		assert_int_equal(loop_read(&loop, ends[1], bytes + 8, 8), 1);
	}
}

static void test_fd_loop_counts_what_it_asked_and_was_told(void **state)
{
	(void)state;
	spawn(read_busily);
	spawn(write_busily);
	assert_int_equal(loop_run(&loop), 0);
	assert_true(line.polls > 0 && line.turns >= line.polls);
	assert_in_range(line.ready, 1, 400);
}

#define fd_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fd_test(test_fd_read_waits_for_each_edge_and_for_the_end),
		fd_test(test_fd_end_that_came_with_the_last_bytes_is_read),
		fd_test(test_fd_edge_before_the_wait_is_not_lost),
		fd_test(test_fd_write_waits_for_room),
		fd_test(test_fd_number_can_be_used_again_after_close),
		fd_test(test_fd_errors_are_answered),
		fd_test(test_fd_loop_counts_what_it_asked_and_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
