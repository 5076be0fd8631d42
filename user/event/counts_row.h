/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counts_row.h - all figures of struct counts but its time, in one row of numbers, and back.
 *
 * The order is: each CPU and lane, each CPU, each lane's work, what watching cost. Of the CPUs' own
 * counters only those that say something later are there. The tail is what older recordings do not
 * have, and may get longer. Any thread may call.
 */
#ifndef SWTCH_COUNTS_ROW_H
#define SWTCH_COUNTS_ROW_H

#include <stddef.h>

#include "event/counts.h"

/* Numbers in a row, and how many of them stand before its tail. */
size_t counts_row_size(unsigned n_cpus, unsigned n_lanes);
size_t counts_row_tail(unsigned n_cpus, unsigned n_lanes);

void counts_to_row(const struct counts *counts, uint64_t *row);

/* `row` may be hostile: what indexes something is bounded. */
void counts_from_row(struct counts *counts, const uint64_t *row);

#endif
