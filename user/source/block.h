/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - the packets of one block of a recording, unpacked, into its events and what stands
 * between them. See event/recording.h for what a block is. Hostile bytes; used by tape.c and tests.
 * Owned by who made it; one thread.
 */
#ifndef SWTCH_SOURCE_BLOCK_H
#define SWTCH_SOURCE_BLOCK_H

#include "base/wire.h"
#include "event.h"

/* A lane, a run or counts: before event number `at` of the block. */
struct block_item {
	uint32_t field; /* enum swtch_field */
	uint32_t at;
	uint32_t
		next_counts; /* number of the counts that come next, itself among them; n_items: none */
	bool first;	     /* as it was before the block: for who did not read the one before */
	struct wire_in in;
};

struct block {
	/* Valid until the next block_read(), and while the bytes are there that it was given. */
	struct event *events;
	uint32_t n_events;
	struct block_item *items;
	uint32_t n_items;
	struct wire_in words, tasks; /* struct Tasks: its words, and the message with the names */
	uint64_t n_unknown;	     /* packets and events that are not read */
	struct block_private *private;
};

/* 0 or -ENOMEM; block_fini() in either case. */
int block_init(struct block *block, unsigned n_cpus, uint64_t offset_ns);
void block_fini(struct block *block);

/*
 * Read the n bytes of a block that begins at first_ns; `events` false: only the items and tasks.
 * 0, -EBADMSG when they make no sense, -ENOMEM.
 */
int block_read(struct block *block, const void *bytes, size_t n, uint64_t first_ns, bool events);

#endif
