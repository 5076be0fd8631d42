/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * probes.h - the BPF side as the keeper holds it: loaded, attached, its maps. The only user of the
 * skeleton. Everything here needs the privileges that probes_open needed, or only mapped memory.
 */
#ifndef SWTCH_PROBES_H
#define SWTCH_PROBES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "event.h"

struct probes;
struct python_places;

/* Have libbpf say on stderr what it does and what the verifier said. */
void probes_talk(void);

/* What user space maps: descriptors, and the sizes that they were made with. */
struct probes_facts {
	/* Owned by the probes: */
	int cells_fd, cpus_fd, rings_fd, taken_fd, control_fd, figures_fd, ended_fd;
	uint32_t n_cpus;	       /* possible ones: the index into cpus */
	uint32_t n_lanes;	       /* lane 0 included */
	uint32_t near_size, ring_size; /* records for each CPU: see emit.bpf.h */
	uint32_t
		plain_bytes; /* rings_fd is the kernel's ring buffer, that large; 0: our own rings */
	uint32_t n_slots;    /* 0: they cannot be read without privilege */
	uint32_t ended_bytes; /* of the ring of tasks that ended; 0: nobody wished for it */
	uint32_t plain_clock; /* switches are stamped with CLOCK_MONOTONIC */
};

/* What the user may choose. Zero is: the best that the kernel has. */
struct probes_wish {
	bool plain_clock;    /* CLOCK_MONOTONIC, even where the scheduler's clock can be had */
	bool plain_ring;     /* the kernel's ring buffer, even where our own rings can be had */
	bool skipped_hooks;  /* do what hooks missed, even where the kernel passes none over */
	bool asyncio, send;  /* look for interpreters in what is watched, and for such steps */
	bool ended;	     /* the figures of each task that ends are told: struct task_figures */
	uint64_t ring_bytes; /* for each CPU, rounded up to a power of two of records */
	unsigned verifier_level; /* what the verifier says is kept: see verdicts.h; 0: it is not */
};

/*
 * Load and attach. NULL with `error` set. The maps take 15.3 MiB of the kernel's memory for 2 CPUs and 32,768
 * pids; 4 more where ended tasks are told, and 6.3 where interpreters are looked for (make bpf-stats).
 */
struct probes *probes_open(const struct probes_wish *wish, struct probes_facts *facts,
			   struct error *error);
void probes_free(struct probes *probes);

/* What was loaded, for verdicts.h; it stays the probes'. */
struct bpf_object;
const struct bpf_object *probes_object(const struct probes *probes);

/*
 * Probe the interpreter that lies at `path`, as number `number` (below N_INTERPRETERS), where it was
 * wished for. 0 or -errno: -ENOTSUP without what that needs of the kernel.
 */
int probes_add_interpreter(struct probes *probes, uint32_t number, const char *path,
			   const struct interpreter *interpreter,
			   const struct python_places *places);

/* Readable when a watched task has executed another program, whose process probes_executed() takes; 0: none. */
int probes_exec_fd(const struct probes *probes);
pid_t probes_executed(struct probes *probes);

/* Whether this process, as it is now, may call the maps by bpf(2): what probes_adopt() wants of it. */
bool probes_can_call(const struct probes *probes);

/*
 * Put a task (of process `tgid`) into a lane; what it clones follows. 0, -EINVAL, or -ENOSPC without a
 * free slot.
 */
int probes_adopt(struct probes *probes, pid_t pid, pid_t tgid, uint32_t lane);

/*
 * What /proc says that an adopted task does, by its letter, and where it ran last: as long as no hook has
 * seen it, that is what it does.
 */
void probes_found(struct probes *probes, pid_t pid, char state, unsigned cpu);

/* It leaves its lane again, and goes on; its slot is not used any more. */
void probes_release(struct probes *probes, pid_t pid);

/*
 * A process is swtch's own, with all that it makes from now on: its switches count apart from those of
 * others, but for tasks that are adopted.
 */
void probes_own(struct probes *probes, pid_t pid);

/* Take an adoption back, of a task that ended before the hooks could see it. */
void probes_forget(struct probes *probes, pid_t pid);

/* Whether a task is still watched: it is until its last switch, a moment after it can be reaped. */
bool probes_watch(const struct probes *probes, pid_t pid);

/* The slot that a watched task of this lane has until its last switch; 0: there is no such task. */
uint32_t probes_slot(const struct probes *probes, pid_t pid, uint32_t lane);

/* Forget all that a lane counted; nothing may run in it. */
void probes_clear_lane(struct probes *probes, uint32_t lane);

/* Call fn for each task that is in a lane now; returns how many there are. */
unsigned probes_tasks(struct probes *probes, uint32_t lane,
		      void (*fn)(void *ctx, pid_t pid, pid_t tgid), void *ctx);

#endif
