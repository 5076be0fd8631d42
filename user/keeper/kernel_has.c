// SPDX-License-Identifier: GPL-2.0-only
/* kernel_has.c - types by name in the kernel's BTF; instructions by loading them. */
#include "keeper/kernel_has.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

static bool has_member(const struct btf *btf, const char *type_name, const char *member_name)
{
	int id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);

	if (id < 0)
		return false;

	const struct btf_type *type = btf__type_by_id(btf, (unsigned)id);
	const struct btf_member *members = btf_members(type);

	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, members[i].name_off);

		if (name && !strcmp(name, member_name))
			return true;
	}
	return false;
}

bool kernel_has_scheduler_clock(const struct btf *btf)
{
	return has_member(btf, "sched_entity", "cfs_rq") && has_member(btf, "rq", "clock") &&
	       has_member(btf, "cfs_rq", "rq") && has_member(btf, "task_struct", "sched_info") &&
	       has_member(btf, "sched_info", "last_queued") &&
	       has_member(btf, "sched_info", "last_arrival");
}

bool kernel_has_switch_state(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);

	if (id < 0)
		return false;

	const struct btf_type *type = btf__type_by_id(btf, (unsigned)id);

	type = btf__type_by_id(btf, type->type);	       /* pointer to */
	type = type ? btf__type_by_id(btf, type->type) : NULL; /* the prototype */
	return type && btf_is_func_proto(type) && btf_vlen(type) >= 5;
}

bool kernel_has_helper(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (unsigned)id);
	char whole[64];

	snprintf(whole, sizeof(whole), "BPF_FUNC_%s", name);
	for (unsigned i = 0; type && i < btf_vlen(type); i++) {
		const char *is = btf__name_by_offset(btf, btf_enum(type)[i].name_off);

		if (is && !strcmp(is, whole))
			return true;
	}
	return false;
}

bool kernel_has_fetch(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_STX | BPF_DW | BPF_MEM, .dst_reg = BPF_REG_10, .off = -8 },
		{ .code = BPF_STX | BPF_DW | BPF_ATOMIC,
		  .dst_reg = BPF_REG_10,
		  .off = -8,
		  .imm = BPF_ADD | BPF_FETCH },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "swtch_fetch", "GPL", code,
			       sizeof(code) / sizeof(code[0]), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool kernel_is_before(unsigned major, unsigned minor)
{
	struct utsname kernel;
	unsigned is_major, is_minor;

	if (uname(&kernel) || sscanf(kernel.release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major < major || (is_major == major && is_minor < minor);
}

bool kernel_skips_hooks(void)
{
	return !kernel_is_before(7, 0);
}
