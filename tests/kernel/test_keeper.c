// SPDX-License-Identifier: GPL-2.0-only
/* test_keeper.c - the keeper itself, asked by somebody who means no good. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "event/syscalls.h"
#include "keeper/serve.h"
#include "wait.h"

struct served {
	pid_t bystander; /* which it may watch, and did not start */
	int socket;
	pid_t pid;
	int area_fd; /* sealed, as it should be */
	const struct cpu_counters *cpus;
	uint32_t n_cpus;
};

static int make_area(unsigned seals)
{
	int fd = memfd_create("area", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(struct lab_area)), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int keeper_process(int socket, pid_t bystander)
{
	static char program[] = "sleep", seconds[] = "60";
	static char *const command[] = { program, seconds, NULL };
	const struct target targets[] = {
		{ .kind = TARGET_COMMAND, .command = command },
		{ .kind = TARGET_PIDS, .pids = { bystander }, .n_pids = 1 }
	};
	const struct keeper_wish wish = { .targets = targets, .n_targets = 2 };
	struct identity invoking, lab;
	struct error error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (identity_invoking(&invoking, &error) || identity_lab(&lab, NULL, &error))
		return 3;
	return serve(socket, &wish, &invoking, &lab);
}

static int setup(void **state)
{
	static struct served served;
	struct hello hello;
	int pair[2], fds[N_HELLO_FDS];
	unsigned n_fds = 0;

	served.bystander = fork();
	assert_true(served.bystander >= 0);
	if (!served.bystander) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	served.pid = fork();
	assert_true(served.pid >= 0);
	if (!served.pid) {
		close(pair[0]);
		_exit(keeper_process(pair[1], served.bystander));
	}
	close(pair[1]);
	served.socket = pair[0];
	assert_int_equal(message_receive(served.socket, &hello, sizeof(hello), fds, N_HELLO_FDS,
					 &n_fds, true),
			 0);
	if (!hello.err) {
		served.n_cpus = hello.facts.n_cpus;
		served.cpus = mmap(NULL, served.n_cpus * sizeof(*served.cpus), PROT_READ,
				   MAP_SHARED, fds[1], 0);
		assert_true(served.cpus != MAP_FAILED);
	}
	for (unsigned i = 0; i < n_fds; i++)
		close(fds[i]);
	if (hello.err) {
		print_message("no keeper: %s\n", hello.error.text);
		assert_false(must_have_bpf());
		*state = NULL;
		return 0;
	}
	assert_int_equal(n_fds, N_HELLO_FDS);
	served.area_fd = make_area(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	*state = &served;
	return 0;
}

/* With its other end closed it ends by itself, and well. */
static int teardown(void **state)
{
	struct served *served = *state;
	int status;

	if (!served)
		return 0;
	close(served->socket);
	close(served->area_fd);
	wait_until(waitpid(served->pid, &status, WNOHANG) == served->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(kill(served->bystander, SIGKILL), 0);
	assert_int_equal(waitpid(served->bystander, &status, 0), served->bystander);
	return 0;
}

static struct served *served_of(void **state)
{
	if (!*state)
		skip();
	return *state;
}

/* The error of the reply to `size` bytes and a descriptor (or -1). */
static int ask_raw(struct served *served, const void *message, size_t size, int fd,
		   struct reply *reply)
{
	unsigned n_fds;

	assert_int_equal(message_send(served->socket, message, size, &fd, fd >= 0), 0);
	do
		assert_int_equal(message_receive(served->socket, reply, sizeof(*reply), NULL, 0,
						 &n_fds, true),
				 0);
	while (reply->kind != REPLY);
	return reply->err;
}

static int ask(struct served *served, const struct request *request, int fd)
{
	struct reply reply;

	return ask_raw(served, request, sizeof(*request), fd, &reply);
}

static int start_lab(struct served *served, uint32_t lane, const char *name, int fd)
{
	struct request request = { .kind = REQUEST_START_LAB, .lane = lane };

	memcpy(request.name, name, strnlen(name, sizeof(request.name)));
	return ask(served, &request, fd);
}

/* What the refusals below are measured by: there is no runner beside this test, all else is well. */
static void test_request_that_is_right_gets_as_far_as_the_runner(void **state)
{
	struct served *served = served_of(state);

	assert_int_equal(start_lab(served, 1, "process", served->area_fd), -ENOENT);
}

static void test_unknown_kind_is_refused(void **state)
{
	const uint32_t kinds[] = { N_REQUESTS, 99, UINT32_MAX };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct request request = { .kind = kinds[i], .lane = 1 };

		assert_int_equal(ask(served_of(state), &request, -1), -EINVAL);
	}
}

static void test_lane_out_of_range_is_refused(void **state)
{
	const uint32_t lanes[] = { 0, N_LANES_MAX, 99, UINT32_MAX };
	struct served *served = served_of(state);

	for (uint32_t kind = 0; kind < N_REQUESTS; kind++)
		for (unsigned i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++) {
			struct request request = { .kind = kind,
						   .lane = lanes[i],
						   .name = "process" };

			assert_int_equal(ask(served, &request, served->area_fd), -EINVAL);
		}
}

static void test_message_of_other_size_is_refused(void **state)
{
	struct served *served = served_of(state);
	char bytes[sizeof(struct request) * 4];
	const size_t sizes[] = { 1, 4, sizeof(struct request) - 1, sizeof(struct request) + 1,
				 sizeof(bytes) };
	struct request request = { .kind = REQUEST_MEMORY, .lane = 1 };
	struct reply reply;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, &request, sizeof(request));
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(ask_raw(served, bytes, sizes[i], -1, &reply), -EINVAL);
	assert_int_equal(ask(served, &request, -1), 0);
}

static void test_name_that_is_no_word_is_refused(void **state)
{
	struct served *served = served_of(state);
	const char *const names[] = {
		"",    "../../bin/sh", "a/b",	"A", "a b",
		"a\n", "\x1b[2J",      "a\xff", "1", "aaaaaaaaaaaaaaaaaaaaa"
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(start_lab(served, 1, names[i], served->area_fd), -EINVAL);
}

static void test_area_that_can_shrink_or_is_none_is_refused(void **state)
{
	struct served *served = served_of(state);
	int growing = make_area(F_SEAL_GROW), file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int small = memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(small >= 0 && file >= 0);
	assert_int_equal(fcntl(small, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(start_lab(served, 1, "process", -1), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", growing), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", file), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", small), -EINVAL);
	assert_int_equal(start_lab(served, 1, "process", served->socket), -EINVAL);
	close(growing);
	close(file);
	close(small);
}

/* Its descriptors, when thousands were sent along: none may stay. */
static void test_descriptors_that_came_along_are_closed(void **state)
{
	struct served *served = served_of(state);
	struct request request = { .kind = REQUEST_MEMORY, .lane = 1 };
	int fds[N_HELLO_FDS] = { 0, 0, 0, 0 };
	char path[64];
	struct reply reply;
	unsigned n_fds;

	for (unsigned i = 0; i < 2000; i++) {
		assert_int_equal(message_send(served->socket, &request, sizeof(request), fds, 4),
				 0);
		assert_int_equal(message_receive(served->socket, &reply, sizeof(reply), NULL, 0,
						 &n_fds, true),
				 0);
		assert_int_equal(reply.err, 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/100", served->pid);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_lane_that_is_in_use_is_refused(void **state)
{
	struct served *served = served_of(state);
	struct request start = { .kind = REQUEST_START_COMMAND, .lane = 2, .flags = START_QUIET };
	struct request stop = { .kind = REQUEST_STOP, .lane = 2 };
	struct request memory = { .kind = REQUEST_MEMORY, .lane = 2 };
	struct reply reply;

	assert_int_equal(ask_raw(served, &start, sizeof(start), -1, &reply), 0);
	assert_true(reply.pid > 0);

	pid_t pid = reply.pid;

	assert_int_equal(ask(served, &start, -1), -EBUSY);
	assert_int_equal(ask_raw(served, &memory, sizeof(memory), -1, &reply), 0);
	assert_true(reply.memory.pss_bytes > 0 && reply.stack_bytes > 0);
	assert_int_equal(ask(served, &stop, -1), 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(ask_raw(served, &memory, sizeof(memory), -1, &reply), 0);
	assert_true(reply.memory.pss_bytes == 0 && reply.stack_bytes == 0);
}

/* The list of the command line is all that can be watched, and what is watched is not the keeper's to end. */
static void test_nothing_but_its_targets_is_watched(void **state)
{
	struct served *served = served_of(state);
	struct request watch = { .kind = REQUEST_WATCH, .lane = 3, .target = 1 };
	struct request stop = { .kind = REQUEST_STOP, .lane = 3 };
	struct reply reply;

	assert_int_equal(ask_raw(served, &watch, sizeof(watch), -1, &reply), 0);
	assert_int_equal(reply.value, 1);
	assert_int_equal(reply.n_new, 1);
	assert_int_equal(ask_raw(served, &watch, sizeof(watch), -1, &reply), 0);
	assert_int_equal(reply.value, 1);
	assert_int_equal(reply.n_new, 0);
	assert_int_equal(ask(served, &stop, -1), 0);
	assert_int_equal(kill(served->bystander, 0), 0);
	watch.target = 0; /* a command */
	assert_int_equal(ask(served, &watch, -1), -EINVAL);
	for (unsigned i = 2; i < 40; i++) {
		watch.target = 1u << (i % 32);
		if (watch.target > 1)
			assert_int_equal(ask(served, &watch, -1), -EINVAL);
	}
	watch = (struct request){ .kind = REQUEST_START_COMMAND, .lane = 4, .target = 1 };
	assert_int_equal(ask(served, &watch, -1), -EINVAL);
	watch.target = UINT32_MAX;
	assert_int_equal(ask(served, &watch, -1), -EINVAL);
}

/* A task of a lane, under that lane, and no other: whatever number is asked for. */
static void test_only_watched_tasks_are_inspected(void **state)
{
	struct served *served = served_of(state);
	struct request watch = { .kind = REQUEST_WATCH, .lane = 3, .target = 1 };
	struct request request = { .kind = REQUEST_INSPECT, .lane = 3, .pid = served->bystander };
	const int32_t pids[] = {
		0, -1, 1, getpid(), served->pid, INT32_MIN, INT32_MAX, 1 << TASK_PID_BITS,
	};
	const char *name = NULL;
	struct reply reply;

	assert_int_equal(ask(served, &watch, -1), 0);
	wait_until(!ask_raw(served, &request, sizeof(request), -1, &reply) &&
		   (name = syscall_name(reply.inspection.syscall)));
	assert_true(!strcmp(name, "pause") || !strcmp(name, "ppoll"));
	assert_int_equal(reply.inspection.inner_pid, served->bystander);
	for (unsigned i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		request.pid = pids[i];
		assert_int_equal(ask_raw(served, &request, sizeof(request), -1, &reply), -ESRCH);
		assert_int_equal(reply.inspection.syscall, 0);
		assert_int_equal(reply.inspection.inner_pid, 0);
	}
	request.pid = served->bystander;
	request.lane = 4;
	assert_int_equal(ask_raw(served, &request, sizeof(request), -1, &reply), -ESRCH);
	assert_int_equal(reply.inspection.inner_pid, 0);
}

static void test_only_a_terminal_is_taken_for_one(void **state)
{
	struct served *served = served_of(state);
	struct request start = { .kind = REQUEST_START_COMMAND, .lane = 2 };
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ask(served, &start, fd), -ENOTTY);
	close(fd);
}

static uint64_t own_switches(const struct served *served)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < served->n_cpus; cpu++)
		sum += served->cpus[cpu].own_switches;
	return sum;
}

/* Two readings of two things that run: one switch of each end may come between. */
static void test_switches_of_both_ends_are_own(void **state)
{
	struct served *served = served_of(state);
	struct request request = { .kind = REQUEST_MEMORY, .lane = 1 };
	uint64_t own = own_switches(served);
	uint64_t kernel = status_switches(getpid()) + status_switches(served->pid);

	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(ask(served, &request, -1), 0);
	kernel = status_switches(getpid()) + status_switches(served->pid) - kernel;
	own = own_switches(served) - own;
	assert_true(kernel >= 100); /* no answer waits for another CPU where it is there at once */
	assert_in_range(own, kernel - 2, kernel + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_that_is_right_gets_as_far_as_the_runner),
		cmocka_unit_test(test_unknown_kind_is_refused),
		cmocka_unit_test(test_lane_out_of_range_is_refused),
		cmocka_unit_test(test_message_of_other_size_is_refused),
		cmocka_unit_test(test_name_that_is_no_word_is_refused),
		cmocka_unit_test(test_area_that_can_shrink_or_is_none_is_refused),
		cmocka_unit_test(test_descriptors_that_came_along_are_closed),
		cmocka_unit_test(test_lane_that_is_in_use_is_refused),
		cmocka_unit_test(test_only_a_terminal_is_taken_for_one),
		cmocka_unit_test(test_nothing_but_its_targets_is_watched),
		cmocka_unit_test(test_only_watched_tasks_are_inspected),
		cmocka_unit_test(test_switches_of_both_ends_are_own),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
