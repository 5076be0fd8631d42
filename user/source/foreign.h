/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * foreign.h - another tool's Perfetto trace: who is in it, and its scheduler events in order of time.
 *
 * The file is read twice, and hostile. The first pass learns who there is, the second delivers. Times
 * are CLOCK_BOOTTIME, as traces have it; any other clock of ftrace is rebased to it. Memory: what
 * packets.h takes, 104 MiB at most for the window in which CPUs are put in order (reorder.h), and at
 * most 230 MiB for four million pids, should a file name them all. Owned by who made it; one thread.
 */
#ifndef SWTCH_SOURCE_FOREIGN_H
#define SWTCH_SOURCE_FOREIGN_H

#include <sys/types.h>

#include "base/error.h"
#include "event.h"

struct foreign;

/* What the first pass has found. */
struct foreign_facts {
	unsigned n_cpus; /* the highest number and one */
	uint64_t n_events, n_switches;
	uint64_t first_ns, last_ns; /* about */
	char kernel[72];	    /* raw; "" where it is not told */
};

/* A thread group, by how often its tasks came to a CPU. */
struct foreign_program {
	uint32_t tgid;
	char name[TASK_NAME_LEN]; /* raw */
	uint64_t n_switches;
};

/* How far a pass is; not 0 ends it, which then fails with that. */
typedef int (*foreign_progress)(int pass, off_t done, off_t size, void *ctx);

/*
 * foreign_open - make the first pass over `fd`, which stays the caller's. `path` is for sentences,
 * `progress` may be NULL. NULL with errno and `error` set: EBADMSG when this is no Perfetto trace,
 * ENODATA when there are no switches in it, ENOMEM, or what reading met.
 */
struct foreign *foreign_open(int fd, const char *path, foreign_progress progress, void *ctx,
			     struct error *error);
void foreign_free(struct foreign *foreign);
const struct foreign_facts *foreign_facts(const struct foreign *foreign);

/* The (at most) n_max programs with the most switches, in that order; returns how many. */
unsigned foreign_programs(const struct foreign *foreign, struct foreign_program *programs,
			  unsigned n_max);

/* Tasks of this program are in this lane from now on; all others in lane 0. */
void foreign_set_lane(struct foreign *foreign, uint32_t tgid, unsigned lane);

/* Takes an event; not 0 ends the pass. */
typedef int (*foreign_fn)(const struct event *event, void *ctx);

/*
 * foreign_play - make the second pass: every event, complete and in the order of time, to `fn`, with
 * an EVENT_NAME before a task is met under a new name and an EVENT_LOST where the trace has a gap.
 * 0, -ENOMEM, or what `fn` or `progress` returned.
 */
int foreign_play(struct foreign *foreign, foreign_fn fn, void *ctx);

/*
 * What the last pass left out, in a sentence of `size` bytes without its full stop; "" when that is
 * nothing. Returns how many kinds of things it names.
 */
unsigned foreign_left_out(const struct foreign *foreign, char *text, size_t size);

/* Events of the last pass that came too late for the window, and got a later time than they had. */
uint64_t foreign_n_late(const struct foreign *foreign);

/* Stretches of one CPU in the last pass with times of a clock that nothing relates to the others. */
uint64_t foreign_n_unclocked(const struct foreign *foreign);

#endif
