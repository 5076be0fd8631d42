/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdicts.h - what the kernel's verifier said of each program of an object, and what the object's maps
 * take: for `make bpf-stats` and for tests.
 */
#ifndef SWTCH_VERDICTS_H
#define SWTCH_VERDICTS_H

#include <stdint.h>

struct bpf_object;

/* What the verifier is asked to say: enum of BPF_LOG_*, include/linux/bpf_verifier.h. */
#define VERIFIER_PATHS	1 /* the instructions of the way that it looked at last */
#define VERIFIER_STATES 2 /* those of all ways, each with its registers */
#define VERIFIER_STATS	4 /* how long it took, and the stack */

struct verdict {
	const char *program;
	uint32_t n_instructions; /* as the kernel runs it, before they are made the CPU's own */
	uint32_t machine_bytes;	 /* and then; 0: it is interpreted */
	uint32_t n_verified;	 /* instructions that the verifier went through, */
	uint32_t n_states;	 /* and states that it kept */
	uint32_t stack_bytes;	 /* 0: none, or not asked for VERIFIER_STATS */
	const char *log;	 /* all that it said */
};

struct map_figures {
	const char *map;
	uint32_t type; /* enum bpf_map_type */
	uint32_t n_elements, key_bytes, value_bytes;
	uint64_t memory_bytes; /* as the kernel says; before 6.4 an estimate, or 0 */
};

/* Before the object is loaded: have all be said at this level. 0, -ENOMEM, or what libbpf says. */
int verdicts_ask(struct bpf_object *object, unsigned level);

/* After it: call fn for each program that was loaded, or each map. */
void verdicts_each(const struct bpf_object *object,
		   void (*fn)(void *ctx, const struct verdict *verdict), void *ctx);
void verdicts_each_map(const struct bpf_object *object,
		       void (*fn)(void *ctx, const struct map_figures *figures), void *ctx);

/* Before the object goes. Nothing, if nothing was asked for. */
void verdicts_free(const struct bpf_object *object);

#endif
