/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tape_index.h - where the blocks of a recording lie: found by reading heads alone. Used by tape.c
 * and cursor.c. Owned by the tape; one thread.
 */
#ifndef SWTCH_TAPE_INDEX_H
#define SWTCH_TAPE_INDEX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One block, as its head says. */
struct tape_block {
	off_t offset;		    /* of its head */
	off_t packed;		    /* of the zlib stream, */
	uint64_t n_packed;	    /* which has so many bytes */
	off_t next;		    /* of what follows */
	uint64_t first_ns, last_ns; /* CLOCK_BOOTTIME of then */
	uint64_t n_events, n_bytes, number;
};

/* What lies at a place of the file. */
enum tape_place {
	PLACE_BLOCK,
	PLACE_OTHER,  /* a packet of another kind */
	PLACE_CUT,    /* the file ends within it */
	PLACE_END,    /* nothing */
	PLACE_BROKEN, /* bytes that are no packet */
};

/*
 * Look at `offset` of a file of `size` bytes. PLACE_BLOCK fills `block`; PLACE_OTHER sets
 * block->next, PLACE_BROKEN sets it to where a block may begin again (or to `size`). -errno when the
 * file cannot be read.
 */
int tape_look(int fd, off_t offset, off_t size, struct tape_block *block);

/* Read all n bytes; those beyond the end are -EIO. 0 or -errno. */
int tape_read(int fd, void *bytes, size_t n, off_t offset);

#endif
