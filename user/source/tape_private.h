/* SPDX-License-Identifier: GPL-2.0-only */
/* tape_private.h - what tape.c and cursor.c share. */
#ifndef SWTCH_TAPE_PRIVATE_H
#define SWTCH_TAPE_PRIVATE_H

#include <libdeflate.h>

#include "source/block.h"
#include "source/tape.h"
#include "source/tape_index.h"

#define TAPE_N_FIGURES_MAX 64 /* different tables of figures, of all lanes that ever were */

struct figure_table;

struct tape {
	int fd;
	off_t start, size;  /* of the blocks: behind the head, to the end of what was there */
	uint64_t offset_ns; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */
	struct tape_facts facts;

	/* Every `stride`th block. */
	struct {
		off_t offset;
		uint64_t first_ns; /* CLOCK_MONOTONIC */
	} * index;
	size_t n_index, n_room;
	uint64_t stride;

	struct libdeflate_decompressor *unpacker;
	uint8_t *packed;
	size_t n_packed_room;
	off_t broken_until; /* blocks before it were counted if they are broken */

	struct figure_table *tables[TAPE_N_FIGURES_MAX];
	unsigned n_tables;
};

/*
 * Unpack a block into `bytes`, which grows to *n_room: block->n_bytes of them. 0; -EBADMSG when it
 * cannot be; -ENOMEM, or what reading met.
 */
int tape_unpack(struct tape *tape, const struct tape_block *block, uint8_t **bytes, size_t *n_room);

/* The next place at or behind `offset` that is a block: PLACE_*, as tape_look(); others are passed. */
int tape_next_block(const struct tape *tape, off_t offset, struct tape_block *block,
		    bool *passed_broken);

/* Messages of ours into what they are. Strings become safe to show. False: they make no sense. */
bool tape_read_lane(struct tape *tape, struct wire_in in, unsigned *lane, struct lane_label *label,
		    bool *starts);
bool tape_read_run(const struct tape *tape, struct wire_in in, struct run_facts *run);

void tape_free_tables(struct tape *tape);

#endif
