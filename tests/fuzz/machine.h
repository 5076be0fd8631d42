/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.h - the memory of a machine that there is not: what the keeper hands over, in memory files, so
 * that anything can stand in it; and bytes taken one after the other, as what is to be done.
 */
#ifndef SWTCH_FUZZ_MACHINE_H
#define SWTCH_FUZZ_MACHINE_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "must.h"
#include "source/live.h"

/* --- what is to be done -------------------------------------------------------------------------- */

struct script {
	const uint8_t *at, *end;
};

static inline bool script_ends(const struct script *script)
{
	return script->at == script->end;
}

/* What is missing at the end is 0. */
static inline void script_take(struct script *script, void *to, size_t n)
{
	size_t there = (size_t)(script->end - script->at), taken = n < there ? n : there;

	memset(to, 0, n);
	memcpy(to, script->at, taken);
	script->at += taken;
}

static inline uint64_t script_number(struct script *script, size_t n_bytes)
{
	uint64_t number = 0;

	script_take(script, &number, n_bytes);
	return number;
}

/* Anything anywhere in `memory`. */
static inline void script_scribble(struct script *script, void *memory, size_t size)
{
	size_t offset = script_number(script, 4) % size, n = script_number(script, 1);

	script_take(script, (char *)memory + offset, n < size - offset ? n : size - offset);
}

/* What fuzz_rings.c does: the low bits of a byte, the rest is which CPU's. */
enum machine_deed {
	WRITE,	  /* a record as a hook would */
	LOSE,	  /* records that were overwritten, or found no room */
	SCRIBBLE, /* over any part */
	HEAD,	  /* a CPU's ring was reserved so far */
	END_TASK,
	POLL,
	MEASURE,
	LISTEN,
	N_DEEDS
};

/* --- the machine ----------------------------------------------------------------------------------- */

#define MACHINE_N_CPUS	2u
#define MACHINE_N_LANES 4u
#define MACHINE_N_SLOTS 24u
#define MACHINE_NEAR	8u /* records of each ring */
#define MACHINE_FAR	16u
#define MACHINE_BYTES	4096u /* of the kernel's own rings */

enum machine_part { CELLS, CPUS, RINGS, TAKEN, CONTROL, FIGURES, ENDED, N_MACHINE_PARTS };

struct machine {
	bool is_plain; /* events come through the kernel's own ring buffer */
	int fds[N_MACHINE_PARTS];
	void *parts[N_MACHINE_PARTS]; /* as the hooks see them */
	size_t sizes[N_MACHINE_PARTS];
	size_t at[N_MACHINE_PARTS]; /* how far kernel rings were written */
};

/* Two pages and the data twice, which for the kernel are the same pages, and here are not. */
static inline size_t machine_kernel_ring_size(void)
{
	return 2 * (size_t)sysconf(_SC_PAGESIZE) + 2 * MACHINE_BYTES;
}

static inline void machine_make(struct machine *machine, bool is_plain)
{
	const size_t sizes[] = {
		[CELLS] = MACHINE_N_CPUS * MACHINE_N_LANES * sizeof(struct lane_counters),
		[CPUS] = MACHINE_N_CPUS * sizeof(struct cpu_counters),
		[RINGS] = is_plain ? machine_kernel_ring_size()
				   : MACHINE_N_CPUS * (MACHINE_NEAR + MACHINE_FAR) *
					     sizeof(struct event),
		[TAKEN] = MACHINE_N_CPUS * sizeof(uint64_t),
		[CONTROL] = sizeof(struct control),
		[FIGURES] = MACHINE_N_SLOTS * sizeof(struct task_figures),
		[ENDED] = machine_kernel_ring_size(),
	};

	machine->is_plain = is_plain;
	for (unsigned i = 0; i < N_MACHINE_PARTS; i++) {
		machine->sizes[i] = sizes[i];
		machine->fds[i] = memfd_create("machine", MFD_CLOEXEC);
		MUST(machine->fds[i] >= 0 && !ftruncate(machine->fds[i], (off_t)sizes[i]));
		machine->parts[i] = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE, MAP_SHARED,
					 machine->fds[i], 0);
		MUST(machine->parts[i] != MAP_FAILED);
	}
}

/* One of each kind for all inputs, all zero: to make one takes longer than most inputs. */
static inline struct machine *machine_start(bool is_plain)
{
	static struct machine machines[2];
	struct machine *machine = &machines[is_plain];

	if (!machine->parts[0])
		machine_make(machine, is_plain);
	memset(machine->at, 0, sizeof(machine->at));
	for (unsigned i = 0; i < N_MACHINE_PARTS; i++)
		memset(machine->parts[i], 0, machine->sizes[i]);
	return machine;
}

static inline struct source *machine_open(const struct machine *machine)
{
	const int *fds = machine->fds;
	struct live_maps maps = { .cells_fd = fds[CELLS],
				  .cpus_fd = fds[CPUS],
				  .rings_fd = fds[RINGS],
				  .taken_fd = fds[TAKEN],
				  .control_fd = fds[CONTROL],
				  .figures_fd = fds[FIGURES],
				  .ended_fd = fds[ENDED],
				  .n_cpus = MACHINE_N_CPUS,
				  .n_lanes = MACHINE_N_LANES,
				  .near_size = MACHINE_NEAR,
				  .ring_size = MACHINE_FAR,
				  .plain_bytes = machine->is_plain ? MACHINE_BYTES : 0,
				  .n_slots = MACHINE_N_SLOTS,
				  .ended_bytes = MACHINE_BYTES };
	struct source *source = live_new(&maps, NULL);

	MUST(source);
	return source;
}

/* As a hook does: into the near part of the CPU's ring while there is room, else into the far one. */
static inline void machine_write_mapped(struct machine *machine, unsigned cpu,
					const struct event *event)
{
	struct cpu_counters *here = (struct cpu_counters *)machine->parts[CPUS] + cpu;
	const uint64_t *taken = machine->parts[TAKEN];
	struct event *records = machine->parts[RINGS];
	uint64_t number = here->head++;
	struct event *to = number - taken[cpu] < MACHINE_NEAR
				   ? &records[ring_near(cpu, number, MACHINE_NEAR, MACHINE_FAR)]
				   : &records[ring_far(cpu, number, MACHINE_NEAR, MACHINE_FAR)];

	*to = *event;
	to->seq = (uint32_t)(number + 1);
}

/* As kernel/bpf/ringbuf.c does, whose header is a length and an offset; the data stands there twice. */
static inline void machine_write_kernel(struct machine *machine, enum machine_part part,
					const void *record, uint32_t n)
{
	char *pages = machine->parts[part];
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const uint32_t head[] = { n, 0 };
	unsigned long *produced = (unsigned long *)(void *)(pages + page);
	char *data = pages + 2 * page;
	size_t at = machine->at[part] % MACHINE_BYTES, length = (sizeof(head) + n + 7) / 8 * 8;

	for (size_t copy = 0; copy < 2; copy++) {
		char *to = data + (at + copy * MACHINE_BYTES) % (2 * MACHINE_BYTES);

		if (to + length > data + 2 * MACHINE_BYTES)
			continue;
		memcpy(to, head, sizeof(head));
		memcpy(to + sizeof(head), record, n);
	}
	machine->at[part] += length;
	*produced = machine->at[part];
}

/* An event of a CPU, in whichever ring there is. */
static inline void machine_write(struct machine *machine, unsigned cpu, const struct event *event)
{
	struct plain_record record = { .event = *event, .cpu = cpu };

	if (!machine->is_plain) {
		machine_write_mapped(machine, cpu % MACHINE_N_CPUS, event);
		return;
	}
	if (cpu < MACHINE_N_CPUS)
		record.refused =
			(uint32_t)((struct cpu_counters *)machine->parts[CPUS])[cpu].refused;
	machine_write_kernel(machine, RINGS, &record, sizeof(record));
}

#endif
