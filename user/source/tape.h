/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tape.h - a recording, opened for reading: from its start, or from any time in it.
 *
 * The file is read piece by piece, never mapped, and hostile. What is kept of it in memory: an index of at
 * most TAPE_INDEX_MAX blocks, and one decoded block for each cursor. Owned by who opened it; one
 * thread.
 */
#ifndef SWTCH_TAPE_H
#define SWTCH_TAPE_H

#include "base/error.h"
#include "event/counts.h"
#include "event/label.h"
#include "event/run.h"

#define TAPE_INDEX_MAX (1u << 16)

struct tape;
struct cursor;

/* What is known of the whole file. */
struct tape_facts {
	unsigned n_cpus, n_lanes;   /* lane 0 included */
	uint64_t first_ns, last_ns; /* of its events and counts, CLOCK_MONOTONIC of then */
	uint64_t n_events;
	uint64_t n_blocks;
	uint64_t n_bytes;     /* that were read as blocks */
	uint64_t n_cut_bytes; /* at the end, of a block that is not whole; 0: none */
	uint64_t n_broken;    /* blocks that cannot be decoded (known only once they were read) */
	uint64_t n_unknown;   /* packets of kinds that are not read */
	struct run_facts run; /* as it was at the end */
};

/* What a cursor passes, in the order in which it was recorded. Any of them may be NULL. */
struct tape_visitor {
	void (*event)(const struct event *event, void *ctx);
	void (*counts)(const struct counts *counts, void *ctx);
	void (*lane)(unsigned lane, const struct lane_label *label, bool starts, void *ctx);
	void (*run)(const struct run_facts *run, void *ctx);
	/*
	 * What a task is called before the block that begins, of each that appears in it: it may not
	 * have appeared since a cursor was put where it is, and then no event told. `word` is a
	 * task_word().
	 */
	void (*name)(uint32_t word, const char *name, void *ctx);
	void *ctx;
};

/*
 * tape_open - read the head and the index of the recording `fd`, which the tape then owns.
 * NULL with `error` set: not a recording of ours (ENOMSG; another tool's Perfetto trace may still be
 * imported), empty, unreadable, a directory, a pipe. A file that is cut is no error: see the facts.
 * `path` is for sentences.
 */
struct tape *tape_open(int fd, const char *path, struct error *error);
void tape_free(struct tape *tape);
const struct tape_facts *tape_facts(const struct tape *tape);

/* Where the events' time 0 is: as the run says, unless that lies behind the end; else the first. */
uint64_t tape_start_ns(const struct tape *tape, const struct run_facts *run);

/*
 * A time since which at least n_events happened until time_ns, and not many more: where to begin for who
 * wants the last ones. The start of the tape, if there are not so many.
 */
uint64_t tape_back(const struct tape *tape, uint64_t time_ns, uint64_t n_events);

/* A place in the tape, at its start. NULL with ENOMEM. Freed before the tape. */
struct cursor *cursor_new(struct tape *tape);
void cursor_free(struct cursor *cursor);

/*
 * Put it before the block in which time_ns lies: cursor_play() then begins with what that block knows
 * of before (lanes, names, all counts), and its first event is at or before time_ns.
 */
void cursor_seek(struct cursor *cursor, uint64_t time_ns);

/*
 * Pass everything up to and with until_ns (UINT64_MAX: to the end), but at most n_max events. Returns
 * how many events were passed; 0 with cursor_at_end(): there is no more. A block that cannot be
 * decoded is passed as an EVENT_LOST on CPU_UNKNOWN. -errno when the file cannot be read.
 */
int64_t cursor_play(struct cursor *cursor, uint64_t until_ns, uint64_t n_max,
		    const struct tape_visitor *visitor);

/*
 * Time of the next event or counts; UINT64_MAX at the end. Decodes the next block if it must; one that
 * cannot be read is no end: cursor_play() says why.
 */
uint64_t cursor_next_ns(struct cursor *cursor);
bool cursor_at_end(struct cursor *cursor);

#endif
