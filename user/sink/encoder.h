/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * encoder.h - the events of one block into packets: see event/recording.h for what these are.
 *
 * encoder.c has the blocks, encoder_ftrace.c what Linux traces, encoder_marks.c coroutines. Used by
 * recording.c alone; one thread.
 */
#ifndef SWTCH_ENCODER_H
#define SWTCH_ENCODER_H

#include "base/wire.h"
#include "event/infer.h"
#include "event/names.h"
#include "event/recording.h"

/* What a viewer believes of a CPU, across blocks. */
struct viewed {
	uint32_t pid;	  /* who it thinks runs */
	bool known;	  /* it was told once */
	uint64_t told_ns; /* when it was told last */
};

/* Of one CPU in one block: its bundle. Numbers of names are one more than they are, 0 for none. */
struct bundle {
	struct wire columns[COMPACT_WAKING_FLAGS + 1]; /* by enum compact_field; names: fields */
	struct wire others;			       /* fields BUNDLE_EVENT */
	uint32_t n_names, idle_name, unwatched_name;
	uint64_t switched_ns, woken_ns; /* the last of each; 0 in a new block */
	bool lost, is_used;
};

#define N_NAME_PLACES 4

/* Where a task's name stands among those of the CPUs that it was last on. */
struct name_places {
	uint32_t cpu[N_NAME_PLACES]; /* one more than it is */
	uint32_t index[N_NAME_PLACES];
};

struct encoder {
	unsigned n_cpus;
	uint64_t offset_ns; /* added to times, wrapping */
	struct names *names;
	struct infer infer;
	struct viewed *viewed;	    /* [n_cpus] */
	struct bundle *bundles;	    /* [n_cpus] */
	struct name_places *places; /* [n_places], as infer's tasks */
	uint32_t n_places;

	struct wire words, task_names, tree;
	struct wire details[DETAILS_LEADING + 1]; /* by enum details_field: packed columns */
	uint64_t last_patch, last_tie;

	struct wire marks;  /* packets */
	uint64_t marked_ns; /* of the last mark; 0: none yet in this block */
	uint64_t *tracks;   /* a set of those described in this block, by hash */
	uint32_t n_tracks, n_track_slots;

	uint64_t first_ns; /* of the block */
	int err;	   /* of what could not be had */
};

/* 0 or -ENOMEM; encoder_fini() in either case. A zeroed one can be given to it. */
int encoder_init(struct encoder *encoder, unsigned n_cpus, uint64_t offset_ns);
void encoder_fini(struct encoder *encoder);

/*
 * Append the packets of n events, in the order of time, of a block that begins at first_ns; `items` are packets that stand behind the
 * tasks and before the events. 0 or -ENOMEM.
 */
int encoder_write(struct encoder *encoder, uint64_t first_ns, const struct event *events, size_t n,
		  const struct wire *items, struct wire *packets);

/* --- between the files ------------------------------------------------------------------------- */

/* Its number among infer's tasks, with a row in Tasks when the block did not have it; -ENOMEM. */
int64_t encoder_meet(struct encoder *encoder, uint32_t word);

/* What a task is called, where it runs and is woken: its place among the names of the CPU. */
uint32_t encoder_name(struct encoder *encoder, unsigned cpu, uint32_t word);

/* Write an event into its CPU's bundle, as far as ftrace has it. */
void encoder_ftrace(struct encoder *encoder, const struct event *event, bool compact);

/* Can this waking be told in the compact form, which takes who runs there for the waker? */
bool encoder_is_compact(struct encoder *encoder, const struct event *event);

/* Write a coroutine's mark, and what its track is before the first. */
void encoder_mark(struct encoder *encoder, const struct event *event);

#endif
