/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ftrace.h - one FtraceEventBundle of a Perfetto trace, compact or not, into events.
 *
 * Ours or another tool's: every byte is hostile. Owned by who fills the struct; one thread.
 */
#ifndef SWTCH_SOURCE_FTRACE_H
#define SWTCH_SOURCE_FTRACE_H

#include "base/wire.h"
#include "event/recording.h"

struct ftrace_reader {
	unsigned n_cpus;    /* bundles of others are left out */
	uint64_t offset_ns; /* taken off every time, wrapping */

	/*
	 * An event as infer_fill() wants it: words are pids, and seq is INFER_TASK where the bundle does
	 * not say who was on the CPU. Each stream of a CPU comes in the order in which it stands there.
	 * EVENT_NAME from a rename is of STREAM_OTHERS, as it stands. Not 0 ends the reading.
	 */
	int (*event)(const struct event *event, enum cpu_stream stream, void *ctx);

	/* What a task is called in passing, beside an event that was given just before; may be NULL. */
	void (*comm)(uint32_t pid, const uint8_t *name, size_t n, void *ctx);

	/* The first switch of a CPU says who runs, and is no event; may be NULL. */
	bool (*leads)(unsigned cpu, void *ctx);
	void *ctx;

	uint64_t n_unknown; /* events of kinds that are not read */
	uint64_t n_absurd;  /* events with a pid or CPU that cannot be */
	bool lost;	    /* the last bundle has a gap before it */
	unsigned cpu;	    /* of the last bundle */
};

/* Read one bundle. 0, -EBADMSG where it makes no sense, or what `event` answered. */
int ftrace_read(struct ftrace_reader *reader, struct wire_in bundle);

#endif
