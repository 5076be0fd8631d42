// SPDX-License-Identifier: GPL-2.0-only
/* test_privilege.c - what cannot be given up is told, whatever the kernel calls it; what is kept is what works. */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/privilege.h"

#ifndef CAP_BPF /* before Linux 5.8 */
#define CAP_BPF 39
#endif

#define CANNOT 99 /* be tried here */

static bool write_map(pid_t pid, const char *name, unsigned id)
{
	char path[64], text[32];
	int length = snprintf(text, sizeof(text), "0 %u 1", id), fd;
	bool is_whole;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	is_whole = fd >= 0 && write(fd, text, (size_t)length) == length;
	if (fd >= 0)
		close(fd);
	return is_whole;
}

/* In a process of its own, in which this user is root and there is no other; CANNOT: we are not to make such. */
static int in_namespace(int (*fn)(void))
{
	int is_made[2], is_mapped[2], status;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe2(is_made, O_CLOEXEC) | pipe2(is_mapped, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(is_mapped[1]);
		if (unshare(CLONE_NEWUSER) || write(is_made[1], "m", 1) != 1 ||
		    read(is_mapped[0], &byte, 1) != 1)
			_exit(CANNOT);
		_exit(fn());
	}
	close(is_made[1]);
	if (read(is_made[0], &byte, 1) == 1 && write_map(pid, "uid_map", geteuid()) &&
	    write_map(pid, "gid_map", getegid()))
		assert_int_equal(write(is_mapped[1], "m", 1), 1);
	close(is_mapped[0]);
	close(is_mapped[1]);
	close(is_made[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* EINVAL of the kernel, as of one that has no filters: user_namespaces(7). */
static int drop_to_nobody_there(void)
{
	const struct identity identity = { .uid = 12345, .gid = 12345, .name = "#12345" };
	struct error error = { 0 };

	return privilege_drop(&identity, &error) && geteuid() == 0 && *error.text ? 0 : 1;
}

static int drop_to_oneself(void)
{
	const struct identity identity = { .uid = 0, .gid = 0, .name = "root" };
	struct error error;

	return privilege_drop(&identity, &error) ? 1 : 0;
}

static void expect(int (*fn)(void))
{
	int status = in_namespace(fn);

	if (status == CANNOT)
		skip();
	assert_int_equal(status, 0);
}

static void test_identity_that_cannot_be_taken_is_an_error(void **state)
{
	(void)state;
	expect(drop_to_nobody_there);
	expect(drop_to_oneself);
}

static bool has_effective(unsigned capability)
{
	capng_get_caps_process();
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

/* As of maps before 5.19: it is one or the other that opens them. */
static bool works_with_either(void *ctx)
{
	(void)ctx;
	return has_effective(CAP_BPF) || has_effective(CAP_SYS_ADMIN);
}

static int keep_only(unsigned capability)
{
	capng_clear(CAPNG_SELECT_CAPS);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return CANNOT;
	return !privilege_keep_few(0, works_with_either, NULL) && has_effective(capability) ? 0 : 1;
}

static int keep_bpf(void)
{
	return keep_only(CAP_BPF);
}

static int keep_admin(void)
{
	return keep_only(CAP_SYS_ADMIN);
}

static void test_what_opens_the_maps_is_kept_where_it_must_be(void **state)
{
	(void)state;
	expect(keep_bpf);
	expect(keep_admin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_that_cannot_be_taken_is_an_error),
		cmocka_unit_test(test_what_opens_the_maps_is_kept_where_it_must_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
