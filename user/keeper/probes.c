// SPDX-License-Identifier: GPL-2.0-only
/* probes.c - load the object with the sizes of this machine, attach it, write into its maps. */
#include "keeper/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/memory.h"
#include "event/syscalls.h"
#include "keeper/kernel_has.h"
#include "keeper/privilege.h"
#include "keeper/probes_private.h"
#include "keeper/python.h"
#include "keeper/verdicts.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual" /* in what bpftool writes */
#include "bpf/swtch.skel.h"
#pragma GCC diagnostic pop

#define N_SLOTS_MAX	   65536u
#define RING_SIZE_MAX	   131072u /* records: 4 MiB for each CPU */
#define RING_SIZE_MIN	   4096u
#define TRACE_UPROBE_MULTI 48 /* BPF_TRACE_UPROBE_MULTI, 6.6 (89ae89f53d20) */

#define RINGS_MAX_SIZE (64u << 20) /* bytes for all CPUs together */
#define NEAR_SIZE_MAX  8192u	   /* records: 256 KiB, of a cache that is no one else's */
#define NEAR_PART      8u	   /* of a ring is near, if that is less */
#define ENDED_BYTES    (4u << 20)  /* some 30,000 tasks that ended between two looks */

static uint32_t read_pid_max(void)
{
	unsigned pid_max = 1u << TASK_PID_BITS;
	FILE *file = fopen("/proc/sys/kernel/pid_max", "re");

	if (file) {
		if (fscanf(file, "%u", &pid_max) != 1 || pid_max > 1u << TASK_PID_BITS)
			pid_max = 1u << TASK_PID_BITS;
		fclose(file);
	}
	return pid_max;
}

/*
 * The branches with such instructions are never taken on the plain path, and not verified; yet a
 * kernel that does not know them refuses them wherever they stand (resolve_pseudo_ldimm64(),
 * kernel/bpf/verifier.c). Put a call there of a helper that no kernel has, as libbpf does where a
 * field is missing: should such a branch be taken after all, loading fails.
 */
static int poison_fetches(struct bpf_object *object)
{
	const struct bpf_insn poison = { .code = BPF_JMP | BPF_CALL, .imm = 0xbadfe7c };
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		size_t n = bpf_program__insn_cnt(program);
		struct bpf_insn *code = malloc(n * sizeof(*code));
		int err;

		if (!code)
			return -ENOMEM;
		memcpy(code, bpf_program__insns(program), n * sizeof(*code));
		for (size_t i = 0; i < n; i++)
			if (BPF_CLASS(code[i].code) == BPF_STX &&
			    BPF_MODE(code[i].code) == BPF_ATOMIC && code[i].imm != BPF_ADD)
				code[i] = poison;
		err = bpf_program__set_insns(program, code, n);
		free(code);
		if (err)
			return err;
	}
	return 0;
}

/* Where interpreters are not to be found, their programs are not even loaded. */
static void set_runtimes(const struct probes *probes)
{
	struct swtch *skel = probes->skel;
	const struct {
		struct bpf_program *program;
		bool is_wanted;
	} programs[] = { { skel->progs.on_step, probes->finds_asyncio },
			 { skel->progs.on_step_end, probes->finds_asyncio },
			 { skel->progs.on_send, probes->finds_send },
			 { skel->progs.on_return, probes->finds_asyncio || probes->finds_send } };

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		bpf_program__set_autoload(programs[i].program, programs[i].is_wanted);
		if (programs[i].is_wanted)
			bpf_program__set_expected_attach_type(programs[i].program,
							      TRACE_UPROBE_MULTI);
	}
	skel->rodata->finds_runtimes = probes->finds_asyncio || probes->finds_send;
	if (!skel->rodata->finds_runtimes)
		return;
	bpf_map__set_max_entries(skel->maps.interpreters, N_INTERPRETERS);
	bpf_map__set_max_entries(skel->maps.coroutines, N_COROUTINES);
	bpf_map__set_max_entries(skel->maps.steps, N_STEPS);
}

static bool talks;

void probes_talk(void)
{
	talks = true;
}

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Records for each CPU: what was wished for, rounded up to a power of two; else what is seemly. */
static uint32_t ring_size_for(uint64_t ring_bytes, uint32_t n_cpus)
{
	uint32_t size = ring_bytes ? RING_SIZE_MIN : RING_SIZE_MAX;

	while (size < 1u << 31 && size * sizeof(struct event) < ring_bytes)
		size *= 2;
	while (!ring_bytes && size > RING_SIZE_MIN &&
	       (uint64_t)size * sizeof(struct event) * n_cpus > RINGS_MAX_SIZE)
		size /= 2;
	return size;
}

static uint32_t near_size_for(uint32_t ring_size)
{
	return ring_size / NEAR_PART < NEAR_SIZE_MAX ? ring_size / NEAR_PART : NEAR_SIZE_MAX;
}

/* A kernel that has to find too much memory takes it from everybody first: so ask beforehand. */
static int check_ring_size(const struct probes_facts *facts, struct error *error)
{
	uint64_t records = ((uint64_t)facts->near_size + facts->ring_size) * facts->n_cpus;
	uint64_t bytes = records * sizeof(struct event), available = memory_available();

	if (records > UINT32_MAX)
		return error_set(error, E2BIG,
				 "--ring-size: %" PRIu64 " records for %u CPUs are more than the "
				 "4294967295 elements of an array of BPF; use a smaller one",
				 records, facts->n_cpus);
	if (bytes > available / 2)
		return error_set(error, ENOMEM,
				 "--ring-size: %" PRIu64 " MB for %u CPUs are more than half of "
				 "MemAvailable, which is %" PRIu64 " MB; use a smaller one",
				 bytes >> 20, facts->n_cpus, available >> 20);
	return 0;
}

/* The kernel wants a power of two, of whole pages, in 32 bits. */
static uint32_t plain_bytes_for(const struct probes_wish *wish, const struct probes_facts *facts)
{
	uint64_t record = sizeof(struct plain_record) + BPF_RINGBUF_HDR_SZ, bytes = 65536;
	uint64_t most = wish->ring_bytes ? 1u << 31 : RINGS_MAX_SIZE;

	while (bytes < record * facts->n_cpus * facts->ring_size && bytes < most)
		bytes *= 2;
	return (uint32_t)bytes;
}

/* A map that the path taken does not use is as small as can be. */
static void set_ring_sizes(struct swtch *skel, const struct probes_facts *facts)
{
	uint32_t n_records = facts->n_cpus * (facts->near_size + facts->ring_size);

	skel->rodata->ring_size = facts->ring_size;
	skel->rodata->near_size = facts->near_size;
	bpf_map__set_max_entries(skel->maps.taken, facts->n_cpus);
	skel->rodata->plain_ring = facts->plain_bytes != 0;
	if (facts->plain_bytes)
		bpf_map__set_max_entries(skel->maps.ring_buffer, facts->plain_bytes);
	else
		bpf_map__set_max_entries(skel->maps.rings, n_records);
}

static void set_sizes(struct probes *probes, struct probes_facts *facts)
{
	struct swtch *skel = probes->skel;

	probes->n_pids = read_pid_max() + 1;
	probes->n_slots = probes->n_pids + N_KEEPER_SLOTS;
	if (probes->n_slots > N_SLOTS_MAX)
		probes->n_slots = N_SLOTS_MAX;
	skel->rodata->n_lanes = facts->n_lanes;
	if (facts->plain_bytes)
		skel->data->fresh_slots = probes->n_slots; /* free_all_slots() */
	skel->rodata->n_slots = probes->n_slots;
	bpf_map__set_max_entries(skel->maps.slot_of_pid, probes->n_pids);
	bpf_map__set_max_entries(skel->maps.slots, probes->n_slots);
	bpf_map__set_max_entries(skel->maps.figures, probes->n_slots);
	skel->rodata->tells_ended = facts->ended_bytes != 0;
	if (facts->ended_bytes)
		bpf_map__set_max_entries(skel->maps.ended_tasks, facts->ended_bytes);
	bpf_map__set_max_entries(skel->maps.free_slots, probes->n_slots);
	bpf_map__set_max_entries(skel->maps.cells, facts->n_cpus * facts->n_lanes);
	bpf_map__set_max_entries(skel->maps.cpus, facts->n_cpus);
	set_ring_sizes(skel, facts);
}

/* Without an atomic add that answers no hook can take a fresh slot: all are given out as used ones. */
static int free_all_slots(const struct probes *probes)
{
	int fd = bpf_map__fd(probes->skel->maps.free_slots), err = 0;

	for (uint32_t number = N_KEEPER_SLOTS; !err && number < probes->n_slots; number++)
		err = bpf_map_update_elem(fd, NULL, &number, BPF_ANY);
	return err;
}

static void *map_memory(struct bpf_map *map, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int note_exec(void *ctx, void *data, size_t size)
{
	struct probes *probes = ctx;
	uint32_t tgid;

	if (size < sizeof(tgid))
		return 0;
	memcpy(&tgid, data, sizeof(tgid));
	probes->executed = (pid_t)tgid;
	return -ECANCELED; /* one at a time */
}

static int map_runtimes(struct probes *probes)
{
	struct swtch *skel = probes->skel;

	probes->interpreters =
		map_memory(skel->maps.interpreters, N_INTERPRETERS * sizeof(*probes->interpreters));
	probes->execs = ring_buffer__new(bpf_map__fd(skel->maps.execs), note_exec, probes, NULL);
	return probes->interpreters && probes->execs ? 0 : -ENOMEM;
}

static int map_all(struct probes *probes)
{
	const struct swtch *skel = probes->skel;

	if (!skel)
		return -EINVAL;
	if (!skel->data || !skel->rodata) /* libbpf had no memory for them */
		return -ENOMEM;
	probes->free_slots_fd = bpf_map__fd(skel->maps.free_slots);
	probes->fresh_slots = &skel->data->fresh_slots;

	probes->slots = map_memory(skel->maps.slots, probes->n_slots * sizeof(struct slot));
	probes->figures =
		map_memory(skel->maps.figures, probes->n_slots * sizeof(struct task_figures));
	probes->slot_of_pid =
		map_memory(skel->maps.slot_of_pid, probes->n_pids * sizeof(struct pid_entry));
	probes->cells = map_memory(skel->maps.cells,
				   sizeof(struct lane_counters) * probes->n_cpus * probes->n_lanes);
	if (!probes->slots || !probes->figures || !probes->slot_of_pid || !probes->cells)
		return -errno;
	return skel->rodata->finds_runtimes ? map_runtimes(probes) : 0;
}

/*
 * What stands in the way of who has both: EACCES is the verifier's word for a program; EPERM before 5.11 that
 * of the limit that maps count against (97306be45fbe), else that of lockdown(7) or a security module.
 */
static const char *privilege_hint(int err)
{
	if (err == -EACCES)
		return "the verifier of this kernel may have refused them; --verbose shows its words";
	if (kernel_is_before(5, 11))
		return "before Linux 5.11 CAP_SYS_RESOURCE or ulimit -l unlimited is needed, too";
	return "lockdown or a security module forbids it, as in a container";
}

static int refuse_privilege(struct error *error, int err)
{
	char missing[32];

	privilege_missing(missing, sizeof(missing));
	if (*missing)
		return error_set(error, -err,
				 "cannot load the scheduler probes: %s (needs root or CAP_BPF + "
				 "CAP_PERFMON, and %s is missing; try sudo, and see swtch doctor)",
				 strerror(-err), missing);
	return error_set(error, -err,
			 "cannot load the scheduler probes: %s (CAP_BPF + CAP_PERFMON are there; "
			 "%s; see swtch doctor)",
			 strerror(-err), privilege_hint(err));
}

static int refuse(struct error *error, int err)
{
	static const struct {
		int err;
		const char *hint;
	} hints[] = {
		{ EMFILE, "RLIMIT_NOFILE is too low; try ulimit -n 256" },
		{ ENFILE, "fs.file-max of the whole system is reached; see sysctl fs.file-nr" },
		{ ENOMEM,
		  "no memory for their maps, or memory.max of the cgroup is too low; a smaller "
		  "--ring-size takes less" },
		{ 0, "swtch doctor tells what this kernel lacks" },
	};
	unsigned i = 0;
	char why[128];

	if (err == -EPERM || err == -EACCES)
		return refuse_privilege(error, err);
	while (hints[i].err && hints[i].err != -err)
		i++;
	libbpf_strerror(err, why, sizeof(why)); /* it has numbers of its own */
	return error_set(error, -err, "cannot load the scheduler probes: %s (%s)", why,
			 hints[i].hint);
}

/* Without type information nothing can be loaded; with it, but without the means to read it, neither. */
static int refuse_btf(struct error *error, int err)
{
	if (err == -ENOMEM || err == -EMFILE || err == -ENFILE)
		return refuse(error, err);
	return error_set(error, ENOENT,
			 "cannot load the scheduler probes: the kernel has no type information in "
			 "/sys/kernel/btf/vmlinux (it needs CONFIG_DEBUG_INFO_BTF, as the kernels "
			 "of distributions have)");
}

/* Open and load with what this kernel has; 0 or -errno with `error` set. */
static int load(struct probes *probes, const struct probes_wish *wish, struct probes_facts *facts,
		struct error *error)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool has_uprobes;
	int err;

	if (!btf)
		return refuse_btf(error, -errno);
	probes->skel = swtch__open();
	if (!probes->skel) {
		err = -errno;
		btf__free(btf);
		return refuse(error, err);
	}
	facts->plain_clock = wish->plain_clock || !kernel_has_scheduler_clock(btf);
	probes->skel->rodata->plain_clock = facts->plain_clock;
	probes->skel->rodata->knows_calls = kernel_has_helper(btf, "task_pt_regs");
	syscall_kinds((uint8_t *)probes->skel->rodata->call_kinds);
	probes->skel->rodata->switch_has_state = kernel_has_switch_state(btf);
	probes->skel->rodata->hooks_are_skipped = wish->skipped_hooks || kernel_skips_hooks();
	has_uprobes = btf__find_by_name_kind(btf, "bpf_uprobe_multi_link", BTF_KIND_STRUCT) > 0;
	btf__free(btf);
#if defined(__aarch64__)
	probes->skel->rodata->weak_memory = true;
#endif
	facts->ended_bytes = wish->ended ? ENDED_BYTES : 0;
	if (wish->plain_ring || !kernel_has_fetch())
		facts->plain_bytes = plain_bytes_for(wish, facts);
	set_sizes(probes, facts);
	has_uprobes &= !facts->plain_bytes;
	probes->finds_asyncio = wish->asyncio && has_uprobes;
	probes->finds_send = wish->send && has_uprobes;
	set_runtimes(probes);
	err = facts->plain_bytes ? poison_fetches(probes->skel->obj) : 0;
	if (!err && wish->verifier_level)
		err = verdicts_ask(probes->skel->obj, wish->verifier_level);
	if (!err)
		err = swtch__load(probes->skel);
	if (!err && facts->plain_bytes)
		err = free_all_slots(probes);
	if (!err)
		err = swtch__attach(probes->skel);
	return err ? refuse(error, err) : 0;
}

/* Maps count against the limit before 5.11, when they are made; what is started later keeps its own. */
static int load_freely(struct probes *probes, const struct probes_wish *wish,
		       struct probes_facts *facts, struct error *error)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit was;
	bool is_lifted = !getrlimit(RLIMIT_MEMLOCK, &was) && !setrlimit(RLIMIT_MEMLOCK, &all);
	int err = load(probes, wish, facts, error);

	if (is_lifted)
		setrlimit(RLIMIT_MEMLOCK, &was);
	return err;
}

static void tell_fds(const struct probes *probes, struct probes_facts *facts)
{
	const struct swtch *skel = probes->skel;

	facts->cells_fd = bpf_map__fd(skel->maps.cells);
	facts->cpus_fd = bpf_map__fd(skel->maps.cpus);
	facts->rings_fd =
		bpf_map__fd(facts->plain_bytes ? skel->maps.ring_buffer : skel->maps.rings);
	facts->taken_fd = bpf_map__fd(skel->maps.taken);
	facts->control_fd = bpf_map__fd(skel->maps.bss);
	facts->figures_fd = bpf_map__fd(skel->maps.figures);
	facts->ended_fd = bpf_map__fd(skel->maps.ended_tasks);
	facts->n_slots = probes->n_slots;
}

struct probes *probes_open(const struct probes_wish *wish, struct probes_facts *facts,
			   struct error *error)
{
	struct probes *probes = calloc(1, sizeof(*probes));
	int n_cpus, err;

	if (!talks)
		libbpf_set_print(print_nothing);
	n_cpus = libbpf_num_possible_cpus();
	if (!probes || n_cpus <= 0) {
		refuse(error, probes ? n_cpus : -ENOMEM);
		free(probes);
		return NULL;
	}
	facts->n_cpus = probes->n_cpus = (uint32_t)n_cpus;
	facts->n_lanes = probes->n_lanes = N_LANES_MAX;
	facts->ring_size = ring_size_for(wish->ring_bytes, facts->n_cpus);
	facts->near_size = near_size_for(facts->ring_size);
	facts->plain_bytes = 0;
	err = wish->ring_bytes ? check_ring_size(facts, error) : 0;
	if (!err)
		err = load_freely(probes, wish, facts, error);
	if (!err) {
		err = map_all(probes);
		if (err)
			refuse(error, err);
	}
	if (err) {
		probes_free(probes);
		return NULL;
	}
	tell_fds(probes, facts);
	return probes;
}

void probes_free(struct probes *probes)
{
	if (!probes)
		return;
	for (unsigned i = 0; i < probes->n_links; i++)
		close(probes->links[i]);
	ring_buffer__free(probes->execs);
	if (probes->skel)
		verdicts_free(probes->skel->obj);
	swtch__destroy(probes->skel); /* the mappings go with the process */
	free(probes);
}

const struct bpf_object *probes_object(const struct probes *probes)
{
	return probes->skel->obj;
}

/* --- interpreters ---------------------------------------------------------------------------- */

int probes_exec_fd(const struct probes *probes)
{
	return probes->execs ? ring_buffer__epoll_fd(probes->execs) : -1;
}

pid_t probes_executed(struct probes *probes)
{
	probes->executed = 0;
	if (probes->execs)
		ring_buffer__consume(probes->execs);
	return probes->executed;
}

/*
 * The link of a program's uprobes at `n` offsets, by the kind of it that asks for no privilege beyond the
 * program's (a perf event wants CAP_SYS_ADMIN). libbpf knows it from 1.3 on, so the request is made here,
 * as linux/bpf.h of 6.6 has it.
 */
static int add_link(struct probes *probes, struct bpf_program *program, const char *path,
		    uint32_t number, const uint64_t *offsets, unsigned n)
{
	uint64_t cookies[PYTHON_N_ENDS];
	struct {
		uint32_t prog_fd, target_fd, attach_type, flags;
		uint64_t path, offsets, ref_ctr_offsets, cookies;
		uint32_t n, multi_flags, pid, unused;
	} request = { .prog_fd = (uint32_t)bpf_program__fd(program),
		      .attach_type = TRACE_UPROBE_MULTI,
		      .path = (uintptr_t)path,
		      .offsets = (uintptr_t)offsets,
		      .cookies = (uintptr_t)cookies,
		      .n = n };
	int fd;

	for (unsigned i = 0; i < n; i++)
		cookies[i] = number;
	fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &request, sizeof(request));
	if (fd < 0)
		return -errno;
	probes->links[probes->n_links++] = fd;
	return 0;
}

/* Ends before what they end: a step that began is not left open. */
int probes_add_interpreter(struct probes *probes, uint32_t number, const char *path,
			   const struct interpreter *interpreter,
			   const struct python_places *places)
{
	const struct swtch *skel = probes->skel;
	const struct {
		struct bpf_program *program;
		const uint64_t *offsets;
		unsigned n;
	} links[] = {
		{ skel->progs.on_step_end, &places->leave, probes->finds_asyncio && places->leave },
		{ skel->progs.on_return, places->send_ends.at,
		  probes->finds_asyncio ? places->send_ends.n : 0 },
		{ skel->progs.on_step, &places->send, probes->finds_asyncio },
		{ skel->progs.on_return, places->method_ends.at,
		  probes->finds_send ? places->method_ends.n : 0 },
		{ skel->progs.on_send, &places->method, probes->finds_send && places->method },
	};
	int err = 0;

	if (!probes->interpreters || number >= N_INTERPRETERS)
		return -ENOTSUP;
	probes->interpreters[number] = *interpreter;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && !err; i++)
		if (links[i].n)
			err = add_link(probes, links[i].program, path, number, links[i].offsets,
				       links[i].n);
	return err;
}
