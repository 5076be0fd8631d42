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

/*
 * Of one CPU in one block: its bundle. Numbers of names are one more than they are, 0 for none. Of
 * columns that hold nothing but zeros there is only the number of rows.
 */
struct bundle {
	struct wire columns[COMPACT_WAKING_FLAGS + 1]; /* by enum compact_field; names: fields */
	uint32_t n_switches, n_wakings;		       /* rows */
	uint32_t n_room;			       /* rows that all columns have room for yet */
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

/* What orders events of one time. */
struct run_event {
	uint8_t kind;
	uint16_t cpu;
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

	uint64_t n_events; /* of the block, so far */
	uint64_t run_ns;   /* the last ones are of this time: */
	struct run_event *run;
	uint32_t n_run, n_run_room;
	bool holds; /* the last of them is not written yet: it is a waking that may be alone */
	struct event held;

	uint64_t first_ns; /* of the block */
	int err;	   /* of what could not be had */
};

/* 0 or -ENOMEM; encoder_fini() in either case. A zeroed one can be given to it. */
int encoder_init(struct encoder *encoder, unsigned n_cpus, uint64_t offset_ns);
void encoder_fini(struct encoder *encoder);

/* A block begins, at first_ns. What was not ended before is forgotten. */
void encoder_begin(struct encoder *encoder, uint64_t first_ns);

/* Take an event of it, in the order of time. What cannot be had, encoder_end() tells. */
void encoder_event(struct encoder *encoder, const struct event *event);

/*
 * Append the packets of the block; `items` are packets that stand behind the tasks and before the
 * events. 0 or -ENOMEM.
 */
int encoder_end(struct encoder *encoder, const struct wire *items, struct wire *packets);

/* --- between the files ------------------------------------------------------------------------- */

/* Make a task known that the block did not have, with a row in Tasks: its number or -ENOMEM. */
int64_t encoder_introduce(struct encoder *encoder, uint32_t word);

/* Its number among infer's tasks, with a row in Tasks when the block did not have it; -ENOMEM. */
static inline int64_t encoder_meet(struct encoder *encoder, uint32_t word)
{
	uint32_t number = encoder->infer.numbers[task_pid(word)];

	return number ? (int64_t)number - 1 : encoder_introduce(encoder, word);
}

/* Write a switch, of a CPU that is one, into its bundle; its tasks are met. */
void encoder_switch(struct encoder *encoder, const struct event *event);

/* Write any other event into its CPU's bundle, as far as ftrace has it. */
void encoder_ftrace(struct encoder *encoder, const struct event *event, bool compact);

/* Can this waking be told in the compact form, which takes who runs there for the waker? */
bool encoder_is_compact(struct encoder *encoder, const struct event *event);

/* Write a coroutine's mark, and what its track is before the first. */
void encoder_mark(struct encoder *encoder, const struct event *event);

#endif
