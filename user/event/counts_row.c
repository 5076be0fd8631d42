// SPDX-License-Identifier: GPL-2.0-only
/* counts_row.c - the same walk over struct counts in either direction. */
#include "event/counts_row.h"

#include <string.h>

#define N_CELL (sizeof(struct lane_counters) / sizeof(uint64_t))
#define N_CPU  5
#define N_SELF (offsetof(struct self_cost, watch_ns) / sizeof(uint64_t))
#define N_TAIL (sizeof(struct self_cost) / sizeof(uint64_t) - N_SELF)

/* Members of struct lane_work that are nothing but numbers, before and behind n_pool. */
#define N_WORK_HEAD (offsetof(struct lane_work, n_pool) / sizeof(uint64_t))
#define WORK_TAIL   offsetof(struct lane_work, pool)
#define N_WORK_TAIL ((sizeof(struct lane_work) - WORK_TAIL) / sizeof(uint64_t))
#define N_WORK	    (N_WORK_HEAD + 1 + N_WORK_TAIL)

_Static_assert(offsetof(struct lane_work, figures) + sizeof(((struct lane_work *)0)->figures) ==
		       offsetof(struct lane_work, n_pool),
	       "nothing stands between the figures and n_pool");

_Static_assert(N_CELL == 56 && N_CPU == 5 && N_WORK == 378 && N_SELF == 5,
	       "recordings hold this row: with another one raise RECORDING_VERSION");
_Static_assert(N_TAIL == 5, "recordings hold this tail: put more behind it, take none out");

size_t counts_row_size(unsigned n_cpus, unsigned n_lanes)
{
	return counts_row_tail(n_cpus, n_lanes) + N_TAIL;
}

size_t counts_row_tail(unsigned n_cpus, unsigned n_lanes)
{
	return (size_t)n_cpus * n_lanes * N_CELL + (size_t)n_cpus * N_CPU + n_lanes * N_WORK +
	       N_SELF;
}

static uint64_t *put(uint64_t *row, const void *from, size_t n)
{
	memcpy(row, from, n * sizeof(*row));
	return row + n;
}

static const uint64_t *take(const uint64_t *row, void *to, size_t n)
{
	memcpy(to, row, n * sizeof(*row));
	return row + n;
}

void counts_to_row(const struct counts *counts, uint64_t *row)
{
	row = put(row, counts->cells, (size_t)counts->n_cpus * counts->n_lanes * N_CELL);
	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++) {
		*row++ = counts->cpus[cpu].other_switches;
		*row++ = counts->cpus[cpu].n_switches;
		*row++ = counts->times[cpu].idle_ns;
		*row++ = counts->times[cpu].busy_ns;
		*row++ = counts->online[cpu];
	}
	for (unsigned lane = 0; lane < counts->n_lanes; lane++) {
		const struct lane_work *work = &counts->work[lane];

		row = put(row, work, N_WORK_HEAD);
		*row++ = work->n_pool;
		row = put(row, (const char *)work + WORK_TAIL, N_WORK_TAIL);
	}
	put(row, &counts->self, N_SELF + N_TAIL);
}

void counts_from_row(struct counts *counts, const uint64_t *row)
{
	row = take(row, counts->cells, (size_t)counts->n_cpus * counts->n_lanes * N_CELL);
	for (unsigned cpu = 0; cpu < counts->n_cpus; cpu++) {
		counts->cpus[cpu].other_switches = *row++;
		counts->cpus[cpu].n_switches = *row++;
		counts->times[cpu].idle_ns = *row++;
		counts->times[cpu].busy_ns = *row++;
		counts->online[cpu] = *row++ != 0;
	}
	for (unsigned lane = 0; lane < counts->n_lanes; lane++) {
		struct lane_work *work = &counts->work[lane];

		row = take(row, work, N_WORK_HEAD);
		work->n_pool = *row < LAB_N_POOL ? (unsigned)*row : LAB_N_POOL;
		row++;
		row = take(row, (char *)work + WORK_TAIL, N_WORK_TAIL);
	}
	take(row, &counts->self, N_SELF + N_TAIL);
}
