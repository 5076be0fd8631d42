// SPDX-License-Identifier: GPL-2.0-only
/* verdicts.c - the verifier's log of each program, and the two lines of figures that end it. */
#include "keeper/verdicts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/*
 * Pages that nobody writes cost nothing. The kernel takes UINT_MAX >> 2 bytes at most (bpf_vlog_init(),
 * kernel/bpf/log.c; since 5.2); all states of the hook of sched_switch fill more than 16 MB.
 */
#define LOG_BYTES (128u << 20)

int verdicts_ask(struct bpf_object *object, unsigned level)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		char *log;
		int err;

		if (!bpf_program__autoload(program))
			continue;
		log = calloc(1, LOG_BYTES);
		if (!log)
			return -ENOMEM;
		err = bpf_program__set_log_buf(program, log, LOG_BYTES);
		if (err) {
			free(log);
			return err;
		}
		/* The program has the log, until verdicts_free(); it is not loaded yet: this cannot fail. */
		bpf_program__set_log_level(program, level); /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	return 0;
}

void verdicts_free(const struct bpf_object *object)
{
	struct bpf_program *program;
	size_t size;

	bpf_object__for_each_program(program, object)
	{
		free((void *)(uintptr_t)bpf_program__log_buf(program, &size));
		bpf_program__set_log_buf(program, NULL, 0);
	}
}

/* What stands behind the last `label`; NULL: it is not there. */
static const char *behind_last(const char *log, const char *label)
{
	const char *at = NULL, *next = log;

	while ((next = strstr(next, label)))
		at = next += strlen(label);
	return at;
}

static uint32_t number_behind(const char *log, const char *label)
{
	const char *at = behind_last(log, label);

	return at ? (uint32_t)strtoul(at, NULL, 10) : 0;
}

/* "stack depth 120+16": of the program and of each function that it calls. */
static uint32_t stack_of(const char *log)
{
	const char *at = behind_last(log, "stack depth ");
	uint32_t sum = 0;
	char *end;

	while (at) {
		sum += (uint32_t)strtoul(at, &end, 10);
		at = *end == '+' ? end + 1 : NULL;
	}
	return sum;
}

void verdicts_each(const struct bpf_object *object,
		   void (*fn)(void *ctx, const struct verdict *verdict), void *ctx)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		struct bpf_prog_info info = { 0 };
		uint32_t length = sizeof(info);
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);
		struct verdict verdict = { .program = bpf_program__name(program),
					   .log = log ? log : "" };

		if (bpf_program__fd(program) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length))
			continue;
		verdict.n_instructions = info.xlated_prog_len / sizeof(struct bpf_insn);
		verdict.machine_bytes = info.jited_prog_len;
		verdict.n_verified = number_behind(verdict.log, "processed ");
		verdict.n_states = number_behind(verdict.log, "total_states ");
		verdict.stack_bytes = stack_of(verdict.log);
		fn(ctx, &verdict);
	}
}

/* bpf_map_show_fdinfo(), kernel/bpf/syscall.c. */
static uint64_t memory_of(int fd)
{
	char path[64], line[128];
	uint64_t bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	if (file)
		fclose(file);
	return bytes;
}

void verdicts_each_map(const struct bpf_object *object,
		       void (*fn)(void *ctx, const struct map_figures *figures), void *ctx)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		struct map_figures figures = { .map = bpf_map__name(map),
					       .type = bpf_map__type(map),
					       .n_elements = bpf_map__max_entries(map),
					       .key_bytes = bpf_map__key_size(map),
					       .value_bytes = bpf_map__value_size(map) };

		if (bpf_map__fd(map) < 0)
			continue;
		figures.memory_bytes = memory_of(bpf_map__fd(map));
		fn(ctx, &figures);
	}
}
