/* SPDX-License-Identifier: GPL-2.0-only */
/* marked_private.h - what marked.c and marked_ids.c share: programs that are watched, and their lanes. */
#ifndef SWTCH_MARKED_PRIVATE_H
#define SWTCH_MARKED_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "event/counts.h"
#include "source/marked.h"

#define SWTCH_MARKS_LAYOUT_ONLY
#include "swtch_marks.h"

/* Ids of a program come in pages, and a page of its lane's ids is found for each: see marked_id(). */
#define PAGE_BITS 12
#define N_PAGES	  (1u << (32 - PAGE_BITS))

/* Programs together get half of a lane's pages, and so do the hooks: none has an id of the other's. */
#define N_PAGES_EACH (N_PAGES / 2)

struct ring_place {
	uint64_t next;		    /* mark to be read */
	uint64_t switches, created; /* that were counted before we came */
	uint32_t said, asked;	    /* thread that it says it is of; the one that was looked for */
	uint32_t tid;		    /* which is this one, as far as is known */
	uint16_t stream;	    /* or NO_STREAM */
};

struct program {
	struct swtch_mark_area *area;
	dev_t device;
	ino_t inode;
	uint32_t lane;
	pid_t pid;
	bool is_apart;	  /* in a namespace of its own: its threads' ids are not ours */
	unsigned n_looks; /* for its threads, in this read */
	uint32_t lapses;
	uint64_t unringed;
	uint64_t untold;	     /* the most that it said it lost since it was told of */
	uint64_t until;		     /* what we wrote last */
	unsigned n_gone;	     /* times that it was found to be gone */
	uint32_t *pages;	     /* of ids: the lane's page plus one; 0: not met yet */
	uint32_t n_pages, last_page; /* of the lane's, that it has */
	uint64_t read_ns;	     /* when it was read last, or earlier */
	struct ring_place rings[SWTCH_MARKS_N_RINGS];
	struct swtch_mark_label told[SWTCH_MARKS_N_NAMES];
};

struct lane_sums {
	uint64_t switches, created, untold; /* of programs that are gone */
	uint32_t n_pages;		    /* that were met, */
	uint32_t n_theirs, last_of_theirs;  /* those of programs, and */
	uint32_t *hook_pages;		    /* of the hooks' ids, N_PAGES_EACH; NULL: none yet */
	bool has_any;
};

struct marked {
	struct program *programs[MARKED_N_PROGRAMS];
	unsigned n_programs;
	struct lane_sums lanes[N_LANES_MAX];
	bool taken[MARKED_N_STREAMS];
	uint64_t n_bytes;
};

/* The id, within its lane, of a program's coroutine. */
uint32_t marked_id(struct marked *marked, struct program *program, uint32_t id);

#endif
