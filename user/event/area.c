// SPDX-License-Identifier: GPL-2.0-only
/* area.c - the lab's counters, over all its lines. */
#include "event/area.h"

#define GET(counter) atomic_load_explicit(&(counter), memory_order_relaxed)

void lab_area_sum(const struct lab_area *area, struct lab_sums *sums)
{
	*sums = (struct lab_sums){ 0 };
	for (unsigned i = 0; i < LAB_N_LINES; i++) {
		const struct lab_line *line = &area->lines[i];

		sums->done += GET(line->done);
		sums->user_switches += GET(line->user_switches);
		sums->yielded += GET(line->yielded);
		sums->created += GET(line->created);
		sums->checksum += GET(line->checksum);
		sums->alive += GET(line->alive);
		sums->turns += GET(line->turns);
		sums->polls += GET(line->polls);
		sums->ready += GET(line->ready);
	}
}
