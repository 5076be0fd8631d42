// SPDX-License-Identifier: GPL-2.0-only
/* tape_back.c - how far back so many events lie: told by the heads of blocks alone. */
#include "source/tape_private.h"

/* Events of the blocks from index entry i to the next one, as far as they end by time_ns. */
static uint64_t count_events(const struct tape *tape, size_t i, uint64_t time_ns)
{
	off_t offset = tape->index[i].offset;
	off_t end = i + 1 < tape->n_index ? tape->index[i + 1].offset : tape->size;
	struct tape_block block;
	uint64_t n = 0;
	bool broken;

	while (offset < end && tape_next_block(tape, offset, &block, &broken) == PLACE_BLOCK &&
	       block.offset < end && block.last_ns - tape->offset_ns <= time_ns) {
		n += block.n_events;
		offset = block.next;
	}
	return n;
}

uint64_t tape_back(const struct tape *tape, uint64_t time_ns, uint64_t n_events)
{
	uint64_t n = 0;

	for (size_t i = tape->n_index; i--;) {
		if (tape->index[i].first_ns > time_ns)
			continue;
		n += count_events(tape, i, time_ns);
		if (n >= n_events)
			return tape->index[i].first_ns;
	}
	return tape->facts.first_ns;
}
