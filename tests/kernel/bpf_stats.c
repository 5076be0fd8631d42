// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_stats.c - what the verifier of the running kernel says of each program, with each way of the hooks,
 * and what the maps take: `make bpf-stats`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

#include <bpf/libbpf.h>

#include "keeper/probes.h"
#include "keeper/verdicts.h"

static void print_program(void *ctx, const struct verdict *verdict)
{
	(void)ctx;
	printf("  %-18s %12" PRIu32 " %13" PRIu32 " %9" PRIu32 " %7" PRIu32 " %11" PRIu32 "\n",
	       verdict->program, verdict->n_instructions, verdict->machine_bytes,
	       verdict->n_verified, verdict->n_states, verdict->stack_bytes);
}

static void print_map(void *ctx, const struct map_figures *figures)
{
	const char *type = libbpf_bpf_map_type_str(figures->type);

	(void)ctx;
	printf("  %-18s %-8s %12" PRIu32 " %11" PRIu32 " %11" PRIu64 "\n", figures->map,
	       type ? type : "?", figures->n_elements, figures->value_bytes,
	       (figures->memory_bytes + 1023) / 1024);
}

static int print_way(const char *says, struct probes_wish wish)
{
	struct probes_facts facts;
	struct error error = { 0 };
	struct probes *probes;

	wish.verifier_level = VERIFIER_STATS;
	probes = probes_open(&wish, &facts, &error);
	if (!probes) {
		fprintf(stderr, "bpf-stats: %s\n", error.text);
		return 1;
	}
	printf("%s\n  %-18s %12s %13s %9s %7s %11s\n", says, "program", "instructions",
	       "machine bytes", "verified", "states", "stack bytes");
	verdicts_each(probes_object(probes), print_program, NULL);
	printf("  %-18s %-8s %12s %11s %11s\n", "map", "type", "elements", "value bytes", "KiB");
	verdicts_each_map(probes_object(probes), print_map, NULL);
	probes_free(probes);
	return 0;
}

int main(void)
{
	const struct probes_wish all = { .asyncio = true, .send = true, .ended = true };
	const struct probes_wish plain = { .plain_clock = true, .plain_ring = true, .ended = true };
	struct utsname kernel;

	if (!uname(&kernel))
		printf("Linux %s, %s\n", kernel.release, kernel.machine);
	return print_way("\nmapped rings, the scheduler's clock", all) ||
	       print_way("\nthe kernel's ring buffer, CLOCK_MONOTONIC", plain);
}
