/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * source.h - where events and counts come from: the kernel (live.c), a seed (synth.c).
 *
 * A source is owned by who opened it; one thread.
 */
#ifndef SWTCH_SOURCE_H
#define SWTCH_SOURCE_H

#include "event/counts.h"
#include "event/task_table.h"

/* Called for each event, in time order over all CPUs. The record is valid during the call. */
typedef void (*source_fn)(const struct event *event, void *ctx);

struct source {
	/*
	 * Deliver every event that is ripe (older than anything that may still come). Never waits.
	 * Returns how many were delivered, or -errno.
	 */
	int (*poll)(struct source *source, source_fn fn, void *ctx);

	/* As poll, for the end: nothing more will come, hold nothing back. */
	int (*flush)(struct source *source, source_fn fn, void *ctx);

	/* Read the counts of this instant into `counts` (made with counts_init). 0 or -errno. */
	int (*counts)(struct source *source, struct counts *counts);

	/*
	 * Make `table` hold the watched tasks of this instant, those that are asleep too; who ended is in
	 * its lane's counts alone. 0 or -errno. NULL: this source does not know single tasks.
	 */
	int (*tasks)(struct source *source, struct task_table *table);

	/*
	 * Append to `table` the tasks that ended since the last call, with their last figures; only
	 * those of a run that was opened for it. 0 or -errno. NULL: as tasks().
	 */
	int (*ended)(struct source *source, struct task_table *table);

	void (*free)(struct source *source);

	uint64_t
		wish_ns; /* the next poll had better come so soon, as fast as events come now; 0: whenever */

	unsigned n_cpus; /* for counts_init */
	unsigned n_lanes;
};

/*
 * source_synth_new - a machine that is made up from a seed: n_cpus CPUs, n_tasks tasks in three
 * lanes, the same events for the same seed. Its clock is advanced by synth_advance(), so tests
 * decide what time it is. Its rings are bounded, as the kernel's are: SYNTH_N_RECORDS in all,
 * and who polls too late loses the oldest and is told so. NULL with ENOMEM
 * or EINVAL.
 */
struct source *source_synth_new(unsigned n_cpus, unsigned n_tasks, uint64_t seed);
void source_synth_advance(struct source *source, uint64_t ns);

/*
 * How often longer each thing takes than where four CPUs have all tasks to themselves; at least 1.
 * At first a machine of more CPUs is slowed so that all of it makes no more events than four.
 */
void source_synth_set_stretch(struct source *source, unsigned stretch);

/* As if n records of that CPU's ring had been overwritten unread, now. */
void source_synth_lose(struct source *source, unsigned cpu, unsigned n);

#define SYNTH_N_RECORDS	  (1u << 20) /* 32 MiB; while they are merged up to three times that */
#define SYNTH_N_CPUS_MAX  1024
#define SYNTH_N_TASKS_MAX 100000

#endif
