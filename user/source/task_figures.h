/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task_figures.h - what the hooks count for each watched task, as rows of a table. One thread.
 */
#ifndef SWTCH_TASK_FIGURES_H
#define SWTCH_TASK_FIGURES_H

#include "event/task_table.h"
#include "source/live.h"

struct figures_map;

/* NULL with errno. */
struct figures_map *figures_map_new(const struct live_maps *maps);
void figures_map_free(struct figures_map *map);

/* Append the tasks that are there, as of now_ns; `cpus` tell who is where. 0 or -ENOMEM. */
int figures_read(struct figures_map *map, const struct cpu_counters *cpus, struct task_table *table,
		 uint64_t now_ns);

/*
 * Append the tasks that ended since the last call, with their last figures. Where nobody wished for
 * them there are none. 0 or -ENOMEM: then some are lost.
 */
int figures_read_ended(struct figures_map *map, struct task_table *table);

#endif
