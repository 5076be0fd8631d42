// SPDX-License-Identifier: GPL-2.0-only
/*
 * switch.c - what watching adds to a context switch: two tasks yield to each other on one CPU.
 *
 * Self cost: the hook's own run time as bpf_stats_enabled has it, less that of an empty program at
 * the same tracepoint in the same run. Wall cost: a switch while watched, less one in an untraced
 * stretch of the same round. Medians of interleaved rounds. Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "keeper/probes.h"

#define N_ROUNDS   7
#define STRETCH_NS (150 * NS_PER_MS)
#define CPU	   0

enum mode { UNTRACED, STRANGERS, COUNTING, EVENTS, N_MODES };

static const char *const mode_names[N_MODES] = { "untraced", "no_lane", "counting", "events" };

struct stretch {
	double wall_ns; /* a switch */
	double self_ns; /* the hook, less the empty program; only with stats */
};

/* Shared with the pair. */
struct pair {
	volatile bool go, stop;
	volatile uint64_t yields[2];
	pid_t pids[2];
};

static void die(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

static void yielder(struct pair *pair, unsigned i)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(CPU, &only);
	sched_setaffinity(0, sizeof(only), &only);
	while (!pair->go)
		sched_yield();
	while (!pair->stop) {
		sched_yield();
		pair->yields[i]++;
	}
	_exit(0);
}

static struct pair *pair_start(void)
{
	struct pair *pair = mmap(NULL, sizeof(*pair), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (pair == MAP_FAILED)
		die("mmap", errno);
	for (unsigned i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork", errno);
		if (!pid)
			yielder(pair, i);
		pair->pids[i] = pid;
	}
	return pair;
}

static uint64_t pair_yields(const struct pair *pair)
{
	return pair->yields[0] + pair->yields[1];
}

static void pair_end(struct pair *pair)
{
	pair->stop = true;
	for (unsigned i = 0; i < 2; i++)
		waitpid(pair->pids[i], NULL, 0);
	munmap(pair, sizeof(*pair));
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
	uint64_t yields = pair_yields(pair), start = clock_now_ns();
	uint64_t n[2][2] = { 0 }, ns[2][2] = { 0 };
	int programs[2] = { hook, empty };
	struct stretch stretch = { 0 };

	for (unsigned at = 0; at < 2; at++) {
		for (unsigned i = 0; hook >= 0 && i < 2; i++)
			read_stats(programs[i], &n[i][at], &ns[i][at]);
		if (at == 0)
			usleep(STRETCH_NS / NS_PER_US);
	}
	yields = pair_yields(pair) - yields;
	stretch.wall_ns = yields ? (double)(clock_now_ns() - start) / (double)yields : 0;
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
	struct pair *pair = pair_start();
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
			if (probes_adopt(probes, pair->pids[i], 1))
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
	pair->go = true;
	stretch = measure(pair, hook, empty);
	close(counted);
	close(link);
	close(empty);
	close(hook);
	pair_end(pair);
	probes_free(probes);
	return stretch;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *name, const char *mode, double values[N_ROUNDS])
{
	qsort(values, N_ROUNDS, sizeof(*values), by_value);
	printf("switch_%s_%s %.1f ns (%.1f to %.1f in %d rounds)\n", name, mode,
	       values[N_ROUNDS / 2], values[0], values[N_ROUNDS - 1], N_ROUNDS);
}

int main(void)
{
	double wall[N_MODES][N_ROUNDS], self[N_MODES][N_ROUNDS];

	if (geteuid() != 0) {
		fprintf(stderr, "bench: switch: needs root\n");
		return 0;
	}
	for (unsigned round = 0; round < N_ROUNDS; round++)
		for (unsigned mode = 0; mode < N_MODES; mode++) {
			wall[mode][round] = run(mode, false).wall_ns;
			self[mode][round] = mode ? run(mode, true).self_ns : 0;
		}
	for (unsigned mode = STRANGERS; mode < N_MODES; mode++) {
		for (unsigned round = 0; round < N_ROUNDS; round++)
			wall[mode][round] -= wall[UNTRACED][round];
		print("self", mode_names[mode], self[mode]);
		print("wall_added", mode_names[mode], wall[mode]);
	}
	print("wall", mode_names[UNTRACED], wall[UNTRACED]);
	return 0;
}
