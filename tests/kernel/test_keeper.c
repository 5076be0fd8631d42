// SPDX-License-Identifier: GPL-2.0-only
/* test_keeper.c - the keeper itself, asked by somebody who means no good. */
#include "served.h"

#include "event/syscalls.h"

static int setup(void **state)
{
	return served_begin(state, false);
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

static uint64_t kernels_switches(const struct served *served)
{
	return status_switches(getpid()) + status_switches(served->pid);
}

/*
 * What the hooks count lies between what the kernel counts in a shorter and in a longer time. At each end
 * the keeper's switch may have been counted by the kernel and not by the hook yet.
 */
static void test_switches_of_both_ends_are_own(void **state)
{
	struct served *served = served_of(state);
	struct request request = { .kind = REQUEST_MEMORY, .lane = 1 };
	uint64_t outer, own, inner;

	outer = kernels_switches(served);
	own = own_switches(served);
	inner = kernels_switches(served);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(ask(served, &request, -1), 0);
	inner = kernels_switches(served) - inner;
	own = own_switches(served) - own;
	outer = kernels_switches(served) - outer;
	assert_true(inner >= 100); /* no answer waits for another CPU where it is there at once */
	assert_in_range(own, inner - 1, outer + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_kind_is_refused),
		cmocka_unit_test(test_lane_out_of_range_is_refused),
		cmocka_unit_test(test_message_of_other_size_is_refused),
		cmocka_unit_test(test_lane_that_is_in_use_is_refused),
		cmocka_unit_test(test_only_a_terminal_is_taken_for_one),
		cmocka_unit_test(test_nothing_but_its_targets_is_watched),
		cmocka_unit_test(test_only_watched_tasks_are_inspected),
		cmocka_unit_test(test_switches_of_both_ends_are_own),
	};

	return cmocka_run_group_tests(tests, setup, served_end);
}
