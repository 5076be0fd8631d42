// SPDX-License-Identifier: GPL-2.0-only
/*
 * switch.c - what watching adds to a context switch: two tasks yield to each other on one CPU.
 *
 * Self cost: the hook's own run time as bpf_stats_enabled has it, less that of an empty program at
 * the same tracepoint in the same run. Wall cost: a switch while watched, less one in an untraced
 * stretch of the same round, in CPU time of the two: others may want the CPU as well. Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "keeper/probes.h"
#include "pair.h"

#define STRETCH_NS (150 * NS_PER_MS)
#define CPU	   0

enum mode { UNTRACED, STRANGERS, COUNTING, EVENTS, N_MODES };

static const char *const mode_names[N_MODES] = { "untraced", "no_lane", "counting", "events" };

struct stretch {
	double wall_ns; /* a switch */
	double self_ns; /* the hook, less the empty program; only with stats */
};

static void die(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

/* A program that does nothing, where the hook is: its cost is the kernel's way to get there. */
static int empty_program(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
		    .attach_btf_id = (uint32_t)id);
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "bench_empty", "GPL", code, 2, &options);

	btf__free(btf);
	return fd;
}

/* The hook that was loaded last. */
static int hook_program(void)
{
	uint32_t id = 0;
	int found = -1;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, "on_switch")) {
			if (found >= 0)
				close(found);
			found = fd;
		} else {
			close(fd);
		}
	}
	return found;
}

static void read_stats(int program, uint64_t *n, uint64_t *ns)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		die("program info", errno);
	*n = info.run_cnt;
	*ns = info.run_time_ns;
}

/* Nanoseconds a run of `program` took on average, between two readings. */
static double mean(const uint64_t n[2], const uint64_t ns[2])
{
	return n[1] > n[0] ? (double)(ns[1] - ns[0]) / (double)(n[1] - n[0]) : 0;
}

static struct stretch measure(const struct pair *pair, int hook, int empty)
{
	uint64_t yields = pair_turns(pair), start_ns = pair_cpu_ns(pair);
	uint64_t n[2][2] = { 0 }, ns[2][2] = { 0 };
	int programs[2] = { hook, empty };
	struct stretch stretch = { 0 };

	for (unsigned at = 0; at < 2; at++) {
		for (unsigned i = 0; hook >= 0 && i < 2; i++)
			read_stats(programs[i], &n[i][at], &ns[i][at]);
		if (at == 0)
			usleep(STRETCH_NS / NS_PER_US);
	}
	yields = pair_turns(pair) - yields;
	stretch.wall_ns = yields ? (double)(pair_cpu_ns(pair) - start_ns) / (double)yields : 0;
	stretch.self_ns = mean(n[0], ns[0]) - mean(n[1], ns[1]);
	return stretch;
}

static void set_listening(const struct probes_facts *facts, uint32_t listening)
{
	struct control *control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED,
				       facts->control_fd, 0);

	if (control == MAP_FAILED)
		die("mmap control", errno);
	control->listening = listening;
	munmap(control, sizeof(*control));
}

/* One mode for one stretch, with or without the kernel's statistics. */
static struct stretch run(enum mode mode, bool stats)
{
	struct pair *pair = pair_start(pair_yield, CPU);
	struct probes_facts facts;
	struct probes *probes = NULL;
	struct stretch stretch;
	struct error error;
	int hook = -1, empty = -1, link = -1, counted = -1;

	if (mode != UNTRACED) {
		probes = probes_open(&(struct probes_wish){ false }, &facts, &error);
		if (!probes) {
			fprintf(stderr, "bench: %s\n", error.text);
			exit(1);
		}
		for (unsigned i = 0; mode != STRANGERS && i < 2; i++)
			if (probes_adopt(probes, pair->pids[i], pair->pids[i], 1))
				die("adopt", EINVAL);
		set_listening(&facts, mode == EVENTS);
	}
	if (stats) {
		hook = hook_program();
		empty = empty_program();
		link = empty >= 0 ? bpf_raw_tracepoint_open(NULL, empty) : -1;
		counted = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (hook < 0 || link < 0 || counted < 0)
			die("bpf statistics", errno);
	}
	pair_go(pair);
	stretch = measure(pair, hook, empty);
	close(counted);
	close(link);
	close(empty);
	close(hook);
	pair_end(pair, NULL);
	probes_free(probes);
	return stretch;
}

int main(void)
{
	double untraced_ns;

	if (geteuid() != 0) {
		for (unsigned mode = STRANGERS; mode < N_MODES; mode++)
			printf("switch_self_%s - needs root\nswitch_wall_added_%s - needs root\n",
			       mode_names[mode], mode_names[mode]);
		return 0;
	}
	untraced_ns = run(UNTRACED, false).wall_ns;
	printf("switch_wall_untraced %.1f ns\n", untraced_ns);
	for (unsigned mode = STRANGERS; mode < N_MODES; mode++) {
		printf("switch_wall_added_%s %.1f ns\n", mode_names[mode],
		       run(mode, false).wall_ns - untraced_ns);
		printf("switch_self_%s %.1f ns\n", mode_names[mode], run(mode, true).self_ns);
	}
	return 0;
}
