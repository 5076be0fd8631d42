/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wait.h - what all kernel tests have: waiting with a deadline, whether they may be skipped, and what
 * /proc says of a process.
 */
#ifndef TESTS_WAIT_H
#define TESTS_WAIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define DEADLINE_NS (30 * NS_PER_S) /* nothing here takes a tenth of it */

/*
 * How many times longer than on a real machine everything may take. More than once on one whose CPUs
 * are emulated: there a CPU also stands still between any two instructions while another has its turn.
 */
static inline uint64_t test_slowness(void)
{
	const char *text = getenv("SWTCH_TEST_SLOWNESS");
	unsigned long slowness = text ? strtoul(text, NULL, 10) : 1;

	return slowness ? slowness : 1;
}

/* A look every half millisecond until it is as wanted: the only polling there is. */
#define wait_until_within(ns, condition)                                                           \
	do {                                                                                       \
		uint64_t give_up_ns = clock_now_ns() + (ns)*test_slowness();                       \
                                                                                                   \
		while (!(condition)) {                                                             \
			if (clock_now_ns() > give_up_ns)                                           \
				fail_msg("waited in vain for: %s", #condition);                    \
			usleep(500);                                                               \
		}                                                                                  \
	} while (0)

#define wait_until(condition) wait_until_within(DEADLINE_NS, condition)

/* A machine that cannot load BPF skips these tests, unless it is told that it must not. */
static inline bool must_have_bpf(void)
{
	const char *text = getenv("SWTCH_REQUIRE_BPF");

	return text && !strcmp(text, "1");
}

/* The figure behind `label` in /proc/PID/status. */
static inline uint64_t status_figure(pid_t pid, const char *label)
{
	char path[64], line[256];
	unsigned long long figure = 0;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, label, strlen(label)) &&
			sscanf(line + strlen(label), "%llu", &figure) == 1;
	fclose(file);
	assert_true(found);
	return figure;
}

/* All switches of a process' first thread, as the kernel counts them. */
static inline uint64_t status_switches(pid_t pid)
{
	return status_figure(pid, "voluntary_ctxt_switches:") +
	       status_figure(pid, "nonvoluntary_ctxt_switches:");
}

#endif
